package books

import (
	"iter"
	"slices"

	"github.com/tieout/tieout/rules"
)

// journalChanges compares the journal with what it said before, transaction by transaction as both are derived in the same
// order, and hands on the lines that changed, with their difference; what is no longer said is taken back.
type journalChanges struct {
	next   func() ([]posting, bool)
	stop   func()
	before []posting // the next transaction of the earlier journal, nil at its end
	failed error     // to read the earlier journal
	told   []bool    // which of its lines stand in the new version
	lines  []posting // room for the difference
	emit   func([]posting) bool
	done   bool // nobody wants more
}

func changesSince(v View, ledger rules.Ledger, start sight, emit func([]posting) bool) (*journalChanges, error) {
	s, err := load(v, start)
	if err != nil {
		return nil, err
	}
	c := &journalChanges{emit: emit}
	c.next, c.stop = iter.Pull(func(yield func([]posting) bool) { c.failed = newJournal(s, ledger, yield).run(v) })
	c.advance()
	return c, nil
}

func (c *journalChanges) advance() { c.before, _ = c.next() }

// transaction takes the next transaction of the journal as it is now.
func (c *journalChanges) transaction(now []posting) bool {
	for c.before != nil && c.before[0].key.compare(now[0].key) < 0 {
		c.differ(nil, c.before)
		c.advance()
	}
	if c.before != nil && c.before[0].key == now[0].key {
		c.differ(now, c.before)
		c.advance()
	} else {
		c.differ(now, nil)
	}
	return !c.done
}

// finish takes back what came after the last transaction.
func (c *journalChanges) finish() error {
	for c.before != nil && !c.done {
		c.differ(nil, c.before)
		c.advance()
	}
	return c.failed
}

// differ hands on the difference of two versions of a transaction. Lines of one account and item count together.
func (c *journalChanges) differ(now, before []posting) {
	if c.done || slices.Equal(now, before) {
		return
	}
	c.told = append(c.told[:0], make([]bool, len(before))...)
	c.lines = c.lines[:0]
	for n := range now {
		line := now[n]
		for m := range before {
			if !c.told[m] && sameLine(&line, &before[m]) {
				line.AmountMinor -= before[m].AmountMinor
				c.told[m] = true
			}
		}
		c.lines = append(c.lines, line)
	}
	for m := range before {
		if !c.told[m] {
			line := before[m]
			line.AmountMinor = -line.AmountMinor
			c.lines = append(c.lines, line)
		}
	}
	c.lines = slices.DeleteFunc(c.lines, func(l posting) bool { return l.AmountMinor == 0 })
	c.done = !c.emit(c.lines)
}

// sameLine reports whether lines of one transaction differ in nothing but their amounts and pockets.
func sameLine(a, b *posting) bool {
	left, right := *a, *b
	left.AmountMinor, left.pocket = right.AmountMinor, right.pocket
	return left == right
}
