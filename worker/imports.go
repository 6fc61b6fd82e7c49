package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Imported is what an import did. With a reject or hold among its problems it did nothing.
type Imported struct {
	Problems                         []recon.Problem
	New, Changed, Unchanged, Settled int // Settled: fell by settlements outside tieout
	Repeated                         bool
}

// Done reports whether the import was taken.
func (r Imported) Done() bool {
	return recon.Worst(r.Problems) != recon.Reject && recon.Worst(r.Problems) != recon.Hold
}

// ItemsImport says how to take a file of open items.
type ItemsImport struct {
	Name     string
	Snapshot bool       // the whole open book: open items it does not list were settled elsewhere
	AsOf     recon.Date // day of the export; 0 = today
	Accept   bool       // take it although it is held
	Options  ingest.ImportOptions
}

// ImportItems takes a file of open items, whole or not at all.
func (p *Pipeline) ImportItems(ctx context.Context, r io.Reader, how ItemsImport) (result Imported, err error) {
	how.Options.Mapping = p.Columns["items"]
	hash := sha256.New()
	rows, problems, err := ingest.ReadItems(how.Name, io.TeeReader(r, hash), how.Options)
	if err != nil {
		return result, err
	}
	result.Problems = problems
	if !result.Done() {
		return result, nil
	}
	if how.AsOf == 0 {
		how.AsOf = recon.DateOf(p.Now())
	}
	changes, problems, err := p.planItems(ctx, rows, how)
	if err != nil {
		return result, err
	}
	result.Problems = append(result.Problems, accepted(problems, how.Accept)...)
	if !result.Done() {
		return result, nil
	}
	changes.Digest = fmt.Sprintf("%s/%v/%s", hex.EncodeToString(hash.Sum(nil)), how.Snapshot, how.AsOf)
	result.New, result.Changed, result.Settled = len(changes.New), len(changes.Changed), len(changes.External)
	result.Unchanged = len(rows) - len(changes.New) - len(changes.Changed)
	if err := p.Store.SaveItems(ctx, p.act(0), changes); errors.Is(err, store.ErrDuplicate) {
		return Imported{Problems: result.Problems, Unchanged: len(rows), Repeated: true}, nil
	} else if err != nil {
		return result, fmt.Errorf("store items: %w", err)
	}
	return result, nil
}

// accepted turns what is held into warnings where a person accepts it.
func accepted(problems []recon.Problem, accept bool) []recon.Problem {
	for i := range problems {
		if accept && problems[i].Severity == recon.Hold {
			problems[i].Severity = recon.Warn
		}
	}
	return problems
}

// planItems compares the rows with the books and says what changes.
func (p *Pipeline) planItems(ctx context.Context, rows []recon.ItemRow, how ItemsImport) (store.ItemChanges, []recon.Problem, error) {
	plan := itemPlan{p: p, how: how, changes: store.ItemChanges{Entity: p.Entity.ID, AsOf: how.AsOf, Snapshot: how.Snapshot, Count: len(rows)}}
	if err := plan.load(ctx, rows); err != nil {
		return plan.changes, nil, err
	}
	for _, row := range rows {
		plan.row(row)
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
	seen      map[int64]bool
	changes   store.ItemChanges
	problems  []recon.Problem
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
	for n, row := range rows {
		numbers[n] = row.Number
	}
	items, err := i.p.Store.ItemsByNumber(ctx, i.p.Entity.ID, numbers)
	if err != nil {
		return fmt.Errorf("load items: %w", err)
	}
	i.known, i.seen = make(map[itemKey]recon.Item, len(items)), make(map[int64]bool, len(items))
	for _, item := range items {
		i.known[keyOf(item.Side, item.Number, item.Customer)] = item
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
	was, known := i.known[keyOf(row.Side, row.Number, row.Customer)]
	item := itemOf(row)
	if !known {
		i.changes.New = append(i.changes.New, store.NewItem{KeyedItem: keyed(item), Effective: firstDay(row.IssueDate, i.how.AsOf)})
		return
	}
	i.seen[was.ID] = true
	i.compare(row, item, was)
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
	case theirs < ours:
		i.changes.External = append(i.changes.External, store.Settled{Item: was.ID, AmountMinor: ours - theirs, Effective: i.how.AsOf})
	case theirs > ours+was.AppliedMinor:
		i.add(ingest.ProblemDrift(row.Row, row.Number, money(theirs), money(ours), ""))
		if i.how.Accept {
			break
		}
		return
	}
	item.ID, item.Version, item.OpenMinor = was.ID, was.Version, ours
	if !sameTerms(item, was) {
		i.changes.Changed = append(i.changes.Changed, keyed(item))
	}
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
	if before = max(before, len(open)); shrunk(before, i.changes.Count) {
		i.add(ingest.ProblemShrink(before, i.changes.Count))
	}
	for _, item := range open {
		if !i.seen[item.ID] {
			i.changes.External = append(i.changes.External, store.Settled{Item: item.ID, AmountMinor: item.OpenMinor, Effective: i.how.AsOf})
		}
	}
	return nil
}

// shrunk reports whether a snapshot lost so much that it is probably incomplete: nine in ten of at least ten, or all.
func shrunk(before, now int) bool {
	return before > 0 && now == 0 || before >= 10 && now*10 <= before
}

// ImportCustomers takes a file of customers, whole or not at all.
func (p *Pipeline) ImportCustomers(ctx context.Context, r io.Reader, name string, options ingest.ImportOptions) (result Imported, err error) {
	options.Mapping = p.Columns["customers"]
	rows, problems, err := ingest.ReadCustomers(name, r, options)
	result.Problems = problems
	if err != nil || !result.Done() {
		return result, err
	}
	existing, err := p.Store.Customers(ctx, p.Entity.ID)
	if err != nil {
		return result, fmt.Errorf("load customers: %w", err)
	}
	byCode := make(map[string]recon.Customer, len(existing))
	for _, c := range existing {
		byCode[c.Code] = c
	}
	var changed []store.KeyedCustomer
	for _, row := range rows {
		c := recon.Customer{Code: row.Customer, Name: row.Name, IBANs: row.IBANs, Aliases: row.Aliases, PaysFor: row.PaysFor, Email: row.Email, Lump: row.Unreferenced}
		was, known := byCode[c.Code]
		switch {
		case known && sameCustomer(c, was):
			result.Unchanged++
			continue
		case known:
			result.Changed++
		default:
			result.New++
		}
		changed = append(changed, store.KeyedCustomer{Customer: c, Keys: matcher.CustomerKeys(c)})
	}
	if len(changed) == 0 {
		result.Repeated = len(rows) > 0
		return result, nil
	}
	if err := p.Store.SaveCustomers(ctx, p.act(0), p.Entity.ID, changed); err != nil {
		return result, fmt.Errorf("store customers: %w", err)
	}
	return result, nil
}

func sameCustomer(a, b recon.Customer) bool {
	return a.Name == b.Name && a.Email == b.Email && a.Lump == b.Lump && slices.Equal(a.IBANs, b.IBANs) &&
		slices.Equal(a.Aliases, b.Aliases) && slices.Equal(a.PaysFor, b.PaysFor)
}
