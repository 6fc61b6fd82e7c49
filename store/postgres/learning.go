package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// learn keeps what a person's decision suggests of its customer. What was declined stays so.
func (c *change) learn(receipt, decision int64, customer string, lessons []recon.Lesson) error {
	for _, l := range lessons {
		alias, err := c.number(`SELECT id FROM alias WHERE entity_id = ? AND kind = ? AND value = ? AND customer = ?`, c.entity, string(l.Kind), l.Value, customer)
		if err != nil {
			return err
		}
		if alias == 0 {
			if alias, err = c.suggest(customer, l); err != nil {
				return err
			}
		}
		if _, err := c.exec(`INSERT INTO alias_seen (entity_id, alias, decision, receipt, actor) VALUES (?, ?, ?, ?, ?)`,
			c.entity, alias, decision, receipt, c.act.Actor); err != nil {
			return err
		}
		c.became("alias seen", key(alias), decision, receipt)
	}
	return nil
}

// suggest stores a new suggestion and returns its id.
func (c *change) suggest(customer string, l recon.Lesson) (int64, error) {
	id, err := c.ids(nounAlias, 1)
	if err != nil {
		return 0, err
	}
	_, err = c.exec(`INSERT INTO alias (entity_id, id, kind, value, customer, keys, state, second, proposer, proposed, decider, reason)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '')`,
		c.entity, id, string(l.Kind), l.Value, customer, joined(l.Keys), string(recon.AliasProposed), flag(l.Second), c.act.Actor, instant(c.act.At))
	c.became(nounAlias, key(id), string(l.Kind), l.Value, customer, joined(l.Keys), flag(l.Second))
	return id, err
}

const selectAliases = `SELECT id, kind, value, customer, keys, state, second, proposer, proposed, decider, decided, reason FROM alias WHERE entity_id = ?`

// alias is a suggested alias with the keys that it counts under.
type alias struct {
	recon.AliasRow
	keys []string
}

func scanAlias(rows *row, a *alias) error {
	return rows.Scan(&a.ID, (*string)(&a.Kind), &a.Value, &a.Customer, (*storedList)(&a.keys), (*string)(&a.State), (*storedFlag)(&a.Second), &a.Proposer,
		(*storedInstant)(&a.Proposed), &a.Decider, (*storedInstant)(&a.Decided), &a.Reason)
}

// Aliases lists suggested aliases, newest first.
func (s *Store) Aliases(ctx context.Context, entity string, states ...recon.AliasState) (rows []recon.AliasRow, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		all, err := collect(r, scanAlias, selectAliases+` ORDER BY id DESC`, entity)
		if err != nil {
			return err
		}
		for i := range all {
			a := &all[i].AliasRow
			if len(states) > 0 && !slices.Contains(states, a.State) {
				continue
			}
			if err := r.background(a); err != nil {
				return err
			}
			if a.State != recon.AliasProposed || len(a.Receipts) > 0 {
				rows = append(rows, *a)
			}
		}
		return nil
	})
	return rows, err
}

// Alias returns one suggested alias.
func (s *Store) Alias(ctx context.Context, entity string, id int64) (row recon.AliasRow, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		a, err := r.alias(id)
		if err != nil {
			return err
		}
		row = a.AliasRow
		return r.background(&row)
	})
	return row, err
}

func (r *reading) alias(id int64) (alias, error) {
	a, found, err := first(r, scanAlias, selectAliases+` AND id = ?`, r.entity, id)
	if err == nil && !found {
		err = fmt.Errorf("alias %d: %w", id, store.ErrNotFound)
	}
	return a, err
}

// background adds which receipts suggest an alias, and for which customers the same is suggested or approved.
func (r *reading) background(a *recon.AliasRow) (err error) {
	if a.Receipts, err = r.suggestedBy(a.ID); err != nil {
		return err
	}
	a.Others, err = collect(r, scanText, `SELECT customer FROM alias WHERE entity_id = ? AND kind = ? AND value = ? AND customer <> ? AND state <> 'declined' ORDER BY customer`,
		r.entity, string(a.Kind), a.Value, a.Customer)
	return err
}

// suggestedBy returns the receipts whose decisions suggest an alias and stand.
func (r *reading) suggestedBy(alias int64) ([]int64, error) {
	return collect(r, scanNumber, `SELECT DISTINCT s.receipt FROM alias_seen AS s WHERE s.entity_id = ?1 AND s.alias = ?2 AND EXISTS
		(SELECT 1 FROM application AS a WHERE a.entity_id = ?1 AND a.receipt = s.receipt AND a.receipt > 0 AND a.decision = s.decision`+
		notReversed+`) ORDER BY s.receipt`, r.entity, alias)
}

// DecideAlias approves or declines an alias.
func (s *Store) DecideAlias(ctx context.Context, act store.Act, decision store.AliasDecision) error {
	return s.change(ctx, act, decision.Entity, "alias", func(c *change) error {
		a, err := c.alias(decision.Alias)
		switch {
		case err != nil:
			return err
		case decision.Approve:
			return c.approveAlias(a, decision)
		}
		return c.declineAlias(a, decision.Reason)
	})
}

func (c *change) approveAlias(a alias, decision store.AliasDecision) error {
	receipts, err := c.suggestedBy(a.ID)
	second := a.Second || decision.Second
	switch {
	case err != nil:
		return err
	case a.State == recon.AliasApproved:
		return fmt.Errorf("alias %d was approved by %s: %w", a.ID, a.Decider, store.ErrStale)
	case len(receipts) == 0:
		return fmt.Errorf("alias %d: what suggested it was taken back: %w", a.ID, store.ErrStale)
	case second && a.Proposer == c.act.Actor:
		return fmt.Errorf("alias %d was proposed by %s: %w", a.ID, a.Proposer, store.ErrFourEyes)
	}
	if err := c.aliasBecomes(a, recon.AliasApproved, second, decision.Reason); err != nil {
		return err
	}
	for _, k := range a.keys {
		if _, err := c.exec(`INSERT INTO alias_key (entity_id, key, customer, alias) VALUES (?, ?, ?, ?)`, c.entity, k, a.Customer, a.ID); err != nil {
			return err
		}
	}
	return nil
}

func (c *change) declineAlias(a alias, reason string) error {
	if a.State == recon.AliasDeclined {
		return fmt.Errorf("alias %d was declined by %s: %w", a.ID, a.Decider, store.ErrStale)
	}
	if _, err := c.exec(`DELETE FROM alias_key WHERE entity_id = ? AND alias = ?`, c.entity, a.ID); err != nil {
		return err
	}
	return c.aliasBecomes(a, recon.AliasDeclined, a.Second, reason)
}

// aliasBecomes notes a person's word on an alias, if it is still as it was read.
func (c *change) aliasBecomes(a alias, state recon.AliasState, second bool, reason string) error {
	c.became(nounAlias, key(a.ID), string(state), flag(second), reason)
	return c.must(fmt.Errorf("alias %d: %w", a.ID, store.ErrStale),
		`UPDATE alias SET state = ?, second = ?, decider = ?, decided = ?, reason = ? WHERE entity_id = ? AND id = ? AND state = ?`,
		string(state), flag(second), c.act.Actor, instant(c.act.At), reason, c.entity, a.ID, string(a.State))
}

// Decline parts a queued receipt from items.
func (s *Store) Decline(ctx context.Context, act store.Act, parting store.Parting) error {
	return s.change(ctx, act, parting.Entity, "decline", func(c *change) error {
		about, err := c.subject(parting.Receipt)
		if err != nil {
			return err
		}
		if about.isReturn || about.state != stateEngine || !about.open || len(parting.Items) == 0 {
			return fmt.Errorf("receipt %d is not in the queue: %w", parting.Receipt, store.ErrStale)
		}
		if err := resolvable(about, parting.Version); err != nil {
			return err
		}
		for _, item := range parting.Items {
			known, err := c.number(`SELECT count(*) FROM item WHERE entity_id = ? AND id = ?`, c.entity, item)
			if err != nil {
				return err
			}
			if known == 0 {
				return fmt.Errorf("item %d: %w", item, store.ErrNotFound)
			}
			if err := c.decline(parting.Receipt, item); err != nil {
				return err
			}
		}
		j := newJudge(c)
		if err := j.reconsider(about, recon.ReasonParted, parting.Reason); err != nil {
			return err
		}
		return j.flush()
	})
}

// refuse remembers that a person took a difference back from an item alone.
func (c *change) refuse(item int64, kind recon.Kind) error {
	added, err := c.exec(`INSERT INTO refused (entity_id, item, kind, actor, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (entity_id, item, kind) DO NOTHING`,
		c.entity, item, string(kind), c.act.Actor, instant(c.act.At))
	if err == nil && added > 0 {
		c.became("refused", key(item), string(kind))
	}
	return err
}

const selectLearned = `SELECT a.customer, a.kind, a.value FROM `

// learned adds to customers the aliases that were approved; the rows come in the order in which they were suggested.
func learned(customers []recon.Customer) func(*row) error {
	at := make(map[string]int, len(customers))
	for i := range customers {
		at[customers[i].Code] = i
	}
	return func(rows *row) error {
		var code string
		var a recon.Alias
		err := rows.Scan(&code, (*string)(&a.Kind), &a.Value)
		if i, known := at[code]; known {
			customers[i].Learned = append(customers[i].Learned, a)
		}
		return err
	}
}
