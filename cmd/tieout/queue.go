package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

func (a *app) queueCommand() *cobra.Command {
	var query listQuery
	list := func(cmd *cobra.Command, _ []string) error { return a.queueList(cmd.Context(), query) }
	cmd := &cobra.Command{
		Use:     "queue",
		Short:   "The exception queue: receipts that wait for a person",
		Example: "  tieout queue\n  tieout queue show 17\n  tieout queue resolve 17 --proposal 1\n  tieout queue resolve 17 --apply R-1001=80.00 --on-account 20.00",
		Args:    cobra.NoArgs,
		RunE:    list,
	}
	lists := &cobra.Command{Use: "list", Short: "List the open cases, largest first", Example: "  tieout queue list --sort age --search meyer", Args: cobra.NoArgs, RunE: list}
	query.flags(cmd)
	query.flags(lists)
	cmd.AddCommand(lists,
		&cobra.Command{Use: "show ID", Short: "Show one case with its proposals", Example: "  tieout queue show 17", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error { return a.queueShow(cmd.Context(), args[0]) }},
		&cobra.Command{Use: "release ID", Short: "Give a case that a person took or set aside back to the engine", Example: "  tieout queue release 17", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error { return a.queueRelease(cmd.Context(), args[0]) }},
		a.queueResolve(), a.queueDecline(), a.queueAssign(), a.queueNote(), a.queueSnooze())
	return cmd
}

// number reads the id of a receipt, entry or application.
func number(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, usage("%q is not an id; ids are whole numbers, see: tieout queue", text)
	}
	return id, nil
}

// clean makes a bank's text safe for a terminal: control and direction characters become '?'.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}

func cut(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return s
}

func (a *app) queueShow(ctx context.Context, text string) error {
	id, err := number(text)
	if err != nil {
		return err
	}
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		detail, err := p.Store.Decision(ctx, p.Entity.ID, id)
		if errors.Is(err, store.ErrNotFound) || err == nil && detail.Case == nil {
			return usage("receipt %d is not in the queue; see: tieout queue, or: tieout explain %d", id, id)
		}
		if err != nil {
			return err
		}
		view, err := viewDecision(ctx, p, detail)
		if err != nil {
			return err
		}
		return a.print(view, view.write)
	})
}

func (a *app) queueRelease(ctx context.Context, text string) error {
	id, err := number(text)
	if err != nil {
		return err
	}
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		if err := p.Release(ctx, id); err != nil {
			return missing(err, "receipt %d", id)
		}
		return a.print(map[string]any{"released": id}, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "Receipt %d is the engine's again; the next run decides it.\n", id)
			return err
		})
	})
}

func (a *app) queueDecline() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:     "decline ID ITEM…",
		Short:   "Say which items a queued receipt does not pay",
		Long:    "The items are not proposed for the receipt again, and the next run decides it anew without them.",
		Example: "  tieout queue decline 17 R-1001 R-1002 --reason \"paid by cheque\"",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := number(args[0])
			if err != nil {
				return err
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				if err := p.Decline(cmd.Context(), id, 0, args[1:], reason); err != nil {
					return missing(err, "receipt %d", id)
				}
				return a.print(map[string]any{"receipt": id, "declined": args[1:]}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "Receipt %d does not pay %s; the next run decides it anew.\n", id, strings.Join(args[1:], ", "))
					return err
				})
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, kept with the decision")
	return cmd
}

// missing says in the person's terms that something they named does not exist.
func missing(err error, format string, values ...any) error {
	if errors.Is(err, store.ErrNotFound) {
		return usage("%s does not exist", fmt.Sprintf(format, values...))
	}
	return err
}

func (a *app) queueResolve() *cobra.Command {
	var r worker.Request
	var apply, credit, discount, writeOff []string
	var nextDate string
	cmd := &cobra.Command{
		Use:   "resolve ID",
		Short: "Decide a queued receipt",
		Long: `Takes a proposal of the case, or amounts by item. An amount at --apply is what the invoice falls by: money and credit notes
together, so a credit note of 20.00 on an invoice of 100.00 is --apply INVOICE=100.00 --credit NOTE=20.00 for a receipt of 80.00.
An invoice in another currency takes ITEM=AMT@COST: it falls by AMT of its own currency for COST of the receipt's. All amounts must use the receipt up; what is left goes --on-account. A --charge is booked on the applied item that it closes exactly, else
on the last one named that is short by at least as much.`,
		Example: `  tieout queue resolve 17 --proposal 1
  tieout queue resolve 17 --apply R-1001=100.00 --credit CN-7=20.00
  tieout queue resolve 17 --apply R-1001=95.00 --charge 5.00
  tieout queue resolve 17 --spread R-1001,R-1002
  tieout queue resolve 17 --apply R-1001=600.00 --reason dispute
  tieout queue resolve 17 --apply R-1001=250.00 --reason instalment --next-date 2026-04-15`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if r.Receipt, err = number(args[0]); err != nil {
				return err
			}
			if err := r.NextDate.UnmarshalText([]byte(nextDate)); err != nil {
				return usage("--next-date: %v", err)
			}
			for _, list := range []struct {
				flag  string
				texts []string
				into  *[]worker.ItemAmount
			}{{"--apply", apply, &r.Apply}, {"--credit", credit, &r.Credit}, {"--discount", discount, &r.Discount}, {"--write-off", writeOff, &r.WriteOff}} {
				if *list.into, err = itemAmounts(list.flag, list.texts); err != nil {
					return err
				}
			}
			if !hasDecision(r) {
				return usage("say what to do: --proposal N, or amounts such as --apply ITEM=AMT")
			}
			return a.resolve(cmd.Context(), r)
		},
	}
	f := cmd.Flags()
	f.IntVar(&r.Proposal, "proposal", 0, "take proposal `N` as it is")
	f.StringVar(&r.Plan, "plan", "", "take the proposal with this `HASH` as it was shown, and nothing else")
	f.StringArrayVar(&apply, "apply", nil, "an invoice falls by an amount: `ITEM=AMT` (repeatable)")
	f.StringArrayVar(&credit, "credit", nil, "use a credit note: `ITEM=AMT` (repeatable)")
	f.StringArrayVar(&discount, "discount", nil, "grant a discount: `ITEM=AMT` (repeatable)")
	f.StringArrayVar(&writeOff, "write-off", nil, "write off a small difference: `ITEM=AMT` (repeatable)")
	f.StringArrayVar(&r.Charge, "charge", nil, "`AMT` that a bank withheld on the way (repeatable)")
	f.StringArrayVar(&r.OnAccount, "on-account", nil, "keep `AMT` for the customer (repeatable)")
	f.StringArrayVar(&r.Refund, "refund", nil, "give `AMT` back to the payer; needs a second person (repeatable)")
	f.StringSliceVar(&r.Spread, "spread", nil, "fill `ITEM,ITEM,…` with the whole receipt from top to bottom; the surplus is kept on account")
	f.StringVar(&r.Customer, "customer", "", "whose money it is: the customer's `CODE`")
	f.BoolVar(&r.SetAside, "set-aside", false, "it is no receipt")
	f.StringVar(&r.Ledger, "ledger", "", "`ACCOUNT` to which --set-aside posts it (default suspense)")
	f.StringVar(&r.Reason, "reason", "", "why: dispute, deduction, instalment, or your own words")
	f.StringVar(&nextDate, "next-date", "", "`DAY` on which the rest is to come")
	cmd.MarkFlagsMutuallyExclusive("proposal", "apply")
	cmd.MarkFlagsMutuallyExclusive("proposal", "set-aside")
	cmd.MarkFlagsMutuallyExclusive("set-aside", "apply")
	cmd.MarkFlagsMutuallyExclusive("spread", "apply")
	cmd.MarkFlagsMutuallyExclusive("spread", "proposal")
	cmd.MarkFlagsMutuallyExclusive("spread", "set-aside")
	return cmd
}

func hasDecision(r worker.Request) bool {
	return r.Proposal > 0 || r.Plan != "" || r.SetAside || len(r.Apply)+len(r.Spread)+len(r.OnAccount)+len(r.Credit)+len(r.Discount)+len(r.WriteOff)+len(r.Refund) > 0
}

func itemAmounts(flag string, texts []string) (amounts []worker.ItemAmount, err error) {
	for _, text := range texts {
		at := strings.LastIndexByte(text, '=')
		if at <= 0 || at == len(text)-1 {
			return nil, usage("%s %q: write ITEM=AMT, such as R-1001=80.00", flag, text)
		}
		amounts = append(amounts, worker.ItemAmount{Number: text[:at], Amount: text[at+1:]})
	}
	return amounts, nil
}

func (a *app) resolve(ctx context.Context, r worker.Request) error {
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		done, err := p.Resolve(ctx, r)
		if err != nil {
			return err
		}
		if done.Proposal != 0 {
			return a.printProposed(done)
		}
		applications, err := p.Store.ApplicationsOf(ctx, p.Entity.ID, r.Receipt)
		if err != nil {
			return err
		}
		views, err := viewApplications(ctx, p, applications)
		if err != nil {
			return err
		}
		return a.print(map[string]any{"receipt": r.Receipt, "decision": done.Decision, "applications": views}, func(w io.Writer) error {
			fmt.Fprintf(w, "Receipt %d is decided.\n", r.Receipt)
			return writeApplicationViews(w, views)
		})
	})
}
