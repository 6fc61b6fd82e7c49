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
// run is written again, to the same bytes.
func (p *Pipeline) export(ctx context.Context, run int64) (written []string, err error) {
	if p.Exports == "" {
		return nil, nil
	}
	for _, kind := range exportKinds {
		for {
			batch, ok, err := p.Store.OpenBatch(ctx, p.act(run), p.Entity.ID, kind)
			if err != nil {
				return written, fmt.Errorf("open export batch: %w", err)
			}
			if !ok {
				break
			}
			name, err := p.writeBatch(ctx, run, batch)
			if err != nil {
				return written, err
			}
			written = append(written, name)
		}
	}
	return written, nil
}

func (p *Pipeline) writeBatch(ctx context.Context, run int64, batch store.Batch) (string, error) {
	name := fmt.Sprintf("%s-%06d.csv", batch.Kind, batch.ID)
	hash := sha256.New()
	p.reached("K10.before")
	err := writeWhole(filepath.Join(p.Exports, name), func(w io.Writer) error {
		return p.Store.Snapshot(ctx, p.Entity.ID, func(view store.View) error {
			return p.writeExport(io.MultiWriter(w, hash), view, batch)
		})
	})
	if err != nil {
		return "", fmt.Errorf("write export %s: %w", name, err)
	}
	p.reached("K10.after")
	if err := p.Store.MarkWritten(ctx, p.act(run), p.Entity.ID, batch.ID, name, hex.EncodeToString(hash.Sum(nil))); err != nil {
		return "", fmt.Errorf("note export %s: %w", name, err)
	}
	return name, nil
}

func (p *Pipeline) writeExport(w io.Writer, view store.View, batch store.Batch) error {
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
