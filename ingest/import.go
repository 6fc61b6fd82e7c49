package ingest

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gocarina/gocsv"

	"github.com/tieout/tieout/recon"
)

// ImportOptions says how a file of open items, customers, instalments or disputes is written. Such files are
// UTF-8 with a header row; days are ISO 8601, amounts have a dot. The order of columns is free.
type ImportOptions struct {
	Delimiter rune              // 0 is the comma
	Mapping   map[string]string // their header to ours, for files with other headers
	Layout    string            // name of a shipped layout of open items, "" for our own
	Currency  recon.Currency    // of rows of a layout that name none
}

// rowColumn is the column that carries the row of a record through the decoder; no header can be called so.
const rowColumn = "\x00row"

// importForm is what the header of an import may and must name.
type importForm struct {
	noun    string // "open items"
	columns []string
	needed  []string
	others  bool // columns beside these are ignored
}

// importRows decodes every readable row of r into a T by its csv tags and hands it to each; it returns the columns that the
// file has, and the problems of its form. The error is the reader's.
func importRows[T any](name string, r io.Reader, opts ImportOptions, form importForm, each func(T)) (recon.Columns, []recon.Problem, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	sheet, problem := newSheet(raw, opts, form)
	if problem != nil {
		return nil, []recon.Problem{*problem}, nil
	}
	rows, done := make(chan T, 256), make(chan error, 1)
	go func() { done <- gocsv.UnmarshalDecoderToChan(gocsv.NewSimpleDecoderFromCSVReader(sheet), rows) }()
	for row := range rows {
		each(row)
	}
	if err := <-done; err != nil {
		return nil, nil, fmt.Errorf("decode %s: %w", name, err)
	}
	return recon.Columns(sheet.header[:len(sheet.header)-1]), sheet.problems.all(), nil
}

// sheet is the gocsv.CSVReader of an import: it feeds the decoder with rows that fit the header, each with its row number as a further column.
type sheet struct {
	table    *table
	header   []string // ours, read first
	sent     bool
	cells    []string // reused by every record
	problems problemList
}

func newSheet(raw []byte, opts ImportOptions, form importForm) (*sheet, *recon.Problem) {
	if len(raw) == 0 {
		return nil, emptyProblem()
	}
	text, problem := readText(string(raw), []string{"utf-8"})
	if problem != nil {
		return nil, ofImport(problem)
	}
	delimiter := opts.Delimiter
	if delimiter == 0 {
		delimiter = ','
	}
	if !slices.Contains(delimiters, delimiter) {
		return nil, reject("CSV-DELIMITER", "", fmt.Sprintf("%q cannot be the delimiter", delimiter), "use , ; | or a tab")
	}
	t := newTable(text, 0, delimiter, true, 0)
	cells, row, problem, err := t.read()
	switch {
	case err != nil: // io.EOF: the table reads from memory
		return nil, emptyProblem()
	case problem != nil:
		return nil, ofImport(problem)
	}
	header := ourNames(headerNames(cells), opts.Mapping)
	form.ignore(header)
	if problem := form.check(header, row, delimiter); problem != nil {
		return nil, problem
	}
	t.columns = len(header)
	return &sheet{table: t, header: append(header, rowColumn)}, nil
}

// ourNames puts our header names in the place of theirs; case and outer blanks do not count.
func ourNames(names []string, mapping map[string]string) []string {
	folded := make(map[string]string, len(mapping))
	for theirs, ours := range mapping {
		folded[strings.ToLower(strings.TrimSpace(theirs))] = ours
	}
	for i, name := range names {
		names[i] = strings.ToLower(name)
		if ours, ok := folded[names[i]]; ok {
			names[i] = ours
		}
	}
	return names
}

// ignore gives the columns that the form does not know names of no field, where it has room for them.
func (f importForm) ignore(header []string) {
	for i, name := range header {
		if f.others && !slices.Contains(f.columns, name) {
			header[i] = fmt.Sprintf("\x00other%d", i)
		}
	}
}

// check compares a header with the form: nothing unknown, nothing doubled, nothing needed missing.
func (f importForm) check(header []string, row int, delimiter rune) *recon.Problem {
	if doubled := doubledName(header); doubled != "" {
		return reject("CSV-DUP-HEADER", rowPlace(row), fmt.Sprintf("column %q stands twice", doubled), "keep one of them")
	}
	if len(header) == 1 && len(f.needed) > 1 {
		return reject("CSV-COLUMNS", rowPlace(row), fmt.Sprintf("1 column, expected at least %d", len(f.needed)),
			fmt.Sprintf("the delimiter is not %s; name the right one with --delimiter", delimiterName(delimiter)))
	}
	for _, name := range header {
		if !f.others && !slices.Contains(f.columns, name) {
			return reject("CSV-HEADER", rowPlace(row), fmt.Sprintf("unknown column %q; %s have %s", name, f.noun, strings.Join(f.columns, ", ")),
				"rename or remove the column, or map it in tieout.yaml")
		}
	}
	for _, name := range f.needed {
		if !slices.Contains(header, name) {
			return reject("CSV-HEADER", rowPlace(row), fmt.Sprintf("column %q is missing; seen %s", name, strings.Join(f.known(header), ", ")),
				"add the column, or map the one that holds it in tieout.yaml")
		}
	}
	return nil
}

// known are the columns of a header that are not ignored.
func (f importForm) known(header []string) []string {
	return slices.DeleteFunc(slices.Clone(header), func(name string) bool { return f.others && !slices.Contains(f.columns, name) })
}

// Read returns the header first and then each record that can be read, for gocsv.
func (s *sheet) Read() ([]string, error) {
	if !s.sent {
		s.sent = true
		return s.header, nil
	}
	for {
		record, row, problem, err := s.table.read()
		switch {
		case err != nil:
			return nil, err
		case problem != nil:
			s.problems.add(*ofImport(problem))
		case !blankRecord(record):
			s.cells = append(append(s.cells[:0], record...), strconv.Itoa(row))
			return s.cells, nil
		}
	}
}

// ReadAll returns all that Read would.
func (s *sheet) ReadAll() (records [][]string, err error) {
	for {
		record, err := s.Read()
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return nil, err
		}
		records = append(records, slices.Clone(record))
	}
}

func blankRecord(record []string) bool {
	for _, cell := range record {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}
