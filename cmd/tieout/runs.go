package main

import (
	"context"
	"strconv"
	"time"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/worker"
)

// runHistory is the list of the last runs with their statistics, newest first.
func runHistory(ctx context.Context, p *worker.Pipeline, last int) (books.Table, error) {
	table := books.Table{Title: "Runs", Columns: []books.Column{
		{Key: "run", Name: "Run", Kind: books.Count}, {Key: "started", Name: "Started"}, {Key: "seconds", Name: "Seconds"}, {Key: "state", Name: "State"},
		{Key: "actor", Name: "By", Extra: true}, {Key: "files", Name: "Files", Kind: books.Count}, {Key: "refused", Name: "Refused", Kind: books.Count},
		{Key: "held", Name: "Held", Kind: books.Count}, {Key: "entries", Name: "Entries", Kind: books.Count}, {Key: "receipts", Name: "Receipts", Kind: books.Count},
		{Key: "applied", Name: "Applied", Kind: books.Count}, {Key: "queued", Name: "Queued", Kind: books.Count}, {Key: "faults", Name: "Faults", Kind: books.Count},
		{Key: "rules", Name: "Rules", Data: true}}}
	runs, err := p.Store.Runs(ctx, p.Entity.ID, last)
	if err != nil {
		return table, err
	}
	for _, r := range runs {
		took := ""
		if !r.Finished.IsZero() {
			took = strconv.FormatFloat(r.Finished.Sub(r.Started).Seconds(), 'f', 1, 64)
		}
		s := r.Stats
		table.Rows = append(table.Rows, []any{int(r.ID), r.Started.UTC().Format(time.RFC3339), took, r.State, r.Actor, s.Files, s.Refused, s.Held, s.Entries,
			s.Receipts, s.Applied, s.Queued, s.Faults, r.Rules})
	}
	return table, nil
}
