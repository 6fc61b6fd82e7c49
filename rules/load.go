package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/recon/strict"
)

// Load reads a rules.yaml; name says in problems which file it is. What the file leaves out has the value of
// [Default]. With a problem of severity reject the set must not be used; warnings leave it usable.
func Load(name string, data []byte) (Set, []recon.Problem) {
	return load(name, data, Default())
}

// load reads the file over base.
func load(name string, data []byte, base Set) (Set, []recon.Problem) {
	var doc document
	if problems := strict.Decode(name, data, &doc); len(problems) > 0 {
		return base, withoutCurrency(problems)
	}
	r := reader{name: name, set: base}
	r.ledger(doc.Ledger)
	r.differences(doc.Differences)
	r.fourEyes(doc.FourEyes)
	r.withheldTax(doc.WithheldTax.Percents)
	r.whole(&r.set.Discount.GraceDays, "RULE-DAYS", "grace_days", doc.Discount.GraceDays, 0, 60)
	r.whole(&r.set.Clearing.Days, "RULE-DAYS", "days", doc.Clearing.Days, 0, 366)
	r.whole(&r.set.References.MinKey, "RULE-REFERENCE", "min_key", doc.References.MinKey, 3, 20)
	r.schemes(doc.References.Schemes)
	r.thresholds(doc)
	r.lumps(doc.Lump, doc.Customers)
	r.classes(doc.Classes)
	r.phrases(doc.Phrases)
	r.approval(&r.set.Learning.Account, "account", doc.Learning.Account)
	r.approval(&r.set.Learning.Name, "name", doc.Learning.Name)
	r.set.Version = r.set.version()
	return r.set, r.problems
}

// withoutCurrency says what is missing where an amount stands directly under differences.
func withoutCurrency(problems []recon.Problem) []recon.Problem {
	for i, p := range problems {
		if p.Code == "CFG-VALUE" && strings.HasPrefix(p.Message, "differences.") {
			problems[i].Code = "RULE-TOLERANCE"
			problems[i].Try = `put the amounts under their currency, such as differences: {EUR: {max: "5.00", cap: "50.00"}}`
		}
	}
	return problems
}

// version is a short hash of the content, free of the file's layout.
func (s Set) version() string {
	s.Version = ""
	canonical, err := json.Marshal(s)
	if err != nil {
		panic("rules: a set cannot be written: " + err.Error())
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:6])
}

// reader turns the document into the set and collects what is wrong with it.
type reader struct {
	name     string
	set      Set
	problems []recon.Problem
}

func (r *reader) reject(code string, at text, message, try string) {
	r.problems = append(r.problems, at.Problem(code, r.name, message, try))
}

func (r *reader) warn(code string, at text, message, try string) {
	p := at.Problem(code, r.name, message, try)
	p.Severity = recon.Warn
	r.problems = append(r.problems, p)
}

// whole reads a whole number between least and most, both inclusive, into target.
func (r *reader) whole(target *int, code, key string, at text, least, most int) {
	if !at.Given() {
		return
	}
	n, ok := at.Int()
	if !ok || n < least || n > most {
		r.reject(code, at, fmt.Sprintf("%s is %s, expected a whole number from %d to %d", key, quoted(at), least, most),
			fmt.Sprintf("write for example %s: %d", key, max(least, min(most, *target))))
		return
	}
	*target = n
}

func (r *reader) thresholds(doc document) {
	t := &r.set.Thresholds
	r.whole(&t.Apply, "RULE-THRESHOLD", "apply", doc.Thresholds.Apply, 1, 100)
	r.whole(&t.Margin, "RULE-THRESHOLD", "margin", doc.Thresholds.Margin, 1, 100)
	r.whole(&t.Propose, "RULE-THRESHOLD", "propose", doc.Thresholds.Propose, 0, 100)
	if t.Propose > t.Apply {
		at := doc.Thresholds.Propose
		if !at.Given() {
			at = doc.Thresholds.Apply
		}
		r.reject("RULE-THRESHOLD", at, fmt.Sprintf("propose %d is over apply %d: what is applied would not be shown", t.Propose, t.Apply),
			"lower propose or raise apply")
	}
}

func (r *reader) schemes(given []text) {
	if given == nil && r.set.References.Schemes != nil {
		return
	}
	schemes := []string{}
	for _, at := range given {
		if !slices.Contains(recon.Schemes(), recon.Scheme(at.Text)) {
			r.reject("RULE-REFERENCE", at, fmt.Sprintf("unknown reference scheme %s", quoted(at)), "take any of "+list(recon.Schemes()))
			continue
		}
		schemes = append(schemes, at.Text)
	}
	slices.Sort(schemes)
	r.set.References.Schemes = slices.Compact(schemes)
}

var lumps = []recon.Lump{recon.LumpQueue, recon.LumpOldestFirst, recon.LumpOnAccount}

func (r *reader) lumps(general text, customers map[text]text) {
	if general.Given() {
		r.set.Lump = r.lump(general)
	}
	policies := map[string]recon.Lump{}
	for _, customer := range byLine(customers) {
		at := customers[customer]
		if strings.TrimSpace(customer.Text) == "" {
			r.reject("RULE-LUMP", customer, "a customer without code", "write customers: {CODE: oldest_first}")
			continue
		}
		policies[customer.Text] = r.lump(at)
	}
	if customers != nil || r.set.Customers == nil {
		r.set.Customers = policies
	}
}

func (r *reader) lump(at text) recon.Lump {
	policy := recon.Lump(at.Text)
	if !slices.Contains(lumps, policy) {
		r.reject("RULE-LUMP", at, fmt.Sprintf("unknown policy %s for lump sums", quoted(at)), "take one of "+list(lumps))
		return recon.LumpQueue
	}
	return policy
}

var approvals = []Approval{ApprovalSecond, ApprovalAnyone, ApprovalNever}

// approval reads who may approve a suggestion, into target.
func (r *reader) approval(target *Approval, key string, at text) {
	if !at.Given() {
		return
	}
	if !slices.Contains(approvals, Approval(at.Text)) {
		r.reject("RULE-LEARNING", at, fmt.Sprintf("%s is %s, which says not who approves", key, quoted(at)), "take one of "+list(approvals))
		return
	}
	*target = Approval(at.Text)
}

// byLine returns the keys of a map in the order of the file.
func byLine[V any](m map[text]V) []text {
	return slices.SortedFunc(maps.Keys(m), func(a, b text) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
}

// quoted shows a value in a message, cut where it is long.
func quoted(at text) string {
	const longest = 40
	runes := []rune(at.Text)
	if len(runes) > longest {
		runes = append(runes[:longest], '…')
	}
	return fmt.Sprintf("%q", string(runes))
}

func list[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ", ")
}
