package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// SaveItems stores new and changed items, and external settlements, of one import.
func (s *Store) SaveItems(ctx context.Context, act store.Act, changes store.ItemChanges) error {
	return s.change(ctx, act, changes.Entity, "items imported", func(c *change) error {
		i := newItemImport(c, changes)
		for _, step := range []func() error{i.record, i.insert, i.update, i.settle, i.flush} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
}

// itemImport stores one import of items.
type itemImport struct {
	*change
	store.ItemChanges
	items, starts, applications *batch
	keys                        []itemKey
	rekeyed                     []int64 // items whose old keys go
}

type itemKey struct {
	key  string
	item int64
}

func newItemImport(c *change, changes store.ItemChanges) *itemImport {
	return &itemImport{change: c, ItemChanges: changes,
		items:        c.into(nounItem, "item", "entity_id, supplier, effective, "+itemColumns),
		starts:       c.into("item start", "item_start", "entity_id, item, ordinal, amount, effective, recorded"),
		applications: c.intoApplications()}
}

// record notes the import itself; a known digest ends it.
func (i *itemImport) record() error {
	id, err := i.ids(nounImport, 1)
	if err != nil {
		return err
	}
	rows := i.into(nounImport, "import_batch", "entity_id, id, digest, as_of, snapshot, items, created, changed, external, actor, at")
	err = errors.Join(rows.add(key(id), i.entity, id, i.Digest, day(i.AsOf), flag(i.Snapshot), i.Count, len(i.New), len(i.Changed), len(i.External),
		i.act.Actor, instant(i.act.At)), rows.flush())
	if clashes(err) {
		return fmt.Errorf("this import was done before: %w", store.ErrDuplicate)
	}
	return err
}

func (i *itemImport) insert() error {
	id, err := i.ids(nounItem, len(i.New))
	if err != nil {
		return err
	}
	for n := range i.New {
		item := &i.New[n]
		item.ID = id + int64(n)
		if err := i.insertOne(item); err != nil {
			return err
		}
	}
	err = i.items.flush()
	if clashes(err) {
		return fmt.Errorf("an item with this number exists: %w", store.ErrStale)
	}
	return err
}

func (i *itemImport) insertOne(item *store.NewItem) error {
	effective, err := i.openDay(item.Effective)
	if err != nil {
		return err
	}
	elsewhere := item.AmountMinor - item.OpenMinor
	var paidOn recon.Date
	if item.OpenMinor == 0 {
		paidOn = effective
	}
	if err := i.items.add(key(item.ID), i.entity, supplier(&item.Item), day(effective), item.ID, item.Number, string(item.Kind), string(item.Side),
		item.Customer, day(item.IssueDate), day(item.DueDate), string(item.Currency), item.AmountMinor, elsewhere, elsewhere, item.Reference, item.Order,
		percent(item.DiscountPercent), day(item.DiscountUntil), percent(item.TaxRate), flag(item.Cancelled), day(paidOn), 1); err != nil {
		if clashes(err) {
			return fmt.Errorf("an item with this number exists: %w", store.ErrStale)
		}
		return err
	}
	if err := i.starts.add(key(item.ID), i.entity, item.ID, 1, item.AmountMinor, day(effective), instant(i.act.At)); err != nil {
		return err
	}
	i.keep(item.ID, item.Keys)
	if elsewhere == 0 {
		return nil
	}
	return i.external(&item.Item, elsewhere, effective, item.Effective)
}

// supplier is part of an item's identity on the payable side, where numbers are the suppliers'.
func supplier(item *recon.Item) string {
	if item.Side == recon.Payable {
		return item.Customer
	}
	return ""
}

func percent(d decimal.Decimal) string {
	if d.IsZero() {
		return "0"
	}
	return d.String()
}

func (i *itemImport) keep(item int64, keys []string) {
	for _, k := range keys {
		i.keys = append(i.keys, itemKey{k, item})
	}
}

// external notes that an item fell by something that tieout did not see.
func (i *itemImport) external(item *recon.Item, amount int64, effective, original recon.Date) error {
	id, err := i.ids(nounApplication, 1)
	if err != nil {
		return err
	}
	return i.applications.application(recon.Application{ID: id, Item: item.ID, Kind: recon.External, AmountMinor: amount, Currency: item.Currency,
		Customer: item.Customer, Effective: effective, Original: original, Reason: recon.ReasonElsewhere}, 0)
}

// update changes what items say of themselves; what moved on them is guarded by the checks of the table.
func (i *itemImport) update() error {
	for _, item := range i.Changed {
		if err := i.updateOne(item); err != nil {
			return err
		}
	}
	return nil
}

func (i *itemImport) updateOne(item store.KeyedItem) error {
	old, found, err := first(&i.reading, scanItem, `SELECT `+itemColumns+` FROM item WHERE entity_id = ? AND id = ?`, i.entity, item.ID)
	if err != nil {
		return err
	}
	if !found || old.Version != item.Version {
		return fmt.Errorf("item %s: %w", item.Number, store.ErrStale)
	}
	values := []any{item.Number, string(item.Kind), string(item.Side), item.Customer, supplier(&item.Item), day(item.IssueDate), day(item.DueDate),
		string(item.Currency), item.AmountMinor, item.Reference, item.Order, percent(item.DiscountPercent), day(item.DiscountUntil), percent(item.TaxRate),
		flag(item.Cancelled)}
	err = i.must(store.ErrStale, `UPDATE item SET number = ?, kind = ?, side = ?, customer = ?, supplier = ?, issue_day = ?, due_day = ?, currency = ?,
			amount = ?, reference = ?, order_number = ?, discount_percent = ?, discount_until = ?, tax_rate = ?, cancelled = ?,
			version = version + 1, paid_on = CASE WHEN settled < ? THEN 0 WHEN paid_on = 0 THEN ? ELSE paid_on END
		WHERE entity_id = ? AND id = ?`, append(values, item.AmountMinor, day(i.today()), i.entity, item.ID)...)
	if checkFails(err) {
		return fmt.Errorf("item %s: less than what was applied to it: %w", item.Number, store.ErrOver)
	}
	if err != nil {
		return err
	}
	i.became(nounItem, key(item.ID), values...)
	if err := i.restart(item.ID, item.AmountMinor-old.AmountMinor); err != nil {
		return err
	}
	i.rekeyed = append(i.rekeyed, item.ID)
	i.keep(item.ID, item.Keys)
	return nil
}

// today is the day of the import: the day of the data, else that of the act.
func (i *itemImport) today() recon.Date {
	if i.AsOf != 0 {
		return i.AsOf
	}
	return recon.DateOf(i.act.At)
}

// restart notes by how much the amount of an item changed, so that the books can follow it.
func (i *itemImport) restart(item, by int64) error {
	if by == 0 {
		return nil
	}
	effective, err := i.openDay(i.today())
	if err != nil {
		return err
	}
	last, err := i.number(`SELECT max(ordinal) FROM item_start WHERE entity_id = ? AND item = ?`, i.entity, item)
	if err != nil {
		return err
	}
	return i.starts.add(key(item), i.entity, item, last+1, by, day(effective), instant(i.act.At))
}

// settle stores what fell outside tieout.
func (i *itemImport) settle() error {
	for _, s := range i.External {
		item, found, err := first(&i.reading, scanItem, `SELECT `+itemColumns+` FROM item WHERE entity_id = ? AND id = ?`, i.entity, s.Item)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("item %d: %w", s.Item, store.ErrStale)
		}
		effective, err := i.openDay(s.Effective)
		if err != nil {
			return err
		}
		if err := i.must(fmt.Errorf("item %s: %w", item.Number, store.ErrStale), `UPDATE item SET settled = settled + ?1, external = external + ?1,
				version = version + 1, paid_on = CASE WHEN settled + ?1 = amount THEN ?2 ELSE 0 END
			WHERE entity_id = ?3 AND id = ?4 AND settled + ?1 <= amount`, s.AmountMinor, day(effective), i.entity, s.Item); err != nil {
			return err
		}
		if err := i.external(&item, s.AmountMinor, effective, s.Effective); err != nil {
			return err
		}
	}
	return nil
}

// flush writes what was collected. Old keys go in one pass over their table, which no index by item slows down; the new ones
// are written in their order, which keeps their tree compact.
func (i *itemImport) flush() error {
	if len(i.rekeyed) > 0 {
		if _, err := i.exec(`DELETE FROM item_key WHERE entity_id = ? AND item = ANY(?::bigint[])`, i.entity, i.rekeyed); err != nil {
			return err
		}
	}
	slices.SortFunc(i.keys, func(a, b itemKey) int {
		if a.key != b.key {
			return strings.Compare(a.key, b.key)
		}
		return int(a.item - b.item)
	})
	rows := i.into("", "item_key", "entity_id, key, item")
	for _, k := range slices.Compact(i.keys) {
		if err := rows.add("", i.entity, k.key, k.item); err != nil {
			return err
		}
	}
	return errors.Join(rows.flush(), i.starts.flush(), i.applications.flush())
}

// LastImport returns the as-of day and the number of items of the last snapshot import.
func (s *Store) LastImport(ctx context.Context, entity string) (asOf recon.Date, items int, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		return r.each(func(rows *row) error { return rows.Scan((*storedDay)(&asOf), &items) },
			`SELECT as_of, items FROM import_batch WHERE entity_id = ? AND snapshot = 1 ORDER BY id DESC LIMIT 1`, entity)
	})
	return asOf, items, err
}
