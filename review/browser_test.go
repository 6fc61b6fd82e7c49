package review_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/review"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

// screen is a real browser at the desk.
type screen struct {
	*desk
	ctx context.Context
}

// browserTakes bounds how long a page is waited for.
const browserTakes = 30 * time.Second

// chromium finds the browser; without one the test fails.
func chromium(t testing.TB) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no Chromium here: run .ci/tools")
	return ""
}

// movingDesk is a desk whose clock moves on, as real browsers expect.
func movingDesk(t testing.TB) *desk {
	began := time.Now()
	return newDesk(t, func(c *review.Config) {
		c.Now = func() time.Time { return start.Add(10 * time.Hour).Add(20 * time.Since(began)) }
	})
}

// screen opens a browser.
func (d *desk) screen() *screen {
	d.Helper()
	ctx, stop := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(chromium(d)), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true), chromedp.WindowSize(1360, 1000))
	ctx, leave := chromedp.NewContext(ctx)
	d.Cleanup(func() { leave(); stop() })
	s := &screen{d, ctx}
	// The first action starts the browser, which lives as long as that action's context.
	s.must(chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watchPolicy})
		return err
	})))
	return s
}

// watchPolicy keeps what the page's security policy had to stop.
const watchPolicy = `window.stopped = []; document.addEventListener("securitypolicyviolation", (e) => window.stopped.push(e.violatedDirective + " " + e.blockedURI))`

func (s *screen) does(actions ...chromedp.Action[chromedp.Void]) {
	s.Helper()
	ctx, stop := context.WithTimeout(s.ctx, browserTakes)
	defer stop()
	if err := chromedp.Do(ctx, actions...); err != nil {
		s.Fatalf("in the browser: %v", err)
	}
}

// opens goes to a page of the desk and waits until it stands.
func (s *screen) opens(path string) {
	s.Helper()
	s.does(chromedp.Navigate(s.server.URL+path), chromedp.WaitReady(chromedp.CSS("main")))
}

// signsIn signs a new person with roles in.
func (s *screen) signsIn(roles ...store.Role) {
	s.Helper()
	login := strings.ReplaceAll(string(roles[0]), "_", "-")
	s.person(login, roles...)
	s.opens("/sign-in")
	s.does(chromedp.SetValue(chromedp.CSS("#login"), login), chromedp.SetValue(chromedp.CSS("#password"), password), chromedp.Click(chromedp.CSS("main button")), chromedp.WaitVisible(chromedp.CSS(".who")))
}

// clicks presses a button that leads to another page, and waits until that one stands: what is looked for may be on both.
func (s *screen) clicks(button string) {
	s.Helper()
	s.does(chromedp.WaitVisible(chromedp.CSS(button)))
	says[bool](s, `window.left = true`)
	s.does(chromedp.Click(chromedp.CSS(button)))
	s.waits(`window.left === undefined && document.readyState === "complete" && document.querySelector("main") !== null`)
}

// presses presses a key and waits until a condition of the page holds.
func (s *screen) presses(key, until string) {
	s.Helper()
	s.does(chromedp.KeyEvent(key))
	s.waits(until)
}

// waits waits until a condition of the page holds. The page's policy forbids to make code of text, so the page is asked again and again.
func (s *screen) waits(until string) {
	s.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(browserTakes); time.Now().Before(deadline); <-again.C {
		if holds, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool](until)); err == nil && holds {
			return
		}
	}
	where, _ := chromedp.Run(s.ctx, chromedp.Location())
	text, _ := chromedp.Run(s.ctx, chromedp.Evaluate[string](`document.body.innerText`))
	s.Fatalf("waiting for %s at %s:\n%s", until, where, text)
}

// says evaluates an expression of the page.
func says[T any](s *screen, expression string, options ...chromedp.EvaluateOption) T {
	s.Helper()
	value, err := chromedp.Run(s.ctx, chromedp.Evaluate[T](expression, options...))
	if err != nil {
		s.Fatalf("%s: %v", expression[:min(len(expression), 80)], err)
	}
	return value
}

// shoots keeps a picture of the page where the environment names a folder for them.
func (s *screen) shoots(name string) {
	s.Helper()
	folder := os.Getenv("TIEOUT_SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(s.ctx, chromedp.FullScreenshot(100))
	s.must(err)
	s.must(os.MkdirAll(folder, 0o755))
	s.must(os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644))
}

// prepare puts cases into the queue that all have one obvious answer: money of unknown payers that fits one invoice each.
func (d *desk) prepare(cases int) {
	d.Helper()
	var items, customers strings.Builder
	items.WriteString("number,customer,currency,amount,issue_date,due_date\n")
	customers.WriteString("customer,name\n")
	statement := recon.Statement{ID: "PREPARED", Account: "DE89370400440532013000", Currency: "EUR", Opening: &recon.Balance{Date: 20260501}}
	var total int64
	for n := range cases {
		minor := int64(700000 + 1311*n)
		fmt.Fprintf(&items, "PX-%05d,P%03d,EUR,%s,2026-03-01,2026-03-31\n", 70000+n, n, recon.FormatMinor(minor, "EUR"))
		fmt.Fprintf(&customers, "P%03d,Prepared %d Ltd\n", n, n)
		statement.Entries = append(statement.Entries, recon.Entry{AmountMinor: minor, Currency: "EUR", Booked: 20260501, Value: 20260501, Status: recon.Booked, BankReference: fmt.Sprintf("PREP-%d", n),
			Counterparty: recon.Party{Name: fmt.Sprintf("Stranger %d", n)}, Text: "with thanks", Lines: []string{"with thanks"}, BankCode: "PMNT/RCDT/ESCT"})
		total += minor
	}
	statement.Closing = &recon.Balance{AmountMinor: total, Date: 20260501}
	var file bytes.Buffer
	d.must(fixtures.WriteCamt(&file, 8, []recon.Statement{statement}, fixtures.CamtOptions{}))
	ctx := d.Context()
	_, err := d.pipe.ImportCustomers(ctx, strings.NewReader(customers.String()), "customers.csv", ingest.ImportOptions{})
	d.must(err)
	_, err = d.pipe.ImportItems(ctx, strings.NewReader(items.String()), worker.ItemsImport{Name: "items.csv"})
	d.must(err)
	d.must(os.MkdirAll(d.pipe.Inboxes[0].Path, 0o755))
	d.must(os.WriteFile(filepath.Join(d.pipe.Inboxes[0].Path, "prepared.xml"), file.Bytes(), 0o600))
	_, err = d.pipe.Run(ctx)
	d.must(err)
}

// withoutScripts turns scripts off.
func withoutScripts(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	return err
}

// scheme asks for the light or the dark look.
func scheme(dark bool) chromedp.Action[chromedp.Void] {
	look := "light"
	if dark {
		look = "dark"
	}
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look}}})
		return err
	})
}
