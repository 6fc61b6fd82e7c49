package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"sync"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/store"
)

// exportKinds are the files that a nightly run writes, in order.
var exportKinds = []string{"applications", "journal"}

// conclude exports what was recorded since the last export of each kind, proves the books, and reports the run: all from
// one state that is read once. A batch whose file a former run did not finish is written again, to the same bytes,
// before the next one of its kind.
func (p *Pipeline) conclude(ctx context.Context, result *Result, facts books.RunFacts) error {
	for reported := false; ; reported = true {
		batches, err := p.openBatches(ctx, result.Run)
		if err != nil {
			return err
		}
		if reported && len(batches) == 0 {
			return nil
		}
		sums := make([]string, len(batches))
		err = p.Store.Snapshot(ctx, p.Entity.ID, func(view store.View) error {
			state, err := books.Load(view)
			if err != nil {
				return fmt.Errorf("read the books: %w", err)
			}
			var written, proved error
			var side sync.WaitGroup
			side.Go(func() { written = p.writeBatches(state, batches, sums) })
			if !reported {
				side.Go(func() { result.Report, proved = books.Run(state, p.Rules, facts, matcher.Sentence) })
			}
			side.Wait()
			return firstError(written, proved)
		})
		if err != nil {
			return err
		}
		for i, batch := range batches {
			if err := p.Store.MarkWritten(ctx, p.act(result.Run), p.Entity.ID, batch.ID, batchName(batch), sums[i]); err != nil {
				return fmt.Errorf("note export %s: %w", batchName(batch), err)
			}
			result.Exported = append(result.Exported, batchName(batch))
		}
	}
}

func (p *Pipeline) openBatches(ctx context.Context, run int64) (batches []store.Batch, err error) {
	if p.Exports == "" {
		return nil, nil
	}
	for _, kind := range exportKinds {
		batch, ok, err := p.Store.OpenBatch(ctx, p.act(run), p.Entity.ID, kind)
		if err != nil {
			return nil, fmt.Errorf("open export batch: %w", err)
		}
		if ok {
			batches = append(batches, batch)
		}
	}
	return batches, nil
}

// writeBatches writes the files of batches from one state.
func (p *Pipeline) writeBatches(state books.View, batches []store.Batch, sums []string) error {
	for i, batch := range batches {
		p.reached("K10.before")
		hash := sha256.New()
		err := writeWhole(filepath.Join(p.Exports, batchName(batch)), func(w io.Writer) error {
			return p.writeExport(io.MultiWriter(w, hash), state, batch)
		})
		if err != nil {
			return fmt.Errorf("write export %s: %w", batchName(batch), err)
		}
		p.reached("K10.after")
		sums[i] = hex.EncodeToString(hash.Sum(nil))
	}
	return nil
}

func batchName(b store.Batch) string { return fmt.Sprintf("%s-%06d.csv", b.Kind, b.ID) }

func (p *Pipeline) writeExport(w io.Writer, view books.View, batch store.Batch) error {
	selection := books.Selection{Batch: true,
		ApplicationsAfter: batch.ApplicationsAfter, ApplicationsUntil: batch.ApplicationsUntil,
		DecisionsAfter: batch.DecisionsAfter, DecisionsUntil: batch.DecisionsUntil,
		EntriesAfter: batch.EntriesAfter, EntriesUntil: batch.EntriesUntil,
		ItemsAfter: batch.ItemsAfter, ItemsUntil: batch.ItemsUntil,
		ClosesAfter: batch.ClosesAfter, ClosesUntil: batch.ClosesUntil}
	if batch.Kind == "journal" {
		return books.WriteJournal(w, view, p.Rules.Ledger, selection, books.FormatCSV)
	}
	return books.WriteApplications(w, view, selection, books.FormatCSV)
}
