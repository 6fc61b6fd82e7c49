package review_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/review"
	"github.com/tieout/tieout/rules"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/store/sqlite"
	"github.com/tieout/tieout/worker"
)

// The companies of the tests: the demo's, with its books, and a sister without any.
const (
	nordlicht = "nordlicht"
	sister    = "sister"
)

// start is the clock's instant when a test begins.
var start = time.Date(2026, 4, 20, 9, 0, 0, 0, time.UTC)

// password is everybody's in the tests.
const password = "correct horse staple battery"

var passwordHash = sync.OnceValue(func() string { return review.HashPassword(password) })

// desk is a review desk under test, reached over real HTTP, on the books of the demo after its first night.
type desk struct {
	testing.TB
	*review.Desk
	store   store.Store
	pipe    *worker.Pipeline // of the demo's company
	server  *httptest.Server
	logs    *observer.ObservedLogs
	clock   *clock
	scratch string // where uploads lie while they are under way
}

// clock is the time of a test: it stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newDesk opens a desk on a copy of the demo's books. change may alter its configuration first.
func newDesk(t testing.TB, change ...func(*review.Config)) *desk {
	t.Helper()
	folder := t.TempDir()
	d := &desk{TB: t, clock: &clock{now: start}, scratch: folder}
	data, err := demoBooks()
	d.must(err)
	path := filepath.Join(folder, "tieout.db")
	d.must(os.WriteFile(path, data, 0o600))
	st, err := sqlite.Open(t.Context(), path)
	d.must(err)
	t.Cleanup(func() { d.must(st.Close()) })
	d.store = st
	d.pipe = demoPipeline(st, folder, d.clock.Now)
	core, logs := observer.New(zap.InfoLevel)
	d.logs = logs
	config := review.Config{Store: st, Now: d.clock.Now, Log: zap.New(core), Hosts: []string{"127.0.0.1", "localhost"}, Local: true, MaxUpload: 1 << 20, Scratch: folder,
		Companies: []review.Company{company(d.pipe), {Entity: store.Entity{ID: sister, Name: "Sister GmbH", BaseCurrency: "EUR"}}}}
	for _, c := range change {
		c(&config)
	}
	d.Desk, err = review.New(config)
	d.must(err)
	d.server = httptest.NewServer(d.Desk)
	t.Cleanup(func() {
		d.server.Close()
		d.Close(context.Background())
	})
	return d
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// demoBooks is the demo's database after its first night, made once for all tests.
var demoBooks = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "desk")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "tieout.db")
	ctx := context.Background()
	st, err := sqlite.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := firstNight(ctx, demoPipeline(st, folder, func() time.Time { return start.Add(-7 * time.Hour) }), folder); err != nil {
		return nil, err
	}
	if err := st.SaveEntity(ctx, store.Act{Actor: "setup", At: start}, store.Entity{ID: sister, Name: "Sister GmbH", BaseCurrency: "EUR"}); err != nil {
		return nil, err
	}
	if err := st.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func demoFile(path string) []byte {
	files, err := fixtures.DemoFiles()
	if err != nil {
		panic(err)
	}
	for _, f := range files {
		if f.Path == path {
			return f.Data
		}
	}
	panic("the demo has no " + path)
}

func demoPipeline(st store.Store, folder string, now func() time.Time) *worker.Pipeline {
	set, problems := rules.Load("rules.yaml", demoFile("rules.yaml"))
	if recon.Worst(problems) == recon.Reject {
		panic(fmt.Sprint(problems))
	}
	return &worker.Pipeline{Store: st, Rules: set, RulesText: string(demoFile("rules.yaml")), Archive: worker.Archive{Dir: filepath.Join(folder, "archive")},
		Exports: filepath.Join(folder, "out"), Inboxes: []worker.Inbox{{Path: filepath.Join(folder, "inbox")}}, Actor: "engine", Now: now, Log: zap.NewNop(),
		Entity: store.Entity{ID: nordlicht, Name: "Nordlicht Möbel GmbH", BaseCurrency: "EUR", Accounts: []recon.Account{
			{ID: "main", IBAN: "DE89370400440532013000", Currency: "EUR", Ledger: "1200"},
			{ID: "volksbank", IBAN: "DE66200909002026010200", Currency: "EUR", Ledger: "1210"},
			{ID: "natwest", IBAN: "600923-31926819", Currency: "GBP", Ledger: "1220"}}}}
}

func firstNight(ctx context.Context, p *worker.Pipeline, folder string) error {
	if err := p.Prepare(ctx); err != nil {
		return err
	}
	if _, err := p.ImportCustomers(ctx, bytes.NewReader(demoFile("customers.csv")), "customers.csv", ingest.ImportOptions{}); err != nil {
		return err
	}
	if _, err := p.ImportItems(ctx, bytes.NewReader(demoFile("items.csv")), worker.ItemsImport{Name: "items.csv"}); err != nil {
		return err
	}
	if _, err := p.ImportDisputes(ctx, bytes.NewReader(demoFile("disputes.csv")), "disputes.csv", ingest.ImportOptions{}); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(folder, "inbox"), 0o755); err != nil {
		return err
	}
	for _, path := range []string{"inbox/main-2026-04-17.xml", "inbox/volksbank-2026-04-17.csv", "inbox/natwest-2026-04-17.csv"} {
		if err := os.WriteFile(filepath.Join(folder, path), demoFile(path), 0o600); err != nil {
			return err
		}
	}
	_, err := p.Run(ctx)
	return err
}

// company hands a pipeline to the desk, as the program does.
func company(p *worker.Pipeline) review.Company {
	by := func(actor review.Actor) *worker.Pipeline {
		own := *p
		own.Actor, own.Via = actor.Login, actor.Via
		return &own
	}
	company := review.Company{Entity: p.Entity, Rules: p.Rules, Work: review.Work{
		Resolve: func(ctx context.Context, actor review.Actor, request recon.Request) (recon.Done, error) {
			return by(actor).Resolve(ctx, request)
		},
		Preview: func(ctx context.Context, actor review.Actor, request recon.Request) (recon.Preview, error) {
			return by(actor).Preview(ctx, request)
		},
		Offers: p.Offers,
		Assign: func(ctx context.Context, actor review.Actor, receipt int64, person string) error {
			return by(actor).Assign(ctx, receipt, person)
		},
		Snooze: func(ctx context.Context, actor review.Actor, receipt int64, until recon.Date) error {
			return by(actor).Snooze(ctx, receipt, until)
		},
		Note: func(ctx context.Context, actor review.Actor, receipt int64, text string) error {
			return by(actor).Note(ctx, receipt, text)
		},
		Part: func(ctx context.Context, actor review.Actor, receipt, version int64, items []string, reason string) error {
			return by(actor).Decline(ctx, receipt, version, items, reason)
		},
		Release: func(ctx context.Context, actor review.Actor, receipt int64) error {
			return by(actor).Release(ctx, receipt)
		},
		Pay: func(ctx context.Context, actor review.Actor, payment recon.HandPayment) (recon.PaidByHand, error) {
			return by(actor).Pay(ctx, payment)
		},
		Undo: func(ctx context.Context, actor review.Actor, applications []int64, reason string) (recon.Done, error) {
			return by(actor).Undo(ctx, applications, reason)
		},
		UndoReceipt: func(ctx context.Context, actor review.Actor, receipt int64, reason string) (recon.Done, error) {
			return by(actor).UndoReceipt(ctx, receipt, reason)
		},
		Approve: func(ctx context.Context, actor review.Actor, proposal int64) (recon.Done, error) {
			return by(actor).ApproveProposal(ctx, proposal)
		},
		Decline: func(ctx context.Context, actor review.Actor, proposal int64, reason string) error {
			return by(actor).DeclineProposal(ctx, proposal, reason)
		},
		ApproveAlias: func(ctx context.Context, actor review.Actor, alias int64, reason string) (recon.AliasRow, error) {
			return by(actor).ApproveAlias(ctx, alias, reason)
		},
		DeclineAlias: func(ctx context.Context, actor review.Actor, alias int64, reason string) (recon.AliasRow, error) {
			return by(actor).DeclineAlias(ctx, alias, reason)
		},
		Withdraw: func(ctx context.Context, actor review.Actor, proposal int64, reason string) error {
			return by(actor).WithdrawProposal(ctx, proposal, reason)
		},
	}}
	longWork(&company.Work, by)
	return company
}

// person adds somebody with roles in the demo's company; their password is everybody's.
func (d *desk) person(login string, roles ...store.Role) store.Person {
	d.Helper()
	var grants []store.Grant
	for _, role := range roles {
		grants = append(grants, store.Grant{Entity: nordlicht, Role: role})
	}
	return d.personWith(login, grants...)
}

func (d *desk) personWith(login string, grants ...store.Grant) store.Person {
	d.Helper()
	id, err := d.store.AddPerson(d.Context(), d.setup(), store.Person{Login: login, Name: strings.ToUpper(login[:1]) + login[1:], Password: passwordHash(), Grants: grants})
	d.must(err)
	p, err := d.store.Person(d.Context(), id)
	d.must(err)
	return p
}

func (d *desk) setup() store.Act { return store.Act{Actor: "setup", At: d.clock.Now()} }

// browser is somebody's browser, signed in or not. It follows no redirects.
type browser struct {
	*desk
	client  *http.Client
	page    string // the last page it saw
	address string // said by a proxy, "" = that of the connection
}

// loopback is where the tests' requests come from: their word about an address is taken where a test says so.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// from is the same browser at another address.
func (b *browser) from(address string) *browser {
	b.address = address
	return b
}

// text writes an id.
func text(id int64) string { return strconv.FormatInt(id, 10) }

var keys atomic.Int64

// newKey is an idempotency key that no other request of the tests has.
func newKey() string { return "test-" + text(keys.Add(1)) }

func (d *desk) browser() *browser {
	jar, err := cookiejar.New(nil)
	d.must(err)
	return &browser{desk: d, client: &http.Client{Jar: jar, Transport: d.server.Client().Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as is the browser of a new person with roles, signed in.
func (d *desk) as(roles ...store.Role) *browser {
	d.Helper()
	login := "nobody"
	if len(roles) > 0 {
		login = strings.ReplaceAll(string(roles[0]), "_", "-")
	}
	d.person(login, roles...)
	b := d.browser()
	b.signIn(login)
	return b
}

func (b *browser) signIn(login string) {
	b.Helper()
	b.get("/sign-in")
	answer := b.post("/sign-in", "login", login, "password", password)
	if answer.status != http.StatusSeeOther {
		b.Fatalf("signing in: %d\n%s", answer.status, answer.body)
	}
	b.get("/me") // its forms have the token of the session
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (b *browser) get(path string) answer {
	b.Helper()
	return b.do("GET", path, nil, nil)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z_.]+)" value="([^"]*)">`)

// hidden returns the value of a hidden field of the last page, "" where it has none.
func (b *browser) hidden(name string) string {
	for _, field := range hiddenField.FindAllStringSubmatch(b.page, -1) {
		if field[1] == name {
			return field[2]
		}
	}
	return ""
}

// post sends a form of the last page: its hidden fields with those given over them: name, value, name, value …
func (b *browser) post(path string, pairs ...string) answer {
	b.Helper()
	fields := url.Values{}
	for _, name := range []string{"form_token", "idempotency_key", "browser", "version", "next"} {
		if value := b.hidden(name); value != "" {
			fields.Set(name, value)
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		fields[pairs[i]] = nil
	}
	for i := 0; i < len(pairs); i += 2 {
		fields.Add(pairs[i], pairs[i+1])
	}
	return b.do("POST", path, strings.NewReader(fields.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"same-origin"}})
}

// follow goes where a redirect leads.
func (b *browser) follow(a answer) answer {
	b.Helper()
	if a.status != http.StatusSeeOther {
		b.Fatalf("no redirect but %d\n%s", a.status, a.body)
	}
	return b.get(a.header.Get("Location"))
}

func (b *browser) do(method, path string, body io.Reader, header http.Header) answer {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), method, b.server.URL+path, body)
	b.must(err)
	for name, values := range header {
		request.Header[name] = values
		if name == "Host" {
			request.Host = values[0]
		}
	}
	if b.address != "" {
		request.Header.Set("X-Forwarded-For", b.address)
	}
	response, err := b.client.Do(request)
	b.must(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	b.must(err)
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
		b.page = string(text)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

// wants checks the status of an answer, and that its body has texts.
func (b *browser) wants(a answer, status int, texts ...string) {
	b.Helper()
	if a.status != status {
		b.Errorf("got %d, want %d\n%s", a.status, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			b.Errorf("no %q in\n%s", text, a.body)
		}
	}
}

// log lists the events in the audit of a company, or of the house: "verb about detail", newest first.
func (d *desk) log(entity string) (events []string) {
	d.Helper()
	entries, err := d.store.AuditLog(d.Context(), entity, store.AuditFilter{Limit: 1000})
	d.must(err)
	for _, e := range entries {
		if e.Event != nil {
			events = append(events, strings.TrimSpace(e.Event.Verb+" "+e.Event.About+" "+e.Event.Detail))
		}
	}
	return events
}

// decoded reads a JSON answer.
func decoded[T any](t testing.TB, a answer) (value T) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &value); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return value
}
