package books

import (
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// crowd is n receipts, each paying one invoice, in one statement; built straight, for the story's helpers search.
func crowd(n int) *world {
	w := newWorld()
	at := w.tick()
	w.files = []recon.FileRow{{ID: 1, State: recon.FileBooked}}
	s := recon.StatementRow{ID: 1, File: 1, AccountID: "main", Currency: "EUR", From: 20260101, To: 20260131, StatedEntries: n, Records: n, New: n}
	for i := range int64(n) {
		id, minor := i+1, 1000+i%977
		w.items = append(w.items, recon.Item{ID: id, Number: fmt.Sprint("R", id), Kind: recon.Invoice, Side: recon.Receivable, Customer: fmt.Sprint("C", id%5000), DueDate: 20260101, Currency: "EUR", AmountMinor: minor, PaidOn: 20260131})
		w.starts = append(w.starts, recon.ItemStart{Item: id, OpenMinor: minor, Effective: 20260101, Recorded: at})
		w.entries = append(w.entries, recon.EntryRow{ID: id, Statement: 1, AccountID: "main", Fingerprint: fmt.Sprintf("v1:%032x", id), Occurrence: 1, Class: recon.ClassReceipt, Effective: 20260131, Recorded: at,
			Entry: recon.Entry{AmountMinor: minor, Currency: "EUR", Booked: 20260131, Counterparty: recon.Party{Name: "Somebody"}}})
		w.receipts = append(w.receipts, recon.ReceiptRow{ID: id, AccountID: "main", Currency: "EUR", AmountMinor: minor, AllocatedMinor: minor, Effective: 20260131})
		w.decisions = append(w.decisions, recon.DecisionRow{ID: id, Receipt: id, Source: recon.SourceReceipt, Outcome: recon.Auto, Customer: "C", Live: true, At: at})
		w.apps = append(w.apps, recon.Application{ID: id, Source: recon.Source{Kind: recon.SourceReceipt, ID: id}, Item: id, Kind: recon.Payment, AmountMinor: minor, Currency: "EUR", Effective: 20260131, Recorded: at, Decision: id})
		s.CreditMinor += minor
	}
	s.Opening, s.Closing = &recon.Balance{Date: 20260101}, &recon.Balance{AmountMinor: s.CreditMinor, Date: 20260131}
	w.statements = []recon.StatementRow{s}
	return w
}

// loaded is a crowd in memory, as a run has it.
func loaded(b *testing.B, n int) View {
	b.Helper()
	v, err := Load(crowd(n))
	if err != nil {
		b.Fatal(err)
	}
	return v
}

func BenchmarkLoad100k(b *testing.B) {
	w := crowd(100_000)
	b.ReportAllocs()
	for b.Loop() {
		v, err := Load(w)
		if err != nil {
			b.Fatal(err)
		}
		runtime.KeepAlive(v)
	}
}

func BenchmarkVerify100k(b *testing.B) {
	w := loaded(b, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		checks, err := Verify(w, rules.Set{Ledger: ledger})
		if err != nil {
			b.Fatal(err)
		}
		for _, c := range checks {
			if !c.OK {
				b.Fatal(c)
			}
		}
	}
}

func BenchmarkApplications100k(b *testing.B) {
	w := loaded(b, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := WriteApplications(io.Discard, w, Selection{}, FormatCSV); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJournal100k(b *testing.B) {
	w := loaded(b, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := WriteJournal(io.Discard, w, ledger, Selection{}, FormatCSV); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRun100k is what a run does with the books at its end.
func BenchmarkRun100k(b *testing.B) {
	w := crowd(100_000)
	b.ReportAllocs()
	for b.Loop() {
		v, err := Load(w)
		if err != nil {
			b.Fatal(err)
		}
		for _, export := range []func() error{
			func() error { return WriteApplications(io.Discard, v, Selection{}, FormatCSV) },
			func() error { return WriteJournal(io.Discard, v, ledger, Selection{}, FormatCSV) },
		} {
			if err := export(); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := Run(v, rules.Set{Ledger: ledger}, RunFacts{Run: 1, AsOf: 20260131}, func(recon.Reason) string { return "" }); err != nil {
			b.Fatal(err)
		}
	}
}
