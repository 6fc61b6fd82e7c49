package worker

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/tieout/tieout/store"
)

// Solo is a crew of one: jobs are done in this process, one after the other. What is asked for lives in memory only: ticks wait in
// the store and files in their inboxes until they are done.
type Solo struct {
	Log   *zap.Logger
	Gauge *Metrics
	Pause time.Duration // after the first attempt that failed; it doubles with each

	turn sync.Mutex
	jobs []*job
	wake chan struct{} // holds one token where something may be ready
}

// NewSolo returns an idle crew of one.
func NewSolo(log *zap.Logger, gauge *Metrics) *Solo {
	return &Solo{Log: log, Gauge: gauge, Pause: time.Second, wake: make(chan struct{}, 1)}
}

// job is something to be done.
type job struct {
	name     string // equal ones are one
	do       func(ctx context.Context, last bool) error
	most     int // attempts, 0 for no end
	attempts int
	ready    time.Time // on a clock that nobody sets
}

// jobAttempts bounds how often a due run is tried: then it counts as failed, and the next one has its turn.
const jobAttempts = 5

// Furnish does nothing: who asks brings the pipeline along.
func (s *Solo) Furnish([]*Pipeline) {}

// Due has a tick worked on.
func (s *Solo) Due(_ context.Context, p *Pipeline, t store.Tick) error {
	s.add(&job{name: fmt.Sprintf("%s/%s/%d", p.Entity.ID, t.Schedule, t.Due.UnixMicro()), most: jobAttempts,
		do: func(ctx context.Context, last bool) error { return p.workTick(ctx, t, last, s.Gauge) }})
	return nil
}

// Settled has files taken in.
func (s *Solo) Settled(_ context.Context, p *Pipeline, drops []Drop, done func(settled bool)) error {
	s.add(&job{name: fmt.Sprintf("%s/drops/%d", p.Entity.ID, time.Now().UnixNano()), do: func(ctx context.Context, _ bool) error {
		settled, err := p.workDrops(ctx, drops, s.Gauge)
		if err == nil {
			done(settled)
		}
		return err
	}})
	return nil
}

func (s *Solo) add(j *job) {
	s.turn.Lock()
	defer s.turn.Unlock()
	for _, known := range s.jobs {
		if known.name == j.name {
			return
		}
	}
	s.jobs = append(s.jobs, j)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Work does the jobs that are asked for, in turn, until the context ends.
func (s *Solo) Work(ctx context.Context) error {
	for {
		j, pause := s.next(time.Now())
		if j == nil {
			select {
			case <-ctx.Done():
				return nil
			case <-s.wake:
			case <-time.After(pause):
			}
			continue
		}
		j.attempts++
		err := j.do(ctx, j.attempts == j.most)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			s.drop(j)
		case errors.Is(err, store.ErrLocked): // somebody works on the database by hand
			j.attempts--
			j.ready = time.Now().Add(s.Pause)
		default:
			j.ready = time.Now().Add(backOff(s.Pause, j.attempts))
			s.Log.Error("job failed, and will be tried again", zap.String("job", j.name), zap.Int("attempt", j.attempts), zap.Error(err))
		}
	}
}

// next returns the first job that is ready, or how long to wait for one.
func (s *Solo) next(now time.Time) (_ *job, pause time.Duration) {
	s.turn.Lock()
	defer s.turn.Unlock()
	pause = time.Hour
	for _, j := range s.jobs {
		if !j.ready.After(now) {
			return j, 0
		}
		pause = min(pause, j.ready.Sub(now))
	}
	return nil, pause
}

func (s *Solo) drop(done *job) {
	s.turn.Lock()
	defer s.turn.Unlock()
	for i, j := range s.jobs {
		if j == done {
			s.jobs = append(s.jobs[:i], s.jobs[i+1:]...)
			return
		}
	}
}

// longestPause bounds the time between two attempts.
const longestPause = time.Minute

// backOff is how long to wait after an attempt that failed: each time twice as long, with some chance in it so that several
// workers do not come back at the same moment.
func backOff(first time.Duration, attempts int) time.Duration {
	pause := min(first<<min(attempts-1, 10), longestPause)
	return pause/2 + rand.N(pause)
}
