package books

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// strict are rules that the decisions of the story named "now" were made under.
var strict = rules.Set{Version: "now", Ledger: ledger, Differences: map[recon.Currency]rules.Difference{
	"EUR": {MaxMinor: 500, Percent: decimal.NewFromInt(4), CapMinor: 600, CapPeriod: "month"}}}

func checksOf(t *testing.T, v View, set rules.Set) map[string][]Check {
	t.Helper()
	checks, err := Verify(v, set)
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string][]Check{}
	for _, c := range checks {
		byID[c.ID] = append(byID[c.ID], c)
	}
	return byID
}

func TestVerifyNamesEveryInvariant(t *testing.T) {
	checks, err := Verify(manyFates(), strict)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, c := range checks {
		fmt.Fprintf(&b, "%-6s %-5v %s: %s\n", c.ID, c.OK, c.Name, c.Detail)
	}
	golden(t, "verify.txt", []byte(b.String()))
}

// Each case breaks the story of manyFates in one place; the check named must say so. Ids: items R1=1 CN1=2 R2=3 R3=4,
// entries 1–9 (7 is recorded by hand), applications 1 payment R1, 2 credit, 3 payment R3 (returned by 8), 4 payment R2 (undone by 10),
// 5 on account, 6 external, 7 payment by hand, 9 refund of the return, 11 use of 5.
func TestVerifyCatches(t *testing.T) {
	app := func(w *world, id int64) *recon.Application { return &w.apps[id-1] }
	cases := []struct {
		id, says string
		damage   func(w *world)
	}{
		{"I1", "receipt 1 of 79.99 EUR: 80.00 EUR applied", func(w *world) { w.receipts[0].AmountMinor-- }},
		{"I1", "receipt 1: 79.99 EUR stored as applied", func(w *world) { w.receipts[0].AllocatedMinor-- }},
		{"I1", "receipt 1: 0.01 EUR stored as refunded", func(w *world) { w.receipts[0].RefundedMinor++ }},
		{"I1", "on_account 5: 4.01 EUR stored as applied", func(w *world) { w.holding(5).AllocatedMinor++ }},
		{"I1", "on_account 5 is 12.00 EUR", func(w *world) { w.holding(5).AmountMinor = 1200 }},
		{"I1", "on_account 6 was put there by no application", func(w *world) { w.holdings[0].ID = 6 }},
		{"I1", "takes money from receipt 77, which does not exist", func(w *world) { app(w, 1).Source.ID = 77 }},
		{"I1", "receipt 1 is the money of receipt 7", func(w *world) { w.receipt(1).Clears = 7 }},
		{"I2", "item R1: 0.01 EUR stored as open, its applications leave 0.00 EUR", func(w *world) { w.itemRow(1).OpenMinor++ }},
		{"I2", "item R1 has no start", func(w *world) { w.starts = w.starts[1:] }},
		{"I2", "item R2 of 100.00 EUR: 176.00 EUR open", func(w *world) { w.itemRow(3).AmountMinor = 10000 }},
		{"I2", "lowers item 99, which does not exist", func(w *world) { app(w, 6).Item = 99 }},
		{"I2", "item R2 is kept as paid", func(w *world) { w.itemRow(3).PaidOn = 20260101 }},
		{"I3", "application 1 in USD touches EUR", func(w *world) { app(w, 1).Currency = "USD" }},
		{"I3", "application 6 is of 0.00 EUR", func(w *world) { app(w, 6).AmountMinor = 0 }},
		{"I4", "its records are 242.00 EUR in", func(w *world) { w.entries[0].AmountMinor -= 300 }},
		{"I4", "differ from closing by 0.01 EUR", func(w *world) { w.statements[0].Closing.AmountMinor++ }},
		{"I5", "its details contradict it", func(w *world) { w.entries[0].Whole = true }},
		{"I7", "entry 2 of 44.00 EUR has no receipt", func(w *world) { w.receipts = slices.Delete(w.receipts, 1, 2) }},
		{"I7", "receipt 50 of 1.00 EUR has no entry", func(w *world) {
			w.receipts = append(w.receipts, recon.ReceiptRow{ID: 50, Currency: "EUR", AmountMinor: 100})
		}},
		{"I7", "does not add up", func(w *world) { w.receipts[0].AllocatedMinor -= 5 }},
		{"I9", "application 3 is reversed twice, by 8 and 10", func(w *world) { app(w, 10).Reverses = 3 }},
		{"I9", "application 8 does not restore what 3 moved", func(w *world) { app(w, 8).AmountMinor = 4900 }},
		{"I9", "application 8 reverses 3, which is kept as live", func(w *world) { app(w, 3).ReversedBy = 0 }},
		{"I9", "kept as reversed by 11, which does not reverse it", func(w *world) { app(w, 1).ReversedBy = 11 }},
		{"I9", "application 10 reverses 8, a reversal itself", func(w *world) { app(w, 10).Reverses = 8 }},
		{"I10", "1 known before and 0 pending are stored, it counts 0 and 0", func(w *world) {
			w.records = append(w.records, recon.RecordRow{Statement: 1, Kind: recon.FateDuplicate, Entry: 1, Fingerprint: "v1:1-0"})
		}},
		{"I10", "repeats entry 99, which does not exist", func(w *world) {
			w.records = append(w.records, recon.RecordRow{Statement: 1, Kind: recon.FateDuplicate, Entry: 99})
		}},
		{"I10", "7 records read, 6 have a fate", func(w *world) { w.statements[0].Records++ }},
		{"I10", "the bank states 7 entries, 6 are here", func(w *world) { w.statements[0].StatedEntries = 7 }},
		{"I12", "entries 1 and 2 are one and the same", func(w *world) { w.entries[1].Fingerprint = w.entries[0].Fingerprint }},
		{"I12", "entry 2 is occurrence 3", func(w *world) { w.entries[1].Occurrence = 3 }},
		{"I12", "which says something else", func(w *world) {
			w.records = append(w.records, recon.RecordRow{Statement: 1, Kind: recon.FateDuplicate, Entry: 1, Fingerprint: "v1:other"})
		}},
		{"I13", "statement 1 counts 6 entries, 5 are there", func(w *world) { w.entries = slices.Delete(w.entries, 2, 3) }},
		{"I13", "statement 2 is held and has 2 entries", func(w *world) { w.statements[1].Held = true }},
		{"I13", "its file 1 is refused", func(w *world) { w.files[0].State = recon.FileRefused }},
		{"I13", "which was never received", func(w *world) { w.files = w.files[1:] }},
		{"I13", "entry 8 belongs to no booked statement", func(w *world) { w.statements = w.statements[:1] }},
		{"I14", "receipt 5 has two live decisions", func(w *world) {
			for n := range w.decisions {
				w.decisions[n].Live = true
				w.decisions[n].Supersedes = 0
			}
		}},
		{"I14", "and still live", func(w *world) { w.decisions[3].Live = true }},
		{"I14", "both supersede", func(w *world) { w.decisions[1].Supersedes = w.decisions[7].Supersedes }},
		{"I14", "application 1 was made by decision 2, which is queued", func(w *world) { app(w, 1).Decision = 2 }},
		{"I14", "application 1 moves receipt 1 by decision 3 about receipt 4", func(w *world) { app(w, 1).Decision = 3 }},
		{"I14", "made by decision 99, which does not exist", func(w *world) { app(w, 1).Decision = 99 }},
		{"I25", "missing: applications_no_update", func(w *world) { w.missing = []string{"applications_no_update"} }},
		{"I26", "modified: row 3", func(w *world) { w.audit[2].Canonical = []byte("something nicer") }},
		{"I26", "gap: row 4 comes after row 2", func(w *world) { w.audit = slices.Delete(w.audit, 2, 3) }},
		{"I26", "fork: two rows have number 3", func(w *world) { w.audit = slices.Insert(w.audit, 2, w.audit[2]) }},
		{"I26", "gap: row 2 comes after row 0", func(w *world) { w.audit = w.audit[1:] }},
		{"LEDGER", "ledger account 1200 has 1197.00 EUR, the bank 1197.01 EUR", func(w *world) { w.statements[1].Closing.AmountMinor++ }},
		{"LEDGER", "ledger account receivables has 226.00 EUR, open items are 226.01 EUR", func(w *world) { w.itemRow(3).OpenMinor++ }},
		{"LEDGER", "ledger account receivables has 223.00 EUR", func(w *world) { w.entries[2].Ledger = "receivables"; w.entries[2].AmountMinor = 300 }},
		{"LEDGER", "on_account: the journal has 6.00 EUR, 7.00 EUR is left", func(w *world) { w.holding(5).AllocatedMinor -= 100 }},
	}
	for _, c := range cases {
		t.Run(c.id+" "+c.says, func(t *testing.T) {
			w := manyFates()
			c.damage(w)
			for _, check := range checksOf(t, w, strict)[c.id] {
				if !check.OK && strings.Contains(check.Detail, c.says) {
					return
				}
			}
			t.Errorf("not caught; %s says %+v", c.id, checksOf(t, w, strict)[c.id])
		})
	}
}

func TestWriteOffBounds(t *testing.T) {
	const auto, manual = recon.Auto, recon.Manual
	off := func(item, minor int64) recon.Line {
		return recon.Line{Kind: recon.WriteOff, Item: item, AmountMinor: minor}
	}
	pay := func(item, minor int64) recon.Line {
		return recon.Line{Kind: recon.Payment, Item: item, AmountMinor: minor}
	}
	cases := []struct {
		name    string
		outcome recon.Outcome
		rules   string
		lines   []recon.Line
		says    string // "" = within the rules
	}{
		{"at the percent", auto, "now", []recon.Line{pay(1, 9600), off(1, 400)}, ""},
		{"over the percent", auto, "now", []recon.Line{pay(1, 9599), off(1, 401)}, "wrote off 4.01 EUR of 100.00 EUR, the rules allow 4.00 EUR"},
		{"over the maximum", auto, "now", []recon.Line{pay(2, 19499), off(2, 501)}, "the rules allow 5.00 EUR"},
		{"one maximum for several items", auto, "now", []recon.Line{pay(1, 9700), off(1, 300), pay(2, 19700), off(2, 300)}, "wrote off 6.00 EUR of 300.00 EUR"},
		{"by a person", manual, "now", []recon.Line{pay(2, 10000), off(2, 10000)}, ""},
		{"under earlier rules", auto, "before", []recon.Line{pay(2, 10000), off(2, 10000)}, ""},
		{"twice on one item", manual, "now", []recon.Line{off(1, 100), off(1, 100)}, "both write off item R1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			w.item("R1", "ACME", 10000, 20251231)
			w.item("R2", "ACME", 20000, 20251231)
			e := w.statement(20260101, 20260105, 0, entry{minor: 30000})
			w.decide(e[0], verdict{outcome: c.outcome, customer: "ACME"}, c.lines...)
			w.decisions[0].Rules = c.rules
			check := checksOf(t, w, strict)["I8"][0]
			if check.OK != (c.says == "") || !strings.Contains(check.Detail, c.says) {
				t.Errorf("%+v", check)
			}
		})
	}
	t.Run("cap of a customer and month", func(t *testing.T) {
		w := newWorld()
		for n := range int64(3) {
			item := w.item(fmt.Sprint("R", n), "ACME", 10000, 20251231)
			day := []recon.Date{20260105, 20260131, 20260201}[n]
			e := w.statement(day, day, 9650*n, entry{minor: 9650})
			w.decide(e[0], verdict{outcome: auto, customer: "ACME"}, pay(item, 9650), off(item, 350))
			w.decisions[n].Rules = "now"
		}
		check := checksOf(t, w, strict)["I8"][0]
		if check.OK || !strings.Contains(check.Detail, "7.00 EUR written off for customer ACME in the month of 2026-01-31, the cap is 6.00 EUR") || strings.Contains(check.Detail, "02-01") {
			t.Errorf("%+v", check)
		}
	})
}

// What a person accepted, what is missing between statements and what overlaps is known, and nothing is broken by it.
func TestKnownDifferences(t *testing.T) {
	cases := []struct {
		name, id, says string
		tell           func(w *world)
	}{
		{"a statement is missing", "I6", "1 gap known: account main: 5.00 EUR missing before 2026-01-11", func(w *world) {
			w.statement(20260101, 20260105, 1000, entry{minor: 100})
			w.statement(20260111, 20260115, 1600, entry{minor: 100})
		}},
		{"and the ledger says so", "LEDGER", "1200: 12.00 EUR, the bank 17.00 EUR (known gap of 5.00 EUR)", func(w *world) {
			w.statement(20260101, 20260105, 1000, entry{minor: 100})
			w.statement(20260111, 20260115, 1600, entry{minor: 100})
		}},
		{"a row that was posted late on a covered day is no gap", "LEDGER", "1200: 11.70 EUR, the bank 16.70 EUR (known gap of 5.00 EUR)", func(w *world) {
			e := w.statement(20260101, 20260105, 1000, entry{minor: 100, change: bookedOn(20260105)})
			w.statement(20260105, 20260109, 1500, entry{repeats: e[0]}, entry{minor: 70, change: bookedOn(20260105)})
		}},
		{"an opening that equals the closing before by chance", "LEDGER", "1200: 11.00 EUR, the bank 11.50 EUR (known gap of 0.50 EUR)", func(w *world) {
			e := w.statement(20260101, 20260105, 1000, entry{minor: 50, change: bookedOn(20260105)})
			w.statement(20260105, 20260109, 1050, entry{repeats: e[0]}, entry{minor: 50, change: bookedOn(20260109)})
		}},
		{"a late row within covered days", "I6", "1 joint without a gap", func(w *world) {
			e := w.statement(20260101, 20260110, 1000, entry{minor: 100, change: bookedOn(20260105)})
			w.statement(20260104, 20260106, 1000, entry{repeats: e[0]}, entry{minor: 30, change: bookedOn(20260106)})
			w.statement(20260111, 20260111, 1130, entry{minor: 1})
		}},
		{"days in common", "I6", "1 joint without a gap", func(w *world) {
			e := w.statement(20260101, 20260105, 1000, entry{minor: 100})
			w.statement(20260105, 20260107, 1000, entry{repeats: e[0]}, entry{minor: 50})
		}},
		{"a month that covers its days, coming last", "I6", "1 joint without a gap", func(w *world) {
			a := w.statement(20260101, 20260101, 1000, entry{minor: 100})
			b := w.statement(20260102, 20260102, 1100, entry{minor: 200})
			w.statement(20260101, 20260102, 1000, entry{repeats: a[0]}, entry{repeats: b[0]})
		}},
		{"two statements a day, the second first", "I6", "1 joint without a gap", func(w *world) {
			w.statement(20260102, 20260102, 1100, entry{minor: 200})
			w.statement(20260102, 20260102, 1000, entry{minor: 100})
		}},
		{"a day in two exports, the later one with more of it", "I6", "1 joint without a gap", func(w *world) {
			e := w.statement(20260101, 20260105, 1000, entry{minor: 100})
			w.statement(20260105, 20260105, 1000, entry{repeats: e[0]}, entry{minor: 70})
		}},
		{"accepted although it does not tie", "I4", "1 accepted by a person", func(w *world) {
			w.statement(20260101, 20260105, 1000, entry{minor: 100})
			w.statements[0].Closing.AmountMinor, w.statements[0].Accepted = 1150, "bank confirmed by phone"
		}},
		{"a batch counts once for the bank", "I10", "3 records", func(w *world) {
			part := func(e *recon.EntryRow) { e.Batch = "1" }
			w.statement(20260101, 20260105, 1000, entry{minor: 100, change: part}, entry{minor: 200, change: part}, entry{minor: 5})
			w.statements[0].StatedEntries = 2
		}},
		{"pending records count or not", "I10", "2 records", func(w *world) {
			w.statement(20260101, 20260105, 1000, entry{minor: 100}, entry{minor: 7, pending: true})
			w.statements[0].StatedEntries = 1
		}},
		{"no balances stated", "LEDGER", "", func(w *world) {
			w.statementOf("main", 20260101, 20260105, nil, entry{minor: 100})
		}},
		{"balances, then a statement without", "I6", "0 joints", func(w *world) {
			w.statement(20260101, 20260105, 1000, entry{minor: 100})
			w.statementOf("main", 20260106, 20260107, nil, entry{minor: 50})
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			c.tell(w)
			proved(t, w)
			if checks := checksOf(t, w, strict)[c.id]; !strings.Contains(checks[0].Detail, c.says) {
				t.Errorf("%s says %q", c.id, checks[0].Detail)
			}
		})
	}
}

func bookedOn(day recon.Date) func(*recon.EntryRow) {
	return func(e *recon.EntryRow) { e.Booked, e.Effective = day, day }
}

// brokenView fails in the middle of a sequence.
type brokenView struct {
	*world
	err error
}

func (b brokenView) Entries() iter.Seq2[recon.EntryRow, error] {
	return func(yield func(recon.EntryRow, error) bool) { yield(recon.EntryRow{}, b.err) }
}

func TestBrokenReadIsAnError(t *testing.T) {
	view := brokenView{manyFates(), errors.New("disk")}
	if _, err := Verify(view, strict); !errors.Is(err, view.err) {
		t.Errorf("verify: %v", err)
	}
	if err := WriteApplications(&strings.Builder{}, view, Selection{}, FormatCSV); !errors.Is(err, view.err) {
		t.Errorf("applications: %v", err)
	}
	if err := WriteJournal(&strings.Builder{}, view, ledger, Selection{}, FormatCSV); !errors.Is(err, view.err) {
		t.Errorf("journal: %v", err)
	}
	var last error
	for _, err := range Postings(view, ledger, Cut{}) {
		last = err
	}
	if !errors.Is(last, view.err) {
		t.Errorf("postings: %v", last)
	}
}

// Whatever is applied, used, undone and returned: the journal balances, the ledger is the open items and the bank, and
// every batch boundary cuts the journal in two that add up.
func TestRandomStoriesTieOut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := randomWorld(rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1)), 60)
		checks, err := Verify(w, rules.Set{Version: "now", Ledger: ledger})
		if err != nil {
			rt.Fatal(err)
		}
		for _, c := range checks {
			if !c.OK {
				rt.Fatalf("%s %s: %s", c.ID, c.Name, c.Detail)
			}
		}
		cutsBalance(rt, w)
		batchesAdd(rt, w)
		receivablesAreOpenItems(rt, w)
	})
}

// receivablesAreOpenItems compares the journal with the items and the ageing as of a day. Items whose issue day is not known count
// from the day of their import, after what was paid on them.
func receivablesAreOpenItems(rt *rapid.T, w *world) {
	for n := range w.starts {
		w.starts[n].Effective = recon.Date(20260100 + rapid.IntRange(1, 31).Draw(rt, "start"))
	}
	cut := Cut{AsOf: recon.Date(20260100 + rapid.IntRange(1, 31).Draw(rt, "as of"))}
	if rapid.Bool().Draw(rt, "looking back") {
		cut.KnownAt = w.decisions[rapid.IntRange(0, len(w.decisions)-1).Draw(rt, "known at")].At
	}
	var receivables, balance int64
	for p, err := range Postings(w, ledger, cut) {
		if err != nil {
			rt.Fatal(err)
		}
		switch p.Account {
		case "receivables":
			receivables += p.AmountMinor
			balance += p.AmountMinor
		case "unapplied", "suspense", "on account", "advances":
			balance += p.AmountMinor
		}
	}
	items, err := Items(w, cut, ItemQuestion{AsOf: cut.AsOf})
	if err != nil {
		rt.Fatal(err)
	}
	ageing, err := Ageing(w, cut, cut.AsOf)
	if err != nil {
		rt.Fatal(err)
	}
	var open, aged int64
	for _, total := range items.Totals {
		open += total.OpenMinor
	}
	for _, total := range ageing.Totals {
		aged += total.BalanceMinor
	}
	for _, l := range items.Items {
		if l.OpenMinor < 0 || l.OpenMinor > l.Item.AmountMinor {
			rt.Fatalf("%+v: %s has %d open of %d", cut, l.Item.Number, l.OpenMinor, l.Item.AmountMinor)
		}
	}
	if receivables != open || balance != aged {
		rt.Fatalf("%+v: receivables %d, open items %d; with money held %d, the ageing %d", cut, receivables, open, balance, aged)
	}
}

func cutsBalance(rt *rapid.T, w *world) {
	cut := Cut{AsOf: recon.Date(20260100 + rapid.IntRange(1, 31).Draw(rt, "day")), KnownAt: w.decisions[rapid.IntRange(0, len(w.decisions)-1).Draw(rt, "decision")].At}
	sums := map[string]int64{}
	for p, err := range Postings(w, ledger, cut) {
		if err != nil {
			rt.Fatal(err)
		}
		sums[p.Transaction] += p.AmountMinor
	}
	balanced(rt, sums)
}

// batchesAdd cuts the journal at a decision: both parts balance and are together what the whole is.
func batchesAdd(rt *rapid.T, w *world) {
	last := int64(len(w.decisions))
	first, second := w.ends(rapid.Int64Range(1, last).Draw(rt, "cut")), w.ends(last)
	second.ApplicationsAfter, second.DecisionsAfter, second.EntriesAfter, second.ItemsAfter = first.ApplicationsUntil, first.DecisionsUntil, first.EntriesUntil, first.ItemsUntil
	first.Batch, second.Batch = true, true
	second.ApplicationsUntil, second.EntriesUntil = math.MaxInt64, math.MaxInt64
	accounts := map[string]int64{}
	for n, selection := range []Selection{first, second, {}} {
		sums := map[string]int64{}
		err := journalOf(w, ledger, selection, func(p *Posting) bool {
			sums[p.Transaction] += p.AmountMinor
			if n == 2 {
				accounts[p.Account] -= p.AmountMinor
			} else {
				accounts[p.Account] += p.AmountMinor
			}
			return true
		})
		if err != nil {
			rt.Fatal(err)
		}
		balanced(rt, sums)
	}
	balanced(rt, accounts)
}

func balanced(rt *rapid.T, sums map[string]int64) {
	for name, sum := range sums {
		if sum != 0 {
			rt.Fatalf("%s is off by %d", name, sum)
		}
	}
}

// randomWorld plays n random steps that a store would allow.
func randomWorld(r *rand.Rand, n int) *world {
	w := newWorld()
	for i := range 8 {
		kind := []func(*recon.Item){creditNote, func(*recon.Item) {}}[min(i, 1)]
		w.item(fmt.Sprint("R", i), "ACME", 1000+r.Int64N(20000), 20260101, kind)
	}
	balance := int64(5000)
	for day := recon.Date(20260101); n > 0; n-- {
		day = min(day+recon.Date(r.IntN(2)), 20260131)
		var entries []entry
		for range r.IntN(3) {
			entries = append(entries, entry{minor: 100 + r.Int64N(8000)})
		}
		for _, e := range w.statement(day, day, balance, entries...) {
			balance += w.receipt(e).AmountMinor
			w.randomDecision(r, e)
		}
		if live := w.liveApplication(r); live != 0 && r.IntN(3) == 0 {
			w.undo(live, day)
		}
		w.useHolding(r, day)
		balance -= w.randomReturn(r, day, balance)
	}
	return w
}

// randomReturn sometimes lets the bank take a receipt back that was applied by one decision, and returns what it took.
func (w *world) randomReturn(r *rand.Rand, day recon.Date, balance int64) int64 {
	if len(w.receipts) == 0 || r.IntN(3) > 0 {
		return 0
	}
	e := w.receipts[r.IntN(len(w.receipts))]
	if e.RefundedMinor > 0 || e.AllocatedMinor == 0 {
		return 0
	}
	var reverses []int64
	for _, a := range w.apps {
		used := slices.ContainsFunc(w.holdings, func(h recon.Holding) bool { return h.ID == a.ID && h.AllocatedMinor > 0 })
		if used && a.Source.ID == e.ID {
			return 0
		}
		if a.Live() && a.Source == (recon.Source{Kind: recon.SourceReceipt, ID: e.ID}) {
			reverses = append(reverses, a.ID)
		}
	}
	fee := r.Int64N(2) * 300
	back := w.statement(day, day, balance, entry{minor: -e.AmountMinor - fee, class: recon.ClassReturn, change: func(row *recon.EntryRow) { row.ChargesMinor = fee }})
	if r.IntN(4) > 0 {
		w.decide(back[0], verdict{outcome: recon.Reversed, customer: "ACME", reverses: reverses, effective: day})
	}
	return e.AmountMinor + fee
}

func (w *world) randomDecision(r *rand.Rand, e int64) {
	left := w.receipt(e).AmountMinor
	var lines []recon.Line
	for left > 0 && r.IntN(4) > 0 {
		item := w.items[r.IntN(len(w.items))]
		open := item.OpenMinor
		for _, l := range lines {
			if l.Item == item.ID || l.CreditNote == item.ID {
				open = 0
			}
		}
		switch minor := min(left, open); {
		case minor <= 0 || r.IntN(6) == 0:
			part := 1 + r.Int64N(left)
			lines = append(lines, recon.Line{Kind: []recon.Kind{recon.OnAccount, recon.Advance, recon.Gain, recon.Refund}[r.IntN(4)], AmountMinor: part})
			left -= part
		case item.Kind == recon.CreditNote:
			continue
		default:
			lines = append(lines, recon.Line{Kind: recon.Payment, Item: item.ID, AmountMinor: minor})
			left -= minor
			if rest := min(open-minor, 50); rest > 0 {
				lines = append(lines, recon.Line{Kind: []recon.Kind{recon.Discount, recon.WriteOff, recon.BankCharge}[r.IntN(3)], Item: item.ID, AmountMinor: rest, TaxMinor: rest / 7})
			}
			if note := w.items[0]; note.OpenMinor > 0 && open-minor > 50 && len(lines) == 1 {
				lines = append(lines, recon.Line{Kind: recon.Credit, Item: item.ID, CreditNote: note.ID, AmountMinor: min(note.OpenMinor, open-minor-50)})
			}
		}
	}
	outcome, customer := recon.Auto, "ACME"
	if len(lines) == 0 {
		outcome, customer = recon.Queued, []string{"", "ACME"}[r.IntN(2)]
	}
	w.decide(e, verdict{outcome: outcome, customer: customer}, lines...)
}

// liveApplication picks one that can be undone: held money that was used cannot.
func (w *world) liveApplication(r *rand.Rand) int64 {
	if len(w.apps) == 0 {
		return 0
	}
	a := w.apps[r.IntN(len(w.apps))]
	held := slices.ContainsFunc(w.holdings, func(h recon.Holding) bool { return h.ID == a.ID && h.AllocatedMinor > 0 })
	if !a.Live() || held {
		return 0
	}
	return a.ID
}

func (w *world) useHolding(r *rand.Rand, day recon.Date) {
	if len(w.holdings) == 0 {
		return
	}
	h := w.holdings[r.IntN(len(w.holdings))]
	item := w.items[1+r.IntN(len(w.items)-1)]
	minor := min(h.AmountMinor-h.AllocatedMinor, item.OpenMinor)
	if minor <= 0 || w.apps[h.ID-1].ReversedBy != 0 {
		return
	}
	w.decide(h.Receipt, verdict{outcome: recon.Manual, customer: "ACME", source: recon.Source{Kind: h.Kind, ID: h.ID}, effective: day}, recon.Line{Kind: recon.Payment, Item: item.ID, AmountMinor: minor})
}
