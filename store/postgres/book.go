package postgres

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// LoadBook returns what the keys can touch. Only receivables are in it.
func (s *Store) LoadBook(ctx context.Context, entity string, keys recon.Keys) (book recon.Book, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		if len(keys.References) <= fewKeys && len(keys.Payers) <= fewKeys {
			if err := r.lookUp(); err != nil {
				return err
			}
		}
		l := bookLoader{reading: r, keys: keys, reached: map[string]bool{}, named: map[int64]bool{}, payers: map[string]bool{}, owners: map[string]bool{}}
		for _, step := range []func() error{l.mandates, l.reach, l.sums, l.customers, l.items, l.recorded, l.paid, l.writeOffs, l.settled, l.foreign} {
			if err := step(); err != nil {
				return err
			}
		}
		book = l.book
		return nil
	})
	return book, err
}

// lookUp has the planner look rows up one by one in this reading, see [byKey].
func (r *reading) lookUp() error {
	for statement := range strings.SplitSeq(byKey, "; ") {
		if err := r.each(func(*row) error { return nil }, statement); err != nil {
			return err
		}
	}
	return nil
}

// bookLoader gathers a book: first the customers in reach, then what belongs to them.
type bookLoader struct {
	*reading
	keys    recon.Keys
	reached map[string]bool // customers
	named   map[int64]bool  // items that a reference key names
	payers  map[string]bool // payer keys that lead to a customer
	owners  map[string]bool // customers of items that only their amount leads to: their other items are out of reach
	book    recon.Book
}

// fewKeys is how many keys are looked up one by one; beyond it, and where the table is not much larger, the table
// is read in the order of its keys instead.
const fewKeys = 20_000

// matched calls found for each row of a table of keys whose key is among keys.
func (r *reading) matched(table, column, entity string, keys []string, found func(*row) error) error {
	if len(keys) == 0 {
		return nil
	}
	if len(keys) > fewKeys {
		stored, err := r.number(`SELECT count(*) FROM `+table+` WHERE entity_id = ?`, entity)
		if err != nil {
			return err
		}
		if stored < 4*int64(len(keys)) {
			return r.merged(table, column, entity, keys, found)
		}
	}
	return r.each(found, `SELECT t.key, t.`+column+` FROM unnest(?::text[]) AS k(value) JOIN `+table+` AS t ON t.entity_id = ? AND t.key = k.value`,
		keys, entity)
}

// merged reads the whole table and the keys side by side, both in order.
func (r *reading) merged(table, column, entity string, keys []string, found func(*row) error) error {
	if !slices.IsSorted(keys) {
		keys = slices.Sorted(slices.Values(keys))
	}
	return r.each(func(rows *row) error {
		var stored string
		if err := rows.Scan(&stored, new(skipped)); err != nil {
			return err
		}
		for len(keys) > 0 && keys[0] < stored {
			keys = keys[1:]
		}
		if len(keys) == 0 || keys[0] != stored {
			return nil
		}
		return found(rows)
	}, `SELECT key, `+column+` FROM `+table+` WHERE entity_id = ? ORDER BY key`, entity)
}

const notReversed = ` AND a.reverses = 0 AND NOT EXISTS
	(SELECT 1 FROM application AS b WHERE b.entity_id = a.entity_id AND b.reverses = a.id AND b.reverses > 0)`

// mandates finds whose items were paid under a mandate before.
func (l *bookLoader) mandates() (err error) {
	l.book.Mandates, err = collect(l.reading, func(rows *row, m *recon.MandateLink) error { return rows.Scan(&m.Mandate, &m.Customer) },
		`SELECT DISTINCT e.mandate_id, a.customer FROM unnest(?2::text[]) AS k(value)
			JOIN entry AS e ON e.entity_id = ?1 AND e.mandate_id = k.value AND e.amount > 0 AND e.mandate_id NOT IN ('', 'NOTPROVIDED')
			JOIN application AS a ON a.entity_id = ?1 AND a.receipt = e.id AND a.receipt > 0 AND a.kind = 'payment' AND a.customer <> ''`+
			notReversed+` ORDER BY 1, 2`, l.entity, l.keys.Mandates)
	for _, m := range l.book.Mandates {
		l.reached[m.Customer] = true
	}
	return err
}

// reach finds the items that a reference names and the customers that a key leads to.
func (l *bookLoader) reach() error {
	for _, code := range l.keys.Customers {
		l.reached[code] = true
	}
	for _, table := range []string{"customer_key", "alias_key"} {
		if err := l.matched(table, "customer", l.entity, l.keys.Payers, func(rows *row) error {
			var k, code string
			err := rows.Scan(&k, &code)
			l.reached[code], l.payers[k] = true, true
			return err
		}); err != nil {
			return err
		}
	}
	if err := l.matched("item_key", "item", l.entity, l.keys.References, func(rows *row) error {
		var k string
		var item int64
		err := rows.Scan(&k, &item)
		l.named[item] = true
		return err
	}); err != nil {
		return err
	}
	items, err := l.itemsByID(slices.Sorted(maps.Keys(l.named)))
	if err != nil {
		return err
	}
	l.book.Items = items
	for i := range items {
		l.reached[items[i].Customer] = true
	}
	return nil
}

// itemsByID returns receivables by ascending id, without what complete adds.
func (l *bookLoader) itemsByID(ids []int64) ([]recon.Item, error) {
	return collect(l.reading, scanItem, `SELECT `+itemColumns+` FROM (SELECT i.* FROM unnest(?::bigint[]) AS k(value)
		JOIN item AS i ON i.entity_id = ? AND i.id = k.value WHERE i.side = 'receivable') AS i ORDER BY id`, ids, l.entity)
}

// customers loads those in reach, and those they pay for, who are in reach then too.
func (l *bookLoader) customers() (err error) {
	codes := maps.Clone(l.reached)
	maps.Copy(codes, l.owners)
	if l.book.Customers, err = l.reading.customers(slices.Sorted(maps.Keys(codes))); err != nil {
		return err
	}
	var others []string
	for _, c := range l.book.Customers {
		for _, other := range c.PaysFor {
			if l.reached[c.Code] && !l.reached[other] {
				l.reached[other] = true
				others = append(others, other)
			}
		}
	}
	if len(others) == 0 {
		return nil
	}
	more, err := l.reading.customers(others)
	l.book.Customers = append(l.book.Customers, more...)
	slices.SortFunc(l.book.Customers, func(a, b recon.Customer) int { return cmp.Compare(a.Code, b.Code) })
	l.book.Customers = slices.CompactFunc(l.book.Customers, func(a, b recon.Customer) bool { return a.Code == b.Code })
	return err
}

func (l *bookLoader) codes() []string { return slices.Sorted(maps.Keys(l.reached)) }

// amounts are what the receipts came to, each once.
func (l *bookLoader) amounts() []int64 {
	amounts := make([]int64, len(l.keys.Sums))
	for i, s := range l.keys.Sums {
		amounts[i] = s.AmountMinor
	}
	slices.Sort(amounts)
	return slices.Compact(amounts)
}

// items adds to those that are named the open items of the customers in reach, and of their settled ones those of the amount of a
// receipt: it may be their second payment.
func (l *bookLoader) items() error {
	var ids []int64
	err := l.each(func(rows *row) error {
		var id int64
		err := rows.Scan(&id)
		if !l.named[id] {
			ids = append(ids, id)
		}
		return err
	}, `SELECT i.id FROM unnest(?::text[]) AS k(value) JOIN item AS i ON i.entity_id = ? AND i.customer = k.value
		WHERE (i.settled < i.amount OR i.amount = ANY (?::bigint[])) AND i.side = 'receivable'`, l.codes(), l.entity, l.amounts())
	if err != nil {
		return err
	}
	slices.Sort(ids)
	more, err := l.itemsByID(ids)
	if err != nil {
		return err
	}
	if len(more) > 0 {
		l.book.Items = append(l.book.Items, more...)
		slices.SortFunc(l.book.Items, func(a, b recon.Item) int { return cmp.Compare(a.ID, b.ID) })
	}
	return l.complete(l.book.Items)
}

// recorded loads the payments recorded by hand that no bank entry has cleared.
func (l *bookLoader) recorded() (err error) {
	if l.book.Recorded, err = collect(l.reading, func(rows *row, p *recon.Recorded) error {
		return rows.Scan(&p.ReceiptID, &p.AccountID, &p.Customer, (*string)(&p.Currency), &p.AmountMinor, (*storedDay)(&p.Date), &p.Method, &p.Cheque)
	}, `SELECT r.id, r.account_id, r.customer, r.currency, r.amount, r.day, h.method, h.cheque
		FROM receipt AS r JOIN hand_payment AS h ON h.entity_id = r.entity_id AND h.receipt = r.id
		WHERE r.entity_id = ? AND r.by_hand = 1 AND r.cleared_by = 0 AND r.returned = 0 AND r.refunded = 0 ORDER BY r.id`, l.entity); err != nil {
		return err
	}
	for i := range l.book.Recorded {
		p := &l.book.Recorded[i]
		if p.Items, err = collect(l.reading, scanNumber, `SELECT DISTINCT a.item FROM application AS a
			WHERE a.entity_id = ? AND a.receipt = ? AND a.receipt > 0 AND a.item > 0`+notReversed+` ORDER BY 1`, l.entity, p.ReceiptID); err != nil {
			return err
		}
	}
	return nil
}

// writeOffs sums the live write-offs of the customers in reach by day.
func (l *bookLoader) writeOffs() (err error) {
	l.book.WriteOffs, err = collect(l.reading, func(rows *row, w *recon.WriteOffUse) error {
		return rows.Scan(&w.Customer, (*string)(&w.Currency), (*storedDay)(&w.Effective), &w.AmountMinor)
	}, `SELECT a.customer, a.currency, a.effective, sum(a.amount)::bigint FROM unnest(?::text[]) AS k(value)
		JOIN application AS a ON a.entity_id = ? AND a.customer = k.value AND a.kind = 'write_off'`+notReversed+`
		GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, l.codes(), l.entity)
	return err
}

// settledDays is how far back the settlements of the items in the book reach.
const settledDays = 400

// settled loads what was applied lately to the items in the book.
func (l *bookLoader) settled() (err error) {
	var ids []int64
	for i := range l.book.Items {
		if item := &l.book.Items[i]; item.OpenMinor < item.AmountMinor {
			ids = append(ids, item.ID)
		}
	}
	var latest recon.Date
	if l.book.Settled, err = collect(l.reading, func(rows *row, s *recon.SettledItem) error {
		err := rows.Scan(&s.Item, &s.ReceiptID, &s.AmountMinor, (*storedDay)(&s.Effective))
		latest = max(latest, s.Effective)
		return err
	}, `SELECT a.item, a.receipt, a.amount, a.effective FROM unnest(?::bigint[]) AS k(value)
		JOIN application AS a ON a.entity_id = ? AND a.item = k.value AND a.item > 0`+notReversed+` ORDER BY a.item, a.id`,
		ids, l.entity); err != nil {
		return err
	}
	since := latest.AddDays(-settledDays)
	l.book.Settled = slices.DeleteFunc(l.book.Settled, func(s recon.SettledItem) bool { return s.Effective < since })
	return nil
}

// foreign finds the reference keys that belong to items of other entities.
func (l *bookLoader) foreign() error {
	entities, err := collect(l.reading, scanText, `SELECT entity_id FROM entity WHERE entity_id <> ? ORDER BY entity_id`, l.entity)
	if err != nil {
		return err
	}
	for _, other := range entities {
		if err := l.matched("item_key", "item", other, l.keys.References, func(rows *row) error {
			f := recon.ForeignKey{Entity: other}
			err := rows.Scan(&f.Key, new(skipped))
			l.book.Foreign = append(l.book.Foreign, f)
			return err
		}); err != nil {
			return err
		}
	}
	slices.SortFunc(l.book.Foreign, func(a, b recon.ForeignKey) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Entity, b.Entity))
	})
	l.book.Foreign = slices.Compact(l.book.Foreign)
	return nil
}
