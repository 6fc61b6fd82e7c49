package matcher

// unread returns the first number of the remittance text that nobody can account for: it is no item's, no date, no amount, and no word
// says that it is something else. "" where there is none. It may be what the payer means, written in a way that we cannot
// read, so nothing may be taken for granted beside it: not which of several equal items is paid, nor that a part of one is.
func (q *inquiry) unread() string {
	if q.lookedForUnread {
		return q.unreadNumber
	}
	q.lookedForUnread = true
	var s scan
	if len(q.r.Lines) > 0 {
		s.read(q.r.Lines...)
	} else {
		s.read(q.r.Text)
	}
	for i, t := range s.tokens {
		if (s.mayBeNumber(t) || s.brokenNumber(i)) && !t.notNumber && !s.isDecimal(t) && !q.covers(t) {
			q.unreadNumber = string(s.span(t))
			break
		}
	}
	return q.unreadNumber
}

// brokenNumber reports a token that holds a number together with the one behind it: a line may end within a number that words are glued to.
func (s *scan) brokenNumber(i int) bool {
	if i+1 == len(s.tokens) || s.atoms[s.tokens[i+1].first].gap != gapBlank {
		return false
	}
	a, b := s.tokens[i], s.tokens[i+1]
	glued := !a.letters && !a.digits || !b.letters && !b.digits
	return glued && a.decoy == noDecoy && a.state <= stateItem && isDigit(s.folded[s.atoms[a.last].end-1]) && isDigit(s.folded[s.atoms[b.first].start]) &&
		s.digitsIn(a)+s.digitsIn(b) >= shortestKey
}

// digitsIn is the length of the longest run of digits in a token.
func (s *scan) digitsIn(t token) int {
	longest, run := 0, 0
	for _, c := range s.span(t) {
		if !isDigit(c) {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// covers reports whether a mention in the text accounts for the token.
func (q *inquiry) covers(t token) bool {
	for _, m := range q.mentions {
		if m.from == fromText && m.first <= t.first && m.last >= t.last {
			return true
		}
	}
	return false
}
