package matcher

import (
	"slices"

	"github.com/tieout/tieout/recon"
)

// hypothesis is one fully worked way to apply a receipt.
type hypothesis struct {
	reason   recon.Reason
	tier     tier
	customer int32
	score    int // not capped
	worked   worked
	blocked  recon.Reason // why it is not applied unattended, "" where it may be
	evidence []recon.Evidence
	pool     []int32 // interchangeable items of which it took the oldest
	accident bool    // so many items are open that some set has almost any amount
}

// tier is the order in which the receipts of a run are served: what one tier takes is gone for the next.
type tier uint8

const (
	tierNamed     tier = iota // reference, and the amount agrees
	tierNamedPart             // reference, the amount is short or over
	tierFit                   // payer, and the amount fits
	tierPart                  // payer, and the amount fits nothing
	tiers
)

// Points of the amount. Together with the payer's and the reference's they order hypotheses; what may be applied is
// decided by the blocks.
const (
	pointsExact      = 45
	pointsBalance    = 44
	pointsSet        = 43
	pointsInstalment = 43
	pointsDiscount   = 42
	pointsEarlier    = 42
	pointsPastDue    = 41
	pointsInstructed = 40
	pointsSubset     = 40
	pointsExplained  = 38 // tax, charge, small difference
	pointsPart       = 32 // the only item in part, a surplus over the balance, a policy
	pointsNamedPart  = 23
	pointsOldest     = 15 // proposals without proof
	pointsSmallest   = 12
	pointsOnAccount  = 5

	pointsByReference = 12 // the payer is known by the reference only
	pointsSharedIBAN  = 35
	pointsConflict    = -15
	pointsDoubt       = -10
)

// add keeps a hypothesis unless an equal allocation was found before; of equal ones the first reason stands, and what
// may be applied outweighs what may not.
func (q *inquiry) add(h hypothesis) {
	for _, e := range h.evidence {
		h.score += e.Points
	}
	for i := range q.found {
		known := &q.found[i]
		if !slices.Equal(known.worked.lines, h.worked.lines) {
			continue
		}
		if known.blocked != "" && h.blocked == "" && h.score > known.score {
			*known = h
		}
		return
	}
	if cap(q.found) == 0 {
		const usual = 2
		q.found = q.mem.hypotheses.take(usual)
	}
	q.found = append(q.found, h)
}

// named is the hypothesis of a naming.
func (q *inquiry) named(n *naming, reason recon.Reason, t tier, w worked, amount recon.Evidence) hypothesis {
	h := hypothesis{reason: reason, tier: t, customer: n.customer, worked: w}
	if n.agreed && q.payer.customer != nobody && !q.w.owns(n.customer, n.invoices) {
		h.customer = q.payer.customer
	}
	h.evidence = q.mem.evidence.take(len(n.evidence) + 2)
	h.evidence = append(h.evidence, n.evidence...)
	h.evidence = q.whoNamed(n, t, h.evidence)
	h.evidence = append(h.evidence, amount)
	h.blocked = q.blockNamed(n, t)
	return h
}

func (w *world) owns(owner int32, items []int32) bool {
	return !slices.ContainsFunc(items, func(i int32) bool { return w.items[i].owner != owner })
}

// whoNamed adds what the payer says about a naming: agreement, nothing, or conflict.
func (q *inquiry) whoNamed(n *naming, t tier, evidence []recon.Evidence) []recon.Evidence {
	if n.agreed && q.payer.how != byNothing {
		return append(evidence, q.payerEvidence())
	}
	if slices.Contains(q.payer.candidates, n.customer) {
		return append(evidence, recon.Evidence{Factor: recon.FactorPayer, Code: "one_of_several", Points: pointsSharedIBAN, Seen: q.payer.seen})
	}
	evidence = append(evidence, recon.Evidence{Factor: recon.FactorPayer, Code: "by_reference", Points: pointsByReference})
	switch {
	case q.payer.how.beyondDoubt():
		evidence = append(evidence, recon.Evidence{Factor: recon.FactorConflict, Code: "other_payer", Points: pointsConflict, Seen: q.w.customers[q.payer.customer].Code})
	case q.payer.how != byNothing:
		evidence = append(evidence, recon.Evidence{Factor: recon.FactorConflict, Code: "other_name", Points: pointsDoubt, Seen: q.r.Payer.Name})
	case t == tierNamedPart && !n.structured && q.stranger(n.customer):
		evidence = append(evidence, recon.Evidence{Factor: recon.FactorConflict, Code: "strange_name", Points: pointsConflict, Seen: q.r.Payer.Name})
	}
	return evidence
}

func (q *inquiry) payerEvidence() recon.Evidence {
	return recon.Evidence{Factor: recon.FactorPayer, Code: q.payer.how.code(), Points: q.payer.how.points(), Seen: q.payer.seen}
}

// stranger reports whether the receipt says a name that has nothing of the customer's.
func (q *inquiry) stranger(c int32) bool {
	name := q.r.Payer.Name
	if q.r.Ultimate != "" {
		name = q.r.Ultimate
	}
	return name != "" && q.w.customers[c].Name != "" && strangers(name, q.w.customers[c].Name, q.w.isCommon)
}

// isCommon reports a word that so many customers have in their names that it tells none from another.
func (w *world) isCommon(word string) bool {
	if w.common != nil {
		_, found := slices.BinarySearch(w.common, word)
		return found
	}
	return w.words()[word] > commonFrom(len(w.customers))
}

// commonFrom is how many of so many customers may have a word in their names that still tells them from others.
func commonFrom(customers int) int { return 3 + customers/1000 }

// blockNamed says why a naming is not applied unattended.
func (q *inquiry) blockNamed(n *naming, t tier) recon.Reason {
	switch {
	case n.hinted && q.shared:
		return AmbiguousReference
	case n.hinted, n.faint && !n.agreed:
		return ReferenceAlone
	case t == tierNamed && !n.disputed:
		return ""
	case t == tierNamed:
		return ItemDisputed
	case n.ambiguous || q.shared || n.loose && len(n.invoices) > 1:
		return AmbiguousReference
	case q.namesSettled():
		return AlreadyPaid
	case (q.unknown != "" || q.unread() != "") && !n.structured:
		return ReferenceUnknown
	case len(n.notes) > 0:
		return CreditNoteUnmatched
	case q.foreign != "":
		return OtherEntity
	case n.fit.capped:
		return WriteOffCap
	case n.disputed && !q.undisputed(n):
		return ItemDisputed
	case n.faint, !n.structured && !q.corroborated(n):
		return ReferenceAlone
	}
	return ""
}

// undisputed reports whether the receipt is exactly what is not disputed of the one item named.
func (q *inquiry) undisputed(n *naming) bool {
	if len(n.invoices) != 1 {
		return false
	}
	it := &q.w.items[n.invoices[0]]
	return it.Dispute.AmountMinor > 0 && it.left-it.Dispute.AmountMinor == q.r.AmountMinor
}

func (q *inquiry) namesSettled() bool {
	_, settled := q.settledMention()
	return settled
}

// corroborated reports whether something beside the number points to the items where the amount does not: the payer, or
// a number with letters, which no phone number and no date looks like, and no name that contradicts.
func (q *inquiry) corroborated(n *naming) bool {
	if n.agreed && q.payer.how != byNothing || slices.Contains(q.payer.candidates, n.customer) {
		return true
	}
	return q.payer.how == byNothing && !n.byBank && !n.plain && n.points >= 46 && !q.stranger(n.customer)
}

// ofPayer is a hypothesis that rests on the payer alone.
func (q *inquiry) ofPayer(reason recon.Reason, t tier, invoices []int32, w worked, amount ...recon.Evidence) hypothesis {
	used := q.w.used(w, invoices)
	h := hypothesis{reason: reason, tier: t, customer: q.payer.customer, worked: w, blocked: q.blockPayer(t, used)}
	if len(invoices) > 0 && q.w.owns(q.w.items[invoices[0]].owner, invoices) {
		h.customer = q.w.items[invoices[0]].owner
	}
	h.evidence = append(q.mem.evidence.take(len(amount)+1), q.payerEvidence())
	h.evidence = append(h.evidence, amount...)
	if points := q.contradicted(t, used); points < 0 {
		h.evidence = append(h.evidence, recon.Evidence{Factor: recon.FactorConflict, Code: "names_other", Points: points, Seen: q.namedText()})
	}
	return h
}

// contradicted returns the points that names of other things cost a hypothesis of the payer.
func (q *inquiry) contradicted(t tier, used []int32) int {
	switch {
	case q.namesOther(used, true) != "":
		return pointsConflict
	case q.namesOther(used, false) != "", t == tierPart && q.order != "":
		return pointsDoubt
	}
	return 0
}

// namedText is what the receipt names, for the evidence.
func (q *inquiry) namedText() string {
	for _, m := range q.mentions {
		if m.contradicts {
			return m.seen
		}
	}
	return q.order
}

// used are the items and the credit notes of an allocation.
func (w *world) used(a worked, invoices []int32) []int32 {
	for _, l := range a.lines {
		if i, ok := w.places.of(l.CreditNote); ok {
			invoices = append(slices.Clip(invoices), i)
		}
	}
	return invoices
}

// namesOther says whether the receipt names items that the hypothesis leaves out, however weakly: what proves nothing may still
// contradict. Digits of another customer's item that could be a postal code count where sure is false.
func (q *inquiry) namesOther(used []int32, sure bool) recon.Reason {
	for _, m := range q.mentions {
		if !m.contradicts || slices.Contains(used, m.item) || sure && !m.own && m.place || q.declined(m.item) {
			continue
		}
		switch it := &q.w.items[m.item]; {
		case it.Cancelled:
			return ItemCancelled
		case it.Currency != q.r.Currency:
			return CurrencyMismatch
		case it.left == 0:
			return AlreadyPaid
		case slices.Contains(q.payer.reach, it.owner):
			return ReferenceAmount
		default:
			return ReferencePayer
		}
	}
	return ""
}

// blockPayer says why what rests on the payer alone is not applied unattended.
func (q *inquiry) blockPayer(t tier, used []int32) recon.Reason {
	if other := q.namesOther(used, t == tierFit); other != "" {
		return other
	}
	switch {
	case !q.payer.how.beyondDoubt():
		return PayerNotProven
	case q.foreign != "":
		return OtherEntity
	case slices.ContainsFunc(used, func(i int32) bool { return q.w.items[i].Dispute != nil }):
		return ItemDisputed
	case q.unknown != "", q.alike != "":
		return ReferenceUnknown
	case t == tierFit:
		return ""
	case len(used) > 0 && q.unread() != "":
		return ReferenceUnknown
	case q.shared:
		return AmbiguousReference
	case q.paidLately():
		return AlreadyPaid
	}
	return ""
}

// paidLately reports whether an item of exactly this amount was settled not long ago, or by another receipt of this run: the
// receipt may be its second payment.
func (q *inquiry) paidLately() bool {
	const days = 60
	for _, c := range q.payer.reach {
		for i := q.w.customers[c].from; i < q.w.customers[c].to; i++ {
			if it := &q.w.items[i]; it.taken && it.left == 0 && it.OpenMinor == q.r.AmountMinor && it.Currency == q.r.Currency {
				return true
			}
		}
		for _, s := range q.w.customers[c].settled {
			if s.amountMinor == q.r.AmountMinor && s.on != 0 && q.r.Booked != 0 && q.r.Booked.DaysSince(s.on) <= days {
				return true
			}
		}
	}
	return false
}

// amountSeen is the evidence of an amount.
func amountSeen(code string, points int, seen string) recon.Evidence {
	return recon.Evidence{Factor: recon.FactorAmount, Code: code, Points: points, Seen: seen}
}
