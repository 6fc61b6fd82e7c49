package matcher

import (
	"slices"

	"github.com/tieout/tieout/recon"
)

// byFit adds the namings that the receipt settles with a fit.
func (q *inquiry) byFit(f fit, reason recon.Reason, code string, points int) {
	for i := range q.namings {
		n := &q.namings[i]
		if n.fit.fit != f {
			continue
		}
		w := q.settle(n.invoices, n.notes, &n.fit)
		q.add(q.named(n, reason, tierNamed, w, amountSeen(code, points, q.seenDifference(w))))
	}
}

// seenDifference writes the difference of an allocation; "" where there is none.
func (q *inquiry) seenDifference(w worked) string {
	if w.difference == 0 {
		return ""
	}
	return recon.FormatMinor(w.difference, q.r.Currency)
}

func referencedExact(q *inquiry) { q.byFit(fitExact, ReferenceExact, "exact", pointsExact) }

func referencedDiscounted(q *inquiry) {
	q.byFit(fitDiscount, ReferenceDiscount, "discount", pointsDiscount)
}

func referencedWithheld(q *inquiry) {
	q.byFit(fitWithheld, ReferenceWithheldTax, "withheld_tax", pointsExplained)
}

func referencedCharged(q *inquiry) {
	q.byFit(fitCharge, ReferenceBankCharge, "bank_charge", pointsExplained)
}

func referencedTolerated(q *inquiry) {
	q.byFit(fitTolerance, ReferenceTolerance, "tolerance", pointsExplained)
	q.byFit(fitGain, ReferenceTolerance, "gain", pointsExplained)
}

// referencedOver pays the named items; the surplus stands on account. A surplus that is another item's amount, or a
// receipt of the full amount of an item that is partly paid already, is a doubt.
func referencedOver(q *inquiry) {
	for i := range q.namings {
		n := &q.namings[i]
		if n.fit.fit != fitOver || n.faint {
			continue
		}
		w := q.settle(n.invoices, n.notes, &n.fit)
		h := q.named(n, Overpaid, tierNamedPart, w, amountSeen("over", pointsNamedPart, q.seenDifference(w)))
		if h.blocked == "" {
			h.blocked = q.doubtSurplus(n)
		}
		q.add(h)
	}
}

func (q *inquiry) doubtSurplus(n *naming) recon.Reason {
	for _, i := range n.invoices {
		if it := &q.w.items[i]; it.left < it.AmountMinor && it.AmountMinor == q.r.AmountMinor {
			return AlreadyPaid
		}
	}
	c := &q.w.customers[n.customer]
	for i := c.from; i < c.to; i++ {
		if q.usable(i) && q.w.items[i].left == n.fit.over && !slices.Contains(n.invoices, i) {
			return ReferenceAmount
		}
	}
	return ""
}
