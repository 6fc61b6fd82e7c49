package ingest

import (
	"fmt"
	"io"
	"math/bits"
	"strconv"
	"strings"

	"github.com/tieout/tieout/recon"
)

// Limits of one CSV file, well above what a bank sends.
const (
	maxField         = 1 << 20 // bytes
	maxColumns       = 1000
	maxRows          = 5_000_000
	maxQuoteProblems = 100 // each costs one more pass over the rest of the file
)

// table cuts text into records of a fixed number of columns, by the rules of RFC 4180 and no others. A row is named by the
// line on which it begins, counted from 1, as an editor shows it. A record that cannot be cut is a problem and the next line
// is read on its own, so that a quote left open spoils one row and not the rest. Cells are parts of the text and cost nothing.
type table struct {
	text      string
	delimiter byte
	quoted    bool // fields may stand in double quotes
	columns   int  // expected in each record; 0 takes any number
	trailing  bool // one empty column more than expected is fine
	at        int  // where the record that was read last begins
	next      int  // where the one after it begins
	line      int  // lines before next
	spans     bool // the record that was read last has more than one line
	cells     []string
	quoteErrs int
	rows      int
}

func newTable(text string, offset int, delimiter rune, quoted bool, columns int) *table {
	return &table{text: text, delimiter: byte(delimiter), quoted: quoted, columns: columns, next: offset, line: strings.Count(text[:offset], "\n")}
}

// read returns the next record and its row. The record is valid until the following call. It fails with
// io.EOF after the last record; a record that cannot be read comes as a problem, without cells.
func (t *table) read() (record []string, row int, problem *recon.Problem, err error) {
	for t.next < len(t.text) && t.text[t.next] == '\n' {
		t.next++
		t.line++
	}
	if t.next == len(t.text) {
		return nil, 0, nil, io.EOF
	}
	t.at, row = t.next, t.line+1
	if problem := t.cut(row); problem != nil {
		return nil, row, problem, nil
	}
	if t.rows++; t.rows > maxRows {
		t.next = len(t.text)
		return nil, row, limitProblem(row, fmt.Sprintf("more than %d rows", maxRows)), nil
	}
	record = t.cells
	if t.trailing && len(record) == t.columns+1 && record[t.columns] == "" {
		record = record[:t.columns]
	}
	if problem = t.check(record, row); problem != nil && t.spans {
		t.openQuote()
	}
	return record, row, problem, nil
}

// cut fills cells from the record that begins at t.at, and moves on behind it.
func (t *table) cut(row int) *recon.Problem {
	end := t.afterLine(t.at)
	line := strings.TrimSuffix(t.text[t.at:end], "\n")
	t.cells, t.spans = t.cells[:0], false
	if t.quoted && strings.IndexByte(line, '"') >= 0 {
		fault := t.cutQuoted()
		if fault == "" {
			t.line += strings.Count(t.text[t.at:t.next], "\n")
			t.spans = end < t.next
			return nil
		}
		t.openQuote()
		return quoteProblem(row, fault)
	}
	t.cutPlain(line)
	t.next = end
	t.line++
	return nil
}

// cutPlain cuts a line without quotation marks. Fields are short: it looks at eight bytes at a time, as a search for each
// delimiter costs more than what it skips.
func (t *table) cutPlain(line string) {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	pattern := ones * uint64(t.delimiter)
	cells := t.cells
	start, at := 0, 0
	for ; at+8 <= len(line); at += 8 {
		// A byte that is the delimiter becomes zero, and then its top bit is set; one byte never borrows from the next.
		same := eightBytes(line, at) ^ pattern
		for found := ^(same&^tops + (tops - ones) | same) & tops; found != 0; found &= found - 1 {
			end := at + bits.TrailingZeros64(found)/8
			cells = append(cells, line[start:end])
			start = end + 1
		}
	}
	for ; at < len(line); at++ {
		if line[at] == t.delimiter {
			cells = append(cells, line[start:at])
			start = at + 1
		}
	}
	t.cells = append(cells, line[start:])
}

// quoteFault says what is wrong with the quotation marks of a record; "" where nothing is.
type quoteFault string

const (
	bareQuote  quoteFault = "a quotation mark inside a field that is not quoted"
	openQuote  quoteFault = "a quotation mark is left open at the end of the row"
	afterQuote quoteFault = "text after a closing quotation mark, or a mark left open"
)

// cutQuoted cuts a record some fields of which are quoted; it may go on over several lines.
func (t *table) cutQuoted() quoteFault {
	for pos := t.at; ; pos++ {
		var cell string
		if pos < len(t.text) && t.text[pos] == '"' {
			size, escaped := quotedSize(t.text[pos:])
			if size == 0 {
				return t.unclosed(len(t.text) - 1)
			}
			if cell = t.text[pos+1 : pos+size-1]; escaped {
				cell = strings.ReplaceAll(cell, `""`, `"`)
			}
			pos += size
		} else {
			size := t.plainSize(pos)
			if cell = t.text[pos : pos+size]; strings.IndexByte(cell, '"') >= 0 {
				return bareQuote
			}
			pos += size
		}
		t.cells = append(t.cells, cell)
		switch {
		case pos == len(t.text):
			t.next = pos
			return ""
		case t.text[pos] == '\n':
			t.next = pos + 1
			return ""
		case t.text[pos] != t.delimiter:
			return t.unclosed(pos)
		}
	}
}

// quotedSize returns the size of the quoted field that s begins with, its marks included, 0 where it is not closed.
func quotedSize(s string) (size int, escaped bool) {
	for size = 1; ; size += 2 {
		end := strings.IndexByte(s[size:], '"')
		if end < 0 {
			return 0, false
		}
		size += end
		if size+1 == len(s) || s[size+1] != '"' {
			return size + 1, escaped
		}
		escaped = true
	}
}

func (t *table) plainSize(pos int) int {
	for size := 0; ; size++ {
		if at := pos + size; at == len(t.text) || t.text[at] == t.delimiter || t.text[at] == '\n' {
			return size
		}
	}
}

// unclosed tells a mark left open, which runs on over the following lines, from text behind a closing one.
func (t *table) unclosed(pos int) quoteFault {
	if strings.IndexByte(t.text[t.at:pos], '\n') >= 0 {
		return openQuote
	}
	return afterQuote
}

// openQuote reads on at the line after the start of a record whose quotation marks are in doubt.
func (t *table) openQuote() {
	t.line = strings.Count(t.text[:t.at], "\n") + 1
	if t.next = t.afterLine(t.at); t.quoteErrs >= maxQuoteProblems {
		t.next = len(t.text)
	}
	t.quoteErrs++
}

// size returns the bytes of the record that was read last.
func (t *table) size() int { return t.next - t.at }

// afterLine returns where the line after the one at offset begins.
func (t *table) afterLine(offset int) int {
	end := strings.IndexByte(t.text[offset:], '\n')
	if end < 0 {
		return len(t.text)
	}
	return offset + end + 1
}

// firstLine returns the first line of the record that was read last.
func (t *table) firstLine() string {
	return strings.TrimSuffix(t.text[t.at:t.afterLine(t.at)], "\n")
}

// rest returns the lines from the record that was read last on.
func (t *table) rest() []string { return strings.Split(t.text[t.at:], "\n") }

// check compares a record with the form of the table.
func (t *table) check(record []string, row int) *recon.Problem {
	if !t.quoted && t.size() > maxField {
		return limitProblem(row, fmt.Sprintf("a line of %d bytes, at most %d are read", t.size(), maxField))
	}
	if t.columns > 0 && len(record) != t.columns {
		return columnsProblem(row, len(record), t.columns, rune(t.delimiter))
	}
	if len(record) > maxColumns {
		return limitProblem(row, fmt.Sprintf("%d columns, at most %d are read", len(record), maxColumns))
	}
	if !t.quoted || !t.spans && t.size() <= maxField {
		return nil
	}
	for i, cell := range record {
		if len(cell) > maxField {
			return limitProblem(row, fmt.Sprintf("column %d holds %d bytes, at most %d are read", i+1, len(cell), maxField))
		}
		if strings.Contains(cell, "\n") && t.swallowsRows(cell, i, len(record)) {
			return reject("CSV-QUOTE", rowPlace(row), fmt.Sprintf("the quoted text in column %d runs over whole rows", i+1),
				"a quotation mark is left open on this row; export the file again")
		}
	}
	return nil
}

// swallowsRows reports whether a text of several lines is the end of one row and the start of another, which a
// pair of stray quotation marks made one: its first line then ends the row, and its last line stops at the same column.
func (t *table) swallowsRows(cell string, column, columns int) bool {
	first := cell[:strings.IndexByte(cell, '\n')]
	last := cell[strings.LastIndexByte(cell, '\n')+1:]
	delimiter := string(rune(t.delimiter))
	return strings.Count(first, delimiter) == columns-1-column && strings.Count(last, delimiter) == column && columns > 1
}

// headerNames trims the cells of a header line.
func headerNames(cells []string) []string {
	names := make([]string, len(cells))
	for i, cell := range cells {
		names[i] = strings.TrimSpace(cell)
	}
	return names
}

// doubledName returns the first name that stands twice among names, or "".
func doubledName(names []string) string {
	seen := map[string]bool{}
	for _, name := range names {
		if name != "" && seen[name] {
			return name
		}
		seen[name] = true
	}
	return ""
}

// placeNames writes the names of many rows into few pieces of memory.
type placeNames struct{ piece strings.Builder }

func (p *placeNames) row(row int) string {
	const room, longest = 16 << 10, len("row ") + 19
	if p.piece.Cap()-p.piece.Len() < longest {
		p.piece = strings.Builder{}
		p.piece.Grow(room)
	}
	start := p.piece.Len()
	var digits [20]byte
	p.piece.WriteString("row ")
	p.piece.Write(strconv.AppendInt(digits[:0], int64(row), 10))
	return p.piece.String()[start:]
}

func rowPlace(row int) string { return fmt.Sprintf("row %d", row) }

func quoteProblem(row int, fault quoteFault) *recon.Problem {
	return reject("CSV-QUOTE", rowPlace(row), string(fault),
		`a quotation mark inside a quoted field is written twice (""); export the file again, or set quote: none if the bank never quotes`)
}

func columnsProblem(row, seen, expected int, delimiter rune) *recon.Problem {
	return reject("CSV-COLUMNS", rowPlace(row), fmt.Sprintf("%s, expected %d", counted(seen, "column"), expected),
		fmt.Sprintf("a %s inside a text needs quotes; export the file again rather than repairing it by hand", delimiterName(delimiter)))
}

func limitProblem(row int, seen string) *recon.Problem {
	return reject("CSV-LIMIT", rowPlace(row), seen, "split the export into shorter periods; check that it is a bank statement")
}

func delimiterName(delimiter rune) string {
	if delimiter == '\t' {
		return "tab"
	}
	return fmt.Sprintf("'%c'", delimiter)
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
