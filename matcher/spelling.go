package matcher

import (
	"slices"

	"github.com/tieout/tieout/recon"
)

// readSpellings looks for the numbers of the payer's own items in what nobody could read of the text: glued to words, without
// the zeros that lead a group, with the groups in another order, cut at the end, with letters that look like digits. A spelling that
// fits one item only names it faintly: the amount has to confirm it.
func (q *inquiry) readSpellings() {
	if len(q.payer.reach) == 0 || q.r.Text == "" || q.namedOwn() || q.unread() == "" {
		return
	}
	var s scan
	if len(q.r.Lines) > 0 {
		s.read(q.r.Lines...)
	} else {
		s.read(q.r.Text)
	}
	own := q.ownNumbers()
	for _, t := range s.tokens {
		if !s.mayBeNumber(t) || q.covers(t) {
			continue
		}
		if item, sole := q.spelled(&s, t, own); sole {
			q.mentions = append(q.mentions, mention{item: item, weight: faint, kind: keyTail, from: fromText, points: pointsSpelled, first: t.first, last: t.last,
				announced: t.state == stateItem, own: true, contradicts: true, seen: string(s.span(t))})
		}
	}
	q.lookedForUnread = false
}

// pointsSpelled is for a number that was not written as it is.
const pointsSpelled = 25

// namedOwn reports whether the receipt names an item of the payer already.
func (q *inquiry) namedOwn() bool {
	return slices.ContainsFunc(q.mentions, func(m mention) bool { return m.own && m.weight > hint })
}

// mayBeNumber reports a token that nothing says is anything but the number of an item. What only has the shape of an account number, and no
// check digits of one, may be a number with something glued to it.
func (s *scan) mayBeNumber(t token) bool {
	glued := t.decoy == sureDecoy && !t.digits && !t.notNumber && looksLikeAccount(s.span(t)) && !recon.ValidIBAN(string(s.span(t)))
	return !t.letters && (t.decoy == noDecoy || glued) && t.state <= stateItem && s.digitsIn(t) >= shortestKey
}

// ownNumber is the number of an item of the payer in its runs of letters and digits.
type ownNumber struct {
	item int32
	runs []string
}

// mostSpelled is how many items of a payer are compared with what nobody could read.
const mostSpelled = 300

func (q *inquiry) ownNumbers() []ownNumber {
	var own []ownNumber
	for _, c := range q.payer.reach {
		from, to := q.w.customers[c].from, q.w.customers[c].to
		for i := max(from, to-mostSpelled); i < to; i++ {
			if runs := runsOf([]byte(string(fold(nil, q.w.items[i].Number)))); len(runs) > 0 {
				own = append(own, ownNumber{i, runs})
			}
		}
	}
	return own
}

// runsOf cuts text into its runs of letters and of digits.
func runsOf(text []byte) (runs []string) {
	for i := 0; i < len(text); {
		j := i
		switch {
		case isDigit(text[i]):
			for j < len(text) && isDigit(text[j]) {
				j++
			}
		case isLetter(text[i]):
			for j < len(text) && isLetter(text[j]) {
				j++
			}
		default:
			i++
			continue
		}
		runs = append(runs, string(text[i:j]))
		i = j
	}
	return runs
}

// spelled returns the one item whose number the token spells.
func (q *inquiry) spelled(s *scan, t token, own []ownNumber) (int32, bool) {
	token := s.span(t)
	runs, plain := runsOf(token), runsOf(withoutLookAlikes(token))
	found := nobody
	for _, n := range own {
		if !n.glued(runs) && !n.glued(plain) && !n.turned(runs) && !n.cut(runs) {
			continue
		}
		if found != nobody && found != n.item {
			return nobody, false
		}
		found = n.item
	}
	return found, found != nobody
}

// withoutLookAlikes writes the digits that letters beside digits look like.
func withoutLookAlikes(token []byte) []byte {
	plain := slices.Clone(token)
	for i, c := range plain {
		beside := i > 0 && isDigit(plain[i-1]) || i+1 < len(token) && isDigit(token[i+1])
		switch {
		case !beside:
		case c == 'O':
			plain[i] = '0'
		case c == 'I', c == 'L':
			plain[i] = '1'
		}
	}
	for i := len(plain) - 2; i >= 0; i-- { // a row of them, from the digit behind it
		if plain[i] == 'O' && isDigit(plain[i+1]) {
			plain[i] = '0'
		}
	}
	return plain
}

// glued reports whether the runs of the number follow each other in the token, whole and up to leading zeros; letters may be glued to
// words before them, and be left out in front. What is left beside it holds no digits that could belong to it.
func (n ownNumber) glued(token []string) bool {
	runs := n.runs
	if isLetter(runs[0][0]) && len(runs) > 1 && !follows(token, runs) {
		runs = runs[1:]
	}
	return digitCount(runs) > shortestKey && follows(token, runs)
}

// follows reports whether runs stand in the token one behind the other.
func follows(token, runs []string) bool {
	for i := 0; i+len(runs) <= len(token); i++ {
		same := true
		for j, run := range runs {
			same = same && alikeRun(token[i+j], run, j == 0, j == len(runs)-1)
		}
		if same && !(i > 0 && isDigit(token[i-1][0]) && isDigit(runs[0][0])) && !(i+len(runs) < len(token) && isDigit(token[i+len(runs)][0]) && isDigit(runs[len(runs)-1][0])) {
			return beside(token[:i], -1) && beside(token[i+len(runs):], 0)
		}
	}
	return false
}

// beside reports whether what stands before or behind a number may be glued to it: a word, not the one or two letters that make another
// number of it.
func beside(others []string, at int) bool {
	const word = 3
	if len(others) == 0 {
		return true
	}
	if at < 0 {
		at = len(others) - 1
	}
	return isDigit(others[at][0]) || len(others[at]) >= word || announcing[others[at]] == stateItem
}

// alikeRun compares a run of a token with one of a number: digits up to leading zeros, letters as the end of a glued word where they come
// first, and as the beginning where they come last.
func alikeRun(token, run string, first, last bool) bool {
	switch {
	case isDigit(token[0]) != isDigit(run[0]):
		return false
	case isDigit(run[0]):
		return string(trimZeros([]byte(token))) == string(trimZeros([]byte(run)))
	case first && len(token) >= len(run):
		return token[len(token)-len(run):] == run
	case last && len(token) >= len(run):
		return token[:len(run)] == run
	}
	return token == run
}

// turned reports whether the token has the digits of the number in another order of its groups, and no others.
func (n ownNumber) turned(token []string) bool {
	theirs, ours := digitRunsOf(token), digitRunsOf(n.runs)
	if len(ours) < 2 && (len(n.runs) < 2 || len(token) < 2) || len(theirs) != len(ours) {
		return false
	}
	slices.Sort(theirs)
	slices.Sort(ours)
	return digitCount(n.runs) > shortestKey && slices.Equal(theirs, ours)
}

func digitRunsOf(runs []string) (digits []string) {
	for _, run := range runs {
		if isDigit(run[0]) {
			digits = append(digits, string(trimZeros([]byte(run))))
		}
	}
	return digits
}

func digitCount(runs []string) (n int) {
	for _, run := range runs {
		if isDigit(run[0]) {
			n += len(run)
		}
	}
	return n
}

// cut reports whether the token is the number without its last one or two digits.
func (n ownNumber) cut(token []string) bool {
	const least, most = 4, 2
	if len(token) != len(n.runs) || digitCount(token) < least {
		return false
	}
	last := len(token) - 1
	missing := len(n.runs[last]) - len(token[last])
	return slices.Equal(token[:last], n.runs[:last]) && missing >= 1 && missing <= most && n.runs[last][:len(token[last])] == token[last]
}
