package store

import (
	"context"
	"time"

	"github.com/tieout/tieout/recon"
)

// Browse answers what people look for, a page at a time.
type Browse interface {
	// ItemPage lists the items that a search finds, a page of them in an order.
	ItemPage(ctx context.Context, entity string, query ItemQuery) ([]recon.Item, error)
	// ItemTotals sums up the items that a search finds, by currency and kind.
	ItemTotals(ctx context.Context, entity string, search ItemSearch) ([]ItemTotal, error)
	// CustomerPage lists customers by code with what they owe.
	CustomerPage(ctx context.Context, entity string, query CustomerQuery) ([]CustomerBalance, error)
	// LastPayments returns the latest applications to items of a customer and those that put money of theirs aside, newest first;
	// what was taken back too.
	LastPayments(ctx context.Context, entity, customer string, limit int) ([]recon.Application, error)
	// RulesVersions lists the versions of the rules that were ever in force, newest first.
	RulesVersions(ctx context.Context, entity string) ([]RulesVersion, error)
}

// ItemStatus narrows a search to what became of items; they overlap, but for open and paid.
type ItemStatus string

// Statuses of items.
const (
	ItemOpen      ItemStatus = "open"      // something of it is open
	ItemPartial   ItemStatus = "partial"   // part of it is paid
	ItemDisputed  ItemStatus = "disputed"  // open, with an open dispute
	ItemScheduled ItemStatus = "scheduled" // open, with a payment plan
	ItemOverdue   ItemStatus = "overdue"   // open, and due before today
	ItemPaid      ItemStatus = "paid"      // nothing of it is open
)

// ItemSearch says which items; zero fields do not narrow.
type ItemSearch struct {
	Status   ItemStatus
	Today    recon.Date // for overdue
	Kind     recon.ItemKind
	Side     recon.Side
	Customer string
	Currency recon.Currency
	// Text is part of the number or of the customer's code or name, case ignored; Key the beginning of a reference key and
	// AmountsMinor the amounts that it may also mean. One of them has to fit where any is given.
	Text         string
	Key          string
	AmountsMinor []int64
	Remittance   string // part of a text or payer's name of a receipt that was applied to it, case ignored
}

// ItemOrder is an order of items.
type ItemOrder string

// Orders of items. The empty one is by due day, latest first.
const (
	ItemsLatest     ItemOrder = "latest" // due last
	ItemsOldest     ItemOrder = "oldest" // due first
	ItemsByNumber   ItemOrder = "number"
	ItemsByAmount   ItemOrder = "amount" // by currency, largest first
	ItemsByCustomer ItemOrder = "customer"
)

// ItemQuery asks for a page of items.
type ItemQuery struct {
	Search ItemSearch
	Order  ItemOrder
	After  *recon.Item // the last item of the page before, nil for the first page
	Limit  int         // 0 = all
}

// ItemTotal sums up items of a kind in a currency.
type ItemTotal struct {
	Currency     recon.Currency
	Kind         recon.ItemKind
	Items        int
	AmountMinor  int64 // invoiced
	SettledMinor int64 // paid, or settled otherwise
	OpenMinor    int64 // remaining
}

// CustomerQuery asks for a page of customers.
type CustomerQuery struct {
	Text  string // part of code or name, case ignored
	Code  string // one customer alone
	Owing bool   // those with something open alone
	Today recon.Date
	After string // the last code of the page before
	Limit int    // 0 = all
}

// CustomerBalance is a customer with what they owe.
type CustomerBalance struct {
	recon.Customer
	Balances []Balance // by currency; none where nothing is open
}

// Balance is what a customer owes in a currency. Credit notes count negative.
type Balance struct {
	Currency      recon.Currency
	OpenMinor     int64
	OverdueMinor  int64
	DisputedMinor int64 // of it: items in dispute
	HeldMinor     int64 // on account and in advance: ours to place, positive
	Items         int   // open ones
}

// RulesVersion is a version of the rules with its text.
type RulesVersion struct {
	Version string
	Text    string
	Actor   string // who first worked with it
	At      time.Time
}
