package matcher

import (
	"regexp"
	"strings"

	"github.com/tieout/tieout/recon"
)

// AdviceLine is what a line of a remittance advice says of an item.
type AdviceLine struct {
	Item        int64
	AmountMinor int64 // positive; 0 where the line gives none
	Text        string
}

// Advice is what a remittance advice says, as somebody pasted it.
type Advice struct {
	Lines   []AdviceLine
	Unknown []string // lines with an amount that name no item we know
}

// ReadAdvice reads a pasted remittance advice: on each line the items it names and the amount that belongs to them. Where a line has
// several amounts, the one that an item is open for counts, else the last one. Amounts may have a decimal comma or a dot.
func ReadAdvice(text string, items []recon.Item, currency recon.Currency) (advice Advice) {
	byID := map[int64]*recon.Item{}
	for i := range items {
		byID[items[i].ID] = &items[i]
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		marks := Marks(line, items)
		amounts := amountsOf(line, marks, currency)
		switch {
		case len(marks) > 0:
			for n, m := range marks {
				advice.Lines = append(advice.Lines, AdviceLine{Item: m.Item, AmountMinor: amountFor(byID[m.Item], amounts, n, len(marks)), Text: line})
			}
		case len(amounts) > 0 && hasDigitRun(line):
			advice.Unknown = append(advice.Unknown, line)
		}
	}
	return advice
}

// amountFor picks the amount of the n-th of several items on a line.
func amountFor(item *recon.Item, amounts []int64, n, of int) int64 {
	for _, minor := range amounts {
		if minor == item.OpenMinor {
			return minor
		}
	}
	switch {
	case len(amounts) == 0:
		return 0
	case of == 1:
		return amounts[len(amounts)-1]
	case len(amounts) == of:
		return amounts[n]
	}
	return 0
}

// written are amounts as people and programs write them, with decimals.
var written = regexp.MustCompile(`\b\d{1,3}(?:[.,' \x{00a0}]\d{3})+(?:[.,]\d{1,3})?|\b\d+[.,]\d{1,3}`)

// amountsOf reads the amounts of a line that stand outside the marks, in their order.
func amountsOf(line string, marks []Mark, currency recon.Currency) (minors []int64) {
	for _, at := range written.FindAllStringIndex(line, -1) {
		inside := false
		for _, m := range marks {
			inside = inside || at[0] < m.To && m.From < at[1]
		}
		if inside {
			continue
		}
		if minor, ok := amountWritten(line[at[0]:at[1]], currency); ok {
			minors = append(minors, minor)
		}
	}
	return minors
}

// amountWritten reads an amount whose last separator is the decimal one, and which has as many decimals as the currency.
func amountWritten(text string, currency recon.Currency) (int64, bool) {
	exponent := currency.Exponent()
	cut := strings.LastIndexAny(text, ".,")
	if exponent == 0 {
		cut = len(text)
	}
	if cut < 0 || exponent > 0 && len(text)-cut-1 != exponent {
		return 0, false
	}
	digits := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, s)
	}
	plain := digits(text[:cut])
	if exponent > 0 {
		plain += "." + text[cut+1:]
	}
	minor, err := recon.ParseMinor(plain, currency)
	return minor, err == nil && minor > 0
}

// hasDigitRun reports a number long enough to be that of an item.
func hasDigitRun(line string) bool {
	run := 0
	for i := range len(line) {
		if line[i] < '0' || line[i] > '9' {
			run = 0
			continue
		}
		if run++; run >= shortestKey {
			return true
		}
	}
	return false
}
