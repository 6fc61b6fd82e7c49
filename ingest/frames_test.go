package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
)

// fine cuts so that a file of a few entries is read in many frames.
func fine(size int) cutting { return cutting{workers: 2, after: 1, size: size, most: 16 * size} }

// agree reads data in order and in frames and fails where the two differ in anything.
func agree(t interface {
	Helper()
	Fatalf(string, ...any)
}, data []byte, sizes ...int) {
	t.Helper()
	want, err := readAll(data, cuttingFor(1))
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, size := range sizes {
		got, err := readAll(data, fine(size))
		if err != nil {
			t.Fatalf("frames of %d bytes: %v", size, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("frames of %d bytes: %v\nin order: %v\n%s", size, got.AllProblems(), want.AllProblems(), strings.Join(unlike(got.Statements, want.Statements), "\n"))
		}
	}
}

// What stands between entries, or within one, where a cut may be wrong.
var oddities = []string{
	"", "\n", "<!-- </Ntry> -->", "<!-- <Ntry> -->", "<![CDATA[</Ntry><Ntry>]]>", "<?note </Ntry>?>", "<Ntry></Ntry>", "<Ntry><Ntry/></Ntry>",
	"<Other><Ntry></Ntry></Other>", "<x:Ntry xmlns:x='urn:x'></x:Ntry>", "<Ntry xmlns='urn:y'></Ntry>", "<Ntry a='</Ntry>'/>", "<Ntry a='x'></Ntry>", "</Ntry>", "</Stmt><Stmt>",
	"<Bal><Tp><Cd>CLBD</Cd></Tp><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>", "<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></Acct>", "text", "&amp;", "&xxe;",
	"\x00", "\xfc", "]]>", "<", "<Ntry", "&#65;", "<AddtlNtryInf>M&#252;ller &lt;/Ntry&gt;</AddtlNtryInf>", "<Amt Ccy=\"USD\">1.00</Amt>", "<Sts>PDNG</Sts>", "<Sts>XXXX</Sts>",
	"<TxsSummry><TtlNtries><NbOfNtries>3</NbOfNtries></TtlNtries></TxsSummry>", "<StmtPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>", "</Stmt></BkToCstmrStmt></Document>",
}

func TestFramesReadWhatIsReadInOrder(t *testing.T) {
	var statements []recon.Statement
	for range 3 {
		statements = append(statements, sampleStatements()...)
	}
	for _, opts := range []fixtures.CamtOptions{{}, {Prefix: "ns2"}, {Latin1: true, Envelope: "soap"}} {
		var file bytes.Buffer
		if err := fixtures.WriteCamt(&file, 8, statements, opts); err != nil {
			t.Fatal(err)
		}
		agree(t, file.Bytes(), 1, 100, 1000, 5000, 100_000)
	}
	for _, odd := range oddities {
		for at := range 3 {
			entries := []string{entryXML("a"), entryXML("b"), entryXML("c"), entryXML("d"), entryXML("e"), entryXML("f")}
			entries[1+at] += odd
			agree(t, []byte(statementXML("", strings.Join(entries, ""))), 1, 300, 700)
			entries[1+at] = strings.Replace(entryXML("x"), "<Sts>", odd+"<Sts>", 1)
			agree(t, []byte(statementXML("", strings.Join(entries, "\n"))), 1, 300, 700)
		}
	}
}

// Files of many statements, entries and oddities in any order, cut, doubled and damaged at any place.
func TestFramesAgreeOnWhateverIsSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parts []string
		for range rapid.IntRange(1, 20).Draw(t, "parts") {
			part := entryXML(rapid.SampledFrom([]string{"x", "Invoice 7", "M&amp;S", "ü"}).Draw(t, "text"))
			switch rapid.IntRange(0, 9).Draw(t, "kind") {
			case 0:
				part = rapid.SampledFrom(oddities).Draw(t, "between")
			case 1:
				at := rapid.IntRange(0, len(part)).Draw(t, "at")
				part = part[:at] + rapid.SampledFrom(oddities).Draw(t, "within") + part[at:]
			case 2:
				part = part[:rapid.IntRange(0, len(part)).Draw(t, "cut")]
			}
			parts = append(parts, part)
		}
		agree(t, []byte(statementXML("", strings.Join(parts, rapid.SampledFrom([]string{"", "\n", " "}).Draw(t, "gap")))), rapid.IntRange(1, 2000).Draw(t, "frame"))
	})
}

// Whatever the reader meets in a frame, it has met in order as well.
func FuzzFramesAgree(f *testing.F) {
	for _, odd := range oddities {
		f.Add([]byte(statementXML("", entryXML("a")+entryXML("b")+odd+entryXML("c")+entryXML("d"))), 300)
	}
	seeds, err := filepath.Glob(filepath.Join(problemFolder, "CAMT-*.xml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, 700)
	}
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		agree(t, data, min(max(size, 1), 64<<10))
	})
}

// The world's errors arrive in frames as they do in order: after what could be read.
func TestFramesStopWhereTheSourceFails(t *testing.T) {
	var file bytes.Buffer
	if err := writeBench(&file, 2000); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("disk on fire")
	for _, n := range []int{600_000, 1_000_000, file.Len() - 10} {
		for _, workers := range []int{1, 4} {
			r := io.MultiReader(bytes.NewReader(file.Bytes()[:n]), iotest.ErrReader(broken))
			if _, err := Read("x.xml", r, Options{Workers: workers}); !errors.Is(err, broken) {
				t.Errorf("%d bytes, %d workers: %v", n, workers, err)
			}
			doc, err := Read("x.xml", bytes.NewReader(file.Bytes()), Options{Workers: workers, MaxBytes: int64(n)})
			if err != nil || fmt.Sprint(doc.Problems) != fmt.Sprint([]recon.Problem{tooLarge(int64(n))}) {
				t.Errorf("%d bytes are too many, %d workers: %v %v", n, workers, err, doc.Problems)
			}
		}
	}
}
