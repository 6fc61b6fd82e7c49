package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// CustomerPage lists customers by code with what they owe.
func (s *Store) CustomerPage(ctx context.Context, entity string, query store.CustomerQuery) (page []store.CustomerBalance, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		codes, err := r.customerCodes(query)
		if err != nil {
			return err
		}
		customers, err := r.customers(codes)
		if err != nil {
			return err
		}
		balances, err := r.balances(codes, query.Today)
		if err != nil {
			return err
		}
		for _, c := range customers {
			page = append(page, store.CustomerBalance{Customer: c, Balances: balances[c.Code]})
		}
		return nil
	})
	return page, err
}

func (r *reading) customerCodes(q store.CustomerQuery) ([]string, error) {
	var b strings.Builder
	args := []any{r.entity}
	add := func(wanted bool, text string, values ...any) {
		if wanted {
			b.WriteString(" AND " + text)
			args = append(args, values...)
		}
	}
	add(q.Code != "", `c.code = ?`, q.Code)
	add(q.Text != "", `(`+holds("c.code")+` OR `+holds("c.name")+`)`, q.Text, q.Text)
	add(q.Owing, `EXISTS (SELECT 1 FROM item AS i
		WHERE i.entity_id = c.entity_id AND i.customer = c.code AND i.settled < i.amount AND i.cancelled = 0)`)
	add(q.After != "", `c.code > ?`, q.After)
	text := `SELECT c.code FROM customer AS c WHERE c.entity_id = ?` + b.String() + ` ORDER BY c.code`
	if q.Limit > 0 {
		text, args = text+` LIMIT ?`, append(args, q.Limit)
	}
	return collect(r, scanText, text, args...)
}

// balances sums up what customers owe, by customer and currency.
func (r *reading) balances(codes []string, today recon.Date) (map[string][]store.Balance, error) {
	all := map[string][]store.Balance{}
	of := func(customer string, currency recon.Currency) *store.Balance {
		list := all[customer]
		at := slices.IndexFunc(list, func(b store.Balance) bool { return b.Currency == currency })
		if at < 0 {
			at = len(list)
			list = append(list, store.Balance{Currency: currency})
			all[customer] = list
		}
		return &list[at]
	}
	err := r.each(func(rows *row) error {
		var customer string
		var b store.Balance
		err := rows.Scan(&customer, (*string)(&b.Currency), &b.OpenMinor, &b.OverdueMinor, &b.DisputedMinor, (*storedInt)(&b.Items))
		*of(customer, b.Currency) = b
		return err
	}, `SELECT i.customer, i.currency, sum(signed)::bigint, sum(CASE WHEN i.due_day > 0 AND i.due_day < ?1 THEN signed ELSE 0 END)::bigint,
			sum(CASE WHEN EXISTS (SELECT 1 FROM dispute AS d WHERE d.entity_id = i.entity_id AND d.item = i.id AND d.closed IS NULL) THEN signed ELSE 0 END)::bigint, count(*)
		FROM (SELECT n.entity_id, n.id, n.customer, n.currency, n.due_day, CASE WHEN n.kind = 'credit_note' THEN n.settled - n.amount ELSE n.amount - n.settled END AS signed
			FROM unnest(?2::text[]) AS k(value) JOIN item AS n ON n.entity_id = ?3 AND n.customer = k.value
			WHERE n.settled < n.amount AND n.cancelled = 0 AND n.side = 'receivable') AS i
		GROUP BY i.customer, i.currency ORDER BY i.customer, i.currency`, day(today), codes, r.entity)
	if err != nil {
		return nil, err
	}
	err = r.each(func(rows *row) error {
		var customer string
		var currency recon.Currency
		var held int64
		err := rows.Scan(&customer, (*string)(&currency), &held)
		of(customer, currency).HeldMinor = held
		return err
	}, `SELECT h.customer, h.currency, sum(h.amount - h.allocated)::bigint FROM unnest(?::text[]) AS k(value)
		JOIN holding AS h ON h.entity_id = ? AND h.customer = k.value AND h.reversed = 0
		WHERE h.allocated < h.amount GROUP BY h.customer, h.currency ORDER BY h.customer, h.currency`, codes, r.entity)
	return all, err
}
