package matcher

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// world is the book in the form that matching needs: flat, indexed, in an order that does not depend on the input's.
// While receipts are read it does not change; while they are served each connected part changes on its own.
type world struct {
	set       *rules.Set
	items     []item     // by customer, oldest first
	customers []customer // by code
	heads     map[string]int32
	postings  []posting
	byID      map[int64]int32
	byCode    map[string]int32
	payers    map[string][]namesake
	named     map[string]int // how many customers have a word in their names
	common    []string       // where a larger book was counted, sorted
	mandates  map[string][]int32
	foreign   map[string]string
}

// item is an open item with what is left of it in this run.
type item struct {
	*recon.Item
	owner int32
	left  int64
	taken bool // settled or lowered in this run
}

// customer is a customer with its items, items[from:to].
type customer struct {
	*recon.Customer
	from, to int32
	pays     []int32 // itself and whose items it settles
	changes  int     // of its items in this run
	written  []recon.WriteOffUse
	settled  []lately
}

// lately is an item that was settled not long ago.
type lately struct {
	amountMinor int64
	on          recon.Date
}

// posting says that an item has a key; next is the following item with the same key, -1 at the end.
type posting struct {
	item, next int32
	kind       keyKind
}

// namesake is a customer found under a payer key.
type namesake struct {
	customer int32
	alias    bool
}

const nobody int32 = -1

func newWorld(book *recon.Book, receipts []recon.Receipt, set *rules.Set) *world {
	w := &world{set: set, common: book.Common}
	w.addCustomers(book, receipts)
	w.addItems(book.Items)
	w.indexItems()
	w.indexPayers()
	w.mandates = map[string][]int32{}
	for _, link := range book.Mandates {
		if c, ok := w.byCode[link.Customer]; ok && !slices.Contains(w.mandates[link.Mandate], c) {
			w.mandates[link.Mandate] = append(w.mandates[link.Mandate], c)
		}
	}
	w.foreign = make(map[string]string, len(book.Foreign))
	for _, f := range book.Foreign {
		if known, twice := w.foreign[f.Key]; !twice || f.Entity < known {
			w.foreign[f.Key] = f.Entity
		}
	}
	w.addHistory(book)
	return w
}

// addCustomers takes the customers of the book and makes bare ones for codes that only items and receipts name.
func (w *world) addCustomers(book *recon.Book, receipts []recon.Receipt) {
	w.byCode = make(map[string]int32, len(book.Customers))
	for i := range book.Customers {
		w.customers = append(w.customers, customer{Customer: &book.Customers[i]})
		w.byCode[book.Customers[i].Code] = 0
	}
	bare := func(code string) {
		if _, known := w.byCode[code]; !known && code != "" {
			w.customers = append(w.customers, customer{Customer: &recon.Customer{Code: code}})
			w.byCode[code] = 0
		}
	}
	for i := range book.Items {
		bare(book.Items[i].Customer)
	}
	for i := range receipts {
		bare(receipts[i].Customer)
	}
	slices.SortFunc(w.customers, func(a, b customer) int { return strings.Compare(a.Code, b.Code) })
	for i, c := range w.customers {
		w.byCode[c.Code] = int32(i)
	}
	for i := range w.customers {
		c := &w.customers[i]
		c.pays = []int32{int32(i)}
		for _, code := range c.PaysFor {
			if other, ok := w.byCode[code]; ok && !slices.Contains(c.pays, other) {
				c.pays = append(c.pays, other)
			}
		}
		slices.Sort(c.pays)
	}
}

func (w *world) addItems(items []recon.Item) {
	w.items = make([]item, 0, len(items))
	for i := range items {
		if it := &items[i]; it.Side != recon.Payable && it.Customer != "" {
			w.items = append(w.items, item{Item: it, owner: w.byCode[it.Customer], left: it.OpenMinor})
		}
	}
	slices.SortFunc(w.items, func(a, b item) int { return cmp.Or(cmp.Compare(a.owner, b.owner), compareAge(a.Item, b.Item)) })
	w.byID = make(map[int64]int32, len(w.items))
	for i := range w.items {
		w.byID[w.items[i].ID] = int32(i)
		c := &w.customers[w.items[i].owner]
		if c.to == 0 {
			c.from = int32(i)
		}
		c.to = int32(i) + 1
	}
}

// compareAge orders items oldest first: due date, issue date, number. An item without due date is due when it is issued.
func compareAge(a, b *recon.Item) int {
	return cmp.Or(cmp.Compare(dueOn(a), dueOn(b)), cmp.Compare(a.IssueDate, b.IssueDate), compareNumbers(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
}

const never recon.Date = 99991231

func dueOn(it *recon.Item) recon.Date {
	return cmp.Or(it.DueDate, it.IssueDate, never)
}

// compareNumbers orders item numbers as people do: INV-9 before INV-10.
func compareNumbers(a, b string) int {
	for a != "" && b != "" {
		n, m := leadingDigits(a), leadingDigits(b)
		if n == 0 || m == 0 {
			if c := cmp.Compare(a[0], b[0]); c != 0 {
				return c
			}
			a, b = a[1:], b[1:]
			continue
		}
		x, y := strings.TrimLeft(a[:n], "0"), strings.TrimLeft(b[:m], "0")
		if c := cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y)); c != 0 {
			return c
		}
		a, b = a[n:], b[m:]
	}
	return cmp.Compare(len(a), len(b))
}

func leadingDigits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// indexItems links every key to its items, in their order.
func (w *world) indexItems() {
	keys := make([][]itemKey, len(w.items))
	each(len(w.items), func(i int) {
		eachItemKey(w.items[i].Item, func(k string, kind keyKind) { keys[i] = append(keys[i], itemKey{k, kind}) })
	})
	w.heads = make(map[string]int32, 3*len(w.items))
	w.postings = make([]posting, 0, 3*len(w.items))
	for i := len(w.items) - 1; i >= 0; i-- {
		for n := len(keys[i]) - 1; n >= 0; n-- {
			k := keys[i][n]
			next, known := w.heads[k.text]
			if !known {
				next = -1
			}
			w.heads[k.text] = int32(len(w.postings))
			w.postings = append(w.postings, posting{item: int32(i), next: next, kind: k.kind})
		}
	}
}

type itemKey struct {
	text string
	kind keyKind
}

// indexPayers links every payer key to its customers, in their order.
func (w *world) indexPayers() {
	keys := make([][]string, len(w.customers))
	each(len(w.customers), func(i int) { keys[i] = CustomerKeys(*w.customers[i].Customer) })
	w.payers = make(map[string][]namesake, 2*len(w.customers))
	w.named = map[string]int{}
	for i := range w.customers {
		var own []string
		others := len(w.customers[i].Aliases)+len(w.customers[i].Learned) > 0
		if others {
			own = nameKeys(nil, w.customers[i].Name)
		}
		w.countWords(keys[i])
		for _, k := range keys[i] {
			alias := others && !slices.Contains(own, k)
			w.payers[k] = append(w.payers[k], namesake{int32(i), alias})
		}
	}
}

// countWords counts the words of a customer's first name key.
func (w *world) countWords(keys []string) {
	for _, k := range keys {
		if name, ok := strings.CutPrefix(k, "name:"); ok {
			for word := range strings.SplitSeq(name, " ") {
				w.named[word]++
			}
			return
		}
	}
}

// addHistory remembers what was written off and settled before this run.
func (w *world) addHistory(book *recon.Book) {
	for _, use := range book.WriteOffs {
		if c, ok := w.byCode[use.Customer]; ok {
			w.customers[c].written = append(w.customers[c].written, use)
		}
	}
	for _, s := range book.Settled {
		i, ok := w.byID[s.Item]
		if !ok || w.items[i].left > 0 {
			continue
		}
		c := &w.customers[w.items[i].owner]
		c.settled = append(c.settled, lately{w.items[i].AmountMinor, s.Effective})
	}
}
