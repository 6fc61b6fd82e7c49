package books

import (
	"cmp"
	"slices"

	"github.com/tieout/tieout/recon"
)

// Names of what became of an entry, in the order in which they are shown.
var kindOrder = []string{wayFull, waySeveral, wayPartial, wayDiscount, wayTolerance, wayDeducted, waySurplus, wayOnAccount, wayAdvance,
	wayHeld, wayCleared, wayReturned, waySetAside, wayQueued, wayCharge, wayTransfer, wayOther}

const (
	wayFull      = "one item in full"
	waySeveral   = "several items in full"
	wayPartial   = "in part, the rest stays open"
	wayDiscount  = "with early-payment discount"
	wayTolerance = "small difference within tolerance"
	wayDeducted  = "with charges, tax or other deductions"
	waySurplus   = "items in full, surplus on account"
	wayOnAccount = "on account"
	wayAdvance   = "advance for an order"
	wayHeld      = "money held, now placed"
	wayCleared   = "the bank's side of a payment by hand"
	wayReturned  = "returned, the item reopened"
	waySetAside  = "set aside"
	wayQueued    = "queued for a person"
	wayCharge    = "bank charges"
	wayTransfer  = "transfers between own accounts"
	wayOther     = "no receipts"
)

// ways goes through the applications in their order and says of each decision of a run how it applied.
func (s *state) ways(run int64) map[int64]string {
	fell := map[int64]int64{} // item → what it fell by so far
	ways := map[int64]string{}
	for apps := s.apps; len(apps) > 0; {
		n := 1
		for n < len(apps) && apps[n].Decision == apps[0].Decision {
			n++
		}
		partial, items := false, map[int64]bool{}
		for m := range apps[:n] {
			a := &apps[m]
			if !a.Kind.Reduces() {
				continue
			}
			if a.Reverses != 0 {
				fell[a.Item] -= a.AmountMinor
			} else {
				fell[a.Item] += a.AmountMinor
			}
			items[a.Item] = true
		}
		for id := range items {
			i := s.item(id)
			partial = partial || i != nil && i.startedMinor(apps[0].Recorded) > fell[id]
		}
		if d := s.decision(apps[0].Decision); d.ID != 0 && d.Run == run {
			ways[d.ID] = way(apps[:n], len(items), partial)
		}
		apps = apps[n:]
	}
	return ways
}

// way names how a decision applied: what a reader would want to look at first.
func way(apps []recon.Application, items int, partial bool) string {
	has := func(kinds ...recon.Kind) bool {
		return slices.ContainsFunc(apps, func(a recon.Application) bool { return slices.Contains(kinds, a.Kind) })
	}
	switch {
	case items == 0 && has(recon.Advance):
		return wayAdvance
	case items == 0:
		return wayOnAccount
	case partial:
		return wayPartial
	case has(recon.Discount):
		return wayDiscount
	case has(recon.WriteOff, recon.Gain):
		return wayTolerance
	case has(recon.BankCharge, recon.WithheldTax, recon.Exchange, recon.Adjustment):
		return wayDeducted
	case has(recon.OnAccount, recon.Advance):
		return waySurplus
	case items > 1:
		return waySeveral
	}
	return wayFull
}

// wayOfClass is "" for what is decided.
func wayOfClass(class recon.Class) string {
	switch class {
	case recon.ClassReceipt, recon.ClassReturn:
		return ""
	case recon.ClassCharge:
		return wayCharge
	case recon.ClassTransfer:
		return wayTransfer
	}
	return wayOther
}

func (r *runReader) wayOf(d recon.DecisionRow) string {
	switch d.Outcome {
	case recon.Auto, recon.Manual:
		return cmp.Or(r.ways[d.ID], wayFull)
	case recon.Cleared:
		return wayCleared
	case recon.Reversed:
		return wayReturned
	case recon.SetAside:
		return waySetAside
	}
	return wayQueued
}
