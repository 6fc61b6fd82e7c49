package postgres_test

import (
	"path/filepath"
	"testing"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/store/sqlite"
	"github.com/tieout/tieout/store/storetest"
)

// TestSameAsSQLite: what happened to the books can be read from them, whichever engine keeps them.
func TestSameAsSQLite(t *testing.T) {
	storetest.Twins(t, open, func(t testing.TB) store.Store {
		t.Helper()
		s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "tieout.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		return s
	})
}
