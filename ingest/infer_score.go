package ingest

import (
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// evaluate reads all rows in a form and scores it; false where the form does not work.
func (inf *inferrer) evaluate(form *moneyForm) bool {
	var cells []string
	for _, c := range append(form.columns(), form.balance, form.fee) {
		if c != nil {
			cells = append(cells, inf.cells(c.at)...)
		}
	}
	g, ok := deriveGrammar(cells, inf.finest(), inf.markElsewhere())
	if !ok {
		return false
	}
	form.grammar = g
	if form.amount != nil {
		ok = inf.readSingle(form)
	} else {
		ok = inf.readSides(form)
	}
	if !ok || 10*form.read < 6*len(inf.rows) {
		return false
	}
	form.chain = chainProof{}
	if form.balance != nil {
		form.chain = inf.chainOf(form.minor, form.readable, form.balance, form.grammar)
	}
	form.score = inf.score(form)
	return form.score > 0
}

// finest is the currency of the rows with the most decimals.
func (inf *inferrer) finest() (finest recon.Currency) {
	for i, row := range inf.rows {
		if currency := inf.currencyOf(row); i == 0 || currency.Exponent() > finest.Exponent() {
			finest = currency
		}
	}
	return finest
}

func (inf *inferrer) readSingle(form *moneyForm) bool {
	form.minor, form.readable = make([]int64, len(inf.rows)), make([]bool, len(inf.rows))
	for i, row := range inf.rows {
		exponent := inf.currencyOf(row).Exponent()
		minor, fault := form.grammar.amounts.parse(row.cells[form.amount.at], exponent)
		if fault != "" {
			continue
		}
		if form.direction != nil {
			if minor < 0 {
				return false
			}
			if slices.Contains(form.out, strings.TrimSpace(row.cells[form.direction.at])) {
				minor = -minor
			}
		}
		if form.fee != nil && trimBlanks(row.cells[form.fee.at]) != "" {
			fee, _ := form.grammar.amounts.parse(row.cells[form.fee.at], exponent)
			minor -= max(fee, -fee)
		}
		form.put(i, minor)
	}
	return true
}

func (form *moneyForm) put(i int, minor int64) {
	form.minor[i], form.readable[i] = minor, true
	form.read++
	if minor < 0 {
		form.negative++
	}
}

// readSides reads two columns of which one is filled in each row; the debit column has one sign throughout.
func (inf *inferrer) readSides(form *moneyForm) bool {
	form.minor, form.readable = make([]int64, len(inf.rows)), make([]bool, len(inf.rows))
	below, above := false, false
	for i, row := range inf.rows {
		exponent := inf.currencyOf(row).Exponent()
		debit, debitFault := sideCell(form, row.cells[form.debit.at], exponent)
		credit, creditFault := sideCell(form, row.cells[form.credit.at], exponent)
		if debitFault || creditFault || debit != 0 && credit != 0 || trimBlanks(row.cells[form.debit.at])+trimBlanks(row.cells[form.credit.at]) == "" {
			continue
		}
		if credit < 0 {
			return false
		}
		below, above = below || debit < 0, above || debit > 0
		form.put(i, credit-max(debit, -debit))
	}
	if below {
		form.grammar.amounts.Debit = "negative"
	}
	return !(below && above)
}

func sideCell(form *moneyForm, cell string, exponent int) (minor int64, faulty bool) {
	if trimBlanks(cell) == "" {
		return 0, false
	}
	minor, fault := form.grammar.amounts.parse(cell, exponent)
	return minor, fault != ""
}

// score says how much speaks for a form: names first, then a balance that adds up, then how money is usually written.
func (inf *inferrer) score(form *moneyForm) int {
	score := 0
	switch {
	case form.debit != nil && form.named > 0:
		score = 58 + 3*form.named
	case form.debit != nil:
		score = inf.bareSides(form)
	case form.named > 0:
		score = 34 + 10*form.named
	case inf.headed():
		score = 4
	default:
		score = 20
	}
	if form.amount != nil {
		if form.direction == nil && form.negative == 0 && inf.directionColumn(form.amount).direction != nil {
			return 0 // what stands beside amounts without signs says which way they go
		}
		score += inf.habits(form)
	}
	switch {
	case form.balance == nil:
	case form.chain.sign == 0 && nameFit(form.balance.words, balanceWords) < 2:
		return 0 // nothing says that it is a balance
	case form.chain.sign == 0:
		score++
	case form.chain.sign < 0 && (form.debit != nil || form.direction != nil):
		return 0 // the columns are the other way round
	case form.chain.proves():
		score += 60 + 5*nameFit(form.balance.words, balanceWords)
	case nameFit(form.balance.words, balanceWords) > 0:
		score += 25
	case form.chain.checked < fewRows-1:
		return 0 // two rows that agree by chance
	}
	if form.chain.sign < 0 {
		score -= 20
	}
	if form.read < len(inf.rows) {
		score -= 12 // rows that another form may read
	}
	if form.fee != nil && (form.chain.sign == 0 || inf.sameWithoutFee(form)) {
		return 0
	}
	return score
}

func (inf *inferrer) sameWithoutFee(form *moneyForm) bool {
	for _, row := range inf.rows {
		if strings.Trim(row.cells[form.fee.at], "0.,- ") != "" {
			return false
		}
	}
	return true
}

// bareSides scores two columns without names: the first is money out, as everywhere, unless signs or the balance say so.
func (inf *inferrer) bareSides(form *moneyForm) int {
	score := 26
	if form.debit.at < form.credit.at {
		score += 4
	}
	if form.grammar.amounts.Debit == "negative" {
		score += 10
	}
	if form.credit.filled == 0 || form.debit.filled == 0 {
		score += 8 // scored against the one column alone
	}
	return score
}

// habits scores one column of amounts: decimals in all, negative ones among them, beside the currency, filled in each row.
func (inf *inferrer) habits(form *moneyForm) (score int) {
	switch {
	case most(form.grammar.fractions, form.grammar.cells):
		score += 8
	case form.grammar.fractions == 0 && !inf.headed():
		score -= 8 // a number of something else
	}
	if form.negative > 0 {
		score += 6
	}
	if form.read == len(inf.rows) {
		score += 4
	}
	if inf.currencyAt == form.amount.at+1 || inf.currencyAt == form.amount.at-1 {
		score += 2
	}
	if form.direction != nil {
		score += 8
	}
	if nameFit(form.amount.words, netWords) > 0 {
		score += 12
	}
	return score
}

// markElsewhere returns the decimal mark that all numbers of the file agree on, 0 where they do not.
func (inf *inferrer) markElsewhere() byte {
	if inf.markKnown {
		return inf.mark
	}
	inf.markKnown = true
	seen := map[byte]bool{}
	look := func(text string) {
		if n, ok := takeApart(text); ok && !looksLikeDay(text) {
			if mark, _ := marksOf(n.core); mark != 0 {
				seen[mark] = true
			}
		}
	}
	for i := range inf.columns {
		if c := &inf.columns[i]; most(c.numbers, c.filled) {
			for _, cell := range inf.cells(i) {
				look(cell)
			}
		}
	}
	for _, line := range inf.grid.before {
		for _, cell := range cutLine(line, inf.grid.delimiter, inf.grid.quoted) {
			look(cell)
		}
	}
	if len(seen) == 1 {
		for mark := range seen {
			inf.mark = mark
		}
	}
	return inf.mark
}
