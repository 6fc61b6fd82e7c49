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

// Refused is a request of a person that the rules or the books do not allow: nothing was done.
type Refused struct{ recon.Problem }

// Error says what was refused and what to try.
func (r Refused) Error() string { return r.Problem.String() + "; " + r.Try }

func refuse(code, where, try, format string, values ...any) error {
	return Refused{recon.Problem{Code: code, Where: where, Severity: recon.Reject, Message: fmt.Sprintf(format, values...), Try: try}}
}

// ItemAmount is an amount of an item as a person wrote it.
type ItemAmount struct{ Number, Amount string }

// Request is what a person wants done with a queued receipt: a proposal, or amounts by item.
type Request struct {
	Receipt   int64
	Version   int64        // of the case as the person saw it, 0 = as it is now
	Proposal  int          // from 1; 0 = the amounts below
	Apply     []ItemAmount // what items fall by: money and credit notes together
	Credit    []ItemAmount // credit notes to use
	Discount  []ItemAmount
	WriteOff  []ItemAmount
	Charge    string // withheld by a bank on the way
	OnAccount string
	SetAside  bool   // it is no receipt
	Ledger    string // account of what is set aside
	Customer  string // whose money it is, where nothing else tells
	Reason    string
	NextDate  recon.Date
}

// Resolve carries out a person's decision on a queued receipt. It fails with [Refused] where the amounts do not fit.
func (p *Pipeline) Resolve(ctx context.Context, request Request) (decision int64, err error) {
	detail, err := p.Store.Decision(ctx, p.Entity.ID, request.Receipt)
	if errors.Is(err, store.ErrNotFound) {
		return 0, refuse("QUEUE-UNKNOWN", "", "list the queue with: tieout queue", "receipt %d is not in the queue", request.Receipt)
	}
	if err != nil {
		return 0, err
	}
	if detail.Case == nil {
		return 0, refuse("QUEUE-DECIDED", "", "see tieout explain; undo it first to decide anew",
			"receipt %d was decided already by %s at %s", request.Receipt, detail.Actor, detail.At.UTC().Format("2006-01-02 15:04:05"))
	}
	resolution := store.Resolution{Entity: p.Entity.ID, Receipt: request.Receipt, Version: request.Version,
		Customer: firstText(request.Customer, detail.Case.Customer), SetAside: request.SetAside, Ledger: request.Ledger, Reason: request.Reason}
	if resolution.Version == 0 {
		resolution.Version = detail.Case.Version
	}
	if err := p.fill(ctx, &resolution, request, detail); err != nil {
		return 0, err
	}
	resolution.Digest = digest(resolution)
	return p.Store.Resolve(ctx, p.act(0), resolution)
}

func firstText(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func (p *Pipeline) fill(ctx context.Context, resolution *store.Resolution, request Request, detail store.DecisionDetail) error {
	switch {
	case request.SetAside:
		return nil
	case request.Proposal > 0:
		return takeProposal(resolution, request.Proposal, detail.Decision.Proposals)
	case detail.Case.Return:
		return refuse("QUEUE-RETURN", "", "choose the receipt it takes back with --proposal N, or set it aside", "a returned payment is not applied to items")
	}
	desk := allocation{p: p, currency: detail.Case.Currency, receiptMinor: detail.Case.AmountMinor}
	lines, shortfalls, err := desk.lines(ctx, request)
	if err != nil {
		return err
	}
	resolution.Lines, resolution.Shortfalls = lines, shortfalls
	resolution.Customer = firstText(request.Customer, desk.customer, resolution.Customer)
	if request.OnAccount != "" && resolution.Customer == "" {
		return refuse("QUEUE-CUSTOMER", "", "say whose money it is: --customer CODE", "money on account needs a customer and the payer is unknown")
	}
	return nil
}

func takeProposal(resolution *store.Resolution, number int, proposals []recon.Proposal) error {
	if number > len(proposals) {
		return refuse("QUEUE-PROPOSAL", "", "see them with: tieout queue show", "there is no proposal %d, this case has %d", number, len(proposals))
	}
	chosen := proposals[number-1]
	resolution.Lines, resolution.Clears, resolution.Reverses = chosen.Lines, chosen.Clears, chosen.Reverses
	resolution.Customer = firstText(chosen.Customer, resolution.Customer)
	return nil
}

// digest is equal for equal resolutions of one state of a case: a repeated click is one effect.
func digest(r store.Resolution) string {
	d := recon.Decision{Customer: r.Customer, Lines: r.Lines, Reverses: r.Reverses, Clears: r.Clears}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d|%d|%v|%s|%s|%s", r.Receipt, r.Version, r.SetAside, r.Ledger, r.Reason, d.Digest()))
	return hex.EncodeToString(sum[:16])
}

// allocation turns the amounts a person wrote into lines that add up.
type allocation struct {
	p            *Pipeline
	currency     recon.Currency
	receiptMinor int64
	customer     string // of the first item named
	items        map[string]recon.Item
	left         map[int64]int64 // open amount of items after the lines so far
}

func (a *allocation) lines(ctx context.Context, request Request) (lines []recon.Line, shortfalls []recon.Shortfall, err error) {
	if err := a.load(ctx, request); err != nil {
		return nil, nil, err
	}
	lines, moneyMinor, err := a.payments(request)
	if err != nil {
		return nil, nil, err
	}
	for _, effect := range []struct {
		kind    recon.Kind
		amounts []ItemAmount
	}{{recon.Discount, request.Discount}, {recon.WriteOff, request.WriteOff}} {
		more, err := a.effects(effect.kind, effect.amounts)
		if err != nil {
			return nil, nil, err
		}
		lines = append(lines, more...)
	}
	if request.Charge != "" {
		line, err := a.charge(request)
		if err != nil {
			return nil, nil, err
		}
		lines = append(lines, line)
	}
	if request.OnAccount != "" {
		minor, err := a.amount("--on-account", request.OnAccount)
		if err != nil {
			return nil, nil, err
		}
		moneyMinor += minor
		lines = append(lines, recon.Line{Kind: recon.OnAccount, AmountMinor: minor})
	}
	if err := a.balanced(moneyMinor); err != nil {
		return nil, nil, err
	}
	return lines, a.shortfalls(request), nil
}

// balanced refuses money that does not add up to the receipt.
func (a *allocation) balanced(moneyMinor int64) error {
	switch rest := a.receiptMinor - moneyMinor; {
	case rest < 0:
		return refuse("QUEUE-OVER", "", "lower an amount, or use a credit note with --credit", "the amounts need %s, the receipt has %s: %s over",
			a.money(moneyMinor), a.money(a.receiptMinor), a.money(-rest))
	case rest > 0:
		return refuse("QUEUE-REST", "", fmt.Sprintf("apply it, or keep it for the customer: --on-account %s", recon.FormatMinor(rest, a.currency)),
			"%s of %s is still to apply", a.money(rest), a.money(a.receiptMinor))
	}
	return nil
}

func (a *allocation) money(minor int64) string {
	return recon.Money{Minor: minor, Currency: a.currency}.String()
}

func (a *allocation) load(ctx context.Context, request Request) (err error) {
	var numbers []string
	for _, list := range [][]ItemAmount{request.Apply, request.Credit, request.Discount, request.WriteOff} {
		for _, amount := range list {
			numbers = append(numbers, amount.Number)
		}
	}
	a.left = map[int64]int64{}
	a.items, err = a.p.receivables(ctx, numbers)
	for _, item := range a.items {
		a.left[item.ID] = item.OpenMinor
	}
	return err
}

func (a *allocation) item(amount ItemAmount, kind recon.ItemKind) (recon.Item, int64, error) {
	item, known := a.items[amount.Number]
	switch {
	case !known:
		return item, 0, refuse("ITEM-UNKNOWN", amount.Number, "list them with: tieout report items", "there is no such item")
	case item.Kind != kind:
		return item, 0, refuse("ITEM-KIND", amount.Number, "use --credit for credit notes and --apply for invoices", "the item is a %s", item.Kind)
	case item.Currency != a.currency:
		return item, 0, refuse("ITEM-CURRENCY", amount.Number, "items settle in their own currency", "the item is in %s, the receipt in %s", item.Currency, a.currency)
	}
	minor, err := a.amount(amount.Number, amount.Amount)
	if err != nil {
		return item, 0, err
	}
	if over := minor - a.left[item.ID]; over > 0 {
		return item, 0, refuse("ITEM-OVER", amount.Number, "lower the amount", "%s is more than the open %s: %s over", a.money(minor), a.money(a.left[item.ID]), a.money(over))
	}
	a.left[item.ID] -= minor
	return item, minor, nil
}

func (a *allocation) amount(where, text string) (int64, error) {
	minor, err := recon.ParseMinor(text, a.currency)
	if err != nil {
		return 0, refuse("AMOUNT", where, "write amounts as 1234.50", "%q: %v", text, err)
	}
	if minor <= 0 {
		return 0, refuse("AMOUNT", where, "write an amount over 0", "%q is not over 0", text)
	}
	return minor, nil
}

// payments pays the items in the order named: credit notes first, then money.
func (a *allocation) payments(request Request) (lines []recon.Line, moneyMinor int64, err error) {
	type credit struct{ id, minor int64 }
	var credits []credit
	for _, amount := range request.Credit {
		note, minor, err := a.item(amount, recon.CreditNote)
		if err != nil {
			return nil, 0, err
		}
		credits = append(credits, credit{note.ID, minor})
	}
	for _, amount := range request.Apply {
		item, minor, err := a.item(amount, recon.Invoice)
		if err != nil {
			return nil, 0, err
		}
		a.customer = firstText(a.customer, item.Customer)
		for minor > 0 && len(credits) > 0 {
			used := min(minor, credits[0].minor)
			lines = append(lines, recon.Line{Kind: recon.Credit, Item: item.ID, CreditNote: credits[0].id, AmountMinor: used})
			minor -= used
			if credits[0].minor -= used; credits[0].minor == 0 {
				credits = credits[1:]
			}
		}
		if minor > 0 {
			lines = append(lines, recon.Line{Kind: recon.Payment, Item: item.ID, AmountMinor: minor})
			moneyMinor += minor
		}
	}
	if len(credits) > 0 {
		return nil, 0, refuse("QUEUE-CREDIT", "", "raise --apply by it: the amounts there are what invoices fall by", "%s of the credit notes pays nothing", a.money(credits[0].minor))
	}
	return lines, moneyMinor, nil
}

func (a *allocation) effects(kind recon.Kind, amounts []ItemAmount) (lines []recon.Line, err error) {
	for _, amount := range amounts {
		item, minor, err := a.item(amount, recon.Invoice)
		if err != nil {
			return nil, err
		}
		if kind == recon.WriteOff {
			if err := a.writeOffAllowed(item, minor); err != nil {
				return nil, err
			}
		}
		_, tax := recon.NetAndTax(minor, item.TaxRate)
		lines = append(lines, recon.Line{Kind: kind, Item: item.ID, AmountMinor: minor, TaxMinor: tax})
	}
	return lines, nil
}

// writeOffAllowed holds a person to the maximum payment difference too: beyond it a credit note or an adjustment is the way.
func (a *allocation) writeOffAllowed(item recon.Item, minor int64) error {
	limit := a.p.Rules.Differences[a.currency]
	allowed := limit.MaxMinor
	if !limit.Percent.IsZero() {
		allowed = min(allowed, recon.PercentOf(item.OpenMinor, limit.Percent))
	}
	if minor > allowed {
		return refuse("WRITE-OFF-LIMIT", item.Number, "leave it open, or import a credit note over it", "a write-off of %s is over the maximum difference of %s", a.money(minor), a.money(allowed))
	}
	return nil
}

// charge books a bank charge on the last named item that still has so much open.
func (a *allocation) charge(request Request) (recon.Line, error) {
	minor, err := a.amount("--charge", request.Charge)
	if err != nil {
		return recon.Line{}, err
	}
	for _, amount := range slices.Backward(request.Apply) {
		item := a.items[amount.Number]
		if a.left[item.ID] >= minor {
			a.left[item.ID] -= minor
			return recon.Line{Kind: recon.BankCharge, Item: item.ID, AmountMinor: minor}, nil
		}
	}
	return recon.Line{}, refuse("QUEUE-CHARGE", "--charge", "name the item with --apply and what it was short by", "no applied item has %s left open", a.money(minor))
}

// shortfalls records the reason of what stays open on the items that were paid in part.
func (a *allocation) shortfalls(request Request) (list []recon.Shortfall) {
	if request.Reason == "" && request.NextDate == 0 {
		return nil
	}
	for _, amount := range request.Apply {
		item := a.items[amount.Number]
		if a.left[item.ID] > 0 {
			list = append(list, recon.Shortfall{Item: item.ID, AmountMinor: a.left[item.ID], Why: shortfallWhy(request), Phrase: request.Reason, NextDate: request.NextDate})
		}
	}
	return list
}

// shortfallReasons are the words of --reason that steer the follow-up.
var shortfallReasons = []string{"dispute", "deduction", "instalment"}

func shortfallWhy(request Request) string {
	switch {
	case slices.Contains(shortfallReasons, request.Reason):
		return request.Reason
	case request.NextDate != 0:
		return "instalment"
	}
	return "unexplained"
}
