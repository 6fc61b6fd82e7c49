package worker_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/worker"
)

// postbox is a real mail server that keeps what it is sent.
type postbox struct {
	mu    sync.Mutex
	mails []letterIn
}

type letterIn struct {
	to, subject, text string
}

func (p *postbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &delivery{box: p}, nil }

type delivery struct {
	box *postbox
	to  string
}

func (d *delivery) Mail(string, *smtp.MailOptions) error      { return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error { d.to = to; return nil }
func (d *delivery) Reset()                                    {}
func (d *delivery) Logout() error                             { return nil }

func (d *delivery) Data(r io.Reader) error {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(message.Body)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	if err != nil {
		return err
	}
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	d.box.mails = append(d.box.mails, letterIn{d.to, subject, string(body)})
	return nil
}

func (p *postbox) all() []letterIn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]letterIn{}, p.mails...)
}

// openPostbox serves mail on loopback until the test ends.
func openPostbox(t *testing.T) (*postbox, string) {
	t.Helper()
	box := &postbox{}
	server := smtp.NewServer(box)
	server.Domain, server.AllowInsecureAuth = "localhost", true
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close() })
	return box, "smtp://" + listener.Addr().String()
}

// hook is a real server of another system that checks signatures and refuses while it is down.
type hook struct {
	mu     sync.Mutex
	down   bool
	events []map[string]any
	keys   []string
	t      *testing.T
}

const hookSecret = "a long random text"

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Error(err)
	}
	signature := r.Header.Get("Tieout-Signature")
	seconds, _, _ := strings.Cut(strings.TrimPrefix(signature, "t="), ",")
	var at int64
	if err := json.Unmarshal([]byte(seconds), &at); err != nil || worker.Signature(hookSecret, time.Unix(at, 0), body) != signature {
		h.t.Errorf("signature %q does not fit", signature)
	}
	h.keys = append(h.keys, r.Header.Get("Idempotency-Key"))
	if h.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var event map[string]any
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&event); err != nil {
		h.t.Error(err)
	}
	h.events = append(h.events, event)
}

// toldHouse is a house with a customer and an overdue invoice that tells by mail and webhook.
func toldHouse(t *testing.T) (*house, *postbox, *hook) {
	t.Helper()
	h := openHouse(t, demoAccounts[:1], nil)
	box, server := openPostbox(t)
	listener := &hook{t: t}
	web := httptest.NewServer(listener)
	t.Cleanup(web.Close)
	h.job.Notify = worker.Notify{SMTP: server, From: "tieout@example.com", Morning: []string{"ar@example.com"}, Receipts: true,
		Webhooks: []worker.Webhook{{Name: "erp", URL: web.URL, Secret: hookSecret, Kinds: []string{"followup"}}}, Heartbeat: web.URL}
	h.job.Notify.Heartbeat = ""
	h.imports(fixtures.Import{Kind: fixtures.ImportCustomers, Name: "customers.csv", Data: []byte("customer,name,iban,email\nC100,Hansa Möbel GmbH,DE34200505501234567890,buha@hansa.example\n")})
	h.imports(fixtures.Import{Kind: fixtures.ImportItems, Name: "items.csv", Data: []byte("number,customer,issue_date,due_date,currency,amount\nR-10001,C100,2026-02-01,2026-03-03,EUR,1000.00\n")})
	return h, box, listener
}

// The morning report comes after every run, also when nothing came; its subject says whether there is anything to do.
func TestMorningReportIsMailed(t *testing.T) {
	h, box, _ := toldHouse(t)
	h.run()
	mails := box.all()
	if len(mails) != 1 || mails[0].to != "ar@example.com" || mails[0].subject != "tieout OK: Story Ltd, 2026-06-01" {
		t.Fatalf("got %+v", mails)
	}
	if !strings.Contains(mails[0].text, "No bank file came.") {
		t.Errorf("it does not say that nothing came:\n%s", mails[0].text)
	}
	h.job.Notify.Expect = []worker.Expected{{Account: "main", Calendar: "target2", By: "07:00"}}
	h.now = h.now.AddDate(0, 0, 1)
	h.run()
	if mails = box.all(); len(mails) != 2 || mails[1].subject != "tieout ACTION (1): Story Ltd, 2026-06-02" || !strings.Contains(mails[1].text, "is missing") {
		t.Fatalf("got %+v", mails[1:])
	}
}

// A customer is told what became of its payment, once.
func TestRemittanceReceiptIsMailed(t *testing.T) {
	h, box, _ := toldHouse(t)
	h.drop("bank.xml", camtOf(t, "B1  2026-03-02  600.00  Hansa Möbel GmbH\n    account: DE34200505501234567890\n    text: R-10001\n"))
	h.run()
	h.run()
	var letters []letterIn
	for _, m := range box.all() {
		if m.to == "buha@hansa.example" {
			letters = append(letters, m)
		}
	}
	if len(letters) != 1 || letters[0].subject != "Your payment of 600.00 EUR to Story Ltd" || !strings.Contains(letters[0].text, "on R-10001 (payment), of which 400.00 EUR remain open") {
		t.Fatalf("got %+v", letters)
	}
}

// Follow-ups reach a webhook that was away, once it is back, under the same key; what did not change is not told again.
func TestFollowupsReachAWebhookThatWasAway(t *testing.T) {
	h, _, listener := toldHouse(t)
	listener.down = true
	h.run()
	if len(listener.keys) != 1 || len(listener.events) != 0 {
		t.Fatalf("asked %d times, took %d", len(listener.keys), len(listener.events))
	}
	if done, err := h.job.Deliver(h.ctx); err != nil || done != (worker.Delivered{}) {
		t.Fatalf("tried again at once: %+v, %v", done, err)
	}
	listener.down = false
	h.now = h.now.Add(time.Hour)
	if done, err := h.job.Deliver(h.ctx); err != nil || done.Sent != 1 {
		t.Fatalf("not delivered: %+v, %v", done, err)
	}
	if listener.keys[0] != listener.keys[1] || listener.keys[0] != "followup-1-1" {
		t.Errorf("keys %v", listener.keys)
	}
	event := listener.events[0]
	if event["event"] != "followup" || event["item"] != "R-10001" || event["followups"].([]any)[0].(map[string]any)["action"] != "remind" {
		t.Errorf("told %v", event)
	}
	h.now = h.now.AddDate(0, 0, 1)
	h.run()
	if len(listener.events) != 1 {
		t.Errorf("told again: %v", listener.events[1:])
	}
	_, err := h.job.Pay(h.ctx, worker.HandPayment{Number: "R-10001", Date: 20260601})
	h.must(err)
	h.run()
	if len(listener.events) != 2 || len(listener.events[1]["followups"].([]any)) != 0 {
		t.Errorf("that nothing is to be done any more was not told: %v", listener.events[1:])
	}
	waiting, err := h.job.Store.Messages(h.ctx, storyEntity, true)
	h.must(err)
	if len(waiting) > 0 {
		t.Errorf("waits: %+v", waiting)
	}
}

// A good run says so; one that leaves something to look at does not.
func TestHeartbeat(t *testing.T) {
	h, _, _ := toldHouse(t)
	beats := 0
	watch := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { beats++ }))
	t.Cleanup(watch.Close)
	h.job.Notify = worker.Notify{Heartbeat: watch.URL}
	h.run()
	if beats != 1 {
		t.Fatalf("%d heartbeats after a good run", beats)
	}
	h.drop("broken.xml", []byte("<Document"))
	h.run()
	if beats != 1 {
		t.Errorf("a heartbeat after a run that refused a file")
	}
}

// camtOf is a statement of the account main with these entries, in the short form of stories.
func camtOf(t *testing.T, entries string) []byte {
	t.Helper()
	story, err := fixtures.ParseStory("bank", []byte("Bank\n-- 1-bank.txt --\naccount: DE89370400440532013000 EUR\nopening: 0.00\n\n"+entries+"-- expect-queue.txt --\n"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := story.Steps[0].Bank[0].Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}
