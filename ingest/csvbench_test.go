package ingest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"testing"

	"github.com/tieout/tieout/recon"
)

const benchRows = 100_000

// volksbankFile is a statement of benchRows rows with 18 columns and a running balance that ties.
func volksbankFile() []byte {
	var file bytes.Buffer
	file.WriteString("Bezeichnung Auftragskonto;IBAN Auftragskonto;BIC Auftragskonto;Bankname Auftragskonto;Buchungstag;Valutadatum;Name Zahlungsbeteiligter;IBAN Zahlungsbeteiligter;BIC (SWIFT-Code) Zahlungsbeteiligter;Buchungstext;Verwendungszweck;Betrag;Waehrung;Saldo nach Buchung;Bemerkung;Gekennzeichneter Umsatz;Glaeubiger ID;Mandatsreferenz\n")
	balance := int64(benchRows) * 10_000
	for i := range benchRows {
		amount := int64(i%9000 + 1)
		fmt.Fprintf(&file, "Geschäftskonto;DE89370400440532013000;GENODEF1XXX;Volksbank Beispiel;%02d.03.2026;%02d.03.2026;Kunde %05d GmbH;DE75512108001245126199;GENODEF1XXX;Gutschrift;Rechnung RE-2026-%06d;%d,%02d;EUR;%d,%02d;;;;\n",
			31-i*31/benchRows, 31-i*31/benchRows, i%5000, i, amount/100, amount%100, balance/100, balance%100)
		balance -= amount
	}
	return file.Bytes()
}

// BenchmarkReadCSV is to be compared with BenchmarkEncodingCSV, which only cuts the same file.
func BenchmarkReadCSV(b *testing.B) {
	file := volksbankFile()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		doc, err := ReadCSV("bench.csv", bytes.NewReader(file), Options{})
		if err != nil || len(doc.Problems) > 0 || len(doc.Statements[0].Entries) != benchRows || doc.Statements[0].Ties != recon.Ties {
			b.Fatal(doc.Problems, err)
		}
	}
	b.ReportMetric(benchRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkEncodingCSV(b *testing.B) {
	file := volksbankFile()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		reader := csv.NewReader(bytes.NewReader(file))
		reader.Comma = ';'
		reader.ReuseRecord = true
		rows := 0
		for {
			if _, err := reader.Read(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			rows++
		}
		if rows != benchRows+1 {
			b.Fatal(rows)
		}
	}
	b.ReportMetric(benchRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
