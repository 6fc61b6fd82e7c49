package ingest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// dayShape is how a cell writes a day, its digits left aside: "#.#.#" with 2, 2 and 4 digits. Cells of one shape are
// written in one layout; which of the numbers is the month is another question.
type dayShape struct {
	fields  [3]string // the three numbers, one of them may be a month's name
	marks   [2]string // what stands between them
	named   int       // which field is a name, -1 where none is
	compact bool      // digits without anything between: the first field holds them all
	tail    string    // what stands behind the day, each digit as '0'
}

// key is equal for cells that one layout can describe.
func (s dayShape) key() string {
	if s.compact {
		return fmt.Sprintf("compact %d", len(s.fields[0]))
	}
	return fmt.Sprintf("%d %q %q %t %t", s.named, s.marks[0], s.marks[1], len(s.fields[0]) == 4, len(s.fields[2]) == 4)
}

// dayMarks stand between the numbers of a day, longest first where one begins another.
var dayMarks = []string{". ", ", ", ".", "/", "-", " "}

// shapeOf reads the shape of a cell that may be a day.
func shapeOf(cell string) (s dayShape, ok bool) {
	s.named = -1
	rest := trimBlanks(cell)
	if len(rest) < 6 || len(rest) > 40 {
		return s, false
	}
	if _, run := leadingDigits(rest, len(rest)); run == 8 || run == 14 || run == 12 {
		s.compact, s.fields[0], s.tail = true, rest[:run], zeroDigits(rest[run:])
		return s, plausibleCompact(rest[:8])
	}
	for i := range s.fields {
		size := s.field(i, rest)
		if size == 0 {
			return s, false
		}
		s.fields[i], rest = rest[:size], rest[size:]
		if i == 2 {
			break
		}
		if s.marks[i], ok = leadingMark(rest); !ok {
			return s, false
		}
		rest = rest[len(s.marks[i]):]
	}
	s.tail = zeroDigits(rest)
	return s, s.plausible()
}

// field returns the size of the field that rest begins with: one to four digits, or the name of a month.
func (s *dayShape) field(i int, rest string) int {
	if _, size := leadingDigits(rest, 4); size > 0 {
		return size
	}
	if s.named >= 0 || i == 2 {
		return 0
	}
	_, size := monthName(rest)
	if size > 0 {
		s.named = i
	}
	return size
}

func leadingMark(rest string) (string, bool) {
	for _, mark := range dayMarks {
		if strings.HasPrefix(rest, mark) {
			return mark, true
		}
	}
	return "", false
}

// plausible reports whether the fields can be a day in some order, and nothing of a number or a time stands around.
func (s dayShape) plausible() bool {
	if s.tail != "" && s.tail[0] != ' ' && s.tail[0] != 'T' && s.tail[0] != ',' {
		return false
	}
	digits := 0
	for i, field := range s.fields {
		if i != s.named && len(field) == 3 || i == 1 && len(field) > 2 && s.named != 1 {
			return false
		}
		digits += len(field)
	}
	if s.named >= 0 {
		return s.marks[0] != "." || s.marks[1] == "."
	}
	// 1.2.3 is a version and no day, and 20-00-00 has no month.
	return digits >= 5 && strings.TrimSpace(s.marks[0]) != "" && s.marks[0][0] != ',' && s.marks[0][0] == s.marks[1][0] && s.onCalendar()
}

// onCalendar reports whether the numbers are a day in some order.
func (s dayShape) onCalendar() bool {
	var n [3]int
	for i, field := range s.fields {
		n[i], _ = leadingDigits(field, 4)
	}
	could := func(month, day int) bool { return month >= 1 && month <= 12 && day >= 1 && day <= 31 }
	if len(s.fields[0]) == 4 {
		return n[0] >= firstYear && n[0] <= lastYear && could(n[1], n[2])
	}
	return (len(s.fields[2]) < 4 || n[2] >= firstYear && n[2] <= lastYear) && (could(n[1], n[0]) || could(n[0], n[1]) || could(n[1], n[2]))
}

// plausibleCompact reports whether eight digits are a day of one of the compact layouts.
func plausibleCompact(digits string) bool {
	number := func(from, to int) int { n, _ := leadingDigits(digits[from:to], 4); return n }
	valid := func(year, month, day int) bool { d, ok := recon.NewDate(year, month, day); return ok && plausible(d) }
	return valid(number(0, 4), number(4, 6), number(6, 8)) || valid(number(4, 8), number(2, 4), number(0, 2)) || valid(number(4, 8), number(0, 2), number(2, 4))
}

var compactLayouts = []string{"yyyyMMdd", "ddMMyyyy", "MMddyyyy"}

func zeroDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0'
		}
		return r
	}, s)
}

func looksLikeDay(cell string) bool {
	s, ok := shapeOf(cell)
	return ok && (!s.compact || s.tail == "" || !isLetter(s.tail[0]))
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// layoutsOf returns the layouts that shapes of one key allow by their numbers of digits, the usual one first. Nobody
// writes the month first with dots, nor year, day, month.
func layoutsOf(shapes []dayShape) (layouts []string) {
	first := shapes[0]
	tail := tailLayout(shapes)
	if first.compact {
		for _, layout := range compactLayouts {
			layouts = append(layouts, layout+compactTime(len(first.fields[0]))+tail)
		}
		return layouts
	}
	for _, order := range [][3]byte{{'d', 'M', 'y'}, {'M', 'd', 'y'}, {'y', 'M', 'd'}} {
		if text := first.ordered(order, shapes); text != "" {
			layouts = append(layouts, text+tail)
		}
	}
	return layouts
}

func compactTime(digits int) string { return "HHmmss"[:digits-8] }

// ordered writes the layout with the fields in an order, "" where the shapes cannot have it.
func (s dayShape) ordered(order [3]byte, shapes []dayShape) string {
	var written strings.Builder
	for i, unit := range order {
		least, most := fieldSizes(shapes, i)
		text := fieldLayout(unit, i == s.named, least, most)
		if text == "" || unit == 'M' && s.named >= 0 && i != s.named || unit == 'M' && i == 0 && s.marks[0][0] == '.' {
			return ""
		}
		written.WriteString(text)
		if i < 2 {
			written.WriteString(s.marks[i])
		}
	}
	return written.String()
}

func fieldSizes(shapes []dayShape, i int) (least, most int) {
	least = 99
	for _, s := range shapes {
		least, most = min(least, len(s.fields[i])), max(most, len(s.fields[i]))
	}
	return least, most
}

// fieldLayout writes one field: two digits always, or one where it needs no more.
func fieldLayout(unit byte, named bool, least, most int) string {
	switch {
	case named:
		return map[byte]string{'M': "MMM"}[unit]
	case unit == 'y' && least == 4 && most == 4:
		return "yyyy"
	case unit == 'y' && least == 2 && most == 2:
		return "yy"
	case unit == 'y' || most > 2:
		return ""
	case least == 2:
		return strings.Repeat(string(unit), 2)
	}
	return string(unit)
}

// tailLayout writes what stands behind the day: a time of day where it is one in all cells, else anything.
func tailLayout(shapes []dayShape) string {
	tails := map[string]bool{}
	for _, s := range shapes {
		tails[s.tail] = true
	}
	if len(tails) == 1 {
		switch tail := shapes[0].tail; tail {
		case "":
			return ""
		case " 00:00", " 00:00:00", "T00:00:00", "T00:00:00Z":
			return strings.Replace(strings.Replace(strings.Replace(tail, "00", "HH", 1), "00", "mm", 1), "00", "ss", 1)
		}
	}
	return "*"
}

// layoutCount is how many cells a layout parses.
type layoutCount struct {
	layout dateLayout
	parsed int
}

// bestLayouts returns the layouts that parse most of the cells, all equally many, the usual one first.
func bestLayouts(layouts []string, cells []string) (best []layoutCount) {
	for _, written := range layouts {
		layout, err := newDateLayout(written)
		if err != nil {
			continue
		}
		count := layoutCount{layout: layout}
		for _, cell := range cells {
			if _, ok := layout.parse(cell); ok {
				count.parsed++
			}
		}
		if len(best) == 0 || count.parsed > best[0].parsed {
			best = best[:0]
		}
		if count.parsed > 0 && (len(best) == 0 || count.parsed == best[0].parsed) {
			best = append(best, count)
		}
	}
	return best
}

// daysOf reads cells in a layout; 0 where one does not fit.
func daysOf(layout dateLayout, cells []string) []recon.Date {
	days := make([]recon.Date, len(cells))
	for i, cell := range cells {
		days[i], _ = layout.parse(cell)
	}
	return days
}

// sorted reports whether days only fall or only rise, days that are missing left aside.
func sorted(days []recon.Date) (falling, rising bool) {
	known := slices.DeleteFunc(slices.Clone(days), func(d recon.Date) bool { return d == 0 })
	falling, rising = true, true
	for i := 1; i < len(known); i++ {
		falling = falling && known[i] <= known[i-1]
		rising = rising && known[i] >= known[i-1]
	}
	return falling, rising
}

// spanOf returns how many days lie between the first and the last.
func spanOf(days []recon.Date) int {
	var first, last recon.Date
	for _, d := range days {
		if d != 0 && (first == 0 || d < first) {
			first = d
		}
		last = max(last, d)
	}
	if first == 0 {
		return 0
	}
	return last.DaysSince(first)
}
