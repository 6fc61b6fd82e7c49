package matcher

import (
	"slices"
)

// rivalry finds the receipts of a round that want more of an item than is open.
type rivalry struct {
	claims []claim
	starts []int   // of each receipt's claims
	next   []int32 // of each claim: the following one on the same item, plus 1
}

// queueRivals queues every receipt of the round whose claim another one contests, and reports whether there were any. A
// receipt is not contested by those that are served before it: it yields to them and looks again.
func (r *rivalry) queueRivals(w *world, round, part []*inquiry) (contested bool) {
	r.collect(w, round, part)
	found := false
	for i, q := range round {
		q.contested, q.yields = nil, false
		for _, c := range r.claims[r.starts[i]:r.starts[i+1]] {
			q.contested = append(q.contested, r.contest(w, c)...)
		}
		found = found || len(q.contested) > 0
	}
	r.forget(w)
	if !found {
		return false
	}
	for _, q := range round {
		if len(q.contested) == 0 {
			continue
		}
		if !slices.ContainsFunc(q.contested, func(o *inquiry) bool { return o.decision.Outcome != "" || len(o.contested) > 0 || !o.applicable() }) {
			q.yields = true
			continue
		}
		contested = true
	}
	for _, q := range round {
		if len(q.contested) > 0 && !q.yields {
			q.compete()
		}
	}
	return contested
}

// collect lists the claims on each item: those of queued receipts, then those of the round.
func (r *rivalry) collect(w *world, round, part []*inquiry) {
	r.claims, r.starts = r.claims[:0], r.starts[:0]
	for _, q := range part {
		r.claims = append(r.claims, q.claimed...)
	}
	for _, q := range round {
		r.starts = append(r.starts, len(r.claims))
		r.claims = q.claims(r.claims)
	}
	r.starts = append(r.starts, len(r.claims))
	r.next = slices.Grow(r.next[:0], len(r.claims))[:len(r.claims)]
	for i := len(r.claims) - 1; i >= 0; i-- {
		it := &w.items[r.claims[i].item]
		r.next[i], it.claimed = it.claimed, int32(i)+1
	}
}

// forget leaves no claim on the items.
func (r *rivalry) forget(w *world) {
	for _, c := range r.claims {
		w.items[c.item].claimed = 0
	}
}

// contest returns the receipts whose claims of about equal or greater strength leave too little of the item for c.
// Receipts that would each take one of several interchangeable items do not contest each other while there are enough.
func (r *rivalry) contest(w *world, c claim) []*inquiry {
	it := &w.items[c.item]
	if it.claimed > 0 && r.next[it.claimed-1] == 0 {
		return nil // nobody else wants it
	}
	var rivals []*inquiry
	sum, pooled := c.amount, 1
	for at := it.claimed; at > 0; at = r.next[at-1] {
		o := r.claims[at-1]
		if o.by == c.by || !w.rivals(o, c) {
			continue
		}
		sum += o.amount
		rivals = append(rivals, o.by)
		if len(c.pool) > 0 && slices.Equal(o.pool, c.pool) {
			pooled++
		}
	}
	if sum <= it.left || pooled == len(rivals)+1 && pooled <= len(c.pool) {
		return nil
	}
	return rivals
}

// rivals reports whether o is about as strong as c or stronger: by its score, or by a tier whose evidence would do.
func (w *world) rivals(o, c claim) bool {
	t := w.set.Thresholds
	return o.score > c.score-t.Margin || o.tier < c.tier && o.score >= t.Apply
}
