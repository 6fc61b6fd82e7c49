package matcher

import (
	"testing"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// TestOneCustomerOwnsEverything is the work that cannot be parted: every item and receipt belongs to one customer.
func TestOneCustomerOwnsEverything(t *testing.T) {
	work := nightly(4000)
	only := work.Book.Customers[0]
	work.Book.Customers = []recon.Customer{only}
	for i := range work.Book.Items {
		work.Book.Items[i].Customer = only.Code
	}
	for i := range work.Receipts {
		work.Receipts[i].Payer = recon.Party{Name: only.Name, Account: only.IBANs[0]}
	}
	set := rules.Default()
	start := time.Now()
	plan := Match(work, set)
	t.Logf("%d receipts in %v", len(work.Receipts), time.Since(start))
	if faults := Audit(work, plan, set); len(faults) > 0 {
		t.Errorf("%d faults, the first %v", len(faults), faults[0])
	}
	applied := 0
	for _, d := range plan.Decisions {
		if d.Outcome == recon.Auto {
			applied++
		}
	}
	if applied < len(plan.Decisions)*7/10 {
		t.Errorf("only %d of %d applied", applied, len(plan.Decisions))
	}
}
