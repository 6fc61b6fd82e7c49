package books

import (
	"math"
	"testing"

	"github.com/tieout/tieout/recon"
)

func TestIntervals(t *testing.T) {
	// By the formulas of Wilson (1927) and of Clopper and Pearson (1934), as tables have them.
	for _, c := range []struct {
		name         string
		rate         Rate
		lower, upper float64
	}{
		{"Wilson 10 of 100", WilsonRate(10, 100), 0.0552, 0.1744},
		{"Wilson 0 of 20", WilsonRate(0, 20), 0, 0.1611},
		{"Wilson 20 of 20", WilsonRate(20, 20), 0.8389, 1},
		{"exact 0 of 100", ExactRate(0, 100), 0, 0.0362},
		{"exact 0 of 50000", ExactRate(0, 50_000), 0, 0.0000738},
		{"exact 1 of 10", ExactRate(1, 10), 0.0025, 0.4450},
		{"exact 10 of 100", ExactRate(10, 100), 0.0490, 0.1762},
		{"exact 10 of 10", ExactRate(10, 10), 0.6915, 1},
	} {
		tolerance := 0.00006
		if c.upper < 0.001 {
			tolerance = 0.0000001
		}
		if math.Abs(c.rate.Lower-c.lower) > tolerance || math.Abs(c.rate.Upper-c.upper) > tolerance {
			t.Errorf("%s: %f to %f, expected %f to %f", c.name, c.rate.Lower, c.rate.Upper, c.lower, c.upper)
		}
	}
	if got := WilsonRate(0, 0).String(); got != "–" {
		t.Errorf("nothing is %q", got)
	}
	if got := ExactRate(0, 0).String(); got != "–" {
		t.Errorf("nothing is %q", got)
	}
	if got := WilsonRate(10, 100).String(); got != "10.00 % (5.52–17.44)" {
		t.Errorf("a rate is %q", got)
	}
}

func applied(lines ...Placed) Stored {
	return Stored{Currency: "EUR", AmountMinor: 100, Outcome: recon.Auto, Reason: "reference_exact", Lines: lines}
}

func waiting(proposals ...[]Placed) Stored {
	return Stored{Currency: "EUR", AmountMinor: 100, Outcome: recon.Queued, Reason: "ambiguous_lump", Proposals: proposals}
}

func toApply(lines ...Placed) []Expected { return []Expected{{Apply: true, Lines: lines, Family: "f"}} }

func toQueue(answer ...Placed) []Expected { return []Expected{{Lines: answer, Family: "f"}} }

func TestJudging(t *testing.T) {
	withNote := applied(Placed{"R1", 80}, Placed{"R1", 20})
	withNote.Notes = []Placed{{"CN", 20}}
	backward := Stored{Currency: "EUR", AmountMinor: -100, Outcome: recon.Reversed, Lines: []Placed{{"R1", -100}}}
	cancelled := Stored{Currency: "EUR", AmountMinor: 100, Outcome: recon.Reversed}
	manual := Stored{Currency: "EUR", AmountMinor: 100, Outcome: recon.Manual, Lines: []Placed{{"R9", 100}}}
	for _, c := range []struct {
		name     string
		expected []Expected
		stored   []Stored
		want     Tally
		what     string
	}{
		{"as expected", toApply(Placed{"R1", 100}), []Stored{applied(Placed{"R1", 100})}, Tally{Apply: 1, Right: 1, Lines: 1, LinesRight: 1}, ""},
		{"in two parts", toApply(Placed{"R1", 100}), []Stored{applied(Placed{"R1", 60}, Placed{"R1", 40})}, Tally{Apply: 1, Right: 1, Lines: 1, LinesRight: 1}, ""},
		{"the surplus is not spoken of", toApply(Placed{"R1", 70}), []Stored{applied(Placed{"R1", 70}, Placed{"", 30})}, Tally{Apply: 1, Right: 1, Lines: 1, LinesRight: 1}, ""},
		{"the surplus is spoken of", toApply(Placed{"R1", 70}, Placed{"", 30}), []Stored{applied(Placed{"R1", 100})}, Tally{Apply: 1, Wrong: 1, Lines: 2}, FoundWrong},
		{"on account", toApply(Placed{"", 100}), []Stored{applied(Placed{"", 100})}, Tally{Apply: 1, Right: 1, Lines: 1, LinesRight: 1}, ""},
		{"credit note not listed", toApply(Placed{"R1", 100}), []Stored{withNote}, Tally{Apply: 1, Right: 1, Lines: 1, LinesRight: 1}, ""},
		{"credit note listed", toApply(Placed{"R1", 100}, Placed{"CN", 20}), []Stored{withNote}, Tally{Apply: 1, Right: 1, Lines: 2, LinesRight: 2}, ""},
		{"another item", toApply(Placed{"R1", 100}), []Stored{applied(Placed{"R2", 100})}, Tally{Apply: 1, Wrong: 1, Lines: 1}, FoundWrong},
		{"one of two items", toApply(Placed{"R1", 60}, Placed{"R2", 40}), []Stored{applied(Placed{"R1", 60}, Placed{"R3", 40})}, Tally{Apply: 1, Wrong: 1, Lines: 2, LinesRight: 1}, FoundWrong},
		{"not applied", toApply(Placed{"R1", 100}), []Stored{waiting()}, Tally{Apply: 1, Missed: 1, Lines: 1}, FoundMissed},
		{"taken back", toApply(Placed{"R1", -100}), []Stored{backward}, Tally{Apply: 1, Right: 1, Lines: 1, LinesRight: 1}, ""},
		{"queued", toQueue(), []Stored{waiting()}, Tally{Queue: 1, Queued: 1}, ""},
		{"queued until the bank took it back", toQueue(), []Stored{cancelled}, Tally{Queue: 1, Queued: 1}, ""},
		{"should be queued", toQueue(), []Stored{applied(Placed{"R1", 100})}, Tally{Queue: 1, Wrong: 1, Uncalled: 1}, FoundUncalled},
		{"set aside", toQueue(), []Stored{{Outcome: recon.SetAside, Reason: "charge"}}, Tally{Queue: 1}, FoundLost},
		{"answer second", toQueue(Placed{"R1", 100}), []Stored{waiting([]Placed{{"R2", 100}}, []Placed{{"R1", 100}})}, Tally{Queue: 1, Queued: 1, Answers: 1, Answered: 1}, ""},
		{"answer fourth", toQueue(Placed{"R1", 100}), []Stored{waiting(nil, nil, nil, []Placed{{"R1", 100}})}, Tally{Queue: 1, Queued: 1, Answers: 1}, FoundNoAnswer},
		{"a person's", toApply(Placed{"R1", 100}), []Stored{manual}, Tally{}, ""},
		{"one reference, two receipts", append(toApply(Placed{"R1", 100}), toQueue()...), []Stored{waiting(), applied(Placed{"R1", 100})},
			Tally{Apply: 1, Right: 1, Lines: 1, LinesRight: 1, Queue: 1, Queued: 1}, ""},
		{"one reference, both applied", append(toApply(Placed{"R1", 100}), toQueue()...), []Stored{applied(Placed{"R2", 100}), applied(Placed{"R1", 100})},
			Tally{Apply: 1, Right: 1, Lines: 1, LinesRight: 1, Queue: 1, Wrong: 1, Uncalled: 1}, FoundUncalled},
	} {
		e := NewEvaluation()
		e.Judge(c.expected, c.stored)
		if e.Tally != c.want {
			t.Errorf("%s: %+v, expected %+v", c.name, e.Tally, c.want)
		}
		what := ""
		if len(e.Findings) > 0 {
			what = e.Findings[0].What
		}
		if what != c.what || len(e.Findings) > 1 {
			t.Errorf("%s: found %q, expected %q", c.name, what, c.what)
		}
		sum := NewEvaluation()
		sum.Add(e)
		sum.Add(e)
		if sum.Receipts() != 2*e.Receipts() || len(sum.Findings) != 2*len(e.Findings) {
			t.Errorf("%s: two of them are %+v", c.name, sum.Tally)
		}
	}
}

func TestValueIsNeverRoundedUp(t *testing.T) {
	v := Value{Currency: "EUR", ExpectedMinor: 100_000, RightMinor: 99_999}
	if got := v.Percent(); got != "99.99 %" {
		t.Errorf("got %s", got)
	}
}
