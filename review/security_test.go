package review_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tieout/tieout/review"
	"github.com/tieout/tieout/store"
)

// The rows "Web" of the security checklist (9 to 20). Elsewhere: 9 TestH09OtherSites, 12 TestSessionsEnd, TestNewPasswordEndsOtherSessions and
// TestSessionsAreListedAndEnded, 13 TestPasswords, TestGuessingIsThrottled and TestWrongSignIns, 14 oidc_test.go, 15 TestFreshSignIn, 16 TestAccess,
// 17 TestRolesApart, 18 TestH08OwnProposals, 19 TestTokens and TestScopesNarrow.

// TestRow09Cookies: over TLS a cookie is tied to this host, and sent over TLS alone.
func TestRow09Cookies(t *testing.T) {
	d := newDesk(t, func(c *review.Config) { c.Secure = true })
	server := httptest.NewTLSServer(d.Desk)
	defer server.Close()
	d.server = server
	d.person("petra", store.Viewer)
	b := d.browser()
	jar, err := cookiejar.New(nil)
	d.must(err)
	b.client.Jar = jar
	page := b.get("/sign-in")
	if page.header.Get("Strict-Transport-Security") == "" {
		t.Error("browsers may come back without TLS")
	}
	answer := b.post("/sign-in", "login", "petra", "password", password)
	for _, cookie := range append(page.header.Values("Set-Cookie"), answer.header.Values("Set-Cookie")...) {
		for _, want := range []string{"__Host-", "; Path=/", "; HttpOnly", "; Secure", "; SameSite=Strict"} {
			if !strings.Contains(cookie, want) {
				t.Errorf("no %q in %s", want, cookie)
			}
		}
	}
	b.wants(b.get("/me"), http.StatusOK)
}

// TestRow10Headers go with every answer, of pages, files, the API and failures alike.
func TestRow10Headers(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Admin)
	want := map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"}
	for _, path := range []string{"/", "/me", "/people", "/static/desk.css", "/api/v1/me", "/api/v1/openapi.json", "/nowhere", "/e/sister/queue", "/e/nordlicht/queue.csv", "//", "/sign-out"} {
		answer := b.get(path)
		for name, value := range want {
			if got := answer.header.Get(name); got != value {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if cached := answer.header.Get("Cache-Control"); !strings.HasPrefix(path, "/static") && cached != "no-store" {
			t.Errorf("%s may be kept: %q", path, cached)
		}
	}
}

// inline is what the policy would block: scripts and styles in pages.
var inline = regexp.MustCompile(`(?i)<style|\sstyle=|<script(?:[^>]*)>[^<]|\son[a-z]+=|javascript:`)

// TestRow10NoInlineScripts reads the templates and the script: nothing in them needs a weaker policy.
func TestRow10NoInlineScripts(t *testing.T) {
	names, err := filepath.Glob("*.html")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := inline.FindString(string(text)); found != "" {
			t.Errorf("%s: %q", name, found)
		}
	}
	script, err := os.ReadFile("static/desk.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", ".style.cssText", "setAttribute(\"style\"", "http://", "https://"} {
		if strings.Contains(string(script), way) {
			t.Errorf("desk.js: %s", way)
		}
	}
}

// TestRow11NoUnescapedText: nothing in the package tells the templates that a text is safe.
func TestRow11NoUnescapedText(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "template" && slices.Contains([]string{"HTML", "HTMLAttr", "JS", "JSStr", "URL", "CSS", "Srcset"}, s.Sel.Name) {
				t.Errorf("%s: template.%s", name, s.Sel.Name)
			}
			return true
		})
	}
}

// hostileTexts are what somebody may write as a payer's name or a remittance text.
var hostileTexts = []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'-alert(1)-'`, `</textarea><svg onload=alert(1)>`, `{{.Person}}`, `javascript:alert(1)`, "\u202etxt.exe"}

// TestRow11HostileTexts: texts of people and banks are shown as the texts they are.
func TestRow11HostileTexts(t *testing.T) {
	d := newDesk(t)
	for i, hostile := range hostileTexts {
		id, err := d.store.AddPerson(t.Context(), d.setup(), store.Person{Login: fmt.Sprintf("eve%d", i), Name: hostile, Grants: []store.Grant{{Entity: nordlicht, Role: store.Viewer}}})
		d.must(err)
		_, err = d.store.AddToken(t.Context(), d.setup(), store.Token{Person: id, Name: hostile, Hash: fmt.Sprint(i), Scopes: []string{"read"}, Expires: start.Add(time.Hour)})
		d.must(err)
		d.must(d.store.SaveEvent(t.Context(), store.Act{Actor: hostile, At: start, Via: hostile}, nordlicht, store.Event{Verb: "denied", About: hostile, Detail: hostile}))
	}
	cases := d.as(store.Reviewer)
	receipt, _, _ := cases.aCase()
	for _, hostile := range hostileTexts {
		cases.wants(cases.api("POST", "/api/v1/e/nordlicht/cases/"+text(receipt)+"/notes", fmt.Sprintf(`{"text":%q}`, strings.ReplaceAll(hostile, "\u202e", ""))), http.StatusNoContent)
	}
	b := d.as(store.Admin)
	paths := []string{"/people", "/e/nordlicht/audit", "/e/nordlicht/queue?q=%3Cscript%3Ealert(1)%3C/script%3E", "/e/nordlicht/cases/" + text(receipt), "/sign-in?next=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"}
	people, err := d.store.People(t.Context())
	d.must(err)
	for _, p := range people {
		paths = append(paths, "/people/"+text(p.ID))
	}
	for _, path := range paths {
		page := b.get(path)
		for _, raw := range []string{"<script>alert", "<img src=x", "<svg onload", `href="javascript:`} {
			if strings.Contains(page.body, raw) {
				t.Errorf("%s holds %q", path, raw)
			}
		}
	}
	b.wants(b.get("/e/nordlicht/audit"), http.StatusOK, "&lt;script&gt;alert(1)&lt;/script&gt;")
}

// TestRow12Tokens: a session's token has 256 bits, is made anew by signing in, and the store knows its hash alone.
func TestRow12Tokens(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Viewer)
	first := b.cookie("tieout-session")
	if len(first) != 43 {
		t.Errorf("token of %d characters", len(first))
	}
	sessions, err := d.store.Sessions(t.Context(), 0, start.Add(-time.Hour))
	d.must(err)
	if len(sessions) != 1 || sessions[0].Token == first || strings.Contains(string(sessions[0].Data), first) {
		t.Errorf("sessions: %+v", sessions)
	}
	b.get("/sign-in")
	b.signIn("viewer")
	if second := b.cookie("tieout-session"); second == first {
		t.Error("signing in keeps the token")
	}
	fixed := d.browser()
	fixed.wants(fixed.do("GET", "/me", nil, http.Header{"Cookie": {"tieout-session=" + first}}), http.StatusUnauthorized)
}

// TestRow15UndoNeedsAFreshSignIn, also what needs a second person.
func TestRow15UndoNeedsAFreshSignIn(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	receipt, version, plan := b.aCase()
	b.wants(b.api("POST", "/api/v1/e/nordlicht/cases/"+text(receipt)+"/resolve", `{"plan":"`+plan+`"}`, "If-Match", version), http.StatusOK)
	d.clock.pass(6 * time.Minute)
	b.wants(b.api("POST", "/api/v1/e/nordlicht/undo", `{"receipt":`+text(receipt)+`,"reason":"x"}`), http.StatusUnauthorized, "PROVE")
	b.wants(b.post("/prove", "password", password), http.StatusSeeOther)
	b.get("/me")
	b.wants(b.api("POST", "/api/v1/e/nordlicht/undo", `{"receipt":`+text(receipt)+`,"reason":"x"}`), http.StatusOK, `"undone":[`)
}

// TestRow20Rates: who asks too fast is told to wait, and nobody else notices; and row 53: the desk answers while costly requests queue up.
func TestRow20Rates(t *testing.T) {
	d := newDesk(t, func(c *review.Config) { c.Proxies = loopback })
	b := d.browser()
	asked := 0
	for ; asked < 1000; asked++ {
		if a := b.get("/sign-in"); a.status == http.StatusTooManyRequests {
			if a.header.Get("Retry-After") == "" {
				t.Error("nobody says when to try again")
			}
			break
		}
	}
	if asked != 120 {
		t.Errorf("%d requests at once", asked)
	}
	other := d.browser().from("198.51.100.7")
	other.wants(other.get("/sign-in"), http.StatusOK)
	d.clock.pass(time.Second)
	b.wants(b.get("/sign-in"), http.StatusOK)
}

// TestRow53CostlyRequests: uploads that never end take the lane of costly requests, and the queue is served as ever.
func TestRow53CostlyRequests(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	b.get("/e/nordlicht/upload")
	token, cookie := b.hidden("form_token"), b.cookie("tieout-session")
	for range 2 {
		connection, err := net.Dial("tcp", d.server.Listener.Addr().String())
		d.must(err)
		defer connection.Close()
		_, err = fmt.Fprintf(connection, "POST /e/nordlicht/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: tieout-session=%s\r\nX-Form-Token: %s\r\nContent-Type: multipart/form-data; boundary=x\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n", cookie, token)
		d.must(err)
		goOn := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
		_, err = io.ReadFull(connection, goOn)
		d.must(err) // it is in the lane: the server asks for the body
	}
	third, err := net.Dial("tcp", d.server.Listener.Addr().String())
	d.must(err)
	defer third.Close()
	_, err = fmt.Fprintf(third, "POST /e/nordlicht/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: tieout-session=%s\r\nX-Form-Token: %s\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 10\r\n\r\n0123456789", cookie, token)
	d.must(err)
	for range 20 {
		b.wants(b.get("/e/nordlicht/queue"), http.StatusOK)
	}
	d.must(third.SetReadDeadline(time.Now().Add(30 * time.Second)))
	answer, err := io.ReadAll(io.LimitReader(third, 40))
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 429 ") {
		t.Errorf("the third upload: %q, %v", answer, err)
	}
}

// TestRow24Faults say a code and the number of the request, never what went wrong inside; the log has that.
func TestRow24Faults(t *testing.T) {
	d := newDesk(t, func(c *review.Config) {
		c.Companies[0].Work.Offers = nil // a fault of ours: it panics
	})
	b := d.as(store.Reviewer)
	list := decoded[struct{ Cases []struct{ Receipt int64 } }](t, b.api("GET", "/api/v1/e/nordlicht/cases", ""))
	answer := b.api("GET", "/api/v1/e/nordlicht/cases/"+text(list.Cases[0].Receipt), "")
	b.wants(answer, http.StatusInternalServerError, `"code":"FAULT"`, answer.header.Get("X-Request-Id"))
	for _, inside := range []string{"goroutine", ".go:", "nil pointer", "SELECT", "panic"} {
		if strings.Contains(answer.body, inside) {
			t.Errorf("the answer tells %q: %s", inside, answer.body)
		}
	}
	if d.logs.FilterMessage("panic").Len() != 1 {
		t.Error("the log has no panic")
	}
	b.wants(b.get("/e/nordlicht/queue"), http.StatusOK)
}

// TestRow22Logs hold no names, remittance texts, account numbers or secrets, whatever people did.
func TestRow22Logs(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Admin)
	b.get("/people")
	b.post("/people", "login", "petra", "name", "Petra Geheim")
	b.get("/e/nordlicht/queue?q=Eventhaus")
	b.get("/e/nordlicht/cases/23")
	b.post("/me/tokens", "token_name", "x", "scope", "read", "days", "1")
	secret := b.secret()
	for _, entry := range d.logs.All() {
		line := entry.Message + fmt.Sprint(entry.ContextMap())
		for _, private := range []string{"Geheim", "Eventhaus", secret, password, b.cookie("tieout-session"), "DE89370400440532013000"} {
			if strings.Contains(line, private) {
				t.Errorf("log: %s", line)
			}
		}
	}
}

// TestTheDocumentIsComplete: the OpenAPI document has every API route with its parameters, body and answers, and nothing else.
func TestTheDocumentIsComplete(t *testing.T) {
	d := newDesk(t)
	document := decoded[struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			Summary     string
			Parameters  []struct{ In, Name string }
			RequestBody any
			Responses   map[string]any
		}
	}](t, d.browser().get("/api/v1/openapi.json"))
	if document.OpenAPI != "3.1.0" {
		t.Errorf("version %q", document.OpenAPI)
	}
	described := 0
	for _, methods := range document.Paths {
		described += len(methods)
	}
	for _, route := range d.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if !strings.HasPrefix(path, "/api/") || path == "/api/v1/openapi.json" {
			continue
		}
		described--
		one, there := document.Paths[path][strings.ToLower(method)]
		if !there || one.Summary == "" || len(one.Responses) < 3 {
			t.Errorf("%s: %+v", route.Pattern, one)
		}
		for _, wildcard := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
			if !slices.ContainsFunc(one.Parameters, func(p struct{ In, Name string }) bool { return p.In == "path" && p.Name == wildcard[1] }) {
				t.Errorf("%s: no parameter %s", route.Pattern, wildcard[1])
			}
		}
		if method == "PUT" && one.RequestBody == nil {
			t.Errorf("%s: no body", route.Pattern)
		}
	}
	if described != 0 {
		t.Errorf("%d operations too many", described)
	}
}
