package worker

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Check is the verdict on one invariant.
type Check = books.Check

// AnyBroken reports whether a check failed.
func AnyBroken(checks []Check) bool {
	for _, c := range checks {
		if !c.OK {
			return true
		}
	}
	return false
}

// Verify proves the invariants on one consistent state, one check each. Deep re-hashes every archived file and reads
// camt.053.001.08 files a second time through another reader.
func (p *Pipeline) Verify(ctx context.Context, deep bool) (checks []Check, err error) {
	var files []recon.FileRow
	err = p.Store.Snapshot(ctx, p.Entity.ID, func(view store.View) (err error) {
		if files, err = view.Files(); err != nil {
			return err
		}
		checks, err = books.Verify(view, p.Rules)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p.verifyFiles(ctx, checks, files, deep)
}

// verifyArchived completes what a run proved of the books by the archive.
func (p *Pipeline) verifyArchived(ctx context.Context, proved []Check) ([]Check, error) {
	files, err := p.Store.Files(ctx, p.Entity.ID, 0)
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	return p.verifyFiles(ctx, proved, files, false)
}

// verifyFiles adds what only the archive can prove, and the audit chain of what belongs to no company.
func (p *Pipeline) verifyFiles(ctx context.Context, checks []Check, files []recon.FileRow, deep bool) ([]Check, error) {
	archived, err := p.verifyArchive(files, deep)
	if err != nil {
		return nil, err
	}
	var house Check
	if err := p.Store.Snapshot(ctx, store.House, func(view store.View) (err error) {
		house, err = books.VerifyHouse(view)
		return err
	}); err != nil {
		return nil, err
	}
	checks = append(checks, archived, house)
	if deep {
		second, err := p.readAgain(ctx, files)
		if err != nil {
			return nil, err
		}
		checks = append(checks, second)
	}
	return checks, nil
}

// verifyArchive proves that every file that was recorded is in the archive; deep also that its bytes are the ones received.
func (p *Pipeline) verifyArchive(files []recon.FileRow, deep bool) (Check, error) {
	var faults []string
	for i, f := range files {
		p.progress("verify archive", i, len(files))
		fault, err := p.archiveFault(f.SHA256, deep)
		if err != nil {
			return Check{}, err
		}
		if fault != "" {
			faults = append(faults, fmt.Sprintf("file %d %s", f.ID, fault))
		}
	}
	p.progress("verify archive", len(files), len(files))
	name := "every file received is in the archive"
	if deep {
		name += " with the bytes received"
	}
	return check("ARCHIVE", name, fmt.Sprintf("%d files", len(files)), faults), nil
}

func (p *Pipeline) archiveFault(sum string, deep bool) (string, error) {
	if deep {
		return p.Archive.Check(sum)
	}
	blob, err := p.Archive.Open(sum)
	if err != nil {
		return "missing from the archive", nil
	}
	return "", blob.Close()
}

// readAgain reads archived version-08 statements through the second reader and compares.
func (p *Pipeline) readAgain(ctx context.Context, files []recon.FileRow) (Check, error) {
	var faults []string
	read := 0
	for i, f := range files {
		p.progress("second reader", i, len(files))
		if f.Format != "camt.053.001.08" || f.State == recon.FileRefused {
			continue
		}
		read++
		differences, err := p.compareReaders(ctx, f)
		if err != nil {
			return Check{}, err
		}
		for _, d := range differences {
			faults = append(faults, fmt.Sprintf("file %d: %s", f.ID, d))
		}
	}
	p.progress("second reader", len(files), len(files))
	return check("SECOND", "a second reader finds the same in camt.053.001.08 files", fmt.Sprintf("%d files", read), faults), nil
}

func (p *Pipeline) compareReaders(ctx context.Context, f recon.FileRow) ([]string, error) {
	blob, err := p.Archive.Open(f.SHA256)
	if err != nil {
		return nil, err
	}
	defer blob.Close()
	document, err := ingest.Read(shown(f.Name), contextReader{ctx, blob}, ingest.Options{MaxBytes: p.MaxFile})
	if err != nil {
		return nil, err
	}
	if _, err := blob.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read archived file again: %w", err)
	}
	second, err := ingest.SecondRead(contextReader{ctx, blob})
	if err != nil {
		return []string{"the second reader fails: " + err.Error()}, nil
	}
	return ingest.Compare(document.Statements, second), nil
}

// check makes a verdict: the counts where nothing is wrong, else the first faults.
func check(id, name, counts string, faults []string) Check {
	if len(faults) == 0 {
		return Check{ID: id, Name: name, OK: true, Detail: counts}
	}
	detail := strings.Join(faults[:min(len(faults), 5)], "; ")
	if more := len(faults) - 5; more > 0 {
		detail += fmt.Sprintf("; and %d more", more)
	}
	return Check{ID: id, Name: name, Detail: detail}
}
