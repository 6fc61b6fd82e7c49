package ingest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
)

// cataloguePage is the page of all codes, written from the fixtures that cause them.
const cataloguePage = "../docs/problems.md"

// families are the chapters of the page, by how their codes begin.
var families = []struct {
	title, about string
	prefixes     []string
}{
	{"Files", "What arrives in the folder, before anything of it is read.", []string{"FILE-"}},
	{"XML", "What makes a file no XML. Such a file falls whole.", []string{"XML-"}},
	{"camt.053", "What is wrong in a bank's statement.", []string{"CAMT-"}},
	{"CSV", "What is wrong in a bank's CSV export, or in a CSV file that is imported.", []string{"CSV-"}},
	{"Accounts and statements", "What a statement is to those that are there already.", []string{"ACCOUNT-", "STATEMENT-", "SOURCE-"}},
	{"Open items, customers, instalments, disputes", "What is wrong in the files of the accounting system.", []string{"INV-", "CUST-", "PLAN-", "DISPUTE-"}},
	{"Truth files", "What is wrong in a file that `tieout eval` scores by.", []string{"TRUTH-"}},
	{"Configuration and rules", "What is wrong in tieout.yaml and rules.yaml.", []string{"CFG-", "RULE-", "SCHED-", "STORE-"}},
}

// catalogued is a problem that a fixture causes.
type catalogued struct {
	recon.Problem
	file string // below fixtures/problems
}

func TestCataloguePage(t *testing.T) {
	rows := readCatalogue(t)
	page := writeCataloguePage(t, rows)
	if *update {
		if err := os.WriteFile(cataloguePage, page, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want, err := os.ReadFile(cataloguePage); err != nil || !bytes.Equal(page, want) {
		t.Errorf("%s is stale (%v): go test ./ingest -run CataloguePage -update", cataloguePage, err)
	}
}

// Every code that this package can raise has a fixture that causes it.
func TestCatalogueIsComplete(t *testing.T) {
	known := map[string]bool{}
	for _, row := range readCatalogue(t) {
		known[row.Code] = true
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile(`"((?:FILE|XML|CAMT|CSV|ACCOUNT|INV|CUST|PLAN|DISPUTE|TRUTH)-[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*)"`)
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllSubmatch(text, -1) {
			if !known[string(m[1])] {
				t.Errorf("%s raises %s, which no file in %s causes", source, m[1], problemFolder)
			}
		}
	}
}

// readCatalogue returns the problems that files are named after, by code and file.
func readCatalogue(t *testing.T) []catalogued {
	var rows []catalogued
	err := filepath.WalkDir(problemFolder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		cause, golden := strings.CutSuffix(path, ".golden.json")
		if !golden && filepath.Ext(path) != ".txtar" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if golden {
			path = causeOf(t, cause)
		}
		for _, p := range problemsIn(text) {
			rest, named := strings.CutPrefix(entry.Name(), p.Code)
			row := catalogued{p, filepath.ToSlash(strings.TrimPrefix(path, problemFolder+string(filepath.Separator)))}
			if row.Where = ""; named && (rest[0] == '.' || rest[0] == '-' && rest[1] >= 'a') && !slices.Contains(rows, row) {
				rows = append(rows, row)
			}
		}
		return nil
	})
	if err != nil || len(rows) == 0 {
		t.Fatal("no catalogue", err)
	}
	slices.SortStableFunc(rows, func(a, b catalogued) int { return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.file, b.file)) })
	return rows
}

// causeOf finds the file whose problems stand in <cause>.golden.json.
func causeOf(t *testing.T, cause string) string {
	files, err := filepath.Glob(cause + ".*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if ext := filepath.Ext(file); ext != ".json" && strings.TrimSuffix(file, ext) == cause {
			return file
		}
	}
	t.Fatalf("nothing causes %s.golden.json", cause)
	return ""
}

// problemsIn finds the problems in a golden file or a script.
func problemsIn(text []byte) (problems []recon.Problem) {
	for _, object := range regexp.MustCompile(`\{\s*"code": [^{}]*(?:\{[^{}]*\}[^{}]*)*\}`).FindAll(text, -1) {
		var p recon.Problem
		if json.Unmarshal(object, &p) == nil {
			problems = append(problems, p)
		}
	}
	return problems
}

func writeCataloguePage(t *testing.T, rows []catalogued) []byte {
	var page bytes.Buffer
	page.WriteString(`# Every problem by its code

Codes are stable. What a problem does: **reject** refuses the file whole, and nothing of it is stored; **hold** keeps it for a
person to accept or reject; **warn** accepts it, somebody should know. The messages below are those of the files named, which
cause them, in [fixtures/problems](../fixtures/problems). This page is written from them:
` + "`go test ./ingest -run CataloguePage -update`.\n")
	written := 0
	for _, family := range families {
		fmt.Fprintf(&page, "\n## %s\n\n%s\n\n| code | does | says | try | file |\n| --- | --- | --- | --- | --- |\n", family.title, family.about)
		for _, row := range rows {
			if slices.ContainsFunc(family.prefixes, func(prefix string) bool { return strings.HasPrefix(row.Code, prefix) }) {
				fmt.Fprintf(&page, "| %s | %s | %s | %s | [%s](../fixtures/problems/%s) |\n", row.Code, row.Severity, cell(row.Message), cell(row.Try), row.file, row.file)
				written++
			}
		}
	}
	if written != len(rows) {
		t.Fatalf("%d of %d codes belong to no chapter", len(rows)-written, len(rows))
	}
	return page.Bytes()
}

// cell is a text in a table of the page.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "*", `\*`, "_", `\_`, "[", `\[`).Replace(s)
}
