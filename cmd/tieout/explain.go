package main

import (
	"cmp"
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
		Use:   "explain ENTRY",
		Short: "Why an entry was decided as it was",
		Long: `Tells in plain sentences what was found, what it scored, who was second and why it lost, and which candidates were rejected for what reason; of an
entry that is no receipt, what it is and by which rule; of a payment recorded by hand, whether the bank has shown its money.`,
		Example: "  tieout explain 17",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := number(args[0])
			if err != nil {
				return err
			}
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				view, err := explanation(cmd.Context(), p, id)
				if err != nil {
					return err
				}
				return a.print(view, view.write)
			})
		},
	}
}

// explanation is the decision on an entry, or what the entry is where nobody decides it, or has decided yet.
func explanation(ctx context.Context, p *worker.Pipeline, id int64) (decisionView, error) {
	detail, err := p.Store.Decision(ctx, p.Entity.ID, id)
	if err == nil {
		return viewDecision(ctx, p, detail)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return decisionView{}, err
	}
	entry, err := p.Store.Entry(ctx, p.Entity.ID, id)
	if err != nil {
		return decisionView{}, missing(err, "entry %d", id)
	}
	return viewUndecided(p, entry), nil
}

// decisionView is a decision as people and --json see it.
type decisionView struct {
	Entry        int64             `json:"entry"`
	Class        recon.Class       `json:"class"`
	Return       bool              `json:"return,omitempty"`
	Ledger       string            `json:"ledger,omitempty"` // account that an entry that is no receipt is posted to
	Rule         string            `json:"rule,omitempty"`   // that says so
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
	ByHand       *byHandView       `json:"by_hand,omitempty"`
	Sentences    []string          `json:"explanation"`
	Changed      bool              `json:"proposals_changed,omitempty"` // since it was queued: they were worked out anew
	Proposals    []proposalView    `json:"proposals"`
	Applications []applicationView `json:"applications"`
}

// byHandView is a payment recorded by hand, of which the entry may be the bank's side.
type byHandView struct {
	Payment   int64      `json:"payment"`
	Method    string     `json:"method"`
	Cheque    string     `json:"cheque"`
	ClearedBy int64      `json:"cleared_by,omitempty"`
	ClearedOn recon.Date `json:"cleared_on"`
	Void      bool       `json:"void"`
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
	Plan       string       `json:"plan"`
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
	view := viewEntry(e)
	view.Decision, view.Reason, view.Score, view.Margin, view.Customer, view.Actor = d.Outcome, d.Reason, d.Score, d.Margin, d.Customer, detail.Actor
	view.Return = d.Return
	view.At, view.Rules, view.Note, view.Queued = detail.At.UTC().Format(time.RFC3339), detail.Rules, detail.Note, detail.Case != nil
	if view.Queued {
		offers, err := p.Offers(ctx, detail)
		if err != nil {
			return decisionView{}, err
		}
		if view.Changed = offers.Changed; view.Changed {
			if items, err = itemIndex(ctx, p, append(mentioned(d), mentioned(offers.Decision)...)); err != nil {
				return decisionView{}, err
			}
		}
		for i, offer := range offers.Offers {
			view.Proposals = append(view.Proposals, viewProposal(i+1, offer, e.Currency, items))
		}
		d.Proposals = nil // said once, in full
	}
	view.Sentences = matcher.Explain(d, items)
	if view.ByHand, err = viewByHand(ctx, p, detail, applications); err != nil {
		return decisionView{}, err
	}
	view.Applications, err = viewApplications(ctx, p, applications)
	return view, err
}

func viewEntry(e recon.EntryRow) decisionView {
	return decisionView{Entry: e.ID, Class: e.Class, Booked: e.Booked, Amount: recon.FormatMinor(e.AmountMinor, e.Currency), Currency: e.Currency, Account: e.AccountID,
		Payer: e.Counterparty.Name, Text: e.Text, Reference: e.BankReference, Proposals: []proposalView{}, Applications: []applicationView{}}
}

// viewByHand tells of the payment recorded by hand that an entry is, or whose money it brought; nil where there is none.
func viewByHand(ctx context.Context, p *worker.Pipeline, detail store.DecisionDetail, applications []recon.Application) (*byHandView, error) {
	payment := detail
	if detail.Decision.Outcome == recon.Cleared {
		var err error
		if payment, err = p.Store.Decision(ctx, p.Entity.ID, detail.Decision.Clears); err != nil {
			return nil, fmt.Errorf("the payment that entry %d cleared: %w", detail.Entry.ID, err)
		}
	}
	if !payment.Uncleared && payment.ClearedBy == 0 {
		return nil, nil
	}
	return &byHandView{Payment: payment.Entry.ID, Method: payment.Method, Cheque: payment.Entry.Cheque, ClearedBy: payment.ClearedBy,
		ClearedOn: payment.ClearedOn, Void: payment.Uncleared && void(payment.Entry.AmountMinor, applications)}, nil
}

// void reports whether a payment recorded by hand was taken back before the bank had shown its money: it was given back whole.
func void(minor int64, applications []recon.Application) bool {
	for _, a := range applications {
		if a.Live() && a.Kind == recon.Refund && a.AmountMinor == minor {
			return true
		}
	}
	return false
}

// viewUndecided says what an entry is that has no decision: no receipt, or one that waits for the next run.
func viewUndecided(p *worker.Pipeline, e recon.EntryRow) decisionView {
	view := viewEntry(e)
	if e.Class == recon.ClassReceipt || e.Class == recon.ClassReturn {
		view.Sentences = []string{"Nobody has decided it yet: the next tieout match or tieout run does."}
		return view
	}
	view.Decision, view.Reason, view.Ledger = recon.SetAside, recon.Reason(e.Class), e.Ledger
	what := fmt.Sprintf("It is no receipt: %s.", classWords[e.Class])
	if e.Ledger != "" {
		what = fmt.Sprintf("It is no receipt: %s, posted to ledger account %s.", classWords[e.Class], e.Ledger)
	}
	view.Sentences = []string{what}
	switch rule, byRule := matcher.ClassRule(e.Entry, p.Rules); {
	case byRule && rule.Class == e.Class:
		view.Rule = rule.Name
		view.Sentences = append(view.Sentences, fmt.Sprintf("So says the rule %q, under classes: in the rules.", rule.Name))
	case byRule:
		view.Sentences = append(view.Sentences, fmt.Sprintf("So said the rules when it came; today the rule %q would make it a %s.", rule.Name, rule.Class))
	default:
		view.Sentences = append(view.Sentences, "No rule names it; it follows from what the bank says of it: amount, code, counterparty.")
	}
	return view
}

var classWords = map[recon.Class]string{
	recon.ClassCharge:   "the bank's own fees",
	recon.ClassTransfer: "a transfer between our own accounts",
	recon.ClassOther:    "neither money of a customer nor a fee",
	recon.ClassZero:     "an amount of nothing",
}

func viewProposal(number int, proposal recon.Offer, currency recon.Currency, items func(int64) (recon.Item, bool)) proposalView {
	view := proposalView{Number: number, Reason: proposal.Reason, Why: matcher.Sentence(proposal.Reason), Score: proposal.Score, Clears: proposal.Clears,
		Reverses: proposal.Reverses, Plan: proposal.Plan, Difference: recon.FormatMinor(proposal.DifferenceMinor, currency), Lines: []lineView{}}
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
	switch {
	case v.Actor != "":
		fmt.Fprintf(w, "  %s by %s at %s (%s)\n", v.Decision, v.Actor, v.At, v.Reason)
	case v.Decision != "":
		fmt.Fprintf(w, "  %s (%s)\n", v.Decision, v.Reason)
	}
	if v.ByHand != nil {
		fmt.Fprintf(w, "  %s\n", v.ByHand.text(v.Entry))
	}
	for _, sentence := range v.Sentences {
		fmt.Fprintf(w, "  - %s\n", clean(sentence))
	}
	if err := writeProposals(w, v); err != nil {
		return err
	}
	return writeApplicationViews(w, v.Applications)
}

// text tells of a payment recorded by hand, to somebody who asked about an entry.
func (v byHandView) text(asked int64) string {
	how := cmp.Or(v.Method, "payment")
	if v.Cheque != "" {
		how += " " + clean(v.Cheque)
	}
	switch {
	case asked != v.Payment:
		return fmt.Sprintf("is the money of payment %d, recorded by hand: %s", v.Payment, how)
	case v.Void:
		return fmt.Sprintf("recorded by hand: %s; void, for it was taken back before the bank had shown its money", how)
	case v.ClearedBy != 0:
		return fmt.Sprintf("recorded by hand: %s; cleared on %s by entry %d", how, v.ClearedOn, v.ClearedBy)
	}
	return fmt.Sprintf("recorded by hand: %s; not cleared yet, no bank entry has shown its money", how)
}

func writeProposals(w io.Writer, v decisionView) error {
	if v.Changed {
		fmt.Fprintln(w, "\nThe books have changed since it was queued; these proposals were worked out anew.")
	}
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
		switch {
		case proposal.Clears != 0 && v.Return:
			fmt.Fprintf(w, "  takes back receipt %d, with all that it paid\n", proposal.Clears)
		case proposal.Clears != 0:
			fmt.Fprintf(w, "  is the money of the payment recorded by hand as %d\n", proposal.Clears)
		}
		if len(proposal.Reverses) > 0 {
			fmt.Fprintf(w, "  takes back applications %v\n", proposal.Reverses)
		}
	}
	switch {
	case v.Changed && len(v.Proposals) > 0:
		fmt.Fprintf(w, "\nDecide: tieout queue resolve %d --plan %s, or that of another one (--json shows them)\n", v.Entry, v.Proposals[0].Plan)
	case len(v.Proposals) > 0:
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
