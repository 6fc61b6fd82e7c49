package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/worker"
)

func (a *app) allocateCommand() *cobra.Command {
	var placement worker.Placement
	var apply []string
	var date string
	cmd := &cobra.Command{
		Use:   "allocate SOURCE [ITEM…]",
		Short: "Place money on account, an advance or a credit note",
		Long: `Places money that was received before, or sets a credit note against invoices. SOURCE is the application that put the money aside (an id with the
prefix a, such as a42) or the number of a credit note; tieout report unapplied lists them. --apply names amounts; --spread fills the items
that follow SOURCE from top to bottom, in the order written. What is not placed stays where it is. Nothing is posted to the bank.`,
		Example: `  tieout allocate a42 --apply R-1001=600.00
  tieout allocate CN-7 --apply R-1001=20.00
  tieout allocate a42 --spread 600.00 R-1001 R-1002`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			placement.Source, placement.Over = args[0], args[1:]
			if placement.Apply, err = itemAmounts("--apply", apply); err != nil {
				return err
			}
			if (placement.Spread != "") != (len(placement.Over) > 0) {
				return usage("--spread takes an amount and the items that it fills: tieout allocate a42 --spread 600.00 R-1001 R-1002")
			}
			if placement.Date, err = dayFlag("--date", date); err != nil {
				return err
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				placed, err := p.Allocate(cmd.Context(), placement)
				if err != nil {
					return err
				}
				return a.printPlaced(cmd, p, placed)
			})
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&apply, "apply", nil, "an item falls by an amount: `ITEM=AMT` (repeatable)")
	f.StringVar(&placement.Spread, "spread", "", "fill the items that are named with `AMT`, from top to bottom")
	f.StringVar(&date, "date", "", "`DAY` on which it takes effect, YYYY-MM-DD (default today)")
	f.StringVar(&placement.Reason, "reason", "", "why, kept with it")
	cmd.MarkFlagsMutuallyExclusive("apply", "spread")
	return cmd
}

// dayFlag reads a flag that is a day, 0 where it is not given.
func dayFlag(flag, text string) (day recon.Date, err error) {
	if err := day.UnmarshalText([]byte(text)); err != nil {
		return 0, usage("%s: %v", flag, err)
	}
	return day, nil
}

// placedView is one line of what was placed, as --json prints it.
type placedView struct {
	Kind   recon.Kind `json:"kind"`
	Item   string     `json:"item"`
	Amount string     `json:"amount"`
}

func (a *app) printPlaced(cmd *cobra.Command, p *worker.Pipeline, placed worker.Placed) error {
	var ids []int64
	for _, l := range placed.Lines {
		ids = append(ids, l.Item)
	}
	items, err := itemIndex(cmd.Context(), p, ids)
	if err != nil {
		return err
	}
	currency := placed.Fund.Currency
	lines := make([]placedView, len(placed.Lines))
	for i, l := range placed.Lines {
		item, _ := items(l.Item)
		lines[i] = placedView{l.Kind, item.Number, recon.FormatMinor(l.AmountMinor, currency)}
	}
	rest := recon.FormatMinor(placed.RestMinor, currency)
	view := map[string]any{"decision": placed.Decision, "source": placed.Fund.Source.Kind, "id": placed.Fund.Source.ID, "customer": placed.Fund.Customer,
		"currency": currency, "lines": lines, "remaining": rest}
	return a.print(view, func(w io.Writer) error {
		for _, l := range lines {
			fmt.Fprintf(w, "%s %s %s on %s\n", l.Kind, l.Amount, currency, l.Item)
		}
		_, err := fmt.Fprintf(w, "%s %s stays where it was.\n", rest, currency)
		return err
	})
}
