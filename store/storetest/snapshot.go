package storetest

import (
	"errors"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func snapshotStories() []story {
	return []story{
		{"a view does not see what comes after it", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(1000)
			w.view(func(v store.View) {
				files, err := v.Files()
				w.must(err)
				w.same("files", len(files), 1)
				w.applied(automatic(id, pay(i, 1000)))
				for a := range all(w, v.Applications()) {
					w.Errorf("sees %+v", a)
				}
				for one := range all(w, v.Items()) {
					w.same("open", one.OpenMinor, int64(1000))
				}
			})
			w.open("R1", 0)
		}},
		{"sequences can be left early and nested", func(w *world) {
			w.items(invoice("R1", "C1", 1), invoice("R2", "C1", 2), invoice("R3", "C1", 3))
			w.view(func(v store.View) {
				pairs := 0
				for range all(w, v.Items()) {
					for range all(w, v.ItemStarts()) {
						pairs++
						break
					}
				}
				w.same("pairs", pairs, 3)
			})
		}},
		{"an error of the reader comes back", func(w *world) {
			mine := errors.New("mine")
			w.fails(w.Snapshot(background, entity, func(store.View) error { return mine }), mine)
		}},
		{"decisions, superseded ones too", func(w *world) {
			i := w.items(invoice("R1", "C1", 100))[0]
			id := w.receipt(100)
			w.applied(queued(id, "payer_unknown"))
			w.applied(automatic(id, pay(i, 100)))
			w.view(func(v store.View) {
				var got []recon.DecisionRow
				for d := range all(w, v.Decisions()) {
					got = append(got, d)
				}
				w.same("decisions", got, []recon.DecisionRow{
					{ID: 1, Receipt: id, Source: recon.SourceReceipt, Outcome: recon.Queued, Reason: "payer_unknown", Score: 60, Customer: "C1", Actor: "engine", At: noon.Add(5e9), Run: 7, Rules: "r1"},
					{ID: 2, Receipt: id, Source: recon.SourceReceipt, Outcome: recon.Auto, Reason: "reference_exact", Score: 97, Customer: "C1", Actor: "engine", At: noon.Add(6e9), Run: 7, Rules: "r1",
						Supersedes: 1, Live: true}})
			})
		}},
		{"masters, and no closed period", func(w *world) {
			w.must(w.SaveCustomers(background, w.act(), entity, []store.KeyedCustomer{{Customer: recon.Customer{Code: "C1", Name: "One"}}}))
			w.view(func(v store.View) {
				got, err := v.Accounts()
				w.must(err)
				w.same("accounts", got, accounts())
				customers, err := v.Customers()
				w.must(err)
				w.same("customers", customers, []recon.Customer{{Code: "C1", Name: "One"}})
				closed, err := v.ClosedUntil()
				w.must(err)
				w.same("closed", closed, recon.Date(0))
			})
		}},
	}
}
