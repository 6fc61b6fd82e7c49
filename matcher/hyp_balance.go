package matcher

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// payerBalance clears all that the payer has open, credit notes included: to the cent; with every discount still due; an
// only item also less what a rule explains; and with a surplus.
func payerBalance(q *inquiry) {
	if len(q.open) == 0 || q.proved() {
		return
	}
	f := q.explain(q.open, q.notes)
	reason, amount := PayerBalance, amountSeen("balance", pointsBalance, "")
	t := tierFit
	only := len(q.open) == 1 && len(q.notes) == 0
	switch f.fit {
	case fitExact:
		if only {
			return
		}
	case fitDiscount:
		reason, amount = PayerDiscount, amountSeen("discount", pointsDiscount, "")
	case fitWithheld:
		reason, amount = PayerWithheldTax, amountSeen("withheld_tax", pointsExplained, "")
	case fitCharge:
		reason, amount = PayerBankCharge, amountSeen("bank_charge", pointsExplained, "")
	case fitTolerance:
		reason, amount = PayerTolerance, amountSeen("tolerance", pointsExplained, "")
	case fitGain:
		reason, amount = PayerTolerance, amountSeen("gain", pointsExplained, "")
	case fitOver:
		reason, amount, t = Overpaid, amountSeen("over", pointsPart, ""), tierPart
	default:
		return
	}
	h := q.ofPayer(reason, t, q.open, q.settle(q.open, q.notes, &f), amount)
	if h.blocked == "" && f.fit != fitExact && f.fit != fitDiscount && q.paidLately() {
		h.blocked = AlreadyPaid // near to the balance, and exactly what was paid not long ago
	}
	if h.blocked == "" && !only && (f.fit == fitWithheld || f.fit == fitCharge || f.fit == fitTolerance) {
		h.blocked = AmbiguousLump // of several items nothing proves which was short
	}
	q.add(h)
}

// payerEarlierBalance pays what was open of the items issued up to an earlier day, as a statement of account of that day says.
func payerEarlierBalance(q *inquiry) {
	if q.proved() || len(q.open) < 3 || len(q.notes) > 0 {
		return
	}
	byIssue := slices.Clone(q.open)
	slices.SortStableFunc(byIssue, func(a, b int32) int { return cmp.Compare(q.w.items[a].IssueDate, q.w.items[b].IssueDate) })
	var sum int64
	for n, i := range byIssue[:len(byIssue)-1] {
		it := &q.w.items[i]
		sum += it.left
		if it.IssueDate == 0 || sum > q.r.AmountMinor {
			return
		}
		if sum == q.r.AmountMinor && n > 0 && it.IssueDate < q.w.items[byIssue[n+1]].IssueDate {
			issued := slices.Clone(byIssue[:n+1])
			q.w.oldestFirst(issued)
			q.statement(PayerBalanceEarlier, issued, int64(len(byIssue)), amountSeen("balance_of", pointsEarlier, it.IssueDate.String()))
			return
		}
	}
}

// payerPastDue pays all that is past due.
func payerPastDue(q *inquiry) {
	if q.proved() || len(q.notes) > 0 {
		return
	}
	due := q.w.pastDue(q.open, q.r.Booked)
	if len(due) >= 2 && len(due) < len(q.open) && q.w.sumOf(due) == q.r.AmountMinor {
		q.statement(PayerPastDue, due, 1, amountSeen("past_due", pointsPastDue, q.r.Booked.String()))
	}
}

// statement adds what a statement of account would say. Few sets are such a statement, so it outweighs large combinations
// that happen to have its sum; a small one of other items is a rival, and so is an item left out that equals one taken. Of
// candidates such statements one has a given sum by accident where the amounts are round.
func (q *inquiry) statement(reason recon.Reason, items []int32, candidates int64, amount recon.Evidence) {
	w := q.fitCombination(combination{invoices: items})
	h := q.ofPayer(reason, tierFit, items, w, amount)
	small, complete := q.smallRivals(q.open, nil)
	small = slices.DeleteFunc(small, func(c combination) bool { return slices.Equal(c.invoices, items) })
	if h.blocked == "" && (len(small) > 0 || !complete || q.couldSwap(items) || candidates > max(1, q.w.values(q.open)/mostByAccident)) {
		h.blocked = AmbiguousLump
	}
	q.found = slices.DeleteFunc(q.found, func(known hypothesis) bool {
		return known.blocked == AmbiguousLump && slices.Equal(known.worked.lines, w.lines)
	})
	for i := range q.found {
		if known := &q.found[i]; h.blocked == "" && known.reason == PayerExactSet && known.blocked == AmbiguousLump {
			known.evidence = append(known.evidence, recon.Evidence{Factor: recon.FactorConflict, Code: "less_likely", Points: pointsConflict})
			known.score += pointsConflict
		}
	}
	q.add(h)
}

// mostByAccident bounds how often a statement of account may have the sum of a lump by accident: one in so many.
const mostByAccident = 1000

// couldSwap reports whether an open item outside of items has the amount of one of them.
func (q *inquiry) couldSwap(items []int32) bool {
	return slices.ContainsFunc(q.open, func(o int32) bool {
		return !slices.Contains(items, o) && slices.ContainsFunc(items, func(i int32) bool { return q.w.items[i].left == q.w.items[o].left })
	})
}
