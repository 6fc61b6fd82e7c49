package books

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// CustomerReport is the statement of a customer: what was owed at first, what came and went, what is owed at last.
type CustomerReport struct {
	Customer, Name string
	From, To       recon.Date
	Currencies     []CustomerAccount // by currency
}

// CustomerAccount is a customer's account in one currency.
type CustomerAccount struct {
	Currency     recon.Currency
	OpeningMinor int64
	Lines        []CustomerLine
	ClosingMinor int64
}

// CustomerLine is a movement of a customer's account. What is owed to us is positive.
type CustomerLine struct {
	Day          recon.Date
	Text         string
	Item         string
	AmountMinor  int64
	BalanceMinor int64 // after it
}

// Customer is the statement of one customer from a day (0 = the first) to that of the cut: its items, what they fell by, and its money that
// pays no item yet. Its closing balance is that of the ageing.
func Customer(v View, cut Cut, customer string, from recon.Date) (CustomerReport, error) {
	s, err := load(v, sight{Cut: cut})
	if err != nil {
		return CustomerReport{}, err
	}
	r := CustomerReport{Customer: customer, From: from, To: cut.AsOf}
	for _, c := range s.customers {
		if c.Code == customer {
			r.Name = c.Name
		}
	}
	lines := map[recon.Currency][]CustomerLine{}
	err = newJournal(s, rules.Ledger{}, func(transaction []posting) bool {
		for n := range transaction {
			if l := &transaction[n]; l.Customer == customer && l.owed(s) {
				named := l.named()
				lines[l.Currency] = append(lines[l.Currency], CustomerLine{Day: l.Effective, Text: named.Text, Item: l.ItemNumber, AmountMinor: l.AmountMinor})
			}
		}
		return true
	}).run(v)
	if err != nil {
		return r, err
	}
	for _, currency := range sortedKeys(lines) {
		r.Currencies = append(r.Currencies, customerAccount(currency, lines[currency], from))
	}
	return r, nil
}

// owed reports whether a posting moves what a customer owes: on a receivable, or money of it that waits.
func (p *posting) owed(s *state) bool {
	switch p.pocket {
	case itemMoney:
		i := s.item(p.Item)
		return i != nil && i.Side != recon.Payable
	case unapplied, onAccount, advances:
		return true
	}
	return false
}

func customerAccount(currency recon.Currency, lines []CustomerLine, from recon.Date) CustomerAccount {
	slices.SortStableFunc(lines, func(a, b CustomerLine) int { return cmp.Compare(a.Day, b.Day) })
	account := CustomerAccount{Currency: currency}
	for _, l := range lines {
		account.ClosingMinor += l.AmountMinor
		l.BalanceMinor = account.ClosingMinor
		if l.Day < from {
			account.OpeningMinor = account.ClosingMinor
			continue
		}
		account.Lines = append(account.Lines, l)
	}
	return account
}

// Tables returns the statement, one table for each currency.
func (r CustomerReport) Tables() (tables []Table) {
	for _, a := range r.Currencies {
		money := func(minor int64) recon.Money { return recon.Money{Minor: minor, Currency: a.Currency} }
		t := Table{Title: fmt.Sprintf("Statement of %s %s as of %s, %s", r.Customer, r.Name, r.To, a.Currency), Columns: []Column{{Key: "day", Name: "Day", Kind: Day},
			{Key: "text", Name: "What", Wide: 44}, {Key: "item", Name: "Item", Wide: 16}, {Key: "currency", Name: "Cur", Data: true}, {Key: "amount", Name: "Amount", Kind: Amount}, {Key: "balance", Name: "Balance", Kind: Amount}}}
		if r.From != 0 {
			t.Rows = append(t.Rows, []any{r.From, "brought forward", nil, string(a.Currency), nil, money(a.OpeningMinor)})
		}
		for _, l := range a.Lines {
			t.Rows = append(t.Rows, []any{l.Day, l.Text, l.Item, string(a.Currency), money(l.AmountMinor), money(l.BalanceMinor)})
		}
		t.Totals = append(t.Totals, []any{nil, "owed to us", nil, string(a.Currency), nil, money(a.ClosingMinor)})
		tables = append(tables, t)
	}
	if len(tables) == 0 {
		tables = append(tables, Table{Title: "Statement of " + r.Customer, Columns: []Column{{Key: "day", Name: "Day", Kind: Day}}, Notes: []string{"Nothing moved on this account."}})
	}
	return tables
}
