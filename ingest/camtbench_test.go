package ingest

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/moov-io/iso20022/pkg/camt_v08"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
)

// benchEntries is how many entries the benchmarks read; about 1 KB each.
const benchEntries = 100_000

// writeBench writes a version 08 statement of n entries, as a bank sends them, to w.
func writeBench(w io.Writer, n int) error {
	c, err := fixtures.NewCamtWriter(w, 8, fixtures.CamtOptions{})
	if err != nil {
		return err
	}
	s := recon.Statement{ID: "BENCH-1", Account: "DE89370400440532013000", Currency: "EUR", Sequence: "1", From: 20260101, To: 20260131,
		Opening: &recon.Balance{Date: 20260101}, Closing: &recon.Balance{Date: 20260131}}
	for i := range n {
		s.Closing.AmountMinor += benchEntry(i).AmountMinor
	}
	c.Begin(&s)
	for i := range n {
		e := benchEntry(i)
		c.Entry(&e)
	}
	c.End()
	return c.Close()
}

func benchEntry(i int) recon.Entry {
	return recon.Entry{
		AmountMinor: int64(1000 + i*37%900_000), Currency: "EUR", Booked: 20260105 + recon.Date(i%20), Value: 20260105 + recon.Date(i%20),
		Status: recon.Booked, EntryReference: fmt.Sprintf("N%09d", i), BankReference: fmt.Sprintf("2026010500%012d", i),
		Counterparty: recon.Party{Name: fmt.Sprintf("Musterfirma Handelsgesellschaft Nr. %d mbH", i%5000), Account: "DE02120300000000202051"},
		EndToEndID:   fmt.Sprintf("E2E-%d", i), TransactionID: fmt.Sprintf("TX%030d", i),
		Lines:    []string{fmt.Sprintf("Rechnung %d vom 2025-12-%02d, Kundennummer %d", 100000+i, 1+i%28, i%5000)},
		BankCode: "PMNT/RCDT/ESCT", Purpose: "SUPP", Additional: "SEPA-Gutschrift",
	}
}

func BenchmarkReadCamt(b *testing.B) {
	var file bytes.Buffer
	if err := writeBench(&file, benchEntries); err != nil {
		b.Fatal(err)
	}
	b.Run("tieout", func(b *testing.B) {
		b.SetBytes(int64(file.Len()))
		b.ReportAllocs()
		for b.Loop() {
			doc, err := Read("bench.xml", bytes.NewReader(file.Bytes()), Options{})
			if err != nil || len(doc.Statements[0].Entries) != benchEntries || doc.Statements[0].Ties != recon.Ties {
				b.Fatal("the file was not read", err, doc.AllProblems())
			}
		}
	})
	b.Run("encoding-xml-moov", func(b *testing.B) {
		b.SetBytes(int64(file.Len()))
		for b.Loop() {
			if n := readWithMoov(b, bytes.NewReader(file.Bytes())); n != benchEntries {
				b.Fatal("entries:", n)
			}
		}
	})
}

// readWithMoov decodes every Ntry into the typed model, entry by entry, and counts them.
func readWithMoov(b *testing.B, r io.Reader) (n int) {
	d := xml.NewDecoder(r)
	for {
		token, err := d.Token()
		if err == io.EOF {
			return n
		}
		if err != nil {
			b.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "Ntry" {
			var e camt_v08.ReportEntry10
			if err := d.DecodeElement(&e, &start); err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
}

// TestWriteBenchFile writes the benchmark's file to TIEOUT_BENCH_FILE, to time other readers on it.
func TestWriteBenchFile(t *testing.T) {
	path := os.Getenv("TIEOUT_BENCH_FILE")
	if path == "" {
		return
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := writeBench(f, benchEntries); err != nil {
		t.Fatal(err)
	}
}
