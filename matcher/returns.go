package matcher

import (
	"slices"

	"github.com/tieout/tieout/recon"
)

// decideReturns finds for each return the receipt that it takes back. A receipt of the same work that it takes back beyond
// doubt is decided with it; one that it may take back is returned with the entries that do so: it must not be applied.
func (w *world) decideReturns(work *recon.Work, inquiries []*inquiry, decisions []recon.Decision) map[recon.Source][]int64 {
	if len(work.Returns) == 0 {
		return nil
	}
	searches := w.searchOriginals(work, inquiries)
	wanted := map[int64][]*givingBack{}
	for i := range searches {
		g := &searches[i]
		g.decision = &decisions[i]
		g.queue()
		if g.sole != nil {
			wanted[g.sole.ReceiptID] = append(wanted[g.sole.ReceiptID], g)
		}
	}
	for _, rivals := range wanted {
		if g := rivals[0]; len(rivals) == 1 && g.sole.takeable(g.r) {
			g.takeBack()
			continue
		}
		for _, g := range rivals {
			g.contest(rivals)
		}
	}
	return heldBack(searches)
}

// givingBack is the search for the receipt that one return takes back.
type givingBack struct {
	r        *recon.Return
	asked    *inquiry // who sent it and what it names
	found    []original
	sole     *original // the one that it names beyond doubt, nil where there is none or more than one
	decision *recon.Decision
}

// queue leaves the return to a person, with what was found.
func (g *givingBack) queue() {
	d := g.decision
	d.Source, d.Return = recon.Source{Kind: recon.SourceReceipt, ID: g.r.EntryID}, true
	d.Outcome, d.Reason, d.Customer = recon.Queued, ReturnUnmatched, g.asked.knownPayer()
	for i := range g.found[:min(len(g.found), mostProposals)] {
		d.Proposals = append(d.Proposals, g.proposal(&g.found[i]))
	}
	if len(d.Proposals) == 0 {
		return
	}
	d.Score, d.Margin = lead(d.Proposals)
	d.Evidence = d.Proposals[0].Evidence
}

// proposal is to take an original back with all that it has paid by the time a person says so.
func (g *givingBack) proposal(o *original) recon.Proposal {
	return recon.Proposal{Reason: ReturnReversed, Clears: o.ReceiptID, Evidence: o.evidence, Score: min(o.score, 100),
		DifferenceMinor: o.AmountMinor - g.r.AmountMinor, Customer: o.payer()}
}

// takeBack turns the first proposal into the decision. Where the receipt is of the same work, it is decided too: it has
// nothing to pay any more.
func (g *givingBack) takeBack() {
	d, p := g.decision, g.decision.Proposals[0]
	d.Outcome, d.Reason, d.Clears, d.Reverses = recon.Reversed, ReturnReversed, p.Clears, g.sole.live()
	d.Score, d.Margin, d.Proposals = p.Score, p.Score, nil
	if p.Customer != "" {
		d.Customer = p.Customer
	}
	if g.sole.waiting == nil {
		return
	}
	own := g.sole.waiting.decision
	own.Outcome, own.Reason, own.Customer = recon.Reversed, recon.ReasonReturned, d.Customer
	own.Score, own.Margin, own.Evidence, own.Rivals = d.Score, d.Margin, d.Evidence, []int64{g.r.EntryID}
}

// contest names the other returns that want the same receipt.
func (g *givingBack) contest(rivals []*givingBack) {
	for _, other := range rivals {
		if other != g {
			g.decision.Rivals = append(g.decision.Rivals, other.r.EntryID)
		}
	}
	slices.Sort(g.decision.Rivals)
}

// heldBack returns the receipts of the work that some undecided return names, with the entries of those returns: they may be gone.
func heldBack(searches []givingBack) map[recon.Source][]int64 {
	held := map[recon.Source][]int64{}
	for i := range searches {
		g := &searches[i]
		for n := range g.found {
			o := &g.found[n]
			if o.waiting == nil || o.link != g.found[0].link || o.link == linkLikely || o.declines(g.r) || g.decision.Outcome == recon.Reversed {
				continue
			}
			held[o.waiting.r.Source] = append(held[o.waiting.r.Source], g.r.EntryID)
			g.decision.Rivals = append(g.decision.Rivals, o.ReceiptID)
		}
		slices.Sort(g.decision.Rivals)
	}
	return held
}
