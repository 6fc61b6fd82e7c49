package postgres

import (
	"context"
	"iter"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Snapshot calls read with a view of one consistent state.
func (s *Store) Snapshot(ctx context.Context, entity string, read func(store.View) error) error {
	sessions, err := s.freeze(ctx)
	if err != nil {
		return err
	}
	defer sessions.close()
	return read(view{&reading{ctx: ctx, entity: entity, query: sessions.ask}})
}

// view is one consistent state of an entity. Its sequences may be read inside one another, and side by side.
type view struct{ r *reading }

var _ store.View = view{}

func (v view) Accounts() ([]recon.Account, error) { return v.r.accounts() }

func (v view) Statements() ([]recon.StatementRow, error) { return v.r.statements() }

func (v view) Customers() ([]recon.Customer, error) { return v.r.allCustomers() }

func (v view) Files() ([]recon.FileRow, error) { return v.r.files(0) }

func (v view) ClosedUntil() (recon.Date, error) { return v.r.closedUntil() }

func (v view) Missing() ([]string, error) { return v.r.missing() }

func (v view) Entries() iter.Seq2[recon.EntryRow, error] {
	return stream(v.r, func(rows *row, e *recon.EntryRow) error {
		return rows.Scan(&e.ID, &e.Statement, (*storedWord)(&e.AccountID), &e.Fingerprint, (*storedInt)(&e.Occurrence), (*storedWord)(&e.Class), (*storedWord)(&e.Ledger),
			(*storedInstant)(&e.Recorded), (*storedDay)(&e.Effective), &e.AmountMinor, (*storedWord)(&e.Currency), (*storedDay)(&e.Booked),
			&e.BankReference, &e.Counterparty.Name, &e.Batch, &e.ChargesMinor, (*storedFlag)(&e.Whole))
	}, `SELECT id, statement, account_id, fingerprint, occurrence, class, ledger, recorded, effective, amount, currency, booked,
			bank_reference, payer_name, batch, charges, whole FROM entry WHERE entity_id = ? ORDER BY id`, v.r.entity)
}

func (v view) Receipts() iter.Seq2[recon.ReceiptRow, error] {
	return stream(v.r, scanReceipt, `SELECT r.id, r.by_hand, r.account_id, r.customer, r.currency, r.amount, r.allocated, r.refunded, r.day, r.effective,
			coalesce(h.method, ''), coalesce(h.cheque, ''), r.cleared_by, r.clears, r.cleared_on, r.returned, r.recorded
		FROM receipt AS r LEFT JOIN hand_payment AS h ON h.entity_id = r.entity_id AND h.receipt = r.id
		WHERE r.entity_id = ? ORDER BY r.id`, v.r.entity)
}

func scanReceipt(rows *row, r *recon.ReceiptRow) error {
	return rows.Scan(&r.ID, (*storedFlag)(&r.ByHand), (*storedWord)(&r.AccountID), (*storedWord)(&r.Customer), (*storedWord)(&r.Currency), &r.AmountMinor, &r.AllocatedMinor,
		&r.RefundedMinor, (*storedDay)(&r.Date), (*storedDay)(&r.Effective), (*storedWord)(&r.Method), &r.Cheque, &r.ClearedBy, &r.Clears, (*storedDay)(&r.ClearedOn),
		(*storedFlag)(&r.Returned), (*storedInstant)(&r.Recorded))
}

func (v view) Holdings() iter.Seq2[recon.Holding, error] {
	return stream(v.r, func(rows *row, h *recon.Holding) error {
		return rows.Scan(&h.ID, (*storedWord)(&h.Kind), &h.Receipt, (*storedWord)(&h.Customer), &h.Order, (*storedWord)(&h.Currency), &h.AmountMinor, &h.AllocatedMinor)
	}, `SELECT id, kind, receipt, customer, order_number, currency, amount, allocated FROM holding
		WHERE entity_id = ? AND reversed = 0 ORDER BY id`, v.r.entity)
}

// Items come complete: what only few of them have is read before.
func (v view) Items() iter.Seq2[recon.Item, error] {
	about, err := v.r.extras(nil)
	if err != nil {
		return func(yield func(recon.Item, error) bool) { yield(recon.Item{}, err) }
	}
	return stream(v.r, func(rows *row, i *recon.Item) error {
		err := scanItem(rows, i)
		about.complete(i)
		return err
	}, `SELECT `+itemColumns+` FROM item WHERE entity_id = ? ORDER BY id`, v.r.entity)
}

func (v view) ItemStarts() iter.Seq2[recon.ItemStart, error] {
	return stream(v.r, func(rows *row, s *recon.ItemStart) error {
		return rows.Scan(&s.Item, &s.OpenMinor, (*storedDay)(&s.Effective), (*storedInstant)(&s.Recorded))
	}, `SELECT item, amount, effective, recorded FROM item_start WHERE entity_id = ? ORDER BY item, ordinal`, v.r.entity)
}

func (v view) Applications() iter.Seq2[recon.Application, error] {
	return stream(v.r, scanApplication, selectApplications+`FROM application AS a WHERE a.entity_id = ? ORDER BY a.id`, v.r.entity)
}

func (v view) Decisions() iter.Seq2[recon.DecisionRow, error] {
	return stream(v.r, func(rows *row, d *recon.DecisionRow) error {
		return rows.Scan(&d.ID, &d.Receipt, (*storedWord)(&d.Source), (*storedFlag)(&d.Return), (*storedWord)(&d.Outcome), (*storedWord)(&d.Reason), &d.Score,
			(*storedWord)(&d.Customer), (*storedWord)(&d.Actor), (*storedInstant)(&d.At), &d.Run, (*storedWord)(&d.Rules), &d.Supersedes, (*storedFlag)(&d.Live), (*storedWord)(&d.Ledger))
	}, `SELECT d.id, d.source_id, d.source_kind, d.is_return, d.outcome, d.reason, d.score, d.customer, d.actor, d.at, d.run, d.rules, d.supersedes,
			NOT EXISTS (SELECT 1 FROM decision AS n WHERE n.entity_id = d.entity_id AND n.source_kind = d.source_kind
				AND n.source_id = d.source_id AND n.supersedes = d.id), d.ledger
		FROM decision AS d WHERE d.entity_id = ? ORDER BY d.id`, v.r.entity)
}

func (v view) Records() iter.Seq2[recon.RecordRow, error] {
	return stream(v.r, func(rows *row, r *recon.RecordRow) error {
		return rows.Scan(&r.Statement, (*storedInt)(&r.Ordinal), (*storedWord)(&r.Kind), &r.Entry, &r.Fingerprint, &r.AmountMinor, (*storedDay)(&r.Booked))
	}, `SELECT statement, ordinal, kind, entry, fingerprint, amount, booked FROM record WHERE entity_id = ? ORDER BY statement, ordinal`, v.r.entity)
}

func (v view) Audit() iter.Seq2[recon.AuditRow, error] {
	return stream(v.r, scanAudit, `SELECT seq, canonical, hash FROM audit WHERE entity_id = ? ORDER BY seq`, v.r.entity)
}
