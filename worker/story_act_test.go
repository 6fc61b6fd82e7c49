package worker_test

import (
	"fmt"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/worker"
)

// act does what a person does beside the queue.
func (h *house) act(act fixtures.Act) {
	h.Helper()
	switch a := act.(type) {
	case *fixtures.Allocate:
		_, err := h.job.Allocate(h.ctx, worker.Placement{Source: h.fund(a), Apply: itemAmounts(a.Lines), Spread: a.Spread, Over: a.Over, Date: a.Date, Reason: a.Reason})
		h.refused(err, a.Refused)
	case *fixtures.Adjust:
		_, err := h.job.Adjust(h.ctx, worker.Adjusting{Number: a.Item, Amount: a.Amount, Ledger: a.Ledger, Date: a.Date, Reason: a.Reason})
		h.refused(err, a.Refused)
	case *fixtures.Close:
		_, err := h.job.Close(h.ctx, a.Until, "")
		h.refused(err, a.Refused)
	default:
		h.Fatalf("%s: nobody does %T", h.step, act)
	}
}

// fund names the money that a receipt put aside, or a credit note.
func (h *house) fund(a *fixtures.Allocate) string {
	h.Helper()
	if a.Note != "" {
		return a.Note
	}
	applications, err := h.job.Store.ApplicationsOf(h.ctx, storyEntity, h.receipt(a.Receipt))
	h.must(err)
	for _, application := range applications {
		if application.Live() && (application.Kind == recon.OnAccount || application.Kind == recon.Advance) {
			return fmt.Sprintf("a%d", application.ID)
		}
	}
	h.Fatalf("%s: nothing of receipt %s was put aside", h.step, a.Receipt)
	return ""
}

func itemAmounts(lines []fixtures.ActLine) (amounts []worker.ItemAmount) {
	for _, line := range lines {
		amounts = append(amounts, worker.ItemAmount{Number: line.Item, Amount: line.Amount})
	}
	return amounts
}
