package storetest

import (
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// proposal is something about a receipt that needs a second person.
func proposal(receipt int64) store.Approval {
	return store.Approval{Entity: entity, Kind: "resolve", Receipt: receipt, Subject: "receipt", Why: "a write-off", Payload: `{"receipt":1}`, Shown: "write off 10.00",
		PlanHash: "h1", Reason: "they will not pay it", AmountMinor: 1000, Currency: "EUR", Rules: "r1"}
}

// ada is the next act of a second person who approves a proposal.
func (w *world) ada(approval int64) store.Act {
	act := w.petra()
	act.Actor, act.Approval = "ada", approval
	return act
}

func (w *world) propose(a store.Approval) int64 {
	w.Helper()
	id, err := w.Propose(background, w.petra(), a)
	w.must(err)
	return id
}

func (w *world) approval(id int64) store.Approval {
	w.Helper()
	a, err := w.Approval(background, entity, id)
	w.must(err)
	return a
}

func approvalStories() []story {
	return []story{
		{"what one proposed another carries out, both at once", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(900)
			w.applied(queued(id, "reference_partial"))
			proposed := w.petra()
			approval, err := w.Propose(background, proposed, proposal(id))
			w.must(err)
			c, _ := w.theCase(id)
			w.same("the case says so", c.Pending, true)
			r := store.Resolution{Entity: entity, Receipt: id, Version: 1, Lines: []recon.Line{pay(i, 900), line(recon.WriteOff, i, 100)}}
			own := w.petra()
			own.Approval = approval
			_, err = w.Resolve(background, own, r)
			w.fails(err, store.ErrFourEyes)
			w.open("R1", 1000)
			act := w.ada(approval)
			_, err = w.Resolve(background, act, r)
			w.must(err)
			w.open("R1", 0)
			want := proposal(id)
			want.ID, want.Proposer, want.Proposed, want.State, want.SettledBy, want.Settled = approval, "petra", proposed.At, store.ApprovalApproved, "ada", act.At
			w.same("approval", w.approval(approval), want)
			_, err = w.undo(ids(w.applications(id))...)
			w.must(err)
			_, err = w.Resolve(background, w.ada(approval), r)
			w.fails(err, store.ErrStale)
			w.open("R1", 1000)
		}},
		{"what cannot be carried out is not approved", func(w *world) {
			i := w.items(invoice("R1", "C1", 1000))[0]
			id := w.receipt(900)
			w.applied(queued(id, "reference_partial"))
			approval := w.propose(proposal(id))
			before := w.audits()
			_, err := w.Resolve(background, w.ada(approval), store.Resolution{Entity: entity, Receipt: id, Version: 9, Lines: []recon.Line{pay(i, 900)}})
			w.fails(err, store.ErrStale)
			w.same("state", w.approval(approval).State, store.ApprovalPending)
			w.same("audit rows", w.audits(), before)
			_, err = w.Resolve(background, w.ada(4711), store.Resolution{Entity: entity, Receipt: id, Version: 1, Lines: []recon.Line{pay(i, 900)}})
			w.fails(err, store.ErrNotFound)
			w.open("R1", 1000)
		}},
		{"the same plan is proposed once while it waits", func(w *world) {
			first := w.propose(proposal(1))
			before := w.audits()
			w.same("again", w.propose(proposal(1)), first)
			w.same("audit rows", w.audits(), before)
			other := proposal(1)
			other.PlanHash = "h2"
			w.same("another plan", w.propose(other), first+1)
			w.must(w.Settle(background, w.petra(), entity, first, store.ApprovalWithdrawn, "mistaken"))
			w.same("anew", w.propose(proposal(1)), first+2)
		}},
		{"declined by somebody else, withdrawn by the proposer", func(w *world) {
			a, b := w.propose(proposal(1)), w.propose(proposal(2))
			w.fails(w.Settle(background, w.petra(), entity, a, store.ApprovalDeclined, "no"), store.ErrFourEyes)
			w.fails(w.Settle(background, w.ada(0), entity, a, store.ApprovalWithdrawn, "no"), store.ErrFourEyes)
			w.must(w.Settle(background, w.ada(0), entity, a, store.ApprovalDeclined, "ask them first"))
			w.must(w.Settle(background, w.petra(), entity, b, store.ApprovalWithdrawn, "mistaken"))
			w.same("answers", []any{w.approval(a).State, w.approval(a).SettledBy, w.approval(a).Answer, w.approval(b).State, w.approval(b).SettledBy},
				[]any{store.ApprovalDeclined, "ada", "ask them first", store.ApprovalWithdrawn, "petra"})
			w.fails(w.Settle(background, w.ada(0), entity, b, store.ApprovalDeclined, "late"), store.ErrStale)
			w.fails(w.Settle(background, w.ada(0), entity, 99, store.ApprovalDeclined, "?"), store.ErrNotFound)
			_, err := w.Approval(background, sister, a)
			w.fails(err, store.ErrNotFound)
		}},
		{"listed newest first", func(w *world) {
			a, b, c := w.propose(proposal(1)), w.propose(proposal(2)), w.propose(proposal(3))
			w.must(w.Settle(background, w.petra(), entity, b, store.ApprovalWithdrawn, ""))
			list := func(f store.ApprovalFilter) (ids []int64) {
				found, err := w.Approvals(background, entity, f)
				w.must(err)
				for _, one := range found {
					ids = append(ids, one.ID)
				}
				return ids
			}
			w.same("all", list(store.ApprovalFilter{}), []int64{c, b, a})
			w.same("pending", list(store.ApprovalFilter{State: store.ApprovalPending, Kind: "resolve", Proposer: "petra"}), []int64{c, a})
			w.same("a page", list(store.ApprovalFilter{Limit: 1, Before: c}), []int64{b})
			w.same("of a receipt", list(store.ApprovalFilter{Receipt: 1}), []int64{a})
			w.same("of somebody else", list(store.ApprovalFilter{Proposer: "ada"}), []int64(nil))
			work, err := w.CaseWork(background, entity, 3, noon)
			w.must(err)
			w.same("of a case", work.Approvals, []store.Approval{w.approval(c)})
		}},
	}
}
