package worker

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// fingerprint is the identity of an entry's content within its account, recipe v1 (FIELD §3): everything the bank says
// that stays the same when it sends the statement again. Positions, message ids and entry numbers are left out; the bank's
// reference is part of it and never all of it. The booking day stands in front, for [bookedOn].
func fingerprint(e recon.Entry) string {
	var b strings.Builder
	field := func(s string) {
		b.WriteString(s)
		b.WriteByte(0)
	}
	field(strconv.FormatInt(e.AmountMinor, 10))
	field(string(e.Currency))
	field(e.Booked.String())
	field(e.Value.String())
	field(e.BankReference)
	field(e.EndToEndID)
	field(e.MandateID)
	field(e.Counterparty.Account)
	field(squeezed(e.Counterparty.Name))
	field(squeezed(e.Text))
	for _, reference := range e.Structured {
		field(reference)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return fmt.Sprintf("v1:%08d:%x", int32(e.Booked), sum[:16])
}

// bookedOn is the booking day in a fingerprint.
func bookedOn(print string) recon.Date {
	day, _ := strconv.ParseInt(print[len("v1:"):len("v1:")+8], 10, 32)
	return recon.Date(day)
}

// on returns the contents of some days.
func on(counts map[string]int, begin, end recon.Date) map[string]int {
	some := map[string]int{}
	for print, count := range counts {
		if day := bookedOn(print); day >= begin && day <= end {
			some[print] = count
		}
	}
	return some
}

// squeezed drops blanks: banks wrap the same text at other places when they send it again.
func squeezed(s string) string {
	if !strings.ContainsAny(s, " \t\r\n") {
		return s
	}
	return strings.Join(strings.Fields(s), "")
}

// identified is a statement with the fingerprints of its records and how often each booked content occurs.
type identified struct {
	row    store.Neighbour
	prints []string
}

// identify takes what identity needs from a statement: its span, its balances and its contents.
func identify(s recon.Statement, accountID, format string) identified {
	id := identified{row: store.Neighbour{StatementRow: rowOf(s, accountID, format), Counts: make(map[string]int, len(s.Entries)), Days: map[recon.Date]int64{}},
		prints: make([]string, len(s.Entries))}
	for i, e := range s.Entries {
		id.prints[i] = fingerprint(e)
		if e.Status == recon.Booked {
			id.row.Counts[id.prints[i]]++
			id.row.Days[e.Booked] += e.AmountMinor
		}
	}
	id.row.Content = contentDigest(s, id.prints)
	return id
}

// rowOf summarises a parsed statement: everything of its row but identities and fates.
func rowOf(s recon.Statement, accountID, format string) recon.StatementRow {
	row := recon.StatementRow{Format: format, AccountID: accountID, BankID: s.ID, Sequence: s.Sequence, Currency: s.Currency,
		From: s.From, To: s.To, Opening: s.Opening, Closing: s.Closing, Ties: s.Ties, Records: len(s.Entries), StatedEntries: s.Counts.StatedEntries}
	if s.Page != nil {
		row.Page = s.Page.Number
	}
	for _, e := range s.Entries {
		if e.Status != recon.Booked {
			continue
		}
		if row.FirstBooked == 0 || e.Booked < row.FirstBooked {
			row.FirstBooked = e.Booked
		}
		row.LastBooked = max(row.LastBooked, e.Booked)
		row.CreditMinor += max(e.AmountMinor, 0)
		row.DebitMinor += max(-e.AmountMinor, 0)
	}
	return row
}

// contentDigest is equal for two issues of the same statement, whatever their message ids and order.
func contentDigest(s recon.Statement, prints []string) string {
	hash := sha256.New()
	for _, balance := range []*recon.Balance{s.Opening, s.Closing} {
		if balance != nil {
			hash.Write([]byte(strconv.FormatInt(balance.AmountMinor, 10) + balance.Date.String()))
		}
		hash.Write([]byte{0})
	}
	for _, print := range slices.Sorted(slices.Values(prints)) {
		hash.Write([]byte(print))
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// span returns the days that a statement covers: its entries' booking days and the period it names.
func span(row recon.StatementRow) (from, to recon.Date) {
	from, to = row.FirstBooked, row.LastBooked
	if row.From != 0 && (from == 0 || row.From < from) {
		from = row.From
	}
	return from, max(to, row.To)
}

func overlap(a, b recon.StatementRow) bool {
	aFrom, aTo := span(a)
	bFrom, bTo := span(b)
	return aTo >= bFrom && bTo >= aFrom
}

// doubt is a neighbour that keeps a statement from being booked unattended: nothing proves how the two lie to each other, or
// they contradict each other.
type doubt struct {
	store.Neighbour
	relation
}

// admit says for each record of a new statement whether it is new or stored already, and which occurrence of its content
// it is. Per content, statements that the chain of balances proves consecutive add up; statements that overlap take the
// larger count (FIELD §3). Neighbours without counts (held ones, later ones of the same file) only serve as links of the chain.
// With a doubt, the fates count what is shared with an unclear neighbour as further movements, which only a person may say.
func admit(s recon.Statement, id identified, neighbours []store.Neighbour) (fates []store.Fate, in *doubt) {
	all := append(slices.Clone(neighbours), id.row)
	how := relations(all)
	known := make(map[string]int) // occurrences stored, of contents that the neighbours have too
	fresh := make(map[string]int, len(id.row.Counts))
	for print, count := range id.row.Counts {
		fresh[print] = count
		if counted(neighbours, print) {
			known[print] = storedCount(neighbours, print)
			fresh[print] = min(max(occurrences(all, how, print)-known[print], 0), count)
		}
	}
	fates = make([]store.Fate, len(s.Entries))
	seen := make(map[string]int, len(id.row.Counts))
	for i, print := range id.prints {
		fates[i].Fingerprint = print
		if s.Entries[i].Status != recon.Booked {
			fates[i].Kind = recon.FatePending
			continue
		}
		seen[print]++
		repeated := id.row.Counts[print] - fresh[print]
		fates[i].Kind, fates[i].Occurrence = recon.FateDuplicate, seen[print]
		if seen[print] > repeated {
			fates[i].Kind, fates[i].Occurrence = recon.FateNew, known[print]+seen[print]-repeated
		}
	}
	return fates, doubtAbout(neighbours, how[len(all)-1], id.row.Counts)
}

// doubtAbout finds a neighbour that contradicts a new statement, else one that shares entries with it while nothing proves
// how the two lie.
func doubtAbout(neighbours []store.Neighbour, how []relation, counts map[string]int) *doubt {
	for i, n := range neighbours {
		if how[i] == contradicting && n.Counts != nil {
			return &doubt{n, contradicting}
		}
	}
	for i, n := range neighbours {
		if how[i] == unclear && share(n.Counts, counts) {
			return &doubt{n, unclear}
		}
	}
	return nil
}

func share(a, b map[string]int) bool {
	for print := range a {
		if b[print] > 0 {
			return true
		}
	}
	return false
}

func counted(neighbours []store.Neighbour, print string) bool {
	return slices.ContainsFunc(neighbours, func(n store.Neighbour) bool { return n.Counts[print] > 0 })
}

// storedCount is how many entries of a content are stored.
func storedCount(neighbours []store.Neighbour, print string) (count int) {
	for _, n := range neighbours {
		count += n.Stored[print]
	}
	return count
}

// occurrences is how often a content happened on the account according to the statements: the heaviest set of them of
// which no two overlap.
func occurrences(all []store.Neighbour, how [][]relation, print string) int {
	var holders []int
	for i := range all {
		if all[i].Counts[print] > 0 {
			holders = append(holders, i)
		}
	}
	slices.SortStableFunc(holders, func(a, b int) int { return cmp.Compare(all[b].Counts[print], all[a].Counts[print]) })
	return heaviest(all, how, print, holders, nil)
}

// heaviest tries each holder in and out; the holders of one content are few, as they all cover one booking day.
func heaviest(all []store.Neighbour, how [][]relation, print string, holders, chosen []int) int {
	if len(holders) == 0 {
		return 0
	}
	first, rest := holders[0], holders[1:]
	overlaps := func(other int) bool { return how[first][other] == overlapping || how[first][other] == contradicting }
	best := 0
	if !slices.ContainsFunc(chosen, overlaps) {
		best = all[first].Counts[print] + heaviest(all, how, print, rest, append(slices.Clone(chosen), first))
	}
	if slices.ContainsFunc(rest, overlaps) {
		best = max(best, heaviest(all, how, print, rest, chosen))
	}
	return best
}

// relation says how two statements of an account lie to each other.
type relation int8

const (
	overlapping   relation = iota // they tell the same movements where they share days
	apart                         // one is proved to follow the other
	unclear                       // their balances neither connect nor coincide
	contradicting                 // their balances coincide and their movements differ
)

// relations compares statements pairwise. A path of links, each from one's closing balance to the next one's opening balance, proves that two lie apart.
func relations(all []store.Neighbour) [][]relation {
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
				if share(a.Counts, b.Counts) && balanced(b.StatementRow) && balanced(a.StatementRow) && (within[i][j] || within[j][i] || compare(a, b) == overlapping) {
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
func compare(a, b store.Neighbour) relation {
	begin, end := sharedDays(a.StatementRow, b.StatementRow)
	aCounts, bCounts := on(a.Counts, begin, end), on(b.Counts, begin, end)
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
func balanceBefore(n store.Neighbour, day recon.Date) int64 {
	balance := n.Opening.AmountMinor
	for d, sum := range n.Days {
		if d < day {
			balance += sum
		}
	}
	return balance
}

// balanceAfter is a statement's balance at the end of what it tells of a day.
func balanceAfter(n store.Neighbour, day recon.Date) int64 {
	return balanceBefore(n, day.AddDays(1))
}

// containments says which statements are told whole by another: all its contents stand there too, and its balances are
// those at an end of the other, or at an end of a third that lies within the other.
func containments(all []store.Neighbour) [][]bool {
	within := make([][]bool, len(all))
	for i := range all {
		within[i] = make([]bool, len(all))
	}
	for changed := true; changed; {
		changed = false
		for i := range all {
			for j := range all {
				if i != j && !within[i][j] && len(all[i].Counts) > 0 && subset(all[i].Counts, all[j].Counts) && anchored(all, within, i, j) {
					within[i][j], changed = true, true
				}
			}
		}
	}
	return within
}

// anchored reports whether a balance of statement i is one that statement j passes through.
func anchored(all []store.Neighbour, within [][]bool, i, j int) bool {
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

func subset(part, whole map[string]int) bool {
	for print, count := range part {
		if whole[print] < count {
			return false
		}
	}
	return true
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
