package storetest

import (
	"fmt"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func pageStories() []story {
	return []story{
		{"pages wait and become one statement", pagesTogether},
		{"a page is part of one statement only", func(w *world) {
			page, whole := w.page(1, 100), w.booking("main", credit(100))
			first := w.outcome(recon.FileHeld, page)
			whole.Parts = []int64{w.pages()[0].ID}
			o := outcomeOf(w.file(), recon.FileBooked, whole)
			o.Completes = []store.Completion{{File: first.File}}
			w.must(w.SaveOutcome(background, w.act(), o))
			again := w.booking("main", credit(200))
			again.Parts = whole.Parts
			w.fails(w.SaveOutcome(background, w.act(), outcomeOf(w.file(), recon.FileBooked, again)), store.ErrStale)
			o = outcomeOf(w.file(), recon.FileBooked, w.booking("main", credit(300)))
			o.Completes = []store.Completion{{File: first.File}}
			w.fails(w.SaveOutcome(background, w.act(), o), store.ErrStale)
			w.same("last entry", w.lastEntry(), int64(1))
		}},
		{"a page that is part of a statement stays so when its file is judged again", func(w *world) {
			page, other := w.page(1, 100), w.booking("", credit(500)).held()
			page.BankID, other.BankID, other.Content = "S1", "S2", ""
			o := w.outcome(recon.FileHeld, page, other)
			whole := w.booking("main", credit(100), credit(200))
			whole.Parts = []int64{w.pages()[0].ID}
			w.outcome(recon.FileBooked, whole)
			known := w.booking("main", credit(100))
			known.Content, known.fates[0].Kind, known.fates[0].Fingerprint = page.Content, recon.FateDuplicate, whole.fates[0].Fingerprint
			released := w.booking("proved", credit(500))
			released.BankID = "S2"
			o.State = recon.FileBooked
			tell(&o, known, released)
			w.must(w.SaveOutcome(background, w.act(), o))
			w.same("pages", w.tellPages(), "1 page 1 of 3")
			w.same("last entry", w.lastEntry(), int64(3))
		}},
		{"what holds a file may change while it waits", func(w *world) {
			s := w.page(1, 100)
			s.Problems = []recon.Problem{{Code: "CAMT-PAGE", Severity: recon.Hold, Message: "waiting for 2,3", Details: "one\ntwo"}}
			o := w.outcome(recon.FileHeld, s)
			before := w.audits()
			w.must(w.SaveOutcome(background, w.act(), o))
			w.same("audit rows where nothing changed", w.audits(), before)
			s.Problems = []recon.Problem{{Code: "CAMT-PAGE", Severity: recon.Hold, Message: "waiting for 3"}}
			tell(&o, s)
			w.must(w.SaveOutcome(background, w.act(), o))
			w.same("audit rows", w.audits(), before+1)
			detail, err := w.File(background, entity, o.File)
			w.must(err)
			w.same("problems", detail.Problems, s.Problems)
			w.same("statements", len(detail.Statements), 1)
		}},
		{"the account of a held statement becomes known", func(w *world) {
			s := w.page(1, 100)
			known, content := s, s.Content
			s.AccountID, s.Content = "", ""
			o := w.outcome(recon.FileHeld, s)
			w.same("pages", w.tellPages(), "")
			tell(&o, known)
			w.must(w.SaveOutcome(background, w.act(), o))
			w.same("pages", w.tellPages(), "1 page 1 of 0")
			w.same("content", w.pages()[0].Content, content)
		}},
		{"what a person rejected is no neighbour and no page", func(w *world) {
			o := w.outcome(recon.FileHeld, w.page(1, 100))
			w.same("neighbours", len(w.near()), 1)
			w.must(w.RejectFile(background, w.petra(), entity, o.File, "not ours"))
			w.same("neighbours", len(w.near()), 0)
			w.same("pages", w.tellPages(), "")
		}},
	}
}

// page is a held page with one credit.
func (w *world) page(number int, minor int64) booking {
	w.prints++ // contents of their own
	b := w.booking("main", credit(minor)).held()
	b.Page, b.Ties = number, recon.Unproved
	return b
}

func (w *world) pages() []recon.StatementRow {
	w.Helper()
	pages, err := w.Pages(background, entity, "main")
	w.must(err)
	return pages
}

func (w *world) tellPages() string {
	var parts []string
	for _, p := range w.pages() {
		parts = append(parts, fmt.Sprintf("%d page %d of %d", p.ID, p.Page, p.PartOf))
	}
	return strings.Join(parts, ", ")
}

func (w *world) near() []store.Neighbour {
	w.Helper()
	near, err := w.Neighbours(background, entity, "main", 20260301, 20260331)
	w.must(err)
	return near
}

func pagesTogether(w *world) {
	first, second := w.page(1, 100), w.page(2, 200)
	first.Problems = []recon.Problem{{Code: "CAMT-PAGE", Severity: recon.Hold}}
	a, b := w.outcome(recon.FileHeld, first), w.outcome(recon.FileHeld, second)
	w.same("pages", w.tellPages(), "1 page 1 of 0, 2 page 2 of 0")
	w.toDecide()

	whole := w.booking("main", credit(100), credit(200), credit(300))
	whole.Parts = []int64{1, 2}
	last := outcomeOf(w.file(), recon.FileBooked, whole)
	left := []recon.Problem{{Code: "CAMT-FOREIGN", Severity: recon.Warn}}
	last.Completes = []store.Completion{{File: a.File, Problems: left}, {File: b.File}}
	w.must(w.SaveOutcome(background, w.act(), last))

	w.same("pages", w.tellPages(), "1 page 1 of 3, 2 page 2 of 3")
	w.toDecide(1, 2, 3)
	rows, err := w.Statements(background, entity)
	w.must(err)
	w.same("statements", []any{len(rows), rows[0].ID, rows[0].New}, []any{1, int64(3), 3})
	w.same("neighbours", len(w.near()), 1)
	detail, err := w.File(background, entity, a.File)
	w.must(err)
	w.same("file", []any{detail.State, detail.Problems, len(detail.Statements), detail.Statements[0].PartOf}, []any{recon.FileBooked, left, 1, int64(3)})
	w.fails(w.RejectFile(background, w.petra(), entity, b.File, "too late"), store.ErrStale)
	w.view(func(v store.View) {
		rows, err := v.Statements()
		w.must(err)
		w.same("statements in a view", len(rows), 1)
	})
}
