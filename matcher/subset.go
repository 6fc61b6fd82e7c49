package matcher

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// combination is a set of items that adds up to a receipt, invoices less credit notes, each oldest first.
type combination struct{ invoices, notes []int32 }

func (c combination) size() int { return len(c.invoices) + len(c.notes) }

// combinations are the sets that add up to a receipt, at most shownSets of them.
type combinations struct {
	sets       []combination
	complete   bool // the search saw everything, so a single set is proved to be the only one
	accidental bool // so many sets could add up to anything that a fit proves little
}

// unique reports whether there is exactly one set, proved, and that it is no accident.
func (c combinations) unique() bool { return len(c.sets) == 1 && c.complete && !c.accidental }

const (
	shownSets    = 3
	mostSearched = 250       // among more items some combination has almost any amount
	searchSteps  = 200_000   // bound of the walk
	tableCells   = 2_000_000 // bound of the table
	walkClasses  = 16        // so few classes are always walked to the end
)

// class is a set of interchangeable items: of the same customer, amount and terms. The oldest are taken first.
type class struct {
	amount  int64
	members []int32
	note    bool
}

// combinations finds the sets of invoices and credit notes that add up to the receipt. Interchangeable items count as
// one: which of them is taken is no difference.
func (q *inquiry) combinations(invoices, notes []int32) combinations {
	if len(invoices)+len(notes) > mostSearched {
		return combinations{}
	}
	s := search{target: q.r.AmountMinor}
	s.classes = q.w.classes(s.classes, invoices, false)
	s.classes = q.w.classes(s.classes, notes, true)
	for _, i := range notes {
		s.target += q.w.items[i].left // leaving a credit note out is what the search adds up
	}
	s.run()
	found := combinations{complete: !s.exhausted}
	for _, counts := range s.found {
		c := q.w.members(s.classes, counts)
		if len(c.notes) > 0 && !q.w.oneOwner(c.invoices, c.notes) {
			found.complete = false // nothing that may be applied, and still another way to read the amount
			continue
		}
		found.sets = append(found.sets, c)
	}
	if len(found.sets) == 1 {
		found.accidental = q.w.accidental(found.sets[0].size(), invoices, notes)
	}
	return found
}

// classes appends the classes of items, which are oldest first; the classes come with the largest amount first.
func (w *world) classes(to []class, items []int32, note bool) []class {
	if len(items) == 1 {
		return append(to, class{amount: w.items[items[0]].left, members: items, note: note})
	}
	byAmount := slices.Clone(items)
	slices.SortStableFunc(byAmount, func(a, b int32) int { return cmp.Compare(w.items[b].left, w.items[a].left) })
	from := len(to)
	for _, i := range byAmount {
		if from < len(to) && to[from].amount != w.items[i].left {
			from = len(to)
		}
		at := slices.IndexFunc(to[from:], func(c class) bool { return w.interchangeable(c.members[0], i) })
		if at >= 0 {
			to[from+at].members = append(to[from+at].members, i)
			continue
		}
		to = append(to, class{amount: w.items[i].left, members: []int32{i}, note: note})
	}
	return to
}

// interchangeable reports whether it makes no difference which of two items is paid: same customer, open amount, terms,
// tax, no dispute and no payment plan. The due day may differ, the older one is paid.
func (w *world) interchangeable(a, b int32) bool {
	x, y := &w.items[a], &w.items[b]
	return x.left == y.left && x.owner == y.owner && x.Dispute == nil && y.Dispute == nil &&
		len(x.Instalments) == 0 && len(y.Instalments) == 0 && x.TaxRate.Equal(y.TaxRate) && x.Kind == y.Kind &&
		x.DiscountPercent.Equal(y.DiscountPercent) && (x.DiscountPercent.IsZero() || x.DiscountUntil == y.DiscountUntil)
}

// members turns counts per class into items.
func (w *world) members(classes []class, counts []int) combination {
	var c combination
	for i, n := range counts {
		if classes[i].note {
			c.notes = append(c.notes, classes[i].members[:len(classes[i].members)-n]...)
		} else {
			c.invoices = append(c.invoices, classes[i].members[:n]...)
		}
	}
	w.oldestFirst(c.invoices)
	w.oldestFirst(c.notes)
	return c
}

// accidental reports whether among so many items a set of this size adds up to some amount by chance in more than one
// case of a hundred: the sets up to that size, against the amounts that they can have.
func (w *world) accidental(size int, invoices, notes []int32) bool {
	values := w.values(invoices, notes)
	n := int64(len(invoices) + len(notes))
	sets, term := int64(0), int64(1)
	for k := int64(1); k <= int64(size) && k < n; k++ {
		term = term * (n - k + 1) / k // always whole: it counts the sets of k
		if sets += term; sets > values/100 {
			return true
		}
	}
	return false
}

// values is how many different sums items can have, about: their total, in cents, or where they are many, in the largest unit that
// all amounts are made of. Of few items a person would not doubt that a round sum is theirs.
func (w *world) values(lists ...[]int32) int64 {
	const few = 7
	var total, unit int64
	n := 0
	for _, list := range lists {
		for _, i := range list {
			total += w.items[i].left
			unit = gcd(unit, w.items[i].left)
		}
		n += len(list)
	}
	if n <= few {
		return total
	}
	return total / max(unit, 1)
}

// search counts the ways to add up to target, in bounded steps that do not depend on time.
type search struct {
	classes   []class
	target    int64
	most      int // items in a set, 0 for any number
	found     [][]int
	exhausted bool
	counts    []int
	suffix    []int64
	steps     int
}

func (s *search) run() {
	slices.SortStableFunc(s.classes, func(a, b class) int { return cmp.Compare(b.amount, a.amount) })
	s.counts = make([]int, len(s.classes))
	s.suffix = make([]int64, len(s.classes)+1)
	items := 0
	for i := len(s.classes) - 1; i >= 0; i-- {
		s.suffix[i] = s.suffix[i+1] + s.classes[i].amount*int64(len(s.classes[i].members))
		items += len(s.classes[i].members)
	}
	unit := s.target
	for _, c := range s.classes {
		unit = gcd(unit, c.amount)
	}
	cells := s.target / max(unit, 1) * int64(items)
	if s.most == 0 && len(s.classes) > walkClasses && cells <= tableCells {
		s.table(unit)
		return
	}
	most := s.most
	if most == 0 {
		most = items
	}
	s.walk(0, s.target, most)
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// walk tries the classes from the largest amount on; it returns false to stop.
func (s *search) walk(i int, rest int64, slots int) bool {
	if rest == 0 {
		s.found = append(s.found, slices.Clone(s.counts))
		return len(s.found) < shownSets
	}
	if i == len(s.classes) || slots == 0 || rest > s.suffix[i] || rest > s.classes[i].amount*int64(slots) {
		return true
	}
	if s.steps++; s.steps > searchSteps {
		s.exhausted = true
		return false
	}
	c := &s.classes[i]
	for n := int(min(int64(len(c.members)), int64(slots), rest/c.amount)); n >= 0; n-- {
		s.counts[i] = n
		if !s.walk(i+1, rest-int64(n)*c.amount, slots-n) {
			return false
		}
	}
	return true
}

// table counts the ways for every amount up to target in steps of unit, class by class from the last one, so that the
// ways can be walked without a wrong turn. Counts stop at shownSets.
func (s *search) table(unit int64) {
	size := int(s.target/unit) + 1
	ways := make([][]uint8, len(s.classes)+1)
	ways[len(s.classes)] = make([]uint8, size)
	ways[len(s.classes)][0] = 1
	for i := len(s.classes) - 1; i >= 0; i-- {
		ways[i] = make([]uint8, size)
		step := int(s.classes[i].amount / unit)
		for v := range size {
			sum := 0
			for n := 0; n <= len(s.classes[i].members) && n*step <= v; n++ {
				sum += int(ways[i+1][v-n*step])
			}
			ways[i][v] = uint8(min(sum, shownSets))
		}
	}
	s.follow(ways, unit, 0, s.target)
}

// follow collects the ways that the table has counted.
func (s *search) follow(ways [][]uint8, unit int64, i int, rest int64) {
	if len(s.found) == shownSets || ways[i][rest/unit] == 0 {
		return
	}
	if i == len(s.classes) {
		s.found = append(s.found, slices.Clone(s.counts))
		return
	}
	c := &s.classes[i]
	for n := int(min(int64(len(c.members)), rest/c.amount)); n >= 0; n-- {
		s.counts[i] = n
		s.follow(ways, unit, i+1, rest-int64(n)*c.amount)
	}
	s.counts[i] = 0
}

// smallRivals returns small sets that add up to the receipt without the items that have exactly its amount, and whether all
// of them were seen.
func (q *inquiry) smallRivals(invoices, notes []int32) ([]combination, bool) {
	const most = 3
	if len(invoices)+len(notes) > mostSearched {
		return nil, false
	}
	others := slices.DeleteFunc(slices.Clone(invoices), func(i int32) bool { return q.w.items[i].left == q.r.AmountMinor })
	if len(notes) > 0 {
		found := q.combinations(others, notes)
		return slices.DeleteFunc(found.sets, func(c combination) bool { return c.size() > most }), found.complete
	}
	s := search{target: q.r.AmountMinor, most: most, classes: q.w.classes(nil, others, false)}
	s.run()
	var sets []combination
	for _, counts := range s.found {
		sets = append(sets, q.w.members(s.classes, counts))
	}
	return sets, !s.exhausted
}

// fitCombination settles a combination: it fits to the cent.
func (q *inquiry) fitCombination(c combination) worked {
	return q.settle(c.invoices, c.notes, &fitting{fit: fitExact})
}

// sumOf adds up what items are open for.
func (w *world) sumOf(items []int32) int64 {
	var sum int64
	for _, i := range items {
		sum += w.items[i].left
	}
	return sum
}

// pastDue returns the items that were due before the day, oldest first.
func (w *world) pastDue(items []int32, day recon.Date) []int32 {
	var due []int32
	for _, i := range items {
		if dueOn(w.items[i].Item) < day {
			due = append(due, i)
		}
	}
	return due
}
