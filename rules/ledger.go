package rules

import (
	"fmt"
	"strings"
	"unicode"
)

// ledgerAccount ties a key of the file to its place in the set.
type ledgerAccount struct {
	key    string
	at     text
	target *string
}

func (doc *ledgerDoc) accounts(l *Ledger) []ledgerAccount {
	return []ledgerAccount{
		{"receivables", doc.Receivables, &l.Receivables},
		{"payables", doc.Payables, &l.Payables},
		{"write_offs", doc.WriteOffs, &l.WriteOffs},
		{"adjustments", doc.Adjustments, &l.Adjustments},
		{"gains", doc.Gains, &l.Gains},
		{"discounts", doc.Discounts, &l.Discounts},
		{"tax", doc.Tax, &l.Tax},
		{"charges", doc.Charges, &l.Charges},
		{"withheld_tax", doc.WithheldTax, &l.WithheldTax},
		{"exchange", doc.Exchange, &l.Exchange},
		{"suspense", doc.Suspense, &l.Suspense},
		{"unapplied", doc.Unapplied, &l.Unapplied},
		{"on_account", doc.OnAccount, &l.OnAccount},
		{"advances", doc.Advances, &l.Advances},
		{"opening", doc.Opening, &l.Opening},
		{"in_transit", doc.InTransit, &l.InTransit},
		{"transfers", doc.Transfers, &l.Transfers},
	}
}

// ledger reads the accounts. Either all of them are given or none: our examples among somebody's own numbers
// would post to accounts that mean something else there.
func (r *reader) ledger(doc *ledgerDoc) {
	if doc == nil {
		return
	}
	first := text{}
	accounts := doc.accounts(&r.set.Ledger)
	for _, account := range accounts {
		if account.at.Given() && (!first.Given() || account.at.Line < first.Line) {
			first = account.at
		}
	}
	for _, account := range accounts {
		switch {
		case !account.at.Given():
			r.reject("RULE-LEDGER", first, "ledger has no account for "+account.key, fmt.Sprintf("add %s: with a number of your chart of accounts", account.key))
		case r.ledgerNumber(account.at):
			*account.target = account.at.Text
		}
	}
	r.controlAccounts(accounts)
}

// ledgerNumber refuses what no chart of accounts has and every export would trip over.
func (r *reader) ledgerNumber(at text) bool {
	const longest = 64
	odd := strings.TrimSpace(at.Text) != at.Text || at.Text == "" || len(at.Text) > longest || strings.ContainsFunc(at.Text, unicode.IsControl)
	if odd {
		r.reject("RULE-LEDGER", at, quoted(at)+" is no account of a ledger", `write a number or name such as "1400"`)
	}
	return !odd
}

// controlAccounts keeps receivables and payables apart from all others, so that they equal the open items.
func (r *reader) controlAccounts(accounts []ledgerAccount) {
	for i, control := range accounts[:2] {
		for _, other := range accounts[i+1:] {
			if control.at.Given() && control.at.Text == other.at.Text {
				r.reject("RULE-LEDGER", other.at, fmt.Sprintf("%s and %s are the same account %s", control.key, other.key, quoted(other.at)),
					fmt.Sprintf("give %s an account of its own: %s holds the open items only", other.key, control.key))
			}
		}
	}
}
