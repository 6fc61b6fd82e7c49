package worker

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Offers decides a queued receipt anew, together with those that want the same money or come from the same payer, on the books as they
// are, and stores nothing: what was proposed last night may no longer be right.
func (p *Pipeline) Offers(ctx context.Context, detail store.DecisionDetail) (offers recon.Offers, err error) {
	if detail.Case == nil {
		return offers, fmt.Errorf("receipt %d is not in the queue: %w", detail.Entry.ID, store.ErrStale)
	}
	if offers.Decision, err = p.decideAnew(ctx, detail); err != nil {
		return offers, err
	}
	proposals := offers.Proposals
	if len(offers.Lines) > 0 || offers.Clears != 0 || len(offers.Reverses) > 0 {
		best := recon.Proposal{Reason: offers.Reason, Score: offers.Score, Customer: offers.Customer, Lines: offers.Lines, Clears: offers.Clears,
			Reverses: offers.Reverses, Evidence: offers.Evidence}
		proposals = append([]recon.Proposal{best}, proposals...)
	}
	offers.Changed = !slices.EqualFunc(proposals, detail.Decision.Proposals, sameProposal)
	var lines []recon.Line
	for _, proposal := range proposals {
		lines = append(lines, proposal.Lines...)
	}
	items, err := p.itemsOf(ctx, lines)
	if err != nil {
		return offers, err
	}
	for _, proposal := range proposals {
		r := resolving{Request: recon.Request{Receipt: detail.Case.Receipt}, Chosen: chosenProposal(proposal, detail), items: touchedBy(items, proposal.Lines)}
		offers.Offers = append(offers.Offers, recon.Offer{Proposal: proposal, Plan: planHash(p.shown(detail, &r)), Why: p.needsSecond(proposal.Lines, detail.Case.Currency)})
	}
	return offers, nil
}

// sameProposal leaves out what only ranks a proposal.
func sameProposal(a, b recon.Proposal) bool {
	return a.Clears == b.Clears && a.Customer == b.Customer && slices.Equal(a.Lines, b.Lines) && slices.Equal(a.Reverses, b.Reverses)
}

// decideAnew is what the engine would decide about a queued receipt now. One that a person has in hand is decided by nobody else.
func (p *Pipeline) decideAnew(ctx context.Context, detail store.DecisionDetail) (recon.Decision, error) {
	receipt := detail.Case.Receipt
	work := recon.Work{Entity: p.Entity.ID}
	var err error
	if work.Receipts, work.Returns, err = p.Store.Waiting(ctx, p.Entity.ID, append([]int64{receipt}, detail.Decision.Rivals...)); err != nil {
		return recon.Decision{}, fmt.Errorf("load receipts: %w", err)
	}
	if work.Book, err = p.Store.LoadBook(ctx, p.Entity.ID, matcher.Keys(work.Receipts, work.Returns)); err != nil {
		return recon.Decision{}, fmt.Errorf("load open items: %w", err)
	}
	plan := matcher.Match(work, p.Rules)
	at := slices.IndexFunc(plan.Decisions, func(d recon.Decision) bool {
		return d.Source == recon.Source{Kind: recon.SourceReceipt, ID: receipt} && d.Return == detail.Case.Return
	})
	if at < 0 {
		return detail.Decision, nil
	}
	return plan.Decisions[at], nil
}

// takeProposal takes the proposal that the person saw. By its number alone it is taken where the proposals are still those that were stored.
func (p *Pipeline) takeProposal(ctx context.Context, r *resolving, detail store.DecisionDetail) error {
	offers, err := p.Offers(ctx, detail)
	if err != nil {
		return err
	}
	n := r.Request.Proposal
	if r.Request.Plan != "" {
		n = 1 + slices.IndexFunc(offers.Offers, func(o recon.Offer) bool { return o.Plan == r.Request.Plan })
	}
	switch {
	case n == 0:
		return outdated("QUEUE-PLAN", "", "look at it again, then decide anew", "what receipt %d would pay has changed since you looked", detail.Case.Receipt)
	case r.Request.Plan == "" && offers.Changed:
		return outdated("QUEUE-CHANGED", "", fmt.Sprintf("see them with: tieout queue show %d; then take one with --plan HASH", detail.Case.Receipt),
			"the books have changed since receipt %d was queued, and its proposals with them", detail.Case.Receipt)
	case n > len(offers.Offers):
		return refuse("QUEUE-PROPOSAL", "", "see them with: tieout queue show", "there is no proposal %d, this case has %d", n, len(offers.Offers))
	}
	r.Chosen = chosenProposal(offers.Offers[n-1].Proposal, detail)
	if r.Request.Customer != "" {
		r.Chosen.Customer = r.Request.Customer
	}
	return nil
}

func chosenProposal(proposal recon.Proposal, detail store.DecisionDetail) *chosen {
	c := &chosen{Customer: proposal.Customer, Lines: proposal.Lines, Clears: proposal.Clears, Reverses: proposal.Reverses}
	if c.Customer == "" {
		c.Customer = detail.Case.Customer
	}
	return c
}

// touchedBy picks the items that lines touch.
func touchedBy(items []recon.Item, lines []recon.Line) (touched []recon.Item) {
	for _, item := range items {
		if slices.ContainsFunc(lines, func(l recon.Line) bool { return l.Item == item.ID || l.CreditNote == item.ID }) {
			touched = append(touched, item)
		}
	}
	return touched
}

// shown says line by line what a decision does and on what: the version of the case and of each item, and of the rules. An approval, and a
// person's click, cover exactly this.
func (p *Pipeline) shown(detail store.DecisionDetail, r *resolving) []string {
	c := detail.Case
	money := func(minor int64) string { return recon.Money{Minor: minor, Currency: c.Currency}.String() }
	numbers := map[int64]string{}
	lines := []string{fmt.Sprintf("receipt %d version %d: %s for customer %q, rules %s", c.Receipt, c.Version, money(c.AmountMinor), r.Chosen.Customer, p.Rules.Version)}
	for _, item := range r.items {
		numbers[item.ID] = item.Number
		lines = append(lines, fmt.Sprintf("%s %s of %s version %d: open %s", item.Kind, item.Number, item.Customer, item.Version, recon.Money{Minor: item.OpenMinor, Currency: item.Currency}))
	}
	for _, l := range r.Chosen.Lines {
		lines = append(lines, shownLine(l, numbers, money))
	}
	for _, s := range r.Chosen.Shortfalls {
		lines = append(lines, fmt.Sprintf("%s short by %s: %s %q %s", numbers[s.Item], money(s.AmountMinor), s.Why, s.Phrase, s.NextDate))
	}
	if r.Request.SetAside {
		lines = append(lines, "set aside to account "+strconv.Quote(r.Request.Ledger))
	}
	if r.Chosen.Clears != 0 {
		lines = append(lines, fmt.Sprintf("with receipt %d", r.Chosen.Clears))
	}
	for _, id := range r.Chosen.Reverses {
		lines = append(lines, fmt.Sprintf("takes application %d back", id))
	}
	return lines
}

func shownLine(l recon.Line, numbers map[int64]string, money func(int64) string) string {
	text := fmt.Sprintf("%s of %s", l.Kind, money(l.AmountMinor))
	if l.Item != 0 {
		text += " on " + numbers[l.Item]
	}
	if l.CreditNote != 0 {
		text += " with " + numbers[l.CreditNote]
	}
	if l.TaxMinor != 0 {
		text += ", tax " + money(l.TaxMinor)
	}
	if l.Ledger != "" {
		text += ", account " + l.Ledger
	}
	if l.Order != "" {
		text += ", order " + l.Order
	}
	return text
}
