package matcher

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// lumpOldestFirst spreads a receipt that proves nothing over the open items, oldest first, without disputed ones. The
// payer's policy may let it pass; otherwise a person chooses.
func lumpOldestFirst(q *inquiry) {
	open := q.undisputedOpen()
	if len(open) == 0 {
		return
	}
	points, code := pointsOldest, "oldest_first"
	if q.policy() == recon.LumpOldestFirst && !q.fits() && !q.nearSomething() && q.w.sumOf(open) > q.r.AmountMinor {
		points, code = pointsPart, "policy"
	}
	w := q.spread(open)
	h := q.ofPayer(PayerOldestFirst, tierPart, q.w.touched(w), w, amountSeen(code, points, ""))
	if h.blocked == "" && code != "policy" {
		h.blocked = AmbiguousLump
	}
	q.add(h)
}

// touched are the items of an allocation.
func (w *world) touched(a worked) []int32 {
	var items []int32
	for _, l := range a.lines {
		if i, ok := w.places.of(l.Item); ok && !slices.Contains(items, i) {
			items = append(items, i)
		}
	}
	return items
}

// lumpSmallestFirst settles as many items as possible; it is proposed only.
func lumpSmallestFirst(q *inquiry) {
	if len(q.open) < 2 || q.proved() {
		return
	}
	open := slices.Clone(q.undisputedOpen())
	if len(open) < 2 || len(open) > mostSearched || q.w.sumOf(open) <= q.r.AmountMinor {
		return
	}
	slices.SortStableFunc(open, func(a, b int32) int { return cmp.Compare(q.w.items[a].left, q.w.items[b].left) })
	w := q.spread(open)
	h := q.ofPayer(PayerSmallestFirst, tierPart, q.w.touched(w), w, amountSeen("smallest_first", pointsSmallest, ""))
	h.blocked = cmp.Or(h.blocked, AmbiguousLump)
	q.add(h)
}

// lumpOnAccount keeps the receipt on account: by policy where a lump would touch several items or none; else it is a proposal.
func lumpOnAccount(q *inquiry) {
	if q.payer.customer == nobody || q.proved() {
		return
	}
	points, code := pointsOnAccount, "on_account"
	byPolicy := q.policy() == recon.LumpOnAccount && !q.fits() && !q.nearSomething() && !q.applies(tierPart) && !q.applies(tierNamedPart)
	if byPolicy {
		points, code = pointsPart, "policy"
	}
	h := q.ofPayer(LumpOnAccount, tierPart, nil, q.whole(recon.Line{Kind: recon.OnAccount}), amountSeen(code, points, ""))
	if h.blocked == "" && !byPolicy {
		h.blocked = AmbiguousLump
	}
	q.add(h)
}

// oneOfSeveral proposes what the receipt would pay of each customer that could be the payer: those that fit equally, or where
// nothing but the reference says who paid, the owner of what it names.
func oneOfSeveral(q *inquiry) {
	const shown = 3
	unsure := q.payer
	candidates, h := unsure.candidates, byName
	switch owner := q.namedOwner(); {
	case owner == nobody || unsure.customer != nobody:
	case candidates == nil:
		candidates, h = []int32{owner}, byReference
	case slices.Contains(candidates, owner):
		candidates = []int32{owner}
	}
	if len(candidates) == 0 || q.proved() {
		return
	}
	reason := q.nothingFound()
	for _, c := range candidates[:min(len(candidates), shown)] {
		known := len(q.found)
		q.payer = payer{customer: c, how: h, reach: []int32{c}, seen: unsure.seen}
		q.lookAtPayer()
		payerSingle(q)
		payerSet(q)
		payerBalance(q)
		lumpOldestFirst(q)
		for i := known; i < len(q.found); i++ {
			q.found[i].blocked = reason
		}
	}
	q.payer = unsure
	q.lookAtPayer()
}

// applies reports whether something of the tier could be applied.
func (q *inquiry) applies(t tier) bool {
	return slices.ContainsFunc(q.found, func(h hypothesis) bool { return h.tier == t && h.blocked == "" })
}
