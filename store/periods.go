package store

import (
	"context"

	"github.com/tieout/tieout/recon"
)

// Periods closes the books. What comes later takes effect on the first open day.
type Periods interface {
	// ClosePeriod closes the books up to a day and freezes the journal of the period. ErrStale where anything was recorded since the journal
	// was derived; ErrDuplicate where the books are closed up to that day already, or further.
	ClosePeriod(ctx context.Context, act Act, period PeriodClose) error
	// Periods lists the closes of an entity, earliest first.
	Periods(ctx context.Context, entity string) ([]recon.PeriodRow, error)
}

// PeriodClose is a period to close with its journal.
type PeriodClose struct {
	Entity   string
	Until    recon.Date
	Audited  int64 // last audit row of the books that the journal was derived from
	Postings []recon.FrozenPosting
	Digest   string // of the postings
	Note     string
}
