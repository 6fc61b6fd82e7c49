package worker

import (
	"context"
	"errors"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Adjusting is a difference that a person takes on an account of the ledger, because no rule may.
type Adjusting struct {
	Number  string // of the item, an invoice or a credit note
	Side    recon.Side
	Version int64  // of the item as the person saw it; 0 where the terminal just reads it
	Amount  string // "" = what is open
	Ledger  string // "" = the rules' account for adjustments
	Date    recon.Date
	Reason  string
}

// Adjusted is what an adjustment did.
type Adjusted struct {
	Application           int64
	Item                  recon.Item // as it was before
	AmountMinor, TaxMinor int64
	RestMinor             int64
	Ledger                string
}

// Adjust lowers what is open of an item against an account of the ledger. It fails with [Refused] where a person may not do so alone.
func (p *Pipeline) Adjust(ctx context.Context, request Adjusting) (Adjusted, error) {
	items, err := p.itemsOn(ctx, request.Side, []string{request.Number})
	if err != nil {
		return Adjusted{}, err
	}
	item, known := items[request.Number]
	if !known {
		return Adjusted{}, unknownItem(request.Number)
	}
	done := Adjusted{Item: item, Ledger: firstText(request.Ledger, p.Rules.Ledger.Adjustments)}
	if done.AmountMinor, err = p.adjustable(item, request, done.Ledger); err != nil {
		return Adjusted{}, err
	}
	if request.Version == 0 {
		request.Version = item.Version
	}
	_, done.TaxMinor = recon.NetAndTax(done.AmountMinor, item.TaxRate)
	done.RestMinor = item.OpenMinor - done.AmountMinor
	done.Application, err = p.Store.Adjust(ctx, p.act(0), store.Adjustment{Entity: p.Entity.ID, Item: item.ID, Version: request.Version,
		AmountMinor: done.AmountMinor, TaxMinor: done.TaxMinor, Ledger: done.Ledger, Day: firstDay(request.Date, recon.DateOf(p.Now())), Reason: request.Reason})
	if errors.Is(err, store.ErrStale) {
		return Adjusted{}, refuse("ITEM-STALE", request.Number, "look at it again: tieout report items", "the item changed in the meantime")
	}
	return done, err
}

// adjustable reads the amount of an adjustment and says what forbids it.
func (p *Pipeline) adjustable(item recon.Item, request Adjusting, ledger string) (int64, error) {
	switch {
	case request.Reason == "":
		return 0, refuse("ADJUST-REASON", "--reason", "say why: --reason TEXT", "an adjustment needs a reason")
	case ledger == p.Rules.Ledger.Receivables || ledger == p.Rules.Ledger.Payables:
		return 0, refuse("ADJUST-LEDGER", "--account", "name the account that bears the difference", "account %s holds the open items and nothing else", ledger)
	case request.Date > recon.DateOf(p.Now()):
		return 0, refuse("ADJUST-DATE", "--date", "post it when the day has come", "%s is in the future", request.Date)
	}
	minor, err := openAmount(item, request.Amount)
	if err != nil {
		return 0, err
	}
	if limit := p.Rules.FourEyes[item.Currency].AdjustmentMinor; minor > limit {
		return 0, p.overLimit("ADJUST-LIMIT", item, minor, limit)
	}
	return minor, nil
}

// overLimit refuses what one person may not do alone.
func (p *Pipeline) overLimit(code string, item recon.Item, minor, limit int64) error {
	return refuse(code, item.Number, "four_eyes: in rules.yaml says what one person may post alone; a credit note needs no limit", "%s is over the %s that one person may post alone",
		recon.Money{Minor: minor, Currency: item.Currency}, recon.Money{Minor: limit, Currency: item.Currency})
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
	minor, err := recon.ParseMinor(text, item.Currency)
	switch {
	case err != nil:
		return 0, refuse("AMOUNT", item.Number, "write amounts as 1234.50", "%q: %v", text, err)
	case minor <= 0:
		return 0, refuse("AMOUNT", item.Number, "write an amount over 0", "%q is not over 0", text)
	case minor > item.OpenMinor:
		over := recon.Money{Minor: minor - item.OpenMinor, Currency: item.Currency}
		return 0, refuse("ITEM-OVER", item.Number, "take at most what is open", "%s is %s over: %s is open",
			recon.Money{Minor: minor, Currency: item.Currency}, over, open)
	}
	return minor, nil
}
