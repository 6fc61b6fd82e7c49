package books

import (
	"fmt"
	"strings"

	"github.com/tieout/tieout/recon"
)

// balances is I4: the balances of each booked statement and its booked records, taken from the rows, agree. A statement
// that a person accepted although it does not is named, not broken.
func (p *proof) balances() Check {
	var f finding
	tied, accepted := 0, 0
	for _, s := range p.statements {
		if s.Held {
			continue
		}
		t := p.tally(s.ID)
		if t.creditMinor != s.CreditMinor || t.debitMinor != s.DebitMinor {
			f.fault("statement %d: its records are %s in and %s out, stored are %s and %s", s.ID, money(t.creditMinor, s.Currency),
				money(t.debitMinor, s.Currency), money(s.CreditMinor, s.Currency), money(s.DebitMinor, s.Currency))
		}
		if s.Opening == nil || s.Closing == nil {
			continue
		}
		off := s.Closing.AmountMinor - s.Opening.AmountMinor - t.creditMinor + t.debitMinor
		switch {
		case off == 0:
			tied++
		case s.Accepted != "":
			accepted++
		default:
			f.fault("statement %d: opening and records differ from closing by %s", s.ID, money(off, s.Currency))
		}
	}
	counts := plural(tied, "statement") + " proved"
	if accepted > 0 {
		counts += fmt.Sprintf(", %d accepted by a person although they do not", accepted)
	}
	return f.check("I4", "opening and booked entries are the closing balance", counts)
}

// batches is I5 as far as rows tell: details that contradict their batch are one entry, never applied unattended.
// That details add up to their batch follows from I4; the files themselves are compared by a deeper verification.
func (p *proof) batches() Check {
	return p.whole.check("I5", "batches are their details, or whole and left to a person", fmt.Sprintf("%d entries, %d of them details of batches", p.entries, p.details))
}

// continuity is I6: each statement goes on where the one before ended. What is missing is named and never silent; it is not
// broken, for only the bank can close it.
func (p *proof) continuity() Check {
	joints, gaps := 0, finding{}
	groups := bookedByAccount(p.statements)
	for _, account := range sortedKeys(groups) {
		c := chain(groups[account], p.tallies)
		joints += c.continuities
		for _, l := range c.links {
			if l.Joint == JointGap {
				gaps.fault("account %s: %s missing before %s", shown(account), money(l.GapMinor, l.Statement.Currency), l.Statement.Opening.Date)
			}
		}
	}
	detail := plural(joints, "joint") + " without a gap"
	if gaps.count > 0 {
		named := gaps.check("", "", "")
		detail += fmt.Sprintf(", %s known: %s", plural(gaps.count, "gap"), named.Detail)
	}
	return Check{ID: "I6", Name: "each statement goes on where the one before ended, or its gap is known", OK: true, Detail: detail}
}

// fates is I10 without the archive: each record read has one fate, and there are as many as the bank says.
func (p *proof) fates() Check {
	var f finding
	records := 0
	for _, s := range p.statements {
		if s.Held {
			continue
		}
		records += s.Records
		known, pending := p.tally(s.ID).known, p.pendings[s.ID]
		switch {
		case s.Duplicates != known || s.Pending != pending:
			f.fault("statement %d: %d known before and %d pending are stored, it counts %d and %d", s.ID, known, pending, s.Duplicates, s.Pending)
		case s.Records != s.New+s.Duplicates+s.Pending:
			f.fault("statement %d: %d records read, %d have a fate", s.ID, s.Records, s.New+s.Duplicates+s.Pending)
		case !p.statedCount(s):
			f.fault("statement %d: the bank states %d entries, %d are here", s.ID, s.StatedEntries, p.bankEntries(s))
		}
	}
	for _, id := range sortedKeys(p.repeats) {
		f.fault("statement %d repeats entry %d, which does not exist", p.repeats[id][0].Statement, id)
	}
	return f.check("I10", "each record read has one fate, as many as the bank states", plural(records, "record"))
}

// statedCount compares with the bank's own count, which counts a batch once; some count its details. Pending records do
// not say which batch they are of, so they are only a bound.
func (p *proof) statedCount(s recon.StatementRow) bool {
	if s.StatedEntries < 0 || s.Accepted != "" || s.StatedEntries == s.Records {
		return true
	}
	booked := p.bankEntries(s)
	return s.StatedEntries >= booked && s.StatedEntries <= booked+s.Pending
}

func (p *proof) bankEntries(s recon.StatementRow) int {
	if b := p.bankCount[s.ID]; b != nil {
		return b.count()
	}
	return 0
}

// identities is I12.
func (p *proof) identities() Check {
	return p.identity.check("I12", "no two entries are one and the same, and no twin is missing", fmt.Sprintf("%d entries", p.entries))
}

// wholeStatements is I13: a statement is there whole or not at all.
func (p *proof) wholeStatements() Check {
	f := p.orphans
	booked, held := 0, 0
	for _, s := range p.statements {
		state, known := p.files[s.File]
		entries := p.tally(s.ID).entries
		switch {
		case s.Held:
			held++
			if entries > 0 {
				f.fault("statement %d is held and has %d entries", s.ID, entries)
			}
		case !known:
			f.fault("statement %d is of file %d, which was never received", s.ID, s.File)
		case state != recon.FileBooked && state != recon.FileHeld:
			f.fault("statement %d is booked and its file %d is %s", s.ID, s.File, state)
		case entries != s.New:
			f.fault("statement %d counts %d entries, %d are there", s.ID, s.New, entries)
		}
		if !s.Held {
			booked++
		}
	}
	return f.check("I13", "statements are booked whole or not at all", fmt.Sprintf("%d booked, %d held", booked, held))
}

// appendOnly is I25: the database itself refuses to change what is only appended to.
func appendOnly(v View) (Check, error) {
	missing, err := v.Missing()
	if err != nil {
		return Check{}, fmt.Errorf("read the schema: %w", err)
	}
	c := Check{ID: "I25", Name: "the database enforces append-only tables and money checks", OK: len(missing) == 0, Detail: "all triggers and checks are there"}
	if !c.OK {
		c.Detail = "missing: " + strings.Join(missing, ", ")
	}
	return c, nil
}
