package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Neighbours returns the statements of an account that may share entries with one of the days from to to.
func (s *Store) Neighbours(ctx context.Context, entity, account string, from, to recon.Date) (neighbours []store.Neighbour, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		neighbours, err = r.neighbours(account, from, to)
		return err
	})
	return neighbours, err
}

func (r *reading) neighbours(account string, from, to recon.Date) (neighbours []store.Neighbour, err error) {
	type found struct {
		recon.StatementRow
		firstEntry int64
	}
	// An entry may be booked outside the period that its statement names, so both spans count.
	statements, err := collect(r, func(rows *sql.Rows, s *found) error { return scanStatementAnd(rows, &s.StatementRow, &s.firstEntry) },
		`SELECT `+statementColumns+`, first_entry FROM statement INDEXED BY statement_account WHERE entity_id = ? AND account_id = ?
			AND (last_booked >= ? AND first_booked <= ? OR to_day >= ? AND from_day <= ? AND from_day <> 0) ORDER BY id`,
		r.entity, account, day(from), day(to), day(from), day(to))
	if err != nil {
		return nil, err
	}
	for _, s := range statements {
		n := store.Neighbour{StatementRow: s.StatementRow}
		if !s.Held {
			end := s.firstEntry + int64(s.New)
			if n.Counts, n.Stored, err = r.contents(s.ID, s.firstEntry, end, from, to); err != nil {
				return nil, err
			}
			if n.Days, err = r.daySums(s.ID, s.firstEntry, end); err != nil {
				return nil, err
			}
		}
		neighbours = append(neighbours, n)
	}
	return neighbours, nil
}

// contents counts the fingerprints of a statement's records within some days: all of them, and those that became entries.
func (r *reading) contents(statement, firstEntry, endEntry int64, from, to recon.Date) (counts, stored map[string]int, err error) {
	counts, stored = map[string]int{}, map[string]int{}
	into := func(tallies ...map[string]int) func(*sql.Rows) error {
		return func(rows *sql.Rows) error {
			var fingerprint string
			err := rows.Scan(&fingerprint)
			for _, tally := range tallies {
				tally[fingerprint]++
			}
			return err
		}
	}
	err = errors.Join(
		r.each(into(counts, stored), `SELECT fingerprint FROM entry WHERE entity_id = ? AND id >= ? AND id < ? AND booked BETWEEN ? AND ?`,
			r.entity, firstEntry, endEntry, day(from), day(to)),
		r.each(into(counts), `SELECT fingerprint FROM record WHERE entity_id = ? AND statement = ? AND kind = 'duplicate' AND booked BETWEEN ? AND ?`,
			r.entity, statement, day(from), day(to)))
	return counts, stored, err
}

// daySums adds up a statement's records by their booking day.
func (r *reading) daySums(statement, firstEntry, endEntry int64) (map[recon.Date]int64, error) {
	sums := map[recon.Date]int64{}
	add := func(rows *sql.Rows) error {
		var on storedDay
		var sum int64
		err := rows.Scan(&on, &sum)
		sums[recon.Date(on)] += sum
		return err
	}
	return sums, errors.Join(
		r.each(add, `SELECT booked, sum(amount) FROM entry WHERE entity_id = ? AND id >= ? AND id < ? GROUP BY booked`, r.entity, firstEntry, endEntry),
		r.each(add, `SELECT booked, sum(amount) FROM record WHERE entity_id = ? AND statement = ? AND kind = 'duplicate' GROUP BY booked`, r.entity, statement))
}
