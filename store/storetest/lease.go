package storetest

import (
	"sync"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// now is the clock by which the store judges leases.
func (w *world) now() time.Time {
	w.Helper()
	now, err := w.Clock(background, noon)
	w.must(err)
	return now
}

// take takes a lease; one of no length is over at once.
func (w *world) take(name, holder string, length time.Duration) store.Lease {
	w.Helper()
	lease, err := w.TakeLease(background, entity, name, holder, w.now(), length)
	w.must(err)
	return lease
}

func leaseStories() []story {
	return []story{
		{"one worker has a unit until its lease is over", func(w *world) {
			first := w.take("unit/1", "anna", time.Hour)
			w.same("token", first.Token, int64(1))
			_, err := w.TakeLease(background, entity, "unit/1", "bert", w.now(), time.Hour)
			w.fails(err, store.ErrLocked)
			w.take("unit/2", "bert", time.Hour)
			w.must(w.RenewLease(background, entity, first.Fence, w.now(), 0)) // its hour is over
			second := w.take("unit/1", "bert", time.Hour)
			w.same("token", second.Token, int64(2))
			w.fails(w.RenewLease(background, entity, first.Fence, w.now(), time.Hour), store.ErrFenced)
			w.fails(w.ReleaseLease(background, entity, first.Fence), store.ErrFenced)
			w.fails(w.EndLease(background, entity, first.Fence, w.now(), "x"), store.ErrFenced)
			w.must(w.ReleaseLease(background, entity, second.Fence))
			w.fails(w.RenewLease(background, entity, second.Fence, w.now(), time.Hour), store.ErrFenced)
			w.same("token", w.take("unit/1", "anna", time.Hour).Token, int64(3))
		}},
		{"a unit that is done is taken by nobody", func(w *world) {
			lease := w.take("unit/1", "anna", time.Hour)
			w.must(w.EndLease(background, entity, lease.Fence, w.now(), `{"applied":3}`))
			w.fails(w.EndLease(background, entity, lease.Fence, w.now(), "again"), store.ErrFenced)
			done := w.take("unit/1", "bert", time.Hour)
			if !done.Done || done.Result != `{"applied":3}` || done.Holder != "anna" {
				w.Fatalf("the unit is %+v", done)
			}
		}},
		{"leases are listed and forgotten by the beginning of their names", func(w *world) {
			for _, name := range []string{"run/1/b", "run/1/a", "run/10/a", "pipeline"} {
				w.take(name, "anna", 0)
			}
			names := func(prefix string) (all []string) {
				leases, err := w.Leases(background, entity, prefix)
				w.must(err)
				for _, lease := range leases {
					all = append(all, lease.Name)
				}
				return all
			}
			w.same("of run 1", names("run/1/"), []string{"run/1/a", "run/1/b"})
			w.must(w.EndLease(background, entity, w.take("run/1/b", "anna", time.Hour).Fence, w.now(), ""))
			all, done, err := w.CountLeases(background, entity, "run/1/")
			w.must(err)
			w.same("leases", [2]int{all, done}, [2]int{2, 1})
			w.must(w.DropLeases(background, entity, "run/1/", w.now().Add(-time.Hour)))
			w.same("of run 1", names("run/1/"), []string{"run/1/a", "run/1/b"})
			w.must(w.DropLeases(background, entity, "run/1/", w.now().Add(time.Hour)))
			w.same("all", names(""), []string{"pipeline", "run/10/a"})
		}},
		{"what is written under a lease that was taken over is refused", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(100)
			frozen := w.take("unit/1", "anna", 0)
			fresh := w.take("unit/1", "bert", time.Hour)
			before := w.audits()
			late := w.act()
			late.Fences = []store.Fence{w.take("unit/2", "anna", time.Hour).Fence, frozen.Fence}
			_, err := w.StartRun(background, late, entity, "r1")
			w.fails(err, store.ErrFenced)
			w.same("audit rows", w.audits(), before)
			late.Fences = []store.Fence{fresh.Fence}
			_, err = w.Resolve(background, late, store.Resolution{Entity: entity, Receipt: id, Lines: []recon.Line{pay(i, 100)}})
			w.must(err)
			w.must(w.DropLeases(background, entity, "unit/", w.now().Add(2*time.Hour)))
			_, err = w.StartRun(background, late, entity, "r1")
			w.fails(err, store.ErrFenced)
		}},
		{"eight workers want one unit", func(w *world) {
			now := w.now()
			var wait sync.WaitGroup
			taken := make([]bool, 8)
			for n := range taken {
				wait.Go(func() {
					_, err := w.TakeLease(background, entity, "unit/1", "anna", now, time.Hour)
					taken[n] = err == nil
				})
			}
			wait.Wait()
			winners := 0
			for _, won := range taken {
				if won {
					winners++
				}
			}
			w.same("winners", winners, 1)
		}},
		{"leases leave no trace in the history", func(w *world) {
			before := w.audits()
			lease := w.take("unit/1", "anna", time.Hour)
			w.must(w.RenewLease(background, entity, lease.Fence, w.now(), time.Hour))
			w.must(w.EndLease(background, entity, lease.Fence, w.now(), ""))
			w.same("audit rows", w.audits(), before)
		}},
	}
}
