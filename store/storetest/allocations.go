package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// funds lists what waits of a customer.
func (w *world) funds(customer string) []store.Fund {
	w.Helper()
	all, err := w.Funds(background, entity, store.FundFilter{Customer: customer})
	w.must(err)
	return all
}

func allocation(fund store.Fund, lines ...recon.Line) store.Allocation {
	return store.Allocation{Entity: entity, Source: fund.Source, Standing: fund.Standing, Day: 20260315, Lines: lines, Reason: "asked for", Digest: "d1"}
}

func allocationStories() []story {
	note := func(items []recon.Item) store.Fund {
		return store.Fund{Source: recon.Source{Kind: recon.SourceCreditNote, ID: items[0].ID}}
	}
	against := func(note, item recon.Item, minor int64) recon.Line {
		return recon.Line{Kind: recon.Credit, Item: item.ID, CreditNote: note.ID, AmountMinor: minor}
	}
	return []story{
		{"funds are what is left of money held and of credit notes", func(w *world) {
			w.items(invoice("CN", "C1", 500, creditNote), invoice("R1", "C1", 100))
			id := w.receipt(1000)
			w.applied(automatic(id, line(recon.OnAccount, recon.Item{}, 600), recon.Line{Kind: recon.Advance, AmountMinor: 400, Order: "SO-1"}))
			w.same("funds", w.funds("C1"), []store.Fund{
				{Source: recon.Source{Kind: recon.SourceCreditNote, ID: 1}, Number: "CN", Side: recon.Receivable, Customer: "C1", Currency: "EUR", AmountMinor: 500, LeftMinor: 500, Day: 20260201},
				{Source: recon.Source{Kind: recon.SourceAdvance, ID: 2}, Side: recon.Receivable, Receipt: id, Customer: "C1", Order: "SO-1", Currency: "EUR", AmountMinor: 400, LeftMinor: 400, Day: 20260305},
				{Source: recon.Source{Kind: recon.SourceOnAccount, ID: 1}, Side: recon.Receivable, Receipt: id, Customer: "C1", Currency: "EUR", AmountMinor: 600, LeftMinor: 600, Day: 20260305},
			})
			w.same("nobody else's", w.funds("C2"), []store.Fund(nil))
		}},
		{"one fund by its source", func(w *world) {
			w.items(invoice("CN", "C1", 500, creditNote), invoice("CN2", "C1", 300, creditNote))
			w.applied(automatic(w.receipt(600), line(recon.OnAccount, recon.Item{}, 600)))
			for _, source := range []recon.Source{{Kind: recon.SourceCreditNote, ID: 2}, {Kind: recon.SourceOnAccount, ID: 1}} {
				found, err := w.Funds(background, entity, store.FundFilter{Source: source})
				w.must(err)
				if len(found) != 1 || found[0].Source != source {
					w.Fatalf("asked for %v, got %+v", source, found)
				}
			}
			none, err := w.Funds(background, entity, store.FundFilter{Source: recon.Source{Kind: recon.SourceAdvance, ID: 1}})
			w.must(err)
			w.same("an advance with the id of money on account", none, []store.Fund(nil))
		}},
		{"money on account is placed in part, on the day of the person", func(w *world) {
			i := w.items(invoice("R1", "C1", 600))[0]
			id := w.receipt(1000)
			w.applied(automatic(id, line(recon.OnAccount, recon.Item{}, 1000)))
			decision, err := w.Allocate(background, w.petra(), allocation(w.funds("C1")[0], pay(i, 600)))
			w.must(err)
			w.open("R1", 0)
			a := w.applications(id)[1]
			w.same("application", []any{a.Source, a.Kind, a.AmountMinor, a.Effective, a.Actor, a.Decision, a.Note},
				[]any{recon.Source{Kind: recon.SourceOnAccount, ID: 1}, recon.Payment, int64(600), recon.Date(20260315), "petra", decision, "asked for"})
			w.same("left", w.funds("C1")[0].LeftMinor, int64(400))
			w.same("the receipt is not asked again", w.row(id).AllocatedMinor, int64(1000))
		}},
		{"the same allocation again is one effect, another one is stale", func(w *world) {
			i := w.items(invoice("R1", "C1", 600))[0]
			w.applied(automatic(w.receipt(1000), line(recon.OnAccount, recon.Item{}, 1000)))
			fund := w.funds("C1")[0]
			first, err := w.Allocate(background, w.petra(), allocation(fund, pay(i, 100)))
			w.must(err)
			before := w.audits()
			again, err := w.Allocate(background, w.petra(), allocation(fund, pay(i, 100)))
			w.must(err)
			w.same("decision", again, first)
			w.same("audit rows", w.audits(), before)
			other := allocation(fund, pay(i, 200))
			other.Digest = "d2"
			_, err = w.Allocate(background, w.petra(), other)
			w.fails(err, store.ErrStale)
			w.open("R1", 500)
		}},
		{"a credit note is set against an invoice: both fall, no money moves", func(w *world) {
			items := w.items(invoice("CN", "C1", 500, creditNote), invoice("R1", "C1", 800))
			_, err := w.Allocate(background, w.petra(), allocation(note(items), against(items[0], items[1], 500)))
			w.must(err)
			w.open("CN", 0, "R1", 300)
			on, err := w.ApplicationsOn(background, entity, items[0].ID)
			w.must(err)
			w.same("of the note", told(on), "1 credit credit_note1>2 500\n")
			on, err = w.ApplicationsOn(background, entity, items[1].ID)
			w.must(err)
			w.same("of the invoice", told(on), "1 credit credit_note1>2 500\n")
			_, err = w.undo(1)
			w.must(err)
			w.open("CN", 500, "R1", 800)
		}},
		{"beyond what is left nothing happens", func(w *world) {
			items := w.items(invoice("CN", "C1", 500, creditNote), invoice("R1", "C1", 800))
			_, err := w.Allocate(background, w.petra(), allocation(note(items), against(items[0], items[1], 501)))
			w.fails(err, store.ErrOver)
			w.applied(automatic(w.receipt(100), line(recon.OnAccount, recon.Item{}, 100)))
			held := w.funds("C1")[1]
			_, err = w.Allocate(background, w.petra(), allocation(held, pay(items[1], 101)))
			w.fails(err, store.ErrOver)
			w.open("CN", 500, "R1", 800)
		}},
		{"what is no fund is refused", func(w *world) {
			items := w.items(invoice("CN", "C1", 500, creditNote), invoice("R1", "C1", 800))
			id := w.receipt(100)
			receipt := allocation(store.Fund{Source: source(id)}, pay(items[1], 100))
			_, err := w.Allocate(background, w.petra(), receipt)
			w.fails(err, store.ErrStale)
			missing := allocation(store.Fund{Source: recon.Source{Kind: recon.SourceOnAccount, ID: 7}}, pay(items[1], 100))
			_, err = w.Allocate(background, w.petra(), missing)
			w.fails(err, store.ErrNotFound)
			_, err = w.Allocate(background, w.petra(), allocation(note(items), line(recon.OnAccount, recon.Item{}, 100)))
			w.fails(err, store.ErrStale)
		}},
		{"what was undone is allocated anew", func(w *world) {
			i := w.items(invoice("R1", "C1", 600))[0]
			id := w.receipt(1000)
			w.applied(automatic(id, line(recon.OnAccount, recon.Item{}, 1000)))
			_, err := w.Allocate(background, w.petra(), allocation(w.funds("C1")[0], pay(i, 600)))
			w.must(err)
			_, err = w.undo(2)
			w.must(err)
			w.open("R1", 600)
			again := allocation(w.funds("C1")[0], pay(i, 500))
			again.Digest = "d2"
			_, err = w.Allocate(background, w.petra(), again)
			w.must(err)
			w.open("R1", 100)
		}},
	}
}
