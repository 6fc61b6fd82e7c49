package worker_test

import (
	"path/filepath"
	"testing"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/store/sqlite"
)

// engine is a kind of database that the books may be kept in.
type engine struct {
	name string
	open func(t *testing.T) store.Store // an empty database of its own, closed when the test ends
}

// engines are those that every story is lived on.
func engines() []engine {
	return []engine{{"sqlite", openSQLite}}
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
