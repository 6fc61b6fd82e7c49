package storetest

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func auditStories() []story {
	return []story{
		{"each changing transaction writes one row that names who, when and what", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(100)
			steps := []struct {
				verb string
				do   func() error
			}{
				{"rules", func() error { return w.SaveRules(background, w.petra(), entity, "v2", "text") }},
				{"customers imported", func() error {
					return w.SaveCustomers(background, w.petra(), entity, []store.KeyedCustomer{{Customer: recon.Customer{Code: "C1"}}})
				}},
				{"disputes", func() error {
					return w.SaveDisputes(background, w.petra(), entity, []store.ItemDispute{{Item: i.ID, Dispute: recon.Dispute{Since: 20260301}}})
				}},
				{"payment plans", func() error {
					return w.SaveInstalments(background, w.petra(), entity, []store.InstalmentPlan{{Item: i.ID}})
				}},
				{"plan", func() error {
					_, err := w.SavePlan(background, w.petra(), recon.Plan{Entity: entity, Decisions: []recon.Decision{automatic(id, pay(i, 100))}})
					return err
				}},
				{"undo", func() error { _, err := w.undo(1); return err }},
				{"resolve", func() error { _, err := w.resolve(store.Resolution{Receipt: id, SetAside: true}); return err }},
				{"release", func() error { return w.Release(background, w.petra(), entity, id) }},
				{"run started", func() error { _, err := w.StartRun(background, w.petra(), entity, "r1"); return err }},
				{"export opened", func() error { _, _, err := w.OpenBatch(background, w.petra(), entity, "journal"); return err }},
				{"export written", func() error { return w.MarkWritten(background, w.petra(), entity, 1, "f", "s") }},
			}
			for _, step := range steps {
				before := w.audits()
				w.must(step.do())
				w.same("audit rows after "+step.verb, w.audits(), before+1)
				row := w.lastAudit()
				for _, want := range []string{"\nactor \"petra\"\n", "\nverb " + step.verb + "\n", "\nat 2026-03-10T12:00:", "\nentity \"acme\"\n"} {
					if !bytes.Contains(row.Canonical, []byte(want)) {
						w.Errorf("%s: no %q in\n%s", step.verb, want, row.Canonical)
					}
				}
			}
		}},
		{"the row names the things and what they became", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			w.applied(automatic(w.receipt(100), pay(i, 60), pay(i, 40)))
			if row := w.lastAudit(); !bytes.Contains(row.Canonical, []byte("\napplication \"1\"..\"2\" n=2 ")) || !bytes.Contains(row.Canonical, []byte("\ndecision \"1\"..\"1\" n=1 ")) {
				w.Errorf("audit row says\n%s", row.Canonical)
			}
		}},
		{"line breaks and quotes do not forge a row", func(w *world) {
			act := w.act()
			act.Actor = "eve\"\nverb nothing"
			w.must(w.SaveRules(background, act, entity, "v2", "text"))
			if row := w.lastAudit(); bytes.Contains(row.Canonical, []byte("\nverb nothing")) {
				w.Errorf("audit row says\n%s", row.Canonical)
			}
		}},
		{"each entity has its own chain", func(w *world) {
			w.must(w.SaveEntity(background, w.act(), store.Entity{ID: sister, Name: "Sister", BaseCurrency: "EUR"}))
			w.must(w.Snapshot(background, sister, func(v store.View) error {
				for a, err := range v.Audit() {
					w.must(err)
					w.same("seq", a.Seq, int64(1))
				}
				return nil
			}))
		}},
		{"sixteen writers at once make one chain", func(w *world) {
			act := w.act()
			var wait sync.WaitGroup
			for n := range 16 {
				wait.Go(func() {
					for k := range 5 {
						if err := w.SaveRules(background, act, entity, fmt.Sprintf("v%d-%d", n, k), "text"); err != nil {
							w.Error(err)
						}
					}
				})
			}
			wait.Wait()
			w.same("rows", w.audits(), 81)
		}},
		{"one item wanted by many at once is paid once", func(w *world) {
			i := w.items(invoice("R1", "C1", 100))[0]
			var entries []recon.Entry
			for range 8 {
				entries = append(entries, credit(100))
			}
			receipts := w.entries(entries...)
			act := w.act()
			var wait sync.WaitGroup
			won := make([]bool, len(receipts))
			for n, id := range receipts {
				wait.Go(func() {
					_, err := w.Resolve(background, act, store.Resolution{Entity: entity, Receipt: id, Lines: []recon.Line{pay(i, 100)}})
					won[n] = err == nil
				})
			}
			wait.Wait()
			winners := 0
			for _, w := range won {
				if w {
					winners++
				}
			}
			w.same("winners", winners, 1)
		}},
	}
}

func (w *world) lastAudit() (last recon.AuditRow) {
	w.Helper()
	w.view(func(v store.View) {
		for a := range all(w, v.Audit()) {
			last = a
		}
	})
	return last
}
