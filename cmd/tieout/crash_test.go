package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tieout/tieout/store/postgres/pgtest"
)

// crashPoints are the commit points of a run, in order; a number says which time it is reached.
var crashPoints = []string{"K1.before", "K4.before", "K4.after", "K6.before", "K6.after", "K7.before", "K7.moved", "K7.after",
	"K4.after:2", "K6.after:3", "K7.moved:3", "K8.before", "K9.before", "K9.after", "K10.before", "K10.after", "K10.before:2", "K10.after:2", "K11.before"}

// engineEnv says where the books of a test are kept: "sqlite", in their folder, or "postgres", in a database of their own.
func engineEnv(t *testing.T, engine string) []string {
	if engine == "sqlite" {
		return nil
	}
	return []string{"TIEOUT_STORE=" + pgtest.Shared(t).Database(t)}
}

// A run that is killed at any commit point and started again ends in the same state as one that was not.
func TestKilledRunsEndAsUndisturbedOnes(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			env := engineEnv(t, engine)
			undisturbed := demoBooks(t, env...)
			if _, stderr, code := tieout(t, undisturbed, env, "run", "--quiet"); code != exitDone {
				t.Fatalf("exit %d: %s", code, stderr)
			}
			want := state(t, undisturbed, env...)
			for _, point := range crashPoints {
				t.Run(point, func(t *testing.T) {
					t.Parallel()
					env := engineEnv(t, engine)
					dir := demoBooks(t, env...)
					if _, stderr, code := tieout(t, dir, append(env, "TIEOUT_CRASH_AT="+point), "run", "--quiet"); code != -1 {
						t.Fatalf("the run was not killed: exit %d: %s", code, stderr)
					}
					// A server takes a moment to notice that the one who had the lock is gone.
					until(t, "the lock of the dead run to be free", func() bool {
						_, stderr, code := tieout(t, dir, env, "run", "--quiet")
						if code != exitDone && !strings.Contains(stderr, "another tieout is working") {
							t.Fatalf("second run: exit %d: %s", code, stderr)
						}
						return code == exitDone
					})
					if got := state(t, dir, env...); got != want {
						t.Errorf("the state differs from that of an undisturbed run:\n%s", firstDifference(want, got))
					}
				})
			}
		})
	}
}

// demoBooks makes the folder of the demo with everything imported and nothing run.
func demoBooks(t *testing.T, env ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "books")
	if err := makeDemo(dir); err != nil {
		t.Fatal(err)
	}
	for _, noun := range []string{"customers", "items", "disputes"} {
		if _, stderr, code := tieout(t, dir, env, "import", noun, noun+".csv", "--quiet"); code != exitDone {
			t.Fatalf("import %s: exit %d: %s", noun, code, stderr)
		}
	}
	return dir
}

// state is all that a run leaves behind, but for instants: exports, items, queue, files, folders, proofs.
func state(t *testing.T, dir string, env ...string) string {
	t.Helper()
	var b strings.Builder
	for _, verb := range [][]string{{"export", "applications"}, {"export", "journal"}, {"report", "items", "--format", "csv", "--as-of", "2026-04-30"},
		{"queue", "--json"}, {"verify", "--deep"}} {
		stdout, stderr, code := tieout(t, dir, env, append(verb, "--quiet")...)
		if code != exitDone {
			t.Fatalf("%v: exit %d: %s", verb, code, stderr)
		}
		fmt.Fprintf(&b, "== %v\n%s", verb, timeless(t, verb, stdout))
	}
	for _, folder := range []string{"inbox", "out", "archive"} {
		writeFolder(t, &b, dir, folder)
	}
	return b.String()
}

// timeless drops what differs between two equal runs: instants, and the audit chain that is made of them.
func timeless(t *testing.T, verb []string, text string) string {
	if verb[0] == "verify" {
		lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.Contains(line, "I26") })
		return strings.Join(lines, "\n")
	}
	if verb[0] != "export" {
		return text
	}
	return withoutInstants(t, text)
}

func withoutInstants(t *testing.T, text string) string {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(rows[0], "applied_at")
	var b strings.Builder
	for _, row := range rows {
		if at >= 0 {
			row = slices.Delete(row, at, at+1)
		}
		fmt.Fprintln(&b, strings.Join(row, ","))
	}
	return b.String()
}

// writeFolder lists a folder, with the content of export files.
func writeFolder(t *testing.T, b *strings.Builder, dir, folder string) {
	err := filepath.WalkDir(filepath.Join(dir, folder), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "== %s\n", rel)
		if folder == "out" {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			b.WriteString(withoutInstants(t, string(data)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func firstDifference(want, got string) string {
	wants, gots := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(wants), len(gots)) {
		if wants[i] != gots[i] {
			return fmt.Sprintf("line %d\nwant %s\ngot  %s", i+1, wants[i], gots[i])
		}
	}
	return fmt.Sprintf("%d lines wanted, %d lines got", len(wants), len(gots))
}
