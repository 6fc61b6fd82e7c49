package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/tieout/tieout/store"
)

const leaseColumns = `name, token, holder, until, done, result`

func scanLease(rows *row, l *store.Lease) error {
	return rows.Scan(&l.Name, &l.Token, &l.Holder, (*storedInstant)(&l.Until), (*storedFlag)(&l.Done), &l.Result)
}

// TakeLease takes the lease of a name, unless somebody has it or the unit is done.
func (s *Store) TakeLease(ctx context.Context, entity, name, holder string, now time.Time, length time.Duration) (lease store.Lease, err error) {
	err = s.coordinate(ctx, entity, "take lease", func(c *change) error {
		known, _, err := first(&c.reading, scanLease, `SELECT `+leaseColumns+` FROM lease WHERE entity_id = ? AND name = ? FOR UPDATE`, entity, name)
		switch {
		case err != nil:
			return err
		case known.Done:
			lease = known
			return nil
		case known.Until.After(now):
			return fmt.Errorf("%s is held by %s: %w", name, known.Holder, store.ErrLocked)
		}
		lease = store.Lease{Fence: store.Fence{Name: name, Token: known.Token + 1}, Holder: holder, Until: now.Add(length).Truncate(time.Microsecond).UTC()}
		return c.must(fmt.Errorf("%s was just taken: %w", name, store.ErrLocked), `INSERT INTO lease AS l (entity_id, name, token, holder, until, done, result)
			VALUES (?, ?, ?, ?, ?, 0, '')
			ON CONFLICT (entity_id, name) DO UPDATE SET token = excluded.token, holder = excluded.holder, until = excluded.until WHERE l.token = excluded.token - 1`,
			entity, name, lease.Token, holder, instant(lease.Until))
	})
	return lease, err
}

// RenewLease lets a lease last longer.
func (s *Store) RenewLease(ctx context.Context, entity string, fence store.Fence, now time.Time, length time.Duration) error {
	return s.coordinate(ctx, entity, "renew lease", func(c *change) error {
		return c.must(overtaken(fence), `UPDATE lease SET until = ? WHERE entity_id = ? AND name = ? AND token = ? AND done = 0 AND until > 0`,
			instant(now.Add(length)), entity, fence.Name, fence.Token)
	})
}

// ReleaseLease gives a lease back.
func (s *Store) ReleaseLease(ctx context.Context, entity string, fence store.Fence) error {
	return s.coordinate(ctx, entity, "release lease", func(c *change) error {
		return c.must(overtaken(fence), `UPDATE lease SET until = 0 WHERE entity_id = ? AND name = ? AND token = ? AND done = 0`,
			entity, fence.Name, fence.Token)
	})
}

// EndLease notes that a unit is done.
func (s *Store) EndLease(ctx context.Context, entity string, fence store.Fence, now time.Time, result string) error {
	return s.coordinate(ctx, entity, "end lease", func(c *change) error {
		return c.must(overtaken(fence), `UPDATE lease SET until = ?, done = 1, result = ? WHERE entity_id = ? AND name = ? AND token = ? AND done = 0`,
			instant(now), result, entity, fence.Name, fence.Token)
	})
}

// Leases lists the leases whose names begin with a prefix.
func (s *Store) Leases(ctx context.Context, entity, prefix string) (leases []store.Lease, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		leases, err = collect(r, scanLease, `SELECT `+leaseColumns+` FROM lease WHERE entity_id = ? AND name >= ? AND name < ? ORDER BY name`,
			entity, prefix, prefix+lastRune)
		return err
	})
	return leases, err
}

// CountLeases counts the leases whose names begin with a prefix, and those of them that are done.
func (s *Store) CountLeases(ctx context.Context, entity, prefix string) (all, done int, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		return r.each(func(rows *row) error { return rows.Scan(&all, &done) }, `SELECT count(*), coalesce(sum(done), 0)
			FROM lease WHERE entity_id = ? AND name >= ? AND name < ?`, entity, prefix, prefix+lastRune)
	})
	return all, done, err
}

// DropLeases forgets the leases whose names begin with a prefix and that were over before an instant.
func (s *Store) DropLeases(ctx context.Context, entity, prefix string, before time.Time) error {
	return s.coordinate(ctx, entity, "drop leases", func(c *change) error {
		_, err := c.exec(`DELETE FROM lease WHERE entity_id = ? AND name >= ? AND name < ? AND until < ?`, entity, prefix, prefix+lastRune, instant(before))
		return err
	})
}

// lastRune comes behind every character that names are made of.
const lastRune = "\U0010FFFF"

// standFast fails where a lease under which the change is made belongs to somebody else by now. Nobody takes it over before the
// change has ended.
func (c *change) standFast() error {
	for _, fence := range c.act.Fences {
		token, err := c.number(`SELECT token FROM lease WHERE entity_id = ? AND name = ? FOR KEY SHARE`, c.entity, fence.Name)
		if err != nil {
			return err
		}
		if token != fence.Token {
			return overtaken(fence)
		}
	}
	return nil
}

func overtaken(fence store.Fence) error { return fmt.Errorf("%s: %w", fence.Name, store.ErrFenced) }
