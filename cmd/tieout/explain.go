package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "explain ENTRY",
		Short:   "Why an entry was decided as it was",
		Long:    "Tells in plain sentences what was found, what it scored, who was second and why it lost, and which candidates were rejected for what reason.",
		Example: "  tieout explain 17",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := number(args[0])
			if err != nil {
				return err
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				detail, err := p.Store.Decision(cmd.Context(), p.Entity.ID, id)
				if errors.Is(err, store.ErrNotFound) {
					return usage("there is no decision on entry %d yet; see: tieout queue, tieout export applications", id)
				}
				if err != nil {
					return err
				}
				view, err := viewDecision(cmd.Context(), p, detail)
				if err != nil {
					return err
				}
				return a.print(view, view.write)
			})
		},
	}
}

// decisionView is a decision as people and --json see it.
type decisionView struct {
	Entry        int64             `json:"entry"`
	Booked       recon.Date        `json:"booked"`
	Amount       string            `json:"amount"`
	Currency     recon.Currency    `json:"currency"`
	Account      string            `json:"account"`
	Payer        string            `json:"payer"`
	Text         string            `json:"text"`
	Reference    string            `json:"bank_reference"`
	Decision     recon.Outcome     `json:"decision"`
	Reason       recon.Reason      `json:"reason"`
	Score        int               `json:"score"`
	Margin       int               `json:"margin"`
	Customer     string            `json:"customer"`
	Actor        string            `json:"actor"`
	At           string            `json:"at"`
	Rules        string            `json:"rules"`
	Note         string            `json:"note,omitempty"`
	Queued       bool              `json:"queued"`
	Sentences    []string          `json:"explanation"`
	Proposals    []proposalView    `json:"proposals"`
	Applications []applicationView `json:"applications"`
}

type proposalView struct {
	Number     int          `json:"proposal"`
	Reason     recon.Reason `json:"reason"`
	Why        string       `json:"why"`
	Score      int          `json:"score"`
	Difference string       `json:"difference"`
	Lines      []lineView   `json:"lines"`
	Clears     int64        `json:"clears,omitempty"`
	Reverses   []int64      `json:"reverses,omitempty"`
}

type lineView struct {
	Kind   recon.Kind `json:"kind"`
	Item   string     `json:"item"`
	Credit string     `json:"credit_note,omitempty"`
	Amount string     `json:"amount"`
	Leaves string     `json:"leaves,omitempty"` // what stays open of the item after the proposal
}

// itemIndex loads the items that a decision speaks of.
func itemIndex(ctx context.Context, p *worker.Pipeline, ids []int64) (func(int64) (recon.Item, bool), error) {
	byID := map[int64]recon.Item{}
	if len(ids) > 0 {
		items, err := p.Store.Items(ctx, p.Entity.ID, store.ItemFilter{IDs: ids})
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			byID[item.ID] = item
		}
	}
	return func(id int64) (recon.Item, bool) { item, ok := byID[id]; return item, ok }, nil
}

// mentioned lists the items of a decision: of its lines, proposals, evidence and rejections.
func mentioned(d recon.Decision) (ids []int64) {
	add := func(lines []recon.Line, evidence []recon.Evidence) {
		for _, l := range lines {
			ids = append(ids, l.Item, l.CreditNote)
		}
		for _, e := range evidence {
			ids = append(ids, e.Item)
		}
	}
	add(d.Lines, d.Evidence)
	for _, proposal := range d.Proposals {
		add(proposal.Lines, proposal.Evidence)
	}
	for _, r := range d.Rejected {
		ids = append(ids, r.Item)
	}
	for _, s := range d.Shortfalls {
		ids = append(ids, s.Item)
	}
	return ids
}

func viewDecision(ctx context.Context, p *worker.Pipeline, detail store.DecisionDetail) (decisionView, error) {
	items, err := itemIndex(ctx, p, mentioned(detail.Decision))
	if err != nil {
		return decisionView{}, err
	}
	applications, err := p.Store.ApplicationsOf(ctx, p.Entity.ID, detail.Entry.ID)
	if err != nil {
		return decisionView{}, err
	}
	e, d := detail.Entry, detail.Decision
	view := decisionView{Entry: e.ID, Booked: e.Booked, Amount: recon.FormatMinor(e.AmountMinor, e.Currency), Currency: e.Currency, Account: e.AccountID,
		Payer: e.Counterparty.Name, Text: e.Text, Reference: e.BankReference, Decision: d.Outcome, Reason: d.Reason, Score: d.Score, Margin: d.Margin,
		Customer: d.Customer, Actor: detail.Actor, At: detail.At.UTC().Format(time.RFC3339), Rules: detail.Rules, Note: detail.Note, Queued: detail.Case != nil,
		Sentences: matcher.Explain(d, items), Proposals: []proposalView{}}
	if detail.Case != nil {
		for i, proposal := range d.Proposals {
			view.Proposals = append(view.Proposals, viewProposal(i+1, proposal, e.Currency, items))
		}
	}
	view.Applications, err = viewApplications(ctx, p, applications)
	return view, err
}

func viewProposal(number int, proposal recon.Proposal, currency recon.Currency, items func(int64) (recon.Item, bool)) proposalView {
	view := proposalView{Number: number, Reason: proposal.Reason, Why: matcher.Sentence(proposal.Reason), Score: proposal.Score, Clears: proposal.Clears,
		Reverses: proposal.Reverses, Difference: recon.FormatMinor(proposal.DifferenceMinor, currency), Lines: []lineView{}}
	falls := map[int64]int64{}
	for _, l := range proposal.Lines {
		if l.Kind.Reduces() {
			falls[l.Item] += l.AmountMinor
		}
	}
	for _, l := range proposal.Lines {
		line := lineView{Kind: l.Kind, Amount: recon.FormatMinor(l.AmountMinor, currency)}
		if item, ok := items(l.Item); ok {
			line.Item, line.Leaves = item.Number, recon.FormatMinor(item.OpenMinor-falls[l.Item], currency)
		}
		if note, ok := items(l.CreditNote); ok {
			line.Credit = note.Number
		}
		view.Lines = append(view.Lines, line)
	}
	return view
}

func (v decisionView) write(w io.Writer) error {
	fmt.Fprintf(w, "Entry %d: %s %s booked %s on %s", v.Entry, v.Amount, v.Currency, v.Booked, v.Account)
	if v.Payer != "" {
		fmt.Fprintf(w, " from %s", clean(v.Payer))
	}
	fmt.Fprintln(w)
	if v.Text != "" {
		fmt.Fprintf(w, "  text: %s\n", clean(v.Text))
	}
	fmt.Fprintf(w, "  %s by %s at %s: %s (%s)\n", v.Decision, v.Actor, v.At, matcher.Sentence(v.Reason), v.Reason)
	for _, sentence := range v.Sentences {
		fmt.Fprintf(w, "  - %s\n", clean(sentence))
	}
	if err := writeProposals(w, v); err != nil {
		return err
	}
	return writeApplicationViews(w, v.Applications)
}

func writeProposals(w io.Writer, v decisionView) error {
	for _, proposal := range v.Proposals {
		fmt.Fprintf(w, "\nProposal %d (score %d): %s\n", proposal.Number, proposal.Score, proposal.Why)
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, l := range proposal.Lines {
			what := l.Item
			if l.Credit != "" {
				what = fmt.Sprintf("%s with %s", l.Item, l.Credit)
			}
			leaves := ""
			if l.Leaves != "" {
				leaves = "leaves " + l.Leaves
			}
			fmt.Fprintf(t, "  %s\t%s\t%s %s\t%s\n", l.Kind, what, l.Amount, v.Currency, leaves)
		}
		if err := t.Flush(); err != nil {
			return err
		}
		if proposal.Clears != 0 {
			fmt.Fprintf(w, "  is the money of the payment recorded by hand as %d\n", proposal.Clears)
		}
		if len(proposal.Reverses) > 0 {
			fmt.Fprintf(w, "  takes back applications %v\n", proposal.Reverses)
		}
	}
	if len(v.Proposals) > 0 {
		fmt.Fprintf(w, "\nDecide: tieout queue resolve %d --proposal N\n", v.Entry)
	}
	return nil
}

// applicationView is an application as people and --json see it.
type applicationView struct {
	ID         int64      `json:"id"`
	Kind       recon.Kind `json:"kind"`
	Item       string     `json:"item"`
	Amount     string     `json:"amount"`
	Currency   string     `json:"currency"`
	Effective  recon.Date `json:"effective"`
	Actor      string     `json:"actor"`
	Reverses   int64      `json:"reverses,omitempty"`
	ReversedBy int64      `json:"reversed_by,omitempty"`
}

func viewApplications(ctx context.Context, p *worker.Pipeline, applications []recon.Application) ([]applicationView, error) {
	var ids []int64
	for _, application := range applications {
		ids = append(ids, application.Item)
	}
	items, err := itemIndex(ctx, p, ids)
	if err != nil {
		return nil, err
	}
	views := make([]applicationView, len(applications))
	for i, application := range applications {
		item, _ := items(application.Item)
		views[i] = applicationView{application.ID, application.Kind, item.Number, recon.FormatMinor(application.AmountMinor, application.Currency),
			string(application.Currency), application.Effective, application.Actor, application.Reverses, application.ReversedBy}
	}
	return views, nil
}

func writeApplicationViews(w io.Writer, views []applicationView) error {
	if len(views) == 0 {
		return nil
	}
	fmt.Fprintln(w, "\nApplications:")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, v := range views {
		state := ""
		switch {
		case v.Reverses != 0:
			state = fmt.Sprintf("takes back %d", v.Reverses)
		case v.ReversedBy != 0:
			state = fmt.Sprintf("taken back by %d", v.ReversedBy)
		}
		fmt.Fprintf(t, "  %d\t%s\t%s\t%s %s\t%s\t%s\t%s\n", v.ID, v.Kind, v.Item, v.Amount, v.Currency, v.Effective, v.Actor, state)
	}
	return t.Flush()
}
