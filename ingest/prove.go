package ingest

import (
	"fmt"
	"strings"

	"github.com/tieout/tieout/recon"
)

// Prove does the arithmetic of a statement: opening + booked entries in the account's currency =
// closing, and the bank's own counts and sums against what was read. It sets s.Ties and returns
// CAMT-BALANCE (with what would make the sums agree), CAMT-NO-BALANCE or CAMT-SUMMARY. One page of
// several proves nothing but itself, against its interim balances: [Assemble] the pages first.
func Prove(s *recon.Statement) []recon.Problem {
	return tallyOf(s.Entries).prove(s)
}

// prove is Prove for entries that have gone by; s.Entries is not looked at.
func (t *Tally) prove(s *recon.Statement) []recon.Problem {
	t.settle()
	s.Ties = recon.Unproved
	if sums := t.of(s.Currency); sums.overflows() {
		s.Ties = recon.Broken
		return []recon.Problem{camtProblem("CAMT-AMT-RANGE", s.Place, "the entries add up to more than any account holds")}
	}
	if s.Page != nil {
		return t.provePage(s)
	}
	var problems []recon.Problem
	switch {
	case s.Opening == nil || s.Closing == nil:
		problems = append(problems, camtProblem("CAMT-NO-BALANCE", s.Place, "the statement has no %s balance", missingBalance(s)))
	case t.off(s.Opening, s.Closing, s.Currency) != 0:
		s.Ties = recon.Broken
		problems = append(problems, t.brokenBalance(s, s.Opening, s.Closing))
	case s.Counts.Rejected == 0:
		s.Ties = recon.Ties
	}
	return append(problems, t.summaryProblems(s)...)
}

// provePage proves the arithmetic of a page from its balances: its own, or those of the whole statement, which some banks
// repeat on every page.
func (t *Tally) provePage(s *recon.Statement) []recon.Problem {
	opening, closing := s.Opening, s.Closing
	if opening == nil {
		opening = s.InterimOpening
	}
	if closing == nil {
		closing = s.InterimClosing
	}
	if opening == nil || closing == nil {
		return nil
	}
	if t.off(opening, closing, s.Currency) != 0 {
		s.Ties = recon.Broken
		return []recon.Problem{t.brokenBalance(s, opening, closing)}
	}
	if repeatsBalances(s) && s.Counts.Rejected == 0 {
		s.Ties = recon.Ties
	}
	return nil
}

// repeatsBalances reports whether a page states both balances of its statement: where they do not agree, other pages may make
// them.
func repeatsBalances(s *recon.Statement) bool {
	return s.Page != nil && s.Opening != nil && s.Closing != nil
}

// off is by how much the booked entries fall short of the closing balance.
func (t *Tally) off(opening, closing *recon.Balance, ccy recon.Currency) int64 {
	booked := t.of(ccy).booked
	return closing.AmountMinor - opening.AmountMinor - booked.credit + booked.debit
}

func missingBalance(s *recon.Statement) string {
	switch {
	case s.Opening == nil && s.Closing == nil:
		return "opening (OPBD, PRCD) and no closing (CLBD)"
	case s.Opening == nil:
		return "opening (OPBD, PRCD)"
	}
	return "closing (CLBD)"
}

// brokenBalance explains the arithmetic and what would make it agree.
func (t *Tally) brokenBalance(s *recon.Statement, opening, closing *recon.Balance) recon.Problem {
	money := func(minor int64) string { return recon.FormatMinor(minor, s.Currency) }
	off, booked := t.off(opening, closing, s.Currency), t.of(s.Currency).booked
	of := ""
	if s.Page != nil {
		of = fmt.Sprintf("page %d: ", s.Page.Number)
	}
	message := fmt.Sprintf("%sopening %s + credits %s - debits %s = %s, but closing is %s: off by %s", of, money(opening.AmountMinor), money(booked.credit),
		money(booked.debit), money(closing.AmountMinor-off), money(closing.AmountMinor), money(max(off, -off)))
	if hints := t.balanceHints(s, off); len(hints) > 0 {
		message += "; " + strings.Join(hints, "; ")
	}
	return camtProblem("CAMT-BALANCE", s.Place, "%s", message)
}

// balanceHints lists what would explain that the entries fall short of the closing balance by off.
func (t *Tally) balanceHints(s *recon.Statement, off int64) []string {
	var hints []string
	if n := s.Counts.Rejected; n == 1 {
		hints = append(hints, "one entry could not be read and is not counted")
	} else if n > 1 {
		hints = append(hints, fmt.Sprintf("%d entries could not be read and are not counted", n))
	}
	booked := t.of(s.Currency)
	if booked.reversals != 0 && off == -2*booked.reversals {
		hints = append(hints, "agrees if reversals are flipped (this bank may state the direction of the original)")
	}
	if booked.unbooked != 0 && off == booked.unbooked {
		hints = append(hints, "agrees if the entries that are not booked are counted")
	}
	if booked.charged > 1 && (off == booked.charges || off == -booked.charges) {
		hints = append(hints, fmt.Sprintf("charges of %s are listed on %d entries", recon.FormatMinor(booked.charges, s.Currency), booked.charged))
	}
	hints = append(hints, t.statedHints(s, off)...)
	return append(hints, t.entryHints(s, off)...)
}

// statedHints asks the bank's own sums: where they make the balances agree, entries are missing; where they agree with
// the entries, a balance is wrong.
func (t *Tally) statedHints(s *recon.Statement, off int64) []string {
	credit, debit, booked := s.Counts.StatedCreditMinor, s.Counts.StatedDebitMinor, t.of(s.Currency).booked
	if credit < 0 && debit < 0 || s.Page != nil {
		return nil
	}
	if credit < 0 {
		credit = booked.credit
	}
	if debit < 0 {
		debit = booked.debit
	}
	switch missing := credit - booked.credit - debit + booked.debit; {
	case missing == off:
		return []string{fmt.Sprintf("agrees with the bank's own sums, credits %s and debits %s: entries are missing or wrong",
			recon.FormatMinor(credit, s.Currency), recon.FormatMinor(debit, s.Currency))}
	case credit == booked.credit && debit == booked.debit:
		return []string{"the entries agree with the bank's own sums: a balance is wrong"}
	}
	return nil
}

// maxEntryHints bounds the list: more guesses than these explain nothing.
const maxEntryHints = 3

// entryHints looks for single entries that explain the difference.
func (t *Tally) entryHints(s *recon.Statement, off int64) []string {
	var hints []string
	seen := map[uint64]string{}
	for i := range t.traces {
		e := &t.traces[i]
		if len(hints) == maxEntryHints || e.currency != s.Currency {
			continue
		}
		name := placeName(e.place)
		if page, _, ok := strings.Cut(e.place, "/"); ok && page != s.Place {
			name += " of " + page
		}
		if e.minor == -off {
			if before, twice := seen[e.look]; twice {
				hints = append(hints, fmt.Sprintf("agrees if %s is counted once (it repeats %s)", name, before))
			}
			seen[e.look] = name
		}
		if 2*e.minor == -off {
			hints = append(hints, fmt.Sprintf("agrees if the direction of %s is turned", name))
		}
		if e.charges != 0 && (e.charges == off || e.charges == -off) {
			hints = append(hints, fmt.Sprintf("charges of %s are listed on %s", recon.FormatMinor(e.charges, s.Currency), name))
		}
	}
	return hints
}

// placeName says "entry 7" for "Stmt[1]/Ntry[7]", and "entry 7, detail 2" for one of its details.
func placeName(place string) string {
	number := func(mark string) string {
		_, rest, ok := strings.Cut(place, mark)
		if !ok {
			return ""
		}
		n, _, _ := strings.Cut(rest, "]")
		return n
	}
	entry, detail := number("Ntry["), number("TxDtls[")
	switch {
	case entry == "":
		return place
	case detail == "":
		return "entry " + entry
	}
	return "entry " + entry + ", detail " + detail
}

// summaryProblems compares the bank's counts and sums with the entries. Banks count differently (pending
// entries, details); where the balances tie or the other counting agrees, a difference is only told.
func (t *Tally) summaryProblems(s *recon.Statement) []recon.Problem {
	var problems []recon.Problem
	tell := func(format string, args ...any) {
		p := camtProblem("CAMT-SUMMARY", s.Place+"/TxsSummry", format, args...)
		if s.Ties == recon.Ties {
			p.Severity = recon.Warn
			p.Try = "nothing to do, the balances prove the statement; tell the bank"
		}
		problems = append(problems, p)
	}
	counts := &s.Counts
	if n := counts.StatedEntries; n >= 0 && n != counts.Entries && n != counts.Entries-counts.IgnoredPending && n != t.entries {
		tell("the bank counts %d entries, the statement holds %d", n, counts.Entries)
	}
	sum := func(what string, stated, booked, any int64) {
		if stated >= 0 && stated != booked && stated != any {
			tell("the bank's sum of %s is %s, the entries add up to %s: off by %s", what, recon.FormatMinor(stated, s.Currency),
				recon.FormatMinor(booked, s.Currency), recon.FormatMinor(max(stated-booked, booked-stated), s.Currency))
		}
	}
	booked := t.of(s.Currency).booked
	sum("credits", counts.StatedCreditMinor, booked.credit, t.all.credit)
	sum("debits", counts.StatedDebitMinor, booked.debit, t.all.debit)
	return problems
}
