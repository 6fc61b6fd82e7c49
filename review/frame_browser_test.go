package review_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tieout/tieout/store"
)

// TestFramePagesInTheBrowser: the pages around the queue keep their policy and can be used by everybody too.
func TestFramePagesInTheBrowser(t *testing.T) {
	d := movingDesk(t)
	s := d.screen()
	judge, err := os.ReadFile(axePath())
	if err != nil {
		t.Fatalf("axe-core is not here (%v): run .ci/tools", err)
	}
	judged := func(path string) {
		for _, dark := range []bool{false, true} {
			s.does(chromedp.EmulateViewport(390, 844), scheme(dark))
			s.opens(path)
			if stopped := says[[]string](s, `window.stopped`); len(stopped) > 0 {
				t.Errorf("%s: the policy stopped %v", path, stopped)
			}
			for _, fault := range s.judged(string(judge)) {
				t.Errorf("%s, dark %v: %s", path, dark, fault)
			}
		}
	}
	judged("/sign-in")
	judged("/welcome")
	s.signsIn(store.Admin, store.Reviewer)
	p, err := d.store.PersonByLogin(t.Context(), "admin")
	d.must(err)
	for _, path := range []string{"/people", "/people/" + text(p.ID), "/me", "/e/nordlicht/audit", "/e/nordlicht/upload", "/e/nordlicht/jobs", "/nowhere"} {
		judged(path)
	}
}

// TestUploadInTheBrowser: a file that is dropped on the page is uploaded, and the page tells by itself when it is booked.
func TestUploadInTheBrowser(t *testing.T) {
	d := movingDesk(t)
	s := d.screen()
	s.signsIn(store.Reviewer)
	file := filepath.Join(t.TempDir(), "main-2026-04-20.xml")
	d.must(os.WriteFile(file, demoFile("next/main-2026-04-20.xml"), 0o600))
	s.opens("/e/nordlicht/upload")
	s.does(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}), chromedp.Click(chromedp.CSS("main form button")))
	s.waits(`document.querySelector("main").innerText.includes("booked") && document.querySelector("main").innerText.includes("ties")`)
	if got := says[string](s, `document.querySelector("h1").innerText`); got != "main-2026-04-20.xml" {
		t.Error(fmt.Sprint("the page is about ", got))
	}
}
