package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// What people ask for has its words in recon.
type (
	Placement = recon.Placement
	Placed    = recon.Placed
)

// Allocate places a fund, or part of it; what is not placed stays where it is. It fails with [Refused] where the amounts do not fit.
func (p *Pipeline) Allocate(ctx context.Context, placement Placement) (Placed, error) {
	fund, err := p.Fund(ctx, placement.Source)
	if err != nil {
		return Placed{}, err
	}
	if placement.Standing == 0 {
		placement.Standing = fund.Standing
	}
	if placement.Date > recon.DateOf(p.Now()) {
		return Placed{}, refuse("ALLOCATE-DATE", "--date", "place it when the day has come", "%s is in the future", placement.Date)
	}
	desk := allocation{p: p, currency: fund.Currency, receiptMinor: fund.LeftMinor, side: fund.Side}
	lines, err := desk.fund(ctx, fund, placement)
	if err != nil {
		return Placed{}, err
	}
	placed := Placed{Fund: fund, Lines: lines, RestMinor: fund.LeftMinor}
	for _, line := range lines {
		placed.RestMinor -= line.AmountMinor
	}
	placed.Decision, err = p.Store.Allocate(ctx, p.act(0), store.Allocation{Entity: p.Entity.ID, Source: fund.Source, Standing: placement.Standing,
		Day: firstDay(placement.Date, recon.DateOf(p.Now())), Lines: lines, Reason: placement.Reason, Digest: fundDigest(fund, placement, lines)})
	if errors.Is(err, store.ErrNotFound) {
		return Placed{}, refuse("FUND-UNKNOWN", placement.Source, unappliedAdvice, "there is no such money any more")
	}
	return placed, err
}

const unappliedAdvice = "list what waits with: tieout report unapplied"

// Fund finds money by what a person calls it: a42 for what application 42 put aside, else the number of a credit note.
func (p *Pipeline) Fund(ctx context.Context, text string) (store.Fund, error) {
	source, err := p.fundSource(ctx, text)
	if err != nil {
		return store.Fund{}, err
	}
	funds, err := p.Store.Funds(ctx, p.Entity.ID, store.FundFilter{Source: source})
	switch {
	case err != nil:
		return store.Fund{}, fmt.Errorf("load funds: %w", err)
	case len(funds) == 0 && source.Kind == recon.SourceCreditNote:
		return store.Fund{}, refuse("FUND-USED", text, "see its history with: tieout report items", "nothing of credit note %s is left", text)
	case len(funds) == 0:
		return store.Fund{}, refuse("FUND-USED", text, unappliedAdvice, "nothing of it is left")
	}
	return funds[0], nil
}

func (p *Pipeline) fundSource(ctx context.Context, text string) (recon.Source, error) {
	if digits, ok := strings.CutPrefix(text, "a"); ok {
		if id, err := strconv.ParseInt(digits, 10, 64); err == nil {
			return p.heldSource(ctx, text, id)
		}
	}
	items, err := p.Store.ItemsByNumber(ctx, p.Entity.ID, []string{text})
	if err != nil {
		return recon.Source{}, fmt.Errorf("load items: %w", err)
	}
	at := slices.IndexFunc(items, func(i recon.Item) bool { return i.Kind == recon.CreditNote })
	switch {
	case at >= 0:
		return recon.Source{Kind: recon.SourceCreditNote, ID: items[at].ID}, nil
	case len(items) > 0:
		return recon.Source{}, refuse("FUND-UNKNOWN", text, unappliedAdvice, "the item is an %s: it takes money and has none to place", items[0].Kind)
	}
	return recon.Source{}, refuse("FUND-UNKNOWN", text, unappliedAdvice+"; a receipt in the queue is placed with: tieout queue resolve",
		"it is neither an application such as a42 that put money aside nor the number of a credit note")
}

func (p *Pipeline) heldSource(ctx context.Context, text string, id int64) (recon.Source, error) {
	a, err := p.Store.Application(ctx, p.Entity.ID, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return recon.Source{}, refuse("FUND-UNKNOWN", text, unappliedAdvice, "there is no application %d", id)
	case err != nil:
		return recon.Source{}, err
	case a.Kind == recon.OnAccount:
		return recon.Source{Kind: recon.SourceOnAccount, ID: id}, nil
	case a.Kind == recon.Advance:
		return recon.Source{Kind: recon.SourceAdvance, ID: id}, nil
	}
	return recon.Source{}, refuse("FUND-UNKNOWN", text, unappliedAdvice, "application %d is a %s and put no money aside", id, a.Kind)
}

// fund turns a placement into lines. A credit note is set against items, other money pays them.
func (a *allocation) fund(ctx context.Context, fund store.Fund, placement Placement) ([]recon.Line, error) {
	request := Request{Apply: placement.Apply}
	if placement.Spread == "" && len(placement.Over) == 0 && len(placement.Apply) == 0 {
		return nil, refuse("ALLOCATE-NOTHING", placement.Source, "name items: --apply ITEM=AMT, or --spread AMT ITEM…", "nothing says where %s should go", a.money(fund.LeftMinor))
	}
	if err := a.load(ctx, request, placement.Over); err != nil {
		return nil, err
	}
	if len(placement.Over) > 0 {
		minor, err := a.toSpread(placement)
		if err != nil {
			return nil, err
		}
		if request.Apply, _, err = a.spread(minor, placement.Over); err != nil {
			return nil, err
		}
	}
	lines, total, err := a.payments(request)
	if err != nil {
		return nil, err
	}
	if over := total - fund.LeftMinor; over > 0 {
		return nil, refuse("ALLOCATE-OVER", placement.Source, "lower an amount", "%s is more than the %s that is left: %s over", a.money(total), a.money(fund.LeftMinor), a.money(over))
	}
	if fund.Source.Kind == recon.SourceCreditNote {
		for i := range lines {
			lines[i].Kind, lines[i].CreditNote = recon.Credit, fund.Source.ID
		}
	}
	return lines, nil
}

// toSpread reads the amount to spread, all that is left where none is written.
func (a *allocation) toSpread(placement Placement) (int64, error) {
	if placement.Spread == "" {
		return a.receiptMinor, nil
	}
	minor, err := a.amount("--spread", placement.Spread)
	if over := minor - a.receiptMinor; err == nil && over > 0 {
		err = refuse("ALLOCATE-OVER", placement.Source, "lower the amount", "%s is more than the %s that is left: %s over", a.money(minor), a.money(a.receiptMinor), a.money(over))
	}
	return minor, err
}

// spread fills items from top to bottom, in the order given, and returns what is left then.
func (a *allocation) spread(minor int64, numbers []string) (amounts []ItemAmount, restMinor int64, err error) {
	for _, number := range numbers {
		item, known := a.items[number]
		switch {
		case !known:
			return nil, 0, unknownItem(number)
		case item.Currency != a.currency:
			return nil, 0, refuse("ITEM-CURRENCY", number, "items settle in their own currency", "the item is in %s, the money in %s", item.Currency, a.currency)
		}
		if part := min(minor, a.left[item.ID]); part > 0 {
			amounts = append(amounts, ItemAmount{Number: number, Amount: recon.FormatMinor(part, a.currency)})
			minor -= part
		}
	}
	return amounts, minor, nil
}

func unknownItem(number string) error {
	return refuse("ITEM-UNKNOWN", number, "list them with: tieout report items", "there is no such item")
}

// fundDigest is equal for equal placements of one state of the money: a repeated click is one effect.
func fundDigest(fund store.Fund, placement Placement, lines []recon.Line) string {
	d := recon.Decision{Source: fund.Source, Lines: lines}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%d|%d|%d|%s|%s", fund.Source.Kind, fund.Source.ID, placement.Standing, placement.Date, placement.Reason, d.Digest()))
	return hex.EncodeToString(sum[:16])
}
