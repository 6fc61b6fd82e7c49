package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// random tells stories that nobody wrote: sequences of operations, sensible and senseless ones, and proves the
// invariants after each. The seed is in the name of the test.
func random(t *testing.T, open Open) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			g := &gambler{world: newWorld(t, open(t)), r: rand.New(rand.NewPCG(seed, 26))}
			for step := range 60 {
				verb, err := g.step()
				if err != nil && !expected(err) {
					t.Fatalf("step %d, %s: %v", step, verb, err)
				}
				if g.prove(); t.Failed() {
					t.Fatalf("after step %d, %s (%v)", step, verb, err)
				}
			}
			g.settled()
		})
	}
}

// expected are the errors that a senseless operation deserves.
func expected(err error) bool {
	return errors.Is(err, store.ErrStale) || errors.Is(err, store.ErrOver) || errors.Is(err, store.ErrNotFound)
}

// gambler does one thing after the other.
type gambler struct {
	*world
	r       *rand.Rand
	numbers int
	live    []int64 // applications as last seen
	items   []recon.Item
	held    []recon.Holding
	open    []int64 // receipts and returns as last seen
	back    []int64
	hand    []recon.ReceiptRow
	came    []recon.ReceiptRow // from the bank
	done    int                // operations that changed something
}

func (g *gambler) step() (verb string, err error) {
	g.look()
	steps := []struct {
		verb string
		do   func() error
	}{
		{"import", g.importItems}, {"receipts", g.bookReceipts}, {"plan", g.decide}, {"plan", g.decide}, {"plan", g.decide}, {"resolve", g.byHand},
		{"undo", g.takeBack}, {"return", g.bankReturns}, {"pay", g.recordPayment}, {"use", g.useHeld}, {"external", g.external}, {"clear", g.clearPayment},
		{"release", g.letGo},
	}
	chosen := steps[g.r.IntN(len(steps))]
	if err = chosen.do(); err == nil {
		g.done++
	}
	return chosen.verb, err
}

// look reads what there is.
func (g *gambler) look() {
	g.live, g.items, g.held, g.hand, g.came = nil, nil, nil, nil, nil
	g.view(func(v store.View) {
		for a := range all(g.world, v.Applications()) {
			if a.Live() {
				g.live = append(g.live, a.ID)
			}
		}
		for i := range all(g.world, v.Items()) {
			g.items = append(g.items, i)
		}
		for h := range all(g.world, v.Holdings()) {
			g.held = append(g.held, h)
		}
		for r := range all(g.world, v.Receipts()) {
			if r.ByHand {
				g.hand = append(g.hand, r)
			} else {
				g.came = append(g.came, r)
			}
		}
	})
	g.open, g.back = g.undecided()
}

func one[T any](g *gambler, from []T) (chosen T, ok bool) {
	if len(from) == 0 {
		return chosen, false
	}
	return from[g.r.IntN(len(from))], true
}

func (g *gambler) minor() int64 { return int64(g.r.IntN(20)+1) * 50 }

func (g *gambler) importItems() error {
	var items []store.NewItem
	for range g.r.IntN(3) + 1 {
		g.numbers++
		i := invoice(fmt.Sprintf("N%d", g.numbers), fmt.Sprintf("C%d", g.r.IntN(3)), g.minor())
		i.OpenMinor -= int64(g.r.IntN(2)) * int64(g.r.IntN(int(i.AmountMinor)+1))
		if g.r.IntN(4) == 0 {
			creditNote(&i)
		}
		if g.r.IntN(6) == 0 {
			i.Currency = "USD"
		}
		items = append(items, i)
	}
	return g.SaveItems(background, g.act(), store.ItemChanges{Entity: entity, AsOf: 20260301, New: items})
}

func (g *gambler) bookReceipts() error {
	var entries []recon.Entry
	for range g.r.IntN(3) + 1 {
		entries = append(entries, credit(g.minor(), onDay(20260301+recon.Date(g.r.IntN(20)))))
	}
	g.entries(entries...)
	return nil
}

// lines makes up how to place an amount, often in ways that do not fit.
func (g *gambler) lines(minor int64) (lines []recon.Line) {
	for minor > 0 && len(lines) < 4 {
		part := min(minor, g.minor())
		item, known := one(g, g.items)
		switch kind := g.r.IntN(8); {
		case known && kind < 4:
			lines = append(lines, pay(item, part))
		case known && kind == 4:
			lines = append(lines, pay(item, part), line(recon.WriteOff, item, 1))
		case known && kind == 5 && item.Kind == recon.CreditNote:
			lines = append(lines, recon.Line{Kind: recon.Credit, Item: g.items[0].ID, CreditNote: item.ID, AmountMinor: part})
			continue
		case kind == 6:
			lines = append(lines, recon.Line{Kind: recon.Advance, AmountMinor: part, Order: "SO"})
		default:
			lines = append(lines, recon.Line{Kind: recon.OnAccount, AmountMinor: part})
		}
		minor -= part
	}
	return lines
}

func (g *gambler) decide() error {
	var plan recon.Plan
	receipts, _, err := g.Undecided(background, entity)
	if err != nil {
		return err
	}
	for _, r := range receipts {
		d := automatic(r.Source.ID, g.lines(r.AmountMinor)...)
		d.Source = r.Source
		switch g.r.IntN(6) {
		case 0:
			d = queued(r.Source.ID, recon.Reason(fmt.Sprintf("reason_%d", g.r.IntN(2))))
			d.Source = r.Source
		case 1:
			d.Outcome, d.Lines = recon.SetAside, nil
			if r.Source.Kind != recon.SourceReceipt {
				d.Outcome = recon.Queued
			}
		}
		if r.Source.Kind != recon.SourceReceipt && len(d.Lines) > 0 {
			d.Lines = d.Lines[:1]
		}
		plan.Decisions = append(plan.Decisions, d)
	}
	plan.Entity = entity
	report, err := g.SavePlan(background, g.act(), plan)
	if n := report.Applied + report.Queued + report.Unchanged + len(report.Stale); err == nil && n != len(plan.Decisions) {
		return fmt.Errorf("%d decisions, report %+v", len(plan.Decisions), report)
	}
	return err
}

func (g *gambler) byHand() error {
	id, known := one(g, g.open)
	if !known {
		return nil
	}
	r := store.Resolution{Receipt: id, Customer: "C1", Digest: fmt.Sprint(g.acts)}
	if g.r.IntN(4) == 0 {
		r.SetAside = true
	} else {
		r.Lines = g.lines(g.minor())
	}
	_, err := g.resolve(r)
	return err
}

func (g *gambler) takeBack() error {
	var chosen []int64
	for range g.r.IntN(3) + 1 {
		if id, known := one(g, g.live); known {
			chosen = append(chosen, id)
		}
	}
	_, err := g.undo(chosen...)
	return err
}

// bankReturns takes back a receipt whole, in part, or with an amount that it never had.
func (g *gambler) bankReturns() error {
	if r, known := one(g, g.came); known && g.r.IntN(2) == 0 {
		id, back := r.ID, g.bounce(r.AmountMinor)
		d := bounced(back)
		d.Clears = id
		_, err := g.SavePlan(background, g.act(), recon.Plan{Entity: entity, Decisions: []recon.Decision{gone(id, back), d}})
		return err
	}
	id, known := one(g, g.live)
	if !known {
		return nil
	}
	a, err := g.Application(background, entity, id)
	if err != nil || a.Source.Kind != recon.SourceReceipt {
		return err
	}
	minor := g.row(a.Source.ID).AmountMinor + int64(g.r.IntN(3)-1)*10
	if minor <= 0 {
		return nil
	}
	back := g.bounce(minor)
	_, err = g.SavePlan(background, g.act(), recon.Plan{Entity: entity, Decisions: []recon.Decision{bounced(back, ids(g.applications(a.Source.ID))...)}})
	return err
}

func (g *gambler) recordPayment() error {
	p := store.RecordedPayment{Entity: entity, AccountID: "main", Customer: "C1", Currency: "EUR", AmountMinor: g.minor(), Date: 20260304}
	p.Lines = g.lines(p.AmountMinor)
	_, err := g.RecordPayment(background, g.petra(), p)
	return err
}

func (g *gambler) useHeld() error {
	h, known := one(g, g.held)
	item, any := one(g, g.items)
	if !known || !any {
		return nil
	}
	d := automatic(0, pay(item, g.minor()))
	d.Source = recon.Source{Kind: h.Kind, ID: h.ID}
	_, err := g.SavePlan(background, g.act(), recon.Plan{Entity: entity, Decisions: []recon.Decision{d}})
	return err
}

func (g *gambler) external() error {
	item, known := one(g, g.items)
	if !known {
		return nil
	}
	return g.SaveItems(background, g.act(), store.ItemChanges{Entity: entity, External: []store.Settled{{Item: item.ID, AmountMinor: g.minor(), Effective: 20260309}}})
}

func (g *gambler) clearPayment() error {
	hand, known := one(g, g.hand)
	if !known {
		return nil
	}
	id := g.receipt(hand.AmountMinor)
	_, err := g.SavePlan(background, g.act(), recon.Plan{Entity: entity, Decisions: []recon.Decision{
		{Source: source(id), Outcome: recon.Cleared, Reason: "cleared", Clears: hand.ID}}})
	return err
}

func (g *gambler) letGo() error {
	return g.Release(background, g.petra(), entity, int64(g.r.IntN(int(g.lastEntry())+1)))
}

// settled checks that the luck was not all bad: a test of refused operations alone proves nothing.
func (g *gambler) settled() {
	made := 0
	g.view(func(v store.View) {
		for range all(g.world, v.Applications()) {
			made++
		}
	})
	if g.done < 30 || made < 15 {
		g.Fatalf("%d operations of 60 were taken, %d applications were made", g.done, made)
	}
}
