package matcher

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/tieout/tieout/recon"
)

// bounds checks the differences of an applied receipt against the rules.
func (a *auditor) bounds(r *recon.Receipt, d *recon.Decision) {
	limits := a.set.Differences[r.Currency]
	var writtenOff, gained, charged int64
	effects := map[string]int{}
	for _, l := range d.Lines {
		it := a.items[l.Item]
		switch l.Kind {
		case recon.Gain:
			gained += l.AmountMinor
			continue
		case recon.WriteOff, recon.Discount, recon.BankCharge, recon.WithheldTax:
		default:
			if l.TaxMinor != 0 {
				a.fault(r.Source, "tax", "%s with tax", l.Kind)
			}
			continue
		}
		if it == nil {
			continue
		}
		if slices.Contains(it.Refused, l.Kind) {
			a.fault(r.Source, "declined", "a person took %s back from item %d", l.Kind, it.ID)
		}
		a.closed[l.Item] = r.Source
		if effects[string(l.Kind)+it.Number]++; effects[string(l.Kind)+it.Number] > 1 {
			a.fault(r.Source, "twice", "two lines of %s on item %d", l.Kind, it.ID)
		}
		switch l.Kind {
		case recon.WriteOff:
			writtenOff += l.AmountMinor
			a.writeOff(r, l, it)
		case recon.Discount:
			a.discount(r, l, it)
		case recon.BankCharge:
			charged += l.AmountMinor
		case recon.WithheldTax:
			a.withheld(r, l, it)
		}
	}
	if max(writtenOff, gained) > limits.MaxMinor {
		a.fault(r.Source, "difference", "written off %d, gained %d, allowed %d", writtenOff, gained, limits.MaxMinor)
	}
	if gained > 0 && !a.share(gained, a.largest(d)) {
		a.fault(r.Source, "difference", "gain %d is over the percentage", gained)
	}
	if (writtenOff > 0 || gained > 0) && (d.Reason == PayerOldestFirst || d.Reason == PayerPartOldest || d.Reason == PayerPartial) {
		a.fault(r.Source, "difference", "%s posts no small difference", d.Reason)
	}
	a.charge(r, charged, a.largest(d))
}

// share reports whether the amount is within the percentage of what the item was open for.
func (a *auditor) share(amount int64, it *recon.Item) bool {
	if it == nil {
		return false
	}
	percent := a.set.Differences[it.Currency].Percent
	if percent.IsZero() {
		percent = decimal.NewFromInt(10)
	}
	return !decimal.NewFromInt(amount).Mul(decimal.NewFromInt(100)).GreaterThan(decimal.NewFromInt(it.OpenMinor).Mul(percent))
}

func (a *auditor) largest(d *recon.Decision) *recon.Item {
	var largest *recon.Item
	for _, l := range d.Lines {
		if it := a.items[l.Item]; it != nil && (largest == nil || it.OpenMinor > largest.OpenMinor) {
			largest = it
		}
	}
	return largest
}

func (a *auditor) writeOff(r *recon.Receipt, l recon.Line, it *recon.Item) {
	if !a.share(l.AmountMinor, it) {
		a.fault(r.Source, "difference", "write-off %d is over the percentage of item %d", l.AmountMinor, it.ID)
	}
	a.tax(r, l, it)
	key := a.capKey(it.Customer, r.Currency, r.Booked)
	a.written[key] += l.AmountMinor
	if limit := a.set.Differences[r.Currency].CapMinor; limit > 0 && a.written[key] > limit {
		a.fault(r.Source, "cap", "%d written off for customer %s in the period, allowed %d", a.written[key], it.Customer, limit)
	}
}

// tax checks the tax contained in a discount or write-off to the minor unit.
func (a *auditor) tax(r *recon.Receipt, l recon.Line, it *recon.Item) {
	whole := it.TaxRate.Add(decimal.NewFromInt(100))
	expected := decimal.NewFromInt(l.AmountMinor).Mul(it.TaxRate).DivRound(whole, 0).IntPart()
	if l.TaxMinor != expected {
		a.fault(r.Source, "tax", "%s of %d contains tax %d, expected %d", l.Kind, l.AmountMinor, l.TaxMinor, expected)
	}
}

func (a *auditor) discount(r *recon.Receipt, l recon.Line, it *recon.Item) {
	day := r.Booked
	if r.Value != 0 && r.Value < day {
		day = r.Value
	}
	if it.DiscountUntil == 0 || day > it.DiscountUntil.AddDays(a.set.Discount.GraceDays) {
		a.fault(r.Source, "discount", "item %d has none on %s", it.ID, day)
	}
	most := decimal.NewFromInt(it.OpenMinor).Mul(it.DiscountPercent).Div(decimal.NewFromInt(100)).Round(0).IntPart()
	if l.AmountMinor > most {
		a.fault(r.Source, "discount", "%d on item %d, at most %d", l.AmountMinor, it.ID, most)
	}
	a.tax(r, l, it)
}

// withheld checks the rate, of the gross or of the net amount, up to one minor unit of rounding.
func (a *auditor) withheld(r *recon.Receipt, l recon.Line, it *recon.Item) {
	net := decimal.NewFromInt(it.OpenMinor).Mul(decimal.NewFromInt(100)).Div(it.TaxRate.Add(decimal.NewFromInt(100)))
	if !slices.ContainsFunc(a.set.Tax.Percents, func(percent decimal.Decimal) bool {
		for _, base := range []decimal.Decimal{decimal.NewFromInt(it.OpenMinor), net} {
			if base.Mul(percent).Shift(-2).Sub(decimal.NewFromInt(l.AmountMinor)).Abs().LessThanOrEqual(decimal.NewFromInt(1)) {
				return true
			}
		}
		return false
	}) {
		a.fault(r.Source, "withheld_tax", "%d of item %d is no rate of the rules", l.AmountMinor, it.ID)
	}
}

func (a *auditor) charge(r *recon.Receipt, charged int64, largest *recon.Item) {
	if charged == 0 {
		return
	}
	stated := charged == r.ChargesMinor || r.Original != nil && r.Original.Currency == r.Currency && r.Original.Minor-r.AmountMinor == charged
	if bearer := plain(r.ChargeBearer); bearer == "DEBT" || bearer == "OUR" || !stated && (charged > a.set.Differences[r.Currency].ChargeMinor || charged*20 > largest.OpenMinor) {
		a.fault(r.Source, "bank_charge", "%d with bearer %q", charged, r.ChargeBearer)
	}
}
