package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var ibanShape = regexp.MustCompile(`\b[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}\b`)

// What goes to standard error names no account, no payer and no remittance text, whatever happens to the files.
func TestLogsHoldNoAccountNumbersAndNoNames(t *testing.T) {
	dir := demoBooks(t)
	secrets := map[string]bool{}
	for _, pattern := range []string{"*.csv", "*.yaml", "inbox/*"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, account := range ibanShape.FindAllString(string(data), -1) {
				secrets[account] = true
			}
		}
	}
	if len(secrets) < 10 {
		t.Fatalf("only %d account numbers in the demo: the test looks in the wrong place", len(secrets))
	}
	broken := filepath.Join(dir, "inbox", "main-2026-04-17.xml")
	data, err := os.ReadFile(broken)
	if err != nil {
		t.Fatal(err)
	}
	foreign := strings.ReplaceAll(string(data), "DE89370400440532013000", "DE75512108001245126199")
	secrets["DE75512108001245126199"] = true
	for name, text := range map[string]string{"cut.xml": string(data[:len(data)/2]), "foreign.xml": foreign} {
		if err := os.WriteFile(filepath.Join(dir, "inbox", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, stderr, code := tieout(t, dir, nil, "run")
	if code != exitLook {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if !strings.Contains(stderr, `"state":"held"`) || !strings.Contains(stderr, `"state":"refused"`) {
		t.Fatalf("the log does not tell what became of the files:\n%s", stderr)
	}
	for secret := range secrets {
		if strings.Contains(stderr, secret) {
			t.Errorf("the log names account %s", secret)
		}
	}
	for _, name := range []string{"Eventhaus", "Schuster", "Stadtbibliothek"} {
		if strings.Contains(stderr, name) {
			t.Errorf("the log names %s", name)
		}
	}
}
