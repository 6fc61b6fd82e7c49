package main

import (
	"context"

	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"go.uber.org/zap"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/store/postgres"
	"github.com/tieout/tieout/worker"
)

// crew returns who does the worker's work: this process where the database is a file, any worker of it where it is a server.
func (a *app) crew(ctx context.Context, config Config, st store.Store, log *zap.Logger, gauge *worker.Metrics) (worker.Crew, error) {
	server, shared := st.(*postgres.Store)
	if !shared {
		return worker.NewSolo(log, gauge), nil
	}
	if err := migrateJobs(ctx, st); err != nil {
		return nil, err
	}
	return worker.NewRiver(riverpgxv5.New(server.Pool()), worker.RiverOptions{Store: st, Log: log, Gauge: gauge, Workers: config.Work.Workers, Lease: config.Work.Lease})
}

// migrateJobs brings the tables of the job engine up to date, where the database has one.
func migrateJobs(ctx context.Context, st store.Store) error {
	if server, shared := st.(*postgres.Store); shared {
		return worker.MigrateJobs(ctx, riverpgxv5.New(server.Pool()))
	}
	return nil
}
