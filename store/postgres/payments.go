package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// RecordPayment stores a payment that a person saw elsewhere and applies it. The same key with the same payment returns the
// receipt that it made; with another one it is ErrDuplicate.
func (s *Store) RecordPayment(ctx context.Context, act store.Act, payment store.RecordedPayment) (receipt int64, err error) {
	err = s.change(ctx, act, payment.Entity, "payment by hand", func(c *change) error {
		known, err := c.knownPayment(payment)
		if err != nil {
			return err
		}
		if known != 0 {
			receipt = known
			return errNothing
		}
		if receipt, err = c.newPayment(payment); err != nil {
			return err
		}
		about, err := c.subject(receipt)
		if err != nil {
			return err
		}
		j := newJudge(c)
		if err := j.know(itemsOf(payment.Lines, nil)); err != nil {
			return err
		}
		if err := j.decide(about, &verdict{note: payment.Note, Decision: recon.Decision{Outcome: recon.Manual, Reason: recon.ReasonManual,
			Customer: payment.Customer, Lines: payment.Lines}}); err != nil {
			return err
		}
		return j.flush()
	})
	if err != nil {
		return 0, err
	}
	return receipt, nil
}

// knownPayment returns the receipt that the payment's key made before, 0 where there is none.
func (c *change) knownPayment(p store.RecordedPayment) (int64, error) {
	if p.Key == "" {
		return 0, nil
	}
	var known store.RecordedPayment
	var receipt int64
	_, found, err := first(&c.reading, func(rows *row, _ *struct{}) error {
		return rows.Scan(&receipt, &known.AccountID, &known.Customer, (*string)(&known.Currency), &known.AmountMinor, (*storedDay)(&known.Date))
	}, `SELECT r.id, r.account_id, r.customer, r.currency, r.amount, r.day FROM hand_payment AS h
		JOIN receipt AS r ON r.entity_id = h.entity_id AND r.id = h.receipt WHERE h.entity_id = ? AND h.key = ? AND h.key <> ''`, c.entity, p.Key)
	if err != nil || !found {
		return 0, err
	}
	if known.AccountID != p.AccountID || known.Customer != p.Customer || known.Currency != p.Currency || known.AmountMinor != p.AmountMinor || known.Date != p.Date {
		return 0, fmt.Errorf("another payment has this key: %w", store.ErrDuplicate)
	}
	return receipt, nil
}

func (c *change) newPayment(p store.RecordedPayment) (int64, error) {
	if p.AmountMinor <= 0 {
		return 0, fmt.Errorf("a payment of %d", p.AmountMinor)
	}
	id, err := c.ids(nounEntry, 1)
	if err != nil {
		return 0, err
	}
	effective, err := c.openDay(p.Date)
	if err != nil {
		return 0, err
	}
	receipts := c.into("payment", "receipt", `entity_id, id, by_hand, account_id, customer, currency, amount, allocated, refunded, day, effective,
		cleared_by, clears, cleared_on, returned, recorded, state, decision`)
	details := c.into("payment detail", "hand_payment", "entity_id, receipt, method, cheque, note, key")
	return id, errors.Join(
		receipts.add(key(id), c.entity, id, 1, p.AccountID, p.Customer, string(p.Currency), p.AmountMinor, 0, 0, day(p.Date), day(effective),
			0, 0, 0, 0, instant(c.act.At), statePerson, 0),
		details.add(key(id), c.entity, id, p.Method, p.Cheque, p.Note, p.Key), receipts.flush(), details.flush())
}

// ApplicationsOf returns the applications of a receipt, those of its money on account or in advance too, by id.
func (s *Store) ApplicationsOf(ctx context.Context, entity string, receipt int64) (applications []recon.Application, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		applications, err = r.applicationsOf(receipt)
		return err
	})
	return applications, err
}

func (r *reading) applicationsOf(receipt int64) ([]recon.Application, error) {
	return collect(r, scanApplication, selectApplications+`FROM application AS a WHERE a.entity_id = ? AND a.receipt = ? AND a.receipt > 0 ORDER BY a.id`,
		r.entity, receipt)
}

// Application returns one application.
func (s *Store) Application(ctx context.Context, entity string, application int64) (one recon.Application, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		found, err := r.applicationsByID([]int64{application})
		if err == nil {
			one = found[0].Application
		}
		return err
	})
	return one, err
}
