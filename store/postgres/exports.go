package postgres

import (
	"context"
	"fmt"

	"github.com/tieout/tieout/store"
)

// TakeBatch notes that the accounting system has taken a written batch.
func (s *Store) TakeBatch(ctx context.Context, act store.Act, entity string, batch int64) error {
	return s.change(ctx, act, entity, "export taken", func(c *change) error {
		taken, err := c.number(`SELECT count(*) FROM export_batch WHERE entity_id = ? AND id = ? AND taken IS NOT NULL`, entity, batch)
		if err != nil {
			return err
		}
		if taken > 0 {
			return errNothing
		}
		c.became(nounExport, key(batch), act.Actor)
		return c.must(fmt.Errorf("written export %d: %w", batch, store.ErrNotFound), `UPDATE export_batch SET taken = ?, taker = ?
			WHERE entity_id = ? AND id = ? AND written IS NOT NULL`, instant(act.At), act.Actor, entity, batch)
	})
}

// Batches lists written batches by id.
func (s *Store) Batches(ctx context.Context, entity string, untaken bool) (batches []store.WrittenBatch, err error) {
	some := ``
	if untaken {
		some = ` AND taken IS NULL`
	}
	err = s.read(ctx, entity, func(r *reading) error {
		batches, err = collect(r, scanWritten, `SELECT `+batchColumns+`, file, sha256, written, taken, taker FROM export_batch
			WHERE entity_id = ? AND written IS NOT NULL`+some+` ORDER BY id`, entity)
		return err
	})
	return batches, err
}

func scanWritten(rows *row, b *store.WrittenBatch) error {
	return rows.Scan(append(batchFields(&b.Batch), &b.File, &b.SHA256, (*storedInstant)(&b.Written), (*storedInstant)(&b.Taken), &b.Taker)...)
}

// Untaken returns what items fell by since the last batch of applications that was taken.
func (s *Store) Untaken(ctx context.Context, entity string, items []int64) (fell map[int64]int64, ok bool, err error) {
	fell = map[int64]int64{}
	err = s.read(ctx, entity, func(r *reading) error {
		last, found, err := first(r, scanNumber, `SELECT applications_until FROM export_batch
			WHERE entity_id = ? AND kind = 'applications' AND taken IS NOT NULL ORDER BY id DESC LIMIT 1`, entity)
		if ok = found; err != nil || !found {
			return err
		}
		return r.each(func(rows *row) error {
			var item, minor int64
			err := rows.Scan(&item, &minor)
			fell[item] = minor
			return err
		}, `SELECT k.value, sum(a.amount)::bigint FROM unnest(?::bigint[]) AS k(value) JOIN application AS a
			ON a.entity_id = ? AND a.item = k.value AND a.item > 0 AND a.id > ? AND a.kind <> 'external'`+notReversed+` GROUP BY k.value`, items, entity, last)
	})
	return fell, ok, err
}

// Feeds lists the last imports of open items, newest first.
func (s *Store) Feeds(ctx context.Context, entity string, limit int) (feeds []store.Feed, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		feeds, err = collect(r, func(rows *row, f *store.Feed) error {
			return rows.Scan(&f.ID, (*storedDay)(&f.AsOf), (*storedFlag)(&f.Snapshot), &f.Items, &f.New, &f.Changed, &f.External, &f.Actor, (*storedInstant)(&f.At))
		}, `SELECT id, as_of, snapshot, items, created, changed, external, actor, at FROM import_batch WHERE entity_id = ? ORDER BY id DESC LIMIT ?`, entity, limit)
		return err
	})
	return feeds, err
}
