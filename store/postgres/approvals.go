package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tieout/tieout/store"
)

const approvalColumns = `id, kind, receipt, subject, why, payload, shown, plan_hash, reason, amount, currency, rules, proposer, proposed, state,
	settled_by, settled, answer`

func scanApproval(rows *row, a *store.Approval) error {
	return rows.Scan(&a.Entity, &a.ID, &a.Kind, &a.Receipt, &a.Subject, &a.Why, &a.Payload, &a.Shown, &a.PlanHash, &a.Reason, &a.AmountMinor, (*string)(&a.Currency),
		&a.Rules, &a.Proposer, (*storedInstant)(&a.Proposed), (*string)(&a.State), &a.SettledBy, (*storedInstant)(&a.Settled), &a.Answer)
}

// Propose stores what needs a second person.
func (s *Store) Propose(ctx context.Context, act store.Act, a store.Approval) (id int64, err error) {
	err = s.change(ctx, act, a.Entity, "propose", func(c *change) error {
		pending, err := c.number(`SELECT id FROM approval
			WHERE entity_id = ? AND receipt = ? AND plan_hash = ? AND proposer = ? AND state = 'pending'`, c.entity, a.Receipt, a.PlanHash, act.Actor)
		if err != nil {
			return err
		}
		if pending != 0 {
			id = pending
			return errNothing
		}
		if id, err = c.ids(nounApproval, 1); err != nil {
			return err
		}
		approvals := c.into(nounApproval, "approval", "entity_id, "+approvalColumns)
		return errors.Join(approvals.add(key(id), c.entity, id, a.Kind, a.Receipt, a.Subject, a.Why, a.Payload, a.Shown, a.PlanHash, a.Reason, a.AmountMinor,
			string(a.Currency), a.Rules, act.Actor, instant(act.At), string(store.ApprovalPending), "", nil, ""), approvals.flush())
	})
	if err != nil {
		return 0, err
	}
	return id, nil
}

// Approval returns one proposal.
func (s *Store) Approval(ctx context.Context, entity string, id int64) (one store.Approval, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		one, err = r.approval(id)
		return err
	})
	return one, err
}

func (r *reading) approval(id int64) (store.Approval, error) {
	one, found, err := first(r, scanApproval, `SELECT entity_id, `+approvalColumns+` FROM approval WHERE entity_id = ? AND id = ?`, r.entity, id)
	if err == nil && !found {
		err = fmt.Errorf("proposal %d: %w", id, store.ErrNotFound)
	}
	return one, err
}

// Approvals lists proposals, newest first.
func (s *Store) Approvals(ctx context.Context, entity string, filter store.ApprovalFilter) (approvals []store.Approval, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		approvals, err = r.approvals(filter)
		return err
	})
	return approvals, err
}

func (r *reading) approvals(f store.ApprovalFilter) ([]store.Approval, error) {
	var conditions strings.Builder
	args := []any{r.entity}
	add := func(wanted bool, text string, value any) {
		if wanted {
			conditions.WriteString(" AND " + text)
			args = append(args, value)
		}
	}
	add(f.State != "", `state = ?`, string(f.State))
	add(f.Kind != "", `kind = ?`, f.Kind)
	add(f.Proposer != "", `proposer = ?`, f.Proposer)
	add(f.Receipt != 0, `receipt > 0 AND receipt = ?`, f.Receipt)
	add(f.Before != 0, `id < ?`, f.Before)
	text := `SELECT entity_id, ` + approvalColumns + ` FROM approval WHERE entity_id = ?` + conditions.String() + ` ORDER BY id DESC`
	if f.Limit > 0 {
		text, args = text+` LIMIT ?`, append(args, f.Limit)
	}
	return collect(r, scanApproval, text, args...)
}

// Settle ends a pending proposal without carrying it out.
func (s *Store) Settle(ctx context.Context, act store.Act, entity string, id int64, state store.ApprovalState, reason string) error {
	return s.change(ctx, act, entity, "settle", func(c *change) error {
		if state != store.ApprovalDeclined && state != store.ApprovalWithdrawn {
			return fmt.Errorf("a proposal is not settled as %q", state)
		}
		return c.settleApproval(id, state, reason)
	})
}

// approve settles the proposal that this change carries out. The table refuses the proposer.
func (c *change) approve() error {
	if c.act.Approval == 0 {
		return nil
	}
	return c.settleApproval(c.act.Approval, store.ApprovalApproved, "")
}

func (c *change) settleApproval(id int64, state store.ApprovalState, answer string) error {
	n, err := c.exec(`UPDATE approval SET state = ?, settled_by = ?, settled = ?, answer = ? WHERE entity_id = ? AND id = ? AND state = 'pending'`,
		string(state), c.act.Actor, instant(c.act.At), answer, c.entity, id)
	switch {
	case checkFails(err) && state == store.ApprovalWithdrawn:
		return fmt.Errorf("proposal %d is not withdrawn by somebody else: %w", id, store.ErrFourEyes)
	case checkFails(err):
		return fmt.Errorf("proposal %d: %w", id, store.ErrFourEyes)
	case err != nil:
		return err
	case n == 1:
		c.became(nounApproval, key(id), string(state), answer)
		return nil
	}
	settled, err := c.reading.approval(id)
	if err != nil {
		return err
	}
	return fmt.Errorf("proposal %d was %s by %s already: %w", id, settled.State, settled.SettledBy, store.ErrStale)
}
