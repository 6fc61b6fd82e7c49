package postgres

import (
	"fmt"

	"github.com/tieout/tieout/recon"
)

// bulk is what the decisions of a plan do to balances and cases, summed up, so that one statement does it for all of them. Each
// statement keeps the conditions that a single update has; where it changes fewer rows than it should, something of the plan does
// not fit, and the plan is stored again decision by decision.
type bulk struct {
	items    map[int64]*itemMove
	order    []int64 // of the items, as they came
	receipts receiptMoves
	cases    openedCases
	closed   []int64 // cases
}

// itemMove is by how much an item falls.
type itemMove struct {
	amount    int64
	times     int32
	effective int32 // day of the last of them
	currency  string
}

// receiptMoves are columns of what becomes of receipts.
type receiptMoves struct {
	ids, was, decisions, allocated, refunded []int64
	states                                   []int16
	customers                                []string
}

// openedCases are columns of cases.
type openedCases struct {
	ids, amounts                 []int64
	returns                      []int16
	scores, proposals, days      []int32
	reasons, customers, currency []string
}

func (b *bulk) reduce(item int64, a *recon.Application) {
	m := b.items[item]
	if m == nil {
		if b.items == nil {
			b.items = map[int64]*itemMove{}
		}
		m = &itemMove{currency: string(a.Currency)}
		b.items[item] = m
		b.order = append(b.order, item)
	}
	m.amount += a.AmountMinor
	m.times++
	m.effective = int32(a.Effective)
	if m.currency != string(a.Currency) {
		m.currency = "" // fits no item
	}
}

func (b *bulk) decide(s *subject, d *verdict, allocated, refunded int64, state int) {
	r := &b.receipts
	r.ids, r.was, r.decisions = append(r.ids, s.source.ID), append(r.was, s.decision), append(r.decisions, d.id)
	r.allocated, r.refunded = append(r.allocated, allocated), append(r.refunded, refunded)
	r.states, r.customers = append(r.states, int16(state)), append(r.customers, d.Customer)
}

func (b *bulk) open(s *subject, d *verdict) {
	c := &b.cases
	c.ids, c.amounts, c.returns = append(c.ids, s.source.ID), append(c.amounts, s.free+s.charges), append(c.returns, int16(flag(s.isReturn)))
	c.scores, c.proposals, c.days = append(c.scores, int32(d.Score)), append(c.proposals, int32(len(d.Proposals))), append(c.days, int32(s.day))
	c.reasons, c.customers, c.currency = append(c.reasons, string(d.Reason)), append(c.customers, d.Customer), append(c.currency, string(s.currency))
}

// carryOutAll does what was summed up.
func (j *judge) carryOutAll() error {
	b := j.bulk
	j.bulk = bulk{}
	for _, step := range []struct {
		rows int
		do   func(*bulk) (int64, error)
	}{{len(b.order), j.moveItems}, {len(b.receipts.ids), j.moveReceipts}, {len(b.cases.ids), j.openCases}, {len(b.closed), j.closeCases}} {
		if step.rows == 0 {
			continue
		}
		changed, err := step.do(&b)
		if err == nil && changed != int64(step.rows) {
			err = fmt.Errorf("%d rows of %d", changed, step.rows)
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errUnfit, err)
		}
	}
	return nil
}

// moveItems lowers what is open of items. Each is looked up by its key and changed where it lies: a planner without statistics would
// rather go through all items for each of those that fall.
func (j *judge) moveItems(b *bulk) (int64, error) {
	amounts, times, days, currencies := make([]int64, len(b.order)), make([]int32, len(b.order)), make([]int32, len(b.order)), make([]string, len(b.order))
	for i, item := range b.order {
		m := b.items[item]
		amounts[i], times[i], days[i], currencies[i] = m.amount, m.times, m.effective, m.currency
	}
	return j.exec(`UPDATE item AS i SET settled = i.settled + n.amount, version = i.version + n.times,
			paid_on = CASE WHEN i.settled + n.amount = i.amount THEN n.day ELSE 0 END
		FROM unnest(?::bigint[], ?::bigint[], ?::int[], ?::int[], ?::text[]) AS n(item, amount, times, day, currency)
		CROSS JOIN LATERAL (SELECT x.ctid AS place FROM item AS x WHERE x.entity_id = ?6 AND x.id = n.item OFFSET 0) AS x
		WHERE i.ctid = x.place AND i.currency = n.currency AND i.cancelled = 0 AND i.settled + n.amount <= i.amount`,
		b.order, amounts, times, days, currencies, j.entity)
}

func (j *judge) moveReceipts(b *bulk) (int64, error) {
	r := &b.receipts
	return j.exec(`UPDATE receipt AS r SET allocated = r.allocated + n.allocated, refunded = r.refunded + n.refunded, state = n.state, decision = n.decision,
			customer = CASE WHEN n.customer = '' THEN r.customer ELSE n.customer END
		FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::smallint[], ?::text[])
			AS n(id, was, decision, allocated, refunded, state, customer)
		CROSS JOIN LATERAL (SELECT x.ctid AS place FROM receipt AS x WHERE x.entity_id = ?8 AND x.id = n.id OFFSET 0) AS x
		WHERE r.ctid = x.place AND r.decision = n.was AND r.allocated + r.refunded + n.allocated + n.refunded <= r.amount`,
		r.ids, r.was, r.decisions, r.allocated, r.refunded, r.states, r.customers, j.entity)
}

func (j *judge) openCases(b *bulk) (int64, error) {
	c := &b.cases
	return j.exec(`INSERT INTO queue_case AS q (entity_id, id, is_return, reason, score, proposals, customer, opened, open, version, amount, currency, day, account_id, payer)
		SELECT ?1, n.id, n.is_return, n.reason, n.score, n.proposals, n.customer, ?2, 1, 1, n.amount, n.currency, n.day,
			coalesce(e.account_id, (SELECT r.account_id FROM receipt AS r WHERE r.entity_id = ?1 AND r.id = n.id)), coalesce(e.payer_name, '')
		FROM unnest(?3::bigint[], ?4::smallint[], ?5::text[], ?6::int[], ?7::int[], ?8::text[], ?9::bigint[], ?10::text[], ?11::int[])
			AS n(id, is_return, reason, score, proposals, customer, amount, currency, day)
		LEFT JOIN entry AS e ON e.entity_id = ?1 AND e.id = n.id
		ON CONFLICT (entity_id, id) DO UPDATE SET reason = excluded.reason, score = excluded.score, proposals = excluded.proposals,
			customer = excluded.customer, open = 1, version = q.version + 1, amount = excluded.amount,
			opened = CASE WHEN q.open = 1 THEN q.opened ELSE excluded.opened END`,
		j.entity, instant(j.act.At), c.ids, c.returns, c.reasons, c.scores, c.proposals, c.customers, c.amounts, c.currency, c.days)
}

func (j *judge) closeCases(b *bulk) (int64, error) {
	return j.exec(`UPDATE queue_case SET open = 0, version = version + 1, snoozed = 0 WHERE entity_id = ? AND id = ANY(?::bigint[])`, j.entity, b.closed)
}
