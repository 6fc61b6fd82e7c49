package books

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tieout/tieout/recon"
)

// defaultWide is how many characters of a text are shown in a text table.
const defaultWide = 32

// WriteText writes the table with aligned columns for people. Characters that would move a terminal's cursor or turn its
// writing direction are replaced: payers choose the texts.
func (t Table) WriteText(w io.Writer) error {
	t = t.withoutSpare()
	var b strings.Builder
	if t.Title != "" {
		b.WriteString(t.Title + "\n\n")
	}
	if len(t.Columns) > 0 {
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
	head := make([]string, len(t.Columns))
	widths := make([]int, len(t.Columns))
	for c, column := range t.Columns {
		head[c] = column.Name
		widths[c] = utf8.RuneCountInString(column.Name)
	}
	body, foot := t.textRows(t.Rows, widths), t.textRows(t.Totals, widths)
	t.writeLine(b, head, widths)
	rule := ruler(widths)
	b.WriteString(rule)
	for _, row := range body {
		t.writeLine(b, row, widths)
	}
	if len(foot) > 0 {
		b.WriteString(rule)
	}
	for _, row := range foot {
		t.writeLine(b, row, widths)
	}
}

// textRows writes the cells and widens the columns to hold them.
func (t Table) textRows(rows [][]any, widths []int) [][]string {
	out := make([][]string, len(rows))
	for n, row := range rows {
		out[n] = make([]string, len(row))
		for c, cell := range row {
			text := printable(plain(cell))
			if t.Columns[c].Kind == Text {
				text = cut(text, t.Columns[c].Wide)
			}
			out[n][c] = text
			widths[c] = max(widths[c], utf8.RuneCountInString(text))
		}
	}
	return out
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

func cut(s string, wide int) string {
	if wide == 0 {
		wide = defaultWide
	}
	if utf8.RuneCountInString(s) <= wide {
		return s
	}
	return string([]rune(s)[:wide-1]) + "…"
}

// printable replaces control characters and those that change the direction of writing by a blank.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
}

// withoutSpare leaves spare columns out that hold nothing in any row.
func (t Table) withoutSpare() Table {
	var keep []int
	for c, column := range t.Columns {
		if !column.Spare || t.holds(c) {
			keep = append(keep, c)
		}
	}
	if len(keep) == len(t.Columns) {
		return t
	}
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
			if plain(cell) != "" {
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
