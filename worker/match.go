package worker

import (
	"context"
	"fmt"
	"slices"

	"go.uber.org/zap"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
)

// Matched is what a matching round did.
type Matched struct {
	Receipts                           int // looked at, returns included
	Applied, Queued, Unchanged, Undone int // Undone: went stale while they were decided and were not decided anew
	Faults                             []matcher.Fault
}

// Faulty reports whether the audit objected: nothing of such a plan is saved.
func (m Matched) Faulty() bool { return len(m.Faults) > 0 }

// planChunk is how many decisions are stored in one transaction.
const planChunk = 5000

// matchRounds bounds how often decisions that went stale are made anew.
const matchRounds = 3

// Match decides every undecided receipt and applies the decisions.
func (p *Pipeline) Match(ctx context.Context) (Matched, error) {
	release, err := p.Store.LockPipeline(ctx)
	if err != nil {
		return Matched{}, err
	}
	defer release()
	return p.match(ctx, 0)
}

// Plan decides every undecided receipt and stores nothing.
func (p *Pipeline) Plan(ctx context.Context) (recon.Work, recon.Plan, []matcher.Fault, error) {
	work, err := p.work(ctx)
	if err != nil {
		return recon.Work{}, recon.Plan{}, nil, err
	}
	plan := matcher.Match(work, p.Rules)
	return work, plan, matcher.Audit(work, plan, p.Rules), nil
}

func (p *Pipeline) work(ctx context.Context) (work recon.Work, err error) {
	work.Entity = p.Entity.ID
	if work.Receipts, work.Returns, err = p.Store.Undecided(ctx, p.Entity.ID); err != nil {
		return work, fmt.Errorf("load receipts: %w", err)
	}
	work.Book, err = p.Store.LoadBook(ctx, p.Entity.ID, matcher.Keys(work.Receipts, work.Returns))
	if err != nil {
		return work, fmt.Errorf("load open items: %w", err)
	}
	return work, nil
}

func (p *Pipeline) match(ctx context.Context, run int64) (total Matched, err error) {
	if p.Hands != nil {
		return p.matchTogether(ctx, run)
	}
	for round := 1; ; round++ {
		p.reached("K8.before")
		work, plan, faults, err := p.Plan(ctx)
		if err != nil {
			return total, err
		}
		if round == 1 {
			total.Receipts = len(work.Receipts) + len(work.Returns)
		}
		if len(faults) > 0 {
			total.Faults = faults
			p.alarm(faults)
			return total, nil
		}
		stale, err := p.save(ctx, run, plan, &total)
		if err != nil {
			return total, err
		}
		if stale == 0 || round == matchRounds {
			total.Undone = stale
			return total, nil
		}
	}
}

// save stores a plan in chunks, each one transaction, and counts what went stale.
func (p *Pipeline) save(ctx context.Context, run int64, plan recon.Plan, total *Matched) (stale int, err error) {
	decisions := slices.DeleteFunc(plan.Decisions, func(d recon.Decision) bool { return d.Outcome == recon.Waits })
	total.Unchanged += len(plan.Decisions) - len(decisions)
	for done := 0; done < len(decisions); done += planChunk {
		p.progress("match", done, len(decisions))
		plan.Decisions = decisions[done:min(done+planChunk, len(decisions))]
		p.reached("K9.before")
		report, err := p.Store.SavePlan(ctx, p.act(run), plan)
		if err != nil {
			return stale, fmt.Errorf("store decisions: %w", err)
		}
		p.reached("K9.after")
		total.Applied += report.Applied
		total.Queued += report.Queued
		total.Unchanged += report.Unchanged
		stale += len(report.Stale)
	}
	p.progress("match", len(decisions), len(decisions))
	return stale, nil
}

func (p *Pipeline) alarm(faults []matcher.Fault) {
	for _, fault := range faults {
		p.Log.Error("audit objects: nothing was saved", zap.String("code", fault.Code), zap.String("detail", fault.Detail))
	}
}
