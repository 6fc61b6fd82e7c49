package storetest

import (
	"time"

	"github.com/tieout/tieout/store"
)

func sessionStories() []story {
	signedIn := func(token string, person int64, seen time.Duration) store.Session {
		return store.Session{Token: token, Person: person, Data: []byte(token), Address: "192.0.2.1", Agent: "browser", Created: noon, Seen: noon.Add(seen)}
	}
	return []story{
		{"a session is found by its token until it ends", func(w *world) {
			before := w.audits()
			s := signedIn("aa", 1, 0)
			w.must(w.SaveSession(background, s))
			got, err := w.Session(background, "aa")
			w.must(err)
			s.ID = got.ID
			w.same("session", got, s)
			w.must(w.EndSession(background, "aa"))
			w.must(w.EndSession(background, "aa"))
			_, err = w.Session(background, "aa")
			w.fails(err, store.ErrNotFound)
			w.same("audit rows", w.audits(), before)
		}},
		{"a session keeps its name and its beginning", func(w *world) {
			w.must(w.SaveSession(background, signedIn("aa", 0, 0)))
			first, err := w.Session(background, "aa")
			w.must(err)
			again := signedIn("aa", 5, time.Minute)
			again.Created = noon.Add(time.Hour)
			w.must(w.SaveSession(background, again))
			got, err := w.Session(background, "aa")
			w.must(err)
			again.ID, again.Created = first.ID, noon
			w.same("session", got, again)
		}},
		{"sessions are listed by person, the last seen first", func(w *world) {
			for token, s := range map[string]store.Session{"aa": signedIn("aa", 1, time.Minute), "bb": signedIn("bb", 1, time.Hour), "cc": signedIn("cc", 2, 2*time.Hour),
				"dd": signedIn("dd", 1, -time.Hour), "ee": signedIn("ee", 0, time.Hour)} {
				s.Token = token
				w.must(w.SaveSession(background, s))
			}
			for person, want := range map[int64][]string{1: {"bb", "aa"}, 2: {"cc"}, 0: {"cc", "bb", "aa"}} {
				list, err := w.Sessions(background, person, noon)
				w.must(err)
				var got []string
				for _, s := range list {
					got = append(got, s.Token)
				}
				w.same("sessions", got, want)
			}
		}},
		{"a session of somebody is ended by its name, not one of somebody else", func(w *world) {
			w.must(w.SaveSession(background, signedIn("aa", 1, 0)))
			s, err := w.Session(background, "aa")
			w.must(err)
			w.fails(w.EndSessionByID(background, 2, s.ID), store.ErrNotFound)
			w.must(w.EndSessionByID(background, 1, s.ID))
			w.fails(w.EndSessionByID(background, 1, s.ID), store.ErrNotFound)
		}},
		{"old sessions are swept", func(w *world) {
			w.must(w.SaveSession(background, signedIn("old", 1, 0)))
			w.must(w.SaveSession(background, signedIn("new", 1, time.Hour)))
			w.must(w.SweepSessions(background, noon.Add(time.Minute)))
			_, err := w.Session(background, "old")
			w.fails(err, store.ErrNotFound)
			_, err = w.Session(background, "new")
			w.must(err)
		}},
	}
}

func tokenStories() []story {
	return []story{
		{"a token is found by its hash, revoked or not", func(w *world) {
			person := w.person("robot")
			id, err := w.AddToken(background, w.act(), store.Token{Person: person, Name: "export", Hash: "aa", Scopes: []string{"read", "upload"}, Expires: noon.Add(time.Hour)})
			w.must(err)
			want := store.Token{ID: id, Person: person, Name: "export", Hash: "aa", Scopes: []string{"read", "upload"}, Created: noon.Add(3 * time.Second), Expires: noon.Add(time.Hour)}
			got, err := w.TokenByHash(background, "aa")
			w.must(err)
			w.same("token", got, want)
			w.must(w.TouchToken(background, id, noon.Add(time.Minute)))
			w.must(w.RevokeToken(background, w.act(), id))
			w.must(w.RevokeToken(background, w.act(), id))
			want.Used, want.Revoked = noon.Add(time.Minute), true
			got, err = w.TokenByHash(background, "aa")
			w.must(err)
			w.same("token", got, want)
		}},
		{"what is no token of anybody is not found", func(w *world) {
			_, err := w.TokenByHash(background, "aa")
			w.fails(err, store.ErrNotFound)
			w.fails(w.RevokeToken(background, w.act(), 7), store.ErrNotFound)
			_, err = w.AddToken(background, w.act(), store.Token{Person: 99, Hash: "aa"})
			w.fails(err, store.ErrNotFound)
		}},
		{"tokens are listed by person, and a hash is one token's", func(w *world) {
			anna, zoe := w.person("anna"), w.person("zoe")
			for hash, person := range map[string]int64{"aa": anna, "bb": zoe} {
				_, err := w.AddToken(background, w.act(), store.Token{Person: person, Hash: hash})
				w.must(err)
			}
			_, err := w.AddToken(background, w.act(), store.Token{Person: anna, Hash: "aa"})
			w.fails(err, store.ErrDuplicate)
			for person, want := range map[int64]int{anna: 1, zoe: 1, 0: 2} {
				list, err := w.Tokens(background, person)
				w.must(err)
				w.same("tokens", len(list), want)
			}
		}},
	}
}

func answerStories() []story {
	claim := func(person int64, key, digest string) store.Claim {
		return store.Claim{Person: person, Key: key, Digest: digest, At: noon, Dead: noon.Add(-time.Minute)}
	}
	free := func(w *world, c store.Claim) {
		w.Helper()
		_, answered, err := w.ClaimAnswer(background, c)
		w.must(err)
		w.same("answered", answered, false)
	}
	return []story{
		{"the same request comes twice and is answered once", func(w *world) {
			free(w, claim(1, "k", "d"))
			answer := store.Answer{Status: 201, Header: []string{"Location", "/x"}, Body: []byte("done")}
			w.must(w.SaveAnswer(background, 1, "k", answer))
			got, answered, err := w.ClaimAnswer(background, claim(1, "k", "d"))
			w.must(err)
			w.same("answered", answered, true)
			w.same("answer", got, answer)
		}},
		{"while the first is under way the second waits", func(w *world) {
			free(w, claim(1, "k", "d"))
			_, _, err := w.ClaimAnswer(background, claim(1, "k", "d"))
			w.fails(err, store.ErrLocked)
		}},
		{"one that died is taken over", func(w *world) {
			free(w, claim(1, "k", "d"))
			later := claim(1, "k", "d")
			later.At, later.Dead = noon.Add(time.Hour), noon.Add(time.Minute)
			free(w, later)
		}},
		{"another request with the same key is a mistake", func(w *world) {
			free(w, claim(1, "k", "d"))
			_, _, err := w.ClaimAnswer(background, claim(1, "k", "other"))
			w.fails(err, store.ErrDuplicate)
		}},
		{"keys are a person's own", func(w *world) {
			free(w, claim(1, "k", "d"))
			free(w, claim(2, "k", "other"))
		}},
		{"a claim that came to nothing is given back, an answer stays", func(w *world) {
			free(w, claim(1, "k", "d"))
			w.must(w.DropClaim(background, 1, "k"))
			free(w, claim(1, "k", "other"))
			w.must(w.SaveAnswer(background, 1, "k", store.Answer{Status: 204}))
			w.must(w.DropClaim(background, 1, "k"))
			_, answered, err := w.ClaimAnswer(background, claim(1, "k", "other"))
			w.must(err)
			w.same("answered", answered, true)
		}},
		{"an answer without claim is not stored, old ones are swept", func(w *world) {
			w.fails(w.SaveAnswer(background, 1, "k", store.Answer{Status: 204}), store.ErrNotFound)
			free(w, claim(1, "k", "d"))
			w.must(w.SweepAnswers(background, noon.Add(time.Second)))
			free(w, claim(1, "k", "other"))
		}},
	}
}
