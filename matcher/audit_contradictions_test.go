package matcher

import (
	"slices"
	"testing"

	"github.com/tieout/tieout/recon"
)

// TestAuditSeesContradictions applies the proposal of receipts that the matcher queues because of what they say against it:
// the audit must see that for itself.
func TestAuditSeesContradictions(t *testing.T) {
	const alpha = "customer C1 name=\"Alpha Handels GmbH\" iban=DE89370400440532013000\n"
	const beta = "customer C2 name=\"Beta Bau AG\" iban=DE02120300000000202051\n"
	for _, c := range []struct {
		given    string
		proposed recon.Reason
		code     string
	}{
		{alpha + "invoice 10045 C1 500.00 open=0.00\ninvoice 10046 C1 500.00\nreceipt 500.00 iban=DE89370400440532013000 text=10045", PayerExactSingle, "names_paid"},
		{alpha + "invoice 10045 C1 500.00 cancelled=yes\ninvoice 10046 C1 500.00\nreceipt 500.00 iban=DE89370400440532013000 text=\"RE 10045\"", PayerExactSingle, "names_paid"},
		{alpha + beta + "invoice 10045 C1 500.00\nreceipt 500.00 iban=DE89370400440532013000 name=\"Beta Bau AG\"", PayerExactSingle, "payer_conflict"},
		{alpha + beta + "invoice 10045 C1 500.00\ninvoice RE10045 C2 500.00 open=0.00\nreceipt 500.00 iban=DE02120300000000202051 text=\"Rechnung 10045\"", ReferenceExact, "own_number"},
	} {
		s := readStory(t, c.given)
		plan := Match(s.work, s.set)
		d := &plan.Decisions[0]
		at := slices.IndexFunc(d.Proposals, func(p recon.Proposal) bool { return p.Reason == c.proposed })
		if d.Outcome != recon.Queued || at < 0 {
			t.Errorf("%s\nis %s %s, want it queued with %s proposed", c.given, d.Outcome, d.Reason, c.proposed)
			continue
		}
		p := d.Proposals[at]
		*d = recon.Decision{Source: d.Source, Outcome: recon.Auto, Reason: p.Reason, Score: 95, Margin: 40, Customer: p.Customer, Lines: p.Lines, Evidence: p.Evidence}
		faults := Audit(s.work, plan, s.set)
		if !slices.ContainsFunc(faults, func(f Fault) bool { return f.Code == c.code }) {
			t.Errorf("%s\napplied: the audit says %v, want %s", c.given, faults, c.code)
		}
	}
}
