package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

func (a *app) exportPayments() *cobra.Command {
	var layout, since string
	layouts := books.WriteBackLayouts()
	cmd := &cobra.Command{
		Use: "payments", Short: "What items fell by, in the layout that an accounting system imports", Args: cobra.NoArgs,
		Example: "  tieout export payments --layout erpnext --since 2026-03-01 > payments.csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			day, err := dayFlag("--since", since)
			if err != nil {
				return err
			}
			known := false
			for _, l := range layouts {
				known = known || l == layout
			}
			if !known {
				return usage("--layout %q: one of %s", layout, strings.Join(layouts, ", "))
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				return p.Store.Snapshot(cmd.Context(), p.Entity.ID, func(view store.View) error {
					return books.WritePayments(a.out, view, p.Rules.Ledger, books.Selection{Since: day}, layout)
				})
			})
		},
	}
	cmd.Flags().StringVar(&layout, "layout", "", strings.Join(layouts, ", "))
	cmd.Flags().StringVar(&since, "since", "", "only what is effective on or after this `DAY`")
	return cmd
}

// messageView is a message of the outbox as --json prints it; what it says is left out.
type messageView struct {
	ID       int64  `json:"id"`
	Channel  string `json:"channel"`
	Target   string `json:"target"`
	Kind     string `json:"kind"`
	Key      string `json:"key"`
	Created  string `json:"created"`
	Attempts int    `json:"attempts"`
	Failure  string `json:"failure"`
	GivenUp  bool   `json:"given_up"`
}

func (a *app) exportMessages() *cobra.Command {
	var send bool
	cmd := &cobra.Command{
		Use: "messages", Short: "Mails and webhook calls that were not delivered yet", Example: "  tieout export messages\n  tieout export messages --send", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				if send {
					if _, err := p.Deliver(cmd.Context()); err != nil {
						return err
					}
				}
				rows, err := p.Store.Messages(cmd.Context(), p.Entity.ID, true)
				if err != nil {
					return err
				}
				views := make([]messageView, len(rows))
				for i, m := range rows {
					views[i] = messageView{m.ID, string(m.Channel), m.Target, m.Kind, m.Key, m.Created.UTC().Format(time.RFC3339), m.Attempts, m.Failure, m.GivenUp}
				}
				return a.print(views, func(w io.Writer) error { return writeMessages(w, views) })
			})
		},
	}
	cmd.Flags().BoolVar(&send, "send", false, "try those that are due now")
	return cmd
}

func writeMessages(w io.Writer, views []messageView) error {
	if len(views) == 0 {
		_, err := fmt.Fprintln(w, "Every message was delivered.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tTO\tKIND\tKEY\tATTEMPTS\tFAILURE")
	for _, v := range views {
		failure := v.Failure
		if v.GivenUp {
			failure += ", given up"
		}
		fmt.Fprintf(t, "%d\t%s %s\t%s\t%s\t%d\t%s\n", v.ID, v.Channel, clean(v.Target), v.Kind, v.Key, v.Attempts, clean(failure))
	}
	return t.Flush()
}
