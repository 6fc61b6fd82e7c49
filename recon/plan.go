package recon

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Kind says what an application does.
type Kind string

// Kinds of application. Moves and Reduces say which of them take money from their source and which lower
// an item's open amount.
const (
	Payment     Kind = "payment"
	Credit      Kind = "credit"       // a credit note set against an invoice: moves no cash
	Discount    Kind = "discount"     // early-payment discount, split into net and tax
	WriteOff    Kind = "write_off"    // small difference, by rule
	Adjustment  Kind = "adjustment"   // larger difference, by a person
	Gain        Kind = "gain"         // small overpayment kept
	BankCharge  Kind = "bank_charge"  // withheld by a bank on the way
	WithheldTax Kind = "withheld_tax" // withheld by the payer for the tax office
	Exchange    Kind = "fx"           // exchange difference
	OnAccount   Kind = "on_account"   // kept for the customer
	Advance     Kind = "advance"      // kept for an order whose invoice does not exist yet
	Refund      Kind = "refund"       // given back
	External    Kind = "external"     // settled outside tieout, told by an import
)

// Moves reports whether the kind takes money from its source.
func (k Kind) Moves() bool {
	switch k {
	case Payment, Credit, Gain, OnAccount, Advance, Refund:
		return true
	}
	return false
}

// Reduces reports whether the kind lowers its item's open amount.
func (k Kind) Reduces() bool {
	switch k {
	case Gain, OnAccount, Advance, Refund:
		return false
	}
	return true
}

// Dependent reports whether the kind only explains why a payment was short: without the payment it means nothing.
func (k Kind) Dependent() bool {
	switch k {
	case Discount, WriteOff, BankCharge, WithheldTax, Exchange:
		return true
	}
	return false
}

// Line is one application to be made. Its source is the receipt being decided, except for Credit, whose
// source is the credit note Credit.
type Line struct {
	Kind        Kind
	Item        int64  // target; 0 for kinds that reduce none
	CreditNote  int64  // of kind Credit: the credit note's item
	AmountMinor int64  // positive
	TaxMinor    int64  // the tax contained in a discount or write-off
	Ledger      string // overrides the rules' account of the kind, "" normally
	Order       string // of kind Advance
	SourceMinor int64  // what it takes from a source in another currency than the item's, by a person's word; 0 where they are the same
}

// TakenMinor is what the line takes from its source, in the source's currency.
func (l Line) TakenMinor() int64 { return cmp.Or(l.SourceMinor, l.AmountMinor) }

// Outcome is what became of a receipt or a return.
type Outcome string

// Outcomes.
const (
	Auto     Outcome = "auto"      // applied by the engine
	Manual   Outcome = "manual"    // applied by a person
	Queued   Outcome = "queued"    // waits for a person
	SetAside Outcome = "set_aside" // no receipt after all, or put aside by a person
	Reversed Outcome = "reversed"  // a return that took its original back; a receipt that was taken back before it paid anything
	Cleared  Outcome = "cleared"   // the bank's side of a payment recorded by hand
	Waits    Outcome = "waits"     // an advance whose order has no invoice yet: nothing to store, nobody to ask
)

// Reason is a stable code that says why. The list with their sentences is in package matcher.
type Reason string

// Reasons of what people and imports do. Those of the engine are in package matcher, with the sentences of all.
const (
	ReasonManual    Reason = "manual"            // a person's decision
	ReasonUndone    Reason = "undone"            // a person took applications back
	ReasonReleased  Reason = "released"          // a person gave the receipt back to the engine
	ReasonParted    Reason = "parted"            // a person said what the receipt does not pay
	ReasonReturned  Reason = "returned"          // the bank took the money back, or part of it
	ReasonElsewhere Reason = "settled_elsewhere" // an import says that an item fell outside tieout
	ReasonAdjusted  Reason = "adjusted"          // a person took a difference on an account of the ledger
)

// Factor is the kind of a piece of evidence.
type Factor string

// Factors.
const (
	FactorReference Factor = "reference"
	FactorPayer     Factor = "payer"
	FactorAmount    Factor = "amount"
	FactorTiming    Factor = "timing"
	FactorConflict  Factor = "conflict"
)

// Evidence is one coded observation that speaks for or against a decision.
type Evidence struct {
	Factor Factor
	Code   string // for example "structured", "iban", "exact"; stable, lower case
	Item   int64  // the item it speaks about, 0 for none
	Points int    // what it adds to the score
	Seen   string // what was seen: the token, the phrase, the difference
}

// Shortfall says why less came in than was open. Reasons: discount, bank_charge, withheld_tax, tolerance,
// instalment, dispute, deduction, unexplained.
type Shortfall struct {
	Item        int64
	AmountMinor int64 // what stays open or was written off
	Why         string
	Phrase      string // quoted from the remittance text
	NextDate    Date   // of an instalment
}

// Proposal is a fully worked way to apply a receipt.
type Proposal struct {
	Reason          Reason
	Score           int
	Customer        string
	Lines           []Line
	DifferenceMinor int64   // receipt less what the named items were open for; negative is short
	Clears          int64   // receipt recorded by hand that this entry would clear; of a return: the receipt it would take back
	Reverses        []int64 // of a return: applications it would take back; none means all that the receipt has
	Evidence        []Evidence
}

// Rejection is an obvious candidate that was not taken, and why.
type Rejection struct {
	Item   int64
	Reason Reason
}

// Decision is what is decided about one receipt or return, with its evidence. One about an advance is about money that a
// receipt brought before: its source is {SourceAdvance, the application that put it there}, so whoever counts or shows
// receipts tells it apart by Source.Kind.
type Decision struct {
	Source     Source // the receipt; a return is {SourceReceipt, its entry}
	Return     bool
	Outcome    Outcome
	Reason     Reason
	Score      int    // 0–100 of the chosen, or of the best proposal
	Margin     int    // lead over the runner-up
	Customer   string // payer, "" where unknown
	Lines      []Line
	Clears     int64   // outcome Cleared: the receipt recorded by hand; a return, outcome Reversed: the receipt it takes back
	Reverses   []int64 // outcome Reversed: applications taken back, ascending; none where the receipt had paid nothing
	Shortfalls []Shortfall
	Evidence   []Evidence
	Proposals  []Proposal // ranked; the runner-up of an applied receipt too
	Rejected   []Rejection
	Rivals     []int64 // receipts that want the same money or come from the same payer
}

// Plan is the outcome of matching: one decision per receipt and return, in the order of the work.
type Plan struct {
	Entity    string
	Rules     string // version of the rules it was made with
	Decisions []Decision
}

// Digest is a short text that is equal for equal decisions: it tells whether a new decision says anything new.
func (d Decision) Digest() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%s|%s|%d|%v", d.Outcome, d.Reason, d.Customer, d.Clears, d.Reverses)
	writeLines(&b, d.Lines)
	for _, p := range d.Proposals {
		fmt.Fprintf(&b, "/%s|%d|%d|%v", p.Reason, p.Score, p.Clears, p.Reverses)
		writeLines(&b, p.Lines)
	}
	return hashText(b.String())
}

func writeLines(b *strings.Builder, lines []Line) {
	for _, l := range lines {
		fmt.Fprintf(b, ";%s,%d,%d,%d,%d,%s,%s", l.Kind, l.Item, l.CreditNote, l.AmountMinor, l.TaxMinor, l.Ledger, l.Order)
		if l.SourceMinor != 0 {
			fmt.Fprintf(b, ",%d", l.SourceMinor)
		}
	}
}

// EncodeEvidence writes evidence as one coded line per piece: factor, code, item, points and what was seen, parted by tabs.
func EncodeEvidence(evidence []Evidence) string {
	var b strings.Builder
	for i, e := range evidence {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(string(e.Factor))
		b.WriteByte('\t')
		b.WriteString(e.Code)
		b.WriteByte('\t')
		b.WriteString(strconv.FormatInt(e.Item, 10))
		b.WriteByte('\t')
		b.WriteString(strconv.Itoa(e.Points))
		b.WriteByte('\t')
		b.WriteString(oneLine.Replace(e.Seen))
	}
	return b.String()
}

var oneLine = strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")

// DecodeEvidence reads what EncodeEvidence wrote.
func DecodeEvidence(coded string) ([]Evidence, error) {
	if coded == "" {
		return nil, nil
	}
	var evidence []Evidence
	for line := range strings.Lines(coded) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 5)
		if len(f) != 5 {
			return nil, fmt.Errorf("evidence line with %d fields, expected 5", len(f))
		}
		item, err := strconv.ParseInt(f[2], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("evidence item: %w", err)
		}
		points, err := strconv.Atoi(f[3])
		if err != nil {
			return nil, fmt.Errorf("evidence points: %w", err)
		}
		evidence = append(evidence, Evidence{Factor(f[0]), f[1], item, points, f[4]})
	}
	return evidence, nil
}
