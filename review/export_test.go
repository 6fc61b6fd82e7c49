package review_test

import (
	"encoding/csv"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tieout/tieout/store"
)

// TestH16Exports: what a spreadsheet would run stays a text, the file has a plain name, and the audit knows who took it out.
func TestH16Exports(t *testing.T) {
	d := newDesk(t)
	hostile := strings.NewReplacer("Reederei Petersen &amp; Sohn KG", "=HYPERLINK(&quot;http://evil.example&quot;)", "zweite Vorauszahlung Auftrag AU-26077", "+cmd|' /C calc'!A0",
		"DE31200505501001200300", "GB29NWBK60161331926819").Replace(string(demoFile("next/main-2026-04-20.xml")))
	file := filepath.Join(t.TempDir(), "next.xml")
	d.must(os.WriteFile(file, []byte(hostile), 0o600))
	_, _, err := d.pipe.Ingest(t.Context(), []string{file}, "")
	d.must(err)
	_, err = d.pipe.Match(t.Context())
	d.must(err)
	b := d.as(store.Reviewer)
	answer := b.get("/e/nordlicht/queue.csv")
	b.wants(answer, http.StatusOK)
	if got := answer.header.Get("Content-Disposition"); got != "attachment; filename=nordlicht-queue-2026-04-20.csv" {
		t.Errorf("name: %s", got)
	}
	if got := answer.header.Get("Content-Type"); got != "text/csv; charset=utf-8" {
		t.Errorf("type: %s", got)
	}
	rows, err := csv.NewReader(strings.NewReader(answer.body)).ReadAll()
	d.must(err)
	found := 0
	for _, row := range rows {
		for _, cell := range row {
			if strings.Contains(cell, "HYPERLINK") || strings.Contains(cell, "cmd|") {
				found++
				if !strings.HasPrefix(cell, "'") {
					t.Errorf("a spreadsheet runs %q", cell)
				}
			}
		}
	}
	if found < 2 {
		t.Errorf("%d hostile cells in\n%s", found, answer.body)
	}
	if got := d.log(nordlicht); got[0] != "export read queue" {
		t.Errorf("audit: %q", got)
	}
}
