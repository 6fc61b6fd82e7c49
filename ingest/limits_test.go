package ingest

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
)

// long is a file of head, n times what body writes, and tail, which is never in memory whole.
func long(head string, n int, body func(i int) string, tail string) io.Reader {
	r, w := io.Pipe()
	go func() {
		var piece strings.Builder
		piece.WriteString(head)
		for i := range n {
			if piece.WriteString(body(i)); piece.Len() > 64<<10 {
				if _, err := io.WriteString(w, piece.String()); err != nil {
					return
				}
				piece.Reset()
			}
		}
		piece.WriteString(tail)
		io.WriteString(w, piece.String())
		w.Close()
	}()
	return r
}

// around cuts a file in two where the mark stands.
func around(file string) (head, tail string) {
	head, tail, _ = strings.Cut(file, "@")
	return head, tail
}

const textLine = "<Ustrd>" + "0123456789abcdef0123456789abcdef" + "</Ustrd>"

func TestLimitsOfAFile(t *testing.T) {
	inStatement, endStatement := around(statementXML("", "@"))
	inEntry, endEntry := around(statementXML("", entryXML("</Ustrd>@<Ustrd>")))
	batch, endBatch := around(batchXML("", "@"))
	batch = batch[:strings.LastIndex(batch, "<TxDtls>")]
	endBatch = endBatch[strings.Index(endBatch, "</NtryDtls>"):]
	same := func(s string) func(int) string { return func(int) string { return s } }
	for _, c := range []struct {
		what, head string
		n          int
		body       func(int) string
		tail       string
		code       string
		severity   recon.Severity
		says       string
	}{
		{"balances", inStatement, maxBalances + 1, same("<Bal/>"), endStatement, "XML-LIMIT", recon.Reject, "a statement has more than 1000 balances"},
		{"statements", strings.Replace(inStatement, "<Stmt>", "<Stmt></Stmt><Stmt>", 1), maxStatements, same("</Stmt><Stmt>"), endStatement, "XML-LIMIT", recon.Reject, "the file holds more than 50000 statements"},
		{"namespaces", inStatement, maxSpaces, func(i int) string { return fmt.Sprintf(`<x:a xmlns:x="urn:%d"/>`, i) }, endStatement, "XML-LIMIT", recon.Reject, "the file has more than 256 namespaces"},
		{"text of one entry", inEntry, maxEntryText/32 + 2, same(textLine), endEntry, "XML-LIMIT", recon.Reject, "one entry holds more than 64 MiB of text"},
		{"details", batch, maxDetails + 7, same(`<TxDtls><Amt Ccy="EUR">1.00</Amt></TxDtls>`), endBatch, "CAMT-BATCH", recon.Hold, "the entry has 100007 details, more than 100000 are not split"},
		{"text of details", batch, 3000, same(`<TxDtls><Amt Ccy="EUR">1.00</Amt><RmtInf>` + strings.Repeat(textLine, 400) + `</RmtInf></TxDtls>`), endBatch, "CAMT-BATCH", recon.Hold,
			"the entry has 3000 details, more than 2622 are not split"},
	} {
		doc, err := Read("x.xml", long(c.head, c.n, c.body, c.tail), Options{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, p := range doc.AllProblems() {
			found = found || p.Code == c.code && p.Severity == c.severity && p.Message == c.says
		}
		if problems := doc.AllProblems(); !found || len(problems) > maxProblems+maxStatements {
			t.Errorf("%s: %d problems, %.600v, want %s %q", c.what, len(problems), problems, c.code, c.says)
		}
		if c.code == "CAMT-BATCH" && (len(doc.Statements[0].Entries) != 1 || !doc.Statements[0].Entries[0].Whole) {
			t.Errorf("%s: %d entries", c.what, len(doc.Statements[0].Entries))
		}
	}
}

func TestElementsAreCounted(t *testing.T) {
	x := newScanner(strings.NewReader(statementXML("", entryXML("a")+entryXML("b"))))
	x.limit = 20
	var all collector
	newCamtReader(x, cuttingFor(1), &all).file()
	if x.fault == nil || x.fault.Code != "XML-LIMIT" || x.fault.Message != "the file has more than 20 elements" {
		t.Errorf("%v", x.fault)
	}
}

// Where statements are many and each has many faults, each names its worst.
func TestProblemsOfAFileAreBounded(t *testing.T) {
	bad := strings.Repeat(strings.Replace(entryXML("x"), "12.50", "1,2", 1), 40)
	head, tail := around(statementXML("", "@"))
	doc, err := Read("x.xml", long(head, 400, func(int) string { return bad + "</Stmt><Stmt>" }, tail), Options{})
	if err != nil || len(doc.Statements) != 401 {
		t.Fatal(err, len(doc.Statements))
	}
	if n := len(doc.AllProblems()); n > maxProblems+400 {
		t.Errorf("%d problems", n)
	}
	last := doc.Statements[399].Problems
	if len(last) != 1 || last[0].Severity != recon.Reject || !strings.HasSuffix(last[0].Message, "more problems of this statement") {
		t.Errorf("%v", last)
	}
}

func TestSumsDoNotOverflow(t *testing.T) {
	large := recon.Entry{AmountMinor: 999_999_999_999_999_999}
	s := provable(100_00, large, large, large, large, large)
	if problems := Prove(s); len(problems) != 1 || problems[0].Code != "CAMT-AMT-RANGE" || s.Ties != recon.Broken {
		t.Errorf("%v %v", s.Ties, problems)
	}
}
