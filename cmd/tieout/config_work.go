package main

import (
	"fmt"
	"net"
	"time"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

// WorkConfig says how the long-running worker works.
type WorkConfig struct {
	Listen string        // host:port of its metrics and health, "" for none
	Poll   time.Duration // how often it looks at inboxes and schedules
}

type workDoc struct {
	Listen   configText `yaml:"listen"`
	Poll     configText `yaml:"poll"`
	Insecure configText `yaml:"insecure"`
}

func (r *configReader) work(doc workDoc) WorkConfig {
	w := WorkConfig{Poll: r.duration("poll", doc.Poll, 2*time.Second, time.Minute)}
	if w.Poll < 10*time.Millisecond {
		r.reject("CFG-VALUE", doc.Poll, fmt.Sprintf("poll %q is no pause at all", clip(doc.Poll.Text)), "write for example poll: 2s")
	}
	if doc.Listen.Text == "off" {
		return w
	}
	w.Listen = r.address(doc.Listen, "127.0.0.1:8081")
	insecure := r.flag("insecure", doc.Insecure)
	if host, _, err := net.SplitHostPort(w.Listen); err == nil && !local(host) && !insecure {
		r.reject("CFG-LISTEN", doc.Listen, fmt.Sprintf("work.listen %q shows metrics and health to the network, to everybody on it", clip(w.Listen)),
			"write 127.0.0.1:8081; work: {insecure: true} takes the risk, as in a container of its own")
	}
	return w
}

// timetable returns the schedules of an entity.
func (c Config) timetable(entity string) (all []worker.Schedule, err error) {
	for _, s := range c.Schedules {
		if s.Entity != entity {
			continue
		}
		schedule, err := worker.NewSchedule(store.Schedule{Name: s.Name, Cron: s.Cron, Zone: s.Zone}, s.CatchUp, s.Overlap)
		if err != nil {
			return nil, err
		}
		all = append(all, schedule)
	}
	return all, nil
}
