package review

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// proposalView is a way to apply a receipt, as the page shows it.
type proposalView struct {
	N               int
	Plan            string
	Reason          recon.Reason
	Score           int
	Customer        string
	DifferenceMinor int64
	Why             string // it needs a second person
	Evidence        []string
	effectView
}

// effectView is what a decision would do.
type effectView struct {
	Currency recon.Currency
	Lines    []lineView
	Other    []string // what it does beside items: takes back, is the money of
	Short    []string
	Balances []balanceView
	Journal  []books.Posting
}

// lineView is one line of a decision with what it leaves open.
type lineView struct {
	Kind        recon.Kind
	Item        *recon.Item
	Note        *recon.Item // credit note that is used
	AmountMinor int64
	BeforeMinor int64
	AfterMinor  int64
	Ledger      string
}

// balanceView is what a customer owes before and after.
type balanceView struct {
	Customer                string
	BeforeMinor, AfterMinor int64
}

// previewView is what the table would do.
type previewView struct {
	Plan string
	Why  string
	effectView
}

// mostProposals bounds how many proposals are shown in full.
const mostProposals = 6

func (c *call) proposalsOf(data *caseData, offers recon.Offers, items itemsByID) (views []proposalView, err error) {
	for n, offer := range offers.Offers[:min(len(offers.Offers), mostProposals)] {
		v := proposalView{N: n + 1, Plan: offer.Plan, Reason: offer.Reason, Score: offer.Score, Customer: cmp.Or(offer.Customer, data.Case.Customer), DifferenceMinor: offer.DifferenceMinor,
			Why: offer.Why, Evidence: matcher.ExplainProposal(offer.Proposal, data.Case.Return, items.find)}
		if v.effectView, err = c.effectOf(data, v.Customer, offer.Lines, items); err != nil {
			return nil, err
		}
		switch {
		case offer.Clears != 0 && data.Case.Return:
			v.Other = append(v.Other, "It takes receipt "+number(offer.Clears)+" back, with all that it paid.")
		case offer.Clears != 0:
			v.Other = append(v.Other, "It is the money of the payment recorded by hand as "+number(offer.Clears)+".")
		}
		for _, id := range offer.Reverses {
			v.Other = append(v.Other, "It takes application "+number(id)+" back.")
		}
		views = append(views, v)
	}
	return views, nil
}

// effectOf works out what lines leave: open amounts, balances and the journal.
func (c *call) effectOf(data *caseData, customer string, lines []recon.Line, items itemsByID) (e effectView, err error) {
	e.Currency = data.Case.Currency
	left := map[int64]int64{}
	for id, item := range items {
		left[id] = item.OpenMinor
	}
	moved := map[string]int64{}
	for _, l := range lines {
		v := lineView{Kind: l.Kind, AmountMinor: l.AmountMinor, Ledger: l.Ledger}
		if item, ok := items[l.Item]; ok {
			v.Item, v.BeforeMinor, v.AfterMinor = &item, left[l.Item], left[l.Item]-l.AmountMinor
			left[l.Item] = v.AfterMinor
			moved[item.Customer] -= l.AmountMinor
		}
		if note, ok := items[l.CreditNote]; ok {
			v.Note = &note
			moved[note.Customer] += l.AmountMinor
		}
		e.Lines = append(e.Lines, v)
	}
	if e.Balances, err = c.balancesAfter(data.Case.Currency, moved); err != nil {
		return e, err
	}
	e.Journal, err = c.journalOf(data, customer, lines, items)
	return e, err
}

// balancesAfter says what customers owe before and after.
func (c *call) balancesAfter(currency recon.Currency, moved map[string]int64) (views []balanceView, err error) {
	for customer, minor := range moved {
		page, err := c.Store.CustomerPage(c.r.Context(), c.company.ID, store.CustomerQuery{Code: customer, Today: c.today()})
		if err != nil {
			return nil, err
		}
		v := balanceView{Customer: customer, AfterMinor: minor}
		for _, one := range page {
			for _, b := range one.Balances {
				if b.Currency == currency {
					v.BeforeMinor, v.AfterMinor = b.OpenMinor, b.OpenMinor+minor
				}
			}
		}
		views = append(views, v)
	}
	slices.SortFunc(views, func(a, b balanceView) int { return cmp.Compare(a.Customer, b.Customer) })
	return views, nil
}

// journalOf derives the journal lines of the receipt after a decision.
func (c *call) journalOf(data *caseData, customer string, lines []recon.Line, items itemsByID) ([]books.Posting, error) {
	if data.Case.Return {
		return nil, nil
	}
	standing, err := c.Store.ApplicationsOf(c.r.Context(), c.company.ID, data.Receipt)
	if err != nil {
		return nil, err
	}
	planned := books.Planned{Entry: data.Entry, ByHand: data.Detail.Uncleared || data.Detail.ClearedBy != 0, Customer: customer, Standing: standing, Lines: lines}
	for _, a := range c.company.Accounts {
		if a.ID == data.Entry.AccountID {
			planned.Account = a
		}
	}
	for _, item := range items {
		planned.Items = append(planned.Items, item)
	}
	return books.Preview(planned, c.company.Rules.Ledger)
}

// viewPreview shows what the table would do.
func (c *call) viewPreview(data *caseData, p recon.Preview) (*previewView, error) {
	items := itemsByID{}
	for _, item := range p.Items {
		items[item.ID] = item
	}
	effect, err := c.effectOf(data, p.Customer, p.Lines, items)
	for _, s := range p.Shortfalls {
		effect.Short = append(effect.Short, matcher.ExplainShortfall(s, items.find))
	}
	return &previewView{Plan: p.Plan, Why: p.Why, effectView: effect}, err
}
