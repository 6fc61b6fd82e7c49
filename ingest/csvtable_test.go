package ingest

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The table cuts as encoding/csv does, up to the first record that neither of them cuts.
func TestTableCutsAsEncodingCSV(t *testing.T) {
	pieces := rapid.SampledFrom([]string{`"`, `""`, ",", ";", "\n", "a", "long text ", "ö", " ", `"x;y"`, "\n\n", "12,50"})
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(pieces, 0, 60).Draw(rt, "pieces"), "")
		reader := csv.NewReader(strings.NewReader(text))
		reader.Comma, reader.FieldsPerRecord = ';', -1
		table := newTable(text, 0, ';', true, 0)
		for {
			want, err := reader.Read()
			got, row, problem, end := table.read()
			if errors.Is(err, io.EOF) || errors.Is(end, io.EOF) {
				if !errors.Is(err, end) {
					rt.Fatalf("%q: one ends before the other: %v, %v %q", text, err, end, got)
				}
				return
			}
			if problem != nil && problem.Code == "CSV-QUOTE" {
				if err == nil && !strings.Contains(problem.Message, "whole rows") {
					rt.Fatalf("%q: refused %v, want %q", text, problem, want)
				}
				return
			}
			if err != nil || !slices.Equal(got, want) {
				rt.Fatalf("%q: got %q, want %q %v", text, got, want, err)
			}
			if line, _ := reader.FieldPos(0); line != row {
				rt.Fatalf("%q: row %d, want %d", text, row, line)
			}
		}
	})
}
