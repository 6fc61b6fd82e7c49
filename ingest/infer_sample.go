package ingest

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/tieout/tieout/recon"
)

// sampleText is a sample as text, with the encodings in which a profile should try files like it.
type sampleText struct {
	name      string
	text      string
	lines     []string // the first ones, where a header may stand
	encodings []string
	evidence  string
	sure      Confidence
}

// legacyCharsets are those of banks that do not send UTF-8, the usual one first. All of them decode most bytes: the one in which
// the most names of columns can be read wins, then the one that makes the most letters of words. Without a name of a column in them
// the letters of other scripts are nothing but likely noise.
var legacyCharsets = []string{"windows-1252", "windows-1250", "windows-1257", "windows-1251", "windows-1253", "windows-1254", "shift_jis", "gb18030"}

// westernCharsets are how many of them, from the first, are tried without a name that can be read.
const westernCharsets = 3

func decodeSample(sample Sample) (sampleText, *recon.Problem) {
	s := sampleText{name: sample.Name, encodings: []string{"utf-8", "windows-1252"}, sure: Certain, evidence: "only ASCII characters occur"}
	raw := string(sample.Data)
	if len(raw) == 0 {
		return s, emptyProblem()
	}
	text, problem := readText(raw, []string{"utf-8"})
	switch {
	case strings.HasPrefix(raw, bomUTF16LE), strings.HasPrefix(raw, bomUTF16BE):
		s.encodings, s.evidence = []string{"utf-16"}, "a UTF-16 byte order mark"
	case strings.HasPrefix(raw, bomUTF8):
		s.encodings, s.evidence = []string{"utf-8"}, "a UTF-8 byte order mark"
	case problem != nil && problem.Code == "CSV-UTF8":
		return legacyText(s, raw)
	case strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) >= 0:
		s.encodings, s.evidence = []string{"utf-8"}, "all characters beyond ASCII are valid UTF-8"
	}
	if problem != nil {
		return s, problem
	}
	s.settle(text)
	return s, nil
}

func (s *sampleText) settle(text string) {
	s.text = text
	s.lines = strings.Split(s.text[:min(len(text), headSize)], "\n")
	s.lines = s.lines[:min(len(s.lines), maxPreamble+1)]
}

// legacyText decodes bytes that are no UTF-8. Only texts depend on the choice, no amount or day does.
func legacyText(s sampleText, raw string) (sampleText, *recon.Problem) {
	best := -1
	var first *recon.Problem
	for i, charset := range legacyCharsets {
		text, problem := readText(raw, []string{charset})
		if problem != nil {
			if first == nil {
				first = problem
			}
			continue
		}
		letters, names := lettersInWords(text), columnNames(text)
		if names == 0 && i >= westernCharsets {
			continue
		}
		if score := names<<20 + letters; score > best {
			best = score
			s.encodings, s.sure = []string{charset}, Likely
			s.evidence = fmt.Sprintf("no valid UTF-8; read so, %s beyond ASCII stand inside words", counted(letters, "letter"))
			s.settle(text)
		}
	}
	if best < 0 {
		return s, first
	}
	return s, nil
}

// columnNames counts the names of columns beyond ASCII that can be read in the first lines.
func columnNames(text string) (n int) {
	head := text[:min(len(text), headSize)]
	for _, cell := range strings.FieldsFunc(head, func(r rune) bool { return strings.ContainsRune(";,\t|\"\n", r) }) {
		if strings.ContainsFunc(cell, func(r rune) bool { return r > unicode.MaxASCII }) && knownHeader(cell) {
			n++
		}
	}
	return n
}

// lettersInWords counts the letters beyond ASCII that stand beside a small letter: in a wrong encoding they are signs.
func lettersInWords(text string) (n int) {
	before := ' '
	for _, r := range text[:min(len(text), headSize)] {
		if r > unicode.MaxASCII && unicode.IsLetter(r) && (unicode.IsLetter(before) || before == ' ') {
			n++
		}
		before = r
	}
	return n
}

// grid is the samples cut in one way: where the header stands, and the rows under it.
type grid struct {
	delimiter rune
	quoted    bool
	header    []string // trimmed names; nil without a header
	width     int      // of the rows, without a trailing empty cell
	trailing  bool     // rows end with one delimiter more than the header
	rows      []gridRow
	before    []string  // lines before the rows of the first sample, the header not included
	after     []gridRow // records behind the rows
	start     []int     // for each sample, the line of its header, else of its first row, from 0
	stranger  string    // a sample that has another layout
	looked    int       // rows that look like bookings: day and amount
	faults    int       // records that could not be cut
	spare     bool      // the last cell of each row is empty, so that the header may be one cell shorter
}

// gridRow is one record under the header.
type gridRow struct {
	cells  []string
	line   int // of the file, from 1
	sample int
}

// cutRecord is one record of a sample, cut with one delimiter.
type cutRecord struct {
	cells   []string
	line    int
	booking bool // a day and an amount stand in it
}

// What a profile is drawn from is bounded; the rows behind are judged when the file is read.
const (
	maxSampleRows  = 5000
	maxSampleCells = 200_000
)

// bestGrid cuts the samples with each delimiter and returns the cut that makes the most rows with a day and an amount.
// nil where there is none.
func bestGrid(texts []sampleText) (best *grid) {
	for _, quoted := range []bool{true, false} {
		for _, delimiter := range delimiters {
			g := newGrid(texts, delimiter, quoted)
			if g != nil && (best == nil || g.better(best)) {
				best = g
			}
		}
	}
	return best
}

func (g *grid) better(than *grid) bool {
	if g.looked != than.looked {
		return g.looked > than.looked
	}
	if (g.header != nil) != (than.header != nil) {
		return g.header != nil
	}
	return g.faults < than.faults || g.faults == than.faults && g.width > than.width && g.quoted == than.quoted
}

func newGrid(texts []sampleText, delimiter rune, quoted bool) *grid {
	g := &grid{delimiter: delimiter, quoted: quoted}
	for i := range texts {
		records, faults := cutRecords(texts[i].text, delimiter, quoted)
		g.faults += faults
		switch {
		case i == 0 && !g.first(records, texts[i].lines):
			return nil
		case i > 0 && !g.more(records, i):
			g.stranger = texts[i].name
			return g
		}
	}
	return g
}

func cutRecords(text string, delimiter rune, quoted bool) (records []cutRecord, faults int) {
	t := newTable(text, 0, delimiter, quoted, 0)
	booked, seen := false, 0
	for len(records) < maxSampleRows && seen < maxSampleCells {
		cells, line, problem, err := t.read()
		if err != nil {
			break // io.EOF: the table reads from memory
		}
		switch {
		case problem != nil && booked:
			faults++ // lines before the rows may be written in any way
		case problem == nil && !blankRecord(cells):
			cells = slices.Clone(cells)
			seen += len(cells)
			booking := looksBooked(cells)
			booked = booked || booking
			records = append(records, cutRecord{cells, line, booking})
		}
	}
	return records, faults
}

// looksBooked reports whether a record holds a day and, in another cell, an amount.
func looksBooked(cells []string) bool {
	var day, amount bool
	for _, cell := range cells {
		switch {
		case looksLikeDay(cell):
			day = true
		case looksLikeAmount(cell):
			amount = true
		}
	}
	return day && amount
}

// first finds header and rows of the first sample.
func (g *grid) first(records []cutRecord, lines []string) bool {
	if g.width, g.looked = commonWidth(records); g.looked == 0 || g.width < 2 {
		return false
	}
	start := slices.IndexFunc(records, func(r cutRecord) bool { return r.booking && g.fits(r) })
	g.spare = !slices.ContainsFunc(records, func(r cutRecord) bool { return len(r.cells) == g.width && r.booking && r.cells[g.width-1] != "" })
	if at := g.headerAbove(records[:start], len(lines)); at >= 0 {
		g.header = headerNames(records[at].cells)
		g.trailing = len(g.header) == g.width-1
		g.width = len(g.header)
		start = at + 1
		g.start = append(g.start, records[at].line-1)
	} else {
		g.start = append(g.start, records[start].line-1)
	}
	g.before = lines[:min(len(lines), g.start[0])]
	g.take(records[start:], 0)
	return true
}

// more takes the rows of another sample, which must have the same header, or without one the same width.
func (g *grid) more(records []cutRecord, sample int) bool {
	at := slices.IndexFunc(records, func(r cutRecord) bool {
		if g.header == nil {
			return r.booking && g.fits(r)
		}
		return slices.Equal(headerNames(r.cells), g.header)
	})
	if at < 0 {
		return false
	}
	g.start = append(g.start, records[at].line-1)
	if g.header != nil {
		at++
	}
	g.take(records[at:], sample)
	return true
}

// fits reports whether a record is as wide as the rows; one empty cell more is fine.
func (g *grid) fits(r cutRecord) bool {
	n := len(r.cells)
	return n == g.width || n == g.width+1 && r.cells[n-1] == ""
}

// take sorts the records behind the header into rows and what comes after them. A record that is as wide as the rows
// is one of them unless it says that it is a total: a row that cannot be read must be a problem later, never a footer.
func (g *grid) take(records []cutRecord, sample int) {
	end := len(records)
	for end > 0 && !g.isRow(records[end-1]) {
		end--
	}
	for _, r := range records[:end] {
		if len(r.cells) == g.width+1 && r.cells[g.width] == "" {
			g.trailing = true
			r.cells = r.cells[:g.width]
		}
		g.rows = append(g.rows, gridRow{r.cells, r.line, sample})
	}
	for _, r := range records[end:] {
		g.after = append(g.after, gridRow{r.cells, r.line, sample})
	}
}

func (g *grid) isRow(r cutRecord) bool {
	if !g.fits(r) {
		return false
	}
	return r.booking || !slices.ContainsFunc(r.cells, isTotalPhrase) && countFilled(r.cells) > 2
}

// commonWidth returns the width that most records with a day and an amount have, and how many they are.
func commonWidth(records []cutRecord) (width, count int) {
	counts := map[int]int{}
	for _, r := range records {
		if r.booking {
			n := len(r.cells)
			counts[n]++
			if counts[n] > count {
				width, count = n, counts[n]
			}
		}
	}
	return width, count
}

// headerAbove returns which record above the first row is the header, -1 without one: the one with the most words that
// banks use in headers, else one of nothing but words right above the first row.
func (g *grid) headerAbove(records []cutRecord, lines int) int {
	best, most := -1, 0
	for i, r := range records {
		if !g.couldBeHeader(r) || r.line > lines || r.line > maxPreamble {
			continue
		}
		words := 0
		for _, cell := range r.cells {
			if knownHeader(cell) {
				words++
			}
		}
		if words >= most && words > 1 || best < 0 && i == len(records)-1 && 2*countFilled(r.cells) > len(r.cells) {
			best, most = i, words
		}
	}
	return best
}

// couldBeHeader reports whether a record is as wide as the rows and holds only words.
func (g *grid) couldBeHeader(r cutRecord) bool {
	if len(r.cells) != g.width && !(g.spare && len(r.cells) == g.width-1) || countFilled(r.cells) < 2 {
		return false
	}
	return !slices.ContainsFunc(r.cells, func(cell string) bool {
		return strings.Contains(cell, "\n") || looksLikeDay(cell) || looksLikeAmount(cell) || len(strings.TrimSpace(cell)) > 80
	})
}

func countFilled(cells []string) (n int) {
	for _, cell := range cells {
		if strings.TrimSpace(cell) != "" {
			n++
		}
	}
	return n
}
