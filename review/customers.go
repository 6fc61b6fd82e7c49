package review

import (
	"net/url"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func customerRoutes() []route {
	return []route{
		{method: "GET", path: "/e/{entity}/customers", may: mayRead, do: (*call).customersPage, says: "Customers", nav: "Customers"},
		{method: "GET", path: "/e/{entity}/customers.csv", may: mayRead, do: (*call).customersCSV, says: "Customers as CSV", heavy: true},
		{method: "GET", path: "/e/{entity}/customers/{customer}", may: mayRead, do: (*call).customerPage, says: "Customer"},
	}
}

// customersData is what customers.html shows.
type customersData struct {
	Text        string
	Owing       bool
	Customers   []store.CustomerBalance
	Next, First string
	CSV         string
}

func (c *call) customerQuery() (q store.CustomerQuery, err error) {
	owing, err := c.choice("owing", "yes", "all")
	return store.CustomerQuery{Text: c.search("q"), Owing: owing == "yes", Today: c.today(), After: c.search("after"), Limit: pageSize}, err
}

func (c *call) customersPage() error {
	query, err := c.customerQuery()
	if err != nil {
		return err
	}
	q := url.Values{}
	if query.Text != "" {
		q.Set("q", query.Text)
	}
	if !query.Owing {
		q.Set("owing", "all")
	}
	data := customersData{Text: query.Text, Owing: query.Owing, CSV: c.at("customers.csv") + "?" + q.Encode()}
	if query.After != "" {
		data.First = c.at("customers") + "?" + q.Encode()
	}
	query.Limit++
	if data.Customers, err = c.Store.CustomerPage(c.r.Context(), c.company.ID, query); err != nil {
		return err
	}
	if len(data.Customers) == query.Limit {
		data.Customers = data.Customers[:query.Limit-1]
		q.Set("after", data.Customers[len(data.Customers)-1].Code)
		data.Next = c.at("customers") + "?" + q.Encode()
	}
	return c.page("customers", data)
}

func (c *call) customersCSV() error {
	query, err := c.customerQuery()
	if err != nil {
		return err
	}
	query.Limit, query.After = 0, ""
	customers, err := c.Store.CustomerPage(c.r.Context(), c.company.ID, query)
	if err != nil {
		return err
	}
	t := sheet{head: []string{"customer", "name", "currency", "open", "overdue", "disputed", "on_account", "items"}}
	for _, one := range customers {
		for _, b := range one.Balances {
			money := func(minor int64) recon.Money { return recon.Money{Minor: minor, Currency: b.Currency} }
			t.add(one.Code, one.Name, string(b.Currency), money(b.OpenMinor), money(b.OverdueMinor), money(b.DisputedMinor), money(b.HeldMinor), b.Items)
		}
		if len(one.Balances) == 0 {
			t.add(one.Code, one.Name, "", "", "", "", "", 0)
		}
	}
	return c.csv("customers", t)
}

// customerData is what customer.html shows.
type customerData struct {
	payerView
	Items []itemRow
	Cases []queueRow
	Funds []store.Fund
}

func (c *call) customerPage() error {
	ctx, entity, code := c.r.Context(), c.company.ID, c.r.PathValue("customer")
	p, err := c.payerOf(code)
	switch {
	case err != nil:
		return err
	case !p.Known:
		return errNoPage
	}
	data := customerData{payerView: p}
	items, err := c.Store.ItemPage(ctx, entity, store.ItemQuery{Search: store.ItemSearch{Status: store.ItemOpen, Customer: code}, Order: store.ItemsOldest, Limit: mostRows})
	if err != nil {
		return err
	}
	for _, item := range items {
		data.Items = append(data.Items, itemRow{item, statuses(item, c.today()), barOf(item)})
	}
	cases, err := c.Store.Cases(ctx, entity, store.CaseQuery{Filter: store.CaseFilter{Customer: code}, Limit: mostBeside})
	if err != nil {
		return err
	}
	if data.Cases, err = c.queueRows(queueView{}, cases); err != nil {
		return err
	}
	if data.Funds, err = c.Store.Funds(ctx, entity, store.FundFilter{Customer: code}); err != nil {
		return err
	}
	return c.page("customer", data)
}
