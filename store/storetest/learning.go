package storetest

import (
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

const aliasAccount = "FR7630006000011234567890189"

// lesson is that an account, or a name, is a customer's.
func lesson(kind recon.AliasKind, value string, second bool) recon.Lesson {
	return recon.Lesson{Alias: recon.Alias{Kind: kind, Value: value}, Keys: []string{string(kind) + ":" + value}, Second: second}
}

// taught resolves a new receipt for a customer with a lesson, and returns the receipt.
func (w *world) taught(customer string, minor int64, lessons ...recon.Lesson) int64 {
	w.Helper()
	id := w.receipt(minor)
	_, err := w.resolve(store.Resolution{Receipt: id, Customer: customer, Lines: []recon.Line{line(recon.OnAccount, recon.Item{}, minor)}, Lessons: lessons})
	w.must(err)
	return id
}

func (w *world) aliases(states ...recon.AliasState) []recon.AliasRow {
	w.Helper()
	rows, err := w.Aliases(background, entity, states...)
	w.must(err)
	return rows
}

// quinn is the next act of a second person.
func (w *world) quinn() store.Act {
	act := w.petra()
	act.Actor = "quinn"
	return act
}

func (w *world) approve(act store.Act, alias int64) error {
	return w.DecideAlias(background, act, store.AliasDecision{Entity: entity, Alias: alias, Approve: true})
}

func (w *world) decline(act store.Act, alias int64) error {
	return w.DecideAlias(background, act, store.AliasDecision{Entity: entity, Alias: alias, Reason: "a shared account"})
}

// found returns the customers that a payer key leads to.
func (w *world) found(keys ...string) (codes []string) {
	w.Helper()
	book, err := w.LoadBook(background, entity, recon.Keys{Payers: keys})
	w.must(err)
	for _, c := range book.Customers {
		codes = append(codes, c.Code)
	}
	return codes
}

func learningStories() []story {
	customers := func(w *world) {
		w.Helper()
		w.must(w.SaveCustomers(background, w.act(), entity, []store.KeyedCustomer{{Customer: recon.Customer{Code: "C1", Name: "One"}, Keys: []string{"name:ONE"}},
			{Customer: recon.Customer{Code: "C2", Name: "Two"}, Keys: []string{"name:TWO"}}}))
	}
	account := lesson(recon.AliasAccount, aliasAccount, true)
	return []story{
		{"a decision suggests, another person approves, the customer is found by it", func(w *world) {
			customers(w)
			receipt := w.taught("C1", 100, account)
			row := w.aliases()[0]
			w.same("suggested", row, recon.AliasRow{ID: 1, Alias: account.Alias, Customer: "C1", State: recon.AliasProposed, Second: true, Proposer: "petra",
				Proposed: row.Proposed, Receipts: []int64{receipt}})
			w.same("not found by it yet", w.found(account.Keys...), []string(nil))
			w.must(w.approve(w.quinn(), 1))
			w.same("found", w.found(account.Keys...), []string{"C1"})
			row = w.aliases(recon.AliasApproved)[0]
			w.same("approved", []any{row.State, row.Decider, row.Decided.IsZero()}, []any{recon.AliasApproved, "quinn", false})
			all, err := w.Customers(background, entity)
			w.must(err)
			w.same("learned", all[0].Learned, []recon.Alias{account.Alias})
		}},
		{"who proposed it does not approve it", func(w *world) {
			customers(w)
			w.taught("C1", 100, account)
			w.fails(w.approve(w.petra(), 1), store.ErrFourEyes)
			w.same("state", w.aliases()[0].State, recon.AliasProposed)
			w.taught("C1", 200, account) // a second decision of the same person is no second person
			w.fails(w.approve(w.petra(), 1), store.ErrFourEyes)
			w.must(w.approve(w.quinn(), 1))
		}},
		{"where the rules let one person do, the rules of today may ask for two", func(w *world) {
			customers(w)
			w.taught("C1", 100, lesson(recon.AliasAccount, aliasAccount, false), lesson(recon.AliasName, "Uno", false))
			w.fails(w.DecideAlias(background, w.petra(), store.AliasDecision{Entity: entity, Alias: 1, Approve: true, Second: true}), store.ErrFourEyes)
			w.must(w.approve(w.petra(), 1))
			w.must(w.approve(w.petra(), 2))
			w.same("found by name", w.found("name:Uno"), []string{"C1"})
		}},
		{"what is declined is not suggested again", func(w *world) {
			customers(w)
			w.taught("C1", 100, account)
			w.must(w.decline(w.petra(), 1))
			w.taught("C1", 200, account)
			row := w.aliases()[0]
			w.same("declined", []any{len(w.aliases()), row.State, row.Reason, len(row.Receipts)}, []any{1, recon.AliasDeclined, "a shared account", 2})
			w.same("open suggestions", len(w.aliases(recon.AliasProposed)), 0)
			w.fails(w.decline(w.petra(), 1), store.ErrStale)
		}},
		{"an approved alias is forgotten when it is declined, and comes back when it is approved", func(w *world) {
			customers(w)
			w.taught("C1", 100, account)
			w.must(w.approve(w.quinn(), 1))
			w.fails(w.approve(w.quinn(), 1), store.ErrStale)
			w.must(w.decline(w.petra(), 1))
			w.same("found", w.found(account.Keys...), []string(nil))
			w.fails(w.approve(w.petra(), 1), store.ErrFourEyes)
			w.must(w.approve(w.quinn(), 1))
			w.same("found again", w.found(account.Keys...), []string{"C1"})
		}},
		{"an import of customers leaves alone what was learned", func(w *world) {
			customers(w)
			w.taught("C1", 100, account)
			w.must(w.approve(w.quinn(), 1))
			customers(w)
			w.same("found", w.found(account.Keys...), []string{"C1"})
			book, err := w.LoadBook(background, entity, recon.Keys{Customers: []string{"C1"}})
			w.must(err)
			w.same("learned", book.Customers[0].Learned, []recon.Alias{account.Alias})
		}},
		{"a suggestion whose decisions were taken back is none", func(w *world) {
			customers(w)
			receipt := w.taught("C1", 100, account)
			_, err := w.undo(ids(w.applications(receipt))...)
			w.must(err)
			w.same("suggestions", len(w.aliases()), 0)
			w.fails(w.approve(w.quinn(), 1), store.ErrStale)
			w.taught("C1", 200, account)
			w.must(w.approve(w.quinn(), 1))
		}},
		{"the same for two customers: both are told", func(w *world) {
			customers(w)
			w.taught("C1", 100, account)
			w.taught("C2", 100, account)
			rows := w.aliases()
			w.same("others", [][]string{rows[0].Others, rows[1].Others}, [][]string{{"C1"}, {"C2"}})
			w.must(w.decline(w.quinn(), 1))
			w.same("alone", w.aliases(recon.AliasProposed)[0].Others, []string(nil))
		}},
		{"aliases are those of one entity, and known", func(w *world) {
			customers(w)
			w.taught("C1", 100, account)
			w.fails(w.approve(w.quinn(), 2), store.ErrNotFound)
			w.fails(w.DecideAlias(background, w.quinn(), store.AliasDecision{Entity: sister, Alias: 1, Approve: true}), store.ErrNotFound)
			rows, err := w.Aliases(background, sister)
			w.must(err)
			w.same("of the sister", len(rows), 0)
		}},
		{"a resolution that fails teaches nothing", func(w *world) {
			customers(w)
			id := w.receipt(100)
			_, err := w.resolve(store.Resolution{Receipt: id, Customer: "C1", Lines: []recon.Line{line(recon.OnAccount, recon.Item{}, 101)}, Lessons: []recon.Lesson{account}})
			w.fails(err, store.ErrOver)
			w.same("suggestions", len(w.aliases()), 0)
		}},
		{"a receipt parted from an item is decided anew without it", func(w *world) {
			items := w.items(invoice("R1", "C1", 100), invoice("R2", "C1", 200))
			id := w.receipt(100)
			w.applied(queued(id, "ambiguous_lump", recon.Proposal{Reason: "payer_exact_single", Lines: []recon.Line{pay(items[0], 100)}}))
			c, _ := w.theCase(id)
			w.fails(w.Decline(background, w.petra(), store.Parting{Entity: entity, Receipt: id, Version: c.Version + 1, Items: []int64{items[0].ID}}), store.ErrStale)
			w.must(w.Decline(background, w.petra(), store.Parting{Entity: entity, Receipt: id, Version: c.Version, Items: []int64{items[0].ID}, Reason: "not that one"}))
			receipts, _, err := w.Undecided(background, entity)
			w.must(err)
			w.same("to decide", []any{receipts[0].Declined, receipts[0].Standing}, []any{[]int64{items[0].ID}, ""})
			c, open := w.theCase(id)
			w.same("case", []any{open, c.Reason, c.Proposals}, []any{true, recon.ReasonParted, 0})
		}},
		{"what is not in the queue is not parted", func(w *world) {
			items := w.items(invoice("R1", "C1", 100))
			id := w.receipt(100)
			part := func(receipt int64, items ...int64) error {
				return w.Decline(background, w.petra(), store.Parting{Entity: entity, Receipt: receipt, Items: items})
			}
			w.fails(part(id, items[0].ID), store.ErrStale)
			w.fails(part(99, items[0].ID), store.ErrNotFound)
			w.applied(queued(id, "ambiguous_lump"))
			w.fails(part(id, 99), store.ErrNotFound)
			w.fails(part(id), store.ErrStale)
			w.must(part(id, items[0].ID))
		}},
		{"a difference that was undone alone is refused for good", func(w *world) {
			items := w.items(invoice("R1", "C1", 1000), invoice("R2", "C1", 1000))
			id := w.receipt(1990)
			w.applied(automatic(id, pay(items[0], 995), line(recon.WriteOff, items[0], 5), pay(items[1], 995), line(recon.WriteOff, items[1], 5)))
			_, err := w.undo(2) // the write-off of R1 alone
			w.must(err)
			w.same("refused", [][]recon.Kind{w.item("R1").Refused, w.item("R2").Refused}, [][]recon.Kind{{recon.WriteOff}, nil})
			_, err = w.undo(3) // the payment of R2, which takes its write-off along
			w.must(err)
			w.same("refused", [][]recon.Kind{w.item("R1").Refused, w.item("R2").Refused}, [][]recon.Kind{{recon.WriteOff}, nil})
			book, err := w.LoadBook(background, entity, recon.Keys{Customers: []string{"C1"}})
			w.must(err)
			at := slices.IndexFunc(book.Items, func(i recon.Item) bool { return i.Number == "R1" })
			w.same("in the book", book.Items[at].Refused, []recon.Kind{recon.WriteOff})
		}},
	}
}
