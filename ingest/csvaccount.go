package ingest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// groupOf finds the statement of a record by its account and currency.
func (s *bankSheet) groupOf(record []string, row int) (int, *recon.Problem) {
	currency := s.currency
	if s.columns.currency >= 0 {
		currency = recon.Currency(strings.TrimSpace(record[s.columns.currency]))
	}
	account := s.ownAccount(record)
	if len(s.groups) > 0 && s.groups[s.last].currency == currency && s.groups[s.last].account == account {
		return s.last, nil
	}
	if problem := s.checkGroup(record, row, account, currency); problem != nil {
		return 0, problem
	}
	s.last = slices.IndexFunc(s.groups, func(g group) bool { return g.account == account && g.currency == currency })
	if s.last < 0 {
		s.last = len(s.groups)
		s.groups = append(s.groups, group{account: account, currency: currency, exponent: currency.Exponent()})
	}
	return s.last, nil
}

// ownAccount joins the columns of the own account; an apostrophe before a number keeps spreadsheets off and is no part of it.
func (s *bankSheet) ownAccount(record []string) string {
	switch own := s.columns.ownAccount; len(own) {
	case 0:
		return ""
	case 1:
		return strings.TrimPrefix(strings.TrimSpace(record[own[0]]), "'")
	default:
		var joined strings.Builder
		for _, at := range own {
			joined.WriteString(strings.TrimPrefix(strings.TrimSpace(record[at]), "'"))
		}
		return joined.String()
	}
}

// checkGroup judges an account and currency that differ from those of the row before.
func (s *bankSheet) checkGroup(record []string, row int, account string, currency recon.Currency) *recon.Problem {
	if !currency.Known() && !(currency == "" && s.profile.openCurrency) {
		place := rowPlace(row)
		if s.columns.currency >= 0 {
			place = s.place(row, s.columns.currency)
		}
		return reject("CSV-CURRENCY", place, fmt.Sprintf("%q is no currency of ISO 4217", shown(string(currency))), "check the column, or state the currency in the profile")
	}
	if digits := len(digitsOf(account)); account != "" && digits < s.profile.OwnDigits {
		return reject("CSV-EXCEL-DAMAGE", s.place(row, s.columns.ownAccount[0]), fmt.Sprintf("account number with %s, expected %d: leading zeros are lost", counted(digits, "digit"), s.profile.OwnDigits),
			"export again and do not save the file from a spreadsheet")
	}
	if spreadsheetNumber(account) {
		return s.damage(record, row, s.columns.ownAccount[0])
	}
	if s.account != "" && account != "" && !sameAccount(s.account, account) {
		return s.mismatch(row, account, s.account)
	}
	if len(s.groups) == 0 || s.profile.Several {
		return nil
	}
	if first := s.groups[0]; first.account != account {
		return s.mismatch(row, account, first.account)
	}
	return reject("CSV-CURRENCY", rowPlace(row), fmt.Sprintf("%s, but the rows before are in %s", currency, s.groups[0].currency),
		"the bank's export has one currency; if that is right set several: true in a profile of your own")
}

func (s *bankSheet) mismatch(row int, seen, expected string) *recon.Problem {
	return reject("ACCOUNT-MISMATCH", rowPlace(row), fmt.Sprintf("a row of account %s, expected %s", maskedAccount(seen), maskedAccount(expected)),
		"put each account's file into its own folder, or name the right account")
}

func (s *bankSheet) damage(record []string, row, at int) *recon.Problem {
	return reject("CSV-EXCEL-DAMAGE", s.place(row, at), fmt.Sprintf("%q is a number as a spreadsheet rounds it, its digits are lost", shown(record[at])),
		"export again and do not save the file from a spreadsheet")
}

func maskedAccount(account string) string { return recon.MaskAccount(recon.NormalAccount(account)) }

// sameAccount reports whether two writings name one account: equal, or one the national number that the other, an IBAN, ends with.
func sameAccount(a, b string) bool {
	a, b = recon.NormalAccount(a), recon.NormalAccount(b)
	if a == b {
		return true
	}
	if recon.LooksLikeIBAN(b) {
		a, b = b, a
	}
	number := strings.TrimLeft(digitsOf(b), "0")
	return recon.LooksLikeIBAN(a) && !recon.LooksLikeIBAN(b) && len(number) >= 6 && strings.HasSuffix(a, number)
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
