package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func planned(sequence int, due recon.Date, minor int64) recon.Instalment {
	return recon.Instalment{Sequence: sequence, DueDate: due, AmountMinor: minor}
}

func (w *world) edit(number string, lines ...recon.Instalment) error {
	i := w.item(number)
	return w.EditPlan(background, w.petra(), entity, store.PlanEdit{Item: i.ID, Version: i.Version, Lines: lines})
}

func editStories() []story {
	return []story{
		{"a plan is made, changed and ended", func(w *world) {
			w.items(invoice("R1", "C1", 1000))
			w.must(w.edit("R1", planned(1, 20260401, 400), planned(2, 20260501, 600)))
			w.same("plan", w.item("R1").Instalments, []recon.Instalment{planned(1, 20260401, 400), planned(2, 20260501, 600)})
			w.must(w.edit("R1", planned(1, 20260601, 400), planned(2, 20260501, 600)))
			w.same("by due day", w.item("R1").Instalments, []recon.Instalment{planned(2, 20260501, 600), planned(1, 20260601, 400)})
			w.must(w.edit("R1"))
			w.same("no plan", w.item("R1").Instalments, []recon.Instalment(nil))
		}},
		{"what is paid or void stays as it is", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			void := planned(3, 20260601, 100)
			void.Void = true
			w.must(w.edit("R1", planned(1, 20260401, 400), planned(2, 20260501, 600), void))
			w.applied(automatic(w.receipt(500), pay(i, 500)))
			got := w.item("R1").Instalments
			w.same("paid on", []recon.Date{got[0].PaidOn, got[1].PaidOn}, []recon.Date{20260305, 0})
			w.same("cleared", []bool{got[0].Cleared, got[1].Cleared}, []bool{true, false})
			w.fails(w.edit("R1", planned(1, 20260402, 400), planned(2, 20260501, 600), void), store.ErrStale)
			w.fails(w.edit("R1", planned(2, 20260501, 600), void), store.ErrStale)
			w.fails(w.edit("R1", planned(1, 20260401, 400), planned(2, 20260501, 600)), store.ErrStale)
			w.must(w.edit("R1", planned(1, 20260401, 400), planned(2, 20260501, 300), planned(4, 20260601, 300), void))
			paid := w.item("R1").Instalments
			w.same("paid in part", []int64{paid[0].PaidMinor, paid[1].PaidMinor}, []int64{400, 100})
		}},
		{"money that no bank has shown pays without clearing", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			w.must(w.edit("R1", planned(1, 20260401, 400), planned(2, 20260501, 600)))
			_, err := w.RecordPayment(background, w.petra(), store.RecordedPayment{Entity: entity, AccountID: "main", Customer: "C1", Currency: "EUR", AmountMinor: 400,
				Date: 20260304, Lines: []recon.Line{pay(i, 400)}})
			w.must(err)
			got := w.item("R1").Instalments[0]
			w.same("line", []any{got.PaidOn, got.Cleared}, []any{recon.Date(20260304), false})
		}},
		{"an item that changed meanwhile is stale, none is not found", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			w.must(w.edit("R1", planned(1, 20260401, 1000)))
			w.fails(w.EditPlan(background, w.petra(), entity, store.PlanEdit{Item: i.ID, Version: i.Version}), store.ErrStale)
			w.fails(w.EditPlan(background, w.petra(), entity, store.PlanEdit{Item: 9}), store.ErrNotFound)
		}},
	}
}
