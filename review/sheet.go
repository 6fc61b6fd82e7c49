package review

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tieout/tieout/recon"
)

// sheet is a table as CSV. What a person or a bank wrote never becomes a formula in somebody's spreadsheet.
type sheet struct {
	head []string
	rows [][]string
}

// add adds a row. Texts are neutralised; amounts, numbers and days are written as what they are.
func (s *sheet) add(cells ...any) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		switch v := cell.(type) {
		case string:
			row[i] = inert(v)
		case recon.Money:
			row[i] = recon.FormatMinor(v.Minor, v.Currency)
		case recon.Date:
			row[i] = v.String()
		case time.Time:
			if !v.IsZero() {
				row[i] = v.UTC().Format(time.RFC3339)
			}
		default:
			row[i] = fmt.Sprint(v)
		}
	}
	s.rows = append(s.rows, row)
}

// formulaStarts are characters with which spreadsheets begin formulas, in their full width too.
const formulaStarts = "=+-@\t\r\n\x00＝＋－＠"

// inert puts an apostrophe before a text that a spreadsheet would take for a formula.
func inert(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	if text != "" && strings.ContainsRune(formulaStarts, first) {
		return "'" + text
	}
	return text
}

// csv answers with a table as a file.
func (c *call) csv(name string, s sheet) error {
	if err := c.exported(name); err != nil {
		return err
	}
	return c.download(fmt.Sprintf("%s-%s-%s.csv", c.company.ID, name, c.today()), "text/csv; charset=utf-8", func(w io.Writer) error {
		out := csv.NewWriter(w)
		out.UseCRLF = true
		if err := out.Write(s.head); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if err := out.WriteAll(s.rows); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		return nil
	})
}
