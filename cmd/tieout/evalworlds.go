package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/fixtures/labelled"
	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/worker"
)

// worldsFlags say which labelled worlds to generate.
type worldsFlags struct {
	seeds    string
	receipts int
	dir      string
}

// worldView is what came of one generated world.
type worldView struct {
	Seed    uint64 `json:"seed"`
	Company string `json:"company"`
	tallyView
}

// seedRange reads "7" or "101-104", both included.
func seedRange(text string) (from, to uint64, err error) {
	first, last, ranged := strings.Cut(text, "-")
	if !ranged {
		last = first
	}
	from, errFrom := strconv.ParseUint(first, 10, 64)
	to, errTo := strconv.ParseUint(last, 10, 64)
	if errFrom != nil || errTo != nil || to < from {
		return 0, 0, usage("--worlds %q; write one seed or two, such as 7 or 101-104", text)
	}
	return from, to, nil
}

func (a *app) evalWorlds(ctx context.Context, worlds worldsFlags, list bool) error {
	from, to, err := seedRange(worlds.seeds)
	if err != nil {
		return err
	}
	if worlds.receipts < 1 {
		return usage("--receipts %d: a world needs receipts", worlds.receipts)
	}
	if worlds.dir == "" {
		if worlds.dir, err = os.MkdirTemp("", "tieout-eval-"); err != nil {
			return errWorld{err}
		}
		defer os.RemoveAll(worlds.dir)
	}
	all, view := books.NewEvaluation(), evaluationView{}
	var found []findingView
	for seed := from; seed <= to; seed++ {
		world := labelled.World{Seed: seed, Receipts: worlds.receipts}
		result, err := a.evalWorld(ctx, world, filepath.Join(worlds.dir, fmt.Sprint(seed)))
		if err != nil {
			return fmt.Errorf("world %d: %w", seed, err)
		}
		view.Worlds = append(view.Worlds, worldView{seed, world.Describe(), viewTally(result.Tally)})
		for _, f := range result.Findings {
			finding := viewFinding(f)
			finding.Seed = seed
			found = append(found, finding)
		}
		all.Add(result)
	}
	told := viewEvaluation(all)
	told.Worlds, told.Findings = view.Worlds, append([]findingView{}, found...)
	return a.print(told, func(w io.Writer) error { return told.write(w, list) })
}

// evalWorld generates a world in a folder, runs the nightly job on each of its nights, and scores what is stored then.
func (a *app) evalWorld(ctx context.Context, world labelled.World, dir string) (result *books.Evaluation, err error) {
	if _, err := os.Stat(dir); err == nil {
		return nil, usage("%s is there already; choose another folder with --dir", dir)
	}
	if err := world.Write(func(name string) (io.WriteCloser, error) { return createBelow(dir, name) }); err != nil {
		return nil, errWorld{err}
	}
	in := *a
	in.configPath, in.quiet = filepath.Join(dir, "tieout.yaml"), true
	in.entityID = labelled.SisterID
	if err := in.withPipeline(ctx, func(p *worker.Pipeline) error { return importWorld(ctx, p, dir, "sister-") }); err != nil {
		return nil, err
	}
	in.entityID = labelled.EntityID
	err = in.withPipeline(ctx, func(p *worker.Pipeline) error {
		if err := importWorld(ctx, p, dir, ""); err != nil {
			return err
		}
		for night := range labelled.Nights() {
			p.Inboxes[0].Path = filepath.Join(dir, fmt.Sprintf("night-%d", night+1))
			nightly, err := p.Run(ctx)
			if err != nil {
				return err
			}
			if err := nightlyFault(nightly); err != nil {
				return fmt.Errorf("night %d: %w", night+1, err)
			}
		}
		judged, problems, err := evaluateFile(ctx, p, filepath.Join(dir, "truth.csv"))
		if err == nil && len(problems) > 0 {
			err = fmt.Errorf("its truth: %v", problems)
		}
		result = judged
		return err
	})
	return result, err
}

// nightlyFault says what went wrong in a night of a generated world, nil where nothing did.
func nightlyFault(nightly worker.Result) error {
	for _, fault := range nightly.Matched.Faults {
		return fmt.Errorf("the audit objects: receipt %d: %s: %s", fault.Source.ID, fault.Code, fault.Detail)
	}
	for _, f := range nightly.Received {
		for _, problem := range f.Problems {
			if problem.Severity != recon.Warn {
				return fmt.Errorf("%s: %s", f.Name, problem)
			}
		}
	}
	for _, c := range nightly.Checks {
		if !c.OK {
			return fmt.Errorf("%s is broken: %s", c.ID, c.Detail)
		}
	}
	if nightly.Failed() {
		return errors.New("a file was not booked")
	}
	return nil
}

func createBelow(dir, name string) (io.WriteCloser, error) {
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return os.Create(path)
}

// importWorld imports the books of a generated world: those files that there are.
func importWorld(ctx context.Context, p *worker.Pipeline, dir, prefix string) error {
	imports := []struct {
		name string
		take func(r io.Reader, name string) (worker.Imported, error)
	}{
		{"customers.csv", func(r io.Reader, name string) (worker.Imported, error) {
			return p.ImportCustomers(ctx, r, name, ingest.ImportOptions{})
		}},
		{"items.csv", func(r io.Reader, name string) (worker.Imported, error) {
			return p.ImportItems(ctx, r, worker.ItemsImport{Name: name})
		}},
		{"instalments.csv", func(r io.Reader, name string) (worker.Imported, error) {
			return p.ImportInstalments(ctx, r, name, ingest.ImportOptions{})
		}},
		{"disputes.csv", func(r io.Reader, name string) (worker.Imported, error) {
			return p.ImportDisputes(ctx, r, name, ingest.ImportOptions{})
		}},
	}
	for _, one := range imports {
		f, err := os.Open(filepath.Join(dir, prefix+one.name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		result, err := one.take(f, one.name)
		f.Close()
		if err == nil && !result.Done() {
			err = fmt.Errorf("%s was not taken: %v", one.name, result.Problems)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
