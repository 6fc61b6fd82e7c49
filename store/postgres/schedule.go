package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tieout/tieout/store"
)

// Clock returns the clock of the server, by which all workers go.
func (s *Store) Clock(ctx context.Context, _ time.Time) (now time.Time, err error) {
	err = s.read(ctx, "", func(r *reading) error {
		now, _, err = first(r, scanInstant, `SELECT `+clock)
		return err
	})
	return now, err
}

// SaveSchedule notes a schedule as it is configured and returns since when its ticks count.
func (s *Store) SaveSchedule(ctx context.Context, act store.Act, entity string, schedule store.Schedule) (since time.Time, err error) {
	err = s.change(ctx, act, entity, "schedule", func(c *change) error {
		changed, err := c.exec(`INSERT INTO schedule (entity_id, name, cron, zone, since) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (entity_id, name) DO UPDATE SET cron = excluded.cron, zone = excluded.zone, since = excluded.since
			WHERE schedule.cron <> excluded.cron OR schedule.zone <> excluded.zone`, entity, schedule.Name, schedule.Cron, schedule.Zone, instant(act.At))
		if err != nil {
			return err
		}
		if since, _, err = first(&c.reading, scanInstant, `SELECT since FROM schedule WHERE entity_id = ? AND name = ?`, entity, schedule.Name); err != nil {
			return err
		}
		if changed == 0 {
			return errNothing
		}
		c.became(nounSchedule, schedule.Name, schedule.Cron, schedule.Zone, since.UnixMicro())
		return nil
	})
	return since, err
}

func scanInstant(rows *row, t *time.Time) error { return rows.Scan((*storedInstant)(t)) }

// Nouns of the timetable in the audit.
const (
	nounSchedule = "schedule"
	nounTick     = "tick"
)

// tickKey names a tick in the audit.
func tickKey(t store.Tick) string { return t.Schedule + " " + t.Due.UTC().Format(time.RFC3339) }

// AddTicks notes due times that are not noted yet.
func (s *Store) AddTicks(ctx context.Context, act store.Act, entity string, ticks []store.Tick) (added int, err error) {
	err = s.change(ctx, act, entity, "ticks due", func(c *change) error {
		for _, t := range ticks {
			n, err := c.exec(`INSERT INTO tick (entity_id, schedule, due, late, outcome, reason, run, settled) VALUES (?, ?, ?, ?, ?, ?, 0, ?)
				ON CONFLICT (entity_id, schedule, due) DO NOTHING`, entity, t.Schedule, instant(t.Due), flag(t.Late), string(t.Outcome), t.Reason, settledAt(t))
			if err != nil {
				return err
			}
			if n > 0 {
				added++
				c.became(nounTick, tickKey(t), flag(t.Late), string(t.Outcome), t.Reason)
			}
		}
		if added == 0 {
			return errNothing
		}
		return nil
	})
	return added, err
}

// settledAt is when a tick was settled, nothing while it waits.
func settledAt(t store.Tick) any {
	if t.Settled.IsZero() {
		return nil
	}
	return instant(t.Settled)
}

// SettleTick notes what became of a waiting tick.
func (s *Store) SettleTick(ctx context.Context, act store.Act, entity string, tick store.Tick) error {
	return s.change(ctx, act, entity, "tick settled", func(c *change) error {
		stood, found, err := first(&c.reading, scanTick, `SELECT `+tickColumns+` FROM tick WHERE entity_id = ? AND schedule = ? AND due = ?`,
			entity, tick.Schedule, instant(tick.Due))
		switch {
		case err != nil:
			return err
		case !found:
			return fmt.Errorf("tick %s: %w", tickKey(tick), store.ErrNotFound)
		case stood.Outcome == tick.Outcome && stood.Run == tick.Run:
			return errNothing
		case stood.Outcome != store.TickWaiting:
			return fmt.Errorf("tick %s %s: %w", tickKey(tick), stood.Outcome, store.ErrStale)
		}
		values := []any{string(tick.Outcome), tick.Reason, tick.Run, instant(act.At)}
		c.became(nounTick, tickKey(tick), values...)
		return c.must(errors.New("tick vanished"), `UPDATE tick SET outcome = ?, reason = ?, run = ?, settled = ? WHERE entity_id = ? AND schedule = ? AND due = ?`,
			append(values, entity, tick.Schedule, instant(tick.Due))...)
	})
}

const tickColumns = `schedule, due, late, outcome, reason, run, settled`

func scanTick(rows *row, t *store.Tick) error {
	return rows.Scan(&t.Schedule, (*storedInstant)(&t.Due), (*storedFlag)(&t.Late), (*string)(&t.Outcome), &t.Reason, &t.Run, (*storedInstant)(&t.Settled))
}

// WaitingTicks lists the ticks that nothing became of yet.
func (s *Store) WaitingTicks(ctx context.Context, entity string) (ticks []store.Tick, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		ticks, err = collect(r, scanTick, `SELECT `+tickColumns+` FROM tick WHERE entity_id = ? AND outcome = 'waiting' ORDER BY due, schedule`, entity)
		return err
	})
	return ticks, err
}

// Ticks lists the last ticks of a schedule.
func (s *Store) Ticks(ctx context.Context, entity, schedule string, limit int) (ticks []store.Tick, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		ticks, err = collect(r, scanTick, `SELECT `+tickColumns+` FROM tick WHERE entity_id = ? AND schedule = ? ORDER BY due DESC LIMIT ?`,
			entity, schedule, limit)
		return err
	})
	return ticks, err
}
