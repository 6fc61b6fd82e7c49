package ingest

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/tieout/tieout/recon"
)

// writtenNumber is a cell that may be an amount, taken apart without deciding what its marks mean.
type writtenNumber struct {
	core  string // digits and marks
	minus string // where the minus stands: "before", "after" or "brackets"; "" without one
	plus  string // where a plus stands, likewise
	unit  string // currency sign or code beside the digits
}

// takeApart reads a cell as a number with sign and unit around it.
func takeApart(cell string) (n writtenNumber, ok bool) {
	s := trimBlanks(cell)
	if s == "" || len(s) > 40 {
		return n, false
	}
	if inner, found := strings.CutPrefix(s, "("); found && strings.HasSuffix(inner, ")") {
		n.minus, s = "brackets", inner[:len(inner)-1]
	}
	start, end := strings.IndexFunc(s, isDigit), strings.LastIndexFunc(s, isDigit)+1
	if start < 0 {
		return n, false
	}
	if start > 0 && (s[start-1] == '.' || s[start-1] == ',') {
		start--
	}
	n.core = s[start:end]
	before, after := n.takeSign(s[:start], "before"), n.takeSign(s[end:], "after")
	n.unit = before + after
	return n, (before == "" || after == "") && isUnit(n.unit) && isCore(n.core)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// takeSign takes the sign out of what stands beside the digits, and returns the rest.
func (n *writtenNumber) takeSign(beside, place string) string {
	beside = trimBlanks(beside)
	for _, sign := range []string{"-", "\u2212", "+"} {
		rest := strings.TrimSuffix(strings.TrimPrefix(beside, sign), sign)
		switch {
		case len(beside)-len(rest) != len(sign) || n.minus+n.plus != "":
			continue
		case sign == "+":
			n.plus = place
		default:
			n.minus = place
		}
		return trimBlanks(rest)
	}
	return beside
}

// isUnit reports whether s can stand for a currency: nothing, its code, or a sign of up to three characters.
func isUnit(s string) bool {
	if s == "" || recon.Currency(s).Known() {
		return true
	}
	if _, known := unitCurrency[s]; known {
		return true
	}
	for _, r := range s {
		if !unicode.Is(unicode.Sc, r) {
			return false
		}
	}
	return len([]rune(s)) == 1
}

// isCore reports whether s is digits with marks between them as numbers have.
func isCore(s string) bool {
	var before rune
	for _, r := range s {
		if !isDigit(r) && (!isMark(r) || isMark(before)) {
			return false
		}
		before = r
	}
	return true
}

func isMark(r rune) bool { return r == '.' || r == ',' || r == '\'' || r == '’' || isBlank(r) }

// looksLikeAmount reports whether a cell is a number as amounts are written: not a long one without marks, nor one with
// leading zeros, which are numbers of accounts and papers.
func looksLikeAmount(cell string) bool {
	n, ok := takeApart(cell)
	if !ok {
		return false
	}
	if digitsOnly(n.core) {
		return len(n.core) <= 9 && (len(n.core) == 1 || n.core[0] != '0')
	}
	return len(digitsOf(n.core)) <= 18
}

// marksOf tells what a number proves about its marks: the decimal mark, 0 where it leaves that open, and whether it is a
// single mark with three digits behind it, which may be either.
func marksOf(core string) (decimal byte, open bool) {
	dots, commas := strings.Count(core, "."), strings.Count(core, ",")
	switch {
	case dots == 0 && commas == 0:
		return 0, false
	case dots > 0 && commas > 0:
		return core[strings.LastIndexAny(core, ".,")], false
	case dots > 1:
		return ',', false
	case commas > 1:
		return '.', false
	}
	at := strings.IndexAny(core, ".,")
	before, behind := core[:at], core[at+1:]
	if len(behind) == 3 && digitsOnly(behind) && before != "" && len(digitsOf(before)) == len(before) && len(before) <= 3 && before != "0" {
		return 0, true
	}
	return core[at], false
}

// grammar is how the amounts of some cells are written, and what proves it.
type grammar struct {
	amounts   Amounts
	marks     Confidence // of the decimal mark
	evidence  string
	grouped   bool // groups of three digits occur
	fractions int  // cells with decimals
	minus     int  // cells with a minus
	plus      int  // cells without one that are not zero
	faults    int  // cells that are no number
	cells     int  // cells that are
}

// deriveGrammar finds the one grammar of cells, those that are empty left aside. other is the decimal mark that the rest of
// the file proves, 0 for none. ok is false where no grammar fits most cells.
func deriveGrammar(cells []string, currency recon.Currency, other byte) (g grammar, ok bool) {
	var numbers []writtenNumber
	for _, cell := range cells {
		if trimBlanks(cell) == "" {
			continue
		}
		if n, ok := takeApart(cell); ok {
			numbers = append(numbers, n)
		} else {
			g.faults++
		}
	}
	g.cells = len(numbers)
	if g.cells == 0 || g.faults*2 > g.cells || !g.signs(numbers) || !g.unit(numbers) || !g.decimal(numbers, currency, other) {
		return g, false
	}
	return g, g.grouping(numbers) && g.decimals(numbers, currency.Exponent())
}

// signs finds the one place of the minus.
func (g *grammar) signs(numbers []writtenNumber) bool {
	g.amounts.Sign = "before"
	for _, n := range numbers {
		switch {
		case n.minus == "":
			if g.amounts.Plus = g.amounts.Plus || n.plus != ""; n.plus != "" && g.minus == 0 {
				g.amounts.Sign = n.plus
			}
			if strings.Trim(n.core, "0.,") != "" {
				g.plus++
			}
			continue
		case g.minus > 0 && n.minus != g.amounts.Sign:
			return false
		}
		g.amounts.Sign = n.minus
		g.minus++
	}
	return true
}

func (g *grammar) unit(numbers []writtenNumber) bool {
	for _, n := range numbers {
		if n.unit != "" && g.amounts.Unit != "" && n.unit != g.amounts.Unit {
			return false
		}
		if n.unit != "" {
			g.amounts.Unit = n.unit
		}
	}
	return true
}

// decimal finds the decimal mark: cells that admit only one prove it, as long as none proves the other.
func (g *grammar) decimal(numbers []writtenNumber, currency recon.Currency, other byte) bool {
	proofs := map[byte]int{}
	var open []writtenNumber
	marked := 0
	for _, n := range numbers {
		decimal, either := marksOf(n.core)
		switch {
		case either:
			open = append(open, n)
		case decimal != 0:
			proofs[decimal]++
		}
		if strings.ContainsAny(n.core, ".,") || strings.Trim(n.core, "0") == "" {
			marked++
		}
	}
	switch dot, comma := proofs['.'], proofs[',']; {
	case dot > 0 && comma > 0:
		return false
	case dot+comma > 0:
		g.amounts.Decimal, g.marks = ",", Certain
		if dot > 0 {
			g.amounts.Decimal = "."
		}
		g.evidence = fmt.Sprintf("%s can be read in no other way", counted(dot+comma, "amount"))
	case len(open) > 0:
		g.openMark(open, marked == len(numbers), currency, other)
	default:
		g.amounts.Decimal, g.marks, g.evidence = markOr(other, "."), Likely, "no amount has decimals: they may be whole units, or cents"
	}
	return true
}

// openMark chooses for numbers such as 1.000, which are a thousand or one: groups where the currency has not so many decimals,
// else what the rest of the file proves, else decimals where no number goes without the mark, else groups.
func (g *grammar) openMark(open []writtenNumber, all bool, currency recon.Currency, other byte) {
	example := open[0].core
	mark := example[strings.IndexAny(example, ".,")]
	group := map[byte]string{'.': ",", ',': "."}[mark]
	exponent := currency.Exponent()
	tooFine := slices.ContainsFunc(open, func(n writtenNumber) bool {
		return strings.Trim(n.core[strings.IndexAny(n.core, ".,")+1:][min(exponent, 3):], "0") != ""
	})
	g.marks = Unsure
	switch {
	case tooFine && currency.Known():
		g.amounts.Decimal, g.marks = group, Certain
		g.evidence = fmt.Sprintf("%q is a thousand and more: %s has %s", example, currency, counted(exponent, "decimal"))
	case tooFine, exponent == 0:
		g.amounts.Decimal = group
		g.evidence = fmt.Sprintf("%q may be a thousand or one; few currencies have three decimals", example)
	case other != 0:
		g.amounts.Decimal = string(other)
		g.evidence = fmt.Sprintf("%q alone may be a thousand or one; other numbers of the file have %q before their decimals", example, other)
	case all && len(open) > 1, exponent == 3:
		g.amounts.Decimal = string(mark)
		g.evidence = fmt.Sprintf("%q may be a thousand or one; it is taken for one, as no amount goes without the mark", example)
	default:
		g.amounts.Decimal = group
		g.evidence = fmt.Sprintf("%q may be a thousand or one; it is taken for a thousand", example)
	}
}

func markOr(mark byte, usual string) string {
	if mark == 0 {
		return usual
	}
	return string(mark)
}

// grouping finds what stands between groups of three digits. Where no number needs it, that is what usually goes with the
// decimal mark, unless large numbers do without.
func (g *grammar) grouping(numbers []writtenNumber) bool {
	large := false
	for _, n := range numbers {
		whole, _, _ := strings.Cut(n.core, g.amounts.Decimal)
		mark := strings.TrimFunc(whole, isDigit)
		if mark == "" {
			large = large || len(whole) > 3
			continue
		}
		kind := groupKind(mark)
		if kind == "" || g.grouped && kind != g.amounts.Grouping {
			return false
		}
		g.amounts.Grouping, g.grouped = kind, true
	}
	if !g.grouped && !large {
		g.amounts.Grouping = map[string]string{".": ",", ",": "."}[g.amounts.Decimal]
	}
	return true
}

// groupKind names the first mark inside a number between its outer digits.
func groupKind(inner string) string {
	for _, r := range inner {
		switch {
		case r == '.' || r == ',':
			return string(r)
		case r == '\'' || r == '’':
			return "'"
		case isBlank(r):
			return " "
		}
	}
	return ""
}

// decimals counts the digits behind the mark; more than the currency has must be zeros.
func (g *grammar) decimals(numbers []writtenNumber, exponent int) bool {
	most := 0
	for _, n := range numbers {
		_, fraction, _ := strings.Cut(n.core, g.amounts.Decimal)
		if fraction != "" {
			g.fractions++
		}
		most = max(most, len(fraction))
	}
	if most > exponent {
		g.amounts.Decimals = most
	}
	for _, n := range numbers {
		if _, fault := g.amounts.parse(n.core, exponent); fault != "" {
			return false
		}
	}
	return true
}
