package matcher

import (
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// Shard is a part of a work that is decided by itself as it would be within the whole: nothing in it can touch what another
// shard can touch.
type Shard struct {
	Receipts []recon.Source // in the order of the work
	Returns  []int64        // entries, in the order of the work
	Last     bool           // decided when all others are stored: what it proposes depends on what they leave
}

// Split parts a work into shards of about size receipts. common are the words that tell no customer from another within the
// whole; every shard's book needs them ([recon.Book.Common]), because it sees too few customers to count.
func Split(work recon.Work, set rules.Set, size int) (shards []Shard, common []string) {
	w := newWorld(&work.Book, work.Receipts, &set)
	s := splitter{w: w, work: &work, inquiries: w.readAll(work.Receipts, make([]recon.Decision, len(work.Receipts)))}
	s.link()
	common = []string{} // counted, even where there is none
	for word := range w.words() {
		if w.isCommon(word) {
			common = append(common, word)
		}
	}
	slices.Sort(common)
	return s.pack(size), common
}

// splitter joins receipts, customers and returns that can touch each other. Its nodes are the customers, then the receipts, then
// one for all returns.
type splitter struct {
	w         *world
	work      *recon.Work
	inquiries []*inquiry
	roots     []int32
	byHand    []bool // receipts that may be the money of a payment recorded by hand
}

func (s *splitter) receipt(i int) int32 { return int32(len(s.w.customers) + i) }

func (s *splitter) returns() int32 { return s.receipt(len(s.inquiries)) }

func (s *splitter) link() {
	s.roots = make([]int32, int(s.returns())+1)
	for i := range s.roots {
		s.roots[i] = int32(i)
	}
	for i, q := range s.inquiries {
		q.eachCustomer(func(c int32) { join(s.roots, s.receipt(i), c) })
	}
	s.linkRecorded()
	s.linkReturns()
}

// linkRecorded joins receipts that may be the money of the same payments recorded by hand.
func (s *splitter) linkRecorded() {
	s.byHand = make([]bool, len(s.inquiries))
	first := map[money]int32{}
	for i := range s.work.Book.Recorded {
		p := &s.work.Book.Recorded[i]
		first[money{p.AccountID, p.Currency, p.AmountMinor}] = nobody
	}
	for i, q := range s.inquiries {
		of := money{q.r.AccountID, q.r.Currency, q.r.AmountMinor}
		before, recorded := first[of]
		s.byHand[i] = recorded
		switch {
		case !recorded:
		case before == nobody:
			first[of] = s.receipt(i)
		default:
			join(s.roots, before, s.receipt(i))
		}
	}
}

// linkReturns joins all returns with the receipts that they may take back: they are few, and several may want the same one.
func (s *splitter) linkReturns() {
	if len(s.work.Returns) == 0 {
		return
	}
	rd := reader{w: s.w}
	t := trails{map[string][]int{}, map[sender][]int{}, map[int64][]int{}}
	for i := range s.work.Returns {
		r := &s.work.Returns[i]
		asReceipt := receiptOf(r)
		g := givingBack{r: r, asked: &inquiry{}}
		rd.read(g.asked, &asReceipt)
		t.expect(&g)
	}
	for i, q := range s.inquiries {
		if t.leadTo(q) {
			join(s.roots, s.returns(), s.receipt(i))
		}
	}
}

// pack fills shards with connected parts, in the order of their first receipts. Receipts that touch nobody come last.
func (s *splitter) pack(size int) []Shard {
	count := make([]int, len(s.roots)) // receipts by root
	for i := range s.inquiries {
		count[rootOf(s.roots, s.receipt(i))]++
	}
	var shards []Shard
	var planned []int                  // receipts that a shard will have
	place := make([]int, len(s.roots)) // shard by root, counted from 1
	open := map[bool]int{}             // shard being filled, counted from 1, by whether it comes last
	shardOf := func(node int32, last bool) *Shard {
		root := rootOf(s.roots, node)
		if place[root] == 0 {
			if at := open[last]; at == 0 || planned[at-1] > 0 && planned[at-1]+count[root] > size {
				shards, planned = append(shards, Shard{Last: last}), append(planned, 0)
				open[last] = len(shards)
			}
			place[root] = open[last]
			planned[place[root]-1] += count[root]
		}
		return &shards[place[root]-1]
	}
	for i, q := range s.inquiries {
		node := s.receipt(i)
		shard := shardOf(node, s.alone(i, count))
		shard.Receipts = append(shard.Receipts, q.r.Source)
	}
	for i := range s.work.Returns {
		shard := shardOf(s.returns(), false)
		shard.Returns = append(shard.Returns, s.work.Returns[i].EntryID)
	}
	slices.SortStableFunc(shards, func(a, b Shard) int {
		if a.Last == b.Last {
			return 0
		}
		if a.Last {
			return 1
		}
		return -1
	})
	return shards
}

// alone reports whether a receipt leads to nobody and to nothing.
func (s *splitter) alone(i int, count []int) bool {
	touches := s.byHand[i]
	s.inquiries[i].eachCustomer(func(int32) { touches = true })
	root := rootOf(s.roots, s.receipt(i))
	return !touches && count[root] == 1 && root != rootOf(s.roots, s.returns())
}
