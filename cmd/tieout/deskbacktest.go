package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/review"
	"github.com/tieout/tieout/rules"
	"github.com/tieout/tieout/worker"
)

// shownChanges is how many changes of a backtest the desk shows.
const shownChanges = 100

// deskBacktest decides the past again under other rules, for the desk.
func deskBacktest(ctx context.Context, p *worker.Pipeline, text []byte) (review.Backtest, error) {
	set, problems := rules.Load("rules.yaml", text)
	told := review.Backtest{Problems: problems}
	if recon.Worst(problems) == recon.Reject {
		return told, nil
	}
	result, err := p.Backtest(ctx, set)
	if err != nil {
		return told, err
	}
	for _, fault := range result.Faults {
		told.Problems = append(told.Problems, recon.Problem{Code: fault.Code, Severity: recon.Reject, Message: fault.Detail, Try: "nothing would be saved under these rules; tell us"})
	}
	told.Receipts, told.Changed = result.Receipts, len(result.Changes)
	for _, change := range result.Changes {
		at := slices.IndexFunc(told.Counts, func(c review.BacktestCount) bool { return c.Name == change.What })
		if at < 0 {
			at, told.Counts = len(told.Counts), append(told.Counts, review.BacktestCount{Name: change.What})
		}
		told.Counts[at].Receipts++
		if len(told.Changes) < shownChanges {
			told.Changes = append(told.Changes, review.BacktestChange{Receipt: change.Entry, Was: saidOnOneLine(change.Old, change.Currency), Now: saidOnOneLine(change.New, change.Currency)})
		}
	}
	told.Counts = append(told.Counts, review.BacktestCount{Name: "people's decisions contradicted", Receipts: result.Contradicted},
		review.BacktestCount{Name: "people's decisions confirmed", Receipts: result.Confirmed})
	return told, nil
}

// saidOnOneLine says a decision on one line.
func saidOnOneLine(d worker.BacktestDecision, currency recon.Currency) string {
	parts := []string{fmt.Sprintf("%s (%s)", d.Outcome, d.Reason)}
	for _, l := range d.Lines {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%s %s %s", l.Kind, l.Item, recon.FormatMinor(l.AmountMinor, currency))))
	}
	return strings.Join(parts, ", ")
}
