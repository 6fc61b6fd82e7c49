package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

func (a *app) exportAck() *cobra.Command {
	return &cobra.Command{
		Use:   "ack BATCH…",
		Short: "Note that the accounting system has taken written batches",
		Long: `Imports of open items are compared with what the accounting system can know: what was applied in batches that it has taken must be missing from its open
amounts, what came later need not be. Noting a batch again does nothing.`,
		Example: "  tieout export ack 12", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				for _, text := range args {
					id, err := number(text)
					if err != nil {
						return err
					}
					err = p.TakeBatch(cmd.Context(), id)
					if errors.Is(err, store.ErrNotFound) {
						return usage("no batch %d is written; see: tieout export batches", id)
					}
					if err != nil {
						return err
					}
				}
				return a.print(map[string]any{"acknowledged": args}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "Noted: the accounting system has taken %s.\n", counted(len(args), "batch", "batches"))
					return err
				})
			})
		},
	}
}

// batchView is a written export as --json prints it.
type batchView struct {
	ID      int64  `json:"id"`
	Kind    string `json:"kind"`
	File    string `json:"file"`
	SHA256  string `json:"sha256"`
	Written string `json:"written"`
	Taken   string `json:"taken"`
	Taker   string `json:"taken_by"`
}

func (a *app) exportBatches() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "batches", Short: "List written batches that the accounting system has not taken yet", Example: "  tieout export batches --all", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				rows, err := p.Store.Batches(cmd.Context(), p.Entity.ID, !all)
				if err != nil {
					return err
				}
				views := make([]batchView, len(rows))
				for i, b := range rows {
					views[i] = batchView{b.ID, b.Kind, b.File, b.SHA256, b.Written.UTC().Format(time.RFC3339), "", b.Taker}
					if !b.Taken.IsZero() {
						views[i].Taken = b.Taken.UTC().Format(time.RFC3339)
					}
				}
				return a.print(views, func(w io.Writer) error { return writeBatches(w, views) })
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "those that were taken too")
	return cmd
}

func writeBatches(w io.Writer, views []batchView) error {
	if len(views) == 0 {
		_, err := fmt.Fprintln(w, "Every written batch was taken.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "BATCH\tKIND\tFILE\tWRITTEN\tTAKEN")
	for _, v := range views {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\n", v.ID, v.Kind, v.File, v.Written, v.Taken)
	}
	return t.Flush()
}
