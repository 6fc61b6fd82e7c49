package recon

import "time"

// Application is an append-only row that moves an amount from a source to an item, or has one of the
// effects without money. A correction is a row that reverses another.
type Application struct {
	ID          int64
	Source      Source // of effects without money: the receipt they depend on, or SourceNone
	Item        int64  // 0 for kinds that reduce none
	Kind        Kind
	AmountMinor int64 // positive, also in a reversal
	TaxMinor    int64
	Currency    Currency
	Customer    string
	Effective   Date // the bank's booking day, or the first open day if that period is closed
	Original    Date // the day it would have had if its period were open; equals Effective normally
	Recorded    time.Time
	Reason      Reason
	Actor       string
	Decision    int64 // 0 for imports and undo
	Reverses    int64 // the application that this one takes back, 0 for none
	ReversedBy  int64 // the application that took this one back, 0 while live
	Ledger      string
	Order       string
	Note        string
	// What it took from its source where that is money of another currency; 0 and "" where it is the same.
	SourceMinor    int64
	SourceCurrency Currency
}

// Live reports whether the application has an effect: it was not taken back and takes nothing back.
func (a Application) Live() bool { return a.Reverses == 0 && a.ReversedBy == 0 }

// Taken is what the application took from its source, in the source's currency.
func (a Application) Taken() Money {
	if a.SourceMinor != 0 {
		return Money{a.SourceMinor, a.SourceCurrency}
	}
	return Money{a.AmountMinor, a.Currency}
}
