package main

import "github.com/tieout/tieout/worker"

// notify is what the pipeline of an entity has to know of who is told, and of what should have come.
func (c Config) notify(entity string) worker.Notify {
	n := worker.Notify{SMTP: c.Notify.SMTP, From: c.Notify.From, Morning: c.Notify.Morning, Receipts: c.Notify.Receipts, Webhooks: c.Notify.Webhooks,
		Heartbeat: c.Notify.Heartbeat}
	for _, e := range c.Expect {
		if e.Entity == entity {
			n.Expect = append(n.Expect, worker.Expected{Account: e.Account, Calendar: e.Calendar, By: e.By})
		}
	}
	for _, s := range c.Schedules {
		if s.Entity == entity {
			n.Schedules = append(n.Schedules, s.Name)
		}
	}
	return n
}
