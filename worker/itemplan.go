package worker

import (
	"context"
	"fmt"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// planItems compares the rows with the books and says what changes.
func (p *Pipeline) planItems(ctx context.Context, rows []recon.ItemRow, how ItemsImport) (store.ItemChanges, []recon.Problem, error) {
	plan := itemPlan{p: p, how: how, changes: store.ItemChanges{Entity: p.Entity.ID, AsOf: how.AsOf, Snapshot: how.Snapshot, Count: len(rows)}}
	if err := plan.load(ctx, rows); err != nil {
		return plan.changes, nil, err
	}
	for _, row := range rows {
		plan.row(row)
	}
	if len(plan.noDue) > 0 {
		plan.add(ingest.ProblemNoDueDate(plan.noDue[0], len(plan.noDue)))
	}
	if how.Snapshot {
		if err := plan.vanished(ctx); err != nil {
			return plan.changes, nil, err
		}
	}
	return plan.changes, plan.problems, nil
}

type itemPlan struct {
	p         *Pipeline
	how       ItemsImport
	known     map[itemKey]recon.Item
	customers map[string]bool
	named     map[itemKey]bool // what the file names
	seen      map[int64]bool   // items of the books that it lists
	noDue     []int            // rows of open invoices without a due date
	changes   store.ItemChanges
	problems  []recon.Problem
	untaken   map[int64]int64 // what items fell by since the accounting system last took a batch
	takes     bool            // it says what it has taken
}

// itemKey is what makes an item one item: its number, and of payables its supplier too (two suppliers number alike).
type itemKey struct {
	side             recon.Side
	number, supplier string
}

func keyOf(side recon.Side, number, customer string) itemKey {
	if side == recon.Payable {
		return itemKey{side, number, customer}
	}
	return itemKey{side: side, number: number}
}

func (i *itemPlan) load(ctx context.Context, rows []recon.ItemRow) error {
	numbers := make([]string, len(rows))
	i.named = make(map[itemKey]bool, len(rows))
	for n, row := range rows {
		numbers[n] = row.Number
		i.named[keyOf(row.Side, row.Number, row.Customer)] = true
	}
	items, err := i.p.Store.ItemsByNumber(ctx, i.p.Entity.ID, numbers)
	if err != nil {
		return fmt.Errorf("load items: %w", err)
	}
	i.known, i.seen = make(map[itemKey]recon.Item, len(items)), make(map[int64]bool, len(items))
	for _, item := range items {
		i.known[keyOf(item.Side, item.Number, item.Customer)] = item
	}
	ids := make([]int64, len(items))
	for n, item := range items {
		ids[n] = item.ID
	}
	if i.untaken, i.takes, err = i.p.Store.Untaken(ctx, i.p.Entity.ID, ids); err != nil {
		return fmt.Errorf("load what was not taken: %w", err)
	}
	customers, err := i.p.Store.Customers(ctx, i.p.Entity.ID)
	if err != nil {
		return fmt.Errorf("load customers: %w", err)
	}
	i.customers = make(map[string]bool, len(customers))
	for _, c := range customers {
		i.customers[c.Code] = true
	}
	return nil
}

func (i *itemPlan) add(problem recon.Problem) { i.problems = append(i.problems, problem) }

func (i *itemPlan) row(row recon.ItemRow) {
	if !i.customers[row.Customer] {
		i.add(ingest.ProblemUnknownCustomer(row.Row, row.Customer))
		return
	}
	was, known := i.find(row)
	if !known {
		i.fresh(row)
		return
	}
	i.seen[was.ID] = true
	if row.Given.Has("kind") && row.Kind != was.Kind {
		i.add(ingest.ProblemKindChanged(row.Row, row.Number, was.Kind, row.Kind))
		return
	}
	i.compare(row, merged(row, was), was)
}

// find returns the item of the books that a row speaks of. Where the file has no column side, that is the customer's item
// of that number on whichever side it is, else the receivable.
func (i *itemPlan) find(row recon.ItemRow) (recon.Item, bool) {
	was, known := i.known[keyOf(row.Side, row.Number, row.Customer)]
	if row.Given.Has("side") || known && was.Customer == row.Customer {
		return was, known
	}
	if payable, there := i.known[keyOf(recon.Payable, row.Number, row.Customer)]; there {
		return payable, true
	}
	return was, known
}

// fresh takes an item that the books do not have. One that they have on the other side, with that number and customer, is
// probably the same: nobody's item changes sides without a person's word.
func (i *itemPlan) fresh(row recon.ItemRow) {
	other := recon.Payable
	if row.Side == recon.Payable {
		other = recon.Receivable
	}
	there := keyOf(other, row.Number, row.Customer)
	if was, known := i.known[there]; known && was.Customer == row.Customer && !i.named[there] {
		i.add(ingest.ProblemSideChanged(row.Row, row.Number, row.Customer, was.Side, row.Side))
		if !i.how.Accept {
			return
		}
	}
	item := itemOf(row)
	i.undated(row, item)
	i.changes.New = append(i.changes.New, store.NewItem{KeyedItem: keyed(item), Effective: firstDay(row.IssueDate, i.how.AsOf)})
}

// undated notes an open invoice that is without a due date by what the file says.
func (i *itemPlan) undated(row recon.ItemRow, item recon.Item) {
	if item.DueDate == 0 && item.Kind == recon.Invoice && item.OpenMinor > 0 {
		i.noDue = append(i.noDue, row.Row)
	}
}

func firstDay(day, otherwise recon.Date) recon.Date {
	if day != 0 {
		return day
	}
	return otherwise
}

func itemOf(row recon.ItemRow) recon.Item {
	return recon.Item{Number: row.Number, Kind: row.Kind, Side: row.Side, Customer: row.Customer, IssueDate: row.IssueDate, DueDate: row.DueDate,
		Currency: row.Currency, AmountMinor: row.AmountMinor, OpenMinor: row.OpenMinor, Reference: row.Reference, Order: row.Order,
		DiscountPercent: row.DiscountPercent, DiscountUntil: row.DiscountUntil, TaxRate: row.TaxRate}
}

// merged is an item of the books after a row: what the file has no column for stays as it was.
func merged(row recon.ItemRow, was recon.Item) recon.Item {
	item := itemOf(row)
	item.ID, item.Version, item.Side, item.Cancelled = was.ID, was.Version, was.Side, was.Cancelled
	keep(row.Given, "kind", &item.Kind, was.Kind)
	keep(row.Given, "issue_date", &item.IssueDate, was.IssueDate)
	keep(row.Given, "due_date", &item.DueDate, was.DueDate)
	keep(row.Given, "reference", &item.Reference, was.Reference)
	keep(row.Given, "order", &item.Order, was.Order)
	keep(row.Given, "discount_percent", &item.DiscountPercent, was.DiscountPercent)
	keep(row.Given, "discount_until", &item.DiscountUntil, was.DiscountUntil)
	keep(row.Given, "tax_rate", &item.TaxRate, was.TaxRate)
	return item
}

func keyed(item recon.Item) store.KeyedItem {
	return store.KeyedItem{Item: item, Keys: matcher.ItemKeys(item)}
}

// compare plans what a row says about an item that the books have: its texts and terms, its amount, and its open
// amount. Theirs may be higher by what we applied and they have not posted yet; lower means that it was settled
// outside; higher than that is a drift that a person looks at (FAULTS O04).
func (i *itemPlan) compare(row recon.ItemRow, item, was recon.Item) {
	money := func(minor int64) string { return recon.Money{Minor: minor, Currency: was.Currency}.String() }
	applied := was.AmountMinor - was.OpenMinor
	switch {
	case item.Currency != was.Currency:
		i.add(ingest.ProblemCurrencyChanged(row.Row, row.Number, was.Currency, item.Currency))
		return
	case item.AmountMinor < applied:
		i.add(ingest.ProblemOverallocated(row.Row, row.Number, money(item.AmountMinor), money(applied)))
		return
	}
	ours := item.AmountMinor - applied
	switch theirs := row.OpenMinor; {
	case !row.Given.Has("open"):
	case theirs < ours:
		i.changes.External = append(i.changes.External, store.Settled{Item: was.ID, AmountMinor: ours - theirs, Effective: i.how.AsOf})
	case theirs > ours+i.unposted(was):
		i.add(ingest.ProblemDrift(row.Row, row.Number, money(theirs), money(ours), ""))
		if i.how.Accept {
			break
		}
		return
	}
	item.OpenMinor = ours
	if row.Given.Has("due_date") {
		i.undated(row, item)
	}
	if !sameTerms(item, was) {
		i.changes.Changed = append(i.changes.Changed, keyed(item))
	}
}

// unposted is what we applied to an item and they need not have posted yet: all of it, or where the accounting system says which exports it
// has taken, what came later.
func (i *itemPlan) unposted(item recon.Item) int64 {
	if i.takes {
		return i.untaken[item.ID]
	}
	return item.AppliedMinor
}

// sameTerms reports whether an import says nothing new about an item.
func sameTerms(a, b recon.Item) bool {
	return a.Kind == b.Kind && a.Customer == b.Customer && a.IssueDate == b.IssueDate && a.DueDate == b.DueDate &&
		a.AmountMinor == b.AmountMinor && a.Reference == b.Reference && a.Order == b.Order && a.DiscountUntil == b.DiscountUntil &&
		a.DiscountPercent.Equal(b.DiscountPercent) && a.TaxRate.Equal(b.TaxRate)
}

// vanished settles the open items that a snapshot no longer lists, after looking whether the snapshot can be whole.
func (i *itemPlan) vanished(ctx context.Context) error {
	lastAsOf, before, err := i.p.Store.LastImport(ctx, i.p.Entity.ID)
	if err != nil {
		return fmt.Errorf("last snapshot: %w", err)
	}
	if i.how.AsOf < lastAsOf {
		i.add(ingest.ProblemStale(lastAsOf, i.how.AsOf))
		return nil
	}
	open, err := i.p.Store.Items(ctx, i.p.Entity.ID, store.ItemFilter{OpenOnly: true})
	if err != nil {
		return fmt.Errorf("load open items: %w", err)
	}
	if before = max(before, len(open)); i.changes.Count > 0 && shrunk(before, i.changes.Count) { // of an empty file its reader has said so
		i.add(ingest.ProblemShrink(before, i.changes.Count))
	}
	for _, item := range open {
		if !i.seen[item.ID] {
			i.changes.External = append(i.changes.External, store.Settled{Item: item.ID, AmountMinor: item.OpenMinor, Effective: i.how.AsOf})
		}
	}
	return nil
}

// shrunk reports whether a snapshot lost so much that it is probably incomplete: nine in ten of at least ten.
func shrunk(before, now int) bool { return before >= 10 && now*10 <= before }
