package ingest

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/tieout/tieout/recon"
)

// Amounts is the one grammar in which a profile writes amounts.
type Amounts struct {
	Decimal  string `yaml:"decimal"`  // the decimal mark: "." or ","
	Grouping string `yaml:"grouping"` // between groups of three digits: "." "," "'" " " or "" for none; " " stands for no-break and narrow blanks too
	Decimals int    `yaml:"decimals"` // the most decimals that are written; 0 is as many as the currency has, more must end in zeros
	Sign     string `yaml:"sign"`     // where the minus stands: before (default), after, or brackets around
	Plus     bool   `yaml:"plus"`     // a plus sign may stand where the minus would, or before amounts without brackets
	Unit     string `yaml:"unit"`     // a currency sign or code that may stand before or after: "€"
	Debit    string `yaml:"debit"`    // sign of a debit column: positive (default) or negative
	Invert   bool   `yaml:"invert"`   // money into the account is written negative, as on card statements
}

// amountFault says why a cell is no amount; "" where it is one.
type amountFault string

const (
	amountForm      amountFault = "is no amount of the form"
	amountSheet     amountFault = "is a number as a spreadsheet writes it; expected"
	amountPrecision amountFault = "has more decimals than the currency; expected"
	amountTooLarge  amountFault = "is out of range; expected"
)

// example shows the grammar in a message.
func (a Amounts) example() string {
	number := "1" + a.Grouping + "234" + a.Decimal + "50"
	switch a.Sign {
	case "after":
		return number + "-"
	case "brackets":
		return "(" + number + ")"
	}
	return "-" + number
}

func (a Amounts) problem(where, cell string, fault amountFault) *recon.Problem {
	try := "the profile's amounts state decimal mark, grouping and sign for the whole file; correct them if the bank writes it so"
	if fault == amountSheet {
		try = "this looks like a spreadsheet re-save: export again and do not save the file from a spreadsheet"
	}
	return reject("CSV-AMOUNT", where, fmt.Sprintf("%q %s %s", shown(cell), fault, a.example()), try)
}

// parse reads an amount in minor units of a currency with the given exponent, in this grammar and no other. Sign
// conventions of debit columns and cards are the caller's.
func (a Amounts) parse(cell string, exponent int) (int64, amountFault) {
	digits, negative := a.cutSign(trimBlanks(cell))
	if a.Unit != "" {
		digits = trimBlanks(strings.TrimSuffix(strings.TrimPrefix(trimBlanks(digits), a.Unit), a.Unit))
		if !negative {
			digits, negative = a.cutSign(digits)
		}
	}
	whole, fraction, marked := strings.Cut(digits, a.Decimal)
	minor, fault := a.whole(whole, marked && fraction != "")
	if fault == "" {
		minor, fault = a.fraction(minor, fraction, marked, exponent)
	}
	switch {
	case fault == amountForm && spreadsheetNumber(cell):
		return 0, amountSheet
	case negative:
		return -minor, fault
	}
	return minor, fault
}

// plain reads what most amounts are: digits, the mark and as many decimals as the currency has, a minus before them where
// the grammar has it there. It reads nothing that parse would not read as the same amount.
func (a *Amounts) plain(cell string, exponent int) (minor int64, ok bool) {
	digits, negative := cell, false
	if a.Sign != "after" && a.Sign != "brackets" && strings.HasPrefix(cell, "-") {
		digits, negative = cell[1:], true
	}
	mark := len(digits) - exponent - 1
	if exponent == 0 || mark < 1 || len(digits) > 18 || digits[mark:mark+1] != a.Decimal {
		return 0, false
	}
	for i := range len(digits) {
		if i == mark {
			continue
		}
		digit := digits[i] - '0'
		if digit > 9 {
			return 0, false
		}
		minor = minor*10 + int64(digit)
	}
	if negative {
		return -minor, true
	}
	return minor, true
}

// cutSign takes the sign from where the grammar has it.
func (a Amounts) cutSign(s string) (digits string, negative bool) {
	switch a.Sign {
	case "after":
		if digits, found := cutMinus(s, strings.CutSuffix); found {
			return digits, true
		}
		if a.Plus {
			return strings.TrimSuffix(s, "+"), false
		}
	case "brackets":
		if len(s) > 2 && s[0] == '(' && s[len(s)-1] == ')' {
			return s[1 : len(s)-1], true
		}
		if a.Plus {
			return strings.TrimPrefix(s, "+"), false
		}
	default:
		if digits, found := cutMinus(s, strings.CutPrefix); found {
			return digits, true
		}
		if a.Plus {
			return strings.TrimPrefix(s, "+"), false
		}
	}
	return s, false
}

// cutMinus takes a minus off one end: the hyphen, or the sign of its own (U+2212) that some Nordic banks write.
func cutMinus(s string, cut func(s, sign string) (string, bool)) (string, bool) {
	if rest, found := cut(s, "-"); found {
		return rest, true
	}
	return cut(s, "\u2212")
}

// whole reads the digits before the decimal mark: none (where decimals follow), all together, or in groups of three.
func (a Amounts) whole(s string, decimals bool) (int64, amountFault) {
	if s == "" && !decimals {
		return 0, amountForm
	}
	var number int64
	run, groups := 0, 0
	for i := 0; i < len(s); {
		if s[i] >= '0' && s[i] <= '9' {
			if number > (math.MaxInt64-9)/10 {
				return 0, amountTooLarge
			}
			number = number*10 + int64(s[i]-'0')
			run++
			i++
			continue
		}
		size := a.groupMark(s[i:])
		if size == 0 || run == 0 || run > 3 || groups > 0 && run != 3 {
			return 0, amountForm
		}
		run = 0
		groups++
		i += size
	}
	if groups > 0 && run != 3 {
		return 0, amountForm
	}
	return number, ""
}

// groupMark returns the size of the grouping mark that s begins with, 0 where it begins with none.
func (a Amounts) groupMark(s string) int {
	if a.Grouping == "" {
		return 0
	}
	character, size := utf8.DecodeRuneInString(s)
	switch {
	case string(a.Grouping[0]) == s[:1] && len(a.Grouping) == 1:
		return 1
	case a.Grouping == " " && isBlank(character), a.Grouping == "'" && character == '’':
		return size
	}
	return 0
}

// fraction appends the decimals. More than the currency has are zeros, and only where the profile announces them:
// without that 1.000 could be a thousand.
func (a Amounts) fraction(minor int64, s string, marked bool, exponent int) (int64, amountFault) {
	if marked && s == "" || !digitsOnly(s) {
		return 0, amountForm
	}
	if len(s) > max(exponent, a.Decimals) {
		return 0, amountPrecision
	}
	for i := range max(exponent, len(s)) {
		digit := byte('0')
		if i < len(s) {
			digit = s[i]
		}
		if i >= exponent {
			if digit != '0' {
				return 0, amountPrecision
			}
			continue
		}
		if minor > (math.MaxInt64-9)/10 {
			return 0, amountTooLarge
		}
		minor = minor*10 + int64(digit-'0')
	}
	return minor, ""
}

func digitsOnly(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func isBlank(r rune) bool { return r == ' ' || r == '\u00a0' || r == '\u202f' || r == '\u2009' }

// trimBlanks takes blanks off both ends, those that do not break included.
func trimBlanks(s string) string {
	if s == "" || s[0] > ' ' && s[0] < utf8.RuneSelf && s[len(s)-1] > ' ' && s[len(s)-1] < utf8.RuneSelf {
		return s
	}
	return strings.TrimFunc(s, func(r rune) bool { return isBlank(r) || r == '\t' })
}
