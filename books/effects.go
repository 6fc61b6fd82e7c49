package books

import (
	"cmp"

	"github.com/tieout/tieout/recon"
)

// alone posts an application as a transaction of its own; home is where the money of its receipt stands.
func (j *journal) alone(key transactionKey, a *recon.Application, home place) {
	head := posting{key: key, Posting: Posting{Effective: a.Effective, Original: a.Original, Currency: a.Currency}}
	if a.Source.Kind == recon.SourceReceipt {
		head.Entry = a.Source.ID
	}
	lines, source := j.effect(j.lines[:0], head, a)
	head.Currency = a.Taken().Currency
	j.post(append(lines, j.sourceLine(j.lineOf(head, a), a, home, source)))
}

// effect adds the lines of an application except that of its source, and says what is posted there: together they are
// nothing. Kinds that move no money have no source amount: a discount lowers the item against its own account, the tax in it
// against the tax account.
func (j *journal) effect(lines []posting, head posting, a *recon.Application) (with []posting, sourceMinor int64) {
	head = j.lineOf(head, a)
	head.Currency = a.Currency
	target := j.targetLine(head, a)
	if a.Reverses != 0 {
		target.AmountMinor = -target.AmountMinor
	}
	if a.SourceMinor != 0 {
		return j.exchanged(lines, head, target, a)
	}
	if a.Kind.Moves() {
		return append(lines, target), -target.AmountMinor
	}
	tax := a.TaxMinor
	if target.AmountMinor > 0 {
		tax = -tax
	}
	at := place{account: cmp.Or(a.Ledger, j.kindAccount(a.Kind)), customer: a.Customer}
	net := head.line(at, -target.AmountMinor-tax)
	return append(lines, net, head.line(place{account: j.ledger.Tax}, tax), target), 0
}

// exchanged settles an item with money of another currency: each currency balances by itself against the exchange account, which so
// holds what was given for what.
func (j *journal) exchanged(lines []posting, head, target posting, a *recon.Application) (with []posting, sourceMinor int64) {
	sourceMinor = a.SourceMinor
	if target.AmountMinor > 0 {
		sourceMinor = -sourceMinor
	}
	at := place{account: j.ledger.Exchange, customer: a.Customer}
	received := head.line(at, -sourceMinor)
	received.Currency = a.SourceCurrency
	return append(lines, target, head.line(at, -target.AmountMinor), received), sourceMinor
}

func (j *journal) lineOf(head posting, a *recon.Application) posting {
	head.Application = a.ID
	head.words = [3]string{"", string(a.Kind), j.itemNumber(a.Item)}
	if a.Reverses != 0 {
		head.words[0] = "reversal of"
	}
	return head
}

// targetLine is what an application does to the item or account it goes to.
func (j *journal) targetLine(head posting, a *recon.Application) posting {
	if a.Kind.Reduces() {
		if i := j.item(a.Item); i != nil {
			return j.itemLine(head, i, i.reduces()*a.AmountMinor)
		}
		return head.line(place{account: j.ledger.Suspense, customer: a.Customer}, -a.AmountMinor)
	}
	at := place{account: cmp.Or(a.Ledger, j.kindAccount(a.Kind)), customer: a.Customer}
	switch a.Kind {
	case recon.OnAccount:
		at.pocket = onAccount
	case recon.Advance:
		at.pocket = advances
	case recon.Refund:
		at.pocket = inTransit
	}
	return head.line(at, -a.AmountMinor)
}

// kindAccount is the account of a kind where the application names none. Money given back is on its way until the bank
// shows it.
func (j *journal) kindAccount(kind recon.Kind) string {
	switch kind {
	case recon.Discount:
		return j.ledger.Discounts
	case recon.WriteOff:
		return j.ledger.WriteOffs
	case recon.Adjustment:
		return j.ledger.Adjustments
	case recon.Gain:
		return j.ledger.Gains
	case recon.BankCharge:
		return j.ledger.Charges
	case recon.WithheldTax:
		return j.ledger.WithheldTax
	case recon.Exchange:
		return j.ledger.Exchange
	case recon.OnAccount:
		return j.ledger.OnAccount
	case recon.Advance:
		return j.ledger.Advances
	case recon.Refund:
		return j.ledger.InTransit
	}
	return j.ledger.Opening
}

// sourceLine posts what an application takes from its source.
func (j *journal) sourceLine(head posting, a *recon.Application, home place, minor int64) posting {
	switch a.Source.Kind {
	case recon.SourceReceipt:
		return head.line(home, minor)
	case recon.SourceCreditNote:
		if i := j.item(a.Source.ID); i != nil {
			return j.itemLine(head, i, minor)
		}
	case recon.SourceOnAccount, recon.SourceAdvance:
		if held, ok := j.application(a.Source.ID); ok {
			at := j.targetLine(head, held)
			return head.line(place{at.Account, cmp.Or(held.Customer, a.Customer), at.pocket}, minor)
		}
	}
	return head.line(place{account: j.ledger.Opening, customer: a.Customer}, minor)
}
