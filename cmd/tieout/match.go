package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/worker"
)

func (a *app) matchCommand() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:     "match",
		Short:   "Decide every undecided receipt and apply the decisions",
		Example: "  tieout match --dry-run\n  tieout match",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				if dryRun {
					return a.matchDry(cmd.Context(), p)
				}
				matched, err := p.Match(cmd.Context())
				if err != nil {
					return err
				}
				if err := a.print(viewMatched(matched), func(w io.Writer) error { return writeMatched(w, matched) }); err != nil {
					return err
				}
				return a.faulty(matched.Faults)
			})
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "store nothing, print the plan")
	return cmd
}

// faulty tells that the audit objected to a plan: nothing of it was saved.
func (a *app) faulty(faults []matcher.Fault) error {
	for _, fault := range faults {
		fmt.Fprintf(a.err, "audit objects, nothing was saved: %s receipt %d: %s\n", fault.Code, fault.Source.ID, fault.Detail)
	}
	if len(faults) > 0 {
		return errLook
	}
	return nil
}

// matchedView is a matching round as --json prints it.
type matchedView struct {
	Receipts  int `json:"receipts"`
	Applied   int `json:"applied"`
	Queued    int `json:"queued"`
	Unchanged int `json:"unchanged"`
	Undone    int `json:"left_undecided"`
	Faults    int `json:"faults"`
}

func viewMatched(m worker.Matched) matchedView {
	return matchedView{m.Receipts, m.Applied, m.Queued, m.Unchanged, m.Undone, len(m.Faults)}
}

func writeMatched(w io.Writer, m worker.Matched) error {
	_, err := fmt.Fprintf(w, "%s looked at: %d applied, %d queued, %d as before.\n", counted(m.Receipts, "receipt", "receipts"), m.Applied, m.Queued, m.Unchanged)
	return err
}

// plannedView is one decision of a dry run.
type plannedView struct {
	Entry         int64            `json:"entry"`
	Source        recon.SourceKind `json:"source"` // receipt, or advance: money of the entry that waits for an order
	BankReference string           `json:"bank_reference"`
	Amount        string           `json:"amount"`
	Currency      string           `json:"currency"`
	Decision      recon.Outcome    `json:"decision"`
	Reason        recon.Reason     `json:"reason"`
	Score         int              `json:"score"`
	Customer      string           `json:"customer"`
	Lines         []lineView       `json:"lines"`
	Proposals     int              `json:"proposals"`
}

func (a *app) matchDry(ctx context.Context, p *worker.Pipeline) error {
	work, plan, faults, err := p.Plan(ctx)
	if err != nil {
		return err
	}
	views, err := viewPlan(ctx, p, work, plan)
	if err != nil {
		return err
	}
	if err := a.print(map[string]any{"decisions": views}, func(w io.Writer) error { return writePlan(w, views) }); err != nil {
		return err
	}
	return a.faulty(faults)
}

func viewPlan(ctx context.Context, p *worker.Pipeline, work recon.Work, plan recon.Plan) (views []plannedView, err error) {
	type money struct {
		reference string
		recon.Money
	}
	bySource := map[recon.Source]money{}
	for _, r := range work.Receipts {
		bySource[r.Source] = money{r.BankReference, recon.Money{Minor: r.AmountMinor, Currency: r.Currency}}
	}
	for _, r := range work.Returns {
		bySource[recon.Source{Kind: recon.SourceReceipt, ID: r.EntryID}] = money{r.BankReference, recon.Money{Minor: -r.AmountMinor, Currency: r.Currency}}
	}
	numbers := map[int64]string{}
	for _, item := range work.Book.Items {
		numbers[item.ID] = item.Number
	}
	views = make([]plannedView, len(plan.Decisions))
	for i, d := range plan.Decisions {
		m := bySource[d.Source]
		entry := d.Source.ID
		if d.Source.Kind != recon.SourceReceipt {
			if entry, err = p.AdvanceReceipt(ctx, d.Source); err != nil {
				return nil, err
			}
		}
		views[i] = plannedView{Entry: entry, Source: d.Source.Kind, BankReference: m.reference, Amount: recon.FormatMinor(m.Minor, m.Currency), Currency: string(m.Currency),
			Decision: d.Outcome, Reason: d.Reason, Score: d.Score, Customer: d.Customer, Lines: []lineView{}, Proposals: len(d.Proposals)}
		for _, l := range d.Lines {
			views[i].Lines = append(views[i].Lines, lineView{Kind: l.Kind, Item: numbers[l.Item], Credit: numbers[l.CreditNote], Amount: recon.FormatMinor(l.AmountMinor, m.Currency)})
		}
	}
	return views, nil
}

func writePlan(w io.Writer, views []plannedView) error {
	if len(views) == 0 {
		fmt.Fprintln(w, "Nothing to decide.")
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ENTRY\tAMOUNT\tDECISION\tREASON\tSCORE\tLINES")
	for _, v := range views {
		lines := ""
		for _, l := range v.Lines {
			lines += fmt.Sprintf("%s %s %s; ", l.Kind, l.Item, l.Amount)
		}
		entry := strconv.FormatInt(v.Entry, 10)
		if v.Source != recon.SourceReceipt {
			entry += " (" + string(v.Source) + ")"
		}
		fmt.Fprintf(t, "%s\t%s %s\t%s\t%s\t%d\t%s\n", entry, v.Amount, v.Currency, v.Decision, v.Reason, v.Score, lines)
	}
	fmt.Fprintln(t, "\nNothing was stored.")
	return t.Flush()
}
