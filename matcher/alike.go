package matcher

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// Points of what is proposed where nobody knows who paid. They order proposals and come nowhere near what is applied.
const (
	pointsAlike    = 25 // the amount alone
	pointsNearName = 15
)

// proposeAlike offers the unpaid items of the same amount for receipts whose payer nobody knows and that name nothing: those
// of customers with a similar name first, then the oldest. It runs when everything else is decided, on what is left. What is
// open of items paid in part is in the book by chance only, so it does not count.
func (w *world) proposeAlike(inquiries []*inquiry) {
	type sum struct {
		currency recon.Currency
		minor    int64
	}
	wanted := map[sum][]int32{}
	var unknown []*inquiry
	for _, q := range inquiries {
		if d := q.decision; d.Outcome == recon.Queued && d.Reason == PayerUnknown && len(d.Proposals) == 0 {
			unknown = append(unknown, q)
			wanted[sum{q.r.Currency, q.r.AmountMinor}] = nil
		}
	}
	if len(unknown) == 0 {
		return
	}
	for i := range w.items {
		it := &w.items[i]
		of := sum{it.Currency, it.left}
		if _, asked := wanted[of]; asked && it.left == it.AmountMinor && it.Kind == recon.Invoice && !it.Cancelled && it.Dispute == nil {
			wanted[of] = append(wanted[of], int32(i))
		}
	}
	for _, q := range unknown {
		q.offer(wanted[sum{q.r.Currency, q.r.AmountMinor}])
	}
}

// offer proposes the likeliest of the items.
func (q *inquiry) offer(items []int32) {
	const most = 3
	items = slices.DeleteFunc(slices.Clone(items), q.declined)
	far := func(i int32) int {
		if q.nearName(q.w.items[i].owner) {
			return 0
		}
		return 1
	}
	slices.SortFunc(items, func(a, b int32) int {
		return cmp.Or(cmp.Compare(far(a), far(b)), compareAge(q.w.items[a].Item, q.w.items[b].Item))
	})
	d := q.decision
	for _, i := range items[:min(len(items), most)] {
		it := &q.w.items[i]
		p := recon.Proposal{Reason: AmountAlone, Score: pointsAlike, Customer: it.Customer,
			Lines:    []recon.Line{{Kind: recon.Payment, Item: it.ID, AmountMinor: it.left}},
			Evidence: []recon.Evidence{amountSeen("exact", pointsAlike, "")}}
		if far(i) == 0 {
			p.Score += pointsNearName
			p.Evidence = append(p.Evidence, recon.Evidence{Factor: recon.FactorPayer, Code: "near_name", Points: pointsNearName, Seen: q.w.customers[it.owner].Name})
		}
		d.Proposals = append(d.Proposals, p)
	}
	if len(d.Proposals) > 0 {
		d.Score, d.Margin = lead(d.Proposals)
	}
}

// nearName reports whether the payer's name shares a word of weight with the customer's.
func (q *inquiry) nearName(c int32) bool {
	return q.r.Payer.Name+q.r.Ultimate != "" && q.w.customers[c].Name != "" && !q.stranger(c)
}
