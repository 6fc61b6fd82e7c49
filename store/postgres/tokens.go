package postgres

import (
	"context"
	"time"

	"github.com/tieout/tieout/store"
)

// AddToken stores a token of a person.
func (s *Store) AddToken(ctx context.Context, act store.Act, t store.Token) (id int64, err error) {
	err = s.change(ctx, act, store.House, "token added", func(c *change) error {
		if _, err := c.person(t.Person); err != nil {
			return err
		}
		if id, err = c.ids(nounToken, 1); err != nil {
			return err
		}
		_, err = c.exec(`INSERT INTO api_token (id, person, name, hash, scopes, created, expires, revoked) VALUES (?, ?, ?, ?, ?, ?, ?, 0)`,
			id, t.Person, t.Name, t.Hash, joined(t.Scopes), instant(act.At), instant(t.Expires))
		if clashes(err) {
			return store.ErrDuplicate
		}
		if err != nil {
			return err
		}
		c.became("token", key(id), t.Person, t.Name, joined(t.Scopes), instant(t.Expires), flag(false))
		return nil
	})
	return id, err
}

const tokenColumns = `SELECT id, person, name, hash, scopes, created, expires, used, revoked FROM api_token `

func scanToken(rows *row, t *store.Token) error {
	return rows.Scan(&t.ID, &t.Person, &t.Name, &t.Hash, (*storedList)(&t.Scopes), (*storedInstant)(&t.Created), (*storedInstant)(&t.Expires),
		(*storedInstant)(&t.Used), (*storedFlag)(&t.Revoked))
}

// Tokens lists the tokens of a person, or of everybody.
func (s *Store) Tokens(ctx context.Context, person int64) (all []store.Token, err error) {
	err = s.read(ctx, store.House, func(r *reading) error {
		all, err = collect(r, scanToken, tokenColumns+`WHERE person = ?1 OR ?1 = 0 ORDER BY id`, person)
		return err
	})
	return all, err
}

// TokenByHash returns a token.
func (s *Store) TokenByHash(ctx context.Context, hash string) (token store.Token, err error) {
	err = s.read(ctx, store.House, func(r *reading) error {
		one, found, err := first(r, scanToken, tokenColumns+`WHERE hash = ?`, hash)
		if err != nil {
			return err
		}
		if !found {
			return store.ErrNotFound
		}
		token = one
		return nil
	})
	return token, err
}

// RevokeToken ends a token.
func (s *Store) RevokeToken(ctx context.Context, act store.Act, id int64) error {
	return s.change(ctx, act, store.House, "token revoked", func(c *change) error {
		revoked, err := c.exec(`UPDATE api_token SET revoked = 1 WHERE id = ? AND revoked = 0`, id)
		if err != nil {
			return err
		}
		if revoked == 0 {
			known, err := c.number(`SELECT count(*) FROM api_token WHERE id = ?`, id)
			if err == nil && known == 0 {
				err = store.ErrNotFound
			}
			if err == nil {
				err = errNothing
			}
			return err
		}
		c.became("token", key(id), flag(true))
		return nil
	})
}

// TouchToken notes that a token was used.
func (s *Store) TouchToken(ctx context.Context, id int64, at time.Time) error {
	return s.unaudited(ctx, "touch token", func(c *change) error {
		_, err := c.exec(`UPDATE api_token SET used = ? WHERE id = ?`, instant(at), id)
		return err
	})
}
