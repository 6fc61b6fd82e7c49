package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Refund takes money from its source to give it back.
func (s *Store) Refund(ctx context.Context, act store.Act, refund store.Refund) (application int64, err error) {
	err = s.change(ctx, act, refund.Entity, "refund", func(c *change) error {
		about, err := c.refundable(refund)
		if err != nil {
			return err
		}
		d := verdict{note: refund.Reason, byPerson: true, day: max(about.day, refund.Day), Decision: recon.Decision{Source: refund.Source, Outcome: recon.Manual,
			Reason: recon.ReasonManual, Customer: cmp.Or(refund.Customer, about.customer), Lines: []recon.Line{{Kind: recon.Refund, AmountMinor: refund.AmountMinor}}}}
		j := newJudge(c)
		if err := j.decide(about, &d); err != nil {
			return err
		}
		if application, err = c.ids(nounApplication, 0); err != nil {
			return err
		}
		application-- // the last one given out
		rows := c.into("refund", "refund", "entity_id, id, customer, currency, amount, payee, account, day, cleared_by, cleared_on")
		return errors.Join(j.flush(), rows.add(key(application), c.entity, application, d.Customer, string(about.currency), refund.AmountMinor, refund.Payee,
			refund.Account, day(d.day), 0, 0), rows.flush())
	})
	if err != nil {
		return 0, err
	}
	return application, nil
}

// refundable loads the source of a refund as the person saw it.
func (c *change) refundable(refund store.Refund) (about *subject, err error) {
	if refund.Source.Kind == recon.SourceReceipt {
		about, err = c.subject(refund.Source.ID)
	} else {
		about, err = c.fund(refund.Source)
	}
	switch {
	case err != nil:
		return nil, err
	case about.decision != refund.Standing || about.isReturn || about.state == stateFinal:
		return nil, fmt.Errorf("%s %d was decided anew: %w", refund.Source.Kind, refund.Source.ID, store.ErrStale)
	}
	return about, nil
}

// Refunds lists refunds that stand by id.
func (s *Store) Refunds(ctx context.Context, entity string, waitingOnly bool) (refunds []recon.RefundRow, err error) {
	some := ``
	if waitingOnly {
		some = ` AND f.cleared_by = 0`
	}
	err = s.read(ctx, entity, func(r *reading) error {
		refunds, err = collect(r, scanRefund, `SELECT f.id, a.source_kind, a.source_id, f.customer, f.currency, f.amount, f.payee, f.account, f.day, f.cleared_by, f.cleared_on, a.note, a.actor
			FROM refund AS f JOIN application AS a ON a.entity_id = f.entity_id AND a.id = f.id
			WHERE f.entity_id = ?`+some+notReversed+` ORDER BY f.id`, entity)
		return err
	})
	return refunds, err
}

func scanRefund(rows *row, f *recon.RefundRow) error {
	return rows.Scan(&f.ID, (*string)(&f.Source.Kind), &f.Source.ID, &f.Customer, (*string)(&f.Currency), &f.AmountMinor, &f.Payee, &f.Account,
		(*storedDay)(&f.Date), &f.ClearedBy, (*storedDay)(&f.ClearedOn), &f.Reason, &f.Actor)
}
