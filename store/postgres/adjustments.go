package postgres

import (
	"context"
	"fmt"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Adjust lowers what is open of an item against an account of the ledger.
func (s *Store) Adjust(ctx context.Context, act store.Act, adjustment store.Adjustment) (application int64, err error) {
	err = s.change(ctx, act, adjustment.Entity, "adjustment", func(c *change) error {
		if adjustment.AmountMinor <= 0 || adjustment.Ledger == "" {
			return fmt.Errorf("an adjustment of %d to account %q", adjustment.AmountMinor, adjustment.Ledger)
		}
		item, err := c.seenItem(adjustment.Item, adjustment.Version)
		if err != nil {
			return err
		}
		application, err = newSettlement(c).adjust(item, adjustment)
		return err
	})
	if err != nil {
		return 0, err
	}
	return application, nil
}

func (s *settlement) adjust(item recon.Item, adjustment store.Adjustment) (int64, error) {
	a := recon.Application{Item: item.ID, Kind: recon.Adjustment, AmountMinor: adjustment.AmountMinor, TaxMinor: adjustment.TaxMinor, Currency: item.Currency,
		Customer: item.Customer, Original: adjustment.Day, Reason: recon.ReasonAdjusted, Ledger: adjustment.Ledger, Note: adjustment.Reason}
	var err error
	if a.Effective, err = s.openDay(a.Original); err != nil {
		return 0, err
	}
	if err := s.reduce(item.ID, &a); err != nil {
		return 0, err
	}
	if err := s.write(a, &subject{}); err != nil {
		return 0, err
	}
	id := s.pending[0].ID
	if err := s.tell(); err != nil {
		return 0, err
	}
	return id, s.flush()
}
