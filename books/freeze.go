package books

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// Frozen is the journal of a period that is to be closed.
type Frozen struct {
	Until    recon.Date
	Audited  int64 // last audit row of the books that it is derived from
	Postings []recon.FrozenPosting
	Digest   string
	Balances []Balance // of the period's end, by account and currency
}

// Balance is what stands on an account of the ledger; a debit is positive.
type Balance struct {
	Account  string
	Currency recon.Currency
	Minor    int64
}

// Freeze derives the journal of the period that begins after the last closed day and ends on a day, both as they are now.
func Freeze(v View, ledger rules.Ledger, until recon.Date) (frozen Frozen, err error) {
	frozen.Until = until
	if frozen.Audited, err = v.Audited(); err != nil {
		return frozen, unread("the last audit row", err)
	}
	periods, err := v.Periods()
	if err != nil {
		return frozen, unread("closed periods", err)
	}
	var closed recon.Date
	if n := len(periods); n > 0 {
		closed = periods[n-1].Until
	}
	sums := map[accountKey]int64{}
	err = derive(v, ledger, sight{Cut: Cut{AsOf: until}}, func(transaction []posting) bool {
		for n := range transaction {
			l := &transaction[n]
			sums[accountKey{l.Account, l.Currency}] += l.AmountMinor
			if l.Effective > closed {
				frozen.Postings = append(frozen.Postings, l.freeze(until, len(frozen.Postings)+1))
			}
		}
		return true
	})
	if err != nil {
		return frozen, err
	}
	for _, key := range sortedAccounts(sums) {
		if sums[key] != 0 {
			frozen.Balances = append(frozen.Balances, Balance{key.account, key.currency, sums[key]})
		}
	}
	digest := sha256.New()
	for n := range frozen.Postings {
		digestPosting(digest, &frozen.Postings[n])
	}
	frozen.Digest = hex.EncodeToString(digest.Sum(nil))
	return frozen, nil
}

func digestPosting(into hash.Hash, p *recon.FrozenPosting) {
	fmt.Fprintf(into, "%d|%d|%d|%d|%d|%d|%q|%q|%s|%d|%d|%d|%d|%d|%q|%q|%q\n", p.Ordinal, p.Day, p.Original, p.Phase, p.Owner, p.Effect, p.Holder, p.Ledger, p.Currency,
		p.AmountMinor, p.Pocket, p.Entry, p.Application, p.Item, p.ItemNumber, p.Customer, p.Text)
}

// closedPeriods proves that the journal of each closed period is what was frozen, and adds up to nothing in each currency.
func closedPeriods(v View) (Check, error) {
	periods, err := v.Periods()
	if err != nil {
		return Check{}, unread("closed periods", err)
	}
	frozen, err := collected("frozen postings", v.Frozen())
	if err != nil {
		return Check{}, err
	}
	var f finding
	byClose := map[recon.Date][]recon.FrozenPosting{}
	for _, p := range frozen {
		byClose[p.Until] = append(byClose[p.Until], p)
	}
	for _, period := range periods {
		closedPeriod(&f, period, byClose[period.Until])
	}
	detail := ""
	if n := len(periods); n > 0 {
		detail = fmt.Sprintf("%s, closed until %s, %s", plural(n, "period"), periods[n-1].Until, plural(len(frozen), "frozen line"))
	}
	return f.check("PERIOD", "closed periods stand as they were frozen", detail), nil
}

func closedPeriod(f *finding, period recon.PeriodRow, lines []recon.FrozenPosting) {
	if len(lines) != period.Postings {
		f.fault("the period until %s has %d frozen lines, %d were frozen", period.Until, len(lines), period.Postings)
		return
	}
	inOrder := make([]*recon.FrozenPosting, len(lines))
	sums := map[recon.Currency]int64{}
	for n := range lines {
		l := &lines[n]
		if l.Ordinal < 1 || l.Ordinal > len(lines) || inOrder[l.Ordinal-1] != nil {
			f.fault("the period until %s has frozen line %d twice, or out of its place", period.Until, l.Ordinal)
			return
		}
		inOrder[l.Ordinal-1] = l
		sums[l.Currency] += l.AmountMinor
	}
	digest := sha256.New()
	for _, l := range inOrder {
		digestPosting(digest, l)
	}
	if hex.EncodeToString(digest.Sum(nil)) != period.Digest {
		f.fault("the frozen lines of the period until %s are not those that were frozen", period.Until)
	}
	for _, currency := range sortedKeys(sums) {
		if sums[currency] != 0 {
			f.fault("the period until %s is off by %s", period.Until, money(sums[currency], currency))
		}
	}
}
