package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Undone is what an undo took back.
type Undone struct {
	Applications []int64 // taken back
	Counters     []int64 // the counter-entries that took them back
	Parted       int64   // the payment recorded by hand of which the entry is no longer the money, 0 for none
}

// Undo takes back applications by counter-entries. One that cannot be taken back is [Refused] and says why.
func (p *Pipeline) Undo(ctx context.Context, applications []int64, reason string) (Undone, error) {
	if reason == "" {
		return Undone{}, refuse("UNDO-REASON", "--reason", "say why: --reason TEXT", "an undo needs a reason")
	}
	counters, err := p.Store.Undo(ctx, p.act(0), p.Entity.ID, applications, reason)
	if errors.Is(err, store.ErrStale) {
		return Undone{}, p.notUndone(ctx, applications, err)
	}
	return Undone{Applications: applications, Counters: counters}, err
}

// notUndone says which application cannot be taken back, and why.
func (p *Pipeline) notUndone(ctx context.Context, applications []int64, stale error) error {
	for _, id := range applications {
		a, err := p.Store.Application(ctx, p.Entity.ID, id)
		switch {
		case err != nil:
			return err
		case a.Reverses != 0:
			return refuse("UNDO-COUNTER", "", history(a), "application %d takes application %d back: a counter-entry is not taken back", id, a.Reverses)
		case a.ReversedBy != 0:
			return refuse("UNDO-TWICE", "", history(a), "application %d was taken back already, by counter-entry %d", id, a.ReversedBy)
		case a.Kind == recon.OnAccount || a.Kind == recon.Advance:
			return refuse("UNDO-USED", "", "take back its uses first; "+history(a), "the money that application %d put aside was used since", id)
		}
	}
	return stale
}

// history says where the applications of the same money stand.
func history(a recon.Application) string {
	if a.Source.Kind == recon.SourceReceipt {
		return fmt.Sprintf("see them all with: tieout explain %d", a.Source.ID)
	}
	return "see them all with: tieout explain ENTRY"
}

// UndoReceipt takes back all live applications of a receipt; what the bank took back stays so. A payment recorded by hand whose money no bank statement has
// shown is void then: its money is given back to where it is expected from, and nothing waits in the queue. A bank entry that cleared a payment
// recorded by hand is parted from it and waits for a decision. It fails with store.ErrNotFound where there is no such entry.
func (p *Pipeline) UndoReceipt(ctx context.Context, receipt int64, reason string) (Undone, error) {
	applications, err := p.Store.ApplicationsOf(ctx, p.Entity.ID, receipt)
	if err != nil {
		return Undone{}, err
	}
	var live []int64
	for _, application := range applications {
		if application.Live() && application.Kind != recon.Refund {
			live = append(live, application.ID)
		}
	}
	if len(live) == 0 {
		return p.undoWithout(ctx, receipt, reason)
	}
	undone, err := p.Undo(ctx, live, reason)
	if err != nil {
		return Undone{}, err
	}
	return undone, p.void(ctx, receipt, reason)
}

// undoWithout undoes an entry that has no live applications: only a clearing can be taken back then.
func (p *Pipeline) undoWithout(ctx context.Context, receipt int64, reason string) (Undone, error) {
	detail, err := p.Store.Decision(ctx, p.Entity.ID, receipt)
	if errors.Is(err, store.ErrNotFound) {
		_, err = p.Store.Entry(ctx, p.Entity.ID, receipt) // one that nobody decides, such as a charge
	}
	if err != nil {
		return Undone{}, err
	}
	switch {
	case detail.Decision.Outcome == recon.SetAside && detail.Case == nil:
		return Undone{}, refuse("UNDO-NOTHING", "", fmt.Sprintf("give it back to be decided anew: tieout queue release %d", receipt), "entry %d is set aside and has no applications", receipt)
	case detail.Decision.Outcome != recon.Cleared:
		return Undone{}, refuse("UNDO-NOTHING", "", "see its history with tieout explain", "entry %d has no live applications", receipt)
	case reason == "":
		return Undone{}, refuse("UNDO-REASON", "--reason", "say why: --reason TEXT", "an undo needs a reason")
	}
	return Undone{Parted: detail.Decision.Clears}, p.Release(ctx, receipt)
}

// void gives back the money of a payment recorded by hand that no bank entry has cleared.
func (p *Pipeline) void(ctx context.Context, receipt int64, reason string) error {
	detail, err := p.Store.Decision(ctx, p.Entity.ID, receipt)
	if err != nil || !detail.Uncleared || detail.Case == nil {
		return err
	}
	resolution := store.Resolution{Entity: p.Entity.ID, Receipt: receipt, Version: detail.Case.Version, Customer: detail.Decision.Customer,
		Lines: []recon.Line{{Kind: recon.Refund, AmountMinor: detail.Case.AmountMinor}}, Reason: reason}
	resolution.Digest = digest(resolution)
	_, err = p.Store.Resolve(ctx, p.act(0), resolution)
	return err
}

// Release gives a receipt that a person took or set aside, or the bank's side of a payment recorded by hand, back to the engine.
// It is [Refused] where nobody has it in hand, and fails with store.ErrNotFound where there is no such receipt.
func (p *Pipeline) Release(ctx context.Context, receipt int64) error {
	err := p.Store.Release(ctx, p.act(0), p.Entity.ID, receipt)
	if !errors.Is(err, store.ErrStale) {
		return err
	}
	detail, undecided := p.Store.Decision(ctx, p.Entity.ID, receipt)
	switch {
	case errors.Is(undecided, store.ErrNotFound):
		return refuse("RELEASE-ENGINE", "", "decide it with: tieout match", "receipt %d is the engine's: it is not decided yet", receipt)
	case undecided != nil:
		return undecided
	case detail.Case != nil:
		return refuse("RELEASE-ENGINE", "", fmt.Sprintf("decide it yourself with: tieout queue resolve %d", receipt), "receipt %d is the engine's already: each run decides it anew", receipt)
	case slices.Contains([]recon.Outcome{recon.Auto, recon.Manual}, detail.Decision.Outcome):
		return refuse("RELEASE-APPLIED", "", fmt.Sprintf("take its applications back with: tieout undo %d --reason TEXT", receipt), "the money of receipt %d is applied: nothing of it waits", receipt)
	}
	return refuse("RELEASE-DECIDED", "", fmt.Sprintf("see why with: tieout explain %d", receipt), "receipt %d is decided (%s) and cannot be given back", receipt, detail.Decision.Outcome)
}
