package matcher

import (
	"slices"
	"strings"
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

// nameKeys appends the keys of a name: its words in order of the alphabet, with umlauts written out and without;
// and the beginning of a long name, because banks cut names.
func nameKeys(keys []string, name string) []string {
	for _, spelling := range spellings(name) {
		words := nameWords(spelling)
		if len(words) == 0 {
			continue
		}
		if compact := strings.Join(words, ""); len(compact) >= truncatedFrom {
			keys = append(keys, "start:"+compact[:truncatedFrom])
		}
		slices.Sort(words)
		keys = append(keys, "name:"+strings.Join(words, " "))
	}
	return keys
}

func spellings(name string) []string {
	if out := umlauts.Replace(name); out != name {
		return []string{out, name}
	}
	return []string{name}
}

// nameWords folds a name and drops legal forms; a name of nothing else keeps them. Dots are dropped first: G.m.b.H.
func nameWords(name string) []string {
	folded := string(fold(nil, strings.ReplaceAll(name, ".", "")))
	all := strings.FieldsFunc(folded, func(r rune) bool { return r > 'Z' || !isLetter(byte(r)) && !isDigit(byte(r)) })
	kept := make([]string, 0, len(all))
	for _, word := range all {
		if !legalForms[word] {
			kept = append(kept, word)
		}
	}
	if len(kept) == 0 {
		return all
	}
	return kept
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
