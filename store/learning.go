package store

import (
	"context"

	"github.com/tieout/tieout/recon"
)

// Learning keeps what decisions of people teach. Suggestions come with [Resolution].Lessons; nothing is learned until somebody
// approves it. Pairs that people part stay parted.
type Learning interface {
	// Aliases lists suggested aliases, newest first; with states only those in one of them. A suggestion whose decisions were
	// all taken back is left out, until one is made again.
	Aliases(ctx context.Context, entity string, states ...recon.AliasState) ([]recon.AliasRow, error)
	// Alias returns one suggested alias, whatever became of it. ErrNotFound.
	Alias(ctx context.Context, entity string, alias int64) (recon.AliasRow, error)
	// DecideAlias approves or declines an alias, also one that was decided before: an approved one that is declined is
	// forgotten. ErrNotFound; ErrFourEyes where it needs a second person and its proposer approves it; ErrStale where it is
	// in that state already, or nothing suggests it any more.
	DecideAlias(ctx context.Context, act Act, decision AliasDecision) error
	// Decline parts a queued receipt from items: they are neither applied to it unattended nor proposed again, and the next
	// run decides it anew. ErrNotFound where there is no such receipt or item, ErrStale where the receipt is not in the
	// queue, or its case has not that version (0 = any).
	Decline(ctx context.Context, act Act, parting Parting) error
}

// AliasDecision is a person's word on a suggested alias.
type AliasDecision struct {
	Entity  string
	Alias   int64
	Approve bool
	Second  bool // the rules of today ask for a second person, whatever those of the suggestion did
	Reason  string
}

// Parting is a person's word that a receipt does not pay items.
type Parting struct {
	Entity  string
	Receipt int64
	Version int64
	Items   []int64
	Reason  string
}
