package books

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tieout/tieout/recon"
)

// widest is how many characters a line should have at most.
const widest = 100

// defaultWide is how many characters of a text are shown in a text table.
const defaultWide = 32

// WriteText writes the table with aligned columns for people. Characters that would move a terminal's cursor or turn its
// writing direction are replaced: payers choose the texts.
func (t Table) WriteText(w io.Writer) error {
	t = t.forPeople()
	var b strings.Builder
	if t.Title != "" {
		b.WriteString(t.Title + "\n\n")
	}
	if len(t.Columns) > 0 && (len(t.Rows)+len(t.Totals) > 0 || len(t.Notes) == 0) {
		t.writeGrid(&b)
	}
	for _, note := range t.Notes {
		b.WriteString(printable(note) + "\n")
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (t Table) writeGrid(b *strings.Builder) {
	body, foot, widths := t.measure()
	if extra := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Extra }); extra >= 0 && len(ruler(widths)) > widest {
		t.without(extra).writeGrid(b)
		return
	}
	head := make([]string, len(t.Columns))
	for c, column := range t.Columns {
		head[c] = column.Name
	}
	t.writeLine(b, head, widths)
	rule := ruler(widths)
	b.WriteString(rule)
	for _, row := range body {
		t.writeRow(b, row, widths)
	}
	if len(foot) > 0 {
		b.WriteString(rule)
	}
	for _, row := range foot {
		t.writeRow(b, row, widths)
	}
}

// measure writes all cells as text and says how wide the columns are.
func (t Table) measure() (body, foot [][][]string, widths []int) {
	widths = make([]int, len(t.Columns))
	for c, column := range t.Columns {
		widths[c] = utf8.RuneCountInString(column.Name)
	}
	return t.textRows(t.Rows, widths), t.textRows(t.Totals, widths), widths
}

// textRows writes the cells, each as its lines, and widens the columns to hold them.
func (t Table) textRows(rows [][]any, widths []int) [][][]string {
	out := make([][][]string, len(rows))
	for n, row := range rows {
		out[n] = make([][]string, len(row))
		for c, cell := range row {
			out[n][c] = t.Columns[c].lines(printable(Plain(cell)))
			for _, line := range out[n][c] {
				widths[c] = max(widths[c], utf8.RuneCountInString(line))
			}
		}
	}
	return out
}

// lines fits a text into its column.
func (c Column) lines(text string) []string {
	wide := c.Wide
	if wide == 0 {
		wide = defaultWide
	}
	switch {
	case c.Kind != Text || utf8.RuneCountInString(text) <= wide:
		return []string{text}
	case c.Wrap:
		return wrap(text, wide)
	}
	return []string{string([]rune(text)[:wide-1]) + "…"}
}

// wrap breaks a text between words; a word that is too long stays whole.
func wrap(text string, wide int) (lines []string) {
	for _, word := range strings.Fields(text) {
		last := len(lines) - 1
		if last < 0 || utf8.RuneCountInString(lines[last])+1+utf8.RuneCountInString(word) > wide {
			lines = append(lines, word)
		} else {
			lines[last] += " " + word
		}
	}
	return lines
}

func (t Table) writeRow(b *strings.Builder, cells [][]string, widths []int) {
	height := 1
	for _, cell := range cells {
		height = max(height, len(cell))
	}
	for n := range height {
		line := make([]string, len(cells))
		for c, cell := range cells {
			if n < len(cell) {
				line[c] = cell[n]
			}
		}
		t.writeLine(b, line, widths)
	}
}

func (t Table) writeLine(b *strings.Builder, cells []string, widths []int) {
	var line strings.Builder
	for c, cell := range cells {
		pad := strings.Repeat(" ", widths[c]-utf8.RuneCountInString(cell))
		if c > 0 {
			line.WriteString("  ")
		}
		if t.Columns[c].number() {
			line.WriteString(pad + cell)
		} else {
			line.WriteString(cell + pad)
		}
	}
	b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

func ruler(widths []int) string {
	lines := make([]string, len(widths))
	for n, width := range widths {
		lines[n] = strings.Repeat("-", width)
	}
	return strings.Join(lines, "  ") + "\n"
}

// number reports whether a column is aligned to the right.
func (c Column) number() bool { return c.Kind == Amount || c.Kind == Count || c.Kind == Percent }

// printable replaces control characters and those that change the direction of writing by a blank.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
}

// forPeople leaves columns out that are for programs, and spare ones that hold nothing in any row.
func (t Table) forPeople() Table {
	var keep []int
	for c, column := range t.Columns {
		if !column.Data && (!column.Spare || t.holds(c)) {
			keep = append(keep, c)
		}
	}
	return t.with(keep)
}

// without leaves one column out.
func (t Table) without(column int) Table {
	var keep []int
	for c := range t.Columns {
		if c != column {
			keep = append(keep, c)
		}
	}
	return t.with(keep)
}

func (t Table) with(keep []int) Table {
	narrow := Table{Title: t.Title, Notes: t.Notes, Rows: picked(t.Rows, keep), Totals: picked(t.Totals, keep)}
	for _, c := range keep {
		narrow.Columns = append(narrow.Columns, t.Columns[c])
	}
	return narrow
}

func (t Table) holds(column int) bool {
	for _, row := range t.Rows {
		switch cell := row[column].(type) {
		case recon.Money:
			if cell.Minor != 0 {
				return true
			}
		case int:
			if cell != 0 {
				return true
			}
		default:
			if Plain(cell) != "" {
				return true
			}
		}
	}
	return false
}

func picked(rows [][]any, columns []int) [][]any {
	out := make([][]any, len(rows))
	for n, row := range rows {
		for _, c := range columns {
			out[n] = append(out[n], row[c])
		}
	}
	return out
}
