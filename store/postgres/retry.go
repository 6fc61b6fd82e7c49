package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Units are done again where the world failed and trying again may help. Each is one transaction, so nothing of a failed attempt is
// left: a COMMIT without an answer is read back before it counts as failed, see [change.readBack].

// How often a unit is begun, and how long the pauses between are: each twice the one before, at random between half and all of it.
// A server that restarts is back within them.
const (
	attempts     = 10
	firstPause   = 20 * time.Millisecond
	longestPause = 5 * time.Second
)

// conflictAttempts bounds what is done again because others were faster: each of these has waited for a lock before.
const conflictAttempts = 5

// again calls unit until it succeeds, fails for good, or has been tried often enough.
func (s *Store) again(ctx context.Context, verb string, unit func() error) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := unit()
		cause, most := passing(err)
		if cause == "" || ctx.Err() != nil {
			return err
		}
		if attempt >= most {
			return fmt.Errorf("after %d attempts: %w", attempt, err)
		}
		if s.options.Retried != nil {
			s.options.Retried(verb, cause)
		}
		select {
		case <-time.After(pause/2 + rand.N(pause/2)):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
		pause = min(2*pause, longestPause)
	}
}

// passing tells why an error may be gone at the next attempt ("" where it will not), and how many attempts are worth it.
func passing(err error) (cause string, most int) {
	if err == nil || errors.Is(err, errUnknown) {
		return "", 0
	}
	switch c := code(err); {
	case c == "40001" || c == "40P01" || c == "55P03" || c == "57014": // serialization, deadlock, lock timeout, statement timeout
		return c, conflictAttempts
	case c == "23505" && errors.Is(err, errUnfit): // the plan is stored in another way
		return "", 0
	case c == "23505": // somebody else wrote the row between our look and our writing
		return c, conflictAttempts
	case c == "57P01" || c == "57P02" || c == "57P03" || c == "25P03" || c == "53300": // the server stops, starts, or ended the transaction
		return c, attempts
	case strings.HasPrefix(c, "08"):
		return c, attempts
	case c != "":
		return "", 0
	}
	if lost(err) {
		return "connection", attempts
	}
	return "", 0
}

// lost reports that the connection to the server broke, or could not be made.
func lost(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, errClosed)
}

// broken marks an error that left no connection; the driver has various words for it.
func broken(ctx context.Context, conn *pgx.Conn, err error) error {
	if err != nil && conn.IsClosed() && code(err) == "" && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", errClosed, err)
	}
	return err
}

// errClosed is of a connection that is no more.
var errClosed = errors.New("the connection was lost")
