package matcher

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// drawReturns adds earlier receipts and returns to a work: some share ids, some only sender and amount, some nothing.
func drawReturns(t *rapid.T, work *recon.Work) {
	c := crowd{t: t, work: *work}
	ids := []string{"", "", "E1", "E2", "NOTPROVIDED"}
	for i := range work.Receipts {
		r := &work.Receipts[i]
		r.EndToEndID, r.MandateID = ids[c.number("e2e", 0, 4)], []string{"", "M1"}[c.number("mandate", 0, 1)]
		if c.chance("known", 50) {
			p := recon.PaidReceipt{ReceiptID: r.Source.ID, AccountID: r.AccountID, Currency: r.Currency, AmountMinor: r.TotalMinor, Booked: r.Booked,
				EndToEndID: r.EndToEndID, MandateID: r.MandateID, Payer: r.Payer}
			if c.chance("parted", 20) {
				p.Declined = []int64{900}
			}
			work.Book.Paid = append(work.Book.Paid, p)
		}
	}
	for i := range c.number("paid", 0, 3) {
		p := recon.PaidReceipt{ReceiptID: int64(700 + i), AccountID: "main", Currency: "EUR", AmountMinor: amounts[c.number("amount", 0, len(amounts)-1)],
			Booked: 20260201, EndToEndID: ids[c.number("e2e", 0, 4)], MandateID: "M1", Payer: recon.Party{Account: "X0"}, Returned: c.chance("returned", 10)}
		for k, kind := range []recon.Kind{recon.Payment, recon.Discount, recon.Refund}[:c.number("applied", 0, 3)] {
			p.Applications = append(p.Applications, recon.Application{ID: p.ReceiptID*10 + int64(k), Kind: kind, AmountMinor: 1, Item: 1})
		}
		work.Book.Paid = append(work.Book.Paid, p)
	}
	for i := range c.number("returns", 1, 3) {
		r := recon.Return{EntryID: int64(900 + i), AccountID: "main", Currency: "EUR", Booked: 20260306, EndToEndID: ids[c.number("e2e", 0, 4)],
			MandateID: []string{"", "M1"}[c.number("mandate", 0, 1)], Text: "INV-2000"}
		if n := len(work.Book.Paid); n > 0 && c.chance("of paid", 50) {
			p := work.Book.Paid[c.number("which", 0, n-1)]
			r.AmountMinor, r.EndToEndID = p.AmountMinor, p.EndToEndID
		} else {
			r.AmountMinor = work.Receipts[c.number("which", 0, len(work.Receipts)-1)].TotalMinor
		}
		if c.chance("sender", 50) {
			r.Counterparty.Account = fmt.Sprintf("X%d", c.number("who", 0, 2))
		}
		work.Returns = append(work.Returns, r)
	}
}

func TestReturnsPassTheAuditInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		work, set := drawWork(t, "", 5), crowdRules()
		drawReturns(t, &work)
		plan := Match(work, set)
		for _, f := range Audit(work, plan, set) {
			t.Errorf("%v", f)
		}
		shuffled := work
		shuffled.Receipts = rapid.Permutation(work.Receipts).Draw(t, "receipts order")
		shuffled.Returns = rapid.Permutation(work.Returns).Draw(t, "returns order")
		shuffled.Book.Paid = rapid.Permutation(work.Book.Paid).Draw(t, "paid order")
		sameDecisions(t, "another order", bySource(t, plan), bySource(t, Match(shuffled, set)))
	})
}

// TestAuditCatchesEveryMutationOfAReturn changes one thing about a return that takes something back.
func TestAuditCatchesEveryMutationOfAReturn(t *testing.T) {
	set := rules.Default()
	caught := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		work := drawWork(t, "", 4)
		drawReturns(t, &work)
		for name, mutate := range returnMutations() {
			work := work
			plan := Match(work, set)
			plan.Decisions = slices.Clone(plan.Decisions)
			for i := range plan.Decisions {
				d := &plan.Decisions[i]
				if !d.Return || d.Outcome != recon.Reversed || !mutate(&work, &plan, d) {
					continue
				}
				if len(Audit(work, plan, set)) == 0 {
					t.Fatalf("%s of decision %d was not caught: %+v", name, i, plan.Decisions[i])
				}
				caught[name]++
				break
			}
		}
	})
	for name := range returnMutations() {
		if caught[name] == 0 {
			t.Errorf("%s was never tried", name)
		}
	}
}

// returnMutations are wrong changes of a return; each says whether it applies.
func returnMutations() map[string]func(*recon.Work, *recon.Plan, *recon.Decision) bool {
	change := func(do func(*recon.Decision)) func(*recon.Work, *recon.Plan, *recon.Decision) bool {
		return func(_ *recon.Work, _ *recon.Plan, d *recon.Decision) bool { do(d); return true }
	}
	receipt := func(work *recon.Work, plan *recon.Plan, d *recon.Decision) *recon.Decision {
		for i := range work.Receipts {
			if work.Receipts[i].Source.ID == d.Clears {
				return &plan.Decisions[i]
			}
		}
		return nil
	}
	return map[string]func(*recon.Work, *recon.Plan, *recon.Decision) bool{
		"another receipt":    change(func(d *recon.Decision) { d.Clears++ }),
		"no receipt":         change(func(d *recon.Decision) { d.Clears = 0 }),
		"one more reversed":  change(func(d *recon.Decision) { d.Reverses = append(slices.Clone(d.Reverses), 99) }),
		"a line":             change(func(d *recon.Decision) { d.Lines = []recon.Line{{Kind: recon.Payment, Item: 1, AmountMinor: 1}} }),
		"queued but reverse": change(func(d *recon.Decision) { d.Outcome, d.Reason = recon.Queued, ReturnUnmatched }),
		"another reason":     change(func(d *recon.Decision) { d.Reason = ReturnUnmatched }),
		"one less reversed": func(_ *recon.Work, _ *recon.Plan, d *recon.Decision) bool {
			if len(d.Reverses) == 0 {
				return false
			}
			d.Reverses = d.Reverses[1:]
			return true
		},
		"the receipt is applied": func(work *recon.Work, plan *recon.Plan, d *recon.Decision) bool {
			own := receipt(work, plan, d)
			if own == nil {
				return false
			}
			own.Outcome, own.Reason, own.Rivals = recon.Queued, PayerUnknown, nil
			return true
		},
		"the receipt names another return": func(work *recon.Work, plan *recon.Plan, d *recon.Decision) bool {
			own := receipt(work, plan, d)
			if own == nil {
				return false
			}
			own.Rivals = []int64{4711}
			return true
		},
		"the return alone waits": func(work *recon.Work, plan *recon.Plan, d *recon.Decision) bool {
			if receipt(work, plan, d) == nil {
				return false
			}
			d.Outcome, d.Reason, d.Clears, d.Reverses = recon.Queued, ReturnUnmatched, 0, nil
			return true
		},
		"it was parted": func(work *recon.Work, _ *recon.Plan, d *recon.Decision) bool {
			for i := range work.Book.Paid {
				if work.Book.Paid[i].ReceiptID == d.Clears {
					work.Book.Paid = slices.Clone(work.Book.Paid)
					work.Book.Paid[i].Declined = []int64{d.Source.ID}
					return true
				}
			}
			return false
		},
		"a twin could be meant": func(work *recon.Work, _ *recon.Plan, d *recon.Decision) bool {
			for _, p := range work.Book.Paid {
				if p.ReceiptID == d.Clears {
					p.ReceiptID = 4711
					work.Book.Paid = append(slices.Clone(work.Book.Paid), p)
					return true
				}
			}
			return false
		},
	}
}
