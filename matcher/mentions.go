package matcher

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// mention says that a receipt names an item, how strongly, and where.
type mention struct {
	item        int32
	weight      weight
	kind        keyKind
	from        origin
	points      int
	first, last int32 // atoms of the text it stands in
	joined      bool
	made        bool // expanded from a list or a range
	shared      bool // its key names several items
	announced   bool // a word such as "invoice" stands before it
	lettered    bool // holds letters: no phone number and no date looks like it
	own         bool // of a customer that the payer pays for
	contradicts bool // an application of the payer that leaves the item out is in doubt, however weak the mention is
	place       bool // four or five digits before a word, as postal codes are
	seen        string
}

// weight says what a mention may do.
type weight uint8

const (
	hint   weight = iota // ranks proposals only
	faint                // counts where payer and amount agree
	strong               // names the item
)

// mostShared is how many items may share a key that still names any of them.
const mostShared = 200

// hit is a key of the receipt that items have.
type hit struct {
	key
	from  origin
	head  int32
	place bool
	again bool // stands in the full number of a stranger's item
	seen  string
}

// lost is a number that could be an item's and that no item has.
type lost struct {
	from        origin
	first, last int32
	announced   bool
	seen        string
}

// reader reads receipts; it owns the buffers for it.
type reader struct {
	w     *world
	scan  scan
	names nameReader
	key   []byte
	// Customers that the keys of a payer lead to.
	holders, starts []int32
	hits            []hit
	lost            []lost
}

// read finds the payer and what the receipt names.
func (rd *reader) read(q *inquiry, r *recon.Receipt) {
	q.w, q.r, q.payer = rd.w, r, rd.findPayer(r)
	rd.hits, rd.lost = rd.hits[:0], rd.lost[:0]
	var theirs hit
	eachReceiptKey(&rd.scan, r, func(k key, from origin) bool {
		if head := rd.w.keys.head(k.text); head >= 0 && !(k.inner && rd.strayTail(head, k, from)) {
			h := hit{key: k, from: from, head: head, place: from >= fromText && rd.scan.likePlace(k), seen: string(k.text)}
			h.again = theirs.from == from && theirs.first <= k.first && theirs.last >= k.last && theirs.seen != "" && theirs.seen != h.seen
			rd.hits = append(rd.hits, h)
			full := rd.w.keys.postings[head].of.kind <= keyNumber && !k.made && !k.joined
			if full && !q.mayName(head) {
				theirs, full = h, false
			}
			return full
		}
		rd.foreignOrLost(q, k, from)
		return false
	})
	for _, reference := range r.Structured {
		if q.unknown == "" && brokenReference(reference) {
			q.unknown = squeeze(reference)
		}
	}
	for i := range rd.hits {
		q.addMentions(&rd.hits[i])
	}
	q.settleMentions()
	rd.keepLost(q)
	q.readSpellings()
}

// strayTail reports a part of a number of several groups that is only the last group of items, while what stands before it is no
// number of a list: INV/2025/4289 is another number than INV/2026/4289.
func (rd *reader) strayTail(head int32, k key, from origin) bool {
	for p := head; p >= 0; p = rd.w.keys.postings[p].next {
		if rd.w.keys.postings[p].of.kind != keyTail {
			return false
		}
	}
	return !slices.ContainsFunc(rd.hits, func(h hit) bool { return h.from == from && h.last == k.first-1 && len(h.seen) == len(k.text) })
}

// mayName reports whether a key names an item of the payer, or the payer is unknown. A number that is only a stranger's is
// taken apart further: it may be the payer's way to write its own.
func (q *inquiry) mayName(head int32) bool {
	if len(q.payer.reach) == 0 {
		return true
	}
	for p := head; p >= 0; p = q.w.keys.postings[p].next {
		if q.owns(q.w.keys.postings[p].of.item) {
			return true
		}
	}
	return false
}

// owns reports whether the item is of a customer that the payer pays for.
func (q *inquiry) owns(i int32) bool { return slices.Contains(q.payer.reach, q.w.items[i].owner) }

// likePlace reports four or five digits inside a text, before a word that announces nothing: a postal code is as likely as an item.
func (s *scan) likePlace(k key) bool {
	carried := k.first > 0 && s.atoms[k.first-1].digit // what announced the number before it
	if !k.digits || k.first == 0 || k.state == stateItem && !carried || len(k.text) < 4 || len(k.text) > 5 || int(k.last)+1 >= len(s.atoms) {
		return false
	}
	next := s.atoms[k.last+1]
	_, announces := s.announces(s.word(int(k.last) + 1))
	return next.gap == gapBlank && !next.digit && !announces
}

// foreignOrLost keeps the first key of a sister company's item, and numbers that nobody has.
func (rd *reader) foreignOrLost(q *inquiry, k key, from origin) {
	if k.decoy > likeDay {
		return
	}
	bare := k.state == stateNone && from == fromText && len(k.text) > shortestKey && !q.isYear(k.text) && !rd.scan.likePlace(k)
	if bare && len(q.payer.reach) > 0 && !k.joined && !k.made && hasDigit(k.text) {
		rd.lost = append(rd.lost, lost{from, k.first, k.last, false, string(k.text)})
	}
	if k.decoy != noDecoy {
		return
	}
	known := len(k.text) >= rd.w.set.References.MinKey && (!k.digits || k.state == stateItem)
	if entity, ok := rd.w.foreign[string(k.text)]; ok && q.foreign == "" && known {
		q.foreign, q.foreignKey = entity, string(k.text)
	}
	if k.joined || k.made || !hasDigit(k.text) {
		return
	}
	if k.state == stateOrder && q.order == "" && from == fromText {
		q.order = string(rd.scan.folded[rd.scan.atoms[k.first].start:rd.scan.atoms[k.last].end])
	}
	if k.state == stateItem && from <= fromText && !q.isYear(k.text) && !(from == fromText && rd.scan.likePlace(k)) {
		rd.lost = append(rd.lost, lost{from, k.first, k.last, true, string(k.text)})
	}
}

// isYear reports the year of the receipt, the one before or after: people write it behind everything.
func (q *inquiry) isYear(text []byte) bool {
	if !likeYear(text) || !allDigits(text) {
		return false
	}
	year := int64(q.r.Booked) / 10000
	return number(text) >= year-1 && number(text) <= year+1
}

// keepLost keeps the first announced number that no item has, and whether unannounced ones look like numbers of the payer's
// items. What is part of a number that an item has is not lost.
func (rd *reader) keepLost(q *inquiry) {
	for _, l := range rd.lost {
		if slices.ContainsFunc(rd.hits, func(h hit) bool { return h.from == l.from && h.first <= l.first && h.last >= l.last }) {
			continue
		}
		if l.announced && q.unknown == "" {
			q.unknown = l.seen
		}
		if !l.announced && q.alike == "" && q.likeOwn(l.seen) {
			q.alike = l.seen
		}
	}
}

// likeOwn reports whether text has the letters, or none, and the length of the number of an item of the payer.
func (q *inquiry) likeOwn(text string) bool {
	const most = 64
	letters := len(text) - trailingDigits([]byte(text))
	for _, c := range q.payer.reach {
		from, to := q.w.customers[c].from, q.w.customers[c].to
		for i := max(from, to-most); i < to; i++ {
			number := squeeze(q.w.items[i].Number)
			if letters == 0 {
				number = number[len(number)-trailingDigits([]byte(number)):]
			}
			if len(number) == len(text) && number[:letters] == text[:letters] && trailingDigits([]byte(number)) == len(text)-letters {
				return true
			}
		}
	}
	return false
}

func hasDigit(text []byte) bool { return slices.ContainsFunc(text, isDigit) }

// addMentions adds the items of a hit. Of several kinds the strongest counts: the full number of one item outranks the
// digits of another's. But where the full number is not the payer's, the weaker kinds count too that could be what it meant:
// whatever is its own, the digits of other customers' numbers, and orders where one is announced. A key that names items of
// several customers, or several items of one kind other than an order, is shared: only the payer can tell.
//
// A key of very many items names none of them.
func (q *inquiry) addMentions(h *hit) {
	w, postings := q.w, q.w.keys.postings
	strongest, own := keyTail, false
	for p := h.head; p >= 0; p = postings[p].next {
		strongest = min(strongest, max(postings[p].of.kind, keyNumber))
	}
	for p := h.head; p >= 0; p = postings[p].next {
		own = own || max(postings[p].of.kind, keyNumber) == strongest && q.owns(postings[p].of.item)
	}
	belongs := func(p itemKey) bool {
		if h.again {
			return q.owns(p.item)
		}
		return max(p.kind, keyNumber) == strongest || !own && (q.owns(p.item) || p.kind <= keyCore || p.kind == keyOrder && h.state == stateOrder)
	}
	owners, n, last, mixed, theirs := [2]int32{nobody, nobody}, 0, nobody, false, false
	for p := h.head; p >= 0; p = postings[p].next {
		if !belongs(postings[p].of) || postings[p].of.item == last {
			continue
		}
		if n == mostShared {
			return // half the ledger has it: it names nothing
		}
		last = postings[p].of.item
		n++
		mixed = mixed || postings[p].of.kind != keyOrder
		theirs = theirs || q.owns(last)
		if owner := w.items[last].owner; owners[0] == nobody || owners[0] == owner {
			owners[0] = owner
		} else {
			owners[1] = owner
		}
	}
	sameOwner := owners[1] == nobody
	shared := !sameOwner || n > 1 && mixed
	for p := h.head; p >= 0; p = postings[p].next {
		if at := postings[p].of; belongs(at) && (!sameOwner || max(at.kind, keyNumber) == strongest) {
			m := q.mentionOf(h, at, shared)
			m.contradicts = m.contradicts && (m.own || !theirs)
			q.mentions = append(q.mentions, m)
		}
	}
}

func (q *inquiry) mentionOf(h *hit, p itemKey, shared bool) mention {
	if p.kind == keyReference && h.from >= fromText && h.seen == squeeze(q.w.items[p.item].Number) {
		p.kind = keyNumber // check digits of zero: the reference is the number, and proves no more than it
	}
	m := mention{item: p.item, kind: p.kind, from: h.from, first: h.first, last: h.last, joined: h.joined, made: h.made, seen: h.seen,
		announced: h.state == stateItem || h.from <= fromDocument, lettered: !h.digits, own: q.owns(p.item), place: h.place}
	m.points = q.mentionPoints(&m, h)
	decoy := h.decoy >= behindDecoy || h.decoy == likeDay && !(m.own && p.kind <= keyNumber)
	short := len(h.text) < q.w.set.References.MinKey || p.kind == keyTail
	if decoy && !(m.lettered && p.kind <= keyNumber && h.state != stateDecoy) {
		m.points = 15
	}
	switch {
	case h.loose, h.glued && !(h.state == stateItem && len(h.text) > q.w.set.References.MinKey && !shared && p.kind <= keyCore):
		m.weight = hint
		if m.own {
			m.weight = faint
		}
		m.shared = shared
	case decoy && m.points == 15, shared, short:
		m.weight = weakWeight(m.own && h.decoy != sureDecoy, m.announced && !decoy)
		if short && m.points > 30 {
			m.points = 30
		}
		if shared {
			m.shared = true
			m.points -= 10
			q.shared = q.shared || !m.own && !short && !decoy
		}
	case m.lettered || m.announced || m.own || p.kind <= keyNumber && h.from != fromAdditional:
		m.weight = strong
	default:
		m.weight = faint
	}
	m.contradicts = m.own && !h.loose && !h.glued || m.weight == strong || !decoy && (m.announced || m.lettered)
	return m
}

// weakWeight is the weight of a key that proves nothing by itself.
func weakWeight(agreed, announced bool) weight {
	switch {
	case agreed && announced:
		return strong
	case agreed:
		return faint
	}
	return hint
}

func (q *inquiry) mentionPoints(m *mention, h *hit) int {
	points := 0
	switch m.kind {
	case keyReference:
		points = 50
		if q.issued(h) {
			points = 53
			if m.from == fromStructured {
				points = 55
			}
		}
	case keyNumber:
		switch {
		case m.from <= fromDocument:
			points = 50
		case m.from == fromEndToEnd:
			points = 46
		case m.lettered || m.announced:
			points = 48
		default:
			points = 44
		}
	default:
		points = map[keyKind]int{keyBare: 42, keyCore: 40, keyOrder: 38, keyTail: 25}[m.kind]
		if m.kind == keyCore && m.announced {
			points = 42
		}
	}
	if m.kind != keyReference && (h.joined || h.made || m.from == fromAdditional) {
		points -= 2
	}
	return points
}

// issued reports whether the key has the check digits of a scheme that we print.
func (q *inquiry) issued(h *hit) bool {
	schemes := recon.CheckReference(h.seen)
	return slices.ContainsFunc(schemes, func(s recon.Scheme) bool {
		return len(q.w.set.References.Schemes) == 0 || slices.Contains(q.w.set.References.Schemes, string(s))
	})
}

// settleMentions keeps the strongest mention of each item and drops what stands inside a longer one. Where a number put
// together across blanks holds another one, both stay: see alternatives.
func (q *inquiry) settleMentions() {
	if len(q.mentions) == 0 {
		return
	}
	slices.SortStableFunc(q.mentions, func(a, b mention) int {
		return cmp.Or(cmp.Compare(a.item, b.item), cmp.Compare(b.weight, a.weight), cmp.Compare(b.points, a.points))
	})
	q.mentions = slices.CompactFunc(q.mentions, func(a, b mention) bool { return a.item == b.item })
	if len(q.mentions) > 1 {
		q.demoteStrangers()
		all := q.mentions
		q.mentions = slices.DeleteFunc(slices.Clone(all), func(m mention) bool {
			return insideLonger(m, all) && (!m.own || q.usable(m.item))
		})
		q.demoteOrders()
	}
	slices.SortStableFunc(q.mentions, func(a, b mention) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.first, b.first), cmp.Compare(a.item, b.item))
	})
}

// insideLonger reports a mention inside a longer one of at least its weight; a joined one only swallows weaker kinds.
func insideLonger(m mention, all []mention) bool {
	return slices.ContainsFunc(all, func(o mention) bool {
		return contains(o, m) && o.weight >= m.weight && (!o.joined || m.kind > keyNumber || m.weight < strong)
	})
}

// contains reports whether o covers m and more in the same field.
func contains(o, m mention) bool {
	return o.item != m.item && !o.made && o.from == m.from && o.from >= fromText && o.first <= m.first && o.last >= m.last && o.last-o.first > m.last-m.first
}

// demoteStrangers takes back another customer's item whose number holds the number of an item of the payer: both could be meant.
func (q *inquiry) demoteStrangers() {
	for i := range q.mentions {
		m := &q.mentions[i]
		if m.own || m.weight == hint || m.from < fromText {
			continue
		}
		if slices.ContainsFunc(q.mentions, func(o mention) bool {
			return o.own && o.weight > hint && o.from == m.from && o.kind <= keyCore && !o.made && !o.joined && m.first <= o.first && m.last >= o.last
		}) {
			m.weight, m.shared, q.shared = hint, true, true
		}
	}
}

// demoteOrders takes the items of an order back where the receipt names items themselves.
func (q *inquiry) demoteOrders() {
	named := slices.ContainsFunc(q.mentions, func(m mention) bool { return m.weight == strong && m.kind != keyOrder })
	for i := range q.mentions {
		if m := &q.mentions[i]; named && m.kind == keyOrder {
			m.weight = hint
			m.contradicts = m.own && !q.usable(m.item)
		}
	}
}
