package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Money held and credit notes as funds. The decision in force on a credit note is its last one: they follow each other.
const (
	selectHoldings = `SELECT h.kind, h.id, '', 'receivable', h.receipt, h.customer, h.order_number, h.currency, h.amount, h.amount - h.allocated, h.effective, h.decision
		FROM holding AS h WHERE h.entity_id = ?1 AND h.reversed = 0 AND h.allocated < h.amount`
	selectNotes = `SELECT 'credit_note', i.id, i.number, i.side, 0, i.customer, i.order_number, i.currency, i.amount, i.amount - i.settled, i.effective, ` + noteDecision + `
		FROM item AS i WHERE i.entity_id = ?1 AND i.kind = 'credit_note' AND i.cancelled = 0 AND i.settled < i.amount`
	noteDecision = `coalesce((SELECT max(n.id) FROM decision AS n WHERE n.entity_id = i.entity_id AND n.source_kind = 'credit_note' AND n.source_id = i.id), 0)`
)

func scanFund(rows *row, f *store.Fund) error {
	return rows.Scan((*string)(&f.Source.Kind), &f.Source.ID, &f.Number, (*string)(&f.Side), &f.Receipt, &f.Customer, &f.Order, (*string)(&f.Currency),
		&f.AmountMinor, &f.LeftMinor, (*storedDay)(&f.Day), &f.Standing)
}

// Funds lists money on account, advances and credit notes that are not used up.
func (s *Store) Funds(ctx context.Context, entity string, filter store.FundFilter) (funds []store.Fund, err error) {
	held, notes, args := []string{selectHoldings}, []string{selectNotes}, []any{entity}
	if filter.Customer != "" {
		args = append(args, filter.Customer)
		held, notes = append(held, `h.customer = ?2`), append(notes, `i.customer = ?2`)
	}
	switch of := filter.Source; of.Kind {
	case recon.SourceNone:
	case recon.SourceCreditNote:
		args = append(args, of.ID)
		held, notes = append(held, `1 = 0`), append(notes, fmt.Sprintf(`i.id = ?%d`, len(args)))
	default:
		args = append(args, of.ID, string(of.Kind))
		held, notes = append(held, fmt.Sprintf(`h.id = ?%d AND h.kind = ?%d`, len(args)-1, len(args))), append(notes, `1 = 0`)
	}
	query := strings.Join(held, " AND ") + ` UNION ALL ` + strings.Join(notes, " AND ") + ` ORDER BY 6, 11, 1, 2`
	err = s.read(ctx, entity, func(r *reading) error {
		funds, err = collect(r, scanFund, query, args...)
		return err
	})
	return funds, err
}

// Allocate places a fund, or part of it, on a person's word.
func (s *Store) Allocate(ctx context.Context, act store.Act, allocation store.Allocation) (decision int64, err error) {
	err = s.change(ctx, act, allocation.Entity, "allocation", func(c *change) error {
		decision, err = c.allocate(allocation)
		return err
	})
	if err != nil {
		return 0, err
	}
	return decision, nil
}

// allocate carries out an allocation; where it is in force already it ends with errNothing.
func (c *change) allocate(allocation store.Allocation) (decision int64, err error) {
	about, err := c.fund(allocation.Source)
	if err != nil {
		return 0, err
	}
	d := verdict{note: allocation.Reason, byPerson: true, day: max(about.day, allocation.Day), Decision: recon.Decision{Source: allocation.Source, Outcome: recon.Manual, Reason: recon.ReasonManual,
		Customer: about.customer, Lines: allocation.Lines}}
	if allocation.Digest != "" {
		d.digest = "manual:" + allocation.Digest
	}
	if about.decision != 0 && d.digest != "" && about.digest == d.digest {
		return about.decision, errNothing
	}
	if about.decision != allocation.Standing {
		return 0, fmt.Errorf("%s %d was decided anew: %w", allocation.Source.Kind, allocation.Source.ID, store.ErrStale)
	}
	j := newJudge(c)
	if err := j.know(itemsOf(allocation.Lines, nil)); err != nil {
		return 0, err
	}
	if err := j.decide(about, &d); err != nil {
		return 0, err
	}
	return d.id, j.flush()
}

// fund loads money that is placed outside the queue; ErrNotFound where there is none.
func (r *reading) fund(source recon.Source) (*subject, error) {
	if source.Kind != recon.SourceOnAccount && source.Kind != recon.SourceAdvance && source.Kind != recon.SourceCreditNote {
		return nil, fmt.Errorf("%s %d is decided in the queue: %w", source.Kind, source.ID, store.ErrStale)
	}
	all, err := r.subjects([]recon.Source{source})
	if err != nil {
		return nil, err
	}
	if all[source] == nil {
		return nil, fmt.Errorf("%s %d: %w", source.Kind, source.ID, store.ErrNotFound)
	}
	return all[source], nil
}

// ApplicationsOn returns the applications that lower an item or use it as a credit note.
func (s *Store) ApplicationsOn(ctx context.Context, entity string, item int64) (applications []recon.Application, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		applications, err = collect(r, scanApplication, selectApplications+`FROM application AS a WHERE a.entity_id = ?1 AND a.id IN (
				SELECT t.id FROM application AS t WHERE t.entity_id = ?1 AND t.item = ?2 AND t.item > 0
				UNION SELECT n.id FROM application AS n WHERE n.entity_id = ?1 AND n.source_kind = 'credit_note' AND n.source_id = ?2)
			ORDER BY a.id`, entity, item)
		return err
	})
	return applications, err
}
