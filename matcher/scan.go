package matcher

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// scan is a text folded to upper-case ASCII and cut into atoms, the runs of letters and digits. Its buffers are
// reused from text to text.
type scan struct {
	folded []byte
	atoms  []atom
	tokens []token
	joined []byte
	run    []byte // of several tokens
	bank   bool   // the text is the bank's own: its "REF" and "GUTSCHRIFT" announce no item
}

// atom is one run of letters and digits.
type atom struct {
	start, end     int32
	letters, digit bool // holds letters, holds digits
	gap            gap  // before it
}

// gap is what stands between two atoms.
type gap byte

const (
	gapBreak gap = iota // punctuation, or the start of the text
	gapBlank            // blanks and line ends: a number may be broken here
	gapRange            // a dash between blanks
	gapLoose            // a slash or another separator between blanks: a number may be broken here
	gapDash             // tight: one '-' or '_'
	gapSlash            // tight: one '/'
	gapDot              // tight: one '.'
)

func (g gap) tight() bool { return g >= gapDash }

// token is a run of atoms that are tied together without blanks.
type token struct {
	first, last int32
	digits      bool // only digits
	letters     bool // only letters
	state       state
	decoy       decoy
	notNumber   bool // a date or an amount: no part of a broken number
	inner       bool // part of a longer one, behind other parts
}

// decoy says whether a number is something other than a reference.
type decoy byte

const (
	noDecoy     decoy = iota
	likeDay           // unannounced digits that could be a year or a day, and just as well the number of an item
	behindDecoy       // behind another number that was announced as a phone number, a customer …
	sureDecoy         // a date, an amount, an account, or announced as a phone number, a customer …
)

// state is what the words before a number announce it to be.
type state byte

const (
	stateNone  state = iota
	stateItem        // invoice, number …
	stateOrder       // order, purchase order …
	stateDecoy       // phone, customer, tax number …
)

// read folds text and cuts it; what was read before is forgotten.
func (s *scan) read(texts ...string) {
	s.folded, s.atoms, s.tokens = s.folded[:0], s.atoms[:0], s.tokens[:0]
	for i, text := range texts {
		if i > 0 {
			s.folded = append(s.folded, '\n')
		}
		s.folded = fold(s.folded, text)
	}
	s.cut()
	s.tie()
}

// fold appends text in upper-case ASCII: accents fall, full-width forms become plain, and what is neither letter,
// digit nor ASCII becomes a comma, which breaks.
func fold(to []byte, text string) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if c >= 'a' && c <= 'z' {
				c -= 'a' - 'A'
			}
			to = append(to, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		to = foldRune(to, r)
		i += size
	}
	return to
}

// unaccented are letters that Unicode does not decompose, and the signs of currencies.
var unaccented = map[rune]string{
	'ß': "SS", 'ẞ': "SS", 'Æ': "AE", 'æ': "AE", 'Œ': "OE", 'œ': "OE", 'Ø': "O", 'ø': "O", 'Ł': "L", 'ł': "L",
	'Đ': "D", 'đ': "D", 'Þ': "TH", 'þ': "TH", 'ı': "I", '€': " EUR ", '£': " GBP ",
}

func foldRune(to []byte, r rune) []byte {
	if unicode.IsSpace(r) {
		return append(to, ' ')
	}
	if plain, ok := unaccented[r]; ok {
		return append(to, plain...)
	}
	switch r {
	case '‐', '‑', '‒', '–', '—', '−':
		return append(to, '-')
	}
	for _, part := range norm.NFKD.String(string(r)) {
		switch {
		case unicode.Is(unicode.Mn, part):
		case part < utf8.RuneSelf:
			to = append(to, byte(unicode.ToUpper(part)))
		default:
			to = append(to, ',')
		}
	}
	return to
}

func isLetter(c byte) bool { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// cut finds the atoms.
func (s *scan) cut() {
	last := 0
	for i := 0; i < len(s.folded); {
		if !isLetter(s.folded[i]) && !isDigit(s.folded[i]) {
			i++
			continue
		}
		a := atom{start: int32(i), gap: s.gapOf(last, i)}
		for ; i < len(s.folded) && (isLetter(s.folded[i]) || isDigit(s.folded[i])); i++ {
			a.letters = a.letters || isLetter(s.folded[i])
			a.digit = a.digit || isDigit(s.folded[i])
		}
		a.end = int32(i)
		s.atoms = append(s.atoms, a)
		last = i
	}
}

// gapOf classifies the bytes between two atoms. A dot ties only what comes before digits: "Nr.1001", "6.032946".
func (s *scan) gapOf(from, to int) gap {
	if from == 0 {
		return gapBreak
	}
	between := s.folded[from:to]
	if len(between) == 1 {
		switch between[0] {
		case '-', '_':
			return gapDash
		case '/':
			return gapSlash
		case '.':
			if isDigit(s.folded[to]) {
				return gapDot
			}
			return gapBreak
		}
	}
	dashes, others, blanks, ends := 0, 0, 0, 0
	for _, c := range between {
		switch c {
		case ' ', '\r', '\t':
			blanks++
		case '\n':
			ends++
		case '-':
			dashes++
		case '/', '.', '_':
			others++
		default:
			return gapBreak
		}
	}
	switch {
	case dashes+others == 0, dashes+others == 1 && ends > 0:
		return gapBlank // broken by a line end behind its separator: "34098/" and "26"
	case dashes == 1 && others == 0:
		return gapRange
	case others == 1 && dashes == 0 && blanks > 1 && between[len(between)/2] != '.':
		return gapLoose // "2026 / 11565"
	}
	return gapBreak
}

// tie joins atoms into tokens and says what each is announced as.
func (s *scan) tie() {
	now := stateNone
	for i := 0; i < len(s.atoms); {
		j := i
		for j+1 < len(s.atoms) && s.atoms[j+1].gap.tight() {
			j++
		}
		t := token{first: int32(i), last: int32(j), digits: true, letters: true}
		for _, a := range s.atoms[i : j+1] {
			t.digits = t.digits && !a.letters
			t.letters = t.letters && !a.digit
		}
		now = s.announced(t, now)
		t.state = now
		t.notNumber = !t.letters && (s.isDate(t) || s.isAmount(t))
		if !t.letters {
			t.decoy = s.decoyOf(t)
		}
		s.tokens = append(s.tokens, t)
		i = j + 1
	}
}

// announced returns what the tokens after t are taken for: a word announces, a word that only links numbers keeps,
// any other word ends an announcement. What is announced as no reference is one number: a comma or another number ends it.
func (s *scan) announced(t token, now state) state {
	first := s.word(int(t.first))
	if s.plusBefore(t) {
		return stateDecoy
	}
	if !t.letters {
		if s.atoms[t.first].digit {
			return s.carried(t, now)
		}
		if next, ok := s.announces(first); ok && next != stateLink {
			return next
		}
		return s.carried(t, now)
	}
	for i := t.first; i <= t.last; i++ {
		next, ok := s.announces(s.word(int(i)))
		switch {
		case ok && s.ours(int(i)):
			now = stateDecoy
		case !ok:
			now = stateNone
		case next != stateLink:
			now = next
		case now == stateNone && linksAnnounce[string(s.word(int(i)))]:
			now = stateItem
		}
	}
	return now
}

// carried is what a number is taken for of which another one was announced before: a comma ends what is no item, and so does a word of
// several letters that is glued to the number.
func (s *scan) carried(t token, now state) state {
	const word = 3
	behind := len(s.tokens) > 0 && !s.tokens[len(s.tokens)-1].letters
	letters := 0
	for letters < len(s.word(int(t.first))) && isLetter(s.word(int(t.first))[letters]) {
		letters++
	}
	if behind && now >= stateOrder && (s.atoms[t.first].gap == gapBreak || letters >= word) {
		return stateNone
	}
	return now
}

// ours reports whether a word that may announce an item announces the payer's own number.
func (s *scan) ours(i int) bool {
	return i > 0 && mild[string(s.word(i))] && oursWords[string(s.word(i-1))]
}

// plusBefore reports a number with one plus sign before it, as phone numbers have; Belgian references have three.
func (s *scan) plusBefore(t token) bool {
	at := s.atoms[t.first].start
	return at > 0 && s.folded[at-1] == '+' && s.atoms[t.first].digit && (at == 1 || s.folded[at-2] == ' ')
}

func (s *scan) word(i int) []byte { return s.folded[s.atoms[i].start:s.atoms[i].end] }

// span returns the folded text of a token with its separators.
func (s *scan) span(t token) []byte { return s.folded[s.atoms[t.first].start:s.atoms[t.last].end] }
