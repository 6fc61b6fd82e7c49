package worker

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
)

// book is what the work can touch at an instant, as store.Matching.LoadBook finds it now.
func (r *replay) book(work recon.Work, at time.Time) recon.Book {
	keys := matcher.Keys(work.Receipts, work.Returns)
	b := pastBook{replay: r, at: at, keys: keys, reached: map[string]bool{}, taken: map[int64]bool{}}
	b.mandates()
	b.reach()
	b.itemsInReach()
	b.recorded()
	b.paid()
	for code := range b.reached {
		if c, ok := r.customers[code]; ok {
			b.book.Customers = append(b.book.Customers, c)
		}
	}
	slices.SortFunc(b.book.Customers, func(x, y recon.Customer) int { return cmp.Compare(x.Code, y.Code) })
	b.book.Foreign = r.foreign
	return b.book
}

// pastBook gathers a book: first the customers in reach, then what belongs to them.
type pastBook struct {
	*replay
	at      time.Time
	keys    recon.Keys
	reached map[string]bool
	taken   map[int64]bool
	book    recon.Book
}

// mandates finds whose items were paid under a mandate before.
func (b *pastBook) mandates() {
	for _, a := range b.asked {
		if a.back != nil || a.receipt.MandateID == "" || !slices.Contains(b.keys.Mandates, a.receipt.MandateID) {
			continue
		}
		for _, made := range a.live {
			link := recon.MandateLink{Mandate: a.receipt.MandateID, Customer: made.Customer}
			if made.Kind == recon.Payment && made.Customer != "" && !slices.Contains(b.book.Mandates, link) {
				b.book.Mandates = append(b.book.Mandates, link)
				b.reached[made.Customer] = true
			}
		}
	}
}

func (b *pastBook) reach() {
	for _, code := range b.keys.Customers {
		b.reached[code] = true
	}
	for _, k := range b.keys.Payers {
		for _, code := range b.payers[k] {
			b.reached[code] = true
		}
	}
	for _, k := range b.keys.References {
		for _, id := range b.named[k] {
			if one := b.items[id]; one.known {
				b.taken[id] = true
				b.reached[one.Customer] = true
			}
		}
	}
	for _, code := range slices.Collect(maps.Keys(b.reached)) {
		for _, other := range b.customers[code].PaysFor {
			b.reached[other] = true
		}
	}
}

// itemsInReach takes the items named, the open ones of the customers in reach, and settled ones of the amount of a receipt.
func (b *pastBook) itemsInReach() {
	amounts := map[int64]bool{}
	for _, s := range b.keys.Sums {
		amounts[s.AmountMinor] = true
	}
	for code := range b.reached {
		for _, id := range b.owned[code] {
			if one := b.items[id]; one.known && (one.OpenMinor > 0 || amounts[one.AmountMinor]) {
				b.taken[id] = true
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b.taken)) {
		one := b.items[id]
		b.book.Items = append(b.book.Items, b.asOf(one))
		for _, made := range one.live {
			if one.OpenMinor < one.AmountMinor && made.Item == id && made.Kind.Reduces() {
				b.book.Settled = append(b.book.Settled, recon.SettledItem{Item: id, ReceiptID: b.receiptOf(made), AmountMinor: made.AmountMinor, Effective: made.Effective})
			}
		}
	}
	for code := range b.reached {
		for _, id := range b.owned[code] {
			for _, made := range b.items[id].live {
				if made.Kind == recon.WriteOff {
					b.book.WriteOffs = append(b.book.WriteOffs, recon.WriteOffUse{Customer: code, Currency: made.Currency, Effective: made.Effective, AmountMinor: made.AmountMinor})
				}
			}
		}
	}
	slices.SortFunc(b.book.WriteOffs, func(x, y recon.WriteOffUse) int {
		return cmp.Or(cmp.Compare(x.Customer, y.Customer), cmp.Compare(x.Currency, y.Currency), cmp.Compare(x.Effective, y.Effective), cmp.Compare(x.AmountMinor, y.AmountMinor))
	})
}

func (b *pastBook) receiptOf(made *recon.Application) int64 {
	if made.Source.Kind == recon.SourceReceipt {
		return made.Source.ID
	}
	return 0
}

// asOf is an item as it stood: with the dispute that was open then, and what was paid of its plan.
func (b *pastBook) asOf(one *pastItem) recon.Item {
	item := one.Item
	item.Refused = one.refused
	for _, d := range one.disputes {
		raised := d.Opened.Before(b.at) || d.Decision == 0 && d.Opened.Equal(b.at)
		if raised && (d.Closed.IsZero() || d.Closed.After(b.at)) {
			open := d.Dispute
			item.Dispute = &open
		}
	}
	if len(item.Instalments) > 0 {
		item.Instalments = slices.Clone(item.Instalments)
		for i := range item.Instalments {
			item.Instalments[i].PaidMinor = 0
		}
		var falls []recon.Fall
		for _, made := range one.live {
			if made.Item == one.ID && made.Kind.Reduces() {
				falls = append(falls, recon.Fall{AmountMinor: made.AmountMinor, Effective: made.Effective, Shown: true})
			}
		}
		recon.PayInstalments(&item, falls)
	}
	return item
}

// recorded are the payments by hand that no bank entry had cleared.
func (b *pastBook) recorded() {
	for _, id := range slices.Sorted(maps.Keys(b.hand)) {
		p := b.hand[id]
		if p.cleared || p.Recorded.After(b.at) || p.Returned || p.RefundedMinor > 0 {
			continue
		}
		known := recon.Recorded{ReceiptID: id, AccountID: p.AccountID, Customer: p.Customer, Currency: p.Currency, AmountMinor: p.AmountMinor, Date: p.Date,
			Method: p.Method, Cheque: p.Cheque}
		for _, made := range b.past.applications {
			if made.Source.Kind == recon.SourceReceipt && made.Source.ID == id && made.Item != 0 && made.Live() && !made.Recorded.After(b.at) && !slices.Contains(known.Items, made.Item) {
				known.Items = append(known.Items, made.Item)
			}
		}
		slices.Sort(known.Items)
		b.book.Recorded = append(b.book.Recorded, known)
	}
}

// paid are the earlier receipts that the returns may take back.
func (b *pastBook) paid() {
	for _, a := range b.asked {
		if a.back != nil || a.recorded.After(b.at) || !b.returnable(a) {
			continue
		}
		p := recon.PaidReceipt{ReceiptID: a.id, AccountID: a.receipt.AccountID, Currency: a.currency, AmountMinor: a.minor, Booked: a.booked, BankReference: a.reference,
			EndToEndID: a.receipt.EndToEndID, MandateID: a.receipt.MandateID, TransactionID: a.receipt.TransactionID, Payer: a.receipt.Payer,
			Returned: a.decision.Outcome == recon.Reversed || a.final && len(a.decision.Lines) > 0 && len(a.live) == 0, Customer: a.decision.Customer}
		for _, made := range a.live {
			p.Applications = append(p.Applications, *made)
		}
		b.book.Paid = append(b.book.Paid, p)
	}
	slices.SortFunc(b.book.Paid, func(x, y recon.PaidReceipt) int { return cmp.Compare(x.ReceiptID, y.ReceiptID) })
}

// returnable reports whether a return of the work has an id of the receipt, or says who sent it and how much.
func (b *pastBook) returnable(a *asked) bool {
	for _, id := range []string{a.receipt.EndToEndID, a.receipt.TransactionID, a.receipt.MandateID, a.reference} {
		if id != "" && id != "NOTPROVIDED" && slices.Contains(b.keys.Returned, id) {
			return true
		}
	}
	return slices.ContainsFunc(b.keys.Traces, func(t recon.Trace) bool {
		if t.AccountID != a.receipt.AccountID || !slices.Contains(t.AmountsMinor, a.minor) || a.booked < t.Since || a.booked > t.Until {
			return false
		}
		return t.Sender != "" && t.Sender == a.receipt.Payer.Account || slices.ContainsFunc(t.References, func(k string) bool {
			return slices.ContainsFunc(a.live, func(made *recon.Application) bool { return slices.Contains(b.named[k], made.Item) })
		})
	})
}
