package worker

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/tieout/tieout/store"
)

// Schedule is a line of an entity's timetable.
type Schedule struct {
	store.Schedule
	CatchUp string // one, all, none: what becomes of due times at which nobody was there
	Overlap string // skip, queue: what becomes of one that is due while an earlier one is still being worked on
	cron    Cron
	since   time.Time // its ticks count from here; zero until it was noted
}

// NewSchedule returns a schedule; its line and zone have been checked where they were configured.
func NewSchedule(line store.Schedule, catchUp, overlap string) (Schedule, error) {
	c, err := ParseCron(line.Cron, line.Zone)
	if err != nil {
		return Schedule{}, fmt.Errorf("schedule %s: %w", line.Name, err)
	}
	return Schedule{Schedule: line, CatchUp: catchUp, Overlap: overlap, cron: c}, nil
}

// Next returns the first due time after an instant.
func (s Schedule) Next(after time.Time) time.Time { return s.cron.Next(after) }

// onTime is how long after its due time a tick is still on time.
const onTime = time.Minute

// tickChunk is how many ticks are noted in one transaction.
const tickChunk = 1000

// noteTicks notes every tick of a schedule that came due since the last one. Any number of workers may do so at the same time: a
// due time is noted once, and what the policies leave to be done is WaitingTicks.
func (p *Pipeline) noteTicks(ctx context.Context, s *Schedule, now time.Time, gauge *Metrics) error {
	act := p.act(0)
	act.At = now
	if s.since.IsZero() {
		since, err := p.Store.SaveSchedule(ctx, act, p.Entity.ID, s.Schedule)
		if err != nil {
			return fmt.Errorf("note schedule %s: %w", s.Name, err)
		}
		s.since = since
	}
	for {
		last, err := p.Store.Ticks(ctx, p.Entity.ID, s.Name, 1)
		if err != nil {
			return fmt.Errorf("last tick of %s: %w", s.Name, err)
		}
		after := s.since
		if len(last) > 0 && last[0].Due.After(after) {
			after = last[0].Due
		}
		due := s.cron.Due(after, now, tickChunk)
		if len(due) == 0 {
			return nil
		}
		busy, err := p.waits(ctx, func(t store.Tick) bool { return t.Schedule == s.Name })
		if err != nil {
			return err
		}
		ticks := s.decide(due, now, busy, len(due) == tickChunk)
		added, err := p.Store.AddTicks(ctx, act, p.Entity.ID, ticks)
		if err != nil {
			return fmt.Errorf("note ticks of %s: %w", s.Name, err)
		}
		for _, t := range ticks[len(ticks)-added:] { // what another worker noted before is older
			if t.Outcome == store.TickSkipped {
				gauge.tick(p.Entity.ID, t)
			}
			p.Log.Info("due", zap.String("entity", p.Entity.ID), zap.String("schedule", s.Name), zap.Time("due", t.Due), zap.String("outcome", string(t.Outcome)),
				zap.String("reason", t.Reason))
		}
	}
}

// waits reports whether a tick that fits is still to be done or being worked on.
func (p *Pipeline) waits(ctx context.Context, fits func(store.Tick) bool) (bool, error) {
	waiting, err := p.Store.WaitingTicks(ctx, p.Entity.ID)
	if err != nil {
		return false, fmt.Errorf("waiting ticks: %w", err)
	}
	return slices.ContainsFunc(waiting, fits), nil
}

// decide applies the policies to due times, oldest first. busy says that an earlier one is still being worked on, more that
// these are not the last ones that are due by now.
func (s *Schedule) decide(due []time.Time, now time.Time, busy, more bool) []store.Tick {
	ticks := make([]store.Tick, len(due))
	for i, at := range due {
		t := store.Tick{Schedule: s.Name, Due: at.UTC(), Late: now.Sub(at) > onTime, Outcome: store.TickWaiting}
		newest := i == len(due)-1 && !more
		switch {
		case t.Late && s.CatchUp == "none":
			skip(&t, "catch_up: none, nobody was there when it was due", now)
		case t.Late && s.CatchUp == "one" && !newest:
			skip(&t, "catch_up: one, a later one takes its place", now)
		case busy && s.Overlap == "skip" && !(t.Late && s.CatchUp == "all"):
			skip(&t, "overlap: skip, an earlier one was still being worked on", now)
		default:
			busy = true
		}
		ticks[i] = t
	}
	return ticks
}

func skip(t *store.Tick, reason string, now time.Time) {
	t.Outcome, t.Reason, t.Settled = store.TickSkipped, reason, now
}

// settleTick notes what became of a tick that was worked on.
func (p *Pipeline) settleTick(ctx context.Context, t *store.Tick, run int64) error {
	t.Outcome, t.Run = store.TickRan, run
	if t.Late {
		t.Outcome = store.TickCaughtUp
	}
	if err := p.Store.SettleTick(ctx, p.act(run), p.Entity.ID, *t); err != nil {
		return fmt.Errorf("note what became of %s: %w", t.Schedule, err)
	}
	return nil
}
