package books

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// Bucket is how late open money is.
type Bucket int

// Buckets of an ageing.
const (
	NotDue Bucket = iota
	Late30        // 1 to 30 days past due
	Late60
	Late90
	LateMore
	buckets
)

var bucketNames = [buckets]string{"Not due", "1-30", "31-60", "61-90", "over 90"}
var bucketKeys = [buckets]string{"not_due", "days_1_30", "days_31_60", "days_61_90", "days_over_90"}

// AgeingReport is what customers owe on a day, by how long it is due.
type AgeingReport struct {
	AsOf   recon.Date
	Rows   []AgeingRow // by currency and customer; money of unknown payers last
	Totals []AgeingRow // one for each currency, without customer
}

// AgeingRow is one customer in one currency. Credit notes count negative in the bucket of their due day; money that was
// received and pays no item yet is negative too.
type AgeingRow struct {
	Customer, Name string // "" of money whose payer is unknown
	Currency       recon.Currency
	OpenMinor      [buckets]int64 // not in dispute
	DisputedMinor  int64
	ScheduledMinor int64 // lines of payment plans that are not due yet
	HeldMinor      int64 // on account and advances, ≤ 0
	UnappliedMinor int64 // not decided yet, ≤ 0 but for returns that nobody has placed
	BalanceMinor   int64 // sum of all of these
}

// Ageing returns what is open on receivables within a cut, aged on the day asOf: parts of a payment plan by their own due
// days, the rest by the item's; an item without a due day is due on its issue day.
func Ageing(v View, cut Cut, asOf recon.Date) (AgeingReport, error) {
	return ageing(v, sight{Cut: cut}, asOf)
}

func ageing(v View, seen sight, asOf recon.Date) (AgeingReport, error) {
	s, err := load(v, seen)
	if err != nil {
		return AgeingReport{}, err
	}
	a := &ageingRows{state: s, asOf: asOf, rows: map[customerKey]*AgeingRow{}}
	for n := range s.items {
		a.item(&s.items[n])
	}
	if err := newJournal(s, rules.Ledger{}, a.held).run(v); err != nil {
		return AgeingReport{}, err
	}
	return a.report(), nil
}

type customerKey struct {
	customer string
	currency recon.Currency
}

type ageingRows struct {
	*state
	asOf recon.Date
	rows map[customerKey]*AgeingRow
}

func (a *ageingRows) row(customer string, currency recon.Currency) *AgeingRow {
	key := customerKey{customer, currency}
	row := a.rows[key]
	if row == nil {
		row = &AgeingRow{Customer: customer, Currency: currency}
		a.rows[key] = row
	}
	return row
}

func (a *ageingRows) item(i *item) {
	if i.openMinor == 0 || i.Side == recon.Payable {
		return
	}
	row := a.row(i.Customer, i.Currency)
	if i.Kind == recon.CreditNote {
		row.OpenMinor[a.bucket(dueDay(i.Item))] -= i.openMinor
		return
	}
	disputed := a.disputedMinor(i, a.asOf)
	row.DisputedMinor += disputed
	for _, part := range i.dueParts(i.openMinor - disputed) {
		if bucket := a.bucket(part.due); bucket == NotDue && len(i.Instalments) > 0 {
			row.ScheduledMinor += part.minor
		} else {
			row.OpenMinor[bucket] += part.minor
		}
	}
}

// bucket of a day: due today is not late.
func (a *ageingRows) bucket(due recon.Date) Bucket {
	if due == 0 || due >= a.asOf {
		return NotDue
	}
	late := a.asOf.DaysSince(due)
	return min(Late30+Bucket((late-1)/30), LateMore)
}

// dueDay is when an item is due, its issue day where nothing is said.
func dueDay(i *recon.Item) recon.Date { return cmp.Or(i.DueDate, i.IssueDate) }

// disputedMinor is how much of what is open was in dispute on a day.
func (s *state) disputedMinor(i *item, asOf recon.Date) int64 {
	switch d := s.dispute(i); {
	case d == nil || i.openMinor <= 0 || asOf != 0 && d.Since > asOf:
		return 0
	case d.AmountMinor == 0:
		return i.openMinor
	default:
		return min(d.AmountMinor, i.openMinor)
	}
}

// part is a part of what is open with its due day.
type part struct {
	due   recon.Date
	minor int64
}

// dueParts spreads what is open over the payment plan. Instalments are paid in their order, so what is open are the last
// ones; what the plan does not cover is due with the item. Less than nothing is open where more was paid than the item amounts
// to on that day.
func (i *item) dueParts(minor int64) (parts []part) {
	for _, line := range slices.Backward(i.Instalments) {
		if take := min(line.AmountMinor, minor); !line.Void && take > 0 {
			parts = append(parts, part{line.DueDate, take})
			minor -= take
		}
	}
	if minor != 0 {
		parts = append(parts, part{dueDay(i.Item), minor})
	}
	return parts
}

// held counts money that pays no item: the journal says whose it is.
func (a *ageingRows) held(transaction []posting) bool {
	for n := range transaction {
		switch l := &transaction[n]; l.pocket {
		case onAccount, advances:
			a.row(l.Customer, l.Currency).HeldMinor += l.AmountMinor
		case unapplied, suspense, returnsWait:
			a.row(l.Customer, l.Currency).UnappliedMinor += l.AmountMinor
		}
	}
	return true
}

func (a *ageingRows) report() AgeingReport {
	report := AgeingReport{AsOf: a.asOf}
	names := map[string]string{}
	for _, c := range a.customers {
		names[c.Code] = c.Name
	}
	totals := map[recon.Currency]*AgeingRow{}
	for _, row := range a.rows {
		row.Name = names[row.Customer]
		row.BalanceMinor = row.DisputedMinor + row.ScheduledMinor + row.HeldMinor + row.UnappliedMinor
		for _, minor := range row.OpenMinor {
			row.BalanceMinor += minor
		}
		if !row.empty() {
			report.Rows = append(report.Rows, *row)
		}
	}
	slices.SortFunc(report.Rows, func(a, b AgeingRow) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), cmp.Compare(unknownLast(a), unknownLast(b)), cmp.Compare(a.Customer, b.Customer))
	})
	for _, row := range report.Rows {
		if totals[row.Currency] == nil {
			totals[row.Currency] = &AgeingRow{Currency: row.Currency}
		}
		totals[row.Currency].add(row)
	}
	for _, currency := range sortedKeys(totals) {
		report.Totals = append(report.Totals, *totals[currency])
	}
	return report
}

func unknownLast(r AgeingRow) int {
	if r.Customer == "" {
		return 1
	}
	return 0
}

// empty reports whether nothing stands in any column: amounts of a row may well add up to nothing.
func (r AgeingRow) empty() bool {
	return r.OpenMinor == [buckets]int64{} && r.DisputedMinor == 0 && r.ScheduledMinor == 0 && r.HeldMinor == 0 && r.UnappliedMinor == 0
}

func (r *AgeingRow) add(other AgeingRow) {
	for n, minor := range other.OpenMinor {
		r.OpenMinor[n] += minor
	}
	r.DisputedMinor += other.DisputedMinor
	r.ScheduledMinor += other.ScheduledMinor
	r.HeldMinor += other.HeldMinor
	r.UnappliedMinor += other.UnappliedMinor
	r.BalanceMinor += other.BalanceMinor
}

// Tables returns the report as one table.
func (r AgeingReport) Tables() []Table {
	t := Table{Title: "Ageing of receivables as of " + r.AsOf.String(), Columns: []Column{{Key: "customer", Name: "Customer", Wide: 12}, {Key: "name", Name: "Name", Wide: 18, Extra: true}, {Key: "currency", Name: "Cur"}}}
	for b := range buckets {
		t.Columns = append(t.Columns, Column{Key: bucketKeys[b], Name: bucketNames[b], Kind: Amount, Spare: true})
	}
	t.Columns = append(t.Columns, Column{Key: "disputed", Name: "Disputed", Kind: Amount, Spare: true},
		Column{Key: "scheduled", Name: "Scheduled", Kind: Amount, Spare: true}, Column{Key: "held", Name: "On account", Kind: Amount, Spare: true},
		Column{Key: "unapplied", Name: "Unapplied", Kind: Amount, Spare: true}, Column{Key: "balance", Name: "Balance", Kind: Amount})
	for _, row := range r.Rows {
		t.Rows = append(t.Rows, row.cells(cmp.Or(row.Customer, "(unknown)"), row.Name))
	}
	for _, row := range r.Totals {
		t.Totals = append(t.Totals, row.cells("Total", ""))
	}
	return []Table{t}
}

func (r AgeingRow) cells(customer, name string) []any {
	cells := []any{customer, name, string(r.Currency)}
	for _, minor := range r.OpenMinor {
		cells = append(cells, recon.Money{Minor: minor, Currency: r.Currency})
	}
	for _, minor := range []int64{r.DisputedMinor, r.ScheduledMinor, r.HeldMinor, r.UnappliedMinor, r.BalanceMinor} {
		cells = append(cells, recon.Money{Minor: minor, Currency: r.Currency})
	}
	return cells
}
