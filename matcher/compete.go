package matcher

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// claim is what a receipt wants of an item.
type claim struct {
	by     *inquiry
	item   int32
	amount int64
	score  int
	tier   tier
	pool   []int32
}

// eachCustomer visits the customers whose items a receipt may touch: those of the payer and of everything it names.
func (q *inquiry) eachCustomer(visit func(int32)) {
	for _, c := range q.payer.reach {
		visit(c)
	}
	for _, c := range q.payer.candidates {
		visit(c)
	}
	for _, m := range q.mentions {
		visit(q.w.items[m.item].owner)
	}
}

// compareReceipts is the order in which equals are served.
func compareReceipts(a, b *inquiry) int {
	return cmp.Or(cmp.Compare(a.r.Booked, b.r.Booked), cmp.Compare(a.r.Source.Kind, b.r.Source.Kind), cmp.Compare(a.r.Source.ID, b.r.Source.ID), cmp.Compare(a.at, b.at))
}

// serve decides connected receipts. Tier by tier, each receipt whose best hypothesis is of the tier states its claims;
// where claims of equal strength exceed what is open, all of them are queued; the others are applied. What was applied
// changes the view of the rest, so they look again before the next round.
func (w *world) serve(part []*inquiry, takenBack map[recon.Source][]int64) {
	waiting := make([]*inquiry, 0, len(part))
	for _, q := range part {
		switch {
		case q.decision.Outcome != "": // cleared, or taken back
		case takenBack[q.r.Source] != nil:
			q.weigh()
			q.queue(ReturnedByBank)
			q.rivals = takenBack[q.r.Source]
			q.keepClaims()
		default:
			waiting = append(waiting, q)
		}
	}
	for t := range tiers {
		waiting = w.serveTier(waiting, t, part)
	}
	for _, q := range waiting {
		q.queueOrWait(q.verdict())
	}
	w.finish(part)
}

// serveTier serves one tier until nothing of it is left, and returns who still waits.
func (w *world) serveTier(waiting []*inquiry, t tier, part []*inquiry) []*inquiry {
	for {
		var round []*inquiry
		for _, q := range waiting {
			if q.stale() {
				q.weigh()
			}
			if len(q.found) > 0 && q.found[0].tier <= t {
				round = append(round, q)
			}
		}
		if len(round) == 0 {
			return waiting
		}
		w.serveRound(round, part)
		waiting = slices.DeleteFunc(waiting, func(q *inquiry) bool { return q.decision.Outcome != "" })
	}
}

// serveRound decides at least one receipt of the round: the rivals, else those that can be applied, else all.
func (w *world) serveRound(round, part []*inquiry) {
	var yielding map[*inquiry]bool
	if len(round) > 1 || anyKeepsClaims(part) {
		contested := false
		if contested, yielding = w.queueRivals(round, part); contested {
			return
		}
	}
	var touched map[int64]bool
	for _, q := range round {
		if yielding[q] || q.verdict() != "" || touched != nil && !q.untouched(touched) && !q.stillSame() {
			continue
		}
		q.apply()
		if touched == nil {
			touched = map[int64]bool{}
		}
		for _, l := range q.decision.Lines {
			touched[l.Item], touched[l.CreditNote] = true, true
		}
	}
	if touched != nil {
		return
	}
	for _, q := range round {
		q.queueOrWait(q.verdict())
		q.keepClaims()
	}
}

// untouched reports whether the best hypothesis names its items and fits them to the cent, and none of them was touched in
// this round: then nothing that was applied beside it can matter to it.
func (q *inquiry) untouched(touched map[int64]bool) bool {
	best := &q.found[0]
	return best.reason == ReferenceExact && !slices.ContainsFunc(best.worked.lines, func(l recon.Line) bool {
		return touched[l.Item] || l.CreditNote != 0
	})
}

// stillSame looks again after others of the round were served, and reports whether the best hypothesis is still the one
// that was checked against its rivals, up to which of several interchangeable items it takes.
func (q *inquiry) stillSame() bool {
	if !q.stale() {
		return true
	}
	before := q.found[0]
	q.weigh()
	if len(q.found) == 0 || q.verdict() != "" || q.found[0].tier != before.tier || q.found[0].reason != before.reason {
		return false
	}
	now := &q.found[0]
	if len(now.worked.lines) == 1 && len(before.pool) > 1 {
		return slices.Contains(before.pool, q.w.byID[now.worked.lines[0].Item])
	}
	return slices.Equal(now.worked.lines, before.worked.lines)
}

func anyKeepsClaims(part []*inquiry) bool {
	return slices.ContainsFunc(part, func(q *inquiry) bool { return len(q.claimed) > 0 })
}

// claims are what the best hypothesis wants of each item; of a receipt that is ambiguous, what all equally good ones want.
func (q *inquiry) claims() []claim {
	var all []claim
	margin := q.w.set.Thresholds.Margin
	for i := range q.found {
		h := &q.found[i]
		if i > 0 && (h.score <= q.found[0].score-margin || h.tier > q.found[0].tier) {
			break
		}
		for _, l := range h.worked.lines {
			if l.Kind.Reduces() {
				all = q.claim(all, h, l.Item, l.AmountMinor)
			}
			if l.Kind == recon.Credit {
				all = q.claim(all, h, l.CreditNote, l.AmountMinor)
			}
		}
		if q.applicable() {
			break
		}
	}
	return all
}

func (q *inquiry) applicable() bool { return q.verdict() == "" }

// claim adds to what the receipt wants of an item; of several hypotheses the largest wish counts.
func (q *inquiry) claim(all []claim, h *hypothesis, id, amount int64) []claim {
	i := q.w.byID[id]
	if at := slices.IndexFunc(all, func(c claim) bool { return c.item == i }); at >= 0 {
		if h == &q.found[0] {
			all[at].amount += amount
		} else {
			all[at].amount = max(all[at].amount, amount)
		}
		return all
	}
	return append(all, claim{by: q, item: i, amount: amount, score: q.found[0].score, tier: q.found[0].tier, pool: h.pool})
}

// keepClaims lets a queued receipt go on wanting what it found: weaker ones must not take it from under the person's hands.
func (q *inquiry) keepClaims() {
	if len(q.found) > 0 && q.decision.Outcome == recon.Queued {
		q.claimed = q.claims()
	}
}

// queueRivals queues every receipt of the round whose claim another one contests, and reports whether there were any. A
// receipt is not contested by those that are served before it: it yields to them and looks again.
func (w *world) queueRivals(round, part []*inquiry) (contested bool, yielding map[*inquiry]bool) {
	byItem := map[int32][]claim{}
	add := func(claims []claim) {
		for _, c := range claims {
			byItem[c.item] = append(byItem[c.item], c)
		}
	}
	for _, q := range part {
		add(q.claimed)
	}
	own := make([][]claim, len(round))
	for i, q := range round {
		own[i] = q.claims()
		add(own[i])
	}
	rivals := map[*inquiry][]*inquiry{}
	for i, q := range round {
		for _, c := range own[i] {
			rivals[q] = append(rivals[q], w.contest(c, byItem[c.item])...)
		}
	}
	yielding = map[*inquiry]bool{}
	for _, q := range round {
		if len(rivals[q]) == 0 {
			continue
		}
		if !slices.ContainsFunc(rivals[q], func(o *inquiry) bool { return o.decision.Outcome != "" || len(rivals[o]) > 0 || !o.applicable() }) {
			yielding[q] = true
			continue
		}
		contested = true
	}
	for _, q := range round {
		if len(rivals[q]) > 0 && !yielding[q] {
			q.compete(rivals[q])
		}
	}
	return contested, yielding
}

// compete queues a receipt that others contest.
func (q *inquiry) compete(rivals []*inquiry) {
	for _, o := range rivals {
		q.rivals = append(q.rivals, o.r.Source.ID)
	}
	reason := q.verdict()
	if reason == "" || reason == AmbiguousLump || reason == AmbiguousReference {
		reason = CompetingReceipts
	}
	q.queueOrWait(reason)
	q.claimed = q.claims()
}

// contest returns the receipts whose claims of about equal or greater strength leave too little of the item for c.
// Receipts that would each take one of several interchangeable items do not contest each other while there are enough.
func (w *world) contest(c claim, all []claim) []*inquiry {
	var rivals []*inquiry
	sum, pooled := c.amount, 1
	for _, o := range all {
		if o.by == c.by || !w.rivals(o, c) {
			continue
		}
		sum += o.amount
		rivals = append(rivals, o.by)
		if len(c.pool) > 0 && slices.Equal(o.pool, c.pool) {
			pooled++
		}
	}
	if sum <= w.items[c.item].left || pooled == len(rivals)+1 && pooled <= len(c.pool) {
		return nil
	}
	return rivals
}

// rivals reports whether o is about as strong as c or stronger: by its score, or by a tier whose evidence would do.
func (w *world) rivals(o, c claim) bool {
	t := w.set.Thresholds
	return o.score > c.score-t.Margin || o.tier < c.tier && o.score >= t.Apply
}

// queueOrWait queues a receipt for a reason; an advance without an invoice waits and asks nobody.
func (q *inquiry) queueOrWait(reason recon.Reason) {
	if q.r.Source.Kind == recon.SourceAdvance && len(q.found) == 0 && q.gate() == "" {
		q.decision.Outcome, q.decision.Reason, q.decision.Customer = recon.Waits, AdvanceWaiting, q.r.Customer
		return
	}
	q.queue(reason)
}

// finish gives the queued receipts their proposals, worked on what is open in the end, and names who else of the
// payer's receipts waits.
func (w *world) finish(part []*inquiry) {
	const shown = 5
	byPayer := map[int32][]int64{}
	for _, q := range part {
		if q.decision.Outcome == recon.Queued && q.payer.customer != nobody {
			byPayer[q.payer.customer] = append(byPayer[q.payer.customer], q.r.Source.ID)
		}
	}
	for _, q := range part {
		if q.decision.Outcome != recon.Queued {
			continue
		}
		q.propose()
		rivals := q.rivals
		if len(rivals) == 0 && q.payer.customer != nobody {
			rivals = byPayer[q.payer.customer]
		}
		q.nameRivals(rivals[:min(len(rivals), 2*shown)])
	}
}

// nameRivals writes the ids of other receipts into the decision, ascending and once each.
func (q *inquiry) nameRivals(ids []int64) {
	ids = slices.Clone(ids)
	ids = slices.DeleteFunc(ids, func(id int64) bool { return id == q.r.Source.ID })
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) > 0 {
		q.decision.Rivals = ids
	}
}
