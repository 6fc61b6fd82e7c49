package worker

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
)

// Three items of which R-1 is short by 5.00, R-2 by 8.00 and R-3 by 5.00 after what was applied to them.
func shortItems() (*allocation, []ItemAmount) {
	a := &allocation{currency: "EUR", items: map[string]recon.Item{}, left: map[int64]int64{}}
	var applied []ItemAmount
	for i, left := range []int64{500, 800, 500} {
		number := fmt.Sprintf("R-%d", i+1)
		a.items[number] = recon.Item{ID: int64(i + 1), Number: number, Currency: "EUR"}
		a.left[int64(i+1)] = left
		applied = append(applied, ItemAmount{Number: number})
	}
	return a, applied
}

func TestChargesGoWhereTheyBelong(t *testing.T) {
	for _, c := range []struct {
		charges, want string
	}{
		{"8.00", "2=8.00"},             // closes it exactly
		{"5.00", "3=5.00"},             // closes two: the last one
		{"5.00 5.00", "3=5.00 1=5.00"}, // each one of its own
		{"3.00", "3=3.00"},             // closes none: the last one that is short enough
		{"6.00", "2=6.00"},             // the only one that is short enough
		{"3.00 2.00", "3=5.00"},        // two of one item are one line
		{"5.00 5.00 8.00", "3=5.00 1=5.00 2=8.00"},
		{"8.01", "QUEUE-CHARGE"},
		{"5.00 5.00 8.00 0.01", "QUEUE-CHARGE"},
		{"0.00", "AMOUNT"},
		{"-5", "AMOUNT"},
	} {
		a, applied := shortItems()
		lines, err := a.charges(Request{Apply: applied, Charge: strings.Fields(c.charges)})
		var got []string
		for _, l := range lines {
			if l.Kind != recon.BankCharge {
				t.Errorf("charges %s: a line of kind %s", c.charges, l.Kind)
			}
			got = append(got, fmt.Sprintf("%d=%s", l.Item, recon.FormatMinor(l.AmountMinor, "EUR")))
		}
		if err != nil {
			got = []string{err.(Refused).Code}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("charges %s: %v, expected %s", c.charges, got, c.want)
		}
	}
}

func TestSumOfARepeatedFlag(t *testing.T) {
	a, _ := shortItems()
	if got, err := a.sum("--on-account", []string{"10.00", "0.50"}); err != nil || got != 1050 {
		t.Error(got, err)
	}
	if _, err := a.sum("--on-account", []string{"10.00", "x"}); err == nil {
		t.Error("x was taken for an amount")
	}
}
