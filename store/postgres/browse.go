package postgres

import (
	"context"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// ItemPage lists the items that a search finds, a page of them in an order.
func (s *Store) ItemPage(ctx context.Context, entity string, query store.ItemQuery) (items []recon.Item, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		items, err = r.itemPage(query)
		return err
	})
	return items, err
}

func (r *reading) itemPage(query store.ItemQuery) ([]recon.Item, error) {
	order := itemOrders[query.Order]
	source, condition, args := r.itemSource(query.Search)
	if query.After != nil {
		condition += order.after
		args = append(args, order.position(query.After)...)
	}
	text := `SELECT ` + itemColumns + source + condition + ` ORDER BY ` + order.by
	if query.Limit > 0 {
		text, args = text+` LIMIT ?`, append(args, query.Limit)
	}
	items, err := collect(r, scanItem, text, args...)
	if err != nil {
		return nil, err
	}
	return items, r.complete(items)
}

// itemOrder is an order of items with the condition for what comes behind one.
type itemOrder struct {
	by, after string
	position  func(*recon.Item) []any
}

var (
	itemsLatest = itemOrder{`i.due_day DESC, i.id DESC`, ` AND i.due_day <= ? AND (i.due_day < ? OR i.id < ?)`,
		func(i *recon.Item) []any { return []any{day(i.DueDate), day(i.DueDate), i.ID} }}
	itemOrders = map[store.ItemOrder]itemOrder{"": itemsLatest, store.ItemsLatest: itemsLatest,
		store.ItemsOldest: {`i.due_day, i.id`, ` AND i.due_day >= ? AND (i.due_day > ? OR i.id > ?)`,
			func(i *recon.Item) []any { return []any{day(i.DueDate), day(i.DueDate), i.ID} }},
		store.ItemsByNumber: {`i.number, i.side, i.supplier`, ` AND (i.number, i.side, i.supplier) > (?, ?, ?)`,
			func(i *recon.Item) []any { return []any{i.Number, string(i.Side), supplierOf(i)} }},
		store.ItemsByAmount: {`i.currency DESC, i.amount DESC, i.id DESC`, ` AND (i.currency, i.amount, i.id) < (?, ?, ?)`,
			func(i *recon.Item) []any { return []any{string(i.Currency), i.AmountMinor, i.ID} }},
		store.ItemsByCustomer: {`i.customer, i.id`, ` AND (i.customer, i.id) > (?, ?)`,
			func(i *recon.Item) []any { return []any{i.Customer, i.ID} }},
	}
)

// supplierOf is what tells items of one number apart: those of suppliers have the suppliers' numbers.
func supplierOf(i *recon.Item) string {
	if i.Side == recon.Payable {
		return i.Customer
	}
	return ""
}

// itemSource says where the items i of a search are read, and the conditions on them; ?1 is the entity. Where a word leads to them, they
// are looked up one by one.
func (r *reading) itemSource(search store.ItemSearch) (source, condition string, args []any) {
	args = []any{r.entity}
	source = ` FROM item AS i WHERE i.entity_id = ?1`
	if narrow(search) {
		named, values := namedItems(search)
		source = ` FROM (SELECT DISTINCT item FROM (` + named + `) AS n) AS w JOIN item AS i ON i.entity_id = ?1 AND i.id = w.item WHERE i.entity_id = ?1`
		args = append(args, values...)
	}
	condition, values := itemCondition(search)
	return source, condition, append(args, values...)
}

// narrow reports whether a search begins with the items that a word leads to.
func narrow(f store.ItemSearch) bool {
	return f.Text != "" || f.Key != "" || len(f.AmountsMinor) > 0 || f.Remittance != ""
}

// itemCondition says a search as conditions on the item i.
func itemCondition(f store.ItemSearch) (condition string, args []any) {
	var b strings.Builder
	add := func(wanted bool, text string, values ...any) {
		if wanted {
			b.WriteString(" AND " + text)
			args = append(args, values...)
		}
	}
	add(f.Status != "", itemStatuses[f.Status])
	add(f.Status == store.ItemOverdue, `i.due_day > 0 AND i.due_day < ?`, day(f.Today))
	add(f.Kind != "", `i.kind = ?`, string(f.Kind))
	add(f.Side != "", `i.side = ?`, string(f.Side))
	add(f.Customer != "", `i.customer = ?`, f.Customer)
	add(f.Currency != "", `i.currency = ?`, string(f.Currency))
	return b.String(), args
}

var itemStatuses = map[store.ItemStatus]string{
	store.ItemOpen:    openItem,
	store.ItemPartial: openItem + ` AND i.settled > 0`,
	store.ItemDisputed: openItem + ` AND EXISTS (SELECT 1 FROM dispute AS d
		WHERE d.entity_id = i.entity_id AND d.item = i.id AND d.closed IS NULL)`,
	store.ItemScheduled: openItem + ` AND EXISTS (SELECT 1 FROM instalment AS n
		WHERE n.entity_id = i.entity_id AND n.item = i.id AND n.void = 0)`,
	store.ItemOverdue: openItem,
	store.ItemPaid:    `i.settled = i.amount AND i.cancelled = 0`,
}

const openItem = `i.settled < i.amount AND i.cancelled = 0`

// namedItems are the items that the words of a search lead to; ?1 is the entity.
func namedItems(f store.ItemSearch) (text string, args []any) {
	var ways []string
	add := func(wanted bool, way string, values ...any) {
		if wanted {
			ways = append(ways, way)
			args = append(args, values...)
		}
	}
	add(f.Key != "", `SELECT k.item AS item FROM item_key AS k WHERE k.entity_id = ?1 AND k.key >= ? AND k.key < ?`, f.Key, f.Key+"\U0010FFFF")
	add(f.Text != "", `SELECT n.id AS item FROM item AS n WHERE n.entity_id = ?1 AND `+holds("n.number"), f.Text)
	add(f.Text != "", `SELECT o.id AS item FROM customer AS c JOIN item AS o ON o.entity_id = c.entity_id AND o.customer = c.code
		WHERE c.entity_id = ?1 AND (`+holds("c.code")+` OR `+holds("c.name")+`)`, f.Text, f.Text)
	add(len(f.AmountsMinor) > 0, `SELECT m.id AS item FROM item AS m WHERE m.entity_id = ?1 AND m.amount = ANY(?::bigint[])`, f.AmountsMinor)
	add(f.Remittance != "", `SELECT a.item AS item FROM entry AS e JOIN application AS a ON a.entity_id = e.entity_id AND a.receipt = e.id AND a.receipt > 0
		WHERE e.entity_id = ?1 AND e.amount > 0 AND a.item > 0 AND (`+holds("e.text")+` OR `+holds("e.payer_name")+`)`, f.Remittance, f.Remittance)
	return strings.Join(ways, ` UNION `), args
}

// ItemTotals sums up the items that a search finds.
func (s *Store) ItemTotals(ctx context.Context, entity string, search store.ItemSearch) (totals []store.ItemTotal, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		source, condition, args := r.itemSource(search)
		totals, err = collect(r, func(rows *row, t *store.ItemTotal) error {
			err := rows.Scan((*storedWord)(&t.Currency), (*storedWord)(&t.Kind), (*storedInt)(&t.Items), &t.AmountMinor, &t.SettledMinor)
			t.OpenMinor = t.AmountMinor - t.SettledMinor
			return err
		}, `SELECT i.currency, i.kind, count(*), sum(i.amount)::bigint, sum(i.settled)::bigint`+source+condition+`
			GROUP BY i.currency, i.kind ORDER BY i.currency, i.kind`, args...)
		return err
	})
	return totals, err
}

// LastPayments returns the latest applications to items of a customer and those that put money of theirs aside.
func (s *Store) LastPayments(ctx context.Context, entity, customer string, limit int) (applications []recon.Application, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		applications, err = r.lastPayments(customer, limit)
		return err
	})
	return applications, err
}

func (r *reading) lastPayments(customer string, limit int) ([]recon.Application, error) {
	return collect(r, scanApplication, selectApplications+`FROM application AS a WHERE a.entity_id = ?1 AND a.id IN (
			SELECT p.id FROM item AS i JOIN application AS p ON p.entity_id = i.entity_id AND p.item = i.id AND p.item > 0
			WHERE i.entity_id = ?1 AND i.customer = ?2
			UNION SELECT h.id FROM holding AS h WHERE h.entity_id = ?1 AND h.customer = ?2 AND h.reversed = 0)
		ORDER BY a.id DESC LIMIT ?3`, r.entity, customer, limit)
}

// RulesVersions lists the versions of the rules that were ever in force.
func (s *Store) RulesVersions(ctx context.Context, entity string) (versions []store.RulesVersion, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		versions, err = collect(r, func(rows *row, v *store.RulesVersion) error {
			return rows.Scan(&v.Version, &v.Text, &v.Actor, (*storedInstant)(&v.At))
		}, `SELECT version, text, actor, at FROM rules_version WHERE entity_id = ? ORDER BY at DESC, version`, entity)
		return err
	})
	return versions, err
}
