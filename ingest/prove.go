package ingest

import (
	"fmt"
	"strings"

	"github.com/tieout/tieout/recon"
)

// Prove does the arithmetic of a statement: opening + booked entries in the account's currency =
// closing, and the bank's own counts and sums against what was read. It sets s.Ties and returns
// CAMT-BALANCE (with what would make the sums agree), CAMT-NO-BALANCE or CAMT-SUMMARY. One page of
// several proves nothing by itself: assemble the pages first.
func Prove(s *recon.Statement) []recon.Problem {
	var problems []recon.Problem
	sums := addUp(s)
	off := int64(0)
	s.Ties = recon.Unproved
	switch {
	case s.Opening != nil && s.Closing != nil:
		off = s.Closing.AmountMinor - s.Opening.AmountMinor - sums.credit + sums.debit
		if s.Ties = recon.Ties; off != 0 {
			s.Ties = recon.Broken
			problems = append(problems, brokenBalance(s, sums, off))
		} else if s.Counts.Rejected > 0 {
			s.Ties = recon.Unproved
		}
	case s.Page == nil:
		problems = append(problems, camtProblem("CAMT-NO-BALANCE", s.Place, "the statement has no %s balance", missingBalance(s)))
	}
	if s.Page == nil {
		problems = append(problems, summaryProblems(s, sums)...)
	}
	return problems
}

// sums are what the booked entries of a statement add up to, each positive.
type sums struct{ credit, debit int64 }

func addUp(s *recon.Statement) (t sums) {
	for i := range s.Entries {
		e := &s.Entries[i]
		switch {
		case e.Status != recon.Booked || e.Currency != s.Currency:
		case e.AmountMinor > 0:
			t.credit += e.AmountMinor
		default:
			t.debit -= e.AmountMinor
		}
	}
	return t
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
func brokenBalance(s *recon.Statement, t sums, off int64) recon.Problem {
	money := func(minor int64) string { return recon.FormatMinor(minor, s.Currency) }
	message := fmt.Sprintf("opening %s + credits %s - debits %s = %s, but closing is %s: off by %s", money(s.Opening.AmountMinor), money(t.credit),
		money(t.debit), money(s.Closing.AmountMinor-off), money(s.Closing.AmountMinor), money(max(off, -off)))
	if hints := balanceHints(s, off); len(hints) > 0 {
		message += "; " + strings.Join(hints, "; ")
	}
	return camtProblem("CAMT-BALANCE", s.Place, "%s", message)
}

// balanceHints lists what would explain that the entries fall short of the closing balance by off.
func balanceHints(s *recon.Statement, off int64) []string {
	var hints []string
	if n := s.Counts.Rejected; n == 1 {
		hints = append(hints, "one entry could not be read and is not counted")
	} else if n > 1 {
		hints = append(hints, fmt.Sprintf("%d entries could not be read and are not counted", n))
	}
	var reversals, unbooked int64
	for i := range s.Entries {
		e := &s.Entries[i]
		switch {
		case e.Currency != s.Currency:
		case e.Status != recon.Booked:
			unbooked += e.AmountMinor
		case e.Reversal:
			reversals += e.AmountMinor
		}
	}
	if reversals != 0 && off == -2*reversals {
		hints = append(hints, "agrees if reversals are flipped (this bank may state the direction of the original)")
	}
	if unbooked != 0 && off == unbooked {
		hints = append(hints, "agrees if the entries that are not booked are counted")
	}
	return append(hints, entryHints(s, off)...)
}

// maxEntryHints bounds the list: more guesses than these explain nothing.
const maxEntryHints = 3

// entryHints looks for single entries that explain the difference.
func entryHints(s *recon.Statement, off int64) []string {
	var hints []string
	seen := map[string]string{}
	for i := range s.Entries {
		e := &s.Entries[i]
		if len(hints) == maxEntryHints || e.Status != recon.Booked || e.Currency != s.Currency {
			continue
		}
		name := placeName(e.Place)
		if e.AmountMinor == -off {
			key := entryLook(e)
			if before, twice := seen[key]; twice {
				hints = append(hints, fmt.Sprintf("agrees if %s is counted once (it repeats %s)", name, before))
			}
			seen[key] = name
		}
		if 2*e.AmountMinor == -off {
			hints = append(hints, fmt.Sprintf("agrees if the direction of %s is turned", name))
		}
		if e.ChargesMinor != 0 && (e.ChargesMinor == off || e.ChargesMinor == -off) {
			hints = append(hints, fmt.Sprintf("charges of %s are listed on %s", recon.FormatMinor(e.ChargesMinor, s.Currency), name))
		}
	}
	return hints
}

// entryLook is what two entries share when one is the copy of the other.
func entryLook(e *recon.Entry) string {
	return fmt.Sprint(e.AmountMinor, e.Booked, e.Value, e.Counterparty, e.EndToEndID, e.Text)
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
func summaryProblems(s *recon.Statement, t sums) []recon.Problem {
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
	if n := counts.StatedEntries; n >= 0 && n != counts.Entries && n != counts.Entries-counts.IgnoredPending && n != len(s.Entries) {
		tell("the bank counts %d entries, the statement holds %d", n, counts.Entries)
	}
	all := addAll(s)
	sum := func(what string, stated, booked, any int64) {
		if stated >= 0 && stated != booked && stated != any {
			tell("the bank's sum of %s is %s, the entries add up to %s", what, recon.FormatMinor(stated, s.Currency), recon.FormatMinor(booked, s.Currency))
		}
	}
	sum("credits", counts.StatedCreditMinor, t.credit, all.credit)
	sum("debits", counts.StatedDebitMinor, t.debit, all.debit)
	return problems
}

// addAll adds up all entries whatever their status, by the direction of the bank's entry: the details of a
// batch may point both ways.
func addAll(s *recon.Statement) (t sums) {
	for i := 0; i < len(s.Entries); {
		var net int64
		batch := s.Entries[i].Batch
		for first := i; i < len(s.Entries) && (i == first || batch != "" && s.Entries[i].Batch == batch); i++ {
			net += s.Entries[i].AmountMinor
		}
		if net > 0 {
			t.credit += net
		} else {
			t.debit -= net
		}
	}
	return t
}
