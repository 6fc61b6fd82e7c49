package storetest

import (
	"sync"
	"time"

	"github.com/tieout/tieout/store"
)

var nightly = store.Schedule{Name: "nightly", Cron: "0 2 * * *", Zone: "Europe/Berlin"}

// tick is a due time of the nightly schedule, some hours after noon.
func tick(hours int, outcome store.TickOutcome) store.Tick {
	t := store.Tick{Schedule: nightly.Name, Due: noon.Add(time.Duration(hours) * time.Hour), Outcome: outcome}
	if outcome == store.TickSkipped {
		t.Late, t.Reason, t.Settled = true, "catch_up: one", noon
	}
	return t
}

func scheduleStories() []story {
	return []story{
		{"the ticks of a schedule count since it was first seen, and anew when its line changes", func(w *world) {
			first := w.act()
			since, err := w.SaveSchedule(background, first, entity, nightly)
			w.must(err)
			w.same("since", since, first.At)
			before := w.audits()
			since, err = w.SaveSchedule(background, w.act(), entity, nightly)
			w.must(err)
			w.same("since", since, first.At)
			w.same("audit rows", w.audits(), before)
			later, moved := nightly, w.act()
			later.Zone = "Asia/Tokyo"
			since, err = w.SaveSchedule(background, moved, entity, later)
			w.must(err)
			w.same("since", since, moved.At)
			w.same("audit rows", w.audits(), before+1)
		}},
		{"a due time is one tick, whoever notes it", func(w *world) {
			added, err := w.AddTicks(background, w.act(), entity, []store.Tick{tick(1, store.TickSkipped), tick(2, store.TickWaiting)})
			w.must(err)
			w.same("added", added, 2)
			before := w.audits()
			added, err = w.AddTicks(background, w.act(), entity, []store.Tick{tick(1, store.TickWaiting), tick(2, store.TickSkipped)})
			w.must(err)
			w.same("added", added, 0)
			w.same("audit rows", w.audits(), before)
			got, err := w.Ticks(background, entity, nightly.Name, 10)
			w.must(err)
			w.same("ticks", got, []store.Tick{tick(2, store.TickWaiting), tick(1, store.TickSkipped)})
			got, err = w.Ticks(background, entity, nightly.Name, 1)
			w.must(err)
			w.same("the last", got, []store.Tick{tick(2, store.TickWaiting)})
		}},
		{"eight replicas note the same due time", func(w *world) {
			act := w.act()
			var wait sync.WaitGroup
			added := make([]int, 8)
			for n := range added {
				wait.Go(func() {
					var err error
					if added[n], err = w.AddTicks(background, act, entity, []store.Tick{tick(1, store.TickWaiting)}); err != nil {
						w.Error(err)
					}
				})
			}
			wait.Wait()
			total := 0
			for _, n := range added {
				total += n
			}
			w.same("added", total, 1)
		}},
		{"a tick is settled once", func(w *world) {
			sooner, later := tick(1, store.TickWaiting), tick(2, store.TickWaiting)
			_, err := w.AddTicks(background, w.act(), entity, []store.Tick{later, sooner})
			w.must(err)
			waiting, err := w.WaitingTicks(background, entity)
			w.must(err)
			w.same("waiting", waiting, []store.Tick{sooner, later})
			ran, act := sooner, w.act()
			ran.Outcome, ran.Run = store.TickRan, 7
			w.must(w.SettleTick(background, act, entity, ran))
			before := w.audits()
			w.must(w.SettleTick(background, w.act(), entity, ran))
			w.same("audit rows", w.audits(), before)
			again := ran
			again.Outcome = store.TickSkipped
			w.fails(w.SettleTick(background, w.act(), entity, again), store.ErrStale)
			w.fails(w.SettleTick(background, w.act(), entity, tick(3, store.TickRan)), store.ErrNotFound)
			waiting, err = w.WaitingTicks(background, entity)
			w.must(err)
			w.same("waiting", waiting, []store.Tick{later})
			ran.Settled = act.At
			got, err := w.Ticks(background, entity, nightly.Name, 10)
			w.must(err)
			w.same("ticks", got, []store.Tick{later, ran})
		}},
		{"the timetable of another company is another one", func(w *world) {
			w.must(w.SaveEntity(background, w.act(), store.Entity{ID: sister, Name: "Sister", BaseCurrency: "EUR"}))
			for _, e := range []string{entity, sister} {
				added, err := w.AddTicks(background, w.act(), e, []store.Tick{tick(1, store.TickWaiting)})
				w.must(err)
				w.same("added", added, 1)
			}
		}},
	}
}
