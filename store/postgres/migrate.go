package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema to this program's version. Where it is that already, nothing is asked of the database's user but to
// read; else the user must own the schema.
func (s *Store) Migrate(ctx context.Context) error {
	provider, db, err := s.provider()
	if err != nil {
		return err
	}
	defer db.Close()
	current := false
	err = s.read(ctx, "", func(r *reading) error {
		stored, err := storedVersion(r)
		current = stored == lastVersion(provider)
		if err == nil && stored > lastVersion(provider) {
			err = newer(stored, lastVersion(provider))
		}
		return err
	})
	if err != nil || current {
		return err
	}
	if err := s.migrate(ctx, provider); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	s.tables.forget()
	return s.regrant(ctx)
}

// migrationLock is the number of the lock that a migration holds, for as long as a transaction of its own lasts.
const migrationLock = 7496575

// migrate runs what is missing while no other process does.
func (s *Store) migrate(ctx context.Context, provider *goose.Provider) error {
	return s.transaction(ctx, "", func(c *change) error {
		if _, err := c.exec("BEGIN"); err != nil {
			return err
		}
		if _, err := c.exec(`SELECT pg_advisory_xact_lock(?)`, migrationLock); err != nil {
			return err
		}
		_, err := provider.Up(ctx)
		if code(err) == "42501" {
			return fmt.Errorf("the database's user may not change the schema: let its owner run tieout migrate: %w", err)
		}
		return err
	})
}

func (s *Store) provider() (*goose.Provider, *sql.DB, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, nil, fmt.Errorf("migrations: %w", err)
	}
	config := s.config.Copy()
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	db := stdlib.OpenDB(*config)
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithLogger(goose.NopLogger()), goose.WithVerbose(false), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("migrations: %w", err), db.Close())
	}
	return provider, db, nil
}

func lastVersion(provider *goose.Provider) int64 {
	sources := provider.ListSources()
	return sources[len(sources)-1].Version
}

// storedVersion is the version of the schema that the database has, 0 for none.
func storedVersion(r *reading) (int64, error) {
	present, err := r.number(`SELECT (to_regclass('goose_db_version') IS NOT NULL)::int`)
	if err != nil || present == 0 {
		return 0, err
	}
	version, err := r.number(`SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`)
	if err != nil {
		return 0, fmt.Errorf("read schema version: %w", err)
	}
	return version, nil
}

// refuseNewer fails where the schema was made by a later program: this one would not know what it breaks.
func (s *Store) refuseNewer(r *reading) error {
	provider, db, err := s.provider()
	if err != nil {
		return err
	}
	defer db.Close()
	stored, err := storedVersion(r)
	if err == nil && stored > lastVersion(provider) {
		err = newer(stored, lastVersion(provider))
	}
	return err
}

func newer(stored, ours int64) error {
	return fmt.Errorf("its schema is version %d, this program knows versions up to %d: update tieout", stored, ours)
}
