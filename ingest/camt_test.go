package ingest

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
)

// sampleStatements hold one of everything that a statement can say in every version.
func sampleStatements() []recon.Statement {
	booked := func(minor int64) recon.Entry {
		return recon.Entry{AmountMinor: minor, Currency: "EUR", Booked: 20260105, Value: 20260106, Status: recon.Booked}
	}
	receipt := booked(105_00)
	receipt.BankReference, receipt.EntryReference = "BANK-1", "N-1"
	receipt.Counterparty = recon.Party{Name: "Müller & Söhne <GmbH> €", Account: "DE02120300000000202051"}
	receipt.Ultimate = "Müller Holding"
	receipt.Structured, receipt.DocumentNumbers = []string{"RF18539007547034"}, []string{"INV-7", "INV-8"}
	receipt.EndToEndID, receipt.MandateID, receipt.TransactionID = "E2E-1", "MND-1", "TX-1"
	receipt.Lines, receipt.Text = []string{"Invoice 1001", "and 1002"}, "Invoice 1001 and 1002"
	receipt.Additional, receipt.BankCode, receipt.Purpose = "SEPA credit", "PMNT/RCDT/ESCT", "SUPP"
	receipt.Original = &recon.Money{Minor: 120_00, Currency: "USD"}
	receipt.ChargesMinor, receipt.ChargeBearer, receipt.Cheque = 1_50, "SHAR", "CHQ-9"

	returned := booked(-20_00)
	returned.Reversal, returned.ReturnReason, returned.OriginalEndToEnd = true, "AC04", "E2E-0"
	returned.Counterparty = recon.Party{Name: "Returned Ltd", Account: "0012345678"}
	returned.BankCode = "NTRF+166"

	pending := booked(7_00)
	pending.Status = recon.Pending

	one, two := booked(30_00), booked(12_34)
	one.Batch, two.Batch = "4", "4"
	one.BankReference, two.BankReference = "D-1", "D-2"
	one.Counterparty.Name, two.Counterparty.Name = "First", "Second"
	one.Additional, two.Text, two.Lines = "detail one", "Invoice 5", []string{"Invoice 5"}

	return []recon.Statement{
		{ID: "S-1", Account: "DE89370400440532013000", Currency: "EUR", Sequence: "12", From: 20260101, To: 20260131, Created: "2026-01-31T20:00:00",
			CopyDuplicate: "COPY", Opening: &recon.Balance{AmountMinor: 100_00, Date: 20260101}, Closing: &recon.Balance{AmountMinor: 227_34, Date: 20260131},
			Ties: recon.Ties, Entries: []recon.Entry{receipt, returned, pending, one, two},
			Counts: recon.Counts{Entries: 4, StatedEntries: 4, StatedCreditMinor: 147_34, StatedDebitMinor: 20_00, IgnoredPending: 1}},
		{ID: "S-2", Account: "12345678", Currency: "JPY", Created: "2026-01-31T21:00:00", Page: &recon.Page{Number: 2},
			Entries: []recon.Entry{{AmountMinor: 2700, Currency: "JPY", Booked: 20260110, Status: recon.Booked}},
			Counts:  recon.Counts{Entries: 1, StatedEntries: -1, StatedCreditMinor: -1, StatedDebitMinor: -1}},
	}
}

// places writes into the statements where their entries stand once they are written.
func places(statements []recon.Statement) {
	for i := range statements {
		s := &statements[i]
		s.Place = fmt.Sprintf("Stmt[%d]", i+1)
		number, detail := 0, 0
		for j := range s.Entries {
			e := &s.Entries[j]
			if e.Batch == "" || j == 0 || s.Entries[j-1].Batch != e.Batch {
				number, detail = number+1, 0
			}
			e.Place = fmt.Sprintf("%s/Ntry[%d]", s.Place, number)
			if e.Batch != "" {
				detail++
				e.Place += fmt.Sprintf("/TxDtls[%d]", detail)
			}
		}
	}
}

func TestEveryVersionIsReadAsItWasWritten(t *testing.T) {
	want := sampleStatements()
	places(want)
	want[1].Problems = []recon.Problem{{Code: "CAMT-PAGE", Where: "Stmt[2]", Severity: recon.Hold,
		Message: "page 2 of the statement came, waiting for 1,3", Try: camtFaults["CAMT-PAGE"].try}}
	variants := map[string]fixtures.CamtOptions{
		"plain": {}, "prefix": {Prefix: "ns2"}, "mark": {BOM: true}, "latin-1": {Latin1: true}, "soap": {Envelope: "soap"},
		"bizmsg": {Envelope: "bizmsg"}, "all": {Prefix: "c", Latin1: true, Envelope: "bizmsg"},
	}
	for version := fixtures.FirstCamtVersion; version <= fixtures.LastCamtVersion; version++ {
		for name, opts := range variants {
			var file bytes.Buffer
			if err := fixtures.WriteCamt(&file, version, sampleStatements(), opts); err != nil {
				t.Fatal(err)
			}
			doc := read(t, file.String())
			if format := fmt.Sprintf("camt.053.001.%02d", version); doc.Format != format || len(doc.Problems) > 0 {
				t.Errorf("%s, %s: format %q, problems %v", format, name, doc.Format, doc.AllProblems())
			}
			for _, line := range unlike(doc.Statements, want) {
				t.Errorf("version %02d, %s: %s", version, name, line)
			}
		}
	}
}

// unlike names the first field in which two readings differ.
func unlike(got, want []recon.Statement) []string {
	if len(got) != len(want) {
		return []string{fmt.Sprintf("%d statements, want %d", len(got), len(want))}
	}
	var lines []string
	for i := range got {
		if len(got[i].Entries) != len(want[i].Entries) {
			return []string{fmt.Sprintf("%d entries, want %d", len(got[i].Entries), len(want[i].Entries))}
		}
		for j := range got[i].Entries {
			if g, w := got[i].Entries[j], want[i].Entries[j]; !reflect.DeepEqual(g, w) {
				lines = append(lines, fmt.Sprintf("entry %s:\n%+v, want\n%+v", w.Place, g, w))
			}
		}
		g, w := got[i], want[i]
		g.Entries, w.Entries = nil, nil
		if !reflect.DeepEqual(g, w) {
			lines = append(lines, fmt.Sprintf("statement:\n%+v, want\n%+v", g, w))
		}
	}
	return lines
}

// amount returns the file with one entry whose Amt is written so.
func amount(written string) string {
	return strings.Replace(statementXML("", entryXML("x")), `<Amt Ccy="EUR">12.50</Amt>`, written, 1)
}

func TestAmounts(t *testing.T) {
	for written, want := range map[string]int64{
		`<Amt Ccy="EUR">12.50</Amt>`:                1250,
		`<Amt Ccy='EUR'>12.5</Amt>`:                 1250,
		`<Amt Ccy="EUR" >12</Amt>`:                  1200,
		`<Amt Ccy="EUR"> 12.50000 </Amt>`:           1250,
		`<Amt Ccy="EUR">000000000005202.96</Amt>`:   520296,
		`<Amt Ccy="EUR">0.00</Amt>`:                 0,
		`<Amt Ccy="EUR">.5</Amt>`:                   50,
		`<Amt Ccy="JPY">27</Amt>`:                   27,
		`<Amt Ccy="JPY">27.00</Amt>`:                27,
		`<Amt Ccy="KWD">1.005</Amt>`:                1005,
		`<Amt Ccy="EUR">9999999999999999.99</Amt>`:  999999999999999999,
		`<Amt Ccy="EUR"><![CDATA[12.50]]></Amt>`:    1250,
		`<Amt Ccy="E&#85;R">12.50</Amt>`:            1250,
		`<Amt xmlns:x="urn:x" Ccy="EUR">12.5</Amt>`: 1250,
	} {
		doc := read(t, amount(written))
		if len(doc.Statements[0].Entries) != 1 || doc.Statements[0].Entries[0].AmountMinor != want {
			t.Errorf("%s: %v %v, want %d", written, doc.Statements[0].Entries, doc.AllProblems(), want)
		}
	}
	for written, code := range map[string]string{
		`<Amt Ccy="EUR">1,234.56</Amt>`: "CAMT-AMT-FORMAT", `<Amt Ccy="EUR">1.234,56</Amt>`: "CAMT-AMT-FORMAT",
		`<Amt Ccy="EUR">1e3</Amt>`: "CAMT-AMT-FORMAT", `<Amt Ccy="EUR">NaN</Amt>`: "CAMT-AMT-FORMAT", `<Amt Ccy="EUR">+5</Amt>`: "CAMT-AMT-FORMAT",
		`<Amt Ccy="EUR"></Amt>`: "CAMT-AMT-FORMAT", `<Amt Ccy="EUR"/>`: "CAMT-AMT-FORMAT", `<Amt Ccy="EUR">١٢</Amt>`: "CAMT-AMT-FORMAT",
		`<Amt Ccy="EUR">.</Amt>`: "CAMT-AMT-FORMAT", `<Amt Ccy="EUR">1.2.3</Amt>`: "CAMT-AMT-FORMAT", `<Amt Ccy="EUR">1 000</Amt>`: "CAMT-AMT-FORMAT",
		`<Amt Ccy="EUR"> -5</Amt>`: "CAMT-AMT-SIGN", `<Amt Ccy="EUR">-12.50</Amt>`: "CAMT-AMT-SIGN",
		`<Amt Ccy="JPY">27.5</Amt>`: "CAMT-AMT-EXPONENT", `<Amt Ccy="EUR">1.005</Amt>`: "CAMT-AMT-EXPONENT",
		`<Amt Ccy="EUR">92233720368547758.08</Amt>`: "CAMT-AMT-RANGE", `<Amt Ccy="EUR">99999999999999999999</Amt>`: "CAMT-AMT-RANGE",
		`<Amt>12.50</Amt>`: "CAMT-CCY", `<Amt Ccy="eur">12.50</Amt>`: "CAMT-CCY", `<Amt Ccy="XXX">12.50</Amt>`: "CAMT-CCY", `<Amt Ccy="">1</Amt>`: "CAMT-CCY",
		`<Amt Ccy="EUR"><v>12.50</v></Amt>`: "CAMT-AMT-CONTENT", `<Amt Ccy="EUR">12<!-- x -->.50</Amt>`: "CAMT-AMT-CONTENT",
		`<Amt Ccy="EUR">12<?x y?>.50</Amt>`:                    "CAMT-AMT-CONTENT",
		`<Amt Ccy="EUR">12.50</Amt><Amt Ccy="EUR">12.50</Amt>`: "CAMT-DUP-ELEMENT", ``: "CAMT-AMT-FORMAT",
	} {
		doc := read(t, amount(written))
		s := doc.Statements[0]
		if len(s.Entries) != 0 || s.Counts.Rejected != 1 || s.Counts.Entries != 1 || len(s.Problems) == 0 || s.Problems[0].Code != code {
			t.Errorf("%s: %d entries, problems %v, want %s", written, len(s.Entries), s.Problems, code)
		}
	}
}

func TestFieldsOfAnEntry(t *testing.T) {
	base := entryXML("x")
	swap := func(old, new string) string { return statementXML("", strings.Replace(base, old, new, 1)) }
	for _, c := range []struct{ what, file, code string }{
		{"direction missing", swap("<CdtDbtInd>CRDT</CdtDbtInd>", ""), "CAMT-INDICATOR"},
		{"direction unknown", swap("CRDT", "CREDIT"), "CAMT-INDICATOR"},
		{"direction of a detail unknown", swap("<TxDtls>", "<TxDtls><CdtDbtInd>CREDIT</CdtDbtInd>"), "CAMT-INDICATOR"},
		{"reversal yes", swap("<Sts>", "<RvslInd>yes</RvslInd><Sts>"), "CAMT-REVERSAL"},
		{"reversal True", swap("<Sts>", "<RvslInd>True</RvslInd><Sts>"), "CAMT-REVERSAL"},
		{"reversal 1", swap("<Sts>", "<RvslInd>1</RvslInd><Sts>"), ""},
		{"status unknown", swap("BOOK", "DONE"), "CAMT-STATUS"},
		{"status missing", swap("<Sts>BOOK</Sts>", ""), ""},
		{"status as in version 08", swap("<Sts>BOOK</Sts>", "<Sts>\n <Cd>BOOK</Cd></Sts>"), ""},
		{"no day", swap("<BookgDt><Dt>2026-01-05</Dt></BookgDt>", ""), "CAMT-DATE-MISSING"},
		{"30 February", swap("2026-01-05", "2026-02-30"), "CAMT-DATE"},
		{"day zero", swap("2026-01-05", "0000-00-00"), "CAMT-DATE"},
		{"short year", swap("2026-01-05", "26-01-01"), "CAMT-DATE"},
		{"a day and something", swap("2026-01-05", "2026-01-05x"), "CAMT-DATE"},
	} {
		if got := worst(read(t, c.file)); got != c.code {
			t.Errorf("%s: %q, want %q", c.what, got, c.code)
		}
	}
}

func TestDaysAreTheBanksOwn(t *testing.T) {
	for written, want := range map[string]recon.Date{
		"<Dt>2026-01-05</Dt>":                             20260105,
		"<DtTm>2026-01-05T23:30:00-05:00</DtTm>":          20260105,
		"<DtTm>2026-01-05T00:10:00.000+14:00</DtTm>":      20260105,
		"<DtTm>2026-01-05 23:30:00</DtTm>":                20260105,
		"<Dt>2026-01-05Z</Dt>":                            20260105,
		"<Dt>2026-01-05+01:00</Dt>":                       20260105,
		"<Dt>2024-02-29</Dt>":                             20240229,
		"\n  <Dt>\n 2026-12-31 </Dt>\n":                   20261231,
		"<Dt><DtTm>2026-01-05T23:30:00-05:00</DtTm></Dt>": 20260105,
	} {
		doc := read(t, statementXML("", strings.Replace(entryXML("x"), "<Dt>2026-01-05</Dt>", written, 1)))
		if e := doc.Statements[0].Entries; len(e) != 1 || e[0].Booked != want {
			t.Errorf("%s: %v %v", written, e, doc.AllProblems())
		}
	}
}

// batchXML is an entry of 429.56 with details.
func batchXML(stated string, details ...string) string {
	b := `<Ntry><Amt Ccy="EUR">429.56</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-01-05</Dt></BookgDt><AcctSvcrRef>B</AcctSvcrRef><NtryDtls>`
	if stated != "" {
		b += "<Btch><NbOfTxs>" + stated + "</NbOfTxs></Btch>"
	}
	for i, d := range details {
		b += fmt.Sprintf("<TxDtls><Refs><EndToEndId>E%d</EndToEndId></Refs>%s<RmtInf><Ustrd>text %d</Ustrd></RmtInf></TxDtls>", i+1, d, i+1)
	}
	return statementXML("", b+"</NtryDtls><AddtlNtryInf>collected</AddtlNtryInf></Ntry>")
}

func TestBatches(t *testing.T) {
	amt := func(s string) string { return `<Amt Ccy="EUR">` + s + `</Amt>` }
	for _, c := range []struct {
		what     string
		file     string
		amounts  string
		problem  recon.Severity
		whole    bool
		texts    string
		addition string
	}{
		{"complete", batchXML("2", amt("329.56"), amt("100.00")), "32956 10000", "", false, "text 1|text 2", "|"},
		{"amounts as in version 02", batchXML("", `<AmtDtls><TxAmt>`+amt("329.56")+`</TxAmt></AmtDtls>`, `<AmtDtls><TxAmt>`+amt("100")+`</TxAmt></AmtDtls>`), "32956 10000", "", false, "text 1|text 2", "|"},
		{"both directions", batchXML("", amt("500.00"), amt("70.44")+"<CdtDbtInd>DBIT</CdtDbtInd>"), "50000 -7044", "", false, "text 1|text 2", "|"},
		{"off", batchXML("", amt("329.56"), amt("74.00")), "42956", recon.Warn, true, "text 1 text 2", ""},
		{"other currency", batchXML("", `<Amt Ccy="USD">329.56</Amt>`, amt("100.00")), "42956", recon.Warn, true, "text 1 text 2", ""},
		{"no amounts", batchXML("", "", ""), "42956", recon.Warn, true, "text 1 text 2", ""},
		{"wrong count, right sum", batchXML("3", amt("329.56"), amt("100.00")), "32956 10000", recon.Warn, false, "text 1|text 2", "|"},
		{"part of the details", batchXML("3", amt("329.56"), amt("74.00")), "42956", recon.Hold, true, "text 1 text 2", ""},
		{"details come elsewhere", batchXML("12"), "42956", recon.Warn, false, "", "collected"},
		{"one detail of many", batchXML("5", amt("100.00")), "42956", recon.Hold, true, "text 1", "collected"},
		{"one detail, same amount", batchXML("5", amt("429.56")), "42956", "", false, "text 1", "collected"},
		{"one detail, other amount", batchXML("", amt("400.00")), "42956", recon.Warn, true, "text 1", "collected"},
		{"one detail, charges", batchXML("", amt("400.00")+`<Chrgs><Rcrd>`+amt("29.56")+`</Rcrd></Chrgs>`), "42956", "", false, "text 1", "collected"},
		{"one detail in dollars", batchXML("", `<Amt Ccy="USD">480.00</Amt>`), "42956", "", false, "text 1", "collected"},
	} {
		doc := read(t, c.file)
		s := doc.Statements[0]
		var amounts, texts, additions []string
		for _, e := range s.Entries {
			amounts, texts, additions = append(amounts, fmt.Sprint(e.AmountMinor)), append(texts, e.Text), append(additions, e.Additional)
			if e.Whole != c.whole || (e.Batch != "") != (len(s.Entries) > 1) {
				t.Errorf("%s: whole %v, batch %q", c.what, e.Whole, e.Batch)
			}
		}
		severity := recon.Severity("")
		for _, p := range s.Problems {
			if p.Code == "CAMT-BATCH" {
				severity = p.Severity
			}
		}
		if got := strings.Join(amounts, " "); got != c.amounts || severity != c.problem || strings.Join(texts, "|") != c.texts || strings.Join(additions, "|") != c.addition {
			t.Errorf("%s: %s %q %q %q %v", c.what, got, severity, texts, additions, s.Problems)
		}
	}
}

// What several details agree on is kept on the entry that stands for them; what they do not is left out.
func TestWholeEntryKeepsWhatItsDetailsAgreeOn(t *testing.T) {
	party := func(name string) string {
		return `<RltdPties><Dbtr><Nm>` + name + `</Nm></Dbtr><DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct></RltdPties>`
	}
	e := read(t, batchXML("", party("A"), party("B"))).Statements[0].Entries[0]
	if e.Counterparty.Name != "" || e.Counterparty.Account != "DE02120300000000202051" || e.EndToEndID != "" {
		t.Errorf("%+v", e)
	}
}

func TestTheOtherSideIsNotUs(t *testing.T) {
	us, them := "DE89370400440532013000", "DE02120300000000202051"
	parties := func(debtor, creditor string) string {
		side := func(element, iban string) string {
			if iban == "" {
				return ""
			}
			return "<" + element + "><Nm>" + iban[len(iban)-4:] + "</Nm></" + element + "><" + element + "Acct><Id><IBAN>" + iban + "</IBAN></Id></" + element + "Acct>"
		}
		return "<RltdPties>" + side("Dbtr", debtor) + side("Cdtr", creditor) + "</RltdPties>"
	}
	for _, c := range []struct{ what, indicator, debtor, creditor string }{
		{"money in", "CRDT", them, us}, {"money out", "DBIT", us, them},
		{"a return out that names us as creditor", "DBIT", them, us}, {"a return in that names us as debtor", "CRDT", us, them},
		{"only the wrong side is named", "DBIT", them, ""},
	} {
		file := strings.Replace(statementXML("", strings.Replace(entryXML("x"), "<RmtInf>", parties(c.debtor, c.creditor)+"<RmtInf>", 1)), "CRDT", c.indicator, 1)
		e := read(t, file).Statements[0].Entries[0]
		if e.Counterparty.Account != them || e.Counterparty.Name != "2051" {
			t.Errorf("%s: %+v", c.what, e.Counterparty)
		}
	}
}

func TestForeignElementsAreNeverReadAsOurs(t *testing.T) {
	file := statementXML("", strings.Replace(entryXML("x"), "<Sts>", `<x:Amt xmlns:x="urn:x" Ccy="EUR">99.00</x:Amt><Sts>`, 1)+
		`<SplmtryData><Envlp><Amt xmlns="urn:y">1</Amt></Envlp></SplmtryData>`)
	s := read(t, file).Statements[0]
	if len(s.Entries) != 1 || s.Entries[0].AmountMinor != 1250 {
		t.Errorf("%+v", s.Entries)
	}
	doc := read(t, file)
	if problems := doc.AllProblems(); problems[0].Code != "CAMT-FOREIGN" || problems[0].Severity != recon.Warn {
		t.Errorf("%v", problems)
	}
}

func TestManyFaultsOfOneKindAreCounted(t *testing.T) {
	doc := read(t, statementXML("", strings.Repeat(strings.Replace(entryXML("x"), "12.50", "12,50", 1), 70)))
	problems := doc.Statements[0].Problems
	n := 0
	for _, p := range problems {
		if p.Code == "CAMT-AMT-FORMAT" {
			n++
		}
	}
	if n != maxSame || !strings.HasSuffix(problems[maxSame-1].Message, "; and 20 more like this") {
		t.Errorf("%d problems, the last: %v", n, problems[len(problems)-1])
	}
}

func TestStatementFields(t *testing.T) {
	file := statementXML("", "")
	for _, c := range []struct {
		what, old, new string
		right          func(s *recon.Statement) bool
	}{
		{"legal sequence", "<Acct>", "<LglSeqNb>7</LglSeqNb><Acct>", func(s *recon.Statement) bool { return s.Sequence == "7" }},
		{"electronic sequence first", "<Acct>", "<ElctrncSeqNb>5</ElctrncSeqNb><LglSeqNb>7</LglSeqNb><Acct>", func(s *recon.Statement) bool { return s.Sequence == "5" }},
		{"account of its own kind", "<IBAN>DE89370400440532013000</IBAN>", "<Othr><Id>12 34</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr>", func(s *recon.Statement) bool { return s.Account == "1234" }},
		{"IBAN with blanks", "DE89370400440532013000", "de89 3704 0044 0532 0130 00", func(s *recon.Statement) bool { return s.Account == "DE89370400440532013000" }},
		{"period", "<Acct>", "<FrToDt><FrDtTm>2026-01-01T00:00:00+01:00</FrDtTm><ToDtTm>2026-01-31T23:59:59+01:00</ToDtTm></FrToDt><Acct>",
			func(s *recon.Statement) bool { return s.From == 20260101 && s.To == 20260131 }},
		{"pages of the message", "<MsgId>M</MsgId>", "<MsgPgntn><PgNb>2</PgNb><LastPgInd>false</LastPgInd></MsgPgntn>", func(s *recon.Statement) bool {
			return s.Page != nil && *s.Page == recon.Page{Number: 2, OfMessage: true}
		}},
		{"one page", "<MsgId>M</MsgId>", "<MsgPgntn><PgNb>1</PgNb><LastPgInd>true</LastPgInd></MsgPgntn>", func(s *recon.Statement) bool { return s.Page == nil }},
		{"creation of the message", "<MsgId>M</MsgId>", "<CreDtTm>2026-01-31T20:00:00</CreDtTm>", func(s *recon.Statement) bool { return s.Created == "2026-01-31T20:00:00" }},
	} {
		doc := read(t, strings.Replace(file, c.old, c.new, 1))
		if !c.right(&doc.Statements[0]) {
			t.Errorf("%s: %+v", c.what, doc.Statements[0])
		}
	}
}
