package store

import (
	"iter"

	"github.com/tieout/tieout/recon"
)

// History shows what the engine had to decide, whatever became of it. Sequences come by booking day and id; a broken read ends
// them with an error.
type History interface {
	// Received yields every receipt of the bank with its whole amount to apply, and the items that people parted from it.
	Received() iter.Seq2[recon.Receipt, error]
	// TakenBack yields every return.
	TakenBack() iter.Seq2[recon.Return, error]
}
