package matcher

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// Fault is an error of ours in a plan: nothing of the plan may be saved.
type Fault struct {
	Source recon.Source // the receipt or return, zero for the plan as a whole
	Code   string
	Detail string
}

// Audit judges a plan without any code of the passes and returns what is wrong with it, nil where nothing is: every receipt
// and return has one fate; what is applied adds up to the receipt; no item or credit note is used beyond what is open;
// one currency; gates and thresholds hold; differences are within the rules; people's decisions stand; references and
// payers are there; combinations are the only ones.
func Audit(work recon.Work, plan recon.Plan, set rules.Set) []Fault {
	a := auditor{audited: newAudited(&work, &plan, &set)}
	if plan.Entity != work.Entity || plan.Rules != set.Version {
		a.fault(recon.Source{}, "plan_of_other_work", "entity %q under rules %q, expected %q under %q", plan.Entity, plan.Rules, work.Entity, set.Version)
	}
	if len(plan.Decisions) != len(work.Receipts)+len(work.Returns) {
		a.fault(recon.Source{}, "fates", "%d decisions for %d receipts and %d returns", len(plan.Decisions), len(work.Receipts), len(work.Returns))
		return a.faults
	}
	a.whatReturns()
	a.eachReceipt((*auditor).receipt)
	a.oneFateEach()
	a.clearings()
	for i := range work.Returns {
		a.giveBack(&work.Returns[i], &plan.Decisions[len(work.Receipts)+i])
	}
	a.caps()
	a.totals()
	a.eachReceipt(func(a *auditor, r *recon.Receipt, d *recon.Decision) {
		a.proposals(r, d)
		a.uniqueness(r, d)
	})
	return a.faults
}

// auditor judges decisions one after the other; several work side by side on what they share.
type auditor struct {
	*audited
	faults   []Fault
	writeOff []writeOff // in the order of the receipts
	at       int        // place of the receipt
}

// writeOff is a small difference that a decision posts.
type writeOff struct {
	source recon.Source
	key    capKey
	minor  int64
}

// eachReceipt calls check for every receipt and its decision, on all processors.
func (a *auditor) eachReceipt(check func(*auditor, *recon.Receipt, *recon.Decision)) {
	const size = 1024
	n := len(a.work.Receipts)
	parts := make([]auditor, (n+size-1)/size)
	ranges(n, size, func(from, to int) {
		part := auditor{audited: a.audited}
		for part.at = from; part.at < to; part.at++ {
			check(&part, &a.work.Receipts[part.at], &a.plan.Decisions[part.at])
		}
		parts[from/size] = part
	})
	for i := range parts {
		a.faults = append(a.faults, parts[i].faults...)
		a.writeOff = append(a.writeOff, parts[i].writeOff...)
	}
}

func (a *auditor) fault(source recon.Source, code, format string, args ...any) {
	a.faults = append(a.faults, Fault{source, code, fmt.Sprintf(format, args...)})
}

// receipt checks the decision of one receipt for itself.
func (a *auditor) receipt(r *recon.Receipt, d *recon.Decision) {
	if d.Source != r.Source || d.Return {
		a.fault(r.Source, "fate", "the decision is about %v, return %v", d.Source, d.Return)
		return
	}
	if _, known := sentences[d.Reason]; !known {
		a.fault(r.Source, "reason", "unknown reason %q", d.Reason)
	}
	if d.Score < 0 || d.Score > 100 || len(d.Reverses) > 0 {
		a.fault(r.Source, "form", "score %d, reverses %v", d.Score, d.Reverses)
	}
	switch d.Outcome {
	case recon.Auto:
		a.applied(r, d)
	case recon.Cleared: // see clearings
	case recon.Reversed:
		a.takenBack(r, d)
	case recon.Queued, recon.Waits:
		if len(d.Lines) > 0 || d.Clears != 0 || d.Outcome == recon.Waits && r.Source.Kind != recon.SourceAdvance {
			a.fault(r.Source, "undecided_moves", "%s with %d lines", d.Outcome, len(d.Lines))
		}
		if _, applies := appliedReasons[d.Reason]; applies {
			a.fault(r.Source, "reason", "%s for the reason %s", d.Outcome, d.Reason)
		}
	default:
		a.fault(r.Source, "outcome", "%q is no outcome of the engine for a receipt", d.Outcome)
	}
}

// oneFateEach checks that no two decisions are about the same source.
func (a *auditor) oneFateEach() {
	ascending := true
	for i := 1; i < len(a.plan.Decisions) && ascending; i++ {
		before, d := &a.plan.Decisions[i-1], &a.plan.Decisions[i]
		ascending = d.Source.Kind == before.Source.Kind && d.Source.ID > before.Source.ID
	}
	if ascending {
		return
	}
	seen := make(map[recon.Source]bool, len(a.plan.Decisions))
	for i := range a.plan.Decisions {
		source := a.plan.Decisions[i].Source
		if seen[source] {
			a.fault(source, "fate", "it has more than one decision")
		}
		seen[source] = true
	}
}

// clearings checks the receipts that are the money of payments recorded by hand.
func (a *auditor) clearings() {
	cleared := map[int64]bool{}
	for i := range a.work.Receipts {
		if d := &a.plan.Decisions[i]; d.Outcome == recon.Cleared {
			a.clears(&a.work.Receipts[i], d, cleared)
		}
	}
}

// caps checks what is written off per customer and period, in the order of the receipts.
func (a *auditor) caps() {
	if len(a.writeOff) == 0 {
		return
	}
	written := map[capKey]int64{}
	for _, use := range a.work.Book.WriteOffs {
		written[a.capKey(use.Customer, use.Currency, use.Effective)] += use.AmountMinor
	}
	for _, w := range a.writeOff {
		written[w.key] += w.minor
		if limit := a.set.Differences[w.key.currency].CapMinor; limit > 0 && written[w.key] > limit {
			a.fault(w.source, "cap", "%d written off for customer %s in the period, allowed %d", written[w.key], w.key.customer, limit)
		}
	}
}

// applied checks what is applied without a person.
func (a *auditor) applied(r *recon.Receipt, d *recon.Decision) {
	means, applies := appliedReasons[d.Reason]
	if !applies {
		a.fault(r.Source, "reason", "applied for the reason %s", d.Reason)
	}
	if d.Score < a.set.Thresholds.Apply || d.Margin < a.set.Thresholds.Margin || d.Clears != 0 {
		a.fault(r.Source, "threshold", "score %d, margin %d", d.Score, d.Margin)
	}
	if r.Whole || r.Proof == recon.Broken || r.ProofRequired && r.Proof != recon.Ties {
		a.fault(r.Source, "gate", "the statement does not allow it")
	}
	var moved int64
	for n, l := range d.Lines {
		a.line(r, d, l)
		switch l.Kind {
		case recon.Payment, recon.Gain, recon.OnAccount, recon.Advance:
			moved += l.AmountMinor
		}
		if l.Kind == recon.Gain || l.Kind == recon.OnAccount || l.Kind == recon.Advance {
			continue
		}
		a.lowers(d.Lines[:n], l.Item, l.AmountMinor)
		if l.Kind == recon.Credit {
			a.lowers(d.Lines[:n], l.CreditNote, l.AmountMinor)
		}
	}
	if moved != r.AmountMinor && (r.Source.Kind != recon.SourceAdvance || moved > r.AmountMinor || moved <= 0) {
		a.fault(r.Source, "sum", "lines move %d of %d", moved, r.AmountMinor)
	}
	a.bounds(r, d)
	a.evidence(r, d, means)
}

// line checks one line for itself.
func (a *auditor) line(r *recon.Receipt, d *recon.Decision, l recon.Line) {
	if l.AmountMinor <= 0 {
		a.fault(r.Source, "amount", "%s of %d", l.Kind, l.AmountMinor)
	}
	switch l.Kind {
	case recon.Payment, recon.Credit, recon.Discount, recon.WriteOff, recon.BankCharge, recon.WithheldTax:
		a.target(r, d, l)
	case recon.Gain, recon.OnAccount, recon.Advance:
		if l.Item != 0 || l.CreditNote != 0 {
			a.fault(r.Source, "target", "%s on item %d", l.Kind, l.Item)
		}
	default:
		a.fault(r.Source, "kind", "the engine never posts %s", l.Kind)
	}
	if l.Kind == recon.OnAccount && d.Customer == "" {
		a.fault(r.Source, "on_account", "on account of nobody")
	}
	if l.Kind == recon.Advance != (l.Order != "") {
		a.fault(r.Source, "order", "%s for order %q", l.Kind, l.Order)
	}
	if l.Ledger != "" {
		a.fault(r.Source, "ledger", "the engine posts to the account of the kind, not to %q", l.Ledger)
	}
}

// target checks the item that a line lowers.
func (a *auditor) target(r *recon.Receipt, d *recon.Decision, l recon.Line) {
	it := a.item(l.Item)
	switch {
	case it == nil:
		a.fault(r.Source, "item", "item %d is not in the book", l.Item)
		return
	case it.Currency != r.Currency:
		a.fault(r.Source, "currency", "%s item %d, %s receipt", it.Currency, it.ID, r.Currency)
	case it.Cancelled || it.Side == recon.Payable || it.Kind == recon.CreditNote:
		a.fault(r.Source, "item", "item %d is no invoice that can be paid", it.ID)
	case slices.Contains(r.Declined, it.ID):
		a.fault(r.Source, "declined", "a person took item %d back from this receipt", it.ID)
	case it.Dispute != nil && (it.Dispute.AmountMinor == 0 || l.AmountMinor > it.OpenMinor-it.Dispute.AmountMinor):
		a.fault(r.Source, "disputed", "item %d is in dispute", it.ID)
	}
	if l.Kind != recon.Credit {
		if l.CreditNote != 0 {
			a.fault(r.Source, "credit_note", "%s with credit note %d", l.Kind, l.CreditNote)
		}
		return
	}
	note := a.item(l.CreditNote)
	if note == nil || note.Kind != recon.CreditNote || note.Customer != it.Customer || note.Currency != it.Currency || note.Cancelled || slices.Contains(r.Declined, note.ID) {
		a.fault(r.Source, "credit_note", "credit note %d cannot be set against item %d", l.CreditNote, it.ID)
	}
}

// totals checks what the plan does to each item as a whole.
func (a *auditor) totals() {
	for i := range a.work.Book.Items {
		lowered, closer := a.lowered[i].Load(), a.closers[i].Load()
		if lowered == 0 && closer == 0 {
			continue
		}
		it := &a.work.Book.Items[i]
		if lowered > it.OpenMinor {
			a.fault(recon.Source{}, "over_applied", "item %d is open for %d and lowered by %d", it.ID, it.OpenMinor, lowered)
		}
		if closer > 0 && lowered != it.OpenMinor {
			a.fault(a.work.Receipts[closer-1].Source, "left_open", "item %d has a difference posted and %d left", it.ID, it.OpenMinor-lowered)
		}
	}
}

// proposals checks that a person who accepts any proposal of a queued receipt applies nothing too much.
func (a *auditor) proposals(r *recon.Receipt, d *recon.Decision) {
	if d.Outcome != recon.Queued {
		return
	}
	if len(d.Proposals) > 5 {
		a.fault(r.Source, "proposals", "%d proposals", len(d.Proposals))
	}
	for n, p := range d.Proposals {
		var moved int64
		lowers := map[int64]int64{}
		for _, l := range p.Lines {
			switch l.Kind {
			case recon.Payment, recon.Gain, recon.OnAccount, recon.Advance:
				moved += l.AmountMinor
			}
			if l.Item != 0 {
				lowers[l.Item] += l.AmountMinor
			}
			if l.CreditNote != 0 {
				lowers[l.CreditNote] += l.AmountMinor
			}
		}
		if p.Clears == 0 && (moved > r.AmountMinor || moved < r.AmountMinor && r.Source.Kind != recon.SourceAdvance) {
			a.fault(r.Source, "proposal_sum", "proposal %d moves %d of %d", n+1, moved, r.AmountMinor)
		}
		for id, amount := range lowers {
			at, known := a.places.of(id)
			if !known || a.work.Book.Items[at].Currency != r.Currency || amount > a.work.Book.Items[at].OpenMinor-a.lowered[at].Load() {
				a.fault(r.Source, "proposal_over_applies", "proposal %d takes %d of item %d", n+1, amount, id)
			}
		}
	}
}

// plain is s in upper case without anything but plain letters and digits, for looking things up in each other.
func plain(s string) string {
	if strings.ContainsFunc(s, func(c rune) bool { return c >= 0x80 }) {
		s = norm.NFKD.String(s)
	}
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z':
			return c - 'a' + 'A'
		case c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			return c
		}
		return -1
	}, s)
}
