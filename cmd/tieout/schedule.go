package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/store"
)

func (a *app) scheduleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "schedule",
		Short:   "The timetable of tieout work",
		Example: "  tieout schedule list",
	}
	cmd.AddCommand(a.scheduleListCommand())
	return cmd
}

func (a *app) scheduleListCommand() *cobra.Command {
	var last int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Next and last runs of each schedule",
		Long: `Shows when each schedule is due next, and what became of its last due times: ran, caught_up (it ran late), skipped with the reason, or
waiting. Times are those of the schedule's zone.`,
		Example: "  tieout schedule list\n  tieout schedule list --last 10 --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			config, err := a.config()
			if err != nil {
				return err
			}
			if last < 0 {
				return usage("--last %d: write how many due times to show", last)
			}
			st, err := openStore(cmd.Context(), config, a.logger(), nil)
			if err != nil {
				return errWorld{err}
			}
			defer func() { err = errors.Join(err, st.Close()) }()
			if err := st.Migrate(cmd.Context()); err != nil {
				return errWorld{err}
			}
			views, err := a.viewSchedules(cmd.Context(), config, st, last)
			if err != nil {
				return err
			}
			return a.print(views, func(w io.Writer) error { return writeSchedules(w, views) })
		},
	}
	cmd.Flags().IntVar(&last, "last", 3, "how many past due times to show of each schedule")
	return cmd
}

// scheduleView is a schedule as --json prints it.
type scheduleView struct {
	Entity  string     `json:"entity"`
	Name    string     `json:"name"`
	Cron    string     `json:"cron"`
	Zone    string     `json:"zone"`
	CatchUp string     `json:"catch_up"`
	Overlap string     `json:"overlap"`
	Next    *time.Time `json:"next"` // null where no due time is left
	Last    []tickView `json:"last"` // newest first
}

// tickView is a due time and what became of it.
type tickView struct {
	Due     time.Time         `json:"due"`
	Outcome store.TickOutcome `json:"outcome"`
	Reason  string            `json:"reason"`
	Run     int64             `json:"run"` // 0 where it became none
	State   string            `json:"state"`
	Settled *time.Time        `json:"settled"`
}

func (a *app) viewSchedules(ctx context.Context, config Config, st store.Store, last int) ([]scheduleView, error) {
	now, err := st.Clock(ctx, a.now())
	if err != nil {
		return nil, errWorld{err}
	}
	views := []scheduleView{}
	for _, entity := range config.Entities {
		if a.entityID != "" && entity.ID != a.entityID {
			continue
		}
		schedules, err := config.timetable(entity.ID)
		if err != nil {
			return nil, err
		}
		for _, s := range schedules {
			view := scheduleView{Entity: entity.ID, Name: s.Name, Cron: s.Cron, Zone: s.Zone, CatchUp: s.CatchUp, Overlap: s.Overlap, Last: []tickView{}}
			if next := s.Next(now); !next.IsZero() {
				view.Next = &next
			}
			if view.Last, err = a.viewTicks(ctx, st, entity.ID, s.Name, last); err != nil {
				return nil, err
			}
			views = append(views, view)
		}
	}
	return views, nil
}

func (a *app) viewTicks(ctx context.Context, st store.Store, entity, schedule string, last int) ([]tickView, error) {
	views := []tickView{}
	ticks, err := st.Ticks(ctx, entity, schedule, last)
	if err != nil {
		return nil, errWorld{err}
	}
	for _, t := range ticks {
		view := tickView{Due: t.Due, Outcome: t.Outcome, Reason: t.Reason, Run: t.Run}
		if !t.Settled.IsZero() {
			view.Settled = &t.Settled
		}
		if t.Run > 0 {
			run, err := st.Run(ctx, entity, t.Run)
			if err != nil {
				return nil, errWorld{err}
			}
			view.State = run.State
		}
		views = append(views, view)
	}
	return views, nil
}

func writeSchedules(w io.Writer, views []scheduleView) error {
	if len(views) == 0 {
		_, err := fmt.Fprintln(w, "No schedules: add schedules: to tieout.yaml.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ENTITY\tSCHEDULE\tDUE\tOUTCOME\tRUN\t")
	for _, v := range views {
		zone, err := time.LoadLocation(v.Zone)
		if err != nil {
			return err
		}
		next := "never again"
		if v.Next != nil {
			next = v.Next.In(zone).Format(scheduleTime)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\tnext\t\t%s %s\n", v.Entity, v.Name, next, v.Cron, v.Zone)
		for _, tick := range v.Last {
			run := ""
			if tick.Run > 0 {
				run = fmt.Sprintf("%d %s", tick.Run, tick.State)
			}
			fmt.Fprintf(t, "\t\t%s\t%s\t%s\t%s\n", tick.Due.In(zone).Format(scheduleTime), tick.Outcome, run, tick.Reason)
		}
	}
	return t.Flush()
}

// scheduleTime shows the wall clock of a zone with its offset, which tells the two apart that happen in an autumn night.
const scheduleTime = "2006-01-02 15:04 -0700"
