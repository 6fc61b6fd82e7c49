package storetest

import (
	"bytes"
	"time"

	"github.com/tieout/tieout/store"
)

// person adds a person with grants and returns their id.
func (w *world) person(login string, grants ...store.Grant) int64 {
	w.Helper()
	id, err := w.AddPerson(background, w.act(), store.Person{Login: login, Name: "Name of " + login, Grants: grants})
	w.must(err)
	return id
}

// known returns a person as they are now.
func (w *world) known(id int64) store.Person {
	w.Helper()
	p, err := w.Person(background, id)
	w.must(err)
	return p
}

const (
	hash      = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"
	otherHash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$b3RoZXI"
)

func peopleStories() []story {
	return []story{
		{"a person is found by id, login and subject", func(w *world) {
			want := store.Person{Login: "petra", Name: "Petra", Issuer: "https://id.example", Subject: "4711", Password: hash,
				Grants: []store.Grant{{Entity: entity, Role: store.Approver}, {Entity: entity, Role: store.Reviewer}, {Entity: sister, Role: store.Viewer}}}
			id, err := w.AddPerson(background, w.act(), want)
			w.must(err)
			want.ID, want.Epoch, want.Version, want.Created = id, 1, 1, noon.Add(2*time.Second)
			w.same("by id", w.known(id), want)
			p, err := w.PersonByLogin(background, "petra")
			w.must(err)
			w.same("by login", p, want)
			p, err = w.PersonBySubject(background, "https://id.example", "4711")
			w.must(err)
			w.same("by subject", p, want)
			if !p.Has(entity, store.Reviewer) || p.Has(sister, store.Reviewer) {
				w.Errorf("grants of %+v", p)
			}
		}},
		{"who is not there is not found", func(w *world) {
			w.person("petra")
			_, err := w.Person(background, 99)
			w.fails(err, store.ErrNotFound)
			_, err = w.PersonByLogin(background, "Petra")
			w.fails(err, store.ErrNotFound)
			_, err = w.PersonBySubject(background, "", "")
			w.fails(err, store.ErrNotFound)
			w.fails(w.SavePerson(background, w.act(), store.Person{ID: 99}), store.ErrNotFound)
		}},
		{"a login, and a subject of a provider, is one person's", func(w *world) {
			w.person("petra")
			_, err := w.AddPerson(background, w.act(), store.Person{Login: "petra"})
			w.fails(err, store.ErrDuplicate)
			_, err = w.AddPerson(background, w.act(), store.Person{Login: "a", Issuer: "i", Subject: "s"})
			w.must(err)
			_, err = w.AddPerson(background, w.act(), store.Person{Login: "b", Issuer: "i", Subject: "s"})
			w.fails(err, store.ErrDuplicate)
		}},
		{"people are listed by login", func(w *world) {
			w.person("zoe")
			w.person("anna", store.Grant{Entity: entity, Role: store.Viewer})
			all, err := w.People(background)
			w.must(err)
			if len(all) != 2 || all[0].Login != "anna" || len(all[0].Grants) != 1 || all[1].Login != "zoe" {
				w.Errorf("people: %+v", all)
			}
		}},
		{"grants change without ending sessions, passwords and disabling end them", func(w *world) {
			p := w.known(w.person("petra", store.Grant{Entity: entity, Role: store.Viewer}))
			p.Grants = []store.Grant{{Entity: entity, Role: store.Reviewer}}
			w.must(w.SavePerson(background, w.act(), p))
			now := w.known(p.ID)
			w.same("grants", now.Grants, p.Grants)
			w.same("epoch", now.Epoch, int64(1))
			now.Password = hash
			w.must(w.SavePerson(background, w.act(), now))
			w.same("epoch", w.known(p.ID).Epoch, int64(2))
			now = w.known(p.ID)
			now.Disabled = true
			w.must(w.SavePerson(background, w.act(), now))
			w.same("epoch", w.known(p.ID).Epoch, int64(3))
		}},
		{"a person changed by somebody else in the meantime is not overwritten", func(w *world) {
			first := w.known(w.person("petra"))
			second := first
			first.Name = "Petra the First"
			w.must(w.SavePerson(background, w.act(), first))
			w.fails(w.SavePerson(background, w.act(), second), store.ErrStale)
			w.same("name", w.known(first.ID).Name, "Petra the First")
		}},
		{"an invitation sets a password once", func(w *world) {
			id := w.person("petra")
			w.must(w.Invite(background, w.act(), store.Invitation{Person: id, Code: "01", Expires: noon.Add(time.Hour)}))
			w.must(w.Invite(background, w.act(), store.Invitation{Person: id, Code: "02", Expires: noon.Add(time.Hour)}))
			_, err := w.Redeem(background, w.act(), "01", hash)
			w.fails(err, store.ErrNotFound)
			p, err := w.Redeem(background, w.act(), "02", hash)
			w.must(err)
			if p.ID != id || p.Password != hash || p.Epoch != 2 {
				w.Errorf("redeemed: %+v", p)
			}
			_, err = w.Redeem(background, w.act(), "02", otherHash)
			w.fails(err, store.ErrNotFound)
		}},
		{"an invitation that has expired is void", func(w *world) {
			id := w.person("petra")
			w.must(w.Invite(background, w.act(), store.Invitation{Person: id, Code: "01", Expires: noon}))
			_, err := w.Redeem(background, w.act(), "01", hash)
			w.fails(err, store.ErrNotFound)
			w.fails(w.Invite(background, w.act(), store.Invitation{Person: 99, Code: "02", Expires: noon}), store.ErrNotFound)
		}},
		{"changes of people stand in the chain of the house, without password hashes", func(w *world) {
			before := w.audits()
			id := w.person("petra")
			p := w.known(id)
			p.Password = hash
			act := w.petra()
			act.Via = "desk session 7"
			w.must(w.SavePerson(background, act, p))
			w.same("audit rows of the company", w.audits(), before)
			log, err := w.AuditLog(background, store.House, store.AuditFilter{Limit: 10})
			w.must(err)
			if len(log) != 2 || !bytes.Contains(log[0].Canonical, []byte("\nverb person changed\nvia \"desk session 7\"\nperson \"1\"..\"1\" n=1 ")) {
				w.Fatalf("log: %s", log[0].Canonical)
			}
			if bytes.Contains(log[0].Canonical, []byte("argon2id")) {
				w.Error("the audit keeps a password hash")
			}
			w.proveChain(store.House)
		}},
	}
}
