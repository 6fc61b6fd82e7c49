package review_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tieout/tieout/review"
	"github.com/tieout/tieout/store"
)

// everybody are all roles.
const everybody = "viewer reviewer approver rule_editor admin auditor service"

// access says who may do what: for each route the roles that are let in, and the status they are answered with. It is written by hand, on
// purpose not from the table of routes: a route without a row, and a row without a route, fail. "open" are routes that need no
// sign-in; "signed-in" those that need no role.
var access = map[string]struct {
	roles  string
	status int    // of those let in; the request has an empty body and ids that exist nowhere
	path   string // where the pattern has more wildcards than {entity}
}{
	"GET /{$}":            {"signed-in", http.StatusSeeOther, "/"},
	"GET /e/{entity}/{$}": {everybody, http.StatusOK, "/e/{entity}/"},
	"GET /static/{name}":  {"open", http.StatusOK, "/static/desk.css"},
	"GET /sign-in":        {"open", http.StatusOK, ""},
	"POST /sign-in":       {"open", http.StatusForbidden, ""}, // without its form
	"POST /sign-out":      {"signed-in", http.StatusSeeOther, ""},
	"POST /prove":         {"signed-in", http.StatusUnauthorized, ""}, // without the password
}

// TestAccess tries every route as every role, in the own company and in another one, and as nobody.
func TestAccess(t *testing.T) {
	d := newDesk(t)
	routes := d.Routes()
	for pattern := range access {
		if !slices.ContainsFunc(routes, func(r review.Route) bool { return r.Pattern == pattern }) {
			t.Errorf("%s is in the table and nowhere else", pattern)
		}
	}
	for _, role := range append(store.Roles(), "") {
		t.Run("as "+string(role), func(t *testing.T) {
			own := &desk{TB: t, Desk: d.Desk, store: d.store, server: d.server, clock: d.clock}
			b := own.browser()
			if role != "" {
				own.person(strings.ReplaceAll(string(role), "_", "-"), role)
				b.signIn(strings.ReplaceAll(string(role), "_", "-"))
			}
			for _, route := range routes {
				b.tries(route, role)
			}
		})
	}
}

// tries asks for a route in the own company and in the other one.
func (b *browser) tries(route review.Route, role store.Role) {
	b.Helper()
	row, listed := access[route.Pattern]
	if !listed {
		b.Errorf("%s has no row in the table of who may do what", route.Pattern)
		return
	}
	if route.Pattern == "POST /sign-out" && role != "" {
		return // TestSigningIn signs out
	}
	method, path, _ := strings.Cut(route.Pattern, " ")
	if row.path != "" {
		path = row.path
	}
	allowed := row.roles == "open" || row.roles == "signed-in" && role != "" || slices.Contains(strings.Fields(row.roles), string(role))
	want := row.status
	switch {
	case allowed:
	case role == "":
		want = http.StatusUnauthorized
	default:
		want = http.StatusForbidden
	}
	b.expect(method, strings.Replace(path, "{entity}", nordlicht, 1), want)
	if !strings.Contains(path, "{entity}") {
		return
	}
	want = http.StatusNotFound
	if role == "" {
		want = http.StatusUnauthorized
	}
	b.expect(method, strings.Replace(path, "{entity}", sister, 1), want)
	b.expect(method, strings.Replace(path, "{entity}", "no-such-company", 1), want)
}

// expect sends an empty request of the right kind with the token of the session.
func (b *browser) expect(method, path string, want int) {
	b.Helper()
	header := http.Header{"Sec-Fetch-Site": {"same-origin"}, "Idempotency-Key": {"k-" + path}, "If-Match": {`"1"`}}
	body := ""
	if method != http.MethodGet {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		header.Set("X-Form-Token", b.hidden("form_token"))
		if strings.HasPrefix(path, "/api/") {
			header.Set("Content-Type", "application/json")
			body = "{}"
		}
	}
	if answer := b.do(method, path, strings.NewReader(body), header); answer.status != want {
		b.Errorf("%s %s: got %d, want %d\n%.300s", method, path, answer.status, want, answer.body)
	}
}
