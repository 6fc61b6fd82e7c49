package worker

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
	"github.com/tieout/tieout/store"
)

// Pipeline is the nightly job of one entity: everything it needs, handed in.
type Pipeline struct {
	Store     store.Store
	Entity    store.Entity
	Rules     rules.Set
	RulesText string // kept with the rules' version, for the auditor
	Archive   Archive
	Inboxes   []Inbox
	Exports   string // folder for export files, "" for none
	Profiles  []ingest.Profile
	Columns   map[string]map[string]string // by import (items, customers …): their header to ours
	MaxFile   int64                        // bytes, 0 for the reader's default
	Actor     string
	Via       string     // how the actor acts, where it is not a terminal
	AsOf      recon.Date // day on which run reports measure the ageing, 0 = the run's own
	Now       func() time.Time
	Log       *zap.Logger
	Notify    Notify // who is told after a run
	// Progress is told how far a stage is; nil for nobody listening.
	Progress func(stage string, done, total int)
	Hands    Hands // who does the units of a run, nil for this process alone
	Shard    int   // about how many receipts are decided as one unit, 0 for as many as are stored at once
	// Reached is called before and after each commit point; crash tests stop the process in it.
	Reached func(point string)

	fences []store.Fence // leases under which this one works
}

// act returns who does what is done now.
func (p *Pipeline) act(run int64) store.Act {
	return store.Act{Actor: p.Actor, At: p.Now(), Run: run, Via: p.Via}
}

func (p *Pipeline) progress(stage string, done, total int) {
	if p.Progress != nil {
		p.Progress(stage, done, total)
	}
}

func (p *Pipeline) reached(point string) {
	if p.Reached != nil {
		p.Reached(point)
	}
}

// Prepare brings the database up to date and stores the entity and its rules. Every command that writes calls it.
func (p *Pipeline) Prepare(ctx context.Context) error {
	if err := p.Store.Migrate(ctx); err != nil {
		return fmt.Errorf("prepare the database: %w", err)
	}
	if err := p.Store.SaveEntity(ctx, p.act(0), p.Entity); err != nil {
		return fmt.Errorf("store the entity: %w", err)
	}
	if err := p.Store.SaveRules(ctx, p.act(0), p.Entity.ID, p.Rules.Version, p.RulesText); err != nil {
		return fmt.Errorf("store the rules: %w", err)
	}
	return nil
}

// Result is what one nightly run did.
type Result struct {
	Run      int64
	Received []Received
	Ignored  []string // temporary names that were left alone
	Matched  Matched
	Exported []string // names of the files written
	Report   books.RunReport
	Checks   []Check
	Stages   []Stage
}

// Stage is how long a part of a run took.
type Stage struct {
	Name string
	Took time.Duration
}

// Failed reports whether somebody has to look: a file was refused or held, or a proof failed.
func (r Result) Failed() bool {
	for _, f := range r.Received {
		if f.State == recon.FileRefused || f.State == recon.FileHeld || f.Unread() {
			return true
		}
	}
	return r.Matched.Faulty() || AnyBroken(r.Checks)
}

// Run executes the nightly job once: ingest, match, export, verify; then it tells who wants to know, also of a run that failed. It
// needs the pipeline lock and fails with store.ErrLocked where another run has it.
func (p *Pipeline) Run(ctx context.Context) (Result, error) {
	began := p.Now()
	result, err := p.nightly(ctx)
	if result.Run != 0 && ctx.Err() == nil {
		p.tell(ctx, result, began, err)
	}
	return result, err
}

func (p *Pipeline) nightly(ctx context.Context) (Result, error) {
	return p.execute(ctx, func(result *Result, facts books.RunFacts) []stage {
		return []stage{
			{"ingest", func() (err error) {
				result.Received, result.Ignored, err = p.ingestInboxes(ctx, result.Run)
				return err
			}},
			{"match", func() (err error) { result.Matched, err = p.match(ctx, result.Run); return err }},
			{"export and verify", func() (err error) { return p.conclude(ctx, result, facts) }},
			{"archive", func() (err error) { result.Checks, err = p.verifyArchived(ctx, result.Report.Proved); return err }},
		}
	})
}

// Intake takes files that have settled in the inboxes and decides what came with them: the part of the nightly job that need not
// wait for the night. Exports and proofs keep their time.
func (p *Pipeline) Intake(ctx context.Context, drops []Drop) (Result, error) {
	return p.execute(ctx, func(result *Result, _ books.RunFacts) []stage {
		return []stage{
			{"ingest", func() (err error) {
				result.Received, result.Ignored, err = p.takeIn(ctx, result.Run, drops)
				return err
			}},
			{"match", func() (err error) { result.Matched, err = p.match(ctx, result.Run); return err }},
		}
	})
}

// stage is a part of a run.
type stage struct {
	name string
	do   func() error
}

// execute does the stages of one run, alone.
func (p *Pipeline) execute(ctx context.Context, plan func(*Result, books.RunFacts) []stage) (result Result, err error) {
	release, err := p.Store.LockPipeline(ctx)
	if err != nil {
		return result, err
	}
	defer func() { err = firstError(err, release()) }()
	act := p.act(0)
	before := act
	before.At = act.At.Add(-time.Microsecond) // what died was over before this run began; instants are kept in microseconds
	if _, err = p.Store.InterruptRuns(ctx, before, p.Entity.ID); err != nil {
		return result, err
	}
	if result.Run, err = p.Store.StartRun(ctx, act, p.Entity.ID, p.Rules.Version); err != nil {
		return result, err
	}
	facts := books.RunFacts{Run: result.Run, Started: act.At, AsOf: p.AsOf}
	if facts.AsOf == 0 {
		facts.AsOf = recon.DateOf(act.At)
	}
	if err := p.stages(&result, plan(&result, facts)); err != nil {
		state := RunFailed
		if ctx.Err() != nil { // called off between two units: the next run goes on from here
			state = RunInterrupted
		}
		noted := p.Store.FinishRun(context.WithoutCancel(ctx), p.act(result.Run), p.Entity.ID, result.Run, state, result.stats())
		return result, firstError(err, noted)
	}
	p.reached("K11.before")
	return result, p.Store.FinishRun(ctx, p.act(result.Run), p.Entity.ID, result.Run, RunDone, result.stats())
}

// States in which a run ends.
const (
	RunDone        = "done"
	RunFailed      = "failed"
	RunInterrupted = "interrupted"
)

func (p *Pipeline) stages(result *Result, stages []stage) error {
	for _, stage := range stages {
		began := p.Now()
		if err := stage.do(); err != nil {
			return fmt.Errorf("%s: %w", stage.name, err)
		}
		result.Stages = append(result.Stages, Stage{stage.name, p.Now().Sub(began)})
	}
	return nil
}

func (r Result) stats() store.RunStats {
	s := store.RunStats{Files: len(r.Received), Applied: r.Matched.Applied, Queued: r.Matched.Queued,
		Receipts: r.Matched.Receipts, Faults: len(r.Matched.Faults)}
	for _, f := range r.Received {
		s.Entries += f.New
		switch f.State {
		case recon.FileRefused:
			s.Refused++
		case recon.FileHeld:
			s.Held++
		}
	}
	return s
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
