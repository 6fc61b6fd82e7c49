package books

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// MorningFacts is what the morning report says beside the books.
type MorningFacts struct {
	Company  string
	Run      RunFacts
	Failure  string // of the run, "" where it ended well
	Missing  []MissingStatement
	FeedAsOf recon.Date // of the last import of open items, 0 where there was none
	Untaken  []string   // written batches that the accounting system has not taken
	Skipped  []string   // runs that were due and did not happen, with the reason
	Unsent   int        // messages that were given up, or failed at least once
	Refunds  []recon.RefundRow
}

// MissingStatement is a statement that should be there.
type MissingStatement struct {
	Account string
	Day     recon.Date // for which it is missing
	Last    recon.Date // to which statements reach
}

// MorningReport says in one page what the night did and what needs a person.
type MorningReport struct {
	Facts     MorningFacts
	Run       RunReport
	Attention []string // what somebody has to do, worst first; none means all is well
	Notes     []string
	WriteOffs []CapUse
	Accounts  StatementsReport
}

// CapUse is what was written off for a customer against its cap.
type CapUse struct {
	Customer            string
	Currency            recon.Currency
	Period              recon.Date // its first day
	UsedMinor, CapMinor int64
}

// staleFeed is after how many days an import of open items is old.
const staleFeed = 3

// Morning reports a run as people read it in the morning.
func Morning(v View, set rules.Set, facts MorningFacts, sentence func(recon.Reason) string) (MorningReport, error) {
	run, err := Run(v, set, facts.Run, sentence)
	if err != nil {
		return MorningReport{}, err
	}
	r := MorningReport{Facts: facts, Run: run}
	if r.Accounts, err = Statements(v, Cut{}); err != nil {
		return r, err
	}
	if r.WriteOffs, err = capUses(v, set, facts.Run.AsOf); err != nil {
		return r, err
	}
	r.attend()
	return r, nil
}

// capUses sums up what rules wrote off in the period of a day, of customers that have used some of their cap.
func capUses(v View, set rules.Set, day recon.Date) ([]CapUse, error) {
	s, err := load(v, everything)
	if err != nil {
		return nil, err
	}
	uses := map[capKey]*CapUse{}
	var order []capKey
	for n := range s.apps {
		a := &s.apps[n]
		bound := set.Differences[a.Currency]
		period := periodOf(day, bound.CapPeriod)
		if !s.live(a) || a.Kind != recon.WriteOff || periodOf(a.Effective, bound.CapPeriod) != period {
			continue
		}
		key := capKey{a.Customer, a.Currency, period}
		if uses[key] == nil {
			uses[key] = &CapUse{Customer: a.Customer, Currency: a.Currency, Period: period, CapMinor: bound.CapMinor}
			order = append(order, key)
		}
		uses[key].UsedMinor += a.AmountMinor
	}
	slices.SortFunc(order, func(a, b capKey) int {
		return cmp.Or(cmp.Compare(uses[b].UsedMinor, uses[a].UsedMinor), cmp.Compare(a.customer, b.customer), cmp.Compare(a.currency, b.currency))
	})
	var list []CapUse
	for _, key := range order[:min(len(order), shownLines)] {
		list = append(list, *uses[key])
	}
	return list, nil
}

// shownLines is how many lines of a list the morning report shows.
const shownLines = 10

// attend says what somebody has to look at.
func (r *MorningReport) attend() {
	act := func(format string, values ...any) { r.Attention = append(r.Attention, fmt.Sprintf(format, values...)) }
	if r.Facts.Failure != "" {
		act("The run failed: %s.", r.Facts.Failure)
	}
	for _, c := range r.Run.Proved {
		if !c.OK {
			act("The books do not tie out: %s (%s).", c.Name, c.Detail)
		}
	}
	for _, m := range r.Facts.Missing {
		act("The statement of account %s for %s is missing; the last one reaches to %s.", m.Account, m.Day, cmp.Or(m.Last.String(), "no day"))
	}
	for _, f := range r.Run.Files {
		if f.File.State == recon.FileHeld || f.File.State == recon.FileRefused {
			act("File %s is %s: tieout files show %d.", f.File.Name, f.File.State, f.File.ID)
		}
	}
	for _, skipped := range r.Facts.Skipped {
		act("A run did not happen: %s.", skipped)
	}
	if r.Facts.Unsent > 0 {
		act("%s could not be delivered: tieout export messages.", plural(r.Facts.Unsent, "message"))
	}
	if fresh := r.fresh(); fresh > 0 {
		act("%s new in the queue: tieout queue.", cases(fresh))
	}
	if age := r.Facts.Run.AsOf.DaysSince(r.Facts.FeedAsOf); r.Facts.FeedAsOf != 0 && age >= staleFeed {
		act("The open items are %d days old: import them anew.", age)
	}
	r.notes()
}

func (r *MorningReport) notes() {
	note := func(format string, values ...any) { r.Notes = append(r.Notes, fmt.Sprintf(format, values...)) }
	if len(r.Run.Files) == 0 {
		note("No bank file came.")
	}
	note("%s in the queue, %d of them new; the oldest is of %s.", cases(len(r.Run.Queue)), r.fresh(), cmp.Or(r.oldest().String(), "no day"))
	if r.Facts.FeedAsOf == 0 {
		note("Open items were never imported.")
	} else {
		note("Open items are as of %s.", r.Facts.FeedAsOf)
	}
	if n := len(r.Facts.Untaken); n > 0 {
		note("The accounting system has not taken %s yet; the first is %s.", exports(n), r.Facts.Untaken[0])
	}
	if n := len(r.Facts.Refunds); n > 0 {
		note("%s on the way to customers.", plural(n, "refund"))
	}
}

func exports(n int) string { return plural(n, "export") }

func cases(n int) string { return plural(n, "case") }

func (r *MorningReport) fresh() (n int) {
	for _, q := range r.Run.Queue {
		if q.New {
			n++
		}
	}
	return n
}

func (r *MorningReport) oldest() (day recon.Date) {
	for _, q := range r.Run.Queue {
		if day == 0 || q.Booked < day {
			day = q.Booked
		}
	}
	return day
}

// Subject is the report in one line: OK, or ACTION with how many things there are to do.
func (r MorningReport) Subject() string {
	if len(r.Attention) == 0 {
		return fmt.Sprintf("OK: %s, %s", r.Facts.Company, r.Facts.Run.AsOf)
	}
	return fmt.Sprintf("ACTION (%d): %s, %s", len(r.Attention), r.Facts.Company, r.Facts.Run.AsOf)
}

// Tables returns the report as tables, what needs somebody first.
func (r MorningReport) Tables() []Table {
	attention := Table{Title: r.Subject(), Columns: []Column{{Key: "what", Name: "What to do", Wide: 100, Wrap: true}}, Notes: r.Notes}
	for _, what := range r.Attention {
		attention.Rows = append(attention.Rows, []any{what})
	}
	queue := r.Run.queueTable()
	queue.Title = "The largest cases in the queue"
	queue.Rows = queue.Rows[:min(len(queue.Rows), shownLines)]
	return append([]Table{attention, r.accountsTable(), r.Run.kindsTable(), r.Run.moneyTable(), queue, r.capsTable(), r.refundsTable()}, r.Run.filesTable(), r.Run.ageingTable(), r.Run.checksTable())
}

func (r MorningReport) accountsTable() Table {
	t := Table{Title: "Accounts", Columns: []Column{{Key: "account", Name: "Account"}, {Key: "until", Name: "Statements until", Kind: Day}, {Key: "closing", Name: "Closing", Kind: Amount},
		{Key: "currency", Name: "Cur"}, {Key: "gaps", Name: "Gaps", Kind: Count}, {Key: "held", Name: "Held", Kind: Count}}}
	for _, a := range r.Accounts.Accounts {
		var until recon.Date
		for _, l := range a.Links {
			_, to := days(l.Statement)
			until = max(until, to)
		}
		t.Rows = append(t.Rows, []any{cmp.Or(a.Account.ID, "(unknown)"), until, balanceCell(a.Closing, a.Account.Currency), string(a.Account.Currency), a.Gaps, len(a.Held)})
	}
	return t
}

func (r MorningReport) capsTable() Table {
	t := Table{Title: "Written off against the caps", Columns: []Column{{Key: "customer", Name: "Customer"}, {Key: "since", Name: "Since", Kind: Day}, {Key: "used", Name: "Written off", Kind: Amount},
		{Key: "cap", Name: "Cap", Kind: Amount}, {Key: "currency", Name: "Cur"}}}
	for _, u := range r.WriteOffs {
		t.Rows = append(t.Rows, []any{u.Customer, u.Period, recon.Money{Minor: u.UsedMinor, Currency: u.Currency}, recon.Money{Minor: u.CapMinor, Currency: u.Currency}, string(u.Currency)})
	}
	return t
}

func (r MorningReport) refundsTable() Table {
	t := Table{Title: "Refunds on their way", Columns: []Column{{Key: "refund", Name: "Refund"}, {Key: "customer", Name: "Customer"}, {Key: "date", Name: "Date", Kind: Day}, {Key: "amount", Name: "Amount", Kind: Amount}, {Key: "currency", Name: "Cur"}}}
	for _, f := range r.Facts.Refunds {
		t.Rows = append(t.Rows, []any{fmt.Sprintf("a%d", f.ID), f.Customer, f.Date, recon.Money{Minor: f.AmountMinor, Currency: f.Currency}, string(f.Currency)})
	}
	return t
}
