package ingest

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/tieout/tieout/recon"
)

// itemRecord is one row of the open items file as it is written.
type itemRecord struct {
	Row             int    `csv:"\x00row"`
	Number          string `csv:"number"`
	Kind            string `csv:"kind"`
	Customer        string `csv:"customer"`
	IssueDate       string `csv:"issue_date"`
	DueDate         string `csv:"due_date"`
	Currency        string `csv:"currency"`
	Amount          string `csv:"amount"`
	Open            string `csv:"open"`
	Reference       string `csv:"reference"`
	Order           string `csv:"order"`
	DiscountPercent string `csv:"discount_percent"`
	DiscountUntil   string `csv:"discount_until"`
	Side            string `csv:"side"`
	TaxRate         string `csv:"tax_rate"`
}

var itemForm = importForm{
	noun: "open items",
	columns: []string{"number", "kind", "customer", "issue_date", "due_date", "currency", "amount", "open", "reference", "order",
		"discount_percent", "discount_until", "side", "tax_rate"},
	needed: []string{"number", "customer", "currency", "amount"},
}

// ReadItems reads an open items file and returns its sound rows in their order, each with the columns that the file has.
// Any reject among the problems means that the file is refused whole; INV-SHRINK, a hold, that it lists nothing. Only the
// file itself is judged: what our books know of the items is for the caller. The error is the reader's.
func ReadItems(name string, r io.Reader, opts ImportOptions) ([]recon.ItemRow, []recon.Problem, error) {
	if opts.Layout != "" {
		converted, problems, err := ofLayout(r, opts)
		if err != nil || problems != nil {
			return nil, problems, err
		}
		r, opts = converted, ImportOptions{}
	}
	reading := itemReading{first: map[itemKey]int{}}
	given, problems, err := importRows(name, r, opts, itemForm, reading.add)
	if err != nil {
		return nil, nil, err
	}
	for i := range reading.rows {
		reading.rows[i].Given = given
	}
	return reading.rows, append(append(problems, reading.problems.all()...), reading.summary(len(problems))...), nil
}

// ofLayout turns a file of a shipped layout into one of our own.
func ofLayout(r io.Reader, opts ImportOptions) (io.Reader, []recon.Problem, error) {
	layout, known := layoutNamed(opts.Layout)
	if !known {
		return nil, []recon.Problem{*reject("INV-LAYOUT", "", fmt.Sprintf("there is no layout %q", opts.Layout), "take one of quickbooks, xero, odoo, datev, erpnext")}, nil
	}
	data, err := io.ReadAll(io.LimitReader(r, layoutLimit+1))
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("read import: %w", err)
	case len(data) > layoutLimit:
		return nil, []recon.Problem{*reject("INV-LAYOUT", "", "the file is larger than 256 MiB", "export fewer items at once")}, nil
	}
	converted, problems := layout.convert(data, opts.Currency)
	return bytes.NewReader(converted), problems, nil
}

// layoutLimit bounds a file of a layout: it is turned in memory.
const layoutLimit = 256 << 20

// itemKey is what no two rows may share: an invoice number is ours, or the supplier's own.
type itemKey struct {
	side     recon.Side
	supplier string
	number   string
}

type itemReading struct {
	rows     []recon.ItemRow
	problems problemList
	first    map[itemKey]int // row of the first item of each key
}

func (ir *itemReading) add(record itemRecord) {
	c := checks{row: record.Row, problems: &ir.problems}
	item := recon.ItemRow{
		Row:       record.Row,
		Number:    c.key("INV-NUMBER", "number", record.Number),
		Kind:      c.kind(record.Kind),
		Customer:  c.key("INV-CUSTOMER", "customer", record.Customer),
		IssueDate: c.day("INV-DATE", "issue_date", record.IssueDate),
		DueDate:   c.day("INV-DATE", "due_date", record.DueDate),
		Currency:  c.currency(record.Currency),
		Reference: strings.TrimSpace(record.Reference),
		Order:     strings.TrimSpace(record.Order),
		Side:      c.side(record.Side),
		TaxRate:   c.percent("INV-TAX", "tax_rate", record.TaxRate),
	}
	c.spoiled("reference", item.Reference)
	c.spoiled("order", item.Order)
	c.amounts(&item, record)
	c.discount(&item, record)
	ir.unique(&c, item)
	if c.bad {
		return
	}
	if item.DueDate != 0 && item.DueDate < item.IssueDate && item.Kind == recon.Invoice {
		c.warn("INV-DATE", "due_date", fmt.Sprintf("due %s, before the issue date %s", item.DueDate, item.IssueDate), "check both days; the item counts as due from its due date")
	}
	ir.rows = append(ir.rows, item)
}

func (ir *itemReading) unique(c *checks, item recon.ItemRow) {
	key := itemKey{side: item.Side, number: item.Number}
	if item.Side == recon.Payable {
		key.supplier = item.Customer
	}
	if item.Number == "" {
		return
	}
	if row, twice := ir.first[key]; twice {
		c.bad = true
		c.problems.add(*reject("INV-DUP", fmt.Sprintf("rows %d,%d", row, c.row), fmt.Sprintf("number %q stands twice", shown(item.Number)),
			"an open item has one row; list partial amounts as instalments"))
		return
	}
	ir.first[key] = c.row
}

// summary says what only the whole file shows.
func (ir *itemReading) summary(unreadable int) (problems []recon.Problem) {
	if len(ir.rows) == 0 && unreadable == 0 && len(ir.problems.list) == 0 {
		problems = append(problems, recon.Problem{Code: "INV-SHRINK", Severity: recon.Hold,
			Message: "the file lists no item; expected at least one",
			Try:     "export again; import it with --accept only if nothing is open any more"})
	}
	return problems
}

func (c *checks) kind(cell string) recon.ItemKind {
	switch kind := recon.ItemKind(strings.TrimSpace(cell)); kind {
	case "", recon.Invoice:
		return recon.Invoice
	case recon.CreditNote:
		return kind
	}
	c.reject("INV-KIND", "kind", fmt.Sprintf("%q; expected invoice or credit_note", shown(cell)), "leave it empty for an invoice")
	return ""
}

func (c *checks) side(cell string) recon.Side {
	switch side := recon.Side(strings.TrimSpace(cell)); side {
	case "", recon.Receivable:
		return recon.Receivable
	case recon.Payable:
		return side
	}
	c.reject("INV-SIDE", "side", fmt.Sprintf("%q; expected receivable or payable", shown(cell)), "leave it empty for a receivable")
	return ""
}

func (c *checks) currency(cell string) recon.Currency {
	currency := recon.Currency(strings.TrimSpace(cell))
	if !currency.Known() {
		c.reject("INV-CCY", "currency", fmt.Sprintf("%q is no currency of ISO 4217", shown(cell)), "write three capital letters such as EUR")
	}
	return currency
}

// amounts reads amount and open: amount is over 0, open from 0 up to amount.
func (c *checks) amounts(item *recon.ItemRow, record itemRecord) {
	if !item.Currency.Known() {
		return
	}
	before := c.bad
	c.bad = false
	item.AmountMinor = c.amount("INV-AMOUNT", "amount", record.Amount, item.Currency)
	item.OpenMinor = item.AmountMinor
	if strings.TrimSpace(record.Open) != "" {
		item.OpenMinor = c.amount("INV-AMOUNT", "open", record.Open, item.Currency)
	}
	switch {
	case c.bad:
	case item.AmountMinor <= 0:
		c.reject("INV-AMOUNT", "amount", fmt.Sprintf("%q is not over 0", shown(record.Amount)), "amounts are positive, those of a credit note (kind credit_note) too")
	case item.OpenMinor < 0:
		c.reject("INV-AMOUNT", "open", fmt.Sprintf("%q is below 0", shown(record.Open)), "write 0.00 for a settled item")
	case item.OpenMinor > item.AmountMinor:
		c.reject("INV-AMOUNT", "open", fmt.Sprintf("open %q is over the amount %q", shown(record.Open), shown(record.Amount)), "open is what remains of the amount")
	}
	c.bad = c.bad || before
}

func (c *checks) discount(item *recon.ItemRow, record itemRecord) {
	item.DiscountPercent = c.percent("INV-DISCOUNT", "discount_percent", record.DiscountPercent)
	item.DiscountUntil = c.day("INV-DATE", "discount_until", record.DiscountUntil)
	if item.DiscountPercent.IsPositive() && item.DiscountUntil == 0 && strings.TrimSpace(record.DiscountUntil) == "" {
		c.reject("INV-DISCOUNT", "discount_until", "a discount without its last day", "add discount_until, or leave discount_percent empty")
	}
}
