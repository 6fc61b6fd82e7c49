package worker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/tieout/tieout/store"
)

// Daemon is the long-running worker: it watches the inboxes, keeps the schedules, and has the pipelines run, until its context
// ends. It never gives up on the world: what fails is tried again.
type Daemon struct {
	Store store.Store
	Poll  time.Duration // how often inboxes and schedules are looked at
	Now   func() time.Time
	Log   *zap.Logger
	Crew  Crew
	Gauge *Metrics

	turn   sync.Mutex // who has it looks around
	houses []*house

	state    sync.Mutex
	lastLook time.Time // on a clock that nobody sets
	trouble  error     // what the last look met
}

// House is an entity with all that the daemon does for it.
type House struct {
	Pipeline  *Pipeline
	Schedules []Schedule
}

// house is a House with what the daemon remembers of it.
type house struct {
	*Pipeline
	schedules []Schedule
	watches   []*watch
	courier   courier
}

// Crew has work done: here, or by any of several workers that share a database.
type Crew interface {
	// Furnish tells for which entities it works from now on.
	Furnish(pipelines []*Pipeline)
	// Work does what it is asked for until the context ends, and returns when the unit in hand is finished or rolled back.
	Work(ctx context.Context) error
	// Due has a tick that came due worked on. Asking again for the same one is harmless.
	Due(ctx context.Context, p *Pipeline, t store.Tick) error
	// Settled has files taken in that have settled. done is told, later, when they are no concern of the crew any more; where they
	// are not settled, some of them are to be tried again.
	Settled(ctx context.Context, p *Pipeline, drops []Drop, done func(settled bool)) error
}

// Furnish gives the daemon its houses, also in place of those that it has: what is under way goes on as it began.
func (d *Daemon) Furnish(houses []House) {
	d.turn.Lock()
	defer d.turn.Unlock()
	before := d.houses
	d.houses = nil
	var pipelines []*Pipeline
	for _, h := range houses {
		pipelines = append(pipelines, h.Pipeline)
		fresh := &house{Pipeline: h.Pipeline, schedules: h.Schedules}
		for _, inbox := range h.Pipeline.Inboxes {
			fresh.watches = append(fresh.watches, watchOf(inbox, before))
		}
		d.houses = append(d.houses, fresh)
	}
	d.Crew.Furnish(pipelines)
}

// watchOf goes on watching an inbox that was watched before. What was handed out then may be handed out again: a file is taken
// once, however often it is asked for.
func watchOf(inbox Inbox, before []*house) *watch {
	for _, h := range before {
		for _, w := range h.watches {
			if w.inbox.Path == inbox.Path {
				w.hand(slices.Collect(maps.Keys(w.seen)), false)
				return &watch{inbox: inbox, device: w.device, seen: w.seen}
			}
		}
	}
	return &watch{inbox: inbox}
}

// Run works until the context ends. It fails with store.ErrLocked where the database has room for one worker and there is one.
func (d *Daemon) Run(ctx context.Context) (err error) {
	release, err := d.Store.LockWorker(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	crew := make(chan error, 1)
	go func() { crew <- d.Crew.Work(ctx) }()
	ticker := time.NewTicker(d.Poll)
	defer ticker.Stop()
	for {
		d.look(ctx)
		select {
		case err := <-crew:
			return err
		case <-ticker.C:
		}
	}
}

// look is one round over everything that may have come due or been dropped.
func (d *Daemon) look(ctx context.Context) {
	d.turn.Lock()
	defer d.turn.Unlock()
	var all []error
	for _, h := range d.houses {
		all = append(all, d.keepTime(ctx, h), d.collect(ctx, h))
		h.courier.look(ctx, h.Pipeline)
	}
	d.note(ctx, errors.Join(all...))
	d.Gauge.look()
}

// note remembers what a look met, and says it when it changes.
func (d *Daemon) note(ctx context.Context, trouble error) {
	d.state.Lock()
	defer d.state.Unlock()
	switch before := d.trouble; {
	case ctx.Err() != nil:
	case trouble != nil && (before == nil || before.Error() != trouble.Error()):
		d.Log.Error("worker cannot go on, and will try again", zap.Error(trouble))
	case trouble == nil && before != nil:
		d.Log.Info("worker goes on")
	}
	d.trouble, d.lastLook = trouble, time.Now()
}

// keepTime notes what came due and hands what waits to the crew.
func (d *Daemon) keepTime(ctx context.Context, h *house) error {
	if len(h.schedules) == 0 {
		return nil
	}
	now, err := d.Store.Clock(ctx, d.Now())
	if err != nil {
		return fmt.Errorf("clock of the database: %w", err)
	}
	for i := range h.schedules {
		if err := h.noteTicks(ctx, &h.schedules[i], now, d.Gauge); err != nil {
			return err
		}
	}
	waiting, err := d.Store.WaitingTicks(ctx, h.Entity.ID)
	if err != nil {
		return fmt.Errorf("waiting ticks: %w", err)
	}
	for _, t := range waiting {
		if err := d.dispatch(ctx, h, t, now); err != nil {
			return err
		}
	}
	return nil
}

// dispatch hands a waiting tick to the crew; one whose schedule is gone is skipped.
func (d *Daemon) dispatch(ctx context.Context, h *house, t store.Tick, now time.Time) error {
	for _, s := range h.schedules {
		if s.Name == t.Schedule {
			return d.Crew.Due(ctx, h.Pipeline, t)
		}
	}
	skip(&t, "the schedule is no longer configured", now)
	if err := d.Store.SettleTick(ctx, h.act(0), h.Entity.ID, t); err != nil && !errors.Is(err, store.ErrStale) {
		return fmt.Errorf("skip a tick of %s: %w", t.Schedule, err)
	}
	return nil
}

// collect hands what has settled in the inboxes to the crew.
func (d *Daemon) collect(ctx context.Context, h *house) error {
	var drops []Drop
	var taken []func(bool)
	var all []error
	for _, w := range h.watches {
		names, waiting, err := w.settled(time.Now())
		d.Gauge.inbox(h.Entity.ID, w.inbox.Path, waiting+len(names), err)
		if err != nil {
			all = append(all, err)
			continue
		}
		if len(names) > 0 {
			drops = append(drops, Drop{w.inbox, names})
			w.hand(names, true)
			taken = append(taken, func(still bool) { w.hand(names, still) })
		}
	}
	if len(drops) == 0 {
		return errors.Join(all...)
	}
	giveBack := func(settled bool) {
		if settled {
			return
		}
		d.turn.Lock()
		defer d.turn.Unlock()
		for _, hand := range taken {
			hand(false)
		}
	}
	if err := d.Crew.Settled(ctx, h.Pipeline, drops, giveBack); err != nil {
		for _, hand := range taken {
			hand(false)
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

// Health says what keeps the daemon from its work, nil where nothing does. It asks the database.
func (d *Daemon) Health(ctx context.Context) error {
	if err := d.Alive(); err != nil {
		return err
	}
	d.state.Lock()
	trouble := d.trouble
	d.state.Unlock()
	if trouble != nil {
		return trouble
	}
	if _, err := d.Store.Clock(ctx, d.Now()); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

// overdue is how many rounds may be missed before the daemon counts as stuck.
const overdue = 10

// Alive fails where the daemon has not looked around for long.
func (d *Daemon) Alive() error {
	d.state.Lock()
	defer d.state.Unlock()
	if quiet := time.Since(d.lastLook); !d.lastLook.IsZero() && quiet > overdue*d.Poll+overdue*time.Second {
		return fmt.Errorf("the worker has not looked around for %s", quiet.Round(time.Second))
	}
	return nil
}
