package postgres

import (
	"cmp"
	"slices"
)

// Receipts that nothing was ever decided about are found by the statement that brought them: a row of fresh_receipts says within
// which ids, and how many are left. An index over the receipts that wait would have to follow each decision.

// freshRange is a row of fresh_receipts, with how many of its receipts a change decided.
type freshRange struct{ first, last, waiting, decided int64 }

// count takes the next receipt into the range.
func (f *freshRange) count(receipt int64) {
	if f.waiting == 0 {
		f.first = receipt
	}
	f.last = receipt
	f.waiting++
}

// newReceipts notes the receipts that a statement brought.
func (c *change) newReceipts(f freshRange) error {
	_, err := c.exec(`INSERT INTO fresh_receipts (entity_id, first, last, waiting) VALUES (?, ?, ?, ?)`, c.entity, f.first, f.last, f.waiting)
	return err
}

// decidedFirst notes that receipts got their first decision.
func (c *change) decidedFirst(receipts []int64) error {
	if len(receipts) == 0 {
		return nil
	}
	ranges, err := collect(&c.reading, func(rows *row, f *freshRange) error { return rows.Scan(&f.first, &f.last, &f.waiting) },
		`SELECT first, last, waiting FROM fresh_receipts WHERE entity_id = ? AND first <= ? AND last >= ? ORDER BY first`,
		c.entity, slices.Max(receipts), slices.Min(receipts))
	if err != nil {
		return err
	}
	for _, receipt := range receipts {
		at, found := slices.BinarySearchFunc(ranges, receipt, func(f freshRange, id int64) int { return cmp.Compare(f.first, id) })
		if !found {
			at--
		}
		ranges[at].decided++
	}
	var done, begun, left []int64
	for _, f := range ranges {
		switch {
		case f.decided == f.waiting:
			done = append(done, f.first)
		case f.decided > 0:
			begun, left = append(begun, f.first), append(left, f.waiting-f.decided)
		}
	}
	if len(done) > 0 {
		if _, err := c.exec(`DELETE FROM fresh_receipts WHERE entity_id = ? AND first = ANY(?::bigint[])`, c.entity, done); err != nil {
			return err
		}
	}
	if len(begun) == 0 {
		return nil
	}
	_, err = c.exec(`UPDATE fresh_receipts AS f SET waiting = n.waiting FROM unnest(?::bigint[], ?::bigint[]) AS n(first, waiting)
		WHERE f.entity_id = ? AND f.first = n.first`, begun, left, c.entity)
	return err
}
