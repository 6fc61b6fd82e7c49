package matcher

import (
	"slices"

	"github.com/tieout/tieout/recon"
)

// inquiry is the search for what one receipt pays: what it names, who sent it, and what was found so far.
type inquiry struct {
	w        *world
	mem      *scratch // of the processor that serves it
	r        *recon.Receipt
	at       int // place in the work
	mentions []mention
	payer    payer

	foreign, foreignKey string // sister company whose item is named, "" for none
	unknown             string // announced number that no item has
	alike               string // unannounced number that no item has and that looks like those of the payer's items
	order               string // announced order that no item has
	shared              bool   // a key names items of several customers
	words               *words // read when needed
	unreadNumber        string // see unread
	lookedForUnread     bool

	// Found against the open amounts as they stand.
	namings []naming
	open    []int32 // the payer's open invoices, oldest first
	notes   []int32 // its open credit notes
	barred  int     // its open items in another currency
	found   []hypothesis
	stamp   int
	read    bool // found is filled

	decision *recon.Decision
	claimed  []claim // what it still wants although it is queued

	// In the round under way.
	contested []*inquiry // who contests its claims
	yields    bool       // it waits for others that are served before it

	rivals []int64
}

// naming is one reading of what the receipt names, with how its amount fits.
type naming struct {
	invoices, notes []int32 // oldest first
	order           []int32 // invoices as the text lists them
	points          int     // of the weakest mention
	customer        int32
	agreed          bool // all belong to whom the payer may pay for
	ambiguous       bool // another reading exists
	faint           bool // holds mentions that need the amount
	hinted          bool // rests on a key that proves nothing by itself
	structured      bool // all by structured reference of the payer
	byBank          bool // holds mentions that stand in the bank's own text only
	plain           bool // only digits that no word announced
	loose           bool // holds items that one key names together: an order, a number that several have
	disputed        bool
	gross           int64
	fit             fitting
	evidence        []recon.Evidence
}

// usable reports whether the receipt may pay the item at all.
func (q *inquiry) usable(i int32) bool {
	it := &q.w.items[i]
	return it.left > 0 && it.Currency == q.r.Currency && (it.simple || !it.Cancelled) && !q.declined(i)
}

// declined reports whether a person took the receipt back from the item.
func (q *inquiry) declined(i int32) bool {
	return len(q.r.Declined) > 0 && slices.Contains(q.r.Declined, q.w.items[i].ID)
}

// lookAtPayer reads what the payer has open, oldest first.
func (q *inquiry) lookAtPayer() {
	if cap(q.open) == 0 {
		q.open = q.mem.items.take(q.reachable())
	}
	q.open, q.notes, q.barred = q.open[:0], q.notes[:0], 0
	for _, c := range q.payer.reach {
		for i := q.w.customers[c].from; i < q.w.customers[c].to; i++ {
			switch it := &q.w.items[i]; {
			case !q.usable(i):
				if it.left > 0 && it.Currency != q.r.Currency && !it.Cancelled {
					q.barred++
				}
			case !it.simple && it.Kind == recon.CreditNote:
				q.notes = append(q.notes, i)
			default:
				q.open = append(q.open, i)
			}
		}
	}
	if len(q.payer.reach) > 1 {
		q.w.oldestFirst(q.open)
		q.w.oldestFirst(q.notes)
	}
}

// reachable counts the items of the customers whose items the payer may settle.
func (q *inquiry) reachable() int {
	n := 0
	for _, c := range q.payer.reach {
		n += int(q.w.customers[c].to - q.w.customers[c].from)
	}
	return n
}

// oldestFirst sorts items of several customers.
func (w *world) oldestFirst(items []int32) {
	slices.SortFunc(items, func(a, b int32) int { return compareAge(w.items[a].Item, w.items[b].Item) })
}

// readNamings reads the mentions: as they stand, the other way where joined numbers overlap with others, and with
// the faint ones.
func (q *inquiry) readNamings() {
	q.namings = q.namings[:0]
	if len(q.mentions) == 0 {
		return
	}
	overlap := q.overlaps()
	plain := q.naming(func(m mention) bool { return m.weight == strong && !(overlap && q.swallows(m)) })
	q.addNaming(plain, overlap)
	if overlap {
		q.addNaming(q.naming(func(m mention) bool { return m.weight == strong && !q.swallowed(m) }), true)
	}
	if slices.ContainsFunc(q.mentions, func(m mention) bool { return m.weight == faint && q.usable(m.item) }) {
		n := q.naming(func(m mention) bool { return m.weight >= faint })
		n.faint = true
		q.addNaming(n, false)
	}
	q.readHints()
}

// readHints adds each item that a weak key points to and whose amount agrees: a person should see it. Nothing of this is
// applied unattended.
func (q *inquiry) readHints() {
	const most = 3
	shown := 0
	for _, m := range q.mentions {
		if m.weight != hint || m.own || !q.usable(m.item) || shown == most {
			continue
		}
		n := q.naming(func(o mention) bool { return o.item == m.item })
		if f := q.explain(n.invoices, nil).fit; f.closes() {
			n.faint, n.hinted = true, true
			q.addNaming(n, true)
			shown++
		}
	}
}

func (q *inquiry) overlaps() bool { return slices.ContainsFunc(q.mentions, q.swallows) }

// swallows reports a joined number that holds another one.
func (q *inquiry) swallows(m mention) bool {
	return m.joined && m.weight == strong && slices.ContainsFunc(q.mentions, func(o mention) bool { return o.weight == strong && contains(m, o) })
}

func (q *inquiry) swallowed(m mention) bool {
	return slices.ContainsFunc(q.mentions, func(o mention) bool { return o.weight == strong && o.joined && contains(o, m) })
}

func (q *inquiry) addNaming(n naming, ambiguous bool) {
	if len(n.invoices)+len(n.notes) == 0 {
		return
	}
	for _, known := range q.namings {
		if slices.Equal(known.invoices, n.invoices) && slices.Equal(known.notes, n.notes) {
			return
		}
	}
	n.ambiguous = ambiguous
	n.fit = q.explain(n.invoices, n.notes)
	if cap(q.namings) == 0 {
		q.namings = q.mem.namings.take(1)
	}
	q.namings = append(q.namings, n)
}

// naming collects the usable items of the mentions that take accepts.
func (q *inquiry) naming(take func(mention) bool) naming {
	n := naming{points: 100, agreed: true, structured: true, plain: true, customer: nobody}
	n.invoices, n.order = q.mem.items.take(len(q.mentions)), q.mem.items.take(len(q.mentions))
	n.evidence = q.mem.named.take(len(q.mentions))
	for _, m := range q.mentions {
		if !take(m) || !q.usable(m.item) {
			continue
		}
		it := &q.w.items[m.item]
		if it.Kind == recon.CreditNote {
			n.notes = append(n.notes, m.item)
			n.gross -= it.left
		} else {
			n.invoices = append(n.invoices, m.item)
			n.order = append(n.order, m.item)
			n.gross += it.left
		}
		n.points = min(n.points, m.points)
		if n.customer == nobody {
			n.customer = it.owner
		}
		n.agreed = n.agreed && slices.Contains(q.payer.reach, it.owner)
		n.structured = n.structured && m.kind == keyReference && m.points >= 53 && m.from != fromAdditional
		n.byBank = n.byBank || m.from == fromAdditional
		n.plain = n.plain && !m.announced && !m.lettered
		n.loose = n.loose || m.kind == keyOrder || m.shared
		n.disputed = n.disputed || it.Dispute != nil
		n.evidence = append(n.evidence, recon.Evidence{Factor: recon.FactorReference, Code: m.code(), Item: it.ID, Seen: m.seen})
	}
	q.w.oldestFirst(n.invoices)
	q.w.oldestFirst(n.notes)
	if len(n.evidence) > 0 {
		n.evidence[0].Points = n.points
	}
	return n
}

// code names how an item was mentioned.
func (m mention) code() string {
	switch m.kind {
	case keyReference:
		return "structured"
	case keyBare:
		return "structured_without_check"
	case keyCore:
		return "digits"
	case keyOrder:
		return "order"
	case keyTail:
		return "last_group"
	}
	switch m.from {
	case fromStructured, fromDocument:
		return "document_number"
	case fromEndToEnd:
		return "end_to_end"
	}
	return "number"
}

// settledMention returns the first item that nothing is open of and that is named strongly, or is the payer's own and named
// at all, and whether there is one.
func (q *inquiry) settledMention() (int32, bool) {
	return q.mentioned(func(it *item) bool { return it.left == 0 && !it.Cancelled })
}

// mentioned returns the first item that fits and is named strongly, or is the payer's own and named at all.
func (q *inquiry) mentioned(fits func(*item) bool) (int32, bool) {
	for _, m := range q.mentions {
		if (m.weight == strong || m.own && m.contradicts) && fits(&q.w.items[m.item]) {
			return m.item, true
		}
	}
	return 0, false
}

// watched sums the changes of all customers that the findings depend on.
func (q *inquiry) watched() int {
	sum := 0
	for _, c := range q.payer.reach {
		sum += q.w.customers[c].changes
	}
	for _, c := range q.payer.candidates {
		sum += q.w.customers[c].changes
	}
	for _, m := range q.mentions {
		sum += q.w.customers[q.w.items[m.item].owner].changes
	}
	return sum
}
