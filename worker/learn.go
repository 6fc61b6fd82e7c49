package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
	"github.com/tieout/tieout/store"
)

// lessons are what a resolution suggests of its customer. One that places the money of several customers, or moves none,
// suggests nothing.
func (p *Pipeline) lessons(ctx context.Context, resolution store.Resolution, detail store.DecisionDetail) ([]recon.Lesson, error) {
	if resolution.Customer == "" || len(resolution.Lines) == 0 || detail.Case.Return {
		return nil, nil
	}
	var ids []int64
	for _, l := range resolution.Lines {
		if l.Item != 0 {
			ids = append(ids, l.Item)
		}
	}
	if len(ids) > 0 {
		items, err := p.Store.Items(ctx, p.Entity.ID, store.ItemFilter{IDs: ids})
		if err != nil {
			return nil, fmt.Errorf("load items: %w", err)
		}
		if slices.ContainsFunc(items, func(i recon.Item) bool { return i.Customer != resolution.Customer }) {
			return nil, nil
		}
	}
	e := detail.Entry.Entry
	keys := matcher.Keys([]recon.Receipt{{Payer: e.Counterparty, Ultimate: e.Ultimate}}, nil)
	book, err := p.Store.LoadBook(ctx, p.Entity.ID, recon.Keys{Payers: keys.Payers})
	if err != nil {
		return nil, fmt.Errorf("load customers: %w", err)
	}
	return matcher.Lessons(e, book.Customers, p.Rules), nil
}

// ApproveAlias makes a suggested alias count from the next run on.
func (p *Pipeline) ApproveAlias(ctx context.Context, alias int64, reason string) (recon.AliasRow, error) {
	row, err := p.alias(ctx, alias)
	if err != nil {
		return row, err
	}
	who := p.Rules.Learning.Account
	if row.Kind == recon.AliasName {
		who = p.Rules.Learning.Name
	}
	return p.decideAlias(ctx, row, store.AliasDecision{Entity: p.Entity.ID, Alias: alias, Approve: true, Second: who == rules.ApprovalSecond, Reason: reason})
}

// DeclineAlias keeps a suggestion from ever being made again, and forgets an approved alias.
func (p *Pipeline) DeclineAlias(ctx context.Context, alias int64, reason string) (recon.AliasRow, error) {
	row, err := p.alias(ctx, alias)
	if err != nil {
		return row, err
	}
	return p.decideAlias(ctx, row, store.AliasDecision{Entity: p.Entity.ID, Alias: alias, Reason: reason})
}

// decideAlias carries out a person's word on an alias and returns how it stands then. What cannot be is [Refused] and says why.
func (p *Pipeline) decideAlias(ctx context.Context, row recon.AliasRow, decision store.AliasDecision) (recon.AliasRow, error) {
	err := p.Store.DecideAlias(ctx, p.act(0), decision)
	switch {
	case errors.Is(err, store.ErrFourEyes):
		return row, refuse("ALIAS-FOUR-EYES", "", "let somebody else approve it, or change learning in the rules",
			"alias %d was proposed by %s: another person has to approve it", row.ID, row.Proposer)
	case errors.Is(err, store.ErrStale) && decision.Approve && row.State == recon.AliasApproved:
		return row, refuse("ALIAS-DECIDED", "", "nothing is left to do; take it back with: tieout alias decline", "alias %d was approved already, by %s", row.ID, row.Decider)
	case errors.Is(err, store.ErrStale) && decision.Approve:
		return row, refuse("ALIAS-UNFOUNDED", "", "decide a receipt so again, then approve", "the decisions that suggested alias %d were taken back", row.ID)
	case errors.Is(err, store.ErrStale):
		return row, refuse("ALIAS-DECIDED", "", "nothing is left to do; it counts again after: tieout alias approve", "alias %d was declined already, by %s", row.ID, row.Decider)
	case err != nil:
		return row, err
	}
	return p.alias(ctx, row.ID)
}

// alias returns one alias; store.ErrNotFound where there is none.
func (p *Pipeline) alias(ctx context.Context, id int64) (recon.AliasRow, error) {
	row, err := p.Store.Alias(ctx, p.Entity.ID, id)
	if err != nil {
		return row, fmt.Errorf("load alias: %w", err)
	}
	return row, nil
}

// Decline parts a queued receipt from items, by number: they are not proposed for it again.
func (p *Pipeline) Decline(ctx context.Context, receipt, version int64, numbers []string, reason string) error {
	items, err := p.Store.ItemsByNumber(ctx, p.Entity.ID, numbers)
	if err != nil {
		return fmt.Errorf("load items: %w", err)
	}
	parting := store.Parting{Entity: p.Entity.ID, Receipt: receipt, Version: version, Reason: reason}
	for _, number := range numbers {
		known := slices.ContainsFunc(items, func(i recon.Item) bool { return i.Number == number })
		if !known {
			return refuse("ITEM-UNKNOWN", "", "see the items with: tieout report items", "there is no item %s", number)
		}
	}
	for _, item := range items {
		parting.Items = append(parting.Items, item.ID)
	}
	err = p.Store.Decline(ctx, p.act(0), parting)
	if errors.Is(err, store.ErrStale) && version == 0 {
		return refuse("QUEUE-UNKNOWN", "", "list the queue with: tieout queue", "receipt %d is not in the queue", receipt)
	}
	return err
}
