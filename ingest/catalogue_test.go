package ingest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
)

var update = flag.Bool("update", false, "rewrite golden files")

// problemFolder holds one file per fault: <CODE>.xml, .csv or .bin, with .<variant> or -<variant> behind the code, beside it the problems
// that reading it must name (<name>.golden.json) and, where it needs some, the options (<name>.options.json).
const problemFolder = "../fixtures/problems"

// catalogueOptions are the options of one file of the catalogue.
type catalogueOptions struct {
	Account  string `json:"account"`
	Profile  string `json:"profile"`
	MaxBytes int64  `json:"max_bytes"`
}

func TestProblemCatalogue(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(problemFolder, "*.*"))
	if err != nil || len(files) == 0 {
		t.Fatal("no catalogue", err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, ".json") {
			continue
		}
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			base := strings.TrimSuffix(path, filepath.Ext(path))
			doc, err := Read(name, bytes.NewReader(data), readOptions(t, base+".options.json"))
			if err != nil {
				t.Fatal(err)
			}
			problems := doc.AllProblems()
			checkCatalogue(t, name, problems)
			compareGolden(t, base+".golden.json", problems)
		})
	}
}

func readOptions(t *testing.T, path string) Options {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return Options{}
	}
	var o catalogueOptions
	if err == nil {
		err = json.Unmarshal(data, &o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return Options{Account: o.Account, Profile: o.Profile, MaxBytes: o.MaxBytes}
}

// checkCatalogue holds every message to what a user is owed: the code that the file is named after, what
// was seen, and what to try.
func checkCatalogue(t *testing.T, name string, problems []recon.Problem) {
	found := false
	for _, p := range problems {
		rest, named := strings.CutPrefix(name, p.Code)
		found = found || named && (rest[0] == '.' || rest[0] == '-')
		if p.Message == "" || p.Try == "" || p.Severity == "" {
			t.Errorf("%s says too little: %+v", p.Code, p)
		}
		if strings.Contains(p.Message, "DE89370400440532013000") {
			t.Errorf("%s shows an account number", p.Code)
		}
	}
	if !found {
		t.Errorf("%s does not cause the problem it is named after: %v", name, problems)
	}
}

func compareGolden(t *testing.T, path string, problems []recon.Problem) {
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(problems); err != nil {
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
