package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func runStories() []story {
	return []story{
		{"a run from start to end", func(w *world) {
			first, err := w.StartRun(background, w.act(), entity, "r1")
			w.must(err)
			second, err := w.StartRun(background, w.act(), entity, "r1")
			w.must(err)
			stats := store.RunStats{Files: 1, Refused: 2, Held: 3, Entries: 4, Receipts: 5, Applied: 6, Queued: 7, Faults: 8}
			w.must(w.FinishRun(background, w.act(), entity, first, "done", stats))
			w.fails(w.FinishRun(background, w.act(), entity, first, "failed", stats), store.ErrStale)
			w.fails(w.FinishRun(background, w.act(), entity, 99, "done", stats), store.ErrStale)
			want := []store.Run{
				{ID: first, Rules: "r1", Actor: "engine", Started: noon.Add(2e9), Finished: noon.Add(4e9), State: "done", Stats: stats},
				{ID: second, Rules: "r1", Actor: "engine", Started: noon.Add(3e9), State: "running"},
			}
			got, err := w.Runs(background, entity, 0)
			w.must(err)
			w.same("runs", got, want)
			got, err = w.Runs(background, entity, 1)
			w.must(err)
			w.same("the last", got, want[1:])
			one, err := w.Run(background, entity, first)
			w.must(err)
			w.same("run", one, want[0])
			_, err = w.Run(background, entity, 99)
			w.fails(err, store.ErrNotFound)
		}},
		{"runs whose processes died are interrupted", func(w *world) {
			first, err := w.StartRun(background, w.act(), entity, "r1")
			w.must(err)
			died, err := w.StartRun(background, w.act(), entity, "r1")
			w.must(err)
			w.must(w.FinishRun(background, w.act(), entity, first, "done", store.RunStats{}))
			act := w.act()
			n, err := w.InterruptRuns(background, act, entity)
			w.must(err)
			w.same("interrupted", n, 1)
			before := w.audits()
			n, err = w.InterruptRuns(background, w.act(), entity)
			w.must(err)
			w.same("interrupted", n, 0)
			w.same("audit rows", w.audits(), before)
			w.fails(w.FinishRun(background, w.act(), entity, died, "done", store.RunStats{}), store.ErrStale)
			runs, err := w.Runs(background, entity, 1)
			w.must(err)
			w.same("state", runs[0].State, "interrupted")
			w.same("finished", runs[0].Finished, act.At)
		}},
		{"nothing to export", func(w *world) {
			before := w.audits()
			_, ok, err := w.OpenBatch(background, w.act(), entity, "journal")
			w.must(err)
			w.same("ok", ok, false)
			w.same("audit rows", w.audits(), before)
		}},
		{"a batch is what was recorded since the last, and the same until it is written", batches},
		{"a batch that is not there", func(w *world) {
			w.fails(w.MarkWritten(background, w.act(), entity, 1, "f", "s"), store.ErrNotFound)
		}},
	}
}

func batches(w *world) {
	i := w.items(invoice("R1", "C1", 1000))[0]
	w.applied(automatic(w.receipt(100), pay(i, 100)))
	open := func(kind string) store.Batch {
		w.Helper()
		b, ok, err := w.OpenBatch(background, w.act(), entity, kind)
		w.must(err)
		w.same("ok", ok, true)
		return b
	}
	first := open("journal")
	w.same("first", first, store.Batch{ID: 1, Kind: "journal", ApplicationsUntil: 1, DecisionsUntil: 1, EntriesUntil: 1, ItemsUntil: 1})
	w.applied(automatic(w.receipt(200), pay(i, 150), line(recon.OnAccount, recon.Item{}, 50)))
	w.same("still the same", open("journal"), first)
	w.same("another kind", open("applications"), store.Batch{ID: 2, Kind: "applications", ApplicationsUntil: 3, DecisionsUntil: 2, EntriesUntil: 2, ItemsUntil: 1})
	w.must(w.MarkWritten(background, w.act(), entity, first.ID, "journal-1.csv", "abc"))
	before := w.audits()
	w.must(w.MarkWritten(background, w.act(), entity, first.ID, "journal-1.csv", "abc"))
	w.same("audit rows", w.audits(), before)
	w.fails(w.MarkWritten(background, w.act(), entity, first.ID, "journal-1.csv", "abd"), store.ErrStale)
	w.same("second", open("journal"), store.Batch{ID: 3, Kind: "journal", ApplicationsAfter: 1, ApplicationsUntil: 3, DecisionsAfter: 1, DecisionsUntil: 2,
		EntriesAfter: 1, EntriesUntil: 2, ItemsAfter: 1, ItemsUntil: 1})
}
