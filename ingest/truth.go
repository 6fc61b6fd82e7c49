package ingest

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tieout/tieout/recon"
)

// truthRecord is one row of a truth file as it is written.
type truthRecord struct {
	Row           int    `csv:"\x00row"`
	BankReference string `csv:"bank_reference"`
	Expect        string `csv:"expect"`
	Item          string `csv:"item"`
	Applied       string `csv:"applied"`
	Answer        string `csv:"answer"`
	Family        string `csv:"family"`
}

var truthForm = importForm{
	noun:    "truth files",
	columns: []string{"bank_reference", "expect", "item", "applied", "answer", "family"},
	needed:  []string{"bank_reference", "expect", "item", "applied"},
	others:  true,
}

// ReadTruth reads a truth file and returns its sound rows in their order; other columns are ignored. All rows of a bank reference
// are left out where one of them is not sound: half a truth is none. The error is the reader's.
func ReadTruth(name string, r io.Reader, opts ImportOptions) ([]recon.TruthRow, []recon.Problem, error) {
	var rows []recon.TruthRow
	var list problemList
	spoiled := map[string]bool{}
	_, problems, err := importRows(name, r, opts, truthForm, func(record truthRecord) {
		c := checks{row: record.Row, problems: &list}
		row := c.truth(record)
		if c.bad {
			spoiled[row.BankReference] = true
			return
		}
		rows = append(rows, row)
	})
	sound := rows[:0]
	for _, row := range rows {
		if !spoiled[row.BankReference] {
			sound = append(sound, row)
		}
	}
	return sound, append(problems, list.all()...), err
}

func (c *checks) truth(record truthRecord) recon.TruthRow {
	row := recon.TruthRow{
		Row:           record.Row,
		BankReference: c.key("TRUTH-REFERENCE", "bank_reference", record.BankReference),
		Item:          strings.TrimSpace(record.Item),
		AppliedText:   strings.TrimSpace(record.Applied),
		Family:        strings.TrimSpace(record.Family),
	}
	switch strings.ToLower(strings.TrimSpace(record.Expect)) {
	case "apply":
		row.Apply = true
		c.plainAmount("TRUTH-AMOUNT", "applied", row.AppliedText)
		if strings.TrimSpace(record.Answer) != "" {
			c.reject("TRUTH-ANSWER", "answer", "an answer of a receipt that is applied", "write what it pays into item and applied, one row per item")
		}
	case "queue":
		if row.Item != "" || strings.Trim(row.AppliedText, "0.") != "" {
			c.reject("TRUTH-EXPECT", "item", "an item of a receipt that is queued", "write what a person would decide into the column answer, as ITEM=AMT;ITEM=AMT")
		}
		row.Answer = c.answer(record.Answer)
	default:
		c.reject("TRUTH-EXPECT", "expect", fmt.Sprintf("%q; expected apply or queue", shown(record.Expect)), "write apply, with one row per item, or queue")
	}
	return row
}

// answer reads ITEM=AMT;ITEM=AMT.
func (c *checks) answer(cell string) []recon.TruthLine {
	var lines []recon.TruthLine
	for part := range strings.SplitSeq(cell, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		at := strings.LastIndex(part, "=")
		if at <= 0 {
			c.reject("TRUTH-ANSWER", "answer", fmt.Sprintf("%q is no amount of an item", shown(part)), "write ITEM=AMT;ITEM=AMT, such as R-1001=100.00;R-1002=50.00")
			return nil
		}
		l := recon.TruthLine{Item: strings.TrimSpace(part[:at]), AmountText: strings.TrimSpace(part[at+1:])}
		c.plainAmount("TRUTH-ANSWER", "answer", l.AmountText)
		lines = append(lines, l)
	}
	return lines
}

// plainAmount checks the form of an amount whose currency the file does not say.
func (c *checks) plainAmount(code, column, text string) {
	if _, err := recon.ParseMinor(text, ""); err != nil && !errors.Is(err, recon.ErrAmountExponent) {
		c.reject(code, column, fmt.Sprintf("%q is %v", shown(text), err), "write amounts as 1234.50, without grouping or currency")
	}
}
