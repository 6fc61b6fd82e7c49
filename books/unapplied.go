package books

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
)

// UnappliedRow is money that pays no item yet.
type UnappliedRow struct {
	Source   string // as tieout allocate and tieout queue name it: 17, a42, CN-7
	Kind     string // suspense, unapplied, on account, advance, credit note
	Customer string
	Order    string
	Day      recon.Date
	Currency recon.Currency
	// LeftMinor of it is not used, positive.
	LeftMinor int64
}

// UnappliedReport lists money that pays no item yet, within a cut.
type UnappliedReport struct {
	AsOf recon.Date
	Rows []UnappliedRow // by customer (the unknown last), day and source
}

// Unapplied lists the receipts that wait, money on account and advances, and credit notes that are not used up.
func Unapplied(v View, cut Cut) (UnappliedReport, error) {
	s, err := load(v, sight{Cut: cut})
	if err != nil {
		return UnappliedReport{}, err
	}
	report := UnappliedReport{AsOf: cut.AsOf}
	used := map[recon.Source]int64{}
	for n := range s.apps {
		if a := &s.apps[n]; s.live(a) && a.Kind.Moves() {
			used[a.Source] += a.Taken().Minor
		}
	}
	for r, err := range v.Receipts() {
		if err != nil {
			return report, unread("receipts", err)
		}
		report.receipt(s, r, used)
	}
	for n := range s.apps {
		a := &s.apps[n]
		kind, held := map[recon.Kind]recon.SourceKind{recon.OnAccount: recon.SourceOnAccount, recon.Advance: recon.SourceAdvance}[a.Kind]
		if left := a.AmountMinor - used[recon.Source{Kind: kind, ID: a.ID}]; held && s.live(a) && left > 0 {
			report.Rows = append(report.Rows, UnappliedRow{Source: fmt.Sprintf("a%d", a.ID), Kind: map[bool]string{true: "advance", false: "on account"}[a.Kind == recon.Advance],
				Customer: a.Customer, Order: a.Order, Day: a.Effective, Currency: a.Currency, LeftMinor: left})
		}
	}
	for n := range s.items {
		if i := &s.items[n]; i.Kind == recon.CreditNote && i.Side != recon.Payable && i.since != 0 && i.openMinor > 0 && !i.Cancelled {
			report.Rows = append(report.Rows, UnappliedRow{Source: i.Number, Kind: "credit note", Customer: i.Customer, Order: i.Order, Day: i.since, Currency: i.Currency, LeftMinor: i.openMinor})
		}
	}
	slices.SortStableFunc(report.Rows, func(a, b UnappliedRow) int {
		return cmp.Or(cmp.Compare(last(a.Customer), last(b.Customer)), cmp.Compare(a.Customer, b.Customer), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Source, b.Source))
	})
	return report, nil
}

// last sorts what has no customer behind what has one.
func last(customer string) int {
	if customer == "" {
		return 1
	}
	return 0
}

func (r *UnappliedReport) receipt(s *state, row recon.ReceiptRow, used map[recon.Source]int64) {
	if !s.sight.reaches(row.Effective) || !s.knows(row.ID, row.Recorded) {
		return
	}
	d, _ := s.decisionOn(row.ID)
	left := row.AmountMinor - used[recon.Source{Kind: recon.SourceReceipt, ID: row.ID}]
	if left <= 0 || d.Outcome == recon.Cleared || d.Outcome == recon.SetAside {
		return
	}
	customer := cmp.Or(d.Customer, row.Customer)
	kind := "unapplied"
	if customer == "" {
		kind = "suspense"
	}
	r.Rows = append(r.Rows, UnappliedRow{Source: fmt.Sprint(row.ID), Kind: kind, Customer: customer, Day: row.Date, Currency: row.Currency, LeftMinor: left})
}

// Tables returns the report as one table.
func (r UnappliedReport) Tables() []Table {
	t := Table{Title: "Money that pays no item yet, as of " + r.AsOf.String(), Columns: []Column{{Key: "customer", Name: "Customer"}, {Key: "kind", Name: "Kind"}, {Key: "source", Name: "Source"},
		{Key: "order", Name: "Order", Spare: true}, {Key: "day", Name: "Day", Kind: Day}, {Key: "currency", Name: "Cur"}, {Key: "left", Name: "Left", Kind: Amount}}}
	totals := map[recon.Currency]int64{}
	for _, u := range r.Rows {
		t.Rows = append(t.Rows, []any{cmp.Or(u.Customer, "(unknown)"), u.Kind, u.Source, u.Order, u.Day, string(u.Currency), recon.Money{Minor: u.LeftMinor, Currency: u.Currency}})
		totals[u.Currency] += u.LeftMinor
	}
	for _, currency := range sortedKeys(totals) {
		t.Totals = append(t.Totals, []any{"Total", nil, nil, nil, nil, string(currency), recon.Money{Minor: totals[currency], Currency: currency}})
	}
	return []Table{t}
}
