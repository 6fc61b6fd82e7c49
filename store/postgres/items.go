package postgres

import (
	"context"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

const itemColumns = `id, number, kind, side, customer, issue_day, due_day, currency, amount, settled, external, reference, order_number,
	discount_percent, discount_until, tax_rate, cancelled, paid_on, version`

func scanItem(rows *row, i *recon.Item) error {
	var settled, external int64
	err := rows.Scan(&i.ID, &i.Number, (*storedWord)(&i.Kind), (*storedWord)(&i.Side), (*storedWord)(&i.Customer), (*storedDay)(&i.IssueDate), (*storedDay)(&i.DueDate),
		(*storedWord)(&i.Currency), &i.AmountMinor, &settled, &external, &i.Reference, &i.Order, (*storedDecimal)(&i.DiscountPercent),
		(*storedDay)(&i.DiscountUntil), (*storedDecimal)(&i.TaxRate), (*storedFlag)(&i.Cancelled), (*storedDay)(&i.PaidOn), &i.Version)
	i.OpenMinor, i.AppliedMinor = i.AmountMinor-settled, settled-external
	return err
}

const withNumbers = `number = ANY(?::text[]) ORDER BY number, side, customer`

// ItemsByNumber returns the items of an entity with these numbers, payables too, by number.
func (s *Store) ItemsByNumber(ctx context.Context, entity string, numbers []string) (items []recon.Item, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		items, err = r.items(withNumbers, numbers)
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
	conditions := []string{"true"}
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
		conditions, args = append(conditions, "id = ANY(?::bigint[])"), append(args, f.IDs)
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

// complete adds open disputes, payment plans and promises to items.
func (r *reading) complete(items []recon.Item) error {
	var ids []int64
	if len(items) <= fewItems {
		ids = make([]int64, len(items))
		for i := range items {
			ids[i] = items[i].ID
		}
	}
	about, err := r.extras(ids)
	for i := range items {
		about.complete(&items[i])
	}
	return err
}

// fewItems is how many items are looked up one by one; for more the whole table is read.
const fewItems = 500

// extras is what few items have.
type extras struct {
	disputes map[int64]*recon.Dispute
	plans    map[int64][]recon.Instalment
	falls    map[int64][]recon.Fall // of items that have a plan
	promises map[int64]*recon.Promise
	refused  map[int64][]recon.Kind
}

// extras loads the open disputes, payment plans and promises of the items named, nil for all of the entity.
func (r *reading) extras(ids []int64) (extras, error) {
	all := extras{disputes: map[int64]*recon.Dispute{}, plans: map[int64][]recon.Instalment{}, falls: map[int64][]recon.Fall{}, promises: map[int64]*recon.Promise{}, refused: map[int64][]recon.Kind{}}
	some, args := ``, []any{r.entity}
	if ids != nil {
		some, args = ` AND item = ANY(?::bigint[])`, append(args, ids)
	}
	err := r.each(func(rows *row) error {
		var item int64
		var d recon.Dispute
		err := rows.Scan(&item, (*storedDay)(&d.Since), &d.AmountMinor, &d.Owner, &d.Reason, &d.Phrase, &d.Decision, (*storedDay)(&d.Agreed))
		all.disputes[item] = &d
		return err
	}, `SELECT item, since, amount, owner, reason, phrase, decision, agreed FROM dispute WHERE entity_id = ? AND closed IS NULL`+some, args...)
	if err != nil {
		return all, err
	}
	if err := r.promised(all.promises, some, args); err != nil {
		return all, err
	}
	if err := r.each(func(rows *row) error {
		var item int64
		var kind recon.Kind
		err := rows.Scan(&item, (*string)(&kind))
		all.refused[item] = append(all.refused[item], kind)
		return err
	}, `SELECT item, kind FROM refused WHERE entity_id = ?`+some+` ORDER BY item, kind`, args...); err != nil {
		return all, err
	}
	return all, r.planned(all, some, args)
}

// promised loads the days that decisions promised for the rest of items, of those whose application stands; the last one counts.
func (r *reading) promised(promises map[int64]*recon.Promise, some string, args []any) error {
	return r.each(func(rows *row) error {
		var item int64
		var p recon.Promise
		err := rows.Scan(&item, (*storedDay)(&p.Date), &p.Decision)
		promises[item] = &p
		return err
	}, `SELECT s.item, s.next_day, s.decision FROM shortfall AS s WHERE s.entity_id = ? AND s.next_day > 0`+some+`
		AND EXISTS (SELECT 1 FROM application AS a WHERE a.entity_id = s.entity_id AND a.item = s.item AND a.item > 0 AND a.decision = s.decision AND a.reverses = 0
			AND NOT EXISTS (SELECT 1 FROM application AS b WHERE b.entity_id = a.entity_id AND b.reverses = a.id AND b.reverses > 0))
		ORDER BY s.decision, s.ordinal`, args...)
}

func (e extras) complete(item *recon.Item) {
	item.Dispute, item.Promise = e.disputes[item.ID], e.promises[item.ID]
	item.Instalments, item.Refused = e.plans[item.ID], e.refused[item.ID]
	recon.PayInstalments(item, e.falls[item.ID])
}
