package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"time"
	"unique"

	"github.com/shopspring/decimal"

	"github.com/tieout/tieout/recon"
)

// reading answers questions about one entity on one consistent state: a read transaction, or the write transaction
// that is under way.
type reading struct {
	ctx    context.Context
	entity string
	query  func(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// read calls do within a read transaction.
func (s *Store) read(ctx context.Context, entity string, do func(*reading) error) error {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin reading: %w", err)
	}
	defer tx.Rollback()
	return do(&reading{ctx: ctx, entity: entity, query: tx.QueryContext})
}

// each calls row for every row of the answer.
func (r *reading) each(row func(*sql.Rows) error, text string, args ...any) error {
	rows, err := r.query(r.ctx, text, args...)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return fmt.Errorf("read row: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("query: %w", err)
	}
	return nil
}

// stream yields the rows of the answer one by one. scan sets every field that it ever sets: it finds those of the row before.
func stream[T any](r *reading, scan func(*sql.Rows, *T) error, text string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		stopped := false
		var one T
		err := r.each(func(rows *sql.Rows) error {
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
func collect[T any](r *reading, scan func(*sql.Rows, *T) error, text string, args ...any) (all []T, err error) {
	err = r.each(func(rows *sql.Rows) error {
		var one T
		if err := scan(rows, &one); err != nil {
			return err
		}
		all = append(all, one)
		return nil
	}, text, args...)
	return all, err
}

// first returns the first row of the answer, and false where there is none.
func first[T any](r *reading, scan func(*sql.Rows, *T) error, text string, args ...any) (one T, found bool, err error) {
	err = r.each(func(rows *sql.Rows) error {
		if found {
			return nil
		}
		found = true
		return scan(rows, &one)
	}, text, args...)
	return one, found, err
}

func scanNumber(rows *sql.Rows, n *int64) error { return rows.Scan(n) }

func scanText(rows *sql.Rows, s *string) error { return rows.Scan(s) }

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

// Destinations for values that are stored in another form than they are used. Pointers to the fields convert to them.

type (
	storedDay     recon.Date
	storedInt     int
	storedFlag    bool
	storedWord    string // one of few values: equal ones share their memory
	storedInstant time.Time
	storedList    []string

	storedFingerprint recon.Fingerprint
	storedDecimal     decimal.Decimal
)

func (d *storedDay) Scan(v any) error {
	n, err := storedNumber(v)
	*d = storedDay(n)
	return err
}

func (i *storedInt) Scan(v any) error {
	n, err := storedNumber(v)
	*i = storedInt(n)
	return err
}

func (f *storedFlag) Scan(v any) error {
	n, err := storedNumber(v)
	*f = n != 0
	return err
}

func (w *storedWord) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a word cannot be read from %T", v)
	}
	if string(*w) != s { // most are those of the row before
		*w = storedWord(unique.Make(s).Value())
	}
	return nil
}

// Scan reads microseconds; NULL is the zero time.
func (t *storedInstant) Scan(v any) error {
	if v == nil {
		*t = storedInstant{}
		return nil
	}
	n, err := storedNumber(v)
	*t = storedInstant(time.UnixMicro(n).UTC())
	return err
}

func (l *storedList) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a list cannot be read from %T", v)
	}
	*l = parted(s)
	return nil
}

func (f *storedFingerprint) Scan(v any) error {
	s, _ := v.(string)
	read, ok := recon.ParseFingerprint(s)
	if !ok {
		return fmt.Errorf("%q is no fingerprint that this program knows", s)
	}
	*f = storedFingerprint(read)
	return nil
}

func (d *storedDecimal) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a decimal cannot be read from %T", v)
	}
	if s == "0" {
		return nil
	}
	n, err := decimal.NewFromString(s)
	*d = storedDecimal(n)
	return err
}

func storedNumber(v any) (int64, error) {
	n, ok := v.(int64)
	if !ok {
		return 0, fmt.Errorf("a number cannot be read from %T", v)
	}
	return n, nil
}
