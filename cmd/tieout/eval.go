package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/worker"
)

func (a *app) evalCommand() *cobra.Command {
	var truth string
	var worlds worldsFlags
	var list bool
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Score stored decisions against a labelled truth file",
		Long: `Compares the decisions in force with a truth file and prints what was applied rightly, wrongly and not at all, what was queued, and whether the right answer
is among the first three proposals, by kind of situation and by reason, with 95 % confidence intervals. Nothing is changed. The file has the columns
  bank_reference,expect,item,applied[,answer][,family]
expect is apply (one row per item; applied is money plus credit notes, without discount and write-off; an empty item is money kept on account, a negative
amount one that a return takes back) or queue (one row; answer is ITEM=AMT;… as a person would decide). Other columns are ignored.

With --worlds it generates labelled books and bank files instead, runs the nightly job on them with the embedded store, and scores that.`,
		Example: "  tieout eval --truth truth.csv\n  tieout eval --truth truth.csv --list --json\n  tieout eval --worlds 101-104 --receipts 2500",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case (truth == "") == (worlds.seeds == ""):
				return usage("name a truth file with --truth, or seeds of generated worlds with --worlds")
			case truth != "":
				return a.evalTruth(cmd.Context(), truth, list)
			}
			return a.evalWorlds(cmd.Context(), worlds, list)
		},
	}
	f := cmd.Flags()
	f.StringVar(&truth, "truth", "", "truth `FILE`")
	f.BoolVar(&list, "list", false, "list each receipt that came out otherwise than expected")
	f.StringVar(&worlds.seeds, "worlds", "", "`SEEDS` of generated worlds, such as 7 or 101-104")
	f.IntVar(&worlds.receipts, "receipts", 2500, "about how many receipts in each world")
	f.StringVar(&worlds.dir, "dir", "", "`FOLDER` to keep the worlds in (default a temporary one)")
	return cmd
}

func (a *app) evalTruth(ctx context.Context, path string, list bool) error {
	if err := inputFiles([]string{path}); err != nil {
		return err
	}
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		result, problems, err := evaluateFile(ctx, p, path)
		if err != nil {
			return err
		}
		view := viewEvaluation(result)
		view.Problems = append(view.Problems, problems...)
		if err := a.print(view, func(w io.Writer) error {
			say(a.err, filepath.Base(path)+": ", problems)
			return view.write(w, list)
		}); err != nil {
			return err
		}
		if len(problems) > 0 {
			return errLook
		}
		return nil
	})
}

func evaluateFile(ctx context.Context, p *worker.Pipeline, path string) (*books.Evaluation, []recon.Problem, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	return p.Evaluate(ctx, f, filepath.Base(path))
}

// evaluationView is an evaluation as --json prints it. Rates are shares of 1.
type evaluationView struct {
	tallyView
	StraightThrough rateView        `json:"straight_through"` // of the receipts that an expert applies
	ByLine          rateView        `json:"straight_through_by_line"`
	ByValue         []valueView     `json:"straight_through_by_value"`
	WrongApplied    rateView        `json:"wrong_applied"`     // of all that was applied
	Needless        rateView        `json:"needlessly_queued"` // of the receipts that an expert applies
	QueuedRight     rateView        `json:"queued_right"`      // of the receipts that an expert queues
	AnswerShown     rateView        `json:"answer_in_first_three"`
	ByPeople        int             `json:"decided_by_people"`
	Families        []groupView     `json:"families"`
	Reasons         []groupView     `json:"reasons"`
	Worlds          []worldView     `json:"worlds,omitempty"`
	Findings        []findingView   `json:"findings"`
	Problems        []recon.Problem `json:"problems"`
}

type tallyView struct {
	Receipts int `json:"receipts"`
	Apply    int `json:"to_apply"`
	Right    int `json:"applied_right"`
	Missed   int `json:"not_applied"`
	Queue    int `json:"to_queue"`
	Queued   int `json:"queued"`
	Wrong    int `json:"wrong"`
	Uncalled int `json:"wrong_of_those_to_queue"`
	Answers  int `json:"answers"`
	Answered int `json:"answers_shown"`
}

func viewTally(t books.Tally) tallyView {
	return tallyView{t.Receipts(), t.Apply, t.Right, t.Missed, t.Queue, t.Queued, t.Wrong, t.Uncalled, t.Answers, t.Answered}
}

// rateView is a share with its 95 % confidence interval; all null of nothing.
type rateView struct {
	In    int      `json:"in"`
	Of    int      `json:"of"`
	Share *float64 `json:"share"`
	Lower *float64 `json:"lower"`
	Upper *float64 `json:"upper"`
	text  string
}

func viewRate(r books.Rate) rateView {
	v := rateView{In: r.In, Of: r.Of, text: r.String()}
	if r.Of > 0 {
		rounded := func(x float64) *float64 { x = math.Round(x*1e6) / 1e6; return &x }
		v.Share, v.Lower, v.Upper = rounded(r.Share), rounded(r.Lower), rounded(r.Upper)
	}
	return v
}

type valueView struct {
	Currency string `json:"currency"`
	Expected string `json:"expected"`
	Applied  string `json:"applied"`
	Share    string `json:"share"`
}

type groupView struct {
	Name string `json:"name"`
	tallyView
}

type findingView struct {
	What          string             `json:"what"`
	Seed          uint64             `json:"seed,omitempty"`
	Family        string             `json:"family"`
	Entry         int64              `json:"entry"`
	BankReference string             `json:"bank_reference"`
	Amount        string             `json:"amount"`
	Decision      recon.Outcome      `json:"decision"`
	Reason        recon.Reason       `json:"reason"`
	Applied       []itemAmountView   `json:"applied"`
	Expect        string             `json:"expect"`
	Expected      []itemAmountView   `json:"expected"`
	Proposals     [][]itemAmountView `json:"proposals,omitempty"`
}

type itemAmountView struct {
	Item   string `json:"item"`
	Amount string `json:"amount"`
}

func viewAmounts(lines []books.Placed, currency recon.Currency) []itemAmountView {
	views := []itemAmountView{}
	for _, l := range books.PerItem(lines) {
		views = append(views, itemAmountView{l.Item, recon.FormatMinor(l.Minor, currency)})
	}
	return views
}

func viewEvaluation(e *books.Evaluation) evaluationView {
	v := evaluationView{tallyView: viewTally(e.Tally), ByPeople: e.ByPeople, Problems: []recon.Problem{}, Findings: []findingView{},
		StraightThrough: viewRate(books.WilsonRate(e.Right, e.Apply)), ByLine: viewRate(books.WilsonRate(e.LinesRight, e.Lines)),
		WrongApplied: viewRate(books.ExactRate(e.Wrong, e.Applied())), Needless: viewRate(books.WilsonRate(e.Missed, e.Apply)),
		QueuedRight: viewRate(books.WilsonRate(e.Queued, e.Queue)), AnswerShown: viewRate(books.WilsonRate(e.Answered, e.Answers))}
	for _, value := range e.SortedValues() {
		v.ByValue = append(v.ByValue, valueView{string(value.Currency), recon.FormatMinor(value.ExpectedMinor, value.Currency),
			recon.FormatMinor(value.RightMinor, value.Currency), value.Percent()})
	}
	for _, family := range books.Ranked(e.Families) {
		v.Families = append(v.Families, groupView{family, viewTally(*e.Families[family])})
	}
	for _, reason := range books.Ranked(e.Reasons) {
		v.Reasons = append(v.Reasons, groupView{string(reason), viewTally(*e.Reasons[reason])})
	}
	for _, f := range e.Findings {
		v.Findings = append(v.Findings, viewFinding(f))
	}
	return v
}

func viewFinding(f books.Finding) findingView {
	v := findingView{What: f.What, Family: f.Expected.Family, Entry: f.Stored.Entry, BankReference: f.Stored.Reference,
		Amount: recon.FormatMinor(f.Stored.AmountMinor, f.Stored.Currency), Decision: f.Stored.Outcome, Reason: f.Stored.Reason,
		Applied: viewAmounts(f.Stored.Lines, f.Stored.Currency), Expect: "queue", Expected: viewAmounts(f.Expected.Lines, f.Stored.Currency)}
	if f.Expected.Apply {
		v.Expect = "apply"
	}
	for _, lines := range f.Stored.Proposals {
		v.Proposals = append(v.Proposals, viewAmounts(lines, f.Stored.Currency))
	}
	return v
}

func (v evaluationView) write(w io.Writer, list bool) error {
	for _, world := range v.Worlds {
		fmt.Fprintf(w, "seed %d: %s; %d receipts, %d of %d applied, %d wrong\n", world.Seed, world.Company, world.Receipts, world.Right, world.Apply, world.Wrong)
	}
	v.writeRates(w)
	if len(v.Families) > 1 || len(v.Families) == 1 && v.Families[0].Name != "" {
		writeGroups(w, "SITUATION", v.Families)
	}
	writeGroups(w, "REASON", v.Reasons)
	if list {
		return v.writeFindings(w)
	}
	return nil
}

func (v evaluationView) writeRates(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name string, r rateView) { fmt.Fprintf(t, "%s\t%d of %d\t%s\n", name, r.In, r.Of, r.text) }
	fmt.Fprintf(t, "Receipts judged\t%d\n", v.Receipts)
	row("Applied, of those that an expert applies", v.StraightThrough)
	row("  by line", v.ByLine)
	for _, value := range v.ByValue {
		fmt.Fprintf(t, "  by value, %s\t%s of %s\t%s\n", value.Currency, value.Applied, value.Expected, value.Share)
	}
	row("Queued needlessly", v.Needless)
	row("Applied wrongly, of all applied", v.WrongApplied)
	row("Queued, of those that an expert queues", v.QueuedRight)
	row("Right answer among the first three proposals", v.AnswerShown)
	if v.ByPeople > 0 {
		fmt.Fprintf(t, "Decided by people, not judged\t%d\n", v.ByPeople)
	}
	t.Flush()
}

func writeGroups(w io.Writer, what string, groups []groupView) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\n")
	fmt.Fprintf(t, "%s\tTO APPLY\tAPPLIED\tTO QUEUE\tQUEUED\tWRONG\tANSWERS\tSHOWN\t\n", what)
	for _, g := range groups {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", cmp.Or(g.Name, "–"), g.Apply, g.Right, g.Queue, g.Queued, g.Wrong, g.Answers, g.Answered)
	}
	t.Flush()
}

func (v evaluationView) writeFindings(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\nFINDING\tSEED\tSITUATION\tENTRY\tREFERENCE\tAMOUNT\tDECISION\tREASON\tAPPLIED\tEXPECTED\n")
	for _, f := range v.Findings {
		fmt.Fprintf(t, "%s\t%d\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s %s\n", f.What, f.Seed, f.Family, f.Entry, f.BankReference, f.Amount, f.Decision, f.Reason,
			placedText(f.Applied), f.Expect, placedText(f.Expected))
	}
	return t.Flush()
}

func placedText(lines []itemAmountView) string {
	var parts []string
	for _, l := range lines {
		parts = append(parts, cmp.Or(l.Item, "on account")+"="+l.Amount)
	}
	return strings.Join(parts, ";")
}
