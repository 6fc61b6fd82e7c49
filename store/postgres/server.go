package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// OldestServer is the oldest major version of the server that is taken: the one that the tests run on.
const OldestServer = 15

// meet looks at the server once, before anything rests on it. One that starts is waited for; one that cannot be reached is more
// likely to have another name than to come back.
func (s *Store) meet(ctx context.Context) error {
	var absent error
	err := s.again(ctx, "open", func() error {
		conn, err := s.pool.Acquire(ctx)
		if err != nil && lost(err) {
			absent = fmt.Errorf("connect: %s", strings.NewReplacer("\n\t", " ", "\n", " ").Replace(err.Error()))
			return nil
		}
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		defer conn.Release()
		r := &reading{ctx: ctx, query: asks(conn.Conn())}
		if err := s.judge(r); err != nil {
			return err
		}
		return s.refuseNewer(r)
	})
	return errors.Join(err, absent)
}

// judge refuses a server that cannot keep what it promises.
func (s *Store) judge(r *reading) error {
	type server struct {
		version            int64
		fsync, synchronous string
		replica            bool
	}
	is, _, err := first(r, func(rows *row, is *server) error {
		return rows.Scan(&is.version, &is.fsync, &is.synchronous, (*storedFlag)(&is.replica))
	}, `SELECT current_setting('server_version_num')::bigint, current_setting('fsync'), current_setting('synchronous_commit'), pg_is_in_recovery()`)
	switch {
	case err != nil:
		return fmt.Errorf("look at the server: %w", err)
	case is.version/10000 < OldestServer:
		return fmt.Errorf("the server is PostgreSQL %d, tieout needs %d or later", is.version/10000, OldestServer)
	case is.fsync != "on":
		return fmt.Errorf("the server runs with fsync=%s: a power cut would take what it acknowledged; set fsync=on", is.fsync)
	case is.replica:
		return fmt.Errorf("the server is a replica or still recovers: it takes no changes; connect to the primary")
	}
	if is.synchronous == "off" && s.options.Warn != nil {
		s.options.Warn("the database acknowledges before it has written (synchronous_commit=off): a crash of the server may take the last moments with it")
	}
	return nil
}
