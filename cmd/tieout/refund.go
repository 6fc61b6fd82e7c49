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

func (a *app) refundCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "refund",
		Short: "Money to give back: asked for, approved, shown by the bank",
		Long: `One person asks for a refund, another one approves it: then the money leaves its source and is on its way until the bank's debit shows it. SOURCE is a
receipt in the queue, the application that put money aside (as a42), or the number of a credit note; tieout report unapplied lists them.`,
		Example: `  tieout refund request 17 --reason "paid twice"
  tieout refund request a42 100.00 --to DE02120300000000202051 --reason "order cancelled"
  tieout refund approve 3 --as quinn
  tieout refund list`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.listRefunds(cmd.Context(), false) },
	}
	var all bool
	list := &cobra.Command{Use: "list", Short: "List refunds that the bank has not shown yet", Example: "  tieout refund list --all", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.listRefunds(cmd.Context(), all) }}
	list.Flags().BoolVar(&all, "all", false, "those that the bank has shown too")
	cmd.AddCommand(list, a.refundRequest(),
		&cobra.Command{Use: "approve ID", Short: "Approve a refund that somebody else asked for", Example: "  tieout refund approve 3 --as quinn", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error { return a.approve(cmd.Context(), args[0]) }})
	return cmd
}

func (a *app) refundRequest() *cobra.Command {
	var request recon.Refunding
	var date string
	cmd := &cobra.Command{
		Use:     "request SOURCE [AMT]",
		Short:   "Ask for money to be given back",
		Example: "  tieout refund request 17 --reason \"paid twice\"",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			request.Source = args[0]
			if len(args) == 2 {
				request.Amount = args[1]
			}
			if request.Date, err = dayFlag("--date", date); err != nil {
				return err
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				done, err := p.Refund(cmd.Context(), request)
				if err != nil {
					return err
				}
				return a.printProposed(done)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&request.Account, "to", "", "`ACCOUNT` of the payee (default the one that the money came from)")
	f.StringVar(&request.Payee, "payee", "", "`NAME` of the payee (default who paid)")
	f.StringVar(&request.Reason, "reason", "", "why; must be said")
	f.StringVar(&date, "date", "", "`DAY` on which it counts, YYYY-MM-DD (default today)")
	return cmd
}

// refundView is a refund as --json prints it.
type refundView struct {
	ID       string         `json:"id"`
	Customer string         `json:"customer"`
	Amount   string         `json:"amount"`
	Currency recon.Currency `json:"currency"`
	Payee    string         `json:"payee"`
	Account  string         `json:"account"`
	Date     recon.Date     `json:"date"`
	Shown    recon.Date     `json:"shown_by_bank"`
	Entry    int64          `json:"entry"`
	Reason   string         `json:"reason"`
	Approver string         `json:"approved_by"`
}

func (a *app) listRefunds(ctx context.Context, all bool) error {
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		rows, err := p.Store.Refunds(ctx, p.Entity.ID, !all)
		if err != nil {
			return err
		}
		views := make([]refundView, len(rows))
		for i, r := range rows {
			views[i] = refundView{fmt.Sprintf("a%d", r.ID), r.Customer, recon.FormatMinor(r.AmountMinor, r.Currency), r.Currency, r.Payee, r.Account, r.Date, r.ClearedOn,
				r.ClearedBy, r.Reason, r.Actor}
		}
		return a.print(views, func(w io.Writer) error { return writeRefunds(w, views) })
	})
}

func writeRefunds(w io.Writer, views []refundView) error {
	if len(views) == 0 {
		_, err := fmt.Fprintln(w, "No refund is on its way.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tDATE\tAMOUNT\tPAYEE\tACCOUNT\tSHOWN BY THE BANK\tWHY")
	for _, v := range views {
		fmt.Fprintf(t, "%s\t%s\t%s %s\t%s\t%s\t%s\t%s\n", v.ID, v.Date, v.Amount, v.Currency, clean(v.Payee), recon.MaskAccount(v.Account), v.Shown, clean(v.Reason))
	}
	return t.Flush()
}
