package books

import (
	"cmp"
	"maps"
	"slices"

	"github.com/tieout/tieout/recon"
)

// ItemStatus is how an item stands on a day.
type ItemStatus string

// Statuses, the first that fits. Whether an item is disputed is said beside: it may be paid in part, too. An item that is
// disputed as a whole is not called overdue.
const (
	StatusCancelled  ItemStatus = "cancelled"
	StatusPaid       ItemStatus = "paid in full"
	StatusUsed       ItemStatus = "used" // a credit note
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
	Totals []ItemLine // one for each side and currency; credit notes count negative, payables too
}

// ItemLine is one item.
type ItemLine struct {
	Item          recon.Item
	Status        ItemStatus
	PaidMinor     int64 // settled so far in whatever way, before the import too
	OpenMinor     int64
	DisputedMinor int64
	Reason        string // of the dispute: the payer's words, quoted, else what a person gave as reason
	Progress      int    // percent settled, 100 only when nothing is open
	DaysOverdue   int    // of the oldest part that is open; a credit note is never late
	NextDue       recon.Date
	PaidOn        recon.Date // 0 until it is paid in full
	Sign          int64      // 1 where it is owed to us, -1 for credit notes and what we owe
}

// Items returns the items within a cut with how far they are settled.
func Items(v View, cut Cut, question ItemQuestion) (ItemsReport, error) {
	s, err := load(v, sight{Cut: cut})
	if err != nil {
		return ItemsReport{}, err
	}
	report := ItemsReport{AsOf: question.AsOf}
	totals := map[sideKey]*ItemLine{}
	for n := range s.items {
		i := &s.items[n]
		if i.since == 0 || !question.asks(i) {
			continue
		}
		line := s.line(i, question.AsOf)
		report.Items = append(report.Items, line)
		key := sideKey{i.Side, i.Currency}
		if totals[key] == nil {
			totals[key] = &ItemLine{Item: recon.Item{Currency: i.Currency, Side: i.Side}, Sign: 1}
		}
		totals[key].add(line)
	}
	slices.SortFunc(report.Items, func(a, b ItemLine) int {
		return cmp.Or(cmp.Compare(a.Item.Customer, b.Item.Customer), cmp.Compare(dueDay(&a.Item), dueDay(&b.Item)), cmp.Compare(a.Item.Number, b.Item.Number))
	})
	order := slices.SortedFunc(maps.Keys(totals), func(a, b sideKey) int {
		return cmp.Or(cmp.Compare(b.side, a.side), cmp.Compare(a.currency, b.currency)) // receivables first
	})
	for _, key := range order {
		report.Totals = append(report.Totals, *totals[key])
	}
	return report, nil
}

type sideKey struct {
	side     recon.Side
	currency recon.Currency
}

func (q ItemQuestion) asks(i *item) bool {
	return (q.Customer == "" || i.Customer == q.Customer) && (q.Side == "" || i.Side == q.Side) && (!q.OpenOnly || i.openMinor != 0)
}

func (s *state) line(i *item, asOf recon.Date) ItemLine {
	line := ItemLine{Item: *i.Item, OpenMinor: i.openMinor, PaidMinor: i.amountMinor - i.openMinor, PaidOn: i.paidOn, Sign: -i.reduces(),
		DisputedMinor: s.disputedMinor(i, asOf)}
	line.Item.AmountMinor = i.amountMinor
	if line.DisputedMinor != 0 {
		line.Reason = disputeReason(s.dispute(i))
	}
	if i.amountMinor > 0 {
		line.Progress = int(line.PaidMinor * 100 / i.amountMinor)
	}
	if i.Cancelled {
		line.PaidMinor, line.Progress = 0, 0
	}
	for _, p := range i.dueParts(i.openMinor) {
		if line.NextDue == 0 || p.due < line.NextDue {
			line.NextDue = p.due
		}
	}
	if line.NextDue != 0 && line.NextDue < asOf && i.Kind != recon.CreditNote {
		line.DaysOverdue = asOf.DaysSince(line.NextDue)
	}
	// What was promised is what comes next. It is late all the same: only a payment plan moves the day on which it is due.
	line.NextDue = cmp.Or(s.promised(i), line.NextDue)
	line.Status = i.status(line)
	return line
}

func disputeReason(d *recon.Dispute) string {
	if d.Phrase != "" {
		return `"` + d.Phrase + `"`
	}
	return d.Reason
}

func (i *item) status(line ItemLine) ItemStatus {
	note := i.Kind == recon.CreditNote
	switch {
	case i.Cancelled:
		return StatusCancelled
	case line.OpenMinor == 0 && note:
		return StatusUsed
	case line.OpenMinor == 0:
		return StatusPaid
	case line.PaidMinor > 0 && note:
		return StatusPartlyUsed
	case line.PaidMinor > 0:
		return StatusPartlyPaid
	case note || line.DisputedMinor == line.OpenMinor:
		return StatusOpen
	case len(i.Instalments) > 0 && line.DaysOverdue == 0:
		return StatusScheduled
	case line.DaysOverdue > 0:
		return StatusOverdue
	}
	return StatusOpen
}

func (l *ItemLine) add(other ItemLine) {
	l.Item.AmountMinor += other.Sign * other.Item.AmountMinor
	l.PaidMinor += other.Sign * other.PaidMinor
	l.OpenMinor += other.Sign * other.OpenMinor
}

// Tables returns the report as one table. Amounts of credit notes and payables are negative, so that each column adds up.
func (r ItemsReport) Tables() []Table {
	t := Table{Title: "Items as of " + r.AsOf.String(), Columns: []Column{
		{Key: "customer", Name: "Customer", Wide: 12}, {Key: "number", Name: "Item", Wide: 16}, {Key: "kind", Name: "Kind", Data: true}, {Key: "side", Name: "Side", Data: true},
		{Key: "due", Name: "Due", Kind: Day}, {Key: "status", Name: "Status"}, {Key: "days_overdue", Name: "Late", Kind: Count, Spare: true}, {Key: "currency", Name: "Cur"},
		{Key: "amount", Name: "Amount", Kind: Amount}, {Key: "paid", Name: "Paid", Kind: Amount}, {Key: "open", Name: "Open", Kind: Amount},
		{Key: "progress", Name: "%", Kind: Percent, Extra: true}, {Key: "next_due", Name: "Next due", Kind: Day, Data: true}, {Key: "paid_on", Name: "Paid on", Kind: Day, Spare: true, Extra: true},
		{Key: "disputed", Name: "Disputed", Spare: true}, {Key: "disputed_amount", Kind: Amount, Data: true}, {Key: "reason", Name: "Reason", Spare: true, Wrap: true},
	}}
	for _, l := range r.Items {
		i := l.Item
		t.Columns[2].Data = t.Columns[2].Data && i.Kind == recon.Invoice
		t.Columns[3].Data = t.Columns[3].Data && i.Side == recon.Receivable
		t.Rows = append(t.Rows, []any{i.Customer, i.Number, string(i.Kind), string(i.Side), dueDay(&i), string(l.Status), l.DaysOverdue, string(i.Currency),
			l.money(i.AmountMinor), l.money(l.PaidMinor), l.money(l.OpenMinor), l.Progress, l.NextDue, l.PaidOn, l.disputed(), l.money(l.DisputedMinor), l.Reason})
	}
	for _, l := range r.Totals {
		name := "Total"
		if slices.ContainsFunc(r.Totals, func(t ItemLine) bool { return t.Item.Side == recon.Payable }) {
			name = map[recon.Side]string{recon.Receivable: "Owed to us", recon.Payable: "We owe"}[l.Item.Side]
		}
		t.Totals = append(t.Totals, []any{name, nil, nil, nil, nil, nil, nil, string(l.Item.Currency), l.money(l.Item.AmountMinor), l.money(l.PaidMinor), l.money(l.OpenMinor),
			nil, nil, nil, nil, nil, nil})
	}
	return []Table{t}
}

func (l ItemLine) money(minor int64) recon.Money {
	return recon.Money{Minor: l.Sign * minor, Currency: l.Item.Currency}
}

func (l ItemLine) disputed() string {
	if l.DisputedMinor == 0 {
		return ""
	}
	return "yes"
}
