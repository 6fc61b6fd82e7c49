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
	from origin
	head int32
	seen string
}

// reader reads receipts; it owns the buffers for it.
type reader struct {
	w    *world
	scan scan
	hits []hit
}

// read finds the payer and what the receipt names.
func (rd *reader) read(r *recon.Receipt) *inquiry {
	q := &inquiry{w: rd.w, r: r, payer: rd.w.findPayer(r)}
	rd.hits = rd.hits[:0]
	eachReceiptKey(&rd.scan, r, func(k key, from origin) bool {
		head, known := rd.w.heads[string(k.text)]
		if known {
			rd.hits = append(rd.hits, hit{k, from, head, string(k.text)})
			return rd.w.postings[head].kind <= keyNumber && !k.made && !k.joined
		}
		rd.foreignOrUnknown(q, k, from)
		return false
	})
	for i := range rd.hits {
		q.addMentions(&rd.hits[i])
	}
	q.settleMentions()
	return q
}

// foreignOrUnknown keeps the first key of a sister company's item, and the first announced number that nobody has.
func (rd *reader) foreignOrUnknown(q *inquiry, k key, from origin) {
	if k.decoy {
		return
	}
	known := len(k.text) >= rd.w.set.References.MinKey && (!k.digits || k.state == stateItem)
	if entity, ok := rd.w.foreign[string(k.text)]; ok && q.foreign == "" && known {
		q.foreign, q.foreignKey = entity, string(k.text)
	}
	if k.state == stateItem && !k.joined && !k.made && q.unknown == "" && from <= fromText && hasDigit(k.text) {
		q.unknown = string(k.text)
	}
	if k.state == stateOrder && !k.joined && !k.made && q.order == "" && from == fromText && hasDigit(k.text) {
		q.order = string(rd.scan.folded[rd.scan.atoms[k.first].start:rd.scan.atoms[k.last].end])
	}
}

func hasDigit(text []byte) bool { return slices.ContainsFunc(text, isDigit) }

// addMentions adds the items of a hit. Of several kinds only the strongest counts: the full number of one item outranks
// the digits of another's. A key that still names items of several customers, or several items of one kind other than
// an order, is shared: only the payer can tell.
//
// A key of very many items names none of them.
func (q *inquiry) addMentions(h *hit) {
	w := q.w
	strongest := keyTail
	owners, n, last := [2]int32{nobody, nobody}, 0, nobody
	for p := h.head; p >= 0; p = w.postings[p].next {
		strongest = min(strongest, max(w.postings[p].kind, keyNumber))
	}
	belongs := func(p int32) bool { return max(w.postings[p].kind, keyNumber) == strongest }
	for p := h.head; p >= 0; p = w.postings[p].next {
		if !belongs(p) || w.postings[p].item == last {
			continue
		}
		if n == mostShared {
			return // half the ledger has it: it names nothing
		}
		last = w.postings[p].item
		n++
		if owner := w.items[last].owner; owners[0] == nobody || owners[0] == owner {
			owners[0] = owner
		} else {
			owners[1] = owner
		}
	}
	shared := owners[1] != nobody || n > 1 && strongest != keyOrder
	for p := h.head; p >= 0; p = w.postings[p].next {
		if belongs(p) {
			q.mentions = append(q.mentions, q.mentionOf(h, w.postings[p], shared))
		}
	}
}

func (q *inquiry) mentionOf(h *hit, p posting, shared bool) mention {
	m := mention{item: p.item, kind: p.kind, from: h.from, first: h.first, last: h.last, joined: h.joined, made: h.made, seen: h.seen,
		announced: h.state == stateItem || h.from <= fromDocument, lettered: !h.digits}
	m.points = q.mentionPoints(&m, h)
	agreed := slices.Contains(q.payer.reach, q.w.items[p.item].owner)
	short := len(h.text) < q.w.set.References.MinKey || p.kind == keyTail
	if h.decoy && !(m.lettered && p.kind <= keyNumber && h.state != stateDecoy) {
		m.points = 15
	}
	switch {
	case h.decoy && m.points == 15, shared, short:
		m.weight = weakWeight(agreed, m.announced && !h.decoy)
		if short && m.points > 30 {
			m.points = 30
		}
		if shared {
			m.shared = true
			m.points -= 10
			q.shared = q.shared || !agreed && !short && !h.decoy
		}
	case m.lettered || m.announced || agreed || p.kind <= keyNumber && h.from != fromAdditional:
		m.weight = strong
	default:
		m.weight = faint
	}
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
		all := q.mentions
		q.mentions = slices.DeleteFunc(slices.Clone(all), func(m mention) bool { return insideLonger(m, all) })
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

// demoteOrders takes the items of an order back where the receipt names items themselves.
func (q *inquiry) demoteOrders() {
	named := slices.ContainsFunc(q.mentions, func(m mention) bool { return m.weight == strong && m.kind != keyOrder })
	for i := range q.mentions {
		if m := &q.mentions[i]; named && m.kind == keyOrder {
			m.weight = hint
		}
	}
}
