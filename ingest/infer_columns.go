package ingest

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/tieout/tieout/recon"
)

// columnFacts is what can be said of one column without knowing what it is for.
type columnFacts struct {
	at      int
	name    string // as the header has it
	ref     string // as a profile names it
	words   string // the name in plain words, for looking it up
	filled  int
	days    int // cells that look like a day
	numbers int // cells that look like an amount
	letters int // cells with a letter
	codes   int // cells that are a known currency
	values  []string
	many    bool // more different values than values holds
}

const maxValues = 40 // different values of a column that are kept

// form states how the file is cut, and where its rows begin.
func (inf *inferrer) form() {
	g, p := inf.grid, &inf.profile
	p.Encodings = inf.texts[0].encodings
	inf.find("encodings", strings.Join(p.Encodings, ", "), inf.texts[0].sure, false, "%s", inf.texts[0].evidence)
	p.Delimiter = string(g.delimiter)
	if g.delimiter == '\t' {
		p.Delimiter = "tab"
	}
	inf.find("delimiter", p.Delimiter, Certain, false, "%s with a day and an amount have %s each", counted(g.looked, "row"), counted(g.width, "column"))
	if !g.quoted {
		p.Quote = "none"
		inf.find("quote", "none", Likely, false, "quotation marks stand inside fields that are not quoted")
	}
	p.Preamble = slices.Max(g.start)
	if p.Preamble > 0 {
		inf.find("preamble", fmt.Sprint(p.Preamble), Certain, false, "so many lines stand before the %s", map[bool]string{true: "first row", false: "header"}[g.header == nil])
	}
	p.Header, p.TrailingCell = g.header, g.trailing
	if g.header != nil {
		known := 0
		for _, name := range g.header {
			if knownHeader(name) {
				known++
			}
		}
		inf.find("header", counted(len(g.header), "column"), map[bool]Confidence{true: Certain, false: Likely}[known > 1], false,
			"%d of its names are words that banks use", known)
	}
}

// survey looks at every cell of every column once.
func (inf *inferrer) survey() {
	names := inf.grid.header
	if names == nil {
		names = make([]string, inf.grid.width)
	}
	inf.columns = make([]columnFacts, len(names))
	for i := range inf.columns {
		c := &inf.columns[i]
		*c = columnFacts{at: i, name: names[i], ref: columnRef(names, i), words: plainWords(names[i])}
		seen := map[string]bool{}
		for _, row := range inf.rows {
			if cell := cellAt(pad(row.cells, len(names)), i); cell != "" {
				c.look(cell)
				if !seen[cell] && len(seen) < maxValues {
					c.values = append(c.values, cell)
				}
				c.many = c.many || !seen[cell] && len(seen) == maxValues
				seen[cell] = true
			}
		}
	}
	for i := range inf.rows {
		inf.rows[i].cells = pad(inf.rows[i].cells, len(names))
	}
}

func (c *columnFacts) look(cell string) {
	c.filled++
	switch {
	case looksLikeDay(cell):
		c.days++
	case looksLikeAmount(cell):
		c.numbers++
	}
	if strings.IndexFunc(cell, unicode.IsLetter) >= 0 {
		c.letters++
	}
	if recon.Currency(cell).Known() {
		c.codes++
	}
}

// pad makes a record as wide as the header; one that is not stays a problem for when the file is read.
func pad(cells []string, width int) []string {
	for len(cells) < width {
		cells = append(cells, "")
	}
	return cells[:width]
}

// columnRef names a column as a profile does.
func columnRef(names []string, at int) string {
	name := names[at]
	place := 1
	for _, other := range names[:at] {
		if other == name {
			place++
		}
	}
	switch {
	case name == "":
		return fmt.Sprintf("#%d", at+1)
	case slices.Index(names, name) == at && (place == 1):
		return name
	}
	return fmt.Sprintf("%s#%d", name, place)
}

// cells returns the column of the rows.
func (inf *inferrer) cells(at int) []string {
	cells := make([]string, len(inf.rows))
	for i, row := range inf.rows {
		cells[i] = trimBlanks(row.cells[at])
	}
	return cells
}

// most reports whether n is more than four fifths of all.
func most(n, all int) bool { return n > 0 && 5*n >= 4*all }

// headed reports whether the file has a header.
func (inf *inferrer) headed() bool { return inf.grid.header != nil }

// lookalike is a column that can be for a thing, with how well its name says so.
type lookalike struct {
	column *columnFacts
	fit    int
}

// named returns the columns whose name says a role, the best first; equal ones in the order of the file.
func (inf *inferrer) named(words []string, able func(*columnFacts) bool) (list []lookalike) {
	for i := range inf.columns {
		c := &inf.columns[i]
		if fit := nameFit(c.words, words); fit > 0 && able(c) {
			list = append(list, lookalike{c, fit})
		}
	}
	slices.SortStableFunc(list, func(a, b lookalike) int { return b.fit - a.fit })
	return list
}

// dates finds the booking day, the value day and their layout.
func (inf *inferrer) dates() bool {
	var able []*columnFacts
	for i := range inf.columns {
		if c := &inf.columns[i]; c.days > 0 && 2*c.days >= c.filled && 2*c.filled >= len(inf.rows) {
			able = append(able, c)
		}
	}
	able = slices.DeleteFunc(able, func(c *columnFacts) bool { return nameFit(c.words, otherDateWords) > 0 })
	if len(able) == 0 {
		return false
	}
	booked, fit := inf.bookedColumn(able)
	if !inf.layout(booked) {
		return false
	}
	inf.profile.Columns.Booked = booked.ref
	inf.valueColumn(able, booked, fit)
	return true
}

// bookedColumn chooses among the columns of days by their names, without names the first that is sorted.
func (inf *inferrer) bookedColumn(able []*columnFacts) (best *columnFacts, fit int) {
	score := func(c *columnFacts) int {
		switch {
		case nameFit(c.words, bookedWords) > 0:
			return 30 + nameFit(c.words, bookedWords)
		case nameFit(c.words, valueWords) > 0:
			return 5
		case nameFit(c.words, dateWords) > 0:
			return 20 + nameFit(c.words, dateWords)
		case nameFit(c.words, transactedWords) > 0:
			return 10 + nameFit(c.words, transactedWords)
		}
		return 8
	}
	for _, c := range able {
		if s := score(c); best == nil || s > fit {
			best, fit = c, s
		}
	}
	if fit > 8 || inf.headed() {
		return best, fit
	}
	for _, c := range able {
		falling, rising := sorted(inf.someDays(c))
		if falling || rising {
			return c, fit
		}
	}
	return best, fit
}

// someDays reads a column in the first layout that most of its cells have.
func (inf *inferrer) someDays(c *columnFacts) []recon.Date {
	cells := inf.cells(c.at)
	best := bestLayouts(inf.layoutsFor(cells), cells)
	if len(best) == 0 {
		return make([]recon.Date, len(cells))
	}
	return daysOf(best[0].layout, cells)
}

// layoutsFor returns the layouts that the most common shape among cells allows.
func (inf *inferrer) layoutsFor(cells []string) []string {
	byKey := map[string][]dayShape{}
	common := ""
	for _, cell := range cells {
		if s, ok := shapeOf(cell); ok {
			key := s.key()
			byKey[key] = append(byKey[key], s)
			if len(byKey[key]) > len(byKey[common]) {
				common = key
			}
		}
	}
	if common == "" {
		return nil
	}
	return layoutsOf(byKey[common])
}

// valueColumn takes another column of days in the same layout for the value day, and says how sure the two are told apart.
func (inf *inferrer) valueColumn(able []*columnFacts, booked *columnFacts, fit int) {
	sure, evidence := Certain, "the only column of days"
	var other, value *columnFacts
	for _, c := range able {
		if c == booked {
			continue
		}
		other = c
		if nameFit(c.words, valueWords) > 0 && value == nil {
			value = c
		}
	}
	switch {
	case other == nil:
	case inf.sameDays(able):
		evidence = fmt.Sprintf("all %d columns of days say the same", len(able))
	case fit > 30:
		evidence = "its name says that it is the booking day"
	case fit > 20 && (value != nil || nameFit(other.words, transactedWords) > 0):
		evidence = fmt.Sprintf("its name is a plain word for day, and %q is another day", other.name)
	case fit > 8:
		sure, evidence = Likely, fmt.Sprintf("its name says a day; %q could be the booking day too", other.name)
	default:
		sure, evidence = Unsure, fmt.Sprintf("there are %d columns of days; the first that is sorted is taken", len(able))
		value = other
	}
	inf.find("columns.booked", booked.ref, sure, true, "%s", evidence)
	if value != nil && inf.inLayout(value) {
		inf.profile.Columns.Value = value.ref
		if nameFit(value.words, valueWords) > 0 {
			inf.find("columns.value", value.ref, Certain, false, "its name says so")
		} else {
			inf.find("columns.value", value.ref, Unsure, false, "the other column of days")
		}
	}
}

func (inf *inferrer) sameDays(able []*columnFacts) bool {
	for _, c := range able[1:] {
		for _, row := range inf.rows {
			if trimBlanks(row.cells[c.at]) != trimBlanks(row.cells[able[0].at]) {
				return false
			}
		}
	}
	return true
}

// inLayout reports whether the filled cells of a column have the layout of the booking day.
func (inf *inferrer) inLayout(c *columnFacts) bool {
	for i, cell := range inf.cells(c.at) {
		if _, ok := inf.profile.dates.parse(cell); !ok && cell != "" && inf.days[i] != 0 {
			return false
		}
	}
	return true
}
