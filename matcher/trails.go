package matcher

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// sender is who sent how much to which account.
type sender struct {
	account, from string
	minor         int64
}

// trails are what the returns of a work lead to: the receipts with an id, from a sender, or for an item.
type trails struct {
	byID     map[string][]int
	bySender map[sender][]int
	byItem   map[int64][]int
}

// searchOriginals finds the receipts that each return may take back, the likeliest first.
func (w *world) searchOriginals(work *recon.Work, inquiries []*inquiry) []givingBack {
	rd := reader{w: w}
	searches := make([]givingBack, len(work.Returns))
	t := trails{map[string][]int{}, map[sender][]int{}, map[int64][]int{}}
	for i := range searches {
		g := &searches[i]
		g.r = &work.Returns[i]
		asReceipt := receiptOf(g.r)
		g.asked = &inquiry{}
		rd.read(g.asked, &asReceipt)
		t.expect(g)
	}
	candidates := t.follow(work.Book.Paid, inquiries)
	for i := range searches {
		g := &searches[i]
		for _, at := range t.of(g) {
			if o, fits := g.weigh(&candidates[at]); fits {
				g.found = append(g.found, o)
			}
		}
		slices.SortStableFunc(g.found, func(a, b original) int {
			return cmp.Or(cmp.Compare(b.link, a.link), cmp.Compare(b.score, a.score), cmp.Compare(b.Booked, a.Booked), cmp.Compare(b.ReceiptID, a.ReceiptID))
		})
		g.chooseSole()
	}
	return searches
}

// senders are who may have sent what the return takes back, with the bank's charges in it or not.
func (g *givingBack) senders() []sender {
	from := recon.NormalAccount(g.r.Counterparty.Account)
	if from == "" {
		return nil
	}
	var all []sender
	for _, minor := range returnableAmounts(g.r) {
		all = append(all, sender{g.r.AccountID, from, minor})
	}
	return all
}

// expect makes the trails of a return known, so that only what lies on one is looked at.
func (t *trails) expect(g *givingBack) {
	for _, id := range returnIDs(g.r) {
		t.byID[id] = nil
	}
	for _, s := range g.senders() {
		t.bySender[s] = nil
	}
	for _, item := range g.asked.itemsNamed() {
		t.byItem[item] = nil
	}
}

// follow returns the earlier receipts and those of the work that lie on a trail, by id and once each.
func (t *trails) follow(paid []recon.PaidReceipt, inquiries []*inquiry) []candidate {
	waiting := map[int64]*inquiry{}
	for _, q := range inquiries {
		if q.r.Source.Kind == recon.SourceReceipt && t.leadTo(q) {
			waiting[q.r.Source.ID] = q
		}
	}
	candidates := make([]candidate, 0, len(paid)+len(waiting))
	for _, p := range paid {
		candidates = append(candidates, candidate{p, waiting[p.ReceiptID]})
		delete(waiting, p.ReceiptID)
	}
	for _, q := range waiting {
		candidates = append(candidates, candidate{q.paid(), q})
	}
	slices.SortFunc(candidates, func(a, b candidate) int { return cmp.Compare(a.ReceiptID, b.ReceiptID) })
	for i := range candidates {
		t.add(i, &candidates[i])
	}
	return candidates
}

// leadTo reports whether a receipt of the work lies on a trail.
func (t *trails) leadTo(q *inquiry) bool {
	for _, id := range [...]string{q.r.EndToEndID, q.r.TransactionID, q.r.BankReference, q.r.MandateID} {
		if _, expected := t.byID[id]; expected {
			return true
		}
	}
	if _, expected := t.bySender[sender{q.r.AccountID, recon.NormalAccount(q.r.Payer.Account), q.r.TotalMinor}]; expected {
		return true
	}
	return len(t.byItem) > 0 && slices.ContainsFunc(q.mentions, func(m mention) bool {
		_, expected := t.byItem[q.w.items[m.item].ID]
		return expected && m.weight == strong
	})
}

// paid is a receipt of the work in the form of an earlier one.
func (q *inquiry) paid() recon.PaidReceipt {
	r := q.r
	return recon.PaidReceipt{ReceiptID: r.Source.ID, AccountID: r.AccountID, Currency: r.Currency, AmountMinor: r.TotalMinor, Booked: r.Booked,
		BankReference: r.BankReference, EndToEndID: r.EndToEndID, MandateID: r.MandateID, TransactionID: r.TransactionID, Payer: r.Payer, Customer: r.Customer}
}

func (t *trails) add(at int, c *candidate) {
	for _, id := range [...]string{c.EndToEndID, c.TransactionID, c.BankReference, c.MandateID} {
		if _, expected := t.byID[id]; expected {
			t.byID[id] = append(t.byID[id], at)
		}
	}
	s := sender{c.AccountID, recon.NormalAccount(c.Payer.Account), c.AmountMinor}
	if _, expected := t.bySender[s]; expected {
		t.bySender[s] = append(t.bySender[s], at)
	}
	for _, item := range c.items() {
		if _, expected := t.byItem[item]; expected {
			t.byItem[item] = append(t.byItem[item], at)
		}
	}
}

// of returns the places of the candidates that the trails of a return lead to, ascending and once each.
func (t *trails) of(g *givingBack) []int {
	var places []int
	for _, id := range returnIDs(g.r) {
		places = append(places, t.byID[id]...)
	}
	for _, s := range g.senders() {
		places = append(places, t.bySender[s]...)
	}
	for _, item := range g.asked.itemsNamed() {
		places = append(places, t.byItem[item]...)
	}
	slices.Sort(places)
	return slices.Compact(places)
}
