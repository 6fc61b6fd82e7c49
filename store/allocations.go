package store

import (
	"context"

	"github.com/tieout/tieout/recon"
)

// Allocations places money that waits for its item outside the queue: on account, in advance, or as a credit note.
type Allocations interface {
	// Funds lists money on account, advances and credit notes that are not used up, by customer, day, kind and id.
	Funds(ctx context.Context, entity string, filter FundFilter) ([]Fund, error)
	// Allocate places a fund, or part of it, on a person's word. The same allocation that is in force already returns its decision. ErrStale
	// where the fund was decided anew since the person looked; ErrOver where a line exceeds what is open or left; ErrNotFound.
	Allocate(ctx context.Context, act Act, allocation Allocation) (decision int64, err error)
	// ApplicationsOn returns the applications that lower an item, and where it is a credit note those that use it, by id.
	ApplicationsOn(ctx context.Context, entity string, item int64) ([]recon.Application, error)
}

// FundFilter narrows Funds; zero fields do not narrow.
type FundFilter struct {
	Customer string
	Source   recon.Source
}

// Fund is money that a person can place.
type Fund = recon.Fund

// Allocation is a person's decision about a fund.
type Allocation struct {
	Entity   string
	Source   recon.Source
	Standing int64      // decision in force as the person saw it
	Day      recon.Date // on which it takes effect, never before the fund is there
	Lines    []recon.Line
	Reason   string // why, in the person's words
	Digest   string // what was shown: equal allocations of one fund are one effect
}
