package postgres

import (
	"context"
	"slices"

	"github.com/tieout/tieout/store"
)

// AddPerson stores a new person with their grants.
func (s *Store) AddPerson(ctx context.Context, act store.Act, p store.Person) (id int64, err error) {
	err = s.change(ctx, act, store.House, "person added", func(c *change) error {
		if id, err = c.ids(nounPerson, 1); err != nil {
			return err
		}
		_, err = c.exec(`INSERT INTO person (id, login, name, issuer, subject, password, disabled, epoch, version, created) VALUES (?, ?, ?, ?, ?, ?, ?, 1, 1, ?)`,
			id, p.Login, p.Name, p.Issuer, p.Subject, p.Password, flag(p.Disabled), instant(act.At))
		if clashes(err) {
			return store.ErrDuplicate
		}
		if err != nil {
			return err
		}
		p.ID, p.Epoch, p.Version = id, 1, 1
		return c.savedPerson(p)
	})
	return id, err
}

// savedPerson stores the grants of a person whose row was written, and notes the person for the audit. The audit keeps no password hash.
func (c *change) savedPerson(p store.Person) error {
	if _, err := c.exec(`DELETE FROM person_role WHERE person = ? AND entity_id <> ''`, p.ID); err != nil {
		return err
	}
	values := []any{p.Login, p.Name, p.Issuer, p.Subject, flag(p.Disabled), p.Epoch, p.Version}
	for _, g := range p.Grants {
		if _, err := c.exec(`INSERT INTO person_role (entity_id, person, role) VALUES (?, ?, ?)`, g.Entity, p.ID, string(g.Role)); err != nil {
			return err
		}
		values = append(values, g.Entity, string(g.Role))
	}
	c.became("person", key(p.ID), values...)
	return nil
}

// SavePerson stores what may change of a person.
func (s *Store) SavePerson(ctx context.Context, act store.Act, p store.Person) error {
	return s.change(ctx, act, store.House, "person changed", func(c *change) error {
		before, err := c.person(p.ID)
		if err != nil {
			return err
		}
		p.Login, p.Issuer, p.Subject, p.Epoch = before.Login, before.Issuer, before.Subject, before.Epoch
		if p.Password != before.Password || p.Disabled != before.Disabled {
			p.Epoch++
		}
		if err := c.must(store.ErrStale, `UPDATE person SET name = ?, password = ?, disabled = ?, epoch = ?, version = version + 1 WHERE id = ? AND version = ?`,
			p.Name, p.Password, flag(p.Disabled), p.Epoch, p.ID, p.Version); err != nil {
			return err
		}
		p.Version++
		return c.savedPerson(p)
	})
}

const personColumns = `SELECT id, login, name, issuer, subject, password, disabled, epoch, version, created FROM person `

func scanPerson(rows *row, p *store.Person) error {
	return rows.Scan(&p.ID, &p.Login, &p.Name, &p.Issuer, &p.Subject, &p.Password, (*storedFlag)(&p.Disabled), &p.Epoch, &p.Version, (*storedInstant)(&p.Created))
}

func (r *reading) person(id int64) (store.Person, error) { return r.onePerson(`WHERE id = ?`, id) }

func (r *reading) onePerson(where string, args ...any) (store.Person, error) {
	p, found, err := first(r, scanPerson, personColumns+where, args...)
	if err != nil {
		return p, err
	}
	if !found {
		return p, store.ErrNotFound
	}
	p.Grants, err = r.grants(p.ID)
	return p, err
}

func (r *reading) grants(person int64) ([]store.Grant, error) {
	return collect(r, func(rows *row, g *store.Grant) error { return rows.Scan(&g.Entity, (*string)(&g.Role)) },
		`SELECT entity_id, role FROM person_role WHERE person = ? ORDER BY entity_id, role`, person)
}

func (s *Store) findPerson(ctx context.Context, where string, args ...any) (p store.Person, err error) {
	err = s.read(ctx, store.House, func(r *reading) error {
		p, err = r.onePerson(where, args...)
		return err
	})
	return p, err
}

// Person returns one person by id.
func (s *Store) Person(ctx context.Context, id int64) (store.Person, error) {
	return s.findPerson(ctx, `WHERE id = ?`, id)
}

// PersonByLogin returns one person by login.
func (s *Store) PersonByLogin(ctx context.Context, login string) (store.Person, error) {
	return s.findPerson(ctx, `WHERE login = ?`, login)
}

// PersonBySubject returns the person whom a provider knows by a subject.
func (s *Store) PersonBySubject(ctx context.Context, issuer, subject string) (store.Person, error) {
	return s.findPerson(ctx, `WHERE issuer = ? AND subject = ? AND subject <> ''`, issuer, subject)
}

// People lists everybody by login.
func (s *Store) People(ctx context.Context) (all []store.Person, err error) {
	err = s.read(ctx, store.House, func(r *reading) error {
		if all, err = collect(r, scanPerson, personColumns+`ORDER BY login`); err != nil {
			return err
		}
		for i := range all {
			if all[i].Grants, err = r.grants(all[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// Invite stores an invitation in place of former ones.
func (s *Store) Invite(ctx context.Context, act store.Act, i store.Invitation) error {
	return s.change(ctx, act, store.House, "person invited", func(c *change) error {
		if _, err := c.person(i.Person); err != nil {
			return err
		}
		if _, err := c.exec(`INSERT INTO invitation (person, code, expires) VALUES (?, ?, ?)
			ON CONFLICT (person) DO UPDATE SET code = excluded.code, expires = excluded.expires`, i.Person, i.Code, instant(i.Expires)); err != nil {
			return err
		}
		c.became("invitation", key(i.Person), i.Code, instant(i.Expires))
		return nil
	})
}

// Redeem sets the password of the person who was invited.
func (s *Store) Redeem(ctx context.Context, act store.Act, code, password string) (p store.Person, err error) {
	err = s.change(ctx, act, store.House, "password set by invitation", func(c *change) error {
		id, found, err := first(&c.reading, scanNumber, `DELETE FROM invitation WHERE code = ? AND expires > ? RETURNING person`, code, instant(act.At))
		if err != nil {
			return err
		}
		if !found {
			return store.ErrNotFound
		}
		if err := c.must(store.ErrNotFound, `UPDATE person SET password = ?, epoch = epoch + 1, version = version + 1 WHERE id = ?`, password, id); err != nil {
			return err
		}
		if p, err = c.person(id); err != nil {
			return err
		}
		return c.savedPerson(store.Person{ID: p.ID, Login: p.Login, Name: p.Name, Issuer: p.Issuer, Subject: p.Subject, Disabled: p.Disabled,
			Epoch: p.Epoch, Version: p.Version, Grants: slices.Clone(p.Grants)})
	})
	return p, err
}
