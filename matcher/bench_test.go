package matcher

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// nightly is a work of n receipts and n open items of n/10 customers: four in five name one item exactly, one in ten comes
// from a known account without a reference, the rest is in part, names two items or is unknown.
func nightly(n int) recon.Work {
	r := rand.New(rand.NewPCG(1, 2))
	work := recon.Work{Entity: "default"}
	for c := range n / 10 {
		work.Book.Customers = append(work.Book.Customers, recon.Customer{Code: fmt.Sprintf("C%06d", c), Name: fmt.Sprintf("Customer %d Trading GmbH", c), IBANs: []string{iban(c)}})
	}
	for i := range n {
		amount := int64(1000 + r.IntN(200000))
		work.Book.Items = append(work.Book.Items, recon.Item{ID: int64(i + 1), Number: fmt.Sprintf("INV-2026-%06d", i), Kind: recon.Invoice, Side: recon.Receivable,
			Customer: fmt.Sprintf("C%06d", i%(n/10)), Currency: "EUR", AmountMinor: amount, OpenMinor: amount, IssueDate: 20260101, DueDate: recon.Date(20260101 + i%28), Version: 1})
	}
	for i := range n {
		it := work.Book.Items[i]
		c := i % (n / 10)
		receipt := recon.Receipt{Source: recon.Source{Kind: recon.SourceReceipt, ID: int64(i + 1)}, AccountID: "main", Currency: "EUR", AmountMinor: it.OpenMinor,
			Booked: 20260302, Payer: recon.Party{Name: fmt.Sprintf("CUSTOMER %d TRADING", c), Account: iban(c)}, Proof: recon.Ties, EndToEndID: "NOTPROVIDED"}
		switch kind := r.IntN(100); {
		case kind < 80:
			receipt.Text = "Rechnung " + it.Number + " vom 12.01.2026 Danke"
		case kind < 90:
		case kind < 95:
			receipt.Text, receipt.AmountMinor = "part of "+it.Number, it.OpenMinor/2
		case kind < 98:
			other := work.Book.Items[(i+n/10)%n]
			receipt.Text, receipt.AmountMinor = it.Number+" "+other.Number, it.OpenMinor+other.OpenMinor
		default:
			receipt.Payer = recon.Party{Name: "Unknown"}
		}
		receipt.TotalMinor = receipt.AmountMinor
		work.Receipts = append(work.Receipts, receipt)
	}
	return work
}

// iban is an account number of no known country form, so that it needs no check digits.
func iban(c int) string { return fmt.Sprintf("X%09d", c) }

func BenchmarkMatch(b *testing.B) {
	work := nightly(100_000)
	set := rules.Default()
	for b.Loop() {
		Keys(work.Receipts, work.Returns)
		Match(work, set)
	}
	b.ReportMetric(float64(len(work.Receipts)*b.N)/b.Elapsed().Seconds(), "receipts/s")
}

// BenchmarkPlain decides receipts that name one item and pay it, with all that belongs to it: what to look up, the decision with its
// evidence, and the audit.
func BenchmarkPlain(b *testing.B) {
	work := nightly(100_000)
	for i := range work.Receipts {
		r, it := &work.Receipts[i], &work.Book.Items[i]
		r.AmountMinor, r.TotalMinor, r.Text = it.OpenMinor, it.OpenMinor, "Rechnung "+it.Number+" vom 12.01.2026 Danke"
	}
	set := rules.Default()
	for b.Loop() {
		Keys(work.Receipts, work.Returns)
		if faults := Audit(work, Match(work, set), set); len(faults) > 0 {
			b.Fatal(faults[0])
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(len(work.Receipts)*b.N), "µs/receipt")
}

func BenchmarkKeys(b *testing.B) {
	work := nightly(100_000)
	for b.Loop() {
		Keys(work.Receipts, work.Returns)
	}
}

func BenchmarkAudit(b *testing.B) {
	work := nightly(100_000)
	set := rules.Default()
	plan := Match(work, set)
	for b.Loop() {
		if faults := Audit(work, plan, set); len(faults) > 0 {
			b.Fatal(faults[0])
		}
	}
}

// BenchmarkLump decides lumps of customers with 60 open items each, one after the other, and reports the 99th percentile of what one
// takes. The worlds run from fine amounts to round ones, from sums of few items to sums of many, with sums that no set has: those make the search
// go to its bounds.
func BenchmarkLump(b *testing.B) {
	for _, unit := range []int64{1, 5, 100, 500, 5000} {
		b.Run(fmt.Sprintf("unit=%d", unit), func(b *testing.B) {
			const lumps, items = 300, 60
			r := rand.New(rand.NewPCG(3, uint64(unit)))
			set := rules.Default()
			works := make([]recon.Work, lumps)
			for n := range works {
				works[n] = lump(r, unit, items, 2+n%30, n%3 == 0)
			}
			var took []time.Duration
			for b.Loop() {
				for _, work := range works {
					start := time.Now()
					Match(work, set)
					took = append(took, time.Since(start))
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
		})
	}
}

// lump is a payer with open items of multiples of a unit and one receipt: the sum of some of them, or where it is off a cent more than that.
func lump(r *rand.Rand, unit int64, items, of int, off bool) recon.Work {
	work := recon.Work{Entity: "default"}
	work.Book.Customers = []recon.Customer{{Code: "C1", IBANs: []string{iban(1)}}}
	var sum int64
	for i := range items {
		amount := (1 + r.Int64N(2_000_000/unit)) * unit
		if i < of {
			sum += amount
		}
		work.Book.Items = append(work.Book.Items, recon.Item{ID: int64(i + 1), Number: fmt.Sprintf("N-%d", i), Kind: recon.Invoice, Customer: "C1",
			Currency: "EUR", AmountMinor: amount, OpenMinor: amount, IssueDate: recon.Date(20260101 + i%28), DueDate: recon.Date(20260101 + i%28)})
	}
	if off {
		sum += unit/2 + 1
	}
	work.Receipts = []recon.Receipt{{Source: recon.Source{Kind: recon.SourceReceipt, ID: 1}, Currency: "EUR", AmountMinor: sum, TotalMinor: sum,
		Booked: 20260302, Payer: recon.Party{Account: iban(1)}, Proof: recon.Ties}}
	return work
}
