package books

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// Joint says how a statement follows the ones before it.
type Joint string

// Joints.
const (
	JointFirst     Joint = "first"
	JointContinues Joint = "continues" // its opening is the previous closing
	JointOverlaps  Joint = "overlaps"  // its opening and what was told before are the previous closing
	JointCovered   Joint = "covered"   // its days are covered already
	JointGap       Joint = "gap"       // something is missing between the two
	JointUnproved  Joint = "unproved"  // it states no balances
)

// Link is one booked statement in the chain of its account.
type Link struct {
	Statement recon.StatementRow
	Joint     Joint
	// GapMinor is what is missing before it: its opening (with what was told before) less the closing before.
	GapMinor int64
}

// chained is the chain of one account with where it ends.
type chained struct {
	links        []Link
	closing      *recon.Balance // the balance that its statements end with; nil where none states one
	gapsMinor    int64
	brokenMinor  int64 // what disproved statements that a person accepted are off by
	continuities int   // joints that are proved
	gaps         int
	told         map[int64]bool // entries that several statements tell, once one of them is joined
}

// bookedByAccount groups booked statements by account, each group in the order of their days.
func bookedByAccount(statements []recon.StatementRow) map[string][]recon.StatementRow {
	groups := map[string][]recon.StatementRow{}
	for _, s := range statements {
		if !s.Held {
			groups[s.AccountID] = append(groups[s.AccountID], s)
		}
	}
	for _, group := range groups {
		slices.SortFunc(group, byDays)
	}
	return groups
}

// byDays orders statements by first day, last day, the bank's number of it, page and id.
func byDays(a, b recon.StatementRow) int {
	aFrom, aTo := days(a)
	bFrom, bTo := days(b)
	return cmp.Or(cmp.Compare(aFrom, bFrom), cmp.Compare(aTo, bTo), cmp.Compare(len(a.Sequence), len(b.Sequence)),
		cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.Page, b.Page), cmp.Compare(a.ID, b.ID))
}

// days returns the days a statement is about: the period it states, else those of its entries, else of its balances.
func days(s recon.StatementRow) (from, to recon.Date) {
	from, to = cmp.Or(s.From, s.FirstBooked), cmp.Or(s.To, s.LastBooked)
	if s.Opening != nil {
		from = cmp.Or(from, s.Opening.Date)
	}
	if s.Closing != nil {
		to = cmp.Or(to, s.Closing.Date)
	}
	return from, cmp.Or(to, from)
}

// chain joins the statements of one account; tallies sums the records of each, those known before included.
func chain(group []recon.StatementRow, tallies map[int64]*tally) chained {
	c := chained{told: map[int64]bool{}}
	var covered recon.Date
	for rest := slices.Clone(group); len(rest) > 0; {
		n := c.next(rest)
		s := rest[n]
		rest = slices.Delete(rest, n, n+1)
		c.join(s, covered, tallies[s.ID])
		if _, to := days(s); to > covered {
			covered = to
		}
	}
	return c
}

// next picks among statements of the same days the one that continues the chain: some banks send several a day without
// numbering them.
func (c *chained) next(rest []recon.StatementRow) int {
	from, to := days(rest[0])
	for n, s := range rest {
		if f, t := days(s); f != from || t != to {
			break
		}
		if c.continues(s, rest) {
			return n
		}
	}
	return 0
}

func (c *chained) continues(s recon.StatementRow, rest []recon.StatementRow) bool {
	if s.Opening == nil {
		return false
	}
	if c.closing != nil {
		return s.Opening.AmountMinor == c.closing.AmountMinor
	}
	return !slices.ContainsFunc(rest, func(other recon.StatementRow) bool {
		return other.ID != s.ID && other.Closing != nil && other.Closing.AmountMinor == s.Opening.AmountMinor
	})
}

// join appends a statement to the chain, which reaches to covered so far. Whatever the joint, the chain's closing less its gaps
// grows by what the statement tells for the first time: balances that come again by chance, as after days that add up to
// nothing, prove no joint by themselves.
func (c *chained) join(s recon.StatementRow, covered recon.Date, t *tally) {
	if t == nil {
		t = &tally{}
	}
	_, to := days(s)
	link := Link{Statement: s}
	beforeMinor, before := c.tell(t)
	freshMinor, fresh := t.creditMinor-t.debitMinor-beforeMinor, t.entries+t.known-before
	switch {
	case s.Opening == nil || s.Closing == nil:
		link.Joint = JointUnproved
		c.carry(freshMinor, to)
	case c.closing == nil:
		link.Joint = JointFirst
		c.closing = s.Closing
	case to < covered || to == covered && before > 0 && fresh == 0: // its opening may equal the closing by chance
		link.Joint = JointCovered
		c.carry(freshMinor, c.closing.Date)
	case s.Opening.AmountMinor+beforeMinor != c.closing.AmountMinor:
		link.Joint = JointGap
		link.GapMinor = s.Opening.AmountMinor + beforeMinor - c.closing.AmountMinor
		c.closing = s.Closing
	case before > 0:
		link.Joint = JointOverlaps
		c.closing = s.Closing
	default:
		link.Joint = JointContinues
		c.closing = s.Closing
	}
	c.count(link)
}

// tell sums the entries of a statement that statements before it in the chain tell too, whichever came first.
func (c *chained) tell(t *tally) (minor int64, count int) {
	for _, e := range t.shared {
		if c.told[e.id] {
			minor += e.minor
			count++
		}
		c.told[e.id] = true
	}
	return minor, count
}

// carry moves the known balance on by what a statement tells for the first time.
func (c *chained) carry(minor int64, to recon.Date) {
	if c.closing != nil {
		c.closing = &recon.Balance{AmountMinor: c.closing.AmountMinor + minor, Date: to}
	}
}

func (c *chained) count(link Link) {
	c.links = append(c.links, link)
	switch link.Joint {
	case JointContinues, JointOverlaps:
		c.continuities++
	case JointGap:
		c.gaps++
		c.gapsMinor += link.GapMinor
	}
	if link.Statement.Accepted != "" && link.Joint != JointCovered {
		c.brokenMinor += brokenMinor(link.Statement)
	}
}

// brokenMinor is what a statement's closing is off from its opening and booked records, 0 where it cannot be told.
func brokenMinor(s recon.StatementRow) int64 {
	if s.Opening == nil || s.Closing == nil {
		return 0
	}
	return s.Closing.AmountMinor - s.Opening.AmountMinor - s.CreditMinor + s.DebitMinor
}
