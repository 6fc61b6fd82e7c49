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

// maxBalances bounds the balances of one statement.
const maxBalances = 1000

func (c *camtReader) balance(parts *statementParts) {
	where := fmt.Sprintf("/Bal[%d]", len(parts.balances)+1)
	if len(parts.balances) == maxBalances {
		c.x.fail("XML-LIMIT", c.x.pos, fmt.Sprintf("a statement has more than %d balances", maxBalances), "no bank sends so many; check where the file comes from")
		return
	}
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

// booked reports whether the balance counts booked money; available balances count money that is not.
func (b *rawBalance) booked() bool {
	if !b.ok {
		return false
	}
	switch b.code {
	case "OPBD", "PRCD", "CLBD", "ITBD", "OIBD":
		return true
	}
	return false
}

// between reports whether the balance stands between the pages of a statement, or within a day, and so proves no statement.
func (b *rawBalance) between() bool { return b.interim || b.code == "ITBD" || b.code == "OIBD" }

// chooseBalances takes OPBD, else PRCD, as the opening balance and the last CLBD as the closing one, and of a page its
// interim balances as well.
func (c *camtReader) chooseBalances(parts *statementParts) {
	s := c.statement
	s.Opening, s.Closing, s.InterimOpening, s.InterimClosing = nil, nil, nil, nil
	var previous *recon.Balance
	var interim []*recon.Balance
	for i := range parts.balances {
		b := &parts.balances[i]
		if !b.booked() || b.currency != s.Currency && b.currency.Exponent() != s.Currency.Exponent() {
			continue
		}
		value := &recon.Balance{AmountMinor: b.sign * b.minor, Date: b.date}
		switch {
		case b.code == "ITBD":
			interim = append(interim, value)
		case b.between() && b.code == "CLBD":
			s.InterimClosing = value
		case b.between():
			s.InterimOpening = value
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
	if s.Page == nil {
		s.InterimOpening, s.InterimClosing = nil, nil
		return
	}
	placeInterim(s, interim)
}

// placeInterim tells on which side of a page its balances ITBD stand: they name no side.
func placeInterim(s *recon.Statement, interim []*recon.Balance) {
	begins, ends := s.Opening != nil || s.InterimOpening != nil, s.Closing != nil || s.InterimClosing != nil
	switch {
	case len(interim) == 2 && !begins && !ends:
		s.InterimOpening, s.InterimClosing = interim[0], interim[1]
	case len(interim) == 1 && begins && !ends:
		s.InterimClosing = interim[0]
	case len(interim) == 1 && ends && !begins:
		s.InterimOpening = interim[0]
	}
}

// checkBalances raises balances in a currency that is not the account's.
func (c *camtReader) checkBalances(parts *statementParts) {
	for i := range parts.balances {
		b := &parts.balances[i]
		if b.booked() && !b.between() && b.currency != c.statement.Currency {
			c.problem("CAMT-CCY-MISMATCH", fmt.Sprintf("/Bal[%d]/Amt", i+1), "the balance is in %s, the account in %s", b.currency, c.statement.Currency)
		}
	}
}

// rawSum is a total of the bank; it names no currency, so that it is read once the account's is known.
type rawSum struct {
	count int // -1 not stated
	sum   string
}

// minor is the sum in the account's currency, -1 where none is stated.
func (s *rawSum) minor(ccy recon.Currency) int64 {
	if minor, code := parseCamtAmount([]byte(s.sum), ccy.Exponent()); code == "" {
		return minor
	}
	return -1
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

func (c *camtReader) sum(s *rawSum) {
	for c.child() {
		switch string(c.x.name) {
		case "NbOfNtries":
			s.count = count(c.x.text())
		case "Sum":
			s.sum = shorten(string(c.x.text()), 40)
		default:
			c.x.skip()
		}
	}
}
