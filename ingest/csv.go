package ingest

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// ReadCSV reads a bank's CSV export through the profile that opts names, else through the one whose header the file has, else
// through one that it infers from the file (format "csv:inferred", with a problem CSV-PROFILE that says how surely).
// The file is one statement for each account and currency in it. A row that is not wholly understood is a problem
// (reject) and no entry: nothing is guessed and the rows that could be read are there for a person to look at. The
// statement's balances come from the running balance, which also proves sign and amount of each row. The error is
// the reader's; Read bounds the size.
func ReadCSV(name string, r io.Reader, opts Options) (recon.Document, error) {
	raw, err := readWhole(r)
	if err != nil {
		return recon.Document{}, fmt.Errorf("read %s: %w", name, err)
	}
	if len(raw) == 0 {
		return recon.Document{Problems: []recon.Problem{*emptyProblem()}}, nil
	}
	found, problem := recogniseOrInfer(name, raw, opts)
	if found.profile == nil {
		return recon.Document{Problems: []recon.Problem{*problem}}, nil
	}
	doc := recon.Document{Format: "csv:" + found.profile.ID}
	if problem != nil {
		doc.Problems = []recon.Problem{*problem}
	}
	text, problem := readText(raw, found.encodings)
	if problem != nil {
		doc.Problems = append(doc.Problems, *problem)
		return doc, nil
	}
	sheet := newBankSheet(found, text, opts.Account)
	sheet.readRows()
	doc.Statements = sheet.statements()
	doc.Problems = append(doc.Problems, sheet.problems.all()...)
	return doc, nil
}

// readWhole reads to the end, in pieces that are put together once: a buffer that grows would copy a large file several times.
func readWhole(r io.Reader) (string, error) {
	var pieces [][]byte
	total := 0
	for size := 64 << 10; ; size = min(2*size, 8<<20) {
		piece := make([]byte, size)
		n, err := io.ReadFull(r, piece)
		pieces = append(pieces, piece[:n])
		total += n
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			var whole strings.Builder
			whole.Grow(total)
			for _, piece := range pieces {
				whole.Write(piece)
			}
			return whole.String(), nil
		default:
			return "", err
		}
	}
}

// bankSheet is one CSV export while it is read.
type bankSheet struct {
	profile  *Profile
	columns  columnIndex
	names    []string
	table    *table
	before   []string // lines before the rows
	after    []string // lines after the rows, from the first that the profile calls a footer
	account  string   // that the file must be of; "" takes any
	currency recon.Currency
	problems problemList

	entries      []recon.Entry
	notes        []rowNote // one for each entry
	groups       []group   // one for each account and currency, in the order in which they come
	last         int       // group of the row before
	cells        []string  // backing of the entries' lines, in pieces
	places       placeNames
	dayCell      string // the last cell that was read as a day, and the day
	day          recon.Date
	unread       counts
	unbookedLast bool // the record before was not booked
	ended        bool // text ends with a line end
}

// rowNote is what proving the balance needs of a row.
type rowNote struct {
	row        int32
	booked     recon.Date
	amount     int64
	balance    int64
	group      int32
	hasBalance bool
}

// group is the statement that a row belongs to.
type group struct {
	account  string // as the file says it
	currency recon.Currency
	exponent int
	opening  *int64 // where a row states it
}

type counts struct{ pending, rejected int }

func newBankSheet(found located, text string, account string) *bankSheet {
	offset := 0
	for range found.lines {
		end := strings.IndexByte(text[offset:], '\n')
		if end < 0 {
			offset = len(text)
			break
		}
		offset += end + 1
	}
	p := found.profile
	s := &bankSheet{
		profile: p,
		columns: newColumnIndex(p, found.names),
		names:   found.names,
		before:  strings.Split(text[:offset], "\n"),
		account: recon.NormalAccount(account),
		ended:   len(text) == 0 || text[len(text)-1] == '\n',
		table:   newTable(text, offset, p.delimiter(), p.Quote != "none", len(found.names)),
	}
	s.table.trailing = p.TrailingCell
	rows := min(strings.Count(text[offset:], "\n")+1, maxRoom)
	s.entries = make([]recon.Entry, 0, rows)
	s.notes = make([]rowNote, 0, rows)
	return s
}

// maxRoom bounds the rows that room is made for before they are read: a file of blank lines has none.
const maxRoom = 1 << 17

// readRows turns every record into an entry, a count or a problem.
func (s *bankSheet) readRows() {
	s.currency = s.fixedCurrency()
	for {
		record, row, problem, err := s.table.read()
		if err != nil {
			break // io.EOF: the table reads from memory
		}
		if problem == nil {
			problem = s.read(record, row)
		}
		if problem == nil {
			continue
		}
		if s.footer(row) {
			break
		}
		s.unread.rejected++
		s.problems.add(*problem)
	}
	if !s.ended && len(s.after) == 0 {
		s.problems.add(recon.Problem{Code: "CSV-TRUNCATED", Severity: recon.Warn,
			Message: "the last line has no line end: the file is possibly truncated", Try: "compare the last row with the bank's; export again if rows are missing"})
	}
	if len(s.entries) == 0 && s.unread.rejected == 0 && firstGroup(s.profile.lines.closing, s.around()) == "" {
		s.problems.add(recon.Problem{Code: "CSV-NO-ROWS", Severity: recon.Warn,
			Message: fmt.Sprintf("no booked row (%d pending or ignored)", s.unread.pending), Try: "check the period of the export"})
	}
}

// around are the lines before and after the rows.
func (s *bankSheet) around() []string { return slices.Concat(s.before, s.after) }

// fixedCurrency is that of all rows, where no column says it: of the profile, or of a line around the rows.
func (s *bankSheet) fixedCurrency() recon.Currency {
	if s.profile.Currency != "" {
		return recon.Currency(s.profile.Currency)
	}
	return recon.Currency(firstGroup(s.profile.lines.currency, s.before))
}

// footer reports whether the rows end at this line, and keeps the lines from there on. Everything after must be footer
// too: a row behind a total would be lost unsaid.
func (s *bankSheet) footer(row int) bool {
	if len(s.profile.footer) == 0 || !matchesAny(s.profile.footer, s.table.firstLine()) {
		return false
	}
	s.after = s.table.rest()
	for i, line := range s.after {
		if strings.Trim(line, ` "`+string(rune(s.table.delimiter))) != "" && !matchesAny(s.profile.footer, line) {
			s.unread.rejected++
			s.problems.add(*reject("CSV-ROW", rowPlace(row+i), "a line after the end of the rows that is no footer of the profile",
				"add a pattern for it under footer, or export again"))
		}
	}
	return true
}

func matchesAny(patterns []*regexp.Regexp, line string) bool {
	for _, pattern := range patterns {
		if pattern.MatchString(line) {
			return true
		}
	}
	return false
}

// firstGroup returns what the pattern's group found in the first line that it matches; "" without one.
func firstGroup(pattern *regexp.Regexp, lines []string) string {
	if pattern == nil {
		return ""
	}
	for _, line := range lines {
		if found := pattern.FindStringSubmatch(line); found != nil {
			return strings.TrimSpace(found[1])
		}
	}
	return ""
}
