package worker

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones must not depend on the machine

	"github.com/robfig/cron/v3"
)

// Cron is a cron line in a zone, evaluated on civil time: what a clock on the wall there shows.
//
// A time that the clock skips when summer begins is due at the first minute that exists; one that it shows twice when summer
// ends is due the first time only. A line whose hour is * means elapsed time instead: every thirty minutes stays every
// thirty minutes that night.
type Cron struct {
	spec      *cron.SpecSchedule // on UTC, for which the library's arithmetic is exact
	zone      *time.Location
	everyHour bool
}

// ErrZone marks faults of a schedule's zone.
var ErrZone = errors.New("zone")

// starBit is how the library marks a field that was written as *.
const starBit = 1 << 63

// ParseCron reads a cron line of five fields (minute, hour, day of month, month, day of week) in a zone of the IANA database. It
// refuses lines that never fire and the library's own way to name a zone; a panic of the library is an error.
func ParseCron(line, zone string) (c Cron, err error) {
	if c.zone, err = parseZone(zone); err != nil {
		return c, err
	}
	if strings.Contains(line, "TZ=") {
		return c, fmt.Errorf("cron %q names a zone; it belongs under zone", excerpt(line))
	}
	if n := len(strings.Fields(line)); n != 5 {
		return c, fmt.Errorf("cron %q has %d fields, expected minute, hour, day of month, month and day of week", excerpt(line), n)
	}
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("cron %q cannot be read", excerpt(line))
		}
	}()
	parsed, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(line)
	if err != nil {
		return c, fmt.Errorf("cron %q: %w", excerpt(line), err)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return c, fmt.Errorf("cron %q is no line of five fields", excerpt(line))
	}
	spec.Location = time.UTC
	c.spec, c.everyHour = spec, spec.Hour&starBit != 0
	// Four years from here hold every day that the calendar has.
	if c.spec.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return c, fmt.Errorf("cron %q never fires: there is no such day", excerpt(line))
	}
	return c, nil
}

// parseZone loads a zone by name. The machine's own zone has none: the same line must mean the same time anywhere.
func parseZone(zone string) (*time.Location, error) {
	location, err := time.LoadLocation(zone)
	switch {
	case zone == "":
		return nil, fmt.Errorf("the schedule has no %w", ErrZone)
	case zone == "Local" || err != nil:
		return nil, fmt.Errorf("%w %q is not known", ErrZone, excerpt(zone))
	}
	return location, nil
}

// excerpt keeps a message short where somebody pasted a page into a value.
func excerpt(s string) string {
	const longest = 40
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return s
}

// Next returns the first due time after an instant, the zero time where there is none within five years.
func (c Cron) Next(after time.Time) time.Time {
	if c.everyHour {
		return c.nextElapsed(after)
	}
	// No clock was ever set by more than a day: earlier wall times are surely over.
	const furthest = 25 * time.Hour
	for civil := c.spec.Next(c.civil(after.Add(-furthest))); !civil.IsZero(); civil = c.spec.Next(civil) {
		if due := c.instant(civil); due.After(after) {
			return due
		}
	}
	return time.Time{}
}

// nextElapsed goes through the spans in which the zone keeps its offset, one after the other.
func (c Cron) nextElapsed(after time.Time) time.Time {
	const changes = 20 // more than a zone has within the years that the library looks ahead
	at := after.In(c.zone)
	for range changes {
		_, offset := at.Zone()
		_, end := at.ZoneBounds()
		civil := c.spec.Next(c.civil(at))
		if civil.IsZero() {
			break
		}
		if due := civil.Add(-time.Duration(offset) * time.Second); end.IsZero() || due.Before(end) {
			return due.In(c.zone)
		}
		if at = end.In(c.zone); c.shows(at) {
			return at
		}
	}
	return time.Time{}
}

// shows reports whether the line is due at the time that the wall clock shows at an instant.
func (c Cron) shows(at time.Time) bool {
	civil := c.civil(at)
	return c.spec.Next(civil.Add(-time.Nanosecond)).Equal(civil)
}

// civil is what the wall clock shows, written as if it were UTC.
func (c Cron) civil(t time.Time) time.Time {
	t = t.In(c.zone)
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// instant is when the wall clock shows a time first; where it never does, the end of the gap.
func (c Cron) instant(civil time.Time) time.Time {
	year, month, day := civil.Date()
	guess := time.Date(year, month, day, civil.Hour(), civil.Minute(), 0, 0, c.zone)
	start, end := guess.ZoneBounds()
	shown := c.civil(guess)
	switch {
	case shown.After(civil): // reckoned with the offset before the gap
		return start.In(c.zone)
	case shown.Before(civil): // with that after it
		return end.In(c.zone)
	case start.IsZero():
		return guess
	}
	_, offset := guess.Zone()
	_, before := start.Add(-1).Zone()
	if earlier := guess.Add(time.Duration(offset-before) * time.Second); earlier.Before(start) {
		return earlier
	}
	return guess
}

// Due lists the due times after one instant and up to another, at most limit of them.
func (c Cron) Due(after, until time.Time, limit int) (due []time.Time) {
	for t := c.Next(after); !t.IsZero() && !t.After(until) && len(due) < limit; t = c.Next(t) {
		due = append(due, t)
	}
	return due
}
