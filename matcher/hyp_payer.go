package matcher

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// payerSingle pays the payer's only item of exactly the amount, or of the amount less its discount. Interchangeable items
// count as one, the oldest is paid.
func payerSingle(q *inquiry) {
	exact, discounted := q.mem.items.take(2), []int32(nil)
	for _, i := range q.open {
		it := &q.w.items[i]
		switch {
		case it.left == q.r.AmountMinor:
			exact = append(exact, i)
		case it.left > q.r.AmountMinor && it.DiscountUntil != 0 && q.explain([]int32{i}, nil).fit == fitDiscount:
			discounted = append(discounted, i)
		}
	}
	classes := q.w.classes(nil, exact, false)
	for _, c := range classes {
		if q.pays(c.members[0]) {
			continue
		}
		h := q.ofPayer(PayerExactSingle, tierFit, c.members[:1], q.fitCombination(combination{invoices: c.members[:1]}), amountSeen("exact", pointsExact, ""))
		if len(c.members) > 1 {
			h.pool = c.members
			h.blocked = q.unreadChoice(h.blocked)
			h.evidence = append(h.evidence, recon.Evidence{Factor: recon.FactorAmount, Code: "interchangeable", Item: q.w.items[c.members[1]].ID})
		}
		if len(classes) > 1 && h.blocked == "" {
			h.blocked = AmbiguousLump
		}
		q.add(h)
	}
	q.nearSingles()
	for _, i := range discounted {
		f := q.explain([]int32{i}, nil)
		h := q.ofPayer(PayerDiscount, tierFit, []int32{i}, q.settle([]int32{i}, nil, &f), amountSeen("discount", pointsDiscount, ""))
		if len(discounted) > 1 && h.blocked == "" {
			h.blocked = AmbiguousLump
		}
		q.add(h)
	}
}

// unreadChoice blocks a choice among interchangeable items where the text holds digits that nothing explains: they may name the one meant.
func (q *inquiry) unreadChoice(blocked recon.Reason) recon.Reason {
	if blocked == "" && q.unread() != "" {
		return ReferenceUnknown
	}
	return blocked
}

// choosesAmongAlike reports whether an item that a combination leaves out could stand for one of it.
func (q *inquiry) choosesAmongAlike(c combination) bool {
	return slices.ContainsFunc(q.open, func(o int32) bool {
		return !slices.Contains(c.invoices, o) && slices.ContainsFunc(c.invoices, func(i int32) bool { return q.w.interchangeable(i, o) })
	})
}

// pays reports whether what was found may pay exactly the item: then the payer adds nothing to it.
func (q *inquiry) pays(i int32) bool {
	only := recon.Line{Kind: recon.Payment, Item: q.w.items[i].ID, AmountMinor: q.r.AmountMinor}
	return slices.ContainsFunc(q.found, func(h hypothesis) bool {
		return h.blocked == "" && len(h.worked.lines) == 1 && h.worked.lines[0] == only
	})
}

// nearSingles proposes each of several items from which the receipt differs by what a rule explains. Nothing proves which
// is meant; an only item has its own pass.
func (q *inquiry) nearSingles() {
	if len(q.open) < 2 || q.proved() {
		return
	}
	for _, i := range q.open {
		f := q.explain([]int32{i}, nil)
		reason, ok := nearReasons[f.fit]
		if !ok {
			continue
		}
		h := q.ofPayer(reason, tierPart, []int32{i}, q.settle([]int32{i}, nil, &f), amountSeen("nearly", pointsNear, ""))
		h.blocked = cmp.Or(h.blocked, AmbiguousLump)
		q.add(h)
	}
}

var nearReasons = map[fit]recon.Reason{fitWithheld: PayerWithheldTax, fitCharge: PayerBankCharge, fitTolerance: PayerTolerance, fitGain: PayerTolerance}

// payerSet pays the one combination of open items that adds up to the receipt, where the search proves that there is
// no other. Beside an item of exactly the amount, small combinations are rivals: the fewer items, the likelier.
func payerSet(q *inquiry) {
	if q.proved() || len(q.open) == 0 || len(q.open)+len(q.notes) < 2 {
		return
	}
	if slices.ContainsFunc(q.open, func(i int32) bool { return q.w.items[i].left == q.r.AmountMinor }) {
		q.rivalSets()
		return
	}
	found := q.combinations(q.open, q.notes)
	for _, c := range found.sets {
		if c.size() == len(q.open)+len(q.notes) {
			continue // the whole balance has its own pass
		}
		h := q.ofPayer(PayerExactSet, tierFit, c.invoices, q.fitCombination(c), amountSeen("set", pointsSet, ""))
		if h.blocked == "" && !found.unique() {
			h.blocked = AmbiguousLump
		}
		if q.choosesAmongAlike(c) {
			h.blocked = q.unreadChoice(h.blocked)
		}
		h.accident = q.w.accidental(c.size(), q.open, q.notes)
		q.add(h)
	}
}

func (q *inquiry) rivalSets() {
	sets, complete := q.smallRivals(q.open, q.notes)
	for _, c := range sets {
		h := q.ofPayer(PayerExactSet, tierFit, c.invoices, q.fitCombination(c), amountSeen("set", pointsSet-5*(c.size()-2), ""))
		if h.blocked == "" {
			h.blocked = AmbiguousLump
		}
		q.add(h)
	}
	for i := range q.found {
		if h := &q.found[i]; h.reason == PayerExactSingle && h.blocked == "" && !complete {
			h.blocked = AmbiguousLump
		}
	}
}

// proved reports whether the named items explain the receipt, so that the payer's items need no search.
func (q *inquiry) proved() bool {
	return slices.ContainsFunc(q.found, func(h hypothesis) bool {
		return h.tier == tierNamed && h.blocked == "" && h.score >= q.w.set.Thresholds.Apply
	})
}

// fits reports whether the amount of the receipt fits something that the payer has open, or that it names.
func (q *inquiry) fits() bool {
	return slices.ContainsFunc(q.found, func(h hypothesis) bool { return h.tier == tierNamed || h.tier == tierFit })
}

// payerInstalment pays the next instalment of the one payment plan that asks for this amount.
func payerInstalment(q *inquiry) {
	var asked []int32
	for _, i := range q.open {
		if it := &q.w.items[i]; !it.simple && q.isInstalment(it) {
			asked = append(asked, i)
		}
	}
	for _, i := range asked {
		h := q.ofPayer(PayerInstalment, tierFit, []int32{i}, q.spread([]int32{i}), amountSeen("instalment", pointsInstalment, ""))
		if len(asked) > 1 && h.blocked == "" {
			h.blocked = AmbiguousLump
		}
		q.add(h)
	}
}

// payerOnlyItem pays the only open item in part.
func payerOnlyItem(q *inquiry) {
	if len(q.open) != 1 || q.fits() || q.w.items[q.open[0]].left <= q.r.AmountMinor {
		return
	}
	h := q.ofPayer(PayerPartial, tierPart, q.open, q.spread(q.open), amountSeen("short", pointsPart, ""))
	if f := q.explain(q.open, nil); f.capped && h.blocked == "" {
		h.blocked = WriteOffCap
	}
	q.add(h)
}

// payerOldestDue pays the oldest due item in part where the receipt is less than it and fits nothing else.
func payerOldestDue(q *inquiry) {
	if len(q.open) < 2 || q.fits() || q.nearSomething() {
		return
	}
	undisputed := q.undisputedOpen()
	if len(undisputed) < 2 {
		return
	}
	oldest := undisputed[0]
	if it := &q.w.items[oldest]; dueOn(it.Item) > q.r.Booked || it.left <= q.r.AmountMinor {
		return
	}
	q.add(q.ofPayer(PayerPartOldest, tierPart, []int32{oldest}, q.spread([]int32{oldest}), amountSeen("short", pointsPart, "")))
}

// nearSomething reports whether the receipt differs from one of several items by what a rule explains: then it is no lump.
func (q *inquiry) nearSomething() bool {
	return slices.ContainsFunc(q.found, func(h hypothesis) bool {
		return h.tier == tierPart && (h.reason == PayerWithheldTax || h.reason == PayerBankCharge || h.reason == PayerTolerance)
	})
}

// undisputedOpen are the payer's open invoices without those in dispute; they are not to be sorted otherwise.
func (q *inquiry) undisputedOpen() []int32 {
	if !slices.ContainsFunc(q.open, func(i int32) bool { return !q.w.items[i].simple && q.w.items[i].Dispute != nil }) {
		return q.open
	}
	return slices.DeleteFunc(slices.Clone(q.open), func(i int32) bool { return q.w.items[i].Dispute != nil })
}
