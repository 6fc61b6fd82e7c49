package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/tieout/tieout/store"
)

// hold lets a lease last while its holder lives, and returns the pipeline that works under it. When somebody else has taken the
// lease over, the context ends: nothing that is written under it counts any more.
func (r *River[Tx]) hold(ctx context.Context, p *Pipeline, lease store.Lease) (context.Context, *Pipeline, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() {
		ticker := time.NewTicker(r.Lease / 3)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			now, err := r.Store.Clock(ctx, time.Now())
			if err == nil {
				err = r.Store.RenewLease(ctx, p.Entity.ID, lease.Fence, now, r.Lease)
			}
			switch {
			case errors.Is(err, store.ErrFenced):
				cancel(err)
			case err != nil && ctx.Err() == nil:
				r.Log.Warn("lease not renewed, trying again", zap.String("unit", lease.Name), zap.Error(err))
			}
		}
	})
	q := *p
	q.fences = append(slices.Clone(p.fences), lease.Fence)
	q.Hands = r
	return ctx, &q, func() {
		cancel(nil)
		renewing.Wait()
	}
}

// Alone does something while nobody else does anything under one of these names. Names are taken in their order, so that nobody
// waits for somebody who waits for him.
func (r *River[Tx]) Alone(ctx context.Context, p *Pipeline, names []string, do func(context.Context, *Pipeline) error) error {
	for _, name := range names {
		lease, err := r.wait(ctx, p.Entity.ID, name)
		if err != nil {
			return err
		}
		held, q, letGo := r.hold(ctx, p, lease)
		defer func() {
			letGo()
			released, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestAnswer)
			defer cancel()
			if err := r.Store.ReleaseLease(released, p.Entity.ID, lease.Fence); err != nil && !errors.Is(err, store.ErrFenced) {
				r.Log.Warn("lease not given back; it ends by itself", zap.String("unit", lease.Name), zap.Error(err))
			}
		}()
		ctx, p = held, q
	}
	return do(ctx, p)
}

// wait takes a lease as soon as it is free.
func (r *River[Tx]) wait(ctx context.Context, entity, name string) (store.Lease, error) {
	const shortest, longest = 2 * time.Millisecond, 50 * time.Millisecond
	for pause := shortest; ; pause = min(2*pause, longest) {
		now, err := r.Store.Clock(ctx, time.Now())
		if err != nil {
			return store.Lease{}, err
		}
		lease, err := r.Store.TakeLease(ctx, entity, name, r.holder, now, r.Lease)
		if !errors.Is(err, store.ErrLocked) {
			return lease, err
		}
		select {
		case <-ctx.Done():
			return store.Lease{}, context.Cause(ctx)
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}

// Do has the units of a stage done by all workers and waits for them. A unit whose worker is gone is given to another one.
func (r *River[Tx]) Do(ctx context.Context, p *Pipeline, run int64, stage string, units []Unit) ([]json.RawMessage, error) {
	if len(units) == 0 {
		return nil, nil
	}
	prefix := fmt.Sprintf("run/%d/%s/", run, stage)
	all := make([]errandArgs, len(units))
	for i := range units {
		all[i] = errandArgs{Entity: p.Entity.ID, Lease: fmt.Sprintf("%s%07d", prefix, i), Run: run, Unit: &units[i]}
	}
	if err := r.insert(ctx, queueUnits, all...); err != nil {
		return nil, err
	}
	if err := r.await(ctx, p, prefix, all); err != nil {
		return nil, err
	}
	leases, err := r.Store.Leases(ctx, p.Entity.ID, prefix)
	if err != nil {
		return nil, fmt.Errorf("results of %s: %w", stage, err)
	}
	results := make([]json.RawMessage, len(leases))
	for i, lease := range leases {
		var failed unitFailed
		if err := json.Unmarshal([]byte(lease.Result), &failed); err == nil && failed.Failed != "" {
			return nil, fmt.Errorf("%s was tried %d times: %s", lease.Name, unitTokens, failed.Failed)
		}
		results[i] = json.RawMessage(lease.Result)
	}
	now, err := r.Store.Clock(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	return results, r.Store.DropLeases(ctx, p.Entity.ID, prefix, now.Add(time.Hour))
}

// await returns when all units are done.
func (r *River[Tx]) await(ctx context.Context, p *Pipeline, prefix string, all []errandArgs) error {
	const shortest, longest = 20 * time.Millisecond, 500 * time.Millisecond
	checked, guard := time.Now(), sentry{length: r.Lease}
	for pause := shortest; ; pause = min(pause*5/4, longest) {
		_, done, err := r.Store.CountLeases(ctx, p.Entity.ID, prefix)
		if err != nil {
			return fmt.Errorf("count what is done: %w", err)
		}
		p.progress("units", done, len(all))
		if done == len(all) {
			return nil
		}
		if time.Since(checked) > r.Lease/2 {
			if err := r.rescue(ctx, p, &guard, prefix, all); err != nil {
				return err
			}
			checked = time.Now()
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// rescue asks anew for the units whose leases ran out.
func (r *River[Tx]) rescue(ctx context.Context, p *Pipeline, guard *sentry, prefix string, all []errandArgs) error {
	now, err := r.Store.Clock(ctx, time.Now())
	if err != nil {
		return err
	}
	leases, err := r.Store.Leases(ctx, p.Entity.ID, prefix)
	if err != nil {
		return err
	}
	tokens := map[string]int64{}
	for _, lease := range leases {
		if guard.lost(lease, now) {
			tokens[lease.Name] = lease.Token
		}
	}
	var again []errandArgs
	for _, a := range all {
		if token, ranOut := tokens[a.Lease]; ranOut {
			a.Try = token
			again = append(again, a)
		}
	}
	return r.insert(ctx, queueUnits, again...)
}

// sentry tells which units lost their workers.
type sentry struct {
	length   time.Duration          // of a lease
	released map[string]releasedOne // by lease: given back, and to be tried again by River
}

type releasedOne struct {
	token int64
	since time.Time
}

// lost reports whether nobody works on a unit any more: its lease ran out, or was given back long ago and not taken since.
func (s *sentry) lost(lease store.Lease, now time.Time) bool {
	const patience = 10 // leases
	switch {
	case lease.Done || lease.Until.After(now):
		return false
	case lease.Until.UnixMicro() > 0:
		return true
	}
	if s.released == nil {
		s.released = map[string]releasedOne{}
	}
	if before, known := s.released[lease.Name]; known && before.token == lease.Token {
		return now.Sub(before.since) > patience*s.length
	}
	s.released[lease.Name] = releasedOne{lease.Token, now}
	return false
}

// sightOf sums up how dropped files look, so that everybody who sees the same files asks for the same thing.
func sightOf(drops []Drop) string {
	sum := sha256.New()
	for _, drop := range drops {
		for _, name := range drop.Names {
			fmt.Fprintf(sum, "%q %q", drop.Inbox.Path, name)
			if info, err := os.Lstat(filepath.Join(drop.Inbox.Path, name)); err == nil {
				fmt.Fprintf(sum, " %+v", lookOf(info))
			}
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// present are the dropped files that are still there: another worker may have taken some.
func present(drops []Drop) (left []Drop) {
	for _, drop := range drops {
		drop.Names = slices.DeleteFunc(slices.Clone(drop.Names), func(name string) bool {
			_, err := os.Lstat(filepath.Join(drop.Inbox.Path, name))
			return err != nil
		})
		if len(drop.Names) > 0 {
			left = append(left, drop)
		}
	}
	return left
}
