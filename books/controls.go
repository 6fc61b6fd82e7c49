package books

import (
	"cmp"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// ControlRow is an account of the ledger on a day.
type ControlRow struct {
	Account     string
	Name        string // what the rules call it; of a bank account its id
	Currency    recon.Currency
	DebitMinor  int64
	CreditMinor int64
}

// ControlsReport is the trial balance of a day: what the accounting system's control accounts are compared with.
type ControlsReport struct {
	AsOf recon.Date
	Rows []ControlRow // by account and currency
}

// Controls sums up the journal within a cut.
func Controls(v View, ledger rules.Ledger, cut Cut) (ControlsReport, error) {
	accounts, err := v.Accounts()
	if err != nil {
		return ControlsReport{}, unread("accounts", err)
	}
	names := map[string]string{ledger.Receivables: "receivables", ledger.Payables: "payables", ledger.WriteOffs: "write-offs", ledger.Adjustments: "adjustments", ledger.Gains: "gains",
		ledger.Discounts: "discounts", ledger.Tax: "tax", ledger.Charges: "bank charges", ledger.WithheldTax: "withheld tax", ledger.Exchange: "exchange", ledger.Suspense: "suspense",
		ledger.Unapplied: "unapplied cash", ledger.OnAccount: "on account", ledger.Advances: "advances", ledger.Opening: "opening balances", ledger.InTransit: "in transit",
		ledger.Transfers: "transfers"}
	for _, a := range accounts {
		names[cmp.Or(a.Ledger, unnamedBank+a.ID)] = "bank " + a.ID
	}
	rows := map[accountKey]*ControlRow{}
	sums := map[accountKey]int64{}
	err = derive(v, ledger, sight{Cut: cut}, func(transaction []posting) bool {
		for n := range transaction {
			l := &transaction[n]
			key := accountKey{l.Account, l.Currency}
			if rows[key] == nil {
				rows[key] = &ControlRow{Account: l.Account, Name: names[l.Account], Currency: l.Currency}
				sums[key] = 0
			}
			if l.AmountMinor > 0 {
				rows[key].DebitMinor += l.AmountMinor
			} else {
				rows[key].CreditMinor -= l.AmountMinor
			}
		}
		return true
	})
	report := ControlsReport{AsOf: cut.AsOf}
	for _, key := range sortedAccounts(sums) {
		report.Rows = append(report.Rows, *rows[key])
	}
	return report, err
}

// Tables returns the report as one table.
func (r ControlsReport) Tables() []Table {
	t := Table{Title: "Trial balance as of " + r.AsOf.String(), Columns: []Column{{Key: "account", Name: "Account"}, {Key: "name", Name: "Name"}, {Key: "currency", Name: "Cur"},
		{Key: "debit", Name: "Debit", Kind: Amount}, {Key: "credit", Name: "Credit", Kind: Amount}, {Key: "balance", Name: "Balance", Kind: Amount}}}
	totals := map[recon.Currency]*ControlRow{}
	line := func(account, name string, c *ControlRow) []any {
		money := func(minor int64) recon.Money { return recon.Money{Minor: minor, Currency: c.Currency} }
		return []any{shown(account), name, string(c.Currency), money(c.DebitMinor), money(c.CreditMinor), money(c.DebitMinor - c.CreditMinor)}
	}
	for n := range r.Rows {
		c := &r.Rows[n]
		t.Rows = append(t.Rows, line(c.Account, c.Name, c))
		if totals[c.Currency] == nil {
			totals[c.Currency] = &ControlRow{Currency: c.Currency}
		}
		totals[c.Currency].DebitMinor += c.DebitMinor
		totals[c.Currency].CreditMinor += c.CreditMinor
	}
	for _, currency := range sortedKeys(totals) {
		t.Totals = append(t.Totals, line("Total", "", totals[currency]))
	}
	return []Table{t}
}
