package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// ClosePeriod closes the books up to a day and freezes the journal of the period.
func (s *Store) ClosePeriod(ctx context.Context, act store.Act, period store.PeriodClose) error {
	return s.change(ctx, act, period.Entity, "period closed", func(c *change) error {
		if err := c.await(bank); err != nil { // a file that is being stored may bring entries of the period
			return err
		}
		audited, err := c.audited()
		if err != nil {
			return err
		}
		last, _, err := first(&c.reading, scanPeriod, selectPeriods+` ORDER BY until DESC LIMIT 1`, c.entity)
		switch {
		case err != nil:
			return err
		case period.Until <= last.Until:
			return fmt.Errorf("the books are closed until %s: %w", last.Until, store.ErrDuplicate)
		case audited != period.Audited:
			return fmt.Errorf("the books changed while their journal was derived: %w", store.ErrStale)
		}
		id := day(period.Until)
		closes := c.into("period", "period_close", "entity_id, until, ordinal, postings, digest, audited, note, actor, at")
		if err := errors.Join(closes.add(key(id), c.entity, id, last.Ordinal+1, len(period.Postings), period.Digest, period.Audited, period.Note,
			c.act.Actor, instant(c.act.At)), closes.flush()); err != nil {
			return err
		}
		return c.freeze(period)
	})
}

func (c *change) freeze(period store.PeriodClose) error {
	rows := c.into("", "posting", "entity_id, until, "+postingColumns)
	for i := range period.Postings {
		p := &period.Postings[i]
		if err := rows.add("", c.entity, day(period.Until), i+1, day(p.Day), day(p.Original), p.Phase, p.Owner, p.Effect, p.Holder, p.Ledger, string(p.Currency),
			p.AmountMinor, p.Pocket, p.Entry, p.Application, p.Item, p.ItemNumber, p.Customer, p.Text); err != nil {
			return err
		}
	}
	return rows.flush()
}

const postingColumns = `ordinal, day, original_day, phase, owner, effect, holder, ledger, currency, amount, pocket, entry, application, item, item_number, customer, text`

// audited is the number of the last audit row.
func (r *reading) audited() (int64, error) {
	return r.number(`SELECT coalesce(max(seq), 0) FROM audit WHERE entity_id = ?`, r.entity)
}

const selectPeriods = `SELECT until, ordinal, postings, digest, audited, note, actor, at FROM period_close WHERE entity_id = ?`

func scanPeriod(rows *row, p *recon.PeriodRow) error {
	return rows.Scan((*storedDay)(&p.Until), (*storedInt)(&p.Ordinal), (*storedInt)(&p.Postings), &p.Digest, &p.Audited, &p.Note, &p.Actor, (*storedInstant)(&p.At))
}

// Periods lists the closes of an entity.
func (s *Store) Periods(ctx context.Context, entity string) (periods []recon.PeriodRow, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		periods, err = r.periods()
		return err
	})
	return periods, err
}

func (r *reading) periods() ([]recon.PeriodRow, error) {
	return collect(r, scanPeriod, selectPeriods+` ORDER BY until`, r.entity)
}

func (v view) Periods() ([]recon.PeriodRow, error) { return v.r.periods() }

func (v view) Audited() (int64, error) { return v.r.audited() }

func (v view) Frozen() iter.Seq2[recon.FrozenPosting, error] {
	return stream(v.r, func(rows *row, p *recon.FrozenPosting) error {
		return rows.Scan((*storedDay)(&p.Until), (*storedInt)(&p.Ordinal), (*storedDay)(&p.Day), (*storedDay)(&p.Original), (*storedInt)(&p.Phase), &p.Owner, &p.Effect,
			(*storedWord)(&p.Holder), (*storedWord)(&p.Ledger), (*storedWord)(&p.Currency), &p.AmountMinor, (*storedInt)(&p.Pocket), &p.Entry, &p.Application, &p.Item,
			&p.ItemNumber, (*storedWord)(&p.Customer), &p.Text)
	}, `SELECT until, `+postingColumns+` FROM posting WHERE entity_id = ? ORDER BY phase, owner, effect, holder, until, ordinal`, v.r.entity)
}

func (v view) Disputes() iter.Seq2[recon.DisputeRecord, error] {
	return stream(v.r, scanDispute, selectDisputes+` ORDER BY item, ordinal`, v.r.entity)
}
