package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/tieout/tieout/store"
)

// States of a run that this package sets by itself.
const (
	runRunning     = "running"
	runInterrupted = "interrupted"
)

// StartRun notes that a nightly job began.
func (s *Store) StartRun(ctx context.Context, act store.Act, entity, rules string) (run int64, err error) {
	err = s.change(ctx, act, entity, "run started", func(c *change) error {
		if run, err = c.ids(nounRun, 1); err != nil {
			return err
		}
		rows := c.into(nounRun, "run", "entity_id, id, rules, actor, started, finished, state, files, refused, held, entries, receipts, applied, queued, faults")
		return errors.Join(rows.add(key(run), entity, run, rules, act.Actor, instant(act.At), nil, runRunning, 0, 0, 0, 0, 0, 0, 0, 0), rows.flush())
	})
	if err != nil {
		return 0, err
	}
	return run, nil
}

// FinishRun notes how a run ended. ErrStale where it ended before.
func (s *Store) FinishRun(ctx context.Context, act store.Act, entity string, run int64, state string, stats store.RunStats) error {
	return s.change(ctx, act, entity, "run finished", func(c *change) error {
		values := []any{instant(act.At), state, stats.Files, stats.Refused, stats.Held, stats.Entries, stats.Receipts, stats.Applied, stats.Queued, stats.Faults}
		c.became(nounRun, key(run), values...)
		return c.must(fmt.Errorf("run %d is not running: %w", run, store.ErrStale), `UPDATE run SET finished = ?, state = ?, files = ?, refused = ?,
				held = ?, entries = ?, receipts = ?, applied = ?, queued = ?, faults = ?
			WHERE entity_id = ? AND id = ? AND state = 'running'`, append(values, entity, run)...)
	})
}

// InterruptRuns notes that the runs which did not finish never will.
func (s *Store) InterruptRuns(ctx context.Context, act store.Act, entity string) (interrupted int, err error) {
	err = s.change(ctx, act, entity, "runs interrupted", func(c *change) error {
		runs, err := collect(&c.reading, scanNumber, `SELECT id FROM run WHERE entity_id = ? AND state = 'running' ORDER BY id`, entity)
		if err != nil {
			return err
		}
		if interrupted = len(runs); interrupted == 0 {
			return errNothing
		}
		for _, run := range runs {
			c.became(nounRun, key(run), runInterrupted)
		}
		_, err = c.exec(`UPDATE run SET state = ?, finished = ? WHERE entity_id = ? AND state = 'running'`, runInterrupted, instant(act.At), entity)
		return err
	})
	return interrupted, err
}

// Runs lists runs by id; with a limit the last ones, newest first.
func (s *Store) Runs(ctx context.Context, entity string, limit int) (runs []store.Run, err error) {
	order, args := ` ORDER BY id`, []any{entity}
	if limit > 0 {
		order, args = ` ORDER BY id DESC LIMIT ?`, append(args, limit)
	}
	err = s.read(ctx, entity, func(r *reading) error {
		runs, err = collect(r, scanRun, `SELECT `+runColumns+` FROM run WHERE entity_id = ?`+order, args...)
		return err
	})
	return runs, err
}

// Run returns one execution.
func (s *Store) Run(ctx context.Context, entity string, run int64) (found store.Run, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		one, known, err := first(r, scanRun, `SELECT `+runColumns+` FROM run WHERE entity_id = ? AND id = ?`, entity, run)
		if err == nil && !known {
			err = fmt.Errorf("run %d: %w", run, store.ErrNotFound)
		}
		found = one
		return err
	})
	return found, err
}

const runColumns = `id, rules, actor, started, finished, state, files, refused, held, entries, receipts, applied, queued, faults`

func scanRun(rows *row, r *store.Run) error {
	n := &r.Stats
	return rows.Scan(&r.ID, &r.Rules, &r.Actor, (*storedInstant)(&r.Started), (*storedInstant)(&r.Finished), &r.State,
		&n.Files, &n.Refused, &n.Held, &n.Entries, &n.Receipts, &n.Applied, &n.Queued, &n.Faults)
}

const batchColumns = `id, kind, applications_after, applications_until, decisions_after, decisions_until, entries_after, entries_until,
	items_after, items_until, closes_after, closes_until`

func scanBatch(rows *row, b *store.Batch) error { return rows.Scan(batchFields(b)...) }

func batchFields(b *store.Batch) []any {
	return []any{&b.ID, &b.Kind, &b.ApplicationsAfter, &b.ApplicationsUntil, &b.DecisionsAfter, &b.DecisionsUntil, &b.EntriesAfter, &b.EntriesUntil,
		&b.ItemsAfter, &b.ItemsUntil, &b.ClosesAfter, &b.ClosesUntil}
}

// OpenBatch returns the export batch of a kind that is not written yet, or opens one over all that was recorded since the last.
func (s *Store) OpenBatch(ctx context.Context, act store.Act, entity, kind string) (batch store.Batch, ok bool, err error) {
	err = s.change(ctx, act, entity, "export opened", func(c *change) error {
		if batch, ok, err = first(&c.reading, scanBatch, `SELECT `+batchColumns+` FROM export_batch WHERE entity_id = ? AND kind = ? AND written IS NULL`,
			entity, kind); err != nil {
			return err
		}
		if ok {
			return errNothing
		}
		batch, ok, err = c.openBatch(kind)
		return err
	})
	return batch, ok, err
}

func (c *change) openBatch(kind string) (batch store.Batch, ok bool, err error) {
	last, _, err := first(&c.reading, scanBatch, `SELECT `+batchColumns+` FROM export_batch WHERE entity_id = ? AND kind = ? ORDER BY id DESC LIMIT 1`,
		c.entity, kind)
	if err != nil {
		return batch, false, err
	}
	batch = store.Batch{Kind: kind, ApplicationsAfter: last.ApplicationsUntil, DecisionsAfter: last.DecisionsUntil, EntriesAfter: last.EntriesUntil,
		ItemsAfter: last.ItemsUntil, ClosesAfter: last.ClosesUntil}
	if err := c.until(&batch); err != nil {
		return batch, false, err
	}
	if batch.ApplicationsUntil == batch.ApplicationsAfter && batch.DecisionsUntil == batch.DecisionsAfter &&
		batch.EntriesUntil == batch.EntriesAfter && batch.ItemsUntil == batch.ItemsAfter {
		return store.Batch{}, false, errNothing
	}
	if batch.ID, err = c.ids(nounExport, 1); err != nil {
		return batch, false, err
	}
	rows := c.into(nounExport, "export_batch", "entity_id, "+batchColumns+", opened, written, file, sha256")
	return batch, true, errors.Join(rows.add(key(batch.ID), c.entity, batch.ID, kind, batch.ApplicationsAfter, batch.ApplicationsUntil,
		batch.DecisionsAfter, batch.DecisionsUntil, batch.EntriesAfter, batch.EntriesUntil, batch.ItemsAfter, batch.ItemsUntil, batch.ClosesAfter, batch.ClosesUntil,
		instant(c.act.At), nil, "", ""), rows.flush())
}

// until ends a batch at what was recorded last: the ids given out so far.
func (c *change) until(b *store.Batch) (err error) {
	if b.ClosesUntil, err = c.number(`SELECT coalesce(max(ordinal), 0) FROM period_close WHERE entity_id = ?`, c.entity); err != nil {
		return err
	}
	return c.each(func(rows *row) error {
		var noun string
		var last int64
		err := rows.Scan(&noun, &last)
		switch noun {
		case nounApplication:
			b.ApplicationsUntil = last
		case nounDecision:
			b.DecisionsUntil = last
		case nounEntry:
			b.EntriesUntil = last
		case nounItem:
			b.ItemsUntil = last
		}
		return err
	}, `SELECT noun, last FROM counters WHERE entity_id = ?`, c.entity)
}

// MarkWritten notes that a batch stands complete in its file; noting the same again does nothing.
func (s *Store) MarkWritten(ctx context.Context, act store.Act, entity string, batch int64, file, sha256 string) error {
	return s.change(ctx, act, entity, "export written", func(c *change) error {
		var stood, sum string
		_, found, err := first(&c.reading, func(rows *row, _ *struct{}) error { return rows.Scan(&stood, &sum) },
			`SELECT file, sha256 FROM export_batch WHERE entity_id = ? AND id = ? AND written IS NOT NULL`, entity, batch)
		switch {
		case err != nil:
			return err
		case found && stood == file && sum == sha256:
			return errNothing
		case found:
			return fmt.Errorf("export %d was written with other content: %w", batch, store.ErrStale)
		}
		c.became(nounExport, key(batch), file, sha256)
		return c.must(fmt.Errorf("export %d: %w", batch, store.ErrNotFound), `UPDATE export_batch SET written = ?, file = ?, sha256 = ?
			WHERE entity_id = ? AND id = ?`, instant(act.At), file, sha256, entity, batch)
	})
}
