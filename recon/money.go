package recon

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/shopspring/decimal"
)

// Currency is an ISO 4217 alphabetic code, such as "EUR".
type Currency string

// exponents lists the ISO 4217 currencies in use whose minor unit is not 2 decimals.
var exponents = map[Currency]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
	"UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

// twoDecimals lists the ISO 4217 currencies in use with two decimals.
var twoDecimals = currencySet(`AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD
BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP
GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR
LRD LSL LTL LVL EEK MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD
PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL
THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL`)

func currencySet(codes string) map[Currency]bool {
	set := map[Currency]bool{}
	for _, code := range strings.Fields(codes) {
		set[Currency(code)] = true
	}
	return set
}

// Known reports whether c is a money of ISO 4217 (upper case; test and metal codes such as XXX are not).
func (c Currency) Known() bool {
	_, other := exponents[c]
	return other || twoDecimals[c]
}

// Exponent returns the number of decimals of the currency's minor unit (ISO 4217); 2 where it is unknown.
func (c Currency) Exponent() int {
	if e, ok := exponents[c]; ok {
		return e
	}
	return 2
}

// Money is an amount in minor units of a currency.
type Money struct {
	Minor    int64
	Currency Currency
}

// String writes the amount with the currency's decimals and its code: "1234.50 EUR".
func (m Money) String() string { return FormatMinor(m.Minor, m.Currency) + " " + string(m.Currency) }

// Errors of ParseMinor.
var (
	ErrAmountFormat   = errors.New("not a plain decimal number")
	ErrAmountExponent = errors.New("more decimals than the currency has")
	ErrAmountRange    = errors.New("amount out of range")
)

// ParseMinor reads an optional '-', digits and at most one '.', such as "1234.5", into minor units
// of c. Trailing zeros beyond the currency's decimals are accepted. It fails with [ErrAmountFormat],
// [ErrAmountExponent] or [ErrAmountRange].
func ParseMinor(s string, c Currency) (int64, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, dotted := strings.Cut(digits, ".")
	if whole == "" || dotted && fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return 0, ErrAmountFormat
	}
	exponent := c.Exponent()
	if len(fraction) > exponent {
		if strings.Trim(fraction[exponent:], "0") != "" {
			return 0, ErrAmountExponent
		}
		fraction = fraction[:exponent]
	}
	var minor int64
	for _, r := range whole + fraction + strings.Repeat("0", exponent-len(fraction)) {
		if minor > (math.MaxInt64-int64(r-'0'))/10 {
			return 0, ErrAmountRange
		}
		minor = minor*10 + int64(r-'0')
	}
	if negative {
		minor = -minor
	}
	return minor, nil
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// FormatMinor writes minor units with the currency's decimals and a dot: "-12.30".
func FormatMinor(minor int64, c Currency) string {
	exponent := c.Exponent()
	sign, magnitude := "", uint64(minor)
	if minor < 0 {
		sign, magnitude = "-", -uint64(minor)
	}
	digits := fmt.Sprintf("%0*d", exponent+1, magnitude)
	if exponent == 0 {
		return sign + digits
	}
	cut := len(digits) - exponent
	return sign + digits[:cut] + "." + digits[cut:]
}

// PercentOf returns percent of minor, rounded half away from zero to a whole minor unit.
func PercentOf(minor int64, percent decimal.Decimal) int64 {
	return decimal.NewFromInt(minor).Mul(percent).Shift(-2).Round(0).IntPart()
}

// NetAndTax splits a gross amount that contains taxPercent into net and tax; the parts add up to gross
// and the tax is rounded half away from zero.
func NetAndTax(grossMinor int64, taxPercent decimal.Decimal) (netMinor, taxMinor int64) {
	if taxPercent.IsZero() {
		return grossMinor, 0
	}
	hundred := decimal.NewFromInt(100)
	tax := decimal.NewFromInt(grossMinor).Mul(taxPercent).Div(hundred.Add(taxPercent)).Round(0).IntPart()
	return grossMinor - tax, tax
}
