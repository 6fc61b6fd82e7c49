package main

import (
	"errors"
	"fmt"

	"github.com/tieout/tieout/worker"
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
		if _, err := worker.ParseCron(s.Cron, s.Zone); err != nil {
			at := anyOf(doc.Cron, place)
			if errors.Is(err, worker.ErrZone) {
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
