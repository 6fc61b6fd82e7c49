package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Undo takes back applications by counter-entries; what another person decided is proposed to a second one. One that cannot be taken back
// is [Refused] and says why.
func (p *Pipeline) Undo(ctx context.Context, applications []int64, reason string) (recon.Done, error) {
	return p.perform(ctx, deedUndo, &undoing{Applications: applications, Reason: reason})
}

// UndoReceipt takes back all live applications of a receipt; what the bank took back stays so. A payment recorded by hand whose money no bank statement has
// shown is void then: its money is given back to where it is expected from, and nothing waits in the queue. A bank entry that cleared a payment
// recorded by hand is parted from it and waits for a decision. It fails with store.ErrNotFound where there is no such entry.
func (p *Pipeline) UndoReceipt(ctx context.Context, receipt int64, reason string) (recon.Done, error) {
	return p.perform(ctx, deedUndo, &undoing{Receipt: receipt, Reason: reason})
}

// undoing takes back applications, or all that a receipt has.
type undoing struct {
	Applications []int64
	Receipt      int64
	Reason       string
}

func (u *undoing) plan(ctx context.Context, p *Pipeline) (plan deedPlan, err error) {
	if u.Reason == "" {
		return plan, refuse("UNDO-REASON", "--reason", "say why: --reason TEXT", "an undo needs a reason")
	}
	plan.reason, plan.receipt, plan.subject = u.Reason, u.Receipt, fmt.Sprintf("receipt %d", u.Receipt)
	var chosen []recon.Application
	if u.Receipt != 0 {
		if chosen, err = p.liveOf(ctx, u.Receipt); err != nil {
			return plan, err
		}
		if len(chosen) == 0 {
			return u.planWithout(ctx, p, plan)
		}
	} else if chosen, err = p.applications(ctx, u.Applications); err != nil {
		return plan, err
	}
	ids := make([]int64, len(chosen))
	for i, a := range chosen {
		ids[i] = a.ID
		plan.money.Currency = a.Currency
		if a.Kind.Moves() {
			plan.money.Minor += a.AmountMinor
		}
		if a.Reason == recon.ReasonManual && a.Actor != p.Actor {
			plan.why = fmt.Sprintf("it takes back what %s decided", a.Actor)
		}
	}
	if u.Receipt == 0 {
		plan.subject = "applications " + joinNumbers(ids)
		if chosen[0].Source.Kind == recon.SourceReceipt {
			plan.receipt = chosen[0].Source.ID
		}
	}
	if plan.shown, err = p.shownUndo(ctx, plan.receipt, chosen); err != nil {
		return plan, err
	}
	plan.do = func(ctx context.Context, act store.Act) (recon.Done, error) { return u.carryOut(ctx, p, act, ids) }
	return plan, nil
}

func (u *undoing) carryOut(ctx context.Context, p *Pipeline, act store.Act, ids []int64) (done recon.Done, err error) {
	counters, err := p.Store.Undo(ctx, act, p.Entity.ID, ids, u.Reason)
	if errors.Is(err, store.ErrStale) {
		return done, p.notUndone(ctx, ids, err)
	}
	if err != nil {
		return done, err
	}
	done.Undone = Undone{Applications: ids, Counters: counters}
	if u.Receipt == 0 {
		return done, nil
	}
	act.Approval = 0 // carried out by the undo
	return done, p.void(ctx, act, u.Receipt, u.Reason)
}

// planWithout undoes an entry that has no live applications: only a clearing can be taken back then.
func (u *undoing) planWithout(ctx context.Context, p *Pipeline, plan deedPlan) (deedPlan, error) {
	receipt := u.Receipt
	detail, err := p.Store.Decision(ctx, p.Entity.ID, receipt)
	if errors.Is(err, store.ErrNotFound) {
		_, err = p.Store.Entry(ctx, p.Entity.ID, receipt) // one that nobody decides, such as a charge
	}
	if err != nil {
		return plan, err
	}
	switch {
	case detail.Decision.Outcome == recon.SetAside && detail.Case == nil:
		return plan, refuse("UNDO-NOTHING", "", fmt.Sprintf("give it back to be decided anew: tieout queue release %d", receipt), "entry %d is set aside and has no applications", receipt)
	case detail.Decision.Outcome != recon.Cleared:
		return plan, refuse("UNDO-NOTHING", "", "see its history with tieout explain", "entry %d has no live applications", receipt)
	case detail.Decision.Reason == recon.ReasonManual && detail.Actor != p.Actor:
		plan.why = fmt.Sprintf("it takes back what %s decided", detail.Actor)
	}
	plan.money = recon.Money{Minor: detail.Entry.AmountMinor, Currency: detail.Entry.Currency}
	plan.shown = []string{fmt.Sprintf("entry %d is the money of payment %d, by decision %d of %s", receipt, detail.Decision.Clears, detail.ID, detail.Actor)}
	plan.do = func(ctx context.Context, act store.Act) (recon.Done, error) {
		return recon.Done{Undone: Undone{Parted: detail.Decision.Clears}}, p.release(ctx, act, receipt)
	}
	return plan, nil
}

// liveOf returns the live applications of a receipt that an undo takes back: what was given back stays so.
func (p *Pipeline) liveOf(ctx context.Context, receipt int64) (live []recon.Application, err error) {
	all, err := p.Store.ApplicationsOf(ctx, p.Entity.ID, receipt)
	for _, a := range all {
		if a.Live() && a.Kind != recon.Refund {
			live = append(live, a)
		}
	}
	return live, err
}

func (p *Pipeline) applications(ctx context.Context, ids []int64) (all []recon.Application, err error) {
	for _, id := range ids {
		a, err := p.Store.Application(ctx, p.Entity.ID, id)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	if len(all) == 0 {
		return nil, refuse("UNDO-NOTHING", "", "name what to take back", "no application is named")
	}
	return all, nil
}

// shownUndo says what an undo takes back and what else stands of the receipt.
func (p *Pipeline) shownUndo(ctx context.Context, receipt int64, chosen []recon.Application) (shown []string, err error) {
	var standing []recon.Application
	if receipt != 0 {
		if standing, err = p.Store.ApplicationsOf(ctx, p.Entity.ID, receipt); err != nil {
			return nil, err
		}
	}
	items, err := p.itemsOf(ctx, linesOf(append(standing[:len(standing):len(standing)], chosen...)))
	if err != nil {
		return nil, err
	}
	numbers := map[int64]string{}
	for _, item := range items {
		numbers[item.ID] = item.Number
	}
	say := func(what string, a recon.Application) {
		state := "live"
		if !a.Live() {
			state = "taken back, or takes back"
		}
		text := fmt.Sprintf("%s application %d (%s): %s of %s", what, a.ID, state, a.Kind, recon.Money{Minor: a.AmountMinor, Currency: a.Currency})
		if a.Item != 0 {
			text += " on " + numbers[a.Item]
		}
		shown = append(shown, fmt.Sprintf("%s, by %s on %s", text, a.Actor, a.Effective))
	}
	for _, a := range chosen {
		say("take back", a)
	}
	for _, a := range standing {
		if a.Live() && !slices.ContainsFunc(chosen, func(c recon.Application) bool { return c.ID == a.ID }) {
			say("beside", a)
		}
	}
	return shown, nil
}

func linesOf(applications []recon.Application) (lines []recon.Line) {
	for _, a := range applications {
		lines = append(lines, recon.Line{Item: a.Item})
	}
	return lines
}

func joinNumbers(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ", ")
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
			return outdated("UNDO-TWICE", "", history(a), "application %d was taken back already, by counter-entry %d", id, a.ReversedBy)
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

// void gives back the money of a payment recorded by hand that no bank entry has cleared.
func (p *Pipeline) void(ctx context.Context, act store.Act, receipt int64, reason string) error {
	detail, err := p.Store.Decision(ctx, p.Entity.ID, receipt)
	if err != nil || !detail.Uncleared || detail.Case == nil {
		return err
	}
	resolution := store.Resolution{Entity: p.Entity.ID, Receipt: receipt, Version: detail.Case.Version, Customer: detail.Decision.Customer,
		Lines: []recon.Line{{Kind: recon.Refund, AmountMinor: detail.Case.AmountMinor}}, Reason: reason}
	resolution.Digest = digest(p.Actor, resolution)
	_, err = p.Store.Resolve(ctx, act, resolution)
	return err
}

// Release gives a receipt that a person took or set aside, or the bank's side of a payment recorded by hand, back to the engine.
// It is [Refused] where nobody has it in hand, and fails with store.ErrNotFound where there is no such receipt.
func (p *Pipeline) Release(ctx context.Context, receipt int64) error {
	return p.release(ctx, p.act(0), receipt)
}

func (p *Pipeline) release(ctx context.Context, act store.Act, receipt int64) error {
	err := p.Store.Release(ctx, act, p.Entity.ID, receipt)
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
