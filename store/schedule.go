package store

import (
	"context"
	"time"
)

// Schedules keeps the timetable: every due time of a schedule is one tick, noted once however many workers see it.
type Schedules interface {
	// Clock returns the instant by which ticks and leases are judged: that of the database server, so that workers whose clocks
	// differ agree; where the database is a file, that of its only worker, local.
	Clock(ctx context.Context, local time.Time) (time.Time, error)
	// SaveSchedule notes a schedule as it is configured and returns since when its ticks count: the act in which it was
	// first noted, or in which its line or zone last changed.
	SaveSchedule(ctx context.Context, act Act, entity string, schedule Schedule) (since time.Time, err error)
	// AddTicks notes due times, waiting or skipped. Those that are noted already stay as they are; it returns how many were new.
	AddTicks(ctx context.Context, act Act, entity string, ticks []Tick) (added int, err error)
	// SettleTick notes what became of a waiting tick. The same again changes nothing; ErrStale where something else became of
	// it, ErrNotFound where it was never noted.
	SettleTick(ctx context.Context, act Act, entity string, tick Tick) error
	// WaitingTicks lists the ticks that nothing became of yet, by due time and schedule.
	WaitingTicks(ctx context.Context, entity string) ([]Tick, error)
	// Ticks lists the last ticks of a schedule, newest first.
	Ticks(ctx context.Context, entity, schedule string, limit int) ([]Tick, error)
}

// Schedule is a line of the timetable.
type Schedule struct {
	Name string
	Cron string // minute, hour, day of month, month, day of week
	Zone string // of the IANA database
}

// Tick is one due time of a schedule and what became of it.
type Tick struct {
	Schedule string
	Due      time.Time
	Late     bool // nobody was there when it was due
	Outcome  TickOutcome
	Reason   string    // why it was skipped, in plain words
	Run      int64     // that it became, 0 for none
	Settled  time.Time // zero while it waits
}

// TickOutcome says what became of a tick.
type TickOutcome string

// What becomes of ticks.
const (
	TickWaiting  TickOutcome = "waiting"
	TickRan      TickOutcome = "ran"
	TickCaughtUp TickOutcome = "caught_up" // ran late
	TickSkipped  TickOutcome = "skipped"   // by policy
)
