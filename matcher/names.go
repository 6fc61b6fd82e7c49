package matcher

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// legalForms are dropped from names: banks and ledgers write them in many ways, or not at all.
var legalForms = wordSet(`GMBH AG KG KGAA OHG UG MBH CO EK EG GBR EV SE PARTG HAFTUNGSBESCHRAENKT HAFTUNGSBESCHRANKT LTD LIMITED LLC LLP LP INC
	CORP CORPORATION COMPANY PLC PTY SA SARL SAS SASU EURL SNC SCI SRL SRLS SPA SL SLU BV NV VOF CV BVBA OY OYJ AB AS ASA APS
	IVS SP ZOO SPZOO SRO KFT ZRT DOO UND AND ET THE HERR FRAU MR MRS MS DR FIRMA FA E K V O`)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(list) {
		set[word] = true
	}
	return set
}

// umlauts are written out in one of two ways by banks that know only ASCII.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "AE", "Ö", "OE", "Ü", "UE", "å", "aa", "Å", "AA", "ø", "oe", "Ø", "OE")

// truncatedFrom is the shortest length at which banks cut names (SWIFT 27 of 35 and shorter card fields).
const truncatedFrom = 20

// nameReader cuts names into keys; its buffers are reused from name to name.
type nameReader struct {
	folded, key []byte
	words       [][]byte // of folded
}

// eachKey visits the keys of a name: its words in order of the alphabet, with umlauts written out and without; and the
// beginning of a long name, because banks cut names. A key is valid until the next one.
func (n *nameReader) eachKey(name string, visit func(key []byte)) {
	if beyondASCII(name) {
		if out := umlauts.Replace(name); out != name {
			n.eachKeyOf(out, visit)
		}
	}
	n.eachKeyOf(name, visit)
}

func beyondASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

func (n *nameReader) eachKeyOf(spelling string, visit func(key []byte)) {
	n.read(spelling)
	if len(n.words) == 0 {
		return
	}
	n.key = append(n.key[:0], startPrefix...)
	for _, word := range n.words {
		n.key = append(n.key, word...)
	}
	if len(n.key) >= len(startPrefix)+truncatedFrom {
		visit(n.key[:len(startPrefix)+truncatedFrom])
	}
	slices.SortFunc(n.words, bytes.Compare)
	n.key = append(n.key[:0], namePrefix...)
	for i, word := range n.words {
		if i > 0 {
			n.key = append(n.key, ' ')
		}
		n.key = append(n.key, word...)
	}
	visit(n.key)
}

// What the keys of payers begin with.
const (
	accountPrefix = "iban:"
	namePrefix    = "name:"
	startPrefix   = "start:"
)

// read folds a name and drops legal forms; a name of nothing else keeps them. Dots are dropped first: G.m.b.H.
func (n *nameReader) read(name string) {
	if strings.IndexByte(name, '.') >= 0 {
		name = strings.ReplaceAll(name, ".", "")
	}
	n.folded, n.words = fold(n.folded[:0], name), n.words[:0]
	every, forms := 0, 0
	for i := 0; i < len(n.folded); {
		if !isLetter(n.folded[i]) && !isDigit(n.folded[i]) {
			i++
			continue
		}
		from := i
		for i < len(n.folded) && (isLetter(n.folded[i]) || isDigit(n.folded[i])) {
			i++
		}
		every++
		if legalForms[string(n.folded[from:i])] {
			forms++
		}
		n.words = append(n.words, n.folded[from:i])
	}
	if forms == 0 || forms == every {
		return
	}
	n.words = slices.DeleteFunc(n.words, func(word []byte) bool { return legalForms[string(word)] })
}

// nameKeys appends the keys of a name.
func nameKeys(keys []string, name string) []string {
	var n nameReader
	n.eachKey(name, func(key []byte) { keys = append(keys, string(key)) })
	return keys
}

func spellings(name string) []string {
	if out := umlauts.Replace(name); out != name {
		return []string{out, name}
	}
	return []string{name}
}

// nameWords are the words of a name without legal forms.
func nameWords(name string) []string {
	var n nameReader
	n.read(name)
	words := make([]string, len(n.words))
	for i, word := range n.words {
		words[i] = string(word)
	}
	return words
}

// cutName reports whether one name is the other cut off, both long enough to mean it.
func cutName(a, b string) bool {
	for _, x := range spellings(a) {
		for _, y := range spellings(b) {
			s, t := strings.Join(nameWords(x), ""), strings.Join(nameWords(y), "")
			if len(s) >= truncatedFrom && len(t) >= truncatedFrom && (strings.HasPrefix(s, t) || strings.HasPrefix(t, s)) {
				return true
			}
		}
	}
	return false
}

// trades are words that the names of many firms have in common; sharing one says nothing.
var trades = wordSet(`HANDEL HANDELS HANDELSGESELLSCHAFT BAU BAUUNTERNEHMEN SERVICE SERVICES TECHNIK TECHNOLOGY TECHNOLOGIES TECH CONSULTING
	BERATUNG GROUP GRUPPE HOLDING INTERNATIONAL VERLAG IMMOBILIEN VERWALTUNG VERWALTUNGS HAUSVERWALTUNG TRADING SOLUTIONS
	SYSTEMS SYSTEME GESELLSCHAFT VERTRIEB VERTRIEBS PRODUKTION LOGISTIK LOGISTICS TRANSPORT TRANSPORTE SPEDITION MEDIA DESIGN
	MANAGEMENT ENGINEERING GLOBAL EUROPE EUROPA DEUTSCHLAND GERMANY AUSTRIA SCHWEIZ FRANCE INDUSTRIE INDUSTRIES INDUSTRIAL
	ENTERPRISES PARTNER PARTNERS SOFTWARE ELEKTRO MASCHINENBAU METALLBAU AUTOHAUS APOTHEKE RESTAURANT HOTEL STIFTUNG VEREIN
	PROJEKT INVEST CAPITAL FINANCE STADT GEMEINDE`)

// strangers reports whether two names share no word of weight: then one is not a spelling of the other. Words of a trade have
// none, and no word that common holds for.
func strangers(a, b string, common func(word string) bool) bool {
	const weight = 4
	for _, x := range spellings(a) {
		for _, y := range spellings(b) {
			ours, theirs := nameWords(x), nameWords(y)
			if slices.Equal(ours, theirs) {
				return false
			}
			for _, word := range ours {
				if len(word) >= weight && !trades[word] && !common(word) && slices.Contains(theirs, word) {
					return false
				}
			}
		}
	}
	return !cutName(a, b)
}
