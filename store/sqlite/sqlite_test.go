package sqlite_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
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

// raw opens the file past the store, as somebody with the file in hands does.
func raw(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func run(t testing.TB, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestConformance(t *testing.T) { storetest.Run(t, open) }

func TestClosedPeriod(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tieout.db")
	s := openAt(t, path)
	db := raw(t, path)
	storetest.Closed(t, s)
	for _, statement := range []string{
		`INSERT INTO application SELECT entity_id, 99, source_kind, source_id, receipt, item, kind, amount, tax, currency, customer, 20260331, original_day, recorded,
			reason, actor, decision, 0, ledger, order_number, note, source_amount, source_currency FROM application WHERE id = 2`,
		`INSERT INTO item_start VALUES ('acme', 1, 9, 5, 20260331, 0)`,
		`INSERT INTO entry SELECT entity_id, 99, statement, account_id, 'v1:closed', occurrence, class, ledger, recorded, 20260331, amount, currency, booked, value_day, status,
			reversal, bank_reference, entry_reference, batch, payer_name, payer_account, ultimate, structured, document_numbers, end_to_end_id, mandate_id, transaction_id, text, lines,
			additional, bank_code, purpose, original, original_currency, charges, charge_bearer, cheque, return_reason, original_end_to_end, whole, place FROM entry WHERE id = 1`,
	} {
		if _, err := db.Exec(statement); err == nil || !strings.Contains(err.Error(), "books are closed") {
			t.Errorf("%.40s: got %v, want it refused", statement, err)
		}
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tieout.db")
	openAt(t, path)
	run(t, raw(t, path), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
	_, err := sqlite.Open(t.Context(), path)
	if err == nil || !strings.Contains(err.Error(), "version 99") || strings.Contains(err.Error(), "\n") {
		t.Fatalf("got %v, want one line that names the version", err)
	}
}

func TestFolderIsMissing(t *testing.T) {
	_, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "nowhere", "tieout.db"))
	if err == nil || !strings.Contains(err.Error(), "nowhere") || strings.Contains(err.Error(), "\n") {
		t.Fatalf("got %v, want one line that names the folder", err)
	}
}

func TestOddPaths(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?c%20#d.db")
	storetest.Fill(t, openAt(t, path))
	storetest.Prove(t, openAt(t, path))
	if files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.db")); err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
}

func TestMigratedByManyAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tieout.db")
	done := make(chan error)
	for range 4 {
		go func() {
			s, err := sqlite.Open(t.Context(), path)
			if err == nil {
				err = errors.Join(s.Migrate(t.Context()), s.Close())
			}
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	storetest.Fill(t, openAt(t, path))
}

func TestTwoHandlesOnOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tieout.db")
	one, two := openAt(t, path), openAt(t, path)
	entity := storetest.Fill(t, one)
	done := make(chan error)
	for n, s := range []*sqlite.Store{one, two} {
		go func() {
			var failed error
			for k := range 20 {
				if err := s.SaveRules(t.Context(), store.Act{Actor: "engine"}, entity, string(rune('a'+n))+string(rune('a'+k)), "text"); err != nil {
					failed = err
				}
			}
			done <- failed
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	storetest.Prove(t, two)
}

func BenchmarkNight(b *testing.B) { storetest.Benchmark(b, open) }

func BenchmarkQueue(b *testing.B) { storetest.BenchmarkQueue(b, open) }

func TestAFileHasRoomForOneWorker(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tieout.db")
	release, err := openAt(t, path).LockWorker(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other := openAt(t, path)
	if _, err := other.LockWorker(t.Context()); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a second worker: %v", err)
	}
	if pipeline, err := other.LockPipeline(t.Context()); err != nil || pipeline() != nil {
		t.Errorf("a run beside an idle worker: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if release, err = other.LockWorker(t.Context()); err != nil || release() != nil {
		t.Errorf("after the first has gone: %v", err)
	}
}

// A copy taken while somebody writes is a whole database with whole transactions.
func TestBackup(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, filepath.Join(dir, "tieout.db"))
	storetest.Fill(t, s)
	copied := filepath.Join(dir, "copy.db")
	if err := s.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	storetest.Prove(t, openAt(t, copied))
	if err := s.Backup(t.Context(), copied); err == nil {
		t.Error("a backup was written over another one")
	}
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy may be read by others: %v %v", info.Mode(), err)
	}
}
