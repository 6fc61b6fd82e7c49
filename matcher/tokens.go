package matcher

// key is a piece of a receipt's text that may name an item.
type key struct {
	text        []byte // valid until the next key
	first, last int32  // atoms it covers
	digits      bool
	state       state
	decoy       decoy
	joined      bool // put together across a blank or a line end
	made        bool // expanded from a list or a range
	inner       bool // other groups of the same number stand before it
	loose       bool // a few digits behind another number: they count where payer and amount agree
	glued       bool // letters stand before or behind it without a gap
}

const (
	shortestKey = 3  // shorter keys are not even looked up
	longestKey  = 35 // ISO 20022 Max35Text
	mostRange   = 40 // a longer range is no list of items
	mostJoined  = 4  // tokens that one number may be broken into; structured references in groups have more
	mostGroups  = 7
)

// keys visits every key of the text. visit reports whether the key named an item: then the token is not taken apart further.
func (s *scan) keys(visit func(key) bool) {
	for i := range s.tokens {
		t := s.tokens[i]
		if t.letters {
			s.joins(i, visit)
			continue
		}
		if !s.whole(t, visit) {
			s.parts(t, visit)
			s.tightRange(t, visit)
		}
		s.looseRange(i, visit)
		s.shortened(i, visit)
		s.joins(i, visit)
	}
}

// whole visits a token as one number, and without the word it begins with: "RE-1001", "RE1001".
func (s *scan) whole(t token, visit func(key) bool) bool {
	k := key{first: t.first, last: t.last, digits: t.digits, state: t.state, decoy: t.decoy, inner: t.inner}
	if s.visitJoined(k, int(t.first), int(t.last), visit) {
		return true
	}
	if t.first < t.last && !s.atoms[t.first].digit && s.prefixWord(s.word(int(t.first))) {
		k.state, k.digits = stateItem, s.onlyDigits(t.first+1, t.last)
		return s.visitJoined(k, int(t.first)+1, int(t.last), visit)
	}
	return s.glued(k, t, visit) || s.inside(k, t, visit)
}

// inside visits numbers that words are glued to on either side, with up to four of the letters before them: "factuurnrA6778factuurnr",
// "05917dated". Fewer than three letters are no word, but part of a number that is another one. They count where payer and amount agree, or where an announcing word is what is glued.
func (s *scan) inside(k key, t token, visit func(key) bool) bool {
	const shortest, prefix, word = 4, 4, 3
	text := s.span(t)
	if k.first = t.first; allDigits(text) || t.notNumber || len(text) > 4*longestKey {
		return false
	}
	k.glued = true
	for from := 0; from < len(text); from++ {
		if !isDigit(text[from]) || from > 0 && isDigit(text[from-1]) {
			continue
		}
		run, digits, to := s.run[:0], 0, from
		for ; to < len(text) && !isLetter(text[to]) && len(run) < longestKey; to++ {
			if isDigit(text[to]) {
				run = append(run, text[to])
				digits++
			}
		}
		s.run = run
		if digits < shortest {
			from = to
			continue
		}
		before := from
		for before > 0 && (isLetter(text[before-1]) || before == from && before > 1 && isLetter(text[before-2])) {
			before--
		}
		letters := onlyLetters(text[before:from])
		k.state = t.state
		if said, ok := s.announces(letters); ok && said != stateLink {
			k.state = said
		}
		after := 0
		for to+after < len(text) && isLetter(text[to+after]) {
			after++
		}
		for n := min(prefix, len(letters)); n >= 0; n-- {
			if left := len(letters) - n; left > 0 && left < word || after > 0 && after < word || left+after == 0 {
				continue
			}
			whole := append(append(make([]byte, 0, longestKey+prefix), letters[len(letters)-n:]...), run...)
			k.digits = n == 0
			if s.visitText(k, whole, visit) {
				return true
			}
		}
		from = to
	}
	return false
}

func onlyLetters(text []byte) []byte {
	letters := make([]byte, 0, len(text))
	for _, c := range text {
		if isLetter(c) {
			letters = append(letters, c)
		}
	}
	return letters
}

// glued visits the number behind a word that is glued to it.
func (s *scan) glued(k key, t token, visit func(key) bool) bool {
	word := s.word(int(t.first))
	n := 0
	for n < len(word) && isLetter(word[n]) {
		n++
	}
	if n == 0 || n == len(word) || !s.prefixWord(word[:n]) {
		return false
	}
	s.joined = append(s.joined[:0], word[n:]...)
	for i := t.first + 1; i <= t.last; i++ {
		s.joined = append(s.joined, s.word(int(i))...)
	}
	k.state, k.digits = stateItem, allDigits(s.joined)
	return s.visitText(k, s.joined, visit)
}

func (s *scan) onlyDigits(first, last int32) bool {
	for _, a := range s.atoms[first : last+1] {
		if a.letters {
			return false
		}
	}
	return true
}

// visitJoined visits the atoms from first to last as one key.
func (s *scan) visitJoined(k key, first, last int, visit func(key) bool) bool {
	if first == last {
		return s.visitText(k, s.word(first), visit)
	}
	s.joined = s.joined[:0]
	for i := first; i <= last; i++ {
		s.joined = append(s.joined, s.word(i)...)
	}
	return s.visitText(k, s.joined, visit)
}

// visitText visits a key, and where it has leading zeros also without them.
func (s *scan) visitText(k key, text []byte, visit func(key) bool) bool {
	if len(text) < shortestKey || len(text) > longestKey {
		return false
	}
	k.text = text
	if visit(k) {
		return true
	}
	if bare := trimZeros(text); k.digits && len(bare) < len(text) && len(bare) >= shortestKey {
		k.text = bare
		return visit(k)
	}
	return false
}

func trimZeros(digits []byte) []byte {
	for len(digits) > 0 && digits[0] == '0' {
		digits = digits[1:]
	}
	return digits
}

func allDigits(text []byte) bool {
	for _, c := range text {
		if !isDigit(c) {
			return false
		}
	}
	return len(text) > 0
}

// parts visits the members of a list with slashes; a short member stands for the end of the first: 1001/2/3.
func (s *scan) parts(t token, visit func(key) bool) {
	if s.isDate(t) {
		return
	}
	var head []byte
	for i := t.first; i <= t.last; {
		j := i
		for j < t.last && s.atoms[j+1].gap != gapSlash {
			j++
		}
		if i == t.first && j == t.last {
			return
		}
		part := token{first: i, last: j, digits: s.onlyDigits(i, j), state: t.state, decoy: t.decoy, inner: i > t.first}
		part.notNumber = s.isDate(part) || s.isAmount(part)
		part.decoy = max(part.decoy, s.decoyOf(part))
		if head == nil || !s.shorthand(part, head, visit) {
			s.whole(part, visit)
			head = append([]byte(nil), s.word(int(j))...)
		}
		i = j + 1
	}
}

// shorthand visits a short member of a list in the place of the last digits of head.
func (s *scan) shorthand(part token, head []byte, visit func(key) bool) bool {
	tail := s.word(int(part.last))
	digits := trailingDigits(head)
	if part.first != part.last || !part.digits || len(tail) >= digits {
		return false
	}
	text := append([]byte(nil), head...)
	copy(text[len(text)-len(tail):], tail)
	k := key{first: part.first, last: part.last, digits: allDigits(text), state: part.state, decoy: part.decoy, made: true}
	return s.visitText(k, text, visit) || true
}

func trailingDigits(text []byte) int {
	n := 0
	for n < len(text) && isDigit(text[len(text)-1-n]) {
		n++
	}
	return n
}

// tightRange visits the numbers of a range without blanks: 1001-1004, RE1001-1004.
func (s *scan) tightRange(t token, visit func(key) bool) {
	switch n := t.last - t.first + 1; {
	case n == 2 && s.atoms[t.last].gap == gapDash:
		s.expand(t, s.word(int(t.first)), s.word(int(t.last)), visit)
	case n >= 4 && n%2 == 0 && s.atoms[t.first+n/2].gap == gapDash:
		from, to := t, t
		from.last, to.first = t.first+n/2-1, t.first+n/2
		s.expandGroups(from, to, visit)
	}
}

// looseRange visits the numbers of a range with blanks or a word: 1001 - 1004, 1001 to 1004.
func (s *scan) looseRange(i int, visit func(key) bool) {
	from := s.tokens[i]
	if i+1 >= len(s.tokens) {
		return
	}
	to := s.tokens[i+1]
	if to.letters && i+2 < len(s.tokens) && to.first == to.last && rangeWords[string(s.word(int(to.first)))] {
		to = s.tokens[i+2]
	} else if s.atoms[to.first].gap != gapRange {
		return
	}
	if to.letters || from.notNumber || to.notNumber {
		return
	}
	if from.first != from.last || to.first != to.last {
		s.expandGroups(from, to, visit)
		return
	}
	from.last = to.last
	s.expand(from, s.word(int(from.first)), s.word(int(to.last)), visit)
}

// expandGroups visits every number between two of several groups that differ in one of them: 2026-0012 to 2026-0016, 34098/26 to
// 34102/26; the last may be shortened to its end: 2026-0012 to 0016.
func (s *scan) expandGroups(from, to token, visit func(key) bool) {
	n, m := from.last-from.first+1, to.last-to.first+1
	if m > n {
		return
	}
	differs := int32(-1)
	for i := range m {
		a, b := from.last-m+1+i, to.first+i
		if string(s.word(int(a))) == string(s.word(int(b))) {
			continue
		}
		if differs >= 0 {
			return
		}
		differs = a
	}
	if differs < 0 {
		return
	}
	first, last := s.word(int(differs)), s.word(int(to.last-(from.last-differs)))
	if len(first) != len(last) || !allDigits(first) || !allDigits(last) || len(first) > 12 {
		return
	}
	low, top := number(first), number(last)
	if top <= low || top-low >= mostRange {
		return
	}
	k := key{first: from.first, last: to.last, digits: s.onlyDigits(from.first, from.last), state: from.state, decoy: from.decoy, made: true}
	text := make([]byte, 0, longestKey)
	for v := low; v <= top; v++ {
		text = text[:0]
		for i := from.first; i <= from.last; i++ {
			word := s.word(int(i))
			at := len(text)
			text = appendFit(text, word)
			for d, rest := len(text)-1, v; i == differs && d >= at; d, rest = d-1, rest/10 {
				text[d] = byte('0' + rest%10)
			}
		}
		s.visitText(k, text, visit)
	}
}

// shortened visits the numbers that short ones behind a number stand for: 2026-00232 + 33, 412001, 02 and 03.
func (s *scan) shortened(i int, visit func(key) bool) {
	const most = 30
	t := s.tokens[i]
	head := s.word(int(t.last))
	if t.notNumber || trailingDigits(head) < 4 {
		return
	}
	var full []byte
	for a := t.first; a <= t.last; a++ {
		full = appendFit(full, s.word(int(a)))
	}
	for n, j := 0, i+1; n < most && j < len(s.tokens); n, j = n+1, j+1 {
		next := s.tokens[j]
		if next.letters && next.first == next.last && listWords[string(s.word(int(next.first)))] && j+1 < len(s.tokens) {
			j++
			next = s.tokens[j]
		} else if !s.listed(next) {
			return
		}
		tail := s.word(int(next.first))
		if next.first != next.last || !next.digits || next.notNumber || len(tail) >= trailingDigits(full) || next.decoy > likeDay {
			return
		}
		text := append([]byte(nil), full...)
		copy(text[len(text)-len(tail):], tail)
		s.visitText(key{first: next.first, last: next.last, digits: allDigits(text), state: t.state, decoy: t.decoy, made: true, loose: true}, text, visit)
		full = text
	}
}

// listed reports a token that a comma, a plus or an ampersand parts from the one before.
func (s *scan) listed(t token) bool {
	commas := 0
	for at := s.atoms[t.first].start - 1; at >= 0 && !isLetter(s.folded[at]) && !isDigit(s.folded[at]); at-- {
		switch s.folded[at] {
		case ',', '+', '&', ';':
			commas++
		case ' ', '\n', '\r':
		default:
			return false
		}
	}
	return commas == 1
}

// expand visits every number between two; the last may be shortened (1001-04) or repeat the letters before the digits.
func (s *scan) expand(t token, from, to []byte, visit func(key) bool) {
	n, m := trailingDigits(from), trailingDigits(to)
	prefix := from[:len(from)-n]
	if n == 0 || n > 12 || m == 0 || m > n || (m < len(to) && string(to[:len(to)-m]) != string(prefix)) {
		return
	}
	high := append([]byte(nil), from[len(from)-n:]...)
	copy(high[n-m:], to[len(to)-m:])
	low, top := number(from[len(from)-n:]), number(high)
	if top <= low || top-low >= mostRange {
		return
	}
	text := append([]byte(nil), from...)
	for v := low; v <= top; v++ {
		for i, rest := len(text)-1, v; i >= len(prefix); i, rest = i-1, rest/10 {
			text[i] = byte('0' + rest%10)
		}
		s.visitText(key{first: t.first, last: t.last, digits: len(prefix) == 0, state: t.state, decoy: t.decoy, made: true}, text, visit)
	}
}

// joins visits the token together with the ones behind it: numbers are broken by blanks and line ends.
func (s *scan) joins(i int, visit func(key) bool) {
	head := s.tokens[i]
	if !s.begins(head) {
		return
	}
	grouped := head.digits || s.isCreditorHead(head)
	k := key{first: head.first, digits: head.digits, state: head.state, decoy: head.decoy, joined: true}
	if s.run == nil {
		s.run = make([]byte, 0, longestKey)
	}
	text := s.run[:0]
	for a := head.first; a <= head.last; a++ {
		text = appendFit(text, s.word(int(a)))
	}
	for n, j := 2, i+1; j < len(s.tokens); n, j = n+1, j+1 {
		next := s.tokens[j]
		gap := s.atoms[next.first].gap
		blank := gap == gapBlank || gap == gapRange || gap == gapLoose || n == 2 && head.letters && gap == gapBreak
		grouped = grouped && next.digits
		if next.letters || next.notNumber || !blank || n > mostJoined && !(grouped && n <= mostGroups) {
			return
		}
		for a := next.first; a <= next.last; a++ {
			text = appendFit(text, s.word(int(a)))
		}
		if len(text) == longestKey {
			return
		}
		k.last, k.digits, k.decoy = next.last, k.digits && next.digits, max(k.decoy, next.decoy)
		if head.letters && n == 2 {
			k.state = next.state
		}
		s.visitText(k, text, visit)
	}
}

// begins reports whether a number may be broken behind the token: a word only where it is short enough to be part of it.
func (s *scan) begins(t token) bool {
	const prefix = 3
	if !t.letters {
		return !t.notNumber
	}
	word := s.span(t)
	said, announces := s.announces(word)
	return len(word) <= prefix+2 && (!announces || len(word) <= prefix && (said == stateItem || said == stateOrder))
}

func (s *scan) isCreditorHead(t token) bool {
	word := s.word(int(t.first))
	return t.first == t.last && len(word) == 4 && string(word[:2]) == "RF"
}

// appendFit appends as much of more as fits into a key.
func appendFit(text, more []byte) []byte {
	return append(text, more[:min(len(more), longestKey-len(text))]...)
}
