package main

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

func (a *app) exportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Export applications or the journal for other systems",
		Long: `Machine exports, raw: texts stand as the bank sent them. Do not open them in a spreadsheet; tieout report writes files that are safe there.
The nightly run writes what is new of both into the folder exports: of the configuration.`,
		Example: "  tieout export applications\n  tieout export journal --format hledger > books.journal",
	}
	cmd.AddCommand(
		a.exportVerb("applications", "One row per application, and one per entry without any",
			func(w io.Writer, view store.View, _ rules.Ledger, selection books.Selection, format string) error {
				return books.WriteApplications(w, view, selection, format)
			}),
		a.exportVerb("journal", "The journal: balanced double entries, derived from entries and applications",
			func(w io.Writer, view store.View, ledger rules.Ledger, selection books.Selection, format string) error {
				return books.WriteJournal(w, view, ledger, selection, format)
			}, books.FormatHledger, books.FormatBeancount),
		a.exportDay("follow-ups", "followups", "What is to be done about each open invoice: remind, wait, hold, route", func(w io.Writer, view store.View, day recon.Date, format string) error {
			report, err := books.Followups(view, books.Cut{AsOf: day}, day)
			if err != nil {
				return err
			}
			return books.WriteFollowups(w, report, format)
		}),
		a.exportDay("orders", "orders", "Orders behind invoices: invoiced, paid, paid in full", func(w io.Writer, view store.View, day recon.Date, format string) error {
			report, err := books.Orders(view, books.Cut{AsOf: day})
			if err != nil {
				return err
			}
			return books.WriteOrders(w, report, format)
		}),
		a.exportPayments(), a.exportAck(), a.exportBatches(), a.exportMessages())
	return cmd
}

// exportDay makes the command of an export about one day.
func (a *app) exportDay(what, verb, short string, write func(w io.Writer, view store.View, day recon.Date, format string) error) *cobra.Command {
	var format, asOf string
	cmd := &cobra.Command{
		Use: verb, Short: short, Args: cobra.NoArgs,
		Example: "  tieout export " + verb + " --format json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			day, err := dayFlag("--as-of", asOf)
			if err != nil {
				return err
			}
			if a.json {
				format = books.FormatJSON
			}
			if format != books.FormatCSV && format != books.FormatJSON {
				return usage("--format %q: csv or json", format)
			}
			if day == 0 {
				day = recon.DateOf(a.now())
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				return p.Store.Snapshot(cmd.Context(), p.Entity.ID, func(view store.View) error { return write(a.out, view, day, format) })
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", books.FormatCSV, "csv or json")
	cmd.Flags().StringVar(&asOf, "as-of", "", what+" as of this `DAY` (default today)")
	return cmd
}

type exporter func(w io.Writer, view store.View, ledger rules.Ledger, selection books.Selection, format string) error

func (a *app) exportVerb(what, short string, write exporter, more ...string) *cobra.Command {
	formats := append([]string{books.FormatCSV, books.FormatJSON}, more...)
	var format, since string
	cmd := &cobra.Command{
		Use: what, Short: short, Args: cobra.NoArgs,
		Example: "  tieout export " + what + " --format csv > " + what + ".csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var selection books.Selection
			if err := selection.Since.UnmarshalText([]byte(since)); err != nil {
				return usage("--since: %v", err)
			}
			if a.json {
				format = books.FormatJSON
			}
			if !slices.Contains(formats, format) {
				return usage("--format %q: %s", format, strings.Join(formats, ", "))
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				return p.Store.Snapshot(cmd.Context(), p.Entity.ID, func(view store.View) error {
					return write(a.out, view, p.Rules.Ledger, selection, format)
				})
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", books.FormatCSV, strings.Join(formats, ", "))
	cmd.Flags().StringVar(&since, "since", "", "only what was booked or is effective on or after this `DAY`")
	return cmd
}
