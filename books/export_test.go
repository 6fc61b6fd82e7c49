package books

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
)

// manyFates is a story in which everything happens that an export can show.
func manyFates() *world {
	w := newWorld()
	w.run = 1
	r1 := w.item("R1", "ACME", 10000, 20251231)
	cn := w.item("CN1", "ACME", 2000, 20260115, creditNote)
	r2 := w.item("R2", "ACME", 20000, 20260131)
	r3 := w.item("R3", "BOLT", 5000, 20260131)
	e := w.statement(20260101, 20260105, 100000, entry{minor: 8000, name: "Acme GmbH"}, entry{minor: 4400, name: "=HYPERLINK(1)"},
		entry{minor: -300, name: "Bank", class: recon.ClassCharge}, entry{minor: 5000, name: "Bolt & Sons"}, entry{minor: 7000, name: "Acme GmbH"}, entry{minor: 100})
	w.decide(e[0], verdict{outcome: recon.Auto, customer: "ACME"}, recon.Line{Kind: recon.Payment, Item: r1, AmountMinor: 8000},
		recon.Line{Kind: recon.Credit, Item: r1, CreditNote: cn, AmountMinor: 2000})
	w.decide(e[1], verdict{outcome: recon.Queued, reason: "payer_unknown"})
	bolt := w.decide(e[3], verdict{outcome: recon.Auto, customer: "BOLT"}, recon.Line{Kind: recon.Payment, Item: r3, AmountMinor: 5000})
	acme := w.decide(e[4], verdict{outcome: recon.Manual, customer: "ACME", reason: "by_hand"}, recon.Line{Kind: recon.Payment, Item: r2, AmountMinor: 6000}, recon.Line{Kind: recon.OnAccount, AmountMinor: 1000})
	w.apply(recon.Application{Kind: recon.External, Item: r2, AmountMinor: 1500, Currency: "EUR", Customer: "ACME", Effective: 20260106, Recorded: w.tick(), Actor: "import", Reason: "settled_elsewhere"})
	hand := w.recorded("ACME", 500, 20260107)
	w.decide(hand, verdict{outcome: recon.Manual, customer: "ACME", reason: "by_hand"}, recon.Line{Kind: recon.Payment, Item: r2, AmountMinor: 500})
	w.run = 2
	back := w.statement(20260106, 20260112, 124200, entry{minor: -5000, name: "Bolt & Sons", class: recon.ClassReturn}, entry{minor: 500, name: "Acme GmbH"})
	w.decide(back[0], verdict{outcome: recon.Reversed, customer: "BOLT", reason: "return_matched", reverses: bolt, effective: 20260112})
	w.decide(back[1], verdict{outcome: recon.Cleared, customer: "ACME", reason: "recorded_by_hand"})
	w.receipt(back[1]).Clears, w.receipt(hand).ClearedBy, w.receipt(hand).ClearedOn = hand, back[1], 20260112
	w.undo(acme[0], 20260113)
	w.decide(e[4], verdict{outcome: recon.Queued, customer: "ACME", reason: "undone"})
	w.decide(acme[1], verdict{outcome: recon.Manual, customer: "ACME", reason: "by_hand", source: recon.Source{Kind: recon.SourceOnAccount, ID: acme[1]}, effective: 20260114},
		recon.Line{Kind: recon.Payment, Item: r2, AmountMinor: 400})
	return w
}

func export(t *testing.T, w *world, selection Selection, format string) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteApplications(&b, w, selection, format); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func journalText(t *testing.T, w *world, selection Selection) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteJournal(&b, w, ledger, selection, FormatCSV); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestExports(t *testing.T) {
	w := manyFates()
	proved(t, w)
	golden(t, "applications.csv", []byte(export(t, w, Selection{}, FormatCSV)))
	golden(t, "applications.json", []byte(export(t, w, Selection{}, FormatJSON)))
	golden(t, "applications-since.csv", []byte(export(t, w, Selection{Since: 20260112}, FormatCSV)))
	golden(t, "journal.csv", []byte(journalText(t, w, Selection{})))
}

func TestExportOfNothing(t *testing.T) {
	if got := export(t, newWorld(), Selection{}, FormatCSV); got != "entry,bank_reference,account,booked,amount,currency,payer,decision,score,reason,kind,item,customer,applied,actor,applied_at\n" {
		t.Errorf("csv: %q", got)
	}
	if got := export(t, newWorld(), Selection{}, FormatJSON); got != "[]\n" {
		t.Errorf("json: %q", got)
	}
	if err := WriteApplications(&bytes.Buffer{}, newWorld(), Selection{}, "xml"); err == nil {
		t.Error("an unknown format was written")
	}
}

func TestExportAsJSON(t *testing.T) {
	var lines []map[string]any
	if err := json.Unmarshal([]byte(export(t, manyFates(), Selection{}, FormatJSON)), &lines); err != nil {
		t.Fatal(err)
	}
	rows := strings.Count(export(t, manyFates(), Selection{}, FormatCSV), "\n") - 1
	if len(lines) != rows || lines[0]["score"] != 95.0 || lines[0]["applied"] != "80.00" {
		t.Errorf("%d lines for %d rows, first %v", len(lines), rows, lines[0])
	}
}

// ends returns the last ids after the first n decisions of a story, as the store notes them when it opens a batch.
func (w *world) ends(decisions int64) (s Selection) {
	s.DecisionsUntil = decisions
	at := w.decisions[decisions-1].At
	for _, a := range w.apps {
		if !a.Recorded.After(at) {
			s.ApplicationsUntil = a.ID
		}
	}
	for _, e := range w.entries {
		if !e.Recorded.After(at) {
			s.EntriesUntil = max(s.EntriesUntil, e.ID)
		}
	}
	for _, r := range w.receipts {
		if !r.Recorded.After(at) {
			s.EntriesUntil = max(s.EntriesUntil, r.ID)
		}
	}
	for _, i := range w.starts {
		if !i.Recorded.After(at) {
			s.ItemsUntil = i.Item
		}
	}
	return s
}

func TestBatches(t *testing.T) {
	w := manyFates()
	first := w.ends(5)
	first.Batch = true
	second := w.ends(int64(len(w.decisions)))
	second.Batch = true
	second.ApplicationsAfter, second.DecisionsAfter, second.EntriesAfter, second.ItemsAfter = first.ApplicationsUntil, first.DecisionsUntil, first.EntriesUntil, first.ItemsUntil

	golden(t, "applications-batch1.csv", []byte(export(t, w, first, FormatCSV)))
	golden(t, "applications-batch2.csv", []byte(export(t, w, second, FormatCSV)))
	golden(t, "journal-batch2.csv", []byte(journalText(t, w, second)))

	t.Run("a batch is the same whenever it is asked", func(t *testing.T) {
		applications, journal := export(t, w, first, FormatCSV), journalText(t, w, first)
		later := w.statement(20260113, 20260120, 119700, entry{minor: 4242}, entry{minor: -1, class: recon.ClassCharge})
		w.decide(later[0], verdict{outcome: recon.Auto, customer: "ACME"}, recon.Line{Kind: recon.Payment, Item: 3, AmountMinor: 4242})
		w.item("R9", "ACME", 900, 20260303)
		if export(t, w, first, FormatCSV) != applications || journalText(t, w, first) != journal {
			t.Error("the first batch changed")
		}
	})
	t.Run("all batches together are the journal", func(t *testing.T) {
		third := w.ends(int64(len(w.decisions)))
		third.Batch, third.ItemsUntil = true, 5
		third.ApplicationsAfter, third.DecisionsAfter, third.EntriesAfter, third.ItemsAfter = second.ApplicationsUntil, second.DecisionsUntil, second.EntriesUntil, second.ItemsUntil
		whole, sum := map[Posting]int64{}, map[Posting]int64{}
		collect(t, w, Selection{}, whole)
		for _, s := range []Selection{first, second, third} {
			collect(t, w, s, sum)
		}
		for line, minor := range whole {
			if sum[line] != minor {
				t.Errorf("%+v: batches have %d, the journal %d", line, sum[line], minor)
			}
			delete(sum, line)
		}
		for line, minor := range sum {
			if minor != 0 {
				t.Errorf("%+v: %d in batches, nothing in the journal", line, minor)
			}
		}
	})
}

func collect(t *testing.T, w *world, s Selection, into map[Posting]int64) {
	t.Helper()
	err := journalOf(w, ledger, s, func(p *Posting) bool {
		line := *p
		line.AmountMinor = 0
		into[line] += p.AmountMinor
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
}
