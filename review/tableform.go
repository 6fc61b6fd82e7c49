package review

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// mostRows bounds how many items a table shows without being asked for more.
const mostRows = 200

// openTable fills a fresh table with what the payer has open and what the proposals speak of.
func (c *call) openTable(one store.Case, customer string, spoken itemsByID) (*allocation, error) {
	t := newTable(one, c.company.Rules, customer)
	var items []recon.Item
	if customer != "" {
		open, err := c.Store.ItemPage(c.r.Context(), c.company.ID, store.ItemQuery{Search: store.ItemSearch{Status: store.ItemOpen, Side: recon.Receivable, Customer: customer, Currency: one.Currency},
			Order: store.ItemsOldest, Limit: mostRows})
		if err != nil {
			return nil, err
		}
		items = open
	}
	for _, item := range spoken {
		items = append(items, item)
	}
	t.take(items, c.today())
	return t, nil
}

// readTable reads a table from the form; items come from the books.
func (c *call) readTable(one store.Case) (*allocation, error) {
	t := newTable(one, c.company.Rules, c.field("customer"))
	ids := make([]int64, 0, len(c.form["row"]))
	for _, text := range c.form["row"] {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id <= 0 || len(ids) > 10*mostRows {
			return nil, badInput("row", "the ids of items, as the page wrote them")
		}
		ids = append(ids, id)
	}
	items, err := c.itemsWith(ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if item, ok := items[id]; ok {
			t.take([]recon.Item{item}, c.today())
		}
	}
	for _, rows := range [][]tableRow{t.Rows, t.Notes} {
		for i := range rows {
			c.readRow(&rows[i])
		}
	}
	t.Order, t.Charge, t.OnAccount, t.Refund = c.field("order"), c.field("charge"), c.field("on_account"), c.field("refund")
	t.Shortfall, t.Reason, t.NextDate = c.field("shortfall"), c.field("reason"), c.field("next_date")
	t.Difference, t.Ledger, t.Spread, t.Find, t.Advice = c.field("difference"), c.field("ledger"), c.field("spread"), c.field("find"), c.form.Get("advice")
	if !slices.Contains(tableOrders, t.Order) {
		t.Order = orderDue
	}
	t.sort()
	return t, nil
}

func (c *call) readRow(r *tableRow) {
	cell := func(name string) string { return c.field(fmt.Sprintf("%s.%d", name, r.ID)) }
	r.Pay, r.Discount, r.WriteOff, r.Ticked = cell("pay"), cell("discount"), cell("write_off"), cell("tick") != ""
	if seen, err := strconv.ParseInt(cell("seen"), 10, 64); err == nil {
		r.Seen = seen
	}
}

// tableCase is the case that a table is about.
func (c *call) tableCase() (receipt int64, one store.Case, err error) {
	if receipt, err = c.number("receipt"); err != nil {
		return 0, one, err
	}
	cases, err := c.Store.Cases(c.r.Context(), c.company.ID, store.CaseQuery{Filter: store.CaseFilter{Receipts: []int64{receipt}}})
	if err == nil && len(cases) == 0 {
		err = fail(http.StatusConflict, "QUEUE-DECIDED", "see what became of it", "receipt %d is not in the queue any more", receipt)
	}
	if err != nil {
		return 0, one, err
	}
	return receipt, cases[0], nil
}

// workTable does what a button of the table says, for browsers without scripts and for what needs the books. It changes nothing.
func (c *call) workTable() error {
	receipt, one, err := c.tableCase()
	if err != nil {
		return err
	}
	t, err := c.readTable(one)
	if err != nil {
		return err
	}
	with := shown{table: t}
	switch c.field("do") {
	case "pay":
		t.pay()
	case "unpay":
		t.unpay()
	case "spread":
		t.spread()
	case "sort":
		t.sort()
	case "find":
		err = c.findInto(t)
	case "advice":
		err = c.readAdviceInto(t)
	case "preview":
		with.preview, with.failure = c.previewOf(receipt, one, t)
	default:
		return badInput("do", "one of pay, unpay, spread, sort, find, advice, preview")
	}
	if err != nil {
		return err
	}
	return c.showCase(receipt, with)
}

// previewOf says what the table would do, or why it cannot be done.
func (c *call) previewOf(receipt int64, one store.Case, t *allocation) (*recon.Preview, *failure) {
	request, err := c.tableRequest(receipt, one.Version, t)
	if err != nil {
		return nil, failureOf(err)
	}
	preview, err := c.company.Work.Preview(c.r.Context(), c.actor(), request)
	if err != nil {
		return nil, failureOf(err)
	}
	return &preview, nil
}

func (c *call) tableRequest(receipt, version int64, t *allocation) (recon.Request, error) {
	request := t.request()
	request.Receipt, request.Version = receipt, version
	var err error
	request.NextDate, err = readDay("next_date", t.NextDate)
	return request, err
}

// applyTable applies the table.
func (c *call) applyTable() error {
	receipt, one, err := c.tableCase()
	if err != nil {
		if receipt, bad := c.number("receipt"); bad == nil {
			f := failureOf(err)
			return c.showCase(receipt, shown{failure: f, status: f.Status})
		}
		return err
	}
	t, err := c.readTable(one)
	if err != nil {
		return err
	}
	request, err := c.tableRequest(receipt, c.version(), t)
	if err != nil {
		return err
	}
	return c.decide(request, t)
}

// findInto adds the items that a search finds: closed ones are named beside the table, for they cannot be paid.
func (c *call) findInto(t *allocation) error {
	if t.Find == "" {
		return nil
	}
	found, err := c.Store.ItemPage(c.r.Context(), c.company.ID, store.ItemQuery{Search: c.itemWords(t.Find, t.Currency), Limit: pageSize})
	if err != nil {
		return err
	}
	before := len(t.Rows) + len(t.Notes)
	t.take(found, c.today())
	if len(t.Rows)+len(t.Notes) == before {
		t.Unknown = append(t.Unknown, fmt.Sprintf("%q finds nothing that is open in %s and not in the table yet.", t.Find, t.Currency))
	}
	for _, item := range found {
		if item.OpenMinor == 0 {
			t.Unknown = append(t.Unknown, fmt.Sprintf("%s of %s is paid in full (%s).", item.Number, item.Customer, item.PaidOn))
		}
	}
	return nil
}

// itemWords says what a word may mean of items: a number, an amount, a customer.
func (c *call) itemWords(text string, currency recon.Currency) store.ItemSearch {
	search := store.ItemSearch{Text: text, Key: matcher.NumberKey(text)}
	if minor, ok := readAmount(text, currency); ok && minor > 0 {
		search.AmountsMinor = []int64{minor}
	}
	return search
}

// readAdviceInto fills the table from a remittance advice that somebody pasted.
func (c *call) readAdviceInto(t *allocation) error {
	keys := matcher.Keys([]recon.Receipt{{Text: t.Advice, Lines: nil}}, nil)
	book, err := c.Store.LoadBook(c.r.Context(), c.company.ID, recon.Keys{References: keys.References})
	if err != nil {
		return err
	}
	t.take(book.Items, c.today())
	advice := matcher.ReadAdvice(t.Advice, book.Items, t.Currency)
	for _, line := range advice.Lines {
		r := t.row(line.Item)
		if r == nil {
			t.Unknown = append(t.Unknown, "Not open in "+string(t.Currency)+": "+line.Text)
			continue
		}
		minor := line.AmountMinor
		if minor == 0 {
			minor = r.OpenMinor
		}
		r.Pay, r.Ticked = t.write(min(minor, r.OpenMinor)), true
	}
	for _, line := range advice.Unknown {
		t.Unknown = append(t.Unknown, "Not known: "+line)
	}
	if len(advice.Lines) == 0 {
		t.Unknown = append(t.Unknown, "The advice names no item that we know.")
	}
	return nil
}
