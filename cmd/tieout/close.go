package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/worker"
)

func (a *app) closeCommand() *cobra.Command {
	var until, note string
	var list bool
	cmd := &cobra.Command{
		Use:   "close",
		Short: "Close the books up to a day",
		Long: `Freezes the journal up to a day, which the database enforces: nothing takes effect on that day or before any more. What arrives later for these days,
and what corrects them, is posted on the first open day and keeps its original day beside. A closed period is never opened again.`,
		Example: "  tieout close --until 2026-03-31\n  tieout close --list",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			day, err := dayFlag("--until", until)
			switch {
			case err != nil:
				return err
			case list == (day != 0):
				return usage("say up to which day: --until DAY, or list what is closed: --list")
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				if list {
					return a.listPeriods(cmd.Context(), p)
				}
				closed, err := p.Close(cmd.Context(), day, note)
				if err != nil {
					return err
				}
				return a.printClosed(closed)
			})
		},
	}
	cmd.Flags().StringVar(&until, "until", "", "last `DAY` of the period, YYYY-MM-DD")
	cmd.Flags().StringVar(&note, "note", "", "a note kept with the close")
	cmd.Flags().BoolVar(&list, "list", false, "list what is closed")
	return cmd
}

// balanceView is an account of the trial balance, as --json prints it.
type balanceView struct {
	Account  string         `json:"account"`
	Currency recon.Currency `json:"currency"`
	Balance  string         `json:"balance"` // a debit is positive
}

func (a *app) printClosed(closed worker.Closed) error {
	balances := make([]balanceView, len(closed.Balances))
	for i, b := range closed.Balances {
		balances[i] = balanceView{b.Account, b.Currency, recon.FormatMinor(b.Minor, b.Currency)}
	}
	view := map[string]any{"until": closed.Until, "postings": len(closed.Postings), "digest": closed.Digest, "balances": balances,
		"problems": append([]recon.Problem{}, closed.Problems...)}
	return a.print(view, func(w io.Writer) error {
		a.say(closed.Problems)
		fmt.Fprintf(w, "Closed until %s: %s frozen.\n\nTrial balance on that day, debit positive:\n", closed.Until, counted(len(closed.Postings), "posting is", "postings are"))
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, b := range balances {
			fmt.Fprintf(t, "%s\t%s\t%s\t\n", b.Account, b.Balance, b.Currency)
		}
		return t.Flush()
	})
}

// periodView is a close, as --json prints it.
type periodView struct {
	Until    recon.Date `json:"until"`
	Postings int        `json:"postings"`
	Digest   string     `json:"digest"`
	By       string     `json:"by"`
	At       string     `json:"at"`
	Note     string     `json:"note"`
}

func (a *app) listPeriods(ctx context.Context, p *worker.Pipeline) error {
	periods, err := p.Store.Periods(ctx, p.Entity.ID)
	if err != nil {
		return err
	}
	views := make([]periodView, len(periods))
	for i, r := range periods {
		views[i] = periodView{r.Until, r.Postings, r.Digest, r.Actor, r.At.UTC().Format("2006-01-02T15:04:05Z"), r.Note}
	}
	return a.print(views, func(w io.Writer) error {
		if len(views) == 0 {
			_, err := fmt.Fprintln(w, "No period is closed.")
			return err
		}
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "UNTIL\tPOSTINGS\tBY\tAT\tNOTE")
		for _, v := range views {
			fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\n", v.Until, v.Postings, clean(v.By), v.At, clean(v.Note))
		}
		return t.Flush()
	})
}
