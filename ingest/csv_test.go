package ingest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/tieout/tieout/recon"
)

const csvFolder = "../fixtures/csv"

// Each shipped profile has a file in its bank's layout, which is recognised by itself and read without a doubt.
func TestShippedProfiles(t *testing.T) {
	countries := map[string]bool{}
	for _, p := range Profiles() {
		countries[p.Country] = true
		t.Run(p.ID, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(csvFolder, p.ID+".csv"))
			if err != nil {
				t.Fatal(err)
			}
			doc, err := Read(p.ID+".csv", bytes.NewReader(data), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if doc.Format != "csv:"+p.ID || len(doc.AllProblems()) > 0 {
				t.Errorf("read as %q with %v", doc.Format, doc.AllProblems())
			}
			for _, st := range doc.Statements {
				if st.Ties == recon.Broken || len(st.Entries) == 0 || !st.Currency.Known() {
					t.Errorf("%s %s: %d entries, ties %d", st.Account, st.Currency, len(st.Entries), st.Ties)
				}
			}
			compareDocument(t, filepath.Join(csvFolder, p.ID+".golden.json"), p.ID+".csv", doc)
		})
	}
	if len(Profiles()) < 12 || len(countries) < 6 {
		t.Errorf("%d profiles of %d countries", len(Profiles()), len(countries))
	}
}

func compareDocument(t *testing.T, path, name string, doc recon.Document) {
	t.Helper()
	var got bytes.Buffer
	if err := WriteDocument(&got, []ParsedFile{{File: name, Document: doc}}); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("got\n%s\nwant\n%s", got.Bytes(), want)
	}
}

// danskeHeader opens files of a bank with a running balance, a status column and either encoding.
const danskeHeader = "Dato;Tekst;Beløb;Saldo;Status;Afstemt\n"

func danskeRow(day, amount, balance string) string {
	return fmt.Sprintf("%s;Faktura 2026-1 Bageri Å;%s;%s;Udført;Nej\n", day, amount, balance)
}

func readCSV(t *testing.T, text string, opts Options) recon.Document {
	t.Helper()
	doc, err := ReadCSV("test.csv", strings.NewReader(text), opts)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// However a file is encoded and its lines end, it says the same.
func TestReadCSVEncodings(t *testing.T) {
	text := danskeHeader + danskeRow("06.03.2026", "200,00", "300,00") + `05.03.2026;"Faktura
over to linjer";100,00;100,00;Udført;Nej` + "\n"
	want := readCSV(t, text, Options{})
	if want.Statements[0].Ties != recon.Ties || want.Statements[0].Entries[1].Text != "Faktura over to linjer" {
		t.Fatal(want)
	}
	latin, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	little, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	big, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{
		"byte order mark": "\xef\xbb\xbf" + text,
		"windows-1252":    latin,
		"UTF-16LE":        little,
		"UTF-16BE":        big,
		"CR LF":           strings.ReplaceAll(text, "\n", "\r\n"),
		"CR":              strings.ReplaceAll(text, "\n", "\r"),
		"mixed":           strings.Replace(strings.Replace(text, "\n", "\r\n", 1), "Udført;Nej\n", "Udført;Nej\r", 1),
		"DOS end mark":    text + "\x1a",
	} {
		if got := readCSV(t, file, Options{}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", name, got, want)
		}
	}
}

// Bytes that are neither the profile's encoding nor text are named, never shown as a question mark.
func TestReadCSVUndecodable(t *testing.T) {
	for file, code := range map[string]string{
		danskeHeader + danskeRow("05.03.2026", "1,00", "") + "05.03.2026;\x81;1,00;;Udført;Nej\n":        "CSV-UTF8",
		"\xff\xfe" + strings.Join(strings.Split(strings.ReplaceAll(danskeHeader, "ø", "o"), ""), "\x00"): "CSV-PROFILE",
		danskeHeader + danskeRow("05.03.2026", "1,00\x00", ""):                                           "CSV-CONTROL",
	} {
		doc := readCSV(t, file, Options{Profile: "dk-danske-bank"})
		if problems := doc.AllProblems(); len(problems) == 0 || problems[0].Code != code {
			t.Errorf("%q: %v, want %s", file, problems, code)
		}
	}
}

// The running balance gives opening and closing and proves each row, whichever way the rows are sorted.
func TestRunningBalance(t *testing.T) {
	oldest, middle, newest := danskeRow("04.03.2026", "100,00", "1.100,00"), danskeRow("05.03.2026", "-30,00", "1.070,00"), danskeRow("06.03.2026", "5,00", "1.075,00")
	sparse := danskeRow("05.03.2026", "-30,00", "")
	for _, c := range []struct {
		name             string
		rows             []string
		ties             recon.Proof
		opening, closing int64 // 0 for none
	}{
		{"newest first", []string{newest, middle, oldest}, recon.Ties, 100000, 107500},
		{"oldest first", []string{oldest, middle, newest}, recon.Ties, 100000, 107500},
		{"a balance for some rows only", []string{newest, sparse, oldest}, recon.Ties, 100000, 107500},
		{"one row proves nothing", []string{newest}, recon.Unproved, 107000, 107500},
		{"no balance", []string{sparse, sparse}, recon.Unproved, 0, 0},
		{"a row is missing", []string{newest, oldest}, recon.Broken, 0, 0},
		{"a row is doubled", []string{newest, middle, middle, oldest}, recon.Broken, 0, 0},
		{"equal amounts with the wrong sign, which agree backwards", []string{
			danskeRow("06.03.2026", "-50,00", "150,00"), danskeRow("05.03.2026", "-50,00", "100,00")}, recon.Broken, 0, 0},
	} {
		st := readCSV(t, danskeHeader+strings.Join(c.rows, ""), Options{}).Statements[0]
		if st.Ties != c.ties || minorOf(st.Opening) != c.opening || minorOf(st.Closing) != c.closing {
			t.Errorf("%s: ties %d, opening %+v, closing %+v", c.name, st.Ties, st.Opening, st.Closing)
		}
		if broken := len(st.Problems) == 1 && st.Problems[0].Code == "CSV-BALANCE" && st.Problems[0].Severity == recon.Hold; broken != (c.ties == recon.Broken) {
			t.Errorf("%s: %v", c.name, st.Problems)
		}
	}
}

func minorOf(b *recon.Balance) int64 {
	if b == nil {
		return 0
	}
	return b.AmountMinor
}

// A quotation mark left open costs its own row; the rows after it are read.
func TestOpenQuoteSpoilsOneRow(t *testing.T) {
	file := danskeHeader + danskeRow("04.03.2026", "1,00", "") + "05.03.2026;\"Faktura;2,00;;Udført;Nej\n" +
		danskeRow("06.03.2026", "3,00", "") + danskeRow("07.03.2026", "4,00", "")
	doc := readCSV(t, file, Options{})
	st := doc.Statements[0]
	if len(st.Entries) != 3 || len(doc.Problems) != 1 || doc.Problems[0].Code != "CSV-QUOTE" || doc.Problems[0].Where != "row 3" {
		t.Fatal(st.Entries, doc.Problems)
	}
	if st.Entries[2].Place != "row 5" || st.Counts.Rejected != 1 || st.Counts.Entries != 4 {
		t.Error(st.Entries[2].Place, st.Counts)
	}
}

// A file with a broken row is refused, and no balance is claimed to prove or disprove what is left of it.
func TestBrokenRowProvesNothing(t *testing.T) {
	doc := readCSV(t, danskeHeader+danskeRow("06.03.2026", "3,00", "6,00")+danskeRow("05.03.2026", "zwei", "3,00")+danskeRow("04.03.2026", "1,00", "1,00"), Options{})
	st := doc.Statements[0]
	if recon.Worst(doc.Problems) != recon.Reject || st.Ties != recon.Unproved || len(st.Problems) > 0 || len(st.Entries) != 2 {
		t.Error(doc.Problems, st)
	}
}

func TestPendingRowsAreCountedNotBooked(t *testing.T) {
	st := readCSV(t, danskeHeader+"09.03.2026;Kiosk;-25,00;;Venter;Nej\n"+danskeRow("06.03.2026", "3,00", ""), Options{}).Statements[0]
	if len(st.Entries) != 1 || st.Counts.IgnoredPending != 1 || st.Counts.Entries != 2 {
		t.Error(st)
	}
}

// The account of the file may be written in its national form; another one is refused.
func TestOwnAccount(t *testing.T) {
	lloyds := "Transaction Date,Transaction Type,Sort Code,Account Number,Transaction Description,Debit Amount,Credit Amount,Balance\n" +
		"06/03/2026,BGC,'60-16-13,31926819,ACORN LTD,,20.00,\n"
	for account, want := range map[string]string{
		"":                            "60-16-1331926819",
		"GB29 NWBK 6016 1331 9268 19": "GB29NWBK60161331926819",
		"60-16-13 31926819":           "60-16-1331926819",
	} {
		doc := readCSV(t, lloyds, Options{Account: account})
		if len(doc.Problems) > 0 || doc.Statements[0].Account != want {
			t.Errorf("%q: %v %v", account, doc.Problems, doc.Statements)
		}
	}
	doc := readCSV(t, lloyds, Options{Account: "DE89370400440532013000"})
	if len(doc.Problems) == 0 || doc.Problems[0].Code != "ACCOUNT-MISMATCH" {
		t.Error(doc.Problems)
	}
	doc = readCSV(t, danskeHeader+danskeRow("06.03.2026", "3,00", ""), Options{Account: "dk50 0040 0440 1162 43"})
	if len(doc.Problems) > 0 || doc.Statements[0].Account != "DK5000400440116243" {
		t.Error("a file without an account is of the configured one", doc.Statements, doc.Problems)
	}
}

// A quiet month is no fault where the file states its balances.
func TestNoRows(t *testing.T) {
	const ubs = "IBAN:;CH93 0076 2011 6238 5295 7;\nAnfangssaldo:;%s;\nSchlusssaldo:;1'000.00;\n\n" +
		"Abschlussdatum;Abschlusszeit;Buchungsdatum;Valutadatum;Währung;Belastung;Gutschrift;Einzelbetrag;Saldo;Transaktions-Nr.;Beschreibung1;Beschreibung2;Beschreibung3;Fussnoten;\n"
	doc := readCSV(t, fmt.Sprintf(ubs, "1'000.00"), Options{})
	if len(doc.AllProblems()) > 0 || len(doc.Statements) != 1 || doc.Statements[0].Account != "CH9300762011623852957" {
		t.Error(doc)
	}
	doc = readCSV(t, danskeHeader, Options{})
	if problems := doc.AllProblems(); len(problems) != 1 || problems[0].Code != "CSV-NO-ROWS" || problems[0].Severity != recon.Warn {
		t.Error(problems)
	}
}

// An id that is empty or all zeros says nothing about identity.
func TestBankIDZeroIsNone(t *testing.T) {
	file := "TransferWise ID,Date,Amount,Currency,Description,Payment Reference,Running Balance,Payer Name,Payee Name,Payee Account Number,Total fees\n" +
		"0,05-03-2026,1.00,EUR,a,,,,,,\n,05-03-2026,1.00,EUR,a,,,,,,\nT-1,05-03-2026,1.00,EUR,=HYPERLINK(1),@SUM,,,,,\n"
	entries := readCSV(t, file, Options{}).Statements[0].Entries
	if len(entries) != 3 || entries[0].BankReference != "" || entries[1].BankReference != "" || entries[2].BankReference != "T-1" {
		t.Fatal(entries)
	}
	if entries[2].Text != "@SUM =HYPERLINK(1)" {
		t.Error("text is kept as it came:", entries[2].Text)
	}
}

func TestLimits(t *testing.T) {
	field := danskeHeader + "05.03.2026;" + strings.Repeat("x", maxField+1) + ";1,00;;Udført;Nej\n" + danskeRow("06.03.2026", "3,00", "")
	doc := readCSV(t, field, Options{})
	if len(doc.Problems) != 1 || doc.Problems[0].Code != "CSV-LIMIT" || len(doc.Problems[0].Message) > 200 || len(doc.Statements[0].Entries) != 1 {
		t.Error(doc.Problems)
	}
	wide := newTable(strings.Repeat(";", 10_000)+"\n", 0, ';', true, 0)
	if _, _, problem, err := wide.read(); err != nil || problem == nil || problem.Code != "CSV-LIMIT" {
		t.Error(problem, err)
	}
	long := newTable("a;b\nc;d\n", 0, ';', true, 2)
	long.rows = maxRows - 1
	if _, _, problem, _ := long.read(); problem != nil {
		t.Error(problem)
	}
	if _, _, problem, _ := long.read(); problem == nil || problem.Code != "CSV-LIMIT" {
		t.Error(problem)
	}
}

// A thousand rows that are wrong in one way fill no screen.
func TestManyProblemsAreBounded(t *testing.T) {
	doc := readCSV(t, danskeHeader+strings.Repeat(danskeRow("2026-03-05", "1,00", ""), 1000), Options{})
	if len(doc.Problems) > 60 || doc.Statements[0].Counts.Rejected != 1000 {
		t.Error(len(doc.Problems), doc.Statements[0].Counts)
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte(danskeHeader + danskeRow("06.03.2026", "200,00", "300,00") + danskeRow("05.03.2026", "100,00", "100,00")))
	f.Add([]byte(danskeHeader + "05.03.2026;\"a;1,00;;Udført;Nej\n" + danskeRow("05.03.2026", "1,2E+05", "")))
	f.Add([]byte("TransferWise ID,Date,Amount,Currency,Description,Payment Reference,Running Balance,Payer Name,Payee Name,Payee Account Number,Total fees\n0,05-03-2026,1.00,EUR,a,,,,,,\n"))
	f.Add([]byte("417164300\tEUR\t20260305\t1000,00\t1242,00\t20260305\t242,00\ttext\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := ReadCSV("fuzz.csv", bytes.NewReader(data), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(doc.Statements) == 0 && len(doc.Problems) == 0 {
			t.Fatal("nothing read and nothing said")
		}
		var entries, counted, unread int
		for _, st := range doc.Statements {
			entries += len(st.Entries)
			counted += st.Counts.Entries
			unread += st.Counts.IgnoredPending + st.Counts.Rejected
			for _, e := range st.Entries {
				if e.Booked == 0 || e.Place == "" || e.Currency != st.Currency {
					t.Errorf("an unsound entry passed: %+v", e)
				}
			}
			if st.Ties == recon.Ties && (st.Opening == nil || st.Closing == nil) {
				t.Error("proved without balances")
			}
		}
		if entries+unread != counted {
			t.Errorf("%d records: %d entries and %d others", counted, entries, unread)
		}
	})
}
