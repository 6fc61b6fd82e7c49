package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func eventStories() []story {
	log := func(w *world, entity string, filter store.AuditFilter) (verbs []string) {
		w.Helper()
		if filter.Limit == 0 {
			filter.Limit = 100
		}
		entries, err := w.AuditLog(background, entity, filter)
		w.must(err)
		for _, e := range entries {
			if e.Event != nil {
				verbs = append(verbs, e.Event.Verb+" "+e.Event.About)
			} else {
				verbs = append(verbs, "-")
			}
		}
		return verbs
	}
	event := func(w *world, act store.Act, verb, about string) {
		w.Helper()
		w.must(w.SaveEvent(background, act, entity, store.Event{Verb: verb, About: about, Detail: "d"}))
	}
	return []story{
		{"events stand in the audit log among the changes, newest first", func(w *world) {
			event(w, w.petra(), "export read", "journal")
			w.must(w.SaveRules(background, w.act(), entity, "r1", "text"))
			event(w, w.petra(), "denied", "POST /x")
			w.same("log", log(w, entity, store.AuditFilter{}), []string{"denied POST /x", "-", "export read journal", "-"})
		}},
		{"the log is read page by page", func(w *world) {
			for _, about := range []string{"1", "2", "3"} {
				event(w, w.petra(), "denied", about)
			}
			w.same("first page", log(w, entity, store.AuditFilter{Limit: 2}), []string{"denied 3", "denied 2"})
			w.same("second page", log(w, entity, store.AuditFilter{Limit: 2, Before: 3}), []string{"denied 1", "-"})
		}},
		{"it is narrowed by actor, verb and day", func(w *world) {
			event(w, w.petra(), "denied", "1")
			event(w, w.act(), "denied", "2")
			event(w, w.petra(), "export read", "3")
			w.same("of petra", log(w, entity, store.AuditFilter{Actor: "petra"}), []string{"export read 3", "denied 1"})
			w.same("denied", log(w, entity, store.AuditFilter{Verb: "denied"}), []string{"denied 2", "denied 1"})
			w.same("both", log(w, entity, store.AuditFilter{Actor: "petra", Verb: "denied"}), []string{"denied 1"})
			w.same("the day", len(log(w, entity, store.AuditFilter{Day: 20260310})), 4)
			w.same("the day before", log(w, entity, store.AuditFilter{Day: recon.Date(20260309)}), []string(nil))
			w.same("nobody", log(w, entity, store.AuditFilter{Actor: `petra"`}), []string(nil))
		}},
		{"an event of one company is not in the log of another", func(w *world) {
			event(w, w.petra(), "denied", "1")
			w.same("of the house", log(w, store.House, store.AuditFilter{}), []string(nil))
		}},
	}
}
