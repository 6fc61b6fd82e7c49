package postgres

import (
	"context"
	"fmt"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// seenItem loads an item that a person saw in a version; ErrStale where it changed, ErrNotFound.
func (c *change) seenItem(id, version int64) (recon.Item, error) {
	items, err := c.items(`id = ?`, id)
	switch {
	case err != nil:
		return recon.Item{}, err
	case len(items) == 0:
		return recon.Item{}, fmt.Errorf("item %d: %w", id, store.ErrNotFound)
	case items[0].Version != version:
		return recon.Item{}, fmt.Errorf("item %s: %w", items[0].Number, store.ErrStale)
	}
	return items[0], nil
}

// OpenDispute opens a dispute about an item, or changes the one that is open.
func (s *Store) OpenDispute(ctx context.Context, act store.Act, entity string, opening store.DisputeOpening) error {
	return s.change(ctx, act, entity, "dispute", func(c *change) error {
		item, err := c.seenItem(opening.Item, opening.Version)
		if err != nil {
			return err
		}
		if item.Dispute == nil {
			return c.openDispute(opening.Item, opening.Dispute, 0)
		}
		if err := c.touchItem(opening.Item); err != nil {
			return err
		}
		d := opening.Dispute
		values := []any{day(d.Since), d.AmountMinor, d.Owner, d.Reason, d.Phrase, day(d.Agreed)}
		c.became("dispute", key(opening.Item), values...)
		return c.must(store.ErrStale, `UPDATE dispute SET since = ?, amount = ?, owner = ?, reason = ?, phrase = ?, agreed = ?
			WHERE entity_id = ? AND item = ? AND closed IS NULL`, append(values, c.entity, opening.Item)...)
	})
}

// EndDispute ends the dispute that is open about an item.
func (s *Store) EndDispute(ctx context.Context, act store.Act, entity string, ending store.DisputeEnding) error {
	return s.change(ctx, act, entity, "dispute ended", func(c *change) error {
		item, err := c.seenItem(ending.Item, ending.Version)
		if err != nil {
			return err
		}
		if ending.Credit != nil {
			if _, err := c.allocate(*ending.Credit); err != nil {
				return err
			}
		}
		if err := c.touchItem(ending.Item); err != nil {
			return err
		}
		values := []any{instant(c.act.At), string(ending.Outcome), day(ending.Day), c.act.Actor, ending.Answer}
		c.became("dispute", key(ending.Item), values...)
		return c.must(fmt.Errorf("no dispute is open about item %s: %w", item.Number, store.ErrStale),
			`UPDATE dispute SET closed = ?, outcome = ?, ended = ?, closer = ?, answer = ? WHERE entity_id = ? AND item = ? AND closed IS NULL`,
			append(values, c.entity, ending.Item)...)
	})
}

// Disputes lists disputes by item and order.
func (s *Store) Disputes(ctx context.Context, entity string, openOnly bool) (disputes []recon.DisputeRecord, err error) {
	some := ``
	if openOnly {
		some = ` AND closed IS NULL`
	}
	err = s.read(ctx, entity, func(r *reading) error {
		disputes, err = collect(r, scanDispute, selectDisputes+some+` ORDER BY item, ordinal`, entity)
		return err
	})
	return disputes, err
}

const selectDisputes = `SELECT item, since, amount, owner, reason, phrase, decision, agreed, opened, opener, closed, closer, ended, outcome, answer
	FROM dispute WHERE entity_id = ?`

func scanDispute(rows *row, d *recon.DisputeRecord) error {
	return rows.Scan(&d.Item, (*storedDay)(&d.Since), &d.AmountMinor, &d.Owner, &d.Reason, &d.Phrase, &d.Decision, (*storedDay)(&d.Agreed),
		(*storedInstant)(&d.Opened), &d.Opener, (*storedInstant)(&d.Closed), &d.Closer, (*storedDay)(&d.Ended), (*string)(&d.Outcome), &d.Answer)
}
