package worker

import "github.com/tieout/tieout/recon"

// relation says how two statements of an account lie to each other.
type relation int8

const (
	overlapping   relation = iota // they tell the same movements where they share days
	apart                         // one is proved to follow the other
	unclear                       // their balances neither connect nor coincide
	contradicting                 // their balances coincide and their movements differ
)

// relations compares statements pairwise. A path of links, each from one's closing balance to the next one's opening balance, proves that two lie apart.
func relations(all []told) [][]relation {
	reach := make([][]bool, len(all))
	for i := range all {
		reach[i] = make([]bool, len(all))
		for j := range all {
			reach[i][j] = i != j && follows(all[i].StatementRow, all[j].StatementRow)
		}
	}
	for k := range all {
		for i := range all {
			for j := range all {
				reach[i][j] = reach[i][j] || reach[i][k] && reach[k][j]
			}
		}
	}
	within := containments(all)
	how := make([][]relation, len(all))
	for i, a := range all {
		how[i] = make([]relation, len(all))
		for j, b := range all {
			switch {
			case a.Content == b.Content:
				how[i][j] = overlapping
			case reach[i][j] != reach[j][i]:
				how[i][j] = apart
				if share(a.contents, b.contents) && balanced(b.StatementRow) && balanced(a.StatementRow) && (within[i][j] || within[j][i] || compare(a, b) == overlapping) {
					how[i][j] = unclear // sums of nothing: the balances fit both readings
				}
			case within[i][j] || within[j][i] || !balanced(a.StatementRow) || !balanced(b.StatementRow):
				how[i][j] = overlapping
			default:
				how[i][j] = compare(a, b)
			}
		}
	}
	return how
}

// compare judges two statements with balances that share days, by the balance at the begin and at the end of these days:
// where both coincide the contents must be equal, where one does one content must be part of the other.
func compare(a, b told) relation {
	begin, end := sharedDays(a.StatementRow, b.StatementRow)
	aCounts, bCounts := a.contents.on(begin, end), b.contents.on(begin, end)
	sameBegin := balanceBefore(a, begin) == balanceBefore(b, begin)
	sameEnd := balanceAfter(a, end) == balanceAfter(b, end)
	part := subset(aCounts, bCounts) || subset(bCounts, aCounts)
	whole := subset(aCounts, bCounts) && subset(bCounts, aCounts)
	switch {
	case sameBegin && sameEnd && balanceBefore(a, begin) == balanceAfter(a, end) && !whole: // sums of nothing prove nothing
		return unclear
	case sameBegin && sameEnd && !whole, (sameBegin || sameEnd) && !part:
		return contradicting
	case sameBegin || sameEnd, part && begin != end:
		return overlapping
	}
	return unclear
}

func sharedDays(a, b recon.StatementRow) (begin, end recon.Date) {
	aFrom, aTo := span(a)
	bFrom, bTo := span(b)
	return max(aFrom, bFrom), min(aTo, bTo)
}

// balanceBefore is a statement's balance at the begin of what it tells of a day.
func balanceBefore(n told, day recon.Date) int64 {
	balance := n.Opening.AmountMinor
	for d, sum := range n.Days {
		if d < day {
			balance += sum
		}
	}
	return balance
}

// balanceAfter is a statement's balance at the end of what it tells of a day.
func balanceAfter(n told, day recon.Date) int64 {
	return balanceBefore(n, day.AddDays(1))
}

// containments says which statements are told whole by another: all its contents stand there too, and its balances are
// those at an end of the other, or at an end of a third that lies within the other.
func containments(all []told) [][]bool {
	within := make([][]bool, len(all))
	for i := range all {
		within[i] = make([]bool, len(all))
	}
	for changed := true; changed; {
		changed = false
		for i := range all {
			for j := range all {
				if i != j && !within[i][j] && len(all[i].contents) > 0 && subset(all[i].contents, all[j].contents) && anchored(all, within, i, j) {
					within[i][j], changed = true, true
				}
			}
		}
	}
	return within
}

// anchored reports whether a balance of statement i is one that statement j passes through.
func anchored(all []told, within [][]bool, i, j int) bool {
	a, b := all[i].StatementRow, all[j].StatementRow
	if !balanced(a) || !balanced(b) {
		return false
	}
	if a.Opening.AmountMinor == b.Opening.AmountMinor || a.Closing.AmountMinor == b.Closing.AmountMinor {
		return true
	}
	for k := range all {
		if c := all[k].StatementRow; k != i && within[k][j] && balanced(c) &&
			(c.Closing.AmountMinor == a.Opening.AmountMinor || c.Opening.AmountMinor == a.Closing.AmountMinor) {
			return true
		}
	}
	return false
}

// balanced reports whether the balances of a statement can be relied on.
func balanced(s recon.StatementRow) bool {
	return s.Opening != nil && s.Closing != nil && s.Ties != recon.Broken
}

// follows reports whether b opens with what a closes with and does not begin before a ends.
func follows(a, b recon.StatementRow) bool {
	if a.Closing == nil || b.Opening == nil || a.Closing.AmountMinor != b.Opening.AmountMinor {
		return false
	}
	_, aTo := span(a)
	bFrom, _ := span(b)
	return aTo <= bFrom
}
