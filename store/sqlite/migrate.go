package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema to this program's version.
func (s *Store) Migrate(ctx context.Context) error {
	db, err := sql.Open("sqlite", source(s.path, atOnce, "synchronous(full)"))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if err := refuseNewer(ctx, db); err != nil {
		return err
	}
	return migrate(ctx, db)
}

func migrate(ctx context.Context, db *sql.DB) error {
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	// Another process may migrate in the same moment and win a step: this one goes on from where the schema is then.
	for attempt := 1; ; attempt++ {
		_, failed := provider.Up(ctx)
		if failed == nil {
			return nil
		}
		pending, err := provider.HasPending(ctx)
		switch {
		case err == nil && !pending:
			return nil
		case attempt == migrateAttempts || ctx.Err() != nil:
			return fmt.Errorf("migrate: %w", errors.Join(failed, err))
		}
	}
}

// migrateAttempts bounds how often a migration is begun again that another process was faster with.
const migrateAttempts = 10

func newProvider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithLogger(goose.NopLogger()), goose.WithVerbose(false), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return provider, nil
}

// versionTable is where goose keeps the version of the schema.
const versionTable = "goose_db_version"

// refuseNewer fails where the schema was made by a later program: this one would not know what it breaks.
func refuseNewer(ctx context.Context, db *sql.DB) error {
	var present int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?`, versionTable).Scan(&present); err != nil {
		return fmt.Errorf("read schema: %w", err)
	}
	if present == 0 {
		return nil
	}
	var stored int64
	if err := db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM `+versionTable+` WHERE is_applied = 1`).Scan(&stored); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	sources := provider.ListSources()
	if ours := sources[len(sources)-1].Version; stored > ours {
		return fmt.Errorf("its schema is version %d, this program knows versions up to %d: update tieout", stored, ours)
	}
	return nil
}

// missing names what the schema of this program enforces and the database does not: each trigger, index and table whose
// definition is not the one that the migrations give an empty database.
func (r *reading) missing() ([]string, error) {
	wanted, err := freshSchema(r.ctx)
	if err != nil {
		return nil, err
	}
	stored, err := schema(r)
	if err != nil {
		return nil, err
	}
	var missing []string
	for name, definition := range wanted {
		switch got, present := stored[name]; {
		case !present:
			missing = append(missing, name)
		case got != definition:
			missing = append(missing, name+" (not as defined)")
		}
	}
	slices.Sort(missing)
	return missing, nil
}

// freshSchema returns what the migrations make of an empty database.
func freshSchema(ctx context.Context) (map[string]string, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, fmt.Errorf("expected schema: %w", err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if err := migrate(ctx, db); err != nil {
		return nil, err
	}
	return schema(&reading{ctx: ctx, query: db.QueryContext})
}

// schema maps "trigger application_no_update" and the like to their definitions.
func schema(r *reading) (map[string]string, error) {
	all := map[string]string{}
	err := r.each(func(rows *sql.Rows) error {
		var name, definition string
		if err := rows.Scan(&name, &definition); err != nil {
			return err
		}
		all[name] = definition
		return nil
	}, `SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL`)
	return all, err
}
