package ingest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// currencyColumn finds the column that says the currency of the amounts.
func (inf *inferrer) currencyColumn() {
	inf.currencyAt = -1
	able := func(c *columnFacts) bool {
		return c.codes > 0 && most(c.codes, c.filled) && c.filled >= len(inf.rows) && nameFit(c.words, otherCurrencyNames) < 3
	}
	var list []*columnFacts
	for _, named := range inf.named(currencyNames, able) {
		list = append(list, named.column)
	}
	sure, evidence := Certain, "its name says so, and all its words are currencies of ISO 4217"
	if len(list) == 0 {
		for i := range inf.columns {
			if c := &inf.columns[i]; able(c) {
				list = append(list, c)
			}
		}
		sure, evidence = Likely, "all its words are currencies of ISO 4217"
	}
	if len(list) == 0 {
		return
	}
	c := list[0]
	for _, other := range list[1:] {
		if !slices.Equal(inf.cells(other.at), inf.cells(c.at)) {
			sure, evidence = Unsure, fmt.Sprintf("%s says currencies too", other.ref)
		}
	}
	if !inf.headed() && len(list) == 1 {
		sure = Certain
	}
	inf.currencyAt = c.at
	inf.profile.Columns.Currency = c.ref
	inf.profile.Several = len(inf.valuesOf(c)) > 1
	inf.find("columns.currency", c.ref, sure, true, "%s", evidence)
}

// currency finds the currency of all rows where no column says it: in the names of the columns, beside the amounts, in the lines
// before the rows, or as the account's.
func (inf *inferrer) currency() {
	if inf.currencyAt >= 0 {
		return
	}
	p := &inf.profile
	if code, where := inf.currencyInNames(); code != "" {
		p.Currency = string(code)
		inf.find("currency", p.Currency, Certain, true, "the header says so: %s", where)
	} else if code := inf.currencyOfUnits(); code != "" {
		p.Currency = string(code)
		inf.find("currency", p.Currency, Certain, true, "it stands beside the amounts")
	} else if code, pattern := inf.currencyAround(); code != "" {
		p.Around.Currency = pattern
		inf.find("around.currency", string(code), Certain, true, "the lines before the rows name it and no other")
	} else if inf.hint != "" {
		p.Currency = string(inf.hint)
		inf.find("currency", p.Currency, Certain, true, "of the account; the file does not say it")
		return
	} else {
		p.openCurrency = true
		inf.find("currency", "", Unsure, true, "nothing in the file says it")
		return
	}
	inf.hint = recon.Currency(p.Currency)
	if p.Currency == "" {
		code, _ := inf.currencyAround()
		inf.hint = code
	}
}

// currencyInNames reads a code or sign in the names of columns with numbers: "Amount (GBP)".
func (inf *inferrer) currencyInNames() (code recon.Currency, where string) {
	for i := range inf.columns {
		c := &inf.columns[i]
		if nameFit(c.words, moneyWords) == 0 {
			continue
		}
		for _, word := range strings.FieldsFunc(c.name, func(r rune) bool { return strings.ContainsRune(" ()[]:/-_", r) }) {
			named := recon.Currency(word)
			if !named.Known() {
				named = unitCurrency[word]
			}
			if word == "EUROA" {
				named = "EUR"
			}
			if named == "" {
				continue
			}
			if code != "" && named != code {
				return "", ""
			}
			code, where = named, c.name
		}
	}
	return code, where
}

// currencyOfUnits returns the currency whose sign stands beside numbers, where it is the same one everywhere.
func (inf *inferrer) currencyOfUnits() (code recon.Currency) {
	for i := range inf.columns {
		for _, value := range inf.columns[i].values {
			n, ok := takeApart(value)
			if !ok || n.unit == "" {
				continue
			}
			named := recon.Currency(n.unit)
			if !named.Known() {
				named = unitCurrency[n.unit]
			}
			if named == "" || code != "" && code != named {
				return ""
			}
			code = named
		}
	}
	return code
}

var currencyWord = regexp.MustCompile(`\b[A-Z]{3}\b`)

// currencyAround finds the one currency that the lines before the rows name, and an expression that finds it.
func (inf *inferrer) currencyAround() (code recon.Currency, pattern string) {
	var before string
	for _, line := range inf.grid.before {
		for _, place := range currencyWord.FindAllStringIndex(line, -1) {
			named := recon.Currency(line[place[0]:place[1]])
			if !named.Known() || named == "ALL" || named == "TOP" || named == "TRY" && code != "" {
				continue
			}
			if code != "" && named != code {
				return "", ""
			}
			code, before = named, line[:place[0]]
		}
	}
	if code == "" {
		return "", ""
	}
	pattern = footerPattern(before, inf.grid.delimiter) + `.*\b([A-Z]{3})\b`
	if compiled, err := regexp.Compile(pattern); err != nil || recon.Currency(firstGroup(compiled, inf.grid.before)) != code {
		return "", ""
	}
	return code, pattern
}

// ibanAround returns the one IBAN with valid check digits in the lines before the rows.
func (inf *inferrer) ibanAround() string {
	iban, _ := inf.ibanLine()
	return iban
}

var ibanShape = regexp.MustCompile(`\b[A-Z]{2}[0-9]{2}[A-Z0-9 ]{11,40}\b`)

func (inf *inferrer) ibanLine() (iban, pattern string) {
	for _, line := range inf.grid.before {
		at := ibanShape.FindStringIndex(line)
		if at == nil {
			continue
		}
		found := recon.NormalAccount(line[at[0]:at[1]])
		if !recon.ValidIBAN(found) || iban != "" && iban != found {
			continue
		}
		iban = found
		pattern = "^" + digitRun.ReplaceAllString(regexp.QuoteMeta(line[:at[0]]), `[0-9]+`) + `([A-Z]{2}[0-9]{2}[A-Z0-9 ]+)`
	}
	return iban, pattern
}

// around finds the account in the lines before the rows, where no column says it.
func (inf *inferrer) around() {
	if len(inf.profile.Columns.OwnAccount) > 0 {
		return
	}
	if iban, pattern := inf.ibanLine(); iban != "" {
		inf.profile.Around.Account = pattern
		inf.find("around.account", recon.MaskAccount(iban), Certain, false, "the lines before the rows name it, and its check digits hold")
	}
}
