package ingest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// profileCheck judges a profile that has been decoded, and compiles its layouts and patterns.
type profileCheck struct {
	name     string
	profile  *Profile
	problems []recon.Problem
}

func (c *profileCheck) add(message, try string) {
	c.problems = append(c.problems, *reject("CFG-PROFILE", c.name, message, try))
}

func (c *profileCheck) all() {
	c.identity()
	c.form()
	c.header()
	c.columns()
	c.amounts()
	c.currency()
	c.rows()
	c.patterns()
}

var profileID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (c *profileCheck) identity() {
	p := c.profile
	if !profileID.MatchString(p.ID) {
		c.add(fmt.Sprintf("id %q", p.ID), "give it an id of small letters, digits and hyphens, such as de-mybank")
	}
	if p.ID == InferredProfile && c.name != InferredProfile {
		c.add(fmt.Sprintf("id %q stands for profiles that nobody has confirmed", p.ID), "give it an id of its own, such as de-mybank")
	}
	if p.Bank == "" || len(p.Country) != 2 || strings.ToUpper(p.Country) != p.Country {
		c.add("bank or country is missing", "name the bank and its country by two capital letters")
	}
}

func (c *profileCheck) form() {
	p := c.profile
	for i, name := range p.Encodings {
		if _, known := csvEncodings[name]; !known {
			c.add(fmt.Sprintf("unknown encoding %q", name), "use utf-8, utf-16, windows-1252, iso-8859-1 or iso-8859-15")
		} else if i+1 < len(p.Encodings) && !strings.HasPrefix(name, "utf-") {
			c.add(fmt.Sprintf("encoding %q fits every file, so those after it are never tried", name), "put utf-8 first")
		}
	}
	c.oneOf("delimiter", p.Delimiter, ",", ";", "|", "tab")
	c.oneOf("quote", p.Quote, "double", "none")
	c.oneOf("order", p.Order, "newest_first", "oldest_first")
	if p.Preamble < 0 || p.Preamble > maxPreamble {
		c.add(fmt.Sprintf("preamble %d", p.Preamble), fmt.Sprintf("from 0 to %d lines", maxPreamble))
	}
}

func (c *profileCheck) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.add(fmt.Sprintf("%s is %q", key, value), "use one of: "+strings.Join(allowed, "  "))
	}
}

func (c *profileCheck) header() {
	p := c.profile
	switch {
	case (len(p.Header) == 0) == (len(p.FirstRow) == 0):
		c.add("header and first_row: exactly one is needed", "give the header's names, or for a bank without a header a pattern for each cell of the first row")
	case p.width() < 2:
		c.add("fewer than two columns", "check the delimiter")
	case p.MoreColumns && doubledName(p.Header) != "":
		c.add(fmt.Sprintf("column %q stands twice in the header", doubledName(p.Header)), "more_columns needs different names")
	}
}

func (c *profileCheck) columns() {
	p := c.profile
	names := p.Header
	if len(names) == 0 {
		names = make([]string, len(p.FirstRow))
	}
	for _, wanted := range p.Columns.all() {
		if column(names, wanted) < 0 {
			c.add(fmt.Sprintf("no column %q in the header", wanted), "write its name as the header does")
		}
	}
	beside := slices.Concat([]string{p.Status.Column, p.Opening.Column, p.Opening.Amount, p.Require.Column}, p.Details.Empty, p.Details.Filled)
	for _, wanted := range beside {
		if wanted != "" && column(names, wanted) < 0 {
			c.add(fmt.Sprintf("no column %q in the header", wanted), "write its name as the header does")
		}
	}
	cols := p.Columns
	sides := cols.Debit != "" && cols.Credit != ""
	switch {
	case cols.Booked == "":
		c.add("no column for booked", "name the column with the booking day")
	case (cols.Amount != "") == sides || !sides && cols.Debit+cols.Credit != "":
		c.add("amount, or debit and credit: exactly one way is needed", "name the column or the two columns with the amounts")
	case cols.Direction != "" && (cols.Amount == "" || len(cols.MoneyIn) == 0 || len(cols.MoneyOut) == 0):
		c.add("direction needs amount, money_in and money_out", "list the bank's words for both directions")
	case cols.OriginalAmount != "" && cols.OriginalCcy == "":
		c.add("original_amount needs original_currency", "name the column with its currency")
	}
}

// all returns every column that is named.
func (c Columns) all() []string {
	named := slices.Concat([]string{c.Booked, c.Value, c.Amount, c.Debit, c.Credit, c.Direction, c.Currency, c.Balance, c.Payer, c.Payee,
		c.EndToEnd, c.Mandate, c.BankID, c.EntryReference, c.BankCode, c.Purpose, c.Ultimate, c.ReturnReason, c.Cheque, c.Charges, c.Fee, c.OriginalAmount, c.OriginalCcy},
		c.OwnAccount, c.Name, c.Account, c.Text, c.Additional, c.Structured, c.Documents)
	return slices.DeleteFunc(named, func(name string) bool { return name == "" })
}

func (c *profileCheck) amounts() {
	a := c.profile.Amounts
	c.oneOf("amounts.decimal", a.Decimal, ".", ",")
	c.oneOf("amounts.grouping", a.Grouping, "", ".", ",", "'", " ")
	c.oneOf("amounts.sign", a.Sign, "before", "after", "brackets")
	c.oneOf("amounts.debit", a.Debit, "positive", "negative")
	if a.Decimal == a.Grouping {
		c.add("amounts: decimal and grouping are the same", "one of them is wrong")
	}
	if a.Decimals < 0 || a.Decimals > 8 {
		c.add(fmt.Sprintf("amounts.decimals is %d", a.Decimals), "from 0 to 8")
	}
}

func (c *profileCheck) currency() {
	p := c.profile
	if p.Currency != "" && !recon.Currency(p.Currency).Known() {
		c.add(fmt.Sprintf("currency %q is not in ISO 4217", p.Currency), "write three capital letters such as EUR")
	}
	if p.Currency == "" && p.Columns.Currency == "" && p.Around.Currency == "" && !p.openCurrency {
		c.add("nothing says the currency", "set currency, columns.currency or around.currency")
	}
}

func (c *profileCheck) rows() {
	p := c.profile
	var err error
	if p.dates, err = newDateLayout(p.Dates); err != nil {
		c.add("dates: "+err.Error(), "write a layout such as dd.MM.yyyy")
	}
	if (p.Status.Column == "") != (len(p.Status.Booked) == 0) {
		c.add("status needs column and booked", "list every word of the column")
	}
	for key, marked := range map[string]Marked{"opening": p.Opening, "require": p.Require} {
		if (marked.Column == "") != (len(marked.Equals) == 0) {
			c.add(key+" needs column and equals", "name the column and what it says")
		}
	}
	if p.Opening.Column != "" && p.Opening.Amount == "" && p.Columns.Balance == "" {
		c.add("opening needs amount", "name the column that holds the opening balance")
	}
}

const maxPattern = 1000

func (c *profileCheck) patterns() {
	p := c.profile
	for _, text := range p.FirstRow {
		p.firstRow = append(p.firstRow, c.pattern("first_row", "^(?:"+text+")$", -1))
	}
	for _, text := range p.Footer {
		p.footer = append(p.footer, c.pattern("footer", text, -1))
	}
	p.lines = aroundPatterns{
		account:  c.around("account", p.Around.Account),
		currency: c.around("currency", p.Around.Currency),
		opening:  c.around("opening", p.Around.Opening),
		closing:  c.around("closing", p.Around.Closing),
	}
}

func (c *profileCheck) around(key, text string) *regexp.Regexp {
	if text == "" {
		return nil
	}
	return c.pattern("around."+key, text, 1)
}

// pattern compiles an expression that must have so many groups (any number where groups is -1).
func (c *profileCheck) pattern(key, text string, groups int) *regexp.Regexp {
	compiled, err := regexp.Compile(text)
	switch {
	case err != nil || len(text) > maxPattern:
		c.add(fmt.Sprintf("%s: %q is no regular expression of at most %d characters", key, text, maxPattern), "see the syntax of Go's regexp (RE2)")
	case groups >= 0 && compiled.NumSubexp() != groups:
		c.add(fmt.Sprintf("%s: %q has %d groups, expected %d", key, text, compiled.NumSubexp(), groups), "put round brackets around what is wanted, and (?:…) elsewhere")
	case key == "footer" && compiled.MatchString(""):
		c.add(fmt.Sprintf("%s: %q fits every line", key, text), "begin it with ^ and a word of the line")
	}
	return compiled
}
