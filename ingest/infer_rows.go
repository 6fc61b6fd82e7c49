package ingest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// repeatedHeader takes the header out of the rows.
func (inf *inferrer) repeatedHeader() {
	before := len(inf.rows)
	inf.keepRows(func(i int) bool {
		return inf.grid.header == nil || !slices.Equal(headerNames(inf.rows[i].cells), inf.grid.header)
	})
	if n := before - len(inf.rows); n > 0 {
		inf.profile.RepeatedHeader = true
		inf.find("repeated_header", "true", Certain, false, "the header stands %s among the rows", counted(n, "time"))
	}
}

// keepRows keeps the rows for which keep holds, and their days.
func (inf *inferrer) keepRows(keep func(i int) bool) {
	var rows []gridRow
	var days = inf.days[:0:0]
	for i, row := range inf.rows {
		if keep(i) {
			rows, days = append(rows, row), append(days, inf.days[i])
		}
	}
	inf.rows, inf.days = rows, days
}

// openingRows takes out the rows that state a balance and are no movement. What they say is known word for word.
func (inf *inferrer) openingRows() {
	for at := range inf.columns {
		opening, total := map[string]bool{}, map[string]bool{}
		inf.keepRows(func(i int) bool {
			cell := strings.TrimSpace(inf.rows[i].cells[at])
			switch {
			case isOpeningPhrase(cell):
				opening[cell] = true
				inf.openings = append(inf.openings, inf.rows[i])
			case isClosingPhrase(cell):
				total[cell] = true
			default:
				return true
			}
			return false
		})
		if len(opening) > 0 && inf.profile.Opening.Column == "" {
			inf.profile.Opening = Marked{Column: inf.columns[at].ref, Equals: keys(opening)}
		}
		if len(total) > 0 && inf.profile.Status.Column == "" {
			inf.profile.Status = Status{Column: inf.columns[at].ref, Booked: []string{"*"}, Ignored: keys(total)}
			inf.find("status", strings.Join(keys(total), ", "), Certain, true, "rows that say so in %s state a balance and are no movement", inf.columns[at].ref)
		}
	}
}

func keys(set map[string]bool) (list []string) {
	for key := range set {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}

// openingAmount says where an opening row has its balance: in the balance column, else where rows have their amount.
func (inf *inferrer) openingAmount() {
	p := &inf.profile
	if p.Opening.Column == "" {
		return
	}
	source := inf.money.balance
	if source == nil {
		source = inf.money.amount
		if source != nil {
			p.Opening.Amount = source.ref
		}
	}
	filled := source != nil
	for _, row := range inf.openings {
		filled = filled && strings.TrimSpace(row.cells[source.at]) != ""
	}
	words := strings.Join(p.Opening.Equals, ", ")
	if filled {
		inf.find("opening", words, Certain, true, "rows that say so in %s state the balance before the first row", p.Opening.Column)
		return
	}
	column := p.Opening.Column
	p.Opening = Marked{}
	if p.Status.Column == "" {
		p.Status = Status{Column: column, Booked: []string{"*"}, Ignored: strings.Split(words, ", ")}
	}
	inf.find("status", words, Likely, true, "rows that say so in %s hold no amount and are passed over", column)
}

// statusColumn finds what tells booked rows from others, and keeps the booked ones: a column of status words, or words where
// booked rows have their day.
func (inf *inferrer) statusColumn() {
	inf.statusWords()
	if inf.profile.Status.Column == "" {
		inf.statusInDays()
	}
	inf.keepRows(func(i int) bool {
		if inf.days[i] == 0 {
			inf.dayless = append(inf.dayless, inf.rows[i])
		}
		return inf.days[i] != 0
	})
}

func (inf *inferrer) statusWords() {
	for i := range inf.columns {
		c := &inf.columns[i]
		named := nameFit(c.words, statusNames) > 0
		known, status := sortStatus(c.values)
		switch {
		case inf.profile.Status.Column != "", c.many, c.filled == 0, c.letters < c.filled, known == 0 && !named, known < len(c.values) && !named:
			continue
		case named && len(c.values) > 8:
			continue
		}
		status.Column = c.ref
		sure, evidence := Certain, "all of its words are known"
		if known < len(c.values) {
			sure, evidence = Unsure, fmt.Sprintf("its name says a status, but %s are unknown and taken for booked", counted(len(c.values)-known, "word"))
		}
		if c.filled < len(inf.rows) {
			status.Booked = append(status.Booked, "")
			sure, evidence = Unsure, "rows without a status are taken for booked"
		}
		if len(status.Booked) == 0 {
			sure, evidence = Unsure, "no row says that it is booked"
			status.Booked = []string{"*"}
		}
		inf.profile.Status = status
		inf.find("status", c.ref, sure, true, "%s", evidence)
		inf.keepRows(func(i int) bool {
			word := strings.TrimSpace(inf.rows[i].cells[c.at])
			return !slices.Contains(status.Pending, word) && !slices.Contains(status.Ignored, word)
		})
	}
}

// sortStatus puts words in the lists of a status; those that nobody knows are booked.
func sortStatus(words []string) (known int, s Status) {
	for _, word := range words {
		kind := statusKinds[plainWords(word)]
		if kind != 0 {
			known++
		}
		switch kind {
		case 'p':
			s.Pending = append(s.Pending, word)
		case 'i':
			s.Ignored = append(s.Ignored, word)
		default:
			s.Booked = append(s.Booked, word)
		}
	}
	return known, s
}

// statusInDays finds words for pending in the column of days.
func (inf *inferrer) statusInDays() {
	words := map[string]bool{}
	at := inf.bookedAt()
	for i, row := range inf.rows {
		word := strings.TrimSpace(row.cells[at])
		if inf.days[i] == 0 && statusKinds[plainWords(word)] == 'p' {
			words[word] = true
		}
	}
	if len(words) == 0 {
		return
	}
	inf.profile.Status = Status{Column: inf.columns[at].ref, Booked: []string{"*"}, Pending: keys(words)}
	inf.find("status", strings.Join(keys(words), ", "), Certain, true, "stands in %s in the place of a day", inf.columns[at].ref)
	inf.keepRows(func(i int) bool { return !words[strings.TrimSpace(inf.rows[i].cells[at])] })
}

// detailRows recognises rows without day and amount that tell more about the row before.
func (inf *inferrer) detailRows() {
	empty := []int{inf.bookedAt()}
	for _, c := range inf.money.columns() {
		empty = append(empty, c.at)
	}
	filled := -1
	for _, row := range inf.dayless {
		if slices.ContainsFunc(empty, func(at int) bool { return strings.TrimSpace(row.cells[at]) != "" }) || row.line < inf.rows[0].line {
			return
		}
		at := slices.IndexFunc(row.cells, func(cell string) bool { return strings.TrimSpace(cell) != "" })
		if at < 0 || filled >= 0 && at != filled {
			return
		}
		filled = at
	}
	if filled < 0 {
		return
	}
	details := Details{Filled: []string{inf.columns[filled].ref}}
	for _, at := range empty {
		details.Empty = append(details.Empty, inf.columns[at].ref)
	}
	inf.profile.Details = details
	inf.details = &inf.columns[filled]
	inf.find("details", inf.columns[filled].ref, Likely, true, "%s have only a text, without day and amount: more about the row before", counted(len(inf.dayless), "row"))
	inf.dayless = nil
}

// footer makes a pattern for each line behind the rows.
func (inf *inferrer) footer() {
	sample := -1
	for _, row := range inf.grid.after {
		if row.sample == sample {
			continue // its lines are done
		}
		sample = row.sample
		for line := range strings.SplitSeq(fromLine(inf.texts[sample].text, row.line), "\n") {
			pattern := footerPattern(line, inf.grid.delimiter)
			if pattern != "" && !slices.Contains(inf.profile.Footer, pattern) {
				inf.profile.Footer = append(inf.profile.Footer, pattern)
			}
		}
	}
	if len(inf.profile.Footer) > 0 {
		inf.find("footer", counted(len(inf.grid.after), "line"), Certain, false, "they stand behind the last row and are no rows: fewer columns, or a total")
	}
}

// fromLine returns text from a line on; the first is 1.
func fromLine(text string, line int) string {
	for range line - 1 {
		_, text, _ = strings.Cut(text, "\n")
	}
	return text
}

var digitRun = regexp.MustCompile(`[0-9]+`)

// footerPattern is an expression for lines like this one: what it begins with, up to its first word, its numbers left open.
func footerPattern(line string, delimiter rune) string {
	end := strings.IndexFunc(line, unicode.IsLetter)
	if end < 0 {
		end = 0
	}
	for end < len(line) && !strings.ContainsRune("\"\t", rune(line[end])) && line[end] != byte(delimiter) && end < 40 {
		end++
	}
	start := strings.TrimSpace(strings.ToValidUTF8(line[:end], ""))
	if start == "" {
		return ""
	}
	return "^" + digitRun.ReplaceAllString(regexp.QuoteMeta(start), `[0-9]+`)
}
