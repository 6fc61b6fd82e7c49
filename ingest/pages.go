package ingest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tieout/tieout/recon"
)

// Assembled is a statement with the parts it was put together from, as indices of what [Assemble] was given.
type Assembled struct {
	Statement recon.Statement
	Parts     []int
}

// Assemble joins the pages of statements, which may come in several files and in any order. whole holds the statements
// of which every page is there, proved, and those that have no pages, as they are. waiting holds the others: pages that
// follow one another joined, each with a problem CAMT-PAGE (hold) that names the pages it waits for. Both are in the order
// of their first parts. Pages belong together where account and currency are the same and the id or the sequence number
// is, and they lie within three months of each other, for ids come again. tallies are what the entries of each part add up to
// where [Stream] handed them over and they have gone by; nil where the parts hold their entries. Neither is changed.
func Assemble(parts []recon.Statement, tallies []*Tally) (whole, waiting []Assembled) {
	for _, group := range groupPages(parts) {
		if parts[group[0]].Page == nil {
			whole = append(whole, Assembled{parts[group[0]], group})
			continue
		}
		slices.SortStableFunc(group, func(a, b int) int { return cmp.Compare(firstPage(parts[a].Page), firstPage(parts[b].Page)) })
		missing := missingPages(pagesOf(parts, group))
		if len(missing) == 0 {
			s := joinAll(parts, tallies, group)
			whole = append(whole, Assembled{s, group})
			continue
		}
		for _, run := range runs(parts, group) {
			s := joinAll(parts, tallies, run)
			s.Problems = append(s.Problems, waitingPage(&s, missing))
			waiting = append(waiting, Assembled{s, run})
		}
	}
	return whole, waiting
}

// groupPages puts the parts of one statement together, in the order in which the first of each comes.
func groupPages(parts []recon.Statement) [][]int {
	var groups [][]int
	for i := range parts {
		at := slices.IndexFunc(groups, func(group []int) bool { return joins(parts, group, i) })
		if at < 0 {
			groups = append(groups, []int{i})
		} else {
			groups[at] = append(groups[at], i)
		}
	}
	return groups
}

// joins reports whether part i is a page of the group's statement that the group does not have.
func joins(parts []recon.Statement, group []int, i int) bool {
	if !sameStatement(&parts[group[0]], &parts[i]) {
		return false
	}
	for _, g := range group {
		a, b := parts[g].Page, parts[i].Page
		if firstPage(a) <= b.Number && firstPage(b) <= a.Number || a.Last && b.Number > a.Number || b.Last && a.Number > b.Number {
			return false
		}
	}
	return true
}

// pageSlack is how many days apart two pages of one statement may begin.
const pageSlack = 92

// sameStatement reports whether a and b are pages of one statement.
func sameStatement(a, b *recon.Statement) bool {
	if a.Page == nil || b.Page == nil || a.Account != b.Account || a.Currency != b.Currency {
		return false
	}
	if (a.ID == "" || a.ID != b.ID) && (a.Sequence == "" || a.Sequence != b.Sequence) {
		return false
	}
	x, y := anyDay(a), anyDay(b)
	return x == 0 || y == 0 || max(x.DaysSince(y), y.DaysSince(x)) <= pageSlack
}

// anyDay is a day of the statement, 0 where it names none.
func anyDay(s *recon.Statement) recon.Date {
	for _, b := range []*recon.Balance{s.Opening, s.InterimOpening, s.InterimClosing, s.Closing} {
		if s.From == 0 && b != nil && b.Date != 0 {
			return b.Date
		}
	}
	return s.From
}

// follows reports whether b is the page behind a, which may be several.
func follows(a, b *recon.Statement) bool {
	return sameStatement(a, b) && !a.Page.Last && firstPage(b.Page) == a.Page.Number+1
}

func firstPage(p *recon.Page) int {
	if p.First > 0 {
		return p.First
	}
	return p.Number
}

func pagesOf(parts []recon.Statement, group []int) []recon.Page {
	pages := make([]recon.Page, len(group))
	for i, g := range group {
		pages[i] = *parts[g].Page
	}
	return pages
}

// maxMissing is how many missing pages are named.
const maxMissing = 20

// missingPages lists the pages that are not there, of pages in order. Where the last one is unknown, at least one more
// follows.
func missingPages(pages []recon.Page) []int {
	var missing []int
	next := 1
	for _, p := range pages {
		for ; next < firstPage(&p) && len(missing) < maxMissing; next++ {
			missing = append(missing, next)
		}
		next = p.Number + 1
	}
	if !pages[len(pages)-1].Last {
		missing = append(missing, next)
	}
	return missing
}

// runs cuts pages in order where one is missing.
func runs(parts []recon.Statement, group []int) [][]int {
	var cut [][]int
	for i, g := range group {
		if i == 0 || !follows(&parts[group[i-1]], &parts[g]) {
			cut = append(cut, nil)
		}
		cut[len(cut)-1] = append(cut[len(cut)-1], g)
	}
	return cut
}

// waitingPage says for which pages a statement waits.
func waitingPage(s *recon.Statement, missing []int) recon.Problem {
	numbers := make([]string, len(missing))
	for i, n := range missing {
		numbers[i] = strconv.Itoa(n)
	}
	have := fmt.Sprintf("page %d", s.Page.Number)
	if first := firstPage(s.Page); first != s.Page.Number {
		have = fmt.Sprintf("pages %d to %d", first, s.Page.Number)
	}
	return camtProblem("CAMT-PAGE", s.Place, "%s of the statement came, waiting for %s", have, strings.Join(numbers, ","))
}

// joinAll joins pages that follow one another, and proves them once they are a whole statement.
func joinAll(parts []recon.Statement, tallies []*Tally, group []int) recon.Statement {
	if len(group) == 1 {
		s := parts[group[0]]
		s.Problems = without(s.Problems, "CAMT-PAGE")
		return s
	}
	s := parts[group[0]]
	s.Entries, s.Problems, s.Ties = slices.Clone(s.Entries), pageProblems(&s), recon.Unproved
	for _, g := range group[1:] {
		page := &parts[g]
		s.Entries = append(s.Entries, page.Entries...)
		s.Problems = append(s.Problems, pageProblems(page)...)
		if p := joinPage(&s, page); p != nil {
			s.Problems = append(s.Problems, *p)
		}
	}
	if s.Page == nil {
		s.Problems = append(s.Problems, tallyAll(&s, tallies, group).prove(&s)...)
	}
	return s
}

// tallyAll adds up the entries of joined pages.
func tallyAll(s *recon.Statement, tallies []*Tally, group []int) *Tally {
	if tallies == nil {
		return tallyOf(s.Entries)
	}
	all := &Tally{}
	for _, g := range group {
		next := *tallies[g]
		all.join(&next)
	}
	return all
}

// pageProblems are those that a page keeps as a part of its statement. Balances of the whole statement say nothing of one.
func pageProblems(s *recon.Statement) []recon.Problem {
	if repeatsBalances(s) {
		return without(s.Problems, "CAMT-PAGE", "CAMT-BALANCE")
	}
	return without(s.Problems, "CAMT-PAGE")
}

func without(problems []recon.Problem, codes ...string) []recon.Problem {
	var kept []recon.Problem
	for _, p := range problems {
		if !slices.Contains(codes, p.Code) {
			kept = append(kept, p)
		}
	}
	return kept
}

// joinPage adds what page b says to the pages before it, but for its entries and problems. A problem says that they do not
// join: the one does not begin with the balance that the other ends with.
func joinPage(s, b *recon.Statement) (broken *recon.Problem) {
	if end, begin := s.InterimClosing, b.InterimOpening; end != nil && begin != nil && end.AmountMinor != begin.AmountMinor {
		p := camtProblem("CAMT-BALANCE", b.Place, "page %d ends with %s, but page %d begins with %s: off by %s", s.Page.Number, recon.FormatMinor(end.AmountMinor, s.Currency),
			firstPage(b.Page), recon.FormatMinor(begin.AmountMinor, s.Currency), recon.FormatMinor(max(end.AmountMinor-begin.AmountMinor, begin.AmountMinor-end.AmountMinor), s.Currency))
		broken = &p
	}
	if s.Opening == nil {
		s.Opening = b.Opening
	}
	if b.Closing != nil {
		s.Closing = b.Closing
	}
	s.InterimClosing = b.InterimClosing
	if b.From != 0 && (s.From == 0 || b.From < s.From) {
		s.From = b.From
	}
	s.To = max(s.To, b.To)
	if s.CopyDuplicate == "" {
		s.CopyDuplicate = b.CopyDuplicate
	}
	joinCounts(&s.Counts, &b.Counts)
	s.Page = &recon.Page{First: firstPage(s.Page), Number: b.Page.Number, Last: b.Page.Last, OfMessage: s.Page.OfMessage}
	if s.Page.First == 1 && s.Page.Last {
		s.Page, s.InterimOpening, s.InterimClosing = nil, nil, nil
	}
	return broken
}

// joinCounts adds the counts of the page that follows. Some banks state on each page the totals of the page, others those
// of the statement: the latter are the same on every page, and not what the pages hold.
func joinCounts(n, page *recon.Counts) {
	ofPages := n.StatedEntries == n.Entries && page.StatedEntries == page.Entries
	total := func(a, b int64) int64 {
		switch {
		case a < 0:
			return b
		case b < 0 || a == b && !ofPages:
			return a
		}
		return a + b
	}
	n.StatedEntries = int(total(int64(n.StatedEntries), int64(page.StatedEntries)))
	n.StatedCreditMinor = total(n.StatedCreditMinor, page.StatedCreditMinor)
	n.StatedDebitMinor = total(n.StatedDebitMinor, page.StatedDebitMinor)
	n.Entries += page.Entries
	n.Rejected += page.Rejected
	n.IgnoredPending += page.IgnoredPending
}
