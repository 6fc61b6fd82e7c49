package review

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// itemsByID are items that a page speaks of.
type itemsByID map[int64]recon.Item

// find is how the matcher asks for an item.
func (m itemsByID) find(id int64) (recon.Item, bool) {
	item, ok := m[id]
	return item, ok
}

// itemsOf loads the items that lines touch.
func (c *call) itemsOf(lines []recon.Line) (itemsByID, error) {
	var ids []int64
	for _, l := range lines {
		ids = append(ids, l.Item, l.CreditNote)
	}
	return c.itemsWith(ids)
}

// itemsWith loads items by their ids; 0 is none.
func (c *call) itemsWith(ids []int64) (itemsByID, error) {
	wanted := map[int64]bool{}
	var list []int64
	for _, id := range ids {
		if id != 0 && !wanted[id] {
			wanted[id] = true
			list = append(list, id)
		}
	}
	found := itemsByID{}
	if len(list) == 0 {
		return found, nil
	}
	items, err := c.Store.Items(c.r.Context(), c.company.ID, store.ItemFilter{IDs: list})
	for _, item := range items {
		found[item.ID] = item
	}
	return found, err
}
