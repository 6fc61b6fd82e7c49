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
func (w *world) serve(part []*inquiry, takenBack map[recon.Source][]int64, mem *scratch) {
	waiting := mem.waiting[:0]
	for _, q := range part {
		q.mem = mem
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
	mem.waiting = waiting
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
	for len(waiting) > 0 {
		mem := waiting[0].mem
		round := mem.round[:0]
		for _, q := range waiting {
			if q.stale() {
				q.weigh()
			}
			if len(q.found) > 0 && q.found[0].tier <= t {
				round = append(round, q)
			}
		}
		mem.round = round
		if len(round) == 0 {
			break
		}
		w.serveRound(round, part)
		waiting = slices.DeleteFunc(waiting, func(q *inquiry) bool { return q.decision.Outcome != "" })
	}
	return waiting
}

// serveRound decides at least one receipt of the round: the rivals, else those that can be applied, else all.
func (w *world) serveRound(round, part []*inquiry) {
	mem := round[0].mem
	round[0].yields = false
	if (len(round) > 1 || anyKeepsClaims(part)) && mem.rivalry.queueRivals(w, round, part) {
		return
	}
	mem.rounds++
	applied := false
	for _, q := range round {
		if q.yields || q.verdict() != "" || applied && !q.untouched() && !q.stillSame() {
			continue
		}
		q.apply()
		applied = true
		for _, l := range q.decision.Lines {
			w.touch(l.Item, mem.rounds)
			w.touch(l.CreditNote, mem.rounds)
		}
	}
	if applied {
		return
	}
	for _, q := range round {
		q.queueOrWait(q.verdict())
		q.keepClaims()
	}
}

// touch notes in which round an item was used.
func (w *world) touch(id int64, round int) {
	if i, ok := w.places.of(id); ok {
		w.items[i].round = round
	}
}

// untouched reports whether the best hypothesis names its items and fits them to the cent, and none of them was touched in
// this round: then nothing that was applied beside it can matter to it.
func (q *inquiry) untouched() bool {
	best := &q.found[0]
	return best.reason == ReferenceExact && !slices.ContainsFunc(best.worked.lines, func(l recon.Line) bool {
		return l.CreditNote != 0 || q.w.items[q.w.places.at(l.Item)].round == q.mem.rounds
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
		return slices.Contains(before.pool, q.w.places.at(now.worked.lines[0].Item))
	}
	return slices.Equal(now.worked.lines, before.worked.lines)
}

func anyKeepsClaims(part []*inquiry) bool {
	return slices.ContainsFunc(part, func(q *inquiry) bool { return len(q.claimed) > 0 })
}

// claims appends what the best hypothesis wants of each item; of a receipt that is ambiguous, what all equally good ones want.
func (q *inquiry) claims(to []claim) []claim {
	own := len(to)
	margin := q.w.set.Thresholds.Margin
	for i := range q.found {
		h := &q.found[i]
		if i > 0 && (h.score <= q.found[0].score-margin || h.tier > q.found[0].tier) {
			break
		}
		for _, l := range h.worked.lines {
			if l.Kind.Reduces() {
				to = q.claim(to, own, h, l.Item, l.AmountMinor)
			}
			if l.Kind == recon.Credit {
				to = q.claim(to, own, h, l.CreditNote, l.AmountMinor)
			}
		}
		if q.applicable() {
			break
		}
	}
	return to
}

func (q *inquiry) applicable() bool { return q.verdict() == "" }

// claim adds to what the receipt wants of an item, to[own:]; of several hypotheses the largest wish counts.
func (q *inquiry) claim(to []claim, own int, h *hypothesis, id, amount int64) []claim {
	i := q.w.places.at(id)
	if at := slices.IndexFunc(to[own:], func(c claim) bool { return c.item == i }); at >= 0 {
		known := &to[own+at]
		if h == &q.found[0] {
			known.amount += amount
		} else {
			known.amount = max(known.amount, amount)
		}
		return to
	}
	return append(to, claim{by: q, item: i, amount: amount, score: q.found[0].score, tier: q.found[0].tier, pool: h.pool})
}

// keepClaims lets a queued receipt go on wanting what it found: weaker ones must not take it from under the person's hands.
func (q *inquiry) keepClaims() {
	if len(q.found) > 0 && q.decision.Outcome == recon.Queued {
		q.claimed = q.claims(nil)
	}
}

// compete queues a receipt that others contest.
func (q *inquiry) compete() {
	for _, o := range q.contested {
		q.rivals = append(q.rivals, o.r.Source.ID)
	}
	reason := q.verdict()
	if reason == "" || reason == AmbiguousLump || reason == AmbiguousReference {
		reason = CompetingReceipts
	}
	q.queueOrWait(reason)
	q.claimed = q.claims(nil)
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
	if !slices.ContainsFunc(part, func(q *inquiry) bool { return q.decision.Outcome == recon.Queued }) {
		return
	}
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
