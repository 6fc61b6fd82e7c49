package worker

import (
	"cmp"
	"slices"
	"time"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// replay is the state of the books at a moment of the past, as it would be under other rules.
type replay struct {
	entity  string
	set     rules.Set
	past    *chronicle
	foreign []recon.ForeignKey

	asked     []*asked         // receipts and returns, in the order in which they are decided
	byID      map[int64]*asked // by the entry
	items     map[int64]*pastItem
	named     map[string][]int64 // reference key → items
	owned     map[string][]int64 // customer → items
	customers map[string]recon.Customer
	payers    map[string][]string // payer key → customers
	hand      map[int64]*pastHand
	advances  []*pastAdvance
	made      map[int64][]recon.Application // stored decision → its applications
	known     map[int64]recon.Application   // stored applications
	rows      map[int64][]recon.DecisionRow // stored decisions by entry, see decided
	payments  map[takenBack]bool            // payments that were taken back
	last      int64                         // id of the latest application that was made here
}

// asked is a receipt or return that the engine has to decide.
type asked struct {
	id        int64
	receipt   recon.Receipt
	back      *recon.Return // nil of a receipt
	minor     int64
	booked    recon.Date
	currency  recon.Currency
	reference string
	recorded  time.Time

	decision recon.Decision // in force, under the new rules or by a person; no outcome while there is none
	final    bool           // decided, not only queued
	byPerson bool
	parted   bool // a person took it back from items, or gave it back to the engine
	live     []*recon.Application
	undone   []recon.Application // what a return took back
}

func (a *asked) amount() int64 {
	if a.back != nil {
		return -a.minor
	}
	return a.minor
}

// pastItem is an item with what is known of it at the moment.
type pastItem struct {
	recon.Item
	known    bool
	live     []*recon.Application
	disputes []recon.DisputeRecord
	refused  []recon.Kind
}

// pastHand is a payment recorded by hand.
type pastHand struct {
	recon.ReceiptRow
	cleared bool
}

// pastAdvance is money that the new rules put aside for an order.
type pastAdvance struct {
	id    int64
	of    *asked
	order string
	left  int64
	at    *recon.Application
}

func newReplay(entity string, h *chronicle, set rules.Set, foreign []recon.ForeignKey) *replay {
	r := &replay{entity: entity, set: set, past: h, foreign: foreign, byID: map[int64]*asked{}, items: map[int64]*pastItem{}, named: map[string][]int64{},
		owned: map[string][]int64{}, customers: map[string]recon.Customer{}, payers: map[string][]string{}, hand: map[int64]*pastHand{},
		made: map[int64][]recon.Application{}, known: map[int64]recon.Application{}}
	r.askAll()
	for _, item := range h.items {
		if item.Side == recon.Payable {
			continue
		}
		one := &pastItem{Item: item}
		one.OpenMinor, one.AmountMinor, one.AppliedMinor, one.Dispute, one.Promise, one.Refused, one.PaidOn = 0, 0, 0, nil, nil, nil, 0
		r.items[item.ID] = one
		r.owned[item.Customer] = append(r.owned[item.Customer], item.ID)
		for _, k := range matcher.ItemKeys(item) {
			r.named[k] = append(r.named[k], item.ID)
		}
	}
	for _, d := range h.disputes {
		if one := r.items[d.Item]; one != nil {
			one.disputes = append(one.disputes, d)
		}
	}
	for _, c := range h.customers {
		r.customers[c.Code] = c
		for _, k := range matcher.CustomerKeys(c) {
			r.payers[k] = append(r.payers[k], c.Code)
		}
	}
	for _, a := range h.applications {
		r.known[a.ID] = a
		r.last = max(r.last, a.ID)
		if a.Decision != 0 {
			r.made[a.Decision] = append(r.made[a.Decision], a)
		}
	}
	return r
}

// askAll lines up receipts and returns in the order in which rounds see them.
func (r *replay) askAll() {
	for _, receipt := range r.past.receipts {
		r.asked = append(r.asked, &asked{id: receipt.Source.ID, receipt: receipt, minor: receipt.TotalMinor, booked: receipt.Booked, currency: receipt.Currency,
			reference: receipt.BankReference})
	}
	for i := range r.past.returns {
		back := &r.past.returns[i]
		r.asked = append(r.asked, &asked{id: back.EntryID, back: back, minor: back.AmountMinor, booked: back.Booked, currency: back.Currency, reference: back.BankReference})
	}
	slices.SortStableFunc(r.asked, func(a, b *asked) int { return cmp.Or(cmp.Compare(a.booked, b.booked), cmp.Compare(a.id, b.id)) })
	for _, a := range r.asked {
		r.byID[a.id] = a
	}
	for _, e := range r.past.entries {
		if a := r.byID[e.ID]; a != nil {
			a.recorded = e.Recorded
		}
	}
	for _, row := range r.past.rows {
		if row.ByHand {
			r.hand[row.ID] = &pastHand{ReceiptRow: row}
		}
	}
}

// round decides what waits at an instant.
func (r *replay) round(at time.Time) []matcher.Fault {
	work := recon.Work{Entity: r.entity}
	var receipts, returns []*asked
	advances := map[recon.Source]*pastAdvance{}
	for _, a := range r.asked {
		if a.final || a.recorded.After(at) {
			continue
		}
		if a.back != nil {
			work.Returns, returns = append(work.Returns, *a.back), append(returns, a)
			continue
		}
		receipt := a.receipt
		if !a.parted {
			receipt.Declined = nil
		}
		work.Receipts, receipts = append(work.Receipts, receipt), append(receipts, a)
	}
	for _, w := range r.advances {
		if w.left > 0 {
			receipt := w.of.receipt
			receipt.Source = recon.Source{Kind: recon.SourceAdvance, ID: w.id}
			receipt.AmountMinor, receipt.TotalMinor, receipt.Customer, receipt.Order = w.left, w.at.AmountMinor, w.at.Customer, w.order
			work.Receipts, receipts = append(work.Receipts, receipt), append(receipts, w.of)
			advances[receipt.Source] = w
		}
	}
	work.Book = r.book(work, at)
	plan := matcher.Match(work, r.set)
	if faults := matcher.Audit(work, plan, r.set); len(faults) > 0 {
		return faults
	}
	for i, d := range plan.Decisions {
		if i >= len(receipts) {
			r.decideReturn(returns[i-len(receipts)], d)
		} else if w := advances[d.Source]; w != nil {
			r.place(w, d)
		} else {
			r.decide(receipts[i], d)
		}
	}
	return nil
}

// decide makes a decision of the new rules the one in force.
func (r *replay) decide(a *asked, d recon.Decision) {
	a.decision, a.byPerson = d, false
	a.final = d.Outcome != recon.Queued
	if d.Outcome == recon.Cleared && r.hand[d.Clears] != nil {
		r.hand[d.Clears].cleared = true
	}
	for _, l := range d.Lines {
		made := r.apply(recon.Application{Source: a.receipt.Source, Item: l.Item, Kind: l.Kind, AmountMinor: l.AmountMinor, TaxMinor: l.TaxMinor,
			Currency: a.currency, Customer: d.Customer, Effective: a.booked, Order: l.Order}, l.CreditNote)
		a.live = append(a.live, made)
		if l.Kind == recon.Advance {
			r.advances = append(r.advances, &pastAdvance{id: made.ID, of: a, order: l.Order, left: l.AmountMinor, at: made})
		}
	}
}

// place applies money that waited for an order.
func (r *replay) place(w *pastAdvance, d recon.Decision) {
	if d.Outcome != recon.Auto {
		return
	}
	for _, l := range d.Lines {
		made := r.apply(recon.Application{Source: d.Source, Item: l.Item, Kind: l.Kind, AmountMinor: l.AmountMinor, Currency: w.of.currency,
			Customer: d.Customer, Effective: w.of.booked}, l.CreditNote)
		w.of.live = append(w.of.live, made)
		if l.Kind.Moves() && l.Kind != recon.Credit {
			w.left -= l.AmountMinor
		}
	}
}

// decideReturn takes back what a return takes back.
func (r *replay) decideReturn(a *asked, d recon.Decision) {
	a.decision, a.byPerson = d, false
	a.final = d.Outcome != recon.Queued
	if d.Outcome != recon.Reversed {
		return
	}
	for _, one := range r.byIDOf(d.Clears) {
		for _, made := range slices.Clone(one.live) {
			if slices.Contains(d.Reverses, made.ID) {
				a.undone = append(a.undone, *made)
				r.reverse(one, made)
			}
		}
		one.final = true
	}
}

func (r *replay) byIDOf(receipt int64) []*asked {
	if a := r.byID[receipt]; a != nil {
		return []*asked{a}
	}
	return nil
}

// apply lowers the item and the credit note of an application.
func (r *replay) apply(a recon.Application, note int64) *recon.Application {
	r.last++
	a.ID = r.last
	if a.Kind == recon.Credit {
		a.Source = recon.Source{Kind: recon.SourceCreditNote, ID: note}
		if one := r.items[note]; one != nil {
			one.OpenMinor = max(0, one.OpenMinor-a.AmountMinor)
			one.live = append(one.live, &a)
		}
	}
	if one := r.items[a.Item]; one != nil && a.Kind.Reduces() {
		a.Customer = one.Customer
		one.OpenMinor = max(0, one.OpenMinor-a.AmountMinor)
		one.live = append(one.live, &a)
	}
	return &a
}

// reverse takes an application back.
func (r *replay) reverse(of *asked, a *recon.Application) {
	gone := func(one *recon.Application) bool { return one == a }
	raise := func(id int64) {
		if one := r.items[id]; one != nil {
			one.OpenMinor = min(one.AmountMinor, one.OpenMinor+a.AmountMinor)
			one.live = slices.DeleteFunc(one.live, gone)
		}
	}
	if a.Kind == recon.Credit {
		raise(a.Source.ID)
	}
	if a.Kind.Reduces() {
		raise(a.Item)
	}
	for _, w := range r.advances {
		if w.at == a {
			w.left = 0
		}
	}
	if of != nil {
		of.live = slices.DeleteFunc(of.live, gone)
	}
}
