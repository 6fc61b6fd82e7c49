package matcher

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tieout/tieout/recon"
)

// words are the phrases found in a receipt's text, each quoted as the payer wrote it; "" where not found.
type words struct {
	dispute, deduction, instalment, onAccount, prepayment string
	remainder                                             string // the phrase itself, in lower case
}

// meant reads the phrases once.
func (q *inquiry) meant() *words {
	if q.words != nil {
		return q.words
	}
	text := q.text()
	lower := strings.ToLower(text)
	p := &q.w.set.Phrases
	q.words = &words{
		dispute:    quote(text, lower, p.Dispute),
		deduction:  quote(text, lower, p.Deduction),
		instalment: quote(text, lower, p.Instalment),
		onAccount:  quote(text, lower, p.OnAccount),
		prepayment: quote(text, lower, p.Prepayment),
	}
	if _, phrase := firstPhrase(lower, p.Remainder); phrase != "" {
		q.words.remainder = phrase
	}
	return q.words
}

// text is all that the payer wrote, on one line.
func (q *inquiry) text() string {
	text := q.r.Text
	if len(q.r.Lines) > 0 {
		text = strings.Join(q.r.Lines, " ")
	}
	if q.r.Additional != "" && q.r.Additional != text {
		text += "\n" + q.r.Additional
	}
	return text
}

// partial reports whether the payer says that less than the whole is paid: then no difference is written off.
func (m *words) partial() bool { return m.dispute != "" || m.deduction != "" || m.instalment != "" }

// why returns the payer's word on a shortfall and the code for it.
func (m *words) why() (why, phrase string) {
	switch {
	case m.dispute != "":
		return "dispute", m.dispute
	case m.deduction != "":
		return "deduction", m.deduction
	case m.instalment != "":
		return "instalment", m.instalment
	}
	return "unexplained", ""
}

// quote returns the clause of text that holds the first of the phrases.
func quote(text, lower string, phrases []string) string {
	at, phrase := firstPhrase(lower, phrases)
	if phrase == "" {
		return ""
	}
	if len(text) != len(lower) {
		text = lower // a letter changed its length with its case
	}
	from := strings.LastIndexAny(text[:at], ".,;\n") + 1
	to := len(text)
	if end := strings.IndexAny(text[at+len(phrase):], ".,;\n"); end >= 0 {
		to = at + len(phrase) + end
	}
	return strings.TrimSpace(text[from:to])
}

// firstPhrase returns the phrase that stands first in lower, and where; of two at one place the longer.
func firstPhrase(lower string, phrases []string) (at int, phrase string) {
	at = len(lower)
	for _, p := range phrases {
		if i := wholeWord(lower, p); i >= 0 && (i < at || i == at && len(p) > len(phrase)) {
			at, phrase = i, p
		}
	}
	return at, phrase
}

// wholeWord returns where phrase stands in lower with no letter or digit on either side, -1 where it does not.
func wholeWord(lower, phrase string) int {
	for from := 0; phrase != ""; {
		i := strings.Index(lower[from:], phrase)
		if i < 0 {
			return -1
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(lower[:i])
		after, _ := utf8.DecodeRuneInString(lower[i+len(phrase):])
		if !wordRune(before) && !wordRune(after) {
			return i
		}
		from = i + 1
	}
	return -1
}

func wordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// instruction is what "A and B in full, rest on C" says: the items before the words are paid in full, the one after
// takes the rest. Where the words come first, the first item after them takes the rest.
func (q *inquiry) instruction(n *naming) (full []int32, rest int32, ok bool) {
	phrase := q.meant().remainder
	if phrase == "" || len(n.order) < 2 || len(n.notes) > 0 {
		return nil, 0, false
	}
	at, ok := q.atomOf(phrase)
	if !ok {
		return nil, 0, false
	}
	rest = nobody
	for _, m := range q.mentions {
		if !slices.Contains(n.order, m.item) {
			continue
		}
		if m.from != fromText || m.made {
			return nil, 0, false
		}
		if rest == nobody && m.first >= at {
			rest = m.item
			continue
		}
		full = append(full, m.item)
	}
	q.w.oldestFirst(full)
	return full, rest, rest != nobody && len(full) > 0
}

// atomOf returns the atom of the remittance text with which the phrase begins.
func (q *inquiry) atomOf(phrase string) (int32, bool) {
	var s, p scan
	if len(q.r.Lines) > 0 {
		s.read(q.r.Lines...)
	} else {
		s.read(q.r.Text)
	}
	p.read(phrase)
	for i := 0; i+len(p.atoms) <= len(s.atoms); i++ {
		same := len(p.atoms) > 0
		for j := range p.atoms {
			same = same && string(s.word(i+j)) == string(p.word(j))
		}
		if same {
			return int32(i), true
		}
	}
	return 0, false
}

// shortfallsOf says why the items that stay open were short; what was closed by a rule says it already.
func (q *inquiry) shortfallsOf(short []recon.Shortfall) []recon.Shortfall {
	if !slices.ContainsFunc(short, func(s recon.Shortfall) bool { return s.Why == "" }) {
		return short
	}
	why, phrase := q.meant().why()
	for i := range short {
		if short[i].Why != "" {
			continue
		}
		short[i].Why, short[i].Phrase = why, phrase
		it := &q.w.items[q.w.places.at(short[i].Item)]
		switch {
		case why != "unexplained":
		case it.Dispute != nil && it.Dispute.AmountMinor == short[i].AmountMinor:
			short[i].Why = "dispute"
		case recon.PercentOf(it.left, it.DiscountPercent) == short[i].AmountMinor:
			short[i].Why = "discount" // taken too late: it stays open
		}
		if next, ok := nextInstalment(it); ok && (why == "instalment" || why == "unexplained" && q.isInstalment(it)) {
			short[i].Why, short[i].NextDate = "instalment", next
		}
	}
	return short
}
