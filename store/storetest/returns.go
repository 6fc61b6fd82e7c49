package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// bounced is the engine's decision that a return takes applications back.
func bounced(entry int64, applications ...int64) recon.Decision {
	return recon.Decision{Source: source(entry), Return: true, Outcome: recon.Reversed, Reason: "return_end_to_end", Score: 99, Customer: "C1", Reverses: applications}
}

// gone is the engine's decision that a receipt goes with its return.
func gone(receipt, back int64) recon.Decision {
	return recon.Decision{Source: source(receipt), Outcome: recon.Reversed, Reason: recon.ReasonReturned, Customer: "C1", Rivals: []int64{back}}
}

func returnStories() []story {
	return []story{
		{"a return takes the payment back with what depended on it, on its own day", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(980)
			w.applied(automatic(id, pay(i, 980), recon.Line{Kind: recon.Discount, Item: i.ID, AmountMinor: 20, TaxMinor: 3}))
			back := w.bounce(980)
			w.applied(bounced(back, 1, 2))
			w.open("R1", 1000)
			w.same("applications", told(w.applications(id)), `1 payment receipt1>1 980
2 discount receipt1>1 20
3 discount receipt1>1 20 -2
4 payment receipt1>1 980 -1
5 refund receipt1>0 980
`)
			for _, a := range w.applications(id)[2:] {
				w.same("day", a.Effective, recon.Date(20260308))
				w.same("decision", a.Decision, int64(2))
			}
			r := w.row(id)
			w.same("receipt", []any{r.AllocatedMinor, r.RefundedMinor, r.Returned}, []any{int64(0), int64(980), true})
			receipts, returns := w.undecided()
			w.same("nothing left to decide", []int{len(receipts), len(returns)}, []int{0, 0})
			detail, err := w.Decision(background, entity, back)
			w.must(err)
			w.same("decision", []any{detail.Decision.Outcome, detail.Decision.Return, detail.Decision.Reverses}, []any{recon.Reversed, true, []int64{1, 2}})
			w.stale(bounced(w.bounce(980), 1, 2))
		}},
		{"the fee in the return is not the receipt's money", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(1000)
			w.applied(automatic(id, pay(i, 1000)))
			w.applied(bounced(w.bounce(1003, func(e *recon.Entry) { e.ChargesMinor = 3 }), 1))
			w.same("refunded", w.row(id).RefundedMinor, int64(1000))
		}},
		{"a return of more than came in is stale", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(1000)
			w.applied(automatic(id, pay(i, 1000)))
			w.stale(bounced(w.bounce(1001), 1))
			w.open("R1", 0)
			w.same("returned", w.row(id).Returned, false)
		}},
		{"what a return left goes back to the queue", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(1000)
			w.applied(automatic(id, pay(i, 1000)))
			w.applied(bounced(w.bounce(400), 1))
			w.open("R1", 1000)
			r := w.row(id)
			w.same("receipt", []any{r.AllocatedMinor, r.RefundedMinor, r.Returned}, []any{int64(0), int64(400), false})
			c, open := w.theCase(id)
			w.same("case", []any{open, c.AmountMinor, c.Reason}, []any{true, int64(600), recon.ReasonReturned})
			w.toDecide(id)
			w.applied(automatic(id, pay(i, 600)))
			w.open("R1", 400)
		}},
		{"money on account that was used cannot be taken back", func(w *world) {
			i := w.items(invoice("R1", "C1", 300))[0]
			id := w.receipt(500)
			w.applied(automatic(id, recon.Line{Kind: recon.Advance, AmountMinor: 500, Order: "SO-1"}))
			use := automatic(0, pay(i, 300))
			use.Source = recon.Source{Kind: recon.SourceAdvance, ID: 1}
			w.applied(use)
			back := w.bounce(500)
			w.stale(bounced(back, 1))
			w.open("R1", 0)
			w.applied(bounced(back, 1, 2))
			w.open("R1", 300)
		}},
		{"a return of two receipts at once is stale", func(w *world) {
			i := w.items(invoice("R1", "C1", 300))[0]
			receipts := w.entries(credit(100), credit(200))
			w.applied(automatic(receipts[0], pay(i, 100)), automatic(receipts[1], pay(i, 200)))
			w.stale(bounced(w.bounce(300), 1, 2))
			w.stale(bounced(w.bounce(300)))
			w.stale(bounced(w.bounce(300), 99))
			w.open("R1", 0)
		}},
		{"a return that nobody can place is queued, and resolved by a person", func(w *world) {
			i := w.items(invoice("R1", "C1", 300))[0]
			id := w.receipt(300)
			w.applied(automatic(id, pay(i, 300)))
			back := w.bounce(300)
			unmatched := recon.Decision{Source: source(back), Return: true, Outcome: recon.Queued, Reason: "return_unmatched",
				Proposals: []recon.Proposal{{Reason: "return_amount", Reverses: []int64{1}}}}
			w.applied(unmatched)
			w.same("report", w.plan(unmatched), store.PlanReport{Unchanged: 1})
			c, open := w.theCase(back)
			w.same("case", []any{open, c.Return, c.AmountMinor, c.Booked}, []any{true, true, int64(300), recon.Date(20260308)})
			_, err := w.Resolve(background, w.petra(), store.Resolution{Entity: entity, Receipt: back, Version: 1, Reverses: []int64{1}, Reason: "it is that one"})
			w.must(err)
			w.open("R1", 300)
			_, open = w.theCase(back)
			w.same("open", open, false)
		}},
		{"a return is not applied to items, a receipt reverses nothing", func(w *world) {
			i := w.items(invoice("R1", "C1", 300))[0]
			id := w.receipt(300)
			back := w.bounce(300)
			d := automatic(back, pay(i, 300))
			w.stale(d)
			w.applied(automatic(id, pay(i, 300)))
			d = bounced(w.receipt(300), 1)
			d.Return = false
			w.stale(d)
		}},
		{"a receipt that paid nothing goes with its return, and nothing waits", func(w *world) {
			id := w.receipt(300)
			back := w.bounce(300)
			d := bounced(back)
			d.Clears = id
			w.same("report", w.plan(gone(id, back), d), store.PlanReport{Applied: 2})
			w.same("applications", told(w.applications(id)), "1 refund receipt1>0 300\n")
			r := w.row(id)
			w.same("receipt", []any{r.AllocatedMinor, r.RefundedMinor, r.Returned, r.Customer}, []any{int64(0), int64(300), true, "C1"})
			receipts, returns := w.undecided()
			w.same("nothing left to decide", []int{len(receipts), len(returns)}, []int{0, 0})
			detail, err := w.Decision(background, entity, id)
			w.must(err)
			w.same("receipt's decision", []any{detail.Decision.Outcome, detail.Decision.Reason, detail.Decision.Customer, detail.Decision.Rivals},
				[]any{recon.Reversed, recon.ReasonReturned, "C1", []int64{back}})
			detail, err = w.Decision(background, entity, back)
			w.must(err)
			w.same("return's decision", []any{detail.Decision.Outcome, detail.Decision.Clears, detail.Decision.Reverses}, []any{recon.Reversed, id, []int64(nil)})
			w.stale(d)
		}},
		{"a queued receipt and its return in another plan", func(w *world) {
			id := w.receipt(300)
			w.applied(queued(id, "payer_unknown"))
			back := w.bounce(300)
			w.same("a receipt alone waits for its return", w.plan(gone(id, back)), store.PlanReport{Unchanged: 1})
			w.toDecide(id)
			d := bounced(back)
			d.Clears = id
			w.applied(d)
			_, open := w.theCase(id)
			w.same("open", open, false)
			w.toDecide()
		}},
		{"a receipt that was applied meanwhile is not taken back as if it had paid nothing", func(w *world) {
			i := w.items(invoice("R1", "C1", 300))[0]
			id := w.receipt(300)
			back := w.bounce(300)
			w.applied(automatic(id, pay(i, 300)))
			d := bounced(back)
			d.Clears = id
			w.stale(d)
			d.Clears = 99
			w.stale(d)
			w.open("R1", 0)
		}},
		{"a person names the receipt, whatever it paid", func(w *world) {
			i := w.items(invoice("R1", "C1", 300))[0]
			receipts := w.entries(credit(300), credit(300))
			w.applied(automatic(receipts[0], pay(i, 295), line(recon.Gain, recon.Item{}, 5)), queued(receipts[1], "payer_unknown"))
			for _, id := range receipts {
				back := w.bounce(300)
				w.applied(recon.Decision{Source: source(back), Return: true, Outcome: recon.Queued, Reason: "return_unmatched",
					Proposals: []recon.Proposal{{Reason: "return_reversed", Clears: id}}})
				_, err := w.resolve(store.Resolution{Receipt: back, Version: 1, Clears: id, Customer: "C1", Reason: "it is that one"})
				w.must(err)
				w.same("returned", w.row(id).Returned, true)
			}
			w.open("R1", 300)
			cases, err := w.Cases(background, entity, store.CaseQuery{})
			w.must(err)
			w.same("nothing waits", len(cases), 0)
			back := w.bounce(300)
			_, err = w.resolve(store.Resolution{Receipt: back, Clears: receipts[1], Reason: "again"})
			w.fails(err, store.ErrStale)
		}},
		{"money that was set aside is taken back where it stands", func(w *world) {
			id := w.receipt(300)
			_, err := w.resolve(store.Resolution{Receipt: id, SetAside: true, Ledger: "4711", Reason: "a loan"})
			w.must(err)
			d := bounced(w.bounce(300))
			d.Clears = id
			w.applied(d)
			detail, err := w.Decision(background, entity, id)
			w.must(err)
			w.same("it stays set aside", detail.Decision.Outcome, recon.SetAside)
			w.toDecide()
		}},
		{"a person parts a return from a receipt for good", func(w *world) {
			id := w.receipt(300, func(e *recon.Entry) { e.EndToEndID = "E1" })
			back := w.bounce(300, func(e *recon.Entry) { e.EndToEndID = "E1" })
			d := bounced(back)
			d.Clears = id
			w.applied(d)
			_, err := w.undo(1)
			w.must(err)
			receipts, returns := w.undecided()
			w.same("both wait again", [][]int64{receipts, returns}, [][]int64{{id}, {back}})
			paid := w.book(recon.Keys{Returned: []string{"E1"}}).Paid
			w.same("parted", []any{len(paid), paid[0].Declined, paid[0].Returned}, []any{1, []int64{back}, false})
		}},
		{"charges beside the amount are not the receipt's", func(w *world) {
			id := w.receipt(300)
			d := bounced(w.bounce(300, func(e *recon.Entry) { e.ChargesMinor = 3 }))
			d.Clears = id
			w.applied(d)
			w.same("refunded", w.row(id).RefundedMinor, int64(300))
			w.toDecide()
		}},
		{"a payment by hand that its bank entry cleared is returned as a whole", func(w *world) {
			i := w.items(invoice("R1", "C1", 300))[0]
			hand, err := w.RecordPayment(background, w.petra(), store.RecordedPayment{Entity: entity, AccountID: "main", Customer: "C1", Currency: "EUR",
				AmountMinor: 300, Date: 20260303, Lines: []recon.Line{pay(i, 300)}})
			w.must(err)
			bank := w.receipt(300)
			w.applied(recon.Decision{Source: source(bank), Outcome: recon.Cleared, Reason: "cleared", Clears: hand})
			d := bounced(w.bounce(300), 1)
			d.Clears = bank
			w.applied(d)
			w.open("R1", 300)
			w.same("returned", w.row(hand).Returned, true)
			w.fails(w.Release(background, w.petra(), entity, bank), store.ErrStale)
		}},
	}
}
