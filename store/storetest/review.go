package storetest

import (
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// cases returns the receipts that a query of the queue finds, in its order.
func (w *world) cases(query store.CaseQuery) (receipts []int64) {
	w.Helper()
	found, err := w.Cases(background, entity, query)
	w.must(err)
	for _, c := range found {
		receipts = append(receipts, c.Receipt)
	}
	return receipts
}

// filtered checks which receipts a filter leaves, by value.
func (w *world) filtered(filter store.CaseFilter, want ...int64) {
	w.Helper()
	got := w.cases(store.CaseQuery{Filter: filter})
	w.same("cases", got, want)
	counts, err := w.CaseCounts(background, entity, filter)
	w.must(err)
	n := 0
	for _, c := range counts {
		n += c.Cases
	}
	w.same("count", n, len(want))
}

// paged reads the queue page by page.
func (w *world) paged(query store.CaseQuery) (receipts []int64) {
	w.Helper()
	for {
		page, err := w.Cases(background, entity, query)
		w.must(err)
		if len(page) > query.Limit {
			w.Fatalf("a page of %d, asked for %d", len(page), query.Limit)
		}
		for _, c := range page {
			receipts = append(receipts, c.Receipt)
		}
		if len(page) < query.Limit {
			return receipts
		}
		query.After = &page[len(page)-1]
	}
}

func from(name string) func(*recon.Entry) { return func(e *recon.Entry) { e.Counterparty.Name = name } }

func saying(text string) func(*recon.Entry) { return func(e *recon.Entry) { e.Text = text } }

func inDollars(e *recon.Entry) { e.Currency = "USD" }

func reviewStories() []story {
	return []story{
		{"the queue is read page by page, in three orders", func(w *world) {
			var ids []int64
			for _, minor := range []int64{300, 100, 500, 300, 200} {
				ids = append(ids, w.receipt(minor))
			}
			w.applied(queued(ids[2], "payer_unknown"), queued(ids[0], "ambiguous_lump"))
			w.applied(queued(ids[4], "payer_unknown"))
			w.applied(queued(ids[1], "ambiguous_lump"), queued(ids[3], "payer_unknown"))
			for limit := 1; limit <= 6; limit++ {
				w.same("by value", w.paged(store.CaseQuery{Limit: limit}), []int64{ids[2], ids[0], ids[3], ids[4], ids[1]})
				w.same("by age", w.paged(store.CaseQuery{Limit: limit, Order: store.ByAge}), []int64{ids[0], ids[2], ids[4], ids[1], ids[3]})
				w.same("by reason", w.paged(store.CaseQuery{Limit: limit, Order: store.ByReason}), []int64{ids[0], ids[1], ids[2], ids[3], ids[4]})
				w.same("one reason", w.paged(store.CaseQuery{Limit: limit, Filter: store.CaseFilter{Reason: "payer_unknown"}}), []int64{ids[2], ids[3], ids[4]})
			}
		}},
		{"the queue is filtered, and says how many and how much", func(w *world) {
			a, b := w.receipt(300, from("Müller GmbH")), w.receipt(200, from("Zwei AG"), saying("Rechnung ÄÖ-17"))
			c := w.receipt(100, inDollars)
			back := w.bounce(50)
			lump := queued(a, "ambiguous_lump")
			lump.Customer = "C2"
			w.applied(lump, queued(b, "payer_unknown"), queued(c, "payer_unknown"), recon.Decision{Source: source(back), Return: true, Outcome: recon.Queued, Reason: "return_unmatched"})
			counts, err := w.CaseCounts(background, entity, store.CaseFilter{})
			w.must(err)
			w.same("counts", counts, []store.CaseCount{{Currency: "EUR", Reason: "ambiguous_lump", Cases: 1, SumMinor: 300},
				{Currency: "EUR", Reason: "payer_unknown", Cases: 1, SumMinor: 200}, {Currency: "EUR", Reason: "return_unmatched", Cases: 1, SumMinor: 50},
				{Currency: "USD", Reason: "payer_unknown", Cases: 1, SumMinor: 100}})
			w.filtered(store.CaseFilter{}, a, b, c, back)
			w.filtered(store.CaseFilter{Reason: "payer_unknown"}, b, c)
			w.filtered(store.CaseFilter{Customer: "C2"}, a)
			w.filtered(store.CaseFilter{Payer: "Zwei AG"}, b)
			w.filtered(store.CaseFilter{Currency: "USD"}, c)
			w.filtered(store.CaseFilter{AccountID: "main"}, a, b, c, back)
			w.filtered(store.CaseFilter{AccountID: "usd"})
			w.filtered(store.CaseFilter{Returns: true}, back)
			w.filtered(store.CaseFilter{MinMinor: 100, MaxMinor: 200}, b, c)
			w.filtered(store.CaseFilter{Search: "MÜLLER"}, a)
			w.filtered(store.CaseFilter{Search: "äö-17"}, b)
			w.filtered(store.CaseFilter{Search: "c2"}, a)
			w.filtered(store.CaseFilter{Search: "%"})
			w.filtered(store.CaseFilter{Search: "3.00", SearchMinor: 300}, a)
			w.filtered(store.CaseFilter{Receipts: []int64{c, a, 4711}}, a, c)
			w.filtered(store.CaseFilter{Receipts: []int64{}})
			sister, err := w.Cases(background, sister, store.CaseQuery{})
			w.must(err)
			w.same("the sister's", len(sister), 0)
		}},
		{"a case shows what is still to decide", func(w *world) {
			items := w.items(invoice("R1", "C1", 100), invoice("R2", "C1", 100))
			id := w.receipt(150)
			w.applied(queued(id, "ambiguous_lump"))
			_, err := w.resolve(store.Resolution{Receipt: id, Version: 1, Lines: []recon.Line{pay(items[0], 100)}})
			w.must(err)
			w.filtered(store.CaseFilter{MaxMinor: 50}, id)
			_, err = w.undo(ids(w.applications(id))...)
			w.must(err)
			w.filtered(store.CaseFilter{MinMinor: 150}, id)
		}},
		{"the best proposals of a page", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			a, b, c := w.receipt(100), w.receipt(200), w.receipt(300)
			first := recon.Proposal{Reason: "payer_oldest_first", Score: 40, Customer: "C1", DifferenceMinor: -900, Lines: []recon.Line{pay(i, 100)},
				Evidence: []recon.Evidence{{Factor: recon.FactorAmount, Code: "short", Points: 5}}}
			w.applied(queued(a, "ambiguous_lump", first, recon.Proposal{Reason: "payer_smallest_first", Lines: []recon.Line{pay(i, 1)}}), queued(b, "payer_unknown"), automatic(c, pay(i, 300)))
			best, err := w.BestProposals(background, entity, []int64{a, b, c, 4711})
			w.must(err)
			w.same("best", best, map[int64]recon.Proposal{a: first})
		}},
		{"assigned and given away", func(w *world) {
			a, b := w.receipt(200), w.receipt(100)
			w.applied(queued(a, "payer_unknown"), queued(b, "payer_unknown"))
			w.must(w.Assign(background, w.petra(), entity, a, "ada"))
			before := w.audits()
			w.must(w.Assign(background, w.petra(), entity, a, "ada"))
			w.same("audit rows", w.audits(), before)
			w.filtered(store.CaseFilter{Assignee: "ada"}, a)
			w.filtered(store.CaseFilter{Unassigned: true}, b)
			c, _ := w.theCase(a)
			w.same("case", []any{c.Assignee, c.Version}, []any{"ada", int64(1)})
			w.must(w.Assign(background, w.petra(), entity, a, ""))
			w.filtered(store.CaseFilter{Unassigned: true}, a, b)
			w.fails(w.Assign(background, w.petra(), entity, 99, "ada"), store.ErrNotFound)
		}},
		{"snoozed until a day, or until it opens anew", func(w *world) {
			i := w.items(invoice("R1", "C1", 200))[0]
			a, b := w.receipt(200), w.receipt(100)
			w.applied(queued(a, "payer_unknown"), queued(b, "payer_unknown"))
			w.must(w.Snooze(background, w.petra(), entity, a, 20260315))
			w.filtered(store.CaseFilter{Snoozed: store.WithoutSnoozed, Today: 20260314}, b)
			w.filtered(store.CaseFilter{Snoozed: store.OnlySnoozed, Today: 20260314}, a)
			w.filtered(store.CaseFilter{Snoozed: store.WithoutSnoozed, Today: 20260315}, a, b)
			w.filtered(store.CaseFilter{}, a, b)
			_, err := w.resolve(store.Resolution{Receipt: a, Version: 1, Lines: []recon.Line{pay(i, 200)}})
			w.must(err)
			w.fails(w.Snooze(background, w.petra(), entity, a, 20260320), store.ErrNotFound)
			_, err = w.undo(ids(w.applications(a))...)
			w.must(err)
			c, _ := w.theCase(a)
			w.same("in sight again", c.Snoozed, recon.Date(0))
		}},
		{"notes stay", func(w *world) {
			id := w.receipt(100)
			w.applied(queued(id, "payer_unknown"))
			first := w.petra()
			w.must(w.AddNote(background, first, entity, id, "called them"))
			second := w.petra()
			w.must(w.AddNote(background, second, entity, id, "they call back"))
			work, err := w.CaseWork(background, entity, id, noon)
			w.must(err)
			w.same("notes", work.Notes, []store.CaseNote{{Text: "called them", Actor: "petra", At: first.At}, {Text: "they call back", Actor: "petra", At: second.At}})
			w.fails(w.AddNote(background, w.petra(), entity, 99, "nothing there"), store.ErrNotFound)
		}},
		{"who has a case open", func(w *world) {
			id := w.receipt(100)
			before := w.audits()
			w.must(w.Attend(background, entity, id, "petra", noon.Add(time.Minute)))
			w.must(w.Attend(background, entity, id, "ada", noon.Add(time.Second)))
			w.must(w.Attend(background, entity, id, "ada", noon.Add(2*time.Minute)))
			w.must(w.Attend(background, entity, id, "eve", noon))
			present := func(now time.Time) []store.Presence {
				work, err := w.CaseWork(background, entity, id, now)
				w.must(err)
				return work.Present
			}
			w.same("present", present(noon), []store.Presence{{Person: "ada", Until: noon.Add(2 * time.Minute)}, {Person: "petra", Until: noon.Add(time.Minute)}})
			w.same("a minute later", present(noon.Add(time.Minute)), []store.Presence{{Person: "ada", Until: noon.Add(2 * time.Minute)}})
			w.same("audit rows", w.audits(), before)
		}},
	}
}
