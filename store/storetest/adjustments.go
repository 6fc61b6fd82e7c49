package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func adjustment(item recon.Item, minor int64) store.Adjustment {
	return store.Adjustment{Entity: entity, Item: item.ID, Version: item.Version, AmountMinor: minor, TaxMinor: 19, Ledger: "4730", Day: 20260310, Reason: "agreed"}
}

func adjustmentStories() []story {
	return []story{
		{"an adjustment lowers an item against an account of the ledger", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id, err := w.Adjust(background, w.petra(), adjustment(i, 119))
			w.must(err)
			w.open("R1", 881)
			a, err := w.Application(background, entity, id)
			w.must(err)
			w.same("application", a, recon.Application{ID: 1, Item: i.ID, Kind: recon.Adjustment, AmountMinor: 119, TaxMinor: 19, Currency: "EUR", Customer: "C1",
				Effective: 20260310, Original: 20260310, Recorded: noon.Add(3e9), Reason: recon.ReasonAdjusted, Actor: "petra", Ledger: "4730", Note: "agreed"})
			_, err = w.undo(id)
			w.must(err)
			w.open("R1", 1000)
		}},
		{"a credit note can be adjusted away", func(w *world) {
			i := w.items(invoice("CN", "C1", 100, creditNote))[0]
			_, err := w.Adjust(background, w.petra(), adjustment(i, 100))
			w.must(err)
			w.open("CN", 0)
		}},
		{"more than is open, a changed item and no item are refused", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			_, err := w.Adjust(background, w.petra(), adjustment(i, 1001))
			w.fails(err, store.ErrOver)
			_, err = w.Adjust(background, w.petra(), adjustment(i, 100))
			w.must(err)
			_, err = w.Adjust(background, w.petra(), adjustment(i, 100))
			w.fails(err, store.ErrStale)
			_, err = w.Adjust(background, w.petra(), adjustment(recon.Item{ID: 9}, 100))
			w.fails(err, store.ErrNotFound)
			w.open("R1", 900)
		}},
		{"an adjustment of nothing, or to no account, is refused", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			nowhere := adjustment(i, 100)
			nowhere.Ledger = ""
			for _, one := range []store.Adjustment{nowhere, adjustment(i, 0), adjustment(i, -5)} {
				if _, err := w.Adjust(background, w.petra(), one); err == nil {
					w.Fatalf("taken: %+v", one)
				}
			}
		}},
	}
}
