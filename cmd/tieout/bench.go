package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

func (a *app) benchCommand() *cobra.Command {
	var b bench
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Time the nightly job on a generated world",
		Long: `Generates customers, open items and camt.053 statements, runs the nightly job on them, and prints seconds per stage, receipts per second and
peak memory. The same seed gives the same world. With --store the books are kept in a PostgreSQL database, which must be empty; with --plain the same receipts
are matched there by a plain SQL script too (deploy/bench/plain.sql, by the program psql), and the ratio is printed.`,
		Example: "  tieout bench --receipts 100000 --items 100000\n  tieout bench --receipts 1000000 --items 1000000 --store postgres://tieout@127.0.0.1/bench --plain --workers 2",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if b.plain && !strings.HasPrefix(b.store, "postgres") {
				return usage("--plain is run in PostgreSQL: name the database with --store")
			}
			if b.workers > 1 && !strings.HasPrefix(b.store, "postgres") {
				return usage("a file has one writer: --workers is for PostgreSQL (--store)")
			}
			if b.dir == "" {
				if b.dir, err = os.MkdirTemp("", "tieout-bench-"); err != nil {
					return errWorld{err}
				}
			}
			if !b.keep {
				defer os.RemoveAll(b.dir)
			}
			return a.bench(cmd.Context(), b)
		},
	}
	f := cmd.Flags()
	f.IntVar(&b.world.Receipts, "receipts", 100_000, "how many receipts")
	f.IntVar(&b.world.Items, "items", 100_000, "how many open items")
	f.IntVar(&b.world.Files, "files", 1, "how many bank files they come in")
	f.Uint64Var(&b.world.Seed, "seed", 1, "seed of the world")
	f.StringVar(&b.store, "store", "sqlite:tieout.db", "database `URL`")
	f.IntVar(&b.workers, "workers", 1, "how many units of the run are done at once")
	f.BoolVar(&b.plain, "plain", false, "run the plain SQL script too")
	f.StringVar(&b.dir, "dir", "", "`FOLDER` to work in (default a temporary one)")
	f.BoolVar(&b.keep, "keep", false, "keep the folder")
	return cmd
}

// bench is what is measured, and where.
type bench struct {
	world       fixtures.World
	store, dir  string
	workers     int
	plain, keep bool
}

// benchView is what a bench measured, as --json prints it.
type benchView struct {
	Receipts          int         `json:"receipts"`
	Items             int         `json:"items"`
	Seed              uint64      `json:"seed"`
	Workers           int         `json:"workers"`
	Preparation       []stageView `json:"preparation"`
	Run               []stageView `json:"run"`
	RunSeconds        string      `json:"run_seconds"`
	ReceiptsPerSecond int         `json:"receipts_per_second"`
	PeakMemoryMiB     int64       `json:"peak_memory_mib"`
	Applied           int         `json:"applied"`
	Queued            int         `json:"queued"`
	AppliedAmount     string      `json:"applied_amount"`
	ExpectedAmount    string      `json:"expected_amount"`
	Checks            []checkView `json:"broken_checks"`
	plain             time.Duration
	PlainSeconds      string `json:"plain_seconds,omitempty"`
	PlainRatio        string `json:"plain_ratio,omitempty"` // its seconds by ours, from bank file to committed decisions
}

type stageView struct {
	Stage   string `json:"stage"`
	Seconds string `json:"seconds"`
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()) }

func (a *app) bench(ctx context.Context, b bench) error {
	world, dir := b.world, b.dir
	view := benchView{Receipts: world.Receipts, Items: world.Items, Seed: world.Seed, Workers: b.workers}
	timed := func(name string, do func() error) error {
		began := time.Now()
		err := do()
		view.Preparation = append(view.Preparation, stageView{name, seconds(time.Since(began))})
		return err
	}
	var truth fixtures.Truth
	err := timed("generate", func() (err error) { truth, err = writeWorld(world, dir); return err })
	if err != nil {
		return errWorld{err}
	}
	if b.plain {
		took, err := runPlain(ctx, b)
		if err != nil {
			return errWorld{err}
		}
		view.PlainSeconds, view.plain = seconds(took), took
	}
	account := []recon.Account{{ID: "main", IBAN: fixtures.WorldAccount, Currency: "EUR", Ledger: "1200"}}
	in := *a
	in.configPath = filepath.Join(dir, "tieout.yaml")
	in.env = func(name string) string { // the URL may hold a password, which no file may
		if name == "TIEOUT_STORE" {
			return b.store
		}
		return a.env(name)
	}
	if err := in.initialise(ctx, dir, "sqlite:tieout.db", "Bench", account); err != nil {
		return err
	}
	return in.withPipeline(ctx, func(p *worker.Pipeline) error {
		if last, err := p.Store.Files(ctx, p.Entity.ID, 1); err != nil || len(last) > 0 {
			return errors.Join(err, usage("the database holds books already: a bench needs an empty one"))
		}
		for i := range p.Inboxes {
			p.Inboxes[i].Settle = 0
		}
		if b.workers > 1 {
			p.Hands = worker.SideBySide(b.workers)
		}
		if err := timed("import customers", func() error { return benchImport(ctx, p, dir, "customers.csv") }); err != nil {
			return err
		}
		if err := timed("import items", func() error { return benchImport(ctx, p, dir, "items.csv") }); err != nil {
			return err
		}
		began := time.Now()
		result, err := p.Run(ctx)
		if err != nil {
			return err
		}
		view.measured(result, time.Since(began))
		if view.AppliedAmount, err = appliedAmount(ctx, p); err != nil {
			return err
		}
		view.ExpectedAmount = recon.FormatMinor(truth.AppliedMinor, "EUR")
		if err := a.print(view, view.write); err != nil {
			return err
		}
		if result.Failed() {
			return errLook
		}
		return nil
	})
}

func writeWorld(world fixtures.World, dir string) (fixtures.Truth, error) {
	if err := os.MkdirAll(filepath.Join(dir, "inbox"), 0o755); err != nil {
		return fixtures.Truth{}, err
	}
	return world.Write(func(name string) (io.WriteCloser, error) {
		if strings.HasPrefix(name, "bank") {
			name = filepath.Join("inbox", name)
		}
		return os.Create(filepath.Join(dir, name))
	})
}

func benchImport(ctx context.Context, p *worker.Pipeline, dir, name string) error {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	defer f.Close()
	var result worker.Imported
	if name == "customers.csv" {
		result, err = p.ImportCustomers(ctx, f, name, ingest.ImportOptions{})
	} else {
		result, err = p.ImportItems(ctx, f, worker.ItemsImport{Name: name})
	}
	if err == nil && !result.Done() {
		err = fmt.Errorf("%s was not taken: %v", name, result.Problems)
	}
	return err
}

func (v *benchView) measured(result worker.Result, took time.Duration) {
	for _, stage := range result.Stages {
		v.Run = append(v.Run, stageView{stage.Name, seconds(stage.Took)})
	}
	v.RunSeconds, v.ReceiptsPerSecond = seconds(took), int(float64(v.Receipts)/took.Seconds())
	if v.plain > 0 {
		v.PlainRatio = fmt.Sprintf("%.2f", v.plain.Seconds()/(result.Stages[0].Took+result.Stages[1].Took).Seconds())
	}
	v.Applied, v.Queued, v.PeakMemoryMiB = result.Matched.Applied, result.Matched.Queued, peakMemory()>>20
	for _, c := range viewChecks(result.Checks) {
		if !c.OK {
			v.Checks = append(v.Checks, c)
		}
	}
}

func (v benchView) write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, stage := range append(append([]stageView{}, v.Preparation...), v.Run...) {
		fmt.Fprintf(t, "%s\t%s s\t\n", stage.Stage, stage.Seconds)
	}
	fmt.Fprintf(t, "tieout run\t%s s\t\n", v.RunSeconds)
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "%d receipts against %d open items: %d receipts/s, peak memory %d MiB\n", v.Receipts, v.Items, v.ReceiptsPerSecond, v.PeakMemoryMiB)
	fmt.Fprintf(w, "%d applied, %d queued; applied %s EUR, the world's truth is %s EUR\n", v.Applied, v.Queued, v.AppliedAmount, v.ExpectedAmount)
	if v.PlainRatio != "" {
		fmt.Fprintf(w, "the plain SQL script takes %s s for the receipts: %s times as long as ingest and match\n", v.PlainSeconds, v.PlainRatio)
	}
	return writeBroken(w, v.Checks)
}

func writeBroken(w io.Writer, broken []checkView) error {
	for _, c := range broken {
		fmt.Fprintf(w, "BROKEN %s %s (%s)\n", c.ID, c.Name, c.Detail)
	}
	if len(broken) == 0 {
		_, err := fmt.Fprintln(w, "All invariants hold.")
		return err
	}
	return nil
}

// peakMemory returns the largest resident size of this process in bytes, 0 where the system does not tell.
func peakMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kib int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	return 0
}

// appliedAmount sums what receipts paid on items.
func appliedAmount(ctx context.Context, p *worker.Pipeline) (string, error) {
	items, err := p.Store.Items(ctx, p.Entity.ID, store.ItemFilter{})
	if err != nil {
		return "", err
	}
	if len(items) == 0 {
		return "", errors.New("the bench has no items")
	}
	var minor int64
	for _, item := range items {
		minor += item.AppliedMinor
	}
	return recon.FormatMinor(minor, items[0].Currency), nil
}
