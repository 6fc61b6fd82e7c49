package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func setupStories() []story {
	return []story{
		{"accounts are listed by id", func(w *world) {
			got, err := w.Accounts(background, entity)
			w.must(err)
			w.same("accounts", got, accounts())
		}},
		{"an unchanged entity changes nothing, a changed account does", func(w *world) {
			before := w.audits()
			again := store.Entity{ID: entity, Name: "Acme Ltd", BaseCurrency: "EUR", Accounts: accounts()}
			w.must(w.SaveEntity(background, w.act(), again))
			w.same("audit rows", w.audits(), before)
			again.Accounts[0].Ledger = "1299"
			w.must(w.SaveEntity(background, w.act(), again))
			w.same("audit rows", w.audits(), before+1)
			got, err := w.Accounts(background, entity)
			w.must(err)
			w.same("accounts", got, again.Accounts)
		}},
		{"an account that is no longer configured stays", func(w *world) {
			w.must(w.SaveEntity(background, w.act(), store.Entity{ID: entity, Name: "Acme Ltd", BaseCurrency: "EUR"}))
			got, err := w.Accounts(background, entity)
			w.must(err)
			w.same("accounts", got, accounts())
		}},
		{"entities do not see each other", func(w *world) {
			w.must(w.SaveEntity(background, w.act(), store.Entity{ID: sister, Name: "Sister", BaseCurrency: "EUR", Accounts: []recon.Account{{ID: "main", Currency: "EUR"}}}))
			w.receipt(100)
			receipts, _, err := w.Undecided(background, sister)
			w.must(err)
			if len(receipts) != 0 {
				w.Fatalf("the sister sees %v", receipts)
			}
		}},
		{"a version of the rules is kept once", func(w *world) {
			before := w.audits()
			w.must(w.SaveRules(background, w.act(), entity, "abc", "rules"))
			w.must(w.SaveRules(background, w.act(), entity, "abc", "rules"))
			w.same("audit rows", w.audits(), before+1)
		}},
		{"migrating again does nothing", func(w *world) {
			w.must(w.Migrate(background))
			w.same("audit rows", w.audits(), 1)
		}},
		{"a worker gives its place back", func(w *world) {
			for range 2 {
				release, err := w.LockWorker(background)
				w.must(err)
				w.must(release())
			}
		}},
		{"one pipeline at a time", func(w *world) {
			release, err := w.LockPipeline(background)
			w.must(err)
			_, err = w.LockPipeline(background)
			w.fails(err, store.ErrLocked)
			w.must(release())
			release, err = w.LockPipeline(background)
			w.must(err)
			w.must(release())
		}},
	}
}
