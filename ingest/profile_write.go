package ingest

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// WriteYAML writes the profile as LoadProfile reads it: loaded again it is the same profile. Keys that hold their default are
// left out. The error is w's.
func (p Profile) WriteYAML(w io.Writer) error { return writeProfile(w, p, nil) }

// WriteYAML writes the proposed profile with the evidence for each key as a comment above it. id names the profile. The error
// is w's.
func (i Inference) WriteYAML(w io.Writer, id string) error {
	p := i.Profile
	p.ID = id
	return writeProfile(w, p, i.Findings)
}

func writeProfile(w io.Writer, p Profile, findings []Finding) error {
	out := profileWriter{w: bufio.NewWriter(w), findings: findings}
	out.head()
	out.profile(&p)
	if err := out.w.Flush(); err != nil {
		return fmt.Errorf("write the profile: %w", err)
	}
	return nil
}

// ProfileID makes an id for a profile of a name, such as that of its file: small letters, digits and hyphens.
func ProfileID(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if id := strings.Join(words, "-"); id != "" && id != InferredProfile {
		return id
	}
	return "my-bank"
}

// profileWriter writes YAML line by line. Errors stay in the buffered writer until it is flushed.
type profileWriter struct {
	w        *bufio.Writer
	findings []Finding
	section  string // of the keys that are written, with its dot
	opened   bool   // the section's own line is written
}

// head says what is open about a proposal, and what was only used to read the samples.
func (o *profileWriter) head() {
	if len(o.findings) == 0 {
		return
	}
	o.comment("Proposed from samples. Each key has its confidence and evidence above it; check those that are not certain,")
	o.comment("then name this file under profiles: of the entity in tieout.yaml.")
	for _, f := range o.findings {
		if f.Key == "rows" {
			o.finding("rows "+f.Value, f)
		}
	}
}

func (o *profileWriter) comment(text string) { fmt.Fprintf(o.w, "# %s\n", singleLine(text)) }

func (o *profileWriter) finding(name string, f Finding) {
	mark := ""
	if f.Matters && f.Confidence != Certain {
		mark = " CHECK"
	}
	indent := strings.Repeat(" ", 2*min(1, len(o.section)))
	fmt.Fprintf(o.w, "%s# %s:%s %s\n", indent, singleLine(name), mark, singleLine(string(f.Confidence)+", "+f.Evidence))
}

func singleLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || bidi(r) {
			return ' '
		}
		return r
	}, text)
}

func (o *profileWriter) profile(p *Profile) {
	o.text("id", p.ID)
	o.text("bank", p.Bank)
	o.text("country", p.Country)
	o.text("note", p.Note)
	o.list("encodings", p.Encodings, "utf-8")
	o.text("delimiter", p.Delimiter, ",")
	o.text("quote", p.Quote, "double")
	o.number("preamble", p.Preamble)
	o.list("header", p.Header)
	o.flag("more_columns", p.MoreColumns)
	o.flag("repeated_header", p.RepeatedHeader)
	o.flag("trailing_cell", p.TrailingCell)
	o.list("first_row", p.FirstRow)
	o.text("dates", p.Dates)
	o.amounts(&p.Amounts)
	if p.Currency == "" && p.openCurrency {
		o.evidence("currency")
		fmt.Fprintln(o.w, "# currency: EUR")
	}
	o.text("currency", p.Currency)
	o.number("own_digits", p.OwnDigits)
	o.text("order", p.Order, "newest_first")
	o.flag("several", p.Several)
	o.columns(&p.Columns)
	o.begin("status", func() {
		o.text("column", p.Status.Column)
		o.list("booked", p.Status.Booked)
		o.list("pending", p.Status.Pending)
		o.list("ignored", p.Status.Ignored)
	})
	o.begin("details", func() { o.list("empty", p.Details.Empty); o.list("filled", p.Details.Filled) })
	o.marked("require", p.Require)
	o.marked("opening", p.Opening)
	o.list("footer", p.Footer)
	o.begin("around", func() {
		o.text("account", p.Around.Account)
		o.text("currency", p.Around.Currency)
		o.text("opening", p.Around.Opening)
		o.text("closing", p.Around.Closing)
	})
}

func (o *profileWriter) amounts(a *Amounts) {
	o.begin("amounts", func() {
		o.text("decimal", a.Decimal, ".")
		o.text("grouping", a.Grouping)
		o.number("decimals", a.Decimals)
		o.text("sign", a.Sign, "before")
		o.flag("plus", a.Plus)
		o.text("unit", a.Unit)
		o.text("debit", a.Debit, "positive")
		o.flag("invert", a.Invert)
	})
}

func (o *profileWriter) columns(c *Columns) {
	o.begin("columns", func() {
		o.list("own_account", c.OwnAccount)
		o.text("booked", c.Booked)
		o.text("value", c.Value)
		o.text("amount", c.Amount)
		o.text("debit", c.Debit)
		o.text("credit", c.Credit)
		o.text("direction", c.Direction)
		o.list("money_in", c.MoneyIn)
		o.list("money_out", c.MoneyOut)
		o.text("currency", c.Currency)
		o.text("balance", c.Balance)
		o.list("name", c.Name)
		o.text("payer", c.Payer)
		o.text("payee", c.Payee)
		o.list("account", c.Account)
		o.list("text", c.Text)
		o.list("additional", c.Additional)
		o.list("structured", c.Structured)
		o.list("documents", c.Documents)
		o.text("end_to_end", c.EndToEnd)
		o.text("mandate", c.Mandate)
		o.text("bank_id", c.BankID)
		o.text("entry_reference", c.EntryReference)
		o.text("bank_code", c.BankCode)
		o.text("purpose", c.Purpose)
		o.text("ultimate", c.Ultimate)
		o.text("return_reason", c.ReturnReason)
		o.text("cheque", c.Cheque)
		o.text("charges", c.Charges)
		o.text("fee", c.Fee)
		o.text("original_amount", c.OriginalAmount)
		o.text("original_currency", c.OriginalCcy)
	})
}

func (o *profileWriter) marked(key string, m Marked) {
	o.begin(key, func() { o.text("column", m.Column); o.list("equals", m.Equals); o.text("amount", m.Amount) })
}

// begin writes the keys of a section; one without any is left out.
func (o *profileWriter) begin(section string, keys func()) {
	o.section, o.opened = section+".", false
	keys()
	o.section = ""
}

// key writes the evidence and the key, and before the first of a section the section's line.
func (o *profileWriter) key(name string) {
	if o.section != "" && !o.opened {
		o.opened = true
		section := strings.TrimSuffix(o.section, ".")
		o.section = ""
		o.evidence(section)
		fmt.Fprintf(o.w, "%s:\n", section)
		o.section = section + "."
	}
	o.evidence(o.section + name)
	if o.section != "" {
		fmt.Fprint(o.w, "  ")
	}
	fmt.Fprintf(o.w, "%s: ", name)
}

func (o *profileWriter) evidence(key string) {
	var found []Finding
	for _, f := range o.findings {
		if f.Key == key {
			found = append(found, f)
		}
	}
	name := key[strings.LastIndex(key, ".")+1:]
	for _, f := range found {
		if len(found) > 1 {
			o.finding(name+" "+f.Value, f)
		} else {
			o.finding(name, f)
		}
	}
}

// text writes a value, unless it is empty or the default.
func (o *profileWriter) text(key, value string, usual ...string) {
	if value == "" || slices.Contains(usual, value) && !o.argued(key) {
		return
	}
	o.key(key)
	fmt.Fprintln(o.w, yamlText(value))
}

// argued reports whether there is evidence about a key: then it is written even if it holds its default.
func (o *profileWriter) argued(key string) bool {
	return slices.ContainsFunc(o.findings, func(f Finding) bool { return f.Key == o.section+key })
}

func (o *profileWriter) number(key string, value int) {
	if value != 0 {
		o.key(key)
		fmt.Fprintln(o.w, value)
	}
}

func (o *profileWriter) flag(key string, value bool) {
	if value {
		o.key(key)
		fmt.Fprintln(o.w, "true")
	}
}

func (o *profileWriter) list(key string, values []string, usual ...string) {
	if len(values) == 0 || len(usual) > 0 && slices.Equal(values, usual) && !o.argued(key) {
		return
	}
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = yamlText(value)
	}
	o.key(key)
	fmt.Fprintf(o.w, "[%s]\n", strings.Join(quoted, ", "))
}

// yamlText writes a text so that YAML reads the same text again: plain where nothing in it can be taken for anything else.
func yamlText(text string) string {
	if plainYAML(text) {
		return text
	}
	if strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0 {
		return strconv.QuoteToASCII(text)
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

func plainYAML(text string) bool {
	switch strings.ToLower(text) {
	case "", "true", "false", "yes", "no", "on", "off", "y", "n", "null":
		return false
	}
	for i, r := range text {
		word := unicode.IsLetter(r) || i > 0 && (unicode.IsDigit(r) || strings.ContainsRune(" -./()_", r))
		if !word {
			return false
		}
	}
	return !strings.HasSuffix(text, " ")
}
