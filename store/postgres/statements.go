package postgres

import (
	"cmp"
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
		if same, err := o.sameProblems(); err != nil || same && !o.replaced && state == recon.FileHeld && outcome.State == recon.FileHeld {
			return cmp.Or(err, errNothing)
		}
		if err := o.saveProblems(outcome.File, o.problems()); err != nil {
			return err
		}
		if err := o.complete(); err != nil {
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
	earlier  []earlierStatement
	booked   []bookedStatement // by index of the outcome's statements
	replaced bool              // a held statement is another one now
}

// earlierStatement is a statement of the file that an earlier outcome stored.
type earlierStatement struct {
	id      int64
	content string
	account string
	bankID  string
	held    bool
	partOf  int64
	used    bool
}

// settled reports whether nothing has to be stored of s: it was booked before, by itself or as part of another, or waits on.
func (e *earlierStatement) settled(s store.StatementOutcome) bool {
	return !e.held || e.partOf != 0 || s.Held && e.content == s.Content && e.account == s.AccountID
}

// bookedStatement is where the records of a statement go; id is 0 where they are stored already.
type bookedStatement struct {
	id        int64
	account   string
	nextEntry int64
	ordinal   int // of the last record
}

// advances says whether the outcome takes the file further: a recorded one, or one refused before, anywhere; a held one by
// booking, or by other reasons to hold it.
func (o *outcomeChange) advances(state recon.FileState) bool {
	switch state {
	case recon.FileRecorded, recon.FileRefused:
		return true
	case recon.FileHeld:
		return o.State == recon.FileBooked || o.State == recon.FileHeld
	}
	return false
}

func (o *outcomeChange) saveStatements(state recon.FileState) (err error) {
	if state == recon.FileBooked || state == recon.FileRejected {
		return nil
	}
	o.earlier, err = collect(&o.reading, func(rows *row, e *earlierStatement) error {
		return rows.Scan(&e.id, &e.content, &e.account, &e.bankID, (*storedFlag)(&e.held), &e.partOf)
	}, `SELECT id, content, account_id, bank_id, held, part_of FROM statement WHERE entity_id = ? AND file = ? ORDER BY id`, o.entity, o.File)
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
	case earlier != nil && earlier.settled(s):
		return nil
	case earlier != nil:
		row.ID, o.replaced = earlier.id, true
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
	return errors.Join(o.insertStatement(row, firstEntry), o.putTogether(row.ID, s.Parts))
}

// putTogether makes held pages part of a statement.
func (o *outcomeChange) putTogether(statement int64, parts []int64) error {
	for _, part := range parts {
		waits := fmt.Errorf("page %d does not wait any more: %w", part, store.ErrStale)
		if err := o.must(waits, `UPDATE statement SET part_of = ? WHERE entity_id = ? AND id = ? AND held = 1 AND part_of = 0`, statement, o.entity, part); err != nil {
			return err
		}
		o.became("page", key(part), statement)
	}
	return nil
}

// complete books the files that wait for nothing any more.
func (o *outcomeChange) complete() error {
	for _, c := range o.Completes {
		if err := o.saveProblems(c.File, c.Problems); err != nil {
			return err
		}
		waits := fmt.Errorf("file %d is not held any more: %w", c.File, store.ErrStale)
		if err := o.must(waits, `UPDATE file SET state = ? WHERE entity_id = ? AND id = ? AND state = ?`, string(recon.FileBooked), o.entity, c.File, string(recon.FileHeld)); err != nil {
			return err
		}
		o.became("completed", key(c.File), string(recon.FileBooked))
	}
	return nil
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
	opening, opening_day, closing, closing_day, ties, held, accepted, content, records, new, duplicates, pending, credit, debit, stated_entries, recorded, run, part_of`

func (o *outcomeChange) insertStatement(s recon.StatementRow, firstEntry int64) error {
	opening, openingDay := balance(s.Opening)
	closing, closingDay := balance(s.Closing)
	rows := o.into(nounStatement, "statement", "entity_id, "+statementColumns+", first_entry")
	return errors.Join(rows.add(key(s.ID), o.entity, s.ID, s.File, s.Format, s.AccountID, s.BankID, s.Sequence, s.Page, string(s.Currency),
		day(s.From), day(s.To), day(s.FirstBooked), day(s.LastBooked), opening, openingDay, closing, closingDay, int64(s.Ties), flag(s.Held),
		s.Accepted, s.Content, s.Records, s.New, s.Duplicates, s.Pending, s.CreditMinor, s.DebitMinor, s.StatedEntries, instant(o.act.At), o.act.Run, 0, firstEntry), rows.flush())
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
		&s.Records, &s.New, &s.Duplicates, &s.Pending, &s.CreditMinor, &s.DebitMinor, &s.StatedEntries, (*storedInstant)(&s.Recorded), &s.Run, &s.PartOf}, more...)...)
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

// problems are those of the file, then those of each statement.
func (o *outcomeChange) problems() []recon.Problem {
	all := slices.Clone(o.Problems)
	for _, s := range o.Statements {
		all = append(all, s.Problems...)
	}
	return all
}

// sameProblems reports whether the file has these problems already.
func (o *outcomeChange) sameProblems() (bool, error) {
	stored, err := o.fileProblems(o.File)
	return slices.Equal(stored, o.problems()), err
}

// saveProblems replaces the problems of a file.
func (o *outcomeChange) saveProblems(file int64, problems []recon.Problem) error {
	if _, err := o.exec(`DELETE FROM file_problem WHERE entity_id = ? AND file = ?`, o.entity, file); err != nil {
		return err
	}
	rows := o.into("problem", "file_problem", "entity_id, file, ordinal, code, place, severity, message, advice, details")
	for i, p := range problems {
		if err := rows.add(key(file), o.entity, file, i+1, p.Code, p.Where, string(p.Severity), p.Message, p.Try, p.Details); err != nil {
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
	return collect(r, scanStatement, `SELECT `+statementColumns+` FROM statement WHERE entity_id = ? AND part_of = 0
		ORDER BY account_id, from_day, to_day, first_booked, id`, r.entity)
}

// Pages lists the pages of an account that wait for others or are part of a statement by now.
func (s *Store) Pages(ctx context.Context, entity, account string) (pages []recon.StatementRow, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		pages, err = r.pages(account)
		return err
	})
	return pages, err
}

func (r *reading) pages(account string) ([]recon.StatementRow, error) {
	return collect(r, scanStatement, `SELECT `+statementColumns+` FROM statement AS s WHERE entity_id = ? AND account_id = ? AND page > 0 AND held = 1
		AND `+notRejected+` ORDER BY id`, r.entity, account)
}

// notRejected leaves out statements (s) of files that a person rejected.
const notRejected = `NOT EXISTS (SELECT 1 FROM file AS f WHERE f.entity_id = s.entity_id AND f.id = s.file AND f.state = 'rejected')`
