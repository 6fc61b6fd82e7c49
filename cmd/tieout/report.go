package main

import (
	"cmp"
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
	asked                 books.Cut  // as the flags say
	cut                   books.Cut  // the same, as of today where no day was asked
	day                   recon.Date // of the cut: things are late as of it
}

func (a *app) reportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "report",
		Short:   "Ageing, items, statements, and what a run did",
		Example: "  tieout report ageing\n  tieout report items --open --format csv\n  tieout report statements --format html > statements.html",
	}
	cmd.AddCommand(a.reportAgeing(), a.reportItems(), a.reportStatements(), a.reportRun(), a.reportCustomer(), a.reportUnapplied(), a.reportOrders(), a.reportControls(), a.reportMorning())
	return cmd
}

// reportVerb makes the command of a report; tables reads it from one consistent state.
func (a *app) reportVerb(name, short, example, asOf string, tables func(*worker.Pipeline, store.View, reportQuestion) ([]books.Table, error)) *cobra.Command {
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
	f.StringVar(&q.asOf, "as-of", "", asOf)
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
	if err := q.asked.AsOf.UnmarshalText([]byte(q.asOf)); err != nil {
		return usage("--as-of: %v", err)
	}
	if q.knownAt != "" {
		at, err := time.Parse(time.RFC3339, q.knownAt)
		if err != nil {
			return usage("--known-at %q is no instant such as 2026-03-31T18:00:00Z", q.knownAt)
		}
		q.asked.KnownAt = at
	}
	if q.day = q.asked.AsOf; q.day == 0 {
		q.day = recon.DateOf(a.now())
	}
	q.cut = books.Cut{AsOf: q.day, KnownAt: q.asked.KnownAt}
	return nil
}

// asOfToday is what --as-of means for reports about one day.
const asOfToday = "what is effective up to this `DAY` (default today)"

func (a *app) reportAgeing() *cobra.Command {
	return a.reportVerb("ageing", "What customers owe, by how long it is due", "  tieout report ageing --as-of 2026-03-31", asOfToday,
		func(_ *worker.Pipeline, view store.View, q reportQuestion) ([]books.Table, error) {
			report, err := books.Ageing(view, q.cut, q.day)
			return report.Tables(), err
		})
}

func (a *app) reportItems() *cobra.Command {
	var question books.ItemQuestion
	cmd := a.reportVerb("items", "Items with their status, what was paid and what remains", "  tieout report items --open\n  tieout report items --customer K-100 --format csv", asOfToday,
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
	return a.reportVerb("statements", "Per account the chain of statements with its proofs, gaps and overlaps", "  tieout report statements\n  tieout report statements --as-of 2026-03-31",
		"statements that end up to this `DAY` (default all)",
		func(_ *worker.Pipeline, view store.View, q reportQuestion) ([]books.Table, error) {
			report, err := books.Statements(view, q.asked)
			return report.Tables(), err
		})
}

func (a *app) reportRun() *cobra.Command {
	var id int64
	var last int
	cmd := &cobra.Command{
		Use: "run", Short: "What a nightly run did, and that the books tie out after it",
		Long: `Reports one run: the files it received, what became of their entries, the queue as it left it, and the ageing before and after it, without anything that
came later. The proofs are about the books as they stand now. As CSV the tables follow each other: a line with the title, a line with the keys of the
columns, the rows, an empty line.`,
		Example: "  tieout report run\n  tieout report run --id 12\n  tieout report run --last 20", Args: cobra.NoArgs,
	}
	var q reportQuestion
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := q.read(a); err != nil {
			return err
		}
		return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
			if last > 0 {
				table, err := runHistory(cmd.Context(), p, last)
				if err != nil {
					return err
				}
				return books.WriteTables(a.out, q.format, table)
			}
			facts, err := findRun(cmd.Context(), p, id)
			if err != nil {
				return err
			}
			facts.AsOf = cmp.Or(q.asked.AsOf, recon.DateOf(facts.Started))
			report, err := runReport(cmd.Context(), p, facts)
			if err != nil {
				return err
			}
			return books.WriteTables(a.out, q.format, report.Tables()...)
		})
	}
	cmd.Flags().Int64Var(&id, "id", 0, "the run's `ID` (default the last one)")
	cmd.Flags().IntVar(&last, "last", 0, "list the last `N` runs with what each did, newest first")
	cmd.Flags().StringVar(&q.format, "format", books.FormatText, "text, csv, json or html")
	cmd.Flags().StringVar(&q.asOf, "as-of", "", "`DAY` of the ageing (default the run's own)")
	return cmd
}

// findRun returns the run of an id, 0 for the last one. A run that died before its end is over where the next one began.
func findRun(ctx context.Context, p *worker.Pipeline, id int64) (books.RunFacts, error) {
	runs, err := p.Store.Runs(ctx, p.Entity.ID, 0)
	if err != nil {
		return books.RunFacts{}, err
	}
	if len(runs) == 0 {
		return books.RunFacts{}, usage("nothing was run yet; start with: tieout run")
	}
	n := len(runs) - 1
	if id != 0 {
		n = slices.IndexFunc(runs, func(run store.Run) bool { return run.ID == id })
	}
	if n < 0 {
		return books.RunFacts{}, usage("there is no run %d; the last one is %d", id, runs[len(runs)-1].ID)
	}
	facts := books.RunFacts{Run: runs[n].ID, Started: runs[n].Started, Finished: runs[n].Finished}
	if facts.Finished.IsZero() && n+1 < len(runs) {
		facts.Finished = runs[n+1].Started.Add(-time.Microsecond) // instants are kept in microseconds
	}
	return facts, nil
}

func runReport(ctx context.Context, p *worker.Pipeline, facts books.RunFacts) (report books.RunReport, err error) {
	err = p.Store.Snapshot(ctx, p.Entity.ID, func(view store.View) (err error) {
		state, err := books.Load(view)
		if err != nil {
			return err
		}
		report, err = books.Run(state, p.Rules, facts, matcher.Sentence)
		return err
	})
	if err != nil {
		err = fmt.Errorf("report of run %d: %w", facts.Run, err)
	}
	return report, err
}
