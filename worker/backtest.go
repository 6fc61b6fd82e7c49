package worker

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
	"github.com/tieout/tieout/store"
)

// Backtest says how other rules would have decided what was decided. Amounts are minor units of the currency beside them.
type Backtest struct {
	Rules        string // version of the other rules
	Rounds       int    // in which the engine decided
	Receipts     int    // that it decided, returns included
	Changes      []BacktestChange
	Reasons      []BacktestReason // what the old and the new decisions in force say, by currency and reason
	Contradicted int              // decisions of people that the new rules would contradict
	Confirmed    int              // decisions of people that the new rules would have made
	Faults       []matcher.Fault  // of the audit: then nothing else of it counts
}

// BacktestChange is a receipt or return that would have come out otherwise.
type BacktestChange struct {
	Entry         int64
	BankReference string
	Booked        recon.Date
	Currency      recon.Currency
	AmountMinor   int64 // negative of a return
	What          string
	Old, New      BacktestDecision
	ByPerson      bool // a person made the old decision
}

// What changes.
const (
	WouldApply     = "applied"   // instead of queued
	WouldQueue     = "queued"    // instead of applied
	WouldDiffer    = "otherwise" // other lines
	WouldReason    = "reason"    // the same for another reason
	WouldConfirm   = "confirmed" // what a person decided
	WouldOverrule  = "overruled" // a person decided otherwise
	WouldBeHandled = "set aside" // neither applied nor queued
)

// BacktestDecision is what was decided, or would be.
type BacktestDecision struct {
	Outcome recon.Outcome
	Reason  recon.Reason
	Lines   []BacktestLine
}

// BacktestLine is a line of a decision with the numbers of its items.
type BacktestLine struct {
	Kind        recon.Kind
	Item        string // "" for kinds that touch none
	AmountMinor int64  // negative where a return takes it back
}

// BacktestReason counts receipts and returns with their amounts, as they were decided and as they would be.
type BacktestReason struct {
	Currency           recon.Currency
	Reason             recon.Reason
	Old, New           int
	OldMinor, NewMinor int64
}

// Backtest decides all of history again under other rules, round by round, and stores nothing. Each round sees the books as they were
// then, with what the new rules would have applied in the place of what the engine applied; what people did stays, unless
// the new rules decided the receipt before them. Customers and the terms of items are taken as they are today.
func (p *Pipeline) Backtest(ctx context.Context, set rules.Set) (Backtest, error) {
	h := chronicle{}
	if err := p.Store.Snapshot(ctx, p.Entity.ID, func(view store.View) error { return h.read(view) }); err != nil {
		return Backtest{}, fmt.Errorf("backtest: %w", err)
	}
	keys := matcher.Keys(h.receipts, h.returns)
	book, err := p.Store.LoadBook(ctx, p.Entity.ID, recon.Keys{References: keys.References})
	if err != nil {
		return Backtest{}, fmt.Errorf("backtest: %w", err)
	}
	runs, err := p.Store.Runs(ctx, p.Entity.ID, 0)
	if err != nil {
		return Backtest{}, fmt.Errorf("backtest: %w", err)
	}
	r := newReplay(p.Entity.ID, &h, set, book.Foreign)
	result := Backtest{Rules: set.Version}
	moments := r.moments(runs)
	for n, m := range moments {
		if m.round {
			p.progress("backtest", n, len(moments))
			result.Rounds++
			if result.Faults = r.round(m.at); len(result.Faults) > 0 {
				return result, nil
			}
			continue
		}
		m.happen()
	}
	p.progress("backtest", len(moments), len(moments))
	r.compare(&result)
	return result, nil
}

// compare sets the old decisions beside the new ones.
func (r *replay) compare(result *Backtest) {
	reasons := map[[2]string]*BacktestReason{}
	of := func(currency recon.Currency, reason recon.Reason) *BacktestReason {
		k := [2]string{string(currency), string(reason)}
		if reasons[k] == nil {
			reasons[k] = &BacktestReason{Currency: currency, Reason: reason}
		}
		return reasons[k]
	}
	for _, a := range r.asked {
		old, decided := r.stored(a)
		if !decided || a.decision.Outcome == "" {
			continue
		}
		result.Receipts++
		c := BacktestChange{Entry: a.id, BankReference: a.reference, Booked: a.booked, Currency: a.currency, AmountMinor: a.amount(), Old: old.BacktestDecision,
			New: r.told(a), ByPerson: old.byPerson}
		was, is := of(a.currency, c.Old.Reason), of(a.currency, c.New.Reason)
		was.Old++
		was.OldMinor += a.minor
		is.New++
		is.NewMinor += a.minor
		if c.What = changeOf(&c, a.byPerson); c.What == "" {
			continue
		}
		result.Changes = append(result.Changes, c)
		switch c.What {
		case WouldOverrule:
			result.Contradicted++
		case WouldConfirm:
			result.Confirmed++
		}
	}
	result.Reasons = slices.SortedFunc(values(reasons), func(a, b BacktestReason) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Reason, b.Reason))
	})
}

func values(reasons map[[2]string]*BacktestReason) func(func(BacktestReason) bool) {
	return func(yield func(BacktestReason) bool) {
		for r := range maps.Values(reasons) {
			if !yield(*r) {
				return
			}
		}
	}
}

// changeOf says what changes, "" where nothing does: a person who decides after the new rules have queued a receipt decides as before.
func changeOf(c *BacktestChange, personAgain bool) string {
	same := slices.Equal(c.Old.Lines, c.New.Lines)
	final := func(d BacktestDecision) bool { return d.Outcome != recon.Queued }
	switch {
	case c.ByPerson && personAgain, c.ByPerson && !final(c.New):
		return ""
	case c.ByPerson && same && len(c.New.Lines) > 0:
		return WouldConfirm
	case c.ByPerson:
		return WouldOverrule
	case c.Old.Outcome == recon.Queued && c.New.Outcome == recon.Queued, c.Old.Outcome == c.New.Outcome && same:
		if c.Old.Reason == c.New.Reason {
			return ""
		}
		return WouldReason
	case c.New.Outcome == recon.Queued:
		return WouldQueue
	case len(c.New.Lines) == 0:
		return WouldBeHandled
	case c.Old.Outcome == recon.Queued:
		return WouldApply
	}
	return WouldDiffer
}
