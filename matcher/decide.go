package matcher

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// weigh finds every hypothesis against the open amounts as they stand and ranks them.
func (q *inquiry) weigh() {
	q.stamp, q.read = q.watched(), true
	q.readNamings()
	q.found = q.found[:0]
	if q.r.Source.Kind == recon.SourceAdvance {
		takeAdvance(q)
	} else {
		q.run(referencePasses)
		if !q.settledByName() {
			q.lookAtPayer()
			q.run(payerPasses)
		}
	}
	slices.SortStableFunc(q.found, func(a, b hypothesis) int { return cmp.Compare(b.score, a.score) })
	q.checkAmountElsewhere()
}

func (q *inquiry) run(passes []pass) {
	for _, p := range passes {
		p(q)
	}
}

// settledByName reports whether the named items explain the receipt and belong to its payer, who has so many items that
// looking through all of them for a runner-up would take long. Nothing among them could change the decision.
func (q *inquiry) settledByName() bool {
	const many = 256
	if !q.proved() || q.payer.how == byNothing || len(q.namings) != 1 || !q.namings[0].agreed {
		return false
	}
	var items int32
	for _, c := range q.payer.reach {
		items += q.w.customers[c].to - q.w.customers[c].from
	}
	return items > many
}

// stale reports whether something that the findings depend on has changed since.
func (q *inquiry) stale() bool { return !q.read || q.stamp != q.watched() }

// checkAmountElsewhere blocks a reference where the amount is exactly something else of the payer, however well the payer is
// known: one that the amount does not confirm, and one that leads to another customer. The number may be the wrong one.
func (q *inquiry) checkAmountElsewhere() {
	if len(q.found) == 0 || q.found[0].blocked != "" || q.found[0].tier > tierNamedPart {
		return
	}
	best := &q.found[0]
	fits := slices.ContainsFunc(q.found, func(h hypothesis) bool { return h.tier == tierFit && !h.accident })
	explained := best.worked.difference != 0 && best.reason != ReferenceDiscount && best.reason != ReferenceInstalment && best.reason != ReferenceInstruction
	exact := slices.ContainsFunc(q.found, func(h hypothesis) bool { return h.reason == PayerExactSingle })
	switch {
	case !fits:
	case best.tier == tierNamedPart, explained && exact:
		best.blocked = ReferenceAmount
	case q.payer.customer != nobody && !slices.Contains(q.payer.reach, best.customer):
		best.blocked = ReferencePayer
	}
}

// margin is the lead of the best hypothesis over the next; its whole score where there is none.
func (q *inquiry) margin() int {
	if len(q.found) < 2 {
		return q.found[0].score
	}
	return q.found[0].score - q.found[1].score
}

// verdict says why the receipt is queued, "" where its best hypothesis is applied.
func (q *inquiry) verdict() recon.Reason {
	if gate := q.gate(); gate != "" {
		return gate
	}
	if len(q.found) == 0 {
		return q.nothingFound()
	}
	best := &q.found[0]
	switch {
	case best.blocked != "":
		return q.blockedAs(best)
	case len(q.r.Declined) > 0 && best.tier != tierNamed:
		return DeclinedBefore
	case best.score < q.w.set.Thresholds.Apply:
		return q.weak(best)
	case q.margin() < q.w.set.Thresholds.Margin:
		if best.tier <= tierNamedPart {
			return AmbiguousReference
		}
		return AmbiguousLump
	}
	return ""
}

// gate keeps receipts from being applied whatever points to them.
func (q *inquiry) gate() recon.Reason {
	switch {
	case q.r.AmountMinor <= 0:
		return WeakEvidence
	case q.r.Whole:
		return BatchContradicts
	case q.r.Proof == recon.Broken:
		return StatementDisproved
	case q.r.ProofRequired && q.r.Proof != recon.Ties:
		return StatementUnproved
	}
	return ""
}

// blockedAs names the block; where the payer has nothing open and names nothing, that is what a person should read.
func (q *inquiry) blockedAs(best *hypothesis) recon.Reason {
	if best.tier == tierPart && len(q.namings) == 0 && q.payer.customer != nobody && len(q.open) == 0 {
		if best.blocked == AmbiguousLump || best.blocked == PayerNotProven {
			return q.nothingFound()
		}
	}
	if q.r.Declined != nil && best.tier == tierPart {
		return DeclinedBefore
	}
	return best.blocked
}

// weak says what is missing where the score is too low.
func (q *inquiry) weak(best *hypothesis) recon.Reason {
	switch {
	case slices.ContainsFunc(best.evidence, func(e recon.Evidence) bool { return e.Code == "other_payer" || e.Code == "other_name" }):
		return ReferencePayer
	case best.tier == tierNamedPart:
		return ReferenceAlone
	}
	return WeakEvidence
}

// nothingFound says why there is no hypothesis.
func (q *inquiry) nothingFound() recon.Reason {
	for _, m := range q.mentions {
		if m.weight == hint && !m.own {
			continue
		}
		switch it := &q.w.items[m.item]; {
		case it.Cancelled:
			return ItemCancelled
		case slices.Contains(q.r.Declined, it.ID):
			return DeclinedBefore
		case it.left == 0:
			return AlreadyPaid
		case it.Currency != q.r.Currency:
			return CurrencyMismatch
		case it.Kind == recon.CreditNote:
			return CreditNoteUnmatched
		}
	}
	switch {
	case q.foreign != "":
		return OtherEntity
	case q.shared:
		return AmbiguousReference
	case q.payer.candidates != nil:
		return PayerAmbiguous
	case q.payer.customer == nobody:
		return PayerUnknown
	case len(q.r.Declined) > 0:
		return DeclinedBefore
	case q.barred > 0:
		return CurrencyMismatch
	case q.paidLately():
		return AlreadyPaid
	}
	return PayerNoOpenItem
}

// apply makes the best hypothesis the decision and takes its amounts from the items.
func (q *inquiry) apply() {
	best := &q.found[0]
	q.fill(best.reason, recon.Auto)
	d := q.decision
	d.Lines, d.Shortfalls = best.worked.lines, q.shortfallsOf(best.worked.shortfalls)
	if len(q.found) > 1 && q.w.affords(q.found[1].worked.lines) {
		d.Proposals = q.proposals(q.found[1:2])
	}
	for _, l := range d.Lines {
		q.w.take(l, q.r)
	}
}

// affords reports whether every item of the lines still has what they take.
func (w *world) affords(lines []recon.Line) bool {
	return !slices.ContainsFunc(lines, func(l recon.Line) bool {
		i, ok := w.places.of(l.Item)
		return ok && w.items[i].left < l.AmountMinor
	})
}

// take lowers the items of a line and remembers what was written off.
func (w *world) take(l recon.Line, r *recon.Receipt) {
	lower := func(id int64) *item {
		i, ok := w.places.of(id)
		if !ok {
			return nil
		}
		w.items[i].left -= l.AmountMinor
		w.items[i].taken = true
		w.customers[w.items[i].owner].changes++
		return &w.items[i]
	}
	if l.Kind == recon.Credit {
		lower(l.CreditNote)
	}
	if !l.Kind.Reduces() {
		return
	}
	if it := lower(l.Item); it != nil && l.Kind == recon.WriteOff {
		c := &w.customers[it.owner]
		c.written = append(c.written, recon.WriteOffUse{Customer: c.Code, Currency: r.Currency, Effective: r.Booked, AmountMinor: l.AmountMinor})
	}
}

// queue leaves the receipt to a person. Proposals follow when all others are decided.
func (q *inquiry) queue(reason recon.Reason) { q.fill(reason, recon.Queued) }

// fill writes what applied and queued decisions share.
func (q *inquiry) fill(reason recon.Reason, outcome recon.Outcome) {
	d := q.decision
	d.Outcome, d.Reason = outcome, reason
	if len(q.found) > 0 {
		best := &q.found[0]
		d.Score = max(0, min(100, best.score))
		d.Margin = max(0, min(100, q.margin()))
		d.Evidence = best.evidence
		if best.customer != nobody {
			d.Customer = q.w.customers[best.customer].Code
		}
	}
	if outcome == recon.Queued {
		d.Customer = q.knownPayer()
		d.Evidence = q.withObservations(d.Evidence)
	}
	d.Rejected = q.rejections()
}

// knownPayer is the customer whose unapplied cash a queued receipt is: the payer, else the one owner of what is named.
func (q *inquiry) knownPayer() string {
	if q.payer.customer != nobody {
		return q.w.customers[q.payer.customer].Code
	}
	owner := q.namedOwner()
	if owner == nobody || q.payer.candidates != nil && !slices.Contains(q.payer.candidates, owner) {
		return ""
	}
	return q.w.customers[owner].Code
}

// namedOwner is the one customer of all that is named strongly.
func (q *inquiry) namedOwner() int32 {
	owner := nobody
	for _, m := range q.mentions {
		if m.weight != strong {
			continue
		}
		if o := q.w.items[m.item].owner; owner == nobody || owner == o {
			owner = o
		} else {
			return nobody
		}
	}
	if q.shared {
		return nobody
	}
	return owner
}

// withObservations adds what was seen and led nowhere.
func (q *inquiry) withObservations(evidence []recon.Evidence) []recon.Evidence {
	evidence = slices.Clone(evidence)
	if q.foreign != "" {
		evidence = append(evidence, recon.Evidence{Factor: recon.FactorConflict, Code: "other_entity", Seen: q.foreignKey + " of " + q.foreign})
	}
	if unknown := cmp.Or(q.unknown, q.alike, q.unread()); unknown != "" {
		evidence = append(evidence, recon.Evidence{Factor: recon.FactorReference, Code: "unknown_number", Seen: unknown})
	}
	for _, c := range q.payer.candidates {
		evidence = append(evidence, recon.Evidence{Factor: recon.FactorPayer, Code: "candidate", Seen: q.w.customers[c].Code})
	}
	return evidence
}
