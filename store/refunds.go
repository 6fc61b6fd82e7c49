package store

import (
	"context"

	"github.com/tieout/tieout/recon"
)

// Refunds keeps money that is given back, from its approval until the bank shows it.
type Refunds interface {
	// Refund takes money from its source to give it back, and returns the application. ErrStale where the source was decided anew since the
	// person looked, ErrOver where it is more than what is left, ErrNotFound.
	Refund(ctx context.Context, act Act, refund Refund) (application int64, err error)
	// Refunds lists refunds that stand by id: those that the bank has not shown yet, or all.
	Refunds(ctx context.Context, entity string, waitingOnly bool) ([]recon.RefundRow, error)
}

// Refund is money to give back.
type Refund struct {
	Entity      string
	Source      recon.Source
	Standing    int64 // decision in force on the source as the person saw it
	Customer    string
	AmountMinor int64
	Day         recon.Date
	Payee       string
	Account     string // of the payee
	Reason      string
}
