package books

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/tieout/tieout/recon"
)

// bankLedger proves that each bank account of the ledger is what the banks say: the closing balances of the statements
// that are posted to it, less gaps that are known and what accepted statements are off by.
func (p *proof) bankLedger() Check {
	var f finding
	stated, known := map[accountKey]int64{}, map[accountKey]int64{}
	silent := map[accountKey]bool{} // an account without balances: nothing to compare
	groups := bookedByAccount(p.statements)
	for _, a := range p.accounts {
		key := accountKey{p.bank(a.ID), a.Currency}
		group := groups[a.ID]
		c := chain(group, p.tallies)
		if c.closing == nil {
			silent[key] = silent[key] || len(group) > 0
			continue
		}
		stated[key] += c.closing.AmountMinor
		known[key] += c.gapsMinor + c.brokenMinor
	}
	var counts []string
	for _, a := range p.accounts {
		key := accountKey{p.bank(a.ID), a.Currency}
		minor, compared := stated[key]
		if !compared || silent[key] {
			continue
		}
		delete(stated, key)
		posted := p.balance[key]
		if posted != minor-known[key] {
			f.fault("ledger account %s has %s, the bank %s%s", shown(key.account), money(posted, key.currency), money(minor, key.currency), knownGap(known[key], key.currency))
		}
		figure := fmt.Sprintf("%s: %s", shown(key.account), money(posted, key.currency))
		if known[key] != 0 {
			figure += fmt.Sprintf(", the bank %s%s", money(minor, key.currency), knownGap(known[key], key.currency))
		}
		counts = append(counts, figure)
	}
	return f.check("LEDGER", "the bank accounts of the ledger are the banks' closing balances", strings.Join(counts, "; "))
}

func knownGap(minor int64, currency recon.Currency) string {
	if minor == 0 {
		return ""
	}
	return fmt.Sprintf(" (known gap of %s)", money(minor, currency))
}

// itemLedger proves that receivables and payables are the open items as they are stored.
func (p *proof) itemLedger() Check {
	open := map[accountKey]int64{}
	for n := range p.items {
		i := &p.items[n]
		l := p.itemLine(posting{}, i, -i.reduces()*i.OpenMinor)
		open[accountKey{l.Account, i.Currency}] += l.AmountMinor
	}
	for key := range p.balance { // a posting to these accounts without any item
		if key.account == p.ledger.Receivables || key.account == p.ledger.Payables {
			open[key] += 0
		}
	}
	var f finding
	counts := p.compare(&f, open, p.balance, "ledger account %s has %s, open items are %s")
	return f.check("LEDGER", "receivables and payables are the open items", counts)
}

// heldLedger proves that money on account and advances in the journal are what is left of the amounts held.
func (p *proof) heldLedger() Check {
	left, posted := map[accountKey]int64{}, map[accountKey]int64{}
	names := map[recon.SourceKind]pocket{recon.SourceOnAccount: onAccount, recon.SourceAdvance: advances}
	for _, h := range p.held {
		if origin, ok := p.application(h.ID); ok && p.live(origin) {
			left[accountKey{string(h.Kind), h.Currency}] += h.AmountMinor - h.AllocatedMinor
		}
	}
	for kind, pocket := range names {
		for key, minor := range p.pockets {
			if key.pocket == pocket {
				posted[accountKey{string(kind), key.currency}] = -minor
				left[accountKey{string(kind), key.currency}] += 0
			}
		}
	}
	var f finding
	counts := p.compare(&f, left, posted, "%s: the journal has %s, %s is left")
	return f.check("LEDGER", "money on account and advances are what is left of them", counts)
}

// compare finds differences between what should stand on accounts and what does.
func (p *proof) compare(f *finding, expected, posted map[accountKey]int64, message string) string {
	var counts []string
	for _, key := range sortedAccounts(expected) {
		if posted[key] != expected[key] {
			f.fault(message, shown(key.account), money(posted[key], key.currency), money(expected[key], key.currency))
		}
		counts = append(counts, shown(key.account)+": "+money(expected[key], key.currency))
	}
	return strings.Join(counts, "; ")
}

// journalBalances proves that each transaction, and so the journal, adds up to nothing in each currency.
func (p *proof) journalBalances() Check {
	f := p.unbalanced
	sums := map[recon.Currency]int64{}
	for key, minor := range p.balance {
		sums[key.currency] += minor
	}
	var currencies []string
	for _, currency := range sortedKeys(sums) {
		if sums[currency] != 0 {
			f.fault("the journal is off by %s", money(sums[currency], currency))
		}
		currencies = append(currencies, string(currency))
	}
	return f.check("LEDGER", "the journal balances in each currency", plural(p.lines, "line")+" in "+cmp.Or(strings.Join(currencies, ", "), "no currency"))
}
