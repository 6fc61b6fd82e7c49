package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/store/sqlite"
	"github.com/tieout/tieout/store/storetest"
)

func open(t testing.TB) store.Store { return openAt(t, filepath.Join(t.TempDir(), "tieout.db")) }

func openAt(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) { storetest.Run(t, open) }

func BenchmarkNight(b *testing.B) { storetest.Benchmark(b, open) }
