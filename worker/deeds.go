package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// A deed is what one person wants done and a second one may have to approve. It is done at once where one person is enough;
// else it is stored as a proposal and done when somebody else approves it, if the books are then as they were shown.
type deed interface {
	// plan says what the deed would do as the books are now. It fails with [Refused] where they do not allow it.
	plan(ctx context.Context, p *Pipeline) (deedPlan, error)
}

// deedPlan is what a deed would do.
type deedPlan struct {
	receipt int64  // it is about, 0 for none
	subject string // it is about, in a person's words
	money   recon.Money
	reason  string   // the person's words
	why     string   // it needs a second person; "" where one is enough
	shown   []string // what would happen, and the versions of all that it touches: an approval covers exactly this
	do      func(ctx context.Context, act store.Act) (recon.Done, error)
}

// hash is equal for equal plans on equal books.
func (d deedPlan) hash() string { return planHash(d.shown) }

func planHash(shown []string) string {
	sum := sha256.Sum256([]byte(strings.Join(shown, "\n")))
	return hex.EncodeToString(sum[:])
}

// Kinds of deeds, as proposals name them.
const (
	deedResolve = "resolve"
	deedUndo    = "undo"
	deedAdjust  = "adjust"
	deedRefund  = "refund"
)

// newDeed returns an empty deed of a kind, nil where there is no such kind.
func newDeed(kind string) deed {
	switch kind {
	case deedResolve:
		return &resolving{}
	case deedUndo:
		return &undoing{}
	case deedAdjust:
		return &adjusting{}
	case deedRefund:
		return &refunding{}
	}
	return nil
}

// perform does a deed, or proposes it where it needs a second person.
func (p *Pipeline) perform(ctx context.Context, kind string, d deed) (recon.Done, error) {
	plan, err := d.plan(ctx, p)
	if err != nil {
		return recon.Done{}, err
	}
	if plan.why == "" {
		return plan.do(ctx, p.act(0))
	}
	payload, err := json.Marshal(d)
	if err != nil {
		return recon.Done{}, fmt.Errorf("write the proposal: %w", err)
	}
	id, err := p.Store.Propose(ctx, p.act(0), store.Approval{Entity: p.Entity.ID, Kind: kind, Receipt: plan.receipt, Subject: plan.subject, Why: plan.why,
		Payload: string(payload), Shown: strings.Join(plan.shown, "\n"), PlanHash: plan.hash(), Reason: plan.reason, AmountMinor: plan.money.Minor,
		Currency: plan.money.Currency, Rules: p.Rules.Version})
	if err != nil {
		return recon.Done{}, fmt.Errorf("propose: %w", err)
	}
	return recon.Done{Proposal: id, Why: plan.why}, nil
}

// ApproveProposal does what somebody else proposed. It is [Refused] where the same person proposed it, where it is settled, and where the books are
// no longer as they were shown.
func (p *Pipeline) ApproveProposal(ctx context.Context, proposal int64) (recon.Done, error) {
	a, err := p.pending(ctx, proposal)
	if err != nil {
		return recon.Done{}, err
	}
	if a.Proposer == p.Actor {
		return recon.Done{}, forbid("FOUR-EYES", "", "ask somebody else to approve it, or withdraw it", "you proposed %d yourself", proposal)
	}
	plan, err := p.planOf(ctx, a)
	if err != nil {
		return recon.Done{}, err
	}
	if plan.hash() != a.PlanHash {
		return recon.Done{}, outdated("APPROVAL-STALE", "", "decline it; it can be proposed anew as the books are now",
			"the books have changed since %s proposed it: %s", a.Proposer, changes(a.Shown, plan.shown))
	}
	act := p.act(0)
	act.Approval = proposal
	done, err := plan.do(ctx, act)
	if errors.Is(err, store.ErrFourEyes) {
		err = forbid("FOUR-EYES", "", "ask somebody else to approve it", "you proposed %d yourself", proposal)
	}
	return done, err
}

// planOf plans a proposal as its proposer would now.
func (p *Pipeline) planOf(ctx context.Context, a store.Approval) (deedPlan, error) {
	d := newDeed(a.Kind)
	if d == nil {
		return deedPlan{}, fmt.Errorf("proposal %d is of the kind %q, which this program does not know", a.ID, a.Kind)
	}
	if err := json.Unmarshal([]byte(a.Payload), d); err != nil {
		return deedPlan{}, fmt.Errorf("read proposal %d: %w", a.ID, err)
	}
	proposer := *p
	proposer.Actor = a.Proposer
	return d.plan(ctx, &proposer)
}

// DeclineProposal says no to what somebody else proposed.
func (p *Pipeline) DeclineProposal(ctx context.Context, proposal int64, reason string) error {
	if reason == "" {
		return refuse("APPROVAL-REASON", "--reason", "say why: --reason TEXT", "a proposal is not declined without a reason")
	}
	return p.settleProposal(ctx, proposal, store.ApprovalDeclined, reason)
}

// WithdrawProposal takes back what the same person proposed.
func (p *Pipeline) WithdrawProposal(ctx context.Context, proposal int64, reason string) error {
	return p.settleProposal(ctx, proposal, store.ApprovalWithdrawn, reason)
}

func (p *Pipeline) settleProposal(ctx context.Context, proposal int64, state store.ApprovalState, reason string) error {
	a, err := p.pending(ctx, proposal)
	if err != nil {
		return err
	}
	switch {
	case state == store.ApprovalDeclined && a.Proposer == p.Actor:
		return forbid("FOUR-EYES", "", "withdraw it", "you proposed %d yourself", proposal)
	case state == store.ApprovalWithdrawn && a.Proposer != p.Actor:
		return forbid("FOUR-EYES", "", "decline it, with your reason", "%s proposed %d", a.Proposer, proposal)
	}
	err = p.Store.Settle(ctx, p.act(0), p.Entity.ID, proposal, state, reason)
	if errors.Is(err, store.ErrStale) {
		_, err = p.pending(ctx, proposal)
	}
	return err
}

// pending returns a proposal that waits; one that is settled is [Refused], naming who did that.
func (p *Pipeline) pending(ctx context.Context, proposal int64) (store.Approval, error) {
	a, err := p.Store.Approval(ctx, p.Entity.ID, proposal)
	if err != nil {
		return a, err
	}
	if a.State != store.ApprovalPending {
		return a, outdated("APPROVAL-SETTLED", "", "see them all with: tieout approval --all", "proposal %d was %s by %s at %s",
			proposal, a.State, a.SettledBy, a.Settled.UTC().Format(clockFormat))
	}
	return a, nil
}

const clockFormat = "2006-01-02 15:04:05"

// changes names the lines of a plan that are no longer so, and what they are now.
func changes(shown string, now []string) string {
	before := strings.Split(shown, "\n")
	var words []string
	for _, line := range before {
		if !slices.Contains(now, line) {
			words = append(words, "was "+line)
		}
	}
	for _, line := range now {
		if !slices.Contains(before, line) {
			words = append(words, "is now "+line)
		}
	}
	return strings.Join(words, "; ")
}
