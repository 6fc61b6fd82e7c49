package ingest

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/tieout/tieout/recon"
)

// firstRow describes the cells of the first row where there is no header to know the file by.
func (inf *inferrer) firstRow() {
	if inf.headed() {
		return
	}
	cols := inf.profile.Columns
	for i := range inf.columns {
		c := &inf.columns[i]
		pattern := ".*"
		switch c.ref {
		case cols.Booked, cols.Value:
			pattern = dayPattern(inf.profile.dates)
		case cols.Amount, cols.Debit, cols.Credit, cols.Balance:
			pattern = `[-+(]?[^A-Za-z]*[0-9][^A-Za-z]*`
			if c.filled < len(inf.grid.rows) {
				pattern = "(?:" + pattern + ")?"
			}
			if inf.profile.Amounts.Unit != "" {
				pattern = ".*[0-9].*|"
			}
		case cols.Currency:
			pattern = "[A-Z]{3}"
		}
		inf.profile.FirstRow = append(inf.profile.FirstRow, pattern)
	}
	inf.find("first_row", counted(len(inf.columns), "column"), Likely, false, "there is no header: files are known by the form of their first row")
}

// dayPattern is an expression for days of a layout.
func dayPattern(layout dateLayout) string {
	var pattern strings.Builder
	for _, part := range layout.parts {
		switch {
		case part.unit == 0:
			pattern.WriteString(regexp.QuoteMeta(string(part.literal)))
		case part.unit == 'N':
			pattern.WriteString(`\pL+\.?`)
		case part.unit == '*':
			pattern.WriteString(".*")
		case part.min == part.max:
			fmt.Fprintf(&pattern, "[0-9]{%d}", part.min)
		default:
			fmt.Fprintf(&pattern, "[0-9]{%d,%d}", part.min, part.max)
		}
	}
	return pattern.String()
}

// compile makes the profile one that can be used, and reads the samples with it: what the reader says about them is the last
// piece of evidence.
func (inf *inferrer) compile() string {
	p := &inf.profile
	p.defaults()
	check := profileCheck{name: InferredProfile, profile: p}
	check.all()
	if len(check.problems) > 0 {
		return check.problems[0].Message
	}
	read, refused, untied := 0, 0, false
	for i := range inf.texts {
		sheet := newBankSheet(inf.located(i), inf.texts[i].text, "")
		sheet.readRows()
		read += len(sheet.entries)
		refused += sheet.unread.rejected
		for _, st := range sheet.statements() {
			untied = untied || st.Ties == recon.Broken
		}
	}
	switch {
	case refused > 0:
		inf.find("rows", fmt.Sprint(read), Unsure, true, "%s cannot be read so", counted(refused, "row"))
	case read < fewRows:
		inf.find("rows", fmt.Sprint(read), Unsure, true, "so few rows prove nothing")
	case untied:
		inf.find("rows", fmt.Sprint(read), Unsure, true, "all are read, but their balances do not tie")
	default:
		inf.find("rows", fmt.Sprint(read), Certain, true, "all are read")
	}
	return ""
}

// located says where the rows of a sample begin.
func (inf *inferrer) located(sample int) located {
	found := located{profile: &inf.profile, names: inf.grid.header, lines: inf.grid.start[sample] + 1, encodings: inf.texts[sample].encodings, fit: fitHeader}
	if !inf.headed() {
		found.names, found.lines, found.fit = make([]string, inf.grid.width), inf.grid.start[sample], fitShape
	}
	return found
}

func (inf *inferrer) result() Inference {
	result := Inference{Findings: inf.findings, Rows: len(inf.rows)}
	result.Profile = inf.profile
	for i := range inf.texts {
		found := inf.located(i)
		found.profile = &result.Profile
		result.found = append(result.found, found)
	}
	return result
}
