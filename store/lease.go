package store

import (
	"context"
	"time"
)

// Leases gives units of work to one worker at a time. They coordinate workers and are no part of the books: taking,
// renewing and ending one leaves no audit row. Their instants are those of [Schedules.Clock].
type Leases interface {
	// TakeLease takes the lease of a name from now on for a while. It fails with ErrLocked where somebody has it and it is not
	// over. A unit that is done comes back as it ended, Done, and is not taken.
	TakeLease(ctx context.Context, entity, name, holder string, now time.Time, length time.Duration) (Lease, error)
	// RenewLease lets a lease last until a while from now. It fails with ErrFenced where it was taken over or ended.
	RenewLease(ctx context.Context, entity string, fence Fence, now time.Time, length time.Duration) error
	// ReleaseLease gives a lease back: the unit can be taken again at once. ErrFenced as above.
	ReleaseLease(ctx context.Context, entity string, fence Fence) error
	// EndLease notes that a unit is done now and what it came to: nobody takes it again. ErrFenced as above.
	EndLease(ctx context.Context, entity string, fence Fence, now time.Time, result string) error
	// Leases lists the leases whose names begin with a prefix, by name.
	Leases(ctx context.Context, entity, prefix string) ([]Lease, error)
	// CountLeases counts the leases whose names begin with a prefix, and those of them that are done.
	CountLeases(ctx context.Context, entity, prefix string) (all, done int, err error)
	// DropLeases forgets the leases whose names begin with a prefix and that were over before an instant. Whoever still holds
	// one is fenced off.
	DropLeases(ctx context.Context, entity, prefix string, before time.Time) error
}

// Fence is proof of a lease: what is changed under it ([Act.Fences]) is refused with ErrFenced once somebody else took it.
type Fence struct {
	Name  string
	Token int64 // grows by one each time the lease is taken
}

// Lease is the right to do a unit of work.
type Lease struct {
	Fence
	Holder string
	Until  time.Time // when it is over, or the unit was done
	Done   bool
	Result string // of a unit that is done
}
