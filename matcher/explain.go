package matcher

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tieout/tieout/recon"
)

// Explain says a decision in plain sentences: what was decided and why, what was found and what it scored, what was
// second and why it lost, and which candidates were not taken. items gives an item by its id.
func Explain(d recon.Decision, items func(int64) (recon.Item, bool)) []string {
	e := explainer{items: items, ofReturn: d.Return || d.Outcome == recon.Reversed}
	e.currency = e.currencyOf(d)
	e.say("%s: %s", outcomeWords[d.Outcome], Sentence(d.Reason))
	for _, l := range d.Lines {
		e.say("%s", e.line(l))
	}
	for _, s := range d.Shortfalls {
		e.say("%s", e.shortfall(s))
	}
	switch {
	case d.Return && (d.Clears != 0 || len(d.Reverses) > 0):
		e.say("It takes back %s.", backWords(d.Clears, d.Reverses))
	case d.Clears != 0:
		e.say("It clears payment %d, which was recorded by hand%s.", d.Clears, recordedOn(d.Evidence))
	}
	for _, seen := range d.Evidence {
		e.say("%s", e.evidence(seen))
	}
	if d.Score > 0 {
		e.say("In all %d of 100 points, %d ahead of the next.", d.Score, d.Margin)
	}
	e.proposals(d)
	for _, r := range d.Rejected {
		e.say("Not %s: %s", e.name(r.Item), Sentence(r.Reason))
	}
	if len(d.Rivals) > 0 {
		e.say("%s.", rivalWords(d))
	}
	return e.sentences
}

// ExplainProposal says in plain sentences what speaks for a proposal and against it. items gives an item by its id.
func ExplainProposal(p recon.Proposal, ofReturn bool, items func(int64) (recon.Item, bool)) []string {
	e := explainer{items: items, ofReturn: ofReturn}
	for _, seen := range p.Evidence {
		e.say("%s", e.evidence(seen))
	}
	return e.sentences
}

// ExplainShortfall says why an item was paid in part. items gives an item by its id.
func ExplainShortfall(s recon.Shortfall, items func(int64) (recon.Item, bool)) string {
	e := explainer{items: items}
	return e.shortfall(s)
}

// backWords says what a return takes back.
func backWords(receipt int64, applications []int64) string {
	text := "an earlier receipt"
	if receipt != 0 {
		text = fmt.Sprintf("receipt %d", receipt)
	}
	switch len(applications) {
	case 0:
		return text
	case 1:
		return text + ", and the application that it made"
	}
	return fmt.Sprintf("%s, and the %d applications that it made", text, len(applications))
}

// recordedOn says when a payment by hand was recorded, as far as the evidence tells.
func recordedOn(evidence []recon.Evidence) string {
	for _, seen := range evidence {
		if seen.Code == "recorded_on" {
			return " on " + seen.Seen
		}
	}
	return ""
}

// rivalWords says who else wants the same, or waits beside it.
func rivalWords(d recon.Decision) string {
	noun, verb, verbs := "receipt", "comes from the same payer and waits too", "come from the same payer and wait too"
	switch {
	case d.Outcome == recon.Reversed && !d.Return:
		noun, verb, verbs = "return", "takes it back", "take it back"
	case d.Reason == ReturnedByBank:
		noun, verb, verbs = "return", "may take it back", "may take it back"
	case d.Return:
		noun, verb, verbs = "entry", "may belong to it, or wants the same receipt", "may belong to it, or want the same receipt"
	case d.Reason == CompetingReceipts:
		verb, verbs = "wants the same", "want the same"
	}
	if len(d.Rivals) == 1 {
		return fmt.Sprintf("%s %d %s", capital(noun), d.Rivals[0], verb)
	}
	nouns := map[string]string{"receipt": "Receipts", "return": "Returns", "entry": "Entries"}[noun]
	numbers := make([]string, len(d.Rivals))
	for i, id := range d.Rivals {
		numbers[i] = strconv.FormatInt(id, 10)
	}
	last := len(numbers) - 1
	return fmt.Sprintf("%s %s and %s %s", nouns, strings.Join(numbers[:last], ", "), numbers[last], verbs)
}

var outcomeWords = map[recon.Outcome]string{
	recon.Auto: "Applied", recon.Manual: "Decided by a person", recon.Queued: "Queued", recon.SetAside: "Set aside",
	recon.Reversed: "Reversed", recon.Cleared: "Cleared", recon.Waits: "Waiting",
}

type explainer struct {
	items     func(int64) (recon.Item, bool)
	ofReturn  bool           // what is explained is a return, or a receipt that one took back
	currency  recon.Currency // of the items that the decision speaks of, "" where it speaks of none
	sentences []string
}

func (e *explainer) currencyOf(d recon.Decision) recon.Currency {
	lines := d.Lines
	for _, p := range d.Proposals {
		lines = slices.Concat(lines, p.Lines)
	}
	for _, l := range lines {
		if it, ok := e.items(l.Item); ok && l.Item != 0 {
			return it.Currency
		}
	}
	return ""
}

// sum writes an amount that belongs to no item; without any item it can only be the whole of the receipt.
func (e *explainer) sum(minor int64) string {
	if e.currency == "" {
		return "the whole amount"
	}
	return recon.FormatMinor(minor, e.currency)
}

func (e *explainer) say(format string, args ...any) {
	e.sentences = append(e.sentences, fmt.Sprintf(format, args...))
}

// name is the number of an item, as people call it.
func (e *explainer) name(id int64) string {
	if id == 0 {
		return "an item"
	}
	it, ok := e.items(id)
	if !ok {
		return fmt.Sprintf("item %d", id)
	}
	if it.Kind == recon.CreditNote {
		return "credit note " + it.Number
	}
	return "invoice " + it.Number
}

func (e *explainer) money(id, minor int64) string {
	it, ok := e.items(id)
	if !ok {
		return fmt.Sprintf("%d minor units", minor)
	}
	return recon.FormatMinor(minor, it.Currency)
}

var kindWords = map[recon.Kind]string{
	recon.Payment: "is paid on", recon.Discount: "early-payment discount on", recon.WriteOff: "is written off on",
	recon.BankCharge: "bank charge on", recon.WithheldTax: "withheld tax on",
}

func (e *explainer) line(l recon.Line) string {
	switch l.Kind {
	case recon.Credit:
		return fmt.Sprintf("%s of %s is set against %s.", e.money(l.CreditNote, l.AmountMinor), e.name(l.CreditNote), e.name(l.Item))
	case recon.Gain:
		return fmt.Sprintf("The small surplus of %s is kept as gain.", e.sum(l.AmountMinor))
	case recon.OnAccount:
		return capital(e.sum(l.AmountMinor)) + " stands on account."
	case recon.Refund:
		return capital(e.sum(l.AmountMinor)) + " is given back."
	case recon.Advance:
		return fmt.Sprintf("%s is kept as an advance for order %s.", capital(e.sum(l.AmountMinor)), l.Order)
	}
	words, ok := kindWords[l.Kind]
	if !ok {
		words = strings.ReplaceAll(string(l.Kind), "_", " ") + " on"
	}
	return fmt.Sprintf("%s %s %s.", e.money(l.Item, l.AmountMinor), words, e.name(l.Item))
}

func (e *explainer) shortfall(s recon.Shortfall) string {
	text := fmt.Sprintf("%s was short by %s: %s", e.name(s.Item), e.money(s.Item, s.AmountMinor), strings.ReplaceAll(s.Why, "_", " "))
	if s.Phrase != "" {
		text += fmt.Sprintf(" (%q)", s.Phrase)
	}
	if s.NextDate != 0 {
		text += ", the next part is due on " + s.NextDate.String()
	}
	return capital(text) + "."
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// evidenceWords says each code of evidence; the first %s is the item, where there is one.
var evidenceWords = map[string]string{
	"structured":               "The structured reference of %s was given",
	"structured_without_check": "The structured reference of %s was given without its check digits",
	"digits":                   "The digits of %s were given",
	"last_group":               "The last group of %s was given",
	"order":                    "The order of %s was named",
	"document_number":          "%s was named in a field of its own",
	"end_to_end":               "%s was named in the end-to-end id",
	"number":                   "%s was named",
	"iban":                     "The payer is known by account",
	"mandate":                  "The payer is known by mandate",
	"known":                    "The payer was known before",
	"alias":                    "The payer is known by an alias",
	"name":                     "The payer is known by name",
	"by_reference":             "Only the reference says who paid",
	"one_of_several":           "The account belongs to several customers, this one among them",
	"advance":                  "The advance belongs to this customer",
	"candidate":                "This customer could be the payer",
	"other_payer":              "The account belongs to another customer",
	"other_name":               "The name is that of another customer",
	"near_name":                "The payer's name is like that of the customer",
	"strange_name":             "The name has nothing in common with the customer's",
	"names_other":              "The text names something else",
	"nearly":                   "The amount is nearly that of %s",
	"near_number":              "The number that was named is nearly this one",
	"less_likely":              "A balance of the payer has the same sum and is likelier",
	"other_entity":             "A sister company's item was named",
	"unknown_number":           "A number was named that no item has",
	"exact":                    "The amount is exact",
	"interchangeable":          "%s has the same amount and terms; the older one is paid",
	"discount":                 "The amount is short by the discount that is still due",
	"withheld_tax":             "The amount is short by a rate of withheld tax",
	"bank_charge":              "The amount is short by a bank charge",
	"tolerance":                "The amount is short by a small difference",
	"gain":                     "The amount is over by a small difference",
	"subset":                   "The amount is that of some of the named items",
	"set":                      "The amount is that of several open items",
	"balance":                  "The amount is the whole balance",
	"balance_of":               "The amount is the balance of an earlier day",
	"past_due":                 "The amount is all that is past due",
	"instalment":               "The amount is the next instalment",
	"instruction":              "The text says where the rest goes",
	"short":                    "The amount is less than what is open",
	"over":                     "The amount is more than what is open",
	"oldest_first":             "The amount proves nothing; oldest first is the custom",
	"smallest_first":           "The amount proves nothing; this settles the most items",
	"on_account":               "It can stand on account",
	"prepayment":               "The text calls it a prepayment",
	"policy":                   "The customer's policy for lump sums says so",
	"recorded_by_hand":         "A payment of this amount was recorded by hand",
	"recorded_on":              "It was recorded on",
	"cheque":                   "The cheque has the same number",
	"transaction":              "The transaction id is the same",
	"original_end_to_end":      "The return names the end-to-end id",
	"bank_reference":           "The bank's reference is the same",
	"with_charges":             "The amount is that of the receipt and the bank's charges",
}

// plainWords says codes of evidence that speak of no item.
var plainWords = map[string]string{
	"order":      "An order was named",
	"end_to_end": "The end-to-end id is the same",
}

// returnWords says codes of evidence that mean something else of a return.
var returnWords = map[string]string{
	"iban":    "The account is the same",
	"mandate": "The mandate is the same",
	"exact":   "The amount is that of the receipt",
	"number":  "%s was named, which the receipt paid or named",
}

// words are those of a piece of evidence.
func (e *explainer) words(seen recon.Evidence) string {
	text, ok := evidenceWords[seen.Code]
	if special, known := returnWords[seen.Code]; known && e.ofReturn {
		text, ok = special, true
	} else if plain, known := plainWords[seen.Code]; known && seen.Item == 0 {
		text, ok = plain, true
	}
	switch {
	case !ok:
		return strings.ReplaceAll(seen.Code, "_", " ")
	case strings.Contains(text, "%s"):
		return fmt.Sprintf(text, e.name(seen.Item))
	}
	return text
}

func (e *explainer) evidence(seen recon.Evidence) string {
	text := e.words(seen)
	if seen.Seen != "" {
		text += fmt.Sprintf(" (%s)", seen.Seen)
	}
	if seen.Points != 0 {
		text += fmt.Sprintf(": %+d points", seen.Points)
	}
	return capital(text) + "."
}

// proposals names what a person may choose, or of an applied receipt what came second.
func (e *explainer) proposals(d recon.Decision) {
	for n, p := range d.Proposals {
		var parts []string
		for _, l := range p.Lines {
			parts = append(parts, strings.TrimSuffix(e.line(l), "."))
		}
		switch {
		case d.Return && (p.Clears != 0 || len(p.Reverses) > 0):
			parts = append(parts, "takes back "+backWords(p.Clears, p.Reverses))
		case p.Clears != 0:
			parts = append(parts, fmt.Sprintf("clears payment %d, recorded by hand%s", p.Clears, recordedOn(p.Evidence)))
		}
		how := fmt.Sprintf("Proposal %d", n+1)
		if d.Outcome == recon.Auto {
			how = "Second best, and not taken for its lower score"
		}
		e.say("%s (%d points): %s. %s", how, p.Score, strings.Join(parts, "; "), Sentence(p.Reason))
	}
}
