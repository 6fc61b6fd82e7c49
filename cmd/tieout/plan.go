package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/worker"
)

// planFlags are what a person wrote about a plan.
type planFlags struct {
	recon.Planning
	from, to    string
	add, change []string
	payable     bool
	dry         bool
}

func (a *app) planCommand() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan ITEM",
		Short: "The payment plan of an item: shown, split equally, edited",
		Long: `Shows the payment plan of an invoice, ours or a supplier's, or edits it: lines are made void, removed, changed and added in this order, and what then
remains is split equally. Alone, --split divides the whole balance due anew. The plan must total the balance due, else nothing is changed and the amount over or
remaining is said. A line that is void or paid stays as it is. --dry-run shows what the plan would be.`,
		Example: `  tieout plan R-1001
  tieout plan R-1001 --split 3 --from 2026-01-15 --to 2026-03-15
  tieout plan R-1001 --change 2=2026-05-01:150.00 --add 2026-06-15=83.33
  tieout plan R-1001 --remove 3 --split 2 --from 2026-04-15 --to 2026-05-15`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.Number = args[0]
			edits, err := f.read(cmd)
			if err != nil {
				return err
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				if !edits {
					item, err := p.Item(cmd.Context(), f.Side, f.Number)
					if err != nil {
						return err
					}
					return a.printPlan(recon.Planned{Item: item}, "")
				}
				planned, err := p.PlanItem(cmd.Context(), f.Planning, f.dry)
				if err != nil {
					return err
				}
				said := "Saved."
				if !planned.Saved {
					said = "Nothing is changed: this is what the plan would be."
				}
				return a.printPlan(planned, said)
			})
		},
	}
	f.register(cmd)
	return cmd
}

func (f *planFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.IntVar(&f.Parts, "split", 0, "split what remains into `N` equal parts; the cents that are over go to the last one")
	flags.StringVar(&f.from, "from", "", "`DAY` of the first part, YYYY-MM-DD")
	flags.StringVar(&f.to, "to", "", "`DAY` of the last part")
	flags.StringArrayVar(&f.add, "add", nil, "a new line: `DAY=AMT` (repeatable)")
	flags.StringArrayVar(&f.change, "change", nil, "another day or amount of a line: `N=DAY:AMT`, N=DAY or N=:AMT (repeatable)")
	flags.IntSliceVar(&f.Remove, "remove", nil, "remove lines: `N,N…`")
	flags.IntSliceVar(&f.Void, "void", nil, "make lines void: `N,N…`")
	flags.BoolVar(&f.Clear, "clear", false, "remove every line that may still change")
	flags.StringVar(&f.Terms.Method, "method", "", "how new lines are paid: ach, manual, cheque …")
	flags.StringVar(&f.Terms.Account, "account", "", "bank `ACCOUNT` of new lines")
	flags.StringVar(&f.Terms.Cheque, "cheque", "", "cheque `NUMBER` of a new line")
	flags.StringVar(&f.Terms.Note, "note", "", "a note kept with new lines")
	flags.BoolVar(&f.payable, "payable", false, "the item is a supplier's, where both sides have that number")
	flags.BoolVar(&f.dry, "dry-run", false, "change nothing")
}

// read turns the flags into a request and reports whether it edits anything.
func (f *planFlags) read(cmd *cobra.Command) (edits bool, err error) {
	if f.payable {
		f.Side = recon.Payable
	}
	if f.From, err = dayFlag("--from", f.from); err != nil {
		return false, err
	}
	if f.To, err = dayFlag("--to", f.to); err != nil {
		return false, err
	}
	for _, text := range f.add {
		line, err := f.added(text)
		if err != nil {
			return false, err
		}
		f.Add = append(f.Add, line)
	}
	for _, text := range f.change {
		line, err := changed(text)
		if err != nil {
			return false, err
		}
		f.Change = append(f.Change, line)
	}
	if cmd.Flags().Changed("split") && f.Parts <= 0 {
		return false, usage("--split %d: write a number of parts", f.Parts)
	}
	return f.Parts > 0 || f.Clear || len(f.Add)+len(f.Change)+len(f.Remove)+len(f.Void) > 0, nil
}

func (f *planFlags) added(text string) (recon.PlanLine, error) {
	day, amount, found := strings.Cut(text, "=")
	line := f.Terms
	if line.Amount = amount; !found || line.DueDate.UnmarshalText([]byte(day)) != nil || line.DueDate == 0 {
		return line, usage("--add %q: write DAY=AMT, such as 2026-04-15=200.00", text)
	}
	return line, nil
}

func changed(text string) (line recon.PlanLine, err error) {
	number, rest, found := strings.Cut(text, "=")
	day, amount, _ := strings.Cut(rest, ":")
	line.Amount = amount
	if line.Sequence, err = strconv.Atoi(number); err != nil || !found || line.DueDate.UnmarshalText([]byte(day)) != nil || rest == "" {
		return line, usage("--change %q: write N=DAY:AMT, such as 2=2026-05-01:150.00", text)
	}
	return line, nil
}

// instalmentView is a line of a plan as --json prints it.
type instalmentView struct {
	Sequence int        `json:"sequence"`
	DueDate  recon.Date `json:"due_date"`
	Amount   string     `json:"amount"`
	Paid     string     `json:"paid"`
	PaidOn   recon.Date `json:"paid_on"`
	State    string     `json:"state"`
	Method   string     `json:"method"`
	Account  string     `json:"account"`
	Cheque   string     `json:"check_number"`
	Note     string     `json:"note"`
}

func (a *app) printPlan(planned recon.Planned, said string) error {
	item := planned.Item
	format := func(minor int64) string { return recon.FormatMinor(minor, item.Currency) }
	lines := make([]instalmentView, len(item.Instalments))
	for i, l := range item.Instalments {
		lines[i] = instalmentView{l.Sequence, l.DueDate, format(l.AmountMinor), format(l.PaidMinor), l.PaidOn, books.InstalmentState(l), l.Method, l.Account, l.CheckNumber, l.Note}
	}
	view := map[string]any{"item": item.Number, "currency": item.Currency, "amount": format(item.AmountMinor), "balance_due": format(item.OpenMinor), "lines": lines, "saved": planned.Saved}
	return a.print(view, func(w io.Writer) error {
		if len(lines) == 0 {
			_, err := fmt.Fprintf(w, "%s has no payment plan; %s %s is due on %s.\n", item.Number, format(item.OpenMinor), item.Currency, item.DueDate)
			return err
		}
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "NO\tDUE\tAMOUNT\tPAID\tSTATE\tPAID ON\tHOW")
		for _, l := range lines {
			fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Sequence, l.DueDate, l.Amount, l.Paid, l.State, l.PaidOn, clean(strings.Join(strings.Fields(l.Method+" "+l.Account+" "+l.Cheque), " ")))
		}
		fmt.Fprintf(t, "balance due\t\t%s %s\n", format(item.OpenMinor), item.Currency)
		if err := t.Flush(); err != nil || said == "" {
			return err
		}
		_, err := fmt.Fprintln(w, said)
		return err
	})
}
