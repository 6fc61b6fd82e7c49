package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/store/sqlite"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the embedded database while everything goes on",
		Long: `Copies the database, as it is now, into a new file and checks that the copy is whole; worker and desk go on meanwhile. The archive of bank files is
to be copied after it (deploy/backup.sh does both). A database on a server is copied with its own program, pg_dump.`,
		Example: "  tieout backup /backup/tieout-$(date +%F).db",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) (err error) {
			config, err := a.config()
			if err != nil {
				return err
			}
			st, err := openStore(cmd.Context(), config, a.logger(), nil)
			if err != nil {
				return errWorld{err}
			}
			defer func() { err = errors.Join(err, st.Close()) }()
			embedded, ok := st.(*sqlite.Store)
			if !ok {
				return usage("the books are kept in PostgreSQL\n  try: pg_dump --format=custom, as deploy/backup.sh does")
			}
			path, err := filepath.Abs(paths[0])
			if err != nil {
				return errWorld{err}
			}
			if err := embedded.Backup(cmd.Context(), path); err != nil {
				return errWorld{err}
			}
			return a.print(map[string]string{"backup": path}, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "The database was copied to %s, and the copy is whole.\n", path)
				return err
			})
		},
	}
}
