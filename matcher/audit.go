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
	a := newAuditor(&work, &plan, &set)
	if plan.Entity != work.Entity || plan.Rules != set.Version {
		a.fault(recon.Source{}, "plan_of_other_work", "entity %q under rules %q, expected %q under %q", plan.Entity, plan.Rules, work.Entity, set.Version)
	}
	if len(plan.Decisions) != len(work.Receipts)+len(work.Returns) {
		a.fault(recon.Source{}, "fates", "%d decisions for %d receipts and %d returns", len(plan.Decisions), len(work.Receipts), len(work.Returns))
		return a.faults
	}
	a.whatReturns()
	for i := range work.Receipts {
		a.receipt(&work.Receipts[i], &plan.Decisions[i])
	}
	for i := range work.Returns {
		a.giveBack(&work.Returns[i], &plan.Decisions[len(work.Receipts)+i])
	}
	a.totals()
	for i := range work.Receipts {
		a.proposals(&work.Receipts[i], &plan.Decisions[i])
		a.uniqueness(&work.Receipts[i], &plan.Decisions[i])
	}
	return a.faults
}

// auditor sums up the plan.
type auditor struct {
	work     *recon.Work
	plan     *recon.Plan
	set      *rules.Set
	items    map[int64]*recon.Item
	owned    map[string][]*recon.Item
	payers   map[string][]*recon.Customer // of each customer: itself and who settles its items
	holders  map[string][]*recon.Customer // of each account
	namedAs  map[string][]*recon.Customer // of each name
	recorded map[int64]*recon.Recorded
	paid     map[int64]*recon.PaidReceipt // by id
	waiting  map[int64]*recon.Decision    // of the receipts of the work
	ofAmount map[int64][]*recon.PaidReceipt
	reverser map[int64]int64 // receipt -> the return that takes it back
	lowered  map[int64]int64 // what the plan takes from each item and credit note
	users    map[int64]int   // how many receipts take from it
	closed   map[int64]recon.Source
	written  map[capKey]int64
	seen     map[recon.Source]bool
	cleared  map[int64]bool
	faults   []Fault
}

type capKey struct {
	customer string
	currency recon.Currency
	period   int32
}

func newAuditor(work *recon.Work, plan *recon.Plan, set *rules.Set) *auditor {
	a := &auditor{work: work, plan: plan, set: set, items: make(map[int64]*recon.Item, len(work.Book.Items)),
		owned:   map[string][]*recon.Item{},
		lowered: make(map[int64]int64, len(work.Receipts)), users: make(map[int64]int, len(work.Receipts)),
		closed: map[int64]recon.Source{}, written: map[capKey]int64{}, seen: make(map[recon.Source]bool, len(plan.Decisions)),
		cleared: map[int64]bool{}, reverser: map[int64]int64{}, waiting: map[int64]*recon.Decision{},
		ofAmount: map[int64][]*recon.PaidReceipt{}, payers: map[string][]*recon.Customer{},
		holders: map[string][]*recon.Customer{}, namedAs: map[string][]*recon.Customer{},
		recorded: map[int64]*recon.Recorded{}, paid: map[int64]*recon.PaidReceipt{}}
	for i := range work.Book.Items {
		it := &work.Book.Items[i]
		a.items[it.ID] = it
		a.owned[it.Customer] = append(a.owned[it.Customer], it)
	}
	for i := range work.Book.Customers {
		c := &work.Book.Customers[i]
		for _, code := range append([]string{c.Code}, c.PaysFor...) {
			a.payers[code] = append(a.payers[code], c)
		}
		for _, own := range accountsOf(c) {
			a.holders[own] = append(a.holders[own], c)
		}
		a.namedAs[spelled(c.Name)] = append(a.namedAs[spelled(c.Name)], c)
	}
	for i := range work.Book.Recorded {
		a.recorded[work.Book.Recorded[i].ReceiptID] = &work.Book.Recorded[i]
	}
	for i := range work.Book.Paid {
		a.paid[work.Book.Paid[i].ReceiptID] = &work.Book.Paid[i]
	}
	for _, use := range work.Book.WriteOffs {
		a.written[a.capKey(use.Customer, use.Currency, use.Effective)] += use.AmountMinor
	}
	return a
}

// accountsOf are the accounts by which a customer is known: imported, among its aliases, or learned.
func accountsOf(c *recon.Customer) []string {
	accounts := make([]string, 0, len(c.IBANs)+len(c.Aliases)+len(c.Learned))
	for _, own := range c.IBANs {
		accounts = append(accounts, recon.NormalAccount(own))
	}
	for _, own := range c.Aliases {
		accounts = append(accounts, recon.NormalAccount(own))
	}
	for _, own := range c.Learned {
		if own.Kind == recon.AliasAccount {
			accounts = append(accounts, recon.NormalAccount(own.Value))
		}
	}
	return accounts
}

func (a *auditor) capKey(customer string, currency recon.Currency, day recon.Date) capKey {
	divisor := int32(100)
	if a.set.Differences[currency].CapPeriod == "year" {
		divisor = 10000
	}
	return capKey{customer, currency, int32(day) / divisor}
}

func (a *auditor) fault(source recon.Source, code, format string, args ...any) {
	a.faults = append(a.faults, Fault{source, code, fmt.Sprintf(format, args...)})
}

// receipt checks the decision of one receipt for itself.
func (a *auditor) receipt(r *recon.Receipt, d *recon.Decision) {
	if d.Source != r.Source || d.Return || a.seen[d.Source] {
		a.fault(r.Source, "fate", "the decision is about %v, return %v", d.Source, d.Return)
		return
	}
	a.seen[d.Source] = true
	if _, known := sentences[d.Reason]; !known {
		a.fault(r.Source, "reason", "unknown reason %q", d.Reason)
	}
	if d.Score < 0 || d.Score > 100 || len(d.Reverses) > 0 {
		a.fault(r.Source, "form", "score %d, reverses %v", d.Score, d.Reverses)
	}
	switch d.Outcome {
	case recon.Auto:
		a.applied(r, d)
	case recon.Cleared:
		a.clears(r, d)
	case recon.Reversed:
		a.takenBack(r, d)
	case recon.Queued, recon.Waits:
		if len(d.Lines) > 0 || d.Clears != 0 || d.Outcome == recon.Waits && r.Source.Kind != recon.SourceAdvance {
			a.fault(r.Source, "undecided_moves", "%s with %d lines", d.Outcome, len(d.Lines))
		}
		if appliedReasons[d.Reason] {
			a.fault(r.Source, "reason", "%s for the reason %s", d.Outcome, d.Reason)
		}
	default:
		a.fault(r.Source, "outcome", "%q is no outcome of the engine for a receipt", d.Outcome)
	}
}

// appliedReasons are the reasons that only something applied can have.
var appliedReasons = map[recon.Reason]bool{
	ReferenceExact: true, ReferenceDiscount: true, ReferenceWithheldTax: true, ReferenceBankCharge: true, ReferenceTolerance: true,
	ReferenceInstruction: true, ReferenceInstalment: true, ReferenceSubset: true, ReferencePartial: true, Overpaid: true,
	PayerExactSingle: true, PayerDiscount: true, PayerWithheldTax: true, PayerBankCharge: true, PayerTolerance: true, PayerExactSet: true,
	PayerBalance: true, PayerBalanceEarlier: true, PayerPastDue: true, PayerInstalment: true, PayerPartial: true, PayerPartOldest: true,
	PayerOldestFirst: true, LumpOnAccount: true, MeantOnAccount: true, AdvanceOrder: true, AdvanceApplied: true,
}

// applied checks what is applied without a person.
func (a *auditor) applied(r *recon.Receipt, d *recon.Decision) {
	if !appliedReasons[d.Reason] {
		a.fault(r.Source, "reason", "applied for the reason %s", d.Reason)
	}
	if d.Score < a.set.Thresholds.Apply || d.Margin < a.set.Thresholds.Margin || d.Clears != 0 {
		a.fault(r.Source, "threshold", "score %d, margin %d", d.Score, d.Margin)
	}
	if r.Whole || r.Proof == recon.Broken || r.ProofRequired && r.Proof != recon.Ties {
		a.fault(r.Source, "gate", "the statement does not allow it")
	}
	var moved int64
	mine := map[int64]int64{}
	for _, l := range d.Lines {
		a.line(r, d, l)
		switch l.Kind {
		case recon.Payment, recon.Gain, recon.OnAccount, recon.Advance:
			moved += l.AmountMinor
		}
		switch l.Kind {
		case recon.Gain, recon.OnAccount, recon.Advance:
		case recon.Credit:
			mine[l.CreditNote] += l.AmountMinor
			mine[l.Item] += l.AmountMinor
		default:
			mine[l.Item] += l.AmountMinor
		}
	}
	for id, amount := range mine {
		a.lowered[id] += amount
		a.users[id]++
	}
	if moved != r.AmountMinor && (r.Source.Kind != recon.SourceAdvance || moved > r.AmountMinor || moved <= 0) {
		a.fault(r.Source, "sum", "lines move %d of %d", moved, r.AmountMinor)
	}
	a.bounds(r, d)
	a.evidence(r, d)
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
	it := a.items[l.Item]
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
	note := a.items[l.CreditNote]
	if note == nil || note.Kind != recon.CreditNote || note.Customer != it.Customer || note.Currency != it.Currency || note.Cancelled || slices.Contains(r.Declined, note.ID) {
		a.fault(r.Source, "credit_note", "credit note %d cannot be set against item %d", l.CreditNote, it.ID)
	}
}

// totals checks what the plan does to each item as a whole.
func (a *auditor) totals() {
	for i := range a.work.Book.Items {
		it := &a.work.Book.Items[i]
		lowered := a.lowered[it.ID]
		if lowered > it.OpenMinor {
			a.fault(recon.Source{}, "over_applied", "item %d is open for %d and lowered by %d", it.ID, it.OpenMinor, lowered)
		}
		if source, closed := a.closed[it.ID]; closed && lowered != it.OpenMinor {
			a.fault(source, "left_open", "item %d has a difference posted and %d left", it.ID, it.OpenMinor-lowered)
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
			if it := a.items[id]; it == nil || it.Currency != r.Currency || amount > it.OpenMinor-a.lowered[id] {
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
