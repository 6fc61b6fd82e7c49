package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/store"
)

// exportKinds are the files that a nightly run writes, in order.
var exportKinds = []string{"applications", "journal"}

// export writes what was recorded since the last export of each kind. A batch whose file was not finished by a former
// run is written again, to the same bytes, before the next one of its kind.
func (p *Pipeline) export(ctx context.Context, run int64) (written []string, err error) {
	for p.Exports != "" {
		batches, err := p.openBatches(ctx, run)
		if err != nil || len(batches) == 0 {
			return written, err
		}
		names, err := p.writeBatches(ctx, run, batches)
		written = append(written, names...)
		if err != nil {
			return written, err
		}
	}
	return nil, nil
}

func (p *Pipeline) openBatches(ctx context.Context, run int64) (batches []store.Batch, err error) {
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

// writeBatches writes the files of batches from one state and then notes each.
func (p *Pipeline) writeBatches(ctx context.Context, run int64, batches []store.Batch) (names []string, err error) {
	sums := make([]string, len(batches))
	err = p.Store.Snapshot(ctx, p.Entity.ID, func(view store.View) error {
		remembered := books.Remember(view)
		for i, batch := range batches {
			p.progress("export", i, len(batches))
			p.reached("K10.before")
			name, sum, err := p.writeBatch(remembered, batch)
			if err != nil {
				return fmt.Errorf("write export %s: %w", name, err)
			}
			p.reached("K10.after")
			names, sums[i] = append(names, name), sum
		}
		return nil
	})
	p.progress("export", len(names), len(batches))
	for i, name := range names {
		if err := p.Store.MarkWritten(ctx, p.act(run), p.Entity.ID, batches[i].ID, name, sums[i]); err != nil {
			return names[:i], fmt.Errorf("note export %s: %w", name, err)
		}
	}
	return names, err
}

func (p *Pipeline) writeBatch(view books.View, batch store.Batch) (name, sum string, err error) {
	name = fmt.Sprintf("%s-%06d.csv", batch.Kind, batch.ID)
	hash := sha256.New()
	err = writeWhole(filepath.Join(p.Exports, name), func(w io.Writer) error {
		return p.writeExport(io.MultiWriter(w, hash), view, batch)
	})
	return name, hex.EncodeToString(hash.Sum(nil)), err
}

func (p *Pipeline) writeExport(w io.Writer, view books.View, batch store.Batch) error {
	selection := books.Selection{Batch: true,
		ApplicationsAfter: batch.ApplicationsAfter, ApplicationsUntil: batch.ApplicationsUntil,
		DecisionsAfter: batch.DecisionsAfter, DecisionsUntil: batch.DecisionsUntil,
		EntriesAfter: batch.EntriesAfter, EntriesUntil: batch.EntriesUntil,
		ItemsAfter: batch.ItemsAfter, ItemsUntil: batch.ItemsUntil}
	if batch.Kind == "journal" {
		return books.WriteJournal(w, view, p.Rules.Ledger, selection, books.FormatCSV)
	}
	return books.WriteApplications(w, view, selection, books.FormatCSV)
}
