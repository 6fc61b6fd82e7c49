package review_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tieout/tieout/review"
	"github.com/tieout/tieout/store"
)

// api sends a JSON request as a browser with a session does.
func (b *browser) api(method, path, body string, header ...string) answer {
	b.Helper()
	h := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {newKey()}, "X-Form-Token": {b.hidden("form_token")}, "Sec-Fetch-Site": {"same-origin"}}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return b.do(method, path, strings.NewReader(body), h)
}

// program asks with a token.
func (d *desk) program(token, method, path, body string, header ...string) answer {
	d.Helper()
	return d.browser().api(method, path, body, append([]string{"Authorization", "Bearer " + token, "X-Form-Token", ""}, header...)...)
}

var shownSecret = regexp.MustCompile(`<code>([^<]+)</code>`)

func (b *browser) secret() string {
	b.Helper()
	found := shownSecret.FindStringSubmatch(b.page)
	if found == nil {
		b.Fatalf("no secret on\n%s", b.page)
	}
	return found[1]
}

// TestInvitation takes a person from being added to their first page; nobody but they ever knows the password.
func TestInvitation(t *testing.T) {
	d := newDesk(t)
	admin := d.as(store.Admin)
	admin.get("/people")
	added := admin.post("/people", "login", "Petra", "name", "Petra Lang", "role.nordlicht", "reviewer")
	admin.wants(admin.follow(added), http.StatusOK, "Petra Lang", "No password is set")
	admin.wants(admin.post(strings.TrimSuffix(added.header.Get("Location"), "/")+"/invite"), http.StatusOK, "within three days")
	code := admin.secret()

	petra := d.browser()
	petra.get("/welcome")
	petra.wants(petra.post("/welcome", "code", "WRONG", "new_password", password, "new_password_again", password), http.StatusUnprocessableEntity, "the code is wrong, used or expired")
	petra.wants(petra.post("/welcome", "code", code, "new_password", "short", "new_password_again", "short"), http.StatusUnprocessableEntity, "fewer than 12")
	petra.wants(petra.post("/welcome", "code", strings.ToLower(code), "new_password", password, "new_password_again", password), http.StatusSeeOther)
	petra.wants(petra.get("/e/nordlicht/"), http.StatusOK, "Petra Lang")

	again := d.browser()
	again.get("/welcome")
	again.wants(again.post("/welcome", "code", code, "new_password", password, "new_password_again", password), http.StatusUnprocessableEntity, "the code is wrong, used or expired")
	d.browser().signIn("petra")
}

// TestDisabledWithTheFormOpen is row 44: whoever was disabled while a form was open is told so, nothing is done, the session is over,
// and the attempt stands in the audit.
func TestDisabledWithTheFormOpen(t *testing.T) {
	d := newDesk(t)
	petra := d.as(store.Reviewer)
	petra.get("/me")
	p, err := d.store.PersonByLogin(t.Context(), "reviewer")
	d.must(err)
	p.Disabled = true
	d.must(d.store.SavePerson(t.Context(), d.setup(), p))
	petra.wants(petra.post("/me/tokens", "token_name", "export", "scope", "read", "days", "3"), http.StatusForbidden, "your access was ended")
	petra.wants(petra.get("/me"), http.StatusUnauthorized)
	if got := d.log(store.House); got[0] != "denied POST /me/tokens SESSION-ENDED" {
		t.Errorf("audit: %q", got)
	}
	p, err = d.store.PersonByLogin(t.Context(), "reviewer")
	d.must(err)
	p.Disabled = false
	d.must(d.store.SavePerson(t.Context(), d.setup(), p))
	petra.wants(petra.get("/me"), http.StatusUnauthorized) // enabling again does not bring sessions back
}

// TestRoleRemovedWithTheFormOpen is the other half of row 44: the role is gone, the session goes on under a new token.
func TestRoleRemovedWithTheFormOpen(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Admin)
	d.person("zoe", store.Admin)
	b.get("/people")
	old := b.cookie("tieout-session")
	p, err := d.store.PersonByLogin(t.Context(), "admin")
	d.must(err)
	p.Grants = []store.Grant{{Entity: nordlicht, Role: store.Viewer}}
	d.must(d.store.SavePerson(t.Context(), d.setup(), p))
	b.wants(b.post("/people", "login", "eve"), http.StatusForbidden, "your roles do not allow this")
	if got := d.log(store.House); got[0] != "denied POST /people DENIED" {
		t.Errorf("audit: %q", got)
	}
	if b.cookie("tieout-session") == old {
		t.Error("the session has the same token although the roles changed")
	}
	b.wants(b.get("/e/nordlicht/"), http.StatusOK)
}

func (b *browser) cookie(name string) string {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), "GET", b.server.URL, nil)
	b.must(err)
	for _, cookie := range b.client.Jar.Cookies(request.URL) {
		if cookie.Name == name {
			return cookie.Value
		}
	}
	return ""
}

// TestSessionsAreListedAndEnded by their owner and by an administrator.
func TestSessionsAreListedAndEnded(t *testing.T) {
	d := newDesk(t)
	laptop := d.as(store.Reviewer)
	phone := d.browser()
	phone.signIn("reviewer")
	list := decoded[[]struct{ ID int64 }](t, laptop.api("GET", "/api/v1/me/sessions", ""))
	if len(list) != 2 {
		t.Fatalf("%d sessions", len(list))
	}
	laptop.get("/me")
	laptop.wants(laptop.post("/me/sessions/"+text(list[0].ID)+"/end"), http.StatusSeeOther)
	phone.wants(phone.get("/me"), http.StatusUnauthorized)
	laptop.wants(laptop.get("/me"), http.StatusOK)

	admin := d.as(store.Admin)
	p, err := d.store.PersonByLogin(t.Context(), "reviewer")
	d.must(err)
	admin.get("/people/" + text(p.ID))
	admin.wants(admin.post("/people/"+text(p.ID)+"/sessions/"+text(list[1].ID)+"/end"), http.StatusSeeOther)
	laptop.wants(laptop.get("/me"), http.StatusUnauthorized)
	if got := d.log(store.House); !slices.Contains(got, "session ended reviewer session "+text(list[1].ID)) {
		t.Errorf("audit: %q", got)
	}
}

// TestNewPasswordEndsOtherSessions of the person, and not the one it was changed in.
func TestNewPasswordEndsOtherSessions(t *testing.T) {
	d := newDesk(t)
	laptop := d.as(store.Reviewer)
	phone := d.browser()
	phone.signIn("reviewer")
	laptop.get("/me")
	laptop.wants(laptop.post("/me/password", "new_password", "reviewer reviewer", "new_password_again", "reviewer reviewer"), http.StatusUnprocessableEntity, "tried first")
	laptop.wants(laptop.post("/me/password", "new_password", "another fine password", "new_password_again", "other"), http.StatusUnprocessableEntity, "the two passwords differ")
	laptop.wants(laptop.post("/me/password", "new_password", "another fine password", "new_password_again", "another fine password"), http.StatusSeeOther)
	laptop.wants(laptop.get("/me"), http.StatusOK, "Your password is changed")
	phone.wants(phone.get("/me"), http.StatusUnauthorized)
	phone.get("/sign-in")
	phone.wants(phone.post("/sign-in", "login", "reviewer", "password", password), http.StatusUnauthorized)
	phone.wants(phone.post("/sign-in", "login", "reviewer", "password", "another fine password"), http.StatusSeeOther)
}

// TestFreshSignIn is row 15: managing people needs a sign-in from the last five minutes. The form is kept meanwhile.
func TestFreshSignIn(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Admin)
	d.clock.pass(6 * time.Minute)
	b.get("/people")
	kept := b.post("/people", "login", "petra", "name", "Petra", "role.nordlicht", "viewer")
	b.wants(kept, http.StatusUnauthorized, "this needs a sign-in from the last 5 minutes", `name="held.login" value="petra"`, `action="/prove"`)
	held := []string{"to", "/people", "held.login", "petra", "held.name", "Petra", "held.role.nordlicht", "viewer", "held.idempotency_key", "k1"}
	b.wants(b.post("/prove", append(held, "password", "wrong password")...), http.StatusUnauthorized, "name or password is wrong")
	b.wants(b.post("/prove", append(held, "password", password)...), http.StatusOK, "Your form is still here", `name="role.nordlicht" value="viewer"`)
	if _, err := d.store.PersonByLogin(t.Context(), "petra"); err == nil {
		t.Fatal("the person was added before the form was sent again")
	}
	b.wants(b.post("/people", "login", "petra", "name", "Petra", "role.nordlicht", "viewer"), http.StatusSeeOther)
	b.wants(b.api("POST", "/api/v1/people", `{"login":"paul","roles":[]}`), http.StatusOK)
	d.clock.pass(6 * time.Minute)
	b.wants(b.api("POST", "/api/v1/people", `{"login":"pia","roles":[]}`), http.StatusUnauthorized, `"code":"PROVE"`)
}

// TestTokens are shown once, act for their person within their scopes, expire, and are revoked.
func TestTokens(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	b.get("/me")
	b.wants(b.post("/me/tokens", "token_name", "nightly export", "scope", "read", "days", "30"), http.StatusOK, "It is shown this once")
	secret := b.secret()
	if page := b.get("/me"); strings.Contains(page.body, secret) || !strings.Contains(page.body, "nightly export") {
		t.Errorf("the list of tokens:\n%s", page.body)
	}
	me := d.program(secret, "GET", "/api/v1/me", "")
	b.wants(me, http.StatusOK, `"login":"reviewer"`, `"may":["read"]`)
	b.wants(d.program(secret, "POST", "/api/v1/me/tokens", `{"name":"x","scopes":["read"],"days":1}`), http.StatusForbidden, "a token makes no tokens")
	b.wants(d.program(secret, "GET", "/api/v1/people", ""), http.StatusForbidden, `"code":"DENIED"`)
	b.wants(d.program("tieout_wrong", "GET", "/api/v1/me", ""), http.StatusUnauthorized, `"code":"TOKEN"`)
	if a := d.program(secret, "GET", "/me", ""); a.status != http.StatusUnauthorized {
		t.Errorf("a token opened a page: %d", a.status)
	}
	tokens := decoded[[]struct {
		ID   int64
		Used *time.Time
	}](t, b.api("GET", "/api/v1/me/tokens", ""))
	if tokens[0].Used == nil || !tokens[0].Used.Equal(start) {
		t.Errorf("last used: %v", tokens[0].Used)
	}
	b.wants(b.api("DELETE", "/api/v1/me/tokens/"+text(tokens[0].ID), ""), http.StatusNoContent)
	b.wants(d.program(secret, "GET", "/api/v1/me", ""), http.StatusUnauthorized, `"code":"TOKEN"`)

	short := decoded[struct{ Secret string }](t, b.api("POST", "/api/v1/me/tokens", `{"name":"short","scopes":["read"],"days":1}`))
	b.wants(d.program(short.Secret, "GET", "/api/v1/me", ""), http.StatusOK)
	d.clock.pass(24 * time.Hour)
	b.wants(d.program(short.Secret, "GET", "/api/v1/me", ""), http.StatusUnauthorized, `"code":"TOKEN"`)
}

// TestScopesNarrow: a token of an administrator that may only read manages nobody.
func TestScopesNarrow(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Admin)
	b.get("/me")
	for scope, want := range map[string]int{"read": http.StatusForbidden, "people": http.StatusOK} {
		made := decoded[struct{ Secret string }](t, b.api("POST", "/api/v1/me/tokens", `{"name":"x","scopes":["`+scope+`"],"days":1}`))
		b.wants(d.program(made.Secret, "GET", "/api/v1/people", ""), want)
	}
	b.wants(b.api("POST", "/api/v1/me/tokens", `{"name":"x","scopes":["approve"],"days":1}`), http.StatusUnprocessableEntity, "there is no scope")
}

// TestSecretsAreAnsweredOnce: the same request again is not answered with the secret from the store.
func TestSecretsAreAnsweredOnce(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Admin)
	b.get("/me")
	first := b.api("POST", "/api/v1/me/tokens", `{"name":"x","scopes":["read"],"days":1}`, "Idempotency-Key", "k1")
	b.wants(first, http.StatusOK, "tieout_")
	again := b.api("POST", "/api/v1/me/tokens", `{"name":"x","scopes":["read"],"days":1}`, "Idempotency-Key", "k1")
	b.wants(again, http.StatusConflict, "is not kept")
	if tokens, err := d.store.Tokens(t.Context(), 0); err != nil || len(tokens) != 1 {
		t.Errorf("%d tokens, %v", len(tokens), err)
	}
}

// TestRolesApart is row 17: nobody gets roles together that must not be one person's, and who has them anyway does not profit.
func TestRolesApart(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Admin)
	b.get("/people")
	for _, pair := range []string{"admin approver", "rule_editor approver", "auditor reviewer", "auditor admin"} {
		one, other, _ := strings.Cut(pair, " ")
		b.wants(b.api("POST", "/api/v1/people", `{"login":"eve","roles":[{"company":"nordlicht","role":"`+one+`"},{"company":"nordlicht","role":"`+other+`"}]}`),
			http.StatusUnprocessableEntity, "are not given to one person")
	}
	for roles, denied := range map[string]string{"admin approver": "approve", "rule_editor approver": "approve", "auditor reviewer": "decide"} {
		one, other, _ := strings.Cut(roles, " ")
		login := one + "." + other
		d.personWith(strings.ReplaceAll(login, "_", "-"), store.Grant{Entity: nordlicht, Role: store.Role(one)}, store.Grant{Entity: nordlicht, Role: store.Role(other)})
		both := d.browser()
		both.signIn(strings.ReplaceAll(login, "_", "-"))
		if me := both.api("GET", "/api/v1/me", ""); strings.Contains(me.body, `"`+denied+`"`) {
			t.Errorf("%s may %s: %s", roles, denied, me.body)
		}
	}
}

// TestAdministratorsStayInTheirCompany: what they do not manage they neither see nor give nor take.
func TestAdministratorsStayInTheirCompany(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Admin)
	b.get("/people")
	strange := d.personWith("strange", store.Grant{Entity: sister, Role: store.Viewer})
	shared := d.personWith("shared", store.Grant{Entity: sister, Role: store.Viewer}, store.Grant{Entity: nordlicht, Role: store.Viewer})
	b.wants(b.get("/people/"+text(strange.ID)), http.StatusNotFound)
	if page := b.get("/people"); strings.Contains(page.body, "strange") || strings.Contains(page.body, "sister") || !strings.Contains(page.body, "shared") {
		t.Errorf("people:\n%s", page.body)
	}
	b.wants(b.api("POST", "/api/v1/people", `{"login":"eve","roles":[{"company":"sister","role":"viewer"}]}`), http.StatusForbidden)
	path := "/api/v1/people/" + text(shared.ID)
	b.wants(b.api("PUT", path, `{"name":"Shared","disabled":true,"roles":[]}`, "If-Match", `"1"`), http.StatusForbidden, "OTHER-COMPANY")
	b.wants(b.api("POST", path+"/invitation", ""), http.StatusForbidden, "OTHER-COMPANY")
	b.wants(b.api("GET", path+"/sessions", ""), http.StatusForbidden, "OTHER-COMPANY")
	b.wants(b.api("PUT", path, `{"name":"Shared","disabled":false,"roles":[{"company":"sister","role":"admin"}]}`, "If-Match", `"1"`), http.StatusForbidden)
	b.wants(b.api("PUT", path, `{"name":"Shared","disabled":false,"roles":[]}`, "If-Match", `"1"`), http.StatusOK)
	after, err := d.store.Person(t.Context(), shared.ID)
	d.must(err)
	if !slices.Equal(after.Grants, []store.Grant{{Entity: sister, Role: store.Viewer}}) {
		t.Errorf("grants: %v", after.Grants)
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Admin)
	b.get("/people")
	p, err := d.store.PersonByLogin(t.Context(), "admin")
	d.must(err)
	path := "/api/v1/people/" + text(p.ID)
	for _, change := range []string{`{"name":"Admin","disabled":true,"roles":[{"company":"nordlicht","role":"admin"}]}`, `{"name":"Admin","disabled":false,"roles":[]}`} {
		b.wants(b.api("PUT", path, change, "If-Match", `"1"`), http.StatusUnprocessableEntity, "LAST-ADMIN")
	}
	d.person("zoe", store.Admin)
	b.wants(b.api("PUT", path, `{"name":"Admin","disabled":false,"roles":[]}`, "If-Match", `"1"`), http.StatusOK)
}

// TestPasswords is row 13: which passwords are taken, and what is kept of them.
func TestPasswords(t *testing.T) {
	for _, weak := range []string{"", "elevenchars", "password1234", "P@ssw0rd1234", "Passwort2026!", "qwertzuiop12", "123456789012", "abcdefghijkl", "aaaaaaaaaaaaaa",
		"letmeinletmein", "Tieout-Tieout-1", "Petra.Lang.2026", "sommer2026!!", "admin admin admin", "1qaz2wsx3edc4rfv", strings.Repeat("x7", 65)} {
		if review.PasswordProblem(weak, "petra.lang", "Petra Lang") == nil {
			t.Errorf("%q is taken", weak)
		}
	}
	for _, strong := range []string{password, "Ein Löffel Sägespäne", "tr0ub4dor&3 and me", "日本語のとても長い合言葉です", "               ~ x7 q", "kqzwmbtfyrnd"} {
		if problem := review.PasswordProblem(strong, "petra.lang", "Petra Lang"); problem != nil {
			t.Errorf("%q is not taken: %s", strong, problem)
		}
	}
	one, other := review.HashPassword(password), review.HashPassword(password)
	if one == other || !strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hashes %s and %s", one, other)
	}
}

// TestGuessingIsThrottled per account and address, and keeps nobody else out of the account.
func TestGuessingIsThrottled(t *testing.T) {
	d := newDesk(t, func(c *review.Config) { c.Proxies = loopback })
	d.person("petra", store.Reviewer)
	thief := d.browser()
	thief.get("/sign-in")
	tries := 0
	for ; tries < 50; tries++ {
		if a := thief.post("/sign-in", "login", "petra", "password", "wrong password"); a.status == http.StatusTooManyRequests {
			if a.header.Get("Retry-After") == "" {
				t.Error("nobody says when to try again")
			}
			break
		}
	}
	if tries != 5 {
		t.Errorf("%d tries", tries)
	}
	thief.wants(thief.post("/sign-in", "login", "petra", "password", password), http.StatusTooManyRequests)
	d.browser().from("198.51.100.7").signIn("petra") // from another address
	d.clock.pass(time.Minute)
	thief.wants(thief.post("/sign-in", "login", "petra", "password", password), http.StatusSeeOther)
}
