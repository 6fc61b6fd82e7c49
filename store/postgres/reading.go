package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/tieout/tieout/recon"
)

// reading answers questions about one entity on one consistent state: a read transaction, or the write transaction
// that is under way.
type reading struct {
	ctx    context.Context
	entity string
	query  func(ctx context.Context, text string, args ...any) (answer, error)
}

// answer is what the server sends, row by row.
type answer interface {
	Next() bool
	RawValues() [][]byte
	Err() error
	Close()
}

// read calls do within a read transaction, and again where the connection was lost.
func (s *Store) read(ctx context.Context, entity string, do func(*reading) error) error {
	return s.again(ctx, "read", func() error {
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		defer conn.Release()
		if _, err := conn.Conn().PgConn().Exec(ctx, beginReading).ReadAll(); err != nil {
			return fmt.Errorf("begin reading: %w", broken(ctx, conn.Conn(), err))
		}
		defer end(conn.Conn())
		return broken(ctx, conn.Conn(), do(&reading{ctx: ctx, entity: entity, query: asks(conn.Conn())}))
	})
}

const beginReading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

// end ends a transaction that has nothing to keep. What fails here leaves a connection that the pool throws away.
func end(conn *pgx.Conn) {
	if conn.PgConn().TxStatus() == 'I' || conn.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), rollbackPatience)
	defer cancel()
	_, _ = conn.PgConn().Exec(ctx, "ROLLBACK").ReadAll()
}

// asks sends queries on one connection, which answers one at a time.
func asks(conn *pgx.Conn) func(context.Context, string, ...any) (answer, error) {
	return func(ctx context.Context, text string, args ...any) (answer, error) {
		return conn.Query(ctx, numbered(text), args...)
	}
}

// each calls row for every row of the answer.
func (r *reading) each(visit func(*row) error, text string, args ...any) error {
	rows, err := r.query(r.ctx, text, args...)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	defer rows.Close()
	one := row{answer: rows}
	for rows.Next() {
		if err := visit(&one); err != nil {
			return fmt.Errorf("read row: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("query: %w", err)
	}
	return nil
}

// stream yields the rows of the answer one by one. scan sets every field that it ever sets: it finds those of the row before.
func stream[T any](r *reading, scan func(*row, *T) error, text string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		stopped := false
		var one T
		err := r.each(func(rows *row) error {
			if err := scan(rows, &one); err != nil {
				return err
			}
			if !yield(one, nil) {
				stopped = true
				return errStopped
			}
			return nil
		}, text, args...)
		if err != nil && !stopped {
			var none T
			yield(none, err)
		}
	}
}

var errStopped = fmt.Errorf("stopped by the reader")

// collect returns all rows of the answer, nil where there are none.
func collect[T any](r *reading, scan func(*row, *T) error, text string, args ...any) (all []T, err error) {
	err = r.each(func(rows *row) error {
		all = append(all, *new(T))
		return scan(rows, &all[len(all)-1])
	}, text, args...)
	return all, err
}

// first returns the first row of the answer, and false where there is none.
func first[T any](r *reading, scan func(*row, *T) error, text string, args ...any) (one T, found bool, err error) {
	err = r.each(func(rows *row) error {
		if found {
			return nil
		}
		found = true
		return scan(rows, &one)
	}, text, args...)
	return one, found, err
}

func scanNumber(rows *row, n *int64) error { return rows.Scan(n) }

func scanText(rows *row, s *string) error { return rows.Scan(s) }

// number returns the single number that a query asks for.
func (r *reading) number(text string, args ...any) (int64, error) {
	n, _, err := first(r, scanNumber, text, args...)
	return n, err
}

// closedUntil is the last closed day, 0 where no period is closed.
func (r *reading) closedUntil() (recon.Date, error) {
	until, err := r.number(`SELECT coalesce(max(until), 0) FROM period_close WHERE entity_id = ?`, r.entity)
	return recon.Date(until), err
}
