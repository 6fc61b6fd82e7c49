package review

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/tieout/tieout/recon"
)

// itemData is what item.html shows.
type itemData struct {
	itemRow
	History  []historyRow
	Accounts []recon.Account // where the money of a payment may arrive
	Today    recon.Date
	Failure  *failure
	Amount   string // as the person wrote it
}

// historyRow is an application that lowers an item, with the receipt behind it.
type historyRow struct {
	recon.Application
	Receipt  int64 // 0 for none
	Undoable bool
}

func (c *call) itemPage() error { return c.showItem(nil) }

func (c *call) showItem(f *failure) error {
	id, err := c.number("item")
	if err != nil {
		return err
	}
	items, err := c.itemsWith([]int64{id})
	if err != nil {
		return err
	}
	item, ok := items[id]
	if !ok {
		return errNoPage
	}
	data := itemData{itemRow: itemRow{item, statuses(item, c.today()), barOf(item)}, Today: c.today(), Failure: f, Amount: c.field("amount")}
	if data.Amount == "" {
		data.Amount = recon.FormatMinor(item.OpenMinor, item.Currency)
	}
	for _, a := range c.company.Accounts {
		if a.Currency == item.Currency {
			data.Accounts = append(data.Accounts, a)
		}
	}
	applications, err := c.Store.ApplicationsOn(c.r.Context(), c.company.ID, id)
	if err != nil {
		return err
	}
	for _, a := range applications {
		row := historyRow{Application: a, Undoable: a.Live() && a.Kind != recon.External}
		if a.Source.Kind == recon.SourceReceipt {
			row.Receipt = a.Source.ID
		}
		data.History = append(data.History, row)
	}
	status := http.StatusOK
	if f != nil {
		status = f.Status
	}
	return c.pageAs(status, "item", data)
}

// payItem records a payment by hand. More than what is open is refused with the amount over.
func (c *call) payItem() error {
	id, err := c.number("item")
	if err != nil {
		return err
	}
	items, err := c.itemsWith([]int64{id})
	if err != nil {
		return err
	}
	item, ok := items[id]
	if !ok {
		return errNoPage
	}
	day, err := c.formDay("date")
	if err != nil {
		return err
	}
	if day == 0 {
		day = c.today()
	}
	amount := c.field("amount")
	if minor, ok := readAmount(amount, item.Currency); ok {
		amount = recon.FormatMinor(minor, item.Currency)
	}
	paid, err := c.company.Work.Pay(c.r.Context(), c.actor(), recon.HandPayment{Number: item.Number, Amount: amount, Date: day, Account: c.field("account"), Method: c.field("method"),
		Cheque: c.field("cheque"), Note: c.field("note")})
	var refused recon.Refused
	switch {
	case errors.As(err, &refused):
		return c.showItem(failureOf(refused))
	case err != nil:
		return err
	}
	status := "partially paid"
	if paid.RestMinor == 0 {
		status = "paid in full"
	}
	message := fmt.Sprintf("%s %s on %s is recorded; it is %s, %s remaining.", groupedAmount(paid.PaidMinor, item.Currency), item.Currency, item.Number, status, groupedAmount(paid.RestMinor, item.Currency))
	for _, p := range paid.Problems {
		message += " " + p.Message + "."
	}
	return c.see(c.at("items", id), "%s", message)
}

// undoOnItem takes one application back.
func (c *call) undoOnItem() error {
	id, err := c.number("item")
	if err != nil {
		return err
	}
	application, bad := strconv.ParseInt(c.field("application"), 10, 64)
	if bad != nil || application <= 0 {
		return badInput("application", "the id of an application, as the page wrote it")
	}
	done, err := c.company.Work.Undo(c.r.Context(), c.actor(), []int64{application}, c.field("reason"))
	var refused recon.Refused
	switch {
	case errors.As(err, &refused):
		return c.showItem(failureOf(refused))
	case err != nil:
		return err
	case done.Proposal != 0:
		return c.see(c.at("items", id), "It waits for a second person: %s. It is proposal %d.", done.Why, done.Proposal)
	}
	return c.see(c.at("items", id), "Application %d is taken back.", application)
}
