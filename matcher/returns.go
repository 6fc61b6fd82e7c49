package matcher

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// decideReturns finds for each return the receipt that it takes back, and returns which receipts of this work are taken
// back, with the entries that do so: they must not be applied.
func decideReturns(work *recon.Work, decisions []recon.Decision) map[recon.Source][]int64 {
	takenBack := map[recon.Source][]int64{}
	paid := slices.Clone(work.Book.Paid)
	slices.SortFunc(paid, func(a, b recon.PaidReceipt) int { return cmp.Compare(a.ReceiptID, b.ReceiptID) })
	byID := paidByID(paid)
	waiting := receiptsByID(work)
	wanted := map[int64][]int{}
	for i := range work.Returns {
		r := &work.Returns[i]
		d := &decisions[i]
		d.Source, d.Return = recon.Source{Kind: recon.SourceReceipt, ID: r.EntryID}, true
		originals := originalsOf(r, paid, byID)
		d.Outcome, d.Reason = recon.Queued, ReturnUnmatched
		for _, o := range originals[:min(len(originals), mostProposals)] {
			d.Proposals = append(d.Proposals, reversal(r, o))
		}
		if one := soleOriginal(r, originals); one != nil {
			d.Evidence = d.Proposals[0].Evidence
			wanted[one.ReceiptID] = append(wanted[one.ReceiptID], i)
		}
		for _, source := range undecidedOriginals(r, work.Receipts, waiting) {
			takenBack[source] = append(takenBack[source], r.EntryID)
			d.Rivals = append(d.Rivals, source.ID)
		}
		slices.Sort(d.Rivals)
	}
	for _, indexes := range wanted {
		if d := &decisions[indexes[0]]; len(indexes) == 1 && len(d.Rivals) == 0 {
			takeBack(d)
			continue
		}
		for _, i := range indexes {
			for _, o := range indexes {
				if o != i {
					decisions[i].Rivals = append(decisions[i].Rivals, work.Returns[o].EntryID)
				}
			}
			slices.Sort(decisions[i].Rivals)
		}
	}
	return takenBack
}

// takeBack turns the first proposal into the decision.
func takeBack(d *recon.Decision) {
	p := d.Proposals[0]
	d.Outcome, d.Reason, d.Customer, d.Reverses = recon.Reversed, ReturnReversed, p.Customer, p.Reverses
	d.Score, d.Margin, d.Proposals = p.Score, p.Score, nil
}

// original is an earlier receipt that a return may take back, with what says so.
type original struct {
	*recon.PaidReceipt
	evidence []recon.Evidence
	sure     bool // an id of its own, and the amount
}

// originalsOf returns the receipts that share an id and the amount with the return, sure ones first.
func originalsOf(r *recon.Return, paid []recon.PaidReceipt, byID map[string][]int) []original {
	var found []original
	for _, i := range candidatesOf(r, byID) {
		p := &paid[i]
		if p.AccountID != r.AccountID || p.Currency != r.Currency || p.Booked > r.Booked || p.Returned {
			continue
		}
		amount, ok := returnedAmount(r, p.AmountMinor)
		if !ok {
			continue
		}
		ids, sure := sharedIDs(r, p)
		if len(ids) > 0 {
			found = append(found, original{p, append(ids, amount), sure})
		}
	}
	slices.SortStableFunc(found, func(a, b original) int {
		switch {
		case a.sure == b.sure:
			return 0
		case a.sure:
			return -1
		}
		return 1
	})
	return found
}

// paidByID links the ids of earlier receipts to their places.
func paidByID(paid []recon.PaidReceipt) map[string][]int {
	byID := map[string][]int{}
	for i := range paid {
		for _, id := range []string{paid[i].EndToEndID, paid[i].TransactionID, paid[i].BankReference, paid[i].MandateID} {
			if meansSomething(id) {
				byID[id] = append(byID[id], i)
			}
		}
	}
	return byID
}

// receiptsByID links the ids that returns name to the receipts of the work that have them.
func receiptsByID(work *recon.Work) map[string][]int {
	byID := map[string][]int{}
	for i := range work.Returns {
		for _, id := range returnIDs(&work.Returns[i]) {
			byID[id] = nil
		}
	}
	if len(byID) == 0 {
		return byID
	}
	for i := range work.Receipts {
		c := &work.Receipts[i]
		for _, id := range []string{c.EndToEndID, c.TransactionID, c.BankReference, c.MandateID} {
			if _, named := byID[id]; named {
				byID[id] = append(byID[id], i)
			}
		}
	}
	return byID
}

// candidatesOf returns the places that the ids of a return lead to, ascending and once each.
func candidatesOf(r *recon.Return, byID map[string][]int) []int {
	var places []int
	for _, id := range returnIDs(r) {
		places = append(places, byID[id]...)
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// returnedAmount reports whether the return is the receipt's amount, with the bank's charges or without.
func returnedAmount(r *recon.Return, receipt int64) (recon.Evidence, bool) {
	switch {
	case r.AmountMinor == receipt:
		return amountSeen("exact", pointsExact, ""), true
	case r.ChargesMinor > 0 && r.AmountMinor-r.ChargesMinor == receipt:
		return amountSeen("with_charges", pointsExact, recon.FormatMinor(r.ChargesMinor, r.Currency)), true
	}
	return recon.Evidence{}, false
}

// sharedIDs collects what the return and the receipt have in common, and whether it names one payment: a mandate is
// used again and again, and an account only says who.
func sharedIDs(r *recon.Return, p *recon.PaidReceipt) (evidence []recon.Evidence, sure bool) {
	id := func(code string, points int, a, b string, names bool) {
		if a != "" && a == b && meansSomething(a) {
			evidence = append(evidence, recon.Evidence{Factor: recon.FactorReference, Code: code, Points: points, Seen: a})
			sure = sure || names
		}
	}
	id("original_end_to_end", 55, r.OriginalEndToEnd, p.EndToEndID, true)
	if r.OriginalEndToEnd == "" {
		id("end_to_end", 55, r.EndToEndID, p.EndToEndID, true)
	}
	id("transaction", 55, r.TransactionID, p.TransactionID, true)
	id("bank_reference", 45, r.BankReference, p.BankReference, true)
	id("mandate", 40, r.MandateID, p.MandateID, true)
	account := recon.NormalAccount(r.Counterparty.Account)
	if account != "" && account == recon.NormalAccount(p.Payer.Account) {
		evidence = append(evidence, recon.Evidence{Factor: recon.FactorPayer, Code: "iban", Points: 30, Seen: recon.MaskAccount(account)})
	}
	return evidence, sure
}

// soleOriginal returns the one sure original with live applications, nil where there is none or more than one.
func soleOriginal(r *recon.Return, originals []original) *original {
	if len(originals) == 0 || !originals[0].sure || len(originals) > 1 && originals[1].sure {
		return nil
	}
	if len(liveIDs(originals[0].Applications)) == 0 {
		return nil
	}
	if other := recon.NormalAccount(r.Counterparty.Account); other != "" && originals[0].Payer.Account != "" && other != recon.NormalAccount(originals[0].Payer.Account) {
		return nil
	}
	return &originals[0]
}

func liveIDs(applications []recon.Application) []int64 {
	var ids []int64
	for _, a := range applications {
		if a.Live() {
			ids = append(ids, a.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// reversal is the proposal to take an original back with all that depends on it.
func reversal(r *recon.Return, o original) recon.Proposal {
	p := recon.Proposal{Reason: ReturnReversed, Reverses: liveIDs(o.Applications), Evidence: o.evidence, DifferenceMinor: o.AmountMinor - r.AmountMinor}
	for _, e := range o.evidence {
		p.Score += e.Points
	}
	p.Score = min(p.Score, 100)
	for _, a := range o.Applications {
		if a.Live() && a.Customer != "" {
			p.Customer = a.Customer
			break
		}
	}
	return p
}

// undecidedOriginals are receipts of the same work that the return takes back: by their ids and amount.
func undecidedOriginals(r *recon.Return, receipts []recon.Receipt, byID map[string][]int) []recon.Source {
	var sources []recon.Source
	for _, i := range candidatesOf(r, byID) {
		c := &receipts[i]
		if c.Source.Kind != recon.SourceReceipt || c.AccountID != r.AccountID || c.Currency != r.Currency || c.Booked > r.Booked {
			continue
		}
		p := recon.PaidReceipt{EndToEndID: c.EndToEndID, TransactionID: c.TransactionID, BankReference: c.BankReference, MandateID: c.MandateID, Payer: c.Payer}
		if _, amount := returnedAmount(r, c.TotalMinor); amount {
			if _, sure := sharedIDs(r, &p); sure {
				sources = append(sources, c.Source)
			}
		}
	}
	return sources
}
