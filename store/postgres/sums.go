package postgres

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// mostAlike is how many unpaid items of one amount are offered for receipts whose payer nobody knows: the oldest of those
// mostOfSum that came last. mostSums is for how many amounts that is done: nobody reads more.
const (
	mostAlike = 50
	mostOfSum = 1000
	mostSums  = 2000
)

// sums adds the unpaid items of the amount of receipts none of whose payer keys leads anywhere.
func (l *bookLoader) sums() error {
	type sum struct {
		currency recon.Currency
		minor    int64
	}
	asked := map[sum]bool{}
	var ids []int64
	for _, s := range l.keys.Sums {
		of := sum{s.Currency, s.AmountMinor}
		if len(asked) == mostSums || asked[of] || slices.ContainsFunc(s.Payers, func(k string) bool { return l.payers[k] }) {
			continue
		}
		asked[of] = true
		alike, err := collect(l.reading, scanNumber, `SELECT id FROM (SELECT id, due_day, issue_day, settled, side, kind, cancelled FROM item
				WHERE entity_id = ? AND currency = ? AND amount = ? ORDER BY id DESC LIMIT ?) AS latest
			WHERE settled = 0 AND side = 'receivable' AND kind = 'invoice' AND cancelled = 0 ORDER BY due_day, issue_day, id LIMIT ?`,
			l.entity, string(s.Currency), s.AmountMinor, mostOfSum, mostAlike)
		if err != nil {
			return err
		}
		for _, id := range alike {
			if !l.named[id] {
				l.named[id] = true
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	items, err := l.itemsByID(ids)
	for i := range items {
		l.owners[items[i].Customer] = true
	}
	l.book.Items = append(l.book.Items, items...)
	slices.SortFunc(l.book.Items, func(a, b recon.Item) int { return cmp.Compare(a.ID, b.ID) })
	return err
}
