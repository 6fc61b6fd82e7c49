package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// close closes the books up to a day, with these postings.
func (w *world) close(until recon.Date, postings ...recon.FrozenPosting) {
	w.Helper()
	w.must(w.ClosePeriod(background, w.petra(), store.PeriodClose{Entity: entity, Until: until, Audited: int64(w.audits()), Postings: postings, Digest: "d", Note: "month end"}))
}

// frozen is a posting of a transaction in a period.
func frozen(until recon.Date, ordinal int, owner, minor int64) recon.FrozenPosting {
	return recon.FrozenPosting{Until: until, Ordinal: ordinal, Day: until, Original: until, Phase: 1, Owner: owner, Effect: 2, Holder: "main", Ledger: "1200", Currency: "EUR",
		AmountMinor: minor, Pocket: 3, Entry: owner, Application: 5, Item: 6, ItemNumber: "R1", Customer: "C1", Text: "Customer One"}
}

func periodStories() []story {
	return []story{
		{"days of a closed period take nothing any more", closed},
		{"a close freezes its journal", func(w *world) {
			w.items(invoice("R1", "C1", 1000))
			audited := int64(w.audits())
			march := []recon.FrozenPosting{frozen(20260331, 1, 2, 100), frozen(20260331, 2, 1, -100)}
			w.close(20260331, march...)
			w.close(20260430, frozen(20260430, 1, 2, 50))
			w.view(func(v store.View) {
				var got []recon.FrozenPosting
				for p := range all(w, v.Frozen()) {
					got = append(got, p)
				}
				w.same("by transaction, then close", got, []recon.FrozenPosting{march[1], march[0], frozen(20260430, 1, 2, 50)})
				periods, err := v.Periods()
				w.must(err)
				w.same("closes", periods[0], recon.PeriodRow{Until: 20260331, Ordinal: 1, Postings: 2, Digest: "d", Audited: audited, Note: "month end", Actor: "petra", At: noon.Add(3e9)})
				seq, err := v.Audited()
				w.must(err)
				w.same("last audit row", seq, audited+2)
			})
			periods, err := w.Periods(background, entity)
			w.must(err)
			w.same("days", []recon.Date{periods[0].Until, periods[1].Until}, []recon.Date{20260331, 20260430})
		}},
		{"what was recorded meanwhile makes a close stale", func(w *world) {
			w.items(invoice("R1", "C1", 1000))
			period := store.PeriodClose{Entity: entity, Until: 20260331, Audited: int64(w.audits())}
			w.items(invoice("R2", "C1", 1000))
			w.fails(w.ClosePeriod(background, w.petra(), period), store.ErrStale)
			w.close(20260331)
		}},
		{"periods are closed one after the other", func(w *world) {
			w.close(20260331)
			for _, until := range []recon.Date{20260331, 20260228} {
				period := store.PeriodClose{Entity: entity, Until: until, Audited: int64(w.audits())}
				w.fails(w.ClosePeriod(background, w.petra(), period), store.ErrDuplicate)
			}
		}},
		{"a batch knows the closes before it", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			w.close(20260228)
			batch, ok, err := w.OpenBatch(background, w.act(), entity, "journal")
			w.must(err)
			w.same("first", []any{ok, batch.ClosesAfter, batch.ClosesUntil}, []any{true, int64(0), int64(1)})
			w.must(w.MarkWritten(background, w.act(), entity, batch.ID, "j.csv", "00"))
			w.close(20260304)
			_, ok, err = w.OpenBatch(background, w.act(), entity, "journal")
			w.must(err)
			w.same("a close alone is nothing new", ok, false)
			w.applied(automatic(w.receipt(10), pay(i, 10)))
			batch, _, err = w.OpenBatch(background, w.act(), entity, "journal")
			w.must(err)
			w.same("second", []int64{batch.ClosesAfter, batch.ClosesUntil}, []int64{1, 2})
		}},
	}
}
