package worker

import (
	"testing"

	"github.com/tieout/tieout/recon"
)

func TestEaster(t *testing.T) {
	for year, want := range map[int]recon.Date{2024: 20240331, 2025: 20250420, 2026: 20260405, 2027: 20270328, 2038: 20380425, 2000: 20000423} {
		if got := easterSunday(year); got != want {
			t.Errorf("%d: %s, want %s", year, got, want)
		}
	}
}

func TestDueStatement(t *testing.T) {
	target := Expected{Calendar: "target2", By: "07:00"}
	for _, c := range []struct {
		today recon.Date
		clock string
		want  recon.Date
	}{
		{20260403, "08:00", 20260401}, // Good Friday: Thursday's comes on Tuesday
		{20260407, "08:00", 20260402}, // the Tuesday after Easter: still Thursday's
		{20260408, "08:00", 20260407},
		{20260408, "06:59", 20260402}, // Tuesday's may still come
		{20260105, "08:00", 20260102},
		{20260102, "08:00", 20251231},
		{20251227, "08:00", 20251223}, // a Saturday
	} {
		if got := target.dueStatement(c.today, c.clock); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.today, c.clock, got, c.want)
		}
	}
	if got := (Expected{Calendar: "weekdays", By: "07:00"}).dueStatement(20260407, "08:00"); got != 20260406 {
		t.Errorf("weekdays: %s", got)
	}
	if got := (Expected{Calendar: "daily", By: "07:00"}).dueStatement(20260405, "08:00"); got != 20260404 {
		t.Errorf("daily: %s", got)
	}
}
