package books

import (
	"cmp"
	"io"
	"maps"
	"slices"

	"github.com/tieout/tieout/recon"
)

// OrderRow is an order as the invoices that name it tell.
type OrderRow struct {
	Order, Customer   string
	Currency          recon.Currency
	OriginalMinor     int64 // its invoices as they first came
	LastApprovedMinor int64 // its invoices as they are now, after changes of their amounts
	InvoicedMinor     int64 // these less its credit notes
	PaidMinor         int64 // settled of its invoices in whatever way
	PaidInFullMinor   int64 // its invoices that are paid in full: one that is paid in part does not count
	AdvancesMinor     int64 // money that waits for an invoice of it
	Status            string
	PaidOn            recon.Date // of the last invoice, once all are paid in full
	invoices, open    int
}

// OrdersReport lists orders by number.
type OrdersReport struct {
	AsOf recon.Date
	Rows []OrderRow
}

type orderKey struct {
	order    string
	currency recon.Currency
}

// Orders sums up the orders behind invoices within a cut.
func Orders(v View, cut Cut) (OrdersReport, error) {
	s, err := load(v, sight{Cut: cut})
	if err != nil {
		return OrdersReport{}, err
	}
	rows := map[orderKey]*OrderRow{}
	row := func(order, customer string, currency recon.Currency) *OrderRow {
		key := orderKey{order, currency}
		if rows[key] == nil {
			rows[key] = &OrderRow{Order: order, Customer: customer, Currency: currency}
		}
		return rows[key]
	}
	for n := range s.items {
		if i := &s.items[n]; i.Order != "" && i.since != 0 && i.Side != recon.Payable && !i.Cancelled {
			row(i.Order, i.Customer, i.Currency).item(i)
		}
	}
	left := map[int64]int64{}
	for n := range s.apps {
		a := &s.apps[n]
		switch {
		case !s.live(a) || !a.Kind.Moves():
		case a.Kind == recon.Advance:
			left[a.ID] += a.AmountMinor
		case a.Source.Kind == recon.SourceAdvance:
			left[a.Source.ID] -= a.AmountMinor
		}
	}
	for n := range s.apps {
		if a := &s.apps[n]; left[a.ID] > 0 && a.Order != "" {
			row(a.Order, a.Customer, a.Currency).AdvancesMinor += left[a.ID]
		}
	}
	report := OrdersReport{AsOf: cut.AsOf}
	for _, key := range slices.SortedFunc(maps.Keys(rows), func(a, b orderKey) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.currency, b.currency))
	}) {
		r := rows[key]
		r.conclude()
		report.Rows = append(report.Rows, *r)
	}
	return report, nil
}

func (r *OrderRow) item(i *item) {
	if i.Kind == recon.CreditNote {
		r.InvoicedMinor -= i.amountMinor
		return
	}
	r.invoices++
	r.OriginalMinor += i.starts[0].OpenMinor
	r.LastApprovedMinor += i.amountMinor
	r.InvoicedMinor += i.amountMinor
	r.PaidMinor += i.amountMinor - i.openMinor
	if i.openMinor == 0 {
		r.PaidInFullMinor += i.amountMinor
		r.PaidOn = max(r.PaidOn, i.paidOn)
	} else {
		r.open++
	}
}

// conclude says how an order stands.
func (r *OrderRow) conclude() {
	switch {
	case r.invoices == 0:
		r.Status = "paid in advance"
	case r.open == 0:
		r.Status = string(StatusPaid)
	case r.PaidMinor > 0:
		r.Status = string(StatusPartlyPaid)
	default:
		r.Status = string(StatusOpen)
	}
	if r.open > 0 || r.invoices == 0 {
		r.PaidOn = 0
	}
}

// Tables returns the report as one table.
func (r OrdersReport) Tables() []Table {
	t := Table{Title: "Orders as of " + r.AsOf.String(), Columns: []Column{{Key: "order", Name: "Order", Wide: 16}, {Key: "customer", Name: "Customer", Wide: 12}, {Key: "currency", Name: "Cur"},
		{Key: "original", Name: "Original", Kind: Amount, Extra: true}, {Key: "last_approved", Name: "Last approved", Kind: Amount}, {Key: "invoiced", Name: "Invoiced", Kind: Amount},
		{Key: "paid", Name: "Paid", Kind: Amount}, {Key: "paid_in_full", Name: "Paid in full", Kind: Amount}, {Key: "advances", Name: "Advances", Kind: Amount, Spare: true},
		{Key: "status", Name: "Status"}, {Key: "paid_on", Name: "Paid on", Kind: Day, Spare: true}}}
	for _, o := range r.Rows {
		money := func(minor int64) recon.Money { return recon.Money{Minor: minor, Currency: o.Currency} }
		t.Rows = append(t.Rows, []any{o.Order, o.Customer, string(o.Currency), money(o.OriginalMinor), money(o.LastApprovedMinor), money(o.InvoicedMinor), money(o.PaidMinor),
			money(o.PaidInFullMinor), money(o.AdvancesMinor), o.Status, o.PaidOn})
	}
	return []Table{t}
}

// OrderLine is one line of the orders export; the columns are a contract.
type OrderLine struct {
	Order        string `csv:"order" json:"order"`
	Customer     string `csv:"customer" json:"customer"`
	Currency     string `csv:"currency" json:"currency"`
	Original     string `csv:"original" json:"original"`
	LastApproved string `csv:"last_approved" json:"last_approved"`
	Invoiced     string `csv:"invoiced" json:"invoiced"`
	Paid         string `csv:"paid" json:"paid"`
	PaidInFull   string `csv:"paid_in_full" json:"paid_in_full"`
	Advances     string `csv:"advances" json:"advances"`
	Status       string `csv:"status" json:"status"`
	PaidOn       string `csv:"paid_on" json:"paid_on"`
}

// WriteOrders writes orders as csv or json.
func WriteOrders(w io.Writer, report OrdersReport, format string) error {
	return writeLines(w, format, report.Rows, func(o OrderRow) OrderLine {
		money := func(minor int64) string { return recon.FormatMinor(minor, o.Currency) }
		return OrderLine{o.Order, o.Customer, string(o.Currency), money(o.OriginalMinor), money(o.LastApprovedMinor), money(o.InvoicedMinor), money(o.PaidMinor),
			money(o.PaidInFullMinor), money(o.AdvancesMinor), o.Status, o.PaidOn.String()}
	})
}
