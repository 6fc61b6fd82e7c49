package main

import (
	"context"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/review"
	"github.com/tieout/tieout/worker"
)

// company hands the desk what it needs of a pipeline: the same functions that the commands call, each with its own actor.
func company(p *worker.Pipeline) review.Company {
	by := func(actor review.Actor) *worker.Pipeline {
		own := *p
		own.Actor, own.Via = actor.Login, actor.Via
		return &own
	}
	company := review.Company{Entity: p.Entity, Rules: p.Rules, Work: review.Work{
		Resolve: func(ctx context.Context, actor review.Actor, request recon.Request) (recon.Done, error) {
			return by(actor).Resolve(ctx, request)
		},
		Preview: func(ctx context.Context, actor review.Actor, request recon.Request) (recon.Preview, error) {
			return by(actor).Preview(ctx, request)
		},
		Offers:   p.Offers,
		Backtest: func(ctx context.Context, text []byte) (review.Backtest, error) { return deskBacktest(ctx, p, text) },
		Assign: func(ctx context.Context, actor review.Actor, receipt int64, person string) error {
			return by(actor).Assign(ctx, receipt, person)
		},
		Snooze: func(ctx context.Context, actor review.Actor, receipt int64, until recon.Date) error {
			return by(actor).Snooze(ctx, receipt, until)
		},
		Note: func(ctx context.Context, actor review.Actor, receipt int64, text string) error {
			return by(actor).Note(ctx, receipt, text)
		},
		Part: func(ctx context.Context, actor review.Actor, receipt, version int64, items []string, reason string) error {
			return by(actor).Decline(ctx, receipt, version, items, reason)
		},
		Release: func(ctx context.Context, actor review.Actor, receipt int64) error {
			return by(actor).Release(ctx, receipt)
		},
		Pay: func(ctx context.Context, actor review.Actor, payment recon.HandPayment) (recon.PaidByHand, error) {
			return by(actor).Pay(ctx, payment)
		},
		Undo: func(ctx context.Context, actor review.Actor, applications []int64, reason string) (recon.Done, error) {
			return by(actor).Undo(ctx, applications, reason)
		},
		UndoReceipt: func(ctx context.Context, actor review.Actor, receipt int64, reason string) (recon.Done, error) {
			return by(actor).UndoReceipt(ctx, receipt, reason)
		},
		Approve: func(ctx context.Context, actor review.Actor, proposal int64) (recon.Done, error) {
			return by(actor).ApproveProposal(ctx, proposal)
		},
		Decline: func(ctx context.Context, actor review.Actor, proposal int64, reason string) error {
			return by(actor).DeclineProposal(ctx, proposal, reason)
		},
		ApproveAlias: func(ctx context.Context, actor review.Actor, alias int64, reason string) (recon.AliasRow, error) {
			return by(actor).ApproveAlias(ctx, alias, reason)
		},
		DeclineAlias: func(ctx context.Context, actor review.Actor, alias int64, reason string) (recon.AliasRow, error) {
			return by(actor).DeclineAlias(ctx, alias, reason)
		},
		Withdraw: func(ctx context.Context, actor review.Actor, proposal int64, reason string) error {
			return by(actor).WithdrawProposal(ctx, proposal, reason)
		},
	}}
	longWork(&company.Work, by)
	return company
}
