package ingest

import (
	"fmt"

	"github.com/tieout/tieout/recon"
)

// rawBalance is a Bal element.
type rawBalance struct {
	code     string
	interim  bool
	minor    int64
	currency recon.Currency
	sign     int64
	date     recon.Date
	ok       bool
}

func (c *camtReader) balance(parts *statementParts) {
	where := fmt.Sprintf("/Bal[%d]", len(parts.balances)+1)
	b := rawBalance{}
	var code string
	amounts, indicators := 0, 0
	for c.child() {
		switch string(c.x.name) {
		case "Tp":
			c.balanceType(&b)
		case "Amt":
			amounts++
			b.minor, b.currency, code = c.amount()
			if code != "" {
				c.amountProblem(code, where+"/Amt")
			}
		case "CdtDbtInd":
			indicators++
			t := c.x.text()
			var ok bool
			if b.sign, ok = parseIndicator(t); !ok {
				c.problem("CAMT-INDICATOR", where+"/CdtDbtInd", "%q is no direction", shorten(string(t), 20))
			}
		case "Dt":
			b.date = c.day(where[1:]+"/Dt", c.x.text())
		default:
			c.x.skip()
		}
	}
	if amounts > 1 {
		c.problem("CAMT-DUP-ELEMENT", where+"/Amt", "the balance has %d amounts", amounts)
	}
	if indicators == 0 && !c.x.stopped() {
		b.sign = 1
		c.problem("CAMT-BAL-INDICATOR", where+"/CdtDbtInd", "the balance does not say whether it is a credit; it is taken as one")
	}
	b.ok = code == "" && amounts == 1 && b.sign != 0
	parts.balances = append(parts.balances, b)
}

// balanceType reads Tp: CdOrPrtry/Cd in all versions, and SubTp, which marks interim balances.
func (c *camtReader) balanceType(b *rawBalance) {
	for c.child() {
		switch string(c.x.name) {
		case "CdOrPrtry", "Cd":
			b.code = string(c.x.text())
		case "SubTp":
			b.interim = string(c.x.text()) == "INTM"
		default:
			c.x.skip()
		}
	}
}

// booked reports whether the balance is one of those that prove a statement. Interim balances belong to
// pages and intraday reports, available ones count money that is not booked.
func (b *rawBalance) booked() bool {
	return b.ok && !b.interim && (b.code == "OPBD" || b.code == "PRCD" || b.code == "CLBD")
}

// chooseBalances takes OPBD, else PRCD, as the opening balance and the last CLBD as the closing one.
func (c *camtReader) chooseBalances(parts *statementParts) {
	s := c.statement
	var previous *recon.Balance
	for i := range parts.balances {
		b := &parts.balances[i]
		if !b.booked() || !c.balanceCurrency(b, i) {
			continue
		}
		value := &recon.Balance{AmountMinor: b.sign * b.minor, Date: b.date}
		switch {
		case b.code == "OPBD" && s.Opening == nil:
			s.Opening = value
		case b.code == "PRCD" && previous == nil:
			previous = value
		case b.code == "CLBD":
			s.Closing = value
		}
	}
	if s.Opening == nil {
		s.Opening = previous
	}
}

// balanceCurrency raises a balance in a currency that is not the account's. Its number is shown where it
// can be written with the account's decimals.
func (c *camtReader) balanceCurrency(b *rawBalance, i int) bool {
	s := c.statement
	if b.currency == s.Currency {
		return true
	}
	c.problem("CAMT-CCY-MISMATCH", fmt.Sprintf("/Bal[%d]/Amt", i+1), "the balance is in %s, the account in %s", b.currency, s.Currency)
	return b.currency.Exponent() == s.Currency.Exponent()
}

type rawSum struct {
	count int   // -1 not stated
	minor int64 // -1 not stated
}

func (c *camtReader) summary(parts *statementParts) {
	for c.child() {
		switch string(c.x.name) {
		case "TtlNtries":
			c.sum(&parts.sums[0])
		case "TtlCdtNtries":
			c.sum(&parts.sums[1])
		case "TtlDbtNtries":
			c.sum(&parts.sums[2])
		default:
			c.x.skip()
		}
	}
}

// sum reads a total; it names no currency, so it is read with the account's decimals.
func (c *camtReader) sum(s *rawSum) {
	for c.child() {
		switch string(c.x.name) {
		case "NbOfNtries":
			s.count = count(c.x.text())
		case "Sum":
			t, exponent := c.x.text(), 2
			if len(c.currencies) > 0 {
				exponent = c.currencies[0].Exponent()
			}
			if minor, code := parseCamtAmount(t, exponent); code == "" {
				s.minor = minor
			}
		default:
			c.x.skip()
		}
	}
}
