package matcher

import (
	"slices"

	"github.com/tieout/tieout/recon"
)

const mostProposals = 5

// proposals are hypotheses in the form that a person sees.
func (q *inquiry) proposals(found []hypothesis) []recon.Proposal {
	var shown []recon.Proposal
	for i := range found {
		h := &found[i]
		p := recon.Proposal{Reason: h.reason, Score: max(0, min(100, h.score)), Lines: h.worked.lines,
			DifferenceMinor: h.worked.difference, Evidence: h.evidence}
		if h.customer != nobody {
			p.Customer = q.w.customers[h.customer].Code
		}
		shown = append(shown, p)
	}
	return shown
}

// lead returns the score of the first proposal and how far it is ahead of the next.
func lead(ranked []recon.Proposal) (score, margin int) {
	score, margin = ranked[0].Score, ranked[0].Score
	if len(ranked) > 1 {
		margin -= ranked[1].Score
	}
	return score, max(0, margin)
}

// propose gives a queued decision its proposals: the best ones, and oldest first always among them.
func (q *inquiry) propose() {
	if q.stale() {
		q.weigh()
	}
	found := slices.DeleteFunc(slices.Clone(q.found), func(h hypothesis) bool {
		return h.score < q.w.set.Thresholds.Propose && !oldestFirst(h)
	})
	if at := slices.IndexFunc(found, oldestFirst); at >= mostProposals {
		found[mostProposals-1] = found[at]
	}
	own := q.decision.Proposals // of the clearing
	q.decision.Proposals = append(own, q.proposals(found[:min(len(found), mostProposals-len(own))])...)
}

func oldestFirst(h hypothesis) bool { return h.reason == PayerOldestFirst }

// rejections says of each obvious candidate that was not taken why not.
func (q *inquiry) rejections() []recon.Rejection {
	var rejected []recon.Rejection
	for _, m := range q.mentions {
		it := &q.w.items[m.item]
		if reason := q.rejection(m, it); reason != "" {
			rejected = append(rejected, recon.Rejection{Item: it.ID, Reason: reason})
		}
	}
	return rejected
}

func (q *inquiry) rejection(m mention, it *item) recon.Reason {
	switch {
	case len(q.found) > 0 && slices.ContainsFunc(q.found[0].worked.lines, func(l recon.Line) bool { return l.Item == it.ID || l.CreditNote == it.ID }):
		return ""
	case it.Cancelled:
		return ItemCancelled
	case it.Currency != q.r.Currency:
		return CurrencyMismatch
	case slices.Contains(q.r.Declined, it.ID):
		return DeclinedBefore
	case it.left == 0 && it.taken:
		return TakenBefore
	case it.left == 0:
		return AlreadyPaid
	case m.weight < strong:
		return NotEnough
	}
	return OutScored
}
