package ingest

import (
	"github.com/tieout/tieout/recon"
)

// rawAmount is an Amt element.
type rawAmount struct {
	minor    int64
	currency recon.Currency
	code     string // what is wrong with it, "" where it is right
	given    bool
}

// readAmount reads Amt with its currency.
func (c *camtReader) readAmount() rawAmount {
	a := rawAmount{given: true}
	a.minor, a.currency, a.code = c.amount()
	return a
}

// amount reads the current element as an amount; code says what is wrong with it, "" where nothing is.
func (c *camtReader) amount() (minor int64, currency recon.Currency, code string) {
	currency = c.currency(c.x.ccy)
	t, plain := c.x.plainText()
	if !plain {
		return 0, currency, "CAMT-AMT-CONTENT"
	}
	minor, code = parseCamtAmount(t, currency.Exponent())
	if code == "" && currency == "" {
		code = "CAMT-CCY"
	}
	c.remember(t, code)
	return minor, currency, code
}

// remember keeps what stood there for the problem's message.
func (c *camtReader) remember(t []byte, code string) {
	if code != "" {
		c.badAmount, c.badCurrency = shorten(string(t), 40), shorten(string(c.x.ccy), 10)
	}
}

// amountProblem raises the fault of the amount that was read last.
func (c *camtReader) amountProblem(code, below string) {
	switch code {
	case "CAMT-AMT-CONTENT":
		c.problem(code, below, "the amount holds an element, a comment or an instruction")
	case "CAMT-AMT-EXPONENT":
		c.problem(code, below, "%s %s has more decimals than the currency", c.badAmount, c.badCurrency)
	case "CAMT-AMT-SIGN":
		c.problem(code, below, "%q carries a sign", c.badAmount)
	case "CAMT-AMT-RANGE":
		c.problem(code, below, "%q has more than 18 digits", c.badAmount)
	case "CAMT-CCY":
		if c.badCurrency == "" {
			c.problem(code, below, "the amount names no currency")
		} else {
			c.problem(code, below, "currency %q is not known", c.badCurrency)
		}
	default:
		c.problem(code, below, "%q is no amount", c.badAmount)
	}
}

// charges reads one Chrgs element and adds it: its stated total, else its records. Up to version 03 the
// element itself is the record.
func (c *camtReader) charges(total *int64, bearer *span) {
	var stated, sum int64
	record := func() {
		if minor, _, code := c.amount(); code == "" {
			sum = plus(sum, minor)
		}
	}
	for c.child() {
		switch string(c.x.name) {
		case "TtlChrgsAndTaxAmt":
			if minor, _, code := c.amount(); code == "" {
				stated = minor
			}
		case "Amt":
			record()
		case "Br":
			*bearer = c.keep()
		case "Rcrd":
			for c.child() {
				switch string(c.x.name) {
				case "Amt":
					record()
				case "Br":
					*bearer = c.keep()
				default:
					c.x.skip()
				}
			}
		default:
			c.x.skip()
		}
	}
	if stated == 0 {
		stated = sum
	}
	*total = plus(*total, stated)
}
