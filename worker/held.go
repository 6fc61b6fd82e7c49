package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Accept books a held file although it was held: it is read again from the archive, so that what it waited for (an
// account, a missing statement) counts, and what still holds it is accepted with the reason. What would refuse it still does.
func (p *Pipeline) Accept(ctx context.Context, file int64, account, reason string) (Received, error) {
	release, err := p.Store.LockPipeline(ctx)
	if err != nil {
		return Received{}, err
	}
	defer release()
	detail, err := p.Store.File(ctx, p.Entity.ID, file)
	if err != nil {
		return Received{}, err
	}
	got := Received{Name: shown(detail.Name), File: file, State: detail.State, Moved: detail.Moved}
	if detail.State != recon.FileHeld {
		return got, fmt.Errorf("file %d is %s, not held: %w", file, detail.State, store.ErrStale)
	}
	j, err := p.judgeAgain(ctx, detail.FileRow, p.inboxFor(account))
	if err != nil {
		return got, err
	}
	if problem := unbookable(j); problem != nil {
		got.Problems = []recon.Problem{*problem}
		return got, nil
	}
	for _, d := range j.drafts {
		if d.row.Held {
			d.row.Held, d.row.Accepted = false, reason
		}
	}
	return p.bookHeld(ctx, 0, p.outcome(ctx, j), got)
}

// judgeAgain decides a held file anew, from the archive. Statements of it that were booked at once stay as they are: the
// store knows them by their content.
func (p *Pipeline) judgeAgain(ctx context.Context, file recon.FileRow, inbox Inbox) (*judged, error) {
	return p.judge(ctx, file.ID, source{file.SHA256, shown(file.Name), inbox})
}

func (p *Pipeline) bookHeld(ctx context.Context, run int64, outcome store.Outcome, got Received) (Received, error) {
	outcome.State = recon.FileBooked
	if err := p.Store.SaveOutcome(ctx, p.act(run), outcome); err != nil {
		return got, fmt.Errorf("store %s: %w", got.Name, err)
	}
	got.describe(outcome)
	p.log(got)
	if err := p.putCompletedAway(ctx, run, outcome.Completes); err != nil {
		return got, err
	}
	return got, p.putHeldAway(ctx, run, &got)
}

// Reject decides that a held file will never be booked; it stays in the archive.
func (p *Pipeline) Reject(ctx context.Context, file int64, reason string) error {
	if err := p.Store.RejectFile(ctx, p.act(0), p.Entity.ID, file, reason); err != nil {
		return err
	}
	detail, err := p.Store.File(ctx, p.Entity.ID, file)
	if err != nil {
		return fmt.Errorf("look at rejected file: %w", err)
	}
	return p.putHeldAway(ctx, 0, &Received{Name: detail.Name, File: file, State: detail.State, Moved: detail.Moved})
}

// putHeldAway moves the original of a file that is held no more, and the problems beside it, to where it belongs now.
func (p *Pipeline) putHeldAway(ctx context.Context, run int64, got *Received) error {
	detail, err := p.Store.File(ctx, p.Entity.ID, got.File)
	if err != nil {
		return fmt.Errorf("look at file: %w", err)
	}
	folder := folderOf(*got)
	for _, inbox := range p.Inboxes {
		held := filepath.Join(inbox.Path, folderHeld, shortName(detail.Name))
		if _, err := os.Lstat(held); err != nil || detail.Moved != folderHeld {
			continue
		}
		for _, name := range []string{held, held + problemsEnding} {
			if _, err := moveTo(name, filepath.Join(inbox.Path, folder)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		got.Moved = folder
		return p.Store.MarkMoved(ctx, p.act(run), p.Entity.ID, got.File, folder)
	}
	return nil
}

// releaseHeld books the held files that nothing holds any more: the account was configured, the missing statement came.
// One may wait for another, so it goes on until nothing changes.
func (p *Pipeline) releaseHeld(ctx context.Context, run int64) (released []Received, err error) {
	for again := true; again; {
		again = false
		files, err := p.Store.Files(ctx, p.Entity.ID, 0)
		if err != nil {
			return released, fmt.Errorf("list files: %w", err)
		}
		for _, f := range files {
			if f.State != recon.FileHeld {
				continue
			}
			got, free, err := p.releaseOne(ctx, run, f)
			if err != nil {
				return released, err
			}
			if free {
				again = true
				released = append(released, got)
			}
		}
	}
	return released, nil
}

func (p *Pipeline) releaseOne(ctx context.Context, run int64, f recon.FileRow) (Received, bool, error) {
	got := Received{Name: shown(f.Name), File: f.ID, State: f.State, Moved: f.Moved}
	j, err := p.judgeAgain(ctx, f, p.inboxFor(""))
	if err != nil {
		return got, false, err
	}
	outcome := p.outcome(ctx, j)
	if outcome.State != recon.FileBooked {
		return got, false, p.holdOn(ctx, run, f, outcome)
	}
	got, err = p.bookHeld(ctx, run, outcome, got)
	return got, err == nil, err
}

// holdOn notes why a file that is still held waits by now, and says so beside its original.
func (p *Pipeline) holdOn(ctx context.Context, run int64, f recon.FileRow, outcome store.Outcome) error {
	if outcome.State != recon.FileHeld {
		return nil
	}
	if err := p.Store.SaveOutcome(ctx, p.act(run), outcome); err != nil {
		return fmt.Errorf("note why %s is held: %w", shown(f.Name), err)
	}
	got := Received{}
	got.describe(outcome)
	for _, inbox := range p.Inboxes {
		original := filepath.Join(inbox.Path, folderHeld, shortName(f.Name))
		if info, err := os.Lstat(original); err == nil && f.Moved == folderHeld && info.Size() == f.Size {
			return leaveProblems(original, got)
		}
	}
	return nil
}

// unbookable is what no acceptance can heal: a file that is refused now, a statement of an account that is still unknown, one
// that takes back or changes what is booked, or one with records that could not be read, whose money would be missing from the books.
func unbookable(j *judged) *recon.Problem {
	if refused(j.document) {
		return &j.document.AllProblems()[0]
	}
	for _, d := range j.drafts {
		for i, problem := range d.problems {
			if d.account.ID == "" || d.replaces && (problem.Code == codeConflict || problem.Code == codeContradiction) || d.statement.Counts.Rejected > 0 && problem.Severity == recon.Hold {
				return &d.problems[i]
			}
		}
	}
	return nil
}

// inboxFor stands for the inbox of a file that is read again: the account named, else that of the only inbox.
func (p *Pipeline) inboxFor(account string) Inbox {
	if account == "" && len(p.Inboxes) == 1 {
		return p.Inboxes[0]
	}
	return Inbox{Account: account}
}
