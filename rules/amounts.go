package rules

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/shopspring/decimal"

	"github.com/tieout/tieout/recon"
)

func (r *reader) differences(given map[text]differenceDoc) {
	r.set.Differences = map[recon.Currency]Difference{}
	for _, currency := range byLine(given) {
		if c, ok := r.currency("RULE-TOLERANCE", currency); ok {
			r.set.Differences[c] = r.difference(c, given[currency])
		}
	}
}

func (r *reader) difference(c recon.Currency, doc differenceDoc) Difference {
	seen := len(r.problems)
	d := Difference{
		MaxMinor:    r.minor("RULE-TOLERANCE", "max", doc.Max, c),
		Percent:     r.percent("RULE-TOLERANCE", "percent", doc.Percent),
		CapMinor:    r.minor("RULE-TOLERANCE", "cap", doc.Cap, c),
		CapPeriod:   "month",
		ChargeMinor: r.minor("RULE-TOLERANCE", "charge", doc.Charge, c),
	}
	if doc.Per.Given() {
		d.CapPeriod = doc.Per.Text
	}
	if d.CapPeriod != "month" && d.CapPeriod != "year" {
		r.reject("RULE-TOLERANCE", doc.Per, fmt.Sprintf("per is %s, expected month or year", quoted(doc.Per)), "write per: month")
	}
	if len(r.problems) > seen || d.MaxMinor == 0 {
		return d
	}
	switch {
	case !doc.Cap.Given():
		r.reject("RULE-WRITEOFF", doc.Max, fmt.Sprintf("max %s %s without a cap: one customer could take it off every payment", doc.Max.Text, c),
			`add cap: the most that may be written off per customer and period, such as "50.00"`)
	case d.CapMinor < d.MaxMinor:
		r.reject("RULE-TOLERANCE", doc.Max, fmt.Sprintf("max %s is over the cap %s %s", doc.Max.Text, doc.Cap.Text, c), "raise cap or lower max")
	}
	return d
}

func (r *reader) fourEyes(given map[text]fourEyesDoc) {
	r.set.FourEyes = map[recon.Currency]FourEyes{}
	for _, currency := range byLine(given) {
		if c, ok := r.currency("RULE-FOUR-EYES", currency); ok {
			r.set.FourEyes[c] = FourEyes{
				WriteOffMinor:   r.minor("RULE-FOUR-EYES", "write_off", given[currency].WriteOff, c),
				AdjustmentMinor: r.minor("RULE-FOUR-EYES", "adjustment", given[currency].Adjustment, c),
			}
		}
	}
}

func (r *reader) withheldTax(given []text) {
	if given == nil && r.set.Tax.Percents != nil {
		return
	}
	percents := []decimal.Decimal{}
	for _, at := range given {
		if !at.Given() {
			r.reject("RULE-TAX", at, "an empty percentage", "remove it")
			continue
		}
		percents = append(percents, r.percent("RULE-TAX", "percent", at))
	}
	r.set.Tax.Percents = percents
}

func (r *reader) currency(code string, at text) (recon.Currency, bool) {
	c := recon.Currency(at.Text)
	if !c.Known() {
		r.reject(code, at, fmt.Sprintf("%s is no currency", quoted(at)), "put the amounts under an ISO 4217 code, such as EUR")
	}
	return c, c.Known()
}

// minor reads an amount that is not negative; 0 where it is not given.
func (r *reader) minor(code, key string, at text, c recon.Currency) int64 {
	if !at.Given() || !r.isText(code, key, at) {
		return 0
	}
	minor, err := recon.ParseMinor(at.Text, c)
	switch {
	case errors.Is(err, recon.ErrAmountExponent):
		r.reject(code, at, fmt.Sprintf("%s is %s: %s has %d decimals", key, quoted(at), c, c.Exponent()), "round it")
	case err != nil:
		r.reject(code, at, fmt.Sprintf("%s is %s: %v", key, quoted(at), err), fmt.Sprintf("write %s: %q", key, recon.FormatMinor(500, c)))
	case minor < 0:
		r.reject(code, at, fmt.Sprintf("%s is %s: negative", key, quoted(at)), `write it without the sign, or "0" for nothing`)
	default:
		return minor
	}
	return 0
}

// percent reads a percentage over 0 and under 100, with at most 4 decimals; zero where it is not given.
func (r *reader) percent(code, key string, at text) decimal.Decimal {
	if !at.Given() || !r.isText(code, key, at) {
		return decimal.Decimal{}
	}
	percent, err := decimal.NewFromString(at.Text)
	if !plainPercent.MatchString(at.Text) || err != nil || percent.IsZero() {
		r.reject(code, at, fmt.Sprintf("%s is %s, expected a percentage over 0 and under 100", key, quoted(at)),
			`write it like "1.5", or leave it out`)
		return decimal.Decimal{}
	}
	return percent
}

var plainPercent = regexp.MustCompile(`^[0-9]{1,2}(\.[0-9]{1,4})?$`)

// isText refuses a number without quotes: YAML would make a binary fraction of it.
func (r *reader) isText(code, key string, at text) bool {
	if at.Number {
		r.reject(code, at, fmt.Sprintf("%s is the number %s, expected a text in quotes", key, at.Text),
			"put it in quotes, with a dot and plain digits")
	}
	return !at.Number
}
