// Package sqlite keeps the books in one SQLite file, without cgo. It is the embedded engine behind [store.Store].
//
// All writing goes through one connection: each changing method is one BEGIN IMMEDIATE transaction that ends with
// one audit row. Reading goes through a few connections of its own that see the last committed state and wait for
// nobody. The file is in WAL mode with synchronous=FULL, so that what was acknowledged survives a power cut.
//
// Words: a *change* is a write transaction, a *reading* is a read transaction, a *batch* writes many rows of one
// table with few statements.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Store is a database in one file.
type Store struct {
	path    string
	writer  *writer
	readers *sql.DB
}

var _ store.Store = (*Store)(nil)

// readConnections is how many reports may be read side by side.
const readConnections = 4

// busyTimeout is how long a statement waits for another process that writes.
const busyTimeout = 10 * time.Second

// Open opens the database in the file path and creates it where there is none; [Store.Migrate] gives it its schema. A
// file on a network and a schema newer than this program are refused.
func Open(ctx context.Context, path string) (*Store, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	if err := errors.Join(refuseNetwork(filepath.Dir(absolute)), registerFold()); err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	w, err := openWriter(ctx, absolute)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	s := &Store{path: absolute, writer: w}
	if err := s.openReaders(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), s.Close())
	}
	return s, nil
}

func (s *Store) openReaders(ctx context.Context) (err error) {
	if s.readers, err = sql.Open("sqlite", source(s.path, whenNeeded, "cache_size(-8192)", "query_only(1)")); err != nil {
		return err
	}
	s.readers.SetMaxOpenConns(readConnections)
	return refuseNewer(ctx, s.readers)
}

// How the transactions of a handle begin.
const (
	whenNeeded = "deferred"  // a reading takes no lock
	atOnce     = "immediate" // a migration waits for its turn before it looks
)

// source is the driver's name of the database with the settings of its connections.
func source(path, begin string, pragmas ...string) string {
	settings := url.Values{"_txlock": {begin}}
	settings.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()))
	for _, pragma := range append([]string{"foreign_keys(1)", "recursive_triggers(1)", "temp_store(memory)"}, pragmas...) {
		settings.Add("_pragma", pragma)
	}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: settings.Encode()}).String()
}

// Close ends all connections.
func (s *Store) Close() error {
	var errs []error
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	return errors.Join(append(errs, s.writer.close())...)
}

// constraint tells which kind of constraint a statement broke.
func constraint(err error, codes ...int) bool {
	var failed *sqlite.Error
	if !errors.As(err, &failed) {
		return false
	}
	for _, code := range codes {
		if failed.Code() == code {
			return true
		}
	}
	return false
}

func clashes(err error) bool {
	return constraint(err, sqlitelib.SQLITE_CONSTRAINT_UNIQUE, sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY)
}

func checkFails(err error) bool { return constraint(err, sqlitelib.SQLITE_CONSTRAINT_CHECK) }

func busy(err error) bool {
	var failed *sqlite.Error
	return errors.As(err, &failed) && failed.Code()&0xff == sqlitelib.SQLITE_BUSY
}

// closedPeriod reports that a trigger refused an effect on a closed day.
func closedPeriod(err error) bool {
	return constraint(err, sqlitelib.SQLITE_CONSTRAINT_TRIGGER) && strings.Contains(err.Error(), "books are closed")
}

// Values as they are stored.

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func instant(t time.Time) int64 { return t.UnixMicro() }

func day(d recon.Date) int64 { return int64(d) }

// listEnd ends each text of a stored list; readers refuse control characters, so that no text holds it.
const listEnd = "\x1f"

func joined(texts []string) string {
	switch len(texts) {
	case 0:
		return ""
	case 1:
		return texts[0] + listEnd
	}
	return strings.Join(texts, listEnd) + listEnd
}

func parted(stored string) []string {
	if stored == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(stored, listEnd), listEnd)
}
