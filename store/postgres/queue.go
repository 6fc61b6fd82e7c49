package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Entry returns one entry of a statement.
func (s *Store) Entry(ctx context.Context, entity string, id int64) (entry recon.EntryRow, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		var found bool
		if entry, found, err = r.entry(id); err == nil && !found {
			err = fmt.Errorf("entry %d: %w", id, store.ErrNotFound)
		}
		return err
	})
	return entry, err
}

// Decision returns the decision in force on a receipt or return, with its entry.
func (s *Store) Decision(ctx context.Context, entity string, receipt int64) (detail store.DecisionDetail, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		detail, err = r.decision(receipt)
		return err
	})
	return detail, err
}

func (r *reading) decision(receipt int64) (detail store.DecisionDetail, err error) {
	about, err := r.subject(receipt)
	if err != nil {
		return detail, err
	}
	if about.decision == 0 {
		return detail, fmt.Errorf("receipt %d is not decided: %w", receipt, store.ErrNotFound)
	}
	detail.ID = about.decision
	if err := r.decisionRow(&detail); err != nil {
		return detail, err
	}
	open, err := r.cases(store.CaseQuery{Filter: store.CaseFilter{Receipts: []int64{receipt}}})
	if err != nil {
		return detail, err
	}
	if len(open) > 0 {
		detail.Case = &open[0]
	}
	byHand, _, err := first(r, func(rows *row, by *bool) error {
		return rows.Scan((*storedFlag)(by), &detail.ClearedBy, (*storedDay)(&detail.ClearedOn), &detail.Method)
	}, `SELECT r.by_hand, r.cleared_by, r.cleared_on, coalesce(h.method, '') FROM receipt AS r
		LEFT JOIN hand_payment AS h ON h.entity_id = r.entity_id AND h.receipt = r.id WHERE r.entity_id = ? AND r.id = ?`, r.entity, receipt)
	if err != nil {
		return detail, err
	}
	detail.Uncleared = byHand && detail.ClearedBy == 0
	detail.Entry, err = r.shownEntry(receipt)
	return detail, err
}

func (r *reading) decisionRow(detail *store.DecisionDetail) error {
	d := &detail.Decision
	var reverses, evidence, rejected, rivals string
	_, _, err := first(r, func(rows *row, _ *struct{}) error {
		return rows.Scan((*string)(&d.Source.Kind), &d.Source.ID, (*storedFlag)(&d.Return), (*string)(&d.Outcome), (*string)(&d.Reason), &d.Score,
			&d.Margin, &d.Customer, &d.Clears, &reverses, &evidence, &rejected, &rivals, &detail.Note, &detail.Rules, &detail.Actor,
			(*storedInstant)(&detail.At), &detail.Run)
	}, `SELECT source_kind, source_id, is_return, outcome, reason, score, margin, customer, clears, reverses, evidence, rejected, rivals, note,
			rules, actor, at, run
		FROM decision WHERE entity_id = ? AND id = ?`, r.entity, detail.ID)
	if err != nil {
		return err
	}
	var errs [7]error
	d.Reverses, errs[0] = splitIDs(reverses)
	d.Rivals, errs[1] = splitIDs(rivals)
	d.Rejected, errs[2] = decodeRejected(rejected)
	d.Evidence, errs[3] = recon.DecodeEvidence(evidence)
	d.Lines, errs[4] = r.decidedLines(detail.ID, d.Source)
	d.Shortfalls, errs[5] = collect(r, scanShortfall, `SELECT item, amount, why, phrase, next_day FROM shortfall
		WHERE entity_id = ? AND decision = ? ORDER BY ordinal`, r.entity, detail.ID)
	d.Proposals, errs[6] = r.proposals(detail.ID)
	return errors.Join(errs[:]...)
}

func scanShortfall(rows *row, s *recon.Shortfall) error {
	return rows.Scan(&s.Item, &s.AmountMinor, &s.Why, &s.Phrase, (*storedDay)(&s.NextDate))
}

// decidedLines returns the lines of a decision, as its applications tell them.
func (r *reading) decidedLines(decision int64, source recon.Source) ([]recon.Line, error) {
	receipt := source.ID
	if source.Kind != recon.SourceReceipt {
		var err error
		if receipt, err = r.number(`SELECT receipt FROM holding WHERE entity_id = ? AND id = ?`, r.entity, source.ID); err != nil {
			return nil, err
		}
	}
	return collect(r, func(rows *row, l *recon.Line) error {
		return rows.Scan((*string)(&l.Kind), &l.Item, &l.CreditNote, &l.AmountMinor, &l.TaxMinor, &l.Ledger, &l.Order)
	}, `SELECT kind, item, CASE WHEN source_kind = 'credit_note' THEN source_id ELSE 0 END, amount, tax, ledger, order_number FROM application
		WHERE entity_id = ? AND receipt = ? AND receipt > 0 AND decision = ? AND reverses = 0 ORDER BY id`, r.entity, receipt, decision)
}

func (r *reading) proposals(decision int64) ([]recon.Proposal, error) {
	var reverses, evidence string
	proposals, err := collect(r, func(rows *row, p *recon.Proposal) error {
		if err := rows.Scan((*string)(&p.Reason), &p.Score, &p.Customer, &p.DifferenceMinor, &p.Clears, &reverses, &evidence); err != nil {
			return err
		}
		var errs [2]error
		p.Reverses, errs[0] = splitIDs(reverses)
		p.Evidence, errs[1] = recon.DecodeEvidence(evidence)
		return errors.Join(errs[:]...)
	}, `SELECT reason, score, customer, difference, clears, reverses, evidence FROM proposal
		WHERE entity_id = ? AND decision = ? ORDER BY ordinal`, r.entity, decision)
	if err != nil {
		return nil, err
	}
	return proposals, r.each(func(rows *row) error {
		var of int
		var l recon.Line
		err := rows.Scan(&of, (*string)(&l.Kind), &l.Item, &l.CreditNote, &l.AmountMinor, &l.TaxMinor, &l.Ledger, &l.Order)
		proposals[of-1].Lines = append(proposals[of-1].Lines, l)
		return err
	}, `SELECT proposal, kind, item, credit_note, amount, tax, ledger, order_number FROM proposal_line
		WHERE entity_id = ? AND decision = ? ORDER BY proposal, ordinal`, r.entity, decision)
}

// shownEntry returns the entry of a receipt or return; of a payment recorded by hand, what stands in place of one.
func (r *reading) shownEntry(receipt int64) (recon.EntryRow, error) {
	entry, found, err := r.entry(receipt)
	if err != nil || found {
		return entry, err
	}
	entry, _, err = first(r, func(rows *row, e *recon.EntryRow) error {
		e.Class, e.Status = recon.ClassReceipt, recon.Booked
		return rows.Scan(&e.ID, &e.AccountID, (*storedInstant)(&e.Recorded), (*storedDay)(&e.Effective), &e.AmountMinor, (*string)(&e.Currency),
			(*storedDay)(&e.Booked), &e.Text, &e.Cheque)
	}, `SELECT r.id, r.account_id, r.recorded, r.effective, r.amount, r.currency, r.day, h.note, h.cheque FROM receipt AS r
		JOIN hand_payment AS h ON h.entity_id = r.entity_id AND h.receipt = r.id WHERE r.entity_id = ? AND r.id = ?`, r.entity, receipt)
	return entry, err
}

// Resolve applies a person's decision to a receipt or return.
func (s *Store) Resolve(ctx context.Context, act store.Act, resolution store.Resolution) (decision int64, err error) {
	err = s.change(ctx, act, resolution.Entity, "resolve", func(c *change) error {
		about, err := c.subject(resolution.Receipt)
		if err != nil {
			return err
		}
		d := verdictOf(resolution, about.isReturn)
		if about.decision != 0 && resolution.Digest != "" && about.digest == d.digest {
			decision = about.decision
			return errNothing
		}
		if err := resolvable(about, resolution.Version); err != nil {
			return err
		}
		if err := c.asSeen(resolution.Seen); err != nil {
			return err
		}
		j := newJudge(c)
		if err := j.know(itemsOf(resolution.Lines, nil)); err != nil {
			return err
		}
		if err := j.decide(about, &d); err != nil {
			return err
		}
		decision = d.id
		if err := j.flush(); err != nil {
			return err
		}
		return c.learn(resolution.Receipt, d.id, resolution.Customer, resolution.Lessons)
	})
	if err != nil {
		return 0, err
	}
	return decision, nil
}

// asSeen fails where an item is no longer as a person saw it.
func (c *change) asSeen(seen []store.SeenItem) error {
	for _, item := range seen {
		version, err := c.number(`SELECT version FROM item WHERE entity_id = ? AND id = ?`, c.entity, item.ID)
		switch {
		case err != nil:
			return err
		case version != item.Version:
			return fmt.Errorf("item %d has version %d, not %d: %w", item.ID, version, item.Version, store.ErrStale)
		}
	}
	return nil
}

// verdictOf says as a decision what a person resolved.
func verdictOf(r store.Resolution, isReturn bool) verdict {
	d := verdict{note: r.Reason, ledger: r.Ledger, byPerson: true, Decision: recon.Decision{Outcome: recon.Manual, Reason: recon.ReasonManual, Customer: r.Customer,
		Lines: r.Lines, Clears: r.Clears, Reverses: r.Reverses, Shortfalls: r.Shortfalls}}
	switch {
	case r.SetAside:
		d.Outcome = recon.SetAside
	case len(r.Reverses) > 0, r.Clears != 0 && isReturn:
		d.Outcome = recon.Reversed
	case r.Clears != 0:
		d.Outcome = recon.Cleared
	}
	if r.Digest != "" {
		d.digest = "manual:" + r.Digest
	}
	return d
}

// resolvable says whether a person may decide: the case is as the person saw it, or there is none and the receipt is new.
func resolvable(s *subject, version int64) error {
	switch {
	case s.state == stateFinal:
		return fmt.Errorf("receipt %d is decided already: %w", s.source.ID, store.ErrStale)
	case version != 0 && version != s.version:
		return fmt.Errorf("the case of receipt %d has version %d, not %d: %w", s.source.ID, s.version, version, store.ErrStale)
	}
	return nil
}

// Release gives a receipt that a person took or set aside back to the engine.
func (s *Store) Release(ctx context.Context, act store.Act, entity string, receipt int64) error {
	return s.change(ctx, act, entity, "release", func(c *change) error {
		about, err := c.subject(receipt)
		if err != nil {
			return err
		}
		if about.outcome == recon.Cleared {
			if err := c.unclear(about); err != nil {
				return err
			}
		}
		if about.state == stateEngine || about.free == 0 || about.isReturn && about.outcome != recon.SetAside {
			return fmt.Errorf("receipt %d is not in a person's hands: %w", receipt, store.ErrStale)
		}
		j := newJudge(c)
		if err := j.reconsider(about, recon.ReasonReleased, ""); err != nil {
			return err
		}
		return j.flush()
	})
}

// unclear separates a bank entry from the payment recorded by hand that it cleared: it has its own money again.
func (c *change) unclear(s *subject) error {
	cleared, err := c.number(`SELECT clears FROM receipt WHERE entity_id = ? AND id = ?`, c.entity, s.source.ID)
	if err != nil {
		return err
	}
	if err := c.must(fmt.Errorf("payment %d was returned: %w", cleared, store.ErrStale),
		`UPDATE receipt SET cleared_by = 0, cleared_on = 0 WHERE entity_id = ? AND id = ? AND cleared_by = ? AND returned = 0`,
		c.entity, cleared, s.source.ID); err != nil {
		return err
	}
	if _, err := c.exec(`UPDATE receipt SET clears = 0 WHERE entity_id = ? AND id = ?`, c.entity, s.source.ID); err != nil {
		return err
	}
	if err := c.declinePaid(s.source.ID, cleared); err != nil {
		return err
	}
	s.free, err = c.number(`SELECT amount FROM receipt WHERE entity_id = ? AND id = ?`, c.entity, s.source.ID)
	return err
}

// declinePaid parts a bank entry from what a payment recorded by hand pays: it is not cleared with it unattended again.
func (c *change) declinePaid(entry, payment int64) error {
	items, err := collect(&c.reading, scanNumber, `SELECT DISTINCT a.item FROM application AS a
		WHERE a.entity_id = ? AND a.receipt = ? AND a.receipt > 0 AND a.item > 0`+notReversed+` ORDER BY 1`, c.entity, payment)
	if err != nil {
		return err
	}
	for _, item := range items {
		if err := c.decline(entry, item); err != nil {
			return err
		}
	}
	return nil
}

// decline remembers that a receipt and an item were parted by a person.
func (c *change) decline(receipt, item int64) error {
	added, err := c.exec(`INSERT INTO declined (entity_id, receipt, item, actor, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (entity_id, receipt, item) DO NOTHING`, c.entity, receipt, item, c.act.Actor, instant(c.act.At))
	if err == nil && added > 0 {
		c.became("declined", key(receipt), item)
	}
	return err
}
