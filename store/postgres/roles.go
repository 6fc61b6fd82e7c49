package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Two users share the work: the *migrator* owns the schema and changes it, the *app* reads and writes rows and may neither change
// the schema nor touch history: what triggers forbid to everybody, it has no right to do in the first place.

// AllowApp gives a role what the app needs, and takes whatever else it had on our tables; it is created where it is missing. The store
// must be open as the migrator. Later migrations give it what is new.
func (s *Store) AllowApp(ctx context.Context, role string) error {
	return s.administer(ctx, "grants", func(c *change) error {
		known, err := c.number(`SELECT count(*) FROM pg_roles WHERE rolname = ?`, role)
		if err != nil {
			return err
		}
		name := pgx.Identifier{role}.Sanitize()
		if known == 0 {
			if _, err := c.exec(`CREATE ROLE ` + name + ` LOGIN`); err != nil {
				return err
			}
		}
		return c.allow(name)
	})
}

// regrant gives those roles that write our tables already what a migration made.
func (s *Store) regrant(ctx context.Context) error {
	return s.administer(ctx, "grants", func(c *change) error {
		names, err := collect(&c.reading, scanText, `SELECT a.grantee::regrole::text FROM pg_class AS c, aclexplode(c.relacl) AS a
			WHERE c.oid = 'counters'::regclass AND a.grantee NOT IN (0, c.relowner) AND a.privilege_type = 'INSERT' ORDER BY 1`)
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := c.allow(name); err != nil {
				return err
			}
		}
		return nil
	})
}

// administer runs do in one transaction, as the owner of the schema.
func (s *Store) administer(ctx context.Context, what string, do func(*change) error) error {
	err := s.unaudited(ctx, what, do)
	if code(err) == "42501" {
		return fmt.Errorf("the database's user may not give rights: do it as the owner of the schema: %w", err)
	}
	return err
}

// allow gives a role, by its quoted name, the rights of the app. History is what a trigger keeps from change.
func (c *change) allow(name string) error {
	statements, err := collect(&c.reading, scanText, `SELECT format('GRANT %s ON %I TO ', CASE
			WHEN c.relname = 'goose_db_version' THEN 'SELECT'
			ELSE concat_ws(', ', 'SELECT', 'INSERT',
				CASE WHEN NOT EXISTS (SELECT 1 FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname = c.relname || '_no_update') THEN 'UPDATE' END,
				CASE WHEN NOT EXISTS (SELECT 1 FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname = c.relname || '_no_delete') THEN 'DELETE' END) END, c.relname)
		FROM pg_class AS c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY c.relname`)
	if err != nil {
		return err
	}
	schema, _, err := first(&c.reading, scanText, `SELECT quote_ident(current_schema())`)
	if err != nil {
		return err
	}
	errs := []error{c.command(`REVOKE ALL ON ALL TABLES IN SCHEMA ` + schema + ` FROM ` + name), c.command(`GRANT USAGE ON SCHEMA ` + schema + ` TO ` + name),
		c.command(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA ` + schema + ` TO ` + name)} // those of the job engine: ours take no numbers from one
	for _, grant := range statements {
		errs = append(errs, c.command(grant+name))
	}
	return errors.Join(errs...)
}

// command runs a statement that changes no rows.
func (c *change) command(statement string) error {
	_, err := c.exec(statement)
	return err
}
