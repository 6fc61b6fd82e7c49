package ingest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
)

func TestSecondReaderAgrees(t *testing.T) {
	for name, opts := range map[string]fixtures.CamtOptions{"plain": {}, "prefix": {Prefix: "n"}, "latin-1": {Latin1: true}, "envelope": {Envelope: "bizmsg"}} {
		var file bytes.Buffer
		if err := fixtures.WriteCamt(&file, 8, sampleStatements(), opts); err != nil {
			t.Fatal(err)
		}
		second, err := SecondRead(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatal(name, err)
		}
		if lines := Compare(read(t, file.String()).Statements, second); len(lines) > 0 || len(second) != 2 {
			t.Errorf("%s: %s", name, strings.Join(lines, "\n"))
		}
	}
}

func TestSecondReaderAgreesOnManyEntries(t *testing.T) {
	var file bytes.Buffer
	if err := writeBench(&file, 500); err != nil {
		t.Fatal(err)
	}
	second, err := SecondRead(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if lines := Compare(read(t, file.String()).Statements, second); len(lines) > 0 || len(second[0].Entries) != 500 {
		t.Errorf("%s", strings.Join(lines, "\n"))
	}
}

// Pages are one statement to both readers, in whatever order they stand.
func TestSecondReaderAgreesOnPages(t *testing.T) {
	pages := paged([]int64{10_00, 20_00}, []int64{-3_00}, []int64{7_00})
	for _, order := range [][]int{{0, 1, 2}, {2, 0, 1}, {2, 0}} {
		var file bytes.Buffer
		var sent []recon.Statement
		for _, i := range order {
			sent = append(sent, pages[i])
		}
		if err := fixtures.WriteCamt(&file, 8, sent, fixtures.CamtOptions{}); err != nil {
			t.Fatal(err)
		}
		second, err := SecondRead(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if lines := Compare(read(t, file.String()).Statements, second); len(lines) > 0 || len(second) != len(order) {
			t.Errorf("%v: %s", order, strings.Join(lines, "\n"))
		}
	}
}

// Whatever one reader has other than the other is told.
func TestCompareNamesDifferences(t *testing.T) {
	var file bytes.Buffer
	if err := fixtures.WriteCamt(&file, 8, sampleStatements(), fixtures.CamtOptions{}); err != nil {
		t.Fatal(err)
	}
	ours := read(t, file.String()).Statements
	for field, change := range map[string][2]string{
		"amount":                {">105.00<", ">105.01<"},
		"booking day":           {"<BookgDt><Dt>2026-01-05", "<BookgDt><Dt>2026-01-04"},
		"value day":             {"<ValDt><Dt>2026-01-06", "<ValDt><Dt>2026-01-07"},
		"status":                {"BOOK", "INFO"},
		"text":                  {"Invoice 1001", "Invoice 1007"},
		"end-to-end id":         {"E2E-1", "E2E-2"},
		"structured references": {"RF18539007547034", "RF18539007547035"},
		"document numbers":      {"INV-7", "INV-9"},
		"other side's account":  {"DE02120300000000202051", "DE02120300000000302051"},
		"other side":            {"Returned Ltd", "Returned Inc"},
		"closing balance":       {"227.34", "227.35"},
		"return reason":         {"AC04", "AC01"},
	} {
		second, err := SecondRead(strings.NewReader(strings.Replace(file.String(), change[0], change[1], 1)))
		if err != nil {
			t.Fatal(err)
		}
		if lines := Compare(ours, second); len(lines) != 1 || !strings.Contains(lines[0], ": "+field+" is ") {
			t.Errorf("%s: %q", field, lines)
		} else if strings.Contains(lines[0], "DE0212") {
			t.Errorf("an account number is not masked: %s", lines[0])
		}
	}
	if lines := Compare(ours, ours[:1]); len(lines) != 1 {
		t.Errorf("a missing statement: %q", lines)
	}
}
