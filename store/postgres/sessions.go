package postgres

import (
	"context"
	"time"

	"github.com/tieout/tieout/store"
)

// SaveSession inserts or updates a session.
func (s *Store) SaveSession(ctx context.Context, session store.Session) error {
	return s.unaudited(ctx, "save session", func(c *change) error {
		_, err := c.exec(`INSERT INTO session (token, person, data, address, agent, created, seen) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (token) DO UPDATE SET person = excluded.person, data = excluded.data, address = excluded.address, agent = excluded.agent, seen = excluded.seen`,
			session.Token, session.Person, session.Data, session.Address, session.Agent, instant(session.Created), instant(session.Seen))
		return err
	})
}

const sessionColumns = `SELECT id, token, person, data, address, agent, created, seen FROM session `

func scanSession(rows *row, s *store.Session) error {
	return rows.Scan(&s.ID, &s.Token, &s.Person, &s.Data, &s.Address, &s.Agent, (*storedInstant)(&s.Created), (*storedInstant)(&s.Seen))
}

// Session returns a session by its token.
func (s *Store) Session(ctx context.Context, token string) (session store.Session, err error) {
	err = s.read(ctx, store.House, func(r *reading) error {
		one, found, err := first(r, scanSession, sessionColumns+`WHERE token = ?`, token)
		if err != nil {
			return err
		}
		if !found {
			return store.ErrNotFound
		}
		session = one
		return nil
	})
	return session, err
}

// EndSession forgets a session.
func (s *Store) EndSession(ctx context.Context, token string) error {
	return s.unaudited(ctx, "end session", func(c *change) error {
		_, err := c.exec(`DELETE FROM session WHERE token = ?`, token)
		return err
	})
}

// EndSessionByID forgets a session of a person.
func (s *Store) EndSessionByID(ctx context.Context, person, id int64) error {
	return s.unaudited(ctx, "end session", func(c *change) error {
		return c.must(store.ErrNotFound, `DELETE FROM session WHERE person = ? AND id = ?`, person, id)
	})
}

// Sessions lists the sessions of a person, or of everybody.
func (s *Store) Sessions(ctx context.Context, person int64, since time.Time) (all []store.Session, err error) {
	err = s.read(ctx, store.House, func(r *reading) error {
		all, err = collect(r, scanSession, sessionColumns+`WHERE (person = ?1 OR ?1 = 0) AND person > 0 AND seen >= ?2 ORDER BY seen DESC, id DESC`, person, instant(since))
		return err
	})
	return all, err
}

// SweepSessions forgets the sessions last seen before an instant.
func (s *Store) SweepSessions(ctx context.Context, before time.Time) error {
	return s.unaudited(ctx, "sweep sessions", func(c *change) error {
		_, err := c.exec(`DELETE FROM session WHERE seen < ?`, instant(before))
		return err
	})
}
