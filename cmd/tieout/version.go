package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/worker"
)

// version is set by the build: -ldflags "-X main.version=…".
var version = "development"

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of the program",
		Example: "  tieout version --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			revision := ""
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, setting := range info.Settings {
					if setting.Key == "vcs.revision" {
						revision = setting.Value
					}
				}
			}
			view := map[string]string{"version": version, "revision": revision, "go": runtime.Version()}
			return a.print(view, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "tieout %s %s (%s)\n", version, revision, runtime.Version())
				return err
			})
		},
	}
}

func (a *app) migrateCommand() *cobra.Command {
	var role string
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema to this program's version",
		Long: `Brings the schema up to date. Every command that opens the database does it too, where the database's user may; this one does nothing else.

With PostgreSQL two users can share the work: the owner of the schema runs this command, and everything else runs as a user of the role --app-role,
who may neither change the schema nor touch history. The role is made where it is missing (give it a password in the database), and keeps
its rights at later migrations.`,
		Example: "  tieout migrate\n  TIEOUT_STORE=postgres://owner@db.example/tieout tieout migrate --app-role tieout",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withPipeline(cmd.Context(), func(p *worker.Pipeline) error {
				if err := migrateJobs(cmd.Context(), p.Store); err != nil {
					return err
				}
				if role != "" {
					if err := allowApp(cmd.Context(), p.Store, role); err != nil {
						return err
					}
				}
				return a.print(map[string]bool{"migrated": true}, func(w io.Writer) error {
					_, err := fmt.Fprintln(w, "The database is up to date.")
					return err
				})
			})
		},
	}
	cmd.Flags().StringVar(&role, "app-role", "", "`ROLE` of the database that runs everything but migrations")
	return cmd
}
