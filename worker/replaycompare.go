package worker

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// storedDecision is what the books say of a receipt or return.
type storedDecision struct {
	BacktestDecision
	byPerson bool
}

// stored is the decision in force; one that a later return made of the receipt says nothing of how it was decided.
func (r *replay) stored(a *asked) (storedDecision, bool) {
	rows := r.decided()[a.id]
	for n := len(rows) - 1; n >= 0; n-- {
		d := rows[n]
		if d.Reason == recon.ReasonReturned && d.Outcome == recon.Queued {
			continue
		}
		s := storedDecision{BacktestDecision: BacktestDecision{Outcome: d.Outcome, Reason: d.Reason}, byPerson: d.Rules == "" && d.Outcome != recon.Queued}
		for _, made := range r.made[d.ID] {
			switch {
			case made.Kind == recon.Refund:
			case made.Reverses == 0 && a.back == nil:
				s.Lines = append(s.Lines, r.line(made, 1))
			case made.Reverses != 0 && a.back != nil:
				s.Lines = append(s.Lines, r.line(made, -1))
			}
		}
		s.Lines = inOrder(s.Lines)
		return s, true
	}
	return storedDecision{}, false
}

// decided are the stored decisions about receipts and returns, by the entry and in order.
func (r *replay) decided() map[int64][]recon.DecisionRow {
	if r.rows == nil {
		r.rows = map[int64][]recon.DecisionRow{}
		for _, d := range r.past.decisions {
			if d.Source == recon.SourceReceipt || d.Source == recon.SourceNone {
				r.rows[d.Receipt] = append(r.rows[d.Receipt], d)
			}
		}
	}
	return r.rows
}

// told is the decision that would be in force.
func (r *replay) told(a *asked) BacktestDecision {
	d := BacktestDecision{Outcome: a.decision.Outcome, Reason: a.decision.Reason}
	for _, l := range a.decision.Lines {
		d.Lines = append(d.Lines, r.line(recon.Application{Kind: l.Kind, Item: l.Item, AmountMinor: l.AmountMinor}, 1))
	}
	for _, made := range a.undone {
		d.Lines = append(d.Lines, r.line(made, -1))
	}
	d.Lines = inOrder(d.Lines)
	return d
}

func (r *replay) line(a recon.Application, sign int64) BacktestLine {
	l := BacktestLine{Kind: a.Kind, AmountMinor: sign * a.AmountMinor}
	if one := r.items[a.Item]; one != nil {
		l.Item = one.Number
	}
	return l
}

// inOrder sorts lines, which have no order of their own.
func inOrder(lines []BacktestLine) []BacktestLine {
	slices.SortFunc(lines, func(a, b BacktestLine) int {
		return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.AmountMinor, b.AmountMinor))
	})
	return lines
}
