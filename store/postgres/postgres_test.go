package postgres_test

import (
	"context"
	"testing"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/store/postgres"
	"github.com/tieout/tieout/store/postgres/pgtest"
	"github.com/tieout/tieout/store/storetest"
)

func open(t testing.TB) store.Store { return openAt(t, database(t)) }

// database returns the URL of an empty, migrated database.
func database(t testing.TB) string {
	t.Helper()
	return pgtest.Shared(t).Clone(t, "books", func(url string) error {
		s, err := postgres.Open(context.Background(), url, postgres.Options{})
		if err != nil {
			return err
		}
		defer s.Close()
		return s.Migrate(context.Background())
	})
}

func openAt(t testing.TB, url string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestConformance(t *testing.T) { storetest.Run(t, open) }

func BenchmarkNight(b *testing.B) { storetest.Benchmark(b, open) }

func BenchmarkQueue(b *testing.B) { storetest.BenchmarkQueue(b, open) }
