package storetest

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func itemStories() []story {
	return []story{
		{"an item comes back as it was", func(w *world) {
			full := invoice("R1", "C1", 10000, func(i *store.NewItem) {
				i.Reference, i.Order, i.DiscountUntil = "RF18539007547034", "SO-7", 20260210
				i.DiscountPercent, i.TaxRate = decimal.RequireFromString("2.5"), decimal.RequireFromString("19")
			})
			got := w.items(full)[0]
			want := full.Item
			want.ID, want.Version = 1, 1
			w.same("percents", []string{got.DiscountPercent.String(), got.TaxRate.String()}, []string{"2.5", "19"})
			got.DiscountPercent, got.TaxRate, want.DiscountPercent, want.TaxRate = decimal.Zero, decimal.Zero, decimal.Zero, decimal.Zero
			w.same("item", got, want)
			w.view(func(v store.View) {
				for s := range all(w, v.ItemStarts()) {
					w.same("start", s, recon.ItemStart{Item: 1, OpenMinor: 10000, Effective: 20260201, Recorded: noon.Add(2e9)})
				}
			})
		}},
		{"an item partly settled elsewhere", func(w *world) {
			got := w.items(invoice("R1", "C1", 10000, func(i *store.NewItem) { i.OpenMinor = 6000 }),
				invoice("R2", "C1", 5000, func(i *store.NewItem) { i.OpenMinor = 0 }))
			w.same("R1", []any{got[0].OpenMinor, got[0].AppliedMinor, got[0].PaidOn}, []any{int64(6000), int64(0), recon.Date(0)})
			w.same("R2", []any{got[1].OpenMinor, got[1].AppliedMinor, got[1].PaidOn}, []any{int64(0), int64(0), recon.Date(20260201)})
			a, err := w.Application(background, entity, 1)
			w.must(err)
			w.same("external", a, recon.Application{ID: 1, Item: 1, Kind: recon.External, AmountMinor: 4000, Currency: "EUR", Customer: "C1", Effective: 20260201,
				Original: 20260201, Recorded: noon.Add(2e9), Reason: recon.ReasonElsewhere, Actor: "engine"})
		}},
		{"an import is done once", func(w *world) {
			changes := store.ItemChanges{Entity: entity, AsOf: 20260301, Snapshot: true, Digest: "d1", New: []store.NewItem{invoice("R1", "C1", 100)}, Count: 17}
			w.must(w.SaveItems(background, w.act(), changes))
			before := w.audits()
			w.fails(w.SaveItems(background, w.act(), changes), store.ErrDuplicate)
			w.same("audit rows", w.audits(), before)
			asOf, count, err := w.LastImport(background, entity)
			w.must(err)
			w.same("last import", []any{asOf, count}, []any{recon.Date(20260301), 17})
		}},
		{"only snapshots count as the last import", func(w *world) {
			asOf, count, err := w.LastImport(background, entity)
			w.must(err)
			w.same("none", []any{asOf, count}, []any{recon.Date(0), 0})
			w.items(invoice("R1", "C1", 100))
			asOf, _, err = w.LastImport(background, entity)
			w.must(err)
			w.same("none", asOf, recon.Date(0))
		}},
		{"a number exists once, of payables once for each supplier", func(w *world) {
			payable := func(i *store.NewItem) { i.Side = recon.Payable }
			w.items(invoice("R1", "C1", 100))
			err := w.SaveItems(background, w.act(), store.ItemChanges{Entity: entity, New: []store.NewItem{invoice("R2", "C1", 1), invoice("R1", "C2", 100)}})
			w.fails(err, store.ErrStale)
			w.must(w.SaveItems(background, w.act(), store.ItemChanges{Entity: entity, New: []store.NewItem{invoice("R1", "S1", 100, payable), invoice("R1", "S2", 100, payable)}}))
			got, err := w.ItemsByNumber(background, entity, []string{"R1", "R9"})
			w.must(err)
			w.same("items", len(got), 3)
			w.same("ids have no gap", []int64{got[0].ID, got[1].ID, got[2].ID}, []int64{2, 3, 1})
		}},
		{"a changed item keeps what moved and gets new keys", changedItem},
		{"a version read before is stale", func(w *world) {
			i := w.items(invoice("R1", "C1", 100))[0]
			w.applied(automatic(w.receipt(40), pay(i, 40)))
			err := w.SaveItems(background, w.act(), store.ItemChanges{Entity: entity, Changed: []store.KeyedItem{{Item: i}}})
			w.fails(err, store.ErrStale)
			i.ID = 99
			w.fails(w.SaveItems(background, w.act(), store.ItemChanges{Entity: entity, Changed: []store.KeyedItem{{Item: i}}}), store.ErrStale)
		}},
		{"an amount below what was applied is refused", func(w *world) {
			i := w.items(invoice("R1", "C1", 100))[0]
			w.applied(automatic(w.receipt(40), pay(i, 40)))
			i = w.item("R1")
			i.AmountMinor = 39
			w.fails(w.SaveItems(background, w.act(), store.ItemChanges{Entity: entity, Changed: []store.KeyedItem{{Item: i}}}), store.ErrOver)
			w.open("R1", 60)
			i.AmountMinor = 40
			w.must(w.SaveItems(background, w.act(), store.ItemChanges{Entity: entity, AsOf: 20260309, Changed: []store.KeyedItem{{Item: i}}}))
			w.same("paid on", w.item("R1").PaidOn, recon.Date(20260309))
			i = w.item("R1")
			i.AmountMinor = 45
			w.must(w.SaveItems(background, w.act(), store.ItemChanges{Entity: entity, AsOf: 20260310, Changed: []store.KeyedItem{{Item: i}}}))
			w.same("open again", []any{w.item("R1").PaidOn, w.item("R1").OpenMinor}, []any{recon.Date(0), int64(5)})
		}},
		{"settled elsewhere later", func(w *world) {
			i := w.items(invoice("R1", "C1", 100))[0]
			external := func(minor int64) error {
				return w.SaveItems(background, w.act(), store.ItemChanges{Entity: entity, External: []store.Settled{{Item: i.ID, AmountMinor: minor, Effective: 20260306}}})
			}
			w.must(external(70))
			w.open("R1", 30)
			w.fails(external(31), store.ErrStale)
			w.must(external(30))
			w.same("paid on", w.item("R1").PaidOn, recon.Date(20260306))
		}},
		{"items are listed by customer, due day and number", func(w *world) {
			due := func(d recon.Date) func(*store.NewItem) { return func(i *store.NewItem) { i.DueDate = d } }
			usd := func(i *store.NewItem) { i.Currency = "USD" }
			w.items(invoice("R1", "C2", 100), invoice("R2", "C1", 100, due(20260401)), invoice("R4", "C1", 100), invoice("R3", "C1", 100),
				invoice("R5", "C1", 100, func(i *store.NewItem) { i.OpenMinor = 0 }), invoice("R6", "C1", 100, usd))
			for _, c := range []struct {
				filter store.ItemFilter
				want   string
			}{
				{store.ItemFilter{}, "[R3 R4 R5 R6 R2 R1]"},
				{store.ItemFilter{OpenOnly: true}, "[R3 R4 R6 R2 R1]"},
				{store.ItemFilter{Customer: "C2"}, "[R1]"},
				{store.ItemFilter{Currency: "USD"}, "[R6]"},
				{store.ItemFilter{IDs: []int64{5, 1}}, "[R5 R1]"},
				{store.ItemFilter{IDs: []int64{5, 1}, OpenOnly: true}, "[R1]"},
				{store.ItemFilter{IDs: []int64{}}, "[]"},
			} {
				items, err := w.Items(background, entity, c.filter)
				w.must(err)
				numbers := []string{}
				for _, i := range items {
					numbers = append(numbers, i.Number)
				}
				w.same(fmt.Sprintf("%+v", c.filter), fmt.Sprint(numbers), c.want)
			}
		}},
		{"customers are inserted and replaced", func(w *world) {
			one := recon.Customer{Code: "C1", Name: "One", IBANs: []string{"FR7630006000011234567890189"}, Aliases: []string{"Uno", "Eins"},
				PaysFor: []string{"C3", "C2"}, Email: "ar@one.example", Lump: recon.LumpOldestFirst}
			two := recon.Customer{Code: "C2", Name: "Two"}
			w.must(w.SaveCustomers(background, w.act(), entity, []store.KeyedCustomer{{Customer: two}, {Customer: one, Keys: []string{"iban:FR76", "name:one"}}}))
			got, err := w.Customers(background, entity)
			w.must(err)
			w.same("customers", got, []recon.Customer{one, two})
			one.PaysFor, one.Name = []string{"C2"}, "One Ltd"
			w.must(w.SaveCustomers(background, w.act(), entity, []store.KeyedCustomer{{Customer: two}, {Customer: one, Keys: []string{"name:one ltd"}}, {Customer: two}}))
			got, err = w.Customers(background, entity)
			w.must(err)
			w.same("customers", got, []recon.Customer{one, two})
			book, err := w.LoadBook(background, entity, recon.Keys{Payers: []string{"iban:FR76", "name:one"}})
			w.must(err)
			w.same("old keys are gone", len(book.Customers), 0)
		}},
		{"payment plans are paid from their earliest part", instalments},
		{"disputes", func(w *world) {
			w.items(invoice("R1", "C1", 100))
			d := recon.Dispute{Since: 20260305, AmountMinor: 20, Owner: "sales", Reason: "damaged", Phrase: "two boxes broken"}
			w.must(w.SaveDisputes(background, w.petra(), entity, []store.ItemDispute{{Item: 1, Dispute: d}}))
			w.same("dispute", w.item("R1").Dispute, &d)
			d.AmountMinor = 30
			w.must(w.SaveDisputes(background, w.petra(), entity, []store.ItemDispute{{Item: 1, Dispute: d}}))
			w.same("dispute", w.item("R1").Dispute, &d)
			w.fails(w.SaveDisputes(background, w.petra(), entity, []store.ItemDispute{{Item: 9, Dispute: d}}), store.ErrNotFound)
			w.fails(w.SaveInstalments(background, w.petra(), entity, []store.InstalmentPlan{{Item: 9}}), store.ErrNotFound)
		}},
	}
}

func changedItem(w *world) {
	i := w.items(invoice("R1", "C1", 100))[0]
	w.applied(automatic(w.receipt(40), pay(i, 40)))
	i = w.item("R1")
	i.DueDate, i.AmountMinor, i.Customer, i.Order = 20260501, 150, "C2", "SO-1"
	w.must(w.SaveItems(background, w.act(), store.ItemChanges{Entity: entity, AsOf: 20260309, Changed: []store.KeyedItem{{Item: i, Keys: []string{"NEW"}}}}))
	got := w.item("R1")
	w.same("item", []any{got.DueDate, got.AmountMinor, got.OpenMinor, got.AppliedMinor, got.Customer, got.Order, got.Version},
		[]any{recon.Date(20260501), int64(150), int64(110), int64(40), "C2", "SO-1", i.Version + 1})
	for key, want := range map[string]int{"NEW": 1, "R1": 0} {
		book, err := w.LoadBook(background, entity, recon.Keys{References: []string{key}})
		w.must(err)
		w.same("items under "+key, len(book.Items), want)
	}
	w.view(func(v store.View) {
		var starts []recon.ItemStart
		for s := range all(w, v.ItemStarts()) {
			s.Recorded = noon
			starts = append(starts, s)
		}
		w.same("starts", starts, []recon.ItemStart{{Item: 1, OpenMinor: 100, Effective: 20260201, Recorded: noon}, {Item: 1, OpenMinor: 50, Effective: 20260309, Recorded: noon}})
	})
}

func instalments(w *world) {
	i := w.items(invoice("R1", "C1", 1000))[0]
	w.applied(automatic(w.receipt(250), pay(i, 250)))
	part := func(sequence int, due recon.Date, minor, paid int64) recon.Instalment {
		return recon.Instalment{Sequence: sequence, DueDate: due, AmountMinor: minor, PaidMinor: paid, Method: "ach", Account: "main", CheckNumber: "7", Note: "n"}
	}
	void := part(3, 20260501, 99, 0)
	void.Void = true
	plan := []recon.Instalment{part(1, 20260401, 350, 0), part(2, 20260501, 400, 0), void}
	w.must(w.SaveInstalments(background, w.petra(), entity, []store.InstalmentPlan{{Item: i.ID, Instalments: plan}}))
	w.same("what was paid before is not part of the plan", w.item("R1").Instalments, plan)
	w.applied(automatic(w.receipt(500), pay(i, 500)))
	full := part(1, 20260401, 350, 350)
	full.PaidOn, full.Cleared = 20260305, true
	w.same("paid", w.item("R1").Instalments, []recon.Instalment{full, part(2, 20260501, 400, 150), void})
	w.must(w.SaveInstalments(background, w.petra(), entity, []store.InstalmentPlan{{Item: i.ID, Instalments: []recon.Instalment{part(1, 20260601, 250, 0)}}}))
	w.same("a new plan", w.item("R1").Instalments, []recon.Instalment{part(1, 20260601, 250, 0)})
}
