package ingest

import (
	"fmt"
	"strings"

	"github.com/tieout/tieout/recon"
)

const maxCell = 60 // characters of a cell in a message

// shown is a cell as a message may quote it: short, and without account numbers.
func shown(cell string) string {
	if account := recon.NormalAccount(cell); recon.LooksLikeIBAN(account) || len(account) >= 8 && strings.Trim(account, "0123456789") == "" {
		return recon.MaskAccount(account)
	}
	if len(cell) <= maxCell {
		return cell
	}
	if characters := []rune(cell); len(characters) > maxCell {
		return string(characters[:maxCell]) + "…"
	}
	return cell
}

func emptyProblem() *recon.Problem {
	return reject("FILE-EMPTY", "", "the file has no text; expected a header row", "export the file again")
}

// spreadsheetNumber reports whether a cell is a number in the way a spreadsheet writes one too long for its column: 1.23E+21.
func spreadsheetNumber(cell string) bool {
	if strings.IndexByte(cell, '+') < 0 {
		return false
	}
	mantissa, exponent, found := strings.Cut(strings.ToUpper(strings.TrimSpace(cell)), "E+")
	return found && exponent != "" && strings.Trim(exponent, "0123456789") == "" &&
		strings.Trim(mantissa, "0123456789") != mantissa && strings.Trim(mantissa, "-0123456789.,") == ""
}

func columnPlace(row int, column string) string {
	if column == "" {
		return rowPlace(row)
	}
	return fmt.Sprintf("row %d, column %s", row, column)
}
