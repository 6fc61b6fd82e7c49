package matcher

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// opinion is what a receipt says about being the money of a payment recorded by hand.
type opinion uint8

const (
	silent   opinion = iota
	agrees           // payer, reference or cheque say yes
	doubtful         // the same payer, but another reference
	denies           // another payer, or another cheque
)

// clearRecorded finds the bank's side of payments recorded by hand: same account, currency and amount, within the days of
// the rules, exactly one candidate on both sides, and nothing that contradicts. Pairs that agree are served first; in
// doubt a person decides.
func clearRecorded(w *world, recorded []recon.Recorded, inquiries []*inquiry) {
	if len(recorded) == 0 {
		return
	}
	mem := &scratch{}
	byHand := slices.Clone(recorded)
	slices.SortFunc(byHand, func(a, b recon.Recorded) int { return cmp.Compare(a.ReceiptID, b.ReceiptID) })
	byMoney := map[money][]int{}
	for i := range byHand {
		p := &byHand[i]
		byMoney[money{p.AccountID, p.Currency, p.AmountMinor}] = append(byMoney[money{p.AccountID, p.Currency, p.AmountMinor}], i)
	}
	var pairs []pair
	for _, q := range inquiries {
		for _, i := range byMoney[money{q.r.AccountID, q.r.Currency, q.r.AmountMinor}] {
			if !q.couldClear(&byHand[i]) {
				continue
			}
			if says := q.opinionOn(&byHand[i]); says != denies {
				pairs = append(pairs, pair{q, &byHand[i], says})
			}
		}
	}
	pairs = clearAlone(pairs, func(p pair) bool { return p.says == agrees })
	pairs = clearAlone(pairs, func(pair) bool { return true })
	for i, p := range pairs {
		if p.q.decision.Outcome == "" && !slices.ContainsFunc(pairs[:i], func(o pair) bool { return o.q == p.q }) {
			p.q.mem = mem
			p.q.doubtClearing(pairs)
		}
	}
}

// money is what both sides of a clearing have in common.
type money struct {
	account  string
	currency recon.Currency
	minor    int64
}

// pair is a receipt that could be the money of a payment recorded by hand.
type pair struct {
	q    *inquiry
	p    *recon.Recorded
	says opinion
}

// clearAlone clears the pairs whose receipt and payment are in no other of the pairs that count, and returns the pairs that
// are left.
func clearAlone(pairs []pair, counts func(pair) bool) []pair {
	receipts, payments := map[*inquiry]int{}, map[*recon.Recorded]int{}
	for _, p := range pairs {
		if counts(p) {
			receipts[p.q]++
			payments[p.p]++
		}
	}
	cleared, used := map[*inquiry]bool{}, map[*recon.Recorded]bool{}
	for _, p := range pairs {
		if counts(p) && p.says != doubtful && receipts[p.q] == 1 && payments[p.p] == 1 && p.q.gate() == "" {
			p.q.clear(p.p)
			cleared[p.q], used[p.p] = true, true
		}
	}
	return slices.DeleteFunc(pairs, func(p pair) bool { return cleared[p.q] || used[p.p] })
}

func (q *inquiry) couldClear(p *recon.Recorded) bool {
	if q.r.Source.Kind != recon.SourceReceipt || q.r.AmountMinor != q.r.TotalMinor {
		return false
	}
	if slices.ContainsFunc(p.Items, func(item int64) bool { return slices.Contains(q.r.Declined, item) }) {
		return false // a person parted the two
	}
	days := q.r.Booked.DaysSince(p.Date)
	return days <= q.w.set.Clearing.Days && -days <= q.w.set.Clearing.Days
}

// opinionOn weighs cheque, payer and reference.
func (q *inquiry) opinionOn(p *recon.Recorded) opinion {
	says := silent
	if p.Cheque != "" && q.r.Cheque != "" {
		if strings.TrimLeft(squeeze(p.Cheque), "0") != strings.TrimLeft(squeeze(q.r.Cheque), "0") {
			return denies
		}
		says = agrees
	}
	if c, known := q.w.byCode[p.Customer]; known && q.payer.customer != nobody {
		if !slices.Contains(q.payer.reach, c) {
			if q.payer.how.beyondDoubt() {
				return denies
			}
			return doubtful
		}
		says = agrees
	}
	for _, m := range q.mentions {
		if m.weight < strong {
			continue
		}
		if !slices.Contains(p.Items, q.w.items[m.item].ID) {
			if q.w.customers[q.w.items[m.item].owner].Code != p.Customer {
				return denies
			}
			return doubtful
		}
		says = agrees
	}
	return says
}

// clear decides that the receipt is the money of the payment.
func (q *inquiry) clear(p *recon.Recorded) {
	d := q.decision
	d.Outcome, d.Reason, d.Clears, d.Customer = recon.Cleared, ClearedByHand, p.ReceiptID, p.Customer
	d.Score, d.Margin = 100, 100
	d.Evidence = q.clearingEvidence(p)
}

// doubtClearing queues a receipt that could be the money of one of several payments, or is one of several for one.
func (q *inquiry) doubtClearing(pairs []pair) {
	for _, p := range pairs {
		if p.q == q && len(q.decision.Proposals) < mostProposals-2 {
			q.decision.Proposals = append(q.decision.Proposals, recon.Proposal{Reason: ClearedByHand, Score: 100,
				Customer: p.p.Customer, Clears: p.p.ReceiptID, Evidence: q.clearingEvidence(p.p)})
		}
	}
	q.weigh()
	q.queue(cmp.Or(q.gate(), ClearingDoubt))
	q.keepClaims()
}

func (q *inquiry) clearingEvidence(p *recon.Recorded) []recon.Evidence {
	evidence := []recon.Evidence{
		amountSeen("recorded_by_hand", pointsExact, recon.FormatMinor(p.AmountMinor, p.Currency)),
		{Factor: recon.FactorTiming, Code: "recorded_on", Points: 10, Seen: p.Date.String()},
	}
	if p.Cheque != "" && q.r.Cheque != "" {
		evidence = append(evidence, recon.Evidence{Factor: recon.FactorReference, Code: "cheque", Points: 45, Seen: p.Cheque})
	}
	if q.payer.customer != nobody {
		evidence = append(evidence, q.payerEvidence())
	}
	return evidence
}
