package review_test

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tieout/tieout/review"
	"github.com/tieout/tieout/store"
)

// organisation is a desk whose people sign in with a provider.
type organisation struct {
	*desk
	issuer string
}

func newOrganisation(t *testing.T, change ...func(*review.Config)) organisation {
	t.Helper()
	settings := &review.OIDC{Issuer: startProvider(t), ClientID: clientID, ClientSecret: clientSecret, Name: "Nordlicht", GroupsClaim: "groups",
		Groups: map[string][]store.Grant{
			"clerks":  {{Entity: nordlicht, Role: store.Reviewer}},
			"heads":   {{Entity: nordlicht, Role: store.Approver}, {Entity: nordlicht, Role: store.Reviewer}},
			"support": {{Entity: nordlicht, Role: store.Admin}},
		}}
	d := newDesk(t, append([]func(*review.Config){func(c *review.Config) { c.OIDC, c.Local = settings, false }}, change...)...)
	settings.Desk = d.server.URL
	return organisation{d, settings.Issuer}
}

// says makes the provider say this of whoever signs in next.
func (o organisation) says(s said) {
	o.Helper()
	if s.Now.IsZero() {
		s.Now = o.clock.Now()
	}
	data, err := json.Marshal(s)
	o.must(err)
	response, err := http.Post(o.issuer+"/control", "application/json", bytes.NewReader(data))
	o.must(err)
	o.must(response.Body.Close())
}

var leadsTo = regexp.MustCompile(`<meta http-equiv="refresh" content="0; url=([^"]+)">`)

// organisationSignIn goes to the provider and comes back with what it says. It returns the desk's last answer.
func (b *browser) organisationSignIn(pairs ...string) answer {
	b.Helper()
	leave := b.post("/sign-in/organisation", pairs...)
	found := leadsTo.FindStringSubmatch(leave.body)
	if found == nil {
		return leave
	}
	response, err := b.client.Get(html.UnescapeString(found[1]))
	b.must(err)
	b.must(response.Body.Close())
	back, err := url.Parse(response.Header.Get("Location"))
	b.must(err)
	if !strings.HasPrefix(back.String(), b.server.URL) {
		b.Fatalf("the provider sends the browser to %q, %d", back, response.StatusCode)
	}
	return b.get(back.RequestURI())
}

// TestOrganisationSignIn: who somebody is comes from the subject, what they may do from the groups, at each sign-in anew.
func TestOrganisationSignIn(t *testing.T) {
	o := newOrganisation(t)
	o.says(said{Subject: "s-1", Login: "Petra.Lang@nordlicht.example", Name: "Petra Lang", Groups: []string{"staff", "heads"}})
	b := o.browser()
	page := b.get("/sign-in")
	if strings.Contains(page.body, `name="password"`) || !strings.Contains(page.body, "Sign in with Nordlicht") {
		t.Errorf("the sign-in page:\n%s", page.body)
	}
	b.wants(b.organisationSignIn("next", "/me"), http.StatusOK, `content="0; url=/me"`)
	b.wants(b.get("/me"), http.StatusOK, "petra.lang@nordlicht.example", "approver in nordlicht", "reviewer in nordlicht")

	o.says(said{Subject: "s-1", Login: "renamed", Name: "Petra Lang-Weber", Groups: []string{"clerks"}})
	again := o.browser()
	again.get("/sign-in")
	again.wants(again.organisationSignIn(), http.StatusOK)
	me := again.get("/me")
	again.wants(me, http.StatusOK, "petra.lang@nordlicht.example", "Petra Lang-Weber")
	if strings.Contains(me.body, "approver in nordlicht") {
		t.Error("the role of a former group stays")
	}
	if people, err := o.store.People(t.Context()); err != nil || len(people) != 1 {
		t.Errorf("people: %v, %v", people, err)
	}
}

// TestSameNameOtherSubject: another person with the same name and address is another person.
func TestSameNameOtherSubject(t *testing.T) {
	o := newOrganisation(t)
	for _, subject := range []string{"s-1", "s-2"} {
		o.says(said{Subject: subject, Login: "petra", Name: "Petra", Groups: []string{"clerks"}})
		b := o.browser()
		b.get("/sign-in")
		b.wants(b.organisationSignIn(), http.StatusOK)
	}
	people, err := o.store.People(t.Context())
	o.must(err)
	if len(people) != 2 || people[0].Login != "petra" || !strings.HasPrefix(people[1].Login, "petra-") {
		t.Errorf("people: %+v", people)
	}
}

// TestNoGroupNoRole: without a group that is mapped nobody is let in, also who was in one before.
func TestNoGroupNoRole(t *testing.T) {
	o := newOrganisation(t)
	signIn := func(groups ...string) answer {
		o.says(said{Subject: "s-1", Login: "petra", Groups: groups})
		b := o.browser()
		b.get("/sign-in")
		return b.organisationSignIn()
	}
	b := o.browser()
	b.wants(signIn("staff"), http.StatusForbidden, "none of your groups has a role here")
	if people, err := o.store.People(t.Context()); err != nil || len(people) != 0 {
		t.Errorf("people: %v, %v", people, err)
	}
	b.wants(signIn("clerks"), http.StatusOK)
	b.wants(signIn(), http.StatusForbidden, "none of your groups has a role here")
	b.wants(signIn("heads", "support"), http.StatusUnprocessableEntity, "are not given to one person")
	p, err := o.store.PersonBySubject(t.Context(), o.issuer, "s-1")
	o.must(err)
	if len(p.Grants) != 0 {
		t.Errorf("grants: %v", p.Grants)
	}
	p.Disabled = true
	o.must(o.store.SavePerson(t.Context(), o.setup(), p))
	b.wants(signIn("clerks"), http.StatusForbidden, "your access was ended")
}

// TestWhatTheProviderMayNotSay: nothing but a signed, fresh answer of the pinned issuer to this very sign-in lets anybody in.
func TestWhatTheProviderMayNotSay(t *testing.T) {
	o := newOrganisation(t)
	for _, fault := range []string{"issuer", "audience", "expired", "nonce", "no nonce", "no subject", "key", "unsigned", "state", "refuses"} {
		o.says(said{Subject: "s-1", Login: "petra", Groups: []string{"clerks"}, Fault: fault})
		b := o.browser()
		b.get("/sign-in")
		if a := b.organisationSignIn(); a.status != http.StatusForbidden {
			t.Errorf("%s: %d\n%s", fault, a.status, a.body)
		}
		b.wants(b.get("/me"), http.StatusUnauthorized)
	}
	if people, err := o.store.People(t.Context()); err != nil || len(people) != 0 {
		t.Errorf("people: %v, %v", people, err)
	}
	for _, entry := range o.logs.All() {
		if strings.Contains(entry.Message+entry.ContextMap()["error"].(string), "id_token") {
			t.Errorf("log: %v", entry)
		}
	}
}

// TestSignInsAreOfTheirBrowser: what was not begun here, was used already, or took too long, is refused; so is another desk's code.
func TestSignInsAreOfTheirBrowser(t *testing.T) {
	o := newOrganisation(t)
	o.says(said{Subject: "s-1", Login: "petra", Groups: []string{"clerks"}})
	b := o.browser()
	b.get("/sign-in")
	leave := b.post("/sign-in/organisation")
	to := html.UnescapeString(leadsTo.FindStringSubmatch(leave.body)[1])
	for _, parameter := range []string{"code_challenge=", "code_challenge_method=S256", "nonce=", "state="} {
		if !strings.Contains(to, parameter) {
			t.Errorf("no %s in %s", parameter, to)
		}
	}
	response, err := b.client.Get(to)
	o.must(err)
	o.must(response.Body.Close())
	back, err := url.Parse(response.Header.Get("Location"))
	o.must(err)
	thief := o.browser()
	thief.wants(thief.get(back.RequestURI()), http.StatusForbidden, "not begun in this browser")
	b.wants(b.get(back.RequestURI()), http.StatusOK)
	b.wants(b.get(back.RequestURI()), http.StatusForbidden, "not begun in this browser")

	slow := o.browser()
	slow.get("/sign-in")
	leave = slow.post("/sign-in/organisation")
	o.clock.pass(11 * time.Minute)
	state := regexp.MustCompile(`state=([^&]+)`).FindStringSubmatch(html.UnescapeString(leadsTo.FindStringSubmatch(leave.body)[1]))[1]
	slow.wants(slow.get("/sign-in/callback?code=x&state="+state), http.StatusForbidden, "took too long")
	slow.get("/sign-in")
	slow.wants(slow.do("POST", "/sign-in/organisation", strings.NewReader("browser=guess"), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}), http.StatusForbidden, "FORM-TOKEN")
}

// TestFormSurvivesTheOrganisation is H15 with a provider, and row 15: a fresh sign-in there is demanded, and only a fresh one counts.
func TestFormSurvivesTheOrganisation(t *testing.T) {
	o := newOrganisation(t)
	who := said{Subject: "s-1", Login: "petra", Groups: []string{"support"}}
	o.says(who)
	b := o.browser()
	b.get("/sign-in")
	b.wants(b.organisationSignIn(), http.StatusOK)
	b.get("/people")
	b.wants(b.post("/people", "login", "paul"), http.StatusUnauthorized, "Sign in with Nordlicht", `name="again" value="yes"`, `name="held.login" value="paul"`)
	form := []string{"again", "yes", "to", "/people", "held.login", "paul", "next", "/people"}
	b.wants(b.organisationSignIn(form...), http.StatusForbidden, "did not ask who you are once more")
	who.SignedIn = start.Add(-time.Hour)
	o.says(who)
	b.get("/sign-in")
	b.wants(b.organisationSignIn(form...), http.StatusForbidden, "did not ask who you are once more")
	who.SignedIn = start
	o.says(who)
	b.get("/sign-in")
	b.wants(b.organisationSignIn(form...), http.StatusOK, "Your form is still here", `name="login" value="paul"`)
	b.wants(b.post("/people", "login", "paul"), http.StatusSeeOther)

	other := who
	other.Subject = "s-2"
	o.says(other)
	b.get("/sign-in")
	b.wants(b.organisationSignIn(form...), http.StatusForbidden, "did not ask who you are once more")
}

// TestPasswordsAreSwitchedOff: neither a password nor an invitation opens a desk of an organisation.
func TestPasswordsAreSwitchedOff(t *testing.T) {
	o := newOrganisation(t)
	o.person("petra", store.Reviewer)
	b := o.browser()
	b.get("/sign-in")
	b.wants(b.post("/sign-in", "login", "petra", "password", password), http.StatusForbidden, "switched off")
	b.get("/welcome")
	b.wants(b.post("/welcome", "code", "x", "new_password", password, "new_password_again", password), http.StatusForbidden, "NO-PASSWORDS")
	if got := o.log(store.House); slices.Contains(got, "signed in petra password") {
		t.Errorf("audit: %q", got)
	}
}

// TestTheProviderIsDown: the desk is there without it, and says that signing in does not work.
func TestTheProviderIsDown(t *testing.T) {
	d := newDesk(t, func(c *review.Config) {
		c.OIDC = &review.OIDC{Issuer: "http://127.0.0.1:1", ClientID: clientID, Name: "Nordlicht", Desk: "http://127.0.0.1"}
	})
	b := d.browser()
	b.get("/sign-in")
	b.wants(b.post("/sign-in/organisation"), http.StatusForbidden, "did not succeed")
	d.person("petra", store.Reviewer)
	b.signIn("petra")
}
