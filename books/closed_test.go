package books

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
)

// trial is the trial balance within a cut, one account a line.
func trial(t *testing.T, w *world, cut Cut) string {
	t.Helper()
	sums := map[accountKey]int64{}
	for p, err := range Postings(w, ledger, cut) {
		if err != nil {
			t.Fatal(err)
		}
		sums[accountKey{p.Account, p.Currency}] += p.AmountMinor
	}
	var lines []string
	for _, key := range sortedAccounts(sums) {
		if sums[key] != 0 {
			lines = append(lines, fmt.Sprintf("%s %s", key.account, recon.FormatMinor(sums[key], key.currency)))
		}
	}
	return strings.Join(lines, "\n")
}

// march is a world with money in suspense, a queued return and an open invoice, of which March is closed.
func march(t *testing.T) (w *world, entries []int64) {
	w = newWorld()
	w.item("R1", "ACME", 10000, 20260331)
	entries = w.statement(20260301, 20260331, 100000, entry{minor: 6000}, entry{minor: -4000, class: recon.ClassReturn})
	return w, entries
}

// What is decided after the close is posted in the open period: the closed one stands as it was, and both together are what is so today.
func TestClosedPeriodStands(t *testing.T) {
	w, entries := march(t)
	before := trial(t, w, Cut{AsOf: 20260331})
	frozen := w.close(t, 20260331)
	if got := trial(t, w, Cut{}); got != before {
		t.Errorf("a close changes the journal:\n%s\nbefore:\n%s", got, before)
	}
	if len(frozen.Balances) == 0 || frozen.Postings[len(frozen.Postings)-1].Ordinal != len(frozen.Postings) {
		t.Errorf("frozen: %+v", frozen)
	}
	w.decide(entries[0], verdict{outcome: recon.Manual, customer: "ACME", effective: 20260401}, recon.Line{Kind: recon.Payment, Item: 1, AmountMinor: 5000})
	if got := trial(t, w, Cut{AsOf: 20260331}); got != before {
		t.Errorf("as of the closed day:\n%s\nbefore:\n%s", got, before)
	}
	want := "1200 1020.00\nopening -1100.00\nreceivables 50.00\nreturns wait"
	want = strings.ReplaceAll(want, "\nreturns wait", "\nsuspense 40.00\nunapplied -10.00")
	if got := trial(t, w, Cut{}); got != want {
		t.Errorf("today:\n%s\nwant:\n%s", got, want)
	}
	if got := trial(t, w, Cut{AsOf: 20260401}); got != want {
		t.Errorf("on the first open day:\n%s\nwant:\n%s", got, want)
	}
	proved(t, w)
}

// A return of a closed period that is placed later takes money back in the open one.
func TestReturnOfAClosedPeriod(t *testing.T) {
	w, entries := march(t)
	paid := w.decide(entries[0], verdict{outcome: recon.Auto, customer: "ACME"}, recon.Line{Kind: recon.Payment, Item: 1, AmountMinor: 6000})
	before := trial(t, w, Cut{AsOf: 20260331})
	w.close(t, 20260331)
	w.entries[w.at(entries[1])].AmountMinor = -4000
	w.decide(entries[1], verdict{outcome: recon.Reversed, customer: "ACME", effective: 20260401, reverses: paid})
	if got := trial(t, w, Cut{AsOf: 20260331}); got != before {
		t.Errorf("as of the closed day:\n%s\nbefore:\n%s", got, before)
	}
	if got, want := trial(t, w, Cut{}), "1200 1020.00\nopening -1100.00\nreceivables 100.00\nunapplied -20.00"; got != want {
		t.Errorf("today:\n%s\nwant:\n%s", got, want)
	}
}

// Corrections of a period are frozen with the next one, and not posted again.
func TestCorrectionsAreFrozenInTheirTurn(t *testing.T) {
	w, entries := march(t)
	w.close(t, 20260331)
	w.decide(entries[0], verdict{outcome: recon.Queued, customer: "ACME"})
	april := trial(t, w, Cut{})
	w.close(t, 20260430)
	w.decide(entries[0], verdict{outcome: recon.Manual, customer: "BOLT", effective: 20260501}, recon.Line{Kind: recon.OnAccount, AmountMinor: 6000})
	if got := trial(t, w, Cut{AsOf: 20260430}); got != april {
		t.Errorf("April:\n%s\nwas:\n%s", got, april)
	}
	if got, want := trial(t, w, Cut{}), "1200 1020.00\non account -60.00\nopening -1100.00\nreceivables 100.00\nsuspense 40.00"; got != want {
		t.Errorf("today:\n%s\nwant:\n%s", got, want)
	}
	proved(t, w)
}

// All batches together are the journal, whenever a period is closed between them.
func TestBatchesAcrossAClose(t *testing.T) {
	w, entries := march(t)
	first := Selection{Batch: true, EntriesUntil: 2, ItemsUntil: 1}
	w.close(t, 20260331)
	w.decide(entries[0], verdict{outcome: recon.Manual, customer: "ACME", effective: 20260401}, recon.Line{Kind: recon.Payment, Item: 1, AmountMinor: 6000})
	second := Selection{Batch: true, EntriesAfter: 2, EntriesUntil: 2, ItemsAfter: 1, ItemsUntil: 1, DecisionsUntil: 1, ApplicationsUntil: 1, ClosesUntil: 1}
	sums := map[string]int64{}
	for _, selection := range []Selection{first, second} {
		err := journalOf(w, ledger, selection, func(p *Posting) bool {
			sums[fmt.Sprint(p.Effective, " ", p.Account)] += p.AmountMinor
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for p, err := range Postings(w, ledger, Cut{}) {
		if err != nil {
			t.Fatal(err)
		}
		sums[fmt.Sprint(p.Effective, " ", p.Account)] -= p.AmountMinor
	}
	for line, off := range sums {
		if off != 0 {
			t.Errorf("%s is off by %d", line, off)
		}
	}
	if err := journalOf(w, ledger, second, func(p *Posting) bool {
		if p.Effective <= 20260331 {
			t.Errorf("posted in the closed period: %+v", *p)
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
}

// A frozen line that was changed, or is gone, is named.
func TestFrozenLinesAreProved(t *testing.T) {
	w, _ := march(t)
	w.close(t, 20260331)
	intact := slices.Clone(w.frozen)
	for name, damage := range map[string]func(){
		"gone":    func() { w.frozen = w.frozen[1:] },
		"changed": func() { w.frozen[0].Customer = "BOLT" },
		"twice":   func() { w.frozen[1] = w.frozen[0] },
		"off":     func() { w.frozen[0].AmountMinor++ },
	} {
		w.frozen = slices.Clone(intact)
		damage()
		check, err := closedPeriods(w)
		if err != nil || check.OK {
			t.Errorf("%s: %+v, %v", name, check, err)
		}
	}
}
