package matcher

import (
	"slices"
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
)

// TestMatchingAndAmounts plays the cases D57 to D81 of the catalogue of faults that matching alone decides; those that need books,
// people or two at once are told in the package worker. Each is a small world and its whole outcome.
func TestMatchingAndAmounts(t *testing.T) {
	const acme = "customer C1 name=Acme iban=DE89370400440532013000\n"
	const beta = "customer C2 name=Beta iban=DE02120300000000202051\n"
	const from = " iban=DE89370400440532013000"
	for _, c := range []struct{ name, given, want string }{
		{"D57 a number inside a longer one is no reference", acme + `
invoice 14 C1 300.00
invoice 2001 C1 200.00
receipt 300.00 name=Somebody text="payment (1814)"`, `
-> 101 queued payer_unknown
->   P1 amount_alone 25: payment 14 300.00`},
		{"D57 the digits of a long number inside a longer one", acme + `
invoice 10014 C1 300.00
receipt 300.00 name=Somebody text="ref 181001477"`, `
-> 101 queued payer_unknown
->   P1 amount_alone 25: payment 10014 300.00`},
		{"D57 a short number without the amount", acme + `
invoice 14 C1 300.00
receipt 120.00 name=Somebody text="invoice 14"`, `
-> 101 queued payer_unknown`},
		{"D58 references that share their first groups", acme + beta + `
invoice "45 RE34Y 2026 00014" C1 300.00
invoice "45 RE34Y 2026 00022" C2 300.00
receipt 300.00 name=Somebody text="45 RE34Y 2026 00022"`, `
-> 101 auto reference_exact C2: payment 45 RE34Y 2026 00022 300.00`},
		{"D58 structured references that share their first groups", acme + beta + `
invoice INV-7001 C1 300.00 ref=RF18539007547034
invoice INV-7002 C2 300.00 ref=RF93539007547042
receipt 300.00 name=Somebody ref="RF18 5390 0754 7034"`, `
-> 101 auto reference_exact C1: payment INV-7001 300.00`},
		{"D59 a reference with its check digits, without them, with leading zeros", acme + beta + `
invoice INV-7001 C1 300.00 ref=RF18539007547034
invoice 0010045 C1 200.00
invoice 20045 C2 100.00
invoice INV-7002 C1 400.00 ref=RF93539007547042
receipt 300.00 text="539007547034"` + from + `
receipt 400.00 name=Somebody text="539007547042"
receipt 400.00 name=Somebody text="RF93 5390 0754 7042"
receipt 200.00 name=Somebody text="Rechnung 10045"
receipt 100.00 name=Somebody text="Rechnung 00020045"`, `
-> 101 auto reference_exact C1: payment INV-7001 300.00
-> 102 queued already_paid [not INV-7002: taken_in_this_run]
-> 103 auto reference_exact C1: payment INV-7002 400.00
-> 104 auto reference_exact C1: payment 0010045 200.00
-> 105 auto reference_exact C2: payment 20045 100.00`},
		{"D60 two items of one amount: the older", acme + `
invoice INV-7002 C1 100.00 due=2026-02-10
invoice INV-7001 C1 100.00 due=2026-02-01
invoice INV-7003 C1 333.00
receipt 100.00` + from, `
-> 101 auto payer_exact_single C1: payment INV-7001 100.00`},
		{"D60 two items of one amount that differ in tax, in terms, in a dispute", acme + beta + `
customer C3 name=Gamma iban=DE75512108001245126199
invoice INV-7001 C1 100.00 tax=19
invoice INV-7002 C1 100.00 tax=7
invoice INV-7003 C2 100.00 discount=2/2026-03-10
invoice INV-7004 C2 100.00
invoice INV-7005 C3 100.00 disputed=0.00
invoice INV-7006 C3 100.00
receipt 100.00` + from + `
receipt 100.00 iban=DE02120300000000202051
receipt 100.00 iban=DE75512108001245126199`, `
-> 101 queued ambiguous_lump C1
->   P1 payer_exact_single 95: payment INV-7001 100.00
->   P2 payer_exact_single 95: payment INV-7002 100.00
->   P3 lump_on_account 55: on_account 100.00
-> 102 queued ambiguous_lump C2
->   P1 payer_exact_single 95: payment INV-7003 100.00
->   P2 payer_exact_single 95: payment INV-7004 100.00
->   P3 lump_on_account 55: on_account 100.00
-> 103 queued item_disputed C3
->   P1 payer_exact_single 95: payment INV-7005 100.00
->   P2 payer_exact_single 95: payment INV-7006 100.00
->   P3 lump_on_account 55: on_account 100.00`},
		{"D61 a rule of 100 percent pays no half", `
rules percent=100
` + acme + `
invoice INV-7001 C1 1000.00
receipt 500.00 text="INV-7001"` + from, `
-> 101 auto reference_partial C1: payment INV-7001 500.00 [INV-7001 short 500.00 unexplained]`},
		{"D62 what is written off is the residual", `
rules max=0.10
` + acme + `
invoice INV-7001 C1 45.05
invoice INV-7002 C1 90.00
receipt 45.00 text="INV-7001"` + from + `
receipt 45.00 text="INV-7002" on=2026-03-03` + from, `
-> 101 auto reference_tolerance C1: payment INV-7001 45.00, write_off INV-7001 0.05 [INV-7001 short 0.05 tolerance]
-> 102 auto reference_partial C1: payment INV-7002 45.00 [INV-7002 short 45.00 unexplained]`},
		{"D63 the write-off is a line of its own and leaves nothing", acme + `
invoice INV-7001 C1 1000.00 tax=19
receipt 995.00 text="INV-7001"` + from, `
-> 101 auto reference_tolerance C1: payment INV-7001 995.00, write_off INV-7001 5.00 (tax 0.80) [INV-7001 short 5.00 tolerance]`},
		{"D64 the tolerance of several items is one", acme + `
invoice INV-7001 C1 100.00
invoice INV-7002 C1 200.00
receipt 295.00 text="INV-7001 INV-7002"` + from, `
-> 101 auto reference_tolerance C1: payment INV-7001 100.00, payment INV-7002 195.00, write_off INV-7002 5.00 [INV-7002 short 5.00 tolerance]`},
		{"D64 a cent beyond it", acme + `
invoice INV-7001 C1 100.00
invoice INV-7002 C1 200.00
receipt 294.99 text="INV-7001 INV-7002"` + from, `
-> 101 auto reference_partial C1: payment INV-7001 100.00, payment INV-7002 194.99 [INV-7002 short 5.01 unexplained]`},
		{"D64 more than several items is a gain, not another write-off", acme + `
invoice INV-7001 C1 100.00
invoice INV-7002 C1 200.00
receipt 305.00 text="INV-7001 INV-7002"` + from, `
-> 101 auto reference_tolerance C1: payment INV-7001 100.00, payment INV-7002 200.00, gain 5.00`},
		{"D64 nothing to divide by", `
rules percent=1
` + acme + `
invoice INV-7001 C1 0.00
invoice INV-7002 C1 0.01
receipt 0.01 text="INV-7001 INV-7002"` + from, `
-> 101 auto reference_exact C1: payment INV-7002 0.01 [not INV-7001: already_paid]`},
		{"D65 overpaid by 0.40", acme + `
invoice INV-7001 C1 999.60
receipt 1000.00 text="INV-7001"` + from, `
-> 101 auto reference_tolerance C1: payment INV-7001 999.60, gain 0.40`},
		{"D66 three sums are 150.00 exactly", acme + `
invoice INV-7001 C1 8.45
invoice INV-7002 C1 90.72
invoice INV-7003 C1 50.83
receipt 150.00 text="INV-7001 INV-7002 INV-7003"` + from, `
-> 101 auto reference_exact C1: payment INV-7001 8.45, payment INV-7002 90.72, payment INV-7003 50.83`},
		{"D66 the same without a word", acme + `
invoice INV-7001 C1 8.45
invoice INV-7002 C1 90.72
invoice INV-7003 C1 50.83
receipt 150.00` + from, `
-> 101 auto payer_balance C1: payment INV-7001 8.45, payment INV-7002 90.72, payment INV-7003 50.83`},
		{"D67 one bank line twice in a run", acme + `
invoice INV-7001 C1 500.00
receipt 500.00 text="INV-7001" tx=T1` + from + `
receipt 500.00 text="INV-7001" tx=T1` + from, `
-> 101 queued competing_receipts C1 rivals [102]
->   P1 reference_exact 100: payment INV-7001 500.00
-> 102 queued competing_receipts C1 rivals [101]
->   P1 reference_exact 100: payment INV-7001 500.00`},
		{"D68 two parts that are more than the item", acme + `
invoice INV-7001 C1 500.00
receipt 300.00 text="INV-7001" on=2026-03-01` + from + `
receipt 300.00 text="INV-7001" on=2026-03-02` + from, `
-> 101 queued competing_receipts C1 rivals [102]
->   P1 reference_partial 100: payment INV-7001 300.00
->   P2 lump_on_account 40: on_account 300.00
-> 102 queued competing_receipts C1 rivals [101]
->   P1 reference_partial 100: payment INV-7001 300.00
->   P2 lump_on_account 40: on_account 300.00`},
		{"D71 one receipt names one item twice", acme + `
invoice INV-7001 C1 100.00
invoice INV-7002 C1 200.00
receipt 300.00 text="INV-7001 INV-7002 INV-7001"` + from, `
-> 101 auto reference_exact C1: payment INV-7001 100.00, payment INV-7002 200.00`},
		{"D72 a credit note pays its amount once", acme + `
invoice INV-7001 C1 500.00
invoice INV-7002 C1 300.00
credit CN-9001 C1 100.00
receipt 400.00 text="INV-7001 CN-9001" on=2026-03-01` + from + `
receipt 200.00 text="INV-7002 CN-9001" on=2026-03-02` + from, `
-> 101 queued competing_receipts C1 rivals [102]
->   P1 reference_exact 100: credit INV-7001 100.00 of CN-9001, payment INV-7001 400.00
->   P2 payer_oldest_first 50: payment INV-7001 400.00
-> 102 queued competing_receipts C1 rivals [101]
->   P1 reference_exact 100: credit INV-7002 100.00 of CN-9001, payment INV-7002 200.00
->   P2 payer_oldest_first 50: payment INV-7001 200.00`},
		{"D72 over several items it counts once", acme + `
invoice INV-7001 C1 500.00
invoice INV-7002 C1 300.00
credit CN-9001 C1 100.00
receipt 700.00 text="INV-7001 INV-7002 CN-9001"` + from, `
-> 101 auto reference_exact C1: credit INV-7001 100.00 of CN-9001, payment INV-7001 400.00, payment INV-7002 300.00`},
		{"D72 one that is used up pays nothing", acme + `
invoice INV-7001 C1 500.00
credit CN-9001 C1 100.00 open=0.00
receipt 400.00 text="INV-7001 CN-9001"` + from, `
-> 101 queued already_paid C1 [not CN-9001: already_paid]
->   P1 reference_partial 100: payment INV-7001 400.00
->   P2 lump_on_account 40: on_account 400.00`},
		{"D73 a part that a person applied stays", acme + `
invoice INV-7001 C1 1000.00 open=600.00
receipt 600.00 text="INV-7001"` + from, `
-> 101 auto reference_exact C1: payment INV-7001 600.00`},
		{"D73 what is left of it is not the whole", acme + `
invoice INV-7001 C1 1000.00 open=600.00
receipt 1000.00 text="INV-7001"` + from, `
-> 101 queued already_paid C1
->   P1 overpaid 100: payment INV-7001 600.00, on_account 400.00
->   P2 lump_on_account 40: on_account 1000.00`},
		{"D74 the last item in part, the earlier ones in full", acme + `
invoice INV-7001 C1 100.00 due=2026-02-01
invoice INV-7002 C1 200.00 due=2026-02-05
invoice INV-7003 C1 300.00 due=2026-02-10
receipt 450.00 text="INV-7001 INV-7002 INV-7003"` + from, `
-> 101 auto reference_partial C1: payment INV-7001 100.00, payment INV-7002 200.00, payment INV-7003 150.00 [INV-7003 short 150.00 unexplained]`},
		{"D76 a cancelled item is neither applied nor proposed", acme + `
invoice INV-7001 C1 500.00 cancelled=yes
invoice INV-7002 C1 700.00
receipt 500.00 text="INV-7001"` + from + `
receipt 500.00` + from + `
receipt 500.00 name=Nobody`, `
-> 101 queued item_cancelled C1 [not INV-7001: item_cancelled]
->   P1 overpaid 67: payment INV-7002 200.00, on_account 300.00
->   P2 lump_on_account 40: on_account 500.00
-> 102 auto payer_partial C1: payment INV-7002 500.00 [INV-7002 short 200.00 unexplained]
-> 103 queued payer_unknown`},
		{"D79 80 EUR are no 80 USD", acme + beta + `
invoice INV-7001 C1 80.00 in=USD
invoice INV-7002 C2 81.00 in=USD
receipt 80.00 text="INV-7001"` + from + `
receipt 80.00` + from + `
receipt 80.00 text="INV-7002" iban=DE02120300000000202051
receipt 80.00 name=Nobody`, `
-> 101 queued currency_mismatch C1 [not INV-7001: currency_mismatch] rivals [102]
->   P1 lump_on_account 40: on_account 80.00
-> 102 queued currency_mismatch C1 rivals [101]
->   P1 lump_on_account 55: on_account 80.00
-> 103 queued currency_mismatch C2 [not INV-7002: currency_mismatch]
->   P1 lump_on_account 40: on_account 80.00
-> 104 queued payer_unknown`},
		{"D80 a customer picked by hand leaves the amount", acme + beta + `
invoice INV-7001 C1 500.00
invoice INV-7002 C2 300.00
receipt 500.00 name=Nobody customer=C2`, `
-> 101 auto overpaid C2: payment INV-7002 300.00, on_account 200.00`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := readStory(t, c.given)
			plan := Match(s.work, s.set)
			for _, f := range Audit(s.work, plan, s.set) {
				t.Errorf("audit: %v", f)
			}
			older := slices.ContainsFunc(plan.Decisions[0].Evidence, func(e recon.Evidence) bool { return e.Code == "interchangeable" })
			if older != strings.HasSuffix(c.name, ": the older") {
				t.Errorf("that another item would do as well is recorded: %v", older)
			}
			if got, want := s.outcome(plan), strings.TrimSpace(c.want); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
