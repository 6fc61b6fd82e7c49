package books

import (
	"slices"

	"github.com/tieout/tieout/recon"
)

// tally sums the booked records of one statement: its stored entries, and those known before.
type tally struct {
	entries, known          int
	creditMinor, debitMinor int64 // of all its records, both positive
	addedMinor              int64 // signed, of its entries
	// of those known before, both positive
	knownCreditMinor, knownDebitMinor int64
	first                             recon.Date
	shared                            []sharedEntry // of its records: those that other statements tell too
}

// sharedEntry is an entry that several statements tell.
type sharedEntry struct {
	id    int64
	minor int64
}

// tally returns the sums of a statement, empty at first.
func (j *journal) tally(statement int64) *tally {
	t := j.tallies[statement]
	if t == nil {
		t = &tally{}
		j.tallies[statement] = t
	}
	return t
}

func (t *tally) addEntry(e *recon.EntryRow) {
	t.entries++
	t.addedMinor += e.AmountMinor
	t.record(e.AmountMinor)
	if t.first == 0 || e.Effective < t.first {
		t.first = e.Effective
	}
}

// addKnown counts a record that is an entry already.
func (t *tally) addKnown(r recon.RecordRow) {
	t.known++
	t.shared = append(t.shared, sharedEntry{r.Entry, r.AmountMinor})
	t.knownCreditMinor += max(r.AmountMinor, 0)
	t.knownDebitMinor -= min(r.AmountMinor, 0)
	t.record(r.AmountMinor)
}

func (t *tally) record(minor int64) {
	if minor > 0 {
		t.creditMinor += minor
	} else {
		t.debitMinor -= minor
	}
}

// openings posts what was on each account before its first statement. Entries of earlier statements without balances
// count into it, so that the ledger equals the bank's balance from the first stated one on.
func (j *journal) openings(statements []recon.StatementRow) {
	known := slices.DeleteFunc(slices.Clone(statements), func(s recon.StatementRow) bool { return !j.knowsStatement(s) })
	byAccount := bookedByAccount(known)
	for _, account := range j.accounts {
		key := transactionKey{phase: openingPhase, account: account.ID}
		j.opening(key, account, chain(byAccount[account.ID], j.tallies).links)
	}
}

// knowsStatement reports whether a statement is within the sight. A batch knows it by its entries.
func (j *journal) knowsStatement(s recon.StatementRow) bool {
	if j.sight.mark != nil {
		return j.tallies[s.ID] != nil
	}
	return j.sight.recorded(s.Recorded)
}

func (j *journal) opening(key transactionKey, account recon.Account, links []Link) {
	var earlierMinor int64
	var first recon.Date // effective day of the first entry before a balance was stated
	for _, l := range links {
		s := l.Statement
		if s.Opening != nil {
			j.postOpening(key, account, earlierFirst(s.Opening.Date, first), s.Opening.AmountMinor-earlierMinor)
			return
		}
		if t := j.tallies[s.ID]; t != nil && t.entries > 0 {
			earlierMinor += t.addedMinor
			first = earlierFirst(t.first, first)
		}
	}
}

// earlierFirst is the earlier of two days; no day does not count.
func earlierFirst(day, other recon.Date) recon.Date {
	if other != 0 && other < day {
		return other
	}
	return day
}

func (j *journal) postOpening(key transactionKey, account recon.Account, day recon.Date, minor int64) {
	if !j.sight.reaches(day) {
		return
	}
	head := posting{key: key, words: [3]string{"opening balance of", account.ID}, Posting: Posting{Effective: day, Original: day, Currency: account.Currency}}
	j.post(append(j.lines[:0], head.line(place{account: j.bank(account.ID), pocket: bankMoney}, minor), head.line(place{account: j.ledger.Opening}, -minor)))
}
