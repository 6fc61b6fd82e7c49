package postgres

import (
	"context"
	"strings"

	"github.com/tieout/tieout/store"
)

// Cases lists open cases: a page of what the query's filter leaves, in its order.
func (s *Store) Cases(ctx context.Context, entity string, query store.CaseQuery) (cases []store.Case, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		cases, err = r.cases(query)
		return err
	})
	return cases, err
}

// CaseCounts counts the open cases that a filter leaves, by currency and reason.
func (s *Store) CaseCounts(ctx context.Context, entity string, filter store.CaseFilter) (counts []store.CaseCount, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		counts, err = r.caseCounts(filter)
		return err
	})
	return counts, err
}

func (r *reading) caseCounts(filter store.CaseFilter) ([]store.CaseCount, error) {
	condition, args := caseCondition(filter)
	return collect(r, scanCaseCount, `SELECT q.currency, q.reason, count(*), sum(q.amount)::bigint FROM queue_case AS q
		WHERE q.entity_id = ? AND q.open = 1`+condition+` GROUP BY q.currency, q.reason ORDER BY q.currency, q.reason`, append([]any{r.entity}, args...)...)
}

func scanCaseCount(rows *row, c *store.CaseCount) error {
	return rows.Scan((*storedWord)(&c.Currency), (*storedWord)(&c.Reason), (*storedInt)(&c.Cases), &c.SumMinor)
}

func scanCase(rows *row, c *store.Case) error {
	return rows.Scan(&c.Receipt, (*storedFlag)(&c.Return), &c.AccountID, (*storedDay)(&c.Booked), (*string)(&c.Currency), &c.AmountMinor, &c.Payer,
		&c.Customer, &c.Text, (*string)(&c.Reason), &c.Score, &c.Proposals, (*storedInstant)(&c.Opened), &c.Version, &c.Assignee, (*storedDay)(&c.Snoozed),
		(*storedFlag)(&c.Pending))
}

// cases reads a page of the queue. The index gives the order, so that a page costs what it shows, however long the queue is.
func (r *reading) cases(query store.CaseQuery) ([]store.Case, error) {
	condition, args := caseCondition(query.Filter)
	behind, position := caseOrders[query.Order].behind(query.After)
	args = append(append([]any{r.entity}, args...), position...)
	text := `SELECT q.id, q.is_return, q.account_id, q.day, q.currency, q.amount, q.payer, q.customer, coalesce(e.text, h.note, ''),
			q.reason, q.score, q.proposals, q.opened, q.version, q.assignee, q.snoozed,
			EXISTS (SELECT 1 FROM approval AS p WHERE p.entity_id = q.entity_id AND p.receipt = q.id AND p.state = 'pending')
		FROM queue_case AS q
		LEFT JOIN entry AS e ON e.entity_id = q.entity_id AND e.id = q.id
		LEFT JOIN hand_payment AS h ON h.entity_id = q.entity_id AND h.receipt = q.id
		WHERE q.entity_id = ? AND q.open = 1` + condition + behind + ` ORDER BY ` + caseOrders[query.Order].by
	if query.Limit > 0 {
		text, args = text+` LIMIT ?`, append(args, query.Limit)
	}
	return collect(r, scanCase, text, args...)
}

// caseOrder is an order of the queue with the condition for what comes behind a case.
type caseOrder struct {
	by, after string
	position  func(*store.Case) []any
}

func (o caseOrder) behind(last *store.Case) (condition string, position []any) {
	if last == nil {
		return "", nil
	}
	return o.after, o.position(last)
}

var (
	byValue = caseOrder{by: `q.amount DESC, q.id`, after: ` AND q.amount <= ? AND (q.amount < ? OR q.id > ?)`,
		position: func(c *store.Case) []any { return []any{c.AmountMinor, c.AmountMinor, c.Receipt} }}
	byAge = caseOrder{by: `q.opened, q.id`, after: ` AND q.opened >= ? AND (q.opened > ? OR q.id > ?)`,
		position: func(c *store.Case) []any { return []any{instant(c.Opened), instant(c.Opened), c.Receipt} }}
	byReason = caseOrder{by: `q.reason, q.amount DESC, q.id`,
		after: ` AND q.reason >= ? AND (q.reason > ? OR q.amount < ? OR q.amount = ? AND q.id > ?)`,
		position: func(c *store.Case) []any {
			return []any{string(c.Reason), string(c.Reason), c.AmountMinor, c.AmountMinor, c.Receipt}
		}}
	caseOrders = map[store.CaseOrder]caseOrder{"": byValue, store.ByValue: byValue, store.ByAge: byAge, store.ByReason: byReason}
)

// caseCondition says a filter as conditions on the case q.
func caseCondition(f store.CaseFilter) (condition string, args []any) {
	var b strings.Builder
	add := func(wanted bool, text string, values ...any) {
		if wanted {
			b.WriteString(" AND " + text)
			args = append(args, values...)
		}
	}
	add(f.Receipts != nil, `q.id = ANY(?::bigint[])`, f.Receipts)
	add(f.Customer != "", `q.customer = ?`, f.Customer)
	add(f.Payer != "", `q.payer = ?`, f.Payer)
	add(f.Reason != "", `q.reason = ?`, string(f.Reason))
	add(f.Currency != "", `q.currency = ?`, string(f.Currency))
	add(f.AccountID != "", `q.account_id = ?`, f.AccountID)
	add(f.Assignee != "", `q.assignee = ?`, f.Assignee)
	add(f.Unassigned, `q.assignee = ''`)
	add(f.Returns, `q.is_return = 1`)
	add(f.MinMinor != 0, `q.amount >= ?`, f.MinMinor)
	add(f.MaxMinor != 0, `q.amount <= ?`, f.MaxMinor)
	add(f.Snoozed == store.WithoutSnoozed, `q.snoozed <= ?`, day(f.Today))
	add(f.Snoozed == store.OnlySnoozed, `q.snoozed > ?`, day(f.Today))
	if f.Search != "" {
		add(true, `(q.id = ? OR `+holds("q.payer")+` OR `+holds("q.customer")+` OR q.amount = ? AND q.amount > 0
			OR EXISTS (SELECT 1 FROM entry AS t WHERE t.entity_id = q.entity_id AND t.id = q.id AND `+holds("t.text")+`)
			OR EXISTS (SELECT 1 FROM hand_payment AS n WHERE n.entity_id = q.entity_id AND n.receipt = q.id AND `+holds("n.note")+`))`,
			wholeNumber(f.Search), f.Search, f.Search, f.SearchMinor, f.Search, f.Search)
	}
	return b.String(), args
}
