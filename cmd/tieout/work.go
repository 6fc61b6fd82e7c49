package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

func (a *app) workCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "work",
		Short: "The long-running worker: watches inboxes, keeps schedules, runs the pipeline",
		Long: `Takes files as soon as they lie settled in the inboxes and decides what came with them, and runs the nightly job when a schedule says so, until it
is stopped (Ctrl-C, SIGTERM): then it finishes or rolls back what it has in hand and ends with exit code 0.

It says how it is at work.listen of the configuration: /metrics (Prometheus), /healthz (is it alive) and /readyz (what keeps it from its work).
It reads the configuration and the rules anew when they change, or at SIGHUP; one with faults is said and the old one stays.`,
		Example: "  tieout work\n  tieout work --entity default\n  curl http://127.0.0.1:8081/readyz",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := a.config()
			if err != nil {
				return err
			}
			return a.work(cmd.Context(), config)
		},
	}
}

// serveAndWork runs the desk and the worker in one process: when one of them ends, so does the other.
func (a *app) serveAndWork(ctx context.Context, config Config, demo string) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	worked := make(chan error, 1)
	go func() {
		defer stop()
		worked <- a.work(ctx, config)
	}()
	served := a.serve(ctx, config, demo)
	stop()
	return errors.Join(<-worked, served)
}

// work runs the worker until the context ends.
func (a *app) work(ctx context.Context, config Config) (err error) {
	log := a.loggerFrom(zapcore.InfoLevel)
	defer func() { _ = log.Sync() }()
	gauge := worker.NewMetrics(version)
	st, err := openStore(ctx, config, log, gauge.Retried)
	if err != nil {
		return errWorld{err}
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	houses, err := a.houses(ctx, config, st, log)
	if err != nil {
		return err
	}
	crew, err := a.crew(ctx, config, st, log, gauge)
	if err != nil {
		return errWorld{err}
	}
	d := &worker.Daemon{Store: st, Poll: config.Work.Poll, Now: a.now, Log: log, Crew: crew, Gauge: gauge}
	d.Furnish(houses)
	stopped, err := a.answerHealth(ctx, config.Work.Listen, d.Handler(), log)
	if err != nil {
		return err
	}
	go a.refurnish(ctx, config, st, log, d)
	log.Info("worker begins", zap.String("version", version), zap.Int("entities", len(houses)), zap.String("listen", config.Work.Listen))
	err = d.Run(ctx)
	stop()
	err = errors.Join(err, <-stopped)
	log.Info("worker ends")
	if errors.Is(err, store.ErrLocked) {
		return errWorld{errors.New("another tieout work runs on this database: a database in a file has room for one; stop that one first, or keep the books in PostgreSQL")}
	}
	return worldly(err)
}

// houses makes what the worker does of a configuration: of one company, or of all.
func (a *app) houses(ctx context.Context, config Config, st store.Store, log *zap.Logger) (houses []worker.House, err error) {
	entities := config.Entities
	if a.entityID != "" {
		one, err := a.entity(config)
		if err != nil {
			return nil, err
		}
		entities = []EntityConfig{one}
	}
	for _, entity := range entities {
		var h worker.House
		if h.Pipeline, err = a.pipeline(ctx, config, entity, st, log); err != nil {
			return nil, err
		}
		if h.Schedules, err = config.timetable(entity.ID); err != nil {
			return nil, err
		}
		houses = append(houses, h)
	}
	return houses, nil
}

// answerHealth serves metrics and health until the context ends; then it says how the serving ended.
func (a *app) answerHealth(ctx context.Context, at string, handler http.Handler, log *zap.Logger) (<-chan error, error) {
	ended := make(chan error, 1)
	if at == "" {
		ended <- nil
		return ended, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", at)
	if err != nil {
		return nil, errWorld{fmt.Errorf("work.listen: %w", err)}
	}
	const patience = 10 * time.Second
	server := &http.Server{Handler: handler, ReadHeaderTimeout: patience, ReadTimeout: patience, WriteTimeout: 3 * patience, IdleTimeout: time.Minute,
		ErrorLog: zap.NewStdLog(log)}
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		ended <- server.Shutdown(grace)
	}()
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics and health are not served any more", zap.Error(err))
		}
	}()
	return ended, nil
}

// refurnish reads the configuration anew when one of its files changes, or at SIGHUP.
func (a *app) refurnish(ctx context.Context, config Config, st store.Store, log *zap.Logger, d *worker.Daemon) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	ticker := time.NewTicker(config.Work.Poll)
	defer ticker.Stop()
	before := a.looks(config)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
		case <-ticker.C:
			if a.looks(config) == before {
				continue
			}
		}
		before = a.looks(config)
		fresh, err := a.reload(ctx, config, st, log, d)
		if err != nil {
			log.Error("the new configuration is not taken, the old one stays", zap.Error(err))
			continue
		}
		config, before = fresh, a.looks(fresh)
		log.Info("configuration taken")
	}
}

// reload takes a changed configuration as a whole or not at all.
func (a *app) reload(ctx context.Context, old Config, st store.Store, log *zap.Logger, d *worker.Daemon) (Config, error) {
	fresh, err := a.config()
	if err != nil {
		return old, err
	}
	if fresh.Store != old.Store || fresh.Archive != old.Archive || fresh.Work != old.Work {
		return old, errors.New("store, archive and work change with a restart only")
	}
	houses, err := a.houses(ctx, fresh, st, log)
	if err != nil {
		return old, err
	}
	d.Furnish(houses)
	return fresh, nil
}

// looks sums up how the files of a configuration look: when it changes, one of them did.
func (a *app) looks(config Config) (sum string) {
	paths := []string{config.Path}
	for _, entity := range config.Entities {
		paths = append(append(paths, entity.Rules), entity.Profiles...)
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			sum += fmt.Sprintf("%s %d %d\n", path, info.Size(), info.ModTime().UnixNano())
		}
	}
	return sum
}
