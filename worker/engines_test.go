package worker_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/store/postgres"
	"github.com/tieout/tieout/store/postgres/pgtest"
	"github.com/tieout/tieout/store/sqlite"
)

// engine is a kind of database that the books may be kept in.
type engine struct {
	name string
	open func(t *testing.T) store.Store // an empty database of its own, closed when the test ends
}

// engines are those that every story is lived on.
func engines() []engine {
	return []engine{{"sqlite", openSQLite}, {"postgres", openPostgres}}
}

func openPostgres(t *testing.T) store.Store {
	t.Helper()
	db, err := postgres.Open(t.Context(), pgtest.Shared(t).Clone(t, "books", func(url string) error {
		db, err := postgres.Open(context.Background(), url, postgres.Options{})
		if err != nil {
			return err
		}
		return errors.Join(db.Migrate(context.Background()), db.Close())
	}), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func openSQLite(t *testing.T) store.Store {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "tieout.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
