package ingest

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/tieout/tieout/recon"
)

// Years that a bank or an invoice can name. A date outside is damage.
const (
	firstYear = 1970
	lastYear  = 2100
)

func plausible(day recon.Date) bool {
	return day >= firstYear*10000 && day < (lastYear+1)*10000
}

// dateLayout is the one way in which a profile writes days, compiled from a text such as "dd.MM.yyyy":
// yyyy or yy (2000 to 2099), MM or M, dd or d, MMM for the name of a month (Jan, mars, dez.), HH mm ss for digits that are
// passed over, * at the end for anything that does not begin with a digit; a lone letter takes one digit or two, any other
// character stands for itself.
type dateLayout struct {
	written string
	parts   []datePart
}

type datePart struct {
	unit     byte // 'y', 'M', 'd', 'N' (month name), 't' (digits of no interest), '*' (the rest), 0 (literal)
	min, max int  // digits
	literal  byte
}

// dateUnits are the units of a layout, longest first where one begins another.
var dateUnits = []struct {
	token string
	part  datePart
}{
	{"yyyy", datePart{unit: 'y', min: 4, max: 4}},
	{"yy", datePart{unit: 'y', min: 2, max: 2}},
	{"MMM", datePart{unit: 'N'}},
	{"MM", datePart{unit: 'M', min: 2, max: 2}},
	{"M", datePart{unit: 'M', min: 1, max: 2}},
	{"dd", datePart{unit: 'd', min: 2, max: 2}},
	{"d", datePart{unit: 'd', min: 1, max: 2}},
	{"HH", datePart{unit: 't', min: 2, max: 2}},
	{"mm", datePart{unit: 't', min: 2, max: 2}},
	{"ss", datePart{unit: 't', min: 2, max: 2}},
	{"*", datePart{unit: '*'}},
}

// newDateLayout compiles a layout; it fails where year, month or day do not stand in it exactly once, or something stands
// behind a star.
func newDateLayout(written string) (dateLayout, error) {
	layout := dateLayout{written: written}
	for rest := written; rest != ""; {
		part, size := datePart{literal: rest[0]}, 1
		for _, unit := range dateUnits {
			if strings.HasPrefix(rest, unit.token) {
				part, size = unit.part, len(unit.token)
				break
			}
		}
		layout.parts = append(layout.parts, part)
		rest = rest[size:]
	}
	for _, units := range []string{"y", "MN", "d"} {
		if layout.has(units) != 1 {
			return dateLayout{}, fmt.Errorf("%q does not name year, month and day once each", written)
		}
	}
	if at := strings.IndexByte(written, '*'); at >= 0 && at < len(written)-1 {
		return dateLayout{}, fmt.Errorf("%q has something behind its star", written)
	}
	return layout, nil
}

func (l dateLayout) has(units string) (n int) {
	for _, part := range l.parts {
		if part.unit != 0 && strings.IndexByte(units, part.unit) >= 0 {
			n++
		}
	}
	return n
}

// parse reads a day in exactly this layout.
func (l dateLayout) parse(s string) (recon.Date, bool) {
	var year, month, day int
	for _, part := range l.parts {
		if part.unit == 0 {
			if s == "" || s[0] != part.literal {
				return 0, false
			}
			s = s[1:]
			continue
		}
		if part.unit == '*' {
			if s != "" && s[0] >= '0' && s[0] <= '9' {
				return 0, false
			}
			s = ""
			continue
		}
		number, size := leadingDigits(s, part.max)
		if part.unit == 'N' {
			number, size = monthName(s)
		}
		if size < part.min || size == 0 {
			return 0, false
		}
		s = s[size:]
		switch part.unit {
		case 'y':
			if year = number; part.max == 2 {
				year += 2000
			}
		case 'M', 'N':
			month = number
		case 'd':
			day = number
		}
	}
	date, ok := recon.NewDate(year, month, day)
	return date, ok && s == "" && plausible(date)
}

func leadingDigits(s string, most int) (number, size int) {
	for size < most && size < len(s) && s[size] >= '0' && s[size] <= '9' {
		number = number*10 + int(s[size]-'0')
		size++
	}
	return number, size
}

// monthNames are the names and usual abbreviations of each month in the languages of banks that write them. Names that stand
// for different months in two languages (lis, lip, srp) are left out.
var monthNames = monthsByName(
	"jan january januar januari janvier janv ene enero gen gennaio janeiro jaan tammi sty ocak oca led",
	"feb february februar februari février févr fev fév feb febrero febbraio fevereiro febr helmi lut şub úno",
	"mar march märz mär mrz mars maart mrt marzo março marts maalis bře",
	"apr april avril avr abr abril aprile huhti kwi nis dub",
	"may mai maj mei mayo mag maggio maio toukok touko kvě",
	"jun june juni juin junio giu giugno junho kesä cze haz čvn",
	"jul july juli juillet juil julio lug luglio julho heinä tem čvc",
	"aug august augustus augusti août aoû aou ago agosto elo sie ağu",
	"sep sept september septembre septiembre set settembre setembro syys wrz eyl zář",
	"oct october oktober okt octobre octubre ott ottobre out outubro loka paź eki",
	"nov november novembre noviembre novembro marras kas",
	"dec december dezember dez décembre déc dic diciembre dicembre dezembro des desember joulu gru ara pro",
)

func monthsByName(lists ...string) map[string]int {
	months := map[string]int{}
	for i, list := range lists {
		for _, name := range strings.Fields(list) {
			months[name] = i + 1
		}
	}
	return months
}

// monthName reads the month that s begins with, a dot behind an abbreviation included.
func monthName(s string) (number, size int) {
	size = strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	if size < 0 {
		size = len(s)
	}
	if number = monthNames[strings.ToLower(s[:size])]; number == 0 {
		return 0, 0
	}
	if size < len(s) && s[size] == '.' {
		size++
	}
	return number, size
}

// dateProblem says what a cell that is no day in the layout looks like.
func (l dateLayout) problem(where, cell string) *recon.Problem {
	try := fmt.Sprintf("the profile states dates: %s; correct it if the bank writes another, one layout for the whole file", l.written)
	if _, size := leadingDigits(cell, 5); size == 5 && len(cell) == 5 {
		try = "this looks like the day number of a spreadsheet; export again and do not save the file from a spreadsheet"
	}
	return reject("CSV-DATE", where, fmt.Sprintf("%q is no day of the form %s", shown(cell), l.written), try)
}
