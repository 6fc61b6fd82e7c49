package worker

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"go.uber.org/zap"

	"github.com/tieout/tieout/store"
)

// River is the crew of a database on a server: what is asked for becomes a job of River, which any worker of the database does.
//
// River gives out jobs at least once. That a unit has one worker at a time, and that nothing a worker writes counts once another
// one has taken over, is the doing of leases: a job takes the lease of its unit, renews it while it works, and ends it with the
// result. Whoever asked looks at the leases, and asks again where one ran out.
type River[Tx any] struct {
	RiverOptions
	client *river.Client[Tx]
	holder string
	guard  sentry

	turn      sync.Mutex
	pipelines map[string]*Pipeline // by entity
	asked     map[string]errand    // by lease, not known to be done
}

// RiverOptions are what a crew needs beside its database.
type RiverOptions struct {
	Store   store.Store
	Log     *zap.Logger
	Gauge   *Metrics
	Workers int           // units done at the same time
	Lease   time.Duration // how long a unit outlives its worker's last sign of life
}

// errand is something that was asked for.
type errand struct {
	errandArgs
	done func(result string)
}

// errandArgs are the arguments of a job.
type errandArgs struct {
	Entity string      `json:"entity" river:"unique"`
	Lease  string      `json:"lease" river:"unique"`
	Try    int64       `json:"try" river:"unique"` // token of the lease that ran out, 0 at first
	Run    int64       `json:"run,omitempty"`      // that a unit belongs to
	Unit   *Unit       `json:"unit,omitempty"`
	Tick   *store.Tick `json:"tick,omitempty"`
	Drops  []Drop      `json:"drops,omitempty"`
}

// Kind names the job to River.
func (errandArgs) Kind() string { return "tieout" }

// Queues of River: a run waits for its units, so they never wait for each other's places.
const (
	queueRuns  = "tieout_runs"
	queueUnits = "tieout_units"
)

// Bounds of jobs.
const (
	longestJob   = 12 * time.Hour // River rescues what runs longer; leases notice a worker that is gone much sooner
	riverTries   = 25             // attempts that River counts itself
	unitTokens   = 10             // how often a unit is taken before it counts as failed
	runsAtOnce   = 4
	riverPoll    = 200 * time.Millisecond
	insertAtOnce = 1000
)

// migrateAttempts bounds how often the job engine's tables are made: workers that start at the same moment get in each other's way,
// and the one that comes second finds them there when it looks again.
const migrateAttempts = 10

// MigrateJobs brings the tables of the job engine up to date.
func MigrateJobs[Tx any](ctx context.Context, driver riverdriver.Driver[Tx]) error {
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: silent})
	if err != nil {
		return fmt.Errorf("prepare the job engine: %w", err)
	}
	for attempt := 1; ; attempt++ {
		if _, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err == nil {
			return nil
		}
		if attempt == migrateAttempts {
			return fmt.Errorf("prepare the job engine: %w", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(backOff(50*time.Millisecond, attempt)):
		}
	}
}

// NewRiver returns the crew of a database whose job engine is up to date.
func NewRiver[Tx any](driver riverdriver.Driver[Tx], options RiverOptions) (*River[Tx], error) {
	host, _ := os.Hostname()
	r := &River[Tx]{RiverOptions: options, guard: sentry{length: options.Lease}, holder: fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()[:8]), pipelines: map[string]*Pipeline{}, asked: map[string]errand{}}
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, river.WorkFunc(r.work)); err != nil {
		return nil, fmt.Errorf("job engine: %w", err)
	}
	client, err := river.NewClient(driver, &river.Config{
		ID:                          r.holder,
		Workers:                     workers,
		Queues:                      map[string]river.QueueConfig{queueRuns: {MaxWorkers: runsAtOnce}, queueUnits: {MaxWorkers: options.Workers}},
		PollOnly:                    true, // a pooler may share out connections, and then nobody can listen
		FetchPollInterval:           riverPoll,
		FetchCooldown:               riverPoll / 20,
		JobTimeout:                  longestJob,
		RescueStuckJobsAfter:        longestJob + time.Hour,
		MaxAttempts:                 riverTries,
		RetryPolicy:                 patience{},
		CompletedJobRetentionPeriod: time.Hour,
		Logger:                      silent,
	})
	if err != nil {
		return nil, fmt.Errorf("job engine: %w", err)
	}
	r.client = client
	return r, nil
}

// patience is the time between two attempts of a job.
type patience struct{}

// NextRetry says when a job that failed is tried again.
func (patience) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().UTC().Add(backOff(time.Second, max(len(job.Errors), 1)))
}

// Furnish tells the crew for which entities it works.
func (r *River[Tx]) Furnish(pipelines []*Pipeline) {
	r.turn.Lock()
	defer r.turn.Unlock()
	clear(r.pipelines)
	for _, p := range pipelines {
		r.pipelines[p.Entity.ID] = p
	}
}

// Work does jobs until the context ends; then it calls off what it has in hand and waits until that is rolled back.
func (r *River[Tx]) Work(ctx context.Context) error {
	if err := r.begin(ctx); err != nil {
		return nil // told to stop before the database was there
	}
	ticker := time.NewTicker(min(r.Lease/2, time.Second))
	defer ticker.Stop()
	for ctx.Err() == nil {
		if err := r.follow(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn("cannot follow what was asked for, and will try again", zap.Error(err))
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
	const grace = 30 * time.Second
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := r.client.StopAndCancel(stopping); err != nil {
		r.Log.Error("jobs did not stop in time; others will take them over", zap.Error(err))
	}
	return nil
}

// begin starts the client, again and again while the database is away.
func (r *River[Tx]) begin(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		err := r.client.Start(context.WithoutCancel(ctx))
		if err == nil {
			return nil
		}
		r.Log.Error("the job engine does not start, and will be tried again", zap.Error(err))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(backOff(time.Second, attempt)):
		}
	}
}

// Due has a tick worked on by whoever is free.
func (r *River[Tx]) Due(ctx context.Context, p *Pipeline, t store.Tick) error {
	return r.ask(ctx, errand{errandArgs: errandArgs{Entity: p.Entity.ID, Lease: fmt.Sprintf("tick/%s/%d", t.Schedule, t.Due.UnixMicro()), Tick: &t}})
}

// Settled has files taken in by whoever is free. Several workers that see the same files ask for the same thing.
func (r *River[Tx]) Settled(ctx context.Context, p *Pipeline, drops []Drop, done func(settled bool)) error {
	return r.ask(ctx, errand{errandArgs{Entity: p.Entity.ID, Lease: "intake/" + sightOf(drops), Drops: drops},
		func(result string) { done(result == resultSettled) }})
}

// What became of files that were taken in.
const (
	resultSettled = `"settled"`
	resultAgain   = `"again"`
)

// ask inserts a job once, and remembers it until its lease is done.
func (r *River[Tx]) ask(ctx context.Context, e errand) error {
	key := e.Entity + "\x00" + e.Lease
	r.turn.Lock()
	_, known := r.asked[key]
	r.turn.Unlock()
	if known {
		return nil
	}
	if err := r.insert(ctx, queueRuns, e.errandArgs); err != nil {
		return err
	}
	r.turn.Lock()
	defer r.turn.Unlock()
	r.asked[key] = e
	return nil
}

func (r *River[Tx]) insert(ctx context.Context, queue string, all ...errandArgs) error {
	for len(all) > 0 {
		some := all[:min(len(all), insertAtOnce)]
		all = all[len(some):]
		params := make([]river.InsertManyParams, len(some))
		for i, args := range some {
			params[i] = river.InsertManyParams{Args: args, InsertOpts: &river.InsertOpts{Queue: queue, UniqueOpts: river.UniqueOpts{ByArgs: true}}}
		}
		if _, err := r.client.InsertMany(ctx, params); err != nil {
			return fmt.Errorf("ask for work: %w", err)
		}
	}
	return nil
}

// follow looks at what was asked for: what is done is told, and what lost its worker is asked for again.
func (r *River[Tx]) follow(ctx context.Context) error {
	r.turn.Lock()
	pending := make([]errand, 0, len(r.asked))
	for _, e := range r.asked {
		pending = append(pending, e)
	}
	r.turn.Unlock()
	for _, e := range pending {
		now, err := r.Store.Clock(ctx, time.Now())
		if err != nil {
			return err
		}
		leases, err := r.Store.Leases(ctx, e.Entity, e.Lease)
		if err != nil {
			return err
		}
		switch {
		case len(leases) == 0: // still waiting for a worker
		case leases[0].Done:
			r.forget(e, leases[0].Result)
		case r.guard.lost(leases[0], now):
			again := e.errandArgs
			again.Try = leases[0].Token
			if err := r.insert(ctx, queueRuns, again); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *River[Tx]) forget(e errand, result string) {
	r.turn.Lock()
	delete(r.asked, e.Entity+"\x00"+e.Lease)
	r.turn.Unlock()
	if e.done != nil {
		e.done(result)
	}
}

// work does one job under the lease of its unit.
func (r *River[Tx]) work(ctx context.Context, job *river.Job[errandArgs]) error {
	a := job.Args
	r.turn.Lock()
	p := r.pipelines[a.Entity]
	r.turn.Unlock()
	if p == nil {
		return river.JobSnooze(r.Lease) // somebody else's, or the configuration is still to come
	}
	if over, err := r.over(ctx, a); err != nil || over {
		return err
	}
	now, err := r.Store.Clock(ctx, time.Now())
	if err != nil {
		return err
	}
	lease, err := r.Store.TakeLease(ctx, a.Entity, a.Lease, r.holder, now, r.Lease)
	switch {
	case errors.Is(err, store.ErrLocked):
		return river.JobSnooze(r.Lease)
	case err != nil || lease.Done:
		return err
	}
	held, q, letGo := r.hold(ctx, p, lease)
	result, err := r.perform(held, q, a, lease, job.Attempt >= jobAttempts)
	letGo()
	return r.conclude(ctx, a, lease, result, err)
}

// over reports whether the run that a unit belongs to has ended: the unit is nobody's concern any more.
func (r *River[Tx]) over(ctx context.Context, a errandArgs) (bool, error) {
	if a.Run == 0 {
		return false, nil
	}
	run, err := r.Store.Run(ctx, a.Entity, a.Run)
	return err == nil && !run.Finished.IsZero(), err
}

// conclude ends the lease with what the job came to, or gives it back.
func (r *River[Tx]) conclude(ctx context.Context, a errandArgs, lease store.Lease, result any, failed error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestAnswer)
	defer cancel()
	if failed != nil && a.Unit != nil && lease.Token >= unitTokens {
		result, failed = unitFailed{Failed: failed.Error()}, nil
	}
	if failed != nil {
		released := r.Store.ReleaseLease(ctx, a.Entity, lease.Fence)
		switch {
		case errors.Is(failed, store.ErrLocked): // another run is under way
			return river.JobSnooze(time.Second)
		case errors.Is(failed, store.ErrFenced), errors.Is(released, store.ErrFenced):
			r.Log.Warn("another worker has taken over", zap.String("entity", a.Entity), zap.String("unit", a.Lease))
			return nil
		}
		if ctx.Err() == nil {
			r.Log.Error("job failed, and will be tried again", zap.String("entity", a.Entity), zap.String("unit", a.Lease), zap.Error(failed))
		}
		return failed
	}
	text, err := json.Marshal(result)
	if err != nil {
		return err
	}
	now, err := r.Store.Clock(ctx, time.Now())
	if err == nil {
		err = r.Store.EndLease(ctx, a.Entity, lease.Fence, now, string(text))
	}
	if errors.Is(err, store.ErrFenced) {
		return nil // whoever took over says what it came to
	}
	return err
}

// longestAnswer bounds how long the end of a job may take to be noted.
const longestAnswer = 30 * time.Second

// unitFailed is the result of a unit that could not be done.
type unitFailed struct {
	Failed string `json:"failed"`
}

// perform does what a job is about.
func (r *River[Tx]) perform(ctx context.Context, p *Pipeline, a errandArgs, lease store.Lease, last bool) (any, error) {
	switch {
	case a.Unit != nil:
		return p.doUnit(ctx, a.Run, *a.Unit)
	case a.Tick != nil:
		return nil, p.workTick(ctx, *a.Tick, last, r.Gauge)
	case a.Drops != nil:
		return r.takeIn(ctx, p, a.Drops)
	}
	return nil, fmt.Errorf("%s is no work that this version knows", cmp.Or(lease.Name, "it"))
}

// takeIn takes in what is left of dropped files, and returns what became of them. Files that are gone were taken by another run; where
// it did not come to its end, what came with them still has to be decided.
func (r *River[Tx]) takeIn(ctx context.Context, p *Pipeline, drops []Drop) (any, error) {
	left := present(drops)
	if len(left) == 0 {
		last, err := p.Store.Runs(ctx, p.Entity.ID, 1)
		if err != nil {
			return nil, fmt.Errorf("last run: %w", err)
		}
		if len(last) == 0 || last[0].State == RunDone {
			return json.RawMessage(resultSettled), nil
		}
	}
	settled, err := p.workDrops(ctx, left, r.Gauge)
	if settled {
		return json.RawMessage(resultSettled), err
	}
	return json.RawMessage(resultAgain), err
}
