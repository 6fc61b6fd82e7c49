package ingest

import (
	"fmt"
	"strings"
)

// takeForm writes the chosen form into the profile.
func (inf *inferrer) takeForm(second *moneyForm) {
	m, p := &inf.money, &inf.profile
	p.Amounts = m.grammar.amounts
	if p.Amounts.Debit == "" {
		p.Amounts.Debit = "positive"
	}
	confidence, evidence := Certain, "its name says so"
	switch {
	case m.chain.proves():
		evidence = fmt.Sprintf("%s follow from the amounts and the balance before", counted(m.chain.checked, "balance"))
	case second != nil && m.score-second.score < 9:
		confidence, evidence = Unsure, fmt.Sprintf("%s could be the amounts as well", second.label())
	case m.named == 3:
	case m.named > 0:
		confidence, evidence = Likely, "its name says something like it"
	default:
		confidence, evidence = Unsure, "it looks most like amounts; no name and no balance says so"
	}
	if m.amount != nil {
		p.Columns.Amount = m.amount.ref
		inf.find("columns.amount", m.amount.ref, confidence, true, "%s", evidence)
	} else {
		p.Columns.Debit, p.Columns.Credit = m.debit.ref, m.credit.ref
		inf.find("columns.debit", m.debit.ref, confidence, true, "%s", evidence)
		inf.find("columns.credit", m.credit.ref, confidence, true, "%s", evidence)
	}
	if m.direction != nil {
		p.Columns.Direction, p.Columns.MoneyIn, p.Columns.MoneyOut = m.direction.ref, m.in, m.out
	}
	if m.fee != nil {
		p.Columns.Fee = m.fee.ref
		inf.find("columns.fee", m.fee.ref, Certain, true, "the balance follows only where the fee is taken off the amount")
	}
	inf.findBalance()
	inf.findGrammar()
}

func (m *moneyForm) label() string {
	names := make([]string, 0, 2)
	for _, c := range m.columns() {
		names = append(names, c.ref)
	}
	if m.fee != nil {
		names = append(names, "less "+m.fee.ref)
	}
	return strings.Join(names, " and ")
}

func (inf *inferrer) findBalance() {
	m := &inf.money
	switch {
	case m.balance == nil:
		return
	case inf.gaps() > 0:
		inf.find("columns.balance", m.balance.ref, Unsure, true, "%s have none: they may not be booked yet", counted(inf.gaps(), "row"))
	case m.chain.proves():
		inf.find("columns.balance", m.balance.ref, Certain, false, "it adds up over %s", counted(m.chain.checked+1, "row"))
	case m.chain.sign != 0:
		inf.find("columns.balance", m.balance.ref, Likely, false, "it adds up, over too few rows to prove anything")
	case m.chain.broken > 0:
		inf.find("columns.balance", m.balance.ref, Unsure, true, "its name says so, but it does not add up at %s", rowPlace(m.chain.broken))
	default:
		inf.find("columns.balance", m.balance.ref, Likely, false, "its name says so; it has nothing to add up")
	}
	inf.profile.Columns.Balance = m.balance.ref
}

func (inf *inferrer) findGrammar() {
	g := inf.money.grammar
	value := "decimal mark " + fmt.Sprintf("%q", g.amounts.Decimal)
	if g.marks != Certain && inf.wholeUnits() {
		g.marks, g.evidence = Certain, "the currency has no decimals and none are written"
	}
	inf.find("amounts.decimal", value, g.marks, true, "%s", g.evidence)
	switch {
	case g.grouped:
		inf.find("amounts.grouping", fmt.Sprintf("%q", g.amounts.Grouping), Certain, false, "it stands between groups of three digits")
	case g.amounts.Grouping == "":
		inf.find("amounts.grouping", "none", Certain, false, "numbers over a thousand go without")
	default:
		inf.find("amounts.grouping", fmt.Sprintf("%q", g.amounts.Grouping), Likely, false, "no number is large enough; this goes with the decimal mark")
	}
}

// gaps counts the rows at the newer end that have no balance while the others have.
func (inf *inferrer) gaps() (n int) {
	at := inf.money.balance.at
	first, last := -1, -1
	for i, row := range inf.rows {
		if trimBlanks(row.cells[at]) != "" {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return 0
	}
	return first + len(inf.rows) - 1 - last
}

// wholeUnits reports whether the currency has no decimals, so that numbers without a mark leave nothing open.
func (inf *inferrer) wholeUnits() bool {
	for _, row := range inf.rows {
		currency := inf.currencyOf(row)
		if !currency.Known() || currency.Exponent() != 0 {
			return false
		}
	}
	return inf.money.grammar.fractions == 0 && !inf.money.grammar.grouped
}
