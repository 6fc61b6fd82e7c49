package recon

import "cmp"

// Instalment is one line of an item's payment plan.
type Instalment struct {
	Sequence    int
	DueDate     Date
	AmountMinor int64
	PaidMinor   int64 // of it, as the applications of the item tell
	PaidOn      Date  // effective day of the application that completed it, 0 until then
	Cleared     bool  // paid, and the bank has shown all the money that paid it
	Method      string
	Account     string
	CheckNumber string
	Note        string
	Void        bool
}

// Fixed reports whether a line can no longer be edited: it is void, or paid.
func (i Instalment) Fixed() bool { return i.Void || i.PaidOn != 0 }

// SameTerms reports whether two lines say the same; what is paid of them does not count.
func (i Instalment) SameTerms(other Instalment) bool {
	i.PaidMinor, i.PaidOn, i.Cleared = 0, 0, false
	other.PaidMinor, other.PaidOn, other.Cleared = 0, 0, false
	return i == other
}

// Fall is what an item fell by at once.
type Fall struct {
	AmountMinor int64
	Effective   Date
	Shown       bool // by the bank, or it needs no money
}

// PayInstalments says what is paid of each line of an item's plan, by the live falls of the item in their order: what it fell by since
// the plan was made, the line due first comes first. What a plan leaves out of the item's amount was paid before it was made.
func PayInstalments(item *Item, falls []Fall) {
	var planned int64
	for _, line := range item.Instalments {
		if !line.Void {
			planned += line.AmountMinor
		}
	}
	before := max(0, item.AmountMinor-planned)
	shown := true
	next := 0
	for _, fall := range falls {
		shown = shown && fall.Shown
		used := min(before, fall.AmountMinor)
		before -= used
		for left := fall.AmountMinor - used; left > 0 && next < len(item.Instalments); {
			line := &item.Instalments[next]
			if line.Void || line.PaidMinor == line.AmountMinor {
				next++
				continue
			}
			part := min(left, line.AmountMinor-line.PaidMinor)
			line.PaidMinor += part
			left -= part
			if line.PaidMinor == line.AmountMinor {
				line.PaidOn, line.Cleared = fall.Effective, shown
			}
		}
	}
}

// ByDue compares lines by their due day, then sequence: the order in which they are paid.
func ByDue(a, b Instalment) int {
	return cmp.Or(cmp.Compare(a.DueDate, b.DueDate), cmp.Compare(a.Sequence, b.Sequence))
}
