package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func (w *world) resolve(r store.Resolution) (int64, error) {
	r.Entity = entity
	return w.Resolve(background, w.petra(), r)
}

func queueStories() []story {
	return []story{
		{"a person applies a receipt", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(990)
			w.applied(queued(id, "reference_partial"))
			decision, err := w.resolve(store.Resolution{Receipt: id, Version: 1, Customer: "C1", Lines: []recon.Line{pay(i, 990), line(recon.WriteOff, i, 10)},
				Reason: "rounding", Shortfalls: []recon.Shortfall{{Item: i.ID, AmountMinor: 10, Why: "tolerance"}}, Digest: "d1"})
			w.must(err)
			w.open("R1", 0)
			_, open := w.theCase(id)
			w.same("open", open, false)
			detail, err := w.Decision(background, entity, id)
			w.must(err)
			w.same("decision", []any{detail.ID, detail.Decision.Outcome, detail.Decision.Reason, detail.Actor, detail.Run, detail.Note, detail.Case},
				[]any{decision, recon.Manual, recon.ReasonManual, "petra", int64(0), "rounding", (*store.Case)(nil)})
			w.same("shortfalls", detail.Decision.Shortfalls, []recon.Shortfall{{Item: i.ID, AmountMinor: 10, Why: "tolerance"}})
			w.same("actor", w.applications(id)[0].Actor, "petra")
			w.toDecide()
			w.stale(automatic(id, pay(i, 990)))
		}},
		{"the same click twice is one effect", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(100)
			w.applied(queued(id, "payer_unknown"))
			r := store.Resolution{Receipt: id, Version: 1, Lines: []recon.Line{pay(i, 100)}, Digest: "d1"}
			first, err := w.resolve(r)
			w.must(err)
			before := w.audits()
			second, err := w.resolve(r)
			w.must(err)
			w.same("decision", second, first)
			w.same("audit rows", w.audits(), before)
			w.open("R1", 900)
			r.Digest = "d2"
			_, err = w.resolve(r)
			w.fails(err, store.ErrStale)
			w.open("R1", 900)
		}},
		{"a case that moved on is stale", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(100)
			w.applied(queued(id, "payer_unknown"))
			w.applied(queued(id, "ambiguous_lump"))
			_, err := w.resolve(store.Resolution{Receipt: id, Version: 1, Lines: []recon.Line{pay(i, 100)}})
			w.fails(err, store.ErrStale)
			_, err = w.resolve(store.Resolution{Receipt: id, Version: 2, Lines: []recon.Line{pay(i, 100)}})
			w.must(err)
		}},
		{"an item that changed since it was seen is stale", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			a, b := w.receipt(100), w.receipt(200)
			w.applied(queued(a, "payer_unknown"), queued(b, "payer_unknown"))
			r := store.Resolution{Receipt: a, Version: 1, Lines: []recon.Line{pay(i, 100)}, Seen: []store.SeenItem{{ID: i.ID, Version: i.Version}}}
			w.applied(automatic(b, pay(i, 200)))
			_, err := w.resolve(r)
			w.fails(err, store.ErrStale)
			w.open("R1", 800)
			r.Seen[0].Version = w.item("R1").Version
			_, err = w.resolve(r)
			w.must(err)
			w.open("R1", 700)
		}},
		{"what waits is seen as the engine sees it, in anybody's hands", func(w *world) {
			items := w.items(invoice("R1", "C1", 100), invoice("R2", "C1", 100))
			a, b, c := w.receipt(150), w.receipt(100), w.receipt(70)
			back := w.bounce(30)
			w.applied(queued(a, "ambiguous_lump"), automatic(b, pay(items[1], 100)))
			_, err := w.resolve(store.Resolution{Receipt: a, Version: 1, Lines: []recon.Line{pay(items[0], 100)}})
			w.must(err)
			receipts, returns, err := w.Waiting(background, entity, []int64{back, a, b, 4711})
			w.must(err)
			w.same("receipts", []any{len(receipts), receipts[0].Source, receipts[0].AmountMinor, receipts[0].TotalMinor, receipts[0].Payer.Name}, []any{1, source(a), int64(50), int64(150), "Customer One"})
			w.same("returns", []any{len(returns), returns[0].EntryID}, []any{1, back})
			all, _, err := w.Undecided(background, entity)
			w.must(err)
			receipts, _, err = w.Waiting(background, entity, []int64{c})
			w.must(err)
			w.same("as the engine sees it", receipts, all)
		}},
		{"a version of an earlier case is never taken for a later one's", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(100)
			w.applied(queued(id, "payer_unknown"))
			_, err := w.resolve(store.Resolution{Receipt: id, Version: 1, Lines: []recon.Line{pay(i, 100)}})
			w.must(err)
			_, err = w.Undo(background, w.petra(), entity, []int64{1}, "wrong")
			w.must(err)
			_, err = w.resolve(store.Resolution{Receipt: id, Version: 1, Lines: []recon.Line{pay(i, 100)}})
			w.fails(err, store.ErrStale)
		}},
		{"the engine decided in the meantime", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(100)
			w.applied(queued(id, "payer_unknown"))
			w.applied(automatic(id, pay(i, 100)))
			_, err := w.resolve(store.Resolution{Receipt: id, Lines: []recon.Line{pay(i, 100)}})
			w.fails(err, store.ErrStale)
			w.open("R1", 900)
		}},
		{"a receipt that is new can be resolved", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(100)
			_, err := w.resolve(store.Resolution{Receipt: id, Lines: []recon.Line{pay(i, 100)}})
			w.must(err)
			w.open("R1", 900)
		}},
		{"more than there is", func(w *world) {
			items := w.items(invoice("R1", "C1", 100), invoice("CN", "C1", 30, creditNote))
			id := w.receipt(150)
			w.applied(queued(id, "overpaid"))
			for _, lines := range [][]recon.Line{
				{pay(items[0], 101)},
				{pay(items[0], 100), line(recon.OnAccount, recon.Item{}, 51)},
				{pay(items[0], 80), {Kind: recon.Credit, Item: 1, CreditNote: 2, AmountMinor: 31}},
				{pay(items[0], 100), line(recon.Adjustment, items[0], 1)},
			} {
				_, err := w.resolve(store.Resolution{Receipt: id, Version: 1, Lines: lines})
				w.fails(err, store.ErrOver)
			}
			_, err := w.resolve(store.Resolution{Receipt: id, Version: 1, Lines: []recon.Line{pay(recon.Item{ID: 99}, 1)}})
			w.fails(err, store.ErrNotFound)
			_, err = w.resolve(store.Resolution{Receipt: 99})
			w.fails(err, store.ErrNotFound)
			w.open("R1", 100, "CN", 30)
		}},
		{"a credit note set against an invoice moves no cash", func(w *world) {
			items := w.items(invoice("R1", "C1", 798), invoice("R2", "C1", 500), invoice("R3", "C1", 1600), invoice("CN", "C1", 500, creditNote))
			id := w.receipt(1900)
			_, err := w.resolve(store.Resolution{Receipt: id, Lines: []recon.Line{{Kind: recon.Credit, Item: items[1].ID, CreditNote: items[3].ID, AmountMinor: 500},
				pay(items[0], 300), pay(items[2], 1600)}})
			w.must(err)
			w.open("R1", 498, "R2", 0, "R3", 0, "CN", 0)
			w.same("nothing is left", w.row(id).AllocatedMinor, int64(1900))
		}},
		{"what a person leaves open stays in the queue and out of the engine's reach", func(w *world) {
			items := w.items(invoice("R1", "C1", 100), invoice("R2", "C1", 100))
			id := w.receipt(150)
			w.applied(queued(id, "ambiguous_lump"))
			_, err := w.resolve(store.Resolution{Receipt: id, Version: 1, Customer: "C1", Lines: []recon.Line{pay(items[0], 100)}})
			w.must(err)
			c, open := w.theCase(id)
			w.same("case", []any{open, c.AmountMinor, c.Version}, []any{true, int64(50), int64(2)})
			w.toDecide()
			w.stale(automatic(id, pay(items[1], 50)))
			_, err = w.resolve(store.Resolution{Receipt: id, Version: 2, Lines: []recon.Line{pay(items[1], 50)}})
			w.must(err)
			w.open("R1", 0, "R2", 50)
			_, open = w.theCase(id)
			w.same("open", open, false)
		}},
		{"set aside, then released", func(w *world) {
			id := w.receipt(150)
			w.applied(queued(id, "payer_unknown"))
			_, err := w.resolve(store.Resolution{Receipt: id, Version: 1, SetAside: true, Ledger: "2990", Reason: "a deposit"})
			w.must(err)
			w.toDecide()
			_, open := w.theCase(id)
			w.same("open", open, false)
			w.view(func(v store.View) {
				var last recon.DecisionRow
				for d := range all(w, v.Decisions()) {
					last = d
				}
				w.same("decision", last, recon.DecisionRow{ID: 2, Receipt: id, Source: recon.SourceReceipt, Outcome: recon.SetAside, Reason: recon.ReasonManual, Actor: "petra",
					At: noon.Add(5e9), Supersedes: 1, Live: true, Ledger: "2990"})
			})
			w.must(w.Release(background, w.petra(), entity, id))
			w.toDecide(id)
			c, open := w.theCase(id)
			w.same("case", []any{open, c.Reason, c.Version}, []any{true, recon.ReasonReleased, int64(3)})
			w.fails(w.Release(background, w.petra(), entity, id), store.ErrStale)
		}},
		{"a rest in a person's hands is released", func(w *world) {
			items := w.items(invoice("R1", "C1", 100), invoice("R2", "C1", 100))
			id := w.receipt(150)
			_, err := w.resolve(store.Resolution{Receipt: id, Lines: []recon.Line{pay(items[0], 100)}})
			w.must(err)
			w.must(w.Release(background, w.petra(), entity, id))
			w.toDecide(id)
			receipts, _, err := w.Undecided(background, entity)
			w.must(err)
			w.same("amounts", []any{receipts[0].AmountMinor, receipts[0].TotalMinor, receipts[0].Standing}, []any{int64(50), int64(150), ""})
			w.applied(automatic(id, pay(items[1], 50)))
		}},
		{"what is applied whole cannot be released", func(w *world) {
			i := w.items(invoice("R1", "C1", 100))[0]
			id := w.receipt(100)
			w.applied(automatic(id, pay(i, 100)))
			w.fails(w.Release(background, w.petra(), entity, id), store.ErrStale)
			w.fails(w.Release(background, w.petra(), entity, 99), store.ErrNotFound)
		}},
		{"a bank entry that cleared the wrong payment is released", func(w *world) {
			i := w.items(invoice("R1", "C1", 100))[0]
			hand, err := w.RecordPayment(background, w.petra(), store.RecordedPayment{Entity: entity, AccountID: "main", Customer: "C1", Currency: "EUR", AmountMinor: 100,
				Date: 20260303, Lines: []recon.Line{pay(i, 100)}})
			w.must(err)
			id := w.receipt(100)
			w.applied(queued(id, "payer_unknown"))
			_, err = w.resolve(store.Resolution{Receipt: id, Version: 1, Clears: hand})
			w.must(err)
			w.toDecide()
			w.must(w.Release(background, w.petra(), entity, id))
			w.toDecide(id)
			bank, payment := w.row(id), w.row(hand)
			w.same("both stand alone", []any{bank.Clears, payment.ClearedBy, payment.ClearedOn}, []any{int64(0), int64(0), recon.Date(0)})
		}},
		{"a return set aside is released", func(w *world) {
			back := w.bounce(100)
			_, err := w.resolve(store.Resolution{Receipt: back, SetAside: true, Ledger: "2990"})
			w.must(err)
			_, returns := w.undecided()
			w.same("returns", len(returns), 0)
			w.must(w.Release(background, w.petra(), entity, back))
			_, returns = w.undecided()
			w.same("returns", returns, []int64{back})
		}},
	}
}
