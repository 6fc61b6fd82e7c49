package review_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/tieout/tieout/store"
)

func TestSigningIn(t *testing.T) {
	d := newDesk(t)
	d.person("petra", store.Reviewer)
	b := d.browser()
	b.wants(b.get("/e/nordlicht/"), http.StatusUnauthorized, "Sign in")
	b.wants(b.post("/sign-in", "login", "Petra", "password", password), http.StatusSeeOther)
	b.wants(b.get("/e/nordlicht/"), http.StatusOK, "Nordlicht Möbel GmbH", "Petra", "Sign out")
	b.wants(b.post("/sign-out"), http.StatusSeeOther)
	b.wants(b.get("/e/nordlicht/"), http.StatusUnauthorized)
	if got := d.log(store.House); !slices.Equal(got, []string{"signed out petra", "signed in petra password"}) {
		t.Errorf("audit: %q", got)
	}
}

// TestWrongSignIns fails alike whether the person is there or not.
func TestWrongSignIns(t *testing.T) {
	d := newDesk(t)
	d.person("petra", store.Reviewer)
	for _, login := range []string{"petra", "nobody", "", "petra' OR 1=1 --"} {
		b := d.browser()
		b.get("/sign-in")
		b.wants(b.post("/sign-in", "login", login, "password", "not the right one"), http.StatusUnauthorized, "name or password is wrong")
		b.wants(b.get("/e/nordlicht/"), http.StatusUnauthorized)
	}
}

// TestSessionsEnd by themselves: after half an hour without a request, and after twelve hours in any case.
func TestSessionsEnd(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Viewer)
	for range 3 {
		d.clock.pass(29 * time.Minute)
		b.wants(b.get("/e/nordlicht/"), http.StatusOK)
	}
	d.clock.pass(31 * time.Minute)
	b.wants(b.get("/e/nordlicht/"), http.StatusUnauthorized)
	b.get("/sign-in")
	b.signIn("viewer")
	for range 26 {
		d.clock.pass(27 * time.Minute)
		b.wants(b.get("/e/nordlicht/"), http.StatusOK)
	}
	d.clock.pass(20 * time.Minute)
	b.wants(b.get("/e/nordlicht/"), http.StatusUnauthorized)
}

// TestFormSurvivesSignIn is H15: the session ended while the form was open. Nothing is applied, and the form is still there.
func TestFormSurvivesSignIn(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Viewer)
	b.get("/e/nordlicht/")
	d.clock.pass(time.Hour)
	b.wants(b.post("/sign-out", "note", "half an hour of <typing>"), http.StatusUnauthorized, "The form that you sent is kept", `name="held.note" value="half an hour of &lt;typing&gt;"`)
	again := b.post("/sign-in", "login", "viewer", "password", password, "to", "/sign-out", "held.note", "half an hour of <typing>")
	b.wants(again, http.StatusOK, "Your form is still here", `name="note" value="half an hour of &lt;typing&gt;"`, `action="/sign-out"`)
	if got := d.log(store.House); slices.Contains(got, "signed out viewer") {
		t.Errorf("the form was carried out: %q", got)
	}
}

// TestWhatHasEndedIsForgotten: signing in sweeps sessions and answers that are of no use any more.
func TestWhatHasEndedIsForgotten(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Viewer)
	old := b.cookie("tieout-session")
	p, err := d.store.PersonByLogin(t.Context(), "viewer")
	d.must(err)
	claim := store.Claim{Person: p.ID, Key: "k", Digest: "d", At: start}
	_, _, err = d.store.ClaimAnswer(t.Context(), claim)
	d.must(err)
	d.must(d.store.SaveAnswer(t.Context(), p.ID, "k", store.Answer{Status: 204}))
	d.clock.pass(49 * time.Hour)
	d.browser().signIn("viewer")
	if sessions, err := d.store.Sessions(t.Context(), p.ID, start.Add(-time.Hour)); err != nil || len(sessions) != 1 {
		t.Errorf("%d sessions, %v; the old cookie was %s", len(sessions), err, old)
	}
	if _, answered, err := d.store.ClaimAnswer(t.Context(), claim); err != nil || answered {
		t.Errorf("the answer is kept: %v, %v", answered, err)
	}
}
