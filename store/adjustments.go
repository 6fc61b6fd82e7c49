package store

import (
	"context"

	"github.com/tieout/tieout/recon"
)

// Adjustments lowers items without money, to an account of the ledger that a person names.
type Adjustments interface {
	// Adjust lowers what is open of an item and returns the application. ErrStale where the item changed since the person
	// looked, ErrOver where it is more than what is open, ErrNotFound.
	Adjust(ctx context.Context, act Act, adjustment Adjustment) (application int64, err error)
}

// Adjustment is a difference that a person takes on an account of the ledger.
type Adjustment struct {
	Entity      string
	Item        int64
	Version     int64 // of the item as the person saw it
	AmountMinor int64
	TaxMinor    int64 // contained in it
	Ledger      string
	Day         recon.Date
	Reason      string
}
