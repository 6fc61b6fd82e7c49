package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// SaveEvent stores what happened without changing the books.
func (s *Store) SaveEvent(ctx context.Context, act store.Act, entity string, e store.Event) error {
	return s.change(ctx, act, entity, e.Verb, func(c *change) error {
		id, err := c.ids(nounEvent, 1)
		if err != nil {
			return err
		}
		if _, err := c.exec(`INSERT INTO event (entity_id, id, verb, about, detail) VALUES (?, ?, ?, ?, ?)`, entity, id, e.Verb, e.About, e.Detail); err != nil {
			return err
		}
		c.became("event", key(id), e.Verb, e.About, e.Detail)
		return nil
	})
}

// AuditLog lists audit rows with what is known of them.
func (s *Store) AuditLog(ctx context.Context, entity string, filter store.AuditFilter) (log []store.AuditEntry, err error) {
	before := filter.Before
	if before == 0 {
		before = math.MaxInt64
	}
	err = s.read(ctx, entity, func(r *reading) error {
		rows, err := collect(r, scanAudit, `SELECT seq, canonical, hash FROM audit WHERE entity_id = ? AND seq < ?
			AND (? = x'' OR instr(canonical, ?) > 0) AND (? = x'' OR instr(canonical, ?) > 0) AND (? = x'' OR instr(canonical, ?) > 0)
			ORDER BY seq DESC LIMIT ?`, append(append([]any{entity, before}, auditMarks(filter)...), filter.Limit)...)
		if err != nil {
			return err
		}
		for _, row := range rows {
			entry := store.AuditEntry{Seq: row.Seq, Canonical: row.Canonical, Hash: row.Hash}
			if entry.Event, err = r.event(row); err != nil {
				return err
			}
			log = append(log, entry)
		}
		return nil
	})
	return log, err
}

// auditMarks are the pieces that the canonical text of a row has to contain, each twice; empty ones ask for nothing.
func auditMarks(filter store.AuditFilter) (marks []any) {
	for _, mark := range []struct {
		wanted bool
		text   string
	}{
		{filter.Actor != "", fmt.Sprintf("\nactor %q\n", filter.Actor)},
		{filter.Verb != "", "\nverb " + filter.Verb + "\n"},
		{filter.Day != 0, "\nat " + filter.Day.String() + "T"},
	} {
		text := []byte{}
		if mark.wanted {
			text = []byte(mark.text)
		}
		marks = append(marks, text, text)
	}
	return marks
}

// event returns the event that a row is about, nil for other rows.
func (r *reading) event(row recon.AuditRow) (*store.Event, error) {
	var id int64
	_, after, found := bytes.Cut(row.Canonical, []byte("\nevent \""))
	if !found {
		return nil, nil
	}
	if _, err := fmt.Sscanf(string(after), "%d\"", &id); err != nil {
		return nil, fmt.Errorf("audit row %d: %w", row.Seq, err)
	}
	e, found, err := first(r, func(rows *sql.Rows, e *store.Event) error { return rows.Scan(&e.Verb, &e.About, &e.Detail) },
		`SELECT verb, about, detail FROM event WHERE entity_id = ? AND id = ?`, r.entity, id)
	if err != nil || !found {
		return nil, err
	}
	return &e, nil
}
