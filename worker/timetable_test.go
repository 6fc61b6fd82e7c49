package worker_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tieout/tieout/worker"
)

func mustCron(t testing.TB, line, zone string) worker.Cron {
	t.Helper()
	c, err := worker.ParseCron(line, zone)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04Z07:00", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestDueTimesFollowTheClockOnTheWall(t *testing.T) {
	for _, c := range []struct {
		story, line, zone string
		after             string
		want              []string
	}{
		{"an ordinary night", "0 2 * * *", "Europe/Berlin", "2026-07-01T12:00Z",
			[]string{"2026-07-02T02:00+02:00", "2026-07-03T02:00+02:00"}},
		{"working days", "0 6 * * 1-5", "UTC", "2026-01-02T06:00Z",
			[]string{"2026-01-05T06:00Z", "2026-01-06T06:00Z"}},
		{"half past two does not exist when summer begins", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z",
			[]string{"2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"}},
		{"the last hour before the gap and the first after it", "0 1,3 * * *", "Europe/Berlin", "2026-03-28T12:00Z",
			[]string{"2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00"}},
		{"two due times in one gap are one", "0,30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z",
			[]string{"2026-03-29T03:00+02:00", "2026-03-30T02:00+02:00"}},
		{"midnight does not exist in Santiago", "0 0 * * *", "America/Santiago", "2026-09-05T12:00Z",
			[]string{"2026-09-06T01:00-03:00", "2026-09-07T00:00-03:00"}},
		{"half past two happens twice when summer ends, and counts the first time", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z",
			[]string{"2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"}},
		{"asked between the two", "30 2 * * *", "Europe/Berlin", "2026-10-25T01:00Z",
			[]string{"2026-10-26T02:30+01:00"}},
		{"every half hour goes on when summer ends", "*/30 * * * *", "Europe/Berlin", "2026-10-25T00:15Z",
			[]string{"2026-10-25T02:30+02:00", "2026-10-25T02:00+01:00", "2026-10-25T02:30+01:00", "2026-10-25T03:00+01:00"}},
		{"every half hour goes on when summer begins", "*/30 * * * *", "Europe/Berlin", "2026-03-29T00:15Z",
			[]string{"2026-03-29T01:30+01:00", "2026-03-29T03:00+02:00", "2026-03-29T03:30+02:00"}},
		{"every half hour of a day that begins at one", "*/30 * 6 9 *", "America/Santiago", "2026-09-05T12:00Z",
			[]string{"2026-09-06T01:00-03:00", "2026-09-06T01:30-03:00"}},
		{"a summer of half an hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00Z",
			[]string{"2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00"}},
		{"a day that an island left out", "0 9 * * *", "Pacific/Apia", "2011-12-29T20:00Z",
			[]string{"2011-12-31T00:00+14:00", "2011-12-31T09:00+14:00"}},
		{"leap days", "0 0 29 2 *", "UTC", "2026-01-01T00:00Z",
			[]string{"2028-02-29T00:00Z", "2032-02-29T00:00Z"}},
	} {
		t.Run(c.story, func(t *testing.T) {
			cron, at := mustCron(t, c.line, c.zone), instant(t, c.after)
			for _, want := range c.want {
				if at = cron.Next(at); !at.Equal(instant(t, want)) {
					t.Fatalf("due at %s, want %s", at, want)
				}
			}
		})
	}
}

func TestDueTimesAreBounded(t *testing.T) {
	c := mustCron(t, "* * * * *", "UTC")
	from := instant(t, "2026-01-01T00:00Z")
	if got := c.Due(from, from.Add(3*time.Minute), 10); len(got) != 3 || !got[2].Equal(from.Add(3*time.Minute)) {
		t.Errorf("three minutes have %v", got)
	}
	if got := c.Due(from, from.Add(time.Hour), 10); len(got) != 10 {
		t.Errorf("%d due times, want the first ten", len(got))
	}
}

func TestLinesThatNeverFireAreRefused(t *testing.T) {
	for _, c := range []struct{ line, zone, want string }{
		{"0 2 * * *", "Mars/Base", `zone "Mars/Base" is not known`},
		{"0 2 * * *", "", "no zone"},
		{"0 2 * * *", "Local", "not known"},
		{"0 0 31 2 *", "UTC", "never fires"},
		{"0 0 30,31 2 *", "UTC", "never fires"},
		{"61 * * * *", "UTC", "above maximum"},
		{"0 2 * *", "UTC", "4 fields"},
		{"CRON_TZ=UTC 0 2 * * *", "UTC", "names a zone"},
		{"TZ= 2 * * *", "UTC", "names a zone"},
		{"@daily", "UTC", "1 fields"},
		{"0 2 ? ? x", "UTC", "failed to parse"},
		{"0 2 *-5/ * *", "UTC", "failed to parse"},
	} {
		_, err := worker.ParseCron(c.line, c.zone)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q in %q: %v, want %q", c.line, c.zone, err, c.want)
		}
		if errors.Is(err, worker.ErrZone) != (c.zone != "UTC") {
			t.Errorf("%q in %q: a fault of the zone? %v", c.line, c.zone, err)
		}
	}
}

// Whatever is written as a cron line, reading it ends with a schedule or an error.
func FuzzParseCron(f *testing.F) {
	for _, line := range []string{"0 2 * * *", "*/30 * * * *", "TZ=", "0 0 31 2 *", "1-5/2,7 0-23 ? JAN-DEC MON"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if c, err := worker.ParseCron(line, "Europe/Berlin"); err == nil && c.Next(time.Unix(1_780_000_000, 0)).IsZero() {
			t.Errorf("%q was accepted and never fires", line)
		}
	})
}

// Of any line, due times grow, every one is found from just before it, and those of a day do not depend on where the search began.
func TestDueTimesDoNotDependOnWhereTheSearchBegins(t *testing.T) {
	zones := []string{"Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"}
	lines := []string{"30 2 * * *", "0 0 * * *", "*/20 * * * *", "*/45 */2 * * *", "5 1-3 * * 0", "0 3 1 * *"}
	rapid.Check(t, func(t *rapid.T) {
		c, err := worker.ParseCron(rapid.SampledFrom(lines).Draw(t, "line"), rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		from := time.Unix(rapid.Int64Range(1_767_225_600, 1_798_761_600).Draw(t, "from"), 0) // a second of 2026
		all := c.Due(from, from.Add(60*24*time.Hour), 200)
		if !slices.IsSortedFunc(all, func(a, b time.Time) int { return a.Compare(b) }) {
			t.Fatalf("not ascending: %v", all)
		}
		for i, due := range all {
			if i > 0 && due.Equal(all[i-1]) {
				t.Fatalf("due twice: %v", due)
			}
			if again := c.Next(due.Add(-time.Nanosecond)); !again.Equal(due) {
				t.Fatalf("%v is due, but from just before it %v", due, again)
			}
		}
	})
}
