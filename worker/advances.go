package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// placeAdvances applies the advances that wait for an order of the items just imported, and returns how many. All that is
// undecided is matched with them, so that who else wants the same items has his say, but only their decisions are stored: the
// rest is for the next run. A run that is going on, or comes, does the same; so nothing is waited for here.
func (p *Pipeline) placeAdvances(ctx context.Context, changes store.ItemChanges) (placed int, err error) {
	if !namesOrders(changes) {
		return 0, nil
	}
	release, err := p.Store.LockPipeline(ctx)
	if errors.Is(err, store.ErrLocked) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { err = firstError(err, release()) }()
	receipts, _, err := p.Store.Undecided(ctx, p.Entity.ID)
	if err != nil {
		return 0, fmt.Errorf("load receipts: %w", err)
	}
	if !slices.ContainsFunc(receipts, func(r recon.Receipt) bool { return r.Source.Kind == recon.SourceAdvance }) {
		return 0, nil
	}
	_, plan, faults, err := p.Plan(ctx)
	if err != nil {
		return 0, err
	}
	if len(faults) > 0 {
		p.alarm(faults)
		return 0, nil
	}
	return p.saveAdvances(ctx, plan)
}

func (p *Pipeline) saveAdvances(ctx context.Context, plan recon.Plan) (int, error) {
	plan.Decisions = slices.DeleteFunc(plan.Decisions, func(d recon.Decision) bool {
		return d.Source.Kind != recon.SourceAdvance || d.Outcome != recon.Auto
	})
	if len(plan.Decisions) == 0 {
		return 0, nil
	}
	report, err := p.Store.SavePlan(ctx, p.act(0), plan)
	if err != nil {
		return 0, fmt.Errorf("store decisions: %w", err)
	}
	return report.Applied, nil
}

// namesOrders reports whether an import has an open invoice of an order.
func namesOrders(changes store.ItemChanges) bool {
	waitedFor := func(item recon.Item) bool {
		return item.Order != "" && item.Kind == recon.Invoice && item.OpenMinor > 0
	}
	return slices.ContainsFunc(changes.New, func(i store.NewItem) bool { return waitedFor(i.Item) }) ||
		slices.ContainsFunc(changes.Changed, func(i store.KeyedItem) bool { return waitedFor(i.Item) })
}

// AdvanceReceipt returns the receipt whose money an advance, or money on account, is.
func (p *Pipeline) AdvanceReceipt(ctx context.Context, source recon.Source) (int64, error) {
	made, err := p.Store.Application(ctx, p.Entity.ID, source.ID)
	if err != nil {
		return 0, fmt.Errorf("where an advance comes from: %w", err)
	}
	return made.Source.ID, nil
}
