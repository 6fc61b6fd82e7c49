package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/worker"
)

func (a *app) adjustCommand() *cobra.Command {
	var request recon.Adjusting
	var date string
	var payable bool
	cmd := &cobra.Command{
		Use:   "adjust ITEM [AMT]",
		Short: "Take a difference on an account of the ledger",
		Long: `Lowers what is open of an invoice or credit note against an account of the ledger that you choose: for differences that no rule may write off. The
amount defaults to what is open. What is over your limit (four_eyes: in rules.yaml) becomes a proposal.`,
		Example: "  tieout adjust R-1001 5.01 --account 2405 --reason \"agreed by phone\"\n  tieout adjust CN-7 --reason \"credit lapsed\"",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			request.Number = args[0]
			if len(args) == 2 {
				request.Amount = args[1]
			}
			if payable {
				request.Side = recon.Payable
			}
			if request.Date, err = dayFlag("--date", date); err != nil {
				return err
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				done, err := p.Adjust(cmd.Context(), request)
				if err != nil {
					return err
				}
				if done.Proposal != 0 {
					return a.printProposed(done)
				}
				return a.printAdjusted(cmd.Context(), p, done)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&request.Ledger, "account", "", "`ACCOUNT` of the ledger that bears it (default the one for adjustments in rules.yaml)")
	f.StringVar(&date, "date", "", "`DAY` of the adjustment, YYYY-MM-DD (default today)")
	f.StringVar(&request.Reason, "reason", "", "why; must be said")
	f.BoolVar(&payable, "payable", false, "the item is a supplier's, where both sides have that number")
	return cmd
}

func (a *app) printAdjusted(ctx context.Context, p *worker.Pipeline, done recon.Done) error {
	made, err := p.Store.Application(ctx, p.Entity.ID, done.Application)
	if err != nil {
		return err
	}
	items, err := itemIndex(ctx, p, []int64{made.Item})
	if err != nil {
		return err
	}
	item, _ := items(made.Item)
	format := func(minor int64) string { return recon.FormatMinor(minor, made.Currency) }
	view := map[string]any{"application": made.ID, "item": item.Number, "amount": format(made.AmountMinor), "tax": format(made.TaxMinor),
		"account": made.Ledger, "currency": made.Currency, "remaining": format(item.OpenMinor)}
	return a.print(view, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s %s of %s taken on account %s; %s remaining.\nTo take it back: tieout undo a%d --reason TEXT\n", format(made.AmountMinor), made.Currency,
			item.Number, made.Ledger, format(item.OpenMinor), made.ID)
		return err
	})
}
