package main

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones must not depend on the machine

	"github.com/robfig/cron/v3"
)

func (r *configReader) schedules(docs []scheduleDoc, entities []EntityConfig) []ScheduleConfig {
	var all []ScheduleConfig
	seen := map[string]configText{}
	for _, doc := range docs {
		place := anyOf(doc.Name, doc.Cron, doc.Entity, doc.Zone)
		s := ScheduleConfig{
			Name: r.id("CFG-VALUE", "schedule name", doc.Name, place), Entity: r.scheduleEntity(doc.Entity, place, entities),
			Cron: doc.Cron.Text, Zone: doc.Zone.Text,
			CatchUp: r.oneOf("catch_up", doc.CatchUp, "one", "all", "none"), Overlap: r.oneOf("overlap", doc.Overlap, "skip", "queue"),
		}
		if earlier, twice := seen[s.Entity+"/"+s.Name]; twice && doc.Name.Given() {
			r.reject("CFG-VALUE", doc.Name, fmt.Sprintf("schedule %q stands already at %s", clip(s.Name), earlier.Where(r.name)), "give it a name of its own")
		}
		seen[s.Entity+"/"+s.Name] = doc.Name
		if _, err := parseSchedule(s.Cron, s.Zone); err != nil {
			at := anyOf(doc.Cron, place)
			if errors.Is(err, errZone) {
				at = anyOf(doc.Zone, place)
			}
			r.reject("SCHED-CRON", at, err.Error(), `write for example cron: "0 2 * * *" with zone: Europe/Berlin`)
		}
		all = append(all, s)
	}
	return all
}

func (r *configReader) scheduleEntity(at, place configText, entities []EntityConfig) string {
	if !at.Given() && len(entities) == 1 {
		return entities[0].ID
	}
	for _, entity := range entities {
		if at.Given() && entity.ID == at.Text {
			return entity.ID
		}
	}
	r.reject("CFG-ENTITY", anyOf(at, place), fmt.Sprintf("schedule of the unknown entity %q", clip(at.Text)), "name the id of one of the entities")
	return at.Text
}

// errZone marks faults of a schedule's zone.
var errZone = errors.New("zone")

// parseSchedule reads a cron line of five fields (minute, hour, day of month, month, day of week) in a zone of the
// IANA database. It refuses lines that never fire and the library's own way to name a zone; a panic of the
// library is an error.
func parseSchedule(line, zone string) (schedule *cron.SpecSchedule, err error) {
	location, err := scheduleZone(zone)
	if err != nil {
		return nil, err
	}
	if strings.Contains(line, "TZ=") {
		return nil, fmt.Errorf("cron %q names a zone; it belongs under zone", clip(line))
	}
	if n := len(strings.Fields(line)); n != 5 {
		return nil, fmt.Errorf("cron %q has %d fields, expected minute, hour, day of month, month and day of week", clip(line), n)
	}
	defer func() {
		if fault := recover(); fault != nil {
			schedule, err = nil, fmt.Errorf("cron %q cannot be read", clip(line))
		}
	}()
	parsed, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(line)
	if err != nil {
		return nil, fmt.Errorf("cron %q: %w", clip(line), err)
	}
	schedule, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("cron %q is no line of five fields", clip(line))
	}
	// Four years from here hold every day that the calendar has.
	schedule.Location = time.UTC
	if schedule.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("cron %q never fires: there is no such day", clip(line))
	}
	schedule.Location = location
	return schedule, nil
}

// scheduleZone loads a zone by name. The machine's own zone has none: the same file must mean the same time anywhere.
func scheduleZone(zone string) (*time.Location, error) {
	location, err := time.LoadLocation(zone)
	switch {
	case zone == "":
		return nil, fmt.Errorf("the schedule has no %w", errZone)
	case zone == "Local" || err != nil:
		return nil, fmt.Errorf("%w %q is not known", errZone, clip(zone))
	}
	return location, nil
}
