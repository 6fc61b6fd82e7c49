package worker

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

// allocation turns the amounts a person wrote into lines that add up.
type allocation struct {
	p            *Pipeline
	currency     recon.Currency
	receiptMinor int64
	side         recon.Side // on which items are looked for, "" for ours
	customer     string     // of the first item named
	items        map[string]recon.Item
	left         map[int64]int64 // open amount of items after the lines so far
}

func (a *allocation) lines(ctx context.Context, request Request) (lines []recon.Line, shortfalls []recon.Shortfall, err error) {
	if request.Shortfall != "" && !slices.Contains(shortfallReasons, request.Shortfall) {
		return nil, nil, refuse("QUEUE-SHORTFALL", "", "use one of: "+strings.Join(shortfallReasons, ", "), "%q does not say why something is short", request.Shortfall)
	}
	if err := a.load(ctx, request, request.Spread); err != nil {
		return nil, nil, err
	}
	if err := a.spreadAll(&request); err != nil {
		return nil, nil, err
	}
	lines, moneyMinor, err := a.payments(request)
	if err != nil {
		return nil, nil, err
	}
	for _, effect := range []struct {
		kind    recon.Kind
		amounts []ItemAmount
	}{{recon.Discount, request.Discount}, {recon.WriteOff, request.WriteOff}, {recon.Adjustment, request.Adjust}} {
		more, err := a.effects(effect.kind, effect.amounts)
		if err != nil {
			return nil, nil, err
		}
		lines = append(lines, more...)
	}
	charges, err := a.charges(request)
	if err != nil {
		return nil, nil, err
	}
	lines = append(lines, charges...)
	kept, err := a.sum("--on-account", request.OnAccount)
	if err != nil {
		return nil, nil, err
	}
	if kept > 0 {
		moneyMinor += kept
		lines = append(lines, recon.Line{Kind: recon.OnAccount, AmountMinor: kept})
	}
	back, err := a.sum("--refund", request.Refund)
	if err != nil {
		return nil, nil, err
	}
	if back > 0 {
		moneyMinor += back
		lines = append(lines, recon.Line{Kind: recon.Refund, AmountMinor: back})
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

// spreadAll fills the items to spread over with the whole receipt; the surplus is kept on account.
func (a *allocation) spreadAll(request *Request) error {
	if len(request.Spread) == 0 {
		return nil
	}
	amounts, rest, err := a.spread(a.receiptMinor, request.Spread)
	if err != nil {
		return err
	}
	if request.Apply = amounts; rest > 0 {
		request.OnAccount = []string{recon.FormatMinor(rest, a.currency)}
	}
	return nil
}

// exchange settles an item of another currency: with AMT@COST it falls by AMT of its own currency for COST of the receipt's. The
// difference stands on the exchange account.
func (a *allocation) exchange(number, wanted, cost string) (recon.Line, error) {
	item, known := a.items[number]
	switch {
	case !known:
		return recon.Line{}, unknownItem(number)
	case item.Kind != recon.Invoice:
		return recon.Line{}, refuse("ITEM-KIND", number, "use --credit for credit notes and --apply for invoices", "the item is a %s", item.Kind)
	case item.Currency == a.currency:
		return recon.Line{}, refuse("ITEM-CURRENCY", number, "write the amount alone", "the item is in %s like the money: there is nothing to exchange", item.Currency)
	}
	minor, err := readAmount(number, wanted, item.Currency)
	if err != nil {
		return recon.Line{}, err
	}
	if over := minor - a.left[item.ID]; over > 0 {
		return recon.Line{}, refuse("ITEM-OVER", number, "lower the amount", "%s is %s over what is open", recon.Money{Minor: minor, Currency: item.Currency}, recon.Money{Minor: over, Currency: item.Currency})
	}
	taken, err := readAmount(number, cost, a.currency)
	if err != nil {
		return recon.Line{}, err
	}
	a.left[item.ID] -= minor
	a.customer = firstText(a.customer, item.Customer)
	return recon.Line{Kind: recon.Payment, Item: item.ID, AmountMinor: minor, SourceMinor: taken}, nil
}

// load reads the items that a request names, and others.
func (a *allocation) load(ctx context.Context, request Request, others []string) (err error) {
	numbers := slices.Clone(others)
	for _, list := range [][]ItemAmount{request.Apply, request.Credit, request.Discount, request.WriteOff, request.Adjust} {
		for _, amount := range list {
			numbers = append(numbers, amount.Number)
		}
	}
	a.left = map[int64]int64{}
	a.items, err = a.p.itemsOn(ctx, a.side, numbers)
	for _, item := range a.items {
		a.left[item.ID] = item.OpenMinor
	}
	return err
}

func (a *allocation) item(amount ItemAmount, kind recon.ItemKind) (recon.Item, int64, error) {
	item, known := a.items[amount.Number]
	switch {
	case !known:
		return item, 0, unknownItem(amount.Number)
	case item.Kind != kind:
		return item, 0, refuse("ITEM-KIND", amount.Number, "use --credit for credit notes and --apply for invoices", "the item is a %s", item.Kind)
	case item.Currency != a.currency:
		return item, 0, refuse("ITEM-CURRENCY", amount.Number, "items settle in their own currency; say what it costs: ITEM=AMT@COST", "the item is in %s, the receipt in %s", item.Currency, a.currency)
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
		if wanted, cost, exchanged := strings.Cut(amount.Amount, "@"); exchanged {
			line, err := a.exchange(amount.Number, wanted, cost)
			if err != nil {
				return nil, 0, err
			}
			lines, moneyMinor = append(lines, line), moneyMinor+line.SourceMinor
			continue
		}
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
		lines = append(lines, recon.Line{Kind: kind, Item: item.ID, AmountMinor: minor, TaxMinor: tax, Ledger: amount.Ledger})
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

// charges books each bank charge on an applied item that is short by at least as much: the one that it closes exactly, else
// the last one named. Several on one item are one line.
func (a *allocation) charges(request Request) (lines []recon.Line, err error) {
	for _, text := range request.Charge {
		minor, err := a.amount("--charge", text)
		if err != nil {
			return nil, err
		}
		item := a.chargeable(request.Apply, minor)
		if item == 0 {
			return nil, refuse("QUEUE-CHARGE", "--charge", "name the item with --apply and what it was short by", "no applied item has %s left open", a.money(minor))
		}
		a.left[item] -= minor
		if at := slices.IndexFunc(lines, func(l recon.Line) bool { return l.Item == item }); at >= 0 {
			lines[at].AmountMinor += minor
			continue
		}
		lines = append(lines, recon.Line{Kind: recon.BankCharge, Item: item, AmountMinor: minor})
	}
	return lines, nil
}

// chargeable returns the item that a charge belongs to, 0 where none is short enough.
func (a *allocation) chargeable(applied []ItemAmount, minor int64) (last int64) {
	for _, amount := range slices.Backward(applied) {
		switch item := a.items[amount.Number].ID; {
		case a.left[item] == minor:
			return item
		case a.left[item] > minor && last == 0:
			last = item
		}
	}
	return last
}

// sum adds up the amounts of a flag that may come several times.
func (a *allocation) sum(flag string, texts []string) (minor int64, err error) {
	for _, text := range texts {
		more, err := a.amount(flag, text)
		if err != nil {
			return 0, err
		}
		minor += more
	}
	return minor, nil
}

// shortfalls records the reason of what stays open on the items that were paid in part.
func (a *allocation) shortfalls(request Request) (list []recon.Shortfall) {
	if request.Reason == "" && request.Shortfall == "" && request.NextDate == 0 {
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
	case request.Shortfall != "":
		return request.Shortfall
	case slices.Contains(shortfallReasons, request.Reason):
		return request.Reason
	case request.NextDate != 0:
		return "instalment"
	}
	return "unexplained"
}
