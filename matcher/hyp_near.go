package matcher

import (
	"github.com/tieout/tieout/recon"
)

// nearNumber proposes the payer's items whose number is nearly the one that the payer named. Nearness ranks and never
// authorises: a number of seven digits has 63 neighbours, and the invoices before and after are among them.
func nearNumber(q *inquiry) {
	const most = 200
	if q.unknown == "" || q.payer.customer == nobody || len(q.open) > most {
		return
	}
	var near []int32
	for _, i := range q.open {
		if oneOff(squeeze(q.w.items[i].Number), q.unknown) {
			near = append(near, i)
		}
	}
	for _, i := range near {
		f := q.explain([]int32{i}, nil)
		h := q.ofPayer(ReferencePartial, tierPart, []int32{i}, q.settle([]int32{i}, nil, &f), amountSeen("near_number", pointsNear, q.unknown))
		h.reason, h.blocked = nearReason(f.fit), ReferenceUnknown
		q.add(h)
	}
}

// pointsNear puts a near number before oldest first, and below what may be applied.
const pointsNear = 20

func nearReason(f fit) recon.Reason {
	switch {
	case f == fitOver:
		return Overpaid
	case f.closes():
		return ReferenceExact
	}
	return ReferencePartial
}

// oneOff reports whether two numbers differ by one character, one missing or added, or two neighbours exchanged.
func oneOff(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || len(a) < shortestKey || a == b {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
