package ingest

import (
	"math/bits"

	"github.com/tieout/tieout/recon"
)

// Tally is what the proof of a statement needs to know of its entries. It is added up entry by entry and stays
// small however many there are.
type Tally struct {
	entries    int
	currencies []currencyTally // one each, in the order in which they came
	all        sums            // of every status, by the direction of the bank's entry
	batch      string          // of the entry that is being netted
	net        int64
	traces     []trace
	earliest   markedDay // of the booked entries
	latest     markedDay
}

// currencyTally adds up the entries in one currency.
type currencyTally struct {
	currency  recon.Currency
	booked    sums
	count     int    // booked entries
	first     string // where the first of them stands
	reversals int64
	unbooked  int64
	charges   int64
	charged   int // booked entries with charges
}

// sums are what entries add up to, each positive.
type sums struct{ credit, debit int64 }

// tooMuch is where sums stop. 18 digits are the most that one amount may have.
const tooMuch = 1 << 62

// plus adds and stops at ±tooMuch.
func plus(a, b int64) int64 {
	return min(max(a+min(max(b, -tooMuch), tooMuch), -tooMuch), tooMuch)
}

func (t *sums) add(minor int64) {
	if minor > 0 {
		t.credit = plus(t.credit, minor)
	} else {
		t.debit = plus(t.debit, -max(minor, -tooMuch))
	}
}

// markedDay is a day and the place of an entry booked on it.
type markedDay struct {
	day   recon.Date
	place string
}

// maxTraces is of how many entries the proof looks for single ones that would explain a difference: the first.
const maxTraces = 1 << 16

// trace is what is remembered of a booked entry for that.
type trace struct {
	minor, charges int64
	look           uint64
	currency       recon.Currency
	place          string
}

// tallyOf adds up entries that are in memory.
func tallyOf(entries []recon.Entry) *Tally {
	t := &Tally{}
	for i := range entries {
		t.add(&entries[i])
	}
	return t
}

func (t *Tally) add(e *recon.Entry) {
	t.entries++
	if e.Batch == "" || e.Batch != t.batch {
		t.settle()
	}
	t.batch, t.net = e.Batch, plus(t.net, e.AmountMinor)
	c := t.of(e.Currency)
	if e.Status != recon.Booked {
		c.unbooked = plus(c.unbooked, e.AmountMinor)
		return
	}
	c.booked.add(e.AmountMinor)
	if c.count++; c.count == 1 {
		c.first = e.Place
	}
	if e.Reversal {
		c.reversals = plus(c.reversals, e.AmountMinor)
	}
	if e.ChargesMinor != 0 {
		c.charges, c.charged = plus(c.charges, e.ChargesMinor), c.charged+1
	}
	t.mark(markedDay{e.Booked, e.Place}, markedDay{e.Booked, e.Place})
	if len(t.traces) < maxTraces {
		t.traces = append(t.traces, trace{e.AmountMinor, e.ChargesMinor, entryLook(e), c.currency, e.Place})
	}
}

// settle ends the entry of the bank that is being netted: the details of a batch may point both ways.
func (t *Tally) settle() {
	t.all.add(t.net)
	t.batch, t.net = "", 0
}

// of returns the sums of a currency.
func (t *Tally) of(ccy recon.Currency) *currencyTally {
	for i := range t.currencies {
		if t.currencies[i].currency == ccy {
			return &t.currencies[i]
		}
	}
	t.currencies = append(t.currencies, currencyTally{currency: ccy})
	return &t.currencies[len(t.currencies)-1]
}

func (t *Tally) mark(earliest, latest markedDay) {
	if earliest.day != 0 && (t.earliest.day == 0 || earliest.day < t.earliest.day) {
		t.earliest = earliest
	}
	if latest.day > t.latest.day {
		t.latest = latest
	}
}

// join adds what follows: the tally of the entries behind the ones added so far.
func (t *Tally) join(next *Tally) {
	t.settle()
	next.settle()
	t.entries += next.entries
	t.all.credit, t.all.debit = plus(t.all.credit, next.all.credit), plus(t.all.debit, next.all.debit)
	for i := range next.currencies {
		n := &next.currencies[i]
		c := t.of(n.currency)
		c.booked.credit, c.booked.debit = plus(c.booked.credit, n.booked.credit), plus(c.booked.debit, n.booked.debit)
		c.reversals, c.unbooked = plus(c.reversals, n.reversals), plus(c.unbooked, n.unbooked)
		if c.count == 0 {
			c.first = n.first
		}
		c.count += n.count
		c.charges, c.charged = plus(c.charges, n.charges), c.charged+n.charged
	}
	t.mark(next.earliest, next.latest)
	t.traces = append(t.traces, next.traces[:min(len(next.traces), maxTraces-len(t.traces))]...)
}

// overflows reports whether the entries of a currency add up to more than any account holds.
func (c *currencyTally) overflows() bool {
	return c.booked.credit == tooMuch || c.booked.debit == tooMuch
}

// entryLook is what two entries share when one is the copy of the other.
func entryLook(e *recon.Entry) uint64 {
	h := mix(uint64(e.Booked)<<32^uint64(e.Value), e.Counterparty.Name)
	return mix(mix(mix(h, e.Counterparty.Account), e.EndToEndID), e.Text)
}

// mix folds a text into a hash, eight bytes at a time.
func mix(h uint64, s string) uint64 {
	const odd = 0x9E3779B97F4A7C15
	h = (h ^ uint64(len(s))) * odd
	for ; len(s) >= 8; s = s[8:] {
		word := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		h = bits.RotateLeft64((h^word)*odd, 29)
	}
	for i := range len(s) {
		h = bits.RotateLeft64((h^uint64(s[i]))*odd, 29)
	}
	return h
}
