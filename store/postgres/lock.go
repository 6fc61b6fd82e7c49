package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tieout/tieout/store"
)

// DefaultLease is how long a pipeline lock outlives the last sign of life of its holder, on the database's clock.
const DefaultLease = 30 * time.Second

// LockPipeline takes the one pipeline lock of the database: a row that says who has it until when, by the database's clock. A
// holder that died is told by its connection, which is gone, or by its time being up. What a holder writes carries the token that
// it got with the lock: one that stood still for too long finds its changes refused with ErrLocked.
func (s *Store) LockPipeline(ctx context.Context) (release func() error, err error) {
	h := &holder{store: s, stop: make(chan struct{}), lease: s.options.Lease}
	if h.lease == 0 {
		h.lease = DefaultLease
	}
	if err := h.connect(ctx); err != nil {
		return nil, fmt.Errorf("pipeline lock: %w", err)
	}
	token, found, err := h.take(ctx)
	if err != nil || !found {
		h.conn.Close(ctx)
		if err != nil {
			return nil, fmt.Errorf("pipeline lock: %w", err)
		}
		return nil, store.ErrLocked
	}
	h.token = token
	s.fence.Store(token)
	h.beating.Go(h.beat)
	return h.release, nil
}

// holder keeps a pipeline lock alive.
type holder struct {
	store   *Store
	conn    *pgx.Conn // its own: while it lives, so does the holder
	lease   time.Duration
	token   int64
	stop    chan struct{}
	beating sync.WaitGroup
}

func (h *holder) connect(ctx context.Context) (err error) {
	h.conn, err = pgx.ConnectConfig(ctx, h.store.config.Copy())
	return err
}

// Pieces of statements about the row l of the lock, in microseconds of the database's clock.
const (
	clock  = `(extract(epoch FROM clock_timestamp()) * 1000000)::bigint`
	myself = `(SELECT (extract(epoch FROM a.backend_start) * 1000000)::bigint FROM pg_stat_activity AS a WHERE a.pid = pg_backend_pid())`
	// alive: the connection of the holder is still there. Of other users' connections nobody may see when they began.
	alive = `EXISTS (SELECT 1 FROM pg_stat_activity AS a WHERE a.pid = l.pid
		AND coalesce((extract(epoch FROM a.backend_start) * 1000000)::bigint = l.started, true))`
)

// take takes the lock where nobody has it. A change of the former holder that is under way holds its row: it is waited for by
// whoever tries again.
func (h *holder) take(ctx context.Context) (token int64, found bool, err error) {
	if _, err := h.conn.Exec(ctx, `INSERT INTO pipeline_lock (entity_id, token, until, pid, started) VALUES ('', 0, 0, 0, 0) ON CONFLICT (entity_id) DO NOTHING`); err != nil {
		return 0, false, err
	}
	r := &reading{ctx: ctx, query: asks(h.conn)}
	return first(r, scanNumber, `UPDATE pipeline_lock SET token = token + 1, until = `+clock+` + ?, pid = pg_backend_pid(), started = `+myself+`
		WHERE entity_id = (SELECT l.entity_id FROM pipeline_lock AS l WHERE l.entity_id = '' AND (l.until < `+clock+` OR NOT `+alive+`) FOR UPDATE SKIP LOCKED)
		RETURNING token`, h.lease.Microseconds())
}

// beat prolongs the lease until it is told to stop, or the lock is somebody else's.
func (h *holder) beat() {
	for {
		select {
		case <-h.stop:
			return
		case <-time.After(h.lease / 4):
		}
		if held, err := h.prolong(); err == nil && !held {
			return
		}
	}
}

func (h *holder) prolong() (held bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), h.lease/4)
	defer cancel()
	if h.conn.IsClosed() {
		if err := h.connect(ctx); err != nil {
			return false, err
		}
	}
	tag, err := h.conn.Exec(ctx, numbered(`UPDATE pipeline_lock SET until = `+clock+` + ?, pid = pg_backend_pid(), started = `+myself+`
		WHERE entity_id = '' AND token = ?`), h.lease.Microseconds(), h.token)
	return tag.RowsAffected() == 1, err
}

// release gives the lock back. Losing it before is no failure: what was written under it was fenced.
func (h *holder) release() error {
	close(h.stop)
	h.beating.Wait()
	h.store.fence.CompareAndSwap(h.token, 0)
	ctx, cancel := context.WithTimeout(context.Background(), rollbackPatience)
	defer cancel()
	if h.conn.IsClosed() {
		return nil // it ends by itself
	}
	_, err := h.conn.Exec(ctx, numbered(`UPDATE pipeline_lock SET until = 0 WHERE entity_id = '' AND token = ?`), h.token)
	if err = errors.Join(err, h.conn.Close(ctx)); err != nil {
		return fmt.Errorf("release the pipeline lock: %w", err)
	}
	return nil
}

// fenced refuses a change of the pipeline whose lock is somebody else's by now. Who takes the lock waits until the change is over.
func (c *change) fenced() error {
	token := c.store.fence.Load()
	if token == 0 {
		return nil
	}
	held, err := c.number(`SELECT token FROM pipeline_lock WHERE entity_id = '' FOR KEY SHARE`)
	if err == nil && held != token {
		err = fmt.Errorf("the pipeline was taken over: %w", store.ErrLocked)
	}
	return err
}

// LockWorker takes nothing: a server has room for any number of workers.
func (s *Store) LockWorker(context.Context) (release func() error, err error) {
	return func() error { return nil }, nil
}
