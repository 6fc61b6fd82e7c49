package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func refundOf(source recon.Source, standing, minor int64) store.Refund {
	return store.Refund{Entity: entity, Source: source, Standing: standing, Customer: "C1", AmountMinor: minor, Day: 20260320, Payee: "Customer One",
		Account: "FR7630006000011234567890189", Reason: "paid twice"}
}

func (w *world) refunds() []recon.RefundRow {
	w.Helper()
	all, err := w.Refunds(background, entity, true)
	w.must(err)
	return all
}

func refundStories() []story {
	return []story{
		{"money of a receipt in the queue is given back", func(w *world) {
			id := w.receipt(1000)
			w.applied(queued(id, "already_paid"))
			detail, err := w.Decision(background, entity, id)
			w.must(err)
			a, err := w.Refund(background, w.petra(), refundOf(source(id), detail.ID, 600))
			w.must(err)
			w.same("receipt", w.row(id).RefundedMinor, int64(600))
			c, open := w.theCase(id)
			w.same("the rest waits", []any{open, c.AmountMinor}, []any{true, int64(400)})
			w.same("refund", w.refunds(), []recon.RefundRow{{ID: a, Source: source(id), Customer: "C1", Currency: "EUR", AmountMinor: 600, Payee: "Customer One",
				Account: "FR7630006000011234567890189", Date: 20260320, Reason: "paid twice", Actor: "petra"}})
			w.same("on its own day", w.applications(id)[0].Effective, recon.Date(20260320))
		}},
		{"money on account and a credit note are given back", func(w *world) {
			note := w.items(invoice("CN", "C1", 500, creditNote))[0]
			w.applied(automatic(w.receipt(1000), line(recon.OnAccount, recon.Item{}, 1000)))
			_, err := w.Refund(background, w.petra(), refundOf(recon.Source{Kind: recon.SourceOnAccount, ID: 1}, 0, 1000))
			w.must(err)
			_, err = w.Refund(background, w.petra(), refundOf(recon.Source{Kind: recon.SourceCreditNote, ID: note.ID}, 0, 200))
			w.must(err)
			w.open("CN", 300)
			w.same("left", w.funds("C1")[0].LeftMinor, int64(300))
			w.same("refunds", len(w.refunds()), 2)
		}},
		{"a refund that is taken back waits no more", func(w *world) {
			w.applied(automatic(w.receipt(1000), line(recon.OnAccount, recon.Item{}, 1000)))
			a, err := w.Refund(background, w.petra(), refundOf(recon.Source{Kind: recon.SourceOnAccount, ID: 1}, 0, 1000))
			w.must(err)
			_, err = w.undo(a)
			w.must(err)
			w.same("refunds", w.refunds(), []recon.RefundRow(nil))
			w.same("left", w.funds("C1")[0].LeftMinor, int64(1000))
		}},
		{"more than is left, and what was decided since, are refused", func(w *world) {
			id := w.receipt(1000)
			w.applied(automatic(id, line(recon.OnAccount, recon.Item{}, 1000)))
			held := recon.Source{Kind: recon.SourceOnAccount, ID: 1}
			_, err := w.Refund(background, w.petra(), refundOf(held, 0, 1001))
			w.fails(err, store.ErrOver)
			_, err = w.Refund(background, w.petra(), refundOf(held, 7, 1000))
			w.fails(err, store.ErrStale)
			_, err = w.Refund(background, w.petra(), refundOf(source(id), 1, 1000))
			w.fails(err, store.ErrStale)
			w.same("refunds", w.refunds(), []recon.RefundRow(nil))
		}},
	}
}
