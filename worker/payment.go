package worker

import (
	"context"
	"fmt"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Pay records a payment by hand and applies it to one item. More than what is open is [Refused] with the amount over.
func (p *Pipeline) Pay(ctx context.Context, payment HandPayment) (Recorded, error) {
	items, err := p.receivables(ctx, []string{payment.Number})
	if err != nil {
		return Recorded{}, err
	}
	item, known := items[payment.Number]
	if !known {
		return Recorded{}, unknownItem(payment.Number)
	}
	minor, err := payable(item, payment.Amount)
	if err != nil {
		return Recorded{}, err
	}
	problems, err := p.paymentDay(payment.Date, item)
	if err != nil {
		return Recorded{}, err
	}
	account, err := p.accountFor(payment.Account, item.Currency)
	if err != nil {
		return Recorded{}, err
	}
	receipt, err := p.Store.RecordPayment(ctx, p.act(0), store.RecordedPayment{Entity: p.Entity.ID, AccountID: account.ID, Customer: item.Customer,
		Currency: item.Currency, AmountMinor: minor, Date: payment.Date, Method: payment.Method, Cheque: payment.Cheque, Note: payment.Note,
		Lines: []recon.Line{{Kind: recon.Payment, Item: item.ID, AmountMinor: minor}}})
	if err != nil {
		return Recorded{}, fmt.Errorf("record payment: %w", err)
	}
	return Recorded{Receipt: receipt, Item: item, PaidMinor: minor, RestMinor: item.OpenMinor - minor, Problems: problems}, nil
}

// paymentDay refuses a payment that is still to come, and warns of one before its invoice.
func (p *Pipeline) paymentDay(day recon.Date, item recon.Item) ([]recon.Problem, error) {
	switch today := recon.DateOf(p.Now()); {
	case day > today:
		return nil, refuse("PAY-DATE", "--date", "record it when the money has come; a promise of the customer is a note in your own system",
			"%s is in the future, today is %s", day, today)
	case item.IssueDate != 0 && day < item.IssueDate:
		return []recon.Problem{{Code: "PAY-DATE", Where: "--date", Severity: recon.Warn,
			Message: fmt.Sprintf("%s is before the issue date %s of %s", day, item.IssueDate, item.Number), Try: "check the day; take the payment back with tieout undo if it is wrong"}}, nil
	}
	return nil, nil
}

// payable reads the amount to pay of an invoice: what is open where none is written, never more.
func payable(item recon.Item, text string) (int64, error) {
	switch {
	case item.Kind != recon.Invoice:
		return 0, refuse("ITEM-KIND", item.Number, "pay invoices; a credit note is used when an invoice is paid", "the item is a %s", item.Kind)
	case item.OpenMinor == 0:
		return 0, refuse("ITEM-PAID", item.Number, "see its history with: tieout report items", "the item is paid in full")
	}
	return openAmount(item, text)
}

// accountFor finds our account where the money of a payment will arrive.
func (p *Pipeline) accountFor(id string, currency recon.Currency) (recon.Account, error) {
	var fitting []recon.Account
	for _, a := range p.Entity.Accounts {
		if (id == "" || a.ID == id || sameAccount(a, id)) && a.Currency == currency {
			fitting = append(fitting, a)
		}
	}
	switch {
	case len(fitting) == 1:
		return fitting[0], nil
	case id != "":
		return recon.Account{}, refuse("ACCOUNT-UNKNOWN", "--account", "see accounts: in tieout.yaml", "there is no account %q in %s", id, currency)
	case len(fitting) == 0:
		return recon.Account{}, refuse("ACCOUNT-UNKNOWN", "--account", "add one under accounts: in tieout.yaml", "there is no account in %s", currency)
	}
	return recon.Account{}, refuse("ACCOUNT-UNKNOWN", "--account", "name one: --account ID", "%d accounts are in %s", len(fitting), currency)
}
