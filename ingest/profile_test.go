package ingest

import (
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
)

// ownProfile is a profile as a user writes one.
const ownProfile = `id: own
bank: Own Bank
country: DK
delimiter: ";"
header: [Dato, Tekst, Beløb, Saldo, Status, Afstemt]
dates: dd.MM.yyyy
amounts: {decimal: ",", grouping: "."}
currency: DKK
columns: {booked: Dato, amount: Beløb, text: [Tekst]}
`

func mustLoad(t *testing.T, text string) Profile {
	t.Helper()
	p, problems := LoadProfile("own.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// The user's own profile stands before a shipped one for the same header, and a named one before all.
func TestWhoseProfile(t *testing.T) {
	file := danskeHeader + danskeRow("06.03.2026", "3,00", "")
	own, other := mustLoad(t, ownProfile), mustLoad(t, strings.Replace(ownProfile, "id: own", "id: other", 1))
	for _, c := range []struct {
		opts   Options
		format string
	}{
		{Options{}, "csv:dk-danske-bank"},
		{Options{Profiles: []Profile{own}}, "csv:own"},
		{Options{Profiles: []Profile{own}, Profile: "dk-danske-bank"}, "csv:dk-danske-bank"},
		{Options{Profiles: []Profile{own, other}, Profile: "other"}, "csv:other"},
	} {
		if doc := readCSV(t, file, c.opts); doc.Format != c.format || len(doc.Problems) > 0 {
			t.Errorf("%q with %v, want %s", doc.Format, doc.Problems, c.format)
		}
	}
	doc := readCSV(t, file, Options{Profiles: []Profile{own, other}})
	if len(doc.Problems) != 1 || doc.Problems[0].Severity != recon.Hold || !strings.Contains(doc.Problems[0].Message, "own, other") {
		t.Error("two profiles that fit equally well are a question:", doc.Problems)
	}
}

// A profile that leaves something open is refused when it is loaded, not when a row is read.
func TestLoadProfileRefuses(t *testing.T) {
	for name, change := range map[string][2]string{
		"unknown key":                   {"currency: DKK", "curency: DKK"},
		"no currency":                   {"currency: DKK\n", ""},
		"unknown currency":              {"currency: DKK", "currency: dkk"},
		"unknown encoding":              {"delimiter", "encodings: [ebcdic]\ndelimiter"},
		"an encoding that hides others": {"delimiter", "encodings: [windows-1252, utf-8]\ndelimiter"},
		"two delimiters":                {`delimiter: ";"`, `delimiter: ";,"`},
		"no such column":                {"text: [Tekst]", "text: [Text]"},
		"no booking day":                {"booked: Dato, ", ""},
		"no amount":                     {", amount: Beløb", ""},
		"amount and debit":              {"amount: Beløb", "amount: Beløb, debit: Saldo, credit: Saldo"},
		"only one side":                 {"amount: Beløb", "debit: Saldo"},
		"direction without words":       {"amount: Beløb", "amount: Beløb, direction: Status"},
		"no date layout":                {"dates: dd.MM.yyyy\n", ""},
		"a day twice":                   {"dates: dd.MM.yyyy", "dates: dd.dd.yyyy"},
		"decimal equals grouping":       {`grouping: "."`, `grouping: ","`},
		"unknown sign":                  {`grouping: "."`, `grouping: ".", sign: left`},
		"status without words":          {"currency: DKK", "currency: DKK\nstatus: {column: Status}"},
		"opening without amount":        {"currency: DKK", "currency: DKK\nopening: {column: Tekst, equals: [Primo]}"},
		"a bad pattern":                 {"currency: DKK", "currency: DKK\nfooter: ['(']"},
		"a pattern for every line":      {"currency: DKK", "currency: DKK\nfooter: ['.*']"},
		"a pattern without a group":     {"currency: DKK", "currency: DKK\naround: {account: 'x'}"},
		"header and first row":          {"currency: DKK", "currency: DKK\nfirst_row: [a, b]"},
		"a bad id":                      {"id: own", "id: Own Bank"},
		"unknown order":                 {"currency: DKK", "currency: DKK\norder: random"},
	} {
		text := strings.Replace(ownProfile, change[0], change[1], 1)
		if text == ownProfile {
			t.Fatal(name, "changes nothing")
		}
		_, problems := LoadProfile("own.yaml", []byte(text))
		if len(problems) == 0 {
			t.Errorf("%s passed", name)
		}
		for _, p := range problems {
			if p.Severity != recon.Reject || p.Message == "" || p.Try == "" || !strings.HasPrefix(p.Where, "own.yaml") {
				t.Errorf("%s: %+v", name, p)
			}
		}
	}
}

// One grammar at a time: what is an amount in one is none in another.
func TestAmountGrammars(t *testing.T) {
	german := Amounts{Decimal: ",", Grouping: ".", Sign: "before"}
	english := Amounts{Decimal: ".", Grouping: ",", Sign: "before", Unit: "£"}
	swiss := Amounts{Decimal: ".", Grouping: "'", Sign: "before"}
	french := Amounts{Decimal: ",", Grouping: " ", Sign: "before", Plus: true}
	plain := Amounts{Decimal: ".", Sign: "before"}
	trailing := Amounts{Decimal: ",", Grouping: ".", Sign: "after"}
	brackets := Amounts{Decimal: ".", Grouping: ",", Sign: "brackets", Unit: "$"}
	three := Amounts{Decimal: ".", Sign: "before", Decimals: 3}
	for _, c := range []struct {
		grammar Amounts
		cell    string
		minor   int64
		bad     bool
	}{
		{german, "1.355,90", 135590, false}, {german, "-3.000", -300000, false}, {german, "1.000", 100000, false},
		{german, "-110,7", -11070, false}, {german, "-6", -600, false}, {german, "0", 0, false}, {german, ",23", 23, false},
		{german, "1000000,00", 100000000, false}, {german, "1.000.000,00", 100000000, false}, {german, "1.0000,00", 0, true},
		{german, "1.00", 0, true}, {german, "1,234.56", 0, true}, {german, "1.000000,00", 0, true}, {german, ".000", 0, true},
		{german, "12,", 0, true}, {german, ",", 0, true}, {german, "", 0, true}, {german, "-", 0, true}, {german, "12,345", 0, true},
		{german, "--21,78", 0, true}, {german, "- 21,78", 0, true}, {german, "+5", 0, true}, {german, "12,00-", 0, true}, {german, "1,2E+05", 0, true},
		{german, "92.233.720.368.547.758,07", 0, true}, {german, "99999999999999999999", 0, true},
		{english, "£500.00", 50000, false}, {english, "-£1,750.06", -175006, false}, {english, "£-76.00", -7600, false}, {english, "$5", 0, true},
		{english, "--£21.78", 0, true}, {english, "-£-21.78", 0, true},
		{swiss, "1'250.4", 125040, false}, {swiss, "1’250.40", 125040, false}, {swiss, "1,250.40", 0, true},
		{french, "+1 210,00", 121000, false}, {french, "1\u00a0210,00", 121000, false}, {french, "1\u202f210,00", 121000, false}, {french, "12 10,00", 0, true},
		{plain, "1,000.00", 0, true}, {plain, "1.000", 0, true}, {plain, "NaN", 0, true}, {plain, "٣", 0, true},
		{trailing, "1.234,50-", -123450, false}, {trailing, "-1.234,50", 0, true},
		{brackets, "($85.00)", -8500, false}, {brackets, "$.23", 23, false}, {brackets, "-85.00", 0, true},
		{three, "-120.500", -12050, false}, {three, "29.000", 2900, false}, {three, "29.001", 0, true}, {three, "1.0000", 0, true},
	} {
		minor, fault := c.grammar.parse(c.cell, 2)
		if (fault != "") != c.bad || !c.bad && minor != c.minor {
			t.Errorf("%+v %q: %d %q", c.grammar, c.cell, minor, fault)
		}
	}
	if minor, fault := plain.parse("27", 0); minor != 27 || fault != "" {
		t.Error("27 yen", minor, fault)
	}
	if _, fault := plain.parse("27.5", 0); fault == "" {
		t.Error("yen have no decimals")
	}
	if minor, fault := plain.parse("1.005", 3); minor != 1005 || fault != "" {
		t.Error("dinars have three", minor, fault)
	}
}

func TestDateLayouts(t *testing.T) {
	for _, c := range []struct {
		layout, cell string
		want         recon.Date // 0 where the cell is no such day
	}{
		{"dd.MM.yyyy", "05.03.2026", 20260305}, {"dd.MM.yyyy", "5.3.2026", 0}, {"dd.MM.yyyy", "05.03.26", 0}, {"dd.MM.yyyy", "31.02.2026", 0},
		{"d.M.yyyy", "5.3.2026", 20260305}, {"d.M.yyyy", "15.12.2026", 20261215}, {"dd.MM.yy", "05.03.26", 20260305},
		{"dd/MM/yyyy", "04/05/2026", 20260504}, {"MM/dd/yyyy", "04/05/2026", 20260405}, {"MM/dd/yyyy", "13/05/2026", 0},
		{"yyyyMMdd", "20260305", 20260305}, {"yyyyMMdd", "2026035", 0}, {"yyyy-MM-dd HH:mm:ss", "2026-03-05 23:59:59", 20260305},
		{"yyyy-MM-dd HH:mm:ss.0", "2026-03-05 00:00:00.0", 20260305}, {"d MMM yyyy", "7 Nov 2025", 20251107}, {"d MMM yyyy", "7 ovD 2025", 0},
		{"yyyy-MM-dd", "2026-03-05T10:00", 0}, {"yyyy-MM-dd", "", 0}, {"yyyy-MM-dd", "46147", 0}, {"yyyy-MM-dd", "0000-00-00", 0}, {"yyyy-MM-dd", "1926-03-05", 0},
	} {
		layout, err := newDateLayout(c.layout)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := layout.parse(c.cell); ok != (c.want != 0) || ok && got != c.want {
			t.Errorf("%s %q: %s", c.layout, c.cell, got)
		}
	}
}
