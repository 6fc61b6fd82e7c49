package books

import (
	"cmp"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/tieout/tieout/recon"
)

// Placed is what money, with the credit notes used beside it, did to an item. An empty Item stands for money kept on account or
// as an advance. Amounts are negative where a return took them back.
type Placed struct {
	Item  string
	Minor int64
}

// Expected is the truth about one receipt.
type Expected struct {
	Apply  bool
	Lines  []Placed // what it pays; of a queued receipt what a person would decide, nil where nobody says
	Family string   // kind of situation, "" where none is given
}

// Stored is what the books hold about one receipt or return.
type Stored struct {
	Entry       int64
	Reference   string // of the bank
	Currency    recon.Currency
	AmountMinor int64 // signed
	Outcome     recon.Outcome
	Reason      recon.Reason
	Lines       []Placed
	Notes       []Placed   // credit notes that it used, which a truth may list too
	Proposals   [][]Placed // ranked
}

// applied reports whether the engine applied something.
func (s *Stored) applied() bool {
	return s.Outcome == recon.Auto || s.Outcome == recon.Reversed && len(s.Lines) > 0
}

// queued reports whether it waits for a person, or waited until the bank took it back.
func (s *Stored) queued() bool {
	return s.Outcome == recon.Queued || s.Outcome == recon.Reversed && len(s.Lines) == 0
}

// Tally counts receipts by what was expected and what became of them.
type Tally struct {
	Apply, Right, Missed int // to apply: applied so; queued or set aside instead
	Queue, Queued        int // to queue: queued
	Wrong                int // applied otherwise than expected
	Uncalled             int // of Wrong: those to queue
	Answers, Answered    int // queued with an answer: the answer is among the first three proposals
	Lines, LinesRight    int // amounts of items expected, and applied so
}

func (t *Tally) add(o Tally) {
	t.Apply += o.Apply
	t.Right += o.Right
	t.Missed += o.Missed
	t.Queue += o.Queue
	t.Queued += o.Queued
	t.Wrong += o.Wrong
	t.Uncalled += o.Uncalled
	t.Answers += o.Answers
	t.Answered += o.Answered
	t.Lines += o.Lines
	t.LinesRight += o.LinesRight
}

// Applied is how many receipts were applied, right or wrong.
func (t Tally) Applied() int { return t.Right + t.Wrong }

// Receipts is how many receipts were judged.
func (t Tally) Receipts() int { return t.Apply + t.Queue }

// Value is how much of what should be applied was applied so, in one currency. Both count what came in.
type Value struct {
	Currency                  recon.Currency
	ExpectedMinor, RightMinor int64
}

// Finding is a receipt that came out otherwise than expected.
type Finding struct {
	Stored   Stored
	Expected Expected
	What     string // wrong, missed, uncalled, no answer
}

// Findings.
const (
	FoundWrong    = "wrong"     // applied otherwise than expected
	FoundUncalled = "uncalled"  // applied, and should be queued
	FoundMissed   = "missed"    // not applied, and should be
	FoundLost     = "lost"      // neither applied nor queued
	FoundNoAnswer = "no answer" // queued, and the answer is not among the first three proposals
)

// Evaluation says how stored decisions compare with the truth.
type Evaluation struct {
	Tally
	Families map[string]*Tally
	Reasons  map[recon.Reason]*Tally // by what the decision says
	Values   map[recon.Currency]*Value
	Findings []Finding
	ByPeople int // receipts that a person decided; they are not judged
}

// NewEvaluation returns one of nothing.
func NewEvaluation() *Evaluation {
	return &Evaluation{Families: map[string]*Tally{}, Reasons: map[recon.Reason]*Tally{}, Values: map[recon.Currency]*Value{}}
}

// Add joins another evaluation.
func (e *Evaluation) Add(o *Evaluation) {
	e.Tally.add(o.Tally)
	for family, t := range o.Families {
		tallyOf(e.Families, family).add(*t)
	}
	for reason, t := range o.Reasons {
		tallyOf(e.Reasons, reason).add(*t)
	}
	for currency, v := range o.Values {
		sum := e.value(currency)
		sum.ExpectedMinor += v.ExpectedMinor
		sum.RightMinor += v.RightMinor
	}
	e.Findings = append(e.Findings, o.Findings...)
	e.ByPeople += o.ByPeople
}

func tallyOf[K comparable](all map[K]*Tally, key K) *Tally {
	if all[key] == nil {
		all[key] = &Tally{}
	}
	return all[key]
}

func (e *Evaluation) value(currency recon.Currency) *Value {
	if e.Values[currency] == nil {
		e.Values[currency] = &Value{Currency: currency}
	}
	return e.Values[currency]
}

// Judge compares what is expected of the receipts with one bank reference with what is stored of them. Banks repeat references: then
// each receipt takes the expectation that it meets, as long as there is one; the others take those that are left, in order.
func (e *Evaluation) Judge(expected []Expected, stored []Stored) {
	left := slices.Clone(expected)
	var rest []*Stored
	for i := range stored {
		at := slices.IndexFunc(left, func(x Expected) bool { return meets(x, &stored[i]) })
		if at < 0 {
			rest = append(rest, &stored[i])
			continue
		}
		e.judge(left[at], &stored[i])
		left = slices.Delete(left, at, at+1)
	}
	for i, s := range rest {
		if i < len(left) {
			e.judge(left[i], s)
		}
	}
}

// meets reports whether a receipt came out as expected.
func meets(x Expected, s *Stored) bool {
	if x.Apply {
		return s.applied() && samePlaces(x.Lines, s)
	}
	return s.queued()
}

// samePlaces compares what was applied with the truth. Money that stands on account counts where the truth speaks of it, credit
// notes used count where the truth lists them.
func samePlaces(expected []Placed, s *Stored) bool {
	got := totals(s.Lines)
	want := totals(expected)
	if _, told := want[""]; !told && len(want) > 0 {
		delete(got, "")
	}
	for _, note := range s.Notes {
		if _, told := want[note.Item]; told {
			got[note.Item] += note.Minor
		}
	}
	return maps.Equal(got, want)
}

func totals(lines []Placed) map[string]int64 {
	sums := map[string]int64{}
	for _, l := range lines {
		if sums[l.Item] += l.Minor; sums[l.Item] == 0 {
			delete(sums, l.Item)
		}
	}
	return sums
}

// PerItem adds up the amounts of each item, by its number.
func PerItem(lines []Placed) []Placed {
	sums := totals(lines)
	var all []Placed
	for _, item := range slices.Sorted(maps.Keys(sums)) {
		all = append(all, Placed{item, sums[item]})
	}
	return all
}

func (e *Evaluation) judge(x Expected, s *Stored) {
	if s.Outcome == recon.Manual || s.Outcome == recon.SetAside && s.Reason == recon.ReasonManual {
		e.ByPeople++
		return
	}
	var t Tally
	what := ""
	if x.Apply {
		what = t.toApply(x, s)
		v := e.value(s.Currency)
		v.ExpectedMinor += max(s.AmountMinor, -s.AmountMinor)
		if t.Right > 0 {
			v.RightMinor += max(s.AmountMinor, -s.AmountMinor)
		}
	} else {
		what = t.toQueue(x, s)
	}
	if what != "" {
		e.Findings = append(e.Findings, Finding{Stored: *s, Expected: x, What: what})
	}
	e.Tally.add(t)
	tallyOf(e.Families, x.Family).add(t)
	tallyOf(e.Reasons, s.Reason).add(t)
}

// toApply counts a receipt that an expert applies.
func (t *Tally) toApply(x Expected, s *Stored) (what string) {
	t.Apply, t.Lines = 1, len(x.Lines)
	got := totals(s.Lines)
	switch {
	case !s.applied():
		t.Missed, what = 1, FoundMissed
		return what
	case samePlaces(x.Lines, s):
		t.Right = 1
	default:
		t.Wrong, what = 1, FoundWrong
	}
	for item, minor := range totals(x.Lines) {
		if got[item] == minor {
			t.LinesRight++
		}
	}
	if t.Right == 1 {
		t.LinesRight = t.Lines
	}
	return what
}

// proposalsRead is how many proposals a person is expected to read.
const proposalsRead = 3

// toQueue counts a receipt that an expert hands to a person.
func (t *Tally) toQueue(x Expected, s *Stored) (what string) {
	t.Queue = 1
	if len(x.Lines) > 0 {
		t.Answers = 1
	}
	switch {
	case s.applied():
		t.Wrong, t.Uncalled = 1, 1
		return FoundUncalled
	case !s.queued():
		return FoundLost
	}
	t.Queued = 1
	if t.Answers == 0 {
		return ""
	}
	for _, lines := range s.Proposals[:min(len(s.Proposals), proposalsRead)] {
		if samePlaces(x.Lines, &Stored{Lines: lines}) {
			t.Answered = 1
			return ""
		}
	}
	return FoundNoAnswer
}

// Ranked returns the keys of a table of tallies: those with wrong applications first, then by name.
func Ranked[K cmp.Ordered](tallies map[K]*Tally) []K {
	return slices.SortedFunc(maps.Keys(tallies), func(a, b K) int {
		return cmp.Or(cmp.Compare(tallies[b].Wrong, tallies[a].Wrong), cmp.Compare(a, b))
	})
}

// SortedValues returns the values by currency.
func (e *Evaluation) SortedValues() []Value {
	var values []Value
	for _, currency := range slices.Sorted(maps.Keys(e.Values)) {
		values = append(values, *e.Values[currency])
	}
	return values
}

// Percent writes the share that was applied rightly, rounded down to hundredths of a percent; "–" of nothing.
func (v Value) Percent() string {
	if v.ExpectedMinor == 0 {
		return "–"
	}
	share := decimal.NewFromInt(v.RightMinor).Shift(2).DivRound(decimal.NewFromInt(v.ExpectedMinor), 6).Truncate(2)
	return share.StringFixed(2) + " %"
}
