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

// deciders are the roles that decide cases.
const deciders = "reviewer approver"

// everybody are all roles.
const everybody = "viewer reviewer approver rule_editor admin auditor service"

// access says who may do what: for each route the roles that are let in, and the status they are answered with. It is written by hand, on
// purpose not from the table of routes: a route without a row, and a row without a route, fail. "open" are routes that need no
// sign-in; "signed-in" those that need no role.
var access = map[string]struct {
	roles  string
	status int    // of those let in; the request has an empty body and ids that exist nowhere
	path   string // "" = that of the pattern, with ids that exist nowhere
}{
	"GET /{$}":                                       {"signed-in", http.StatusSeeOther, "/"},
	"GET /e/{entity}/{$}":                            {everybody, http.StatusOK, "/e/{entity}/"},
	"GET /e/{entity}/queue":                          {everybody, http.StatusOK, ""},
	"GET /e/{entity}/queue.csv":                      {everybody, http.StatusOK, ""},
	"POST /e/{entity}/queue/accept":                  {deciders, http.StatusUnprocessableEntity, ""},
	"GET /e/{entity}/cases/{receipt}":                {everybody, http.StatusNotFound, ""},
	"POST /e/{entity}/cases/{receipt}/accept":        {deciders, http.StatusBadRequest, ""},
	"POST /e/{entity}/cases/{receipt}/table":         {deciders, http.StatusConflict, ""},
	"POST /e/{entity}/cases/{receipt}/allocate":      {deciders, http.StatusNotFound, ""},
	"POST /e/{entity}/cases/{receipt}/set-aside":     {deciders, http.StatusNotFound, ""},
	"POST /e/{entity}/cases/{receipt}/assign":        {deciders, http.StatusUnprocessableEntity, ""},
	"POST /e/{entity}/cases/{receipt}/snooze":        {deciders, http.StatusUnprocessableEntity, ""},
	"POST /e/{entity}/cases/{receipt}/note":          {deciders, http.StatusUnprocessableEntity, ""},
	"POST /e/{entity}/cases/{receipt}/part":          {deciders, http.StatusNotFound, ""},
	"POST /e/{entity}/cases/{receipt}/undo":          {deciders, http.StatusUnprocessableEntity, ""},
	"POST /e/{entity}/cases/{receipt}/release":       {deciders, http.StatusNotFound, ""},
	"POST /e/{entity}/cases/{receipt}/attend":        {deciders, http.StatusOK, ""},
	"GET /e/{entity}/approvals":                      {everybody, http.StatusOK, ""},
	"GET /e/{entity}/approvals.csv":                  {everybody, http.StatusOK, ""},
	"GET /e/{entity}/approvals/{proposal}":           {everybody, http.StatusNotFound, ""},
	"POST /e/{entity}/approvals/{proposal}/approve":  {"approver", http.StatusNotFound, ""},
	"POST /e/{entity}/approvals/{proposal}/decline":  {"approver", http.StatusNotFound, ""},
	"POST /e/{entity}/approvals/{proposal}/withdraw": {deciders, http.StatusNotFound, ""},
	"GET /e/{entity}/aliases":                        {everybody, http.StatusOK, ""},
	"GET /e/{entity}/aliases.csv":                    {everybody, http.StatusOK, ""},
	"POST /e/{entity}/aliases/{alias}/approve":       {"approver", http.StatusNotFound, ""},
	"POST /e/{entity}/aliases/{alias}/decline":       {"approver", http.StatusNotFound, ""},
	"GET /e/{entity}/items":                          {everybody, http.StatusOK, ""},
	"GET /e/{entity}/items.csv":                      {everybody, http.StatusOK, ""},
	"GET /e/{entity}/items/{item}":                   {everybody, http.StatusNotFound, ""},
	"POST /e/{entity}/items/{item}/pay":              {deciders, http.StatusNotFound, ""},
	"POST /e/{entity}/items/{item}/undo":             {deciders, http.StatusBadRequest, ""},
	"GET /e/{entity}/customers":                      {everybody, http.StatusOK, ""},
	"GET /e/{entity}/customers.csv":                  {everybody, http.StatusOK, ""},
	"GET /e/{entity}/customers/{customer}":           {everybody, http.StatusNotFound, ""},
	"GET /e/{entity}/statements":                     {everybody, http.StatusOK, ""},
	"GET /e/{entity}/statements.csv":                 {everybody, http.StatusOK, ""},
	"GET /e/{entity}/ageing":                         {everybody, http.StatusOK, ""},
	"GET /e/{entity}/ageing.csv":                     {everybody, http.StatusOK, ""},
	"GET /e/{entity}/runs":                           {everybody, http.StatusOK, ""},
	"GET /e/{entity}/runs.csv":                       {everybody, http.StatusOK, ""},
	"GET /e/{entity}/rules":                          {everybody, http.StatusOK, ""},
	"POST /e/{entity}/rules/backtest":                {"rule_editor", http.StatusNotFound, ""},
	"GET /static/{name}":                             {"open", http.StatusOK, "/static/desk.css"},

	"GET /sign-in":               {"open", http.StatusOK, ""},
	"POST /sign-in":              {"open", http.StatusForbidden, ""}, // without its form
	"POST /sign-out":             {"signed-in", http.StatusSeeOther, ""},
	"POST /prove":                {"signed-in", http.StatusUnauthorized, ""}, // without the password
	"POST /sign-in/organisation": {"open", http.StatusNotFound, ""},          // there is none
	"GET /sign-in/callback":      {"open", http.StatusNotFound, ""},
	"GET /welcome":               {"open", http.StatusOK, ""},
	"POST /welcome":              {"open", http.StatusForbidden, ""}, // without its form

	"GET /me":                                      {"signed-in", http.StatusOK, ""},
	"POST /me/password":                            {"signed-in", http.StatusUnprocessableEntity, ""}, // without a password
	"POST /me/sessions/{session}/end":              {"signed-in", http.StatusNotFound, ""},
	"POST /me/tokens":                              {"signed-in", http.StatusBadRequest, ""},
	"POST /me/tokens/{token}/revoke":               {"signed-in", http.StatusNotFound, ""},
	"GET /people":                                  {"admin", http.StatusOK, ""},
	"POST /people":                                 {"admin", http.StatusUnprocessableEntity, ""}, // without a login
	"GET /people/{person}":                         {"admin", http.StatusNotFound, ""},
	"POST /people/{person}":                        {"admin", http.StatusNotFound, ""},
	"POST /people/{person}/invite":                 {"admin", http.StatusNotFound, ""},
	"POST /people/{person}/tokens":                 {"admin", http.StatusNotFound, ""},
	"POST /people/{person}/sessions/{session}/end": {"admin", http.StatusNotFound, ""},
	"POST /people/{person}/tokens/{token}/revoke":  {"admin", http.StatusNotFound, ""},

	"GET /e/{entity}/audit":        {"admin auditor", http.StatusOK, ""},
	"GET /audit":                   {"", http.StatusOK, ""}, // takes the right in every company: TestAuditLogOfPeople
	"GET /api/v1/e/{entity}/audit": {"admin auditor", http.StatusOK, ""},
	"GET /api/v1/audit":            {"", http.StatusOK, ""},

	"GET /e/{entity}/upload":            {"reviewer approver service", http.StatusOK, ""},
	"POST /e/{entity}/upload":           {"reviewer approver service", http.StatusUnsupportedMediaType, ""},
	"POST /e/{entity}/run":              {"reviewer approver service", http.StatusSeeOther, ""},
	"POST /api/v1/e/{entity}/files":     {"reviewer approver service", http.StatusUnsupportedMediaType, ""},
	"POST /api/v1/e/{entity}/runs":      {"reviewer approver service", http.StatusAccepted, ""},
	"GET /e/{entity}/jobs":              {everybody, http.StatusOK, ""},
	"GET /e/{entity}/jobs/{job}":        {everybody, http.StatusNotFound, ""},
	"GET /e/{entity}/jobs/{job}/events": {everybody, http.StatusNotFound, ""},
	"GET /api/v1/e/{entity}/jobs":       {everybody, http.StatusOK, ""},
	"GET /api/v1/e/{entity}/jobs/{job}": {everybody, http.StatusNotFound, ""},

	"GET /api/v1/e/{entity}/cases":                           {everybody, http.StatusOK, ""},
	"GET /api/v1/e/{entity}/cases/{receipt}":                 {everybody, http.StatusNotFound, ""},
	"POST /api/v1/e/{entity}/cases/{receipt}/preview":        {"reviewer approver", http.StatusNotFound, ""},
	"POST /api/v1/e/{entity}/cases/{receipt}/resolve":        {"reviewer approver", http.StatusNotFound, ""},
	"POST /api/v1/e/{entity}/cases/{receipt}/release":        {"reviewer approver", http.StatusNotFound, ""},
	"POST /api/v1/e/{entity}/cases/{receipt}/notes":          {"reviewer approver", http.StatusBadRequest, ""},
	"PUT /api/v1/e/{entity}/cases/{receipt}/assignee":        {"reviewer approver", http.StatusBadRequest, ""},
	"PUT /api/v1/e/{entity}/cases/{receipt}/snooze":          {"reviewer approver", http.StatusBadRequest, ""},
	"GET /api/v1/e/{entity}/items":                           {everybody, http.StatusOK, ""},
	"GET /api/v1/e/{entity}/customers":                       {everybody, http.StatusOK, ""},
	"GET /api/v1/e/{entity}/statements":                      {everybody, http.StatusOK, ""},
	"GET /api/v1/e/{entity}/runs":                            {everybody, http.StatusOK, ""},
	"GET /api/v1/e/{entity}/receipts/{receipt}/applications": {everybody, http.StatusNotFound, ""},
	"POST /api/v1/e/{entity}/payments":                       {"reviewer approver", http.StatusBadRequest, ""},
	"POST /api/v1/e/{entity}/undo":                           {"reviewer approver", http.StatusBadRequest, ""},
	"GET /api/v1/e/{entity}/approvals":                       {everybody, http.StatusOK, ""},
	"GET /api/v1/e/{entity}/approvals/{proposal}":            {everybody, http.StatusNotFound, ""},
	"POST /api/v1/e/{entity}/approvals/{proposal}/approve":   {"approver", http.StatusBadRequest, ""},
	"POST /api/v1/e/{entity}/approvals/{proposal}/decline":   {"approver", http.StatusBadRequest, ""},
	"POST /api/v1/e/{entity}/approvals/{proposal}/withdraw":  {"reviewer approver", http.StatusBadRequest, ""},

	"GET /api/v1/openapi.json":                          {"open", http.StatusOK, ""},
	"GET /api/v1/me":                                    {"signed-in", http.StatusOK, ""},
	"GET /api/v1/me/sessions":                           {"signed-in", http.StatusOK, ""},
	"DELETE /api/v1/me/sessions/{session}":              {"signed-in", http.StatusNotFound, ""},
	"GET /api/v1/me/tokens":                             {"signed-in", http.StatusOK, ""},
	"POST /api/v1/me/tokens":                            {"signed-in", http.StatusBadRequest, ""},
	"DELETE /api/v1/me/tokens/{token}":                  {"signed-in", http.StatusNotFound, ""},
	"GET /api/v1/people":                                {"admin", http.StatusOK, ""},
	"POST /api/v1/people":                               {"admin", http.StatusBadRequest, ""},
	"GET /api/v1/people/{person}":                       {"admin", http.StatusNotFound, ""},
	"PUT /api/v1/people/{person}":                       {"admin", http.StatusBadRequest, ""},
	"POST /api/v1/people/{person}/invitation":           {"admin", http.StatusNotFound, ""},
	"GET /api/v1/people/{person}/sessions":              {"admin", http.StatusNotFound, ""},
	"GET /api/v1/people/{person}/tokens":                {"admin", http.StatusNotFound, ""},
	"POST /api/v1/people/{person}/tokens":               {"admin", http.StatusNotFound, ""},
	"DELETE /api/v1/people/{person}/sessions/{session}": {"admin", http.StatusNotFound, ""},
	"DELETE /api/v1/people/{person}/tokens/{token}":     {"admin", http.StatusNotFound, ""},
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

// wildcard is one of a pattern other than the company.
var wildcard = regexp.MustCompile(`\{(person|session|token|receipt|item|file|proposal|alias|customer|application|run|job)\}`)

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
	path = wildcard.ReplaceAllString(path, "999999")
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
	b.clock.pass(50 * time.Millisecond) // nobody asks faster
	header := http.Header{"Sec-Fetch-Site": {"same-origin"}, "Idempotency-Key": {"k-" + path}, "If-Match": {`"1"`}}
	body := ""
	if method != http.MethodGet {
		body = "version=1"
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
