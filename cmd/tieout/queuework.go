package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/worker"
)

func (a *app) queueAssign() *cobra.Command {
	return &cobra.Command{
		Use:     "assign ID [PERSON]",
		Short:   "Give a case to a person; without PERSON to nobody",
		Example: "  tieout queue assign 17 quinn",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			person, to := "", "nobody"
			if len(args) == 2 {
				person, to = args[1], args[1]
			}
			return a.workOnCase(cmd.Context(), args[0], fmt.Sprintf("is assigned to %s", to), func(ctx context.Context, p *worker.Pipeline, id int64) error {
				return p.Assign(ctx, id, person)
			})
		},
	}
}

func (a *app) queueNote() *cobra.Command {
	return &cobra.Command{
		Use:     "note ID TEXT",
		Short:   "Add a note to a receipt; notes stay for ever",
		Example: "  tieout queue note 17 \"they send the remittance advice tomorrow\"",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.workOnCase(cmd.Context(), args[0], "has a new note", func(ctx context.Context, p *worker.Pipeline, id int64) error {
				return missing(p.Note(ctx, id, args[1]), "receipt %d", id)
			})
		},
	}
}

func (a *app) queueSnooze() *cobra.Command {
	return &cobra.Command{
		Use:     "snooze ID [DAY]",
		Short:   "Put a case out of sight before a day; without DAY back into sight",
		Example: "  tieout queue snooze 17 2026-04-15",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var until recon.Date
			became := "is in sight"
			if len(args) == 2 {
				if err := until.UnmarshalText([]byte(args[1])); err != nil {
					return usage("%v", err)
				}
				became = "is out of sight until " + args[1]
			}
			return a.workOnCase(cmd.Context(), args[0], became, func(ctx context.Context, p *worker.Pipeline, id int64) error { return p.Snooze(ctx, id, until) })
		},
	}
}

// workOnCase does something about a case beside deciding it, and says so.
func (a *app) workOnCase(ctx context.Context, text, became string, do func(context.Context, *worker.Pipeline, int64) error) error {
	id, err := number(text)
	if err != nil {
		return err
	}
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		if err := do(ctx, p, id); err != nil {
			return err
		}
		return a.print(map[string]any{"receipt": id, "became": became}, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "Receipt %d %s.\n", id, became)
			return err
		})
	})
}
