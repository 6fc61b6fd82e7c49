package matcher

import (
	"slices"

	"github.com/tieout/tieout/recon"
)

// eachShort visits the namings that are open for more than the receipt.
func (q *inquiry) eachShort(visit func(*naming)) {
	for i := range q.namings {
		if n := &q.namings[i]; n.fit.fit == fitShort {
			visit(n)
		}
	}
}

// referencedInstructed follows "A and B in full, rest on C".
func referencedInstructed(q *inquiry) {
	q.eachShort(func(n *naming) {
		full, rest, ok := q.instruction(n)
		if !ok {
			return
		}
		left := q.r.AmountMinor
		for _, i := range full {
			left -= q.w.items[i].left
		}
		if left <= 0 || left > q.w.items[rest].left {
			return
		}
		w := q.settle(append(full, rest), nil, &fitting{fit: fitShort})
		h := q.named(n, ReferenceInstruction, tierNamed, w, amountSeen("instruction", pointsInstructed, q.meant().remainder))
		if n.ambiguous && h.blocked == "" {
			h.blocked = AmbiguousReference
		}
		q.add(h)
	})
}

// referencedInstalment pays the next instalment of the one item named.
func referencedInstalment(q *inquiry) {
	q.eachShort(func(n *naming) {
		if len(n.invoices) != 1 || len(n.notes) > 0 || n.faint || !q.isInstalment(&q.w.items[n.invoices[0]]) {
			return
		}
		w := q.settle(n.invoices, nil, &fitting{fit: fitShort})
		q.add(q.named(n, ReferenceInstalment, tierNamed, w, amountSeen("instalment", pointsExplained, "")))
	})
}

// isInstalment reports whether the receipt is what the item's next instalment still asks for.
func (q *inquiry) isInstalment(it *item) bool {
	for _, in := range it.Instalments {
		if !in.Void && in.PaidMinor < in.AmountMinor {
			return in.AmountMinor-in.PaidMinor == q.r.AmountMinor
		}
	}
	return false
}

// nextInstalment returns the day of the instalment after the next one.
func nextInstalment(it *item) (recon.Date, bool) {
	unpaid := 0
	for _, in := range it.Instalments {
		if in.Void || in.PaidMinor >= in.AmountMinor {
			continue
		}
		if unpaid++; unpaid == 2 {
			return in.DueDate, true
		}
	}
	return 0, false
}

// referencedSubset pays the one combination of the named items that adds up to the receipt.
func referencedSubset(q *inquiry) {
	q.eachShort(func(n *naming) {
		if len(n.invoices)+len(n.notes) < 2 {
			return
		}
		found := q.combinations(n.invoices, n.notes)
		for _, s := range found.sets {
			exact := fitting{fit: fitExact}
			h := q.named(n, ReferenceSubset, tierNamed, q.settle(s.invoices, s.notes, &exact), amountSeen("subset", pointsSubset, ""))
			if h.blocked == "" && !found.unique() {
				h.blocked = AmbiguousReference
			}
			if h.blocked == "" && q.meant().partial() {
				h.blocked = AmbiguousReference
			}
			q.add(h)
		}
	})
}

// referencedPartly pays the named items as far as the money goes. Of several it is proved only where the order of the
// text is the order of age: then both ways of reading give the same.
func referencedPartly(q *inquiry) {
	q.eachShort(func(n *naming) {
		if n.faint {
			return
		}
		var w worked
		if len(n.notes) > 0 {
			w = q.settle(n.invoices, n.notes, &fitting{fit: fitShort})
		} else {
			w = q.spread(n.invoices)
		}
		h := q.named(n, ReferencePartial, tierNamedPart, w, amountSeen("short", pointsNamedPart, q.seenDifference(w)))
		if h.blocked == "" && !slices.Equal(n.order, n.invoices) && q.policy() != recon.LumpOldestFirst {
			h.blocked = AmbiguousReference
		}
		q.add(h)
	})
}

// policy is what happens to lump sums of the payer.
func (q *inquiry) policy() recon.Lump {
	if q.payer.customer == nobody {
		return q.w.set.Lump
	}
	return q.w.set.LumpOf(*q.w.customers[q.payer.customer].Customer)
}
