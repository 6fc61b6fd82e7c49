package worker_test

import (
	"fmt"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
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
		_, err := h.job.Adjust(h.ctx, recon.Adjusting{Number: a.Item, Amount: a.Amount, Ledger: a.Ledger, Date: a.Date, Reason: a.Reason})
		h.refused(err, a.Refused)
	case *fixtures.Dispute:
		h.dispute(a)
	case *fixtures.Plan:
		_, err := h.job.PlanItem(h.ctx, a.Planning, a.Dry)
		h.refused(err, a.Refused)
	case *fixtures.Refund:
		request := a.Refunding
		request.Source = h.refundable(a)
		_, err := h.job.Refund(h.ctx, request)
		h.refused(err, a.Refused)
	case *fixtures.Approve:
		h.approve(a)
	case *fixtures.Close:
		_, err := h.job.Close(h.ctx, a.Until, "")
		h.refused(err, a.Refused)
	default:
		h.Fatalf("%s: nobody does %T", h.step, act)
	}
}

func (h *house) dispute(d *fixtures.Dispute) {
	h.Helper()
	var err error
	if d.Ending.Outcome == "" {
		_, err = h.job.Dispute(h.ctx, d.Disputing)
	} else {
		_, err = h.job.EndDispute(h.ctx, d.Ending)
	}
	h.refused(err, d.Refused)
}

// refundable names the money to give back: a credit note, a receipt in the queue, or what a receipt put aside.
func (h *house) refundable(r *fixtures.Refund) string {
	h.Helper()
	if r.Note == "" {
		receipt := h.receipt(r.Receipt)
		if detail, err := h.job.Store.Decision(h.ctx, storyEntity, receipt); err == nil && detail.Case != nil {
			return fmt.Sprint(receipt)
		}
	}
	return h.fund(&fixtures.Allocate{Receipt: r.Receipt, Note: r.Note})
}

// approve lets somebody else do what was proposed last.
func (h *house) approve(a *fixtures.Approve) {
	h.Helper()
	waiting, err := h.job.Store.Approvals(h.ctx, storyEntity, store.ApprovalFilter{State: store.ApprovalPending})
	h.must(err)
	if len(waiting) == 0 {
		h.Fatalf("%s: nothing waits for a second person", h.step)
	}
	second := *h.job
	second.Actor = a.By
	_, err = second.ApproveProposal(h.ctx, waiting[0].ID)
	h.refused(err, a.Refused)
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
