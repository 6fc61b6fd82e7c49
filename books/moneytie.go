package books

import (
	"github.com/tieout/tieout/recon"
)

// MoneyTie says where all money received in a currency is: the parts add up to it.
type MoneyTie struct {
	Currency      recon.Currency
	ReceivedMinor int64 // bank entries and payments by hand, each money once; void ones are none
	Parts         []MoneyPart
	OffMinor      int64 // 0 where it ties out
	// ReturnsMinor is what returns took that nobody has placed, positive: no part of what was received, for nobody knows of
	// which receipt it was.
	ReturnsMinor int64
}

// MoneyPart is one place of money.
type MoneyPart struct {
	Name  string
	Minor int64
}

// moneyTies says of all money received where it is. What was applied comes from the applications; what waits comes from
// the journal: two ways that have to meet.
func (p *proof) moneyTies() []MoneyTie {
	received := map[recon.Currency]int64{}
	moved := map[movedKey]int64{}
	for n := range p.receipts {
		if r := &p.receipts[n]; r.Clears == 0 { // the bank's side of a payment by hand is the same money
			received[r.Currency] += r.AmountMinor
		}
	}
	for n := range p.apps {
		a := &p.apps[n]
		switch {
		case !p.live(a) || !a.Kind.Moves() || a.Source.Kind != recon.SourceReceipt:
		case p.voids(a):
			received[a.Currency] -= a.AmountMinor
		case a.Kind == recon.Refund && p.decision(a.Decision).Return: // its entry tells of it
		default:
			taken := a.Taken()
			moved[movedKey{a.Kind, taken.Currency}] += taken.Minor
		}
	}
	var ties []MoneyTie
	for _, c := range sortedKeys(received) {
		ties = append(ties, p.moneyTie(c, received[c], moved))
	}
	return ties
}

type movedKey struct {
	kind     recon.Kind
	currency recon.Currency
}

func (p *proof) moneyTie(c recon.Currency, received int64, moved map[movedKey]int64) MoneyTie {
	of := func(kind recon.Kind) int64 { return moved[movedKey{kind, c}] }
	stands := func(at pocket) int64 { return -p.pockets[pocketKey{at, c}] }
	tie := MoneyTie{Currency: c, ReceivedMinor: received, ReturnsMinor: p.pockets[pocketKey{returnsWait, c}], Parts: []MoneyPart{
		{"paid to items", of(recon.Payment)},
		{"kept as gain", of(recon.Gain)},
		{"put on account", of(recon.OnAccount)},
		{"advances", of(recon.Advance)},
		{"refunded", of(recon.Refund)},
		{"taken back by the bank", p.returnedMinor[c] - p.pockets[pocketKey{returnFees, c}]},
		{"unapplied: payer known, waits", stands(unapplied)},
		{"in suspense: payer unknown, waits", stands(suspense)},
		{"set aside", stands(asideMoney)},
	}}
	tie.OffMinor = received
	for _, part := range tie.Parts {
		tie.OffMinor -= part.Minor
	}
	return tie
}
