package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/recon"
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
has shown yet is void. A bank entry that was taken for the money of a payment recorded by hand is parted from it.`,
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
	var done recon.Done
	var err error
	if one {
		if _, err := p.Store.Application(ctx, p.Entity.ID, id); err != nil {
			return missing(err, "application %d", id)
		}
		done, err = p.Undo(ctx, []int64{id}, reason)
	} else {
		done, err = p.UndoReceipt(ctx, id, reason)
		err = missing(err, "entry %d", id)
	}
	if err != nil {
		return err
	}
	if done.Proposal != 0 {
		return a.printProposed(done)
	}
	undone := done.Undone
	view := map[string]any{"undone": append([]int64{}, undone.Applications...), "counter_entries": append([]int64{}, undone.Counters...)}
	if undone.Parted != 0 {
		view["parted_from"] = undone.Parted
	}
	return a.print(view, func(w io.Writer) error { return writeUndone(w, id, undone) })
}

func writeUndone(w io.Writer, id int64, undone worker.Undone) error {
	if undone.Parted != 0 {
		_, err := fmt.Fprintf(w, `Entry %d is no longer the money of the payment recorded by hand as %d, and waits in the queue;
no run takes it for that payment again. Decide it: tieout queue resolve %d
`, id, undone.Parted, id)
		return err
	}
	_, err := fmt.Fprintf(w, "Taken back: %s, by %s.\n", named("application", "applications", undone.Applications), named("counter-entry", "counter-entries", undone.Counters))
	return err
}

// named writes ids with their noun: "application 42", "applications 42, 43".
func named(one, several string, ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	noun := several
	if len(ids) == 1 {
		noun = one
	}
	return noun + " " + strings.Join(texts, ", ")
}
