package ingest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

func (s *bankSheet) amountAt(record []string, row, at, exponent int) (int64, *recon.Problem) {
	if minor, ok := s.profile.Amounts.plain(record[at], exponent); ok {
		return minor, nil
	}
	minor, fault := s.profile.Amounts.parse(record[at], exponent)
	if fault != "" {
		return 0, s.profile.Amounts.problem(s.place(row, at), record[at], fault)
	}
	return minor, nil
}

// movement returns the signed amount of a record; money into the account is positive.
func (s *bankSheet) movement(record []string, row, exponent int) (int64, *recon.Problem) {
	minor, problem := s.signed(record, row, exponent)
	if s.profile.Amounts.Invert {
		minor = -minor
	}
	if at := s.columns.fee; problem == nil && at >= 0 && trimBlanks(record[at]) != "" {
		var fee int64
		fee, problem = s.amountAt(record, row, at, exponent)
		minor -= max(fee, -fee)
	}
	return minor, problem
}

func (s *bankSheet) signed(record []string, row, exponent int) (int64, *recon.Problem) {
	if s.columns.debit >= 0 {
		return s.sides(record, row, exponent)
	}
	minor, problem := s.amountAt(record, row, s.columns.amount, exponent)
	if problem != nil || s.columns.direction < 0 {
		return minor, problem
	}
	word := strings.TrimSpace(record[s.columns.direction])
	columns := s.profile.Columns
	switch {
	case minor < 0:
		return 0, reject("CSV-AMOUNT-SIGN", s.place(row, s.columns.amount), fmt.Sprintf("%q with a sign beside %q", shown(record[s.columns.amount]), shown(word)), "the profile takes the sign from the word alone; correct it if the bank signs the amount")
	case slices.Contains(columns.MoneyIn, word):
		return minor, nil
	case slices.Contains(columns.MoneyOut, word):
		return -minor, nil
	}
	return 0, reject("CSV-AMOUNT-SIDE", s.place(row, s.columns.direction), fmt.Sprintf("%q; the profile knows %s for money in and %s for money out", shown(word),
		strings.Join(columns.MoneyIn, ", "), strings.Join(columns.MoneyOut, ", ")), "add the word to money_in or money_out in a profile of your own")
}

// sides reads a record with a debit and a credit column, of which one is filled; a zero in the other is as good as nothing.
func (s *bankSheet) sides(record []string, row, exponent int) (int64, *recon.Problem) {
	debit, debitFilled, problem := s.side(record, row, s.columns.debit, exponent)
	if problem != nil {
		return 0, problem
	}
	credit, creditFilled, problem := s.side(record, row, s.columns.credit, exponent)
	switch {
	case problem != nil:
		return 0, problem
	case debit != 0 && credit != 0:
		return 0, reject("CSV-AMOUNT-SIDE", rowPlace(row), fmt.Sprintf("debit %q and credit %q are both filled", shown(record[s.columns.debit]), shown(record[s.columns.credit])), "a row is one or the other; export again")
	case !debitFilled && !creditFilled:
		return 0, reject("CSV-AMOUNT-SIDE", rowPlace(row), "neither debit nor credit is filled", "a row needs one of them; export again")
	case credit < 0:
		return 0, reject("CSV-AMOUNT-SIGN", s.place(row, s.columns.credit), fmt.Sprintf("%q in the credit column is negative", shown(record[s.columns.credit])), "check whether the columns are swapped")
	case s.profile.Amounts.Debit == "negative":
		debit = -debit
	}
	if debit < 0 {
		return 0, reject("CSV-AMOUNT-SIGN", s.place(row, s.columns.debit), fmt.Sprintf("%q in the debit column has the wrong sign", shown(record[s.columns.debit])),
			fmt.Sprintf("the profile states that debits are written %s (amounts.debit)", s.profile.Amounts.Debit))
	}
	return credit - debit, nil
}

func (s *bankSheet) side(record []string, row, at, exponent int) (minor int64, filled bool, problem *recon.Problem) {
	if trimBlanks(record[at]) == "" {
		return 0, false, nil
	}
	minor, problem = s.amountAt(record, row, at, exponent)
	return minor, true, problem
}

// moneyBeside reads charges, and the amount in the other currency where the bank converted.
func (s *bankSheet) moneyBeside(e *recon.Entry, record []string, row, exponent int) *recon.Problem {
	for _, at := range []int{s.columns.charges, s.columns.fee} {
		if at < 0 || trimBlanks(record[at]) == "" {
			continue
		}
		charges, problem := s.amountAt(record, row, at, exponent)
		if problem != nil {
			return problem
		}
		e.ChargesMinor += max(charges, -charges)
	}
	at := s.columns.originalAmount
	if at < 0 || trimBlanks(record[at]) == "" {
		return nil
	}
	currency := recon.Currency(cellAt(record, s.columns.originalCurrency))
	if currency == e.Currency || currency == "" {
		return nil
	}
	if !currency.Known() {
		return reject("CSV-CURRENCY", s.place(row, s.columns.originalCurrency), fmt.Sprintf("%q is no currency of ISO 4217", shown(string(currency))), "check the column")
	}
	minor, problem := s.amountAt(record, row, at, currency.Exponent())
	if problem != nil {
		return problem
	}
	if s.profile.Amounts.Invert {
		minor = -minor
	}
	e.Original = &recon.Money{Minor: minor, Currency: currency}
	return nil
}
