package ingest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
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

// table cuts text into records of a fixed number of columns. A row is named by the line on which it
// begins, counted from 1, as an editor shows it. A record that cannot be cut is a problem and the
// next line is read on its own, so that a quote left open spoils one row and not the rest.
type table struct {
	text      []byte
	delimiter rune
	quoted    bool // fields may stand in double quotes
	columns   int  // expected in each record; 0 takes any number
	trailing  bool // one empty column more than expected is fine
	start     int  // where the reader begins in text
	at        int  // where the record that was read last begins
	line      int  // lines before start
	reader    *csv.Reader
	cells     []string // reused by records without quotes
	quoteErrs int
	rows      int
}

func newTable(text []byte, offset int, delimiter rune, quoted bool, columns int) *table {
	t := &table{text: text, delimiter: delimiter, quoted: quoted, columns: columns}
	t.restart(offset)
	return t
}

// restart reads on at offset, which is the start of a line.
func (t *table) restart(offset int) {
	t.line += bytes.Count(t.text[t.start:offset], []byte{'\n'})
	t.start = offset
	if !t.quoted {
		return
	}
	t.reader = csv.NewReader(bytes.NewReader(t.text[offset:]))
	t.reader.Comma = t.delimiter
	t.reader.FieldsPerRecord = -1
	t.reader.ReuseRecord = true
}

// next returns the next record and its row. The record is valid until the following call. It fails with
// io.EOF after the last record; a record that cannot be read comes as a problem, without cells.
func (t *table) next() (record []string, row int, problem *recon.Problem, err error) {
	record, row, problem, err = t.cut()
	if err != nil || problem != nil {
		return nil, row, problem, err
	}
	if t.rows++; t.rows > maxRows {
		t.restart(len(t.text))
		return nil, row, limitProblem(row, fmt.Sprintf("more than %d rows", maxRows)), nil
	}
	if t.trailing && len(record) == t.columns+1 && record[t.columns] == "" {
		record = record[:t.columns]
	}
	if problem = t.check(record, row); problem != nil && t.spansLines() {
		t.openQuote()
	}
	return record, row, problem, nil
}

func (t *table) cut() ([]string, int, *recon.Problem, error) {
	if !t.quoted {
		return t.split()
	}
	t.at = t.skipBlank(t.start + int(t.reader.InputOffset()))
	record, err := t.reader.Read()
	var fault *csv.ParseError
	switch {
	case err == nil:
		line, _ := t.reader.FieldPos(0)
		return record, t.line + line, nil, nil
	case errors.As(err, &fault):
		row := t.line + fault.StartLine
		t.openQuote()
		return nil, row, quoteProblem(row, fault), nil
	}
	return nil, 0, nil, err
}

// openQuote reads on at the line after the start of a record whose quotation marks are in doubt.
func (t *table) openQuote() {
	if t.quoteErrs++; t.quoteErrs > maxQuoteProblems {
		t.restart(len(t.text))
		return
	}
	t.restart(t.afterLine(t.at))
}

// size returns the bytes of the record that was read last.
func (t *table) size() int {
	if !t.quoted {
		return t.start - t.at
	}
	return t.start + int(t.reader.InputOffset()) - t.at
}

// spansLines reports whether the record that was read last has more than one line.
func (t *table) spansLines() bool {
	return t.quoted && t.afterLine(t.at)-t.at < t.size()
}

// skipBlank returns where the first line with text at or after offset begins.
func (t *table) skipBlank(offset int) int {
	for offset < len(t.text) && t.text[offset] == '\n' {
		offset++
	}
	return offset
}

// afterLine returns where the line after the one at offset begins.
func (t *table) afterLine(offset int) int {
	end := bytes.IndexByte(t.text[offset:], '\n')
	if end < 0 {
		return len(t.text)
	}
	return offset + end + 1
}

// firstLine returns the first line of the record that was read last.
func (t *table) firstLine() string {
	line, _, _ := bytes.Cut(t.text[t.at:], []byte{'\n'})
	return string(line)
}

// rest returns the lines from the record that was read last on.
func (t *table) rest() []string { return strings.Split(string(t.text[t.at:]), "\n") }

// split cuts a line of a bank that never quotes: a quotation mark is text.
func (t *table) split() ([]string, int, *recon.Problem, error) {
	t.at = t.skipBlank(t.start)
	t.line += t.at - t.start + 1
	if t.at == len(t.text) {
		return nil, 0, nil, io.EOF
	}
	t.start = t.afterLine(t.at)
	line := string(bytes.TrimSuffix(t.text[t.at:t.start], []byte{'\n'}))
	t.cells = t.cells[:0]
	for cell := range strings.SplitSeq(line, string(t.delimiter)) {
		t.cells = append(t.cells, cell)
	}
	return t.cells, t.line, nil, nil
}

// check compares a record with the form of the table.
func (t *table) check(record []string, row int) *recon.Problem {
	if !t.quoted && t.size() > maxField {
		return limitProblem(row, fmt.Sprintf("a line of %d bytes, at most %d are read", t.size(), maxField))
	}
	if t.columns > 0 && len(record) != t.columns {
		return columnsProblem(row, len(record), t.columns, t.delimiter)
	}
	if len(record) > maxColumns {
		return limitProblem(row, fmt.Sprintf("%d columns, at most %d are read", len(record), maxColumns))
	}
	if !t.quoted || !t.spansLines() && t.size() <= maxField {
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
	delimiter := string(t.delimiter)
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

func rowPlace(row int) string { return fmt.Sprintf("row %d", row) }

func quoteProblem(row int, fault *csv.ParseError) *recon.Problem {
	seen := "a quotation mark inside a field that is not quoted"
	switch {
	case errors.Is(fault.Err, csv.ErrQuote) && fault.Line > fault.StartLine:
		seen = "a quotation mark is left open at the end of the row"
	case errors.Is(fault.Err, csv.ErrQuote):
		seen = "text after a closing quotation mark, or a mark left open"
	}
	return reject("CSV-QUOTE", rowPlace(row), seen,
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
