package main

import (
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

// WorkConfig says how the long-running worker works.
type WorkConfig struct {
	Listen string        // host:port of its metrics and health, "" for none
	Poll   time.Duration // how often it looks at inboxes and schedules
	// With PostgreSQL, where several workers share the work:
	Workers int           // units that this one does at the same time
	Lease   time.Duration // how long a unit outlives its worker's last sign of life; then another one takes it over
}

type workDoc struct {
	Listen   configText `yaml:"listen"`
	Poll     configText `yaml:"poll"`
	Workers  configText `yaml:"workers"`
	Lease    configText `yaml:"lease"`
	Insecure configText `yaml:"insecure"`
}

func (r *configReader) work(doc workDoc) WorkConfig {
	w := WorkConfig{Poll: r.duration("poll", doc.Poll, 2*time.Second, time.Minute), Workers: r.workers(doc.Workers), Lease: r.duration("lease", doc.Lease, 30*time.Second, time.Hour)}
	if w.Lease < time.Second {
		r.reject("CFG-VALUE", doc.Lease, fmt.Sprintf("lease %q is shorter than a pause for breath", clip(doc.Lease.Text)), "write for example lease: 30s")
	}
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

// workers reads how many units are done at the same time.
func (r *configReader) workers(at configText) int {
	const usual, most = 2, 64
	if !at.Given() {
		return usual
	}
	n, err := strconv.Atoi(at.Text)
	if err != nil || n < 1 || n > most {
		r.reject("CFG-VALUE", at, fmt.Sprintf("workers %q, expected a number from 1 to %d", clip(at.Text), most), "write for example workers: 2, one for each processor")
	}
	return n
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
