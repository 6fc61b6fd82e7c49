package review

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
	"github.com/tieout/tieout/store"
)

// allocation is the allocation table of a case: what a person wants a receipt to pay, amount by amount, as texts until it is applied.
type allocation struct {
	Currency recon.Currency
	Received int64
	Rows     []tableRow // invoices, in the order shown
	Notes    []tableRow // credit notes
	Order    string

	Charge, OnAccount, Refund   string
	Customer, Shortfall, Reason string
	NextDate                    string
	Difference                  string // how differences are posted: writeOff or adjust
	Ledger                      string // account of differences, "" = that of the rules
	Spread, Find, Advice        string
	Unknown                     []string // lines of an advice that name nothing we know
	Limits                      limitsShown
	Accounts                    []ledgerAccount
}

// tableRow is an item in the table. Pay is what an invoice falls by in money and credit notes; of a credit note, what is used of it.
type tableRow struct {
	recon.Item
	Seen          int64 // version that the person saw
	Ticked        bool
	Pay           string
	Discount      string
	WriteOff      string
	DiscountMinor int64 // that may still be taken, 0 for none
	Statuses      []string
}

// limitsShown are the bounds of differences, as the page says them.
type limitsShown struct {
	WriteOffMinor int64 // largest difference that may be written off
	AloneMinor    int64 // that one person may write off
	AdjustMinor   int64 // that one person may adjust
}

// ledgerAccount is an account of the general ledger to choose.
type ledgerAccount struct{ Account, Name string }

// Orders of the table.
const (
	orderDue    = "due"
	orderNumber = "number"
	orderAmount = "amount"
	orderOpen   = "open"
)

var tableOrders = []string{orderDue, orderNumber, orderAmount, orderOpen}

// How differences are posted.
const (
	asWriteOff   = "write_off"
	asAdjustment = "adjust"
)

// newTable is a fresh table about a case.
func newTable(one store.Case, set rules.Set, customer string) *allocation {
	four := set.FourEyes[one.Currency]
	return &allocation{Currency: one.Currency, Received: one.AmountMinor, Order: orderDue, Customer: customer, Difference: asWriteOff,
		Limits:   limitsShown{WriteOffMinor: set.Differences[one.Currency].MaxMinor, AloneMinor: four.WriteOffMinor, AdjustMinor: four.AdjustmentMinor},
		Accounts: []ledgerAccount{{set.Ledger.WriteOffs, "write-offs"}, {set.Ledger.Adjustments, "adjustments"}, {set.Ledger.Discounts, "discounts"}, {set.Ledger.Charges, "bank charges"}}}
}

// take adds items that are not there yet; those of another currency have no place.
func (t *allocation) take(items []recon.Item, today recon.Date) {
	for _, item := range items {
		if item.Currency != t.Currency || item.Side == recon.Payable || item.OpenMinor == 0 || item.Cancelled || t.row(item.ID) != nil {
			continue
		}
		row := tableRow{Item: item, Seen: item.Version, Statuses: statuses(item, today)}
		if item.Kind == recon.CreditNote {
			t.Notes = append(t.Notes, row)
			continue
		}
		if !item.DiscountPercent.IsZero() && item.DiscountUntil >= today {
			row.DiscountMinor = min(item.OpenMinor, recon.PercentOf(item.AmountMinor, item.DiscountPercent))
		}
		t.Rows = append(t.Rows, row)
	}
	t.sort()
}

func (t *allocation) row(item int64) *tableRow {
	for _, rows := range [][]tableRow{t.Rows, t.Notes} {
		for i := range rows {
			if rows[i].ID == item {
				return &rows[i]
			}
		}
	}
	return nil
}

func (t *allocation) sort() {
	by := func(a, b tableRow) int {
		switch t.Order {
		case orderNumber:
			return cmp.Compare(a.Number, b.Number)
		case orderAmount:
			return cmp.Compare(b.AmountMinor, a.AmountMinor)
		case orderOpen:
			return cmp.Compare(b.OpenMinor, a.OpenMinor)
		}
		return cmp.Compare(cmp.Or(a.DueDate, a.IssueDate), cmp.Or(b.DueDate, b.IssueDate))
	}
	stable := func(a, b tableRow) int {
		return cmp.Or(by(a, b), cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
	}
	slices.SortFunc(t.Rows, stable)
	slices.SortFunc(t.Notes, stable)
}

// minor reads an amount of the table, 0 where there is none.
func (t *allocation) minor(text string) int64 {
	minor, ok := readAmount(text, t.Currency)
	if !ok {
		return 0
	}
	return minor
}

func (t *allocation) write(minor int64) string {
	if minor == 0 {
		return ""
	}
	return recon.FormatMinor(minor, t.Currency)
}

// Used is what of the credit notes is used.
func (t *allocation) Used() (minor int64) {
	for i := range t.Notes {
		minor += t.minor(t.Notes[i].Pay)
	}
	return minor
}

// Selected is what the items, the account and the payer get.
func (t *allocation) Selected() int64 {
	minor := t.minor(t.OnAccount) + t.minor(t.Refund)
	for i := range t.Rows {
		minor += t.minor(t.Rows[i].Pay)
	}
	return minor
}

// Left is what is still to apply; below zero it is more than came in.
func (t *allocation) Left() int64 { return t.Received + t.Used() - t.Selected() }

// Over is by how much the table pays more than came in.
func (t *allocation) Over() int64 { return max(0, -t.Left()) }

// Rest is what stays open of a row.
func (t *allocation) Rest(r tableRow) int64 {
	return r.OpenMinor - t.minor(r.Pay) - t.minor(r.Discount) - t.minor(r.WriteOff)
}

// Short reports whether an item would be paid in part: then the person says why.
func (t *allocation) Short() bool {
	return slices.ContainsFunc(t.Rows, func(r tableRow) bool { return t.minor(r.Pay) > 0 && t.Rest(r) > 0 })
}

// ticked are the rows that a button is about: those ticked, else all.
func (t *allocation) ticked() (rows []*tableRow) {
	for i := range t.Rows {
		if t.Rows[i].Ticked {
			rows = append(rows, &t.Rows[i])
		}
	}
	if len(rows) > 0 {
		return rows
	}
	for i := range t.Rows {
		rows = append(rows, &t.Rows[i])
	}
	return rows
}

// pay fills the rows that are ticked with what they are open for.
func (t *allocation) pay() {
	for _, r := range t.ticked() {
		r.Pay = t.write(r.OpenMinor - t.minor(r.Discount) - t.minor(r.WriteOff))
	}
}

// unpay empties the rows that are ticked.
func (t *allocation) unpay() {
	for _, r := range t.ticked() {
		r.Pay, r.Discount, r.WriteOff = "", "", ""
	}
}

// spread fills the rows that are ticked from top to bottom with an amount, that of the receipt where none is given; a surplus goes on account.
func (t *allocation) spread() {
	left := t.Received + t.Used() - t.minor(t.Refund)
	if t.Spread != "" {
		left = t.minor(t.Spread)
	}
	for i := range t.Rows {
		t.Rows[i].Pay = ""
	}
	for _, r := range t.ticked() {
		part := min(left, r.OpenMinor-t.minor(r.Discount)-t.minor(r.WriteOff))
		if part <= 0 {
			continue
		}
		r.Pay = t.write(part)
		left -= part
	}
	t.OnAccount = t.write(left)
}

// request says the table as a request. Amounts that cannot be read are handed on as they are: they are refused by name.
func (t *allocation) request() (r recon.Request) {
	amount := func(text string) string {
		if minor, ok := readAmount(text, t.Currency); ok {
			return recon.FormatMinor(minor, t.Currency)
		}
		return text
	}
	list := func(text string) []string {
		if text == "" {
			return nil
		}
		return []string{amount(text)}
	}
	for _, row := range append(slices.Clone(t.Rows), t.Notes...) {
		of := func(text string) recon.ItemAmount { return recon.ItemAmount{Number: row.Number, Amount: amount(text)} }
		used := false
		for _, cell := range []struct {
			text   string
			into   *[]recon.ItemAmount
			ledger string
		}{{row.Pay, t.payInto(&r, row), ""}, {row.Discount, &r.Discount, ""}, {row.WriteOff, t.differenceInto(&r), t.Ledger}} {
			if cell.text == "" {
				continue
			}
			one := of(cell.text)
			one.Ledger = cell.ledger
			*cell.into, used = append(*cell.into, one), true
		}
		if used {
			r.Seen = append(r.Seen, recon.SeenItem{Number: row.Number, Version: row.Seen})
		}
	}
	r.Charge, r.OnAccount, r.Refund = list(t.Charge), list(t.OnAccount), list(t.Refund)
	r.Customer, r.Shortfall, r.Reason = t.Customer, t.Shortfall, t.Reason
	return r
}

func (t *allocation) payInto(r *recon.Request, row tableRow) *[]recon.ItemAmount {
	if row.Kind == recon.CreditNote {
		return &r.Credit
	}
	return &r.Apply
}

func (t *allocation) differenceInto(r *recon.Request) *[]recon.ItemAmount {
	if t.Difference == asAdjustment {
		return &r.Adjust
	}
	return &r.WriteOff
}

// Says tells in one sentence how the table stands.
func (t *allocation) Says() string {
	switch left := t.Left(); {
	case left < 0:
		return fmt.Sprintf("%s %s over", groupedAmount(-left, t.Currency), t.Currency)
	case left > 0:
		return fmt.Sprintf("%s %s still to apply", groupedAmount(left, t.Currency), t.Currency)
	}
	return "All of it is applied"
}
