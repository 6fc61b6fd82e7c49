package worker

import (
	"cmp"
	"slices"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// moment is something that happened: a round of the engine, or what somebody else did.
type moment struct {
	at     time.Time
	order  int
	round  bool
	happen func()
}

// Of what happened at one instant, items come first, then what imports say of them, then what people did, and rounds last.
const (
	itemsFirst = iota
	thenImports
	thenPeople
	roundsLast
)

// moments returns all that happened, in order.
func (r *replay) moments(runs []store.Run) []moment {
	var all []moment
	add := func(at time.Time, order int, happen func()) {
		all = append(all, moment{at: at, order: order, happen: happen})
	}
	for _, s := range r.past.starts {
		add(s.Recorded, itemsFirst, func() { r.start(s) })
	}
	for _, a := range r.past.applications {
		switch {
		case a.Reverses != 0 && (a.Decision == 0 || r.ofPerson(a.Decision)):
			add(a.Recorded, thenPeople, func() { r.takeBack(a) })
		case a.Decision == 0:
			add(a.Recorded, thenImports, func() { r.settleElsewhere(a) })
		}
	}
	for _, d := range r.past.decisions {
		if d.Rules == "" {
			add(d.At, thenPeople, func() { r.person(d) })
		}
	}
	all = append(all, r.rounds(runs, all)...)
	slices.SortStableFunc(all, func(a, b moment) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.order, b.order)) })
	return all
}

// ofPerson reports whether a person made a stored decision.
func (r *replay) ofPerson(decision int64) bool {
	n, found := slices.BinarySearchFunc(r.past.decisions, decision, func(d recon.DecisionRow, id int64) int { return cmp.Compare(d.ID, id) })
	return found && r.past.decisions[n].Rules == ""
}

// rounds finds when the engine decided: once per run, at its first decision or else at its end; outside of runs at each instant of a
// decision, unless nothing happened since the one before it. A plan is stored in parts.
func (r *replay) rounds(runs []store.Run, others []moment) []moment {
	began := map[int64]time.Time{}
	var alone []time.Time
	for _, d := range r.past.decisions {
		switch {
		case d.Rules == "":
		case d.Run == 0:
			alone = append(alone, d.At)
		case began[d.Run].IsZero() || d.At.Before(began[d.Run]):
			began[d.Run] = d.At
		}
	}
	for _, run := range runs {
		if began[run.ID].IsZero() && run.State == "done" {
			began[run.ID] = run.Finished
		}
	}
	var happened []time.Time
	for _, m := range others {
		happened = append(happened, m.at)
	}
	for _, a := range r.asked {
		happened = append(happened, a.recorded)
	}
	slices.SortFunc(happened, time.Time.Compare)
	slices.SortFunc(alone, time.Time.Compare)
	var rounds []moment
	for _, at := range began {
		rounds = append(rounds, moment{at: at, order: roundsLast, round: true})
	}
	for n, at := range alone {
		if n > 0 && (at.Equal(alone[n-1]) || nothingBetween(happened, alone[n-1], at)) {
			continue
		}
		rounds = append(rounds, moment{at: at, order: roundsLast, round: true})
	}
	return rounds
}

// nothingBetween reports whether none of the instants, which are sorted, lies after from and up to to.
func nothingBetween(instants []time.Time, from, to time.Time) bool {
	n, _ := slices.BinarySearchFunc(instants, from, func(t, from time.Time) int {
		if t.After(from) {
			return 1
		}
		return -1
	})
	return n == len(instants) || instants[n].After(to)
}

// start brings an item into the books, or changes its amount.
func (r *replay) start(s recon.ItemStart) {
	if one := r.items[s.Item]; one != nil {
		one.known = true
		one.AmountMinor += s.OpenMinor
		one.OpenMinor = max(0, one.OpenMinor+s.OpenMinor)
	}
}

// settleElsewhere lowers an item by what an import says.
func (r *replay) settleElsewhere(a recon.Application) {
	if a.Kind == recon.External {
		r.apply(a, 0)
	}
}

// person makes a decision of a person the one in force, unless the new rules decided before it.
func (r *replay) person(d recon.DecisionRow) {
	a := r.byID[d.Receipt]
	if d.Source != recon.SourceReceipt && d.Source != recon.SourceNone || a == nil {
		r.personElsewhere(d)
		return
	}
	if d.Outcome == recon.Queued {
		if d.Reason == recon.ReasonUndone || d.Reason == recon.ReasonReleased || d.Reason == recon.ReasonParted {
			a.parted = true
			a.final = a.final && (len(a.live) > 0 || a.decision.Outcome == recon.Reversed)
		}
		return
	}
	if a.final && !a.byPerson {
		return
	}
	a.final, a.byPerson = true, true
	a.decision = recon.Decision{Source: recon.Source{Kind: recon.SourceReceipt, ID: a.id}, Return: d.Return, Outcome: d.Outcome, Reason: d.Reason, Customer: d.Customer}
	for _, made := range r.made[d.ID] {
		if made.Reverses == 0 {
			a.live = append(a.live, r.again(made))
			a.decision.Lines = append(a.decision.Lines, recon.Line{Kind: made.Kind, Item: made.Item, AmountMinor: made.AmountMinor})
		}
	}
}

// personElsewhere applies what a person did with a payment by hand, a credit note, or money on account.
func (r *replay) personElsewhere(d recon.DecisionRow) {
	for _, made := range r.made[d.ID] {
		if made.Reverses == 0 {
			r.again(made)
		}
	}
}

// again applies a stored application.
func (r *replay) again(a recon.Application) *recon.Application {
	return r.apply(a, a.Source.ID)
}

// takeBack undoes what a person undid, if the new rules did it too.
func (r *replay) takeBack(counter recon.Application) {
	origin, ok := r.known[counter.Reverses]
	if !ok {
		return
	}
	of := r.byID[origin.Source.ID]
	if origin.Source.Kind != recon.SourceReceipt {
		of = nil
	}
	alike := func(one *recon.Application) bool {
		return one.Kind == origin.Kind && one.Item == origin.Item && one.AmountMinor == origin.AmountMinor && (of != nil || one.Source == origin.Source)
	}
	var live []*recon.Application
	if of != nil {
		live = of.live
	} else if one := r.items[origin.Item]; one != nil {
		live = one.live
	}
	if n := slices.IndexFunc(live, alike); n >= 0 {
		r.reverse(of, live[n])
	}
	if one := r.items[origin.Item]; one != nil && origin.Kind.Dependent() && counter.Reason == recon.ReasonUndone && !r.withPayment(origin, counter) {
		one.refused = append(one.refused, origin.Kind)
	}
}

// takenBack is when an item lost a payment.
type takenBack struct {
	item int64
	at   time.Time
}

// withPayment reports whether a difference was taken back together with a payment: then it is not refused by itself.
func (r *replay) withPayment(origin, counter recon.Application) bool {
	if r.payments == nil {
		r.payments = map[takenBack]bool{}
		for _, a := range r.past.applications {
			if a.Reverses != 0 && a.Kind == recon.Payment {
				r.payments[takenBack{a.Item, a.Recorded}] = true
			}
		}
	}
	return r.payments[takenBack{origin.Item, counter.Recorded}]
}
