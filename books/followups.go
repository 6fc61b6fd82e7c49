package books

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// Action is what is to be done about an open item.
type Action string

// Actions. One item may need two of them: its disputed part is routed, the rest is reminded of.
const (
	ActionRemind      Action = "remind"       // the customer is reminded of the amount
	ActionHold        Action = "hold"         // no reminder: money of the customer waits to be applied
	ActionWait        Action = "wait"         // no reminder before the next date
	ActionRoute       Action = "route"        // no reminder: the owner settles the dispute with the customer
	ActionIssueCredit Action = "issue_credit" // the dispute was lost: a credit note is to be issued
	ActionDone        Action = "done"         // nothing is open any more
)

// Followup is an action about an item.
type Followup struct {
	Item        recon.Item
	Name, Email string // of the customer
	Action      Action
	AmountMinor int64 // of this action
	OpenMinor   int64 // of the whole item
	NextDate    recon.Date
	Reason      string // overdue, part_paid, returned, unapplied_cash, instalment, promised, dispute
	Phrase      string // the payer's words that raised a dispute, quoted
	Owner       string // of a dispute
	DaysOverdue int
}

// FollowupReport is what is to be done about open invoices on a day.
type FollowupReport struct {
	AsOf recon.Date
	Rows []Followup // by customer, due day and number
}

// Followups says what is to be done about each open invoice as of a day. Invoices that are simply not due yet are left out.
func Followups(v View, cut Cut, asOf recon.Date) (FollowupReport, error) {
	s, err := load(v, sight{Cut: cut})
	if err != nil {
		return FollowupReport{}, err
	}
	f := &followups{state: s, asOf: asOf, customers: map[string]recon.Customer{}, waiting: map[customerKey]int64{}, returned: map[int64]bool{}}
	for _, c := range s.customers {
		f.customers[c.Code] = c
	}
	if err := newJournal(s, rules.Ledger{}, f.unapplied).run(v); err != nil {
		return FollowupReport{}, err
	}
	f.bounced()
	for n := range s.items {
		f.item(&s.items[n])
	}
	slices.SortStableFunc(f.rows, func(a, b Followup) int {
		return cmp.Or(cmp.Compare(a.Item.Customer, b.Item.Customer), cmp.Compare(dueDay(&a.Item), dueDay(&b.Item)), cmp.Compare(a.Item.Number, b.Item.Number))
	})
	return FollowupReport{AsOf: asOf, Rows: f.rows}, nil
}

type followups struct {
	*state
	asOf      recon.Date
	customers map[string]recon.Customer
	waiting   map[customerKey]int64 // money of a customer that waits, positive
	returned  map[int64]bool        // items whose last payment the bank took back
	rows      []Followup
}

// unapplied adds up what waits of each customer.
func (f *followups) unapplied(transaction []posting) bool {
	for n := range transaction {
		if l := &transaction[n]; l.pocket == unapplied && l.Customer != "" {
			f.waiting[customerKey{l.Customer, l.Currency}] -= l.AmountMinor
		}
	}
	return true
}

// bounced finds the items of which the bank took a payment back, and nothing came since.
func (f *followups) bounced() {
	for n := range f.apps {
		switch a := &f.apps[n]; {
		case a.Item == 0:
		case a.Reverses != 0:
			f.returned[a.Item] = a.Reason == recon.ReasonReturned
		case f.live(a):
			f.returned[a.Item] = false
		}
	}
}

func (f *followups) item(i *item) {
	if i.since == 0 || i.openMinor <= 0 || i.Side == recon.Payable || i.Kind == recon.CreditNote || i.Cancelled {
		return
	}
	disputed := f.disputedMinor(i, f.asOf)
	if disputed > 0 {
		d := f.dispute(i)
		row := f.row(i, ActionRoute, disputed, "dispute")
		row.Phrase, row.Owner = d.Phrase, d.Owner
		if d.Phrase == "" {
			row.Phrase = d.Reason
		}
		if d.Agreed != 0 {
			row.Action = ActionIssueCredit
		}
		f.rows = append(f.rows, row)
	}
	if rest := i.openMinor - disputed; rest > 0 {
		f.rest(i, rest)
	}
}

// rest says what becomes of what is not disputed.
func (f *followups) rest(i *item, rest int64) {
	var due int64
	var next, oldest recon.Date
	for _, part := range i.dueParts(rest) {
		switch {
		case part.due != 0 && part.due < f.asOf:
			due += part.minor
			if oldest == 0 || part.due < oldest {
				oldest = part.due
			}
		case part.due != 0 && (next == 0 || part.due < next):
			next = part.due
		}
	}
	promised := f.promised(i)
	row := f.row(i, ActionRemind, due, f.why(i))
	row.NextDate = next
	if oldest != 0 {
		row.DaysOverdue = f.asOf.DaysSince(oldest)
	}
	switch {
	case promised >= f.asOf && promised != 0:
		row.Action, row.Reason, row.NextDate, row.AmountMinor = ActionWait, "promised", promised, rest
	case due == 0 && len(i.Instalments) > 0:
		row.Action, row.Reason, row.AmountMinor = ActionWait, "instalment", rest
	case due == 0 && !f.returned[i.ID] && i.openMinor == i.amountMinor, due == 0 && next == 0:
		return
	case due == 0:
		row.Action, row.AmountMinor = ActionWait, rest
	case f.waiting[customerKey{i.Customer, i.Currency}] > 0:
		row.Action, row.Reason = ActionHold, "unapplied_cash"
	}
	f.rows = append(f.rows, row)
}

func (f *followups) why(i *item) string {
	switch {
	case f.returned[i.ID]:
		return "returned"
	case i.openMinor < i.amountMinor:
		return "part_paid"
	}
	return "overdue"
}

func (f *followups) row(i *item, action Action, minor int64, reason string) Followup {
	c := f.customers[i.Customer]
	return Followup{Item: *i.Item, Name: c.Name, Email: c.Email, Action: action, AmountMinor: minor, OpenMinor: i.openMinor, Reason: reason}
}

// Line is the follow-up as the export writes it.
func (f Followup) Line() FollowupLine {
	money := func(minor int64) string { return recon.FormatMinor(minor, f.Item.Currency) }
	return FollowupLine{Item: f.Item.Number, Customer: f.Item.Customer, Name: f.Name, Email: f.Email, Action: string(f.Action), Amount: money(f.AmountMinor), Open: money(f.OpenMinor),
		Currency: string(f.Item.Currency), Due: dueDay(&f.Item).String(), DaysOverdue: strconv.Itoa(f.DaysOverdue), NextDate: f.NextDate.String(), Reason: f.Reason,
		Phrase: f.Phrase, Owner: f.Owner}
}

// FollowupLine is one line of the follow-ups export; the columns are a contract.
type FollowupLine struct {
	Item        string `csv:"item" json:"item"`
	Customer    string `csv:"customer" json:"customer"`
	Name        string `csv:"name" json:"name"`
	Email       string `csv:"email" json:"email"`
	Action      string `csv:"action" json:"action"`
	Amount      string `csv:"amount" json:"amount"`
	Open        string `csv:"open" json:"open"`
	Currency    string `csv:"currency" json:"currency"`
	Due         string `csv:"due" json:"due"`
	DaysOverdue string `csv:"days_overdue" json:"days_overdue"`
	NextDate    string `csv:"next_date" json:"next_date"`
	Reason      string `csv:"reason" json:"reason"`
	Phrase      string `csv:"phrase" json:"phrase"`
	Owner       string `csv:"owner" json:"owner"`
}

// WriteFollowups writes follow-ups as csv or json.
func WriteFollowups(w io.Writer, report FollowupReport, format string) error {
	return writeLines(w, format, report.Rows, Followup.Line)
}

// writeLines writes rows as lines of a machine export.
func writeLines[R, T any](w io.Writer, format string, rows []R, line func(R) T) error {
	out, err := newLineWriter[T](w, format)
	if err != nil {
		return err
	}
	for _, row := range rows {
		text := line(row)
		if err := out.Write(&text); err != nil {
			return fmt.Errorf("write export: %w", err)
		}
	}
	return out.Close()
}
