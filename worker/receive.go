package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Received is what became of one dropped file.
type Received struct {
	Name       string // shown name
	File       int64  // 0 where the file could not even be archived
	State      recon.FileState
	Duplicate  bool // the bytes were received before
	Format     string
	Problems   []recon.Problem
	Statements []BookedStatement
	New        int // entries stored
	Duplicates int // records that are stored already
	Pending    int // records that the bank has not booked
	Moved      string
}

// Unread reports whether the file has no outcome: reading it failed, it lies where it lay, and is read again.
func (r Received) Unread() bool { return r.State == recon.FileRecorded }

// BookedStatement is a statement of a received file with its proof.
type BookedStatement struct {
	recon.StatementRow
	Problems []recon.Problem
}

// defaultMaxFile is the largest file taken where the configuration says nothing: 4 GiB.
const defaultMaxFile = 4 << 30

// ingestAttempts bounds how often a file is judged anew because somebody else stored entries meanwhile.
const ingestAttempts = 5

// Ingest receives the files named, or every file of the inboxes where none is named. Each file stands or falls alone.
func (p *Pipeline) Ingest(ctx context.Context, paths []string, account string) ([]Received, []string, error) {
	release, err := p.Store.LockPipeline(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer release()
	if account != "" && !slices.ContainsFunc(p.Entity.Accounts, func(a recon.Account) bool { return a.ID == account || sameAccount(a, account) }) {
		return nil, nil, refuse("ACCOUNT-UNKNOWN", "--account", "name one of accounts: in tieout.yaml", "there is no account %q", account)
	}
	if len(paths) == 0 {
		return p.ingestInboxes(ctx, 0)
	}
	var all []Received
	for i, path := range paths {
		p.progress("ingest", i, len(paths))
		got, err := p.receive(ctx, 0, path, Inbox{Account: account})
		if err != nil {
			return all, nil, err
		}
		all = append(all, got)
	}
	p.progress("ingest", len(paths), len(paths))
	released, err := p.releaseHeld(ctx, 0)
	return append(all, released...), nil, err
}

// ingestInboxes takes every file in the inboxes that no program is writing any more.
func (p *Pipeline) ingestInboxes(ctx context.Context, run int64) (all []Received, ignored []string, err error) {
	var drops []Drop
	for _, inbox := range p.Inboxes {
		names, left, err := inbox.list(p.Now())
		if err != nil {
			return nil, ignored, err
		}
		ignored = append(ignored, left...)
		drops = append(drops, Drop{inbox, names})
	}
	all, changing, err := p.takeIn(ctx, run, drops)
	return all, append(ignored, changing...), err
}

// Drop is what lies in an inbox, to be taken: names of files, in order.
type Drop struct {
	Inbox Inbox
	Names []string
}

// takeIn receives dropped files, and releases the held ones that waited for them. It names those that somebody went on
// writing to.
func (p *Pipeline) takeIn(ctx context.Context, run int64, drops []Drop) (all []Received, changing []string, err error) {
	if err := p.sweep(); err != nil {
		return nil, nil, err
	}
	receive := p.receiveInTurn
	if p.Hands != nil && run > 0 {
		receive = p.receiveTogether
	}
	if all, changing, err = receive(ctx, run, drops); err != nil {
		return all, changing, err
	}
	released, err := p.releaseHeld(ctx, run)
	if err != nil {
		return all, changing, err
	}
	return append(all, released...), changing, p.noteMoves(ctx, run)
}

// receiveInTurn receives dropped files one after the other.
func (p *Pipeline) receiveInTurn(ctx context.Context, run int64, drops []Drop) (all []Received, changing []string, err error) {
	for _, drop := range drops {
		for i, name := range drop.Names {
			p.progress("ingest", i, len(drop.Names))
			got, err := p.receive(ctx, run, filepath.Join(drop.Inbox.Path, name), drop.Inbox)
			if errors.Is(err, errChanging) || errors.Is(err, fs.ErrNotExist) {
				changing = append(changing, name)
				continue
			}
			if err != nil {
				return all, changing, err
			}
			all = append(all, got)
		}
		p.progress("ingest", len(drop.Names), len(drop.Names))
	}
	return all, changing, nil
}

// abandoned is the age at which a temporary file belongs to nobody any more, where several workers write some.
const abandoned = time.Hour

// sweep removes the temporary files that a dead process left behind. Only the holder of the pipeline lock may do it.
func (p *Pipeline) sweep() error {
	folders := []string{p.Archive.Dir, p.Exports}
	for _, inbox := range p.Inboxes {
		folders = append(folders, filepath.Join(inbox.Path, folderHeld), filepath.Join(inbox.Path, folderRefused))
	}
	for _, folder := range folders {
		left, err := filepath.Glob(filepath.Join(folder, temporaryPrefix+"*"))
		if err != nil || folder == "" {
			continue
		}
		for _, name := range left {
			if info, err := os.Lstat(name); err != nil || p.Hands != nil && time.Since(info.ModTime()) < abandoned {
				continue
			}
			if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("sweep: %w", err)
			}
		}
	}
	return nil
}

// noteMoves completes what a run left that died between moving an original and noting it: the original is no longer in
// an inbox, so it lies where its outcome belongs.
func (p *Pipeline) noteMoves(ctx context.Context, run int64) error {
	files, err := p.Store.Files(ctx, p.Entity.ID, 0)
	if err != nil {
		return fmt.Errorf("list files: %w", err)
	}
	for _, f := range files {
		got := Received{Name: shown(f.Name), File: f.ID, State: f.State}
		if f.Moved == folderHeld && f.State != recon.FileHeld {
			if err := p.putHeldAway(ctx, run, &got); err != nil {
				return err
			}
			continue
		}
		if f.Moved != "" || f.State == recon.FileRecorded {
			continue
		}
		if err := p.recall(ctx, &got); err != nil {
			return err
		}
		if err := p.noteMove(ctx, run, f, got); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pipeline) noteMove(ctx context.Context, run int64, f recon.FileRow, got Received) error {
	moved := inPlace
	for _, inbox := range p.Inboxes {
		target := filepath.Join(inbox.Path, folderOf(got), shortName(f.Name))
		if _, err := os.Lstat(target); err == nil {
			moved = folderOf(got)
			if err := leaveProblems(target, got); err != nil {
				return err
			}
		}
	}
	if err := p.Store.MarkMoved(ctx, p.act(run), p.Entity.ID, f.ID, moved); err != nil {
		return fmt.Errorf("note the move: %w", err)
	}
	return nil
}

// inPlace is noted of a file that was read where it lay, outside the inboxes.
const inPlace = "in place"

// folderOf is the folder of an inbox into which an original belongs.
func folderOf(got Received) string {
	switch {
	case got.Duplicate:
		return folderDuplicate
	case got.State == recon.FileBooked:
		return folderDone
	case got.State == recon.FileHeld:
		return folderHeld
	}
	return folderRefused
}

// receive takes one file through the commit points K1 to K7. inbox.Path is "" for a file outside the inboxes, which is left where it is.
func (p *Pipeline) receive(ctx context.Context, run int64, path string, inbox Inbox) (Received, error) {
	got := Received{Name: shown(path)}
	p.reached("K1.before")
	copied, problem, err := p.archive(path)
	if err != nil {
		return got, err
	}
	if problem != nil {
		return p.unarchived(got, *problem), nil
	}
	p.reached("K4.before")
	file, created, err := p.Store.RecordFile(ctx, p.act(run), recon.FileRow{Entity: p.Entity.ID, SHA256: copied.sum, Name: filepath.Base(path),
		Size: copied.size, Received: p.Now(), State: recon.FileRecorded})
	if err != nil {
		return got, fmt.Errorf("record file: %w", err)
	}
	p.reached("K4.after")
	got.File, got.State, got.Format = file.ID, file.State, file.Format
	switch {
	case file.State == recon.FileRecorded || file.State == recon.FileRefused: // what refused it may be mended by now
		if err := p.attempt(ctx, run, created, source{copied.sum, got.Name, inbox}, &got); err != nil {
			return got, err
		}
	case !created && file.Moved != "":
		got.Duplicate = true
	default: // stored by a run that died before it moved the original
		if err := p.recall(ctx, &got); err != nil {
			return got, err
		}
	}
	p.log(got)
	if got.Unread() {
		return got, nil
	}
	return got, p.putAway(ctx, run, path, copied, inbox, &got)
}

// archive copies a file into the archive and returns what was copied. It fails with errChanging where somebody is still
// writing to it.
func (p *Pipeline) archive(path string) (copied archived, problem *recon.Problem, err error) {
	f, problem, err := openPlain(path)
	if err != nil || problem != nil {
		return copied, problem, err
	}
	defer f.Close()
	limit := p.MaxFile
	if limit == 0 {
		limit = defaultMaxFile
	}
	if copied.info, err = f.Stat(); err != nil {
		return copied, nil, fmt.Errorf("stat %s: %w", shown(path), err)
	}
	copied.sum, copied.size, err = p.Archive.Put(f, limit)
	if errors.Is(err, errTooLarge) {
		return copied, &recon.Problem{Code: "FILE-TOO-LARGE", Where: shown(path), Severity: recon.Reject,
			Message: fmt.Sprintf("%s > %s", bytesText(copied.info.Size()), bytesText(limit)), Try: "split the statement, or raise limits.max_file"}, nil
	}
	if err != nil {
		return copied, nil, err
	}
	if after, err := f.Stat(); err != nil || !copied.is(after) {
		return copied, nil, errors.Join(errChanging, err)
	}
	return copied, nil, nil
}

// archived is a file as it was when it was copied.
type archived struct {
	info fs.FileInfo
	sum  string
	size int64
}

// is reports whether a file is still the one that was copied, unchanged.
func (a archived) is(now fs.FileInfo) bool {
	return os.SameFile(a.info, now) && a.info.Size() == now.Size() && a.info.ModTime().Equal(now.ModTime())
}

var errChanging = errors.New("somebody is still writing to the file")

// bytesText writes a size with a binary unit.
func bytesText(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i, whole, rest := 0, n, int64(0)
	for whole >= 1024 && i < len(units)-1 {
		whole, rest = whole/1024, whole%1024
		i++
	}
	if rest == 0 {
		return fmt.Sprintf("%d %s", whole, units[i])
	}
	return fmt.Sprintf("%d.%d %s", whole, rest*10/1024, units[i])
}

// unarchived is the outcome of something in an inbox that is no plain file of a fair size: it stays where it is.
func (p *Pipeline) unarchived(got Received, problem recon.Problem) Received {
	got.State, got.Problems = recon.FileRefused, []recon.Problem{problem}
	p.log(got)
	return got
}

// settle reads the archived copy, decides and stores the outcome (K5, K6).
func (p *Pipeline) settle(ctx context.Context, run int64, from source, got *Received) error {
	for attempt := 1; ; attempt++ {
		document, drafts, err := p.read(ctx, from)
		if err != nil {
			return err
		}
		j := &judged{from: from, document: document, file: got.File, drafts: drafts}
		err = p.alone(ctx, drafts, func(ctx context.Context, p *Pipeline) error { return p.conclusion(ctx, run, j, got) })
		if !errors.Is(err, store.ErrStale) || attempt == ingestAttempts {
			return err
		}
	}
}

// conclusion decides and stores what becomes of a file that was read.
func (p *Pipeline) conclusion(ctx context.Context, run int64, j *judged, got *Received) error {
	if err := p.assemble(ctx, j); err != nil {
		return err
	}
	if err := p.decide(ctx, j); err != nil {
		return err
	}
	p.reached("K6.before")
	outcome := p.outcome(ctx, j)
	if err := p.Store.SaveOutcome(ctx, p.act(run), outcome); err != nil {
		return fmt.Errorf("store %s: %w", got.Name, err)
	}
	p.reached("K6.after")
	got.describe(outcome)
	return p.putCompletedAway(ctx, run, outcome.Completes)
}

// contextReader stops reading when the work is called off.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}

// iban turns the id of one of our accounts into its number; other texts stay.
func (p *Pipeline) iban(account string) string {
	for _, a := range p.Entity.Accounts {
		if a.ID == account {
			return a.IBAN
		}
	}
	return account
}

// currency is that of the account that files are for, by its id or number, or of all our accounts where none is named; "" where
// these have several.
func (p *Pipeline) currency(account string) recon.Currency {
	var known []recon.Currency
	for _, a := range p.Entity.Accounts {
		if (account == "" || a.ID == account || sameAccount(a, account)) && !slices.Contains(known, a.Currency) {
			known = append(known, a.Currency)
		}
	}
	if len(known) != 1 {
		return ""
	}
	return known[0]
}

func (r *Received) describe(o store.Outcome) {
	r.State, r.Format, r.Problems = o.State, o.Format, o.Problems
	for _, s := range o.Statements {
		r.Statements = append(r.Statements, BookedStatement{s.StatementRow, s.Problems})
		r.Problems = append(r.Problems, s.Problems...)
		r.New += s.New
		r.Duplicates += s.Duplicates
		r.Pending += s.Pending
	}
}

// recall fills in the outcome that a former run stored.
func (p *Pipeline) recall(ctx context.Context, got *Received) error {
	detail, err := p.Store.File(ctx, p.Entity.ID, got.File)
	if err != nil {
		return fmt.Errorf("recall file: %w", err)
	}
	got.Problems = detail.Problems
	for _, s := range detail.Statements {
		got.Statements = append(got.Statements, BookedStatement{StatementRow: s})
		got.New, got.Duplicates, got.Pending = got.New+s.New, got.Duplicates+s.Duplicates, got.Pending+s.Pending
	}
	return nil
}

// putAway moves the original to where its outcome belongs (K7); problems of held and refused files lie beside it.
func (p *Pipeline) putAway(ctx context.Context, run int64, path string, copied archived, inbox Inbox, got *Received) error {
	got.Moved = inPlace
	if inbox.Path != "" {
		p.reached("K7.before")
		target, err := moveOriginal(path, filepath.Join(inbox.Path, folderOf(*got)), copied)
		if err != nil && !errors.Is(err, errChanging) {
			return err
		}
		if err == nil {
			if err := leaveProblems(target, *got); err != nil {
				return err
			}
			got.Moved = folderOf(*got)
		}
		p.reached("K7.moved")
	}
	if got.Duplicate {
		return nil
	}
	if err := p.Store.MarkMoved(ctx, p.act(run), p.Entity.ID, got.File, got.Moved); err != nil {
		return fmt.Errorf("note the move: %w", err)
	}
	p.reached("K7.after")
	return nil
}

// problemsEnding names the file beside an original that says why it was not booked.
const problemsEnding = ".problems.json"

func leaveProblems(target string, got Received) error {
	if got.Duplicate || got.State != recon.FileRefused && got.State != recon.FileHeld {
		return nil
	}
	return writeWhole(target+problemsEnding, func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(got.Problems)
	})
}

func (p *Pipeline) log(got Received) {
	fields := []zap.Field{zap.Int64("file_id", got.File), zap.String("file", got.Name), zap.String("state", string(got.State)),
		zap.Int("new", got.New), zap.Int("duplicates", got.Duplicates)}
	if got.State == recon.FileBooked {
		p.Log.Info("file received", fields...)
		return
	}
	var codes []string
	for _, problem := range got.Problems {
		if !slices.Contains(codes, problem.Code) {
			codes = append(codes, problem.Code)
		}
	}
	p.Log.Warn("file not booked", append(fields, zap.Strings("codes", codes))...)
}
