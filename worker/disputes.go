package worker

import (
	"context"
	"fmt"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Dispute opens a dispute about an item, or changes the one that is open, and returns it. Reminders of the part in question pause, and it
// is routed to its owner.
func (p *Pipeline) Dispute(ctx context.Context, request recon.Disputing) (recon.Dispute, error) {
	item, err := p.seenItem(ctx, request.Side, request.Number, request.Version)
	if err != nil {
		return recon.Dispute{}, err
	}
	d, err := p.disputed(item, request)
	if err != nil {
		return recon.Dispute{}, err
	}
	err = p.Store.OpenDispute(ctx, p.act(0), p.Entity.ID, store.DisputeOpening{Item: item.ID, Version: item.Version, Dispute: d})
	return d, staleItem(err, request.Number)
}

// disputed is the dispute of an item after a request: one that is open keeps what the request does not say.
func (p *Pipeline) disputed(item recon.Item, request recon.Disputing) (d recon.Dispute, err error) {
	today := recon.DateOf(p.Now())
	switch {
	case item.OpenMinor == 0:
		return d, refuse("ITEM-PAID", item.Number, "see its history with: tieout report items", "nothing of the item is open")
	case request.Since > today:
		return d, refuse("DISPUTE-DATE", "--since", "write the day on which the customer objected", "%s is in the future", request.Since)
	case item.Dispute == nil && request.Reason == "":
		return d, refuse("DISPUTE-REASON", "--reason", "say what the customer objects to: --reason TEXT", "a dispute needs a reason")
	}
	d.Since = today
	if item.Dispute != nil {
		d = *item.Dispute
	}
	d.Since, d.Owner, d.Reason = firstDay(request.Since, d.Since), firstText(request.Owner, d.Owner, p.Actor), firstText(request.Reason, d.Reason)
	if request.Agreed {
		d.Agreed = today
	}
	if request.Amount != "" {
		d.AmountMinor, err = openAmount(item, request.Amount)
	}
	return d, err
}

// EndDispute ends the dispute about an item: by a credit note, which is set against it at once, in our favour, or because the customer
// withdraws. In the last two cases the amount is due again.
func (p *Pipeline) EndDispute(ctx context.Context, request recon.Ending) (recon.Item, error) {
	item, err := p.seenItem(ctx, request.Side, request.Number, request.Version)
	if err != nil {
		return item, err
	}
	if item.Dispute == nil {
		return item, refuse("DISPUTE-NONE", request.Number, "list them with: tieout dispute list", "no dispute is open about the item")
	}
	ending := store.DisputeEnding{Item: item.ID, Version: item.Version, Outcome: request.Outcome, Day: firstDay(request.Date, recon.DateOf(p.Now())), Answer: request.Answer}
	switch {
	case ending.Day > recon.DateOf(p.Now()):
		return item, refuse("DISPUTE-DATE", "--date", "end it when the day has come", "%s is in the future", ending.Day)
	case ending.Day < item.Dispute.Since:
		return item, refuse("DISPUTE-DATE", "--date", "check the day", "%s is before %s, when it began", ending.Day, item.Dispute.Since)
	case request.Outcome == recon.DisputeCredited:
		if ending.Credit, err = p.crediting(ctx, item, request, ending.Day); err != nil {
			return item, err
		}
	}
	err = p.Store.EndDispute(ctx, p.act(0), p.Entity.ID, ending)
	return item, staleItem(err, request.Number)
}

// crediting is the credit note that ends a dispute, set against the item: as much as is in question, and the note has.
func (p *Pipeline) crediting(ctx context.Context, item recon.Item, request recon.Ending, day recon.Date) (*store.Allocation, error) {
	if request.Credit == "" {
		return nil, refuse("DISPUTE-CREDIT", "--credit", "name the credit note: --credit NUMBER, or promise one: tieout dispute open --agreed", "no credit note is named")
	}
	fund, err := p.Fund(ctx, request.Credit)
	if err != nil {
		return nil, err
	}
	minor := item.OpenMinor
	if item.Dispute.AmountMinor != 0 {
		minor = min(minor, item.Dispute.AmountMinor)
	}
	minor = min(minor, fund.LeftMinor)
	if request.Amount != "" {
		if minor, err = openAmount(item, request.Amount); err != nil {
			return nil, err
		}
	}
	desk := allocation{p: p, currency: fund.Currency, receiptMinor: fund.LeftMinor, side: fund.Side}
	lines, err := desk.fund(ctx, fund, Placement{Source: request.Credit, Apply: []ItemAmount{{Number: item.Number, Amount: recon.FormatMinor(minor, item.Currency)}}})
	if err != nil {
		return nil, err
	}
	if fund.Source.Kind != recon.SourceCreditNote {
		return nil, refuse("DISPUTE-CREDIT", "--credit", "name a credit note", "%s is money, not a credit note", request.Credit)
	}
	return &store.Allocation{Entity: p.Entity.ID, Source: fund.Source, Standing: fund.Standing, Day: day, Lines: lines, Reason: firstText(request.Answer, "dispute")}, nil
}

// OpenDisputes lists open disputes with their items; those of which nothing is open any more are left out.
func (p *Pipeline) OpenDisputes(ctx context.Context) (items []recon.Item, err error) {
	rows, err := p.Store.Disputes(ctx, p.Entity.ID, true)
	if err != nil {
		return nil, fmt.Errorf("load disputes: %w", err)
	}
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.Item
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return p.Store.Items(ctx, p.Entity.ID, store.ItemFilter{OpenOnly: true, IDs: ids})
}
