package review_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tieout/tieout/review"
	"github.com/tieout/tieout/store"
)

// The rows "HTTP / UI" of the list of faults, one test each, named by its row. H14 is in upload_test.go.

// aCase is an open case of the demo with an offer.
func (b *browser) aCase() (receipt int64, version, plan string) {
	b.Helper()
	list := decoded[struct {
		Cases []struct {
			Receipt   int64
			Proposals int
			Return    bool
		}
	}](b, b.api("GET", "/api/v1/e/nordlicht/cases", ""))
	for _, one := range list.Cases {
		detail := b.api("GET", "/api/v1/e/nordlicht/cases/"+text(one.Receipt), "")
		offers := decoded[struct{ Offers []struct{ Plan string } }](b, detail).Offers
		if len(offers) > 0 && !one.Return {
			return one.Receipt, detail.header.Get("ETag"), offers[0].Plan
		}
	}
	b.Fatal("the demo has no case with an offer")
	return 0, "", ""
}

// raw speaks HTTP by hand with a server that has the limits of the program.
func (d *desk) raw(t *testing.T, request string) string {
	t.Helper()
	server := httptest.NewUnstartedServer(d.Desk)
	server.Config.ReadHeaderTimeout, server.Config.ReadTimeout, server.Config.MaxHeaderBytes = 300*time.Millisecond, 600*time.Millisecond, 32<<10
	server.Start()
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	d.must(err)
	defer connection.Close()
	d.must(connection.SetDeadline(time.Now().Add(10 * time.Second)))
	go io.WriteString(connection, request)
	answer, err := io.ReadAll(bufio.NewReader(connection))
	if err != nil && len(answer) == 0 {
		t.Fatalf("no answer: %v", err)
	}
	return string(answer)
}

// TestH01Floods: a large body is 413, one that never comes 408, a heap of headers 431, and a connection that says nothing is closed.
func TestH01Floods(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	b.wants(b.api("POST", "/api/v1/me/tokens", `{"name":"`+strings.Repeat("x", 1<<20)+`"}`), http.StatusRequestEntityTooLarge, "TOO-LARGE")
	slow := "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nlogin="
	if got := d.raw(t, slow); !strings.HasPrefix(got, "HTTP/1.1 408 ") {
		t.Errorf("a body that never comes: %.100s", got)
	}
	var many strings.Builder
	for n := range 10_000 {
		fmt.Fprintf(&many, "X-%d: y\r\n", n)
	}
	if got := d.raw(t, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"+many.String()+"\r\n"); !strings.HasPrefix(got, "HTTP/1.1 431 ") {
		t.Errorf("10,000 headers: %.100s", got)
	}
	if got := d.raw(t, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow"); strings.HasPrefix(got, "HTTP/1.1 2") {
		t.Errorf("headers that never end: %.100s", got)
	}
}

// TestH02StrictJSON names what is wrong; the standard decoder would take all of it.
func TestH02StrictJSON(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	receipt, version, _ := b.aCase()
	path := "/api/v1/e/nordlicht/cases/" + text(receipt) + "/resolve"
	for body, says := range map[string]string{
		`{"reason":"a","reason":"b"}`:                              `"where":"reason"`,
		`{"Reason":"a"}`:                                           `the key is written \"reason\"`,
		`{"reason":"a"} {}`:                                        "there is something behind the value",
		`{"reason":"a","amont":1}`:                                 `"where":"amont"`,
		`{"apply":[{"item":"R","amount":100.0}]}`:                  `"where":"apply[0].amount"`,
		`{"apply":[{"item":"R","amount":"1.00","amount":"2.00"}]}`: `"where":"apply[0].amount"`,
		`{"apply":[{"item":"R"}]}`:                                 "the key is missing",
		`{"apply":{"item":"R"}}`:                                   "a list is expected",
		`{"set_aside":"yes"}`:                                      "true or false is expected",
		`{"next_date":"31.12.2026"}`:                               "JSON",
		`[]`:                                                       "an object is expected",
		`{"reason":null}`:                                          "a text is expected",
		`{"reason":`:                                               "the body is no JSON value",
		``:                                                         "the body is no JSON value",
		"{\"reason\":\"\xff\"}":                                    "not UTF-8",
	} {
		b.wants(b.api("POST", path, body, "If-Match", version), http.StatusBadRequest, says)
	}
}

// TestH03ContentTypes other than the one that belongs there are refused.
func TestH03ContentTypes(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	for _, given := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "multipart/form-data; boundary=x", "application/jsonp"} {
		b.wants(b.api("POST", "/api/v1/me/tokens", `{"name":"x","scopes":["read"],"days":1}`, "Content-Type", given), http.StatusUnsupportedMediaType)
	}
	for _, given := range []string{"", "text/plain", "application/json", "multipart/form-data; boundary=x"} {
		answer := b.do("POST", "/me/tokens", strings.NewReader("form_token="+b.hidden("form_token")), http.Header{"Content-Type": {given}})
		b.wants(answer, http.StatusUnsupportedMediaType)
	}
}

// TestH04OthersBooks look like nothing: what does not exist and what is another company's are answered alike.
func TestH04OthersBooks(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	receipt, _, _ := b.aCase()
	stranger := d.personWith("stranger", store.Grant{Entity: sister, Role: store.Reviewer})
	other := d.browser()
	other.signIn(stranger.Login)
	var bodies []string
	for _, path := range []string{"/api/v1/e/nordlicht/cases/" + text(receipt), "/api/v1/e/nordlicht/cases/999999", "/api/v1/e/nowhere/cases/1", "/api/v1/e/sister/cases/" + text(receipt)} {
		answer := other.api("GET", path, "")
		other.wants(answer, http.StatusNotFound)
		bodies = append(bodies, strings.Split(answer.body, `"request"`)[0])
	}
	if len(slices.Compact(bodies)) != 1 {
		t.Errorf("the answers differ: %q", bodies)
	}
}

// TestH05Versions: a decision names the version that was seen; without it is 428, with an old one 409.
func TestH05Versions(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	receipt, version, plan := b.aCase()
	path := "/api/v1/e/nordlicht/cases/" + text(receipt)
	b.wants(b.api("POST", path+"/resolve", `{"plan":"`+plan+`"}`), http.StatusPreconditionRequired, "If-Match")
	b.wants(b.api("POST", path+"/resolve", `{"plan":"`+plan+`"}`, "If-Match", "tomorrow"), http.StatusBadRequest)
	b.wants(b.api("POST", path+"/resolve", `{"plan":"`+plan+`"}`, "If-Match", `"999"`), http.StatusConflict)
	b.wants(b.api("POST", path+"/resolve", `{"plan":"of other books"}`, "If-Match", version), http.StatusConflict)
	b.wants(b.api("POST", path+"/resolve", `{"plan":"`+plan+`"}`, "If-Match", version), http.StatusOK, `"decision":`)
}

// TestH06IdempotencyKeys: the same request is done once and answered again; another one with its key is a mistake; none at all is refused.
func TestH06IdempotencyKeys(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	receipt, version, plan := b.aCase()
	path := "/api/v1/e/nordlicht/cases/" + text(receipt) + "/resolve"
	ask := func(body, key string) answer {
		return b.api("POST", path, body, "If-Match", version, "Idempotency-Key", key)
	}
	b.wants(ask(`{"plan":"`+plan+`"}`, ""), http.StatusBadRequest, "IDEMPOTENCY-KEY")
	b.wants(ask(`{"plan":"`+plan+`"}`, strings.Repeat("k", 101)), http.StatusBadRequest)
	first := ask(`{"plan":"`+plan+`"}`, "k1")
	b.wants(first, http.StatusOK)
	again := ask(`{"plan":"`+plan+`"}`, "k1")
	b.wants(again, http.StatusOK)
	if again.body != first.body || again.header.Get("Idempotency-Hit") != "true" || first.header.Get("Idempotency-Hit") != "" {
		t.Errorf("answered %q, then %q with %v", first.body, again.body, again.header)
	}
	b.wants(ask(`{"plan":"`+plan+`","reason":"other"}`, "k1"), http.StatusUnprocessableEntity, "the key was used for another request")

	p, err := d.store.PersonByLogin(t.Context(), "reviewer")
	d.must(err)
	_, _, err = d.store.ClaimAnswer(t.Context(), store.Claim{Person: p.ID, Key: "under way", Digest: noteDigest(receipt, `{"text":"x"}`), At: d.clock.Now(), Dead: d.clock.Now().Add(-time.Minute)})
	d.must(err)
	note := func() answer {
		return b.api("POST", "/api/v1/e/nordlicht/cases/"+text(receipt)+"/notes", `{"text":"x"}`, "Idempotency-Key", "under way")
	}
	b.wants(note(), http.StatusConflict, "being done right now")
	d.clock.pass(3 * time.Minute)
	b.wants(note(), http.StatusNoContent) // the other one died
}

// TestH06FormsToo: a form that is sent twice by a double click, or again with the back button, is done once.
func TestH06FormsToo(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Admin)
	page := b.get("/people").body
	first := b.post("/people", "login", "petra")
	b.wants(first, http.StatusSeeOther)
	b.page = page
	again := b.post("/people", "login", "petra")
	b.wants(again, http.StatusSeeOther)
	if again.header.Get("Idempotency-Hit") != "true" || again.header.Get("Location") != first.header.Get("Location") {
		t.Errorf("the second time: %v", again.header)
	}
	b.page = page
	b.wants(b.post("/people", "login", "paul"), http.StatusUnprocessableEntity, "the key was used for another request")
}

// TestH07AmountsThatDoNotFit are refused line by line, and nothing is done.
func TestH07AmountsThatDoNotFit(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	receipt, version, _ := b.aCase()
	one := decoded[struct{ Amount, Currency string }](t, b.api("GET", "/api/v1/e/nordlicht/cases/"+text(receipt), ""))
	open := decoded[struct {
		Items []struct{ Number, Kind, Currency, Open string }
	}](t, b.api("GET", "/api/v1/e/nordlicht/items?status=open&limit=500", ""))
	var ours, foreign string
	for _, i := range open.Items {
		switch {
		case i.Kind != "invoice":
		case i.Currency != one.Currency:
			foreign = i.Number
		case ours == "":
			ours = i.Number
		}
	}
	line := func(number, amount string) string {
		return fmt.Sprintf(`{"item":%q,"amount":%q}`, number, amount)
	}
	before := d.audits()
	for body, says := range map[string]string{
		`{"apply":[` + line(ours, "0.00") + `,` + line("R-2", "-1.00") + `]}`:                  `"lines":[{"code":"AMOUNT","where":"apply[0]"`,
		`{"apply":[` + line(ours, "1.00") + `,` + line(ours, "2.00") + `]}`:                    `"where":"apply[1]"`,
		`{"apply":[` + line(ours, "1e3") + `]}`:                                                `"where":"apply[0]"`,
		`{"apply":[` + line("NO-SUCH-ITEM", "1.00") + `]}`:                                     "ITEM-UNKNOWN",
		`{"apply":[` + line(foreign, "1.00") + `]}`:                                            "ITEM-CURRENCY",
		`{"apply":[` + line(ours, "1.00") + `],"on_account":["99999999.00"],"customer":"K-1"}`: "",
		`{"apply":[` + line(ours, "0.01") + `]}`:                                               "QUEUE-REST",
	} {
		b.wants(b.api("POST", "/api/v1/e/nordlicht/cases/"+text(receipt)+"/resolve", body, "If-Match", version), http.StatusUnprocessableEntity, says)
	}
	if after := d.audits(); after != before {
		t.Errorf("%d changes were made", after-before)
	}
}

// audits counts the changes of the demo's books.
func (d *desk) audits() int64 {
	d.Helper()
	log, err := d.store.AuditLog(d.Context(), nordlicht, store.AuditFilter{Limit: 1})
	d.must(err)
	return log[0].Seq
}

// TestH08OwnProposals are approved by somebody else; whoever proposed is told so.
func TestH08OwnProposals(t *testing.T) {
	d := newDesk(t)
	id, plan := d.proposedUndo()
	path := "/api/v1/e/nordlicht/approvals/" + text(id)
	own := d.browser()
	own.signIn("anna")
	own.wants(own.api("POST", path+"/approve", `{"plan":"`+plan+`"}`), http.StatusForbidden, "FOUR-EYES")
	if got := d.log(nordlicht); got[0] != "denied POST /api/v1/e/{entity}/approvals/{proposal}/approve FOUR-EYES" {
		t.Errorf("audit: %q", got)
	}
	other := d.as(store.Approver)
	other.wants(other.api("POST", path+"/approve", `{"plan":"something else"}`), http.StatusConflict, "APPROVAL-PLAN")
	other.wants(other.api("POST", path+"/approve", `{"plan":"`+plan+`"}`), http.StatusOK, `"undone":[`)
	other.wants(other.api("POST", path+"/approve", `{"plan":"`+plan+`"}`), http.StatusConflict)
}

// proposedUndo is the proposal of the approver anna to take back what a reviewer decided.
func (d *desk) proposedUndo() (id int64, plan string) {
	d.Helper()
	b := d.as(store.Reviewer)
	receipt, version, offer := b.aCase()
	b.wants(b.api("POST", "/api/v1/e/nordlicht/cases/"+text(receipt)+"/resolve", `{"plan":"`+offer+`"}`, "If-Match", version), http.StatusOK)
	d.person("anna", store.Approver)
	anna := d.browser()
	anna.signIn("anna")
	done := decoded[struct{ Proposal int64 }](d, anna.api("POST", "/api/v1/e/nordlicht/undo", `{"receipt":`+text(receipt)+`,"reason":"wrong customer"}`))
	if done.Proposal == 0 {
		d.Fatal("the undo of somebody else's work did not wait for a second person")
	}
	return done.Proposal, decoded[struct{ Plan string }](d, anna.api("GET", "/api/v1/e/nordlicht/approvals/"+text(done.Proposal), "")).Plan
}

// TestH09OtherSites cannot make a browser do anything, also where the token were known; and row 9: without the token nothing is done
// either.
func TestH09OtherSites(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Admin)
	b.get("/people")
	token := b.hidden("form_token")
	for name, header := range map[string]http.Header{
		"cross-site":         {"Sec-Fetch-Site": {"cross-site"}},
		"same-site":          {"Sec-Fetch-Site": {"same-site"}},
		"foreign origin":     {"Origin": {"https://evil.example"}},
		"no origin":          {"Origin": {"null"}},
		"another port of us": {"Origin": {"http://127.0.0.1:1"}},
	} {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer := b.do("POST", "/people", strings.NewReader("login=eve&form_token="+url.QueryEscape(token)), header)
		if answer.status != http.StatusForbidden || !strings.Contains(answer.body, "from another site") {
			t.Errorf("%s: %d", name, answer.status)
		}
	}
	for _, wrong := range []string{"", "wrong", token[:len(token)-1]} {
		plain := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		b.wants(b.do("POST", "/people", strings.NewReader("login=eve&form_token="+wrong), plain), http.StatusForbidden, "FORM-TOKEN")
		b.wants(b.api("POST", "/api/v1/people", `{"login":"eve","roles":[]}`, "X-Form-Token", wrong), http.StatusForbidden, "FORM-TOKEN")
	}
	if _, err := d.store.PersonByLogin(t.Context(), "eve"); err == nil {
		t.Error("eve is there")
	}
	if cookie := d.signInCookie("admin"); cookie.SameSite != http.SameSiteStrictMode || !cookie.HttpOnly || cookie.Expires.Year() > 1 {
		t.Errorf("cookie: %+v", cookie)
	}
}

// signInCookie is the cookie of a new session.
func (d *desk) signInCookie(login string) *http.Cookie {
	d.Helper()
	b := d.browser()
	b.get("/sign-in")
	answer := b.post("/sign-in", "login", login, "password", password)
	response := http.Response{Header: answer.header}
	for _, cookie := range response.Cookies() {
		if strings.HasSuffix(cookie.Name, "session") {
			return cookie
		}
	}
	d.Fatalf("no cookie: %v", answer.header)
	return nil
}

// TestH10Methods: what changes something is not done by GET, and no header turns one method into another.
func TestH10Methods(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Admin)
	for _, path := range []string{"/sign-out", "/prove", "/e/nordlicht/run", "/api/v1/e/nordlicht/undo"} {
		answer := b.get(path)
		b.wants(answer, http.StatusMethodNotAllowed)
		if answer.header.Get("Allow") != "POST" {
			t.Errorf("allow: %q", answer.header.Get("Allow"))
		}
	}
	for _, header := range []string{"X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"} {
		b.wants(b.api("POST", "/api/v1/me/tokens/7", "", header, "DELETE"), http.StatusMethodNotAllowed)
	}
	b.wants(b.do("POST", "/people/1?_method=DELETE", strings.NewReader("_method=DELETE"), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}), http.StatusForbidden, "FORM-TOKEN")
	b.wants(b.do("TRACE", "/people", nil, nil), http.StatusMethodNotAllowed)
}

// TestH11QueriesOutOfBounds are refused: sorts and states come from a list, numbers have bounds.
func TestH11QueriesOutOfBounds(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	for _, query := range []string{"sort=value;drop", "sort=amount", "limit=1000000000", "limit=-1", "limit=0", "limit=ten", "snoozed=all", "currency=EURO", "min=lots", "after=x"} {
		b.wants(b.api("GET", "/api/v1/e/nordlicht/cases?"+query, ""), http.StatusBadRequest)
	}
	for _, query := range []string{"sort=value;drop", "snoozed=all", "after=-1"} {
		b.wants(b.get("/e/nordlicht/queue?"+query), http.StatusBadRequest)
	}
}

// TestH12Searches mean the text itself, whatever it looks like, and are cut to a fair length.
func TestH12Searches(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	all := decoded[struct{ Cases []any }](t, b.api("GET", "/api/v1/e/nordlicht/cases", ""))
	for _, search := range []string{"%", "_", "%%%", "' OR 1=1 --", ".*", "[a-z]+", `\`, strings.Repeat("(a+)+", 2000), strings.Repeat("%", 10_000)[:2000]} {
		answer := b.api("GET", "/api/v1/e/nordlicht/cases?q="+url.QueryEscape(search), "")
		if len(url.QueryEscape(search)) > 8192 {
			b.wants(answer, http.StatusBadRequest)
			continue
		}
		b.wants(answer, http.StatusOK)
		if found := decoded[struct{ Cases []any }](t, answer); len(found.Cases) == len(all.Cases) {
			t.Errorf("%.20q finds everything", search)
		}
	}
}

// TestH13Paths that two programs may read differently are refused.
func TestH13Paths(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	for _, path := range []string{"//e/nordlicht/queue", "/e//nordlicht/queue", "/e/nordlicht/../sister/queue", "/e/..%2fnordlicht/queue", "/e/nordlicht%2Fqueue", "/e/nordlicht/%2e%2e/queue",
		"/e/nordlicht/queue%00", "/e/%ff/queue", "/e/nordlicht%5cqueue", "/e/nordlicht/./queue", "/static/..%2f..%2fgo.mod", "/static/../routes.go", "/e/nordlicht/cases/1%20", "/e/nordlicht/cases/0x1",
		"/e/nordlicht/cases/99999999999999999999"} {
		answer := b.get(path)
		if answer.status != http.StatusBadRequest && answer.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, answer.status, answer.header.Get("Location"))
		}
	}
}

// TestH17Hosts other than ours are not answered: a page of somebody else's name could read the answer.
func TestH17Hosts(t *testing.T) {
	d := newDesk(t, func(c *review.Config) { c.Hosts = []string{"tieout.example"} })
	for host, want := range map[string]int{"tieout.example": 200, "TIEOUT.example": 200, "tieout.example:8443": 200, "evil.example": 421, "tieout.example.evil.example": 421, "127.0.0.1": 421, "": 400} {
		request := httptest.NewRequest("GET", "/sign-in", nil)
		request.Host = host
		w := httptest.NewRecorder()
		d.ServeHTTP(w, request)
		if got := w.Code; got != want && !(host == "" && got == 421) {
			t.Errorf("host %q: %d, want %d", host, got, want)
		}
	}
}

// TestH18DecidedAlready: the loser of a race is told who decided, and when.
func TestH18DecidedAlready(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	receipt, version, plan := b.aCase()
	path := "/api/v1/e/nordlicht/cases/" + text(receipt) + "/resolve"
	d.person("paul", store.Reviewer)
	paul := d.browser()
	paul.signIn("paul")
	b.wants(b.api("POST", path, `{"plan":"`+plan+`"}`, "If-Match", version), http.StatusOK)
	paul.wants(paul.api("POST", path, `{"plan":"`+plan+`"}`, "If-Match", version), http.StatusConflict, "was decided by reviewer at 2026-04-20T09:00:00Z")
}

// TestRow42SameMoment: of many who decide one case at once, one wins, and the others are told who.
func TestRow42SameMoment(t *testing.T) {
	d := newDesk(t)
	first := d.as(store.Reviewer)
	receipt, version, plan := first.aCase()
	browsers := []*browser{first}
	for _, login := range []string{"paul", "pia", "per"} {
		d.person(login, store.Reviewer)
		b := d.browser()
		b.signIn(login)
		browsers = append(browsers, b)
	}
	answers := make(chan answer)
	for _, b := range browsers {
		go func() {
			answers <- b.api("POST", "/api/v1/e/nordlicht/cases/"+text(receipt)+"/resolve", `{"plan":"`+plan+`"}`, "If-Match", version)
		}()
	}
	won := 0
	for range browsers {
		switch a := <-answers; {
		case a.status == http.StatusOK:
			won++
		case a.status != http.StatusConflict:
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if won != 1 {
		t.Errorf("%d decided", won)
	}
}

// TestRow41ItemsChangeMeanwhile: an offer whose item was paid elsewhere is not carried out; what changed is said, nothing is applied.
func TestRow41ItemsChangeMeanwhile(t *testing.T) {
	d := newDesk(t)
	b := d.as(store.Reviewer)
	receipt, version, plan := b.aCase()
	detail := decoded[struct {
		Offers []struct {
			Lines []struct{ Kind, Item string }
		}
	}](t, b.api("GET", "/api/v1/e/nordlicht/cases/"+text(receipt), ""))
	number := detail.Offers[0].Lines[0].Item
	b.wants(b.api("POST", "/api/v1/e/nordlicht/payments", `{"item":"`+number+`","date":"2026-04-20","method":"cash","account":"main"}`), http.StatusOK, `"remaining":"0.00"`)
	b.wants(b.api("POST", "/api/v1/e/nordlicht/cases/"+text(receipt)+"/resolve", `{"plan":"`+plan+`"}`, "If-Match", version), http.StatusConflict)
	applications, err := d.store.ApplicationsOf(t.Context(), nordlicht, receipt)
	d.must(err)
	for _, a := range applications {
		if a.Live() {
			t.Errorf("applied: %+v", a)
		}
	}
}

// noteDigest is the digest of a request to note something, as the desk makes it.
func noteDigest(receipt int64, body string) string {
	sum := sha256.Sum256([]byte("POST /api/v1/e/nordlicht/cases/" + text(receipt) + "/notes\n" + body))
	return hex.EncodeToString(sum[:])
}
