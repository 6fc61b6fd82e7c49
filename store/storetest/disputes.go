package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func (w *world) disputed(number string, d recon.Dispute) {
	w.Helper()
	i := w.item(number)
	w.must(w.OpenDispute(background, w.petra(), entity, store.DisputeOpening{Item: i.ID, Version: i.Version, Dispute: d}))
}

func (w *world) disputes(openOnly bool) []recon.DisputeRecord {
	w.Helper()
	all, err := w.Disputes(background, entity, openOnly)
	w.must(err)
	return all
}

func disputeStories() []story {
	wrong := recon.Dispute{Since: 20260305, AmountMinor: 200, Owner: "olga", Reason: "wrong price"}
	return []story{
		{"a dispute is opened, changed and ended", func(w *world) {
			w.items(invoice("R1", "C1", 1000))
			w.disputed("R1", wrong)
			w.same("of the item", *w.item("R1").Dispute, wrong)
			agreed := wrong
			agreed.Owner, agreed.Agreed = "oskar", 20260307
			w.disputed("R1", agreed)
			w.same("changed", *w.item("R1").Dispute, agreed)
			i := w.item("R1")
			w.must(w.EndDispute(background, w.petra(), entity, store.DisputeEnding{Item: i.ID, Version: i.Version, Outcome: recon.DisputeDue, Day: 20260309, Answer: "our letter"}))
			if d := w.item("R1").Dispute; d != nil {
				w.Fatalf("still open: %+v", d)
			}
			w.same("record", w.disputes(false), []recon.DisputeRecord{{Dispute: agreed, Item: i.ID, Opened: noon.Add(3e9), Opener: "petra", Closed: noon.Add(5e9), Closer: "petra",
				Ended: 20260309, Outcome: recon.DisputeDue, Answer: "our letter"}})
			w.same("none open", w.disputes(true), []recon.DisputeRecord(nil))
			w.disputed("R1", wrong)
			w.view(func(v store.View) {
				n := 0
				for d := range all(w, v.Disputes()) {
					n++
					w.same("open", d.Closed.IsZero(), n == 2)
				}
			})
		}},
		{"a credit note ends a dispute in the same transaction", func(w *world) {
			items := w.items(invoice("R1", "C1", 1000), invoice("CN", "C1", 200, creditNote))
			w.disputed("R1", wrong)
			i := w.item("R1")
			credit := store.Allocation{Entity: entity, Source: recon.Source{Kind: recon.SourceCreditNote, ID: items[1].ID}, Day: 20260309,
				Lines: []recon.Line{{Kind: recon.Credit, Item: i.ID, CreditNote: items[1].ID, AmountMinor: 201}}}
			ending := store.DisputeEnding{Item: i.ID, Version: i.Version, Outcome: recon.DisputeCredited, Day: 20260309, Credit: &credit}
			w.fails(w.EndDispute(background, w.petra(), entity, ending), store.ErrOver)
			w.same("still open", len(w.disputes(true)), 1)
			credit.Lines[0].AmountMinor = 200
			w.must(w.EndDispute(background, w.petra(), entity, ending))
			w.open("R1", 800, "CN", 0)
			w.same("open", len(w.disputes(true)), 0)
		}},
		{"who looked at another version, or at nothing, is told", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			w.fails(w.OpenDispute(background, w.petra(), entity, store.DisputeOpening{Item: 9, Version: 1}), store.ErrNotFound)
			w.fails(w.OpenDispute(background, w.petra(), entity, store.DisputeOpening{Item: i.ID, Version: 7}), store.ErrStale)
			w.fails(w.EndDispute(background, w.petra(), entity, store.DisputeEnding{Item: i.ID, Version: i.Version}), store.ErrStale)
			w.disputed("R1", wrong)
			w.fails(w.EndDispute(background, w.petra(), entity, store.DisputeEnding{Item: i.ID, Version: i.Version}), store.ErrStale)
		}},
	}
}
