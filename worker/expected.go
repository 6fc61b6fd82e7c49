package worker

import (
	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
)

// expected turns the rows of one bank reference into what is expected of each of the receipts that have it.
func (e *evaluating) expected(rows []recon.TruthRow, stored []books.Stored) ([]books.Expected, *recon.Problem) {
	currency := stored[0].Currency
	var queued []books.Expected
	var lines []books.Placed
	for _, row := range rows {
		if !row.Apply {
			answer, problem := e.placed(row, row.Answer, currency)
			if problem != nil {
				return nil, problem
			}
			queued = append(queued, books.Expected{Lines: answer, Family: row.Family})
			continue
		}
		placed, problem := e.placed(row, []recon.TruthLine{{Item: row.Item, AmountText: row.AppliedText}}, currency)
		if problem != nil {
			return nil, problem
		}
		lines = append(lines, placed...)
	}
	applied := len(stored) - len(queued)
	parts, ok := e.parted(lines, applied, stored)
	if !ok {
		problem := ingest.ProblemTruthShared(rows[0].Row, rows[0].BankReference, len(stored))
		return nil, &problem
	}
	expected := make([]books.Expected, 0, len(stored))
	for _, part := range parts {
		expected = append(expected, books.Expected{Apply: true, Lines: part, Family: rows[0].Family})
	}
	return append(expected, queued...), nil
}

// placed reads amounts of items in the currency of the receipt.
func (e *evaluating) placed(row recon.TruthRow, lines []recon.TruthLine, currency recon.Currency) ([]books.Placed, *recon.Problem) {
	var placed []books.Placed
	for _, l := range lines {
		minor, err := recon.ParseMinor(l.AmountText, currency)
		if err != nil {
			problem := ingest.ProblemTruthAmount(row.Row, l.AmountText, currency)
			return nil, &problem
		}
		if l.Item != "" && !e.numbers[l.Item] {
			problem := ingest.ProblemTruthItem(row.Row, l.Item)
			return nil, &problem
		}
		placed = append(placed, books.Placed{Item: l.Item, Minor: minor})
	}
	return placed, nil
}

// parted divides the lines among so many receipts: all to one; one to each; else in their order, so that each part adds up to one
// of the receipts.
func (e *evaluating) parted(lines []books.Placed, receipts int, stored []books.Stored) ([][]books.Placed, bool) {
	switch {
	case receipts < 0, receipts == 0 && len(lines) > 0, len(lines) < receipts:
		return nil, false
	case receipts == 0:
		return nil, true
	case receipts == 1:
		return [][]books.Placed{lines}, true
	case receipts == len(lines):
		parts := make([][]books.Placed, receipts)
		for i := range lines {
			parts[i] = lines[i : i+1]
		}
		return parts, true
	}
	amounts := map[int64]int{}
	for _, s := range stored {
		amounts[s.AmountMinor]++
	}
	return runs(lines, receipts, amounts)
}

// runs cuts the lines into so many runs that each have one of the amounts; amounts counts how often each may be used.
func runs(lines []books.Placed, count int, amounts map[int64]int) ([][]books.Placed, bool) {
	if count == 0 {
		return nil, len(lines) == 0
	}
	var sum int64
	for n, l := range lines {
		sum += l.Minor
		if amounts[sum] == 0 {
			continue
		}
		amounts[sum]--
		if rest, ok := runs(lines[n+1:], count-1, amounts); ok {
			return append([][]books.Placed{lines[:n+1]}, rest...), true
		}
		amounts[sum]++
	}
	return nil, false
}
