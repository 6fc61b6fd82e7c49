package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

func (a *app) undoCommand() *cobra.Command {
	var reason string
	var application bool
	cmd := &cobra.Command{
		Use:   "undo APPLICATION|ENTRY",
		Short: "Take applications back by counter-entries; history stays",
		Long: `Takes back one application (an id with the prefix a, such as a42, or --application), or all live ones of an entry or recorded payment. The receipt
returns to the queue, and what was taken back is not applied to it again unattended.`,
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
	ids := []int64{id}
	if one {
		if _, err := p.Store.Application(ctx, p.Entity.ID, id); err != nil {
			return missing(err, "application %d", id)
		}
	} else {
		applications, err := p.Store.ApplicationsOf(ctx, p.Entity.ID, id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if ids = live(applications); len(ids) == 0 {
			return usage("entry %d has no live applications; see: tieout explain %d", id, id)
		}
	}
	counter, err := p.Undo(ctx, ids, reason)
	if err != nil {
		return err
	}
	return a.print(map[string]any{"undone": ids, "counter_entries": counter}, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "Taken back: applications %v, by counter-entries %v.\n", ids, counter)
		return err
	})
}

func live(applications []recon.Application) (ids []int64) {
	for _, application := range applications {
		if application.Live() {
			ids = append(ids, application.ID)
		}
	}
	return ids
}
