package matcher

import (
	"slices"
	"testing"

	"github.com/tieout/tieout/recon"
)

// TestAuditCatches gives the audit plans that no pass would make.
func TestAuditCatches(t *testing.T) {
	const customer = `
customer C1 name="Acme" iban=DE89370400440532013000
`
	pay := func(item, amount int64) recon.Line {
		return recon.Line{Kind: recon.Payment, Item: item, AmountMinor: amount}
	}
	auto := func(reason recon.Reason, lines ...recon.Line) recon.Decision {
		return recon.Decision{Outcome: recon.Auto, Reason: reason, Score: 100, Margin: 50, Customer: "C1", Lines: lines}
	}
	for _, c := range []struct {
		name, given string
		decisions   []recon.Decision
		fault       string
	}{
		{"one of two combinations", customer + `
invoice INV-7001 C1 100.00
invoice INV-7002 C1 200.00
invoice INV-7003 C1 250.00
invoice INV-7004 C1 350.00
receipt 450.00 iban=DE89370400440532013000`, []recon.Decision{auto(PayerExactSet, pay(1, 10000), pay(4, 35000))}, "uniqueness"},
		{"one of two items that differ in tax", customer + `
invoice INV-7001 C1 100.00 tax=19
invoice INV-7002 C1 100.00 tax=7
receipt 100.00 iban=DE89370400440532013000`, []recon.Decision{auto(PayerExactSingle, pay(1, 10000))}, "uniqueness"},
		{"an item paid by two receipts", customer + `
invoice INV-7001 C1 100.00
receipt 100.00 text="INV-7001"
receipt 100.00 text="INV-7001"`, []recon.Decision{auto(ReferenceExact, pay(1, 10000)), auto(ReferenceExact, pay(1, 10000))}, "over_applied"},
		{"a payer that nothing proves", customer + `
invoice INV-7001 C1 100.00
receipt 100.00 name="Acme"`, []recon.Decision{auto(PayerExactSingle, pay(1, 10000))}, "payer"},
		{"a reference that is not there", customer + `
invoice INV-7001 C1 100.00
receipt 100.00 text="INV-7002"`, []recon.Decision{auto(ReferenceExact, pay(1, 10000))}, "reference"},
		{"a disputed item", customer + `
invoice INV-7001 C1 100.00 disputed=0.00
receipt 100.00 text="INV-7001"`, []recon.Decision{auto(ReferenceExact, pay(1, 10000))}, "disputed"},
		{"a declined item", customer + `
invoice INV-7001 C1 100.00
receipt 100.00 text="INV-7001" declined=INV-7001`, []recon.Decision{auto(ReferenceExact, pay(1, 10000))}, "declined"},
		{"another currency", customer + `
invoice INV-7001 C1 100.00 in=USD
receipt 100.00 text="INV-7001"`, []recon.Decision{auto(ReferenceExact, pay(1, 10000))}, "currency"},
		{"a disproved statement", customer + `
invoice INV-7001 C1 100.00
receipt 100.00 text="INV-7001" proof=broken`, []recon.Decision{auto(ReferenceExact, pay(1, 10000))}, "gate"},
		{"a write-off over the cap", customer + `
rules cap=6.00
invoice INV-7001 C1 100.00
written C1 5.00
receipt 98.00 text="INV-7001"`, []recon.Decision{auto(ReferenceTolerance, pay(1, 9800), recon.Line{Kind: recon.WriteOff, Item: 1, AmountMinor: 200})}, "cap"},
		{"a write-off that leaves something open", customer + `
invoice INV-7001 C1 100.00
receipt 97.00 text="INV-7001"`, []recon.Decision{auto(ReferenceTolerance, pay(1, 9700), recon.Line{Kind: recon.WriteOff, Item: 1, AmountMinor: 200})}, "left_open"},
		{"a write-off that a person took back", customer + `
invoice INV-7001 C1 100.00 refused=write_off
receipt 98.00 text="INV-7001"`, []recon.Decision{auto(ReferenceTolerance, pay(1, 9800), recon.Line{Kind: recon.WriteOff, Item: 1, AmountMinor: 200})}, "declined"},
		{"a late discount", customer + `
invoice INV-7001 C1 100.00 discount=2/2026-02-01
receipt 98.00 text="INV-7001"`, []recon.Decision{auto(ReferenceDiscount, pay(1, 9800), recon.Line{Kind: recon.Discount, Item: 1, AmountMinor: 200})}, "discount"},
		{"tax that is not contained", customer + `
invoice INV-7001 C1 119.00 tax=19
receipt 117.81 text="INV-7001"`, []recon.Decision{auto(ReferenceTolerance, pay(1, 11781), recon.Line{Kind: recon.WriteOff, Item: 1, AmountMinor: 119, TaxMinor: 18})}, "tax"},
		{"a charge that the payer bore", customer + `
invoice INV-7001 C1 100.00
receipt 90.00 text="INV-7001" charges=10.00 bearer=OUR`, []recon.Decision{auto(ReferenceBankCharge, pay(1, 9000), recon.Line{Kind: recon.BankCharge, Item: 1, AmountMinor: 1000})}, "bank_charge"},
		{"a credit note of another customer", customer + `
invoice INV-7001 C1 100.00
credit CN-10001 C2 20.00
receipt 80.00 text="INV-7001 CN-10001"`, []recon.Decision{auto(ReferenceExact, recon.Line{Kind: recon.Credit, Item: 1, CreditNote: 2, AmountMinor: 2000}, pay(1, 8000))}, "credit_note"},
		{"on account of nobody", `
receipt 80.00`, []recon.Decision{{Outcome: recon.Auto, Reason: LumpOnAccount, Score: 90, Margin: 20, Lines: []recon.Line{{Kind: recon.OnAccount, AmountMinor: 8000}}}}, "on_account"},
		{"a proposal that takes too much", customer + `
invoice INV-7001 C1 50.00
receipt 80.00`, []recon.Decision{{Outcome: recon.Queued, Reason: AmbiguousLump, Proposals: []recon.Proposal{{Lines: []recon.Line{pay(1, 8000)}}}}}, "proposal_over_applies"},
		{"a payment cleared twice", customer + `
recorded 80.00 customer=C1
receipt 80.00
receipt 80.00`, []recon.Decision{{Outcome: recon.Cleared, Reason: ClearedByHand, Clears: 501}, {Outcome: recon.Cleared, Reason: ClearedByHand, Clears: 501}}, "clearing"},
		{"a receipt taken back in part", `
paid 80.00 e2e=E1 by=payment|discount
return 80.00 e2e=E1`, []recon.Decision{{Outcome: recon.Reversed, Reason: ReturnReversed, Return: true, Reverses: []int64{7010}}}, "original"},
		{"a receipt taken back twice", `
paid 80.00 e2e=E1 by=payment
return 80.00 e2e=E1
return 80.00 e2e=E1`, []recon.Decision{{Outcome: recon.Reversed, Reason: ReturnReversed, Return: true, Reverses: []int64{7010}}, {Outcome: recon.Reversed, Reason: ReturnReversed, Return: true, Reverses: []int64{7010}}}, "original"},
		{"a receipt taken back for another amount", `
paid 80.00 e2e=E1 by=payment
return 79.00 e2e=E1`, []recon.Decision{{Outcome: recon.Reversed, Reason: ReturnReversed, Return: true, Reverses: []int64{7010}}}, "original"},
	} {
		s := readStory(t, c.given)
		plan := recon.Plan{Entity: s.work.Entity, Rules: s.set.Version, Decisions: c.decisions}
		for i := range plan.Decisions {
			if i < len(s.work.Receipts) {
				plan.Decisions[i].Source = s.work.Receipts[i].Source
			} else {
				plan.Decisions[i].Source = recon.Source{Kind: recon.SourceReceipt, ID: s.work.Returns[i-len(s.work.Receipts)].EntryID}
			}
		}
		faults := Audit(s.work, plan, s.set)
		if !slices.ContainsFunc(faults, func(f Fault) bool { return f.Code == c.fault }) {
			t.Errorf("%s: %s is missing in %v", c.name, c.fault, faults)
		}
	}
}
