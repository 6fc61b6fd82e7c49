package matcher

import (
	"sync"
	"sync/atomic"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// audited is what auditors share: the work, the plan, the book in the form that judging needs, and what the plan does to it.
type audited struct {
	work   *recon.Work
	plan   *recon.Plan
	set    *rules.Set
	places auditPlaces

	// What the plan does to each item and credit note of the book.
	lowered []atomic.Int64
	users   []atomic.Int32 // how many receipts take from it
	closers []atomic.Int32 // the last receipt that must leave nothing of it open, by its place and plus 1; 0 for none

	// The book by customer, made when the first decision rests on a payer.
	owned   func() map[string][]*recon.Item
	payers  func() map[string][]payingCustomer // of each customer: itself and who settles its items
	holders func() map[string][]*recon.Customer
	namedAs func() map[string][]*recon.Customer

	recorded map[int64]*recon.Recorded
	paid     map[int64]*recon.PaidReceipt // by id
	waiting  map[int64]*recon.Decision    // of the receipts of the work
	ofAmount map[int64][]*recon.PaidReceipt
	reverser map[int64]int64 // receipt -> the return that takes it back
}

// payingCustomer is a customer with the accounts by which it is known: imported, among its aliases, or learned.
type payingCustomer struct {
	*recon.Customer
	accounts []string
}

// capKey is what small differences are capped by.
type capKey struct {
	customer string
	currency recon.Currency
	period   int32
}

func newAudited(work *recon.Work, plan *recon.Plan, set *rules.Set) *audited {
	n := len(work.Book.Items)
	a := &audited{work: work, plan: plan, set: set, places: newAuditPlaces(work.Book.Items),
		lowered: make([]atomic.Int64, n), users: make([]atomic.Int32, n), closers: make([]atomic.Int32, n),
		reverser: map[int64]int64{}, waiting: map[int64]*recon.Decision{}, ofAmount: map[int64][]*recon.PaidReceipt{},
		recorded: map[int64]*recon.Recorded{}, paid: map[int64]*recon.PaidReceipt{}}
	a.owned, a.payers = sync.OnceValue(a.itemsByOwner), sync.OnceValue(a.payersByCustomer)
	a.holders, a.namedAs = sync.OnceValue(a.customersByAccount), sync.OnceValue(a.customersByName)
	for i := range work.Book.Recorded {
		a.recorded[work.Book.Recorded[i].ReceiptID] = &work.Book.Recorded[i]
	}
	for i := range work.Book.Paid {
		a.paid[work.Book.Paid[i].ReceiptID] = &work.Book.Paid[i]
	}
	return a
}

func (a *audited) itemsByOwner() map[string][]*recon.Item {
	owned := make(map[string][]*recon.Item, len(a.work.Book.Customers))
	for i := range a.work.Book.Items {
		it := &a.work.Book.Items[i]
		owned[it.Customer] = append(owned[it.Customer], it)
	}
	return owned
}

func (a *audited) payersByCustomer() map[string][]payingCustomer {
	payers := make(map[string][]payingCustomer, len(a.work.Book.Customers))
	for i := range a.work.Book.Customers {
		c := &a.work.Book.Customers[i]
		paying := payingCustomer{c, accountsOf(c)}
		payers[c.Code] = append(payers[c.Code], paying)
		for _, code := range c.PaysFor {
			payers[code] = append(payers[code], paying)
		}
	}
	return payers
}

func (a *audited) customersByAccount() map[string][]*recon.Customer {
	holders := make(map[string][]*recon.Customer, len(a.work.Book.Customers))
	for i := range a.work.Book.Customers {
		c := &a.work.Book.Customers[i]
		for _, own := range accountsOf(c) {
			holders[own] = append(holders[own], c)
		}
	}
	return holders
}

func (a *audited) customersByName() map[string][]*recon.Customer {
	named := make(map[string][]*recon.Customer, len(a.work.Book.Customers))
	for i := range a.work.Book.Customers {
		c := &a.work.Book.Customers[i]
		named[spelled(c.Name)] = append(named[spelled(c.Name)], c)
	}
	return named
}

// accountsOf are the accounts by which a customer is known.
func accountsOf(c *recon.Customer) []string {
	accounts := make([]string, 0, len(c.IBANs)+len(c.Aliases)+len(c.Learned))
	for _, own := range c.IBANs {
		accounts = append(accounts, recon.NormalAccount(own))
	}
	for _, own := range c.Aliases {
		accounts = append(accounts, recon.NormalAccount(own))
	}
	for _, own := range c.Learned {
		if own.Kind == recon.AliasAccount {
			accounts = append(accounts, recon.NormalAccount(own.Value))
		}
	}
	return accounts
}

func (a *audited) capKey(customer string, currency recon.Currency, day recon.Date) capKey {
	divisor := int32(100)
	if a.set.Differences[currency].CapPeriod == "year" {
		divisor = 10000
	}
	return capKey{customer, currency, int32(day) / divisor}
}

// item returns the item with an id, nil where the book has none.
func (a *audited) item(id int64) *recon.Item {
	if at, known := a.places.of(id); known {
		return &a.work.Book.Items[at]
	}
	return nil
}

// lowers notes that a decision takes an amount from an item; before are its lines up to there.
func (a *audited) lowers(before []recon.Line, id, minor int64) {
	at, known := a.places.of(id)
	if !known {
		return
	}
	a.lowered[at].Add(minor)
	for _, l := range before {
		if l.Item == id || l.CreditNote == id {
			return
		}
	}
	a.users[at].Add(1)
}

// closes notes that nothing of an item may stay open after the receipt at a place; the last receipt counts.
func (a *audited) closes(id int64, receipt int) {
	at, known := a.places.of(id)
	if !known {
		return
	}
	for {
		was := a.closers[at].Load()
		if int(was) > receipt || a.closers[at].CompareAndSwap(was, int32(receipt)+1) {
			return
		}
	}
}

// auditPlaces finds the items of the book by id.
type auditPlaces struct {
	least  int64
	places []int32 // plus 1
	sparse map[int64]int32
}

func newAuditPlaces(items []recon.Item) auditPlaces {
	if len(items) == 0 {
		return auditPlaces{}
	}
	least, most := items[0].ID, items[0].ID
	for i := range items {
		least, most = min(least, items[i].ID), max(most, items[i].ID)
	}
	p := auditPlaces{least: least}
	if most-least > 10*int64(len(items)) {
		p.sparse = make(map[int64]int32, len(items))
	} else {
		p.places = make([]int32, most-least+1)
	}
	for i := range items {
		if p.sparse != nil {
			p.sparse[items[i].ID] = int32(i) + 1
		} else {
			p.places[items[i].ID-least] = int32(i) + 1
		}
	}
	return p
}

func (p *auditPlaces) of(id int64) (at int, known bool) {
	if p.sparse != nil {
		found := p.sparse[id]
		return int(found) - 1, found > 0
	}
	if id -= p.least; id < 0 || id >= int64(len(p.places)) || p.places[id] == 0 {
		return 0, false
	}
	return int(p.places[id]) - 1, true
}
