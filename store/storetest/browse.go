package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// numbersOf returns the numbers of the items that a query finds, read page by page.
func (w *world) numbersOf(query store.ItemQuery) (numbers []string) {
	w.Helper()
	for {
		page, err := w.ItemPage(background, entity, query)
		w.must(err)
		for _, i := range page {
			numbers = append(numbers, i.Number)
		}
		if query.Limit == 0 || len(page) < query.Limit {
			return numbers
		}
		query.After = &page[len(page)-1]
	}
}

// finds checks which items a search finds, by number.
func (w *world) finds(search store.ItemSearch, want ...string) {
	w.Helper()
	w.same("items", w.numbersOf(store.ItemQuery{Search: search, Order: store.ItemsByNumber}), want)
	totals, err := w.ItemTotals(background, entity, search)
	w.must(err)
	n := 0
	for _, t := range totals {
		n += t.Items
	}
	w.same("in the totals", n, len(want))
}

func due(d recon.Date) func(*store.NewItem) { return func(i *store.NewItem) { i.DueDate = d } }

func inCurrency(c recon.Currency) func(*store.NewItem) {
	return func(i *store.NewItem) { i.Currency = c }
}

func browseStories() []story {
	return []story{
		{"items are read page by page, in five orders", func(w *world) {
			w.items(invoice("R3", "C2", 300, due(20260301)), invoice("R1", "C1", 500, due(20260401)), invoice("R2", "C2", 300, due(20260201)),
				invoice("R5", "C1", 100, due(20260301), inCurrency("USD")), invoice("R4", "C3", 900, due(0)))
			for limit := range 6 {
				for order, want := range map[store.ItemOrder][]string{
					store.ItemsLatest: {"R1", "R5", "R3", "R2", "R4"}, store.ItemsOldest: {"R4", "R2", "R3", "R5", "R1"},
					store.ItemsByNumber: {"R1", "R2", "R3", "R4", "R5"}, store.ItemsByAmount: {"R5", "R4", "R1", "R2", "R3"},
					store.ItemsByCustomer: {"R1", "R5", "R3", "R2", "R4"},
				} {
					w.same(string(order), w.numbersOf(store.ItemQuery{Order: order, Limit: limit}), want)
				}
				w.same("of a customer", w.numbersOf(store.ItemQuery{Search: store.ItemSearch{Customer: "C2"}, Limit: limit}), []string{"R3", "R2"})
			}
		}},
		{"items are found by what became of them", func(w *world) {
			items := w.items(invoice("R1", "C1", 100, due(20260301)), invoice("R2", "C1", 100, due(20260401)), invoice("R3", "C1", 100, due(0)),
				invoice("CN", "C1", 50, due(20260201), creditNote))
			a, b := w.receipt(40), w.receipt(100)
			w.applied(automatic(a, pay(items[0], 40)), automatic(b, pay(items[1], 100)))
			w.must(w.SaveDisputes(background, w.act(), entity, []store.ItemDispute{{Item: items[2].ID, Dispute: recon.Dispute{Since: 20260301}}}))
			w.must(w.SaveInstalments(background, w.act(), entity, []store.InstalmentPlan{{Item: items[0].ID,
				Instalments: []recon.Instalment{{Sequence: 1, DueDate: 20260401, AmountMinor: 60}}}}))
			w.finds(store.ItemSearch{}, "CN", "R1", "R2", "R3")
			w.finds(store.ItemSearch{Status: store.ItemOpen}, "CN", "R1", "R3")
			w.finds(store.ItemSearch{Status: store.ItemPartial}, "R1")
			w.finds(store.ItemSearch{Status: store.ItemPaid}, "R2")
			w.finds(store.ItemSearch{Status: store.ItemDisputed}, "R3")
			w.finds(store.ItemSearch{Status: store.ItemScheduled}, "R1")
			w.finds(store.ItemSearch{Status: store.ItemOverdue, Today: 20260302}, "CN", "R1")
			w.finds(store.ItemSearch{Status: store.ItemOverdue, Today: 20260301}, "CN")
			w.finds(store.ItemSearch{Kind: recon.CreditNote}, "CN")
			w.finds(store.ItemSearch{Side: recon.Payable})
			w.finds(store.ItemSearch{Currency: "USD"})
			totals, err := w.ItemTotals(background, entity, store.ItemSearch{})
			w.must(err)
			w.same("totals", totals, []store.ItemTotal{{Currency: "EUR", Kind: recon.CreditNote, Items: 1, AmountMinor: 50, OpenMinor: 50},
				{Currency: "EUR", Kind: recon.Invoice, Items: 3, AmountMinor: 300, SettledMinor: 140, OpenMinor: 160}})
		}},
		{"items are found by number, amount, customer and what payers wrote", func(w *world) {
			w.must(w.SaveCustomers(background, w.act(), entity, []store.KeyedCustomer{{Customer: recon.Customer{Code: "C1", Name: "Müller GmbH"}}, {Customer: recon.Customer{Code: "C2", Name: "Zwei"}}}))
			items := w.items(invoice("RE-1001", "C1", 100), invoice("RE-1002", "C2", 200), invoice("X-77", "C2", 300))
			id := w.receipt(100, saying("Danke für die Äpfel"), from("Frau Müller"))
			w.applied(automatic(id, pay(items[1], 100)))
			w.finds(store.ItemSearch{Text: "re-10"}, "RE-1001", "RE-1002")
			w.finds(store.ItemSearch{Text: "1002"}, "RE-1002")
			w.finds(store.ItemSearch{Key: "RE-1"}, "RE-1001", "RE-1002")
			w.finds(store.ItemSearch{Text: "MÜLLER"}, "RE-1001")
			w.finds(store.ItemSearch{Text: "c2"}, "RE-1002", "X-77")
			w.finds(store.ItemSearch{Text: "nothing", AmountsMinor: []int64{300, 3}}, "X-77")
			w.finds(store.ItemSearch{Remittance: "äpfel"}, "RE-1002")
			w.finds(store.ItemSearch{Remittance: "frau m"}, "RE-1002")
			w.finds(store.ItemSearch{Text: "%"})
			w.finds(store.ItemSearch{Text: "re-10", Customer: "C2"}, "RE-1002")
		}},
		{"customers are read page by page, with what they owe", func(w *world) {
			w.must(w.SaveCustomers(background, w.act(), entity, []store.KeyedCustomer{{Customer: recon.Customer{Code: "C1", Name: "Eins"}}, {Customer: recon.Customer{Code: "C2", Name: "Zwei"}},
				{Customer: recon.Customer{Code: "C3", Name: "Drei"}}}))
			items := w.items(invoice("R1", "C1", 100, due(20260301)), invoice("R2", "C1", 100, due(20260401)), invoice("CN", "C1", 30, creditNote), invoice("R3", "C1", 70, inCurrency("USD")),
				invoice("R4", "C2", 50))
			a, b := w.receipt(60), w.receipt(50)
			w.applied(automatic(a, pay(items[0], 40), line(recon.OnAccount, recon.Item{}, 20)), automatic(b, pay(items[4], 50)))
			w.must(w.SaveDisputes(background, w.act(), entity, []store.ItemDispute{{Item: items[1].ID, Dispute: recon.Dispute{Since: 20260301}}}))
			page, err := w.CustomerPage(background, entity, store.CustomerQuery{Today: 20260310})
			w.must(err)
			w.same("customers", page, []store.CustomerBalance{
				{Customer: recon.Customer{Code: "C1", Name: "Eins"}, Balances: []store.Balance{{Currency: "EUR", OpenMinor: 130, OverdueMinor: 30, DisputedMinor: 100, HeldMinor: 20, Items: 3},
					{Currency: "USD", OpenMinor: 70, OverdueMinor: 70, Items: 1}}},
				{Customer: recon.Customer{Code: "C2", Name: "Zwei"}}, {Customer: recon.Customer{Code: "C3", Name: "Drei"}}})
			codes := func(q store.CustomerQuery) (codes []string) {
				page, err := w.CustomerPage(background, entity, q)
				w.must(err)
				for _, c := range page {
					codes = append(codes, c.Code)
				}
				return codes
			}
			w.same("a page", codes(store.CustomerQuery{After: "C1", Limit: 1}), []string{"C2"})
			w.same("owing", codes(store.CustomerQuery{Owing: true}), []string{"C1"})
			w.same("named", codes(store.CustomerQuery{Text: "DREI"}), []string{"C3"})
			w.same("one", codes(store.CustomerQuery{Code: "C2"}), []string{"C2"})
			last, err := w.LastPayments(background, entity, "C1", 10)
			w.must(err)
			w.same("last payments", ids(last), []int64{2, 1})
			last, err = w.LastPayments(background, entity, "C1", 1)
			w.must(err)
			w.same("the last payment", ids(last), []int64{2})
		}},
		{"versions of the rules are kept with their text", func(w *world) {
			first, second := w.act(), w.petra()
			w.must(w.SaveRules(background, first, entity, "r1", "one"))
			w.must(w.SaveRules(background, second, entity, "r2", "two"))
			versions, err := w.RulesVersions(background, entity)
			w.must(err)
			w.same("versions", versions, []store.RulesVersion{{Version: "r2", Text: "two", Actor: "petra", At: second.At}, {Version: "r1", Text: "one", Actor: "engine", At: first.At}})
		}},
	}
}
