package rules

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestProblemCatalogue reads each file of the catalogue: it causes the code in its name, and the golden file
// beside it says in which words.
func TestProblemCatalogue(t *testing.T) {
	files, err := filepath.Glob("../fixtures/problems/rules/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no catalogue: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, problems := Load("rules.yaml", data)
			if len(problems) == 0 {
				t.Fatal("no problem")
			}
			for _, p := range problems {
				if !strings.HasPrefix(name, p.Code) {
					t.Errorf("code %s, the file's name says %s", p.Code, name)
				}
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".golden.json"
			var got bytes.Buffer
			encoder := json.NewEncoder(&got)
			encoder.SetEscapeHTML(false)
			encoder.SetIndent("", "  ")
			if err := encoder.Encode(problems); err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("problems\n%s\nwant\n%s", got.Bytes(), want)
			}
		})
	}
}
