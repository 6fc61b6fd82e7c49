package main

import (
	"cmp"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

func (a *app) reportCustomer() *cobra.Command {
	var customer, from string
	cmd := a.reportVerb("customer", "The statement of one customer: brought forward, movements, balance", "  tieout report customer --customer K-100 --from 2026-03-01", asOfToday,
		func(_ *worker.Pipeline, view store.View, q reportQuestion) ([]books.Table, error) {
			day, err := dayFlag("--from", from)
			if err != nil {
				return nil, err
			}
			if customer == "" {
				return nil, usage("say which customer: --customer CODE")
			}
			report, err := books.Customer(view, q.cut, customer, day)
			return report.Tables(), err
		})
	cmd.Flags().StringVar(&customer, "customer", "", "the customer's `CODE`")
	cmd.Flags().StringVar(&from, "from", "", "movements from this `DAY` on; what was before is brought forward")
	return cmd
}

func (a *app) reportUnapplied() *cobra.Command {
	return a.reportVerb("unapplied", "Money that pays no item yet, with what to call it in tieout allocate, queue and refund", "  tieout report unapplied", asOfToday,
		func(_ *worker.Pipeline, view store.View, q reportQuestion) ([]books.Table, error) {
			report, err := books.Unapplied(view, q.cut)
			return report.Tables(), err
		})
}

func (a *app) reportOrders() *cobra.Command {
	return a.reportVerb("orders", "Orders behind invoices: original, last approved, invoiced, paid in full", "  tieout report orders --as-of 2026-03-31", asOfToday,
		func(_ *worker.Pipeline, view store.View, q reportQuestion) ([]books.Table, error) {
			report, err := books.Orders(view, q.cut)
			return report.Tables(), err
		})
}

func (a *app) reportControls() *cobra.Command {
	return a.reportVerb("controls", "The trial balance: what the control accounts of the ledger must say", "  tieout report controls --as-of 2026-03-31", asOfToday,
		func(p *worker.Pipeline, view store.View, q reportQuestion) ([]books.Table, error) {
			report, err := books.Controls(view, p.Rules.Ledger, q.cut)
			return report.Tables(), err
		})
}

func (a *app) reportMorning() *cobra.Command {
	var id int64
	var q reportQuestion
	cmd := &cobra.Command{
		Use: "morning", Short: "One page about the last night: what was done, what ties out, what needs somebody",
		Long: `The report that is mailed after each nightly run: its first line begins with OK, or with ACTION and what there is to do (statements that are missing,
files that are held, new cases, runs that did not happen, books that do not tie out).`,
		Example: "  tieout report morning\n  tieout report morning --format html > morning.html", Args: cobra.NoArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := q.read(a); err != nil {
			return err
		}
		return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
			facts, err := findRun(cmd.Context(), p, id)
			if err != nil {
				return err
			}
			facts.AsOf = cmp.Or(q.asked.AsOf, recon.DateOf(facts.Started))
			report, err := p.Morning(cmd.Context(), facts, nil)
			if err != nil {
				return err
			}
			return books.WriteTables(a.out, q.format, report.Tables()...)
		})
	}
	cmd.Flags().Int64Var(&id, "id", 0, "the run's `ID` (default the last one)")
	cmd.Flags().StringVar(&q.format, "format", books.FormatText, "text, csv, json or html")
	cmd.Flags().StringVar(&q.asOf, "as-of", "", "`DAY` of the ageing (default the run's own)")
	return cmd
}
