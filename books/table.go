package books

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/tieout/tieout/recon"
)

// Kind says what stands in a column.
type Kind int

// Kinds of columns.
const (
	Text    Kind = iota
	Amount       // recon.Money, written with the decimals of its currency
	Count        // int
	Day          // recon.Date
	Percent      // int
)

// Column is a column of a table.
type Column struct {
	Key   string // in CSV and JSON; stable
	Name  string // as people read it
	Kind  Kind
	Spare bool // left out of text and HTML where it holds nothing
	Data  bool // in CSV and JSON only
	Extra bool // left out of text tables that would be too wide with it
	Wide  int  // text is cut after so many characters in text tables, 0 = 32
	Wrap  bool // text goes on in the next line instead of being cut
}

// Table is what a report is written as. A cell is a string, int, recon.Date or recon.Money as its column says, or nil for none.
type Table struct {
	Title   string
	Columns []Column
	Rows    [][]any
	Totals  [][]any
	Notes   []string // sentences below the table
}

// Formats of a report besides those of the exports.
const (
	FormatText = "text"
	FormatHTML = "html"
)

// WriteTables writes the tables of a report in a format: text, csv, json or html.
func WriteTables(w io.Writer, format string, tables ...Table) error {
	switch format {
	case FormatText:
		for n, t := range told(tables) {
			if n > 0 {
				if _, err := io.WriteString(w, "\n"); err != nil {
					return fmt.Errorf("write report: %w", err)
				}
			}
			if err := t.WriteText(w); err != nil {
				return err
			}
		}
		return nil
	case FormatCSV:
		return writeCSV(w, tables)
	case FormatJSON:
		return writeJSON(w, tables)
	case FormatHTML:
		return writeHTML(w, tables)
	}
	return fmt.Errorf("format %q is not one of text, csv, json, html", format)
}

// told leaves out tables that have nothing to tell beside others.
func told(tables []Table) []Table {
	if len(tables) == 1 {
		return tables
	}
	return slices.DeleteFunc(slices.Clone(tables), func(t Table) bool { return len(t.Rows)+len(t.Totals)+len(t.Notes) == 0 })
}

// WriteCSV writes header and rows, without totals: a program that reads it adds up itself.
func (t Table) WriteCSV(w io.Writer) error { return writeCSV(w, []Table{t}) }

// WriteJSON writes the table as an object with title, rows (objects by column key), totals and notes.
func (t Table) WriteJSON(w io.Writer) error { return writeJSON(w, []Table{t}) }

// WriteHTML writes a page with the table.
func (t Table) WriteHTML(w io.Writer) error { return writeHTML(w, []Table{t}) }

// Plain writes a cell without regard to its neighbours; amounts without their currency.
func Plain(cell any) string {
	switch c := cell.(type) {
	case nil:
		return ""
	case string:
		return c
	case int:
		return strconv.Itoa(c)
	case recon.Money:
		return recon.FormatMinor(c.Minor, c.Currency)
	case fmt.Stringer:
		return c.String()
	}
	return fmt.Sprint(cell)
}

// writeCSV writes tables of the same columns as one. Others follow each other, each with a line that is its title, a line of column
// keys, and its rows; an empty line is between them.
func writeCSV(w io.Writer, tables []Table) error {
	tables = joined(tables)
	out := csv.NewWriter(w)
	for n, t := range tables {
		if n > 0 {
			out.Write([]string{""}) // a csv writer keeps its error for Error
		}
		if len(tables) > 1 {
			out.Write([]string{harmless(t.Title)})
		}
		record := make([]string, len(t.Columns))
		for c, column := range t.Columns {
			record[c] = column.Key
		}
		out.Write(record)
		for _, row := range t.Rows {
			for c, column := range t.Columns {
				record[c] = Plain(row[c])
				if column.Kind == Text {
					record[c] = harmless(record[c])
				}
			}
			out.Write(record)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// joined makes tables with the same columns one.
func joined(tables []Table) (all []Table) {
	for _, t := range tables {
		last := len(all) - 1
		if last >= 0 && slices.EqualFunc(all[last].Columns, t.Columns, func(a, b Column) bool { return a.Key == b.Key }) {
			all[last].Rows = slices.Concat(all[last].Rows, t.Rows)
		} else {
			all = append(all, t)
		}
	}
	return all
}

// formulaStarts are characters with which a spreadsheet may take a text for a formula, their full-width forms included.
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// harmless puts an apostrophe before a text that a spreadsheet would execute.
func harmless(s string) string {
	if strings.IndexAny(s, formulaStarts) == 0 {
		return "'" + s
	}
	return s
}

func writeJSON(w io.Writer, tables []Table) error {
	var document any = tables
	if len(tables) == 1 {
		document = tables[0]
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	if err := out.Encode(document); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// MarshalJSON writes rows as objects whose keys keep the order of the columns. Amounts are decimal strings.
func (t Table) MarshalJSON() ([]byte, error) {
	rows, totals := t.records(t.Rows), t.records(t.Totals)
	notes := t.Notes
	if notes == nil {
		notes = []string{}
	}
	return json.Marshal(struct {
		Title  string   `json:"title"`
		Rows   []record `json:"rows"`
		Totals []record `json:"totals"`
		Notes  []string `json:"notes"`
	}{t.Title, rows, totals, notes})
}

func (t Table) records(rows [][]any) []record {
	records := make([]record, len(rows))
	for n, row := range rows {
		records[n] = record{t.Columns, row}
	}
	return records
}

// record is a row that becomes an object.
type record struct {
	columns []Column
	cells   []any
}

func (r record) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	for n, column := range r.columns {
		var value any = Plain(r.cells[n])
		if number, ok := r.cells[n].(int); ok {
			value = number
		}
		key, err := json.Marshal(column.Key)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			b.WriteByte(',')
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(text)
	}
	return []byte("{" + b.String() + "}"), nil
}

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{(index . 0).Title}}</title>
<style>body{font:15px/1.4 system-ui,sans-serif;margin:2em}table{border-collapse:collapse;margin:.5em 0 1.5em}th,td{padding:.2em .7em;text-align:left;vertical-align:top}
thead th{border-bottom:2px solid}tfoot td{border-top:1px solid;font-weight:600}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}</style></head>
<body>{{range .}}
<h2>{{.Title}}</h2>
<table><thead><tr>{{range .Columns}}<th scope="col"{{if .Number}} class="n"{{end}}>{{.Name}}</th>{{end}}</tr></thead>
<tbody>{{range .Body}}
<tr>{{range .}}<td{{if .Number}} class="n"{{end}}>{{.Text}}</td>{{end}}</tr>{{end}}
</tbody>{{if .Foot}}<tfoot>{{range .Foot}}
<tr>{{range .}}<td{{if .Number}} class="n"{{end}}>{{.Text}}</td>{{end}}</tr>{{end}}
</tfoot>{{end}}</table>{{range .Notes}}
<p>{{.}}</p>{{end}}{{end}}
</body></html>
`))

// htmlCell is a cell or heading of a page.
type htmlCell struct {
	Text, Name string
	Number     bool
}

type htmlTable struct {
	Title      string
	Columns    []htmlCell
	Body, Foot [][]htmlCell
	Notes      []string
}

func writeHTML(w io.Writer, tables []Table) error {
	tables = told(tables)
	pages := make([]htmlTable, len(tables))
	for n, t := range tables {
		t = t.forPeople()
		pages[n] = htmlTable{Title: t.Title, Body: t.htmlRows(t.Rows), Foot: t.htmlRows(t.Totals), Notes: t.Notes}
		for _, column := range t.Columns {
			pages[n].Columns = append(pages[n].Columns, htmlCell{Name: column.Name, Number: column.number()})
		}
	}
	if err := page.Execute(w, pages); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (t Table) htmlRows(rows [][]any) [][]htmlCell {
	out := make([][]htmlCell, len(rows))
	for n, row := range rows {
		for c, cell := range row {
			out[n] = append(out[n], htmlCell{Text: Plain(cell), Number: t.Columns[c].number()})
		}
	}
	return out
}
