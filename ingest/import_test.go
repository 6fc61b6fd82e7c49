package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/tieout/tieout/recon"
)

// importOptions are the options of one import file of the catalogue.
type importOptions struct {
	Delimiter string            `json:"delimiter"`
	Mapping   map[string]string `json:"mapping"`
}

// The import catalogue has one file per fault, as the one of bank files; the code says which import it is for.
func TestImportCatalogue(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(problemFolder, "import", "*.csv"))
	if err != nil || len(files) == 0 {
		t.Fatal("no catalogue", err)
	}
	for _, path := range files {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			base := strings.TrimSuffix(path, ".csv")
			problems := importProblems(t, name, data, readImportOptions(t, base+".options.json"))
			checkCatalogue(t, name, problems)
			compareGolden(t, base+".golden.json", problems)
		})
	}
}

func importProblems(t *testing.T, name string, data []byte, opts ImportOptions) (problems []recon.Problem) {
	t.Helper()
	var err error
	switch r := bytes.NewReader(data); strings.SplitN(name, "-", 2)[0] {
	case "CUST":
		_, problems, err = ReadCustomers(name, r, opts)
	case "PLAN":
		_, problems, err = ReadInstalments(name, r, opts)
	case "TRUTH":
		_, problems, err = ReadTruth(name, r, opts)
	case "DISPUTE":
		_, problems, err = ReadDisputes(name, r, opts)
	default:
		_, problems, err = ReadItems(name, r, opts)
	}
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

func readImportOptions(t *testing.T, path string) ImportOptions {
	t.Helper()
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return ImportOptions{}
	}
	var o importOptions
	if err == nil {
		err = json.Unmarshal(data, &o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return ImportOptions{Delimiter: []rune(o.Delimiter)[0], Mapping: o.Mapping}
}

func TestReadItemsEveryColumn(t *testing.T) {
	const file = `number,kind,customer,issue_date,due_date,currency,amount,open,reference,order,discount_percent,discount_until,side,tax_rate
R-1001,invoice,C1,2026-03-05,2026-04-04,EUR,1190.00,690.5,RF18539007547034,SO-7,2.5,2026-03-15,receivable,19
CN-5,credit_note,C1,2026-03-06,,EUR,20,0.00,,,,,,
77,,S1,,,JPY,2700,,,,,,payable,
`
	rows, problems, err := ReadItems("items.csv", strings.NewReader(file), ImportOptions{})
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	want := []recon.ItemRow{
		{Row: 2, Number: "R-1001", Kind: recon.Invoice, Customer: "C1", IssueDate: 20260305, DueDate: 20260404, Currency: "EUR", AmountMinor: 119000,
			OpenMinor: 69050, Reference: "RF18539007547034", Order: "SO-7", DiscountPercent: decimal.RequireFromString("2.5"), DiscountUntil: 20260315,
			Side: recon.Receivable, TaxRate: decimal.NewFromInt(19)},
		{Row: 3, Number: "CN-5", Kind: recon.CreditNote, Customer: "C1", IssueDate: 20260306, Currency: "EUR", AmountMinor: 2000, Side: recon.Receivable},
		{Row: 4, Number: "77", Kind: recon.Invoice, Customer: "S1", Currency: "JPY", AmountMinor: 2700, OpenMinor: 2700, Side: recon.Payable},
	}
	for i := range want {
		want[i].Given = itemForm.columns
	}
	if fmt.Sprint(rows) != fmt.Sprint(want) {
		t.Errorf("got\n%+v\nwant\n%+v", rows, want)
	}
}

// Four columns are enough, in any order, and their headers may be the accounting system's own.
func TestReadItemsOtherHeaders(t *testing.T) {
	file := "\xef\xbb\xbf" + "Betrag; KUNDE ;Währung;Belegnr\r\n100.00;C1;EUR;R-1001\r\n\r\n;;;\r\n200.00;C2;EUR;R-1002"
	opts := ImportOptions{Delimiter: ';', Mapping: map[string]string{"Betrag": "amount", "Kunde": "customer", "währung": "currency", "Belegnr": "number"}}
	rows, problems, err := ReadItems("items.csv", strings.NewReader(file), opts)
	if err != nil || recon.Worst(problems) == recon.Reject || len(rows) != 2 {
		t.Fatal(rows, problems, err)
	}
	if rows[0].Number != "R-1001" || rows[1].Row != 5 || rows[1].OpenMinor != 20000 {
		t.Error(rows)
	}
	if given := rows[1].Given; !given.Has("amount") || !given.Has("number") || given.Has("open") || given.Has("Betrag") || len(given) != 4 {
		t.Error("the columns given are", given)
	}
}

// What a spreadsheet or a page could take for a command is text here; who shows it escapes it.
func TestReadItemsKeepsTextRaw(t *testing.T) {
	long := strings.Repeat("長い", 2000)
	for _, number := range []string{`=HYPERLINK("http://x","y")`, "<b>R-1</b>", "\u202eR-1001", "R/1001 - 2", long, "14"} {
		file := "number,customer,currency,amount\n" + `"` + strings.ReplaceAll(number, `"`, `""`) + `",@SUM(A1),EUR,1.00` + "\n"
		rows, problems, err := ReadItems("items.csv", strings.NewReader(file), ImportOptions{})
		if err != nil || recon.Worst(problems) == recon.Reject || len(rows) != 1 || rows[0].Number != number || rows[0].Customer != "@SUM(A1)" {
			t.Error(number, rows, problems, err)
		}
	}
}

func TestReadItemsBadRowsDoNotHideGoodOnes(t *testing.T) {
	file := "number,customer,currency,amount\nR-1,C1,EUR,1.00\nR-2,C1,EUR,\"2.00\nR-3,C1,EUR,3.00\nR-4,C1,EUR,4.00,5\nR-5,C1,EUR,5.00\n"
	rows, problems, err := ReadItems("items.csv", strings.NewReader(file), ImportOptions{})
	if err != nil || recon.Worst(problems) != recon.Reject {
		t.Fatal(problems, err)
	}
	var numbers []string
	for _, row := range rows {
		numbers = append(numbers, row.Number)
	}
	if got := strings.Join(numbers, " "); got != "R-1 R-3 R-5" {
		t.Error(got, problems)
	}
}

func TestReadCustomers(t *testing.T) {
	const file = `customer,name,iban,email,unreferenced,aliases,pays_for
C1,Oak Partners,DE89 3704 0044 0532 0130 00|de75512108001245126199,ar@oak.example,oldest_first,OAK|Oak Ltd| OAK ,C2|C3
C2,Pine,,,,,
`
	rows, problems, err := ReadCustomers("customers.csv", strings.NewReader(file), ImportOptions{})
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	want := []recon.CustomerRow{
		{Row: 2, Customer: "C1", Name: "Oak Partners", IBANs: []string{"DE89370400440532013000", "DE75512108001245126199"}, Email: "ar@oak.example",
			Unreferenced: recon.LumpOldestFirst, Aliases: []string{"OAK", "Oak Ltd"}, PaysFor: []string{"C2", "C3"}},
		{Row: 3, Customer: "C2", Name: "Pine"},
	}
	for i := range want {
		want[i].Given = customerForm.columns
	}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("got\n%+v\nwant\n%+v", rows, want)
	}
}

// A credit note is due never, and so it is no fault that it says nothing of that.
func TestReadItemsCreditNotesHaveNoDueDate(t *testing.T) {
	const file = "number,kind,customer,currency,amount,issue_date,due_date\nCN-1,credit_note,C1,EUR,5.00,2026-03-05,\nCN-2,credit_note,C1,EUR,5.00,2026-03-05,2026-03-01\n"
	if rows, problems, err := ReadItems("items.csv", strings.NewReader(file), ImportOptions{}); err != nil || len(problems) > 0 || len(rows) != 2 {
		t.Error(rows, problems, err)
	}
}

func TestReadInstalmentsAndDisputes(t *testing.T) {
	const plan = "number,sequence,due_date,amount,method,account,check_number,note\nR-1001,1,2026-04-01,333.33,manual,main,000123,first\nR-1001,2,2026-05-01,666.67,,,,\n"
	lines, problems, err := ReadInstalments("plan.csv", strings.NewReader(plan), ImportOptions{})
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	wantLines := []recon.InstalmentRow{
		{Row: 2, Number: "R-1001", Sequence: 1, DueDate: 20260401, AmountText: "333.33", Method: "manual", Account: "main", CheckNumber: "000123", Note: "first"},
		{Row: 3, Number: "R-1001", Sequence: 2, DueDate: 20260501, AmountText: "666.67"},
	}
	if !reflect.DeepEqual(lines, wantLines) {
		t.Errorf("got\n%+v\nwant\n%+v", lines, wantLines)
	}
	const disputed = "number,customer,since\nR-1001,C1,2026-04-01\n"
	disputes, problems, err := ReadDisputes("disputes.csv", strings.NewReader(disputed), ImportOptions{})
	if err != nil || len(problems) > 0 || !reflect.DeepEqual(disputes, []recon.DisputeRow{{Row: 2, Number: "R-1001", Customer: "C1", Since: 20260401}}) {
		t.Fatal(disputes, problems, err)
	}
}

// A disk that fails is an error, never a problem of the data or a shorter file.
func TestImportReadError(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("number,customer,currency,amount\nR-1,C1,EUR,1.00\n"), failingReader{})
	rows, problems, err := ReadItems("items.csv", broken, ImportOptions{})
	if err == nil || len(rows) > 0 || len(problems) > 0 {
		t.Error(rows, problems, err)
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, fmt.Errorf("the disk is gone") }

// The problems that only the books can see carry their code, name the row and say what to try.
func TestPipelineProblems(t *testing.T) {
	for code, p := range map[string]recon.Problem{
		"INV-STALE":         ProblemStale(20260305, 20260304),
		"INV-SHRINK":        ProblemShrink(12000, 3),
		"INV-DRIFT":         ProblemDrift(7, "R-1001", "100.00 EUR", "80.00 EUR", "receipt #5"),
		"INV-OVERALLOCATED": ProblemOverallocated(7, "R-1001", "50.00 EUR", "80.00 EUR"),
		"INV-CCY":           ProblemCurrencyChanged(7, "R-1001", "EUR", "USD"),
		"INV-CUSTOMER":      ProblemUnknownCustomer(7, "C9"),
		"INV-UNKNOWN":       ProblemUnknownItem(7, "R-1001"),
		"INV-KIND":          ProblemKindChanged(7, "CN-5", recon.CreditNote, recon.Invoice),
		"INV-SIDE":          ProblemSideChanged(7, "77", "S1", recon.Payable, recon.Receivable),
		"INV-DATE":          ProblemNoDueDate(7, 2),
		"CUST-IBAN-SHARED":  ProblemIBANShared(7, "DE89370400440532013000", "C1"),
		"CUST-PAYS-FOR":     ProblemPaysForUnknown(7, "C9"),
		"DISPUTE-CUSTOMER":  ProblemDisputeCustomer(7, "R-1001", "C1", "C2"),
	} {
		checkCatalogue(t, code+".pipeline", []recon.Problem{p})
	}
	if p := ProblemDrift(7, "R-1001", "100.00 EUR", "80.00 EUR", "receipt #5"); p.Severity != recon.Hold || !strings.Contains(p.Message, "theirs 100.00 EUR, ours 80.00 EUR since receipt #5") {
		t.Error(p)
	}
}

func FuzzReadItems(f *testing.F) {
	f.Add([]byte("number,customer,currency,amount,open,due_date\nR-1001,C1,EUR,100.00,50.00,2026-03-05\n"))
	f.Add([]byte("number;kind;customer;currency;amount\nCN-1;credit_note;\"C;1\";JPY;27\n"))
	f.Add([]byte("number,customer,currency,amount\n\"R-1,C1,EUR,1.00\nR-2,C1,EUR,2.00\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, problems, err := ReadItems("fuzz.csv", bytes.NewReader(data), ImportOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 && len(problems) == 0 {
			t.Error("nothing read and nothing said")
		}
		for _, row := range rows {
			if row.Number == "" || row.Customer == "" || !row.Currency.Known() || row.AmountMinor <= 0 || row.OpenMinor < 0 || row.OpenMinor > row.AmountMinor {
				t.Errorf("an unsound row passed: %+v", row)
			}
		}
	})
}

func BenchmarkReadItems(b *testing.B) {
	const rows = 100_000
	var file bytes.Buffer
	file.WriteString("number,kind,customer,issue_date,due_date,currency,amount,open,reference,order,discount_percent,discount_until,side,tax_rate\n")
	for i := range rows {
		fmt.Fprintf(&file, "RE-2026-%06d,invoice,C%05d,2026-01-%02d,2026-02-%02d,EUR,%d.%02d,,,SO-%d,2,2026-01-31,receivable,19\n", i, i%5000, i%28+1, i%28+1, i%9000+1, i%100, i)
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		got, problems, err := ReadItems("items.csv", bytes.NewReader(file.Bytes()), ImportOptions{})
		if err != nil || len(problems) > 0 || len(got) != rows {
			b.Fatal(len(got), problems, err)
		}
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
