package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
and the command refuses to go on; where it fails it leaves nothing behind.`,
		Example: "  tieout init books --account DE89370400440532013000:EUR:1200\n  tieout init --store sqlite:/var/lib/tieout/tieout.db\n  TIEOUT_STORE_PASSWORD=… tieout init books --store postgres://tieout@db.example:5432/tieout",
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
	var made newFiles
	err := func() error {
		if err := made.folder(filepath.Join(dir, "inbox")); err != nil {
			return errWorld{err}
		}
		for _, f := range files {
			if err := made.file(filepath.Join(dir, f.name), f.text); err != nil {
				return errWorld{err}
			}
		}
		return a.makeStore(ctx, filepath.Join(dir, "tieout.yaml"), &made)
	}()
	if err != nil {
		made.remove()
	}
	return err
}

// makeStore checks the configuration just written and creates its database.
func (a *app) makeStore(ctx context.Context, path string, made *newFiles) error {
	created := *a
	created.configPath = path
	config, err := created.config()
	if err != nil {
		return err
	}
	entity, err := created.entity(config)
	if err != nil {
		return err
	}
	database, ours := strings.CutPrefix(config.Store, "sqlite:")
	if _, err := os.Lstat(database); ours && errors.Is(err, fs.ErrNotExist) {
		*made = append(*made, database, database+"-wal", database+"-shm", database+".lock")
	}
	return created.withEntity(ctx, config, entity, func(*worker.Pipeline) error { return nil })
}

// newFiles are the files and folders that an init made, in order, so that one that fails leaves nothing behind.
type newFiles []string

// folder makes a folder and those above it.
func (n *newFiles) folder(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if above := filepath.Dir(path); above != path {
		if err := n.folder(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		return err
	}
	*n = append(*n, path)
	return nil
}

func (n *newFiles) file(path, text string) error {
	err := writeNew(path, text)
	if err == nil {
		*n = append(*n, path)
	}
	return err
}

// remove takes everything away again; a folder that holds something else by now stays.
func (n newFiles) remove() {
	for _, path := range slices.Backward(n) {
		_ = os.Remove(path)
	}
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
