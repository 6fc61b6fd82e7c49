package books

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/tieout/tieout/recon"
)

// sources is I1: no source gives more than it has, and what is stored as given is what the applications took.
func (p *proof) sources() Check {
	var f finding
	for n := range p.receipts {
		r := &p.receipts[n]
		p.source(&f, recon.Source{Kind: recon.SourceReceipt, ID: r.ID}, r.Currency, r.AmountMinor, r.AllocatedMinor, r.RefundedMinor)
		if r.Clears != 0 && p.received[n] != (movement{}) {
			f.fault("receipt %d is the money of receipt %d, which was recorded by hand, and was applied itself", r.ID, r.Clears)
		}
	}
	for _, id := range sortedKeys(p.held) {
		h := p.held[id]
		origin, ok := p.application(id)
		if !ok || string(origin.Kind) != string(h.Kind) {
			f.fault("%s %d was put there by no application", h.Kind, id)
			continue
		}
		amount := h.AmountMinor
		if !p.live(origin) {
			amount = 0
		} else if amount != origin.AmountMinor {
			f.fault("%s %d is %s, its application %s", h.Kind, id, money(amount, h.Currency), money(origin.AmountMinor, h.Currency))
		}
		source := recon.Source{Kind: h.Kind, ID: id}
		allocated := h.AllocatedMinor - p.movementOf(source).refundedMinor // a holding does not tell what was given back from what was used
		p.source(&f, source, h.Currency, amount, allocated, h.AllocatedMinor-allocated)
	}
	p.strays(&f)
	return f.check("I1", "no source is applied beyond its amount", fmt.Sprintf("%d receipts, %d held amounts", len(p.receipts), len(p.held)))
}

func (p *proof) source(f *finding, s recon.Source, currency recon.Currency, amount, allocated, refunded int64) {
	m := p.movementOf(s)
	switch {
	case amount < 0 || m.appliedMinor+m.refundedMinor > amount:
		f.fault("%s %d of %s: %s applied", s.Kind, s.ID, money(amount, currency), money(m.appliedMinor+m.refundedMinor, currency))
	case allocated != m.appliedMinor:
		f.fault("%s %d: %s stored as applied, its applications are %s", s.Kind, s.ID, money(allocated, currency), money(m.appliedMinor, currency))
	case refunded != m.refundedMinor:
		f.fault("%s %d: %s stored as refunded, its applications are %s", s.Kind, s.ID, money(refunded, currency), money(m.refundedMinor, currency))
	}
}

// strays names sources that applications took money from and that do not exist.
func (p *proof) strays(f *finding) {
	for n := range p.apps {
		a := &p.apps[n]
		if !p.live(a) || !a.Kind.Moves() {
			continue
		}
		exists := false
		switch a.Source.Kind {
		case recon.SourceReceipt:
			r, _ := p.receipt(a.Source.ID)
			exists = r != nil
		case recon.SourceCreditNote:
			i := p.item(a.Source.ID)
			exists = i != nil && i.Kind == recon.CreditNote
		case recon.SourceOnAccount, recon.SourceAdvance:
			_, exists = p.held[a.Source.ID]
		}
		if !exists {
			f.fault("application %d takes money from %s %d, which does not exist", a.ID, cmp.Or(a.Source.Kind, "nothing"), a.Source.ID)
		}
	}
}

// openAmounts is I2.
func (p *proof) openAmounts() Check {
	var f finding
	for n := range p.items {
		i := &p.items[n]
		switch {
		case len(i.starts) == 0:
			f.fault("item %s has no start", i.Number)
		case i.OpenMinor != i.openMinor:
			f.fault("item %s: %s stored as open, its applications leave %s", i.Number, money(i.OpenMinor, i.Currency), money(i.openMinor, i.Currency))
		case i.openMinor < 0 || i.openMinor > i.AmountMinor:
			f.fault("item %s of %s: %s open", i.Number, money(i.AmountMinor, i.Currency), money(i.openMinor, i.Currency))
		case i.PaidOn != 0 && i.openMinor != 0:
			f.fault("item %s is kept as paid on %s and %s is open", i.Number, i.PaidOn, money(i.openMinor, i.Currency))
		}
	}
	for n := range p.apps {
		a := &p.apps[n]
		if a.Kind.Reduces() && p.item(a.Item) == nil {
			f.fault("application %d lowers item %d, which does not exist", a.ID, a.Item)
		}
	}
	return f.check("I2", "what is open is the amount less its applications", fmt.Sprintf("%d items, %d applications", len(p.items), len(p.apps)))
}

// currencies is I3.
func (p *proof) currencies() Check {
	var f finding
	for n := range p.apps {
		a := &p.apps[n]
		if a.AmountMinor <= 0 || a.TaxMinor < 0 || a.TaxMinor > a.AmountMinor {
			f.fault("application %d is of %s with %s tax", a.ID, money(a.AmountMinor, a.Currency), money(a.TaxMinor, a.Currency))
		}
		if i := p.item(a.Item); i != nil && i.Currency != a.Currency {
			f.fault("application %d in %s touches %s", a.ID, a.Currency, i.Currency)
		}
		if taken := a.Taken().Currency; a.SourceMinor < 0 || a.SourceMinor > 0 && (taken == a.Currency || p.decision(a.Decision).Outcome == recon.Auto) {
			f.fault("application %d in %s takes %s, which only a person may do, and of another currency", a.ID, a.Currency, money(a.SourceMinor, taken))
		}
		if other := p.sourceCurrency(a); other != "" && other != a.Taken().Currency {
			f.fault("application %d in %s touches %s", a.ID, a.Taken().Currency, other)
		}
	}
	return f.check("I3", "applications are positive and of one currency with source and item", fmt.Sprintf("%d applications", len(p.apps)))
}

// sourceCurrency is that of an application's source, "" where it has none.
func (p *proof) sourceCurrency(a *recon.Application) recon.Currency {
	switch a.Source.Kind {
	case recon.SourceReceipt:
		if r, _ := p.receipt(a.Source.ID); r != nil {
			return r.Currency
		}
	case recon.SourceCreditNote:
		if i := p.item(a.Source.ID); i != nil {
			return i.Currency
		}
	case recon.SourceOnAccount, recon.SourceAdvance:
		if h, ok := p.held[a.Source.ID]; ok {
			return h.Currency
		}
	}
	return ""
}

// conservation is I7: over all receipts, what came in is what was applied, refunded or returned, and is left; and
// what came in is what the bank's entries say.
func (p *proof) conservation() Check {
	f := p.receiptsOf
	in, left := map[recon.Currency]int64{}, map[recon.Currency]int64{}
	applied, refunded := map[recon.Currency]int64{}, map[recon.Currency]int64{}
	for n := range p.receipts {
		r := &p.receipts[n]
		applied[r.Currency] += p.received[n].appliedMinor
		refunded[r.Currency] += p.received[n].refundedMinor
		in[r.Currency] += r.AmountMinor
		left[r.Currency] += r.AmountMinor - r.AllocatedMinor - r.RefundedMinor
		if !r.ByHand && !p.backed[n] {
			f.fault("receipt %d of %s has no entry", r.ID, money(r.AmountMinor, r.Currency))
		}
	}
	var counts []string
	for _, c := range sortedKeys(in) {
		account := fmt.Sprintf("%s in = %s applied + %s given or taken back + %s left", money(in[c], c), money(applied[c], c), money(refunded[c], c), money(left[c], c))
		if in[c] != applied[c]+refunded[c]+left[c] {
			f.fault("%s does not add up", account)
		}
		counts = append(counts, account)
	}
	return f.check("I7", "money in is money applied, given or taken back, and left", strings.Join(counts, "; "))
}

// reversals is I9.
func (p *proof) reversals() Check {
	var f finding
	taken := map[int64]int64{}
	for n := range p.apps {
		a := &p.apps[n]
		if a.ReversedBy != 0 && p.undone[a.ID] != a.ReversedBy {
			f.fault("application %d is kept as reversed by %d, which does not reverse it", a.ID, a.ReversedBy)
		}
		if a.Reverses == 0 {
			continue
		}
		origin, ok := p.application(a.Reverses)
		switch {
		case !ok || origin.ID >= a.ID:
			f.fault("application %d reverses %d, which is not before it", a.ID, a.Reverses)
		case origin.Reverses != 0:
			f.fault("application %d reverses %d, a reversal itself", a.ID, origin.ID)
		case taken[origin.ID] != 0:
			f.fault("application %d is reversed twice, by %d and %d", origin.ID, taken[origin.ID], a.ID)
		case origin.ReversedBy != a.ID:
			f.fault("application %d reverses %d, which is kept as live", a.ID, origin.ID)
		case !mirrors(a, origin):
			f.fault("application %d does not restore what %d moved", a.ID, origin.ID)
		}
		taken[a.Reverses] = a.ID
	}
	return f.check("I9", "each reversal restores one application exactly, once", fmt.Sprintf("%d reversals", len(p.undone)))
}

func mirrors(a, origin *recon.Application) bool {
	return a.Kind == origin.Kind && a.Source == origin.Source && a.Item == origin.Item && a.Currency == origin.Currency &&
		a.AmountMinor == origin.AmountMinor && a.Taken() == origin.Taken() && a.TaxMinor == origin.TaxMinor && a.Ledger == origin.Ledger
}

// oneDecision is I14.
func (p *proof) oneDecision() Check {
	var f finding
	live, superseded := map[recon.Source]int64{}, map[int64]int64{}
	liveCount := 0
	for n := range p.decisions {
		d := &p.decisions[n]
		if other := superseded[d.Supersedes]; d.Supersedes != 0 && other != 0 {
			f.fault("decisions %d and %d both supersede %d", other, d.ID, d.Supersedes)
		}
		superseded[d.Supersedes] = d.ID
		if earlier := p.decision(d.Supersedes); earlier.Live {
			f.fault("decision %d is superseded by %d and still live", earlier.ID, d.ID)
		}
		if !d.Live {
			continue
		}
		liveCount++
		about := recon.Source{Kind: d.Source, ID: d.Receipt}
		if other := live[about]; other != 0 {
			f.fault("%s %d has two live decisions, %d and %d", about.Kind, about.ID, other, d.ID)
		}
		live[about] = d.ID
	}
	p.decidedApplications(&f)
	return f.check("I14", "one live decision for each receipt, and its applications only", fmt.Sprintf("%d decisions, %d live", len(p.decisions), liveCount))
}

// decidedApplications proves that live applications of a receipt's money were made by a decision that applies, about it.
func (p *proof) decidedApplications(f *finding) {
	for n := range p.apps {
		a := &p.apps[n]
		d := p.decision(a.Decision)
		if !p.live(a) || a.Decision == 0 {
			continue
		}
		switch {
		case d.ID == 0:
			f.fault("application %d was made by decision %d, which does not exist", a.ID, a.Decision)
		case d.Return && a.Kind == recon.Refund: // a return gives money of an earlier receipt back
		case d.Outcome != recon.Auto && d.Outcome != recon.Manual:
			f.fault("application %d was made by decision %d, which is %s", a.ID, d.ID, d.Outcome)
		case a.Source.Kind == recon.SourceReceipt && aboutReceipt(&d) && d.Receipt != a.Source.ID:
			f.fault("application %d moves receipt %d by decision %d about receipt %d", a.ID, a.Source.ID, d.ID, d.Receipt)
		}
	}
}
