package store

import (
	"context"

	"github.com/tieout/tieout/recon"
)

// Plans keeps what people agree about paying an item in parts.
type Plans interface {
	// EditPlan replaces the lines of a payment plan that may still change; no lines at all end it. ErrStale where the item changed since
	// the person looked, and where a line that is void or paid is missing or changed; ErrNotFound.
	EditPlan(ctx context.Context, act Act, entity string, edit PlanEdit) error
}

// PlanEdit is the plan of an item as a person wants it.
type PlanEdit struct {
	Item    int64
	Version int64 // of the item as the person saw it
	Lines   []recon.Instalment
}
