package ingest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
)

// Each layout is read from a file as its system exports it: preambles, sums, drafts, payments and further lines of an invoice are no items.
func TestLayouts(t *testing.T) {
	for name, want := range map[string]string{
		"quickbooks": `
6 1037 invoice receivable Amy's Bird Sanctuary 2026-02-14 2026-03-16 1362.07 USD open 362.07
7 CM-12 credit_note receivable Amy's Bird Sanctuary 2026-02-20 2026-02-20 100.00 USD open 100.00`,
		"xero": `
2 INV-0041 invoice receivable Basket Case 2026-02-14 2026-03-16 914.55 GBP open 914.55 order PO-77
4 CN-0007 credit_note receivable Basket Case 2026-02-20 2026-02-20 64.00 GBP open 64.00
6 P-900 invoice payable Paper Mill 2026-02-22 2026-03-22 75.00 GBP open 75.00`,
		"odoo": `
2 INV/2026/00031 invoice receivable Deco Addict 2026-02-14 2026-03-16 31750.00 EUR open 1750.00 order S00042
3 RINV/2026/00002 credit_note receivable Deco Addict 2026-02-20 2026-02-20 250.00 EUR open 250.00 reference RF18539007547034
4 BILL/2026/02/0003 invoice payable Azure Interior 2026-02-21 2026-03-23 541.10 EUR open 541.10`,
		"datev": `
2 20260117 invoice receivable 10001 2026-02-14 2026-03-16 1190.00 EUR open 1190.00
3 GS-88 credit_note receivable 10001 2026-02-20 2026-02-20 50.00 EUR open 50.00
4 ER-4711 invoice payable 70005 2026-02-21 2026-03-23 238.00 EUR open 238.00`,
		"erpnext": `
2 ACC-SINV-2026-00031 invoice receivable Palmer Productions 2026-02-14 2026-03-16 1250.00 USD open 1000.00
3 ACC-SINV-2026-00032 credit_note receivable Palmer Productions 2026-02-20 2026-02-20 75.00 USD open 75.00`,
	} {
		file, err := os.Open(filepath.Join("testdata", "layouts", name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		rows, problems, err := ReadItems(name+".csv", file, ImportOptions{Layout: name, Currency: "USD"})
		if err != nil || recon.Worst(problems) == recon.Reject {
			t.Errorf("%s: %v %v", name, problems, err)
		}
		var got strings.Builder
		for _, r := range rows {
			fmt.Fprintf(&got, "\n%d %s %s %s %s %s %s %s %s open %s", r.Row, r.Number, r.Kind, r.Side, r.Customer, r.IssueDate, r.DueDate, recon.FormatMinor(r.AmountMinor, r.Currency),
				r.Currency, recon.FormatMinor(r.OpenMinor, r.Currency))
			if r.Order != "" {
				fmt.Fprintf(&got, " order %s", r.Order)
			}
			if r.Reference != "" {
				fmt.Fprintf(&got, " reference %s", r.Reference)
			}
		}
		if got.String() != want {
			t.Errorf("%s: got%s\nwant%s", name, got.String(), want)
		}
	}
}

func TestLayoutIsRefused(t *testing.T) {
	for layout, data := range map[string]string{"sap": "a,b\n1,2\n", "xero": "a,b\n1,2\n"} {
		_, problems, err := ReadItems("x.csv", strings.NewReader(data), ImportOptions{Layout: layout})
		if err != nil || len(problems) != 1 || problems[0].Code != "INV-LAYOUT" {
			t.Errorf("%s: %v %v", layout, problems, err)
		}
	}
}
