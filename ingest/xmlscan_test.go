package ingest

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tieout/tieout/recon"
)

// statementXML is a small valid file with place for what a test puts into it.
func statementXML(head, inner string) string {
	return head + `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S1</Id>` +
		`<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>` + inner + `</Stmt></BkToCstmrStmt></Document>`
}

// entryXML is one entry of 12.50 with a text.
func entryXML(text string) string {
	return `<Ntry><Amt Ccy="EUR">12.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-01-05</Dt></BookgDt>` +
		`<NtryDtls><TxDtls><RmtInf><Ustrd>` + text + `</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`
}

func read(t *testing.T, file string) recon.Document {
	t.Helper()
	doc, err := Read("x.xml", strings.NewReader(file), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// worst is the code and place of the first problem that refuses.
func worst(doc recon.Document) string {
	for _, p := range doc.AllProblems() {
		if p.Severity == recon.Reject {
			return p.Code
		}
	}
	return ""
}

func TestWhatIsNotWellFormedIsRefusedByName(t *testing.T) {
	good := statementXML("", entryXML("Invoice 1001"))
	for _, c := range []struct{ what, file, code string }{
		{"nothing wrong", good, ""},
		{"cut in the middle", good[:len(good)/2], "XML-TRUNCATED"},
		{"cut before the last tag", good[:len(good)-3], "XML-TRUNCATED"},
		{"only a declaration", `<?xml version="1.0"?>`, "XML-TRUNCATED"},
		{"a second root", good + "<more/>", "XML-TRAILING"},
		{"text behind the root", good + "x", "XML-TRAILING"},
		{"zeros behind the root", good + "\x00\x00", "XML-TRAILING"},
		{"a comment behind the root", good + "\n<!-- ok -->\n", ""},
		{"wrong end tag", strings.Replace(good, "</Sts>", "</Stz>", 1), "XML-MALFORMED"},
		{"longer end tag", strings.Replace(good, "</Sts>", "</Stss>", 1), "XML-MALFORMED"},
		{"blank in the end tag", strings.Replace(good, "</Sts>", "</Sts >", 1), ""},
		{"blank before the name", strings.Replace(good, "<Sts>", "< Sts>", 1), "XML-MALFORMED"},
		{"attribute twice", strings.Replace(good, `Ccy="EUR"`, `Ccy="EUR" Ccy="USD"`, 1), "XML-MALFORMED"},
		{"attribute without quotes", strings.Replace(good, `Ccy="EUR"`, `Ccy=EUR`, 1), "XML-MALFORMED"},
		{"attributes without a blank", strings.Replace(good, `Ccy="EUR"`, `Ccy="EUR"x="1"`, 1), "XML-MALFORMED"},
		{"a document type", `<!DOCTYPE Document>` + good, "XML-DTD"},
		{"entities of one's own", `<!DOCTYPE d [<!ENTITY a "b">]>` + statementXML("", entryXML("&a;")), "XML-DTD"},
		{"an unknown entity", statementXML("", entryXML("&xxe;")), "XML-ENTITY"},
		{"an unknown entity in what is not read", statementXML("", "<Other>&xxe;</Other>"), "XML-ENTITY"},
		{"a reference to no character", statementXML("", entryXML("&#0;")), "XML-ENTITY"},
		{"a lone ampersand", statementXML("", entryXML("a & b")), "XML-MALFORMED"},
		{"]]> in text", statementXML("", entryXML("a ]]> b")), "XML-MALFORMED"},
		{"-- in a comment", statementXML("", "<!-- a -- b -->"), "XML-MALFORMED"},
		{"control character", statementXML("", entryXML("a\x01b")), "XML-CHAR"},
		{"latin-1 in UTF-8", statementXML("", entryXML("M\xfcller")), "XML-UTF8"},
		{"rune cut at the end", statementXML("", entryXML("x")) + "\xc3", "XML-TRAILING"},
		{"depth", strings.Repeat("<a>", 65) + strings.Repeat("</a>", 65), "XML-LIMIT"},
		{"long text", statementXML("", entryXML(strings.Repeat("x", maxText+1))), "XML-LIMIT"},
		{"long attribute", strings.Replace(good, `Ccy="EUR"`, `Ccy="`+strings.Repeat("E", maxAttribute)+`"`, 1), "XML-LIMIT"},
		{"undeclared prefix", strings.Replace(good, "<Sts>BOOK</Sts>", "<b:Sts>BOOK</b:Sts>", 1), "CAMT-NAMESPACE"},
		{"XML 1.1", `<?xml version="1.1"?>` + good, "XML-VERSION"},
		{"UTF-7", `<?xml version="1.0" encoding="UTF-7"?>` + good, "XML-ENCODING"},
		{"UTF-16 that is none", `<?xml version="1.0" encoding="UTF-16"?>` + good, "XML-ENCODING"},
		{"a declaration in the middle", statementXML("", `<?xml version="1.0"?>`), "XML-MALFORMED"},
		{"an attribute that begins with a digit", strings.Replace(good, `Ccy="EUR"`, `Ccy="EUR" 6y="1"`, 1), "XML-MALFORMED"},
		{"an element that begins with a digit", statementXML("", "<6y/>"), "XML-MALFORMED"},
		{"two colons", strings.Replace(good, "<Sts>BOOK</Sts>", "<b:S:ts>BOOK</b:S:ts>", 1), "XML-MALFORMED"},
		{"letters beyond ASCII", statementXML("", "<Währung ä=\"1\"/>"), ""},
		{"signs beyond ASCII", statementXML("", "<W×/>"), "XML-MALFORMED"},
		{"an instruction without a name", "<?\x7fml?>" + good, "XML-MALFORMED"},
		{"an instruction", statementXML("", `<?note x?>`), ""},
	} {
		if got := worst(read(t, c.file)); got != c.code {
			t.Errorf("%s: %q, want %q", c.what, got, c.code)
		}
	}
}

func TestTextIsReadAsItWasMeant(t *testing.T) {
	for written, want := range map[string]string{
		"plain":                                  "plain",
		"  outer blanks ":                        "outer blanks",
		"a\r\n\tb":                               "a   b",
		"M&amp;S &lt;&gt;&quot;&apos;":           `M&S <>"'`,
		"&#65;&#x42;&#x20AC;":                    "AB€",
		"a<!-- comment -->b":                     "ab",
		"a<?pi x?>b":                             "ab",
		"<![CDATA[<&>]]>":                        "<&>",
		"a<![CDATA[ & ]]>b":                      "a & b",
		"Zürich 東京 \U0001F600":                   "Zürich 東京 \U0001F600",
		"amp;amp &amp;amp;":                      "amp;amp &amp;",
		strings.Repeat("long ", 200_000) + "end": strings.Repeat("long ", 200_000) + "end",
	} {
		doc := read(t, statementXML("", entryXML(written)))
		if len(doc.Statements) != 1 || len(doc.Statements[0].Entries) != 1 {
			t.Fatalf("%.40q: %v", written, doc.AllProblems())
		}
		if got := doc.Statements[0].Entries[0].Text; got != want {
			t.Errorf("%.40q is read as %.60q, want %.60q", written, got, want)
		}
	}
}

// Wherever the bytes are cut on their way, the same is read.
func TestReadingDoesNotDependOnHowBytesArrive(t *testing.T) {
	var file bytes.Buffer
	if err := writeBench(&file, 40); err != nil {
		t.Fatal(err)
	}
	hard := statementXML("<?xml version=\"1.0\"?>\n<!-- c -->", entryXML("a &amp; b<![CDATA[ü]]>")+"<Other a='1' b=\"2\"><x/></Other>")
	for _, text := range []string{file.String(), hard, hard[:len(hard)-9], statementXML("", entryXML("Zür\xc3"))} {
		want := read(t, text)
		for name, r := range map[string]io.Reader{
			"one byte at a time": iotest.OneByteReader(strings.NewReader(text)),
			"halves":             iotest.HalfReader(strings.NewReader(text)),
			"data with the end":  iotest.DataErrReader(strings.NewReader(text)),
		} {
			got, err := Read("x.xml", r, Options{})
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: another document (%v) %v, want %v", name, err, got.AllProblems(), want.AllProblems())
			}
		}
	}
}

// A buffer of a few bytes meets every token cut at every place.
func TestSmallBufferReadsTheSame(t *testing.T) {
	text := statementXML("", entryXML("a &amp; b")+`<Other a='1' b="2"><x/><!-- y --></Other>`+entryXML("<![CDATA[z]]>"))
	want := read(t, text)
	for size := 1; size < 64; size++ {
		x := newScanner(strings.NewReader(text))
		x.buf = make([]byte, size)
		var all collector
		newCamtReader(x, cuttingFor(1), &all).file()
		if x.fault != nil || !reflect.DeepEqual(all.statements, want.Statements) {
			t.Fatalf("with a buffer of %d bytes something else is read: %v", size, x.fault)
		}
	}
}

func TestWorldErrorsAreErrors(t *testing.T) {
	broken := errors.New("disk on fire")
	text := statementXML("", entryXML("x"))
	for n := 0; n < len(text); n += 50 {
		r := io.MultiReader(strings.NewReader(text[:n]), iotest.ErrReader(broken))
		if _, err := Read("x.xml", r, Options{}); !errors.Is(err, broken) {
			t.Fatalf("after %d bytes: error %v", n, err)
		}
	}
}

func TestEncodings(t *testing.T) {
	const name = "Zürcher Bäckerei & Söhne €"
	utf16 := func(s string, big bool) string {
		var b strings.Builder
		for _, r := range "\ufeff" + s {
			if big {
				b.WriteByte(byte(r >> 8))
				b.WriteByte(byte(r))
			} else {
				b.WriteByte(byte(r))
				b.WriteByte(byte(r >> 8))
			}
		}
		return b.String()
	}
	text := strings.ReplaceAll(name, "&", "&amp;")
	wide := statementXML(`<?xml version="1.0" encoding="UTF-16"?>`, entryXML(text))
	bytesOf := strings.NewReplacer("ü", "\xfc", "ä", "\xe4", "ö", "\xf6")
	for what, file := range map[string]string{
		"UTF-8":           statementXML(`<?xml version="1.0" encoding="UTF-8"?>`, entryXML(text)),
		"UTF-8 with mark": "\ufeff" + statementXML(`<?xml version="1.0" encoding="UTF-8"?>`, entryXML(text)),
		"no declaration":  statementXML("", entryXML(text)),
		"UTF-16 little":   utf16(wide, false),
		"UTF-16 big":      utf16(wide, true),
		"windows-1252":    statementXML(`<?xml version="1.0" encoding="windows-1252"?>`, entryXML(bytesOf.Replace(strings.ReplaceAll(text, "€", "\x80")))),
		"ISO-8859-15":     statementXML(`<?xml version='1.0' encoding='iso-8859-15'?>`, entryXML(bytesOf.Replace(strings.ReplaceAll(text, "€", "\xa4")))),
		"ISO-8859-1":      statementXML(`<?xml version="1.0" encoding="ISO-8859-1"?>`, entryXML(bytesOf.Replace(strings.ReplaceAll(text, "€", "&#8364;")))),
	} {
		doc := read(t, file)
		if len(doc.Statements) != 1 || len(doc.Statements[0].Entries) != 1 || doc.Statements[0].Entries[0].Text != name {
			t.Errorf("%s: %v %v", what, doc.Statements, doc.AllProblems())
		}
	}
	undefined := statementXML(`<?xml version="1.0" encoding="windows-1252"?>`, entryXML("a\x81b"))
	if got := worst(read(t, undefined)); got != "XML-UTF8" {
		t.Errorf("a byte that windows-1252 does not know: %q", got)
	}
}

func TestFilesBeyondTheLimitAreRefused(t *testing.T) {
	text := statementXML("", entryXML("x"))
	size := int64(len(text))
	for limit, want := range map[int64]string{size: "", size - 1: "FILE-TOO-LARGE", 10: "FILE-TOO-LARGE", 0: ""} {
		doc, err := Read("x.xml", strings.NewReader(text), Options{MaxBytes: limit})
		if err != nil || worst(doc) != want {
			t.Errorf("limit %d: %v %v", limit, worst(doc), err)
		}
	}
}
