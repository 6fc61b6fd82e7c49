package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func (w *world) undo(applications ...int64) ([]int64, error) {
	return w.Undo(background, w.petra(), entity, applications, "a mistake")
}

func undoStories() []story {
	return []story{
		{"undo restores exactly, keeps history and is sticky", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(1000)
			w.applied(automatic(id, pay(i, 1000)))
			counters, err := w.undo(1)
			w.must(err)
			w.same("counter-entries", counters, []int64{2})
			after := w.item("R1")
			w.same("item", []any{after.OpenMinor, after.PaidOn, after.AppliedMinor}, []any{int64(1000), recon.Date(0), int64(0)})
			w.same("allocated", w.row(id).AllocatedMinor, int64(0))
			all := w.applications(id)
			w.same("applications", told(all), "1 payment receipt1>1 1000\n2 payment receipt1>1 1000 -1\n")
			w.same("links", []int64{all[0].ReversedBy, all[1].Reverses, all[1].Decision}, []int64{2, 1, 0})
			w.same("why", []any{all[1].Reason, all[1].Note, all[1].Actor, all[1].Effective}, []any{recon.ReasonUndone, "a mistake", "petra", recon.Date(20260305)})
			c, open := w.theCase(id)
			w.same("case", []any{open, c.Reason, c.AmountMinor}, []any{true, recon.ReasonUndone, int64(1000)})
			receipts, _, err := w.Undecided(background, entity)
			w.must(err)
			w.same("declined", []any{receipts[0].Declined, receipts[0].Standing}, []any{[]int64{i.ID}, ""})
			w.applied(queued(id, "reference_declined"))
		}},
		{"what is undone cannot be undone", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			w.applied(automatic(w.receipt(1000), pay(i, 1000)))
			_, err := w.undo(1)
			w.must(err)
			_, err = w.undo(1)
			w.fails(err, store.ErrStale)
			_, err = w.undo(2)
			w.fails(err, store.ErrStale)
			_, err = w.undo(9)
			w.fails(err, store.ErrNotFound)
		}},
		{"one of several is undone, the others stay", func(w *world) {
			items := w.items(invoice("R1", "C1", 100), invoice("R2", "C1", 200))
			id := w.receipt(300)
			w.applied(automatic(id, pay(items[0], 100), pay(items[1], 200)))
			_, err := w.undo(2)
			w.must(err)
			w.open("R1", 0, "R2", 200)
			c, _ := w.theCase(id)
			w.same("still to decide", c.AmountMinor, int64(200))
			w.applied(automatic(id, pay(items[1], 200)))
			w.open("R1", 0, "R2", 0)
		}},
		{"named twice counts once, one that cannot be undone keeps all", func(w *world) {
			items := w.items(invoice("R1", "C1", 100), invoice("R2", "C1", 200))
			w.applied(automatic(w.receipt(300), pay(items[0], 100), pay(items[1], 200)))
			_, err := w.undo(1, 1)
			w.must(err)
			_, err = w.undo(2, 1)
			w.fails(err, store.ErrStale)
			w.open("R1", 100, "R2", 0)
		}},
		{"every kind can be undone", func(w *world) {
			items := w.items(invoice("R1", "C1", 1000), invoice("CN", "C1", 100, creditNote))
			id := w.receipt(900)
			w.applied(automatic(id, pay(items[0], 800), recon.Line{Kind: recon.Credit, Item: 1, CreditNote: 2, AmountMinor: 50}, line(recon.WriteOff, items[0], 5),
				recon.Line{Kind: recon.Discount, Item: 1, AmountMinor: 20, TaxMinor: 3}, line(recon.Gain, recon.Item{}, 10), line(recon.OnAccount, recon.Item{}, 20),
				recon.Line{Kind: recon.Advance, AmountMinor: 30, Order: "SO-1"}, line(recon.Refund, recon.Item{}, 40)))
			_, err := w.undo(ids(w.applications(id))...)
			w.must(err)
			w.open("R1", 1000, "CN", 100)
			r := w.row(id)
			w.same("receipt", []int64{r.AllocatedMinor, r.RefundedMinor}, []int64{0, 0})
			w.view(func(v store.View) {
				for h := range all(w, v.Holdings()) {
					w.Errorf("still held: %+v", h)
				}
			})
			w.applied(automatic(id, pay(items[0], 800), line(recon.WriteOff, items[0], 5), line(recon.OnAccount, recon.Item{}, 100)))
		}},
		{"a discount alone frees no money", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(980)
			w.applied(automatic(id, pay(i, 980), line(recon.Discount, i, 20)))
			_, err := w.undo(2)
			w.must(err)
			w.open("R1", 20)
			_, open := w.theCase(id)
			w.same("open", open, false)
			w.toDecide()
		}},
		{"a payment takes along what explained why it was short", func(w *world) {
			items := w.items(invoice("R1", "C1", 1000), invoice("R2", "C1", 500))
			id := w.receipt(1455)
			w.applied(automatic(id, pay(items[0], 960), line(recon.Discount, items[0], 20), line(recon.WriteOff, items[0], 5), line(recon.BankCharge, items[0], 10),
				line(recon.WithheldTax, items[0], 5), pay(items[1], 495), line(recon.WriteOff, items[1], 5)))
			counters, err := w.undo(1)
			w.must(err)
			w.same("counter-entries", counters, []int64{8, 9, 10, 11, 12})
			w.open("R1", 1000, "R2", 0)
			w.same("allocated", w.row(id).AllocatedMinor, int64(495))
		}},
		{"a payment leaves what another decision of the receipt explained", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(990)
			_, err := w.resolve(store.Resolution{Receipt: id, Lines: []recon.Line{pay(i, 900), line(recon.Discount, i, 7)}})
			w.must(err)
			_, err = w.resolve(store.Resolution{Receipt: id, Lines: []recon.Line{pay(i, 90), line(recon.WriteOff, i, 3)}})
			w.must(err)
			_, err = w.undo(3)
			w.must(err)
			w.open("R1", 93)
			counters, err := w.undo(1)
			w.must(err)
			w.same("counter-entries", counters, []int64{7, 8})
			w.open("R1", 1000)
		}},
		{"a write-off of a later decision goes with the last payment", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(1000)
			_, err := w.resolve(store.Resolution{Receipt: id, Lines: []recon.Line{pay(i, 990)}})
			w.must(err)
			_, err = w.resolve(store.Resolution{Receipt: id, Lines: []recon.Line{line(recon.WriteOff, i, 10), line(recon.Gain, recon.Item{}, 10)}})
			w.must(err)
			counters, err := w.undo(1)
			w.must(err)
			w.same("counter-entries", len(counters), 2)
			w.open("R1", 1000)
		}},
		{"money held that was used", func(w *world) {
			i := w.items(invoice("R1", "C1", 300))[0]
			id := w.receipt(500)
			w.applied(automatic(id, recon.Line{Kind: recon.Advance, AmountMinor: 500, Order: "SO-1"}))
			use := automatic(0, pay(i, 300))
			use.Source = recon.Source{Kind: recon.SourceAdvance, ID: 1}
			w.applied(use)
			_, err := w.undo(1)
			w.fails(err, store.ErrStale)
			_, err = w.undo(2)
			w.must(err)
			w.open("R1", 300)
			receipts, _, err := w.Undecided(background, entity)
			w.must(err)
			w.same("the advance waits again, without that invoice", []any{receipts[0].Source.ID, receipts[0].AmountMinor, receipts[0].Declined, receipts[0].Standing},
				[]any{int64(1), int64(500), []int64{i.ID}, ""})
			w.applied(use)
			_, err = w.undo(1, 4)
			w.must(err)
			w.toDecide(id)
		}},
		{"a settlement outside is undone", func(w *world) {
			w.items(invoice("R1", "C1", 1000, func(i *store.NewItem) { i.OpenMinor = 400 }))
			_, err := w.undo(1)
			w.must(err)
			w.open("R1", 1000)
		}},
		{"a return that took the wrong receipt back", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(1000)
			w.applied(automatic(id, pay(i, 1000)))
			back := w.bounce(1000)
			w.applied(bounced(back, 1))
			_, err := w.undo(3)
			w.must(err)
			r := w.row(id)
			w.same("receipt", []any{r.RefundedMinor, r.Returned}, []any{int64(0), false})
			receipts, returns := w.undecided()
			w.same("both wait again", [][]int64{receipts, returns}, [][]int64{{id}, {back}})
		}},
		{"a dispute that the payment raised is closed with it", func(w *world) {
			i := w.items(invoice("R1", "C1", 800))[0]
			d := automatic(w.receipt(600), pay(i, 600))
			d.Shortfalls = []recon.Shortfall{{Item: i.ID, AmountMinor: 200, Why: "dispute"}}
			w.applied(d)
			_, err := w.undo(1)
			w.must(err)
			w.same("dispute", w.item("R1").Dispute, (*recon.Dispute)(nil))
		}},
		{"nothing to undo", func(w *world) {
			before := w.audits()
			_, err := w.undo()
			w.must(err)
			w.same("audit rows", w.audits(), before)
		}},
	}
}
