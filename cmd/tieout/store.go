package main

import (
	"context"
	"strings"

	"go.uber.org/zap"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/store/postgres"
	"github.com/tieout/tieout/store/sqlite"
)

// openStore opens the database of a configuration. What is unwise about it is logged, and what had to be done again, which retried
// (nil for nobody) is told too.
func openStore(ctx context.Context, config Config, log *zap.Logger, retried func(verb, cause string)) (store.Store, error) {
	if path, embedded := strings.CutPrefix(config.Store, "sqlite:"); embedded {
		return sqlite.Open(ctx, path)
	}
	return postgres.Open(ctx, config.Store, postgres.Options{
		Password: config.StorePassword,
		Lease:    config.Work.Lease,
		Warn:     func(warning string) { log.Warn("database", zap.String("warning", warning)) },
		Retried: func(verb, cause string) {
			log.Info("done again", zap.String("unit", verb), zap.String("cause", cause))
			if retried != nil {
				retried(verb, cause)
			}
		},
	})
}

// allowApp gives a role of the database what everything but migrations needs.
func allowApp(ctx context.Context, st store.Store, role string) error {
	server, ok := st.(*postgres.Store)
	if !ok {
		return usage("--app-role is for PostgreSQL: a file has no users")
	}
	return server.AllowApp(ctx, role)
}
