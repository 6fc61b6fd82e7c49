package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// frozen is one state of the database, seen by several connections: each answers one question at a time, and who asks while
// an answer is still read gets another one. All but the first are connections of their own, so that views never wait for each
// other's.
type frozen struct {
	store    *Store
	first    *pgxpool.Conn
	snapshot string // the server's name of the state
	turn     sync.Mutex
	free     []*pgx.Conn
	others   []*pgx.Conn
}

// freeze begins to look at the database as it is now.
func (s *Store) freeze(ctx context.Context) (f *frozen, err error) {
	err = s.again(ctx, "read", func() error {
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		f = &frozen{store: s, first: conn, free: []*pgx.Conn{conn.Conn()}}
		results, err := conn.Conn().PgConn().Exec(ctx, beginReading+"; SELECT pg_export_snapshot()").ReadAll()
		if err != nil {
			err = broken(ctx, conn.Conn(), err)
			f.close()
			return fmt.Errorf("begin reading: %w", err)
		}
		f.snapshot = string(results[1].Rows[0][0])
		return nil
	})
	return f, err
}

// ask sends a question over a connection that is free.
func (f *frozen) ask(ctx context.Context, text string, args ...any) (answer, error) {
	conn, err := f.take(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, numbered(text), args...)
	if err != nil {
		f.give(conn)
		return nil, err
	}
	return &lent{Rows: rows, back: func() { f.give(conn) }}, nil
}

func (f *frozen) take(ctx context.Context) (*pgx.Conn, error) {
	f.turn.Lock()
	if n := len(f.free); n > 0 {
		conn := f.free[n-1]
		f.free = f.free[:n-1]
		f.turn.Unlock()
		return conn, nil
	}
	f.turn.Unlock()
	conn, err := pgx.ConnectConfig(ctx, f.store.config.Copy())
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if _, err := conn.PgConn().Exec(ctx, beginReading+"; SET TRANSACTION SNAPSHOT '"+f.snapshot+"'").ReadAll(); err != nil {
		return nil, errors.Join(fmt.Errorf("look at the same state: %w", err), conn.Close(ctx))
	}
	f.turn.Lock()
	defer f.turn.Unlock()
	f.others = append(f.others, conn)
	return conn, nil
}

func (f *frozen) give(conn *pgx.Conn) {
	f.turn.Lock()
	defer f.turn.Unlock()
	f.free = append(f.free, conn)
}

// close ends all of it.
func (f *frozen) close() {
	for _, conn := range f.others {
		end(conn)
		_ = conn.Close(context.Background())
	}
	end(f.first.Conn())
	f.first.Release()
}

// lent is an answer that gives its connection back when it was read.
type lent struct {
	pgx.Rows
	back func()
	once sync.Once
}

func (l *lent) Close() {
	l.Rows.Close()
	l.once.Do(l.back)
}
