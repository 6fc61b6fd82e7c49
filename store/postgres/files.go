package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

const fileColumns = `id, sha256, name, size, received, state, format, moved, sightings, run`

func scanFile(rows *row, f *recon.FileRow) error {
	return rows.Scan(&f.ID, &f.SHA256, &f.Name, &f.Size, (*storedInstant)(&f.Received), (*string)(&f.State), &f.Format, &f.Moved, &f.Sightings, &f.Run)
}

// RecordFile notes a received file by its content.
func (s *Store) RecordFile(ctx context.Context, act store.Act, file recon.FileRow) (recorded recon.FileRow, created bool, err error) {
	err = s.change(ctx, act, file.Entity, "file received", func(c *change) error {
		known, found, err := first(&c.reading, scanFile, `SELECT `+fileColumns+` FROM file WHERE entity_id = ? AND sha256 = ?`, c.entity, file.SHA256)
		if err != nil {
			return err
		}
		if recorded, created = known, !found; found {
			return c.sight(&recorded, file)
		}
		recorded = file
		return c.newFile(&recorded)
	})
	recorded.Entity = file.Entity
	return recorded, created, err
}

func (c *change) newFile(f *recon.FileRow) (err error) {
	if f.ID, err = c.ids(nounFile, 1); err != nil {
		return err
	}
	f.State, f.Format, f.Moved, f.Sightings, f.Run = recon.FileRecorded, "", "", 0, c.act.Run
	rows := c.into(nounFile, "file", "entity_id, id, sha256, name, size, received, state, format, moved, sightings, rejected, run")
	return errors.Join(rows.add(key(f.ID), c.entity, f.ID, f.SHA256, f.Name, f.Size, instant(f.Received), string(f.State), "", "", 0, "", f.Run), rows.flush())
}

// sight notes that known bytes came again. The original itself, still lying where it was found, is no sighting: a run
// that died sees it a second time.
func (c *change) sight(known *recon.FileRow, again recon.FileRow) error {
	if known.Moved == "" && known.Name == again.Name {
		return errNothing
	}
	known.Sightings++
	if _, err := c.exec(`UPDATE file SET sightings = ? WHERE entity_id = ? AND id = ?`, known.Sightings, c.entity, known.ID); err != nil {
		return err
	}
	rows := c.into("sighting", "file_sighting", "entity_id, file, ordinal, name, received, actor")
	return errors.Join(rows.add(key(known.ID), c.entity, known.ID, known.Sightings, again.Name, instant(again.Received), c.act.Actor), rows.flush())
}

// fileState returns the state of a file; it fails with ErrNotFound where there is none.
func (c *change) fileState(file int64) (recon.FileState, error) {
	state, found, err := first(&c.reading, scanText, `SELECT state FROM file WHERE entity_id = ? AND id = ? FOR UPDATE`, c.entity, file)
	if err == nil && !found {
		err = fmt.Errorf("file %d: %w", file, store.ErrNotFound)
	}
	return recon.FileState(state), err
}

// NoteAttempt notes that a file is read once more without having come to an outcome.
func (s *Store) NoteAttempt(ctx context.Context, act store.Act, entity string, file int64) (attempts int, err error) {
	err = s.change(ctx, act, entity, "file read again", func(c *change) error {
		if _, err := c.fileState(file); err != nil {
			return err
		}
		n, err := c.number(`SELECT attempts FROM file WHERE entity_id = ? AND id = ?`, entity, file)
		if err != nil {
			return err
		}
		attempts = int(n) + 1
		c.became(nounFile, key(file), "attempts", attempts)
		return c.must(store.ErrNotFound, `UPDATE file SET attempts = ? WHERE entity_id = ? AND id = ?`, attempts, entity, file)
	})
	return attempts, err
}

// MarkMoved notes the folder into which the original was moved.
func (s *Store) MarkMoved(ctx context.Context, act store.Act, entity string, file int64, folder string) error {
	return s.change(ctx, act, entity, "file moved", func(c *change) error {
		if _, err := c.fileState(file); err != nil {
			return err
		}
		changed, err := c.exec(`UPDATE file SET moved = ? WHERE entity_id = ? AND id = ? AND moved <> ?`, folder, c.entity, file, folder)
		if err != nil {
			return err
		}
		if changed == 0 {
			return errNothing
		}
		c.became(nounFile, key(file), "moved", folder)
		return nil
	})
}

// RejectFile decides that a held file will never be booked.
func (s *Store) RejectFile(ctx context.Context, act store.Act, entity string, file int64, reason string) error {
	return s.change(ctx, act, entity, "file rejected", func(c *change) error {
		state, err := c.fileState(file)
		if err != nil {
			return err
		}
		if state != recon.FileHeld {
			return fmt.Errorf("file %d is %s, not held: %w", file, state, store.ErrStale)
		}
		c.became(nounFile, key(file), string(recon.FileRejected), reason)
		return c.must(store.ErrStale, `UPDATE file SET state = ?, rejected = ? WHERE entity_id = ? AND id = ?`,
			string(recon.FileRejected), reason, c.entity, file)
	})
}

// File returns one file with its problems and statements.
func (s *Store) File(ctx context.Context, entity string, file int64) (detail store.FileDetail, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		row, found, err := first(r, scanFile, `SELECT `+fileColumns+` FROM file WHERE entity_id = ? AND id = ?`, entity, file)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("file %d: %w", file, store.ErrNotFound)
		}
		detail.FileRow = row
		detail.Entity = entity
		if detail.Problems, err = r.fileProblems(file); err != nil {
			return err
		}
		detail.Statements, err = collect(r, scanStatement, `SELECT `+statementColumns+` FROM statement
			WHERE entity_id = ? AND file = ? ORDER BY id`, entity, file)
		return err
	})
	return detail, err
}

func (r *reading) fileProblems(file int64) ([]recon.Problem, error) {
	return collect(r, scanProblem, `SELECT code, place, severity, message, advice, details FROM file_problem
		WHERE entity_id = ? AND file = ? ORDER BY ordinal`, r.entity, file)
}

func scanProblem(rows *row, p *recon.Problem) error {
	return rows.Scan(&p.Code, &p.Where, (*string)(&p.Severity), &p.Message, &p.Try, &p.Details)
}

// Files lists files by id; with a limit the last ones, newest first.
func (s *Store) Files(ctx context.Context, entity string, limit int) (files []recon.FileRow, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		files, err = r.files(limit)
		return err
	})
	return files, err
}

func (r *reading) files(limit int) ([]recon.FileRow, error) {
	order := ` ORDER BY id`
	var args = []any{r.entity}
	if limit > 0 {
		order = ` ORDER BY id DESC LIMIT ?`
		args = append(args, limit)
	}
	scan := func(rows *row, f *recon.FileRow) error {
		f.Entity = r.entity
		return scanFile(rows, f)
	}
	return collect(r, scan, `SELECT `+fileColumns+` FROM file WHERE entity_id = ?`+order, args...)
}
