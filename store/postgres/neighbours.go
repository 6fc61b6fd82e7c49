package postgres

import (
	"context"
	"errors"
	"slices"

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
	statements, err := collect(r, func(rows *row, s *found) error { return scanStatementAnd(rows, &s.StatementRow, &s.firstEntry) },
		`SELECT `+statementColumns+`, first_entry FROM statement AS s WHERE entity_id = ? AND account_id = ? AND part_of = 0 AND `+notRejected+`
			AND (last_booked >= ? AND first_booked <= ? OR to_day >= ? AND from_day <= ? AND from_day <> 0) ORDER BY id`,
		r.entity, account, day(from), day(to), day(from), day(to))
	if err != nil {
		return nil, err
	}
	for _, s := range statements {
		n := store.Neighbour{StatementRow: s.StatementRow}
		if !s.Held {
			if n.Days, err = r.daySums(s.ID, s.firstEntry, s.firstEntry+int64(s.New)); err != nil {
				return nil, err
			}
		}
		neighbours = append(neighbours, n)
	}
	return neighbours, nil
}

// Contents returns what the booked records of a statement say on some days.
func (s *Store) Contents(ctx context.Context, entity string, statement int64, from, to recon.Date) (contents []store.Content, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		contents, err = r.contents(statement, from, to)
		return err
	})
	return contents, err
}

func (r *reading) contents(statement int64, from, to recon.Date) ([]store.Content, error) {
	var all []store.Content
	scan := func(stored int32) func(*row) error {
		return func(rows *row) error {
			c := store.Content{Count: 1, Stored: stored}
			err := rows.Scan((*storedFingerprint)(&c.Fingerprint))
			all = append(all, c)
			return err
		}
	}
	err := errors.Join(
		r.each(scan(1), `SELECT e.fingerprint FROM statement AS s JOIN entry AS e ON e.entity_id = s.entity_id AND e.id >= s.first_entry AND e.id < s.first_entry + s.new
			WHERE s.entity_id = ? AND s.id = ? AND e.booked BETWEEN ? AND ?`, r.entity, statement, day(from), day(to)),
		r.each(scan(0), `SELECT fingerprint FROM record WHERE entity_id = ? AND statement = ? AND kind = 'duplicate' AND booked BETWEEN ? AND ?`,
			r.entity, statement, day(from), day(to)))
	return summed(all), err
}

// EntriesLike returns for each fingerprint the first entry that has it.
func (s *Store) EntriesLike(ctx context.Context, entity, account string, prints []recon.Fingerprint) (entries []recon.EntryRow, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		for _, print := range prints {
			e, found, err := first(r, scanEntry, `SELECT `+entryColumns+` FROM entry WHERE entity_id = ? AND account_id = ? AND fingerprint = ? ORDER BY occurrence LIMIT 1`,
				entity, account, print.String())
			if err != nil {
				return err
			}
			if found {
				entries = append(entries, e)
			}
		}
		return nil
	})
	return entries, err
}

// summed sorts contents and adds up equal ones, in place.
func summed(all []store.Content) []store.Content {
	slices.SortFunc(all, func(a, b store.Content) int { return a.Compare(b.Fingerprint) })
	distinct := all[:0]
	for _, c := range all {
		if n := len(distinct); n > 0 && distinct[n-1].Fingerprint == c.Fingerprint {
			distinct[n-1].Count += c.Count
			distinct[n-1].Stored += c.Stored
		} else {
			distinct = append(distinct, c)
		}
	}
	return distinct
}

// daySums adds up a statement's records by their booking day.
func (r *reading) daySums(statement, firstEntry, endEntry int64) (map[recon.Date]int64, error) {
	sums := map[recon.Date]int64{}
	add := func(rows *row) error {
		var on storedDay
		var sum int64
		err := rows.Scan(&on, &sum)
		sums[recon.Date(on)] += sum
		return err
	}
	return sums, errors.Join(
		r.each(add, `SELECT booked, sum(amount)::bigint FROM entry WHERE entity_id = ? AND id >= ? AND id < ? GROUP BY booked`, r.entity, firstEntry, endEntry),
		r.each(add, `SELECT booked, sum(amount)::bigint FROM record WHERE entity_id = ? AND statement = ? AND kind = 'duplicate' GROUP BY booked`, r.entity, statement))
}
