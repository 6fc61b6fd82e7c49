package review

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func queueRoutes() []route {
	return []route{
		{method: "GET", path: "/e/{entity}/queue", may: mayRead, do: (*call).queuePage, says: "Queue", nav: "Queue"},
		{method: "GET", path: "/e/{entity}/queue.csv", may: mayRead, do: (*call).queueCSV, says: "The queue as CSV", heavy: true},
		{method: "POST", path: "/e/{entity}/queue/accept", may: mayDecide, as: form, do: (*call).acceptMany, says: "Accept the first proposals of several cases"},
	}
}

// pageSize is how many rows a page shows.
const pageSize = 50

// queueData is what queue.html shows.
type queueData struct {
	View    queueView
	Reasons []reasonCount
	Cases   []queueRow
	Total   int
	Sums    []recon.Money
	Orders  []link
	Next    string // address of the next page, "" on the last one
	First   string // address of the first page, "" on it
	All     string // address of the view with every reason
	Whole   string // address of the queue without a filter
	Accept  string
	CSV     string
	People  []string // to whom cases may be assigned
	Bulk    *bulkData
}

// reasonCount is a reason of the queue with what waits for it.
type reasonCount struct {
	Reason recon.Reason
	Cases  int
	Sums   []recon.Money
	Path   string
	Here   bool
}

// queueRow is a case in the queue.
type queueRow struct {
	store.Case
	Path string
	Days int // since it waits
	Best *bestProposal
}

// bestProposal is the first proposal of a case on one line.
type bestProposal struct {
	Text       string
	Score      int
	Difference int64
}

// queueView is which part of the queue is looked at, as the address says it. It is handed on from page to page, so that the next case is
// the next one of the same list.
type queueView struct {
	Text, Reason, Customer, Currency, Account, Who, Min, Max, Snoozed, Sort string
}

// Words of the address.
const (
	hideSnoozed = "hide"
	withSnoozed = "with"
	onlySnoozed = "only"
	whoMe       = "me"
	whoNobody   = "nobody"
)

// queueView reads the part of the queue that the address asks for.
func (c *call) queueView() (v queueView, query store.CaseQuery, err error) {
	v = queueView{Text: c.search("q"), Reason: c.search("reason"), Customer: c.search("customer"), Account: c.search("account"), Who: c.search("who"), Min: c.search("min"), Max: c.search("max")}
	if v.Sort, err = c.choice("sort", string(store.ByValue), string(store.ByAge), string(store.ByReason)); err != nil {
		return v, query, err
	}
	if v.Snoozed, err = c.choice("snoozed", hideSnoozed, withSnoozed, onlySnoozed); err != nil {
		return v, query, err
	}
	if v.Currency = c.search("currency"); v.Currency != "" && !recon.Currency(v.Currency).Known() {
		return v, query, badInput("currency", "a currency such as EUR")
	}
	query = store.CaseQuery{Order: store.CaseOrder(v.Sort), Limit: pageSize, Filter: store.CaseFilter{Reason: recon.Reason(v.Reason), Customer: v.Customer,
		Currency: recon.Currency(v.Currency), AccountID: v.Account, Search: v.Text, Today: c.today(), Snoozed: snoozedWords[v.Snoozed]}}
	switch v.Who {
	case whoMe:
		query.Filter.Assignee = c.person.Login
	case whoNobody:
		query.Filter.Unassigned = true
	default:
		query.Filter.Assignee = v.Who
	}
	currency := recon.Currency(v.Currency)
	if currency == "" {
		currency = c.company.BaseCurrency
	}
	if minor, ok := readAmount(v.Text, currency); ok {
		query.Filter.SearchMinor = minor
	}
	for _, bound := range []struct {
		name, text string
		into       *int64
	}{{"min", v.Min, &query.Filter.MinMinor}, {"max", v.Max, &query.Filter.MaxMinor}} {
		minor, ok := readAmount(bound.text, currency)
		if bound.text != "" && !ok {
			return v, query, badInput(bound.name, "an amount such as 1234.50")
		}
		*bound.into = minor
	}
	return v, query, nil
}

var snoozedWords = map[string]store.Snoozed{hideSnoozed: store.WithoutSnoozed, withSnoozed: store.WithSnoozed, onlySnoozed: store.OnlySnoozed}

// with writes the view as the query of an address, with other words over it: name, value, name, value …
func (v queueView) with(pairs ...string) string {
	q := url.Values{}
	set := func(name, value, usual string) {
		if value != "" && value != usual {
			q.Set(name, value)
		}
	}
	for _, f := range []struct{ name, value, usual string }{{"q", v.Text, ""}, {"reason", v.Reason, ""}, {"customer", v.Customer, ""}, {"currency", v.Currency, ""}, {"account", v.Account, ""},
		{"who", v.Who, ""}, {"min", v.Min, ""}, {"max", v.Max, ""}, {"snoozed", v.Snoozed, hideSnoozed}, {"sort", v.Sort, string(store.ByValue)}} {
		set(f.name, f.value, f.usual)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Del(pairs[i])
		set(pairs[i], pairs[i+1], "")
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// Narrowed reports whether less than the whole queue is looked at.
func (v queueView) Narrowed() bool {
	v.Sort = ""
	return v.with() != ""
}

// Wide reports whether one of the filters is set that are folded away.
func (v queueView) Wide() bool {
	return v.Customer+v.Currency+v.Account+v.Min+v.Max != "" || v.Snoozed != hideSnoozed
}

func (c *call) queuePage() error {
	view, query, err := c.queueView()
	if err != nil {
		return err
	}
	if query.After, err = readPosition(c.r.URL.Query().Get("after")); err != nil {
		return err
	}
	data, err := c.queueOf(view, query)
	if err != nil {
		return err
	}
	return c.page("queue", data)
}

// queueOf loads a page of the queue and what is counted around it.
func (c *call) queueOf(view queueView, query store.CaseQuery) (data queueData, err error) {
	at := c.at("queue")
	data = queueData{View: view, CSV: at + ".csv" + view.with(), All: at + view.with("reason", ""), Whole: at, Accept: at + "/accept" + view.with()}
	query.Limit++ // to see whether there is more
	cases, err := c.Store.Cases(c.r.Context(), c.company.ID, query)
	if err != nil {
		return data, err
	}
	if len(cases) == query.Limit {
		cases = cases[:query.Limit-1]
		data.Next = at + view.with("after", position(cases[len(cases)-1]))
	}
	if query.After != nil {
		data.First = at + view.with()
	}
	if data.Cases, err = c.queueRows(view, cases); err != nil {
		return data, err
	}
	query.Filter.Reason = ""
	counts, err := c.Store.CaseCounts(c.r.Context(), c.company.ID, query.Filter)
	if err != nil {
		return data, err
	}
	data.count(at, counts)
	for _, order := range []struct {
		by   store.CaseOrder
		says string
	}{{store.ByValue, "Value"}, {store.ByAge, "Age"}, {store.ByReason, "Reason"}} {
		data.Orders = append(data.Orders, link{Text: order.says, Path: at + view.with("sort", string(order.by)), Here: view.Sort == string(order.by)})
	}
	data.People, err = c.colleagues()
	return data, err
}

// count sums up what waits, by reason.
func (d *queueData) count(at string, counts []store.CaseCount) {
	for _, n := range counts {
		i := slices.IndexFunc(d.Reasons, func(r reasonCount) bool { return r.Reason == n.Reason })
		if i < 0 {
			i = len(d.Reasons)
			d.Reasons = append(d.Reasons, reasonCount{Reason: n.Reason, Path: at + d.View.with("reason", string(n.Reason)), Here: d.View.Reason == string(n.Reason)})
		}
		r := &d.Reasons[i]
		r.Cases += n.Cases
		r.Sums = addMoney(r.Sums, recon.Money{Minor: n.SumMinor, Currency: n.Currency})
		if d.View.Reason == "" || d.View.Reason == string(n.Reason) {
			d.Total += n.Cases
			d.Sums = addMoney(d.Sums, recon.Money{Minor: n.SumMinor, Currency: n.Currency})
		}
	}
	slices.SortStableFunc(d.Reasons, func(a, b reasonCount) int { return b.Cases - a.Cases })
}

// addMoney adds an amount to the sum of its currency.
func addMoney(sums []recon.Money, more recon.Money) []recon.Money {
	for i := range sums {
		if sums[i].Currency == more.Currency {
			sums[i].Minor += more.Minor
			return sums
		}
	}
	return append(sums, more)
}

// queueRows adds to cases what a person needs to accept them at a glance.
func (c *call) queueRows(view queueView, cases []store.Case) ([]queueRow, error) {
	ids := make([]int64, len(cases))
	for i := range cases {
		ids[i] = cases[i].Receipt
	}
	best, err := c.Store.BestProposals(c.r.Context(), c.company.ID, ids)
	if err != nil {
		return nil, err
	}
	var lines []recon.Line
	for _, p := range best {
		lines = append(lines, p.Lines...)
	}
	items, err := c.itemsOf(lines)
	if err != nil {
		return nil, err
	}
	rows := make([]queueRow, len(cases))
	for i, one := range cases {
		rows[i] = queueRow{Case: one, Path: c.at("cases", one.Receipt) + view.with(), Days: daysSince(one.Opened, c.Now())}
		if p, ok := best[one.Receipt]; ok {
			rows[i].Best = &bestProposal{Text: inShort(p, one, items), Score: p.Score, Difference: p.DifferenceMinor}
		}
	}
	return rows, nil
}

// inShort says a proposal on one line.
func inShort(p recon.Proposal, of store.Case, items itemsByID) string {
	var parts []string
	for _, l := range p.Lines {
		part := kindWord(l.Kind) + " "
		if l.Kind == recon.Payment {
			part = ""
		}
		if item, ok := items[l.Item]; ok {
			part += item.Number + " "
		}
		parts = append(parts, part+groupedAmount(l.AmountMinor, of.Currency))
	}
	switch {
	case of.Return && p.Clears != 0:
		parts = append(parts, fmt.Sprintf("takes receipt %d back", p.Clears))
	case p.Clears != 0:
		parts = append(parts, fmt.Sprintf("is the money of payment %d", p.Clears))
	}
	return strings.Join(parts, " · ")
}

// position says where a case stands in every order of the queue.
func position(c store.Case) string {
	return fmt.Sprintf("%d~%d~%d~%s", c.Receipt, c.AmountMinor, c.Opened.UnixMicro(), c.Reason)
}

// readPosition reads what position wrote; nil where there is nothing.
func readPosition(text string) (*store.Case, error) {
	if text == "" {
		return nil, nil
	}
	parts := strings.SplitN(text, "~", 4)
	var numbers [3]int64
	ok := len(parts) == 4
	for i := 0; ok && i < len(numbers); i++ {
		var err error
		numbers[i], err = strconv.ParseInt(parts[i], 10, 64)
		ok = err == nil
	}
	if !ok || numbers[0] <= 0 {
		return nil, badInput("after", "the address of a page as the desk wrote it")
	}
	return &store.Case{Receipt: numbers[0], AmountMinor: numbers[1], Opened: time.UnixMicro(numbers[2]).UTC(), Reason: recon.Reason(parts[3])}, nil
}

// colleagues are the logins of those who may decide cases of the company.
func (c *call) colleagues() (logins []string, err error) {
	people, err := c.Store.People(c.r.Context())
	for _, p := range people {
		if may(p, c.company.ID, mayDecide) {
			logins = append(logins, p.Login)
		}
	}
	return logins, err
}

// queueCSV writes the queue as it is looked at, every row of it.
func (c *call) queueCSV() error {
	_, query, err := c.queueView()
	if err != nil {
		return err
	}
	query.Limit = 0
	cases, err := c.Store.Cases(c.r.Context(), c.company.ID, query)
	if err != nil {
		return err
	}
	t := sheet{head: []string{"receipt", "booked", "account", "amount", "currency", "payer", "customer", "text", "reason", "why", "waiting_since", "assignee", "snoozed_until", "proposals"}}
	for _, one := range cases {
		t.add(one.Receipt, one.Booked, one.AccountID, recon.Money{Minor: one.AmountMinor, Currency: one.Currency}, string(one.Currency), one.Payer, one.Customer, one.Text, string(one.Reason),
			matcher.Sentence(one.Reason), one.Opened, one.Assignee, one.Snoozed, one.Proposals)
	}
	return c.csv("queue", t)
}
