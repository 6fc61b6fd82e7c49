package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"hash"
	"maps"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// change is a write transaction of one entity. Its statements run without the caller's cancellation, which would cost a
// goroutine each; long work asks [change.cancelled] now and then.
type change struct {
	reading
	caller   context.Context
	w        *writer
	act      store.Act
	verb     string
	counters map[string]counter // by noun
	objects  map[string]*object
	order    []string // nouns of objects as they came
	closed   recon.Date
	closedOK bool
	trusting bool // attempts spare their savepoint, and the first failure ends the change
}

// counter gives out the ids of a noun.
type counter struct{ last, stored int64 }

// object sums up what a change did to things of one noun, for the audit.
type object struct {
	first, last string
	count       int
	became      hash.Hash
	line        []byte
}

// errNothing ends a change that found nothing to do: it leaves no trace, an audit row neither.
var errNothing = errors.New("nothing changed")

// beginAttempts bounds how often a transaction that finds the database busy is begun again; each waits busyTimeout.
const beginAttempts = 3

// change runs do in one transaction and ends it with its audit row.
func (s *Store) change(ctx context.Context, act store.Act, entity, verb string, do func(*change) error) error {
	c, done, err := s.turn(ctx, &change{act: act, verb: verb}, entity)
	if err != nil {
		return err
	}
	defer done()
	err = c.run(do)
	switch {
	case errors.Is(err, errNothing):
		return nil
	case closedPeriod(err):
		return fmt.Errorf("%s: %w: %w", verb, store.ErrClosed, err)
	case err != nil:
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}

// turn waits until the writer is free and makes a change of an entity ready for it.
func (s *Store) turn(ctx context.Context, c *change, entity string) (_ *change, done func(), err error) {
	select {
	case <-s.writer.turn:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	c.caller, c.w, c.counters, c.objects = ctx, s.writer, map[string]counter{}, map[string]*object{}
	c.reading = reading{ctx: context.WithoutCancel(ctx), entity: entity, query: c.ask}
	return c, func() { s.writer.turn <- struct{}{} }, nil
}

// unaudited runs do in one transaction that leaves no audit row: for what is no business fact, such as when a session was last seen.
func (s *Store) unaudited(ctx context.Context, verb string, do func(*change) error) error {
	return s.coordinate(ctx, store.House, verb, do)
}

// coordinate is unaudited about one entity: what coordinates workers is no part of its books.
func (s *Store) coordinate(ctx context.Context, entity, verb string, do func(*change) error) error {
	c, done, err := s.turn(ctx, &change{verb: verb}, entity)
	if err != nil {
		return err
	}
	defer done()
	if err := c.begin(); err != nil {
		return fmt.Errorf("%s: begin: %w", verb, err)
	}
	if err := do(c); err != nil {
		c.w.conn.ExecContext(c.ctx, "ROLLBACK")
		return fmt.Errorf("%s: %w", verb, err)
	}
	if _, err := c.exec("COMMIT"); err != nil {
		c.w.conn.ExecContext(c.ctx, "ROLLBACK")
		return fmt.Errorf("%s: commit: %w", verb, err)
	}
	return nil
}

func (c *change) run(do func(*change) error) (err error) {
	if err := c.begin(); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	committed := false
	defer func() {
		if !committed {
			c.w.conn.ExecContext(c.ctx, "ROLLBACK")
		}
	}()
	if err := c.approve(); err != nil {
		return err
	}
	if err := c.standFast(); err != nil {
		return err
	}
	if err := do(c); err != nil {
		return err
	}
	if err := c.saveCounters(); err != nil {
		return err
	}
	seq, hash, err := c.audit()
	if err != nil {
		return err
	}
	if err := c.cancelled(); err != nil {
		return err
	}
	if _, err := c.exec("COMMIT"); err != nil {
		return c.readBack(seq, hash, err, &committed)
	}
	committed = true
	return nil
}

func (c *change) begin() (err error) {
	for range beginAttempts {
		if _, err = c.exec("BEGIN IMMEDIATE"); !busy(err) || c.caller.Err() != nil {
			return err
		}
	}
	return err
}

// readBack asks what became of a COMMIT whose answer was an error: its audit row stands or not.
func (c *change) readBack(seq int64, hash []byte, failed error, committed *bool) error {
	c.w.conn.ExecContext(c.ctx, "ROLLBACK")
	*committed = true // or rolled back: either way nothing is open any more
	stored, found, err := first(&c.reading, func(rows *sql.Rows, h *[]byte) error { return rows.Scan(h) },
		`SELECT hash FROM audit WHERE entity_id = ? AND seq = ?`, c.entity, seq)
	if err != nil {
		return fmt.Errorf("commit, outcome unknown: %w", errors.Join(failed, err))
	}
	if found && string(stored) == string(hash) {
		return nil
	}
	return fmt.Errorf("commit: %w", failed)
}

// cancelled returns why the caller gave up, nil while it waits.
func (c *change) cancelled() error { return c.caller.Err() }

func (c *change) ask(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s, err := c.w.statement(text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// exec runs a statement and returns how many rows it changed.
func (c *change) exec(text string, args ...any) (int64, error) {
	s, err := c.w.statement(text)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(c.ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// must runs a statement that has to change exactly one row; otherwise it fails with the error given.
func (c *change) must(otherwise error, text string, args ...any) error {
	n, err := c.exec(text, args...)
	switch {
	case err != nil:
		return err
	case n != 1:
		return otherwise
	}
	return nil
}

// errUnfit ends a trusting change at its first failed attempt.
var errUnfit = errors.New("does not fit what is stored")

// attempt runs do so that a failure leaves the transaction as it was before, the ids it took included. A trusting change
// spares the savepoint and cannot go on after a failure.
func (c *change) attempt(do func() error) error {
	if c.trusting {
		if err := do(); err != nil {
			return fmt.Errorf("%w: %w", errUnfit, err)
		}
		return nil
	}
	counters := maps.Clone(c.counters)
	if _, err := c.exec("SAVEPOINT attempt"); err != nil {
		return err
	}
	failed := do()
	if failed != nil {
		if _, err := c.exec("ROLLBACK TO attempt"); err != nil {
			return errors.Join(failed, err)
		}
		c.counters = counters
	}
	if _, err := c.exec("RELEASE attempt"); err != nil {
		return errors.Join(failed, err)
	}
	return failed
}

// ids takes n ids of a noun and returns the first of them. They count from 1 without gaps within an entity.
func (c *change) ids(noun string, n int) (int64, error) {
	k, loaded := c.counters[noun]
	if !loaded {
		last, err := c.number(`SELECT last FROM counters WHERE entity_id = ? AND noun = ?`, c.entity, noun)
		if err != nil {
			return 0, err
		}
		k = counter{last: last, stored: last}
	}
	k.last += int64(n)
	c.counters[noun] = k
	return k.last - int64(n) + 1, nil
}

func (c *change) saveCounters() error {
	for _, noun := range nouns {
		k := c.counters[noun]
		if k.last == k.stored {
			continue
		}
		if _, err := c.exec(`INSERT INTO counters (entity_id, noun, last) VALUES (?, ?, ?)
			ON CONFLICT (entity_id, noun) DO UPDATE SET last = excluded.last`, c.entity, noun, k.last); err != nil {
			return err
		}
	}
	return nil
}

// Nouns with ids of their own. Receipts recorded by hand take theirs from the entries, so that one id means one receipt.
const (
	nounFile        = "file"
	nounStatement   = "statement"
	nounEntry       = "entry"
	nounItem        = "item"
	nounImport      = "import"
	nounDecision    = "decision"
	nounApplication = "application"
	nounRun         = "run"
	nounExport      = "export"
	nounPerson      = "person"
	nounToken       = "token"
	nounEvent       = "event"
	nounApproval    = "approval"
	nounAlias       = "alias"
	nounMessage     = "message"
)

var nouns = [...]string{nounFile, nounStatement, nounEntry, nounItem, nounImport, nounDecision, nounApplication, nounRun, nounExport,
	nounPerson, nounToken, nounEvent, nounApproval, nounAlias, nounMessage}

// openDay returns the day on which an effect of the booking day counts: that day, or the first open day if it is closed.
func (c *change) openDay(booked recon.Date) (recon.Date, error) {
	if !c.closedOK {
		until, err := c.closedUntil()
		if err != nil {
			return 0, err
		}
		c.closed, c.closedOK = until, true
	}
	if booked <= c.closed {
		return c.closed.AddDays(1), nil
	}
	return booked, nil
}

// became notes for the audit what a thing is after this change.
func (c *change) became(noun, id string, values ...any) {
	o := c.objects[noun]
	if o == nil {
		o = &object{first: id, became: sha256.New()}
		c.objects[noun] = o
		c.order = append(c.order, noun)
	}
	o.last = id
	o.count++
	o.line = appendValue(o.line[:0], id)
	for _, v := range values {
		o.line = appendValue(o.line, v)
	}
	o.became.Write(append(o.line, '\n'))
}
