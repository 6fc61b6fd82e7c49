package recon

import "github.com/shopspring/decimal"

// Account is one of our bank accounts.
type Account struct {
	ID            string // our short name for it
	IBAN          string // or the bank's other identification
	Currency      Currency
	Ledger        string // its account in the general ledger
	ProofRequired bool   // receipts of a statement that proves nothing are queued
	FlipReversals bool   // this bank flips the indicator of reversals; see FAULTS B27
}

// Item is an open item: an invoice or credit note, ours or a supplier's. Amounts are positive for both kinds.
type Item struct {
	ID              int64
	Number          string
	Kind            ItemKind
	Side            Side
	Customer        string // the customer's code
	IssueDate       Date
	DueDate         Date
	Currency        Currency
	AmountMinor     int64
	OpenMinor       int64
	AppliedMinor    int64  // fallen by our own applications: all live kinds but external
	Reference       string // structured creditor reference printed on it
	Order           string // the customer's order it belongs to
	DiscountPercent decimal.Decimal
	DiscountUntil   Date
	TaxRate         decimal.Decimal // percent contained in the amount
	Cancelled       bool
	Dispute         *Dispute // open dispute, nil where there is none
	Instalments     []Instalment
	Promise         *Promise
	Refused         []Kind // differences that a person took back from it alone; they are never posted on it again unattended
	PaidOn          Date   // effective day of the application that settled it, 0 while open
	Version         int64
}

// Dispute is an open question about an item: reminders pause, oldest-first skips it.
type Dispute struct {
	Since       Date
	AmountMinor int64 // the disputed part; 0 means all that is open
	Owner       string
	Reason      string
	Phrase      string // words of the remittance text that raised it, quoted
	Decision    int64  // that raised it, 0 where a person did
	Agreed      Date   // day on which a credit was promised that is still to come, 0 while nothing was
}

// Promise is the day on which the rest of an item is to come, as the decision of a payment in part says that still stands.
type Promise struct {
	Date     Date
	Decision int64
}

// Lump says what happens to a receipt that would touch several items without proof.
type Lump string

// Lump policies; "" takes the rules' default.
const (
	LumpQueue       Lump = "queue"
	LumpOldestFirst Lump = "oldest_first"
	LumpOnAccount   Lump = "on_account"
)

// Customer owes us (or, on the payable side, we owe).
type Customer struct {
	Code    string
	Name    string
	IBANs   []string
	Aliases []string // other names, as imported
	Learned []Alias  // ways to pay that people's decisions taught, and that were approved
	PaysFor []string // codes of customers whose items this one settles
	Email   string
	Lump    Lump
}

// Class says what an entry is.
type Class string

// Classes. Only receipts are matched to items, only returns to earlier receipts.
const (
	ClassReceipt  Class = "receipt"
	ClassReturn   Class = "return"   // money of an earlier receipt taken back
	ClassCharge   Class = "charge"   // the bank's own fees
	ClassTransfer Class = "transfer" // between our own accounts
	ClassOther    Class = "other"    // everything else, such as payments we made
	ClassZero     Class = "zero"     // an amount of 0.00
	ClassPending  Class = "pending"  // not booked: never counts
)

// SourceKind says what money is applied.
type SourceKind string

// Source kinds.
const (
	SourceNone       SourceKind = ""            // an effect without money: discount, write-off, external
	SourceReceipt    SourceKind = "receipt"     // a bank entry or a payment recorded by hand; ID is the receipt's
	SourceCreditNote SourceKind = "credit_note" // ID is the credit note's item
	SourceOnAccount  SourceKind = "on_account"  // ID is the application that put it there
	SourceAdvance    SourceKind = "advance"     // ID is the application that put it there
)

// Source is where applied money comes from.
type Source struct {
	Kind SourceKind
	ID   int64
}

// Receipt is money that waits to be applied: a bank entry, or money that an earlier decision put aside as an
// advance for an order.
type Receipt struct {
	Source          Source
	AccountID       string // our account it came in on
	Currency        Currency
	AmountMinor     int64 // positive; what is still to apply
	TotalMinor      int64 // positive; the whole receipt
	Booked, Value   Date
	BankReference   string
	Payer           Party
	Ultimate        string
	Structured      []string
	DocumentNumbers []string
	EndToEndID      string
	MandateID       string
	TransactionID   string
	Text            string
	Lines           []string // the unstructured lines one by one: a number may be broken across two
	Additional      string
	Original        *Money
	ChargesMinor    int64
	ChargeBearer    string
	Cheque          string
	Proof           Proof
	ProofRequired   bool
	Whole           bool   // batch whose details contradict it: never applied unattended
	Customer        string // customer known from an earlier step (advance, a person's word), else ""
	Order           string // of an advance: the order it waits for
	// Declined are items that a person took back from this receipt; they are never applied to it again unattended.
	Declined []int64
	// Standing is the digest of the decision in force, "" where there is none: an equal new one is not stored again.
	Standing string
}

// Return is a debit that takes an earlier receipt back.
type Return struct {
	EntryID          int64
	AccountID        string
	Currency         Currency
	AmountMinor      int64 // positive
	Booked           Date
	BankReference    string
	EndToEndID       string
	OriginalEndToEnd string
	MandateID        string
	TransactionID    string
	Counterparty     Party
	Text             string
	Reason           string // AC04, MD06 …
	ChargesMinor     int64  // the bank's chargeback fee contained in the amount
	Standing         string
}

// Keys is what a set of receipts can touch: the lookup of the book is bounded by it.
type Keys struct {
	References []string // normalised reference keys, compared with those stored with each item
	Payers     []string // payer keys, compared with those stored with each customer
	Mandates   []string // mandates seen on earlier receipts lead to their customer
	Returned   []string // end-to-end ids, transaction ids, mandates and bank references of returns
	Customers  []string // customers known already
	Traces     []Trace  // what else returns say of the money they take back
	Sums       []Sum    // what receipts came to
}

// Trace is what a return says, beside ids, of the receipt that it takes back.
type Trace struct {
	AccountID  string
	Currency   Currency
	Sender     string   // account of the payer, "" where unknown
	References []string // normalised reference keys
	// AmountsMinor are what the receipt may have come to: the amount of the return, and that less the bank's charges.
	AmountsMinor []int64
	Since, Until Date // days that the receipt may have
}

// Sum is what a receipt from one of Payers came to. A settled item of that amount may be what it pays a second time; where none of
// these payer keys is known, open items of that amount may be what it pays.
type Sum struct {
	Payers      []string
	Currency    Currency
	AmountMinor int64
}

// Book is what the matcher sees of the open items: enough for the receipts at hand.
type Book struct {
	Items     []Item     // open ones of every customer in reach, settled ones that a reference names or of the amount of a receipt, some of the sums; by ID
	Customers []Customer // by Code
	Mandates  []MandateLink
	Recorded  []Recorded    // payments recorded by hand that no bank entry has cleared yet
	Paid      []PaidReceipt // earlier receipts that the returns may take back
	WriteOffs []WriteOffUse // small differences already written off, for the cap
	Settled   []SettledItem // what was applied to items lately: explains already_paid and balances of earlier days
	Foreign   []ForeignKey  // reference keys that belong to items of a sister entity
	// Common are words that so many customers have in their names that they tell none from another, where the book is a part of a
	// larger one; nil where they are to be counted.
	Common []string
}

// MandateLink says that earlier receipts under a mandate paid items of a customer.
type MandateLink struct{ Mandate, Customer string }

// Recorded is a payment recorded by hand and not yet seen on a bank statement.
type Recorded struct {
	ReceiptID   int64
	AccountID   string
	Customer    string
	Items       []int64
	Currency    Currency
	AmountMinor int64
	Date        Date
	Method      string
	Cheque      string
}

// PaidReceipt is an earlier receipt with its live applications, none where it waits or was set aside.
type PaidReceipt struct {
	ReceiptID     int64
	AccountID     string
	Currency      Currency
	AmountMinor   int64
	Booked        Date
	BankReference string
	EndToEndID    string
	MandateID     string
	TransactionID string
	Payer         Party
	Returned      bool    // taken back already
	Customer      string  // known payer, or ""
	Declined      []int64 // returns that a person parted from it; they never take it back unattended again
	Applications  []Application
}

// WriteOffUse is what was written off for a customer in one cap period.
type WriteOffUse struct {
	Customer    string
	Currency    Currency
	Effective   Date
	AmountMinor int64
}

// SettledItem is one live application to an item in the book.
type SettledItem struct {
	Item        int64
	ReceiptID   int64
	AmountMinor int64
	Effective   Date
}

// ForeignKey is a reference key of another entity's item.
type ForeignKey struct{ Key, Entity string }

// Work is all that the matcher needs for one decision round of one entity.
type Work struct {
	Entity   string
	Receipts []Receipt
	Returns  []Return
	Book     Book
}
