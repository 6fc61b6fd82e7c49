package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

// reportQuestion is what a report is asked.
type reportQuestion struct {
	format, asOf, knownAt string
	cut                   books.Cut
	day                   recon.Date // as of which things are late: --as-of, else today
}

func (a *app) reportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "report",
		Short:   "Ageing, items, statements, and what a run did",
		Example: "  tieout report ageing\n  tieout report items --open --format csv\n  tieout report statements --format html > statements.html",
	}
	cmd.AddCommand(a.reportAgeing(), a.reportItems(), a.reportStatements(), a.reportRun())
	return cmd
}

// reportVerb makes the command of a report; tables reads it from one consistent state.
func (a *app) reportVerb(name, short, example string, tables func(*worker.Pipeline, store.View, reportQuestion) ([]books.Table, error)) *cobra.Command {
	var q reportQuestion
	cmd := &cobra.Command{
		Use: name, Short: short, Example: example, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := q.read(a); err != nil {
				return err
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				var list []books.Table
				err := p.Store.Snapshot(cmd.Context(), p.Entity.ID, func(view store.View) (err error) {
					list, err = tables(p, view, q)
					return err
				})
				if err != nil {
					return err
				}
				return books.WriteTables(a.out, q.format, list...)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.format, "format", books.FormatText, "text, csv, json or html")
	f.StringVar(&q.asOf, "as-of", "", "what is effective up to this `DAY`")
	f.StringVar(&q.knownAt, "known-at", "", "what was recorded up to this `INSTANT`, such as 2026-03-31T18:00:00Z")
	return cmd
}

func (q *reportQuestion) read(a *app) error {
	if a.json {
		q.format = books.FormatJSON
	}
	if formats := []string{books.FormatText, books.FormatCSV, books.FormatJSON, books.FormatHTML}; !slices.Contains(formats, q.format) {
		return usage("--format %q: one of %v", q.format, formats)
	}
	if err := q.cut.AsOf.UnmarshalText([]byte(q.asOf)); err != nil {
		return usage("--as-of: %v", err)
	}
	if q.day = q.cut.AsOf; q.day == 0 {
		q.day = recon.DateOf(a.now())
	}
	if q.knownAt != "" {
		at, err := time.Parse(time.RFC3339, q.knownAt)
		if err != nil {
			return usage("--known-at %q is no instant such as 2026-03-31T18:00:00Z", q.knownAt)
		}
		q.cut.KnownAt = at
	}
	return nil
}

func (a *app) reportAgeing() *cobra.Command {
	return a.reportVerb("ageing", "What customers owe, by how long it is due", "  tieout report ageing --as-of 2026-03-31",
		func(_ *worker.Pipeline, view store.View, q reportQuestion) ([]books.Table, error) {
			report, err := books.Ageing(view, q.cut, q.day)
			return report.Tables(), err
		})
}

func (a *app) reportItems() *cobra.Command {
	var question books.ItemQuestion
	cmd := a.reportVerb("items", "Items with their status, what was paid and what remains", "  tieout report items --open\n  tieout report items --customer K-100 --format csv",
		func(_ *worker.Pipeline, view store.View, q reportQuestion) ([]books.Table, error) {
			question.AsOf = q.day
			report, err := books.Items(view, q.cut, question)
			return report.Tables(), err
		})
	cmd.Flags().BoolVar(&question.OpenOnly, "open", false, "only items that are not paid in full")
	cmd.Flags().StringVar(&question.Customer, "customer", "", "only items of this customer's `CODE`")
	return cmd
}

func (a *app) reportStatements() *cobra.Command {
	return a.reportVerb("statements", "Per account the chain of statements with its proofs, gaps and overlaps", "  tieout report statements",
		func(_ *worker.Pipeline, view store.View, _ reportQuestion) ([]books.Table, error) {
			report, err := books.Statements(view)
			return report.Tables(), err
		})
}

func (a *app) reportRun() *cobra.Command {
	var id int64
	cmd := &cobra.Command{
		Use: "run", Short: "What a nightly run did, and that the books tie out after it", Example: "  tieout report run\n  tieout report run --id 12", Args: cobra.NoArgs,
	}
	var q reportQuestion
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := q.read(a); err != nil {
			return err
		}
		return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
			run, err := findRun(cmd.Context(), p, id)
			if err != nil {
				return err
			}
			report, err := runReport(cmd.Context(), p, run, q.day)
			if err != nil {
				return err
			}
			return books.WriteTables(a.out, q.format, report.Tables()...)
		})
	}
	cmd.Flags().Int64Var(&id, "id", 0, "the run's `ID` (default the last one)")
	cmd.Flags().StringVar(&q.format, "format", books.FormatText, "text, csv, json or html")
	cmd.Flags().StringVar(&q.asOf, "as-of", "", "`DAY` of the ageing (default today)")
	return cmd
}

func findRun(ctx context.Context, p *worker.Pipeline, id int64) (store.Run, error) {
	runs, err := p.Store.Runs(ctx, p.Entity.ID, 0)
	if err != nil {
		return store.Run{}, err
	}
	for _, run := range runs {
		if id == 0 || run.ID == id {
			return run, nil
		}
	}
	if id != 0 {
		return store.Run{}, usage("there is no run %d", id)
	}
	return store.Run{}, usage("nothing was run yet; start with: tieout run")
}

func runReport(ctx context.Context, p *worker.Pipeline, run store.Run, asOf recon.Date) (report books.RunReport, err error) {
	err = p.Store.Snapshot(ctx, p.Entity.ID, func(view store.View) (err error) {
		state, err := books.Load(view)
		if err != nil {
			return err
		}
		report, err = books.Run(state, p.Rules, books.RunFacts{Run: run.ID, Started: run.Started, AsOf: asOf}, matcher.Sentence)
		return err
	})
	if err != nil {
		err = fmt.Errorf("report of run %d: %w", run.ID, err)
	}
	return report, err
}
