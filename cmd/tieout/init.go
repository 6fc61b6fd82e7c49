package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
	"github.com/tieout/tieout/worker"
)

func (a *app) initCommand() *cobra.Command {
	var storeURL, name string
	var accounts []string
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Start a set of books: configuration, rules, inbox, database",
		Long: `Writes a commented tieout.yaml and rules.yaml, makes the folder inbox/ and creates the database. Files that are there already are kept as they are
and the command refuses to go on.`,
		Example: "  tieout init books --account DE89370400440532013000:EUR:1200\n  tieout init --store sqlite:/var/lib/tieout/tieout.db",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			list, err := parseAccounts(accounts)
			if err != nil {
				return usage("%v", err)
			}
			if err := a.initialise(cmd.Context(), dir, storeURL, name, list); err != nil {
				return err
			}
			return a.print(map[string]string{"config": filepath.Join(dir, "tieout.yaml"), "rules": filepath.Join(dir, "rules.yaml"), "inbox": filepath.Join(dir, "inbox")},
				func(w io.Writer) error { return writeInit(w, dir) })
		},
	}
	cmd.Flags().StringVar(&storeURL, "store", "sqlite:tieout.db", "database `URL`")
	cmd.Flags().StringVar(&name, "name", "Our company", "name of the company")
	cmd.Flags().StringArrayVar(&accounts, "account", nil, "one of our bank accounts, `IBAN:CCY[:LEDGER]` (repeatable)")
	return cmd
}

func writeInit(w io.Writer, dir string) error {
	_, err := fmt.Fprintf(w, `Ready in %s:
  tieout.yaml   accounts, folders, schedules
  rules.yaml    what may be applied without asking
  inbox/        drop bank files here

Next:
  tieout import customers customers.csv
  tieout import items items.csv
  tieout run
`, dir)
	return err
}

// initialise makes a new set of books in dir.
func (a *app) initialise(ctx context.Context, dir, storeURL, name string, accounts []recon.Account) error {
	currency := recon.Currency("EUR")
	if len(accounts) > 0 {
		currency = accounts[0].Currency
	}
	files := []struct{ name, text string }{
		{"tieout.yaml", configTemplate(storeURL, name, currency, accounts)},
		{"rules.yaml", rules.Template(currency)},
	}
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(dir, f.name)); err == nil {
			return usage("%s is there already; choose an empty folder, or edit the file", filepath.Join(dir, f.name))
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "inbox"), 0o755); err != nil {
		return errWorld{err}
	}
	for _, f := range files {
		if err := writeNew(filepath.Join(dir, f.name), f.text); err != nil {
			return errWorld{err}
		}
	}
	created := *a
	created.configPath = filepath.Join(dir, "tieout.yaml")
	return created.withPipeline(ctx, func(*worker.Pipeline) error { return nil })
}

// writeNew writes a file that must not exist yet.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, text)
	return errors.Join(err, f.Close())
}
