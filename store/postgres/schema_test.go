package postgres

import (
	"context"
	command "flag"
	"os"
	"strings"
	"testing"

	"github.com/tieout/tieout/store/postgres/pgtest"
)

var update = command.Bool("update", false, "write schema.txt anew")

// fresh returns a store on an empty, migrated database.
func fresh(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), pgtest.Shared(t).Clone(t, "books", migrated), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func migrated(url string) error {
	s, err := Open(context.Background(), url, Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Migrate(context.Background())
}

// TestSchemaIsAsWritten: schema.txt, by which verify judges a database, is what the migrations make of an empty one.
func TestSchemaIsAsWritten(t *testing.T) {
	s := fresh(t)
	err := s.read(t.Context(), "", func(r *reading) error {
		lines, err := r.schema()
		if err != nil {
			return err
		}
		text := strings.Join(lines, "\n") + "\n"
		if *update {
			return os.WriteFile("schema.txt", []byte(text), 0o644)
		}
		if text != wantedSchema {
			t.Error("schema.txt is not what the migrations make: run go test ./store/postgres -run SchemaIsAsWritten -update")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
