package review_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tieout/tieout/store"
)

// A reviewer clears 20 prepared cases and touches nothing but the keyboard.
func TestTwentyCasesByKeyboard(t *testing.T) {
	const cases = 20
	d := movingDesk(t)
	d.prepare(cases)
	s := d.screen()
	s.signsIn(store.Reviewer)
	s.opens("/e/nordlicht/queue?q=Stranger")
	s.presses("j", `document.querySelector("[data-row].here") !== null`)
	s.presses("\r", `document.querySelector("[data-accept]") !== null`)
	for n := range cases {
		before := says[string](s, `document.querySelector("[data-case]").dataset.case`)
		s.does(chromedp.KeyEvent("a"))
		if n < cases-1 {
			s.waits(fmt.Sprintf(`document.querySelector("[data-case]") && document.querySelector("[data-case]").dataset.case !== %q && document.querySelector("[data-accept]") !== null`, before))
		} else {
			s.waits(`document.querySelector(".empty") !== null`)
		}
	}
	left, err := d.store.Cases(t.Context(), nordlicht, store.CaseQuery{Filter: store.CaseFilter{Search: "stranger"}})
	d.must(err)
	if len(left) != 0 {
		t.Errorf("%d cases are left", len(left))
	}
	totals, err := d.store.ItemTotals(t.Context(), nordlicht, store.ItemSearch{Text: "PX-7", Status: store.ItemPaid})
	d.must(err)
	if len(totals) != 1 || totals[0].Items != cases {
		t.Errorf("paid: %+v", totals)
	}
}

// Keys choose, spread and ask for help; what a person types adds up as they type.
func TestTheTableAddsUpAsOneTypes(t *testing.T) {
	d := movingDesk(t)
	s := d.screen()
	s.signsIn(store.Reviewer)
	lump := d.caseOf(`Abschlag`)
	s.opens(fmt.Sprintf("/e/nordlicht/cases/%d", lump.Receipt))
	s.presses("2", `document.querySelector('[data-proposal="2"].here') !== null`)
	s.presses("p", `document.querySelector("[data-says]").textContent === "All of it is applied"`)
	if got := says[[]string](s, `[...document.querySelectorAll("[data-pay]")].map((i) => i.value).filter((v) => v)`); strings.Join(got, " ") != "1130.50 369.50" {
		t.Errorf("spread to %v", got)
	}
	s.does(chromedp.SetValue(chromedp.CSS(`[data-item]:first-of-type [data-pay]`), "1.231,00"))
	says[bool](s, `document.querySelector("[data-pay]").dispatchEvent(new Event("input", {bubbles: true}))`)
	if got := says[string](s, `document.querySelector("[data-says]").textContent`); got != "100.50 over" {
		t.Errorf("the table says %q", got)
	}
	s.does(chromedp.Click(chromedp.CSS(`button[value="preview"]`)))
	s.waits(`document.querySelector(".problem[role=alert]") !== null`)
	if got := says[string](s, `document.querySelector(".problem[role=alert]").textContent`); !strings.Contains(got, "over") {
		t.Errorf("the desk says %q", got)
	}
	s.presses("?", `document.querySelector("dialog[open]") !== null`)
	if keys := says[int](s, `document.querySelectorAll("dialog[open] kbd").length`); keys < 15 {
		t.Errorf("only %d keys are named", keys)
	}
}

// Without scripts a proposal is accepted, a table spread and applied.
func TestWithoutScripts(t *testing.T) {
	d := movingDesk(t)
	s := d.screen()
	s.signsIn(store.Reviewer)
	s.does(chromedp.Func(withoutScripts))
	disputed := d.caseOf("Vitrinen")
	s.opens(fmt.Sprintf("/e/nordlicht/cases/%d", disputed.Receipt))
	s.clicks(`.proposal button`)
	s.does(chromedp.WaitVisible(chromedp.CSS(`.flash`)))
	d.isDecided(disputed.Receipt)
	lump := d.caseOf("Abschlag")
	s.opens(fmt.Sprintf("/e/nordlicht/cases/%d", lump.Receipt))
	s.clicks(`button[value="spread"]`)
	s.clicks(`button[value="preview"]`)
	s.does(chromedp.WaitVisible(chromedp.CSS(`.preview`)))
	s.clicks(`button[value="apply"]`)
	s.does(chromedp.WaitVisible(chromedp.CSS(`.flash`)))
	d.isDecided(lump.Receipt)
}

// Every page keeps to its own security policy and can be used by everybody: axe-core finds nothing serious, in light and dark, on a laptop
// and on a phone.
func TestPagesKeepThePolicyAndAreAccessible(t *testing.T) {
	d := movingDesk(t)
	s := d.screen()
	s.signsIn(store.Approver, store.Viewer)
	judge, err := os.ReadFile(axePath())
	if err != nil {
		t.Fatalf("axe-core is not here (%v): run .ci/tools", err)
	}
	for name, path := range d.pages() {
		t.Run(name, func(t *testing.T) {
			on := &screen{&desk{TB: t, Desk: d.Desk, store: d.store, server: d.server, clock: d.clock}, s.ctx}
			for _, look := range []struct {
				name          string
				width, height int64
				dark          bool
			}{{"laptop", 1360, 1000, false}, {"phone-dark", 390, 844, true}} {
				on.does(chromedp.EmulateViewport(look.width, look.height), scheme(look.dark))
				on.opens(path)
				on.shoots(name + "-" + look.name)
				if stopped := says[[]string](on, `window.stopped`); len(stopped) > 0 {
					t.Errorf("%s: the policy stopped %v", look.name, stopped)
				}
				if wide := says[int](on, `document.documentElement.scrollWidth - window.innerWidth`); wide > 0 {
					t.Errorf("%s: the page is %d pixels wider than the screen", look.name, wide)
				}
				for _, fault := range on.judged(string(judge)) {
					t.Errorf("%s: %s", look.name, fault)
				}
			}
		})
	}
}

// axePath is where .ci/tools keeps axe-core.
func axePath() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "axe.min.js"
	}
	return filepath.Join(cache, "tieout", "axe-core-4.10.3", "axe.min.js")
}

// judged are the serious findings of axe-core on the page.
func (s *screen) judged(judge string) (faults []string) {
	s.Helper()
	says[any](s, judge+"; true")
	found := says[string](s, `axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations.filter((v) => v.impact === "serious" || v.impact === "critical")
		.map((v) => v.id + ": " + v.nodes.map((n) => n.html + " " + n.any.map((a) => a.message).join()).slice(0, 3).join(" | "))))`, chromedp.EvalAwaitPromise)
	s.must(json.Unmarshal([]byte(found), &faults))
	return faults
}

// pages are the pages of the demo's books, each by a name.
func (d *desk) pages() map[string]string {
	d.Helper()
	lump, disputed := d.caseOf("Abschlag"), d.caseOf("Vitrinen")
	items, err := d.store.ItemPage(d.Context(), nordlicht, store.ItemQuery{Search: store.ItemSearch{Status: store.ItemPartial}, Limit: 1})
	d.must(err)
	applied, err := d.store.ApplicationsOn(d.Context(), nordlicht, items[0].ID)
	d.must(err)
	at := "/e/nordlicht/"
	return map[string]string{"overview": at, "queue": at + "queue?snoozed=with", "empty-queue": at + "queue?q=nothing-like-it", "case": fmt.Sprintf("%scases/%d", at, lump.Receipt),
		"disputed-case": fmt.Sprintf("%scases/%d", at, disputed.Receipt), "decided-case": fmt.Sprintf("%scases/%d", at, applied[0].Source.ID), "items": at + "items?status=all",
		"item": fmt.Sprintf("%sitems/%d", at, items[0].ID), "customers": at + "customers", "customer": at + "customers/K1004", "statements": at + "statements", "ageing": at + "ageing",
		"runs": at + "runs", "rules": at + "rules", "approvals": at + "approvals", "aliases": at + "aliases", "account": "/me"}
}

// caseOf is the case whose remittance text has a word.
func (d *desk) caseOf(word string) store.Case {
	d.Helper()
	cases, err := d.store.Cases(d.Context(), nordlicht, store.CaseQuery{Filter: store.CaseFilter{Search: word}})
	d.must(err)
	if len(cases) != 1 {
		d.Fatalf("%d cases with %q", len(cases), word)
	}
	return cases[0]
}

func (d *desk) isDecided(receipt int64) {
	d.Helper()
	detail, err := d.store.Decision(d.Context(), nordlicht, receipt)
	d.must(err)
	if detail.Case != nil {
		d.Errorf("receipt %d is still in the queue", receipt)
	}
}
