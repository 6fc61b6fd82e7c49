package worker_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

// lumps is a history with a lump that a person resolved, a small difference, and an item that two receipts want on different nights.
const lumps = `Lumps, a small difference, and a person.
-- customers.csv --
customer,name,iban
C100,Hansa Möbel GmbH,DE34200505501234567890
C200,Adler KG,DE89700510030020260101
-- items.csv --
number,customer,issue_date,due_date,currency,amount
R-10001,C100,2026-01-01,2026-01-31,EUR,800.00
R-10002,C100,2026-01-02,2026-02-01,EUR,500.00
R-10003,C100,2026-01-03,2026-02-02,EUR,400.00
R-20001,C200,2026-01-04,2026-02-03,EUR,300.00
R-20002,C200,2026-01-05,2026-02-04,EUR,700.00
-- 1-bank.txt --
account: DE89370400440532013000 EUR
opening: 0.00
B1  2026-03-02  1000.00  Hansa Möbel GmbH
    account: DE34200505501234567890
B2  2026-03-02  297.00  Adler KG
    account: DE89700510030020260101
    text: R-20001
-- 2-resolve.txt --
receipt: B1
%s
reason: the customer said so
-- 3-bank.txt --
account: DE89370400440532013000 EUR
opening: 1297.00
B3  2026-03-09  3.00  Adler KG
    account: DE89700510030020260101
    text: R-20001
B4  2026-03-09  900.00  Adler KG
    account: DE89700510030020260101
-- expect-open.csv --
number,open,status
R-20001,0.00,paid in full
`

// lived is the history with the amounts that the person chose.
func lived(t *testing.T, apply string) *house {
	t.Helper()
	story, err := fixtures.ParseStory("lumps", []byte(fmt.Sprintf(lumps, apply)))
	if err != nil {
		t.Fatal(err)
	}
	h := openHouse(t, story.Accounts, story.Rules)
	for _, imported := range story.Books {
		h.imports(imported)
	}
	for _, step := range story.Steps {
		h.live(step)
	}
	return h
}

// under decides the history again and returns what changes, one line each.
func (h *house) under(rulesText string) (worker.Backtest, string) {
	h.Helper()
	set, problems := rules.Load("other.yaml", []byte(rulesText))
	if len(problems) > 0 {
		h.Fatal(problems)
	}
	before := h.audited()
	result, err := h.job.Backtest(h.ctx, set)
	h.must(err)
	if h.audited() != before {
		h.Error("a backtest changed the books")
	}
	var b strings.Builder
	for _, c := range result.Changes {
		fmt.Fprintf(&b, "%s %s: %s %s", c.BankReference, c.What, c.New.Outcome, c.New.Reason)
		for _, l := range c.New.Lines {
			fmt.Fprintf(&b, " %s %s %s", l.Kind, l.Item, recon.FormatMinor(l.AmountMinor, c.Currency))
		}
		b.WriteByte('\n')
	}
	return result, b.String()
}

func (h *house) audited() (rows int64) {
	h.snapshot(func(view store.View) (err error) {
		rows, err = view.Audited()
		return err
	})
	return rows
}

func TestBacktestUnderTheSameRules(t *testing.T) {
	h := lived(t, "apply: R-10002=500.00\napply: R-10003=400.00\napply: R-10001=100.00")
	result, changes := h.under("lump: queue\n")
	if changes != "" || result.Receipts != 4 || result.Contradicted+result.Confirmed > 0 || result.Rounds == 0 {
		t.Errorf("%+v\n%s", result, changes)
	}
}

// What the new rules apply is gone for what comes later: with a tolerance the first payment settles the item, so that the second one finds
// it paid.
func TestBacktestFeedsForward(t *testing.T) {
	h := lived(t, "apply: R-10002=500.00\napply: R-10003=400.00\napply: R-10001=100.00")
	result, changes := h.under("differences:\n  EUR: {max: \"5.00\", cap: \"50.00\"}\n")
	want := `B2 otherwise: auto reference_tolerance payment R-20001 297.00 write_off R-20001 3.00
B3 queued: queued already_paid
`
	if changes != want {
		t.Errorf("got\n%swant\n%s", changes, want)
	}
	for _, r := range result.Reasons {
		if r.Reason == "reference_tolerance" && (r.Old != 0 || r.New != 1 || r.NewMinor != 297_00) {
			t.Errorf("sums by reason: %+v", r)
		}
	}
}

func TestBacktestAgainstPeople(t *testing.T) {
	oldestFirst := "lump: oldest_first\n"
	h := lived(t, "apply: R-10002=500.00\napply: R-10003=400.00\napply: R-10001=100.00")
	result, changes := h.under(oldestFirst)
	if result.Contradicted != 1 || result.Confirmed != 0 || !strings.Contains(changes, "B1 overruled: auto payer_oldest_first payment R-10001 800.00 payment R-10002 200.00\n") {
		t.Errorf("a person who chose otherwise: %+v\n%s", result, changes)
	}
	h = lived(t, "apply: R-10001=800.00\napply: R-10002=200.00")
	result, changes = h.under(oldestFirst)
	if result.Contradicted != 0 || result.Confirmed != 1 || !strings.Contains(changes, "B1 confirmed: auto payer_oldest_first") {
		t.Errorf("a person who chose the same: %+v\n%s", result, changes)
	}
}
