package ingest

import "slices"

// moneyForm is one way to read the amounts: the columns, their grammar, and the amounts that come out.
type moneyForm struct {
	amount, debit, credit, direction, balance, fee *columnFacts // nil where the form has none

	in, out  []string // words of the direction
	grammar  grammar
	minor    []int64 // of each row, before any turning of signs
	readable []bool
	read     int
	negative int // amounts below zero
	score    int
	chain    chainProof
	named    int // how well the names of the columns say so: 3 is word for word
}

// columns returns those that hold what moves the account.
func (m *moneyForm) columns() (list []*columnFacts) {
	for _, c := range []*columnFacts{m.amount, m.debit, m.credit} {
		if c != nil {
			list = append(list, c)
		}
	}
	return list
}

// amounts tries all ways in which the columns with numbers can hold the amounts, and takes the best.
func (inf *inferrer) amounts() bool {
	var best, second *moneyForm
	for _, form := range inf.forms() {
		if !inf.evaluate(&form) {
			continue
		}
		switch {
		case best == nil || form.score > best.score:
			best, second = &form, differing(best, second, &form)
		case (second == nil || form.score > second.score) && !slices.Equal(form.minor, best.minor):
			second = &form
		}
	}
	if best == nil {
		return false
	}
	inf.money = *best
	inf.takeForm(second)
	return true
}

// differing keeps the better of two losers that read other amounts than the winner.
func differing(a, b, winner *moneyForm) *moneyForm {
	if a != nil && !slices.Equal(a.minor, winner.minor) {
		return a
	}
	if b != nil && !slices.Equal(b.minor, winner.minor) {
		return b
	}
	return nil
}

// forms lists the ways to read the amounts, in the order of the columns: with and without a balance, with one amount or two.
func (inf *inferrer) forms() (forms []moneyForm) {
	numeric := inf.numericColumns()
	balances := inf.balances(numeric)
	var plain []moneyForm
	for _, c := range numeric {
		if fit := inf.amountFit(c); fit >= 0 {
			plain = append(plain, moneyForm{amount: c, named: fit})
			if direction := inf.directionColumn(c); direction.direction != nil {
				direction.amount, direction.named = c, fit
				plain = append(plain, direction)
			}
		}
	}
	plain = append(plain, inf.sideForms(numeric)...)
	fees := inf.named(feeWords, func(c *columnFacts) bool { return slices.Contains(numeric, c) })
	for _, form := range plain {
		for _, balance := range balances {
			if slices.Contains(form.columns(), balance) {
				continue
			}
			with := form
			with.balance = balance
			forms = append(forms, with)
			if len(fees) > 0 && balance != nil && form.amount != nil && fees[0].column != form.amount && fees[0].column != balance {
				with.fee = fees[0].column
				forms = append(forms, with)
			}
		}
	}
	return forms
}

const maxNumeric = 12 // columns that are tried as amounts

// numericColumns are those that may hold money.
func (inf *inferrer) numericColumns() (list []*columnFacts) {
	taken := []int{inf.bookedAt(), inf.columnAt(inf.profile.Columns.Value), inf.currencyAt, inf.accountAt}
	for i := range inf.columns {
		c := &inf.columns[i]
		numbers, filled := inf.numbersIn(c)
		named := nameFit(c.words, moneyWords) > 0
		switch {
		case slices.Contains(taken, i) || nameFit(c.words, notMoneyWords) > 1 && !named || len(list) == maxNumeric:
		case most(numbers, filled), named && 2*numbers >= filled && numbers > 0:
			list = append(list, c)
		}
	}
	return list
}

// numbersIn counts the amounts among the booked rows' cells of a column.
func (inf *inferrer) numbersIn(c *columnFacts) (numbers, filled int) {
	for _, row := range inf.rows {
		cell := row.cells[c.at]
		if trimBlanks(cell) == "" {
			continue
		}
		filled++
		if looksLikeAmount(cell) && !looksLikeDay(cell) {
			numbers++
		}
	}
	return numbers, filled
}

// balances are the columns that may be a running balance; nil stands for none.
func (inf *inferrer) balances(numeric []*columnFacts) []*columnFacts {
	list := []*columnFacts{nil}
	for _, c := range numeric {
		balance, other := nameFit(c.words, balanceWords), max(nameFit(c.words, amountWords), nameFit(c.words, debitWords), nameFit(c.words, creditWords))
		if other < 3 && (balance > 0 || other == 0) && nameFit(c.words, feeWords) == 0 && len(c.values) > 1 {
			list = append(list, c)
		}
	}
	return list
}

// amountFit says how well the name of a column says that it is the amount; -1 where it says something else.
func (inf *inferrer) amountFit(c *columnFacts) int {
	for _, other := range [][]string{balanceWords, debitWords, creditWords, feeWords, otherAmountWords} {
		if fit := nameFit(c.words, other); fit > 1 && fit > nameFit(c.words, amountWords) {
			return -1
		}
	}
	return nameFit(c.words, amountWords)
}

// sideForms pairs columns for money out and money in: by their names, without a header by what stands beside each other.
func (inf *inferrer) sideForms(numeric []*columnFacts) (forms []moneyForm) {
	able := func(c *columnFacts) bool { return slices.Contains(numeric, c) || c.filled == 0 }
	for _, debit := range inf.named(debitWords, able) {
		for _, credit := range inf.named(creditWords, able) {
			if debit.column != credit.column {
				forms = append(forms, moneyForm{debit: debit.column, credit: credit.column, named: min(debit.fit, credit.fit)})
			}
		}
	}
	if inf.headed() {
		return forms
	}
	for i := range len(inf.columns) - 1 {
		a, b := &inf.columns[i], &inf.columns[i+1]
		if able(a) && able(b) && a.filled+b.filled > 0 && (a.filled > 0 && b.filled > 0 || inf.balanceBeside(numeric, i+2)) {
			forms = append(forms, moneyForm{debit: a, credit: b}, moneyForm{debit: b, credit: a})
		}
	}
	return forms
}

// balanceBeside reports whether column at is one of numbers in every row, as the balance behind two columns of amounts is.
func (inf *inferrer) balanceBeside(numeric []*columnFacts, at int) bool {
	return at < len(inf.columns) && slices.Contains(numeric, &inf.columns[at]) && inf.columns[at].filled == len(inf.grid.rows)
}
