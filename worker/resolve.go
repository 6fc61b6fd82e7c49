package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// What people ask for has its words in recon.
type (
	Refused     = recon.Refused
	ItemAmount  = recon.ItemAmount
	Request     = recon.Request
	HandPayment = recon.HandPayment
	Recorded    = recon.PaidByHand
	Undone      = recon.Undone
)

func refuse(code, where, try, format string, values ...any) error {
	return Refused{Problem: recon.Problem{Code: code, Where: where, Severity: recon.Reject, Message: fmt.Sprintf(format, values...), Try: try}}
}

// outdated refuses because somebody or something was faster.
func outdated(code, where, try, format string, values ...any) error {
	return Refused{Problem: recon.Problem{Code: code, Where: where, Severity: recon.Reject, Message: fmt.Sprintf(format, values...), Try: try}, Class: recon.RefusedConflict}
}

// forbid refuses because somebody else has to do it.
func forbid(code, where, try, format string, values ...any) error {
	return Refused{Problem: recon.Problem{Code: code, Where: where, Severity: recon.Reject, Message: fmt.Sprintf(format, values...), Try: try}, Class: recon.RefusedForbidden}
}

// Resolve carries out a person's decision on a queued receipt, or proposes it where it needs a second person. It fails with [Refused] where
// the amounts do not fit, and where the books are no longer as the person saw them.
func (p *Pipeline) Resolve(ctx context.Context, request Request) (recon.Done, error) {
	return p.perform(ctx, deedResolve, &resolving{Request: request})
}

// Preview says what a request would do, and does nothing. What Resolve would refuse is [Refused].
func (p *Pipeline) Preview(ctx context.Context, request Request) (recon.Preview, error) {
	r := resolving{Request: request}
	plan, err := r.plan(ctx, p)
	if err != nil {
		return recon.Preview{}, err
	}
	return recon.Preview{Plan: plan.hash(), Why: plan.why, Customer: r.Chosen.Customer, Lines: r.Chosen.Lines, Shortfalls: r.Chosen.Shortfalls, Items: r.items}, nil
}

// resolving is a person's decision on a queued receipt.
type resolving struct {
	Request recon.Request
	Chosen  *chosen // what it comes to
	items   []recon.Item
}

// chosen is what a request comes to: the lines of a proposal, or the amounts that the person wrote.
type chosen struct {
	Customer   string
	Lines      []recon.Line
	Shortfalls []recon.Shortfall
	Clears     int64
	Reverses   []int64
}

func (r *resolving) plan(ctx context.Context, p *Pipeline) (plan deedPlan, err error) {
	detail, err := p.openCase(ctx, r.Request.Receipt, r.Request.Version)
	if err != nil {
		return plan, err
	}
	r.Request.Version = detail.Case.Version
	if r.Chosen == nil {
		if err := p.choose(ctx, r, detail); err != nil {
			if _, faster := p.openCase(ctx, r.Request.Receipt, r.Request.Version); faster != nil { // the amounts do not fit because somebody was faster
				return plan, faster
			}
			return plan, err
		}
	}
	if r.items, err = p.itemsOf(ctx, r.Chosen.Lines); err != nil {
		return plan, err
	}
	if err := p.unchanged(ctx, r.Request.Seen); err != nil {
		return plan, err
	}
	c := detail.Case
	plan = deedPlan{receipt: c.Receipt, subject: fmt.Sprintf("receipt %d", c.Receipt), money: recon.Money{Minor: c.AmountMinor, Currency: c.Currency},
		reason: firstText(r.Request.Reason, r.Request.Shortfall), shown: p.shown(detail, r)}
	if r.Request.Plan != "" && r.Request.Plan != plan.hash() {
		return plan, outdated("QUEUE-PLAN", "", "look at it again, then decide anew", "what receipt %d would pay has changed since you looked", c.Receipt)
	}
	plan.why = p.needsSecond(r.Chosen.Lines, c.Currency)
	plan.do = func(ctx context.Context, act store.Act) (recon.Done, error) { return p.settleCase(ctx, act, r, detail) }
	return plan, nil
}

// openCase returns the case of a receipt as the person saw it. One that was decided is [Refused], naming who did that and when.
func (p *Pipeline) openCase(ctx context.Context, receipt, version int64) (store.DecisionDetail, error) {
	detail, err := p.Store.Decision(ctx, p.Entity.ID, receipt)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return detail, refuse("QUEUE-UNKNOWN", "", "list the queue with: tieout queue", "receipt %d is not in the queue", receipt)
	case err != nil:
		return detail, err
	case detail.Case == nil:
		return detail, outdated("QUEUE-DECIDED", "", "see tieout explain; undo it first to decide anew",
			"receipt %d was decided already by %s at %s", receipt, detail.Actor, detail.At.UTC().Format(clockFormat))
	case version != 0 && version != detail.Case.Version:
		return detail, outdated("QUEUE-STALE", "", "look at it again, then decide anew", "receipt %d has changed since you looked: %s decided anew at %s, it has version %d now, not %d",
			receipt, detail.Actor, detail.At.UTC().Format(clockFormat), detail.Case.Version, version)
	}
	return detail, nil
}

// choose finds out what a request comes to.
func (p *Pipeline) choose(ctx context.Context, r *resolving, detail store.DecisionDetail) error {
	request := r.Request
	r.Chosen = &chosen{Customer: firstText(request.Customer, detail.Case.Customer)}
	if err := p.knownCustomer(ctx, request.Customer); err != nil {
		return err
	}
	switch {
	case request.SetAside:
		return nil
	case request.Proposal > 0 || request.Plan != "" && !hasAmounts(request):
		return p.takeProposal(ctx, r, detail)
	case detail.Case.Return:
		return refuse("QUEUE-RETURN", "", "choose the receipt it takes back with --proposal N, or set it aside", "a returned payment is not applied to items")
	}
	desk := allocation{p: p, currency: detail.Case.Currency, receiptMinor: detail.Case.AmountMinor}
	lines, shortfalls, err := desk.lines(ctx, request)
	if err != nil {
		return err
	}
	r.Chosen.Lines, r.Chosen.Shortfalls = lines, shortfalls
	r.Chosen.Customer = firstText(request.Customer, desk.customer, r.Chosen.Customer)
	if len(request.OnAccount) > 0 && r.Chosen.Customer == "" {
		return refuse("QUEUE-CUSTOMER", "", "say whose money it is: --customer CODE", "money on account needs a customer and the payer is unknown")
	}
	return nil
}

// hasAmounts reports whether a request names amounts of its own.
func hasAmounts(r recon.Request) bool {
	return len(r.Apply)+len(r.Spread)+len(r.Credit)+len(r.Discount)+len(r.WriteOff)+len(r.Adjust)+len(r.Charge)+len(r.OnAccount)+len(r.Refund) > 0
}

// knownCustomer refuses a customer whom nobody has imported: money would be kept for nobody.
func (p *Pipeline) knownCustomer(ctx context.Context, code string) error {
	if code == "" {
		return nil
	}
	customers, err := p.Store.Customers(ctx, p.Entity.ID)
	if err != nil {
		return fmt.Errorf("load customers: %w", err)
	}
	if !slices.ContainsFunc(customers, func(c recon.Customer) bool { return c.Code == code }) {
		return refuse("CUST-UNKNOWN", "--customer", "write the code as it was imported, or import the customer first: tieout import customers", "there is no customer %q", code)
	}
	return nil
}

// itemsOf loads the items that lines touch.
func (p *Pipeline) itemsOf(ctx context.Context, lines []recon.Line) ([]recon.Item, error) {
	var ids []int64
	for _, l := range lines {
		for _, id := range []int64{l.Item, l.CreditNote} {
			if id != 0 {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	items, err := p.Store.Items(ctx, p.Entity.ID, store.ItemFilter{IDs: ids})
	if err != nil {
		return nil, fmt.Errorf("load items: %w", err)
	}
	return items, nil
}

// unchanged refuses where an item is no longer as the person saw it.
func (p *Pipeline) unchanged(ctx context.Context, seen []recon.SeenItem) error {
	numbers := make([]string, len(seen))
	for i, s := range seen {
		numbers[i] = s.Number
	}
	if len(numbers) == 0 {
		return nil
	}
	items, err := p.receivables(ctx, numbers)
	if err != nil {
		return err
	}
	for _, s := range seen {
		item, known := items[s.Number]
		switch {
		case !known:
			return outdated("ITEM-STALE", s.Number, "look at it again, then decide anew", "the item is gone")
		case item.Version != s.Version:
			return outdated("ITEM-STALE", s.Number, "look at it again, then decide anew", "it has changed since you looked: %s of it is open now",
				recon.Money{Minor: item.OpenMinor, Currency: item.Currency})
		}
	}
	return nil
}

// needsSecond says why lines need a second person, "" where one is enough.
func (p *Pipeline) needsSecond(lines []recon.Line, currency recon.Currency) string {
	sums := map[recon.Kind]int64{}
	for _, l := range lines {
		sums[l.Kind] += l.AmountMinor
	}
	limit := p.Rules.FourEyes[currency]
	money := func(minor int64) recon.Money { return recon.Money{Minor: minor, Currency: currency} }
	switch written, adjusted, back := sums[recon.WriteOff], sums[recon.Adjustment], sums[recon.Refund]; {
	case written > limit.WriteOffMinor:
		return fmt.Sprintf("it writes off %s, and one person alone may write off %s", money(written), money(limit.WriteOffMinor))
	case adjusted > limit.AdjustmentMinor:
		return fmt.Sprintf("it adjusts %s, and one person alone may adjust %s", money(adjusted), money(limit.AdjustmentMinor))
	case back > 0:
		return fmt.Sprintf("it gives %s back", money(back))
	}
	return ""
}

// settleCase stores the decision. Where somebody was faster, it says who.
func (p *Pipeline) settleCase(ctx context.Context, act store.Act, r *resolving, detail store.DecisionDetail) (recon.Done, error) {
	resolution := store.Resolution{Entity: p.Entity.ID, Receipt: r.Request.Receipt, Version: r.Request.Version, Customer: r.Chosen.Customer, Lines: r.Chosen.Lines,
		Shortfalls: r.Chosen.Shortfalls, Clears: r.Chosen.Clears, Reverses: r.Chosen.Reverses, SetAside: r.Request.SetAside, Ledger: r.Request.Ledger, Reason: r.Request.Reason}
	for _, item := range r.items {
		resolution.Seen = append(resolution.Seen, store.SeenItem{ID: item.ID, Version: item.Version})
	}
	var err error
	if resolution.Lessons, err = p.lessons(ctx, resolution, detail); err != nil {
		return recon.Done{}, err
	}
	resolution.Digest = digest(p.Actor, resolution)
	decision, err := p.Store.Resolve(ctx, act, resolution)
	if errors.Is(err, store.ErrStale) || errors.Is(err, store.ErrOver) {
		err = p.outrun(ctx, r, err)
	}
	return recon.Done{Decision: decision}, err
}

// outrun says who was faster, as far as it shows in the case or the items.
func (p *Pipeline) outrun(ctx context.Context, r *resolving, stale error) error {
	if _, err := p.openCase(ctx, r.Request.Receipt, r.Request.Version); err != nil {
		return err
	}
	seen := make([]recon.SeenItem, len(r.items))
	for i, item := range r.items {
		seen[i] = recon.SeenItem{Number: item.Number, Version: item.Version}
	}
	if err := p.unchanged(ctx, seen); err != nil {
		return err
	}
	return stale
}

func firstText(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// digest is equal for equal resolutions of one state of a case by one person: a repeated click is one effect, while a colleague who was slower is told.
func digest(actor string, r store.Resolution) string {
	d := recon.Decision{Customer: r.Customer, Lines: r.Lines, Reverses: r.Reverses, Clears: r.Clears}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q|%d|%d|%v|%s|%s|%s", actor, r.Receipt, r.Version, r.SetAside, r.Ledger, r.Reason, d.Digest()))
	return hex.EncodeToString(sum[:16])
}
