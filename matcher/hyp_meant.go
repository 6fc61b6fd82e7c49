package matcher

import (
	"slices"

	"github.com/tieout/tieout/recon"
)

// meantOnAccount keeps the receipt on account where the payer says so, or calls it a prepayment of nothing in particular.
func meantOnAccount(q *inquiry) {
	if q.payer.customer == nobody || len(q.namings) > 0 {
		return
	}
	phrase := q.meant().onAccount
	if phrase == "" && q.order == "" {
		phrase = q.meant().prepayment
	}
	if phrase == "" {
		return
	}
	h := q.ofPayer(MeantOnAccount, tierPart, nil, q.whole(recon.Line{Kind: recon.OnAccount}), amountSeen("on_account", pointsPointed, phrase))
	if h.blocked == "" && q.fits() {
		h.blocked = AmbiguousLump // the words say one thing, the amount another
	}
	q.add(h)
}

// meantForOrder keeps the receipt as an advance for an order that has no invoice yet: where the payer is known and calls
// the order by that word, or where the text calls it a prepayment.
func meantForOrder(q *inquiry) {
	if q.order == "" || len(q.namings) > 0 || slices.ContainsFunc(q.mentions, func(m mention) bool { return m.contradicts }) {
		return
	}
	prepaid := q.meant().prepayment
	if prepaid == "" && (q.payer.how == byNothing || q.paysSingle()) {
		return
	}
	h := hypothesis{reason: AdvanceOrder, tier: tierPart, customer: q.payer.customer, worked: q.whole(recon.Line{Kind: recon.Advance, Order: q.order})}
	h.evidence = []recon.Evidence{{Factor: recon.FactorReference, Code: "order", Points: 38, Seen: q.order}}
	if q.payer.how != byNothing {
		h.evidence = append(h.evidence, q.payerEvidence())
	}
	if prepaid != "" {
		h.evidence = append(h.evidence, amountSeen("prepayment", pointsPointed, prepaid))
	}
	switch {
	case q.foreign != "":
		h.blocked = OtherEntity
	case q.shared:
		h.blocked = AmbiguousReference
	case q.namesSettled():
		h.blocked = AlreadyPaid
	case !q.payer.how.beyondDoubt() && prepaid == "":
		h.blocked = PayerNotProven
	case q.fits():
		h.blocked = AmbiguousLump
	}
	q.add(h)
}

// paysSingle reports whether the amount is exactly that of one item of the payer: people write their order number on every payment.
func (q *inquiry) paysSingle() bool {
	return slices.ContainsFunc(q.found, func(h hypothesis) bool { return h.reason == PayerExactSingle && h.blocked == "" })
}

// pointsPointed is for what the payer says in so many words.
const pointsPointed = 44
