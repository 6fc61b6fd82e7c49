package worker_test

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
)

// demoAccounts are the accounts of the demo's configuration.
var demoAccounts = []recon.Account{
	{ID: "main", IBAN: "DE89370400440532013000", Currency: "EUR", Ledger: "1200"},
	{ID: "volksbank", IBAN: "DE66200909002026010200", Currency: "EUR", Ledger: "1210"},
	{ID: "natwest", IBAN: "600923-31926819", Currency: "GBP", Ledger: "1220"},
}

// The demo shows every kind of application and a queue with different reasons; each of its statements proves itself.
func TestDemoShowsWhatItPromises(t *testing.T) {
	files, err := fixtures.DemoFiles()
	if err != nil {
		t.Fatal(err)
	}
	contents := map[string][]byte{}
	for _, file := range files {
		contents[file.Path] = file.Data
	}
	h := openHouse(t, demoAccounts, contents["rules.yaml"])
	h.imports(fixtures.Import{Kind: fixtures.ImportCustomers, Name: "customers.csv", Data: contents["customers.csv"]})
	h.imports(fixtures.Import{Kind: fixtures.ImportItems, Name: "items.csv", Data: contents["items.csv"]})
	h.imports(fixtures.Import{Kind: fixtures.ImportDisputes, Name: "disputes.csv", Data: contents["disputes.csv"]})
	h.night(contents, "inbox/")
	applications := h.applications()
	for _, kind := range []recon.Kind{recon.Payment, recon.Credit, recon.Discount, recon.WriteOff, recon.Gain, recon.OnAccount, recon.Advance} {
		if !slices.Contains(cells(applications, "kind"), string(kind)) {
			t.Errorf("nothing of kind %s was applied", kind)
		}
	}
	reasons := cells(applications, "reason")
	for _, reason := range []string{
		"reference_exact", "reference_partial", "reference_discount", "reference_tolerance", "overpaid", "payer_exact_single", "payer_exact_set",
		"payer_oldest_first", "on_account_phrase", "advance_order", "charge", "transfer",
		"ambiguous_lump", "payer_unknown", "competing_receipts", "already_paid", "item_disputed", "return_unmatched",
	} {
		if !slices.Contains(reasons, reason) {
			t.Errorf("nothing was decided by %s", reason)
		}
	}
	h.night(contents, "next/")
	if !slices.Contains(rowTexts(h.applications(), []string{"bank_reference", "decision", "item"}), "N0420-02,reversed,RE-260125") {
		t.Error("the second night did not take the returned direct debit back")
	}
}

// night drops the files of a folder of the demo and runs the job; every statement must be booked and prove itself.
func (h *house) night(contents map[string][]byte, folder string) {
	h.Helper()
	for _, path := range slices.Sorted(maps.Keys(contents)) {
		if name, ok := strings.CutPrefix(path, folder); ok {
			h.drop(name, contents[path])
		}
	}
	result := h.run()
	h.sound()
	for _, file := range result.Received {
		if file.State != recon.FileBooked || len(file.Problems) > 0 {
			h.Errorf("%s is %s: %v", file.Name, file.State, file.Problems)
		}
		for _, statement := range file.Statements {
			if statement.Ties != recon.Ties {
				h.Errorf("%s does not prove itself", file.Name)
			}
		}
	}
}

func cells(table *fixtures.Table, column string) (values []string) {
	for row := range table.Rows {
		values = append(values, table.Cell(row, column))
	}
	return values
}

// A generated world: what its truth says can be applied without a doubt is applied, and what leads nowhere is queued.
func TestGeneratedWorld(t *testing.T) {
	dir := t.TempDir()
	world := fixtures.World{Seed: 11, Receipts: 600, Items: 700, Files: 3}
	truth, err := world.Write(func(name string) (io.WriteCloser, error) { return os.Create(filepath.Join(dir, name)) })
	if err != nil {
		t.Fatal(err)
	}
	h := openHouse(t, demoAccounts[:1], nil)
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		h.must(err)
		return data
	}
	h.imports(fixtures.Import{Kind: fixtures.ImportCustomers, Name: "customers.csv", Data: read("customers.csv")})
	h.imports(fixtures.Import{Kind: fixtures.ImportItems, Name: "items.csv", Data: read("items.csv")})
	for _, name := range []string{"bank-001.xml", "bank-002.xml", "bank-003.xml"} {
		h.drop(name, read(name))
	}
	result := h.run()
	h.sound()
	matched := result.Matched
	if matched.Receipts != world.Receipts || matched.Applied+matched.Queued != world.Receipts {
		t.Errorf("of %d receipts %d were applied and %d queued", world.Receipts, matched.Applied, matched.Queued)
	}
	if certain := truth.Exact + truth.Two + truth.Partial; matched.Applied < certain {
		t.Errorf("applied %d, expected at least the %d that name their items", matched.Applied, certain)
	}
	if matched.Queued < truth.Unknown {
		t.Errorf("queued %d, expected at least the %d that lead nowhere", matched.Queued, truth.Unknown)
	}
	if got := h.balances(books.Cut{}); !slices.Contains(rowTexts(got, []string{"account", "balance"}), "bank:main,"+recon.FormatMinor(truth.ClosingMinor, "EUR")) {
		t.Errorf("the bank account does not stand at its closing balance: %v", got.Rows)
	}
}
