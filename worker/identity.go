package worker

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// told is a statement as identity sees it: what it says of which days, and between which balances.
type told struct {
	store.Neighbour
	contents contents
	counts   bool   // false: held, or later in the same file, and only a link of the chain of balances
	draft    *draft // nil where it is stored
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
	told
	relation
}

// admission says for each record of a statement, one after another, whether it is new or stored already, and which occurrence of
// its content it is.
type admission struct {
	repeats []repeat // contents that occur more than once, or that other statements have too, in order
	again   bool     // the statement is booked already: every record repeats one
}

// repeat is a content that is not simply new once.
type repeat struct {
	recon.Fingerprint
	known    int32 // entries stored of it
	repeated int32 // records of the statement that repeat them
	seen     int32 // records told so far
}

// admitAlone admits a statement that shares no day with another, or says again what a booked one says.
func admitAlone(booked prints, again bool) *admission {
	a := &admission{again: again}
	for print, count := range counted(booked.pieces...) {
		if count == 1 {
			continue
		}
		r := repeat{Fingerprint: print}
		if again {
			r.known, r.repeated = int32(count), int32(count)
		}
		a.repeats = append(a.repeats, r)
	}
	return a
}

// admit compares a statement with its neighbours, which are all others that share days with it. Per content, statements that the chain
// of balances proves consecutive add up; statements that overlap take the larger count (FIELD §3). With a doubt, the
// admission counts what is shared with an unclear neighbour as further movements, which only a person may say.
func admit(own told, neighbours []told) (*admission, *doubt) {
	all := append(slices.Clone(neighbours), own)
	how := relations(all)
	a := &admission{}
	for _, c := range own.contents {
		r := repeat{Fingerprint: c.Fingerprint}
		told := tellers(neighbours, c.Fingerprint)
		if told {
			r.known = storedCount(neighbours, c.Fingerprint)
			fresh := min(max(int32(occurrences(all, how, c.Fingerprint))-r.known, 0), c.Count)
			r.repeated = c.Count - fresh
		}
		if told || c.Count > 1 {
			a.repeats = append(a.repeats, r)
		}
	}
	return a, doubtAbout(neighbours, how[len(all)-1], own.contents)
}

// begin makes the admission ready to tell the records from the first one on.
func (a *admission) begin() {
	for i := range a.repeats {
		a.repeats[i].seen = 0
	}
}

// fate is that of the next record of a statement.
func (a *admission) fate(print recon.Fingerprint, status recon.EntryStatus) store.Fate {
	fate := store.Fate{Kind: recon.FateNew, Fingerprint: print, Occurrence: 1}
	if status != recon.Booked {
		fate.Kind, fate.Occurrence = recon.FatePending, 0
		return fate
	}
	if a.again {
		fate.Kind = recon.FateDuplicate
	}
	i, found := a.find(print)
	if !found {
		return fate
	}
	r := &a.repeats[i]
	if r.seen++; r.seen <= r.repeated {
		fate.Kind, fate.Occurrence = recon.FateDuplicate, int(r.seen)
	} else {
		fate.Occurrence = int(r.known + r.seen - r.repeated)
	}
	return fate
}

func (a *admission) find(print recon.Fingerprint) (int, bool) {
	return slices.BinarySearchFunc(a.repeats, print, func(r repeat, print recon.Fingerprint) int { return r.Compare(print) })
}

// repeated is how many of so many booked records repeat entries that are stored.
func (a *admission) repeated(booked int) (n int) {
	if a.again {
		return booked
	}
	for _, r := range a.repeats {
		n += int(r.repeated)
	}
	return n
}

// share fills in how many records of each content become entries.
func (a *admission) share(all contents) {
	for i := range all {
		c := &all[i]
		if r, found := a.find(c.Fingerprint); found {
			c.Stored = c.Count - a.repeats[r].repeated
		} else if a.again {
			c.Stored = 0
		}
	}
}

// doubtAbout finds a neighbour that contradicts a new statement, else one that shares entries with it while nothing proves
// how the two lie.
func doubtAbout(neighbours []told, how []relation, own contents) *doubt {
	for i, n := range neighbours {
		if how[i] == contradicting && n.counts {
			return &doubt{n, contradicting}
		}
	}
	for i, n := range neighbours {
		if how[i] == unclear && share(n.contents, own) {
			return &doubt{n, unclear}
		}
	}
	return nil
}

// tellers reports whether any of the statements tells a content.
func tellers(all []told, print recon.Fingerprint) bool {
	return slices.ContainsFunc(all, func(t told) bool { return t.contents.count(print) > 0 })
}

// storedCount is how many entries of a content are stored.
func storedCount(neighbours []told, print recon.Fingerprint) (count int32) {
	for _, n := range neighbours {
		count += int32(n.contents.stored(print))
	}
	return count
}

// occurrences is how often a content happened on the account according to the statements: the heaviest set of them of
// which no two overlap.
func occurrences(all []told, how [][]relation, print recon.Fingerprint) int {
	var holders []int
	for i := range all {
		if all[i].contents.count(print) > 0 {
			holders = append(holders, i)
		}
	}
	slices.SortStableFunc(holders, func(a, b int) int { return cmp.Compare(all[b].contents.count(print), all[a].contents.count(print)) })
	return heaviest(all, how, print, holders, nil)
}

// heaviest tries each holder in and out; the holders of one content are few, as they all cover one booking day.
func heaviest(all []told, how [][]relation, print recon.Fingerprint, holders, chosen []int) int {
	if len(holders) == 0 {
		return 0
	}
	first, rest := holders[0], holders[1:]
	overlaps := func(other int) bool { return how[first][other] == overlapping || how[first][other] == contradicting }
	best := 0
	if !slices.ContainsFunc(chosen, overlaps) {
		best = all[first].contents.count(print) + heaviest(all, how, print, rest, append(slices.Clone(chosen), first))
	}
	if slices.ContainsFunc(rest, overlaps) {
		best = max(best, heaviest(all, how, print, rest, chosen))
	}
	return best
}
