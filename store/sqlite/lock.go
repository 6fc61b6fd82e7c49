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

// LockPipeline takes a lock of the operating system on the file beside the database, which ends with the process.
func (s *Store) LockPipeline(_ context.Context) (release func() error, err error) {
	file, err := os.OpenFile(s.path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("pipeline lock: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil, errors.Join(store.ErrLocked, file.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("pipeline lock: %w", err), file.Close())
	}
	return file.Close, nil
}
