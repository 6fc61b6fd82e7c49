package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const unknownExport = "../../fixtures/csv/unknown/en-either-day.csv"

// A file of an unknown bank is held; the profile that is proposed for it is corrected, named, and releases the file.
func TestAProposedProfileReleasesTheHeldFile(t *testing.T) {
	dir := t.TempDir()
	mustRun(t, dir, exitDone, "init", ".", "--account", "GB29NWBK60161331926819:GBP")
	copyFile(t, unknownExport, filepath.Join(dir, "export.csv"))
	config := filepath.Join(dir, "tieout.yaml")

	out := mustRun(t, dir, exitLook, "ingest", "export.csv", "--account", "main")
	if !strings.Contains(out, "CSV-PROFILE") || !strings.Contains(out, "dates") {
		t.Fatalf("the file is not held for its days:\n%s", out)
	}
	out = mustRun(t, dir, exitLook, "profile", "export.csv", "--out", "gb-ours.yaml")
	if !strings.Contains(out, "check: dates") || !strings.Contains(out, "gb-ours.yaml") {
		t.Fatalf("the doubt is not said:\n%s", out)
	}
	text := readText(t, config)
	writeText(t, config, strings.Replace(text, "# profiles: [profiles/our-bank.yaml]", "profiles: [gb-ours.yaml]", 1))
	mustRun(t, dir, exitDone, "files", "accept", "1", "--account", "main", "--reason", "days compared with the bank")
	out = mustRun(t, dir, exitDone, "files", "show", "1", "--json")
	if !strings.Contains(out, "csv:gb-ours") || !strings.Contains(out, "booked") {
		t.Errorf("the file was not read by the profile:\n%s", out)
	}
}

func TestProfileSaysHowSureItIs(t *testing.T) {
	export, err := filepath.Abs("../../fixtures/csv/unknown/es-dos-divisas.csv")
	if err != nil {
		t.Fatal(err)
	}
	out, stderr, code := tieout(t, t.TempDir(), nil, "profile", export, "--json", "--id", "es-banco")
	var proposed proposal
	if err := json.Unmarshal([]byte(out), &proposed); err != nil || code != exitDone || stderr != "" {
		t.Fatal(err, code, stderr)
	}
	if !proposed.Certain || proposed.Rows != 6 || !strings.Contains(proposed.Profile, "id: es-banco\n") || len(proposed.Findings) < 8 {
		t.Errorf("%+v", proposed)
	}
}

func TestProfileList(t *testing.T) {
	out, _, code := tieout(t, t.TempDir(), nil, "profile", "--list", "--json")
	var list []shippedProfile
	if err := json.Unmarshal([]byte(out), &list); err != nil || code != exitDone {
		t.Fatal(err, code)
	}
	banks, countries := map[string]bool{}, map[string]bool{}
	for _, p := range list {
		bank, _, _ := strings.Cut(p.Bank, ",")
		banks[bank], countries[p.Country] = true, true
	}
	if len(banks) < 25 || len(countries) < 10 {
		t.Errorf("%d banks of %d countries", len(banks), len(countries))
	}
	if out, _, _ := tieout(t, t.TempDir(), nil, "profile", "--list"); strings.Count(out, "\n") != len(list)+1 {
		t.Errorf("the table has other lines:\n%s", out)
	}
}

func TestProfileUsage(t *testing.T) {
	dir := t.TempDir()
	copyFile(t, unknownExport, filepath.Join(dir, "export.csv"))
	writeText(t, filepath.Join(dir, "there.yaml"), "")
	writeText(t, filepath.Join(dir, "letter.csv"), "Dear Sir\n")
	for _, c := range []struct {
		args []string
		code int
		said string
	}{
		{[]string{"profile"}, exitUsage, "name the files"},
		{[]string{"profile", "--list", "export.csv"}, exitUsage, "--list alone"},
		{[]string{"profile", "missing.csv"}, exitUsage, "there is no file"},
		{[]string{"profile", "export.csv", "--currency", "pounds"}, exitUsage, "ISO 4217"},
		{[]string{"profile", "export.csv", "--id", "My Bank"}, exitUsage, "small letters"},
		{[]string{"profile", "export.csv", "--out", "there.yaml"}, exitUsage, "there already"},
		{[]string{"profile", "letter.csv"}, exitLook, "no profile can be proposed"},
	} {
		_, stderr, code := tieout(t, dir, nil, c.args...)
		if code != c.code || !strings.Contains(stderr, c.said) {
			t.Errorf("%q: exit %d, %s", c.args, code, stderr)
		}
	}
}

// mustRun runs a command that must end with a code, and returns all that it printed.
func mustRun(t *testing.T, dir string, want int, args ...string) string {
	t.Helper()
	out, stderr, code := tieout(t, dir, nil, args...)
	if code != want {
		t.Fatalf("%q: exit %d, want %d\n%s%s", args, code, want, out, stderr)
	}
	return out + stderr
}

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func writeText(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	writeText(t, to, readText(t, from))
}
