package storetest

import (
	"testing"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Closed closes a period and tests how the store treats its days then. What it leaves behind is for tests of the engine's triggers.
func Closed(t *testing.T, s store.Store) { closed(newWorld(t, s)) }

func closed(w *world) {
	items := w.items(invoice("R1", "C1", 1000), invoice("R2", "C1", 1000))
	early := w.receipt(400, onDay(20260320))
	w.applied(automatic(early, pay(items[0], 400)))
	waiting := w.receipt(300, onDay(20260321))
	w.close(20260331)

	late := w.receipt(100, onDay(20260330))
	w.applied(automatic(late, pay(items[0], 100)), automatic(waiting, pay(items[0], 300)))
	for _, id := range []int64{late, waiting} {
		a := w.applications(id)[0]
		w.same("an application counts from the first open day", a.Effective, recon.Date(20260401))
		w.same("and keeps its own day", a.Original, w.row(id).Date)
	}
	w.same("the entry too", []recon.Date{w.row(late).Effective, w.row(late).Date}, []recon.Date{20260401, 20260330})
	w.same("what was booked before the close stays", w.row(early).Effective, recon.Date(20260320))

	_, err := w.undo(1)
	w.must(err)
	undone := w.applications(early)[1]
	w.same("a correction posts in the open period", []recon.Date{undone.Effective, undone.Original}, []recon.Date{20260401, 20260320})

	hand, err := w.RecordPayment(background, w.petra(), store.RecordedPayment{Entity: entity, AccountID: "main", Customer: "C1", Currency: "EUR", AmountMinor: 50,
		Date: 20260301, Lines: []recon.Line{pay(items[1], 50)}})
	w.must(err)
	w.same("a payment by hand", []recon.Date{w.row(hand).Effective, w.row(hand).Date}, []recon.Date{20260401, 20260301})

	w.items(invoice("R3", "C1", 100, func(i *store.NewItem) { i.OpenMinor = 60 }))
	w.view(func(v store.View) {
		for start := range all(w, v.ItemStarts()) {
			if start.Item == 3 {
				w.same("an item", start.Effective, recon.Date(20260401))
			}
		}
		closed, err := v.ClosedUntil()
		w.must(err)
		w.same("closed until", closed, recon.Date(20260331))
	})
	w.applied(automatic(w.receipt(100, onDay(20260402)), pay(items[1], 100)))
}
