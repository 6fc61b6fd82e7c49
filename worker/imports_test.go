package worker_test

import (
	"strings"
	"testing"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/worker"
)

// importHouse has two customers, a receivable, a credit note and a supplier's bill with everything said about them.
func importHouse(t *testing.T) *house {
	h := openHouse(t, demoAccounts[:1], nil)
	h.imports(fixtures.Import{Kind: fixtures.ImportCustomers, Name: "customers.csv", Data: []byte("customer,name,iban,email,unreferenced,aliases,pays_for\n" +
		"C1,Oak,DE75512108001245126199,ar@oak.example,oldest_first,Oak Ltd,C2\nC2,Pine,,,,,\n")})
	h.imports(fixtures.Import{Kind: fixtures.ImportItems, Name: "items.csv", Data: []byte(
		"number,kind,customer,issue_date,due_date,currency,amount,open,reference,order,discount_percent,discount_until,side,tax_rate\n" +
			"R-1,invoice,C1,2026-03-05,2026-04-04,EUR,119.00,100.00,RF18539007547034,SO-7,2,2026-03-15,receivable,19\n" +
			"CN-1,credit_note,C1,2026-03-06,,EUR,20.00,,,,,,receivable,19\n" +
			"77,invoice,C2,2026-03-06,2026-04-05,EUR,50.00,,,,,,payable,7\n")})
	return h
}

func (h *house) items(numbers ...string) map[string]recon.Item {
	h.Helper()
	found, err := h.job.Store.ItemsByNumber(h.ctx, storyEntity, numbers)
	h.must(err)
	items := map[string]recon.Item{}
	for _, item := range found {
		items[string(item.Side)+" "+item.Number] = item
	}
	return items
}

func (h *house) importItems(file string, how worker.ItemsImport) worker.Imported {
	h.Helper()
	how.Name = "again.csv"
	result, err := h.job.ImportItems(h.ctx, strings.NewReader(file), how)
	h.must(err)
	return result
}

// A file with fewer columns says nothing of what the others held: the books keep it.
func TestImportLeavesAloneWhatTheFileDoesNotName(t *testing.T) {
	h := importHouse(t)
	before := h.items("R-1", "CN-1", "77")
	result := h.importItems("number,customer,currency,amount\nR-1,C1,EUR,119.00\nCN-1,C1,EUR,20.00\n77,C2,EUR,50.00\n", worker.ItemsImport{Snapshot: true})
	if result.Unchanged != 3 || result.Changed+result.New+result.Settled+len(result.Problems) > 0 {
		t.Errorf("%+v", result)
	}
	for key, was := range before {
		if now := h.items("R-1", "CN-1", "77")[key]; now.Version != was.Version || now.DueDate != was.DueDate || now.Kind != was.Kind {
			t.Errorf("%s is %+v, was %+v", key, now, was)
		}
	}
	result = h.importItems("number,customer,currency,amount,order\n77,C2,EUR,60.00,PO-1\nR-1,C1,EUR,119.00,\n", worker.ItemsImport{})
	if result.Changed != 2 || !result.Done() {
		t.Errorf("%+v", result)
	}
	now := h.items("R-1", "77")
	bill, invoice := now["payable 77"], now["receivable R-1"]
	if len(now) != 2 || bill.AmountMinor != 6000 || bill.OpenMinor != 6000 || bill.Order != "PO-1" || bill.DueDate != 20260405 || bill.TaxRate.String() != "7" {
		t.Errorf("the bill is %+v", bill)
	}
	if invoice.Order != "" || invoice.OpenMinor != 10000 || invoice.Reference == "" || invoice.DiscountUntil != 20260315 || invoice.DiscountPercent.String() != "2" {
		t.Errorf("the invoice is %+v", invoice)
	}
	h.sound()
}

// An empty cell is a word of the file: it empties what has a column.
func TestImportEmptiesWhatTheFileNamesEmpty(t *testing.T) {
	h := importHouse(t)
	result := h.importItems("number,customer,currency,amount,due_date,reference\nR-1,C1,EUR,119.00,,\n", worker.ItemsImport{})
	if now := h.items("R-1")["receivable R-1"]; now.DueDate != 0 || now.Reference != "" || now.Order != "SO-7" {
		t.Errorf("%+v", now)
	}
	if len(result.Problems) != 1 || result.Problems[0].Code != "INV-DATE" {
		t.Errorf("an invoice lost its due day and nobody was told: %v", result.Problems)
	}
}

func TestImportNeverTurnsAnItemIntoSomethingElse(t *testing.T) {
	for _, c := range []struct {
		name, file, code string
		accept           worker.ItemsImport
		done             bool
	}{
		{"credit note to invoice", "number,kind,customer,currency,amount\nCN-1,,C1,EUR,20.00\n", "INV-KIND", worker.ItemsImport{}, false},
		{"invoice to credit note", "number,kind,customer,currency,amount\nR-1,credit_note,C1,EUR,119.00\n", "INV-KIND", worker.ItemsImport{}, false},
		{"nobody may accept that", "number,kind,customer,currency,amount\nR-1,credit_note,C1,EUR,119.00\n", "INV-KIND", worker.ItemsImport{Accept: true}, false},
		{"bill to receivable", "number,customer,currency,amount,side\n77,C2,EUR,50.00,\n", "INV-SIDE", worker.ItemsImport{}, false},
		{"invoice to bill", "number,customer,currency,amount,side\nR-1,C1,EUR,119.00,payable\n", "INV-SIDE", worker.ItemsImport{}, false},
		{"a second item, on a person's word", "number,customer,currency,amount,due_date,side\n77,C2,EUR,50.00,2026-05-01,\n", "INV-SIDE", worker.ItemsImport{Accept: true}, true},
		{"both sides in one file", "number,customer,currency,amount,due_date,side\n77,C2,EUR,50.00,2026-05-01,\n77,C2,EUR,50.00,2026-04-05,payable\n", "", worker.ItemsImport{}, true},
		{"another supplier's number", "number,customer,currency,amount,due_date,side\n77,C1,EUR,50.00,2026-05-01,payable\n", "", worker.ItemsImport{}, true},
		{"our number is a supplier's too", "number,customer,currency,amount,due_date,side\n77,C1,EUR,50.00,2026-05-01,\n", "", worker.ItemsImport{}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := importHouse(t)
			result := h.importItems(c.file, c.accept)
			code := ""
			if len(result.Problems) > 0 {
				code = result.Problems[0].Code
			}
			if code != c.code || result.Done() != c.done {
				t.Errorf("%+v", result)
			}
			if now := h.items("R-1", "CN-1", "77"); now["receivable CN-1"].Kind != recon.CreditNote || now["receivable R-1"].Kind != recon.Invoice || now["payable 77"].OpenMinor != 5000 {
				t.Errorf("%+v", now)
			}
		})
	}
}

func TestImportCustomersLeavesAloneWhatTheFileDoesNotName(t *testing.T) {
	h := importHouse(t)
	result, err := h.job.ImportCustomers(h.ctx, strings.NewReader("customer,name\nC1,Oak Partners\nC2,Pine\n"), "customers.csv", ingest.ImportOptions{})
	h.must(err)
	if result.Changed != 1 || result.Unchanged != 1 || len(result.Problems) > 0 {
		t.Errorf("%+v", result)
	}
	customers, err := h.job.Store.Customers(h.ctx, storyEntity)
	h.must(err)
	if c := customers[0]; c.Name != "Oak Partners" || len(c.IBANs) != 1 || c.Email == "" || c.Lump != recon.LumpOldestFirst || len(c.Aliases) != 1 || len(c.PaysFor) != 1 {
		t.Errorf("%+v", c)
	}
}

// Two customers of one file that share an account are told of once, by the reader; one who shares it with the books too.
func TestImportCustomersWithAnAccountOfSomebodyElse(t *testing.T) {
	for file, want := range map[string]string{
		"customer,iban\nC3,DE75512108001245126199\n":                            "CUST-IBAN-SHARED",
		"customer,iban\nC1,DE75512108001245126199\nC3,DE75512108001245126199\n": "CUST-IBAN-SHARED",
		"customer,iban\nC1,\nC3,DE75512108001245126199\n":                       "",
		"customer,pays_for\nC3,C1|C4\nC4,\n":                                    "",
		"customer,pays_for\nC3,C9\n":                                            "CUST-PAYS-FOR",
	} {
		result, err := importHouse(t).job.ImportCustomers(t.Context(), strings.NewReader(file), "customers.csv", ingest.ImportOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, p := range result.Problems {
			codes = append(codes, p.Code)
		}
		if strings.Join(codes, " ") != want || !result.Done() {
			t.Errorf("%q: %v, expected %q", file, codes, want)
		}
	}
}
