package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"go.uber.org/zap"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Bounds of reading one file: how often it is tried when reading it stops the program or takes for ever, and what for ever is.
const (
	readAttempts = 3
	readDeadline = time.Hour
)

// attempt settles a file that has no outcome yet, or that was refused and may be mended by now. A file that stops the program is
// tried a few times and then put aside, so that the others go on.
func (p *Pipeline) attempt(ctx context.Context, run int64, created bool, from source, got *Received) error {
	if !created {
		before, err := p.Store.NoteAttempt(ctx, p.act(run), p.Entity.ID, got.File)
		if err != nil {
			return fmt.Errorf("note another attempt at %s: %w", got.Name, err)
		}
		if before >= readAttempts {
			return p.quarantine(ctx, run, got)
		}
	}
	err := p.settleInTime(ctx, run, from, got)
	var stopped errStopped
	if !errors.As(err, &stopped) {
		return err
	}
	p.Log.Error("reading a file failed", zap.Int64("file_id", got.File), zap.Int64("run_id", run), zap.String("why", stopped.why), zap.ByteString("stack", stopped.stack))
	got.State, got.Problems = recon.FileRecorded, []recon.Problem{{Code: "FILE-POISON", Where: got.Name, Severity: recon.Hold,
		Message: stopped.why + "; nothing of it is booked", Try: fmt.Sprintf("it is tried %d times and then put aside; please send it to the makers of tieout", readAttempts)}}
	return nil
}

// errStopped says that reading a file ended neither with an outcome nor with an error of the world.
type errStopped struct {
	why   string
	stack []byte
}

func (e errStopped) Error() string { return e.why }

// settleInTime settles a file and contains what goes wrong with it.
func (p *Pipeline) settleInTime(ctx context.Context, run int64, from source, got *Received) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = errStopped{"reading it made the program panic", debug.Stack()}
		}
	}()
	limited, cancel := context.WithTimeout(ctx, readDeadline)
	defer cancel()
	p.reached("K5.before")
	if err = p.settle(limited, run, from, got); err != nil && ctx.Err() == nil && limited.Err() != nil {
		return errStopped{why: fmt.Sprintf("reading it took longer than %s", readDeadline)}
	}
	return err
}

// quarantine refuses a file that could not be read to its end in several attempts.
func (p *Pipeline) quarantine(ctx context.Context, run int64, got *Received) error {
	outcome := store.Outcome{Entity: p.Entity.ID, File: got.File, State: recon.FileRefused, Problems: []recon.Problem{{Code: "FILE-QUARANTINED", Where: got.Name,
		Severity: recon.Reject, Message: fmt.Sprintf("reading it stopped the program %d times", readAttempts), Try: "please send it to the makers of tieout; dropped again, it is read again"}}}
	if err := p.Store.SaveOutcome(ctx, p.act(run), outcome); err != nil {
		return fmt.Errorf("put %s aside: %w", got.Name, err)
	}
	got.describe(outcome)
	return nil
}
