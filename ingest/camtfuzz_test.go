package ingest

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
)

// FuzzReadCamt feeds the XML reader anything: it ends, it never panics, and every record it counted is an
// entry, or a problem that refuses or holds. What another reader finds malformed, it refuses too.
func FuzzReadCamt(f *testing.F) {
	for _, version := range []int{2, 4, 8} {
		var file bytes.Buffer
		if err := fixtures.WriteCamt(&file, version, sampleStatements(), fixtures.CamtOptions{}); err != nil {
			f.Fatal(err)
		}
		f.Add(file.Bytes())
	}
	seeds, err := filepath.Glob(filepath.Join(problemFolder, "*.xml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 8<<10 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := readAll(data, cuttingFor(1))
		if err != nil {
			t.Fatalf("an error of the world from a reader that has none: %v", err)
		}
		for i := range doc.Statements {
			checkFates(t, &doc.Statements[i], doc.Problems)
		}
		if err := wellFormed(data); err != nil && recon.Worst(doc.Problems) != recon.Reject {
			t.Errorf("encoding/xml refuses what we read: %v", err)
		}
	})
}

// readAll reads XML whatever it looks like.
func readAll(data []byte, how cutting) (recon.Document, error) {
	var all collector
	n := min(len(data), sniffSize)
	doc, err := readXML(data[:n], bytes.NewReader(data[n:]), how, nil, &all)
	doc.Statements = all.statements
	return doc, err
}

// wellFormed is the opinion of another XML reader, where it can have one: on UTF-8.
func wellFormed(data []byte) error {
	source, _, problems := utf8Source(data, bytes.NewReader(nil))
	if source == nil || recon.Worst(problems) == recon.Reject {
		return nil
	}
	d := xml.NewDecoder(source)
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func checkFates(t *testing.T, s *recon.Statement, ofFile []recon.Problem) {
	records := 0
	for i := range s.Entries {
		if e := &s.Entries[i]; i == 0 || e.Batch == "" || e.Batch != s.Entries[i-1].Batch {
			records++
		}
	}
	if records+s.Counts.Rejected > s.Counts.Entries {
		t.Errorf("%d entries and %d rejected of %d records", records, s.Counts.Rejected, s.Counts.Entries)
	}
	if records+s.Counts.Rejected < s.Counts.Entries && recon.Worst(ofFile) != recon.Reject {
		t.Errorf("%d of %d records are lost without a word", s.Counts.Entries-records-s.Counts.Rejected, s.Counts.Entries)
	}
	if s.Counts.Rejected > 0 && s.Ties == recon.Ties {
		t.Error("a statement ties although a record could not be read")
	}
	if worst := recon.Worst(s.Problems); s.Counts.Rejected > 0 && worst != recon.Reject && worst != recon.Hold {
		t.Errorf("a record is rejected and nobody is told: %v", s.Problems)
	}
}
