package matcher

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// world is the book in the form that matching needs: flat, indexed, in an order that does not depend on the input's.
// While receipts are read it does not change; while they are served each connected part changes on its own.
type world struct {
	set       *rules.Set
	items     []item     // by customer, oldest first
	customers []customer // by code
	keys      *index[itemKey]
	places    places
	byCode    map[string]int32
	payers    *index[namesake]
	words     func() map[string]int // how many customers have a word in their names
	common    []string              // where a larger book was counted, sorted
	mandates  map[string][]int32
	foreign   map[string]string
}

// item is an open item with what is left of it in this run. What is asked of every item of a customer lies beside it: the
// items of the book lie in another order.
type item struct {
	*recon.Item
	ID       int64
	Currency recon.Currency
	simple   bool // an invoice that is not cancelled, not disputed, and paid in one
	owner    int32
	left     int64
	taken    bool  // settled or lowered in this run
	round    int   // of its part, in which it was used last
	claimed  int32 // first of the claims on it while rivals are looked for, plus 1
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

// itemKey says that an item has a key, and as what.
type itemKey struct {
	item int32
	kind keyKind
}

// namesake is a customer found under a payer key.
type namesake struct {
	customer int32
	alias    bool
}

const nobody int32 = -1

func newWorld(book *recon.Book, receipts []recon.Receipt, set *rules.Set) *world {
	w := &world{set: set, common: book.Common}
	owners := w.addCustomers(book, receipts)
	w.addItems(book.Items, owners)
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

// addCustomers takes the customers of the book, makes bare ones for codes that only items and receipts name, and returns the
// owner of each item.
func (w *world) addCustomers(book *recon.Book, receipts []recon.Receipt) (owners []int32) {
	w.customers = make([]customer, len(book.Customers))
	for i := range book.Customers {
		w.customers[i].Customer = &book.Customers[i]
	}
	w.sortCustomers()
	owners = w.ownersOf(book.Items)
	if w.addBare(book.Items, owners, receipts) {
		owners = w.ownersOf(book.Items)
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
	return owners
}

// sortCustomers brings the customers into the order of their codes.
func (w *world) sortCustomers() {
	byCode := func(a, b customer) int { return strings.Compare(a.Code, b.Code) }
	if !slices.IsSortedFunc(w.customers, byCode) {
		slices.SortFunc(w.customers, byCode)
	}
	w.byCode = make(map[string]int32, len(w.customers))
	for i, c := range w.customers {
		w.byCode[c.Code] = int32(i)
	}
}

// ownersOf returns the owner of each item, nobody where its customer is not known.
func (w *world) ownersOf(items []recon.Item) []int32 {
	owners := make([]int32, len(items))
	each(len(items), func(i int) {
		owner, known := w.byCode[items[i].Customer]
		if !known {
			owner = nobody
		}
		owners[i] = owner
	})
	return owners
}

// addBare adds customers of which nothing but the code is known, and reports whether there are any.
func (w *world) addBare(items []recon.Item, owners []int32, receipts []recon.Receipt) bool {
	known := len(w.customers)
	bare := func(code string) {
		if _, known := w.byCode[code]; !known && code != "" {
			w.customers = append(w.customers, customer{Customer: &recon.Customer{Code: code}})
			w.byCode[code] = nobody
		}
	}
	for i, owner := range owners {
		if owner == nobody {
			bare(items[i].Customer)
		}
	}
	for i := range receipts {
		if code := receipts[i].Customer; code != "" {
			bare(code)
		}
	}
	if len(w.customers) == known {
		return false
	}
	w.sortCustomers()
	return true
}

func newItem(it *recon.Item, owner int32) item {
	return item{Item: it, ID: it.ID, Currency: it.Currency, owner: owner, left: it.OpenMinor,
		simple: it.Kind != recon.CreditNote && !it.Cancelled && it.Dispute == nil && len(it.Instalments) == 0}
}

// addItems lays the items of one customer side by side, oldest first.
func (w *world) addItems(items []recon.Item, owners []int32) {
	ours := func(i int) bool { return items[i].Side != recon.Payable && items[i].Customer != "" }
	for i, owner := range owners {
		if ours(i) {
			w.customers[owner].to++
		}
	}
	next := make([]int32, len(w.customers))
	at := int32(0)
	for i := range w.customers {
		c := &w.customers[i]
		c.from, c.to, next[i] = at, at+c.to, at
		at = c.to
	}
	w.items = make([]item, at)
	for i, owner := range owners {
		if ours(i) {
			w.items[next[owner]] = newItem(&items[i], owner)
			next[owner]++
		}
	}
	each(len(w.customers), func(i int) {
		slices.SortFunc(w.items[w.customers[i].from:w.customers[i].to], func(a, b item) int { return compareAge(a.Item, b.Item) })
	})
	w.places = placesOf(w.items)
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
	w.keys = indexed(len(w.items), func(i int, add func([]byte, itemKey)) {
		var r itemReader
		r.eachKey(w.items[i].Item, func(k []byte, kind keyKind) { add(k, itemKey{int32(i), kind}) })
	})
}

// indexPayers links every payer key to its customers, in their order.
func (w *world) indexPayers() {
	w.payers = indexed(len(w.customers), func(i int, add func([]byte, namesake)) {
		c := w.customers[i].Customer
		others := len(c.Aliases)+len(c.Learned) > 0
		var own []string
		if others {
			own = nameKeys(nil, c.Name)
		}
		for _, k := range CustomerKeys(*c) {
			add([]byte(k), namesake{int32(i), others && !slices.Contains(own, k)})
		}
	})
	w.words = sync.OnceValue(w.countWords)
}

// countWords counts the words of the customers' first name keys.
func (w *world) countWords() map[string]int {
	counts := map[string]int{}
	for i := range w.customers {
		for _, k := range CustomerKeys(*w.customers[i].Customer) {
			if name, ok := strings.CutPrefix(k, namePrefix); ok {
				for word := range strings.SplitSeq(name, " ") {
					counts[word]++
				}
				break
			}
		}
	}
	return counts
}

// addHistory remembers what was written off and settled before this run.
func (w *world) addHistory(book *recon.Book) {
	for _, use := range book.WriteOffs {
		if c, ok := w.byCode[use.Customer]; ok {
			w.customers[c].written = append(w.customers[c].written, use)
		}
	}
	for _, s := range book.Settled {
		i, ok := w.places.of(s.Item)
		if !ok || w.items[i].left > 0 {
			continue
		}
		c := &w.customers[w.items[i].owner]
		c.settled = append(c.settled, lately{w.items[i].AmountMinor, s.Effective})
	}
}
