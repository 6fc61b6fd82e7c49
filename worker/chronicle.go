package worker

import (
	"iter"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// chronicle is all that a backtest needs of what is stored.
type chronicle struct {
	receipts     []recon.Receipt
	returns      []recon.Return
	rows         []recon.ReceiptRow
	entries      []recon.EntryRow
	items        []recon.Item
	starts       []recon.ItemStart
	disputes     []recon.DisputeRecord
	customers    []recon.Customer
	applications []recon.Application
	decisions    []recon.DecisionRow
}

func (h *chronicle) read(view store.View) (err error) {
	if h.customers, err = view.Customers(); err != nil {
		return err
	}
	for _, read := range []func() error{
		func() error { return gather(view.Received(), &h.receipts) },
		func() error { return gather(view.TakenBack(), &h.returns) },
		func() error { return gather(view.Receipts(), &h.rows) },
		func() error { return gather(view.Entries(), &h.entries) },
		func() error { return gather(view.Items(), &h.items) },
		func() error { return gather(view.ItemStarts(), &h.starts) },
		func() error { return gather(view.Disputes(), &h.disputes) },
		func() error { return gather(view.Applications(), &h.applications) },
		func() error { return gather(view.Decisions(), &h.decisions) },
	} {
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}

func gather[T any](from iter.Seq2[T, error], to *[]T) error {
	for one, err := range from {
		if err != nil {
			return err
		}
		*to = append(*to, one)
	}
	return nil
}
