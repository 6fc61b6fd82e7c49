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
