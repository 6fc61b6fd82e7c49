package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/worker"
)

func (a *app) payCommand() *cobra.Command {
	var payment worker.HandPayment
	var date string
	cmd := &cobra.Command{
		Use:   "pay ITEM [AMT]",
		Short: "Record a payment by hand",
		Long: `Records a payment that you saw elsewhere (cash, a cheque, a card) and applies it to an item. The amount defaults to what is open; more than that
is refused with the amount over. When the bank's entry of the money arrives later it is recognised and not applied again.`,
		Example: "  tieout pay R-1001\n  tieout pay R-1001 300.00 --date 2026-03-03 --method cheque --cheque 000417",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			payment.Number = args[0]
			if len(args) == 2 {
				payment.Amount = args[1]
			}
			payment.Date = recon.DateOf(a.now())
			if date != "" {
				if err := payment.Date.UnmarshalText([]byte(date)); err != nil {
					return usage("--date: %v", err)
				}
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				recorded, err := p.Pay(cmd.Context(), payment)
				if err != nil {
					return err
				}
				return a.printPayment(payment, recorded)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&date, "date", "", "`DAY` of the payment, YYYY-MM-DD (default today)")
	f.StringVar(&payment.Account, "account", "", "`ID` of our account where the money will arrive")
	f.StringVar(&payment.Method, "method", "", "how it was paid: cash, cheque, card …")
	f.StringVar(&payment.Cheque, "cheque", "", "`NUMBER` of the cheque")
	f.StringVar(&payment.Note, "note", "", "a note kept with the payment")
	return cmd
}

func (a *app) printPayment(payment worker.HandPayment, recorded worker.Recorded) error {
	paid, rest := recon.FormatMinor(recorded.PaidMinor, recorded.Item.Currency), recon.FormatMinor(recorded.RestMinor, recorded.Item.Currency)
	status := "Partially paid"
	if recorded.RestMinor == 0 {
		status = "Paid in full"
	}
	view := map[string]any{"receipt": recorded.Receipt, "item": payment.Number, "paid": paid, "remaining": rest, "currency": recorded.Item.Currency,
		"date": payment.Date, "status": status, "problems": append([]recon.Problem{}, recorded.Problems...)}
	return a.print(view, func(w io.Writer) error {
		a.say(recorded.Problems)
		_, err := fmt.Fprintf(w, "Recorded as receipt %d: %s %s on %s, %s; %s remaining.\nTo take it back: tieout undo %d --reason TEXT\n",
			recorded.Receipt, paid, recorded.Item.Currency, payment.Number, status, rest, recorded.Receipt)
		return err
	})
}
