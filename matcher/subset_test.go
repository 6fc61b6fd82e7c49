package matcher

import (
	"testing"

	"pgregory.net/rapid"
)

// TestSearchFindsWhatCountingFinds compares the walk and the table with plain counting of all subsets.
func TestSearchFindsWhatCountingFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amounts := rapid.SliceOfN(rapid.Int64Range(1, 12), 1, 10).Draw(t, "amounts")
		target := rapid.Int64Range(1, 40).Draw(t, "target")
		var classes []class
		for i, a := range amounts {
			classes = append(classes, class{amount: a, members: []int32{int32(i)}})
		}
		expected := 0
		for set := range 1 << len(amounts) {
			var sum int64
			for i, a := range amounts {
				if set>>i&1 == 1 {
					sum += a
				}
			}
			if sum == target {
				expected++
			}
		}
		walk := search{classes: append([]class(nil), classes...), target: target}
		walk.run()
		table := search{classes: append([]class(nil), classes...), target: target}
		table.most = len(amounts)
		table.run() // sorts and sums up; the table then starts afresh
		table.found = nil
		table.table(1)
		if want := min(expected, shownSets); len(walk.found) != want || len(table.found) != want || walk.exhausted {
			t.Fatalf("walk %d, table %d, expected %d", len(walk.found), len(table.found), want)
		}
		for _, counts := range append(walk.found, table.found...) {
			var sum int64
			for i, n := range counts {
				sum += int64(n) * walk.classes[i].amount
			}
			if sum != target {
				t.Fatalf("%v adds up to %d, not %d", counts, sum, target)
			}
		}
	})
}
