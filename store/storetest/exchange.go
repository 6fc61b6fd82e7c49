package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func dollars(i *store.NewItem) { i.Currency = "USD" }

// exchangeStories are about items that a person settles with money of another currency.
func exchangeStories() []story {
	paid := func(item recon.Item, minor, taken int64) recon.Line {
		l := pay(item, minor)
		l.SourceMinor = taken
		return l
	}
	resolved := func(w *world, receipt int64, lines ...recon.Line) error {
		w.Helper()
		_, err := w.Resolve(background, w.petra(), store.Resolution{Entity: entity, Receipt: receipt, Customer: "C1", Lines: lines, Digest: "d"})
		return err
	}
	return []story{
		{"an item falls in its own currency, the receipt in its own", func(w *world) {
			i := w.items(invoice("R1", "C1", 10000, dollars))[0]
			id := w.receipt(9200)
			w.applied(queued(id, "currency_mismatch"))
			w.must(resolved(w, id, paid(i, 10000, 9200)))
			w.open("R1", 0)
			w.same("allocated", w.row(id).AllocatedMinor, int64(9200))
			a := w.applications(id)[0]
			w.same("application", []any{a.AmountMinor, a.Currency, a.SourceMinor, a.SourceCurrency}, []any{int64(10000), recon.Currency("USD"), int64(9200), recon.Currency("EUR")})
			_, err := w.undo(a.ID)
			w.must(err)
			w.open("R1", 10000)
			w.same("given back", w.row(id).AllocatedMinor, int64(0))
		}},
		{"more than the receipt has is refused", func(w *world) {
			i := w.items(invoice("R1", "C1", 10000, dollars))[0]
			id := w.receipt(9200)
			w.applied(queued(id, "currency_mismatch"))
			w.fails(resolved(w, id, paid(i, 10000, 9201)), store.ErrOver)
			w.fails(resolved(w, id, paid(i, 10001, 9200)), store.ErrOver)
			w.open("R1", 10000)
		}},
		{"the engine never exchanges, and nobody within one currency", func(w *world) {
			items := w.items(invoice("R1", "C1", 10000, dollars), invoice("R2", "C1", 9200))
			id := w.receipt(9200)
			w.stale(automatic(id, paid(items[0], 10000, 9200)))
			w.applied(queued(id, "currency_mismatch"))
			w.fails(resolved(w, id, paid(items[1], 9200, 9100)), store.ErrStale)
			w.fails(resolved(w, id, pay(items[0], 9200)), store.ErrStale)
			w.open("R1", 10000, "R2", 9200)
		}},
	}
}
