package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/tieout/tieout"

// mayImport is the architecture: which packages of ours a package may import. A package that is not listed fails.
var mayImport = map[string][]string{
	"recon":                 {},
	"recon/strict":          {"recon"},
	"rules":                 {"recon", "recon/strict"},
	"ingest":                {"recon", "recon/strict"},
	"fixtures":              {"recon"},
	"fixtures/labelled":     {"recon", "fixtures"},
	"matcher":               {"recon", "rules"},
	"books":                 {"recon", "rules"},
	"store":                 {"recon"},
	"store/sqlite":          {"recon", "store"},
	"store/storetest":       {"recon", "store"},
	"store/postgres":        {"recon", "store"},
	"store/postgres/pgtest": {},
	"deploy/bench":          {},
	"worker":                {"recon", "rules", "matcher", "ingest", "books", "store"},
	"review":                {"recon", "rules", "matcher", "books", "store"}, // the worker is handed in as functions
	"cmd/tieout":            {"recon", "recon/strict", "rules", "matcher", "ingest", "books", "store", "store/sqlite", "store/postgres", "worker", "review", "fixtures", "fixtures/labelled", "deploy/bench"},
}

// owners says which packages may import a library: each has one owner, and tests may use more.
var owners = map[string][]string{
	"github.com/gocarina/gocsv":           {"ingest"},
	"github.com/moov-io/iso20022":         {"ingest"},
	"encoding/csv":                        {"ingest", "books", "fixtures", "fixtures/labelled", "review"},
	"go.yaml.in/yaml/v3":                  {"recon/strict"},
	"github.com/robfig/cron/v3":           {"worker"},
	"github.com/spf13/cobra":              {"cmd/tieout"},
	"github.com/schollz/progressbar/v3":   {"cmd/tieout"},
	"modernc.org/sqlite":                  {"store/sqlite"},
	"github.com/jackc/pgx/v5":             {"store/postgres", "store/postgres/pgtest"},
	"github.com/pressly/goose/v3":         {"store/sqlite", "store/postgres"},
	"go.uber.org/zap":                     {"worker", "review", "cmd/tieout"},
	"github.com/alexedwards/scs/v2":       {"review"},
	"golang.org/x/crypto":                 {"review"},
	"golang.org/x/time":                   {"review"},
	"github.com/prometheus/client_golang": {"worker"},
	"github.com/riverqueue/river":         {"worker", "cmd/tieout"}, // the program hands the worker its driver
	"github.com/shopspring/decimal":       {"recon", "rules", "ingest", "matcher", "books", "store/sqlite", "store/postgres", "store/storetest", "fixtures/labelled"},
	"github.com/wneessen/go-mail":         {"worker"},
	"golang.org/x/sync":                   {"worker"},
	"golang.org/x/text":                   {"ingest", "matcher", "fixtures"},
}

// impure are packages that the pure core never touches: clock, environment, files, network, random numbers.
var impure = []string{"os", "net", "net/http", "math/rand", "crypto/rand", "syscall", "os/exec"}

var pure = []string{"recon", "recon/strict", "rules", "matcher", "ingest", "books"}

type source struct {
	pkg, file string
	test      bool
	imports   []string
}

func sources(t *testing.T) (list []source) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		s := source{pkg: filepath.ToSlash(filepath.Dir(rel)), file: rel, test: strings.HasSuffix(path, "_test.go")}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, imported)
		}
		list = append(list, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 50 {
		t.Fatalf("only %d files found: the walk starts in the wrong place", len(list))
	}
	return list
}

func TestArchitecture(t *testing.T) {
	for _, s := range sources(t) {
		allowed, listed := mayImport[s.pkg]
		if !listed {
			t.Errorf("%s: package %s is not in the architecture; add it to mayImport with a reason", s.file, s.pkg)
			continue
		}
		if s.test {
			continue
		}
		for _, imported := range s.imports {
			if ours, ok := strings.CutPrefix(imported, module+"/"); ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s: %s may not import %s", s.file, s.pkg, ours)
			}
			if slices.Contains(pure, s.pkg) && slices.Contains(impure, imported) {
				t.Errorf("%s: %s is pure and may not import %s", s.file, s.pkg, imported)
			}
		}
	}
}

func TestEachLibraryHasItsOwner(t *testing.T) {
	used := map[string]bool{}
	for _, s := range sources(t) {
		for _, imported := range s.imports {
			for library, packages := range owners {
				if imported != library && !strings.HasPrefix(imported, library+"/") {
					continue
				}
				used[library] = true
				if !s.test && !slices.Contains(packages, s.pkg) {
					t.Errorf("%s: %s belongs to %v", s.file, library, packages)
				}
			}
		}
	}
	for library := range owners {
		if !used[library] {
			t.Errorf("nobody uses %s: take it out of the table", library)
		}
	}
}
