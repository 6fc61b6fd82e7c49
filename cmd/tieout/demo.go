package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/worker"
)

func (a *app) demoCommand() *cobra.Command {
	var dir string
	var serve bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Make a folder with bank files and open items, and run the nightly job on it",
		Long: `Makes a folder with configuration, rules, customers, open items, a camt.053 file and two CSV files of other banks, runs the whole nightly job on it
with the embedded store, and prints what was applied, what was queued and the tie-out proof. A folder of a former demo is made anew. With --serve
it then opens the review desk, in which whoever comes may do everything.`,
		Example: "  tieout demo\n  tieout demo --dir /tmp/books\n  tieout demo --serve",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.demo(cmd.Context(), dir); err != nil || !serve {
				return err
			}
			in := *a
			in.configPath = filepath.Join(dir, "tieout.yaml")
			config, err := in.config()
			if err != nil {
				return err
			}
			return in.serve(cmd.Context(), config, demoReviewer)
		},
	}
	cmd.Flags().BoolVar(&serve, "serve", false, "open the review desk on the demo's books")
	cmd.Flags().StringVar(&dir, "dir", "tieout-demo", "`FOLDER` to make")
	return cmd
}

// demoReviewer is as whom everybody acts at the demo's desk.
const demoReviewer = "robin"

// demoMark is a file that says that a folder is a demo and may be made anew.
const demoMark = ".tieout-demo"

func (a *app) demo(ctx context.Context, dir string) error {
	if err := makeDemo(dir); err != nil {
		return err
	}
	in := *a
	in.configPath = filepath.Join(dir, "tieout.yaml")
	return in.withPipeline(ctx, func(p *worker.Pipeline) error {
		for _, name := range []string{"customers", "items", "disputes"} {
			if err := demoImport(ctx, p, dir, name); err != nil {
				return err
			}
		}
		p.AsOf = fixtures.DemoDay
		if err := in.runNightly(ctx, p); err != nil {
			return err
		}
		fmt.Fprintf(a.out, `
What to try next, in %s:
  tieout queue                                the receipts that wait for a person
  tieout queue show ID                        one of them, with worked proposals
  tieout queue resolve ID --proposal 1        decide it
  tieout explain ENTRY                        why an entry was applied as it was
  tieout report ageing --as-of %s     what is open, by customer
  tieout verify --deep                        every invariant, proved again
  cp next/* inbox/ && tieout run              the next night: a payment comes back
`, dir, fixtures.DemoDay)
		return nil
	})
}

func makeDemo(dir string) error {
	if err := clearDemo(dir); err != nil {
		return err
	}
	files, err := fixtures.DemoFiles()
	if err != nil {
		return errWorld{err}
	}
	files = append(files, fixtures.DemoFile{Path: demoMark, Data: []byte("This folder is a demo of tieout; tieout demo makes it anew.\n")})
	for _, f := range files {
		path := filepath.Join(dir, f.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return errWorld{err}
		}
		if err := writeNew(path, string(f.Data)); err != nil {
			return errWorld{err}
		}
	}
	return nil
}

// clearDemo removes a former demo; any other folder with something in it is refused.
func clearDemo(dir string) error {
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return errWorld{err}
	}
	if _, err := os.Stat(filepath.Join(dir, demoMark)); err != nil {
		return usage("%s is there and no former demo; choose another folder with --dir", dir)
	}
	if err := os.RemoveAll(dir); err != nil {
		return errWorld{err}
	}
	return nil
}

func demoImport(ctx context.Context, p *worker.Pipeline, dir, noun string) error {
	name := noun + ".csv"
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	defer f.Close()
	var result worker.Imported
	switch noun {
	case "customers":
		result, err = p.ImportCustomers(ctx, f, name, ingest.ImportOptions{})
	case "items":
		result, err = p.ImportItems(ctx, f, worker.ItemsImport{Name: name})
	default:
		result, err = p.ImportDisputes(ctx, f, name, ingest.ImportOptions{})
	}
	if err == nil && !result.Done() {
		return fmt.Errorf("%s was not taken: %v", name, result.Problems)
	}
	return err
}
