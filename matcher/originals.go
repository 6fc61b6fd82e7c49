package matcher

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// original is an earlier receipt that a return may take back, with what says so.
type original struct {
	*candidate
	link     link
	evidence []recon.Evidence
	score    int
}

// candidate is a receipt whose money may have gone back. It waits where it is in the same work.
type candidate struct {
	recon.PaidReceipt
	waiting *inquiry
}

// link says by what a return names a receipt, from weak to strong.
type link uint8

const (
	linkLikely  link = iota // payer, amount and what it was for: a person decides
	linkMandate             // used again and again, so it counts only where nothing names a single payment
	linkID                  // names one payment
)

// takeable reports whether the return may take the receipt back unattended: nobody parted the two, none of its money went
// back before, and where it waits, nothing else was found out about it and its statement allows to decide.
func (o *original) takeable(r *recon.Return) bool {
	refunded := slices.ContainsFunc(o.Applications, func(a recon.Application) bool { return a.Live() && a.Kind == recon.Refund })
	if refunded || o.declines(r) {
		return false
	}
	return o.waiting == nil || o.waiting.decision.Outcome == "" && o.waiting.gate() == ""
}

// declines reports whether a person parted the receipt from the return before.
func (c *candidate) declines(r *recon.Return) bool { return slices.Contains(c.Declined, r.EntryID) }

// live returns the ids of its live applications, ascending.
func (c *candidate) live() []int64 {
	var ids []int64
	for _, a := range c.Applications {
		if a.Live() {
			ids = append(ids, a.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// payer is the customer whose money it was.
func (c *candidate) payer() string {
	for _, a := range c.Applications {
		if a.Live() && a.Customer != "" {
			return a.Customer
		}
	}
	if c.waiting != nil {
		return cmp.Or(c.waiting.knownPayer(), c.Customer)
	}
	return c.Customer
}

// items are the ids of the items that the receipt paid or names.
func (c *candidate) items() (ids []int64) {
	for _, a := range c.Applications {
		if a.Live() && a.Item != 0 {
			ids = append(ids, a.Item)
		}
	}
	if c.waiting != nil {
		ids = append(ids, c.waiting.itemsNamed()...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// itemsNamed are the ids of the items that are named strongly.
func (q *inquiry) itemsNamed() []int64 {
	var ids []int64
	for _, m := range q.mentions {
		if m.weight == strong {
			ids = append(ids, q.w.items[m.item].ID)
		}
	}
	return ids
}

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
		g.asked = rd.read(&asReceipt)
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

// weigh says how a receipt fits the return, and false where it cannot be the one: another account, currency or amount, a
// later day, taken back already, or nothing but the amount in common.
func (g *givingBack) weigh(c *candidate) (original, bool) {
	r := g.r
	o := original{candidate: c}
	if c.AccountID != r.AccountID || c.Currency != r.Currency || c.Booked > r.Booked || c.Returned {
		return o, false
	}
	amount, fits := returnedAmount(r, c.AmountMinor)
	if !fits {
		return o, false
	}
	o.evidence, o.link = sharedIDs(r, &c.PaidReceipt)
	ours, theirs := recon.NormalAccount(r.Counterparty.Account), recon.NormalAccount(c.Payer.Account)
	if ours != "" && ours == theirs {
		o.evidence = append(o.evidence, recon.Evidence{Factor: recon.FactorPayer, Code: "iban", Points: 30, Seen: recon.MaskAccount(ours)})
	}
	if o.link == linkLikely {
		if ours != "" && theirs != "" && ours != theirs || r.Booked.DaysSince(c.Booked) > returnReach {
			return o, false
		}
		o.evidence = append(o.evidence, g.sharedItem(c)...)
	}
	if len(o.evidence) == 0 {
		return o, false
	}
	o.evidence = append(o.evidence, amount)
	for _, e := range o.evidence {
		o.score += e.Points
	}
	return o, true
}

// sharedItem is the evidence of the first item that the return names and the receipt paid or named.
func (g *givingBack) sharedItem(c *candidate) []recon.Evidence {
	theirs := c.items()
	for _, m := range g.asked.mentions {
		if it := g.asked.w.items[m.item]; m.weight == strong && slices.Contains(theirs, it.ID) {
			return []recon.Evidence{{Factor: recon.FactorReference, Code: "number", Item: it.ID, Points: 20, Seen: m.seen}}
		}
	}
	return nil
}

// returnedAmount reports whether the return is the receipt's amount, with the bank's charges or without.
func returnedAmount(r *recon.Return, receipt int64) (recon.Evidence, bool) {
	switch {
	case r.AmountMinor == receipt:
		return amountSeen("exact", pointsExact, ""), true
	case slices.Contains(returnableAmounts(r), receipt):
		return amountSeen("with_charges", pointsExact, recon.FormatMinor(r.ChargesMinor, r.Currency)), true
	}
	return recon.Evidence{}, false
}

// sharedIDs collects the ids that the return and the receipt have in common, and how surely they name it.
func sharedIDs(r *recon.Return, p *recon.PaidReceipt) (evidence []recon.Evidence, by link) {
	id := func(code string, points int, a, b string, names link) {
		if a != "" && a == b && meansSomething(a) {
			evidence = append(evidence, recon.Evidence{Factor: recon.FactorReference, Code: code, Points: points, Seen: a})
			by = max(by, names)
		}
	}
	id("original_end_to_end", 55, r.OriginalEndToEnd, p.EndToEndID, linkID)
	if r.OriginalEndToEnd == "" {
		id("end_to_end", 55, r.EndToEndID, p.EndToEndID, linkID)
	}
	id("transaction", 55, r.TransactionID, p.TransactionID, linkID)
	id("bank_reference", 45, r.BankReference, p.BankReference, linkID)
	id("mandate", 40, r.MandateID, p.MandateID, linkMandate)
	return evidence, by
}

// chooseSole takes the first of what was found if an id names it and nothing else as surely, and its sender is not another one.
func (g *givingBack) chooseSole() {
	if len(g.found) == 0 || g.found[0].link == linkLikely || len(g.found) > 1 && g.found[1].link == g.found[0].link {
		return
	}
	ours, theirs := recon.NormalAccount(g.r.Counterparty.Account), recon.NormalAccount(g.found[0].Payer.Account)
	if ours == "" || theirs == "" || ours == theirs {
		g.sole = &g.found[0]
	}
}
