package matcher

import (
	"slices"

	"github.com/tieout/tieout/recon"
)

// clears checks a receipt that is the money of a payment recorded by hand.
func (a *auditor) clears(r *recon.Receipt, d *recon.Decision) {
	p := a.recorded[d.Clears]
	if p == nil || a.cleared[d.Clears] || len(d.Lines) > 0 || d.Reason != ClearedByHand {
		a.fault(r.Source, "clearing", "payment %d, %d lines", d.Clears, len(d.Lines))
		return
	}
	a.cleared[d.Clears] = true
	days := r.Booked.DaysSince(p.Date)
	if p.AccountID != r.AccountID || p.Currency != r.Currency || p.AmountMinor != r.AmountMinor || max(days, -days) > a.set.Clearing.Days {
		a.fault(r.Source, "clearing", "payment %d of %d %s is another one", p.ReceiptID, p.AmountMinor, p.Currency)
	}
	if r.Whole || r.Proof == recon.Broken {
		a.fault(r.Source, "gate", "the statement does not allow it")
	}
}

// giveBack checks the decision of a return.
func (a *auditor) giveBack(r *recon.Return, d *recon.Decision) {
	source := recon.Source{Kind: recon.SourceReceipt, ID: r.EntryID}
	if d.Source != source || !d.Return || a.seen[source] {
		a.fault(source, "fate", "the decision is about %v, return %v", d.Source, d.Return)
		return
	}
	a.seen[source] = true
	if len(d.Lines) > 0 || d.Clears != 0 {
		a.fault(source, "return_moves", "a return applies nothing")
	}
	if d.Outcome == recon.Queued {
		if len(d.Reverses) > 0 || d.Reason != ReturnUnmatched {
			a.fault(source, "undecided_moves", "queued for %s and reverses %v", d.Reason, d.Reverses)
		}
		return
	}
	if d.Outcome != recon.Reversed || d.Reason != ReturnReversed {
		a.fault(source, "outcome", "%s for %s", d.Outcome, d.Reason)
		return
	}
	if len(d.Reverses) > 0 {
		if p := a.paid[d.Reverses[0]]; p != nil && slices.Equal(livingOf(p), d.Reverses) {
			a.original(source, r, p)
			return
		}
	}
	a.fault(source, "original", "reverses %v, which are not all live applications of one receipt", d.Reverses)
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

func (a *auditor) original(source recon.Source, r *recon.Return, p *recon.PaidReceipt) {
	if a.reversed[p.ReceiptID] || p.Returned {
		a.fault(source, "original", "receipt %d is taken back twice", p.ReceiptID)
	}
	a.reversed[p.ReceiptID] = true
	same := r.AmountMinor == p.AmountMinor || r.AmountMinor-r.ChargesMinor == p.AmountMinor
	if !same || r.Currency != p.Currency || r.AccountID != p.AccountID {
		a.fault(source, "original", "receipt %d of %d %s is another one", p.ReceiptID, p.AmountMinor, p.Currency)
	}
	linked := false
	for _, pair := range [][2]string{{r.OriginalEndToEnd, p.EndToEndID}, {r.EndToEndID, p.EndToEndID}, {r.TransactionID, p.TransactionID},
		{r.BankReference, p.BankReference}, {r.MandateID, p.MandateID}} {
		linked = linked || pair[0] != "" && pair[0] == pair[1]
	}
	if !linked {
		a.fault(source, "original", "nothing links the return to receipt %d", p.ReceiptID)
	}
}
