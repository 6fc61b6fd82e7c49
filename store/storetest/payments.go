package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func paymentStories() []story {
	cheque := func(lines ...recon.Line) store.RecordedPayment {
		return store.RecordedPayment{Entity: entity, AccountID: "main", Customer: "C1", Currency: "EUR", AmountMinor: 600, Date: 20260303, Method: "cheque",
			Cheque: "4711", Note: "at the fair", Key: "k1", Lines: lines}
	}
	return []story{
		{"a payment by hand is applied at once", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			bank := w.receipt(5)
			id, err := w.RecordPayment(background, w.petra(), cheque(pay(i, 600)))
			w.must(err)
			w.same("ids of receipts and entries are one sequence", id, bank+1)
			w.open("R1", 400)
			w.same("receipt", w.row(id), recon.ReceiptRow{ID: id, ByHand: true, AccountID: "main", Customer: "C1", Currency: "EUR", AmountMinor: 600, AllocatedMinor: 600,
				Date: 20260303, Effective: 20260303, Method: "cheque", Cheque: "4711", Recorded: noon.Add(5e9)})
			w.same("applications", told(w.applications(id)), "1 payment receipt2>1 600\n")
			detail, err := w.Decision(background, entity, id)
			w.must(err)
			w.same("shown", []any{detail.Entry.AmountMinor, detail.Entry.Booked, detail.Entry.Text, detail.Entry.Cheque, detail.Note},
				[]any{int64(600), recon.Date(20260303), "at the fair", "4711", "at the fair"})
			w.toDecide(bank)
		}},
		{"more than is open is refused, nothing is kept", func(w *world) {
			i := w.items(invoice("R1", "C1", 500))[0]
			before := w.audits()
			_, err := w.RecordPayment(background, w.petra(), cheque(pay(i, 600)))
			w.fails(err, store.ErrOver)
			_, err = w.RecordPayment(background, w.petra(), cheque(pay(i, 500), line(recon.OnAccount, recon.Item{}, 101)))
			w.fails(err, store.ErrOver)
			w.same("audit rows", w.audits(), before)
			w.same("last receipt", w.lastEntry(), int64(0))
		}},
		{"its key makes it one payment", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			first, err := w.RecordPayment(background, w.petra(), cheque(pay(i, 600)))
			w.must(err)
			second, err := w.RecordPayment(background, w.petra(), cheque(pay(i, 600)))
			w.must(err)
			w.same("receipt", second, first)
			w.open("R1", 400)
			other := cheque(pay(i, 100))
			other.AmountMinor = 100
			_, err = w.RecordPayment(background, w.petra(), other)
			w.fails(err, store.ErrDuplicate)
			other.Key = ""
			for range 2 {
				_, err = w.RecordPayment(background, w.petra(), other)
				w.must(err)
			}
			w.open("R1", 200)
		}},
		{"a rest waits for a person", func(w *world) {
			i := w.items(invoice("R1", "C1", 500))[0]
			id, err := w.RecordPayment(background, w.petra(), cheque(pay(i, 500)))
			w.must(err)
			c, open := w.theCase(id)
			w.same("case", []any{open, c.AmountMinor, c.Customer, c.Text}, []any{true, int64(100), "C1", "at the fair"})
			w.toDecide()
		}},
		{"a payment of nothing is refused", func(w *world) {
			p := cheque()
			p.AmountMinor = 0
			if _, err := w.RecordPayment(background, w.petra(), p); err == nil {
				w.Fatal("taken")
			}
		}},
		{"an application by its id", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			_, err := w.RecordPayment(background, w.petra(), cheque(pay(i, 600)))
			w.must(err)
			a, err := w.Application(background, entity, 1)
			w.must(err)
			w.same("amount", a.AmountMinor, int64(600))
			_, err = w.Application(background, entity, 2)
			w.fails(err, store.ErrNotFound)
		}},
		{"a payment by hand that was undone is decided anew", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id, err := w.RecordPayment(background, w.petra(), cheque(pay(i, 600)))
			w.must(err)
			_, err = w.Undo(background, w.petra(), entity, []int64{1}, "wrong item")
			w.must(err)
			receipts, _, err := w.Undecided(background, entity)
			w.must(err)
			r := receipts[0]
			w.same("receipt", []any{r.Source.ID, r.AmountMinor, r.Booked, r.Text, r.Cheque, r.Customer, r.Declined},
				[]any{id, int64(600), recon.Date(20260303), "at the fair", "4711", "C1", []int64{i.ID}})
		}},
	}
}
