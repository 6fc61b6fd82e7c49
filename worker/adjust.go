package worker

import (
	"context"
	"errors"
	"fmt"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Adjust lowers what is open of an item against an account of the ledger, or proposes it where it is over one person's limit. It fails
// with [Refused] where the books do not allow it.
func (p *Pipeline) Adjust(ctx context.Context, request recon.Adjusting) (recon.Done, error) {
	return p.perform(ctx, deedAdjust, &adjusting{Request: request})
}

// adjusting is a person's adjustment of an item.
type adjusting struct{ Request recon.Adjusting }

func (a *adjusting) plan(ctx context.Context, p *Pipeline) (plan deedPlan, err error) {
	r := &a.Request
	item, err := p.seenItem(ctx, r.Side, r.Number, r.Version)
	if err != nil {
		return plan, err
	}
	r.Date, r.Ledger = firstDay(r.Date, recon.DateOf(p.Now())), firstText(r.Ledger, p.Rules.Ledger.Adjustments)
	if err := p.adjustable(*r); err != nil {
		return plan, err
	}
	minor, err := openAmount(item, r.Amount)
	if err != nil {
		return plan, err
	}
	_, tax := recon.NetAndTax(minor, item.TaxRate)
	plan.subject, plan.money, plan.reason = "item "+item.Number, recon.Money{Minor: minor, Currency: item.Currency}, r.Reason
	plan.why = p.needsSecond([]recon.Line{{Kind: recon.Adjustment, AmountMinor: minor}}, item.Currency)
	plan.shown = []string{shownItem(item), fmt.Sprintf("adjustment %s on account %s, of it tax %s, on %s", plan.money, r.Ledger, recon.FormatMinor(tax, item.Currency), r.Date)}
	plan.do = func(ctx context.Context, act store.Act) (recon.Done, error) {
		application, err := p.Store.Adjust(ctx, act, store.Adjustment{Entity: p.Entity.ID, Item: item.ID, Version: item.Version, AmountMinor: minor, TaxMinor: tax,
			Ledger: r.Ledger, Day: r.Date, Reason: r.Reason})
		return recon.Done{Application: application}, staleItem(err, r.Number)
	}
	return plan, nil
}

// adjustable says what forbids an adjustment, whatever it amounts to.
func (p *Pipeline) adjustable(r recon.Adjusting) error {
	switch {
	case r.Reason == "":
		return refuse("ADJUST-REASON", "--reason", "say why: --reason TEXT", "an adjustment needs a reason")
	case r.Ledger == p.Rules.Ledger.Receivables || r.Ledger == p.Rules.Ledger.Payables:
		return refuse("ADJUST-LEDGER", "--account", "name the account that bears the difference", "account %s holds the open items and nothing else", r.Ledger)
	case r.Date > recon.DateOf(p.Now()):
		return refuse("ADJUST-DATE", "--date", "post it when the day has come", "%s is in the future", r.Date)
	}
	return nil
}

// seenItem loads an item by its number as a person saw it; 0 takes it as it is.
func (p *Pipeline) seenItem(ctx context.Context, side recon.Side, number string, version int64) (recon.Item, error) {
	items, err := p.itemsOn(ctx, side, []string{number})
	if err != nil {
		return recon.Item{}, err
	}
	item, known := items[number]
	switch {
	case !known:
		return item, unknownItem(number)
	case version != 0 && version != item.Version:
		return item, staleItem(store.ErrStale, number)
	}
	return item, nil
}

// Item returns an item by its number. It is [Refused] where there is none.
func (p *Pipeline) Item(ctx context.Context, side recon.Side, number string) (recon.Item, error) {
	return p.seenItem(ctx, side, number, 0)
}

// staleItem says in words that an item changed since the person looked.
func staleItem(err error, number string) error {
	if errors.Is(err, store.ErrStale) {
		return outdated("ITEM-STALE", number, "look at it again: tieout report items", "the item changed in the meantime")
	}
	return err
}

// shownItem is an item as a second person sees it; its version says whether it is still so.
func shownItem(i recon.Item) string {
	return fmt.Sprintf("%s %s of %s, open %s, version %d", i.Kind, i.Number, i.Customer, recon.Money{Minor: i.OpenMinor, Currency: i.Currency}, i.Version)
}

// openAmount reads an amount of an item: what is open where none is written, never more.
func openAmount(item recon.Item, text string) (int64, error) {
	open := recon.Money{Minor: item.OpenMinor, Currency: item.Currency}
	if item.OpenMinor == 0 {
		return 0, refuse("ITEM-PAID", item.Number, "see its history with: tieout report items", "nothing of the item is open")
	}
	if text == "" {
		return item.OpenMinor, nil
	}
	minor, err := readAmount(item.Number, text, item.Currency)
	if over := minor - item.OpenMinor; err == nil && over > 0 {
		err = refuse("ITEM-OVER", item.Number, "take at most what is open", "%s is %s over: %s is open",
			recon.Money{Minor: minor, Currency: item.Currency}, recon.Money{Minor: over, Currency: item.Currency}, open)
	}
	return minor, err
}

// readAmount reads an amount over 0 as a person wrote it.
func readAmount(where, text string, currency recon.Currency) (int64, error) {
	minor, err := recon.ParseMinor(text, currency)
	switch {
	case err != nil:
		return 0, refuse("AMOUNT", where, "write amounts as 1234.50", "%q: %v", text, err)
	case minor <= 0:
		return 0, refuse("AMOUNT", where, "write an amount over 0", "%q is not over 0", text)
	}
	return minor, nil
}
