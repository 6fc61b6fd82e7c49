package matcher

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/tieout/tieout/recon"
)

// bounds checks the differences of an applied receipt against the rules.
func (a *auditor) bounds(r *recon.Receipt, d *recon.Decision) {
	var writtenOff, gained, charged int64
	for n, l := range d.Lines {
		switch l.Kind {
		case recon.Gain:
			gained += l.AmountMinor
		case recon.WriteOff:
			writtenOff += l.AmountMinor
			a.effect(r, d.Lines[:n], l)
		case recon.BankCharge:
			charged += l.AmountMinor
			a.effect(r, d.Lines[:n], l)
		case recon.Discount, recon.WithheldTax:
			a.effect(r, d.Lines[:n], l)
		default:
			if l.TaxMinor != 0 {
				a.fault(r.Source, "tax", "%s with tax", l.Kind)
			}
		}
	}
	if writtenOff+gained+charged == 0 {
		return
	}
	if limits := a.set.Differences[r.Currency]; max(writtenOff, gained) > limits.MaxMinor {
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

// effect checks a line that lowers an item without money; before are the lines up to it.
func (a *auditor) effect(r *recon.Receipt, before []recon.Line, l recon.Line) {
	it := a.item(l.Item)
	if it == nil {
		return
	}
	if slices.Contains(it.Refused, l.Kind) {
		a.fault(r.Source, "declined", "a person took %s back from item %d", l.Kind, it.ID)
	}
	a.closes(l.Item, a.at)
	if slices.ContainsFunc(before, func(o recon.Line) bool { return o.Kind == l.Kind && o.Item == l.Item }) {
		a.fault(r.Source, "twice", "two lines of %s on item %d", l.Kind, it.ID)
	}
	switch l.Kind {
	case recon.WriteOff:
		a.smallDifference(r, l, it)
	case recon.Discount:
		a.discount(r, l, it)
	case recon.WithheldTax:
		a.withheld(r, l, it)
	}
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
		if it := a.item(l.Item); it != nil && (largest == nil || it.OpenMinor > largest.OpenMinor) {
			largest = it
		}
	}
	return largest
}

func (a *auditor) smallDifference(r *recon.Receipt, l recon.Line, it *recon.Item) {
	if !a.share(l.AmountMinor, it) {
		a.fault(r.Source, "difference", "write-off %d is over the percentage of item %d", l.AmountMinor, it.ID)
	}
	a.tax(r, l, it)
	a.writeOff = append(a.writeOff, writeOff{r.Source, a.capKey(it.Customer, r.Currency, r.Booked), l.AmountMinor})
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
	if charged == 0 || largest == nil {
		return
	}
	stated := charged == r.ChargesMinor || r.Original != nil && r.Original.Currency == r.Currency && r.Original.Minor-r.AmountMinor == charged
	if bearer := plain(r.ChargeBearer); bearer == "DEBT" || bearer == "OUR" || !stated && (charged > a.set.Differences[r.Currency].ChargeMinor || charged*20 > largest.OpenMinor) {
		a.fault(r.Source, "bank_charge", "%d with bearer %q", charged, r.ChargeBearer)
	}
}
