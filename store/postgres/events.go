package postgres

import (
	"bytes"
	"context"
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
			AND position(?::bytea IN canonical) > 0 AND position(?::bytea IN canonical) > 0 AND position(?::bytea IN canonical) > 0
			ORDER BY seq DESC LIMIT ?`, append(append([]any{entity, before}, auditMarks(filter)...), filter.Limit)...)
		if err != nil {
			return err
		}
		for _, stored := range rows {
			entry := store.AuditEntry{Seq: stored.Seq, Canonical: stored.Canonical, Hash: stored.Hash}
			if entry.Event, err = r.event(stored); err != nil {
				return err
			}
			log = append(log, entry)
		}
		return nil
	})
	return log, err
}

// auditMarks are the pieces that the canonical text of a row has to contain; an empty one is in every text.
func auditMarks(filter store.AuditFilter) []any {
	mark := func(wanted bool, text string) []byte {
		if !wanted {
			return []byte{}
		}
		return []byte(text)
	}
	return []any{mark(filter.Actor != "", fmt.Sprintf("\nactor %q\n", filter.Actor)), mark(filter.Verb != "", "\nverb "+filter.Verb+"\n"),
		mark(filter.Day != 0, "\nat "+filter.Day.String()+"T")}
}

// event returns the event that a row is about, nil for other rows.
func (r *reading) event(of recon.AuditRow) (*store.Event, error) {
	var id int64
	_, after, found := bytes.Cut(of.Canonical, []byte("\nevent \""))
	if !found {
		return nil, nil
	}
	if _, err := fmt.Sscanf(string(after), "%d\"", &id); err != nil {
		return nil, fmt.Errorf("audit row %d: %w", of.Seq, err)
	}
	e, found, err := first(r, func(rows *row, e *store.Event) error { return rows.Scan(&e.Verb, &e.About, &e.Detail) },
		`SELECT verb, about, detail FROM event WHERE entity_id = ? AND id = ?`, r.entity, id)
	if err != nil || !found {
		return nil, err
	}
	return &e, nil
}
