package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Imported is what an import did. With a reject or hold among its problems it did nothing.
type Imported struct {
	Problems                         []recon.Problem
	New, Changed, Unchanged, Settled int // Settled: fell by settlements outside tieout
	Advances                         int // that waited for the items and were applied to them
}

// Done reports whether the import was taken.
func (r Imported) Done() bool {
	return recon.Worst(r.Problems) != recon.Reject && recon.Worst(r.Problems) != recon.Hold
}

// ItemsImport says how to take a file of open items.
type ItemsImport struct {
	Name     string
	Snapshot bool       // the whole open book: open items it does not list were settled elsewhere
	AsOf     recon.Date // day of the export; 0 = today
	Accept   bool       // take it although its reader or the books hold it
	Options  ingest.ImportOptions
}

// ImportItems takes a file of open items, whole or not at all.
func (p *Pipeline) ImportItems(ctx context.Context, r io.Reader, how ItemsImport) (result Imported, err error) {
	how.Options.Mapping = p.Columns["items"]
	hash := sha256.New()
	rows, problems, err := ingest.ReadItems(how.Name, io.TeeReader(r, hash), how.Options)
	if err != nil {
		return result, err
	}
	result.Problems = accepted(problems, how.Accept)
	if !result.Done() {
		return result, nil
	}
	if how.AsOf == 0 {
		how.AsOf = recon.DateOf(p.Now())
	}
	changes, problems, err := p.planItems(ctx, rows, how)
	if err != nil {
		return result, err
	}
	result.Problems = append(result.Problems, accepted(problems, how.Accept)...)
	if !result.Done() {
		return result, nil
	}
	changes.Digest = fmt.Sprintf("%s/%v/%s", hex.EncodeToString(hash.Sum(nil)), how.Snapshot, how.AsOf)
	result.New, result.Changed, result.Settled = len(changes.New), len(changes.Changed), len(changes.External)
	result.Unchanged = len(rows) - len(changes.New) - len(changes.Changed)
	if err := p.Store.SaveItems(ctx, p.act(0), changes); errors.Is(err, store.ErrDuplicate) {
		return Imported{Problems: result.Problems, Unchanged: len(rows)}, nil
	} else if err != nil {
		return result, fmt.Errorf("store items: %w", err)
	}
	result.Advances, err = p.placeAdvances(ctx, changes)
	return result, err
}

// accepted turns what is held into warnings where a person accepts it.
func accepted(problems []recon.Problem, accept bool) []recon.Problem {
	for i := range problems {
		if accept && problems[i].Severity == recon.Hold {
			problems[i].Severity = recon.Warn
		}
	}
	return problems
}
