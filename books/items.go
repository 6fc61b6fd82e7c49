package books

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// ItemStatus is how an item stands on a day.
type ItemStatus string

// Statuses, the first that fits: a disputed item is not called overdue, its days overdue are shown beside.
const (
	StatusCancelled  ItemStatus = "cancelled"
	StatusPaid       ItemStatus = "paid in full"
	StatusUsed       ItemStatus = "used" // a credit note
	StatusDisputed   ItemStatus = "disputed"
	StatusPartlyPaid ItemStatus = "partially paid"
	StatusPartlyUsed ItemStatus = "partially used"
	StatusScheduled  ItemStatus = "scheduled" // its next instalment is not due yet
	StatusOverdue    ItemStatus = "overdue"
	StatusOpen       ItemStatus = "open"
)

// ItemQuestion narrows a list of items; zero fields do not narrow.
type ItemQuestion struct {
	AsOf     recon.Date // day on which items are due or not
	Customer string
	Side     recon.Side
	OpenOnly bool
}

// ItemsReport lists items by customer, due day and number.
type ItemsReport struct {
	AsOf   recon.Date
	Items  []ItemLine
	Totals []ItemLine // one for each currency; credit notes and payables count negative
}

// ItemLine is one item.
type ItemLine struct {
	Item        recon.Item
	Status      ItemStatus
	PaidMinor   int64 // settled so far in whatever way, before the import too
	OpenMinor   int64
	Progress    int // percent settled, 100 only when nothing is open
	DaysOverdue int // of the oldest part that is open
	NextDue     recon.Date
	PaidOn      recon.Date // 0 until it is paid in full
}

// Items returns the items within a cut with how far they are settled.
func Items(v View, cut Cut, question ItemQuestion) (ItemsReport, error) {
	s, err := load(v, sight{Cut: cut})
	if err != nil {
		return ItemsReport{}, err
	}
	report := ItemsReport{AsOf: question.AsOf}
	totals := map[recon.Currency]*ItemLine{}
	for n := range s.items {
		i := &s.items[n]
		if len(i.starts) == 0 || !question.asks(i) {
			continue
		}
		line := i.line(question.AsOf)
		report.Items = append(report.Items, line)
		if totals[i.Currency] == nil {
			totals[i.Currency] = &ItemLine{Item: recon.Item{Currency: i.Currency}}
		}
		totals[i.Currency].add(line, -i.reduces())
	}
	slices.SortFunc(report.Items, func(a, b ItemLine) int {
		return cmp.Or(cmp.Compare(a.Item.Customer, b.Item.Customer), cmp.Compare(dueDay(a.Item), dueDay(b.Item)), cmp.Compare(a.Item.Number, b.Item.Number))
	})
	for _, currency := range sortedKeys(totals) {
		report.Totals = append(report.Totals, *totals[currency])
	}
	return report, nil
}

func (q ItemQuestion) asks(i *item) bool {
	return (q.Customer == "" || i.Customer == q.Customer) && (q.Side == "" || i.Side == q.Side) && (!q.OpenOnly || i.openMinor != 0)
}

func (i *item) line(asOf recon.Date) ItemLine {
	line := ItemLine{Item: i.Item, OpenMinor: i.openMinor, PaidMinor: i.AmountMinor - i.openMinor, PaidOn: i.paidOn}
	if i.AmountMinor > 0 {
		line.Progress = int(line.PaidMinor * 100 / i.AmountMinor)
	}
	if i.Cancelled {
		line.PaidMinor, line.Progress = 0, 0
	}
	for _, p := range i.dueParts(i.openMinor) {
		if line.NextDue == 0 || p.due < line.NextDue {
			line.NextDue = p.due
		}
	}
	if line.NextDue != 0 && line.NextDue < asOf {
		line.DaysOverdue = asOf.DaysSince(line.NextDue)
	}
	line.Status = i.status(line, asOf)
	return line
}

func (i *item) status(line ItemLine, asOf recon.Date) ItemStatus {
	note := i.Kind == recon.CreditNote
	switch {
	case i.Cancelled:
		return StatusCancelled
	case line.OpenMinor == 0 && note:
		return StatusUsed
	case line.OpenMinor == 0:
		return StatusPaid
	case i.disputedMinor(asOf) > 0:
		return StatusDisputed
	case line.PaidMinor > 0 && note:
		return StatusPartlyUsed
	case line.PaidMinor > 0:
		return StatusPartlyPaid
	case note:
		return StatusOpen
	case len(i.Instalments) > 0 && line.DaysOverdue == 0:
		return StatusScheduled
	case line.DaysOverdue > 0:
		return StatusOverdue
	}
	return StatusOpen
}

func (l *ItemLine) add(other ItemLine, sign int64) {
	l.Item.AmountMinor += sign * other.Item.AmountMinor
	l.PaidMinor += sign * other.PaidMinor
	l.OpenMinor += sign * other.OpenMinor
}

// Tables returns the report as one table.
func (r ItemsReport) Tables() []Table {
	t := Table{Title: "Items as of " + r.AsOf.String(), Columns: []Column{
		{Key: "customer", Name: "Customer", Wide: 12}, {Key: "number", Name: "Item", Wide: 16}, {Key: "kind", Name: "Kind", Data: true}, {Key: "side", Name: "Side", Data: true},
		{Key: "due", Name: "Due", Kind: Day}, {Key: "status", Name: "Status"}, {Key: "days_overdue", Name: "Late", Kind: Count, Spare: true}, {Key: "currency", Name: "Cur"},
		{Key: "amount", Name: "Amount", Kind: Amount}, {Key: "paid", Name: "Paid", Kind: Amount}, {Key: "open", Name: "Open", Kind: Amount},
		{Key: "progress", Name: "%", Kind: Percent}, {Key: "next_due", Name: "Next due", Kind: Day, Data: true}, {Key: "paid_on", Name: "Paid on", Kind: Day, Spare: true},
	}}
	for _, l := range r.Items {
		i := l.Item
		t.Rows = append(t.Rows, []any{i.Customer, i.Number, string(i.Kind), string(i.Side), dueDay(i), string(l.Status), l.DaysOverdue, string(i.Currency),
			recon.Money{Minor: i.AmountMinor, Currency: i.Currency}, recon.Money{Minor: l.PaidMinor, Currency: i.Currency}, recon.Money{Minor: l.OpenMinor, Currency: i.Currency},
			l.Progress, l.NextDue, l.PaidOn})
	}
	for _, l := range r.Totals {
		c := l.Item.Currency
		t.Totals = append(t.Totals, []any{"Total", nil, nil, nil, nil, nil, nil, string(c), recon.Money{Minor: l.Item.AmountMinor, Currency: c},
			recon.Money{Minor: l.PaidMinor, Currency: c}, recon.Money{Minor: l.OpenMinor, Currency: c}, nil, nil, nil})
	}
	return []Table{t}
}
