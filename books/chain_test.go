package books

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/tieout/tieout/recon"
)

// row is a movement that happened: its day, and from which day on the bank tells it.
type row struct {
	day, told int
	minor     int64
	entry     int64 // that it is stored as, 0 = not yet
}

// Exports of any days in any order, some of them missing, rows posted late, days that add up to nothing: the ledger is always the
// bank less the gaps that are named.
func TestAnyExportsTieOut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 5))
		var rows []row
		for day := 1; day <= 8; day++ {
			for range r.IntN(3) {
				minor := int64(10 * (1 + r.IntN(2)))
				rows = append(rows, row{day: day, told: day + r.IntN(2)*r.IntN(3), minor: minor}, row{day: day, told: day, minor: -minor * int64(r.IntN(2))})
			}
		}
		w := newWorld()
		for range 1 + r.IntN(5) {
			from := 1 + r.IntN(8)
			exportDays(w, rows, from, from+r.IntN(4))
		}
		for _, check := range checksOf(t, w, strict)["LEDGER"] {
			if !check.OK {
				rt.Fatalf("%+v", check)
			}
		}
	})
}

// exportDays books what the bank tells of some days at the end of the last of them.
func exportDays(w *world, rows []row, from, to int) {
	opening := int64(1000)
	var entries []entry
	var fresh []*row
	for i := range rows {
		r := &rows[i]
		switch {
		case r.told > to || r.minor == 0 || r.day > to:
		case r.day < from:
			opening += r.minor
		case r.entry != 0:
			entries = append(entries, entry{repeats: r.entry})
		default:
			day := recon.Date(20260100 + r.day)
			entries = append(entries, entry{minor: r.minor, change: func(e *recon.EntryRow) { e.Booked, e.Effective, e.Class = day, day, recon.ClassOther }})
			fresh = append(fresh, r)
		}
	}
	ids := w.statement(recon.Date(20260100+from), recon.Date(20260100+to), opening, entries...)
	for n, r := range fresh {
		r.entry = ids[n]
	}
}
