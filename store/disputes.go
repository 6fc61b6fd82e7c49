package store

import (
	"context"

	"github.com/tieout/tieout/recon"
)

// Disputes keeps open questions about items and how they ended.
type Disputes interface {
	// OpenDispute opens a dispute about an item, or changes the one that is open. ErrStale where the item changed since the person
	// looked; ErrNotFound.
	OpenDispute(ctx context.Context, act Act, entity string, opening DisputeOpening) error
	// EndDispute ends the dispute that is open about an item; with a credit, that is set against the item in the same transaction. ErrStale
	// where the item changed since the person looked, or nothing is open; errors of the credit are those of Allocate.
	EndDispute(ctx context.Context, act Act, entity string, ending DisputeEnding) error
	// Disputes lists disputes by item and order, with open only, or all.
	Disputes(ctx context.Context, entity string, openOnly bool) ([]recon.DisputeRecord, error)
}

// DisputeOpening is what a person says about an item in question.
type DisputeOpening struct {
	Item    int64
	Version int64 // of the item as the person saw it
	Dispute recon.Dispute
}

// DisputeEnding says how a dispute ended.
type DisputeEnding struct {
	Item    int64
	Version int64 // of the item as the person saw it
	Outcome recon.DisputeOutcome
	Day     recon.Date
	Answer  string      // in words
	Credit  *Allocation // of the credit note that ends it, nil for none
}
