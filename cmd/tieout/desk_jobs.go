package main

import (
	"context"
	"fmt"
	"io"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/review"
	"github.com/tieout/tieout/worker"
)

// longWork hands the desk what goes on after a request was answered.
func longWork(work *review.Work, by func(review.Actor) *worker.Pipeline) {
	work.Ingest = func(ctx context.Context, actor review.Actor, path, account string, progress review.Progress) (review.Received, error) {
		p := by(actor)
		p.Progress = progress
		all, _, err := p.Ingest(ctx, []string{path}, account)
		if err != nil || len(all) == 0 {
			return review.Received{}, err
		}
		return receivedFor(all[0]), nil
	}
	work.Import = func(ctx context.Context, actor review.Actor, kind, name string, r io.Reader) (review.Imported, error) {
		imported, err := importKind(ctx, by(actor), kind, name, r)
		return review.Imported{Taken: imported.Done(), New: imported.New, Changed: imported.Changed, Unchanged: imported.Unchanged, Settled: imported.Settled,
			Advances: imported.Advances, Problems: imported.Problems}, err
	}
	work.Run = func(ctx context.Context, actor review.Actor, progress review.Progress) (review.Ran, error) {
		p := by(actor)
		p.Progress = progress
		result, err := p.Run(ctx)
		ran := review.Ran{Files: len(result.Received), Applied: result.Matched.Applied, Queued: result.Matched.Queued, Faults: len(result.Matched.Faults),
			TiesOut: result.Report.TiesOut() && !worker.AnyBroken(result.Checks)}
		for _, f := range result.Received {
			switch f.State {
			case recon.FileRefused:
				ran.Refused++
			case recon.FileHeld:
				ran.Held++
			}
		}
		return ran, err
	}
}

func receivedFor(f worker.Received) review.Received {
	r := review.Received{File: f.File, State: f.State, Duplicate: f.Duplicate, Format: f.Format, New: f.New, Duplicates: f.Duplicates, Pending: f.Pending, Problems: f.Problems}
	for _, s := range f.Statements {
		r.Statements = append(r.Statements, s.StatementRow)
	}
	return r
}

func importKind(ctx context.Context, p *worker.Pipeline, kind, name string, r io.Reader) (worker.Imported, error) {
	switch kind {
	case "items":
		return p.ImportItems(ctx, r, worker.ItemsImport{Name: name})
	case "customers":
		return p.ImportCustomers(ctx, r, name, ingest.ImportOptions{})
	case "instalments":
		return p.ImportInstalments(ctx, r, name, ingest.ImportOptions{})
	case "disputes":
		return p.ImportDisputes(ctx, r, name, ingest.ImportOptions{})
	}
	return worker.Imported{}, fmt.Errorf("no import of %q", kind)
}
