package storetest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"iter"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// proof collects a snapshot of the books to prove the invariants of the store on it (numbers as in FAULTS).
type proof struct {
	*world
	receipts     map[int64]recon.ReceiptRow
	holdings     map[int64]recon.Holding
	items        map[int64]recon.Item
	starts       map[int64]int64
	applications map[int64]recon.Application
	order        []int64 // of applications
}

// prove fails the test where an invariant does not hold.
func (w *world) prove() {
	w.Helper()
	w.view(func(v store.View) {
		p := &proof{world: w, receipts: map[int64]recon.ReceiptRow{}, holdings: map[int64]recon.Holding{}, items: map[int64]recon.Item{},
			starts: map[int64]int64{}, applications: map[int64]recon.Application{}}
		p.read(v)
		p.sources()
		p.openAmounts()
		p.currencies()
		p.conservation()
		p.reversals()
		p.decisions(v)
		p.chain(v)
		missing, err := v.Missing()
		w.must(err)
		if len(missing) > 0 {
			w.Errorf("the schema lacks %v", missing)
		}
	})
}

func (p *proof) read(v store.View) {
	p.Helper()
	last := int64(0)
	for a := range all(p.world, v.Applications()) {
		if a.ID != last+1 {
			p.Errorf("application %d follows %d", a.ID, last)
		}
		last = a.ID
		p.applications[a.ID] = a
		p.order = append(p.order, a.ID)
	}
	for r := range all(p.world, v.Receipts()) {
		p.receipts[r.ID] = r
	}
	for h := range all(p.world, v.Holdings()) {
		p.holdings[h.ID] = h
	}
	for i := range all(p.world, v.Items()) {
		p.items[i.ID] = i
	}
	for s := range all(p.world, v.ItemStarts()) {
		p.starts[s.Item] += s.OpenMinor
	}
}

// all yields what a sequence of a view yields; an error ends the test.
func all[T any](w *world, rows iter.Seq2[T, error]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for row, err := range rows {
			w.must(err)
			if !yield(row) {
				return
			}
		}
	}
}

// moved sums what live applications take from each source, and what they give back to payers.
func (p *proof) moved() (allocated, refunded map[recon.Source]int64) {
	allocated, refunded = map[recon.Source]int64{}, map[recon.Source]int64{}
	for _, id := range p.order {
		a := p.applications[id]
		switch {
		case !a.Live() || !a.Kind.Moves():
		case a.Kind == recon.Refund && a.Source.Kind == recon.SourceReceipt:
			refunded[a.Source] += a.Taken().Minor
		default:
			allocated[a.Source] += a.Taken().Minor
		}
	}
	return allocated, refunded
}

// sources is I1.
func (p *proof) sources() {
	p.Helper()
	allocated, refunded := p.moved()
	for id, r := range p.receipts {
		s := source(id)
		if r.AllocatedMinor != allocated[s] || r.RefundedMinor != refunded[s] || r.AllocatedMinor+r.RefundedMinor > r.AmountMinor {
			p.Errorf("I1: receipt %+v, its applications move %d and refund %d", r, allocated[s], refunded[s])
		}
		if r.Clears != 0 && r.AllocatedMinor+r.RefundedMinor != 0 {
			p.Errorf("I1: receipt %+v clears another one and was applied", r)
		}
	}
	for id, h := range p.holdings {
		if h.AllocatedMinor != allocated[recon.Source{Kind: h.Kind, ID: id}] || h.AllocatedMinor > h.AmountMinor {
			p.Errorf("I1: holding %+v", h)
		}
		if a := p.applications[id]; !a.Live() || a.AmountMinor != h.AmountMinor || string(a.Kind) != string(h.Kind) {
			p.Errorf("I1: holding %+v stands on application %+v", h, a)
		}
	}
}

// openAmounts is I2.
func (p *proof) openAmounts() {
	p.Helper()
	fallen, ours := map[int64]int64{}, map[int64]int64{}
	for _, id := range p.order {
		a := p.applications[id]
		if !a.Live() {
			continue
		}
		var targets []int64
		if a.Kind.Reduces() {
			targets = append(targets, a.Item)
		}
		if a.Source.Kind == recon.SourceCreditNote {
			targets = append(targets, a.Source.ID)
		}
		for _, item := range targets {
			fallen[item] += a.AmountMinor
			if a.Kind != recon.External {
				ours[item] += a.AmountMinor
			}
		}
	}
	for id, i := range p.items {
		if i.OpenMinor != p.starts[id]-fallen[id] || i.OpenMinor < 0 || i.OpenMinor > i.AmountMinor || i.AppliedMinor != ours[id] {
			p.Errorf("I2: item %+v, started with %d, fell by %d, %d of it ours", i, p.starts[id], fallen[id], ours[id])
		}
		if (i.PaidOn != 0) != (i.OpenMinor == 0) {
			p.Errorf("I2: item %+v", i)
		}
	}
}

// currencies is I3, and what I8 says of the number of write-offs.
func (p *proof) currencies() {
	p.Helper()
	type pair struct {
		source recon.Source
		item   int64
	}
	writeOffs := map[pair]int{}
	for _, id := range p.order {
		a := p.applications[id]
		if i, known := p.items[a.Item]; a.AmountMinor <= 0 || a.Item != 0 && (!known || i.Currency != a.Currency) {
			p.Errorf("I3: %+v on %+v", a, i)
		}
		if r, known := p.receipts[a.Source.ID]; a.Source.Kind == recon.SourceReceipt && (!known || r.Currency != a.Taken().Currency) {
			p.Errorf("I3: %+v from %+v", a, r)
		}
		if a.Live() && a.Kind == recon.WriteOff {
			if writeOffs[pair{a.Source, a.Item}]++; writeOffs[pair{a.Source, a.Item}] > 1 {
				p.Errorf("I8: second live write-off %+v", a)
			}
		}
	}
}

// conservation is I7.
func (p *proof) conservation() {
	p.Helper()
	allocated, refunded := p.moved()
	var in, out, left int64
	for id, r := range p.receipts {
		if r.Clears != 0 {
			continue
		}
		in += r.AmountMinor
		out += allocated[source(id)] + refunded[source(id)]
		left += r.AmountMinor - r.AllocatedMinor - r.RefundedMinor
	}
	if in != out+left {
		p.Errorf("I7: %d came in, %d was placed, %d is left", in, out, left)
	}
}

// reversals is I9.
func (p *proof) reversals() {
	p.Helper()
	taken := map[int64]bool{}
	for _, id := range p.order {
		a := p.applications[id]
		if a.Reverses == 0 {
			continue
		}
		o := p.applications[a.Reverses]
		if o.Reverses != 0 || o.ReversedBy != a.ID || taken[o.ID] || o.ID >= a.ID {
			p.Errorf("I9: %+v reverses %+v", a, o)
		}
		if a.Kind != o.Kind || a.Source != o.Source || a.Item != o.Item || a.AmountMinor != o.AmountMinor || a.Taken() != o.Taken() || a.TaxMinor != o.TaxMinor || a.Ledger != o.Ledger {
			p.Errorf("I9: %+v does not mirror %+v", a, o)
		}
		taken[o.ID] = true
	}
}

// decisions is I14.
func (p *proof) decisions(v store.View) {
	p.Helper()
	live, superseded := map[recon.Source]int64{}, map[int64]bool{}
	rows := map[int64]recon.DecisionRow{}
	for d := range all(p.world, v.Decisions()) {
		rows[d.ID] = d
		about := recon.Source{Kind: d.Source, ID: d.Receipt}
		if d.Live && live[about] != 0 {
			p.Errorf("I14: %d and %d are live on %v", live[about], d.ID, about)
		}
		if d.Live {
			live[about] = d.ID
		}
		if d.Supersedes != 0 {
			if old := rows[d.Supersedes]; superseded[d.Supersedes] || old.Live || old.Receipt != d.Receipt || old.Source != d.Source {
				p.Errorf("I14: %+v supersedes %+v", d, old)
			}
			superseded[d.Supersedes] = true
		}
	}
	for _, id := range p.order {
		a := p.applications[id]
		d, known := rows[a.Decision]
		if !a.Live() || a.Decision == 0 {
			continue
		}
		if !known || d.Outcome != recon.Auto && d.Outcome != recon.Manual && !(d.Outcome == recon.Reversed && a.Kind == recon.Refund) {
			p.Errorf("I14: live %+v by %+v", a, d)
		}
	}
}

// proveChain proves the audit chain of an entity, or of the house.
func (w *world) proveChain(entity string) {
	w.Helper()
	w.must(w.Snapshot(background, entity, func(v store.View) error {
		(&proof{world: w}).chain(v)
		return nil
	}))
}

// chain is I26: the audit rows follow each other without a gap, each hashing the one before.
func (p *proof) chain(v store.View) {
	p.Helper()
	var seq int64
	var previous []byte
	for row := range all(p.world, v.Audit()) {
		seq++
		sum := sha256.Sum256(append(bytes.Clone(previous), row.Canonical...))
		if row.Seq != seq || !bytes.Equal(row.Hash, sum[:]) {
			p.Errorf("I26: audit row %d breaks the chain", row.Seq)
		}
		if !bytes.Contains(row.Canonical, fmt.Appendf(nil, "\nseq %d\n", seq)) {
			p.Errorf("I26: audit row %d does not say its number", row.Seq)
		}
		previous = row.Hash
	}
}
