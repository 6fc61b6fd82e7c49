package storetest

import (
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func (w *world) book(keys recon.Keys) recon.Book {
	w.Helper()
	book, err := w.LoadBook(background, entity, keys)
	w.must(err)
	return book
}

// numbers checks which items are in a book.
func (w *world) numbers(book recon.Book, want ...string) {
	w.Helper()
	var got []string
	for n, i := range book.Items {
		if n > 0 && i.ID <= book.Items[n-1].ID {
			w.Fatalf("items are not by id: %v", book.Items)
		}
		got = append(got, i.Number)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		w.Fatalf("items in the book: got %v, want %v", got, want)
	}
}

func bookStories() []story {
	return []story{
		{"nothing is in reach of no keys", func(w *world) {
			w.items(invoice("R1", "C1", 100))
			w.same("book", w.book(recon.Keys{}), recon.Book{})
		}},
		{"a reference leads to its item and its customer's open items", func(w *world) {
			settled := func(i *store.NewItem) { i.OpenMinor = 0 }
			w.items(invoice("R1", "C1", 100), invoice("R2", "C1", 100), invoice("R3", "C1", 100, settled), invoice("R4", "C2", 100), invoice("R5", "C2", 100, settled))
			w.numbers(w.book(recon.Keys{References: []string{"R1"}}), "R1", "R2")
			w.numbers(w.book(recon.Keys{References: []string{"R3"}}), "R1", "R2", "R3")
			w.numbers(w.book(recon.Keys{References: []string{"R5", "none"}}), "R4", "R5")
		}},
		{"settled items of the amount of a receipt", func(w *world) {
			settled := func(i *store.NewItem) { i.OpenMinor = 0 }
			w.items(invoice("R1", "C1", 100, settled), invoice("R2", "C1", 70, settled), invoice("R3", "C1", 50), invoice("R4", "C2", 100, settled))
			w.numbers(w.book(recon.Keys{Customers: []string{"C1"}}), "R3")
			w.numbers(w.book(recon.Keys{Customers: []string{"C1"}, Sums: []recon.Sum{{Payers: []string{"name:ONE"}, Currency: "EUR", AmountMinor: 100}}}), "R1", "R3")
		}},
		{"payables are not in reach", func(w *world) {
			payable := func(i *store.NewItem) { i.Side = recon.Payable }
			w.items(invoice("R1", "C1", 100, payable), invoice("R2", "C1", 100))
			w.numbers(w.book(recon.Keys{References: []string{"R1"}}))
			w.numbers(w.book(recon.Keys{Customers: []string{"C1"}}), "R2")
		}},
		{"payers, known customers and those they pay for", reachOfPayers},
		{"many keys find the same as few", manyKeys},
		{"a mandate leads to the customer it paid for", mandates},
		{"payments by hand that no bank entry has cleared", func(w *world) {
			i := w.items(invoice("R1", "C1", 100))[0]
			id, err := w.RecordPayment(background, w.petra(), store.RecordedPayment{Entity: entity, AccountID: "main", Customer: "C1", Currency: "EUR",
				AmountMinor: 60, Date: 20260303, Method: "cheque", Cheque: "4711", Lines: []recon.Line{pay(i, 60)}})
			w.must(err)
			w.same("recorded", w.book(recon.Keys{}).Recorded, []recon.Recorded{{ReceiptID: id, AccountID: "main", Customer: "C1", Items: []int64{i.ID}, Currency: "EUR",
				AmountMinor: 60, Date: 20260303, Method: "cheque", Cheque: "4711"}})
			w.applied(recon.Decision{Source: source(w.receipt(60)), Outcome: recon.Cleared, Reason: "cleared", Clears: id})
			w.same("recorded", len(w.book(recon.Keys{}).Recorded), 0)
		}},
		{"what a return may take back", paidReceipts},
		{"what a return without an id may take back", tracedReceipts},
		{"unpaid items of an amount that nobody known sent", func(w *world) {
			w.must(w.SaveCustomers(background, w.act(), entity, []store.KeyedCustomer{{Customer: recon.Customer{Code: "C1", Name: "One", PaysFor: []string{"C2"}}, Keys: []string{"iban:1"}}}))
			part := func(i *store.NewItem) { i.OpenMinor = 60 }
			w.items(invoice("R1", "C1", 100), invoice("R2", "C1", 200), invoice("R3", "C2", 100), invoice("R7", "C2", 100, part), invoice("R4", "C2", 100, creditNote),
				invoice("R5", "C2", 100, func(i *store.NewItem) { i.Currency = "USD" }), invoice("R6", "C2", 100, func(i *store.NewItem) { i.OpenMinor = 0 }))
			book := w.book(recon.Keys{Payers: []string{"iban:9"}, Sums: []recon.Sum{{Payers: []string{"iban:9"}, Currency: "EUR", AmountMinor: 100}}})
			w.numbers(book, "R1", "R3")
			w.same("its owner, for the name", []any{len(book.Customers), book.Customers[0].Name}, []any{1, "One"})
			w.numbers(w.book(recon.Keys{Sums: []recon.Sum{{Currency: "EUR", AmountMinor: 100}}}), "R1", "R3")
			w.numbers(w.book(recon.Keys{Payers: []string{"iban:1"}, Sums: []recon.Sum{{Payers: []string{"iban:1"}, Currency: "EUR", AmountMinor: 100}}}), "R1", "R2", "R3", "R4", "R5", "R6", "R7")
		}},
		{"write-offs of customers in reach, and what was settled lately", func(w *world) {
			items := w.items(invoice("R1", "C1", 1000), invoice("R2", "C1", 1000), invoice("R3", "C2", 1000))
			off := func(i recon.Item, minor int64) recon.Line {
				return recon.Line{Kind: recon.WriteOff, Item: i.ID, AmountMinor: minor}
			}
			receipts := w.entries(credit(995), credit(997), credit(996))
			w.applied(automatic(receipts[0], pay(items[0], 995), off(items[0], 5)), automatic(receipts[1], pay(items[1], 997), off(items[1], 3)),
				automatic(receipts[2], pay(items[2], 996), off(items[2], 4)))
			_, err := w.Undo(background, w.petra(), entity, ids(w.applications(receipts[1])), "wrong")
			w.must(err)
			book := w.book(recon.Keys{References: []string{"R1"}})
			w.same("write-offs", book.WriteOffs, []recon.WriteOffUse{{Customer: "C1", Currency: "EUR", Effective: 20260305, AmountMinor: 5}})
			w.same("settled", book.Settled, []recon.SettledItem{{Item: 1, ReceiptID: receipts[0], AmountMinor: 995, Effective: 20260305},
				{Item: 1, ReceiptID: receipts[0], AmountMinor: 5, Effective: 20260305}})
		}},
		{"settlements of more than a year ago are left out", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			receipts := w.entries(credit(100, onDay(20250101)), credit(200))
			w.applied(automatic(receipts[0], pay(i, 100)), automatic(receipts[1], pay(i, 200)))
			w.same("settled", w.book(recon.Keys{References: []string{"R1"}}).Settled, []recon.SettledItem{{Item: 1, ReceiptID: receipts[1], AmountMinor: 200, Effective: 20260305}})
		}},
		{"a reference of a sister company", func(w *world) {
			w.must(w.SaveEntity(background, w.act(), store.Entity{ID: sister, Name: "Sister", BaseCurrency: "EUR"}))
			w.must(w.SaveItems(background, w.act(), store.ItemChanges{Entity: sister, New: []store.NewItem{invoice("S1", "C1", 100), invoice("S2", "C1", 100)}}))
			w.same("foreign", w.book(recon.Keys{References: []string{"R1", "S2"}}).Foreign, []recon.ForeignKey{{Key: "S2", Entity: sister}})
		}},
		{"disputes and payment plans come along", func(w *world) {
			w.items(invoice("R1", "C1", 100))
			w.must(w.SaveDisputes(background, w.petra(), entity, []store.ItemDispute{{Item: 1, Dispute: recon.Dispute{Since: 20260301, Reason: "damaged"}}}))
			w.must(w.SaveInstalments(background, w.petra(), entity, []store.InstalmentPlan{{Item: 1, Instalments: []recon.Instalment{{Sequence: 1, DueDate: 20260401, AmountMinor: 100}}}}))
			got := w.book(recon.Keys{References: []string{"R1"}}).Items[0]
			w.same("dispute", got.Dispute, &recon.Dispute{Since: 20260301, Reason: "damaged"})
			w.same("plan", got.Instalments, []recon.Instalment{{Sequence: 1, DueDate: 20260401, AmountMinor: 100}})
		}},
	}
}

func reachOfPayers(w *world) {
	customer := func(code string, paysFor []string, keys ...string) store.KeyedCustomer {
		return store.KeyedCustomer{Customer: recon.Customer{Code: code, Name: code, PaysFor: paysFor}, Keys: keys}
	}
	w.must(w.SaveCustomers(background, w.act(), entity, []store.KeyedCustomer{customer("C1", nil, "iban:1", "iban:shared"), customer("C2", nil, "iban:shared"),
		customer("C3", []string{"C4"}, "iban:3"), customer("C4", []string{"C5"}), customer("C5", nil)}))
	w.items(invoice("R1", "C1", 100), invoice("R2", "C2", 100), invoice("R3", "C3", 100), invoice("R4", "C4", 100), invoice("R5", "C5", 100))
	codes := func(book recon.Book) (codes string) {
		for _, c := range book.Customers {
			codes += c.Code
		}
		return codes
	}
	for _, c := range []struct {
		keys  recon.Keys
		codes string
		items []string
	}{
		{recon.Keys{Payers: []string{"iban:1"}}, "C1", []string{"R1"}},
		{recon.Keys{Payers: []string{"iban:shared"}}, "C1C2", []string{"R1", "R2"}},
		{recon.Keys{Payers: []string{"iban:3"}}, "C3C4", []string{"R3", "R4"}},
		{recon.Keys{Customers: []string{"C5"}}, "C5", []string{"R5"}},
		{recon.Keys{References: []string{"R3"}, Payers: []string{"iban:1", "iban:none"}}, "C1C3C4", []string{"R1", "R3", "R4"}},
	} {
		book := w.book(c.keys)
		w.same(fmt.Sprintf("customers of %+v", c.keys), codes(book), c.codes)
		w.numbers(book, c.items...)
	}
	w.same("whom a customer pays for", w.book(recon.Keys{Customers: []string{"C3"}}).Customers[0].PaysFor, []string{"C4"})
}

// manyKeys are more than are looked up one by one.
func manyKeys(w *world) {
	w.must(w.SaveEntity(background, w.act(), store.Entity{ID: sister, Name: "Sister", BaseCurrency: "EUR"}))
	w.must(w.SaveItems(background, w.act(), store.ItemChanges{Entity: sister, New: []store.NewItem{invoice("K00017", "C1", 100)}}))
	var items []store.NewItem
	for i := range 50 {
		items = append(items, invoice(fmt.Sprintf("K%05d", i*1000+17), fmt.Sprintf("C%d", i), 100))
	}
	w.items(items...)
	keys := recon.Keys{References: []string{"zzz"}}
	for i := range 60_000 {
		if i != 5017 {
			keys.References = append(keys.References, fmt.Sprintf("K%05d", i))
		}
	}
	book := w.book(keys)
	w.same("items", len(book.Items), 49)
	w.same("foreign", book.Foreign, []recon.ForeignKey{{Key: "K00017", Entity: sister}})
}

func mandates(w *world) {
	items := w.items(invoice("R1", "C1", 100), invoice("R2", "C1", 100), invoice("R3", "C2", 100))
	mandate := func(e *recon.Entry) { e.MandateID = "M1" }
	receipts := w.entries(credit(100, mandate), credit(100, mandate))
	w.same("a mandate that paid nothing leads nowhere", len(w.book(recon.Keys{Mandates: []string{"M1"}}).Mandates), 0)
	w.applied(automatic(receipts[0], pay(items[0], 100)), automatic(receipts[1], pay(items[2], 100)))
	_, err := w.Undo(background, w.petra(), entity, ids(w.applications(receipts[1])), "wrong")
	w.must(err)
	book := w.book(recon.Keys{Mandates: []string{"M1", "M2"}})
	w.same("mandates", book.Mandates, []recon.MandateLink{{Mandate: "M1", Customer: "C1"}})
	w.numbers(book, "R2")
}

func paidReceipts(w *world) {
	i := w.items(invoice("R1", "C1", 1000))[0]
	receipts := w.entries(credit(100, func(e *recon.Entry) { e.EndToEndID, e.MandateID = "E1", "M1" }), credit(200, func(e *recon.Entry) { e.TransactionID = "T1" }),
		credit(300, func(e *recon.Entry) { e.BankReference = "B1" }), credit(50, func(e *recon.Entry) { e.EndToEndID = "NOTPROVIDED" }))
	w.applied(automatic(receipts[0], pay(i, 100)))
	_, err := w.Undo(background, w.petra(), entity, ids(w.applications(receipts[0])), "wrong")
	w.must(err)
	w.applied(automatic(receipts[0], pay(i, 90), recon.Line{Kind: recon.OnAccount, AmountMinor: 10}))
	hand, err := w.RecordPayment(background, w.petra(), store.RecordedPayment{Entity: entity, AccountID: "main", Customer: "C1", Currency: "EUR",
		AmountMinor: 300, Date: 20260303, Lines: []recon.Line{pay(i, 300)}})
	w.must(err)
	w.applied(recon.Decision{Source: source(receipts[2]), Outcome: recon.Cleared, Reason: "cleared", Clears: hand})

	paid := w.book(recon.Keys{Returned: []string{"E1", "M1", "T1", "B1", "NOTPROVIDED", ""}}).Paid
	w.same("paid", len(paid), 3)
	w.same("the live applications of each", []int{len(paid[0].Applications), len(paid[1].Applications), len(paid[2].Applications)}, []int{2, 0, 1})
	w.same("what a bank entry cleared is the payment by hand", []any{paid[2].ReceiptID, paid[2].AmountMinor, paid[2].BankReference}, []any{hand, int64(300), "B1"})
	paid[0].Applications = nil
	w.same("receipt", paid[0], recon.PaidReceipt{ReceiptID: receipts[0], AccountID: "main", Currency: "EUR", AmountMinor: 100, Booked: 20260305, EndToEndID: "E1",
		MandateID: "M1", Payer: credit(1).Counterparty, Customer: "C1"})
}

// tracedReceipts are found by who sent how much, and for what.
func tracedReceipts(w *world) {
	items := w.items(invoice("R1", "C1", 1000), invoice("R2", "C1", 1000))
	from := func(account string) func(*recon.Entry) {
		return func(e *recon.Entry) { e.Counterparty.Account = account }
	}
	receipts := w.entries(credit(100, from("A")), credit(100, from("B")), credit(97, from("A")), credit(100, from("A"), onDay(20250101)), credit(100, from("")))
	w.applied(automatic(receipts[1], pay(items[0], 100)), automatic(receipts[4], pay(items[1], 100)))
	hand, err := w.RecordPayment(background, w.petra(), store.RecordedPayment{Entity: entity, AccountID: "main", Customer: "C1", Currency: "EUR",
		AmountMinor: 100, Date: 20260303, Lines: []recon.Line{pay(items[0], 100)}})
	w.must(err)
	found := func(t recon.Trace) (ids []int64) {
		t.AccountID, t.Since, t.Until = "main", 20260101, 20260310
		for _, p := range w.book(recon.Keys{Traces: []recon.Trace{t}}).Paid {
			ids = append(ids, p.ReceiptID)
		}
		return ids
	}
	w.same("of a sender", found(recon.Trace{Sender: "A", AmountsMinor: []int64{100}}), receipts[:1])
	w.same("less charges", found(recon.Trace{Sender: "A", AmountsMinor: []int64{100, 97}}), []int64{receipts[0], receipts[2]})
	w.same("for an item, not yet seen by the bank", found(recon.Trace{References: []string{"R1"}, AmountsMinor: []int64{100}}), receipts[1:2])
	bank := w.receipt(100, from("C"))
	w.applied(recon.Decision{Source: source(bank), Outcome: recon.Cleared, Reason: "cleared", Clears: hand})
	w.same("for an item", found(recon.Trace{References: []string{"R1"}, AmountsMinor: []int64{100}}), []int64{receipts[1], hand})
	w.same("both ways", found(recon.Trace{Sender: "A", References: []string{"R2"}, AmountsMinor: []int64{100}}), []int64{receipts[0], receipts[4]})
	w.same("nobody", found(recon.Trace{Sender: "X", References: []string{"X"}, AmountsMinor: []int64{100}}), []int64(nil))
}
