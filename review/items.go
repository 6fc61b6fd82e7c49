package review

import (
	"net/url"
	"strconv"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func itemRoutes() []route {
	return []route{
		{method: "GET", path: "/e/{entity}/items", may: mayRead, do: (*call).itemsPage, says: "Items", nav: "Items"},
		{method: "GET", path: "/e/{entity}/items.csv", may: mayRead, do: (*call).itemsCSV, says: "Items as CSV", heavy: true},
		{method: "GET", path: "/e/{entity}/items/{item}", may: mayRead, do: (*call).itemPage, says: "Item"},
		{method: "POST", path: "/e/{entity}/items/{item}/pay", may: mayDecide, as: form, do: (*call).payItem, says: "Record a payment by hand"},
		{method: "POST", path: "/e/{entity}/items/{item}/undo", may: mayUndo, as: form, do: (*call).undoOnItem, says: "Take an application to an item back"},
	}
}

// itemsView is which items are looked at, as the address says it.
type itemsView struct{ Text, In, Status, Kind, Customer, Currency, Sort string }

// Where a text is looked for.
const (
	inItems = "items"
	inTexts = "texts"
)

// itemsData is what items.html shows.
type itemsData struct {
	View     itemsView
	Rows     []itemRow
	Totals   []itemTotal
	Statuses []link
	Next     string
	First    string
	CSV      string
}

// itemRow is an item with how much of it is paid.
type itemRow struct {
	recon.Item
	Statuses []string
	bar
}

// bar is a progress bar: thousandths paid, and in dispute of what is open.
type bar struct{ Paid, Disputed int64 }

// Label says a bar in words.
func (b bar) Label() string { return strconv.FormatInt(b.Paid/10, 10) + " % paid" }

func barOf(item recon.Item) (b bar) {
	if item.AmountMinor == 0 {
		return b
	}
	b.Paid = (item.AmountMinor - item.OpenMinor) * 1000 / item.AmountMinor
	if d := item.Dispute; d != nil {
		disputed := d.AmountMinor
		if disputed == 0 || disputed > item.OpenMinor {
			disputed = item.OpenMinor
		}
		b.Disputed = disputed * 1000 / item.AmountMinor
	}
	return b
}

// itemTotal is what was invoiced, paid and remains in a currency; credit notes count negative.
type itemTotal struct {
	Currency                            recon.Currency
	Items                               int
	AmountMinor, PaidMinor, RemainMinor int64
}

// itemStatuses are the filters of the list, in their order.
var itemStatuses = []store.ItemStatus{store.ItemOpen, store.ItemPartial, store.ItemOverdue, store.ItemDisputed, store.ItemScheduled, store.ItemPaid}

// allItems stands for no status at all; the list begins with what is open.
const allItems = "all"

func (c *call) itemsView() (v itemsView, query store.ItemQuery, err error) {
	v = itemsView{Text: c.search("q"), Customer: c.search("customer"), Currency: c.search("currency")}
	statuses := []string{}
	for _, s := range itemStatuses {
		statuses = append(statuses, string(s))
	}
	for _, choice := range []struct {
		into    *string
		name    string
		allowed []string
	}{{&v.Status, "status", append(statuses, allItems)}, {&v.In, "in", []string{inItems, inTexts}}, {&v.Kind, "kind", []string{"", string(recon.Invoice), string(recon.CreditNote)}},
		{&v.Sort, "sort", []string{string(store.ItemsLatest), string(store.ItemsOldest), string(store.ItemsByNumber), string(store.ItemsByAmount), string(store.ItemsByCustomer)}}} {
		if *choice.into, err = c.choice(choice.name, choice.allowed...); err != nil {
			return v, query, err
		}
	}
	if v.Currency != "" && !recon.Currency(v.Currency).Known() {
		return v, query, badInput("currency", "a currency such as EUR")
	}
	query = store.ItemQuery{Order: store.ItemOrder(v.Sort), Limit: pageSize}
	if v.Text != "" {
		currency := recon.Currency(v.Currency)
		if currency == "" {
			currency = c.company.BaseCurrency
		}
		query.Search = c.itemWords(v.Text, currency)
		if v.In == inTexts {
			query.Search = store.ItemSearch{Remittance: v.Text}
		}
	}
	query.Search.Customer, query.Search.Currency, query.Search.Kind, query.Search.Today = v.Customer, recon.Currency(v.Currency), recon.ItemKind(v.Kind), c.today()
	if v.Status != allItems {
		query.Search.Status = store.ItemStatus(v.Status)
	}
	return v, query, nil
}

func (v itemsView) with(pairs ...string) string {
	q := url.Values{}
	for _, f := range []struct{ name, value, usual string }{{"q", v.Text, ""}, {"in", v.In, inItems}, {"status", v.Status, string(store.ItemOpen)}, {"kind", v.Kind, ""}, {"customer", v.Customer, ""},
		{"currency", v.Currency, ""}, {"sort", v.Sort, string(store.ItemsLatest)}} {
		if f.value != "" && f.value != f.usual {
			q.Set(f.name, f.value)
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func (c *call) itemsPage() error {
	v, query, err := c.itemsView()
	if err != nil {
		return err
	}
	data := itemsData{View: v, CSV: c.at("items.csv") + v.with()}
	if query.After, err = c.itemBehind(); err != nil {
		return err
	}
	query.Limit++
	items, err := c.Store.ItemPage(c.r.Context(), c.company.ID, query)
	if err != nil {
		return err
	}
	if len(items) == query.Limit {
		items = items[:query.Limit-1]
		data.Next = c.at("items") + v.with("after", number(items[len(items)-1].ID))
	}
	if query.After != nil {
		data.First = c.at("items") + v.with()
	}
	for _, item := range items {
		data.Rows = append(data.Rows, itemRow{item, statuses(item, c.today()), barOf(item)})
	}
	totals, err := c.Store.ItemTotals(c.r.Context(), c.company.ID, query.Search)
	if err != nil {
		return err
	}
	data.Totals = sumItems(totals)
	for _, status := range append([]string{allItems}, "open", "partial", "overdue", "disputed", "scheduled", "paid") {
		data.Statuses = append(data.Statuses, link{Text: statusWords[status], Path: c.at("items") + v.with("status", status), Here: v.Status == status})
	}
	return c.page("items", data)
}

var statusWords = map[string]string{allItems: "All", "open": "Open", "partial": "Partially paid", "overdue": "Overdue", "disputed": "Disputed", "scheduled": "Scheduled", "paid": "Paid in full"}

// itemBehind is the last item of the page before, nil for the first page.
func (c *call) itemBehind() (*recon.Item, error) {
	after, err := c.count("after", 0, 1, 1<<62)
	if err != nil || after == 0 {
		return nil, err
	}
	items, err := c.itemsWith([]int64{int64(after)})
	if err != nil {
		return nil, err
	}
	item, ok := items[int64(after)]
	if !ok {
		return nil, badInput("after", "the address of a page as the desk wrote it")
	}
	return &item, nil
}

// sumItems adds up invoices and takes credit notes off.
func sumItems(totals []store.ItemTotal) (sums []itemTotal) {
	for _, t := range totals {
		if len(sums) == 0 || sums[len(sums)-1].Currency != t.Currency {
			sums = append(sums, itemTotal{Currency: t.Currency})
		}
		s, sign := &sums[len(sums)-1], int64(1)
		if t.Kind == recon.CreditNote {
			sign = -1
		}
		s.Items += t.Items
		s.AmountMinor += sign * t.AmountMinor
		s.PaidMinor += sign * t.SettledMinor
		s.RemainMinor += sign * t.OpenMinor
	}
	return sums
}

func (c *call) itemsCSV() error {
	_, query, err := c.itemsView()
	if err != nil {
		return err
	}
	query.Limit = 0
	items, err := c.Store.ItemPage(c.r.Context(), c.company.ID, query)
	if err != nil {
		return err
	}
	t := sheet{head: []string{"number", "kind", "customer", "issue_date", "due_date", "currency", "amount", "paid", "remaining", "status", "order", "paid_on"}}
	for _, i := range items {
		money := func(minor int64) recon.Money { return recon.Money{Minor: minor, Currency: i.Currency} }
		t.add(i.Number, string(i.Kind), i.Customer, i.IssueDate, i.DueDate, string(i.Currency), money(i.AmountMinor), money(i.AmountMinor-i.OpenMinor), money(i.OpenMinor),
			statuses(i, c.today())[0], i.Order, i.PaidOn)
	}
	return c.csv("items", t)
}
