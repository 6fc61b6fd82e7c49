package books

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// closing lets the journal of closed periods stand as it was frozen. What is derived of the same transactions today, and differs, is
// posted on the first open day as a correction: so that a closed period never changes, and everything still adds up to what is so today.
type closing struct {
	sight  sight
	until  recon.Date // last closed day
	frozen []posting  // by transaction, what was not reached yet
	lines  []posting  // room for the transaction being made
	emit   func([]posting) bool
}

// closedJournal wraps emit where periods are closed within the sight of a state.
func (s *state) closedJournal(emit func([]posting) bool) *closing {
	c := &closing{sight: s.sight, emit: emit}
	for _, p := range s.periods {
		if s.sight.knowsClose(&p) {
			c.until = p.Until
		}
	}
	if c.until == 0 {
		return nil
	}
	c.frozen = s.frozen
	if c.until < s.periods[len(s.periods)-1].Until {
		c.frozen = slices.DeleteFunc(slices.Clone(c.frozen), func(p posting) bool { return p.close > c.until })
	}
	return c
}

// transaction takes a transaction as it is derived today. Transactions that were frozen and are derived no more come before it.
func (c *closing) transaction(now []posting) bool {
	for len(c.frozen) > 0 && c.frozen[0].key.compare(now[0].key) < 0 {
		if !c.stand(c.next(), nil) {
			return false
		}
	}
	if len(c.frozen) > 0 && c.frozen[0].key.compare(now[0].key) == 0 {
		return c.stand(c.next(), now)
	}
	return c.stand(nil, now)
}

// finish hands on what was frozen and comes after the last transaction.
func (c *closing) finish() bool {
	for len(c.frozen) > 0 {
		if !c.stand(c.next(), nil) {
			return false
		}
	}
	return true
}

// next takes the frozen lines of the next transaction.
func (c *closing) next() []posting {
	n := 1
	for n < len(c.frozen) && c.frozen[n].key.compare(c.frozen[0].key) == 0 {
		n++
	}
	lines := c.frozen[:n]
	c.frozen = c.frozen[n:]
	return lines
}

// stand hands on a transaction: its frozen lines as they are, and what is so today beside them.
func (c *closing) stand(frozen, now []posting) bool {
	c.lines = c.lines[:0]
	for _, l := range frozen {
		if c.sight.reaches(l.Effective) {
			l.close = 0
			c.lines = append(c.lines, l)
		}
	}
	switch {
	case len(frozen) == 0 && now[0].Effective > c.until:
		c.lines = append(c.lines, now...)
	case c.sight.reaches(c.until.AddDays(1)):
		c.lines = append(c.lines, c.correction(frozen, now)...)
	}
	return len(c.lines) == 0 || c.emit(c.lines)
}

// standing is what lines of a correction have in common.
type standing struct {
	place
	currency                 recon.Currency
	item, entry, application int64
}

// correction is what is so today less what was frozen, on the first open day; a transaction of which nothing was frozen comes whole.
func (c *closing) correction(frozen, now []posting) (lines []posting) {
	at := map[standing]int{}
	add := func(l posting, minor int64) {
		key := standing{place{l.Account, l.Customer, l.pocket}, l.Currency, l.Item, l.Entry, l.Application}
		n, known := at[key]
		if !known {
			n = len(lines)
			at[key] = n
			l.AmountMinor, l.close = 0, 0
			l.Effective = max(l.Effective, c.until.AddDays(1))
			if len(frozen) > 0 {
				l.Effective = c.until.AddDays(1)
				l.words = [3]string{"correction of", l.key.name()}
			}
			lines = append(lines, l)
		}
		lines[n].AmountMinor += minor
	}
	for _, l := range now {
		add(l, l.AmountMinor)
	}
	for _, l := range frozen {
		add(l, -l.AmountMinor)
	}
	return slices.DeleteFunc(lines, func(l posting) bool { return l.AmountMinor == 0 })
}

// wordSeparator parts the words of a frozen line, which come back as they were.
const wordSeparator = "\x1f"

// thawed is a frozen line as the journal has it.
func thawed(f *recon.FrozenPosting) posting {
	p := posting{pocket: pocket(f.Pocket), close: f.Until, key: transactionKey{phase: phase(f.Phase), owner: f.Owner, effect: f.Effect, account: f.Holder},
		Posting: Posting{Effective: f.Day, Original: f.Original, Account: f.Ledger, AmountMinor: f.AmountMinor, Currency: f.Currency, Customer: f.Customer,
			Item: f.Item, ItemNumber: f.ItemNumber, Entry: f.Entry, Application: f.Application}}
	copy(p.words[:], strings.Split(f.Text, wordSeparator))
	return p
}

// freeze is the other way round.
func (p *posting) freeze(until recon.Date, ordinal int) recon.FrozenPosting {
	return recon.FrozenPosting{Until: until, Ordinal: ordinal, Day: p.Effective, Original: p.Original, Phase: int(p.key.phase), Owner: p.key.owner, Effect: p.key.effect,
		Holder: p.key.account, Ledger: p.Account, Currency: p.Currency, AmountMinor: p.AmountMinor, Pocket: int(p.pocket), Entry: p.Entry, Application: p.Application,
		Item: p.Item, ItemNumber: p.ItemNumber, Customer: p.Customer, Text: strings.Join(p.words[:], wordSeparator)}
}

// byTransaction orders frozen lines as transactions are derived.
func byTransaction(a, b posting) int {
	return cmp.Or(a.key.compare(b.key), cmp.Compare(a.close, b.close))
}
