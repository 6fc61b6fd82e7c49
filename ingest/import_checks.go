package ingest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/tieout/tieout/recon"
)

// checks judges the cells of one import row.
type checks struct {
	row      int
	problems *problemList
	bad      bool
}

func (c *checks) reject(code, column, message, try string) {
	c.bad = true
	c.problems.add(*reject(code, columnPlace(c.row, column), message, try))
}

func (c *checks) warn(code, column, message, try string) {
	c.problems.add(recon.Problem{Code: code, Where: columnPlace(c.row, column), Severity: recon.Warn, Message: message, Try: try})
}

// key returns an identifying cell without outer blanks; an empty or spoiled one is a problem.
func (c *checks) key(code, column, cell string) string {
	cell = strings.TrimSpace(cell)
	if cell == "" {
		c.reject(code, column, "empty", "every row needs one")
	}
	c.spoiled(column, cell)
	return cell
}

// spoiled refuses a number that a spreadsheet has made a floating-point one.
func (c *checks) spoiled(column, cell string) {
	if spreadsheetNumber(cell) {
		c.reject("CSV-EXCEL-DAMAGE", column, fmt.Sprintf("%q is a number as a spreadsheet rounds it", shown(cell)),
			"export again and do not save the file from a spreadsheet, or format the column as text first")
	}
}

// day reads an ISO day of a plausible year; an empty cell is no day.
func (c *checks) day(code, column, cell string) recon.Date {
	cell = strings.TrimSpace(cell)
	if cell == "" {
		return 0
	}
	day, ok := recon.ParseDate(cell)
	if !ok || !plausible(day) {
		c.reject(code, column, fmt.Sprintf("%q is no day between %d and %d of the form YYYY-MM-DD", shown(cell), firstYear, lastYear), "write days as 2026-03-31")
		return 0
	}
	return day
}

// amount reads a plain decimal in minor units of the currency.
func (c *checks) amount(code, column, cell string, currency recon.Currency) int64 {
	cell = strings.TrimSpace(cell)
	minor, err := recon.ParseMinor(cell, currency)
	switch {
	case errors.Is(err, recon.ErrAmountExponent):
		c.reject(code, column, fmt.Sprintf("%q has more decimals than the %d of %s", shown(cell), currency.Exponent(), currency), "round it where it was made")
	case err != nil && spreadsheetNumber(cell):
		c.spoiled(column, cell)
	case err != nil:
		c.reject(code, column, fmt.Sprintf("%q is %v", shown(cell), err), "write amounts as 1234.50, without grouping or currency")
	}
	return minor
}

// percent reads a rate from 0 up to and including 100; an empty cell is 0.
func (c *checks) percent(code, column, cell string) decimal.Decimal {
	cell = strings.TrimSpace(cell)
	if cell == "" {
		return decimal.Zero
	}
	rate, err := decimal.NewFromString(cell)
	if err != nil || strings.Trim(cell, "0123456789.") != "" || rate.GreaterThan(decimal.NewFromInt(100)) {
		c.reject(code, column, fmt.Sprintf("%q is no percentage from 0 to 100", shown(cell)), "write 2 or 2.5 for two and a half percent")
		return decimal.Zero
	}
	return rate
}
