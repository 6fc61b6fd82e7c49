package worker

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
)

func TestSplitEqually(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		parts    int
		from, to recon.Date
		want     string
	}{
		{100000, 3, 20260115, 20260315, "2026-01-15 333.33, 2026-02-15 333.33, 2026-03-15 333.34"},
		{100000, 1, 20260115, 20260315, "2026-03-15 1000.00"},
		{10000, 7, 20260101, 20260107, "2026-01-01 14.28, 2026-01-02 14.28, 2026-01-03 14.28, 2026-01-04 14.28, 2026-01-05 14.28, 2026-01-06 14.28, 2026-01-07 14.32"},
		{30000, 3, 20260131, 20260331, "2026-01-31 100.00, 2026-02-28 100.00, 2026-03-31 100.00"},
		{30000, 3, 20260228, 20260430, "2026-02-28 100.00, 2026-03-31 100.00, 2026-04-30 100.00"},
		{30000, 3, 20260130, 20260330, "2026-01-30 100.00, 2026-02-28 100.00, 2026-03-30 100.00"},
		{40000, 4, 20251015, 20260715, "2025-10-15 100.00, 2026-01-15 100.00, 2026-04-15 100.00, 2026-07-15 100.00"},
		{20000, 2, 20260301, 20260320, "2026-03-01 100.00, 2026-03-20 100.00"},
	} {
		lines, err := splitEqually(c.minor, c.parts, c.from, c.to, "EUR")
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		var total int64
		for _, l := range lines {
			texts = append(texts, fmt.Sprintf("%s %s", l.DueDate, recon.FormatMinor(l.AmountMinor, "EUR")))
			total += l.AmountMinor
		}
		if got := strings.Join(texts, ", "); got != c.want || total != c.minor {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestSplitIsRefused(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		parts    int
		from, to recon.Date
		code     string
	}{
		{1000, 0, 20260101, 20260201, "PLAN-PARTS"},
		{1000, 121, 20260101, 20260201, "PLAN-PARTS"},
		{1000, 3, 20260201, 20260101, "PLAN-DATE"},
		{1000, 3, 20260201, 20260201, "PLAN-DATE"},
		{1000, 3, 0, 20260201, "PLAN-DATE"},
		{2, 3, 20260101, 20260201, "PLAN-AMOUNT"},
	} {
		if _, err := splitEqually(c.minor, c.parts, c.from, c.to, "EUR"); err == nil || !strings.Contains(err.Error(), c.code) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
