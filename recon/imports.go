package recon

import (
	"slices"

	"github.com/shopspring/decimal"
)

// ItemKind says what an open item is.
type ItemKind string

// Kinds of items. Amounts of both are positive.
const (
	Invoice    ItemKind = "invoice"
	CreditNote ItemKind = "credit_note"
)

// Side says who owes whom.
type Side string

// Sides of an item.
const (
	Receivable Side = "receivable" // a customer owes us
	Payable    Side = "payable"    // we owe a supplier
)

// Columns are the columns that an import file has, by our names (due_date, tax_rate). Of what a file has no column for it
// says nothing: the books keep what they have.
type Columns []string

// Has reports whether the file has a column.
func (c Columns) Has(name string) bool { return slices.Contains(c, name) }

// ItemRow is one row of an open items file, checked as far as the file alone can tell.
type ItemRow struct {
	Row             int // line of the file on which the row begins, counted from 1
	Number          string
	Kind            ItemKind
	Customer        string // the supplier's id where Side is Payable
	IssueDate       Date   // 0 where not said
	DueDate         Date   // 0 where not said
	Currency        Currency
	AmountMinor     int64  // positive, of a credit note too
	OpenMinor       int64  // 0 ≤ open ≤ amount; the amount where the file does not say
	Reference       string // structured creditor reference printed on the invoice
	Order           string // the customer's order number
	DiscountPercent decimal.Decimal
	DiscountUntil   Date // 0 where there is no discount
	Side            Side
	TaxRate         decimal.Decimal // percent contained in the amount
	Given           Columns         // of its file; the fields of the others have their defaults
}

// CustomerRow is one row of a customers file.
type CustomerRow struct {
	Row          int
	Customer     string
	Name         string
	IBANs        []string // normalised, check digits hold
	Email        string
	Unreferenced Lump     // policy for lumps, "" for the rules' default
	Aliases      []string // other names the customer pays under
	PaysFor      []string // customers whose items this one settles
	Given        Columns  // of its file; the fields of the others are empty
}

// InstalmentRow is one row of an instalments file: one part of the payment plan of an item.
type InstalmentRow struct {
	Row         int
	Number      string // of the item
	Sequence    int    // from 1
	DueDate     Date
	AmountText  string // a positive plain decimal; [ParseMinor] reads it in the currency of the item
	Method      string
	Account     string
	CheckNumber string
	Note        string
}

// DisputeRow is one row of a disputes file.
type DisputeRow struct {
	Row      int
	Number   string // of the item
	Customer string
	Since    Date
	Reason   string // "" where the file does not say
}
