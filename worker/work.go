package worker

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/tieout/tieout/store"
)

// Why runs began.
const (
	causeScheduled = "scheduled"
	causeDropped   = "dropped"
)

// workTick runs the nightly job for a tick and notes what became of it. With last, a run that fails is what became of it.
func (p *Pipeline) workTick(ctx context.Context, t store.Tick, last bool, gauge *Metrics) error {
	if waiting, err := p.waits(ctx, func(o store.Tick) bool { return o.Schedule == t.Schedule && o.Due.Equal(t.Due) }); err != nil || !waiting {
		return err
	}
	began := time.Now()
	result, err := p.Run(ctx)
	p.report(causeScheduled, result, err, time.Since(began), gauge)
	if err != nil && (!last || result.Run == 0 || ctx.Err() != nil) {
		return err
	}
	switch err := p.settleTick(ctx, &t, result.Run); {
	case errors.Is(err, store.ErrStale): // by another worker, which thought that this one was gone
		return nil
	case err != nil:
		return err
	}
	gauge.tick(p.Entity.ID, t)
	return nil
}

// workDrops takes in files that have settled, and reports whether none of them is to be tried again.
func (p *Pipeline) workDrops(ctx context.Context, drops []Drop, gauge *Metrics) (settled bool, err error) {
	began := time.Now()
	result, err := p.Intake(ctx, drops)
	p.report(causeDropped, result, err, time.Since(began), gauge)
	return err == nil && !slices.ContainsFunc(result.Received, Received.Unread), err
}

// report logs and counts what a run did.
func (p *Pipeline) report(cause string, result Result, err error, took time.Duration, gauge *Metrics) {
	if result.Run == 0 { // it never began
		return
	}
	s := result.stats()
	fields := []zap.Field{zap.String("entity", p.Entity.ID), zap.Int64("run_id", result.Run), zap.String("cause", cause), zap.Duration("took", took),
		zap.Int("files", s.Files), zap.Int("refused", s.Refused), zap.Int("held", s.Held), zap.Int("entries", s.Entries), zap.Int("receipts", s.Receipts),
		zap.Int("applied", s.Applied), zap.Int("queued", s.Queued), zap.Int("faults", s.Faults)}
	var broken []string
	for _, c := range result.Checks {
		if !c.OK {
			broken = append(broken, c.ID)
		}
	}
	switch {
	case err != nil:
		p.Log.Error("run failed", append(fields, zap.Error(err))...)
	case len(broken) > 0:
		p.Log.Error("run done, proofs failed", append(fields, zap.Strings("broken", broken))...)
	case result.Failed():
		p.Log.Warn("run done, somebody has to look", fields...)
	default:
		p.Log.Info("run done", fields...)
	}
	gauge.run(p.Entity.ID, cause, s, len(broken), err, took)
	for _, f := range result.Received {
		gauge.file(p.Entity.ID, stateOrDuplicate(f))
	}
}

func stateOrDuplicate(f Received) string {
	if f.Duplicate {
		return "duplicate"
	}
	return string(f.State)
}
