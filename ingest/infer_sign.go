package ingest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// sign finds out which way the money goes, and turns the amounts of a card's statement where the file proves it.
func (inf *inferrer) sign() {
	m := &inf.money
	switch {
	case m.debit != nil:
		inf.signOfSides()
	case m.direction != nil:
		inf.find("columns.direction", m.direction.ref, Certain, true, "its words say it in each row: in %q, out %q", m.in, m.out)
	default:
		inf.signOfSingle()
	}
}

func (inf *inferrer) signOfSides() {
	m := &inf.money
	confidence, evidence := Unsure, "no name tells money out from money in; the first column is taken for money out"
	switch {
	case m.chain.proves() && m.named == 0 && m.credit.at < m.debit.at:
		evidence = "the balance falls with the second column and rises with the first, which would be unusual: it may be a debt"
	case m.chain.proves() && inf.chainFollowsDays():
		confidence, evidence = Certain, "the balance falls with the one and rises with the other"
	case m.named == 3:
		confidence, evidence = Certain, "the names say which column is which"
	case m.named > 0:
		confidence, evidence = Likely, "the names say something like it"
	case m.grammar.amounts.Debit == "negative":
		confidence, evidence = Likely, "one column has only negative amounts, the other only positive ones"
	}
	if m.grammar.amounts.Debit == "negative" {
		evidence += "; debits are written negative"
	}
	inf.find("amounts.debit", inf.profile.Amounts.Debit, confidence, true, "%s", evidence)
}

// signOfSingle judges one column of signed amounts by what there is: the balance, words for debit and credit beside it, the
// texts, and whether it is a card's statement, where charges are often written positive.
func (inf *inferrer) signOfSingle() {
	m := &inf.money
	positive := m.read - m.negative
	agree, against, words := inf.directionAgrees()
	byText, notByText := inf.textAgrees()
	confidence, invert := Unsure, false
	var evidence string
	switch {
	case m.chain.proves() && against > 0 && m.chain.sign > 0:
		invert = agree == 0
		evidence = fmt.Sprintf("the balance rises with positive amounts, but %s says the opposite in %s", words, counted(against, "row"))
	case m.chain.proves() && m.chain.sign > 0 && !inf.chainFollowsDays():
		evidence = "the balance rises with positive amounts, but not in the order of the days: it may be the one before each row"
	case m.chain.proves() && m.chain.sign > 0 && inf.card != "":
		invert = positive > m.negative && byText == 0
		evidence = fmt.Sprintf("the balance rises with positive amounts, but %s: it may be a debt", inf.card)
	case m.chain.proves() && m.chain.sign > 0 && notByText > byText:
		invert = true
		evidence = fmt.Sprintf("the balance rises with positive amounts, but the texts of %s say the opposite: it may be a debt", counted(notByText, "row"))
	case m.chain.proves() && m.chain.sign > 0 && m.negative == 0:
		confidence, evidence = Likely, "the balance rises with the amounts, but none is negative: it may be a debt"
	case m.chain.proves() && m.chain.sign > 0:
		confidence, evidence = Certain, "the balance rises with positive amounts"
	case m.chain.proves() && inf.chainFollowsDays():
		invert = byText <= notByText && inf.card == "" || notByText > byText
		evidence = "the balance falls with positive amounts: these are charges, or it is a debt"
	case agree >= fewRows && against == 0:
		confidence, evidence = Certain, fmt.Sprintf("%s says the same in each row", words)
	case against >= fewRows && agree == 0:
		confidence, invert, evidence = Certain, true, fmt.Sprintf("%s says the opposite in each row: charges are written positive", words)
	case agree > 0 && against > 0:
		evidence = fmt.Sprintf("%s contradicts the sign in %s", words, counted(against, "row"))
	case m.negative == 0:
		evidence = "no amount is negative"
		invert = inf.card != ""
	case inf.card != "" && positive > m.negative:
		invert, evidence = true, fmt.Sprintf("%s, and most amounts are positive: taken for charges", inf.card)
	case inf.card != "":
		evidence = inf.card
	case notByText > 0 && notByText >= byText:
		evidence = fmt.Sprintf("%s beside a positive amount, or the other way round, in %s", "words such as payment or withdrawal stand", counted(notByText, "row"))
	case positive == 0:
		confidence, evidence = Likely, "all amounts are negative"
	case m.named == 3 && notByText == 0 && byText > 1:
		confidence, evidence = Certain, fmt.Sprintf("negative and positive amounts, and the texts of %s say the same", counted(byText, "row"))
	case m.named == 3 && notByText == 0 && inf.accounts() != "":
		confidence, evidence = Certain, fmt.Sprintf("negative and positive amounts, and %s: no card's statement", inf.accounts())
	default:
		confidence, evidence = Likely, "negative and positive amounts; nothing else says which way the money goes"
	}
	if invert {
		inf.profile.Amounts.Invert = true
		inf.find("amounts.invert", "true", confidence, true, "%s", evidence)
		return
	}
	inf.find("amounts.sign", inf.profile.Amounts.Sign, confidence, true, "%s", evidence)
}

// chainFollowsDays reports whether the order of rows that the balance proves is that of the days, which is not so for a balance
// before each row.
func (inf *inferrer) chainFollowsDays() bool {
	falling, rising := sorted(inf.days)
	return inf.money.chain.ordered && falling != rising && inf.money.chain.backwards == falling
}

// directionAgrees compares the sign with a column of words for debit and credit, where there is one.
func (inf *inferrer) directionAgrees() (agree, against int, words string) {
	d := inf.directionColumn(inf.money.amount)
	if d.direction == nil {
		return 0, 0, ""
	}
	for i, row := range inf.rows {
		minor := inf.money.minor[i]
		if minor == 0 || !inf.money.readable[i] {
			continue
		}
		if slices.Contains(d.in, strings.TrimSpace(row.cells[d.direction.at])) == (minor > 0) {
			agree++
		} else {
			against++
		}
	}
	return agree, against, d.direction.ref
}

// textAgrees counts the rows whose texts speak of money in or out, and the sign agrees or not.
func (inf *inferrer) textAgrees() (agree, against int) {
	for i, row := range inf.rows[:min(len(inf.rows), 500)] {
		var text strings.Builder
		for at, cell := range row.cells {
			if at != inf.money.amount.at && inf.columns[at].letters > 0 {
				text.WriteString(" " + plainWords(cell))
			}
		}
		in, out := speaksOf(text.String(), inTexts), speaksOf(text.String(), outTexts)
		switch minor := inf.money.minor[i]; {
		case in == out || minor == 0:
		case in == (minor > 0):
			agree++
		default:
			against++
		}
	}
	return agree, against
}

func speaksOf(text string, words []string) bool {
	text += " "
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, " "+word+" ") })
}

// accounts says where the file names bank accounts with valid check digits; "" where it does not.
func (inf *inferrer) accounts() string {
	for i := range inf.columns {
		c := &inf.columns[i]
		if slices.ContainsFunc(c.values, func(cell string) bool { return recon.ValidIBAN(recon.NormalAccount(cell)) }) {
			return fmt.Sprintf("column %s holds IBANs whose check digits hold", c.ref)
		}
	}
	if inf.ibanAround() != "" {
		return "the lines before the rows name an IBAN whose check digits hold"
	}
	return ""
}

// directionColumn finds a column that says by a word in each row which way the amount goes.
func (inf *inferrer) directionColumn(amount *columnFacts) (form moneyForm) {
	for i := range inf.columns {
		c := &inf.columns[i]
		if c == amount || c.many || len(c.values) == 0 || len(c.values) > 6 || form.direction != nil && nameFit(c.words, directionNames) == 0 {
			continue
		}
		values := inf.valuesOf(c)
		in, out, ok := sortDirections(values, nameFit(c.words, directionNames) > 0)
		if ok && !slices.Contains(values, "") {
			form = moneyForm{direction: c, in: in, out: out}
		}
	}
	return form
}

// valuesOf returns the different cells of a column in the booked rows.
func (inf *inferrer) valuesOf(c *columnFacts) (values []string) {
	for _, row := range inf.rows {
		if cell := strings.TrimSpace(row.cells[c.at]); !slices.Contains(values, cell) {
			values = append(values, cell)
		}
		if len(values) > maxValues {
			break
		}
	}
	return values
}

// sortDirections sorts words into money in and out; false where one of them is neither, or a letter means different things in
// different languages and stands alone.
func sortDirections(values []string, named bool) (in, out []string, ok bool) {
	var letters [2]string
	for _, pair := range letterPairs {
		others := slices.ContainsFunc(values, func(v string) bool { return !strings.EqualFold(v, pair[0]) && !strings.EqualFold(v, pair[1]) })
		if !others && letters[0] == "" {
			letters = pair
		}
	}
	for _, value := range values {
		word := plainWords(value)
		if value == "+" || value == "-" {
			word = value
		}
		switch way := wayOf(word, letters, len(values) > 1 || named); way {
		case 'i':
			in = append(in, value)
		case 'o':
			out = append(out, value)
		default:
			return nil, nil, false
		}
	}
	// A profile needs words for both; the one that has not come yet is the other of its pair.
	return withPartner(in, out, 0), withPartner(out, in, 1), len(values) > 0
}

// wayOf says which way a word means: 'i' in, 'o' out, 0 where that is open. letters is the pair that the single letters of the
// column are of.
func wayOf(word string, letters [2]string, proved bool) byte {
	pairs := directionPairs
	if len(word) == 1 && isLetter(word[0]) {
		if pairs = [][2]string{letters}; !proved {
			return 0
		}
	}
	for _, pair := range pairs {
		switch word {
		case pair[0]:
			return 'i'
		case pair[1]:
			return 'o'
		}
	}
	return 0
}

// withPartner returns words, or where there are none the partners of the other direction's words; side is their place in a pair.
func withPartner(words, others []string, side int) []string {
	if len(words) > 0 {
		return words
	}
	for _, other := range others {
		for _, pair := range slices.Concat(directionPairs, letterPairs) {
			if pair[1-side] == other || pair[1-side] == plainWords(other) {
				words = append(words, likeCase(pair[side], other))
				break
			}
		}
	}
	return words
}

// likeCase writes a word with capitals where another has them.
func likeCase(word, like string) string {
	switch {
	case like == strings.ToUpper(like):
		return strings.ToUpper(word)
	case like[:1] == strings.ToUpper(like[:1]):
		return strings.ToUpper(word[:1]) + word[1:]
	}
	return word
}
