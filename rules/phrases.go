package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// phraseList ties a key of the file to its place in the set.
type phraseList struct {
	key    string
	given  []text
	target *[]string
}

func (r *reader) phrases(doc phrasesDoc) {
	p := &r.set.Phrases
	lists := []phraseList{
		{"dispute", doc.Dispute, &p.Dispute},
		{"deduction", doc.Deduction, &p.Deduction},
		{"instalment", doc.Instalment, &p.Instalment},
		{"on_account", doc.OnAccount, &p.OnAccount},
		{"prepayment", doc.Prepayment, &p.Prepayment},
		{"remainder", doc.Remainder, &p.Remainder},
	}
	meanings := map[string]string{}
	for _, l := range lists {
		if l.given == nil {
			for _, phrase := range *l.target {
				meanings[phrase] = l.key
			}
		}
	}
	for _, l := range lists {
		if l.given != nil || *l.target == nil {
			*l.target = r.phraseList(l, meanings)
		}
	}
}

// phraseList returns the phrases in lower case with single blanks, in the order of the alphabet.
func (r *reader) phraseList(l phraseList, meanings map[string]string) []string {
	const shortest = 3
	phrases := []string{}
	for _, at := range l.given {
		phrase := strings.ToLower(strings.Join(strings.Fields(at.Text), " "))
		if utf8.RuneCountInString(phrase) < shortest {
			r.reject("RULE-PHRASE", at, fmt.Sprintf("phrase %s of %s is too short: it would be found anywhere", quoted(at), l.key), "write at least 3 letters")
			continue
		}
		if other, twice := meanings[phrase]; twice && other != l.key {
			r.reject("RULE-PHRASE", at, fmt.Sprintf("phrase %q stands under %s and under %s", phrase, other, l.key), "keep one of them")
			continue
		}
		meanings[phrase] = l.key
		phrases = append(phrases, phrase)
	}
	slices.Sort(phrases)
	return slices.Compact(phrases)
}
