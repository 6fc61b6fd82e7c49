package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Benchmark times one night of 100,000 receipts that pay 100,000 items, one metric per step in seconds.
func Benchmark(b *testing.B, open Open) {
	const n = 100_000
	for b.Loop() {
		night := night{world: newWorld(b, open(b)), B: b, n: n}
		for _, step := range []struct {
			name string
			run  func()
		}{{"customers", night.customers}, {"items", night.items}, {"outcome", night.outcome}, {"undecided", night.undecided}, {"book", night.book},
			{"plan", night.plan}, {"undecided2", night.undecided}, {"snapshot", night.snapshot}} {
			start := time.Now()
			step.run()
			b.ReportMetric(time.Since(start).Seconds(), "s/"+step.name)
		}
	}
}

// night is the work of a benchmark.
type night struct {
	*world
	*testing.B
	n        int
	receipts []recon.Receipt
	open     recon.Book
}

func (night *night) must(err error) { night.world.must(err) }

func (night *night) customers() {
	var all []store.KeyedCustomer
	for i := range night.n / 10 {
		code := fmt.Sprintf("C%06d", i)
		all = append(all, store.KeyedCustomer{Customer: recon.Customer{Code: code, Name: "Customer " + code}, Keys: []string{"iban:" + code, "name:" + code}})
	}
	night.must(night.SaveCustomers(background, night.act(), entity, all))
}

func (night *night) items() {
	changes := store.ItemChanges{Entity: entity, AsOf: 20260301, Snapshot: true, Digest: "bench", Count: night.n}
	for i := range night.n {
		number := fmt.Sprintf("RE-2026-%06d", i)
		changes.New = append(changes.New, store.NewItem{Effective: 20260201, KeyedItem: store.KeyedItem{
			Item: recon.Item{Number: number, Kind: recon.Invoice, Side: recon.Receivable, Customer: fmt.Sprintf("C%06d", i/10), IssueDate: 20260201,
				DueDate: 20260301, Currency: "EUR", AmountMinor: int64(10000 + i), OpenMinor: int64(10000 + i), Reference: fmt.Sprintf("RF18%012d", i)},
			Keys: []string{fmt.Sprintf("RE2026%06d", i), fmt.Sprintf("2026%06d", i), fmt.Sprintf("%06d", i), fmt.Sprintf("RF18%012d", i)}}})
	}
	night.must(night.SaveItems(background, night.act(), changes))
}

func (night *night) outcome() {
	s := night.booking("main")
	s.From, s.To = 20260301, 20260301
	for i := range night.n {
		e := recon.Entry{AmountMinor: int64(10000 + i), Currency: "EUR", Booked: 20260301, Value: 20260301, Status: recon.Booked,
			BankReference: fmt.Sprintf("REF%019d", i*7919%night.n), Counterparty: recon.Party{Name: fmt.Sprintf("Customer C%06d", i/10), Account: fmt.Sprintf("DE89370400440%09d", i/10)},
			EndToEndID: fmt.Sprintf("E2E-%08d", i*104729%night.n), Text: fmt.Sprintf("Invoice RE-2026-%06d dated 2026-02-01, thank you", i),
			BankCode: "PMNT/RCDT/ESCT", Place: fmt.Sprintf("Stmt[1]/Ntry[%d]", i+1), Structured: []string{fmt.Sprintf("RF18%012d", i)}}
		e.Lines = []string{e.Text}
		s.entries = append(s.entries, e)
		s.fates = append(s.fates, store.Fate{Kind: recon.FateNew, Fingerprint: print(i * 0x1E3779B97F4A7C15), Occurrence: 1, Class: recon.ClassReceipt})
	}
	file := night.file()
	start := time.Now()
	night.must(night.SaveOutcome(background, night.act(), outcomeOf(file, recon.FileBooked, s)))
	night.ReportMetric(time.Since(start).Seconds(), "s/outcome-alone")
}

func (night *night) undecided() {
	receipts, _, err := night.Undecided(background, entity)
	night.must(err)
	if night.receipts == nil {
		night.receipts = receipts
	}
}

func (night *night) book() {
	keys := recon.Keys{}
	for i := range night.n {
		keys.References = append(keys.References, fmt.Sprintf("RE2026%06d", i), fmt.Sprintf("RF18%012d", i))
		for k := range 13 {
			keys.References = append(keys.References, fmt.Sprintf("X%02d%09d", k, i))
		}
	}
	for i := range night.n / 10 {
		keys.Payers = append(keys.Payers, fmt.Sprintf("iban:C%06d", i), fmt.Sprintf("name:C%06d", i))
	}
	start := time.Now()
	book, err := night.LoadBook(background, entity, keys)
	night.must(err)
	night.ReportMetric(time.Since(start).Seconds(), "s/book-alone")
	if len(book.Items) != night.n {
		night.world.Fatalf("%d items in the book, want %d", len(book.Items), night.n)
	}
	night.open = book
}

func (night *night) plan() {
	const chunk = 1000
	for at := 0; at < len(night.receipts); at += chunk {
		plan := recon.Plan{Entity: entity, Rules: "r1"}
		for i := at; i < min(at+chunk, len(night.receipts)); i++ {
			r, item := night.receipts[i], night.open.Items[i]
			plan.Decisions = append(plan.Decisions, recon.Decision{Source: r.Source, Outcome: recon.Auto, Reason: "reference_exact", Score: 98, Margin: 40,
				Customer: item.Customer, Lines: []recon.Line{{Kind: recon.Payment, Item: item.ID, AmountMinor: r.AmountMinor}},
				Evidence: []recon.Evidence{{Factor: recon.FactorReference, Code: "structured", Item: item.ID, Points: 60, Seen: "RF18" + item.Number},
					{Factor: recon.FactorPayer, Code: "iban", Points: 20, Seen: "DE89…"}, {Factor: recon.FactorAmount, Code: "exact", Item: item.ID, Points: 18}}})
		}
		report, err := night.SavePlan(background, night.act(), plan)
		night.must(err)
		if report.Applied != len(plan.Decisions) {
			night.world.Fatalf("applied %d of %d: %v", report.Applied, len(plan.Decisions), report)
		}
	}
}

func (night *night) snapshot() {
	night.must(night.Snapshot(background, entity, func(v store.View) error {
		for _, err := range v.Entries() {
			night.must(err)
		}
		for _, err := range v.Applications() {
			night.must(err)
		}
		for _, err := range v.Decisions() {
			night.must(err)
		}
		return nil
	}))
}
