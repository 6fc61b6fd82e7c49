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

func (a *app) disputeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dispute",
		Short: "Open questions about invoices: who settles them, and how they end",
		Long: `A dispute pauses reminders of the part in question, ages it apart, keeps the engine from paying it unattended, and is routed to its owner. It ends with a
credit note, which is set against the invoice at once, or the amount is due again.`,
		Example: `  tieout dispute
  tieout dispute open R-1001 200.00 --owner olga --reason "wrong price"
  tieout dispute resolve R-1001 --credit CN-7
  tieout dispute resolve R-1001 --due --answer "our letter of 12 March"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.listDisputes(cmd.Context()) },
	}
	cmd.AddCommand(
		&cobra.Command{Use: "list", Short: "List the disputes that are open", Example: "  tieout dispute list --json", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error { return a.listDisputes(cmd.Context()) }},
		a.disputeOpen(), a.disputeResolve())
	return cmd
}

func (a *app) disputeOpen() *cobra.Command {
	var request recon.Disputing
	var since string
	cmd := &cobra.Command{
		Use:     "open ITEM [AMT]",
		Short:   "Open a dispute about an item, or change the one that is open",
		Example: "  tieout dispute open R-1001 200.00 --owner olga --reason \"wrong price\"\n  tieout dispute open R-1001 --agreed",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			request.Number = args[0]
			if len(args) == 2 {
				request.Amount = args[1]
			}
			if request.Since, err = dayFlag("--since", since); err != nil {
				return err
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				d, err := p.Dispute(cmd.Context(), request)
				if err != nil {
					return err
				}
				return a.print(map[string]any{"item": request.Number, "since": d.Since, "owner": d.Owner, "reason": d.Reason, "phrase": d.Phrase, "credit_agreed": d.Agreed},
					func(w io.Writer) error {
						_, err := fmt.Fprintf(w, "%s is disputed since %s; %s settles it.\n", request.Number, d.Since, clean(d.Owner))
						return err
					})
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&request.Owner, "owner", "", "`PERSON` who settles it with the customer (default you)")
	f.StringVar(&request.Reason, "reason", "", "what the customer objects to")
	f.StringVar(&since, "since", "", "`DAY` on which the customer objected, YYYY-MM-DD (default today)")
	f.BoolVar(&request.Agreed, "agreed", false, "a credit is promised: the accounting system is told to issue it")
	return cmd
}

func (a *app) disputeResolve() *cobra.Command {
	var request recon.Ending
	var date string
	var due, withdrawn bool
	cmd := &cobra.Command{
		Use:     "resolve ITEM",
		Short:   "End the dispute about an item",
		Example: "  tieout dispute resolve R-1001 --credit CN-7\n  tieout dispute resolve R-1001 --due --answer \"our letter of 12 March\"",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			request.Number = args[0]
			switch {
			case request.Credit != "":
				request.Outcome = recon.DisputeCredited
			case due:
				request.Outcome = recon.DisputeDue
			case withdrawn:
				request.Outcome = recon.DisputeWithdrawn
			default:
				return usage("say how it ended: --credit NOTE, --due or --withdrawn")
			}
			if request.Date, err = dayFlag("--date", date); err != nil {
				return err
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				if _, err := p.EndDispute(cmd.Context(), request); err != nil {
					return err
				}
				return a.print(map[string]any{"item": request.Number, "outcome": request.Outcome}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "The dispute about %s is over: %s.\n", request.Number, request.Outcome)
					return err
				})
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&request.Credit, "credit", "", "`NUMBER` of the credit note that ends it")
	f.StringVar(&request.Amount, "amount", "", "`AMT` of the credit note (default what is in question)")
	f.BoolVar(&due, "due", false, "in our favour: the amount is due again")
	f.BoolVar(&withdrawn, "withdrawn", false, "the customer no longer objects")
	f.StringVar(&request.Answer, "answer", "", "how it was settled, in words")
	f.StringVar(&date, "date", "", "`DAY` on which it ended, YYYY-MM-DD (default today)")
	cmd.MarkFlagsMutuallyExclusive("credit", "due", "withdrawn")
	return cmd
}

// disputeView is an open dispute as --json prints it.
type disputeView struct {
	Item     string         `json:"item"`
	Customer string         `json:"customer"`
	Open     string         `json:"open"`
	Amount   string         `json:"in_question"`
	Currency recon.Currency `json:"currency"`
	Since    recon.Date     `json:"since"`
	Owner    string         `json:"owner"`
	Reason   string         `json:"reason"`
	Phrase   string         `json:"phrase"`
	Agreed   recon.Date     `json:"credit_agreed"`
}

func (a *app) listDisputes(ctx context.Context) error {
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		items, err := p.OpenDisputes(ctx)
		if err != nil {
			return err
		}
		views := make([]disputeView, len(items))
		for i, item := range items {
			d := item.Dispute
			minor := item.OpenMinor
			if d.AmountMinor != 0 {
				minor = min(minor, d.AmountMinor)
			}
			views[i] = disputeView{item.Number, item.Customer, recon.FormatMinor(item.OpenMinor, item.Currency), recon.FormatMinor(minor, item.Currency), item.Currency,
				d.Since, d.Owner, d.Reason, d.Phrase, d.Agreed}
		}
		return a.print(views, func(w io.Writer) error { return writeDisputes(w, views) })
	})
}

func writeDisputes(w io.Writer, views []disputeView) error {
	if len(views) == 0 {
		_, err := fmt.Fprintln(w, "Nothing is disputed.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ITEM\tCUSTOMER\tIN QUESTION\tSINCE\tOWNER\tREASON")
	for _, v := range views {
		why := v.Reason
		if v.Phrase != "" {
			why = fmt.Sprintf("%q", v.Phrase)
		}
		if v.Agreed != 0 {
			why += ", credit agreed"
		}
		fmt.Fprintf(t, "%s\t%s\t%s %s\t%s\t%s\t%s\n", clean(v.Item), clean(v.Customer), v.Amount, v.Currency, v.Since, clean(v.Owner), clean(why))
	}
	return t.Flush()
}
