package store

import (
	"context"
	"time"

	"github.com/tieout/tieout/recon"
)

// Exports keeps what the accounting system has taken of what was exported to it, and what it sent.
type Exports interface {
	// TakeBatch notes that the accounting system has taken a written batch; noting it again does nothing. ErrNotFound where no such batch
	// is written.
	TakeBatch(ctx context.Context, act Act, entity string, batch int64) error
	// Batches lists written batches by id: those that were not taken yet, or all.
	Batches(ctx context.Context, entity string, untaken bool) ([]WrittenBatch, error)
	// Untaken returns what items fell by, by our own live applications, since the last batch of applications that was taken; items that did
	// not fall are left out. ok is false where no batch was ever taken.
	Untaken(ctx context.Context, entity string, items []int64) (fell map[int64]int64, ok bool, err error)
	// Feeds lists the last imports of open items, newest first.
	Feeds(ctx context.Context, entity string, limit int) ([]Feed, error)
}

// WrittenBatch is an export that stands complete in its file.
type WrittenBatch struct {
	Batch
	File    string
	SHA256  string
	Written time.Time
	Taken   time.Time // zero until the accounting system has taken it
	Taker   string
}

// Feed is one import of open items.
type Feed struct {
	ID       int64
	AsOf     recon.Date
	Snapshot bool
	Items    int // that it named
	New      int
	Changed  int
	External int // fell outside tieout
	Actor    string
	At       time.Time
}
