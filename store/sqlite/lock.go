//go:build unix

package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/tieout/tieout/store"
)

// LockPipeline takes a lock of the operating system on a file beside the database, which ends with the process.
func (s *Store) LockPipeline(context.Context) (release func() error, err error) {
	return lockFile(s.path + ".lock")
}

// LockWorker takes the place of the one long-running worker that a database in a file has.
func (s *Store) LockWorker(context.Context) (release func() error, err error) {
	return lockFile(s.path + ".work.lock")
}

func lockFile(path string) (release func() error, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil, errors.Join(store.ErrLocked, file.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("lock: %w", err), file.Close())
	}
	return file.Close, nil
}
