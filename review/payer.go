package review

import (
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// payerView is who paid, as far as it is known.
type payerView struct {
	store.CustomerBalance
	Known      bool
	Guess      bool   // the customer is that of the best proposal alone
	NewAccount string // the payer's account, where the books do not know it as the customer's
	Accounts   int    // that the books know of the customer
	Disputed   []recon.Item
	Last       []appliedRow
	Path       string
}

// lastPayments is how many earlier payments of a payer are shown.
const lastPayments = 6

// casePayer adds who paid: the customer of the case, else that of the best proposal.
func (c *call) casePayer(data *caseData, _ shown) error {
	code := data.Detail.Decision.Customer
	if data.Open && data.Case.Customer != "" {
		code = data.Case.Customer
	}
	guess := false
	if code == "" && len(data.Proposals) > 0 {
		code, guess = data.Proposals[0].Customer, true
	}
	if code == "" {
		return nil
	}
	p, err := c.payerOf(code)
	if err != nil || !p.Known {
		return err
	}
	p.Guess = guess
	if account := recon.NormalAccount(data.Entry.Counterparty.Account); account != "" && !knownAccount(p.Customer, account) {
		p.NewAccount = account
	}
	data.Payer = p
	return nil
}

// payerOf loads what a customer owes, disputes and paid lately.
func (c *call) payerOf(code string) (p payerView, err error) {
	ctx, entity := c.r.Context(), c.company.ID
	page, err := c.Store.CustomerPage(ctx, entity, store.CustomerQuery{Code: code, Today: c.today()})
	if err != nil || len(page) == 0 {
		return p, err
	}
	p = payerView{CustomerBalance: page[0], Known: true, Accounts: len(page[0].IBANs), Path: c.at("customers", code)}
	if p.Disputed, err = c.Store.ItemPage(ctx, entity, store.ItemQuery{Search: store.ItemSearch{Status: store.ItemDisputed, Customer: code}, Limit: lastPayments}); err != nil {
		return p, err
	}
	applications, err := c.Store.LastPayments(ctx, entity, code, lastPayments)
	if err != nil {
		return p, err
	}
	p.Last, err = c.appliedRows(applications)
	return p, err
}

// appliedRows adds to applications the numbers of their items.
func (c *call) appliedRows(applications []recon.Application) (rows []appliedRow, err error) {
	ids := make([]int64, len(applications))
	for i, a := range applications {
		ids[i] = a.Item
	}
	items, err := c.itemsWith(ids)
	for _, a := range applications {
		rows = append(rows, appliedRow{a, items[a.Item].Number})
	}
	return rows, err
}

// knownAccount reports whether the books know an account as the customer's: imported, or learned and approved.
func knownAccount(customer recon.Customer, account string) bool {
	return slices.ContainsFunc(customer.IBANs, func(i string) bool { return recon.NormalAccount(i) == account }) ||
		slices.ContainsFunc(customer.Learned, func(a recon.Alias) bool {
			return a.Kind == recon.AliasAccount && recon.NormalAccount(a.Value) == account
		})
}
