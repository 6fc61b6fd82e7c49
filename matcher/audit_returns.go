package matcher

import (
	"slices"

	"github.com/tieout/tieout/recon"
)

// clears checks a receipt that is the money of a payment recorded by hand.
func (a *auditor) clears(r *recon.Receipt, d *recon.Decision, cleared map[int64]bool) {
	p := a.recorded[d.Clears]
	if p == nil || cleared[d.Clears] || len(d.Lines) > 0 || d.Reason != ClearedByHand {
		a.fault(r.Source, "clearing", "payment %d, %d lines", d.Clears, len(d.Lines))
		return
	}
	cleared[d.Clears] = true
	days := r.Booked.DaysSince(p.Date)
	if p.AccountID != r.AccountID || p.Currency != r.Currency || p.AmountMinor != r.AmountMinor || max(days, -days) > a.set.Clearing.Days {
		a.fault(r.Source, "clearing", "payment %d of %d %s is another one", p.ReceiptID, p.AmountMinor, p.Currency)
	}
	if r.Whole || r.Proof == recon.Broken {
		a.fault(r.Source, "gate", "the statement does not allow it")
	}
}

// whatReturns notes the receipts of the work that can be taken back, and by which return the plan does so.
func (a *auditor) whatReturns() {
	for i := range a.work.Receipts {
		r := &a.work.Receipts[i]
		if len(a.work.Returns) == 0 || r.Source.Kind != recon.SourceReceipt {
			continue
		}
		a.waiting[r.Source.ID] = &a.plan.Decisions[i]
		if a.paid[r.Source.ID] == nil {
			a.paid[r.Source.ID] = &recon.PaidReceipt{ReceiptID: r.Source.ID, AccountID: r.AccountID, Currency: r.Currency, AmountMinor: r.TotalMinor, Booked: r.Booked,
				BankReference: r.BankReference, EndToEndID: r.EndToEndID, MandateID: r.MandateID, TransactionID: r.TransactionID}
		}
	}
	for _, p := range a.paid {
		a.ofAmount[p.AmountMinor] = append(a.ofAmount[p.AmountMinor], p)
	}
	for _, d := range a.plan.Decisions[len(a.work.Receipts):] {
		if d.Outcome == recon.Reversed && a.reverser[d.Clears] == 0 {
			a.reverser[d.Clears] = d.Source.ID
		}
	}
}

// takenBack checks a receipt that is said to be gone before it paid anything.
func (a *auditor) takenBack(r *recon.Receipt, d *recon.Decision) {
	if len(d.Lines) > 0 || d.Clears != 0 || len(d.Proposals) > 0 || d.Reason != recon.ReasonReturned {
		a.fault(r.Source, "undecided_moves", "taken back for %s with %d lines", d.Reason, len(d.Lines))
	}
	if by := a.reverser[r.Source.ID]; r.Source.Kind != recon.SourceReceipt || by == 0 || !slices.Equal(d.Rivals, []int64{by}) {
		a.fault(r.Source, "taken_back", "return %d takes it back, the decision says %v", by, d.Rivals)
	}
	if r.Whole || r.Proof == recon.Broken || r.ProofRequired && r.Proof != recon.Ties {
		a.fault(r.Source, "gate", "the statement does not allow it")
	}
}

// giveBack checks the decision of a return.
func (a *auditor) giveBack(r *recon.Return, d *recon.Decision) {
	source := recon.Source{Kind: recon.SourceReceipt, ID: r.EntryID}
	if d.Source != source || !d.Return {
		a.fault(source, "fate", "the decision is about %v, return %v", d.Source, d.Return)
		return
	}
	if len(d.Lines) > 0 {
		a.fault(source, "return_moves", "a return applies nothing")
	}
	switch {
	case d.Outcome == recon.Queued && d.Reason == ReturnUnmatched && len(d.Reverses) == 0 && d.Clears == 0:
		a.offered(source, r, d)
	case d.Outcome == recon.Queued:
		a.fault(source, "undecided_moves", "queued for %s, takes back %d and reverses %v", d.Reason, d.Clears, d.Reverses)
	case d.Outcome == recon.Reversed && d.Reason == ReturnReversed:
		a.original(source, r, d)
	default:
		a.fault(source, "outcome", "%s for %s", d.Outcome, d.Reason)
	}
}

// offered checks that a person who accepts any proposal takes one receipt of that amount back.
func (a *auditor) offered(source recon.Source, r *recon.Return, d *recon.Decision) {
	for n, p := range d.Proposals {
		if of := a.paid[p.Clears]; of == nil || len(p.Lines)+len(p.Reverses) > 0 || !sameMoney(r, of) {
			a.fault(source, "return_proposal", "proposal %d takes back %d and reverses %v", n+1, p.Clears, p.Reverses)
		}
	}
}

// livingOf returns the ids of all live applications of a receipt, ascending.
func livingOf(p *recon.PaidReceipt) []int64 {
	var ids []int64
	for _, application := range p.Applications {
		if application.Reverses == 0 && application.ReversedBy == 0 {
			ids = append(ids, application.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// sameMoney reports whether a return can be the money of a receipt.
func sameMoney(r *recon.Return, p *recon.PaidReceipt) bool {
	same := r.AmountMinor == p.AmountMinor || r.ChargesMinor > 0 && r.AmountMinor-r.ChargesMinor == p.AmountMinor
	return same && r.Currency == p.Currency && r.AccountID == p.AccountID && p.Booked <= r.Booked && !p.Returned
}

// original checks what a return takes back.
func (a *auditor) original(source recon.Source, r *recon.Return, d *recon.Decision) {
	p := a.paid[d.Clears]
	if p == nil || !slices.Equal(livingOf(p), d.Reverses) {
		a.fault(source, "original", "reverses %v, which are not all live applications of receipt %d", d.Reverses, d.Clears)
		return
	}
	if a.reverser[p.ReceiptID] != r.EntryID {
		a.fault(source, "original", "receipt %d is taken back by return %d too", p.ReceiptID, a.reverser[p.ReceiptID])
	}
	if !sameMoney(r, p) {
		a.fault(source, "original", "receipt %d of %d %s is another one", p.ReceiptID, p.AmountMinor, p.Currency)
	}
	if slices.Contains(p.Declined, r.EntryID) {
		a.fault(source, "declined", "a person parted the return from receipt %d", p.ReceiptID)
	}
	for _, application := range p.Applications {
		if application.Kind == recon.Refund && slices.Contains(d.Reverses, application.ID) {
			a.fault(source, "original", "money of receipt %d was given back before", p.ReceiptID)
		}
	}
	if own := a.waiting[p.ReceiptID]; own != nil && own.Outcome != recon.Reversed {
		a.fault(source, "original", "receipt %d is %s in this plan", p.ReceiptID, own.Outcome)
	}
	a.onlyOriginal(source, r, p)
}

// onlyOriginal proves again that an id links the return to the receipt, and to no other receipt of the amount: of the ids
// that name one payment if any does, else the mandate.
func (a *auditor) onlyOriginal(source recon.Source, r *recon.Return, p *recon.PaidReceipt) {
	linked := linkedByID
	if !linked(r, p) {
		linked = func(r *recon.Return, p *recon.PaidReceipt) bool {
			return r.MandateID != "" && r.MandateID == p.MandateID
		}
	}
	if !linked(r, p) {
		a.fault(source, "original", "nothing links the return to receipt %d", p.ReceiptID)
	}
	for _, minor := range []int64{r.AmountMinor, r.AmountMinor - r.ChargesMinor} {
		for _, other := range a.ofAmount[minor] {
			if other.ReceiptID != p.ReceiptID && sameMoney(r, other) && (linked(r, other) || linkedByID(r, other)) {
				a.fault(source, "uniqueness", "receipt %d could be taken back as well as %d", other.ReceiptID, p.ReceiptID)
			}
		}
	}
}

func linkedByID(r *recon.Return, p *recon.PaidReceipt) bool {
	endToEnd := r.OriginalEndToEnd
	if endToEnd == "" {
		endToEnd = r.EndToEndID
	}
	for _, pair := range [][2]string{{endToEnd, p.EndToEndID}, {r.TransactionID, p.TransactionID}, {r.BankReference, p.BankReference}} {
		if pair[0] == pair[1] && !slices.Contains([]string{"", "NOTPROVIDED", "NONREF", "NOTAVAILABLE", "NONE", "NA", "NULL", "0", "UNKNOWN"}, plain(pair[0])) {
			return true
		}
	}
	return false
}
