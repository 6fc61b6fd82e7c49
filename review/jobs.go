package review

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Received is what became of an uploaded bank file: the same as of one that was dropped into an inbox.
type Received struct {
	File       int64 // 0 where it could not even be archived
	State      recon.FileState
	Duplicate  bool
	Format     string
	Statements []recon.StatementRow
	New        int // entries stored
	Duplicates int // records that were stored already
	Pending    int // records that the bank has not booked
	Problems   []recon.Problem
}

// Imported is what an import of items, customers, instalments or disputes did.
type Imported struct {
	Taken                            bool
	New, Changed, Unchanged, Settled int
	Advances                         int // that waited for the items and were applied to them
	Problems                         []recon.Problem
}

// Ran is what a run did.
type Ran struct {
	Files, Refused, Held int
	Applied, Queued      int
	Faults               int // objections of the audit: nothing of the plan was saved
	TiesOut              bool
}

// Progress is told how far a stage is.
type Progress func(stage string, done, total int)

// job is a piece of work that goes on after the request that asked for it was answered.
type job struct {
	ID       int64
	Company  string
	Kind     string // bank, items, customers, instalments, disputes, run
	Name     string // of the file
	Actor    string
	Began    time.Time
	mu       sync.Mutex
	state    jobState
	changed  chan struct{} // closed when the state changes, and made anew
	Received *Received
	Imported *Imported
	Ran      *Ran
}

// jobState is how far a job is.
type jobState struct {
	Stage       string
	Done, Total int
	Ended       time.Time // zero while it goes on
	Failure     *failure
}

// now returns the state of a job, and a channel that closes when it changes.
func (j *job) now() (jobState, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state, j.changed
}

func (j *job) set(change func(*jobState)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(&j.state)
	close(j.changed)
	j.changed = make(chan struct{})
}

// progress is what the worker calls while the job goes on.
func (j *job) progress(stage string, done, total int) {
	j.set(func(s *jobState) { s.Stage, s.Done, s.Total = stage, done, total })
}

// jobs are those of this process: what runs, and the last ones that ended.
type jobs struct {
	mu      sync.Mutex
	last    int64
	list    []*job // newest last
	running sync.WaitGroup
	stop    context.CancelFunc
	ctx     context.Context
}

// jobsKept is how many jobs are remembered.
const jobsKept = 200

func newJobs() *jobs {
	ctx, stop := context.WithCancel(context.Background())
	return &jobs{ctx: ctx, stop: stop}
}

// of lists the jobs of a company, newest first.
func (js *jobs) of(company string) (list []*job) {
	js.mu.Lock()
	defer js.mu.Unlock()
	for i := len(js.list) - 1; i >= 0; i-- {
		if js.list[i].Company == company {
			list = append(list, js.list[i])
		}
	}
	return list
}

// find returns a job of a company, nil where there is none.
func (js *jobs) find(company string, id int64) *job {
	for _, j := range js.of(company) {
		if j.ID == id {
			return j
		}
	}
	return nil
}

func (js *jobs) add(j *job) {
	js.mu.Lock()
	defer js.mu.Unlock()
	js.last++
	j.ID, j.changed = js.last, make(chan struct{})
	js.list = append(js.list, j)
	if len(js.list) > jobsKept {
		js.list = js.list[1:]
	}
}

// How long a job waits for another run at work on the same books, and how often it looks.
const (
	jobPatience = 10 * time.Minute
	jobLooks    = 500 * time.Millisecond
)

// start begins a job; do is called with its context and may find the books in use by another run.
func (c *call) start(j *job, do func(context.Context, *job) error, cleanup func()) {
	j.Company, j.Actor, j.Began = c.company.ID, c.person.Login, c.Now()
	c.jobs.add(j)
	d, request := c.Desk, c.id
	d.jobs.running.Go(func() {
		defer cleanup()
		err := d.patiently(j, do)
		j.set(func(s *jobState) {
			s.Ended = d.Now()
			if err != nil {
				s.Failure = failureOf(err)
			}
		})
		if err != nil && failureOf(err).Status >= 500 {
			d.Log.Error("job failed", zap.String("request", request), zap.String("kind", j.Kind), zap.Int64("job", j.ID), zap.Error(err))
		}
	})
}

// patiently does a job, again and again while another run is at work on the books.
func (d *Desk) patiently(j *job, do func(context.Context, *job) error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("panic in a job: %v", fault)
		}
	}()
	ctx, cancel := context.WithTimeout(d.jobs.ctx, jobPatience)
	defer cancel()
	for {
		err := do(d.jobs.ctx, j)
		if !errors.Is(err, store.ErrLocked) {
			return err
		}
		j.progress("waiting for another run to end", 0, 0)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(jobLooks):
		}
	}
}

// Close waits for the jobs under way until the context ends, then calls them off; each leaves the books whole.
func (d *Desk) Close(ctx context.Context) {
	ended := make(chan struct{})
	go func() {
		d.jobs.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	d.jobs.stop()
	<-ended
}

// scratch makes an empty file for an upload, which only we may read.
func (d *Desk) scratch() (folder string, err error) {
	if folder, err = os.MkdirTemp(d.Scratch, "upload-*"); err != nil {
		return "", fmt.Errorf("folder for an upload: %w", err)
	}
	return folder, nil
}
