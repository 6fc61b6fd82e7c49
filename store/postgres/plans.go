package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// EditPlan replaces the lines of a payment plan that may still change.
func (s *Store) EditPlan(ctx context.Context, act store.Act, entity string, edit store.PlanEdit) error {
	return s.change(ctx, act, entity, "payment plan", func(c *change) error {
		item, err := c.seenItem(edit.Item, edit.Version)
		if err != nil {
			return err
		}
		if err := keepsFixed(item.Instalments, edit.Lines); err != nil {
			return fmt.Errorf("item %s: %w", item.Number, err)
		}
		if err := c.touchItem(edit.Item); err != nil {
			return err
		}
		if _, err := c.exec(`DELETE FROM instalment WHERE entity_id = ? AND item = ?`, c.entity, edit.Item); err != nil {
			return err
		}
		if len(edit.Lines) == 0 {
			c.became("payment plan", key(edit.Item), "none")
		}
		rows := c.intoPlans()
		for _, line := range edit.Lines {
			if err := rows.instalment(edit.Item, line); err != nil {
				return err
			}
		}
		return rows.flush()
	})
}

// keepsFixed holds an edited plan to the lines that are void or paid.
func keepsFixed(before, after []recon.Instalment) error {
	for _, line := range before {
		at := slices.IndexFunc(after, func(l recon.Instalment) bool { return l.Sequence == line.Sequence })
		if line.Fixed() && (at < 0 || !after[at].SameTerms(line)) {
			return fmt.Errorf("instalment %d is void or paid: %w", line.Sequence, store.ErrStale)
		}
	}
	return nil
}

func (c *change) intoPlans() *batch {
	return c.into("instalment", "instalment", "entity_id, item, sequence, due_day, amount, method, account, check_number, note, void")
}

// instalment writes one line of an item's plan.
func (b *batch) instalment(item int64, line recon.Instalment) error {
	return b.add(key(item), b.c.entity, item, line.Sequence, day(line.DueDate), line.AmountMinor, line.Method, line.Account, line.CheckNumber, line.Note, flag(line.Void))
}

// planned loads payment plans, in the order in which their lines are paid, and what their items fell by.
func (r *reading) planned(all extras, some string, args []any) error {
	plans := r.each(func(rows *row) error {
		var item int64
		var p recon.Instalment
		err := rows.Scan(&item, (*storedInt)(&p.Sequence), (*storedDay)(&p.DueDate), &p.AmountMinor, &p.Method, &p.Account, &p.CheckNumber,
			&p.Note, (*storedFlag)(&p.Void))
		all.plans[item] = append(all.plans[item], p)
		return err
	}, `SELECT item, sequence, due_day, amount, method, account, check_number, note, void FROM instalment WHERE entity_id = ?`+some+
		` ORDER BY item, due_day, sequence`, args...)
	if plans != nil || len(all.plans) == 0 {
		return plans
	}
	ids := make([]int64, 0, len(all.plans))
	for item := range all.plans {
		ids = append(ids, item)
	}
	slices.Sort(ids)
	falls := r.each(func(rows *row) error {
		var item int64
		var f recon.Fall
		err := rows.Scan(&item, &f.AmountMinor, (*storedDay)(&f.Effective), (*storedFlag)(&f.Shown))
		all.falls[item] = append(all.falls[item], f)
		return err
	}, `SELECT a.item, a.amount, a.effective, NOT EXISTS (SELECT 1 FROM receipt AS r WHERE r.entity_id = a.entity_id AND r.id = a.receipt
			AND a.source_kind = 'receipt' AND r.by_hand = 1 AND r.cleared_by = 0)
		FROM unnest(?::bigint[]) AS k(value) JOIN application AS a ON a.entity_id = ? AND a.item = k.value AND a.item > 0`+notReversed+`
		ORDER BY a.item, a.id`, ids, r.entity)
	return errors.Join(plans, falls)
}
