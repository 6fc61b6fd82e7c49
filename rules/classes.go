package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// assignable are the classes that a rule may give; the other ones follow from the entry alone.
var assignable = []recon.Class{recon.ClassReceipt, recon.ClassReturn, recon.ClassCharge, recon.ClassTransfer, recon.ClassOther}

func (r *reader) classes(given []classDoc) {
	if given == nil && r.set.Classes != nil {
		return
	}
	r.set.Classes = []Class{}
	names := map[string]text{}
	for _, doc := range given {
		class, ok := r.class(doc)
		if earlier, twice := names[class.Name]; twice {
			r.reject("RULE-CLASS", doc.Name, fmt.Sprintf("name %s stands already on line %d", quoted(doc.Name), earlier.Line), "give each rule its own name: decisions quote it")
			continue
		}
		names[class.Name] = doc.Name
		if ok {
			r.shadowed(class, doc)
			r.set.Classes = append(r.set.Classes, class)
		}
	}
}

func (r *reader) class(doc classDoc) (Class, bool) {
	seen := len(r.problems)
	class := Class{
		Name:         strings.TrimSpace(doc.Name.Text),
		Class:        recon.Class(doc.Class.Text),
		Ledger:       doc.Ledger.Text,
		Sign:         r.sign(doc.Sign),
		BankCode:     strings.ToUpper(strings.TrimSpace(doc.BankCode.Text)),
		Text:         r.pattern(doc.Text),
		Counterparty: r.pattern(doc.Counterparty),
		Account:      recon.NormalAccount(doc.Account.Text),
	}
	at := doc.place()
	if class.Name == "" {
		r.reject("RULE-CLASS", at, "a rule without name", "add name: decisions quote it")
	}
	if !slices.Contains(assignable, class.Class) {
		r.reject("RULE-CLASS", at, fmt.Sprintf("class is %s", quoted(doc.Class)), "take one of "+list(assignable))
	}
	if class.BankCode == "" && class.Text == nil && class.Counterparty == nil && class.Account == "" && len(r.problems) == seen {
		r.reject("RULE-CLASS", at, fmt.Sprintf("rule %s fits every entry", quoted(doc.Name)), "add bank_code, text, counterparty or account")
	}
	r.direction(class, at)
	r.classLedger(class, doc.Ledger)
	return class, len(r.problems) == seen
}

// place is a line of the rule that a problem without a value of its own can name.
func (doc classDoc) place() text {
	for _, at := range []text{doc.Name, doc.Class, doc.BankCode, doc.Text, doc.Counterparty, doc.Account, doc.Sign, doc.Ledger} {
		if at.Given() {
			return at
		}
	}
	return text{}
}

func (r *reader) sign(at text) int {
	switch at.Text {
	case "":
		return 0
	case "credit":
		return 1
	case "debit":
		return -1
	}
	r.reject("RULE-CLASS", at, fmt.Sprintf("sign is %s", quoted(at)), "write credit (money in) or debit (money out), or leave it out for both")
	return 0
}

// direction refuses rules that can never fit: a receipt is money in, a return takes money out again.
func (r *reader) direction(class Class, at text) {
	if class.Class == recon.ClassReceipt && class.Sign < 0 {
		r.reject("RULE-CLASS", at, "a receipt is a credit, the rule asks for debits", "write sign: credit")
	}
	if class.Class == recon.ClassReturn && class.Sign > 0 {
		r.reject("RULE-CLASS", at, "a return is a debit, the rule asks for credits", "write sign: debit")
	}
}

func (r *reader) classLedger(class Class, at text) {
	if !at.Given() || !r.ledgerNumber(at) {
		return
	}
	switch {
	case class.Class == recon.ClassReceipt || class.Class == recon.ClassReturn:
		r.reject("RULE-CLASS", at, fmt.Sprintf("a %s has no ledger account of its own", class.Class), "remove ledger: receipts are posted by what they are applied to")
	case at.Text == r.set.Ledger.Receivables || at.Text == r.set.Ledger.Payables:
		r.reject("RULE-LEDGER", at, fmt.Sprintf("ledger %s holds the open items only", quoted(at)), "take another account")
	}
}

// longestPattern bounds a pattern; RE2 runs in linear time, but each entry pays for its length.
const longestPattern = 1000

func (r *reader) pattern(at text) *regexp.Regexp {
	if !at.Given() {
		return nil
	}
	if len(at.Text) > longestPattern {
		r.reject("RULE-REGEX", at, fmt.Sprintf("pattern of %d characters, at most %d", len(at.Text), longestPattern), "cut it into several rules")
		return nil
	}
	pattern, err := regexp.Compile("(?i)" + at.Text)
	if err != nil {
		message := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		r.reject("RULE-REGEX", at, fmt.Sprintf("%s is no pattern: %s", quoted(at), strings.ReplaceAll(message, "(?i)", "")),
			`see the syntax of RE2; write \. for a dot and \( for a bracket`)
		return nil
	}
	if pattern.MatchString("") {
		r.reject("RULE-REGEX", at, fmt.Sprintf("pattern %s matches the empty text, so every entry", quoted(at)), "write + in place of *, or leave the condition out")
		return nil
	}
	return pattern
}

// shadowed warns where an earlier rule takes every entry that this one could.
func (r *reader) shadowed(class Class, doc classDoc) {
	for _, earlier := range r.set.Classes {
		if earlier.covers(class) {
			r.warn("RULE-SHADOWED", doc.place(), fmt.Sprintf("rule %q never decides: %q before it fits whatever it fits", class.Name, earlier.Name),
				"move it up, or remove it")
			return
		}
	}
}

// covers reports whether each condition of c follows from those of other.
func (c Class) covers(other Class) bool {
	return (c.Sign == 0 || c.Sign == other.Sign) &&
		strings.HasPrefix(other.BankCode, c.BankCode) &&
		(c.Account == "" || c.Account == other.Account) &&
		samePattern(c.Text, other.Text) &&
		samePattern(c.Counterparty, other.Counterparty)
}

func samePattern(condition, given *regexp.Regexp) bool {
	return condition == nil || given != nil && condition.String() == given.String()
}
