package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

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
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error { return a.runNightly(cmd.Context(), p) })
		},
	}
}

func (a *app) runNightly(ctx context.Context, p *worker.Pipeline) error {
	result, err := p.Run(ctx)
	if err != nil {
		return err
	}
	if err := a.print(result, func(w io.Writer) error {
		if err := writeReceived(w, result.Received, result.Ignored); err != nil {
			return err
		}
		if err := writeMatched(w, result.Matched); err != nil {
			return err
		}
		return writeChecks(w, viewChecks(result.Checks))
	}); err != nil {
		return err
	}
	if result.Failed() {
		return errLook
	}
	return nil
}
