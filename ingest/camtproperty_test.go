package ingest

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
)

// drawText is a text as a bank may send it; outer blanks are not part of it.
func drawText(t *rapid.T, label string) string {
	runes := []rune("abcXYZ0189 -/.&<>'\"äßñ€東\u202e\U0001F600")
	return strings.TrimSpace(rapid.StringOfN(rapid.SampledFrom(runes), 0, 40, -1).Draw(t, label))
}

func drawEntry(t *rapid.T) recon.Entry {
	e := recon.Entry{
		AmountMinor: rapid.Int64Range(-1e12, 1e12).Draw(t, "amount"), Currency: "EUR", Booked: 20260105, Status: recon.Booked,
		Reversal: rapid.Bool().Draw(t, "reversal"), BankReference: drawText(t, "bank reference"), EntryReference: drawText(t, "entry reference"),
		Counterparty: recon.Party{Name: drawText(t, "name"), Account: rapid.SampledFrom([]string{"", "DE02120300000000202051", "123456"}).Draw(t, "account")},
		Ultimate:     drawText(t, "ultimate"), EndToEndID: drawText(t, "end to end"), MandateID: drawText(t, "mandate"), TransactionID: drawText(t, "id"),
		Additional: drawText(t, "additional"), Purpose: rapid.SampledFrom([]string{"", "SALA", "own purpose"}).Draw(t, "purpose"),
		BankCode: rapid.SampledFrom([]string{"", "PMNT/RCDT/ESCT", "NTRF+166"}).Draw(t, "code"), ReturnReason: rapid.SampledFrom([]string{"", "AC04", "closed"}).Draw(t, "return"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "lines") {
		if line := drawText(t, "line"); line != "" {
			e.Lines = append(e.Lines, line)
		}
	}
	e.Text = strings.Join(e.Lines, " ")
	return e
}

// Any statement that can be written is read back, in every version, and by the second reader alike.
func TestAnyStatementSurvivesWritingAndReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := recon.Statement{ID: "S", Account: "DE89370400440532013000", Currency: "EUR", Ties: recon.Ties, Opening: &recon.Balance{Date: 20260101}}
		closing := &recon.Balance{Date: 20260131}
		for range rapid.IntRange(0, 8).Draw(t, "entries") {
			e := drawEntry(t)
			closing.AmountMinor += e.AmountMinor
			want.Entries = append(want.Entries, e)
		}
		want.Closing, want.Created = closing, "2026-01-01T00:00:00"
		want.Counts = recon.Counts{Entries: len(want.Entries), StatedEntries: -1, StatedCreditMinor: -1, StatedDebitMinor: -1}
		places([]recon.Statement{want})
		want.Place = "Stmt[1]"
		version := rapid.IntRange(fixtures.FirstCamtVersion, fixtures.LastCamtVersion).Draw(t, "version")
		opts := fixtures.CamtOptions{Prefix: rapid.SampledFrom([]string{"", "p"}).Draw(t, "prefix"), Latin1: rapid.Bool().Draw(t, "latin-1")}
		var file bytes.Buffer
		if err := fixtures.WriteCamt(&file, version, []recon.Statement{want}, opts); err != nil {
			t.Fatal(err)
		}
		doc, err := Read("x.xml", bytes.NewReader(file.Bytes()), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range unlike(doc.Statements, []recon.Statement{want}) {
			t.Error(line)
		}
		if version != 8 {
			return
		}
		second, err := SecondRead(&file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range Compare(doc.Statements, second) {
			t.Error(line)
		}
	})
}
