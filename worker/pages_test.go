package worker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// pageFiles are the pages of one statement from 100.00, a credit of 10.00 on each, in a file of its own each.
func pageFiles(t *testing.T, pages int, ofMessage bool) [][]byte {
	t.Helper()
	const day recon.Date = 20260302
	var files [][]byte
	for n := 1; n <= pages; n++ {
		before := &recon.Balance{AmountMinor: 10000 + 1000*int64(n-1), Date: day}
		after := &recon.Balance{AmountMinor: 10000 + 1000*int64(n), Date: day}
		s := recon.Statement{ID: "S-7", Account: "DE89370400440532013000", Currency: "EUR", Sequence: "7", From: day, To: day, Created: fmt.Sprintf("2026-03-02T20:00:0%d", n),
			Entries: []recon.Entry{{AmountMinor: 1000, Currency: "EUR", Booked: day, Value: day, Status: recon.Booked, BankReference: fmt.Sprint("P", n), Text: "hello"}},
			Counts:  recon.Counts{StatedEntries: -1, StatedCreditMinor: -1, StatedDebitMinor: -1}}
		page := &recon.Page{Number: n, Last: n == pages}
		s.InterimOpening, s.InterimClosing = before, after
		if n == 1 {
			s.Opening, s.InterimOpening = before, nil
		}
		if page.Last {
			s.Closing, s.InterimClosing = after, nil
		}
		options := fixtures.CamtOptions{}
		if ofMessage {
			options.Page = page
		} else {
			s.Page = page
		}
		var b bytes.Buffer
		if err := fixtures.WriteCamt(&b, 8, []recon.Statement{s}, options); err != nil {
			t.Fatal(err)
		}
		files = append(files, b.Bytes())
	}
	return files
}

// stands tells every file and the statements of the books.
func (h *house) stands() (lines []string) {
	h.Helper()
	files, err := h.job.Store.Files(h.ctx, storyEntity, 0)
	h.must(err)
	for _, f := range files {
		lines = append(lines, fmt.Sprintf("%s %s %s", f.Name, f.State, f.Moved))
	}
	slices.Sort(lines)
	statements, err := h.job.Store.Statements(h.ctx, storyEntity)
	h.must(err)
	for _, s := range statements {
		if !s.Held {
			lines = append(lines, fmt.Sprintf("%s %d new %d known, %v", s.BankID, s.New, s.Duplicates, s.Ties == recon.Ties))
		}
	}
	return lines
}

func (h *house) entries() (lines []string) {
	h.Helper()
	h.must(h.job.Store.Snapshot(h.ctx, storyEntity, func(v store.View) error {
		for e, err := range v.Entries() {
			if err != nil {
				return err
			}
			lines = append(lines, fmt.Sprint(e.BankReference, " ", e.AmountMinor))
		}
		return nil
	}))
	slices.Sort(lines)
	return lines
}

// The pages of a statement come in any order, one a night, and each waits until the last of them is there.
func TestPagesOfSeveralFiles(t *testing.T) {
	for _, ofMessage := range []bool{false, true} {
		for _, order := range [][]int{{1, 2, 3}, {3, 2, 1}, {2, 3, 1}, {2, 1, 3}} {
			t.Run(fmt.Sprint(order, ofMessage), func(t *testing.T) {
				h := emptyHouse(t)
				files := pageFiles(t, 3, ofMessage)
				for night, n := range order {
					h.drop(fmt.Sprintf("page%d.xml", n), files[n-1])
					h.run()
					h.sound()
					if night < 2 && len(h.entries()) > 0 {
						t.Fatalf("night %d: %v are booked", night, h.entries())
					}
				}
				want := []string{"page1.xml booked done", "page2.xml booked done", "page3.xml booked done", "S-7 3 new 0 known, true"}
				if got := h.stands(); !slices.Equal(got, want) {
					t.Errorf("%q, want %q", got, want)
				}
				if got := h.entries(); !slices.Equal(got, []string{"P1 1000", "P2 1000", "P3 1000"}) {
					t.Errorf("entries %q", got)
				}
				if left, _ := filepath.Glob(filepath.Join(h.inbox, "held", "*")); len(left) > 0 {
					t.Errorf("still in held: %q", left)
				}
			})
		}
	}
}

// A page says what it waits for as of now, in the books and beside its original.
func TestPagesSayWhatTheyWaitFor(t *testing.T) {
	h := emptyHouse(t)
	files := pageFiles(t, 4, false)
	h.drop("page2.xml", files[1])
	h.run()
	h.waits("page2.xml", "page 2 of the statement came, waiting for 1,3")
	h.drop("page4.xml", files[3])
	h.run()
	h.waits("page2.xml", "page 2 of the statement came, waiting for 1,3")
	h.waits("page4.xml", "page 4 of the statement came, waiting for 1,3")
	h.drop("page1.xml", files[0])
	h.run()
	h.waits("page2.xml", "pages 1 to 2 of the statement came, waiting for 3")
	h.waits("page4.xml", "page 4 of the statement came, waiting for 3")
}

// waits checks the problem of a held file, stored and beside its original.
func (h *house) waits(name, message string) {
	h.Helper()
	files, err := h.job.Store.Files(h.ctx, storyEntity, 0)
	h.must(err)
	at := slices.IndexFunc(files, func(f recon.FileRow) bool { return f.Name == name })
	detail, err := h.job.Store.File(h.ctx, storyEntity, files[at].ID)
	h.must(err)
	if len(detail.Problems) != 1 || detail.Problems[0].Message != message {
		h.Errorf("%s: %v, want %q", name, detail.Problems, message)
	}
	beside, err := os.ReadFile(filepath.Join(h.inbox, "held", name+".problems.json"))
	h.must(err)
	if !strings.Contains(string(beside), message) {
		h.Errorf("beside %s stands %s, want %q", name, beside, message)
	}
}

// A page that comes again, in another message, adds nothing and waits for nobody.
func TestAPageThatComesAgain(t *testing.T) {
	for _, early := range []bool{true, false} {
		h := emptyHouse(t)
		files := pageFiles(t, 2, false)
		again := bytes.Replace(files[0], []byte("20:00:01"), []byte("21:00:00"), -1)
		drops := [][]byte{files[0], again, files[1]}
		if !early {
			drops = [][]byte{files[0], files[1], again}
		}
		for n, data := range drops {
			h.drop(fmt.Sprintf("%d.xml", n), data)
			h.run()
			h.sound()
		}
		for _, line := range h.stands() {
			if strings.Contains(line, "held") {
				t.Errorf("early %v: %q", early, h.stands())
			}
		}
		if got := h.entries(); !slices.Equal(got, []string{"P1 1000", "P2 1000"}) {
			t.Errorf("early %v: entries %q", early, got)
		}
	}
}

// A run that ends between storing the whole statement and moving the originals of its pages is completed by the next one; one that
// ends before it has stored it stores it then.
func TestPagesSurviveACrashBetween(t *testing.T) {
	for _, point := range []string{"K6.before", "K6.after", "K7.before", "K7.moved"} {
		h := emptyHouse(t)
		files := pageFiles(t, 2, false)
		h.drop("page1.xml", files[0])
		h.run()
		h.drop("page2.xml", files[1])
		dying, die := context.WithCancel(h.ctx)
		h.job.Reached = func(at string) {
			if at == point {
				die()
			}
		}
		if _, err := h.job.Run(dying); !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: the run did not die: %v", point, err)
		}
		h.job.Reached = nil
		h.run()
		h.sound()
		want := []string{"page1.xml booked done", "page2.xml booked done", "S-7 2 new 0 known, true"}
		if got := h.stands(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", point, got, want)
		}
	}
}

// A page that a person rejected is not part of anything; the others go on waiting for it.
func TestARejectedPageIsGone(t *testing.T) {
	h := emptyHouse(t)
	files := pageFiles(t, 2, false)
	h.drop("page1.xml", files[0])
	h.run()
	h.must(h.job.Reject(h.ctx, 1, "wrong"))
	h.drop("page2.xml", files[1])
	h.run()
	h.waits("page2.xml", "page 2 of the statement came, waiting for 1")
}
