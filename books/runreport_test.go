package books

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

func (w *world) report(t *testing.T, facts RunFacts) RunReport {
	t.Helper()
	report, err := Run(w, rules.Set{Version: "now", Ledger: ledger}, facts, sentence)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// night is a run: what happens in it is its own.
func (w *world) night(happens func()) RunFacts {
	w.run++
	facts := RunFacts{Run: w.run, Started: w.tick(), AsOf: 20260331}
	happens()
	facts.Finished = w.tick()
	return facts
}

func balances(r RunReport) (before, after int64) {
	for _, total := range r.Before.Totals {
		before += total.BalanceMinor
	}
	for _, total := range r.After.Totals {
		after += total.BalanceMinor
	}
	return before, after
}

// A run's report is about that run, whatever came before and later.
func TestRunReportIsBounded(t *testing.T) {
	w := newWorld()
	r1, r2, r3 := w.item("R1", "ACME", 10000, 20260131), w.item("R2", "ACME", 20000, 20260131), w.item("R3", "BOLT", 30000, 20260131)
	paid := func(day recon.Date, opening, item, minor int64) func() {
		return func() {
			e := w.statement(day, day, opening, entry{minor: minor})
			w.decide(e[0], verdict{outcome: recon.Auto, customer: "ACME"}, recon.Line{Kind: recon.Payment, Item: item, AmountMinor: minor})
		}
	}
	runs := []RunFacts{w.night(paid(20260201, 0, r1, 10000))}
	w.item("R4", "BOLT", 5000, 20260131)
	w.starts = append(w.starts, recon.ItemStart{Item: r3, OpenMinor: -1000, Effective: 20260201, Recorded: w.tick()})
	w.itemRow(r3).AmountMinor, w.itemRow(r3).OpenMinor = 29000, 29000
	runs = append(runs, w.night(paid(20260202, 10000, r2, 5000)), w.night(func() {}), w.night(paid(20260203, 15000, r2, 15000)))
	w.item("R5", "BOLT", 7000, 20260131)
	want := []struct {
		file          string
		kind          string
		before, after int64
	}{
		{"main-2026-02-01.xml", wayFull, 60000, 50000},
		{"main-2026-02-02.xml", wayPartial, 54000, 49000},
		{"", "", 49000, 49000},
		{"main-2026-02-03.xml", wayFull, 49000, 34000},
	}
	for n, facts := range runs {
		report := w.report(t, facts)
		var file, kind string
		for _, f := range report.Files {
			file += f.File.Name
		}
		for _, k := range report.Kinds {
			kind += k.Name
		}
		if before, after := balances(report); file != want[n].file || kind != want[n].kind || before != want[n].before || after != want[n].after {
			t.Errorf("run %d: files %q, kinds %q, before %d, after %d, want %+v", n+1, file, kind, before, after, want[n])
		}
		if !report.TiesOut() || len(report.Queue) > 0 {
			t.Errorf("run %d: %+v", n+1, report)
		}
	}
}

// What waited when a run ended is in its report, though a person decided it since.
func TestQueueAsTheRunLeftIt(t *testing.T) {
	w := newWorld()
	item := w.item("R1", "ACME", 10000, 20260131)
	var e []int64
	first := w.night(func() {
		e = w.statement(20260201, 20260201, 0, entry{minor: 10000})
		w.decide(e[0], verdict{outcome: recon.Queued, reason: "payer_unknown"})
	})
	w.run = 0
	w.decide(e[0], verdict{outcome: recon.Manual, customer: "ACME"}, recon.Line{Kind: recon.Payment, Item: item, AmountMinor: 10000})
	report := w.report(t, first)
	if len(report.Queue) != 1 || len(report.Kinds) != 1 || report.Kinds[0].Name != wayQueued {
		t.Errorf("%+v", report)
	}
	first.Finished = w.tick()
	if report = w.report(t, first); len(report.Queue) != 0 {
		t.Errorf("still waits: %+v", report.Queue)
	}
}

// A dispute that a payer raised with a payment of the run was not there before it; one that was imported was.
func TestDisputesBefore(t *testing.T) {
	w := newWorld()
	item := w.item("R1", "ACME", 80000, 20260131)
	w.item("R2", "BOLT", 5000, 20260131, func(i *recon.Item) { i.Dispute = &recon.Dispute{Since: 20260110} })
	facts := w.night(func() {
		e := w.statement(20260201, 20260205, 0, entry{minor: 60000})
		w.decide(e[0], verdict{outcome: recon.Auto, customer: "ACME"}, recon.Line{Kind: recon.Payment, Item: item, AmountMinor: 60000})
		w.itemRow(item).Dispute = &recon.Dispute{Since: 20260205, AmountMinor: 20000, Phrase: "querying the rest", Decision: 1}
	})
	report := w.report(t, facts)
	if before, after := report.Before.Totals[0], report.After.Totals[0]; before.DisputedMinor != 5000 || after.DisputedMinor != 25000 {
		t.Errorf("disputed before %d, after %d", before.DisputedMinor, after.DisputedMinor)
	}
}

// A return that found no receipt is no place of what was received: it waits, and is said once.
func TestUnmatchedReturn(t *testing.T) {
	w := newWorld()
	w.item("R1", "ACME", 10000, 20260131)
	facts := w.night(func() {
		e := w.statement(20260201, 20260205, 50000, entry{minor: 8000}, entry{minor: -5000, class: recon.ClassReturn}, entry{minor: -700, class: recon.ClassReturn})
		w.decide(e[0], verdict{outcome: recon.Queued})
		w.decide(e[1], verdict{outcome: recon.Queued, customer: "ACME"})
	})
	report := w.report(t, facts)
	tie := report.Money[0]
	if tie.OffMinor != 0 || tie.ReceivedMinor != 8000 || tie.ReturnsMinor != 5700 {
		t.Errorf("%+v", tie)
	}
	for _, part := range tie.Parts {
		if want := map[string]int64{"in suspense: payer unknown, waits": 8000}[part.Name]; part.Minor != want {
			t.Errorf("%s: %d, want %d", part.Name, part.Minor, want)
		}
	}
	if text := string(written(t, FormatText, report.Tables()...)); !strings.Contains(text, "the bank took 57.00 EUR back") {
		t.Error(text)
	}
	if total := report.After.Totals[0]; total.UnappliedMinor != -8000+5700 {
		t.Errorf("in the ageing %d is unapplied", total.UnappliedMinor)
	}
}

// A payment by hand that was taken back before the bank had shown its money never was.
func TestVoidPayment(t *testing.T) {
	w := newWorld()
	item := w.item("R1", "ACME", 10000, 20260131)
	hand := w.recorded("ACME", 4000, 20260301)
	applied := w.decide(hand, verdict{outcome: recon.Manual, customer: "ACME"}, recon.Line{Kind: recon.Payment, Item: item, AmountMinor: 4000})
	first := w.ends(1)
	w.undo(applied[0], 20260302)
	w.decide(hand, verdict{outcome: recon.Queued, customer: "ACME", reason: "undone"})
	w.decide(hand, verdict{outcome: recon.Manual, customer: "ACME"}, recon.Line{Kind: recon.Refund, AmountMinor: 4000})
	proved(t, w)
	lines := strings.Split(strings.TrimSpace(export(t, w, Selection{}, FormatCSV)), "\n")
	if len(lines) != 2 || !strings.Contains(lines[1], "reversed") || !strings.Contains(lines[1], "payment,R1") {
		t.Errorf("lines %q", lines)
	}
	second := w.ends(3)
	first.Batch, second.Batch = true, true
	second.ApplicationsAfter, second.DecisionsAfter, second.EntriesAfter, second.ItemsAfter = first.ApplicationsUntil, first.DecisionsUntil, first.EntriesUntil, first.ItemsUntil
	if got := export(t, w, first, FormatCSV); !strings.Contains(got, "manual,95,reference_exact,payment,R1") {
		t.Errorf("first batch:\n%s", got)
	}
	if got := export(t, w, second, FormatCSV); !strings.Contains(got, "reversed,95,undone,payment,R1") || strings.Contains(got, "refund") {
		t.Errorf("second batch:\n%s", got)
	}
	for _, tie := range w.report(t, RunFacts{Run: 1, AsOf: 20260331}).Money {
		if tie.ReceivedMinor != 0 || tie.OffMinor != 0 {
			t.Errorf("%+v", tie)
		}
	}
}

// Tables that have nothing to tell are left out of the text of a report.
func TestEmptyTablesAreLeftOut(t *testing.T) {
	w := newWorld()
	w.item("R1", "ACME", 10000, 20260131)
	text := string(written(t, FormatText, w.report(t, w.night(func() {})).Tables()...))
	for _, absent := range []string{"What became of the entries", "Waiting for a person", "Where the money received is", "File "} {
		if strings.Contains(text, absent) {
			t.Errorf("%q is in\n%s", absent, text)
		}
	}
	for _, there := range []string{"No new files.", "Ageing of receivables", "Ties out"} {
		if !strings.Contains(text, there) {
			t.Errorf("%q is not in\n%s", there, text)
		}
	}
}

// What a run's report says is open after it is what the ageing says, as of each day.
func TestAfterIsTheAgeing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := randomWorld(rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 2)), 30)
		day := recon.Date(20260100 + rapid.IntRange(1, 31).Draw(rt, "day"))
		report, err := Run(w, rules.Set{Version: "now", Ledger: ledger}, RunFacts{Run: 1, AsOf: day}, sentence)
		if err != nil {
			rt.Fatal(err)
		}
		want, err := Ageing(w, Cut{AsOf: day}, day)
		if err != nil {
			rt.Fatal(err)
		}
		if !reflect.DeepEqual(report.After, want) {
			rt.Fatalf("as of %s the report has %+v, the ageing %+v", day, report.After, want)
		}
	})
}
