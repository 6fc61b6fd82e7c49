package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// change is a write transaction of one entity.
type change struct {
	reading
	conn     *pgx.Conn
	store    *Store
	act      store.Act
	verb     string
	counters map[string]counter // by noun
	objects  map[string]*object
	order    []string // nouns of objects as they came
	closed   recon.Date
	closedOK bool
	trusting bool       // attempts spare their savepoint, and the first failure ends the change
	copying  chan error // gets the end of the COPY under way; nil while there is none
	failed   error      // of a COPY; the change cannot go on after it
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

// turn is what a change of an entity waits for before it looks at anything.
type turn string

// Turns. They are rows of the table counters beside those of the nouns.
const (
	books turn = "books" // all that moves money, and all small changes
	bank  turn = "bank"  // storing what became of a bank file: it only adds, and may take long
	none  turn = ""
)

// change runs do in one transaction and ends it with its audit row. do may run several times: it sets anew whatever it
// leaves outside.
func (s *Store) change(ctx context.Context, act store.Act, entity, verb string, do func(*change) error) error {
	return s.changeIn(ctx, books, act, entity, verb, do)
}

func (s *Store) changeIn(ctx context.Context, t turn, act store.Act, entity, verb string, do func(*change) error) error {
	err := s.again(ctx, verb, func() error {
		return s.transaction(ctx, entity, func(c *change) error {
			c.act, c.verb = act, verb
			return c.run(t, do)
		})
	})
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

// unaudited runs do in one transaction that leaves no audit row: for what is no business fact, such as when a session was last seen.
func (s *Store) unaudited(ctx context.Context, verb string, do func(*change) error) error {
	return s.coordinate(ctx, store.House, verb, do)
}

// coordinate is unaudited about one entity: what coordinates workers is no part of its books.
func (s *Store) coordinate(ctx context.Context, entity, verb string, do func(*change) error) error {
	err := s.again(ctx, verb, func() error {
		return s.transaction(ctx, entity, func(c *change) error {
			if err := c.begin(none); err != nil {
				return fmt.Errorf("begin: %w", err)
			}
			if err := do(c); err != nil {
				return err
			}
			_, err := c.exec("COMMIT")
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}

// transaction lends do a connection, and ends on it whatever do left open.
func (s *Store) transaction(ctx context.Context, entity string, do func(*change) error) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Release()
	c := &change{conn: conn.Conn(), store: s, counters: map[string]counter{}, objects: map[string]*object{}}
	c.reading = reading{ctx: ctx, entity: entity, query: c.ask}
	defer end(c.conn)
	defer c.settle()
	return broken(ctx, c.conn, do(c))
}

func (c *change) run(t turn, do func(*change) error) (err error) {
	if err := c.begin(t); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := errors.Join(c.fenced(), c.standFast()); err != nil {
		return err
	}
	if err := c.approve(); err != nil {
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
	return c.commit(seq, hash)
}

// Patience of changes. A lock that does not come, or a process that stands still with its locks, must not stop the others.
const (
	lockPatience     = 10 * time.Second // for a lock
	idlePatience     = 60 * time.Second // between two statements of a transaction, before the server ends it
	commitPatience   = 60 * time.Second // for the answer of COMMIT, and for its reading back
	rollbackPatience = 5 * time.Second
)

// begin begins the transaction and waits for its turn. The settings end with the transaction.
func (c *change) begin(t turn) error {
	settings := fmt.Sprintf("BEGIN; SET LOCAL lock_timeout = %d; SET LOCAL idle_in_transaction_session_timeout = %d; SET LOCAL work_mem = '%dMB'; %s",
		lockPatience.Milliseconds(), idlePatience.Milliseconds(), workMemory, byKey)
	if _, err := c.conn.PgConn().Exec(c.ctx, settings).ReadAll(); err != nil {
		return err
	}
	if t == none {
		return nil
	}
	return c.await(t)
}

// await waits for a turn, which the change has until it ends.
func (c *change) await(t turn) error {
	_, err := c.exec(`INSERT INTO counters AS k (entity_id, noun, last) VALUES (?, ?, 0) ON CONFLICT (entity_id, noun) DO UPDATE SET last = k.last`,
		c.entity, string(t))
	return err
}

// byKey has the planner look rows up one by one. A table that grew within the run has no statistics yet, and what is asked about a few
// thousand rows of it by their keys would be answered by reading all of it.
const byKey = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"

// workMemory is what a statement of a change may use, in MiB: the rows that a COPY brought are looked at once more by triggers.
const workMemory = 32

// commit ends the change. The caller's patience counts until COMMIT is sent, and no longer.
func (c *change) commit(seq int64, hash []byte) error {
	if err := errors.Join(c.settle(), c.cancelled()); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), commitPatience)
	defer cancel()
	tag, err := c.conn.Exec(ctx, "COMMIT")
	switch {
	case err == nil && tag.String() == "COMMIT":
		return nil
	case err == nil: // the server rolls back what failed before
		return fmt.Errorf("commit: the server says %s", tag)
	case code(err) != "": // the server refused, and said so
		return fmt.Errorf("commit: %w", err)
	}
	return c.store.readBack(ctx, c.entity, seq, hash, broken(c.ctx, c.conn, err))
}

// readBack asks what became of a COMMIT without an answer: its audit row stands or not. The transaction may still be under way on
// the server; it holds the audit's counter, so that this waits for its end.
func (s *Store) readBack(ctx context.Context, entity string, seq int64, hash []byte, failed error) error {
	var stands bool
	err := s.again(ctx, "read back", func() error {
		return s.transaction(ctx, entity, func(c *change) error {
			if err := c.begin(none); err != nil {
				return err
			}
			if _, err := c.number(`SELECT last FROM counters WHERE entity_id = ? AND noun = ? FOR UPDATE`, entity, nounAudit); err != nil {
				return err
			}
			stored, found, err := first(&c.reading, func(rows *row, h *[]byte) error { return rows.Scan(h) },
				`SELECT hash FROM audit WHERE entity_id = ? AND seq = ?`, entity, seq)
			stands = found && string(stored) == string(hash)
			return err
		})
	})
	switch {
	case err != nil:
		return fmt.Errorf("commit, outcome unknown: %w", errors.Join(errUnknown, err))
	case stands:
		return nil
	}
	return fmt.Errorf("commit: %w", failed)
}

// errUnknown is of a COMMIT whose outcome nobody could tell. It is never tried again.
var errUnknown = errors.New("the server did not answer, and could not be asked")

// cancelled returns why the caller gave up, nil while it waits.
func (c *change) cancelled() error { return c.ctx.Err() }

func (c *change) ask(ctx context.Context, text string, args ...any) (answer, error) {
	if err := c.settle(); err != nil {
		return nil, err
	}
	rows, err := c.conn.Query(ctx, numbered(text), args...)
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// exec runs a statement and returns how many rows it changed.
func (c *change) exec(text string, args ...any) (int64, error) {
	if err := c.settle(); err != nil {
		return 0, err
	}
	tag, err := c.conn.Exec(c.ctx, numbered(text), args...)
	return tag.RowsAffected(), err
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
