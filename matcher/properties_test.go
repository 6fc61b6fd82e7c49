package matcher

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// crowd draws a world in which ties are frequent: few customers, few amounts, accounts and names that several share.
type crowd struct {
	t    *rapid.T
	tag  string
	work recon.Work
}

func drawWork(t *rapid.T, tag string, receipts int) recon.Work {
	c := crowd{t: t, tag: tag, work: recon.Work{Entity: "default"}}
	for i := range c.number("customers", 1, 4) {
		c.customer(i)
	}
	for i := range c.number("items", 1, 14) {
		c.item(i)
	}
	for i := range c.number("receipts", 1, receipts) {
		c.receipt(i)
	}
	return c.work
}

func (c *crowd) number(what string, low, high int) int {
	return rapid.IntRange(low, high).Draw(c.t, c.tag+what)
}

func (c *crowd) chance(what string, percent int) bool { return c.number(what, 1, 100) <= percent }

// id keeps the worlds of different tags apart.
func (c *crowd) id(n int) int64 {
	if c.tag == "" {
		return int64(n)
	}
	return int64(10_000 + n)
}

func (c *crowd) customer(i int) {
	customer := recon.Customer{Code: fmt.Sprintf("%sC%d", c.tag, i), Name: fmt.Sprintf("%sParty %c GmbH", c.tag, 'A'+i)}
	customer.IBANs = []string{c.tag + "X" + fmt.Sprint(i)}
	if c.chance("shared", 15) {
		customer.IBANs = append(customer.IBANs, c.tag+"X0")
	}
	if i > 0 && c.chance("pays", 15) {
		customer.PaysFor = []string{c.tag + "C0"}
	}
	customer.Lump = []recon.Lump{"", "", recon.LumpQueue, recon.LumpOldestFirst, recon.LumpOnAccount}[c.number("lump", 0, 4)]
	c.work.Book.Customers = append(c.work.Book.Customers, customer)
}

var amounts = []int64{10000, 10000, 20000, 30000, 50000, 12345, 9900}

func (c *crowd) item(i int) {
	amount := amounts[c.number("amount", 0, len(amounts)-1)]
	amount += int64(len(c.tag)) // unrelated worlds share no amount: an equal one is proposed where nobody knows who paid
	owner := c.work.Book.Customers[c.number("owner", 0, len(c.work.Book.Customers)-1)].Code
	it := recon.Item{ID: c.id(i + 1), Number: fmt.Sprintf("%sINV-%d", c.tag, 2000+i), Kind: recon.Invoice, Side: recon.Receivable, Customer: owner, Currency: "EUR",
		AmountMinor: amount, OpenMinor: amount, IssueDate: recon.Date(20260101 + c.number("issued", 0, 20)), DueDate: recon.Date(20260201 + c.number("due", 0, 27))}
	switch c.number("sort", 0, 19) {
	case 0:
		it.Kind = recon.CreditNote
	case 1:
		it.OpenMinor = 0
	case 2:
		it.OpenMinor = amount / 2
	case 3:
		it.Dispute = &recon.Dispute{Since: 20260101, AmountMinor: 0}
	case 4:
		it.Currency = "USD"
	case 5:
		it.Cancelled = true
	case 6:
		it.DiscountPercent, it.DiscountUntil = decimal.NewFromInt(2), 20260310
	case 7:
		it.TaxRate = decimal.NewFromInt(19)
	case 8:
		it.Order = c.tag + "PO-77123"
	case 9:
		it.Instalments = []recon.Instalment{{Sequence: 1, AmountMinor: amount / 2, DueDate: 20260201}, {Sequence: 2, AmountMinor: amount - amount/2, DueDate: 20260301}}
	}
	c.work.Book.Items = append(c.work.Book.Items, it)
}

func (c *crowd) receipt(i int) {
	r := recon.Receipt{Source: recon.Source{Kind: recon.SourceReceipt, ID: c.id(100 + i)}, AccountID: "main", Currency: "EUR", Proof: recon.Ties,
		Booked: recon.Date(20260302 + c.number("booked", 0, 3))}
	items := c.work.Book.Items
	var words []string
	for range c.number("named", 0, 3) {
		it := items[c.number("which", 0, len(items)-1)]
		r.AmountMinor += it.OpenMinor
		if c.chance("says", 70) {
			words = append(words, it.Number)
		}
	}
	r.AmountMinor += []int64{0, 0, 0, 0, -200, 150, -5000, 10000}[c.number("difference", 0, 7)]
	if r.AmountMinor <= 0 {
		r.AmountMinor = amounts[c.number("lump", 0, len(amounts)-1)]
	}
	if c.chance("phrase", 10) {
		words = append(words, []string{"Teilzahlung", "a conto", "rest on", "querying", "Bestellung 4711"}[c.number("phrases", 0, 4)])
	}
	r.TotalMinor, r.Text = r.AmountMinor, strings.Join(words, " ")
	who := c.number("who", 0, len(c.work.Book.Customers)-1)
	if c.chance("account", 75) {
		r.Payer.Account = c.tag + "X" + fmt.Sprint(who)
	}
	if c.chance("name", 60) {
		r.Payer.Name = c.work.Book.Customers[who].Name
	}
	r.Whole = c.chance("whole", 3)
	if c.chance("declined", 5) {
		r.Declined = []int64{items[0].ID}
	}
	c.work.Receipts = append(c.work.Receipts, r)
}

func crowdRules() rules.Set {
	set := rules.Default()
	set.Differences["EUR"] = rules.Difference{MaxMinor: 500, CapMinor: 800, CapPeriod: "month"}
	return set
}

// bySource writes each decision as text, so that equal means equal to the byte.
func bySource(t *rapid.T, plan recon.Plan) map[recon.Source]string {
	all := map[recon.Source]string{}
	for _, d := range plan.Decisions {
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		all[d.Source] = string(text)
	}
	return all
}

func sameDecisions(t *rapid.T, what string, want, got map[recon.Source]string) {
	for source, text := range want {
		if got[source] != text {
			t.Fatalf("%s changed %v\nfrom %s\nto   %s", what, source, text, got[source])
		}
	}
}

func TestOrderAndCompanyChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		work, set := drawWork(t, "", 8), crowdRules()
		want := bySource(t, Match(work, set))
		sameDecisions(t, "a second run", want, bySource(t, Match(work, set)))

		shuffled := work
		shuffled.Receipts = rapid.Permutation(work.Receipts).Draw(t, "receipts order")
		shuffled.Book.Items = rapid.Permutation(work.Book.Items).Draw(t, "items order")
		shuffled.Book.Customers = rapid.Permutation(work.Book.Customers).Draw(t, "customers order")
		sameDecisions(t, "another order", want, bySource(t, Match(shuffled, set)))

		other := drawWork(t, "Z", 4)
		joined := work
		joined.Receipts = slices.Concat(other.Receipts, work.Receipts)
		joined.Book.Items = slices.Concat(other.Book.Items, work.Book.Items)
		joined.Book.Customers = slices.Concat(other.Book.Customers, work.Book.Customers)
		sameDecisions(t, "unrelated company", want, bySource(t, Match(joined, set)))
	})
}

func TestAuditIsCleanOnRandomWorlds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		work, set := drawWork(t, "", 10), crowdRules()
		plan := Match(work, set)
		for _, f := range Audit(work, plan, set) {
			t.Errorf("%v", f)
		}
		for _, d := range plan.Decisions {
			if d.Outcome == recon.Queued && d.Customer != "" && missesOldestFirst(work, plan, d) {
				t.Errorf("no proposal pays the oldest item first: %+v", d)
			}
		}
	})
}

// missesOldestFirst reports a queued receipt of a customer with an open item that nothing bars, none of whose proposals
// pays any item.
func missesOldestFirst(work recon.Work, plan recon.Plan, d recon.Decision) bool {
	used := map[int64]int64{}
	for _, other := range plan.Decisions {
		for _, l := range other.Lines {
			used[l.Item] += l.AmountMinor
		}
	}
	open := slices.ContainsFunc(work.Book.Items, func(it recon.Item) bool {
		return it.Customer == d.Customer && it.OpenMinor > used[it.ID] && it.Currency == "EUR" && !it.Cancelled && it.Dispute == nil &&
			it.Kind == recon.Invoice && it.ID != work.Book.Items[0].ID
	})
	return open && !slices.ContainsFunc(d.Proposals, func(p recon.Proposal) bool {
		return slices.ContainsFunc(p.Lines, func(l recon.Line) bool { return l.Kind == recon.Payment })
	})
}

func TestProcessorsChangeNothing(t *testing.T) {
	work, set := nightly(3000), rules.Default()
	plans := make([]string, 2)
	for i, n := range []int{1, 4} {
		before := runtime.GOMAXPROCS(n)
		text, err := json.Marshal(Match(work, set))
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		plans[i] = string(text)
	}
	if plans[0] != plans[1] {
		t.Error("the number of processors changed the plan")
	}
	keys := Keys(work.Receipts, nil)
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	if fmt.Sprint(keys) != fmt.Sprint(Keys(work.Receipts, nil)) {
		t.Error("the number of processors changed the keys")
	}
}

// TestATieOnlyQueues is invariant I16: an item that ties with one that a receipt was applied to moves receipts to the queue
// and never to another item.
func TestATieOnlyQueues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		work, set := drawWork(t, "", 1), crowdRules()
		before := Match(work, set)
		d := before.Decisions[0]
		if d.Outcome != recon.Auto || d.Lines[0].Item == 0 || followsItems(d) {
			return // nothing was applied, so nothing can tie with it
		}
		twin := *itemOf(work, d.Lines[rapid.IntRange(0, len(d.Lines)-1).Draw(t, "line")].Item, d.Lines[0].Item)
		twin.ID, twin.Number, twin.TaxRate = 5000, "INV-9999", decimal.NewFromInt(7)
		tied := work
		tied.Book.Items = append(slices.Clone(work.Book.Items), twin)
		after := Match(tied, set).Decisions[0]
		if after.Outcome == recon.Auto && !slices.Equal(itemsPaid(after), itemsPaid(d)) {
			t.Fatalf("the tie moved the receipt\nfrom %+v\nto   %+v", d, after)
		}
	})
}

// followsItems reports decisions that rest on what else is open, not on a proof of one item: another item changes them rightly.
func followsItems(d recon.Decision) bool {
	return slices.Contains([]recon.Reason{PayerOldestFirst, LumpOnAccount, Overpaid, PayerPartial, PayerPartOldest, PayerTolerance, PayerDiscount}, d.Reason)
}

// itemsPaid are the items that a decision touches, in its order.
func itemsPaid(d recon.Decision) []int64 {
	var ids []int64
	for _, l := range d.Lines {
		if !slices.Contains(ids, l.Item) {
			ids = append(ids, l.Item)
		}
	}
	return ids
}

func itemOf(work recon.Work, ids ...int64) *recon.Item {
	for _, id := range ids {
		for i := range work.Book.Items {
			if work.Book.Items[i].ID == id {
				return &work.Book.Items[i]
			}
		}
	}
	return nil
}

// TestARivalReceiptOnlyQueues is the same for receipts: a twin of an applied receipt moves receipts to the queue, or is
// served beside it, and changes no item.
func TestARivalReceiptOnlyQueues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		work, set := drawWork(t, "", 3), crowdRules()
		before := Match(work, set)
		at := rapid.IntRange(0, len(work.Receipts)-1).Draw(t, "receipt")
		if before.Decisions[at].Outcome != recon.Auto {
			return // the receipt was not applied anyway
		}
		twin := work.Receipts[at]
		twin.Source.ID = 999
		rival := work
		rival.Receipts = append(slices.Clone(work.Receipts), twin)
		after := Match(rival, set)
		d, a := before.Decisions[at], after.Decisions[at]
		if a.Outcome == recon.Auto && !slices.Equal(itemsPaid(a), itemsPaid(d)) && !followsItems(d) {
			t.Fatalf("the rival moved %v\nfrom %+v\nto   %+v", d.Source, d, a)
		}
	})
}

// TestAuditCatchesEveryMutation changes one thing in a plan that the audit accepts; it must not accept that.
func TestAuditCatchesEveryMutation(t *testing.T) {
	set := crowdRules()
	caught := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		work := drawWork(t, "", 6)
		pick := rapid.IntRange(0, 5).Draw(t, "decision")
		for name, mutate := range mutations() {
			plan := Match(work, set)
			plan.Decisions = slices.Clone(plan.Decisions)
			var applied []int
			for i, d := range plan.Decisions {
				plan.Decisions[i].Lines = slices.Clone(d.Lines)
				if d.Outcome == recon.Auto {
					applied = append(applied, i)
				}
			}
			if len(applied) == 0 {
				return
			}
			at := applied[pick%len(applied)]
			if !mutate(&plan, at, &work) {
				continue
			}
			if len(Audit(work, plan, set)) == 0 {
				t.Fatalf("%s of decision %d was not caught: %+v", name, at, plan.Decisions[at])
			}
			caught[name]++
		}
	})
	for name := range mutations() {
		if caught[name] == 0 {
			t.Errorf("%s was never tried", name)
		}
	}
}

// mutations are wrong changes of an applied decision; each says whether it applies.
func mutations() map[string]func(*recon.Plan, int, *recon.Work) bool {
	line := func(change func(*recon.Line)) func(*recon.Plan, int, *recon.Work) bool {
		return func(p *recon.Plan, at int, _ *recon.Work) bool {
			change(&p.Decisions[at].Lines[0])
			return true
		}
	}
	return map[string]func(*recon.Plan, int, *recon.Work) bool{
		"a cent more":     line(func(l *recon.Line) { l.AmountMinor++ }),
		"a cent less":     line(func(l *recon.Line) { l.AmountMinor-- }),
		"nothing":         line(func(l *recon.Line) { l.AmountMinor = 0 }),
		"negative":        line(func(l *recon.Line) { l.AmountMinor = -l.AmountMinor }),
		"an unknown item": line(func(l *recon.Line) { l.Item = 424242 }),
		"another kind":    line(func(l *recon.Line) { l.Kind = recon.Refund }),
		"a person's kind": line(func(l *recon.Line) { l.Kind = recon.Adjustment }),
		"another ledger":  line(func(l *recon.Line) { l.Ledger = "9999" }),
		"an order":        line(func(l *recon.Line) { l.Order += "X"; l.Kind = recon.Payment; l.Item = 1 }),
		"no lines":        func(p *recon.Plan, at int, _ *recon.Work) bool { p.Decisions[at].Lines = nil; return true },
		"a line twice": func(p *recon.Plan, at int, _ *recon.Work) bool {
			d := &p.Decisions[at]
			d.Lines = append(d.Lines, d.Lines[0])
			return true
		},
		"queued with lines": func(p *recon.Plan, at int, _ *recon.Work) bool { p.Decisions[at].Outcome = recon.Queued; return true },
		"no reason":         func(p *recon.Plan, at int, _ *recon.Work) bool { p.Decisions[at].Reason = ""; return true },
		"a queue's reason":  func(p *recon.Plan, at int, _ *recon.Work) bool { p.Decisions[at].Reason = AmbiguousLump; return true },
		"a low score":       func(p *recon.Plan, at int, _ *recon.Work) bool { p.Decisions[at].Score = 79; return true },
		"a low margin":      func(p *recon.Plan, at int, _ *recon.Work) bool { p.Decisions[at].Margin = 9; return true },
		"clears as well":    func(p *recon.Plan, at int, _ *recon.Work) bool { p.Decisions[at].Clears = 7; return true },
		"reverses as well":  func(p *recon.Plan, at int, _ *recon.Work) bool { p.Decisions[at].Reverses = []int64{7}; return true },
		"a return":          func(p *recon.Plan, at int, _ *recon.Work) bool { p.Decisions[at].Return = true; return true },
		"another source":    func(p *recon.Plan, at int, _ *recon.Work) bool { p.Decisions[at].Source.ID++; return true },
		"cleared":           func(p *recon.Plan, at int, _ *recon.Work) bool { p.Decisions[at].Outcome = recon.Cleared; return true },
		"waits":             func(p *recon.Plan, at int, _ *recon.Work) bool { p.Decisions[at].Outcome = recon.Waits; return true },
		"a lost decision": func(p *recon.Plan, at int, _ *recon.Work) bool {
			p.Decisions = slices.Delete(p.Decisions, at, at+1)
			return true
		},
		"other rules": func(p *recon.Plan, _ int, _ *recon.Work) bool { p.Rules += "x"; return true },
		"another's item": func(p *recon.Plan, at int, work *recon.Work) bool {
			l := &p.Decisions[at].Lines[0]
			own := itemOf(*work, l.Item)
			for i := range work.Book.Items {
				it := &work.Book.Items[i]
				if own != nil && l.Kind == recon.Payment && it.Customer != own.Customer && strings.HasPrefix(string(p.Decisions[at].Reason), "reference_") && !strings.Contains(work.Receipts[at].Text, it.Number) {
					l.Item = it.ID
					return true
				}
			}
			return false
		},
		"a large write-off": func(p *recon.Plan, at int, _ *recon.Work) bool {
			d := &p.Decisions[at]
			d.Lines = append(d.Lines, recon.Line{Kind: recon.WriteOff, Item: d.Lines[0].Item, AmountMinor: 501})
			return true
		},
		"a gain from nowhere": func(p *recon.Plan, at int, _ *recon.Work) bool {
			d := &p.Decisions[at]
			d.Lines = append(d.Lines, recon.Line{Kind: recon.Gain, AmountMinor: 1})
			return true
		},
		"a discount never offered": func(p *recon.Plan, at int, _ *recon.Work) bool {
			d := &p.Decisions[at]
			if slices.ContainsFunc(d.Lines, func(l recon.Line) bool { return l.Kind == recon.Discount }) {
				return false
			}
			d.Lines = append(d.Lines, recon.Line{Kind: recon.Discount, Item: d.Lines[0].Item, AmountMinor: 20000})
			return true
		},
	}
}
