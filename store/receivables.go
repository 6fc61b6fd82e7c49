package store

// Receivables is what people do about open items beside the queue, and what follows from it.
type Receivables interface {
	Allocations
	Adjustments
	Plans
	Disputes
	Refunds
	Periods
	Outbox
	Exports
}
