package matcher

import (
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// takeAdvance pays the invoices of the order that an advance was kept for, oldest first. What they do not take stays in
// the advance.
func takeAdvance(q *inquiry) {
	invoices, sure := q.invoicesOfOrder()
	if len(invoices) == 0 {
		return
	}
	w := q.spread(invoices)
	w.lines = slices.DeleteFunc(w.lines, func(l recon.Line) bool { return l.Kind == recon.OnAccount })
	owner := q.w.items[invoices[0]].owner
	h := hypothesis{reason: AdvanceApplied, tier: tierNamed, customer: owner, worked: w}
	h.evidence = []recon.Evidence{
		{Factor: recon.FactorReference, Code: "order", Item: q.w.items[invoices[0]].ID, Points: 50, Seen: q.r.Order},
		{Factor: recon.FactorPayer, Code: "advance", Points: 50, Seen: q.r.Customer},
	}
	switch {
	case !sure || !q.w.owns(owner, invoices):
		h.blocked = AmbiguousReference
	case slices.ContainsFunc(invoices, func(i int32) bool { return q.w.items[i].Dispute != nil }):
		h.blocked = ItemDisputed
	}
	q.add(h)
}

// invoicesOfOrder returns the open invoices of the advance's order, of its customer where one is known. Where only the
// digits of the order agree, that is not sure.
func (q *inquiry) invoicesOfOrder() (invoices []int32, sure bool) {
	order := squeeze(q.r.Order)
	var alike []int32
	for _, c := range q.payer.reach {
		for i := q.w.customers[c].from; i < q.w.customers[c].to; i++ {
			invoices, alike = q.ofOrder(i, order, invoices, alike)
		}
	}
	if q.payer.customer == nobody {
		for _, m := range q.mentions {
			invoices, alike = q.ofOrder(m.item, order, invoices, alike)
		}
	}
	q.w.oldestFirst(invoices)
	q.w.oldestFirst(alike)
	if len(invoices) > 0 {
		return invoices, true
	}
	return alike, false
}

func (q *inquiry) ofOrder(i int32, order string, invoices, alike []int32) (same, similar []int32) {
	it := &q.w.items[i]
	if !q.usable(i) || it.Kind == recon.CreditNote || it.Order == "" {
		return invoices, alike
	}
	switch theirs := squeeze(it.Order); {
	case theirs == order:
		invoices = append(invoices, i)
	case digitsOf(theirs) == digitsOf(order) && len(digitsOf(order)) >= shortestKey:
		alike = append(alike, i)
	}
	return invoices, alike
}

func digitsOf(order string) string { return strings.TrimLeft(order, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") }
