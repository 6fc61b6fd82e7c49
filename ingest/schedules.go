package ingest

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/tieout/tieout/recon"
)

// instalmentRecord is one row of the instalments file as it is written.
type instalmentRecord struct {
	Row         int    `csv:"\x00row"`
	Number      string `csv:"number"`
	Sequence    string `csv:"sequence"`
	DueDate     string `csv:"due_date"`
	Amount      string `csv:"amount"`
	Method      string `csv:"method"`
	Account     string `csv:"account"`
	CheckNumber string `csv:"check_number"`
	Note        string `csv:"note"`
}

var instalmentForm = importForm{
	noun:    "instalments",
	columns: []string{"number", "sequence", "due_date", "amount", "method", "account", "check_number", "note"},
	needed:  []string{"number", "sequence", "due_date", "amount"},
}

// ReadInstalments reads a file of payment plans and returns its sound rows in their order. Any reject among the problems
// means that the file is refused whole. Whether a plan adds up to its item is for the caller, who knows the item.
func ReadInstalments(name string, r io.Reader, opts ImportOptions) ([]recon.InstalmentRow, []recon.Problem, error) {
	type line struct {
		number   string
		sequence int
	}
	var rows []recon.InstalmentRow
	var list problemList
	first := map[line]int{}
	_, problems, err := importRows(name, r, opts, instalmentForm, func(record instalmentRecord) {
		c := checks{row: record.Row, problems: &list}
		row := c.instalment(record)
		key := line{row.Number, row.Sequence}
		if earlier, twice := first[key]; twice && !c.bad {
			c.bad = true
			list.add(*reject("PLAN-DUP", fmt.Sprintf("rows %d,%d", earlier, row.Row),
				fmt.Sprintf("sequence %d of item %q stands twice", row.Sequence, shown(row.Number)), "number the instalments of an item 1, 2, 3 …"))
		}
		if !c.bad {
			first[key] = row.Row
			rows = append(rows, row)
		}
	})
	return rows, append(problems, list.all()...), err
}

func (c *checks) instalment(record instalmentRecord) recon.InstalmentRow {
	row := recon.InstalmentRow{
		Row:         record.Row,
		Number:      c.key("PLAN-ITEM", "number", record.Number),
		DueDate:     c.day("PLAN-DATE", "due_date", record.DueDate),
		AmountText:  c.positive(record.Amount),
		Method:      strings.TrimSpace(record.Method),
		Account:     strings.TrimSpace(record.Account),
		CheckNumber: strings.TrimSpace(record.CheckNumber),
		Note:        strings.TrimSpace(record.Note),
	}
	c.spoiled("account", row.Account)
	c.spoiled("check_number", row.CheckNumber)
	if strings.TrimSpace(record.DueDate) == "" {
		c.reject("PLAN-DATE", "due_date", "empty", "every instalment needs its day")
	}
	sequence, err := strconv.Atoi(strings.TrimSpace(record.Sequence))
	if err != nil || sequence < 1 {
		c.reject("PLAN-SEQUENCE", "sequence", fmt.Sprintf("%q is no whole number from 1", shown(record.Sequence)), "number the instalments of an item 1, 2, 3 …")
	}
	row.Sequence = sequence
	return row
}

// positive checks the form of an amount whose currency the file does not say, and that it is over 0.
func (c *checks) positive(cell string) string {
	cell = strings.TrimSpace(cell)
	_, err := recon.ParseMinor(cell, "")
	switch {
	case spreadsheetNumber(cell):
		c.spoiled("amount", cell)
	case err != nil && !errors.Is(err, recon.ErrAmountExponent):
		c.reject("PLAN-AMOUNT", "amount", fmt.Sprintf("%q is %v", shown(cell), err), "write amounts as 1234.50, without grouping or currency")
	case strings.HasPrefix(cell, "-") || strings.Trim(cell, "0.") == "":
		c.reject("PLAN-AMOUNT", "amount", fmt.Sprintf("%q is not over 0", shown(cell)), "leave out what is not to be paid")
	}
	return cell
}

// disputeRecord is one row of the disputes file as it is written.
type disputeRecord struct {
	Row      int    `csv:"\x00row"`
	Number   string `csv:"number"`
	Customer string `csv:"customer"`
	Since    string `csv:"since"`
	Reason   string `csv:"reason"`
}

var disputeForm = importForm{
	noun:    "disputes",
	columns: []string{"number", "customer", "since", "reason"},
	needed:  []string{"number", "customer", "since"},
}

// ReadDisputes reads a file of disputed items and returns its sound rows in their order. Any reject among the problems
// means that the file is refused whole.
func ReadDisputes(name string, r io.Reader, opts ImportOptions) ([]recon.DisputeRow, []recon.Problem, error) {
	var rows []recon.DisputeRow
	var list problemList
	first := map[[2]string]int{}
	_, problems, err := importRows(name, r, opts, disputeForm, func(record disputeRecord) {
		c := checks{row: record.Row, problems: &list}
		row := recon.DisputeRow{
			Row:      record.Row,
			Number:   c.key("DISPUTE-ITEM", "number", record.Number),
			Customer: c.key("DISPUTE-CUSTOMER", "customer", record.Customer),
			Since:    c.day("DISPUTE-DATE", "since", record.Since),
			Reason:   strings.TrimSpace(record.Reason),
		}
		if strings.TrimSpace(record.Since) == "" {
			c.reject("DISPUTE-DATE", "since", "empty", "say since when the item is disputed")
		}
		key := [2]string{row.Customer, row.Number}
		if earlier, twice := first[key]; twice && !c.bad {
			c.bad = true
			list.add(*reject("DISPUTE-DUP", fmt.Sprintf("rows %d,%d", earlier, row.Row), fmt.Sprintf("item %q stands twice", shown(row.Number)),
				"an item has one dispute at a time"))
		}
		if !c.bad {
			first[key] = row.Row
			rows = append(rows, row)
		}
	})
	return rows, append(problems, list.all()...), err
}
