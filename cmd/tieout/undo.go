package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/worker"
)

func (a *app) undoCommand() *cobra.Command {
	var reason string
	var application bool
	cmd := &cobra.Command{
		Use:   "undo APPLICATION|ENTRY",
		Short: "Take applications back by counter-entries; history stays",
		Long: `Takes back one application (an id with the prefix a, such as a42, or --application), or all live ones of an entry or recorded payment. A bank
receipt returns to the queue, and what was taken back is not applied to it again unattended. A payment recorded by hand whose money no statement
has shown yet is void.`,
		Example: "  tieout undo 17 --reason \"wrong customer\"\n  tieout undo a42 --reason \"difference stays open\"",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, one := strings.CutPrefix(args[0], "a")
			id, err := number(text)
			if err != nil {
				return err
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error { return a.undo(cmd.Context(), p, id, one || application, reason) })
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, kept with the counter-entries")
	cmd.Flags().BoolVar(&application, "application", false, "the id is that of one application")
	return cmd
}

func (a *app) undo(ctx context.Context, p *worker.Pipeline, id int64, one bool, reason string) error {
	undone := []int64{id}
	var counters []int64
	var err error
	if one {
		if _, err := p.Store.Application(ctx, p.Entity.ID, id); err != nil {
			return missing(err, "application %d", id)
		}
		counters, err = p.Undo(ctx, undone, reason)
	} else {
		undone, counters, err = p.UndoReceipt(ctx, id, reason)
	}
	if err != nil {
		return err
	}
	return a.print(map[string]any{"undone": undone, "counter_entries": counters}, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "Taken back: applications %v, by counter-entries %v.\n", undone, counters)
		return err
	})
}
