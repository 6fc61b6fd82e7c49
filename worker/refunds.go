package worker

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Refund asks for money to be given back; a second person has to approve it. It fails with [Refused] where the money is not there.
func (p *Pipeline) Refund(ctx context.Context, request recon.Refunding) (recon.Done, error) {
	return p.perform(ctx, deedRefund, &refunding{Request: request})
}

// refunding is money that a person wants to give back.
type refunding struct{ Request recon.Refunding }

func (f *refunding) plan(ctx context.Context, p *Pipeline) (plan deedPlan, err error) {
	r := &f.Request
	fund, err := p.refundable(ctx, r.Source)
	if err != nil {
		return plan, err
	}
	r.Date = firstDay(r.Date, recon.DateOf(p.Now()))
	switch {
	case r.Reason == "":
		return plan, refuse("REFUND-REASON", "--reason", "say why: --reason TEXT", "a refund needs a reason")
	case r.Date > recon.DateOf(p.Now()):
		return plan, refuse("REFUND-DATE", "--date", "ask for it when the day has come", "%s is in the future", r.Date)
	}
	if err := p.payee(ctx, r, fund); err != nil {
		return plan, err
	}
	minor := fund.LeftMinor
	if r.Amount != "" {
		if minor, err = readAmount(r.Source, r.Amount, fund.Currency); err != nil {
			return plan, err
		}
	}
	money := func(minor int64) recon.Money { return recon.Money{Minor: minor, Currency: fund.Currency} }
	if over := minor - fund.LeftMinor; over > 0 {
		return plan, refuse("REFUND-OVER", r.Source, "give back at most what is left", "%s is more than the %s that is left: %s over", money(minor), money(fund.LeftMinor), money(over))
	}
	plan.subject, plan.money, plan.reason, plan.receipt = "refund of "+r.Source, money(minor), r.Reason, fund.Receipt
	plan.why = p.needsSecond([]recon.Line{{Kind: recon.Refund, AmountMinor: minor}}, fund.Currency)
	plan.shown = []string{fmt.Sprintf("%s %d of %s has %s left, by decision %d", fund.Source.Kind, fund.Source.ID, fund.Customer, money(fund.LeftMinor), fund.Standing),
		fmt.Sprintf("refund %s to %s, account %s, on %s", money(minor), r.Payee, r.Account, r.Date)}
	plan.do = func(ctx context.Context, act store.Act) (recon.Done, error) {
		application, err := p.Store.Refund(ctx, act, store.Refund{Entity: p.Entity.ID, Source: fund.Source, Standing: fund.Standing, Customer: fund.Customer,
			AmountMinor: minor, Day: r.Date, Payee: r.Payee, Account: r.Account, Reason: r.Reason})
		return recon.Done{Application: application}, err
	}
	return plan, nil
}

// refundable finds the money to give back: like [Pipeline.Fund], and receipts that wait in the queue by their number.
func (p *Pipeline) refundable(ctx context.Context, text string) (recon.Fund, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return p.Fund(ctx, text)
	}
	detail, err := p.Store.Decision(ctx, p.Entity.ID, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && (detail.Case == nil || detail.Case.Return) {
		return p.Fund(ctx, text)
	}
	if err != nil {
		return recon.Fund{}, err
	}
	c := detail.Case
	return recon.Fund{Source: recon.Source{Kind: recon.SourceReceipt, ID: id}, Side: recon.Receivable, Receipt: id, Customer: c.Customer, Currency: c.Currency,
		AmountMinor: detail.Entry.AmountMinor, LeftMinor: c.AmountMinor, Day: c.Booked, Standing: detail.ID}, nil
}

// payee fills in who gets the money where the request does not say: who paid it.
func (p *Pipeline) payee(ctx context.Context, r *recon.Refunding, fund recon.Fund) error {
	r.Account = recon.NormalAccount(r.Account)
	if fund.Receipt != 0 && (r.Account == "" || r.Payee == "") {
		entry, err := p.Store.Entry(ctx, p.Entity.ID, fund.Receipt)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		r.Account, r.Payee = firstText(r.Account, entry.Counterparty.Account), firstText(r.Payee, entry.Counterparty.Name)
	}
	switch {
	case r.Account == "":
		return refuse("REFUND-ACCOUNT", "--to", "name the payee's account: --to IBAN", "nothing says where %s came from", r.Source)
	case recon.LooksLikeIBAN(r.Account) && !recon.ValidIBAN(r.Account):
		return refuse("REFUND-ACCOUNT", "--to", "check the number", "%s has wrong check digits", recon.MaskAccount(r.Account))
	}
	r.Payee = firstText(r.Payee, fund.Customer)
	return nil
}
