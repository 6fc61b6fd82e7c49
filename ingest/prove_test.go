package ingest

import (
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
)

// provable is a statement that goes from 100.00 to closing with these entries.
func provable(closing int64, entries ...recon.Entry) *recon.Statement {
	s := &recon.Statement{Place: "Stmt[1]", Currency: "EUR", Opening: &recon.Balance{AmountMinor: 100_00, Date: 20260101}, Closing: &recon.Balance{AmountMinor: closing, Date: 20260131},
		Counts: recon.Counts{Entries: len(entries), StatedEntries: -1, StatedCreditMinor: -1, StatedDebitMinor: -1}}
	for i := range entries {
		e := entries[i]
		e.Currency, e.Place = "EUR", "Stmt[1]/Ntry["+string(rune('1'+i))+"]"
		if e.Status == "" {
			e.Status = recon.Booked
		}
		s.Entries = append(s.Entries, e)
	}
	return s
}

// stating is the statement with the bank's sum of its credits.
func stating(s *recon.Statement, creditMinor int64) *recon.Statement {
	s.Counts.StatedCreditMinor = creditMinor
	return s
}

func money(minor int64) recon.Entry { return recon.Entry{AmountMinor: minor} }

func TestBalanceProofSaysWhatWouldMakeItAgree(t *testing.T) {
	reversal, pending, charged := money(-25_00), money(40_00), money(100_00)
	reversal.Reversal, pending.Status, charged.ChargesMinor = true, recon.Pending, 26_00
	for _, c := range []struct {
		what      string
		statement *recon.Statement
		ties      recon.Proof
		says      string
	}{
		{"no entries", provable(100_00), recon.Ties, ""},
		{"ties", provable(130_00, money(50_00), money(-20_00)), recon.Ties, ""},
		{"pending does not count", provable(150_00, money(50_00), pending), recon.Ties, ""},
		{"off", provable(131_00, money(50_00), money(-20_00)), recon.Broken, "opening 100.00 + credits 50.00 - debits 20.00 = 130.00, but closing is 131.00: off by 1.00"},
		{"flipped reversal", provable(175_00, money(50_00), reversal), recon.Broken, "off by 50.00; agrees if reversals are flipped"},
		{"counted twice", provable(150_00, money(50_00), money(50_00)), recon.Broken, "agrees if entry 2 is counted once (it repeats entry 1)"},
		{"pending counted", provable(190_00, money(50_00), pending), recon.Broken, "agrees if the entries that are not booked are counted"},
		{"charges", provable(174_00, charged), recon.Broken, "off by 26.00; charges of 26.00 are listed on entry 1"},
		{"charges on several", provable(248_00, charged, charged), recon.Broken, "off by 52.00; charges of 52.00 are listed on 2 entries"},
		{"the bank's sums know more", stating(provable(170_00, money(50_00)), 70_00), recon.Broken, "off by 20.00; agrees with the bank's own sums, credits 70.00 and debits 0.00: entries are missing or wrong"},
		{"the bank's sums know the same", stating(provable(170_00, money(50_00)), 50_00), recon.Broken, "off by 20.00; the entries agree with the bank's own sums: a balance is wrong"},
		{"turned direction", provable(80_00, money(20_00)), recon.Broken, "agrees if the direction of entry 1 is turned"},
	} {
		problems := Prove(c.statement)
		said := ""
		for _, p := range problems {
			said += p.Code + " " + p.Message
		}
		if c.statement.Ties != c.ties || (c.says == "") != (said == "") || !strings.Contains(said, c.says) {
			t.Errorf("%s: %v, %s", c.what, c.statement.Ties, said)
		}
	}
}

func TestProofNeedsBothBalancesAndAllEntries(t *testing.T) {
	noClosing := provable(150_00, money(50_00))
	noClosing.Closing = nil
	if problems := Prove(noClosing); noClosing.Ties != recon.Unproved || len(problems) != 1 || problems[0].Code != "CAMT-NO-BALANCE" || problems[0].Severity != recon.Warn {
		t.Errorf("%v %v", noClosing.Ties, problems)
	}
	page := provable(150_00, money(50_00))
	page.Closing, page.Page = nil, &recon.Page{Number: 1}
	if problems := Prove(page); page.Ties != recon.Unproved || len(problems) != 0 {
		t.Errorf("a page alone: %v %v", page.Ties, problems)
	}
	lost := provable(150_00, money(50_00))
	lost.Counts.Rejected = 1
	if Prove(lost); lost.Ties != recon.Unproved {
		t.Errorf("with an unreadable entry: %v", lost.Ties)
	}
	foreign := provable(150_00, money(50_00), money(7_00))
	foreign.Entries[1].Currency = "USD"
	if Prove(foreign); foreign.Ties != recon.Ties {
		t.Errorf("an entry in another currency does not count: %v", foreign.Ties)
	}
}

func TestBankTotals(t *testing.T) {
	for _, c := range []struct {
		what                  string
		closing               int64
		entries, credit, debt int64
		severity              recon.Severity
	}{
		{"agree", 130_00, 2, 50_00, 20_00, ""},
		{"count differs, balances tie", 130_00, 3, 50_00, 20_00, recon.Warn},
		{"sum differs, balances tie", 130_00, 2, 51_00, 20_00, recon.Warn},
		{"sum differs, balances too", 131_00, 2, 50_00, 21_00, recon.Reject},
	} {
		s := provable(c.closing, money(50_00), money(-20_00))
		s.Counts.StatedEntries, s.Counts.StatedCreditMinor, s.Counts.StatedDebitMinor = int(c.entries), c.credit, c.debt
		got := recon.Severity("")
		for _, p := range Prove(s) {
			if p.Code == "CAMT-SUMMARY" {
				got = p.Severity
			}
		}
		if got != c.severity {
			t.Errorf("%s: %q, want %q", c.what, got, c.severity)
		}
	}
}
