package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

const itemColumns = `id, number, kind, side, customer, issue_day, due_day, currency, amount, settled, external, reference, order_number,
	discount_percent, discount_until, tax_rate, cancelled, paid_on, version`

func scanItem(rows *sql.Rows, i *recon.Item) error {
	var settled, external int64
	err := rows.Scan(&i.ID, &i.Number, (*string)(&i.Kind), (*string)(&i.Side), &i.Customer, (*storedDay)(&i.IssueDate), (*storedDay)(&i.DueDate),
		(*string)(&i.Currency), &i.AmountMinor, &settled, &external, &i.Reference, &i.Order, (*storedDecimal)(&i.DiscountPercent),
		(*storedDay)(&i.DiscountUntil), (*storedDecimal)(&i.TaxRate), (*storedFlag)(&i.Cancelled), (*storedDay)(&i.PaidOn), &i.Version)
	i.OpenMinor, i.AppliedMinor = i.AmountMinor-settled, settled-external
	return err
}

// list is a parameter for json_each: a query over many values is one statement.
func list[T int64 | string](values []T) string {
	text, err := json.Marshal(values)
	if err != nil {
		panic("numbers and texts are always JSON: " + err.Error())
	}
	return string(text)
}

// ItemsByNumber returns the items of an entity with these numbers, payables too, by number.
func (s *Store) ItemsByNumber(ctx context.Context, entity string, numbers []string) (items []recon.Item, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		items, err = r.items(`number IN (SELECT value FROM json_each(?)) ORDER BY number, side, customer`, list(numbers))
		return err
	})
	return items, err
}

// Items lists items by customer, due date, number.
func (s *Store) Items(ctx context.Context, entity string, filter store.ItemFilter) (items []recon.Item, err error) {
	condition, args := filtered(filter)
	err = s.read(ctx, entity, func(r *reading) error {
		items, err = r.items(condition+` ORDER BY customer, due_day, number, id`, args...)
		return err
	})
	return items, err
}

func filtered(f store.ItemFilter) (condition string, args []any) {
	conditions := []string{"1"}
	if f.OpenOnly {
		conditions = append(conditions, "settled < amount AND cancelled = 0")
	}
	if f.Customer != "" {
		conditions, args = append(conditions, "customer = ?"), append(args, f.Customer)
	}
	if f.Currency != "" {
		conditions, args = append(conditions, "currency = ?"), append(args, string(f.Currency))
	}
	if f.IDs != nil {
		conditions, args = append(conditions, "id IN (SELECT value FROM json_each(?))"), append(args, list(f.IDs))
	}
	return strings.Join(conditions, " AND "), args
}

// items returns the items that a condition selects, complete with disputes and payment plans.
func (r *reading) items(condition string, args ...any) ([]recon.Item, error) {
	items, err := collect(r, scanItem, `SELECT `+itemColumns+` FROM item WHERE entity_id = ? AND `+condition, append([]any{r.entity}, args...)...)
	if err != nil {
		return nil, err
	}
	return items, r.complete(items)
}

// complete adds open disputes and payment plans to items.
func (r *reading) complete(items []recon.Item) error {
	at := make(map[int64]int, len(items))
	for i := range items {
		at[items[i].ID] = i
	}
	disputes := func(rows *sql.Rows) error {
		var item int64
		var d recon.Dispute
		err := rows.Scan(&item, (*storedDay)(&d.Since), &d.AmountMinor, &d.Owner, &d.Reason, &d.Phrase)
		if i, wanted := at[item]; wanted {
			items[i].Dispute = &d
		}
		return err
	}
	plans := func(rows *sql.Rows) error {
		var item int64
		var p recon.Instalment
		err := rows.Scan(&item, (*storedInt)(&p.Sequence), (*storedDay)(&p.DueDate), &p.AmountMinor, &p.Method, &p.Account, &p.CheckNumber,
			&p.Note, (*storedFlag)(&p.Void), (*storedFlag)(&p.Cleared))
		if i, wanted := at[item]; wanted {
			items[i].Instalments = append(items[i].Instalments, p)
		}
		return err
	}
	if err := errors.Join(
		r.eachOf(items, disputes, `SELECT item, since, amount, owner, reason, phrase FROM dispute WHERE entity_id = ? AND closed IS NULL`),
		r.eachOf(items, plans, `SELECT item, sequence, due_day, amount, method, account, check_number, note, void, cleared FROM instalment WHERE entity_id = ?`),
	); err != nil {
		return err
	}
	for i := range items {
		payInstalments(&items[i])
	}
	return nil
}

// fewItems is how many items are looked up one by one; for more the whole table is read.
const fewItems = 500

func (r *reading) eachOf(items []recon.Item, row func(*sql.Rows) error, query string) error {
	if len(items) > fewItems {
		return r.each(row, query+` ORDER BY 1, 2`, r.entity)
	}
	ids := make([]int64, len(items))
	for i := range items {
		ids[i] = items[i].ID
	}
	return r.each(row, query+` AND item IN (SELECT value FROM json_each(?)) ORDER BY 1, 2`, r.entity, list(ids))
}

// payInstalments says how much of each instalment is paid: what the item fell by since the plan was made, the earliest
// first. What a plan leaves out of the item's amount was paid before it was made.
func payInstalments(item *recon.Item) {
	var planned int64
	for _, p := range item.Instalments {
		if !p.Void {
			planned += p.AmountMinor
		}
	}
	before := max(0, item.AmountMinor-planned)
	left := max(0, item.AmountMinor-item.OpenMinor-before)
	for i := range item.Instalments {
		if p := &item.Instalments[i]; !p.Void {
			p.PaidMinor = min(left, p.AmountMinor)
			left -= p.PaidMinor
		}
	}
}

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
		Customer: item.Customer, Effective: effective, Original: original, Reason: store.ReasonElsewhere}, 0)
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
		if _, err := i.exec(`DELETE FROM item_key WHERE entity_id = ? AND item IN (SELECT value FROM json_each(?))`, i.entity, list(i.rekeyed)); err != nil {
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
		return r.each(func(rows *sql.Rows) error { return rows.Scan((*storedDay)(&asOf), &items) },
			`SELECT as_of, items FROM import_batch WHERE entity_id = ? AND snapshot = 1 ORDER BY id DESC LIMIT 1`, entity)
	})
	return asOf, items, err
}
