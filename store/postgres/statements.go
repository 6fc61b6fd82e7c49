package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// SaveOutcome stores what became of a recorded, held or formerly refused file.
func (s *Store) SaveOutcome(ctx context.Context, act store.Act, outcome store.Outcome) error {
	return s.changeIn(ctx, bank, act, outcome.Entity, "file outcome", func(c *change) error {
		state, err := c.fileState(outcome.File)
		if err != nil {
			return err
		}
		o := outcomeChange{change: c, Outcome: outcome}
		if err := o.saveStatements(state); err != nil {
			return err
		}
		if !o.advances(state) {
			return fmt.Errorf("file %d is %s already: %w", outcome.File, state, store.ErrStale)
		}
		if err := o.saveProblems(); err != nil {
			return err
		}
		c.became(nounFile, key(outcome.File), string(outcome.State), outcome.Format)
		return c.must(store.ErrStale, `UPDATE file SET state = ?, format = ?, attempts = 0 WHERE entity_id = ? AND id = ?`,
			string(outcome.State), outcome.Format, c.entity, outcome.File)
	})
}

// outcomeChange stores one file's outcome.
type outcomeChange struct {
	*change
	store.Outcome
	earlier []earlierStatement
	booked  []bookedStatement // by index of the outcome's statements
}

// earlierStatement is a statement of the file that an earlier outcome stored.
type earlierStatement struct {
	id      int64
	content string
	account string
	bankID  string
	held    bool
	used    bool
}

// bookedStatement is where the records of a statement go; id is 0 where they are stored already.
type bookedStatement struct {
	id        int64
	account   string
	nextEntry int64
	ordinal   int // of the last record
}

// advances says whether the outcome takes the file further: a recorded one, or one refused before, anywhere; a held one only
// by booking.
func (o *outcomeChange) advances(state recon.FileState) bool {
	switch {
	case state == recon.FileRecorded || state == recon.FileRefused:
		return true
	case state == recon.FileHeld:
		return o.State == recon.FileBooked || o.State == recon.FileHeld && slices.ContainsFunc(o.booked, func(b bookedStatement) bool { return b.id != 0 })
	}
	return false
}

func (o *outcomeChange) saveStatements(state recon.FileState) (err error) {
	if state == recon.FileBooked || state == recon.FileRejected {
		return nil
	}
	o.earlier, err = collect(&o.reading, func(rows *row, e *earlierStatement) error {
		return rows.Scan(&e.id, &e.content, &e.account, &e.bankID, (*storedFlag)(&e.held))
	}, `SELECT id, content, account_id, bank_id, held FROM statement WHERE entity_id = ? AND file = ? ORDER BY id`, o.entity, o.File)
	if err != nil {
		return err
	}
	o.booked = make([]bookedStatement, len(o.Statements))
	for i, s := range o.Statements {
		if err := o.saveStatement(s, &o.booked[i]); err != nil {
			return err
		}
	}
	return o.saveRecords()
}

func (o *outcomeChange) saveStatement(s store.StatementOutcome, booked *bookedStatement) error {
	row := s.StatementRow
	row.File = o.File
	earlier := o.find(s)
	switch {
	case earlier != nil && (!earlier.held || s.Held):
		return nil // booked before, or waiting on
	case earlier != nil:
		row.ID = earlier.id
		if _, err := o.exec(`DELETE FROM statement WHERE entity_id = ? AND id = ? AND held = 1`, o.entity, row.ID); err != nil {
			return err
		}
	default:
		id, err := o.ids(nounStatement, 1)
		if err != nil {
			return err
		}
		row.ID = id
	}
	firstEntry, err := o.ids(nounEntry, row.New)
	if err != nil {
		return err
	}
	if !s.Held {
		*booked = bookedStatement{id: row.ID, account: row.AccountID, nextEntry: firstEntry}
	}
	return o.insertStatement(row, firstEntry)
}

// find returns the statement of an earlier outcome that s is. A held one may have had no account and no content digest then.
func (o *outcomeChange) find(s store.StatementOutcome) *earlierStatement {
	for i := range o.earlier {
		e := &o.earlier[i]
		same := e.content == s.Content && e.account == s.AccountID || e.held && e.content == "" && e.bankID == s.BankID
		if same && !e.used {
			e.used = true
			return e
		}
	}
	return nil
}

// saveRecords stores the records as they come. Those of one statement are written before those of the next, which may repeat
// them.
func (o *outcomeChange) saveRecords() error {
	w := newEntryWriter(o.change)
	at := -1
	for r, err := range o.Checked() {
		if err != nil {
			return err
		}
		if r.Statement != at {
			if err := w.flush(); err != nil {
				return err
			}
			at = r.Statement
		}
		if s := &o.booked[at]; s.id != 0 {
			if err := w.record(s, r); err != nil {
				return err
			}
		}
	}
	return w.flush()
}

const statementColumns = `id, file, format, account_id, bank_id, sequence, page, currency, from_day, to_day, first_booked, last_booked,
	opening, opening_day, closing, closing_day, ties, held, accepted, content, records, new, duplicates, pending, credit, debit, stated_entries, recorded, run`

func (o *outcomeChange) insertStatement(s recon.StatementRow, firstEntry int64) error {
	opening, openingDay := balance(s.Opening)
	closing, closingDay := balance(s.Closing)
	rows := o.into(nounStatement, "statement", "entity_id, "+statementColumns+", first_entry")
	return errors.Join(rows.add(key(s.ID), o.entity, s.ID, s.File, s.Format, s.AccountID, s.BankID, s.Sequence, s.Page, string(s.Currency),
		day(s.From), day(s.To), day(s.FirstBooked), day(s.LastBooked), opening, openingDay, closing, closingDay, int64(s.Ties), flag(s.Held),
		s.Accepted, s.Content, s.Records, s.New, s.Duplicates, s.Pending, s.CreditMinor, s.DebitMinor, s.StatedEntries, instant(o.act.At), o.act.Run, firstEntry), rows.flush())
}

// balance returns the two values that a balance is stored as, NULL where there is none.
func balance(b *recon.Balance) (amount, on any) {
	if b == nil {
		return nil, nil
	}
	return b.AmountMinor, day(b.Date)
}

func scanStatement(rows *row, s *recon.StatementRow) error { return scanStatementAnd(rows, s) }

// scanStatementAnd reads the statement's columns and those that follow them.
func scanStatementAnd(rows *row, s *recon.StatementRow, more ...any) error {
	var opening, openingDay, closing, closingDay sql.NullInt64
	var ties int64
	err := rows.Scan(append([]any{&s.ID, &s.File, &s.Format, &s.AccountID, &s.BankID, &s.Sequence, (*storedInt)(&s.Page), (*string)(&s.Currency),
		(*storedDay)(&s.From), (*storedDay)(&s.To), (*storedDay)(&s.FirstBooked), (*storedDay)(&s.LastBooked),
		&opening, &openingDay, &closing, &closingDay, &ties, (*storedFlag)(&s.Held), &s.Accepted, &s.Content,
		&s.Records, &s.New, &s.Duplicates, &s.Pending, &s.CreditMinor, &s.DebitMinor, &s.StatedEntries, (*storedInstant)(&s.Recorded), &s.Run}, more...)...)
	s.Ties = recon.Proof(ties)
	s.Opening, s.Closing = readBalance(opening, openingDay), readBalance(closing, closingDay)
	return err
}

func readBalance(amount, on sql.NullInt64) *recon.Balance {
	if !amount.Valid {
		return nil
	}
	return &recon.Balance{AmountMinor: amount.Int64, Date: recon.Date(on.Int64)}
}

// saveProblems replaces the file's problems by those of the outcome: of the file, then of each statement.
func (o *outcomeChange) saveProblems() error {
	if _, err := o.exec(`DELETE FROM file_problem WHERE entity_id = ? AND file = ?`, o.entity, o.File); err != nil {
		return err
	}
	problems := o.Problems
	for _, s := range o.Statements {
		problems = append(problems[:len(problems):len(problems)], s.Problems...)
	}
	rows := o.into("problem", "file_problem", "entity_id, file, ordinal, code, place, severity, message, advice")
	for i, p := range problems {
		if err := rows.add(key(o.File), o.entity, o.File, i+1, p.Code, p.Where, string(p.Severity), p.Message, p.Try); err != nil {
			return err
		}
	}
	return rows.flush()
}

// Statements lists the statements of an entity by account, period and id.
func (s *Store) Statements(ctx context.Context, entity string) (statements []recon.StatementRow, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		statements, err = r.statements()
		return err
	})
	return statements, err
}

func (r *reading) statements() ([]recon.StatementRow, error) {
	return collect(r, scanStatement, `SELECT `+statementColumns+` FROM statement WHERE entity_id = ?
		ORDER BY account_id, from_day, to_day, first_booked, id`, r.entity)
}
