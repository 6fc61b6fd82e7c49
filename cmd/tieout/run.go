package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/worker"
)

func (a *app) runCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "The nightly job, once: ingest, match, export, verify",
		Long: `Takes every file in the inboxes, applies what can be proved, queues the rest, writes the exports, proves the books, and prints the run report.
A run that was interrupted is continued by the next one: nothing is lost and nothing is done twice.`,
		Example: "  tieout run\n  tieout run --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				return a.runNightly(cmd.Context(), p)
			})
		},
	}
}

// runView is a nightly run as --json prints it.
type runView struct {
	Run      int64          `json:"run"`
	Files    []receivedView `json:"files"`
	Ignored  []string       `json:"ignored"`
	Matched  matchedView    `json:"matched"`
	Exported []string       `json:"exported"`
	Checks   []checkView    `json:"checks"`
	Report   []books.Table  `json:"report"`
	TiesOut  bool           `json:"ties_out"`
}

// runNightly runs the job and prints its report.
func (a *app) runNightly(ctx context.Context, p *worker.Pipeline) error {
	result, err := p.Run(ctx)
	if err != nil {
		return err
	}
	report := result.Report
	view := runView{Run: result.Run, Files: receivedViews(result.Received), Ignored: append([]string{}, result.Ignored...), Matched: viewMatched(result.Matched),
		Exported: append([]string{}, result.Exported...), Checks: viewChecks(result.Checks), Report: report.Tables(), TiesOut: report.TiesOut()}
	if err := a.print(view, func(w io.Writer) error { return writeRun(w, a.err, result, view) }); err != nil {
		return err
	}
	if err := a.faulty(result.Matched.Faults); err != nil {
		return err
	}
	if result.Failed() || !view.TiesOut {
		return errLook
	}
	return nil
}

func writeRun(w, problems io.Writer, result worker.Result, view runView) error {
	var troubled []worker.Received
	for _, f := range result.Received {
		if f.Duplicate || len(f.Problems) > 0 {
			troubled = append(troubled, f)
		}
	}
	if len(troubled)+len(result.Ignored) > 0 {
		if err := writeReceived(w, problems, troubled, result.Ignored); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	if err := books.WriteTables(w, books.FormatText, view.Report...); err != nil {
		return err
	}
	for _, name := range view.Exported {
		fmt.Fprintf(w, "Exported: %s\n", name)
	}
	return writeVerdict(w, view)
}

// writeVerdict names what is broken, or says in one line that all holds.
func writeVerdict(w io.Writer, view runView) error {
	broken := 0
	for _, c := range view.Checks {
		if !c.OK {
			broken++
			fmt.Fprintf(w, "BROKEN %s: %s (%s)\n", c.ID, c.Name, c.Detail)
		}
	}
	if broken > 0 {
		_, err := fmt.Fprintf(w, "%d of %d invariants are broken: tieout verify names them.\n", broken, len(view.Checks))
		return err
	}
	_, err := fmt.Fprintf(w, "Ties out: all %d invariants hold (tieout verify).\n", len(view.Checks))
	return err
}
