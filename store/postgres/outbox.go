package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tieout/tieout/store"
)

// Enqueue keeps messages; one with a key that is known already is the same message.
func (s *Store) Enqueue(ctx context.Context, act store.Act, entity string, messages []store.Message) (added int, err error) {
	err = s.change(ctx, act, entity, "outbox", func(c *change) error {
		if added, err = c.enqueue(messages); err != nil {
			return err
		}
		if added == 0 {
			return errNothing
		}
		return nil
	})
	return added, err
}

func (c *change) enqueue(messages []store.Message) (added int, err error) {
	for _, m := range messages {
		known, err := c.number(`SELECT count(*) FROM outbox WHERE entity_id = ? AND channel = ? AND target = ? AND key = ?`, c.entity, string(m.Channel), m.Target, m.Key)
		if err != nil {
			return added, err
		}
		if known > 0 {
			continue
		}
		id, err := c.ids(nounMessage, 1)
		if err != nil {
			return added, err
		}
		rows := c.into("message", "outbox", "entity_id, id, channel, target, kind, key, payload, created, attempts, due, delivered, failure, given_up")
		if err := errors.Join(rows.add(key(id), c.entity, id, string(m.Channel), m.Target, m.Kind, m.Key, m.Payload, instant(c.act.At), 0, instant(c.act.At), nil, "", 0),
			rows.flush()); err != nil {
			return added, err
		}
		added++
	}
	return added, nil
}

const selectMessages = `SELECT id, channel, target, kind, key, payload, created, attempts, due, delivered, failure, given_up FROM outbox WHERE entity_id = ?`

func scanMessage(rows *row, m *store.Message) error {
	return rows.Scan(&m.ID, (*string)(&m.Channel), &m.Target, &m.Kind, &m.Key, &m.Payload, (*storedInstant)(&m.Created), (*storedInt)(&m.Attempts),
		(*storedInstant)(&m.Due), (*storedInstant)(&m.Delivered), &m.Failure, (*storedFlag)(&m.GivenUp))
}

// DueMessages lists messages to deliver by an instant.
func (s *Store) DueMessages(ctx context.Context, entity string, now time.Time, limit int) ([]store.Message, error) {
	return s.messages(ctx, entity, ` AND delivered IS NULL AND given_up = 0 AND due <= ? ORDER BY due, id LIMIT ?`, instant(now), limit)
}

// Messages lists messages by id: those that wait or were given up, or all.
func (s *Store) Messages(ctx context.Context, entity string, troubled bool) ([]store.Message, error) {
	if troubled {
		return s.messages(ctx, entity, ` AND delivered IS NULL ORDER BY id`)
	}
	return s.messages(ctx, entity, ` ORDER BY id`)
}

func (s *Store) messages(ctx context.Context, entity, which string, args ...any) (messages []store.Message, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		messages, err = collect(r, scanMessage, selectMessages+which, append([]any{entity}, args...)...)
		return err
	})
	return messages, err
}

// NoteDelivery notes how an attempt to deliver a message ended.
func (s *Store) NoteDelivery(ctx context.Context, act store.Act, entity string, delivery store.Delivery) error {
	return s.change(ctx, act, entity, "delivery", func(c *change) error {
		var delivered, due any = nil, instant(delivery.Due)
		givenUp := delivery.Failure != "" && delivery.Due.IsZero()
		if delivery.Failure == "" {
			delivered = instant(c.act.At)
		}
		if delivery.Due.IsZero() {
			due = instant(c.act.At)
		}
		c.became("message", key(delivery.Message), delivered, due, delivery.Failure, flag(givenUp))
		return c.must(fmt.Errorf("message %d waits no more: %w", delivery.Message, store.ErrStale),
			`UPDATE outbox SET attempts = attempts + 1, delivered = ?, due = ?, failure = ?, given_up = ?
			WHERE entity_id = ? AND id = ? AND delivered IS NULL AND given_up = 0`, delivered, due, delivery.Failure, flag(givenUp), c.entity, delivery.Message)
	})
}

// SaveFollowups keeps what is to be done about items as it is told now, with the messages that tell it.
func (s *Store) SaveFollowups(ctx context.Context, act store.Act, entity string, followups []store.Followup, messages []store.Message) error {
	return s.change(ctx, act, entity, "follow-ups", func(c *change) error {
		var changed int64
		for _, f := range followups {
			n, err := c.exec(`INSERT INTO followup AS f (entity_id, item, turn, action, digest, changed) VALUES (?1, ?2, 1, ?3, ?4, ?5)
				ON CONFLICT (entity_id, item) DO UPDATE SET turn = f.turn + 1, action = ?3, digest = ?4, changed = ?5 WHERE f.digest <> ?4`,
				c.entity, f.Item, f.Action, f.Digest, day(f.Changed))
			if err != nil {
				return err
			}
			if n > 0 {
				c.became("follow-up", key(f.Item), f.Action, f.Digest)
			}
			changed += n
		}
		added, err := c.enqueue(messages)
		if err == nil && changed+int64(added) == 0 {
			err = errNothing
		}
		return err
	})
}

// Followups lists what was told last, by item.
func (s *Store) Followups(ctx context.Context, entity string) (followups []store.Followup, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		followups, err = collect(r, func(rows *row, f *store.Followup) error {
			return rows.Scan(&f.Item, (*storedInt)(&f.Turn), &f.Action, &f.Digest, (*storedDay)(&f.Changed))
		}, `SELECT item, turn, action, digest, changed FROM followup WHERE entity_id = ? ORDER BY item`, entity)
		return err
	})
	return followups, err
}
