package ingest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tieout/tieout/recon"
)

const unknownFolder = csvFolder + "/unknown"

// Files of banks that no profile knows: what is read, and what must stay in doubt.
func TestUnknownLayouts(t *testing.T) {
	for _, c := range []struct {
		file     string
		rows     int
		sumMinor int64    // of all rows, whatever their currency
		doubts   []string // nil where everything that matters is certain
	}{
		{"at-soll-haben-zeichen", 4, 141730, nil},                      // letters for the direction, a hint line for spreadsheets
		{"de-soll-haben", 4, 341260, nil},                              // two columns of amounts, lines before and after, windows-1252
		{"dk-ind-ud", 4, -414950, nil},                                 // negative debits in a column of their own, the header twice
		{"en-day-by-balance", 4, 187530, nil},                          // 03/06 could be March or June, the balance tells
		{"en-either-day", 4, 187530, []string{"dates"}},                // nothing tells
		{"es-dos-divisas", 6, 165000, nil},                             // two currencies, each with its balance
		{"fi-broken-row", 3, 119810, []string{"rows", "amounts.sign"}}, // one row cannot be read
		{"fr-plusieurs-lignes", 3, 114700, nil},                        // texts of several lines, a row that is not booked
		{"gb-month-names", 4, 36023, nil},                              // months by name, pounds beside the amounts
		{"in-no-header", 4, 537150, []string{"columns.amount"}},        // CR and DR, no header
		{"it-minus-behind", 4, 313105, nil},                            // 310,45- and 2'450,00
		{"nl-af-bij", 3, 145250, []string{"currency"}},                 // Af and Bij, no currency anywhere
		{"nz-card-words", 4, 40041, nil},                               // a card's statement whose words say that charges are positive
		{"pl-salda", 3, 240000, nil},                                   // rows that state balances, windows-1250
		{"se-reserverat", 4, 480000, nil},                              // a word in the place of the day: not booked
		{"us-brackets", 4, 345475, []string{"currency"}},               // brackets and dollars, no header
		{"xx-card", 4, -550, []string{"amounts.invert"}},               // a card's statement that proves nothing
		{"xx-thousand-or-one", 3, 175, []string{"amounts.decimal"}},    // 1.000
	} {
		t.Run(c.file, func(t *testing.T) {
			data := readFixture(t, filepath.Join(unknownFolder, c.file+".csv"))
			inference, problems := Infer("", Sample{Name: c.file + ".csv", Data: data})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			doc, err := Read(c.file+".csv", bytes.NewReader(data), Options{})
			if err != nil {
				t.Fatal(err)
			}
			rows, sum := 0, int64(0)
			for _, st := range doc.Statements {
				for _, e := range st.Entries {
					rows, sum = rows+1, sum+e.AmountMinor
				}
			}
			var doubts []string
			for _, d := range inference.Doubts() {
				doubts = append(doubts, d.Key)
			}
			slices.Sort(doubts)
			slices.Sort(c.doubts)
			if rows != c.rows || sum != c.sumMinor || !slices.Equal(doubts, c.doubts) {
				t.Errorf("%d rows, sum %d, doubts %q; want %d, %d, %q", rows, sum, doubts, c.rows, c.sumMinor, c.doubts)
			}
			if doc.Format != "csv:inferred" || len(doc.Problems) == 0 || doc.Problems[0].Code != "CSV-PROFILE" {
				t.Errorf("%s %v", doc.Format, doc.Problems)
			}
			if hold := recon.Worst(doc.Problems) != recon.Warn; hold != (len(c.doubts) > 0) {
				t.Errorf("certain and not certain: %v", doc.Problems)
			}
			compareDocument(t, filepath.Join(unknownFolder, c.file+".golden.json"), c.file+".csv", doc)
			compareText(t, filepath.Join(unknownFolder, c.file+".golden.yaml"), yamlOf(t, inference))
		})
	}
}

func readFixture(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func yamlOf(t *testing.T, inference Inference) string {
	t.Helper()
	var text bytes.Buffer
	if err := inference.WriteYAML(&text, "my-bank"); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func compareText(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := readFixture(t, path); got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A proposal that is written down and loaded reads the samples as the inference did.
func TestProposalReadsAsInferred(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(unknownFolder, "*.csv"))
	if err != nil || len(files) < 12 {
		t.Fatal(files, err)
	}
	shippedFiles, err := filepath.Glob(filepath.Join(csvFolder, "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(files, shippedFiles...) {
		data := readFixture(t, path)
		inference, problems := Infer("EUR", Sample{Name: path, Data: data})
		if len(problems) > 0 {
			t.Fatal(path, problems)
		}
		own, problems := LoadProfile("my-bank.yaml", []byte(yamlOf(t, inference)))
		if len(problems) > 0 {
			t.Errorf("%s: %v in\n%s", path, problems, yamlOf(t, inference))
			continue
		}
		want, _ := ReadCSV(path, bytes.NewReader(data), Options{Profile: InferredProfile, Currency: "EUR"})
		got, _ := ReadCSV(path, bytes.NewReader(data), Options{Profiles: []Profile{own}})
		if got.Format != "csv:my-bank" || !reflect.DeepEqual(got.Statements, want.Statements) {
			t.Errorf("%s: %s %v\ngot  %v\nwant %v", path, got.Format, got.Problems, got.Statements, want.Statements)
		}
	}
}

// What the shipped profiles prove, inference finds without them, or it is not certain.
func TestShippedFilesWithoutTheirProfile(t *testing.T) {
	for _, p := range Profiles() {
		path := filepath.Join(csvFolder, p.ID+".csv")
		data := readFixture(t, path)
		declared := readCSV(t, string(data), Options{Profile: p.ID})
		inferred := readCSV(t, string(data), Options{Profile: InferredProfile})
		if recon.Worst(inferred.Problems) == recon.Warn && movementsOf(declared) != movementsOf(inferred) {
			t.Errorf("%s is certain and wrong:\n%s\nwant\n%s", p.ID, movementsOf(inferred), movementsOf(declared))
		}
	}
}

func movementsOf(doc recon.Document) string {
	var lines []string
	for _, st := range doc.Statements {
		for _, e := range st.Entries {
			lines = append(lines, fmt.Sprint(e.Place, " ", e.Booked, " ", e.AmountMinor, " ", e.Currency))
		}
	}
	return strings.Join(lines, "\n")
}

// Longer files in the layout of each shipped bank: what matters is found without the profile, or it is in doubt.
func TestBankLayoutsWithoutTheirProfile(t *testing.T) {
	right := map[string]bool{}
	for _, p := range Profiles() {
		t.Run(p.ID, rapid.MakeCheck(func(rt *rapid.T) {
			file := writtenBy(rt, &p)
			declared, err := ReadCSV("file.csv", strings.NewReader(file), Options{Profile: p.ID})
			if err != nil || recon.Worst(declared.Problems) == recon.Reject {
				rt.Fatal(err, declared.Problems, file)
			}
			currency := recon.Currency(p.Currency)
			inferred, err := ReadCSV("file.csv", strings.NewReader(file), Options{Profile: InferredProfile, Currency: currency})
			if err != nil {
				rt.Fatal(err)
			}
			same := movementsOf(declared) == movementsOf(inferred)
			right[p.ID] = right[p.ID] || same
			if recon.Worst(inferred.Problems) == recon.Warn && !same {
				rt.Fatalf("%s is certain and wrong:\n%s\nwant\n%s\n%s\n%v", p.ID, movementsOf(inferred), movementsOf(declared), file, inferred.Problems)
			}
		}))
	}
	if 10*len(trueOf(right)) < 9*len(Profiles()) {
		t.Errorf("only %d of %d layouts are read right at all: %v", len(trueOf(right)), len(Profiles()), right)
	}
}

func trueOf(set map[string]bool) (list []string) {
	for key, value := range set {
		if value {
			list = append(list, key)
		}
	}
	return list
}

// writtenBy writes movements in the layout of a profile; columns that it does not read stay empty.
func writtenBy(rt *rapid.T, p *Profile) string {
	v := &inventor{rt: rt, amounts: p.Amounts, dates: strings.ReplaceAll(p.Dates, ".0", ".~"), form: "signed", currency: p.Currency}
	if v.currency == "" {
		v.currency = rapid.SampledFrom([]string{"EUR", "CHF"}).Draw(rt, "currency")
	}
	if v.amounts.Decimals > 0 {
		v.currency = map[bool]string{true: v.currency, false: "CHF"}[p.Currency != ""]
	}
	delimiter := string(p.delimiter())
	var lines []string
	balance := int64(500_000)
	for _, m := range v.movements() {
		before := balance
		balance += m.minor
		cells := make([]string, p.width())
		index := newColumnIndex(p, namesOf(p))
		put := func(at int, text string) {
			if at >= 0 {
				cells[at] = text
			}
		}
		for _, at := range slices.Concat(index.name, index.text) {
			put(at, map[bool]string{true: "Salary", false: "Card payment"}[m.minor > 0])
		}
		for _, at := range index.ownAccount {
			put(at, "DE89370400440532013000")
		}
		if p.OwnDigits > 0 {
			put(index.ownAccount[0], strings.Repeat("9", p.OwnDigits))
		}
		day := strings.ReplaceAll(v.day(m.day), ".~", ".0")
		put(index.booked, day)
		put(index.value, day)
		put(index.currency, v.currency)
		put(index.balance, v.padded(balance))
		if len(p.FirstRow) > 0 && p.ID == "nl-abn-amro" {
			cells[3], cells[0] = v.padded(before), "417164300"
		}
		v.putAmount(put, &index, m.minor)
		if index.direction >= 0 {
			put(index.direction, map[bool]string{true: p.Columns.MoneyIn[0], false: p.Columns.MoneyOut[0]}[m.minor > 0])
		}
		if len(p.Status.Booked) > 0 && p.Status.Booked[0] != "*" {
			put(index.status, p.Status.Booked[0])
		}
		if len(p.Require.Equals) > 0 {
			put(index.require, p.Require.Equals[0])
		}
		for i, cell := range cells {
			if strings.Contains(cell, delimiter) {
				cells[i] = `"` + cell + `"`
			}
		}
		lines = append(lines, strings.Join(cells, delimiter))
	}
	if p.Order == "newest_first" {
		slices.Reverse(lines)
	}
	if len(p.Header) > 0 {
		lines = append([]string{headerLine(p.Header, delimiter)}, lines...)
	}
	return strings.Join(lines, "\n") + "\n"
}

func namesOf(p *Profile) []string {
	if len(p.Header) == 0 {
		return make([]string, len(p.FirstRow))
	}
	return p.Header
}

func headerLine(names []string, delimiter string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = name
		if strings.Contains(name, delimiter) {
			quoted[i] = `"` + name + `"`
		}
	}
	return strings.Join(quoted, delimiter)
}

// putAmount writes a movement in the columns that the profile has for it.
func (v *inventor) putAmount(put func(int, string), index *columnIndex, minor int64) {
	switch {
	case index.debit >= 0 && minor < 0 && v.amounts.Debit == "negative":
		put(index.debit, v.padded(minor))
	case index.debit >= 0 && minor < 0:
		put(index.debit, v.padded(-minor))
	case index.debit >= 0:
		put(index.credit, v.padded(minor))
	case index.direction >= 0:
		put(index.amount, v.padded(max(minor, -minor)))
	case v.amounts.Invert:
		put(index.amount, v.padded(-minor))
	default:
		put(index.amount, v.padded(minor))
	}
}

// padded writes an amount with the zeros behind that the profile announces.
func (v *inventor) padded(minor int64) string {
	text := v.money(minor)
	for range v.amounts.Decimals - 2 {
		text += "0"
	}
	return text
}

// Several samples prove more than one; samples of two layouts prove nothing.
func TestSeveralSamples(t *testing.T) {
	const header = "Date,Description,Amount,Currency\n"
	january := Sample{"january.csv", []byte(header + "03/04/2026,Salary,100.00,EUR\n05/04/2026,Card payment,-20.00,EUR\n06/04/2026,Card payment,-30.00,EUR\n")}
	june := Sample{"june.csv", []byte(header + "03/06/2026,Salary,100.00,EUR\n28/06/2026,Card payment,-20.00,EUR\n")}
	other := Sample{"other.csv", []byte("Datum;Text;Betrag\n05.04.2026;Miete;-20,00\n")}
	for _, c := range []struct {
		samples []Sample
		doubts  []string
		problem string
	}{
		{[]Sample{january}, []string{"dates"}, ""},
		{[]Sample{january, june}, nil, ""},
		{[]Sample{january, other}, nil, "other.csv has another layout than january.csv"},
	} {
		inference, problems := Infer("", c.samples...)
		var doubts []string
		for _, d := range inference.Doubts() {
			doubts = append(doubts, d.Key)
		}
		if len(problems) > 0 != (c.problem != "") || c.problem != "" && !strings.Contains(problems[0].Message, c.problem) || !slices.Equal(doubts, c.doubts) {
			t.Errorf("%d samples: doubts %q, %v", len(c.samples), doubts, problems)
		}
	}
}

// Text that is no bank file proposes nothing, and says why.
func TestNothingToInfer(t *testing.T) {
	for text, code := range map[string]string{
		"":                              "FILE-EMPTY",
		"just a letter\nwith two lines": "CSV-PROFILE",
		"Name;Town\nOak;Leeds\n":        "CSV-PROFILE",
		"Date;Text\n05.03.2026;Oak\n":   "CSV-PROFILE",
		"a;b\n\x00;1\n":                 "CSV-CONTROL",
	} {
		_, problems := Infer("", Sample{"x.csv", []byte(text)})
		if len(problems) != 1 || problems[0].Code != code || problems[0].Try == "" {
			t.Errorf("%q: %v", text, problems)
		}
	}
}

// The account's currency is used where the file names none; without it the file is held.
func TestCurrencyOfTheAccount(t *testing.T) {
	file := string(readFixture(t, filepath.Join(unknownFolder, "us-brackets.csv")))
	for currency, want := range map[recon.Currency]recon.Severity{"": recon.Hold, "USD": recon.Warn} {
		doc := readCSV(t, file, Options{Currency: currency})
		if got := recon.Worst(doc.Problems); got != want || doc.Statements[0].Currency != currency {
			t.Errorf("%q: %s %v", currency, got, doc.Problems)
		}
	}
}

// A column of words means money in and out only where the words leave no doubt.
func TestSortDirections(t *testing.T) {
	for _, c := range []struct {
		words   []string
		named   bool
		in, out string
	}{
		{[]string{"C", "D"}, false, "C", "D"}, {[]string{"H", "S"}, false, "H", "S"}, {[]string{"A", "C"}, false, "A", "C"}, {[]string{"A", "D"}, false, "A", "D"},
		{[]string{"CR"}, false, "CR", "DR"}, {[]string{"af"}, false, "bij", "af"}, {[]string{"Debit"}, false, "Credit", "Debit"}, {[]string{"+", "-"}, false, "+", "-"}, {[]string{"-"}, false, "+", "-"},
		{[]string{"C"}, false, "", ""}, {[]string{"C"}, true, "C", "D"}, {[]string{"CHECK", "DEBIT"}, false, "", ""}, {[]string{"X"}, true, "", ""},
	} {
		in, out, ok := sortDirections(c.words, c.named)
		if ok != (c.in != "") || ok && (in[0] != c.in || out[0] != c.out) {
			t.Errorf("%q: %q %q %t", c.words, in, out, ok)
		}
	}
}

// What a number proves about its marks.
func TestMarksOf(t *testing.T) {
	for core, want := range map[string]struct {
		decimal byte
		open    bool
	}{
		"12.50": {'.', false}, "12,5": {',', false}, "1.234,50": {',', false}, "1,234.50": {'.', false}, "1.000": {0, true}, "12,000": {0, true}, "1.000.000": {',', false},
		"0.123": {'.', false}, "2075.000": {'.', false}, "1'250.4": {'.', false}, "1234": {0, false}, ".23": {'.', false}, "1.0000": {'.', false},
	} {
		if decimal, open := marksOf(core); decimal != want.decimal || open != want.open {
			t.Errorf("%s: %q %t", core, decimal, open)
		}
	}
}

// A large file costs no more inference than a few thousand rows of it.
func TestInferenceIsBounded(t *testing.T) {
	var file strings.Builder
	file.WriteString("Date,Description,Amount,Balance (GBP)\n")
	for i := range 30_000 {
		fmt.Fprintf(&file, "2026-03-%02d,Salary,1.00,%d.00\n", 1+i/1500, i+1)
	}
	inference, problems := Infer("", Sample{"large.csv", []byte(file.String())})
	if len(problems) > 0 || inference.Rows > maxSampleRows {
		t.Error(inference.Rows, problems)
	}
}
