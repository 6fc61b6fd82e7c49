package main

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/books"
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
			}, books.FormatHledger, books.FormatBeancount))
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
