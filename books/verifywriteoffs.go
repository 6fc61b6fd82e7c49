package books

import (
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
)

// writeOffs is I8: at most one live write-off for each receipt and item, and those that the engine made under the rules in force
// stay within them: the residual of one receipt within the maximum (the stricter of amount and percent of what was open), the
// sum of a customer's period within the cap. Write-offs made by people or under earlier rules had other bounds.
func (p *proof) writeOffs() Check {
	replay := &writeOffReplay{proof: p, fell: map[int64]int64{}, single: map[[2]int64]int64{}, periods: map[capKey]int64{}}
	for n := range p.apps {
		replay.step(&p.apps[n])
	}
	replay.judge()
	return replay.check("I8", "write-offs stay within the rules", fmt.Sprintf("%d live write-offs", replay.writeOffs))
}

// writeOffReplay goes through the applications in their order and knows what was open before each decision.
type writeOffReplay struct {
	finding
	*proof
	fell      map[int64]int64    // item → what it fell by so far
	single    map[[2]int64]int64 // receipt and item → write-off
	periods   map[capKey]int64
	writeOffs int

	decision    int64 // the one being replayed
	beforeMinor int64 // open before it, of the items it touches
	offMinor    int64 // written off by it
	touched     []int64
	currency    recon.Currency
}

type capKey struct {
	customer string
	currency recon.Currency
	period   recon.Date
}

func (r *writeOffReplay) step(a *recon.Application) {
	if a.Decision != r.decision {
		r.judge()
		r.decision, r.beforeMinor, r.offMinor, r.touched, r.currency = a.Decision, 0, 0, nil, a.Currency
	}
	if !a.Kind.Reduces() {
		return
	}
	if a.Reverses != 0 {
		r.fell[a.Item] -= a.AmountMinor
		return
	}
	r.touch(a)
	r.fell[a.Item] += a.AmountMinor
	if a.Kind == recon.WriteOff && r.live(a) {
		r.writeOff(a)
	}
}

// touch adds what was open of an item when a decision first lowers it.
func (r *writeOffReplay) touch(a *recon.Application) {
	i := r.item(a.Item)
	if i == nil || slices.Contains(r.touched, a.Item) {
		return
	}
	r.touched = append(r.touched, a.Item)
	r.beforeMinor += i.startedMinor(a.Recorded) - r.fell[a.Item]
}

func (r *writeOffReplay) writeOff(a *recon.Application) {
	r.writeOffs++
	if receipt, ok := r.receiptOf(a); ok {
		pair := [2]int64{receipt, a.Item}
		if other := r.single[pair]; other != 0 {
			r.fault("applications %d and %d both write off item %s for receipt %d", other, a.ID, r.itemNumber(a.Item), receipt)
		}
		r.single[pair] = a.ID
	}
	if !r.bounded(a) {
		return
	}
	r.offMinor += a.AmountMinor
	bound := r.set.Differences[a.Currency]
	key := capKey{a.Customer, a.Currency, periodOf(a.Effective, bound.CapPeriod)}
	r.periods[key] += a.AmountMinor
	if bound.CapMinor > 0 && r.periods[key] > bound.CapMinor {
		r.fault("application %d: %s written off for customer %s in the %s of %s, the cap is %s", a.ID,
			money(r.periods[key], a.Currency), a.Customer, bound.CapPeriod, a.Effective, money(bound.CapMinor, a.Currency))
	}
}

// bounded reports whether the rules in force bound a write-off.
func (r *writeOffReplay) bounded(a *recon.Application) bool {
	d := r.proof.decision(a.Decision)
	return d.Outcome == recon.Auto && d.Rules == r.set.Version
}

// judge compares what a decision wrote off with its bound.
func (r *writeOffReplay) judge() {
	if r.offMinor == 0 {
		return
	}
	bound := r.set.Differences[r.currency]
	limit := bound.MaxMinor
	if !bound.Percent.IsZero() {
		limit = min(limit, recon.PercentOf(r.beforeMinor, bound.Percent))
	}
	if r.offMinor > limit {
		r.fault("decision %d wrote off %s of %s, the rules allow %s", r.decision,
			money(r.offMinor, r.currency), money(r.beforeMinor, r.currency), money(limit, r.currency))
	}
}

// periodOf is the first day of the period that a cap counts in.
func periodOf(day recon.Date, period string) recon.Date {
	if period == "year" {
		return day/10000*10000 + 101
	}
	return day/100*100 + 1
}
