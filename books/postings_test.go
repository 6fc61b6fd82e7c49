package books

import (
	"strings"
	"testing"
	"time"

	"github.com/tieout/tieout/recon"
)

// Each story starts with invoices R1 of 100.00 and R2 of 200.00 of ACME, a credit note CN of 20.00, and 1000.00 in the bank.
// Lines of openings are left out where the story does not change them.
func TestPostings(t *testing.T) {
	const r1, r2, cn = 1, 2, 3
	pay := func(item, minor int64) recon.Line {
		return recon.Line{Kind: recon.Payment, Item: item, AmountMinor: minor}
	}
	auto := verdict{outcome: recon.Auto, customer: "ACME"}
	cases := []struct {
		name string
		tell func(w *world)
		want string
	}{
		{"payer unknown: suspense", func(w *world) {
			w.statement(20260101, 20260105, 100000, entry{minor: 5000})
		}, `
E1 2026-01-05 1200 50.00
E1 2026-01-05 suspense -50.00`},

		{"payer known, not decided: unapplied", func(w *world) {
			e := w.statement(20260101, 20260105, 100000, entry{minor: 5000})
			w.decide(e[0], verdict{outcome: recon.Queued, customer: "ACME"})
		}, `
E1 2026-01-05 1200 50.00
E1 2026-01-05 unapplied -50.00 ACME`},

		{"one invoice in part, the rest on account", func(w *world) {
			e := w.statement(20260101, 20260105, 100000, entry{minor: 8000})
			w.decide(e[0], auto, pay(r1, 6000), recon.Line{Kind: recon.OnAccount, AmountMinor: 1500})
		}, `
E1 2026-01-05 1200 80.00
E1 2026-01-05 receivables -60.00 ACME R1
E1 2026-01-05 on account -15.00 ACME
E1 2026-01-05 unapplied -5.00 ACME`},

		{"discount with its tax", func(w *world) {
			e := w.statement(20260101, 20260105, 100000, entry{minor: 9800})
			w.decide(e[0], auto, pay(r1, 9800), recon.Line{Kind: recon.Discount, Item: r1, AmountMinor: 200, TaxMinor: 32})
		}, `
E1 2026-01-05 1200 98.00
E1 2026-01-05 receivables -98.00 ACME R1
E1 2026-01-05 discounts 1.68 ACME
E1 2026-01-05 tax 0.32
E1 2026-01-05 receivables -2.00 ACME R1`},

		{"write-off, bank charge, withheld tax, exchange difference and an adjustment to a chosen account", func(w *world) {
			e := w.statement(20260101, 20260105, 100000, entry{minor: 9000})
			w.decide(e[0], auto, pay(r1, 9000), recon.Line{Kind: recon.WriteOff, Item: r1, AmountMinor: 100}, recon.Line{Kind: recon.BankCharge, Item: r1, AmountMinor: 200},
				recon.Line{Kind: recon.WithheldTax, Item: r1, AmountMinor: 300}, recon.Line{Kind: recon.Exchange, Item: r1, AmountMinor: 150},
				recon.Line{Kind: recon.Adjustment, Item: r1, AmountMinor: 250, Ledger: "4711"})
		}, `
E1 2026-01-05 1200 90.00
E1 2026-01-05 receivables -90.00 ACME R1
E1 2026-01-05 write-offs 1.00 ACME
E1 2026-01-05 receivables -1.00 ACME R1
E1 2026-01-05 charges 2.00 ACME
E1 2026-01-05 receivables -2.00 ACME R1
E1 2026-01-05 withheld 3.00 ACME
E1 2026-01-05 receivables -3.00 ACME R1
E1 2026-01-05 exchange 1.50 ACME
E1 2026-01-05 receivables -1.50 ACME R1
E1 2026-01-05 4711 2.50 ACME
E1 2026-01-05 receivables -2.50 ACME R1`},

		{"a credit note moves no cash, a surplus is gain", func(w *world) {
			e := w.statement(20260101, 20260105, 100000, entry{minor: 8003})
			w.decide(e[0], auto, pay(r1, 8000), recon.Line{Kind: recon.Credit, Item: r1, CreditNote: cn, AmountMinor: 2000}, recon.Line{Kind: recon.Gain, AmountMinor: 3})
		}, `
E1 2026-01-05 1200 80.03
E1 2026-01-05 receivables -80.00 ACME R1
E1 2026-01-05 gains -0.03 ACME
A2 2026-01-05 receivables -20.00 ACME R1
A2 2026-01-05 receivables 20.00 ACME CN`},

		{"money on account is used later: no bank posting", func(w *world) {
			e := w.statement(20260101, 20260105, 100000, entry{minor: 10000})
			held := w.decide(e[0], auto, recon.Line{Kind: recon.OnAccount, AmountMinor: 10000})
			w.decide(e[0], verdict{outcome: recon.Manual, customer: "ACME", source: recon.Source{Kind: recon.SourceOnAccount, ID: held[0]}, effective: 20260120}, pay(r2, 6000))
		}, `
E1 2026-01-05 1200 100.00
E1 2026-01-05 on account -100.00 ACME
A2 2026-01-20 receivables -60.00 ACME R2
A2 2026-01-20 on account 60.00 ACME`},

		{"an advance meets its invoice, the rest is refunded and on its way", func(w *world) {
			e := w.statement(20260101, 20260105, 100000, entry{minor: 12000})
			held := w.decide(e[0], auto, recon.Line{Kind: recon.Advance, AmountMinor: 12000, Order: "SO-7"})
			advance := verdict{outcome: recon.Auto, customer: "ACME", source: recon.Source{Kind: recon.SourceAdvance, ID: held[0]}, effective: 20260107}
			w.decide(e[0], advance, pay(r1, 10000), recon.Line{Kind: recon.Refund, AmountMinor: 2000})
		}, `
E1 2026-01-05 1200 120.00
E1 2026-01-05 advances -120.00 ACME
A2 2026-01-07 receivables -100.00 ACME R1
A2 2026-01-07 advances 100.00 ACME
A3 2026-01-07 in transit -20.00 ACME
A3 2026-01-07 advances 20.00 ACME`},

		{"settled outside tieout", func(w *world) {
			w.statement(20260101, 20260105, 100000)
			w.apply(recon.Application{Kind: recon.External, Item: r1, AmountMinor: 4000, Currency: "EUR", Customer: "ACME", Effective: 20260103, Recorded: w.tick(), Actor: "import"})
		}, `
A1 2026-01-03 opening 40.00 ACME
A1 2026-01-03 receivables -40.00 ACME R1`},

		{"charges, transfers, others, and where a rule says so", func(w *world) {
			w.statement(20260101, 20260105, 100000, entry{minor: -300, class: recon.ClassCharge}, entry{minor: -5000, class: recon.ClassTransfer},
				entry{minor: -700, class: recon.ClassOther}, entry{minor: -900, class: recon.ClassOther, ledger: "6800"}, entry{minor: 0, class: recon.ClassZero})
		}, `
E1 2026-01-05 1200 -3.00
E1 2026-01-05 charges 3.00
E2 2026-01-05 1200 -50.00
E2 2026-01-05 transfers 50.00
E3 2026-01-05 1200 -7.00
E3 2026-01-05 suspense 7.00
E4 2026-01-05 1200 -9.00
E4 2026-01-05 6800 9.00`},

		{"put aside by a person to an account", func(w *world) {
			e := w.statement(20260101, 20260105, 100000, entry{minor: 5000})
			w.decide(e[0], verdict{outcome: recon.SetAside, ledger: "2742"})
		}, `
E1 2026-01-05 1200 50.00
E1 2026-01-05 2742 -50.00`},

		{"a payment by hand, then the bank's side of it", func(w *world) {
			r := w.recorded("ACME", 10000, 20260103)
			w.decide(r, verdict{outcome: recon.Manual, customer: "ACME"}, pay(r1, 10000))
			e := w.statement(20260101, 20260106, 100000, entry{minor: 10000})
			w.decide(e[0], verdict{outcome: recon.Cleared, customer: "ACME"})
			w.receipt(e[0]).Clears, w.receipt(r).ClearedBy, w.receipt(r).ClearedOn = r, e[0], 20260106
		}, `
E2 2026-01-06 1200 100.00
E2 2026-01-06 in transit -100.00 ACME
H1 2026-01-03 in transit 100.00 ACME
H1 2026-01-03 receivables -100.00 ACME R1`},

		{"undone: the opposite on its own day, the money waits again", func(w *world) {
			e := w.statement(20260101, 20260105, 100000, entry{minor: 10000})
			a := w.decide(e[0], auto, pay(r1, 10000))
			w.undo(a[0], 20260109)
			w.decide(e[0], verdict{outcome: recon.Queued, customer: "ACME"})
		}, `
E1 2026-01-05 1200 100.00
E1 2026-01-05 receivables -100.00 ACME R1
A2 2026-01-09 receivables 100.00 ACME R1
A2 2026-01-09 unapplied -100.00 ACME`},

		{"returned, with a fee and the discount that depended on it", func(w *world) {
			e := w.statement(20260101, 20260105, 100000, entry{minor: 9800})
			a := w.decide(e[0], auto, pay(r1, 9800), recon.Line{Kind: recon.Discount, Item: r1, AmountMinor: 200, TaxMinor: 32})
			back := w.statement(20260106, 20260112, 109800, entry{minor: -10100, class: recon.ClassReturn, change: func(e *recon.EntryRow) { e.ChargesMinor = 300 }})
			w.decide(back[0], verdict{outcome: recon.Reversed, customer: "ACME", reverses: a, effective: 20260112})
		}, `
E1 2026-01-05 1200 98.00
E1 2026-01-05 receivables -98.00 ACME R1
E1 2026-01-05 discounts 1.68 ACME
E1 2026-01-05 tax 0.32
E1 2026-01-05 receivables -2.00 ACME R1
A3 2026-01-12 receivables 98.00 ACME R1
A3 2026-01-12 unapplied -98.00 ACME
A4 2026-01-12 discounts -1.68 ACME
A4 2026-01-12 tax -0.32
A4 2026-01-12 receivables 2.00 ACME R1
E2 2026-01-12 1200 -101.00
E2 2026-01-12 unapplied 98.00 ACME
E2 2026-01-12 charges 3.00`},

		{"returned, and the return undone by a person", func(w *world) {
			e := w.statement(20260101, 20260105, 100000, entry{minor: 10000})
			a := w.decide(e[0], auto, pay(r1, 10000))
			back := w.statement(20260106, 20260112, 110000, entry{minor: -10000, class: recon.ClassReturn})
			w.decide(back[0], verdict{outcome: recon.Reversed, customer: "ACME", reverses: a, effective: 20260112})
			w.undo(3, 20260115) // the refund by which the return gave the money back
			w.decide(back[0], verdict{outcome: recon.Queued, reason: "undone"})
		}, `
E1 2026-01-05 1200 100.00
E1 2026-01-05 receivables -100.00 ACME R1
A2 2026-01-12 receivables 100.00 ACME R1
A2 2026-01-12 unapplied -100.00 ACME
A3 2026-01-12 in transit -100.00 ACME
A3 2026-01-12 unapplied 100.00 ACME
A4 2026-01-15 in transit 100.00 ACME
A4 2026-01-15 unapplied -100.00 ACME
E2 2026-01-12 1200 -100.00
E2 2026-01-12 suspense 100.00`},

		{"a return that nobody has placed", func(w *world) {
			w.statement(20260101, 20260105, 100000, entry{minor: -5000, class: recon.ClassReturn})
		}, `
E1 2026-01-05 1200 -50.00
E1 2026-01-05 suspense 50.00`},

		{"applied after its period was closed", func(w *world) {
			e := w.statement(20260101, 20260105, 100000, entry{minor: 10000})
			w.decide(e[0], verdict{outcome: recon.Manual, customer: "ACME", effective: 20260201}, pay(r1, 10000))
		}, `
E1 2026-01-05 1200 100.00
E1 2026-01-05 unapplied -100.00 ACME
A1 2026-02-01 receivables -100.00 ACME R1
A1 2026-02-01 unapplied 100.00 ACME`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			w.item("R1", "ACME", 10000, 20251231)
			w.item("R2", "ACME", 20000, 20260131)
			w.item("CN", "ACME", 2000, 20260115, creditNote)
			c.tell(w)
			var got []string
			for line := range strings.Lines(lines(t, w, Cut{})) {
				if line[0] != 'I' && line[0] != 'O' {
					got = append(got, strings.TrimSpace(line))
				}
			}
			if want := strings.TrimSpace(c.want); strings.Join(got, "\n") != want {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
			}
			proved(t, w)
		})
	}
}

func TestOpenings(t *testing.T) {
	w := newWorld()
	w.accounts = append(w.accounts, recon.Account{ID: "usd", Currency: "USD", Ledger: "1210"})
	w.item("R1", "ACME", 10000, 20251231)
	w.item("CN", "ACME", 2000, 20260115, creditNote)
	w.item("P1", "SUP", 5000, 20260115, payable)
	w.item("PC", "SUP", 700, 20260115, payable, creditNote)
	w.starts = append(w.starts, recon.ItemStart{Item: 1, OpenMinor: -1500, Effective: 20251215, Recorded: w.tick()}) // its amount is corrected
	w.itemRow(1).AmountMinor, w.itemRow(1).OpenMinor = 8500, 8500
	w.item("PAID", "ACME", 700, 20260115, func(i *recon.Item) { i.OpenMinor = 0 })
	w.statement(20260201, 20260228, 15000, entry{minor: -2500, class: recon.ClassOther})
	w.statement(20260101, 20260131, 10000, entry{minor: 5000, class: recon.ClassOther}) // the earlier file comes later
	w.statementOf("usd", 20260101, 20260110, nil, entry{minor: 400, class: recon.ClassOther})
	opening := int64(1400)
	w.statementOf("usd", 20260111, 20260120, &opening, entry{minor: 100, class: recon.ClassOther})
	want := `
I1 2025-12-01 receivables 100.00 ACME R1
I1 2025-12-01 opening -100.00
I1.1 2025-12-15 receivables -15.00 ACME R1
I1.1 2025-12-15 opening 15.00
I2 2025-12-01 receivables -20.00 ACME CN
I2 2025-12-01 opening 20.00
I3 2025-12-01 payables -50.00 SUP P1
I3 2025-12-01 opening 50.00
I4 2025-12-01 payables 7.00 SUP PC
I4 2025-12-01 opening -7.00
E1 2026-02-28 1200 -25.00
E1 2026-02-28 suspense 25.00
E2 2026-01-31 1200 50.00
E2 2026-01-31 suspense -50.00
E3 2026-01-10 1210 4.00
E3 2026-01-10 suspense -4.00
E4 2026-01-20 1210 1.00
E4 2026-01-20 suspense -1.00
Omain 2026-01-01 1200 100.00
Omain 2026-01-01 opening -100.00
Ousd 2026-01-10 1210 10.00
Ousd 2026-01-10 opening -10.00
`
	if got := lines(t, w, Cut{}); got != want[1:] {
		t.Errorf("got\n%s\nwant\n%s", got, want[1:])
	}
	proved(t, w)
}

// The period example: what is known changes, what was known does not.
func TestCut(t *testing.T) {
	w := newWorld()
	r1 := w.item("R1", "ACME", 10000, 20260331)
	e := w.statement(20260301, 20260330, 0, entry{minor: 10000})
	received := w.now
	w.decide(e[0], verdict{outcome: recon.Queued, customer: "ACME"})
	queued := w.now
	w.decide(e[0], verdict{outcome: recon.Manual, customer: "ACME", effective: 20260401}, recon.Line{Kind: recon.Payment, Item: r1, AmountMinor: 10000})
	cases := []struct {
		name string
		cut  Cut
		want map[string]int64
	}{
		{"before the bank knew of it", Cut{AsOf: 20260329}, map[string]int64{"receivables": 10000}},
		{"as known when the file came", Cut{KnownAt: received}, map[string]int64{"1200": 10000, "suspense": -10000, "receivables": 10000}},
		{"as known when it was queued", Cut{KnownAt: queued}, map[string]int64{"1200": 10000, "unapplied": -10000, "receivables": 10000}},
		{"as of the end of the closed month", Cut{AsOf: 20260331}, map[string]int64{"1200": 10000, "unapplied": -10000, "receivables": 10000}},
		{"the closed month as known then", Cut{AsOf: 20260331, KnownAt: received}, map[string]int64{"1200": 10000, "suspense": -10000, "receivables": 10000}},
		{"now", Cut{}, map[string]int64{"1200": 10000}},
		{"before anything", Cut{KnownAt: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}, map[string]int64{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := map[string]int64{}
			for p, err := range Postings(w, ledger, c.cut) {
				if err != nil {
					t.Fatal(err)
				}
				got[p.Account] += p.AmountMinor
			}
			delete(got, "opening")
			for _, account := range []string{"1200", "suspense", "unapplied", "receivables"} {
				if got[account] != c.want[account] {
					t.Errorf("%s = %d, want %d", account, got[account], c.want[account])
				}
			}
		})
	}
}
