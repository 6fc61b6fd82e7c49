package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// BestProposals returns the first proposal of each of some receipts and returns.
func (s *Store) BestProposals(ctx context.Context, entity string, receipts []int64) (best map[int64]recon.Proposal, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		best, err = r.bestProposals(receipts)
		return err
	})
	return best, err
}

func (r *reading) bestProposals(receipts []int64) (map[int64]recon.Proposal, error) {
	type decided struct{ receipt, decision int64 }
	decisions, err := collect(r, func(rows *row, d *decided) error { return rows.Scan(&d.receipt, &d.decision) },
		`SELECT q.id, coalesce(r.decision, t.decision) FROM queue_case AS q
		LEFT JOIN receipt AS r ON r.entity_id = q.entity_id AND r.id = q.id LEFT JOIN returned AS t ON t.entity_id = q.entity_id AND t.id = q.id
		WHERE q.entity_id = ? AND q.open = 1 AND q.proposals > 0 AND q.id = ANY(?) ORDER BY q.id`, r.entity, receipts)
	if err != nil {
		return nil, err
	}
	best := make(map[int64]recon.Proposal, len(decisions))
	for _, d := range decisions {
		proposals, err := r.proposals(d.decision)
		if err != nil {
			return nil, err
		}
		if len(proposals) > 0 {
			best[d.receipt] = proposals[0]
		}
	}
	return best, nil
}

// CaseWork returns what people noted and proposed about a receipt or return, and who has it open.
func (s *Store) CaseWork(ctx context.Context, entity string, receipt int64, now time.Time) (work store.CaseWork, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		var errs [3]error
		work.Notes, errs[0] = collect(r, func(rows *row, n *store.CaseNote) error {
			return rows.Scan(&n.Text, &n.Actor, (*storedInstant)(&n.At))
		}, `SELECT text, actor, at FROM case_note WHERE entity_id = ? AND receipt = ? ORDER BY ordinal`, entity, receipt)
		work.Present, errs[1] = collect(r, func(rows *row, p *store.Presence) error {
			return rows.Scan(&p.Person, (*storedInstant)(&p.Until))
		}, `SELECT person, until FROM case_presence WHERE entity_id = ? AND receipt = ? AND until > ? ORDER BY person`, entity, receipt, instant(now))
		work.Approvals, errs[2] = r.approvals(store.ApprovalFilter{Receipt: receipt})
		return errors.Join(errs[:]...)
	})
	return work, err
}

// Assign gives an open case to a person.
func (s *Store) Assign(ctx context.Context, act store.Act, entity string, receipt int64, person string) error {
	return s.change(ctx, act, entity, "assign", func(c *change) error {
		return setCase(c, receipt, person, scanText, `SELECT assignee FROM queue_case WHERE entity_id = ? AND id = ? AND open = 1`,
			`UPDATE queue_case SET assignee = ? WHERE entity_id = ? AND id = ? AND open = 1`)
	})
}

// Snooze puts an open case out of sight before a day.
func (s *Store) Snooze(ctx context.Context, act store.Act, entity string, receipt int64, until recon.Date) error {
	return s.change(ctx, act, entity, "snooze", func(c *change) error {
		return setCase(c, receipt, day(until), scanNumber, `SELECT snoozed FROM queue_case WHERE entity_id = ? AND id = ? AND open = 1`,
			`UPDATE queue_case SET snoozed = ? WHERE entity_id = ? AND id = ? AND open = 1`)
	})
}

// setCase changes one thing of an open case, unless it is so already.
func setCase[T comparable](c *change, receipt int64, value T, scan func(*row, *T) error, selects, updates string) error {
	stored, found, err := first(&c.reading, scan, selects, c.entity, receipt)
	switch {
	case err != nil:
		return err
	case !found:
		return fmt.Errorf("case %d: %w", receipt, store.ErrNotFound)
	case stored == value:
		return errNothing
	}
	if _, err := c.exec(updates, value, c.entity, receipt); err != nil {
		return err
	}
	c.became("case", key(receipt), value)
	return nil
}

// AddNote adds a note to a receipt or return.
func (s *Store) AddNote(ctx context.Context, act store.Act, entity string, receipt int64, text string) error {
	return s.change(ctx, act, entity, "note", func(c *change) error {
		if _, err := c.subject(receipt); err != nil {
			return err
		}
		ordinal, err := c.number(`SELECT 1 + count(*) FROM case_note WHERE entity_id = ? AND receipt = ?`, c.entity, receipt)
		if err != nil {
			return err
		}
		notes := c.into("note", "case_note", "entity_id, receipt, ordinal, text, actor, at")
		return errors.Join(notes.add(key(receipt), c.entity, receipt, ordinal, text, c.act.Actor, instant(c.act.At)), notes.flush())
	})
}

// Attend notes that a person has a case open until an instant.
func (s *Store) Attend(ctx context.Context, entity string, receipt int64, person string, until time.Time) error {
	return s.unaudited(ctx, "attend", func(c *change) error {
		_, err := c.exec(`INSERT INTO case_presence (entity_id, receipt, person, until) VALUES (?, ?, ?, ?)
			ON CONFLICT (entity_id, receipt, person) DO UPDATE SET until = excluded.until`, entity, receipt, person, instant(until))
		return err
	})
}
