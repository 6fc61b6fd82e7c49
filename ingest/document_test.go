package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"testing"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
)

// The statement document is a contract: its golden file shows every key.
func TestStatementDocument(t *testing.T) {
	var file bytes.Buffer
	if err := fixtures.WriteCamt(&file, 8, sampleStatements(), fixtures.CamtOptions{}); err != nil {
		t.Fatal(err)
	}
	refused := recon.Document{Problems: []recon.Problem{{Code: "FILE-EMPTY", Severity: recon.Reject, Message: "the file has 0 bytes", Try: "again"}}}
	var got bytes.Buffer
	if err := WriteDocument(&got, []ParsedFile{{"a \"quoted\" name.xml", read(t, file.String())}, {"empty.csv", refused}}); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/document.golden.json"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%v, got\n%s", err, got.Bytes())
	}
	var any struct {
		Files []struct {
			Statements []struct{ Entries []map[string]any }
		}
	}
	if err := json.Unmarshal(got.Bytes(), &any); err != nil || len(any.Files) != 2 || len(any.Files[0].Statements[0].Entries[0]) != 24 {
		t.Errorf("no document: %v", err)
	}
}

type brokenWriter struct{}

var errBroken = errors.New("pipe closed")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestDocumentSaysWhenItCannotBeWritten(t *testing.T) {
	if err := WriteDocument(brokenWriter{}, []ParsedFile{{File: "x"}}); !errors.Is(err, errBroken) {
		t.Errorf("%v", err)
	}
}

// A statement larger than what is held back is written entries first, and says the same.
func TestLargeStatementsAreWrittenAsTheyCome(t *testing.T) {
	var file bytes.Buffer
	if err := writeBench(&file, 3000); err != nil {
		t.Fatal(err)
	}
	doc := read(t, file.String())
	var held, streamed bytes.Buffer
	if err := WriteDocument(&held, []ParsedFile{{"x.xml", doc}}); err != nil {
		t.Fatal(err)
	}
	out := NewDocumentWriter(&streamed)
	out.BeginFile("x.xml")
	parsed, err := Stream("x.xml", &file, Options{}, out)
	if err := errors.Join(err, out.EndFile(&parsed), out.Close()); err != nil {
		t.Fatal(err)
	}
	var want, got any
	if err := errors.Join(json.Unmarshal(held.Bytes(), &want), json.Unmarshal(streamed.Bytes(), &got)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, another document", err)
	}
	if !bytes.Contains(streamed.Bytes()[:200], []byte(`"statements":[`+"\n "+`{"entries":[`)) {
		t.Errorf("the entries do not come first: %s", streamed.Bytes()[:200])
	}
}

func TestStreamingStopsWithTheWriter(t *testing.T) {
	var file bytes.Buffer
	if err := writeBench(&file, 3000); err != nil {
		t.Fatal(err)
	}
	out := NewDocumentWriter(brokenWriter{})
	out.BeginFile("x.xml")
	if _, err := Stream("x.xml", &file, Options{}, out); !errors.Is(err, errBroken) || file.Len() == 0 {
		t.Errorf("%v, %d bytes left", err, file.Len())
	}
}
