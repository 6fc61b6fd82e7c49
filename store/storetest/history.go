package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func historyStories() []story {
	return []story{
		{"what was to decide is there as it came, whatever became of it", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			receipts := w.entries(credit(1000), credit(300))
			asked, _, err := w.Undecided(background, entity)
			w.must(err)
			w.applied(automatic(receipts[0], pay(i, 1000)))
			w.plan(queued(receipts[1], "payer_unknown"))
			_, err = w.RecordPayment(background, w.petra(), store.RecordedPayment{Entity: entity, AccountID: "main", Customer: "C1", Currency: "EUR", AmountMinor: 60,
				Date: 20260303, Method: "cheque"})
			w.must(err)
			w.same("received", w.received(), asked)
		}},
		{"items that people parted from a receipt are said", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(1000)
			w.applied(automatic(id, pay(i, 1000)))
			_, err := w.Undo(background, w.petra(), entity, []int64{w.applications(id)[0].ID}, "not this one")
			w.must(err)
			w.same("declined", w.received()[0].Declined, []int64{i.ID})
		}},
		{"returns are there when they are decided", func(w *world) {
			back := w.entries(credit(-400))[0]
			_, asked, err := w.Undecided(background, entity)
			w.must(err)
			w.same("to decide", []any{len(asked), asked[0].EntryID}, []any{1, back})
			d := queued(back, "return_unmatched")
			d.Return = true
			w.plan(d)
			w.view(func(v store.View) {
				var all []recon.Return
				for r, err := range v.TakenBack() {
					w.must(err)
					all = append(all, r)
				}
				w.same("returns", all, asked)
			})
		}},
	}
}

func (w *world) received() (receipts []recon.Receipt) {
	w.view(func(v store.View) {
		for r, err := range v.Received() {
			w.must(err)
			receipts = append(receipts, r)
		}
	})
	return receipts
}
