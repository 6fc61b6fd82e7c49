package storetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// told writes applications briefly: kind, source, item, amount, and what a reversal takes back.
func told(applications []recon.Application) string {
	var b strings.Builder
	for _, a := range applications {
		fmt.Fprintf(&b, "%d %s %s%d>%d %d", a.ID, a.Kind, a.Source.Kind, a.Source.ID, a.Item, a.AmountMinor)
		if a.Reverses != 0 {
			fmt.Fprintf(&b, " -%d", a.Reverses)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func line(kind recon.Kind, item recon.Item, minor int64) recon.Line {
	return recon.Line{Kind: kind, Item: item.ID, AmountMinor: minor}
}

func planStories() []story {
	return []story{
		{"a receipt pays an item", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(1000)
			w.same("report", w.plan(automatic(id, pay(i, 1000))), store.PlanReport{Applied: 1})
			w.open("R1", 0)
			w.same("paid on", w.item("R1").PaidOn, recon.Date(20260305))
			w.toDecide()
			w.same("application", w.applications(id), []recon.Application{{ID: 1, Source: source(id), Item: i.ID, Kind: recon.Payment, AmountMinor: 1000, Currency: "EUR",
				Customer: "C1", Effective: 20260305, Original: 20260305, Recorded: noon.Add(5e9), Reason: "reference_exact", Actor: "engine", Decision: 1}})
			r := w.row(id)
			w.same("receipt", []any{r.Customer, r.AllocatedMinor, r.AmountMinor}, []any{"C1", int64(1000), int64(1000)})
			_, queued := w.theCase(id)
			w.same("queued", queued, false)
		}},
		{"every kind of line moves what it says", everyKind},
		{"a second plan cannot decide it again", func(w *world) {
			items := w.items(invoice("R1", "C1", 1000), invoice("R2", "C1", 1000))
			id := w.receipt(1000)
			w.applied(automatic(id, pay(items[0], 1000)))
			w.stale(automatic(id, pay(items[1], 1000)))
			w.stale(queued(id, "ambiguous_lump"))
			w.open("R1", 0, "R2", 1000)
		}},
		{"some of what is undecided, and nothing else", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			receipts := w.entries(credit(100), credit(200), credit(300), credit(400, onDay(20260301)))
			back, other := w.bounce(700), w.bounce(800)
			w.applied(automatic(receipts[0], pay(i, 100)), automatic(receipts[1], recon.Line{Kind: recon.Advance, AmountMinor: 200, Order: "SO-1"}))
			advance := recon.Source{Kind: recon.SourceAdvance, ID: w.applications(receipts[1])[0].ID}
			all, returns, err := w.Undecided(background, entity)
			w.must(err)
			w.same("undecided", len(all)+len(returns), 5) // two receipts, an advance, two returns
			among, backs, err := w.UndecidedAmong(background, entity, []recon.Source{source(receipts[0]), advance, source(receipts[3]), source(99)}, []int64{back, 98})
			w.must(err)
			w.same("among", among, slices.DeleteFunc(all, func(r recon.Receipt) bool { return r.Source == source(receipts[2]) }))
			w.same("returns", backs, slices.DeleteFunc(returns, func(r recon.Return) bool { return r.EntryID == other }))
			none, backs, err := w.UndecidedAmong(background, entity, nil, nil)
			w.must(err)
			w.same("none", len(none)+len(backs), 0)
		}},
		{"one stale decision leaves nothing and the others stand", func(w *world) {
			items := w.items(invoice("R1", "C1", 100), invoice("R2", "C1", 100))
			receipts := w.entries(credit(100), credit(150), credit(100))
			report := w.plan(automatic(receipts[0], pay(items[0], 100)),
				automatic(receipts[1], pay(items[1], 50), pay(items[0], 100)), // R1 is paid by now
				automatic(receipts[2], pay(items[1], 100)))
			w.same("report", report, store.PlanReport{Applied: 2, Stale: []recon.Source{source(receipts[1])}})
			w.open("R1", 0, "R2", 0)
			w.toDecide(receipts[1])
			w.same("nothing of it", len(w.applications(receipts[1])), 0)
		}},
		{"what does not fit is stale", func(w *world) {
			items := w.items(invoice("R1", "C1", 100), invoice("R2", "C1", 100, func(i *store.NewItem) { i.Currency = "USD" }),
				invoice("CN", "C1", 30, creditNote))
			id := w.receipt(150)
			unknown := recon.Item{ID: 99}
			for _, d := range []recon.Decision{
				automatic(id, pay(items[0], 100)),                                          // 50 would stay unplaced
				automatic(id, pay(items[0], 150)),                                          // more than is open
				automatic(id, pay(items[0], 100), line(recon.OnAccount, recon.Item{}, 60)), // more than came in
				automatic(id, pay(items[1], 100), line(recon.OnAccount, recon.Item{}, 50)), // another currency
				automatic(id, pay(unknown, 150)),                                           // no such item
				automatic(id, pay(items[0], 90), recon.Line{Kind: recon.Credit, Item: 1, CreditNote: 3, AmountMinor: 31}, line(recon.OnAccount, recon.Item{}, 60)), // more than the credit note has
				automatic(id, pay(items[0], 100), line(recon.WriteOff, items[0], 1), line(recon.OnAccount, recon.Item{}, 50)),                                      // nothing left to write off
				automatic(99, pay(items[0], 100)), // no such receipt
			} {
				w.stale(d)
			}
			w.open("R1", 100, "R2", 100, "CN", 30)
			w.toDecide(id)
		}},
		{"money pays no credit note, and only a credit note is set against an invoice", func(w *world) {
			items := w.items(invoice("R1", "C1", 100), invoice("R2", "C1", 100), invoice("CN", "C1", 100, creditNote),
				invoice("P1", "S1", 100, func(i *store.NewItem) { i.Side = recon.Payable }))
			id := w.receipt(100)
			set := func(target, note recon.Item) recon.Line {
				return recon.Line{Kind: recon.Credit, Item: target.ID, CreditNote: note.ID, AmountMinor: 10}
			}
			w.stale(automatic(id, pay(items[2], 100)))
			w.stale(automatic(id, pay(items[3], 100)))
			w.stale(automatic(id, pay(items[0], 90), set(items[0], items[1]), line(recon.Gain, recon.Item{}, 10)))
			w.stale(automatic(id, pay(items[0], 90), set(items[2], items[2]), line(recon.Gain, recon.Item{}, 10)))
			w.stale(automatic(id, pay(items[0], 90), set(items[0], items[3]), line(recon.Gain, recon.Item{}, 10)))
			w.applied(automatic(id, pay(items[0], 90), set(items[0], items[2]), line(recon.Gain, recon.Item{}, 10)))
		}},
		{"a cancelled item takes nothing", func(w *world) {
			i := w.items(invoice("R1", "C1", 100))[0]
			i.Cancelled = true
			w.must(w.SaveItems(background, w.act(), store.ItemChanges{Entity: entity, Changed: []store.KeyedItem{{Item: i}}}))
			w.stale(automatic(w.receipt(100), pay(i, 100)))
		}},
		{"a line that means nothing is an error, not a stale decision", func(w *world) {
			i := w.items(invoice("R1", "C1", 100))[0]
			id := w.receipt(100)
			for _, l := range []recon.Line{pay(i, 0), pay(i, -5), {Kind: recon.Payment, AmountMinor: 100}, {Kind: recon.OnAccount, Item: 1, AmountMinor: 100},
				{Kind: recon.Credit, Item: 1, AmountMinor: 10}, {Kind: recon.External, Item: 1, AmountMinor: 10}} {
				_, err := w.SavePlan(background, w.act(), recon.Plan{Entity: entity, Decisions: []recon.Decision{automatic(id, l)}})
				if err == nil {
					w.Errorf("%+v was taken", l)
				}
			}
			w.open("R1", 100)
		}},
		{"one write-off for a receipt and an item", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(990)
			w.stale(automatic(id, pay(i, 990), line(recon.WriteOff, i, 4), line(recon.WriteOff, i, 3)))
			w.applied(automatic(id, pay(i, 990), line(recon.WriteOff, i, 4)))
			w.open("R1", 6)
		}},
		{"a queued receipt opens a case", queuedReceipt},
		{"the same again changes nothing", func(w *world) {
			id := w.receipt(100)
			w.applied(queued(id, "ambiguous_lump"))
			before := w.audits()
			receipts, _, err := w.Undecided(background, entity)
			w.must(err)
			again := queued(id, "ambiguous_lump")
			w.same("standing", receipts[0].Standing, again.Digest())
			w.same("report", w.plan(again), store.PlanReport{Unchanged: 1})
			w.same("audit rows", w.audits(), before)
			c, _ := w.theCase(id)
			w.same("version", c.Version, int64(1))
			w.same("report", w.plan(queued(id, "payer_unknown")), store.PlanReport{Queued: 1})
			c, _ = w.theCase(id)
			w.same("the case moves on", []any{c.Version, c.Reason, c.Opened}, []any{int64(2), recon.Reason("payer_unknown"), noon.Add(4e9)})
		}},
		{"a case closes when the engine finds an answer", func(w *world) {
			i := w.items(invoice("R1", "C1", 100))[0]
			id := w.receipt(100)
			w.applied(queued(id, "payer_no_open_item"))
			w.applied(automatic(id, pay(i, 100)))
			_, open := w.theCase(id)
			w.same("open", open, false)
		}},
		{"a receipt put aside", func(w *world) {
			id := w.receipt(100)
			w.applied(recon.Decision{Source: source(id), Outcome: recon.SetAside, Reason: "no_receipt"})
			w.toDecide()
			w.same("allocated", w.row(id).AllocatedMinor, int64(0))
		}},
		{"an advance meets its invoice", advance},
		{"money on account is not decided again", func(w *world) {
			id := w.receipt(100)
			w.applied(automatic(id, recon.Line{Kind: recon.OnAccount, AmountMinor: 100}))
			w.toDecide()
			w.view(func(v store.View) {
				for h := range all(w, v.Holdings()) {
					w.same("holding", h, recon.Holding{ID: 1, Kind: recon.SourceOnAccount, Receipt: id, Customer: "C1", Currency: "EUR", AmountMinor: 100})
				}
			})
		}},
		{"a bank entry clears a payment by hand", clearing},
		{"a dispute in the payer's words", func(w *world) {
			i := w.items(invoice("R1", "C1", 800))[0]
			d := automatic(w.receipt(600), pay(i, 600))
			d.Shortfalls = []recon.Shortfall{{Item: i.ID, AmountMinor: 200, Why: "dispute", Phrase: "querying the rest"}}
			w.applied(d)
			w.open("R1", 200)
			w.same("dispute", w.item("R1").Dispute, &recon.Dispute{Since: 20260305, AmountMinor: 200, Reason: "dispute", Phrase: "querying the rest", Decision: 1})
		}},
		{"a day promised for the rest", promise},
		{"a decision is kept with all that speaks for it", keptDecision},
		{"nothing to decide", func(w *world) {
			before := w.audits()
			w.same("report", w.plan(), store.PlanReport{})
			w.same("audit rows", w.audits(), before)
		}},
		{"the version of an item grows with every application", func(w *world) {
			i := w.items(invoice("R1", "C1", 100))[0]
			w.applied(automatic(w.receipt(60), pay(i, 60)))
			w.same("version", w.item("R1").Version, i.Version+1)
		}},
	}
}

func everyKind(w *world) {
	items := w.items(invoice("R1", "C1", 10000), invoice("R2", "C2", 5000), invoice("CN", "C1", 2000, creditNote))
	r1, r2, cn := items[0], items[1], items[2]
	id := w.receipt(12000)
	lines := []recon.Line{
		pay(r1, 7000),
		{Kind: recon.Credit, Item: r1.ID, CreditNote: cn.ID, AmountMinor: 1500},
		{Kind: recon.Discount, Item: r1.ID, AmountMinor: 200, TaxMinor: 32},
		line(recon.WriteOff, r1, 5),
		line(recon.Adjustment, r1, 10),
		line(recon.BankCharge, r1, 20),
		line(recon.WithheldTax, r1, 30),
		line(recon.Exchange, r1, 40),
		pay(r2, 4000),
		{Kind: recon.Gain, AmountMinor: 100, Ledger: "2650"},
		{Kind: recon.OnAccount, AmountMinor: 300},
		{Kind: recon.Advance, AmountMinor: 500, Order: "SO-7"},
		{Kind: recon.Refund, AmountMinor: 100},
	}
	w.applied(automatic(id, lines...))
	w.open("R1", 10000-7000-1500-200-5-10-20-30-40, "R2", 1000, "CN", 500)
	r := w.row(id)
	w.same("receipt", []int64{r.AllocatedMinor, r.RefundedMinor}, []int64{11900, 100})
	applications := w.applications(id)
	w.same("applications", told(applications), `1 payment receipt1>1 7000
2 credit credit_note3>1 1500
3 discount receipt1>1 200
4 write_off receipt1>1 5
5 adjustment receipt1>1 10
6 bank_charge receipt1>1 20
7 withheld_tax receipt1>1 30
8 fx receipt1>1 40
9 payment receipt1>2 4000
10 gain receipt1>0 100
11 on_account receipt1>0 300
12 advance receipt1>0 500
13 refund receipt1>0 100
`)
	w.same("customer of an item's line is the item's", applications[8].Customer, "C2")
	w.same("details", []any{applications[2].TaxMinor, applications[9].Ledger, applications[11].Order}, []any{int64(32), "2650", "SO-7"})
	detail, err := w.Decision(background, entity, id)
	w.must(err)
	w.same("the decision tells its lines", detail.Decision.Lines, lines)
}

func queuedReceipt(w *world) {
	i := w.items(invoice("R1", "C1", 100))[0]
	small := w.receipt(50)
	id := w.receipt(100, func(e *recon.Entry) { e.Text = "two of them" })
	w.applied(queued(small, "payer_unknown"))
	w.applied(queued(id, "ambiguous_lump", recon.Proposal{Reason: "payer_oldest_first", Score: 60, Customer: "C1", Lines: []recon.Line{pay(i, 100)}}))
	cases, err := w.Cases(background, entity, store.CaseQuery{})
	w.must(err)
	w.same("the largest first", []int64{cases[0].Receipt, cases[1].Receipt}, []int64{id, small})
	w.same("case", cases[0], store.Case{Receipt: id, AccountID: "main", Booked: 20260305, Currency: "EUR", AmountMinor: 100, Payer: "Customer One", Customer: "C1",
		Text: "two of them", Reason: "ambiguous_lump", Score: 60, Proposals: 1, Opened: noon.Add(8e9), Version: 1})
	w.same("the payer is known", w.row(id).Customer, "C1")
	w.toDecide(small, id)
}

func advance(w *world) {
	id := w.receipt(500)
	w.applied(automatic(id, recon.Line{Kind: recon.Advance, AmountMinor: 500, Order: "SO-7"}))
	receipts, _, err := w.Undecided(background, entity)
	w.must(err)
	w.same("waiting", len(receipts), 1)
	held := recon.Source{Kind: recon.SourceAdvance, ID: 1}
	a := receipts[0]
	w.same("advance", []any{a.Source, a.AmountMinor, a.TotalMinor, a.Customer, a.Order, a.Text, a.Booked},
		[]any{held, int64(500), int64(500), "C1", "SO-7", "thank you", recon.Date(20260305)})

	waiting := recon.Decision{Source: held, Outcome: recon.Queued, Reason: "advance_waiting", Customer: "C1"}
	w.same("report", w.plan(waiting), store.PlanReport{Queued: 1})
	w.same("report", w.plan(waiting), store.PlanReport{Unchanged: 1})
	cases, err := w.Cases(background, entity, store.CaseQuery{})
	w.must(err)
	w.same("money held has no case", len(cases), 0)

	i := w.items(invoice("R1", "C1", 300, func(i *store.NewItem) { i.Effective, i.IssueDate = 20260309, 20260309 }))[0]
	d := automatic(0, pay(i, 300))
	d.Source = held
	w.applied(d)
	w.open("R1", 0)
	used := w.applications(id)
	w.same("applications of the receipt", told(used), "1 advance receipt1>0 500\n2 payment advance1>1 300\n")
	w.same("it counts from the day the invoice is there", used[1].Effective, recon.Date(20260309))
	receipts, _, err = w.Undecided(background, entity)
	w.must(err)
	w.same("the rest waits on", []any{len(receipts), receipts[0].AmountMinor}, []any{1, int64(200)})
	d.Lines = []recon.Line{pay(i, 201)}
	w.stale(d)
}

func clearing(w *world) {
	i := w.items(invoice("R1", "C1", 1000))[0]
	hand, err := w.RecordPayment(background, w.petra(), store.RecordedPayment{Entity: entity, AccountID: "main", Customer: "C1", Currency: "EUR", AmountMinor: 300,
		Date: 20260303, Method: "cheque", Lines: []recon.Line{pay(i, 300)}})
	w.must(err)
	receipts := w.entries(credit(300, onDay(20260306)), credit(300, onDay(20260307)), credit(299))
	cleared := func(receipt int64) recon.Decision {
		return recon.Decision{Source: source(receipt), Outcome: recon.Cleared, Reason: "cleared", Customer: "C1", Clears: hand}
	}
	w.stale(cleared(receipts[2])) // another amount
	w.applied(cleared(receipts[0]))
	w.stale(cleared(receipts[1])) // cleared already
	w.open("R1", 700)
	w.toDecide(receipts[2], receipts[1])
	bank, payment := w.row(receipts[0]), w.row(hand)
	w.same("bank entry", []any{bank.Clears, bank.AllocatedMinor, bank.AmountMinor}, []any{hand, int64(0), int64(300)})
	w.same("payment", []any{payment.ClearedBy, payment.ClearedOn, payment.AllocatedMinor}, []any{receipts[0], recon.Date(20260306), int64(300)})
	detail, err := w.Decision(background, entity, hand)
	w.must(err)
	w.same("by which entry and when", []any{detail.Uncleared, detail.ClearedBy, detail.ClearedOn}, []any{false, receipts[0], recon.Date(20260306)})
	w.same("method", detail.Method, "cheque")
	w.stale(automatic(receipts[0], pay(i, 300)))
}

// A promise is good while what was paid with it stands; the last one counts.
func promise(w *world) {
	i := w.items(invoice("R1", "C1", 800))[0]
	part := func(day recon.Date) recon.Decision {
		d := automatic(w.receipt(100), pay(i, 100))
		d.Shortfalls = []recon.Shortfall{{Item: i.ID, AmountMinor: 700, Why: "instalment", NextDate: day}}
		return d
	}
	w.applied(part(20260415))
	w.same("promised", w.item("R1").Promise, &recon.Promise{Date: 20260415, Decision: 1})
	w.applied(part(20260515))
	w.same("promised anew", w.item("R1").Promise, &recon.Promise{Date: 20260515, Decision: 2})
	_, err := w.Undo(background, w.petra(), entity, []int64{2}, "wrong")
	w.must(err)
	w.same("the first one stands again", w.item("R1").Promise, &recon.Promise{Date: 20260415, Decision: 1})
	w.view(func(v store.View) {
		for one := range all(w, v.Items()) {
			w.same("in a view", one.Promise, &recon.Promise{Date: 20260415, Decision: 1})
		}
	})
}

func keptDecision(w *world) {
	i := w.items(invoice("R1", "C1", 100), invoice("R2", "C1", 100))
	e := full()
	e.AmountMinor = 100
	id := w.entries(e)[0]
	d := recon.Decision{Source: source(id), Outcome: recon.Queued, Reason: "ambiguous_lump", Score: 55, Margin: 3, Customer: "C1",
		Evidence:   []recon.Evidence{{Factor: recon.FactorPayer, Code: "iban", Points: 20, Seen: "DE…"}, {Factor: recon.FactorAmount, Code: "sum", Item: 1, Points: -3}},
		Shortfalls: []recon.Shortfall{{Item: 1, AmountMinor: 5, Why: "instalment", Phrase: "first part", NextDate: 20260401}},
		Proposals: []recon.Proposal{
			{Reason: "payer_oldest_first", Score: 55, Customer: "C1", DifferenceMinor: -100, Lines: []recon.Line{pay(i[0], 60), {Kind: recon.Discount, Item: 2, AmountMinor: 3, TaxMinor: 1, Ledger: "8730"}},
				Evidence: []recon.Evidence{{Factor: recon.FactorTiming, Code: "due", Points: 1}}},
			{Reason: "clears", Score: 50, Clears: 12, Reverses: []int64{3, 4}},
		},
		Rejected: []recon.Rejection{{Item: 2, Reason: "item_disputed"}, {Item: 7, Reason: "currency_mismatch"}},
		Rivals:   []int64{8, 9},
	}
	w.applied(d)
	detail, err := w.Decision(background, entity, id)
	w.must(err)
	w.same("decision", detail.Decision, d)
	w.same("how", []any{detail.ID, detail.Actor, detail.At, detail.Run, detail.Rules, detail.Note}, []any{int64(1), "engine", noon.Add(5e9), int64(7), "r1", ""})
	w.same("entry", detail.Entry.Entry, e)
	w.same("case", detail.Case.Receipt, id)
	_, err = w.Decision(background, entity, 99)
	w.fails(err, store.ErrNotFound)
	_, err = w.Decision(background, entity, w.receipt(5))
	w.fails(err, store.ErrNotFound)
}
