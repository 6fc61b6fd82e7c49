package ingest

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
)

// paged is a statement from 100.00 with these amounts on each page, a batch of two at the end of each. Its pages are linked
// by interim balances.
func paged(pages ...[]int64) []recon.Statement {
	var list []recon.Statement
	balance := int64(100_00)
	for i, amounts := range pages {
		s := recon.Statement{ID: "S-1", Account: "DE89370400440532013000", Currency: "EUR", Sequence: "7", From: 20260101, To: 20260131, Created: fmt.Sprintf("2026-01-31T20:00:0%d", i%10),
			Page: &recon.Page{Number: i + 1, Last: i == len(pages)-1}, InterimOpening: &recon.Balance{AmountMinor: balance, Date: 20260131}}
		for n, minor := range amounts {
			e := recon.Entry{AmountMinor: minor, Currency: "EUR", Booked: 20260105, Status: recon.Booked, BankReference: fmt.Sprintf("P%d-%d", i+1, n+1)}
			if n >= len(amounts)-2 {
				e.Batch = "b"
			}
			balance += minor
			s.Entries = append(s.Entries, e)
		}
		s.InterimClosing = &recon.Balance{AmountMinor: balance, Date: 20260131}
		if i == 0 {
			s.Opening, s.InterimOpening = s.InterimOpening, nil
		}
		if s.Page.Last {
			s.Closing, s.InterimClosing = s.InterimClosing, nil
		}
		list = append(list, s)
	}
	return list
}

// readStatements writes statements as one file and reads it.
func readStatements(t interface{ Fatal(...any) }, statements []recon.Statement, opts fixtures.CamtOptions) []recon.Statement {
	var file bytes.Buffer
	if err := fixtures.WriteCamt(&file, 8, statements, opts); err != nil {
		t.Fatal(err)
	}
	doc, err := Read("x.xml", &file, Options{})
	if err != nil || len(doc.Problems) > 0 {
		t.Fatal(err, doc.Problems)
	}
	return doc.Statements
}

// told is what a statement says on one line: its pages, its proof, its amounts, its problems.
func told(s *recon.Statement) string {
	page := ""
	if s.Page != nil {
		page = fmt.Sprintf("%d-%d ", firstPage(s.Page), s.Page.Number)
	}
	line := page + ties(s.Ties)
	for i := range s.Entries {
		line += fmt.Sprintf(" %d", s.Entries[i].AmountMinor/100)
	}
	for _, p := range s.Problems {
		line += "; " + p.Code + " " + p.Message
	}
	return line
}

// goneBy are parts whose entries have gone by, with what they add up to.
func goneBy(parts []recon.Statement) (empty []recon.Statement, tallies []*Tally) {
	empty = slices.Clone(parts)
	for i := range empty {
		tallies = append(tallies, tallyOf(empty[i].Entries))
		empty[i].Entries = nil
	}
	return empty, tallies
}

var entriesTold = regexp.MustCompile(`(true|false|null)( -?\d+)+`)

func withoutEntries(lines string) string { return entriesTold.ReplaceAllString(lines, "$1") }

func tellAll(list []recon.Statement) (lines []string) {
	for i := range list {
		lines = append(lines, told(&list[i]))
	}
	return lines
}

func statementsOf(list []Assembled) (statements []recon.Statement) {
	for _, a := range list {
		statements = append(statements, a.Statement)
	}
	return statements
}

func TestPagesOfOneFileAreOneStatement(t *testing.T) {
	three := paged([]int64{10_00, 20_00, 5_00}, []int64{-3_00, 1_00}, []int64{7_00, 8_00, 9_00})
	got := readStatements(t, three, fixtures.CamtOptions{})
	if lines := tellAll(got); !slices.Equal(lines, []string{"true 10 20 5 -3 1 7 8 9"}) {
		t.Fatalf("%q", lines)
	}
	s := got[0]
	if s.Opening.AmountMinor != 100_00 || s.Closing.AmountMinor != 157_00 || s.InterimClosing != nil || s.Counts.Entries != 5 || s.Place != "Stmt[1]" {
		t.Errorf("%+v", s)
	}
	if batches := []string{s.Entries[1].Batch, s.Entries[3].Batch, s.Entries[6].Batch}; !slices.Equal(batches, []string{"2", "2/1", "3/2"}) {
		t.Errorf("batches of different pages are one: %q", batches)
	}
}

func TestPagesWaitForTheOthers(t *testing.T) {
	all := paged([]int64{10_00}, []int64{20_00}, []int64{30_00}, []int64{40_00})
	for _, c := range []struct {
		what           string
		pages          []int
		whole, waiting []string
	}{
		{"all, in order", []int{1, 2, 3, 4}, []string{"true 10 20 30 40"}, nil},
		{"all, in no order", []int{3, 1, 4, 2}, []string{"true 10 20 30 40"}, nil},
		{"one in the middle", []int{2}, nil, []string{"2-2 null 20; CAMT-PAGE page 2 of the statement came, waiting for 1,3"}},
		{"the first", []int{1}, nil, []string{"1-1 null 10; CAMT-PAGE page 1 of the statement came, waiting for 2"}},
		{"the last", []int{4}, nil, []string{"4-4 null 40; CAMT-PAGE page 4 of the statement came, waiting for 1,2,3"}},
		{"two that follow one another", []int{3, 2}, nil, []string{"2-3 null 20 30; CAMT-PAGE pages 2 to 3 of the statement came, waiting for 1,4"}},
		{"two apart", []int{3, 1}, nil, []string{"1-1 null 10; CAMT-PAGE page 1 of the statement came, waiting for 2,4", "3-3 null 30; CAMT-PAGE page 3 of the statement came, waiting for 2,4"}},
		{"one twice", []int{1, 2, 2, 3, 4}, []string{"true 10 20 30 40"}, []string{"2-2 null 20; CAMT-PAGE page 2 of the statement came, waiting for 1,3"}},
	} {
		var parts []recon.Statement
		for _, n := range c.pages {
			parts = append(parts, readStatements(t, all[n-1:n], fixtures.CamtOptions{})...)
		}
		before := fmt.Sprint(tellAll(parts))
		whole, waiting := Assemble(parts, nil)
		if got := tellAll(statementsOf(whole)); !slices.Equal(got, c.whole) {
			t.Errorf("%s: whole %q, want %q", c.what, got, c.whole)
		}
		if got := tellAll(statementsOf(waiting)); !slices.Equal(got, c.waiting) {
			t.Errorf("%s: waiting %q, want %q", c.what, got, c.waiting)
		}
		if after := fmt.Sprint(tellAll(parts)); after != before {
			t.Errorf("%s: the parts were changed: %s", c.what, after)
		}
	}
}

func TestWhatPagesMustAgreeOn(t *testing.T) {
	change := func(page int, how func(*recon.Statement)) []recon.Statement {
		pages := paged([]int64{10_00}, []int64{20_00})
		how(&pages[page-1])
		return pages
	}
	for _, c := range []struct {
		what  string
		parts []recon.Statement
		says  string
	}{
		{"another sequence but one id", change(2, func(s *recon.Statement) { s.Sequence = "8" }), "true 10 20"},
		{"another id but one sequence", change(2, func(s *recon.Statement) { s.ID = "S-1-2" }), "true 10 20"},
		{"another id and sequence", change(2, func(s *recon.Statement) { s.ID, s.Sequence = "S-2", "8" }), "1-1 null 10; CAMT-PAGE page 1 of the statement came, waiting for 2 | 2-2 null 20; CAMT-PAGE page 2 of the statement came, waiting for 1"},
		{"another account", change(2, func(s *recon.Statement) { s.Account = "DE02120300000000202051" }), "1-1 null 10; CAMT-PAGE page 1 of the statement came, waiting for 2 | 2-2 null 20; CAMT-PAGE page 2 of the statement came, waiting for 1"},
		{"a number that comes again next year", change(2, func(s *recon.Statement) { s.From, s.To = 20270101, 20270131 }), "1-1 null 10; CAMT-PAGE page 1 of the statement came, waiting for 2 | 2-2 null 20; "},
		{"a page that does not go on where the other ends", change(2, func(s *recon.Statement) { s.InterimOpening.AmountMinor, s.Closing.AmountMinor = 90_00, 110_00 }),
			"false 10 20; CAMT-BALANCE page 1 ends with 110.00, but page 2 begins with 90.00: off by 20.00; CAMT-BALANCE opening 100.00 + credits 30.00 - debits 0.00 = 130.00, but closing is 110.00: off by 20.00"},
		{"a page that does not add up", change(1, func(s *recon.Statement) { s.InterimClosing.AmountMinor = 111_00 }), "true 10 20; CAMT-BALANCE page 1: opening 100.00 + credits 10.00 - debits 0.00 = 110.00, but closing is 111.00: off by 1.00; CAMT-BALANCE page 1 ends with 111.00, but page 2 begins with 110.00: off by 1.00"},
		{"balances of the statement on every page", change(1, func(s *recon.Statement) { s.Closing = &recon.Balance{AmountMinor: 130_00, Date: 20260131} }), "true 10 20"},
		{"no interim balances", change(2, func(s *recon.Statement) { s.InterimOpening = nil }), "true 10 20"},
	} {
		in := strings.Join(tellAll(readStatements(t, c.parts, fixtures.CamtOptions{})), " | ")
		var apart []recon.Statement
		for i := range c.parts {
			apart = append(apart, readStatements(t, c.parts[i:i+1], fixtures.CamtOptions{})...)
		}
		whole, waiting := Assemble(apart, nil)
		across := strings.Join(tellAll(statementsOf(append(whole, waiting...))), " | ")
		whole, waiting = Assemble(goneBy(apart))
		if gone := strings.Join(tellAll(statementsOf(append(whole, waiting...))), " | "); gone != withoutEntries(across) {
			t.Errorf("%s:\nwith entries    %s\nwithout entries %s", c.what, across, gone)
		}
		if !strings.HasPrefix(in, c.says) || !strings.HasPrefix(across, c.says) {
			t.Errorf("%s:\nin one file %s\nin two files %s\nwant %s", c.what, in, across, c.says)
		}
	}
}

// Some banks number messages: the statements of page 2 may be whole, and others than those of page 1.
func TestPagesOfMessages(t *testing.T) {
	entry := recon.Entry{AmountMinor: 10_00, Currency: "EUR", Booked: 20260105, Status: recon.Booked}
	whole := recon.Statement{ID: "S-1", Account: "DE89370400440532013000", Currency: "EUR", Opening: &recon.Balance{Date: 20260101}, Closing: &recon.Balance{AmountMinor: 10_00, Date: 20260131}, Entries: []recon.Entry{entry}}
	part := whole
	part.Closing = nil
	for _, c := range []struct {
		what string
		s    recon.Statement
		page recon.Page
		says string
	}{
		{"whole on the last page", whole, recon.Page{Number: 2, Last: true}, "true 10"},
		{"whole on the first page", whole, recon.Page{Number: 1}, "true 10"},
		{"the only page", part, recon.Page{Number: 1, Last: true}, "null 10; CAMT-NO-BALANCE"},
		{"part of it", part, recon.Page{Number: 1}, "1-1 null 10; CAMT-PAGE page 1 of the statement came, waiting for 2"},
	} {
		got := tellAll(readStatements(t, []recon.Statement{c.s}, fixtures.CamtOptions{Page: &c.page}))
		if len(got) != 1 || !strings.HasPrefix(got[0], c.says) {
			t.Errorf("%s: %q, want %q", c.what, got, c.says)
		}
	}
}

// ITBD names no side of a page; the other balances tell.
func TestInterimBalancesWithoutSide(t *testing.T) {
	balance := func(code, amount string) string {
		return `<Bal><Tp><CdOrPrtry><Cd>` + code + `</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">` + amount + `</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-31</Dt></Dt></Bal>`
	}
	page := func(n int, last bool, balances string) string {
		return fmt.Sprintf("<StmtPgntn><PgNb>%d</PgNb><LastPgInd>%v</LastPgInd></StmtPgntn>", n, last) + balances + entryXML("x")
	}
	for _, c := range []struct {
		what, page       string
		opening, closing int64
	}{
		{"first page", page(1, false, balance("OPBD", "100")+balance("ITBD", "112.50")), -1, 112_50},
		{"middle page", page(2, false, balance("ITBD", "112.50")+balance("ITBD", "125")), 112_50, 125_00},
		{"middle page with one", page(2, false, balance("ITBD", "112.50")), -1, -1},
		{"last page", page(3, true, balance("ITBD", "125")+balance("CLBD", "137.50")), 125_00, -1},
		{"last page, opening interim", page(3, true, balance("OIBD", "125")+balance("CLBD", "137.50")), 125_00, -1},
	} {
		s := read(t, statementXML("", c.page)).Statements[0]
		side := func(b *recon.Balance) int64 {
			if b == nil {
				return -1
			}
			return b.AmountMinor
		}
		if side(s.InterimOpening) != c.opening || side(s.InterimClosing) != c.closing || len(s.Problems) != 1 {
			t.Errorf("%s: %v to %v, %v", c.what, s.InterimOpening, s.InterimClosing, s.Problems)
		}
	}
}

func TestTotalsOfPages(t *testing.T) {
	for _, c := range []struct {
		what   string
		stated [2]recon.Counts
		says   string
	}{
		{"of each page", [2]recon.Counts{{StatedEntries: 1, StatedCreditMinor: 10_00}, {StatedEntries: 1, StatedCreditMinor: 10_00}}, "true 10 10"},
		{"of the statement on each page", [2]recon.Counts{{StatedEntries: 2, StatedCreditMinor: 20_00}, {StatedEntries: 2, StatedCreditMinor: 20_00}}, "true 10 10"},
		{"of the statement on the last page", [2]recon.Counts{{}, {StatedEntries: 2, StatedCreditMinor: 20_00}}, "true 10 10"},
		{"wrong", [2]recon.Counts{{StatedEntries: 1}, {StatedEntries: 2}}, "true 10 10; CAMT-SUMMARY the bank counts 3 entries, the statement holds 2"},
	} {
		pages := paged([]int64{10_00}, []int64{10_00})
		pages[0].Counts, pages[1].Counts = c.stated[0], c.stated[1]
		if got := tellAll(readStatements(t, pages, fixtures.CamtOptions{})); len(got) != 1 || got[0] != c.says {
			t.Errorf("%s: %q, want %q", c.what, got, c.says)
		}
	}
}

// However a statement is cut into pages and files and in whatever order they come, it is the same statement.
func TestAssembledPagesAreTheStatement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		page := rapid.SliceOfN(rapid.Int64Range(-1000_00, 1000_00), 0, 5)
		pages := paged(rapid.SliceOfN(page, 2, 6).Draw(t, "pages")...)
		want := readStatements(t, pages, fixtures.CamtOptions{})
		if len(want) != 1 || want[0].Ties != recon.Ties {
			t.Fatalf("in one file: %q", tellAll(want))
		}
		var parts []recon.Statement
		for from := 0; from < len(pages); {
			to := rapid.IntRange(from+1, len(pages)).Draw(t, "file")
			parts = append(parts, readStatements(t, pages[from:to], fixtures.CamtOptions{})...)
			from = to
		}
		parts = rapid.Permutation(parts).Draw(t, "order")
		whole, waiting := Assemble(parts, nil)
		if len(whole) != 1 || len(waiting) != 0 || len(whole[0].Parts) != len(parts) {
			t.Fatalf("%d parts: %q, waiting %q", len(parts), tellAll(statementsOf(whole)), tellAll(statementsOf(waiting)))
		}
		got := whole[0].Statement
		for i := range got.Entries {
			got.Entries[i].Place, want[0].Entries[i].Place = "", ""
		}
		if got.Place, got.Created = want[0].Place, want[0].Created; !reflect.DeepEqual(got, want[0]) {
			t.Fatalf("%+v, want\n%+v", got, want[0])
		}
	})
}
