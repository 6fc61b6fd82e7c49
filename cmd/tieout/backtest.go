package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
	"github.com/tieout/tieout/worker"
)

func (a *app) backtestCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "backtest",
		Short: "Decide history again under other rules, and show what would change",
		Long: `Decides all receipts and returns again under the rules of a file, round by round, each on the books as they were then, and lists what would have come out
otherwise: old and new decision, amounts, sums by reason, and the decisions of people that the new rules would contradict. Nothing is stored. Customers and the
terms of items are taken as they are today.`,
		Example: "  tieout backtest --rules other.yaml\n  tieout backtest --rules other.yaml --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if path == "" {
				return usage("name the other rules with --rules")
			}
			return a.backtest(cmd.Context(), path)
		},
	}
	cmd.Flags().StringVar(&path, "rules", "", "`FILE` with the other rules")
	return cmd
}

func (a *app) backtest(ctx context.Context, path string) error {
	if err := inputFiles([]string{path}); err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return errWorld{err}
	}
	set, problems := rules.Load(filepath.Base(path), text)
	if err := a.configProblems(problems); err != nil {
		return err
	}
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		result, err := p.Backtest(ctx, set)
		if err != nil {
			return err
		}
		if len(result.Faults) > 0 {
			return a.faulty(result.Faults)
		}
		view := viewBacktest(result)
		return a.print(view, view.write)
	})
}

// backtestView is a backtest as --json prints it.
type backtestView struct {
	Rules        string               `json:"rules"`
	Rounds       int                  `json:"rounds"`
	Receipts     int                  `json:"receipts"`
	Contradicted int                  `json:"people_contradicted"`
	Confirmed    int                  `json:"people_confirmed"`
	Changes      []backtestChangeView `json:"changes"`
	Reasons      []backtestReasonView `json:"reasons"`
}

type backtestChangeView struct {
	Entry         int64                `json:"entry"`
	BankReference string               `json:"bank_reference"`
	Booked        recon.Date           `json:"booked"`
	Amount        string               `json:"amount"`
	Currency      recon.Currency       `json:"currency"`
	What          string               `json:"what"`
	ByPerson      bool                 `json:"by_person"`
	Old           backtestDecisionView `json:"old"`
	New           backtestDecisionView `json:"new"`
}

type backtestDecisionView struct {
	Decision recon.Outcome `json:"decision"`
	Reason   recon.Reason  `json:"reason"`
	Lines    []lineView    `json:"lines"`
}

type backtestReasonView struct {
	Currency  recon.Currency `json:"currency"`
	Reason    recon.Reason   `json:"reason"`
	Old       int            `json:"old"`
	OldAmount string         `json:"old_amount"`
	New       int            `json:"new"`
	NewAmount string         `json:"new_amount"`
}

func viewBacktest(b worker.Backtest) backtestView {
	v := backtestView{Rules: b.Rules, Rounds: b.Rounds, Receipts: b.Receipts, Contradicted: b.Contradicted, Confirmed: b.Confirmed,
		Changes: []backtestChangeView{}, Reasons: []backtestReasonView{}}
	for _, c := range b.Changes {
		v.Changes = append(v.Changes, backtestChangeView{c.Entry, c.BankReference, c.Booked, recon.FormatMinor(c.AmountMinor, c.Currency), c.Currency, c.What,
			c.ByPerson, viewBacktestDecision(c.Old, c.Currency), viewBacktestDecision(c.New, c.Currency)})
	}
	for _, r := range b.Reasons {
		v.Reasons = append(v.Reasons, backtestReasonView{r.Currency, r.Reason, r.Old, recon.FormatMinor(r.OldMinor, r.Currency), r.New, recon.FormatMinor(r.NewMinor, r.Currency)})
	}
	return v
}

func viewBacktestDecision(d worker.BacktestDecision, currency recon.Currency) backtestDecisionView {
	v := backtestDecisionView{Decision: d.Outcome, Reason: d.Reason, Lines: []lineView{}}
	for _, l := range d.Lines {
		v.Lines = append(v.Lines, lineView{Kind: l.Kind, Item: l.Item, Amount: recon.FormatMinor(l.AmountMinor, currency)})
	}
	return v
}

func (v backtestView) write(w io.Writer) error {
	fmt.Fprintf(w, "%s, decided in %s; %d would come out otherwise.\n", counted(v.Receipts, "receipt or return", "receipts and returns"),
		counted(v.Rounds, "round", "rounds"), len(v.Changes))
	fmt.Fprintf(w, "Decisions of people that the new rules would contradict: %d; that they would have made: %d.\n", v.Contradicted, v.Confirmed)
	if len(v.Changes) > 0 {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "\nCHANGE\tENTRY\tREFERENCE\tBOOKED\tAMOUNT\tSTORED\tWOULD BE")
		for _, c := range v.Changes {
			fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s %s\t%s\t%s\n", c.What, c.Entry, c.BankReference, c.Booked, c.Amount, c.Currency, c.Old, c.New)
		}
		t.Flush()
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\nREASON\tCURRENCY\tSTORED\tAMOUNT\tWOULD BE\tAMOUNT\t")
	for _, r := range v.Reasons {
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%d\t%s\t\n", r.Reason, r.Currency, r.Old, r.OldAmount, r.New, r.NewAmount)
	}
	t.Flush()
	_, err := fmt.Fprintln(w, "\nNothing was stored.")
	return err
}

// String tells a decision in one cell.
func (d backtestDecisionView) String() string {
	parts := []string{fmt.Sprintf("%s %s", d.Decision, d.Reason)}
	for _, l := range d.Lines {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%s %s", l.Kind, l.Item))+" "+l.Amount)
	}
	return strings.Join(parts, "; ")
}
