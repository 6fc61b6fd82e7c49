package matcher

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// fit says how the amount of a receipt compares with what items are open for, and which rule explains the difference.
type fit uint8

const (
	fitNone      fit = iota // the items cannot be paid together
	fitExact                // nothing is left on either side
	fitDiscount             // short by the discount that is still due, and at most a small difference
	fitWithheld             // short by tax that payers may withhold
	fitCharge               // short by a bank charge
	fitTolerance            // short by a small difference
	fitGain                 // over by a small difference
	fitOver                 // over by more
	fitShort                // short by more: the items stay partly open
)

// closes reports whether the items are settled without anything left to explain.
func (f fit) closes() bool { return f >= fitExact && f <= fitGain }

// fitting is a fit with its amounts, each per invoice or once.
type fitting struct {
	fit                 fit
	discounts, withheld []int64 // per invoice; nil where there are none
	charge, writeOff    int64   // taken by invoice number bearer
	bearer              int
	gain, over, short   int64
	capped              bool // a small difference that the cap of the customer forbids
}

// explain compares the receipt with invoices less credit notes. Credit notes of one customer never pay for another.
func (q *inquiry) explain(invoices, notes []int32) fitting {
	var gross int64
	for _, i := range invoices {
		gross += q.w.items[i].left
	}
	for _, i := range notes {
		gross -= q.w.items[i].left
	}
	if len(invoices) == 0 || gross <= 0 || len(notes) > 0 && !q.w.oneOwner(invoices, notes) {
		return fitting{}
	}
	switch difference := q.r.AmountMinor - gross; {
	case difference == 0:
		return fitting{fit: fitExact}
	case difference > 0:
		if difference <= q.tolerance(invoices[q.bearer(invoices)]) {
			return fitting{fit: fitGain, gain: difference}
		}
		return fitting{fit: fitOver, over: difference}
	default:
		return q.explainShort(invoices, -difference)
	}
}

func (w *world) oneOwner(lists ...[]int32) bool {
	owner := nobody
	for _, list := range lists {
		for _, i := range list {
			if owner != nobody && w.items[i].owner != owner {
				return false
			}
			owner = w.items[i].owner
		}
	}
	return true
}

// explainShort looks for the rule that explains a shortfall: discount first, then tax, a stated charge, a small
// difference, a charge that nobody stated.
func (q *inquiry) explainShort(invoices []int32, short int64) fitting {
	if f, ok := q.takesDiscount(invoices, short); ok {
		return f
	}
	if parts, ok := q.withholds(invoices, short); ok {
		return fitting{fit: fitWithheld, withheld: parts}
	}
	bearer := q.bearer(invoices)
	charged := short < q.w.items[invoices[bearer]].left && !q.w.refuses(invoices[bearer], recon.BankCharge)
	if charged && q.statedCharge(short) {
		return fitting{fit: fitCharge, charge: short, bearer: bearer}
	}
	if short <= q.writeOff(invoices[bearer]) && !q.meant().partial() && !q.othersDiscount(invoices, bearer, short) {
		if q.capLeft(invoices[bearer]) >= short {
			return fitting{fit: fitTolerance, writeOff: short, bearer: bearer}
		}
		return fitting{fit: fitShort, short: short, capped: true}
	}
	if charged && short <= min(q.difference().ChargeMinor, q.w.items[invoices[bearer]].left/mostCharge) && !q.payerBearsCharges() && !q.meant().partial() {
		return fitting{fit: fitCharge, charge: short, bearer: bearer}
	}
	return fitting{fit: fitShort, short: short}
}

// refuses reports whether a person took a difference of that kind back from the item before: it is not posted again unattended.
func (w *world) refuses(i int32, kind recon.Kind) bool {
	return slices.Contains(w.items[i].Refused, kind)
}

// mostCharge is the part of an item, one in twenty, that a charge which nobody stated may take. mostSmall is the part, one in
// ten, that a small difference may be where the rules name no percent.
const (
	mostCharge = 20
	mostSmall  = 10
)

// othersDiscount reports whether the shortfall is a discount, taken too late, of another invoice than the bearer: it stays open
// there and is no small difference here.
func (q *inquiry) othersDiscount(invoices []int32, bearer int, short int64) bool {
	for n, i := range invoices {
		if it := &q.w.items[i]; n != bearer && it.DiscountPercent.IsPositive() && recon.PercentOf(it.left, it.DiscountPercent) == short {
			return true
		}
	}
	return false
}

// bearer is the invoice that takes a small difference: the one that most is open of, of equal ones the youngest.
func (q *inquiry) bearer(invoices []int32) int {
	most := 0
	for n, i := range invoices {
		if q.w.items[i].left >= q.w.items[invoices[most]].left {
			most = n
		}
	}
	return most
}

// takesDiscount reports whether the shortfall is the discount of all invoices that still have one; a small difference
// beside it is measured on what remains after the discount.
func (q *inquiry) takesDiscount(invoices []int32, short int64) (fitting, bool) {
	var parts []int64
	var due int64
	last := 0
	for n, i := range invoices {
		if d := q.discountDue(q.w.items[i].Item, q.w.items[i].left); d > 0 && !q.w.refuses(i, recon.Discount) {
			if parts == nil {
				parts = make([]int64, len(invoices))
			}
			parts[n], last = d, n
			due += d
		}
	}
	if due == 0 {
		return fitting{}, false
	}
	rest := short - due
	bearer := q.bearer(invoices)
	slack := q.writeOff(invoices[bearer])
	switch {
	case rest == 0:
		return fitting{fit: fitDiscount, discounts: parts}, true
	case rest < 0 && -rest <= q.tolerance(invoices[bearer]) && -rest < parts[last]:
		parts[last] += rest // the payer rounded the discount down
		return fitting{fit: fitDiscount, discounts: parts}, true
	case rest > 0 && rest <= slack && rest <= q.capLeft(invoices[bearer]) && !q.meant().partial():
		return fitting{fit: fitDiscount, discounts: parts, writeOff: rest, bearer: bearer}, true
	}
	return fitting{}, false
}

// discountDue returns the early-payment discount that a payment of the open amount may still take, 0 where it is late.
// The payer's money counts from the earlier of booking and value day.
func (q *inquiry) discountDue(it *recon.Item, left int64) int64 {
	if it.DiscountUntil == 0 || !it.DiscountPercent.IsPositive() || it.Kind == recon.CreditNote {
		return 0
	}
	if q.paidOn() > it.DiscountUntil.AddDays(q.w.set.Discount.GraceDays) {
		return 0
	}
	return recon.PercentOf(left, it.DiscountPercent)
}

func (q *inquiry) paidOn() recon.Date {
	if q.r.Value != 0 && (q.r.Value < q.r.Booked || q.r.Booked == 0) {
		return q.r.Value
	}
	return q.r.Booked
}

// withholds reports whether the shortfall is one of the rates that may be withheld, on the gross or on the net amounts.
func (q *inquiry) withholds(invoices []int32, short int64) ([]int64, bool) {
	if slices.ContainsFunc(invoices, func(i int32) bool { return q.w.refuses(i, recon.WithheldTax) }) {
		return nil, false
	}
	for _, percent := range q.w.set.Tax.Percents {
		for _, net := range []bool{false, true} {
			parts, sum := make([]int64, len(invoices)), int64(0)
			for n, i := range invoices {
				base := q.w.items[i].left
				if net {
					base, _ = recon.NetAndTax(base, q.w.items[i].TaxRate)
				}
				parts[n] = recon.PercentOf(base, percent)
				sum += parts[n]
			}
			if sum == short {
				return parts, true
			}
		}
	}
	return nil, false
}

// statedCharge reports whether the bank said that exactly this was taken on the way. A payer who bore all charges lost
// none of its money to banks.
func (q *inquiry) statedCharge(short int64) bool {
	if q.payerBearsCharges() {
		return false
	}
	if q.r.ChargesMinor > 0 && q.r.ChargesMinor == short {
		return true
	}
	o := q.r.Original
	return o != nil && o.Currency == q.r.Currency && o.Minor-q.r.AmountMinor == short
}

func (q *inquiry) payerBearsCharges() bool {
	bearer := strings.ToUpper(q.r.ChargeBearer)
	return bearer == "DEBT" || bearer == "OUR"
}

func (q *inquiry) difference() rules.Difference { return q.w.set.Differences[q.r.Currency] }

// tolerance is the largest difference that may be written off, or kept as gain, on the item: the stricter of amount and percent.
// Without a percent a tenth of the item is the most.
func (q *inquiry) tolerance(i int32) int64 {
	d := q.difference()
	if d.Percent.IsZero() {
		return min(d.MaxMinor, q.w.items[i].left/mostSmall)
	}
	share := decimal.NewFromInt(q.w.items[i].left).Mul(d.Percent).Shift(-2).Floor().IntPart()
	return min(d.MaxMinor, share)
}

// writeOff is the largest difference that may be written off on the item: nothing where a person took one back.
func (q *inquiry) writeOff(i int32) int64 {
	if q.w.refuses(i, recon.WriteOff) {
		return 0
	}
	return q.tolerance(i)
}

// capLeft is what may still be written off for the item's customer in the period of the receipt.
func (q *inquiry) capLeft(i int32) int64 {
	d := q.difference()
	if d.CapMinor == 0 {
		return d.MaxMinor
	}
	left := d.CapMinor
	for _, use := range q.w.customers[q.w.items[i].owner].written {
		if use.Currency == q.r.Currency && period(use.Effective, d.CapPeriod) == period(q.r.Booked, d.CapPeriod) {
			left -= use.AmountMinor
		}
	}
	return left
}

// period is the month or the year of a day.
func period(day recon.Date, kind string) int {
	if kind == "year" {
		return int(day) / 10000
	}
	return int(day) / 100
}
