// Package rules reads rules.yaml: what an entity allows the engine to do on its own. A Set is pinned by
// its Version to every run and decision. Defaults are safe: where a rule says nothing, the engine asks.
package rules

import (
	"regexp"

	"github.com/shopspring/decimal"

	"github.com/tieout/tieout/recon"
)

// Set is a complete, validated set of rules.
type Set struct {
	Version     string // short hash of the content, the same for every layout of the file
	Ledger      Ledger
	Differences map[recon.Currency]Difference
	Discount    Discount
	Tax         WithheldTax
	References  References
	Thresholds  Thresholds
	Lump        recon.Lump // policy for customers that have none of their own
	Classes     []Class    // first one that fits classifies an entry
	Phrases     Phrases
	FourEyes    map[recon.Currency]FourEyes
	Clearing    Clearing
	Learning    Learning
	Customers   map[string]recon.Lump // policies of single customers by code; use LumpOf
}

// LumpOf returns the policy for lump sums of a customer: its own, else that of the rules for it, else the general one.
func (s Set) LumpOf(c recon.Customer) recon.Lump {
	if c.Lump != "" {
		return c.Lump
	}
	if policy, ok := s.Customers[c.Code]; ok {
		return policy
	}
	return s.Lump
}

// Ledger names the general ledger accounts that tieout posts to.
type Ledger struct {
	Receivables, Payables, WriteOffs, Adjustments, Gains, Discounts, Tax, Charges, WithheldTax string
	Exchange, Suspense, Unapplied, OnAccount, Advances, Opening, InTransit, Transfers          string
}

// Difference bounds what may be written off (or kept as gain) without a person. The zero value allows nothing.
type Difference struct {
	MaxMinor    int64           // largest residual of one receipt, inclusive
	Percent     decimal.Decimal // of the open amount before; 0 = no such bound; the stricter of the two wins
	CapMinor    int64           // per customer and period; never below MaxMinor in a set that Load returned
	CapPeriod   string          // "month" or "year"
	ChargeMinor int64           // largest bank charge taken as reason of a shortfall without the bank stating it
}

// Discount says how late an early-payment discount may still be taken.
type Discount struct{ GraceDays int }

// WithheldTax lists the percentages that payers may withhold for the tax office; none by default.
type WithheldTax struct{ Percents []decimal.Decimal }

// References says which texts may name an item.
type References struct {
	MinKey  int      // a key shorter than this authorises nothing by itself
	Schemes []string // structured schemes that we print on invoices: rf, ogm, qrr, fi, kid, ocr, fik, nl, pagopa; empty = all
}

// Thresholds are scores from 0 to 100.
type Thresholds struct {
	Apply   int // at least this to apply unattended
	Margin  int // at least this much ahead of the runner-up
	Propose int // proposals below are not shown
}

// Class says what an entry is that fits it. All conditions that are given must hold.
type Class struct {
	Name         string
	Class        recon.Class
	Ledger       string         // posted there; "" = the default of the class
	Sign         int            // 1 credits only, -1 debits only, 0 both
	BankCode     string         // prefix of the bank transaction code
	Text         *regexp.Regexp // RE2 on text and additional information, case ignored, nil = any
	Counterparty *regexp.Regexp // RE2 on the name, case ignored, nil = any
	Account      string         // counterparty's account number, "" = any
}

// Phrases are words of payers, lower case, by what they mean; several languages.
type Phrases struct {
	Dispute, Deduction, Instalment, OnAccount, Prepayment, Remainder []string
}

// FourEyes bounds what one person may post alone; a currency without one allows nothing.
type FourEyes struct{ WriteOffMinor, AdjustmentMinor int64 }

// Approval says who may approve what a decision suggests.
type Approval string

// Approvals.
const (
	ApprovalSecond Approval = "second" // somebody else than the one who decided
	ApprovalAnyone Approval = "anyone" // the same person may
	ApprovalNever  Approval = "never"  // nothing is suggested
)

// Learning says what decisions of people may teach about payers.
type Learning struct{ Account, Name Approval }

// Clearing says how a bank entry is recognised as the money of a payment recorded by hand.
type Clearing struct{ Days int }
