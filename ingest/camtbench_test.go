package ingest

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

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
	file := benchFile(b)
	for name, read := range map[string]func(testing.TB, []byte){"one-core": readInOrder, "all-cores": readOnAllCores, "streamed": func(t testing.TB, file []byte) { streamBench(t, file, Options{}) }} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				read(b, file)
			}
		})
	}
}

// BenchmarkReadCamtRatios says how many times as fast as others we read one file: each is timed a few times in turn and its
// best time counts, so that what else the machine does matters little. xmllint (libxml2) is compared where it is installed.
func BenchmarkReadCamtRatios(b *testing.B) {
	file := benchFile(b)
	path := filepath.Join(b.TempDir(), "bench.xml")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		b.Fatal(err)
	}
	readers := []func(){
		func() { readInOrder(b, file) }, func() { readOnAllCores(b, file) },
		func() { streamBench(b, file, Options{Workers: 1}) }, func() { streamBench(b, file, Options{}) },
		func() { readWithMoov(b, bytes.NewReader(file)) },
	}
	if xmllint, err := exec.LookPath("xmllint"); err == nil {
		readers = append(readers, func() {
			if out, err := exec.Command(xmllint, "--stream", "--noout", path).CombinedOutput(); err != nil {
				b.Fatalf("%v: %s", err, out)
			}
		})
	}
	best := make([]time.Duration, len(readers))
	for b.Loop() {
		for i, read := range readers {
			for range 5 {
				start := time.Now()
				read()
				if took := time.Since(start); best[i] == 0 || took < best[i] {
					best[i] = took
				}
				if i == 4 {
					break // slow enough to be steady
				}
			}
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(len(file))/best[0].Seconds()/1e6, "MB/s-one-core")
	for name, pair := range map[string][2]int{"x-all-cores": {0, 1}, "x-all-cores-streamed": {2, 3}, "x-moov": {4, 0}, "x-xmllint": {5, 0}} {
		if pair[0] < len(best) {
			b.ReportMetric(float64(best[pair[0]])/float64(best[pair[1]]), name)
		}
	}
}

func benchFile(b *testing.B) []byte {
	var file bytes.Buffer
	if err := writeBench(&file, benchEntries); err != nil {
		b.Fatal(err)
	}
	return file.Bytes()
}

func readInOrder(t testing.TB, file []byte) { readBench(t, file, Options{Workers: 1}) }

func readOnAllCores(t testing.TB, file []byte) { readBench(t, file, Options{}) }

func readBench(t testing.TB, file []byte, opts Options) {
	doc, err := Read("bench.xml", bytes.NewReader(file), opts)
	if err != nil || len(doc.Statements[0].Entries) != benchEntries || doc.Statements[0].Ties != recon.Ties {
		t.Fatal("the file was not read", err, doc.AllProblems())
	}
}

func streamBench(t testing.TB, file []byte, opts Options) {
	watch := &counter{}
	doc, err := Stream("bench.xml", bytes.NewReader(file), opts, watch)
	if err != nil || watch.entries != benchEntries || doc.Statements[0].Ties != recon.Ties {
		t.Fatal("the file was not read", err, doc.AllProblems())
	}
}

// counter is a sink that counts entries.
type counter struct{ entries int }

func (c *counter) Begin(*recon.Statement) error       { return nil }
func (c *counter) Entry(*recon.Entry) error           { c.entries++; return nil }
func (c *counter) End(*recon.Statement, *Tally) error { return nil }

// readWithMoov decodes every Ntry into the typed model, entry by entry, and counts them.
func readWithMoov(b testing.TB, r io.Reader) {
	n, d := 0, xml.NewDecoder(r)
	for {
		token, err := d.Token()
		if err == io.EOF {
			if n != benchEntries {
				b.Fatal("entries:", n)
			}
			return
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
