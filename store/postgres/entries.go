package postgres

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// entryColumns are those of [recon.EntryRow]; remittanceColumns among them are what a receipt shows of its entry.
const (
	entryColumns = `id, statement, account_id, fingerprint, occurrence, class, ledger, recorded, effective, amount, currency, booked, ` +
		remittanceColumns + `, status, reversal, entry_reference, batch, bank_code, purpose, return_reason, original_end_to_end, place`
	remittanceColumns = `value_day, bank_reference, payer_name, payer_account, ultimate, structured, document_numbers, end_to_end_id, mandate_id,
	transaction_id, text, lines, additional, original, original_currency, charges, charge_bearer, cheque, whole`
)

// entryWriter stores the records of statements: entries with their receipts and returns, and what is none of them.
type entryWriter struct {
	*change
	entries, records, receipts, returns *batch
	waiting                             freshRange // receipts of the statement under way
}

func newEntryWriter(c *change) *entryWriter {
	return &entryWriter{change: c,
		entries: c.into(nounEntry, "entry", "entity_id, "+entryColumns),
		records: c.into("record", "record", "entity_id, statement, ordinal, kind, entry, fingerprint, amount, booked"),
		receipts: c.into("", "receipt", `entity_id, id, by_hand, account_id, customer, currency, amount, allocated, refunded, day, effective,
			cleared_by, clears, cleared_on, returned, recorded, state, decision`),
		returns: c.into("", "returned", "entity_id, id, amount, day, state, decision"),
	}
}

// record stores the next record of a statement; its new entries get consecutive ids.
func (w *entryWriter) record(s *bookedStatement, r store.Record) error {
	s.ordinal++
	if r.Kind != recon.FateNew {
		return w.other(s, r)
	}
	err := w.entry(s, r)
	s.nextEntry++
	return stale(err)
}

// flush writes what was taken of a statement and not yet written.
func (w *entryWriter) flush() error {
	err := errors.Join(stale(w.entries.flush()), w.receipts.flush(), w.returns.flush(), w.records.flush())
	if err != nil || w.waiting.waiting == 0 {
		return err
	}
	err = w.newReceipts(w.waiting)
	w.waiting = freshRange{}
	return err
}

// stale tells that somebody else took an occurrence.
func stale(err error) error {
	if clashes(err) {
		return fmt.Errorf("an entry is stored already: %w", store.ErrStale)
	}
	return err
}

func (w *entryWriter) entry(s *bookedStatement, r store.Record) error {
	id, e, fate := s.nextEntry, r.Entry, r.Fate
	effective, err := w.openDay(e.Booked)
	if err != nil {
		return err
	}
	var original any
	var originalCurrency string
	if e.Original != nil {
		original, originalCurrency = e.Original.Minor, string(e.Original.Currency)
	}
	recorded := instant(w.act.At)
	if err := w.entries.add(key(id), w.entity, id, s.id, s.account, fate.Fingerprint.String(), fate.Occurrence, string(fate.Class), fate.Ledger,
		recorded, day(effective), e.AmountMinor, string(e.Currency), day(e.Booked), day(e.Value), e.BankReference,
		e.Counterparty.Name, e.Counterparty.Account, e.Ultimate, joined(e.Structured), joined(e.DocumentNumbers), e.EndToEndID, e.MandateID,
		e.TransactionID, e.Text, joined(e.Lines), e.Additional, original, originalCurrency, e.ChargesMinor, e.ChargeBearer, e.Cheque, flag(e.Whole),
		string(e.Status), flag(e.Reversal), e.EntryReference, e.Batch, e.BankCode, e.Purpose, e.ReturnReason, e.OriginalEndToEnd, e.Place); err != nil {
		return err
	}
	switch fate.Class {
	case recon.ClassReceipt:
		w.waiting.count(id)
		return w.receipts.add("", w.entity, id, 0, s.account, "", string(e.Currency), e.AmountMinor, 0, 0, day(e.Booked), day(effective),
			0, 0, 0, 0, recorded, stateEngine, 0)
	case recon.ClassReturn:
		return w.returns.add("", w.entity, id, -e.AmountMinor, day(e.Booked), stateEngine, 0)
	}
	return nil
}

// other stores a record that did not become an entry of its own.
func (w *entryWriter) other(s *bookedStatement, r store.Record) error {
	var original int64
	print := r.Fingerprint.String()
	if r.Kind == recon.FateDuplicate {
		id, found, err := first(&w.reading, scanNumber, `SELECT id FROM entry WHERE entity_id = ? AND account_id = ? AND fingerprint = ? AND occurrence = ?`,
			w.entity, s.account, print, r.Occurrence)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("a record repeats an entry that is not stored: %w", store.ErrStale)
		}
		original = id
	}
	return w.records.add(key(s.id), w.entity, s.id, s.ordinal, string(r.Kind), original, print, r.Entry.AmountMinor, day(r.Entry.Booked))
}

// entryScan holds what is read apart while an entry is scanned.
type entryScan struct {
	original         sql.NullInt64
	originalCurrency string
}

func (s *entryScan) money() *recon.Money {
	if !s.original.Valid {
		return nil
	}
	return &recon.Money{Minor: s.original.Int64, Currency: recon.Currency(s.originalCurrency)}
}

func scanEntry(rows *row, e *recon.EntryRow) error {
	var s entryScan
	err := rows.Scan(&e.ID, &e.Statement, &e.AccountID, &e.Fingerprint, (*storedInt)(&e.Occurrence), (*string)(&e.Class), &e.Ledger,
		(*storedInstant)(&e.Recorded), (*storedDay)(&e.Effective), &e.AmountMinor, (*string)(&e.Currency), (*storedDay)(&e.Booked),
		(*storedDay)(&e.Value), &e.BankReference, &e.Counterparty.Name, &e.Counterparty.Account, &e.Ultimate,
		(*storedList)(&e.Structured), (*storedList)(&e.DocumentNumbers), &e.EndToEndID, &e.MandateID, &e.TransactionID, &e.Text,
		(*storedList)(&e.Lines), &e.Additional, &s.original, &s.originalCurrency, &e.ChargesMinor, &e.ChargeBearer, &e.Cheque, (*storedFlag)(&e.Whole),
		(*string)(&e.Status), (*storedFlag)(&e.Reversal), &e.EntryReference, &e.Batch, &e.BankCode, &e.Purpose, &e.ReturnReason,
		&e.OriginalEndToEnd, &e.Place)
	e.Original = s.money()
	return err
}

// entry returns one entry, and false where there is none.
func (r *reading) entry(id int64) (recon.EntryRow, bool, error) {
	return first(r, scanEntry, `SELECT `+entryColumns+` FROM entry WHERE entity_id = ? AND id = ?`, r.entity, id)
}
