package books

import (
	"iter"

	"github.com/tieout/tieout/recon"
)

// Remember returns a view that reads each sequence of v once and keeps it: for several exports or reports of one state.
// It is as good as v only while v is.
func Remember(v View) View { return &memory{View: v} }

type memory struct {
	View
	entries      kept[recon.EntryRow]
	receipts     kept[recon.ReceiptRow]
	holdings     kept[recon.Holding]
	items        kept[recon.Item]
	starts       kept[recon.ItemStart]
	applications kept[recon.Application]
	decisions    kept[recon.DecisionRow]
}

// kept is a sequence that was read to its end.
type kept[T any] struct {
	rows []T
	read bool
}

func (k *kept[T]) all(from iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if !k.read {
			rows := make([]T, 0, 1024)
			for row, err := range from {
				if err != nil {
					yield(row, err)
					return
				}
				rows = append(rows, row)
			}
			k.rows, k.read = rows, true
		}
		for _, row := range k.rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (m *memory) Entries() iter.Seq2[recon.EntryRow, error] { return m.entries.all(m.View.Entries()) }
func (m *memory) Receipts() iter.Seq2[recon.ReceiptRow, error] {
	return m.receipts.all(m.View.Receipts())
}
func (m *memory) Holdings() iter.Seq2[recon.Holding, error] { return m.holdings.all(m.View.Holdings()) }
func (m *memory) Items() iter.Seq2[recon.Item, error]       { return m.items.all(m.View.Items()) }
func (m *memory) ItemStarts() iter.Seq2[recon.ItemStart, error] {
	return m.starts.all(m.View.ItemStarts())
}
func (m *memory) Applications() iter.Seq2[recon.Application, error] {
	return m.applications.all(m.View.Applications())
}
func (m *memory) Decisions() iter.Seq2[recon.DecisionRow, error] {
	return m.decisions.all(m.View.Decisions())
}
