package books

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

func written(t *testing.T, format string, tables ...Table) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteTables(&b, format, tables...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// debtors has one item for each bucket and status, in two currencies, and money that waits.
func debtors() *world {
	w := newWorld()
	w.accounts = append(w.accounts, recon.Account{ID: "yen", IBAN: "DE02120300000000202051", Currency: "JPY", Ledger: "1290"})
	w.item("R1", "ACME", 100000, 20260331)
	w.item("R2", "ACME", 20000, 20260330)
	w.item("R3", "ACME", 30000, 20260228)
	w.item("R4", "BOLT", 40000, 20260130)
	w.item("R5", "BOLT", 50000, 20260129)
	w.item("R6", "BOLT", 60000, 20251230)
	w.item("CN", "ACME", 5000, 20260330, creditNote)
	w.item("D1", "ACME", 80000, 20260301, func(i *recon.Item) {
		i.Dispute = &recon.Dispute{Since: 20260310, AmountMinor: 20000, Phrase: "querying the rest"}
	})
	w.item("PLAN", "BOLT", 100000, 20260115, func(i *recon.Item) {
		i.Instalments = []recon.Instalment{{Sequence: 1, DueDate: 20260115, AmountMinor: 33333}, {Sequence: 2, DueDate: 20260215, AmountMinor: 33333}, {Sequence: 3, DueDate: 20260415, AmountMinor: 33334}}
	})
	w.item("LATER", "BOLT", 10000, 20260115, func(i *recon.Item) {
		i.Instalments = []recon.Instalment{{Sequence: 1, DueDate: 20260601, AmountMinor: 10000}}
	})
	w.item("Y1", "ACME", 5000, 20260401, func(i *recon.Item) { i.Currency = "JPY" })
	w.item("P1", "SUP", 7000, 20260101, payable)
	w.item("GONE", "ACME", 7000, 20260101, func(i *recon.Item) { i.Cancelled, i.OpenMinor = true, 0 })
	e := w.statement(20260301, 20260320, 0, entry{minor: 33333, name: "Bolt"}, entry{minor: 12345, name: "?"}, entry{minor: 20000, name: "Acme"}, entry{minor: 70000, name: "Acme"})
	w.decide(e[0], verdict{outcome: recon.Auto, customer: "BOLT"}, recon.Line{Kind: recon.Payment, Item: 9, AmountMinor: 33333})
	w.decide(e[2], verdict{outcome: recon.Queued, customer: "ACME", reason: "ambiguous_lump"})
	w.decide(e[3], verdict{outcome: recon.Auto, customer: "ACME"}, recon.Line{Kind: recon.OnAccount, AmountMinor: 40000}, recon.Line{Kind: recon.Payment, Item: 2, AmountMinor: 20000},
		recon.Line{Kind: recon.Payment, Item: 3, AmountMinor: 10000})
	return w
}

func TestAgeing(t *testing.T) {
	w := debtors()
	report, err := Ageing(w, Cut{}, 20260331)
	if err != nil {
		t.Fatal(err)
	}
	proved(t, w)
	want := map[string]AgeingRow{
		"ACME EUR": {OpenMinor: [buckets]int64{100000, 60000 - 5000, 20000, 0, 0}, DisputedMinor: 20000, HeldMinor: -40000, UnappliedMinor: -20000},
		"BOLT EUR": {OpenMinor: [buckets]int64{0, 0, 33333 + 40000, 50000, 60000}, ScheduledMinor: 33334 + 10000},
		" EUR":     {UnappliedMinor: -12345},
		"ACME JPY": {OpenMinor: [buckets]int64{5000}},
	}
	for _, row := range report.Rows {
		expected := want[row.Customer+" "+string(row.Currency)]
		if row.OpenMinor != expected.OpenMinor || row.DisputedMinor != expected.DisputedMinor || row.ScheduledMinor != expected.ScheduledMinor || row.HeldMinor != expected.HeldMinor || row.UnappliedMinor != expected.UnappliedMinor {
			t.Errorf("%s: got %+v, want %+v", row.Customer, row, expected)
		}
		delete(want, row.Customer+" "+string(row.Currency))
	}
	if len(want) > 0 {
		t.Errorf("rows missing: %v", want)
	}
	golden(t, "ageing.txt", written(t, FormatText, report.Tables()...))
	golden(t, "ageing.csv", written(t, FormatCSV, report.Tables()...))
	golden(t, "ageing.json", written(t, FormatJSON, report.Tables()...))
	golden(t, "ageing.html", written(t, FormatHTML, report.Tables()...))
}

// What customers owe less what they paid is the ledger, at each cut.
func TestAgeingIsTheLedger(t *testing.T) {
	w := debtors()
	for _, cut := range []Cut{{}, {AsOf: 20260310}, {KnownAt: w.decisions[0].At}} {
		report, err := Ageing(w, cut, 20260331)
		if err != nil {
			t.Fatal(err)
		}
		sums := map[recon.Currency]int64{}
		for p, err := range Postings(w, ledger, cut) {
			if err != nil {
				t.Fatal(err)
			}
			switch p.Account {
			case "receivables", "unapplied", "suspense", "on account", "advances":
				sums[p.Currency] += p.AmountMinor
			}
		}
		for _, total := range report.Totals {
			if total.BalanceMinor != sums[total.Currency] {
				t.Errorf("%+v: ageing %d, ledger %d %s", cut, total.BalanceMinor, sums[total.Currency], total.Currency)
			}
		}
	}
}

func TestItems(t *testing.T) {
	w := debtors()
	report, err := Items(w, Cut{}, ItemQuestion{AsOf: 20260331})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]ItemStatus{"R1": StatusOpen, "R2": StatusPaid, "R3": StatusPartlyPaid, "R4": StatusOverdue, "CN": StatusOpen, "D1": StatusOverdue, "PLAN": StatusPartlyPaid,
		"LATER": StatusScheduled, "P1": StatusOverdue, "GONE": StatusCancelled}
	for _, l := range report.Items {
		if status, ok := want[l.Item.Number]; ok && l.Status != status {
			t.Errorf("%s is %s, want %s", l.Item.Number, l.Status, status)
		}
	}
	golden(t, "items.txt", written(t, FormatText, report.Tables()...))
	open, err := Items(w, Cut{AsOf: 20260310}, ItemQuestion{AsOf: 20260310, Customer: "ACME", OpenOnly: true, Side: recon.Receivable})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range open.Items {
		if l.Item.Customer != "ACME" || l.OpenMinor == 0 || l.Item.Number == "D1" && l.DisputedMinor != 20000 || l.Item.Number == "R2" && l.Status != StatusOpen {
			t.Errorf("unasked or as of another day: %+v", l)
		}
	}
}

// A payment in part that disputes the rest is both: partly paid, and in dispute with the payer's words.
func TestDisputedItemKeepsItsStatus(t *testing.T) {
	w := newWorld()
	item := w.item("R1", "ACME", 80000, 20260131)
	w.item("R2", "ACME", 5000, 20260131, func(i *recon.Item) { i.Dispute = &recon.Dispute{Since: 20260110, Reason: "damaged"} })
	e := w.statement(20260201, 20260205, 0, entry{minor: 60000})
	w.decide(e[0], verdict{outcome: recon.Auto, customer: "ACME"}, recon.Line{Kind: recon.Payment, Item: item, AmountMinor: 60000})
	w.itemRow(item).Dispute = &recon.Dispute{Since: 20260205, AmountMinor: 20000, Reason: "dispute", Phrase: "approved amount, querying the rest", Decision: 1}
	report, err := Items(w, Cut{AsOf: 20260331}, ItemQuestion{AsOf: 20260331})
	if err != nil {
		t.Fatal(err)
	}
	csv := strings.Split(string(written(t, FormatCSV, report.Tables()...)), "\n")
	for n, want := range []string{
		`ACME,R1,invoice,receivable,2026-01-31,partially paid,59,EUR,800.00,600.00,200.00,75,2026-01-31,,yes,200.00,"""approved amount, querying the rest"""`,
		`ACME,R2,invoice,receivable,2026-01-31,open,59,EUR,50.00,0.00,50.00,0,2026-01-31,,yes,50.00,damaged`,
	} {
		if csv[n+1] != want {
			t.Errorf("got  %s\nwant %s", csv[n+1], want)
		}
	}
}

// The day promised for the rest is what comes next, while the payment that promised it stands and nothing came since.
func TestPromise(t *testing.T) {
	w := newWorld()
	item := w.item("R1", "ACME", 80000, 20260131)
	pay := func(day recon.Date, opening, minor int64) int64 {
		e := w.statement(day, day, opening, entry{minor: minor})
		return w.decide(e[0], verdict{outcome: recon.Manual, customer: "ACME"}, recon.Line{Kind: recon.Payment, Item: item, AmountMinor: minor})[0]
	}
	nextDue := func() recon.Date {
		t.Helper()
		report, err := Items(w, Cut{AsOf: 20260331}, ItemQuestion{AsOf: 20260331})
		if err != nil {
			t.Fatal(err)
		}
		if l := report.Items[0]; l.DaysOverdue != 59 {
			t.Errorf("%d days late: a promise moves no due day", l.DaysOverdue)
		}
		return report.Items[0].NextDue
	}
	pay(20260201, 0, 10000)
	w.itemRow(item).Promise = &recon.Promise{Date: 20260415, Decision: 1}
	if got := nextDue(); got != 20260415 {
		t.Errorf("promised: %s", got)
	}
	later := pay(20260301, 10000, 10000)
	if got := nextDue(); got != 20260131 {
		t.Errorf("after another payment: %s", got)
	}
	w.undo(later, 20260302)
	if got := nextDue(); got != 20260415 {
		t.Errorf("that was taken back: %s", got)
	}
}

// Statements are those that end up to the day, and were there at the instant.
func TestStatementsAsOf(t *testing.T) {
	w := newWorld()
	w.statement(20260101, 20260105, 0, entry{minor: 100})
	known := w.now
	w.statement(20260106, 20260110, 100, entry{minor: 100})
	for _, cut := range []Cut{{AsOf: 20260105}, {AsOf: 20260109}, {KnownAt: known}} {
		report, err := Statements(w, cut)
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Accounts) != 1 || len(report.Accounts[0].Links) != 1 || report.Accounts[0].Closing.AmountMinor != 100 {
			t.Errorf("%+v: %+v", cut, report)
		}
	}
}

// Accounting Core: 400 paid on 10 January, 600 on 10 February; paid-on stays blank until then.
func TestPaidOn(t *testing.T) {
	w := newWorld()
	item := w.item("R1", "ACME", 100000, 20260131)
	for _, p := range []struct {
		day     recon.Date
		opening int64
		minor   int64
	}{{20260110, 0, 40000}, {20260210, 40000, 60000}} {
		e := w.statement(p.day, p.day, p.opening, entry{minor: p.minor})
		w.decide(e[0], verdict{outcome: recon.Auto, customer: "ACME"}, recon.Line{Kind: recon.Payment, Item: item, AmountMinor: p.minor})
	}
	for _, c := range []struct {
		asOf     recon.Date
		status   ItemStatus
		paidOn   recon.Date
		progress int
		late     int
	}{{20260109, StatusOpen, 0, 0, 0}, {20260131, StatusPartlyPaid, 0, 40, 0}, {20260209, StatusPartlyPaid, 0, 40, 9}, {20260210, StatusPaid, 20260210, 100, 0}} {
		report, err := Items(w, Cut{AsOf: c.asOf}, ItemQuestion{AsOf: c.asOf})
		if err != nil {
			t.Fatal(err)
		}
		if l := report.Items[0]; l.Status != c.status || l.PaidOn != c.paidOn || l.Progress != c.progress || l.DaysOverdue != c.late {
			t.Errorf("as of %s: %s, paid on %q, %d %%, %d days late", c.asOf, l.Status, l.PaidOn, l.Progress, l.DaysOverdue)
		}
	}
}

func TestStatements(t *testing.T) {
	w := newWorld()
	e := w.statement(20260101, 20260105, 100000, entry{minor: 5000}, entry{minor: -300, class: recon.ClassCharge})
	w.statement(20260105, 20260107, 100000, entry{repeats: e[0]}, entry{repeats: e[1]}, entry{minor: 100}, entry{minor: 9, pending: true})
	w.statement(20260111, 20260115, 105000, entry{minor: 100})
	w.statements[2].Closing.AmountMinor += 3
	w.statements[2].Accepted = "the bank will correct it"
	w.statementOf("main", 20260120, 20260121, nil, entry{minor: 1})
	w.statements = append(w.statements, recon.StatementRow{ID: 50, File: 1, BankID: "X", Held: true, From: 20260101, To: 20260102, Currency: "USD"})
	report, err := Statements(w, Cut{})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "statements.txt", written(t, FormatText, report.Tables()...))
	golden(t, "statements.csv", written(t, FormatCSV, report.Tables()...))
}

// nightlyWorld is a run that applies in every way.
func nightlyWorld() (*world, RunFacts) {
	w := newWorld()
	for n, minor := range []int64{10000, 20000, 30000, 40000, 50000, 60000, 70000, 80000, 90000} {
		w.item([]string{"R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9"}[n], []string{"ACME", "BOLT"}[n%2], minor, 20260131)
	}
	old := w.statement(20260101, 20260110, 100000, entry{minor: 90000, name: "Acme GmbH"}, entry{minor: 700, name: "Old Debt Ltd"})
	before := w.decide(old[0], verdict{outcome: recon.Auto, customer: "ACME"}, recon.Line{Kind: recon.Payment, Item: 9, AmountMinor: 90000})
	w.decide(old[1], verdict{outcome: recon.Queued, reason: "payer_unknown"})
	w.tick()
	w.run = 2
	facts := RunFacts{Run: 2, Started: w.tick(), AsOf: 20260220}
	pay := func(item, minor int64) recon.Line {
		return recon.Line{Kind: recon.Payment, Item: item, AmountMinor: minor}
	}
	e := w.statement(20260111, 20260210, 190700,
		entry{minor: 10000, name: "Acme GmbH"}, entry{minor: 50000, name: "Bolt & Sons"}, entry{minor: 25000, name: "Bolt & Sons"}, entry{minor: 49000, name: "Acme GmbH"},
		entry{minor: 59700, name: "Bolt & Sons"}, entry{minor: 71000, name: "Acme GmbH"}, entry{minor: 3000, name: "Acme GmbH"}, entry{minor: 120000, name: "Somebody with a rather long name & Co"},
		entry{minor: -500, name: "Bank", class: recon.ClassCharge}, entry{minor: -90000, name: "Acme GmbH", class: recon.ClassReturn}, entry{minor: 4200, name: "Tax office"})
	auto := func(customer string) verdict { return verdict{outcome: recon.Auto, customer: customer} }
	w.decide(e[0], auto("ACME"), pay(1, 10000))
	w.decide(e[1], auto("BOLT"), pay(2, 20000), pay(3, 30000))
	w.decide(e[2], auto("BOLT"), pay(4, 25000))
	w.decide(e[3], auto("ACME"), pay(5, 49000), recon.Line{Kind: recon.Discount, Item: 5, AmountMinor: 1000, TaxMinor: 160})
	w.decide(e[4], auto("BOLT"), pay(6, 59700), recon.Line{Kind: recon.WriteOff, Item: 6, AmountMinor: 300})
	w.decide(e[5], auto("ACME"), pay(7, 70000), recon.Line{Kind: recon.OnAccount, AmountMinor: 1000})
	w.decide(e[6], auto("ACME"), recon.Line{Kind: recon.OnAccount, AmountMinor: 3000})
	w.decide(e[7], verdict{outcome: recon.Queued, customer: "BOLT", reason: "ambiguous_lump"})
	w.decide(e[9], verdict{outcome: recon.Reversed, customer: "ACME", reason: "return_matched", reverses: before, effective: 20260210})
	w.decide(e[10], verdict{outcome: recon.SetAside, ledger: "1780", reason: "no_receipt"})
	w.files = append(w.files, recon.FileRow{ID: 9, Name: "\x1b[2Jstatement\u202e.pdf", State: recon.FileRefused, Received: w.now, Run: w.run})
	return w, facts
}

func sentence(reason recon.Reason) string {
	return map[recon.Reason]string{
		"payer_unknown":  "Nobody knows who paid this.",
		"ambiguous_lump": "The amount would touch several items and nothing says which; the payer named none of them.",
	}[reason]
}

func TestRunReport(t *testing.T) {
	w, facts := nightlyWorld()
	proved(t, w)
	report, err := Run(w, rules.Set{Version: "now", Ledger: ledger}, facts, sentence)
	if err != nil {
		t.Fatal(err)
	}
	if !report.TiesOut() {
		t.Errorf("does not tie out: %+v %+v", report.Money, report.Checks)
	}
	golden(t, "run.txt", written(t, FormatText, report.Tables()...))
	golden(t, "run.json", written(t, FormatJSON, report.Tables()...))
	for line := range strings.Lines(string(written(t, FormatText, report.Tables()...))) {
		if len([]rune(line)) > 101 {
			t.Errorf("%d characters wide: %s", len([]rune(line)), line)
		}
	}
}

func TestRunReportThatDoesNotTie(t *testing.T) {
	w, facts := nightlyWorld()
	w.receipts[1].AmountMinor += 100
	w.statements[0].Closing.AmountMinor += 100
	report, err := Run(w, rules.Set{Version: "now", Ledger: ledger}, facts, sentence)
	if err != nil {
		t.Fatal(err)
	}
	text := string(written(t, FormatText, report.Tables()...))
	for _, want := range []string{"DOES NOT TIE OUT", "BROKEN", "NOT ACCOUNTED FOR"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not said in\n%s", want, text)
		}
	}
}

func TestFormulasAreDefused(t *testing.T) {
	table := Table{Title: "T", Columns: []Column{{Key: "text", Name: "Text"}, {Key: "amount", Name: "Amount", Kind: Amount}}}
	hostile := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1"}
	for _, s := range append(hostile, "plain", "a=1", "") {
		table.Rows = append(table.Rows, []any{s, recon.Money{Minor: -500, Currency: "EUR"}})
	}
	var rows [][]string
	for _, row := range table.Rows {
		rows = append(rows, []string{harmless(Plain(row[0])), Plain(row[1])})
	}
	for n, row := range rows {
		if defused := strings.HasPrefix(row[0], "'"); defused != (n < len(hostile)) || row[1] != "-5.00" {
			t.Errorf("%q became %q, %q", table.Rows[n][0], row[0], row[1])
		}
	}
	csv := string(written(t, FormatCSV, table))
	if !strings.Contains(csv, "'=1+1,-5.00\n") {
		t.Errorf("csv:\n%s", csv)
	}
}

func TestTableJSONIsAnObjectOrAnArray(t *testing.T) {
	table := Table{Title: "A & B", Columns: []Column{{Key: "n", Kind: Count}, {Key: "day", Kind: Day}, {Key: "minor", Kind: Amount}}, Rows: [][]any{{3, recon.Date(20260102), recon.Money{Minor: 27, Currency: "JPY"}}, {nil, recon.Date(0), nil}}}
	var one struct{ Rows []map[string]any }
	if err := json.Unmarshal(written(t, FormatJSON, table), &one); err != nil {
		t.Fatal(err)
	}
	if one.Rows[0]["n"] != 3.0 || one.Rows[0]["day"] != "2026-01-02" || one.Rows[0]["minor"] != "27" || one.Rows[1]["minor"] != "" {
		t.Errorf("%+v", one)
	}
	var two []any
	if err := json.Unmarshal(written(t, FormatJSON, table, table), &two); err != nil || len(two) != 2 {
		t.Errorf("%v: %v", two, err)
	}
	if err := WriteTables(&bytes.Buffer{}, "pdf", table); err == nil {
		t.Error("an unknown format was written")
	}
}

// An item whose amount was changed by an import shows, as of a day before, the amount that it had.
func TestItemsBeforeAnAmountChange(t *testing.T) {
	w := newWorld()
	id := w.item("R1", "ACME", 10000, 20260131)
	w.itemRow(id).AmountMinor, w.itemRow(id).OpenMinor = 12000, 12000
	w.starts = append(w.starts, recon.ItemStart{Item: id, OpenMinor: 2000, Effective: 20260210, Recorded: w.tick()})
	for asOf, want := range map[recon.Date]int64{20260209: 10000, 20260210: 12000} {
		report, err := Items(w, Cut{AsOf: asOf}, ItemQuestion{AsOf: asOf})
		if err != nil {
			t.Fatal(err)
		}
		if l := report.Items[0]; l.Item.AmountMinor != want || l.OpenMinor != want || l.PaidMinor != 0 {
			t.Errorf("as of %s: amount %d, open %d, paid %d; want %d", asOf, l.Item.AmountMinor, l.OpenMinor, l.PaidMinor, want)
		}
	}
}
