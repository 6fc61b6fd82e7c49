package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// world is a store under test with what a story needs to tell itself briefly. What fails ends the story.
type world struct {
	testing.TB
	store.Store
	acts   int
	files  int
	prints int
}

func accounts() []recon.Account {
	return []recon.Account{
		{ID: "main", IBAN: "DE89370400440532013000", Currency: "EUR", Ledger: "1200"},
		{ID: "proved", IBAN: "DE02120300000000202051", Currency: "EUR", Ledger: "1210", ProofRequired: true},
		{ID: "usd", IBAN: "GB29NWBK60161331926819", Currency: "USD", Ledger: "1220", FlipReversals: true},
	}
}

func newWorld(t testing.TB, s store.Store) *world {
	w := &world{TB: t, Store: s}
	w.must(s.SaveEntity(background, w.act(), store.Entity{ID: entity, Name: "Acme Ltd", BaseCurrency: "EUR", Accounts: accounts()}))
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// fails checks the class of an error.
func (w *world) fails(got, want error) {
	w.Helper()
	if !errors.Is(got, want) {
		w.Fatalf("got %v, want %v", got, want)
	}
}

// same compares values, whatever they are.
func (w *world) same(what string, got, want any) {
	w.Helper()
	if !reflect.DeepEqual(got, want) {
		w.Fatalf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// act is the next act of the engine in a story.
func (w *world) act() store.Act {
	w.acts++
	return store.Act{Actor: "engine", At: noon.Add(time.Duration(w.acts) * time.Second), Run: 7}
}

// petra is the next act of a person.
func (w *world) petra() store.Act {
	act := w.act()
	act.Actor, act.Run = "petra", 0
	return act
}

// file records a file of its own content and returns its id.
func (w *world) file() int64 {
	w.Helper()
	w.files++
	row, created, err := w.RecordFile(background, w.act(), recon.FileRow{Entity: entity, SHA256: fmt.Sprintf("%064d", w.files),
		Name: fmt.Sprintf("statement-%d.xml", w.files), Size: 4711, Received: noon})
	w.must(err)
	if !created {
		w.Fatalf("file %d is known already", row.ID)
	}
	return row.ID
}

// credit is a booked entry of the account main.
func credit(minor int64, change ...func(*recon.Entry)) recon.Entry {
	e := recon.Entry{AmountMinor: minor, Currency: "EUR", Booked: 20260305, Value: 20260306, Status: recon.Booked,
		Counterparty: recon.Party{Name: "Customer One", Account: "FR7630006000011234567890189"}, Text: "thank you", Lines: []string{"thank you"}}
	for _, c := range change {
		c(&e)
	}
	return e
}

func onDay(d recon.Date) func(*recon.Entry) { return func(e *recon.Entry) { e.Booked, e.Value = d, d } }

// entries books entries and returns their ids.
func (w *world) entries(entries ...recon.Entry) []int64 {
	w.Helper()
	before := w.lastEntry()
	w.outcome(recon.FileBooked, w.booking("main", entries...))
	ids := make([]int64, len(entries))
	for i := range ids {
		ids[i] = before + int64(i) + 1
	}
	return ids
}

func (w *world) lastEntry() (last int64) {
	w.Helper()
	w.view(func(v store.View) {
		for e, err := range v.Entries() {
			w.must(err)
			last = max(last, e.ID)
		}
		for r, err := range v.Receipts() {
			w.must(err)
			last = max(last, r.ID)
		}
	})
	return last
}

// receipt books one receipt and returns its id.
func (w *world) receipt(minor int64, change ...func(*recon.Entry)) int64 {
	w.Helper()
	return w.entries(credit(minor, change...))[0]
}

// bounce books one return and returns the id of its entry.
func (w *world) bounce(minor int64, change ...func(*recon.Entry)) int64 {
	w.Helper()
	return w.entries(credit(-minor, append([]func(*recon.Entry){onDay(20260308)}, change...)...))[0]
}

func (w *world) view(read func(store.View)) {
	w.Helper()
	w.must(w.Snapshot(background, entity, func(v store.View) error {
		read(v)
		return nil
	}))
}

// invoice is an open item of a customer; change may turn it into something else.
func invoice(number, customer string, minor int64, change ...func(*store.NewItem)) store.NewItem {
	i := store.NewItem{Effective: 20260201, KeyedItem: store.KeyedItem{Keys: []string{number}, Item: recon.Item{Number: number, Kind: recon.Invoice,
		Side: recon.Receivable, Customer: customer, IssueDate: 20260201, DueDate: 20260301, Currency: "EUR", AmountMinor: minor, OpenMinor: minor}}}
	for _, c := range change {
		c(&i)
	}
	return i
}

func creditNote(i *store.NewItem) { i.Kind = recon.CreditNote }

// items imports items and returns them in the order named.
func (w *world) items(items ...store.NewItem) []recon.Item {
	w.Helper()
	w.must(w.SaveItems(background, w.act(), store.ItemChanges{Entity: entity, AsOf: 20260301, New: items, Count: len(items)}))
	all := make([]recon.Item, len(items))
	for n, i := range items {
		all[n] = w.item(i.Number)
	}
	return all
}

// item returns the item with a number as it is now.
func (w *world) item(number string) recon.Item {
	w.Helper()
	items, err := w.ItemsByNumber(background, entity, []string{number})
	w.must(err)
	if len(items) != 1 {
		w.Fatalf("%d items %s", len(items), number)
	}
	return items[0]
}

// open checks what is open of items: number, amount, number, amount …
func (w *world) open(pairs ...any) {
	w.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got, want := w.item(pairs[i].(string)).OpenMinor, int64(pairs[i+1].(int)); got != want {
			w.Fatalf("open of %s: got %d, want %d", pairs[i], got, want)
		}
	}
}

func pay(item recon.Item, minor int64) recon.Line {
	return recon.Line{Kind: recon.Payment, Item: item.ID, AmountMinor: minor}
}

func source(receipt int64) recon.Source { return recon.Source{Kind: recon.SourceReceipt, ID: receipt} }

// automatic is a decision of the engine to apply a receipt.
func automatic(receipt int64, lines ...recon.Line) recon.Decision {
	return recon.Decision{Source: source(receipt), Outcome: recon.Auto, Reason: "reference_exact", Score: 97, Margin: 30, Customer: "C1", Lines: lines,
		Evidence: []recon.Evidence{{Factor: recon.FactorReference, Code: "number", Points: 60, Seen: "R1"}}}
}

// queued is a decision of the engine to ask a person.
func queued(receipt int64, reason recon.Reason, proposals ...recon.Proposal) recon.Decision {
	return recon.Decision{Source: source(receipt), Outcome: recon.Queued, Reason: reason, Score: 60, Customer: "C1", Proposals: proposals}
}

func (w *world) plan(decisions ...recon.Decision) store.PlanReport {
	w.Helper()
	report, err := w.SavePlan(background, w.act(), recon.Plan{Entity: entity, Rules: "r1", Decisions: decisions})
	w.must(err)
	return report
}

// applied saves decisions that all have to be taken.
func (w *world) applied(decisions ...recon.Decision) {
	w.Helper()
	if report := w.plan(decisions...); report.Applied+report.Queued != len(decisions) || report.Stale != nil {
		w.Fatalf("%d decisions: %+v", len(decisions), report)
	}
}

// stale saves a decision that has to come back.
func (w *world) stale(d recon.Decision) {
	w.Helper()
	w.same("report", w.plan(d), store.PlanReport{Stale: []recon.Source{d.Source}})
}

// applications returns those of a receipt.
func (w *world) applications(receipt int64) []recon.Application {
	w.Helper()
	all, err := w.ApplicationsOf(background, entity, receipt)
	w.must(err)
	return all
}

func ids(applications []recon.Application) []int64 {
	var all []int64
	for _, a := range applications {
		if a.Live() {
			all = append(all, a.ID)
		}
	}
	return all
}

// row returns a receipt as it is now.
func (w *world) row(receipt int64) (row recon.ReceiptRow) {
	w.Helper()
	w.view(func(v store.View) {
		for r, err := range v.Receipts() {
			w.must(err)
			if r.ID == receipt {
				row = r
			}
		}
	})
	if row.ID == 0 {
		w.Fatalf("no receipt %d", receipt)
	}
	return row
}

// undecided returns the ids of the receipts and returns that the engine is to decide.
func (w *world) undecided() (receipts, returns []int64) {
	w.Helper()
	r, t, err := w.Undecided(background, entity)
	w.must(err)
	for _, one := range r {
		receipts = append(receipts, one.Source.ID)
	}
	for _, one := range t {
		returns = append(returns, one.EntryID)
	}
	return receipts, returns
}

// toDecide checks which receipts the engine is to decide.
func (w *world) toDecide(want ...int64) {
	w.Helper()
	got, _ := w.undecided()
	if !slices.Equal(got, want) {
		w.Fatalf("to decide: got %v, want %v", got, want)
	}
}

// theCase returns the open case of a receipt, and false where it is not in the queue.
func (w *world) theCase(receipt int64) (store.Case, bool) {
	w.Helper()
	cases, err := w.Cases(background, entity, store.CaseQuery{})
	w.must(err)
	for _, c := range cases {
		if c.Receipt == receipt {
			return c, true
		}
	}
	return store.Case{}, false
}

// audits counts the audit rows.
func (w *world) audits() (n int) {
	w.Helper()
	w.view(func(v store.View) {
		for _, err := range v.Audit() {
			w.must(err)
			n++
		}
	})
	return n
}
