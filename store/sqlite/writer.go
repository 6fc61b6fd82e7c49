package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// writer is the one connection that changes the database.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	turn  chan struct{} // holds one token: who has it writes
	known map[string]*sql.Stmt
}

func openWriter(ctx context.Context, path string) (*writer, error) {
	db, err := sql.Open("sqlite", source(path, whenNeeded, "journal_mode(wal)", "synchronous(full)", fmt.Sprintf("cache_size(-%d)", cacheSize), "journal_size_limit(67108864)", "wal_autocheckpoint(8192)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := connect(ctx, db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	w := &writer{db: db, conn: conn, turn: make(chan struct{}, 1), known: map[string]*sql.Stmt{}}
	w.turn <- struct{}{}
	return w, nil
}

// Sizes of the page cache in KiB. Bulk loads write far more than any cache holds and gain nothing from a large one; a page
// takes about twice its size in memory.
const (
	cacheSize     = 32 << 10
	bulkCacheSize = 12 << 10
)

// loadBulk makes the page cache small until the function it returns is called.
func (c *change) loadBulk() (done func() error, err error) {
	resize := func(size int) error {
		_, err := c.w.conn.ExecContext(c.ctx, fmt.Sprintf("PRAGMA cache_size = -%d", size))
		return err
	}
	return func() error { return resize(cacheSize) }, resize(bulkCacheSize)
}

// How often, and after which pause, a connection is tried again while another process makes the same new file ready:
// SQLite does not wait by itself when a file changes to WAL.
const (
	connectAttempts = 50
	connectPause    = 20 * time.Millisecond
)

func connect(ctx context.Context, db *sql.DB) (conn *sql.Conn, err error) {
	for range connectAttempts {
		if conn, err = db.Conn(ctx); !busy(err) {
			return conn, err
		}
		select {
		case <-time.After(connectPause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return nil, err
}

func (w *writer) close() error {
	<-w.turn
	for _, statement := range w.known {
		statement.Close()
	}
	return errors.Join(w.conn.Close(), w.db.Close())
}

// statement prepares a text once for the life of the connection.
func (w *writer) statement(text string) (*sql.Stmt, error) {
	if s := w.known[text]; s != nil {
		return s, nil
	}
	s, err := w.conn.PrepareContext(context.Background(), text)
	if err != nil {
		return nil, err
	}
	w.known[text] = s
	return s, nil
}
