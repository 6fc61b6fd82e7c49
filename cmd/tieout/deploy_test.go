package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/tieout/tieout/store/postgres/pgtest"
)

// The database of yesterday and the archive of today come to the books of today.
func TestBackupAndRestore(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			env := engineEnv(t, engine)
			dir := demoBooks(t, env...)
			night(t, dir, env)
			scripts := append(slices.Clone(env), scriptEnv(t, dir, engine, env)...)
			backup := filepath.Join(t.TempDir(), "backup")
			script(t, "backup.sh", dir, scripts, backup)
			for _, name := range filesIn(t, dir, "next") {
				if err := os.Rename(filepath.Join(dir, "next", name), filepath.Join(dir, "inbox", name)); err != nil {
					t.Fatal(err)
				}
			}
			night(t, dir, env)
			want := decided(t, dir, env)
			script(t, "restore.sh", dir, scripts, backup)
			if got := decided(t, dir, env); !slices.Equal(got, want) {
				t.Errorf("after the restore\n%s", firstDifference(strings.Join(want, "\n"), strings.Join(got, "\n")))
			}
			if stdout, stderr, code := tieout(t, dir, env, "verify", "--deep", "--quiet"); code != exitDone {
				t.Errorf("verify: exit %d: %s%s", code, stdout, stderr)
			}
			night(t, dir, env)
		})
	}
}

func night(t *testing.T, dir string, env []string) {
	t.Helper()
	if _, stderr, code := tieout(t, dir, env, "run", "--quiet"); code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
}

// scriptEnv is what the scripts want to know.
func scriptEnv(t *testing.T, dir, engine string, env []string) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"TIEOUT=" + self, "TIEOUT_TEST_PROGRAM=1", "TIEOUT_CONFIG=" + filepath.Join(dir, "tieout.yaml"), "ARCHIVE=" + filepath.Join(dir, "archive")}
	if engine == "sqlite" {
		return append(all, "STORE=sqlite", "DATABASE="+filepath.Join(dir, "tieout.db"))
	}
	bin, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		t.Fatal(err)
	}
	path := append([]string{os.Getenv("PATH")}, bin...)
	return append(all, "STORE="+strings.TrimPrefix(env[0], "TIEOUT_STORE="), "PATH="+strings.Join(path, string(os.PathListSeparator)))
}

func script(t *testing.T, name, dir string, env []string, args ...string) {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", append([]string{path}, args...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, said)
	}
}

func TestABackupIsNotWrittenOverAnother(t *testing.T) {
	dir := demoBooks(t)
	for i, want := range []int{exitDone, exitFailed} {
		if stdout, stderr, code := tieout(t, dir, nil, "backup", "copy.db"); code != want {
			t.Errorf("backup %d: exit %d: %s%s", i, code, stdout, stderr)
		}
	}
	if _, stderr, code := tieout(t, dir, []string{"TIEOUT_STORE=" + pgtest.Shared(t).Database(t)}, "backup", "other.db"); code != exitUsage || !strings.Contains(stderr, "pg_dump") {
		t.Errorf("backup of a server: exit %d: %s", code, stderr)
	}
}

// Every manifest reads as YAML; what runs in a container runs without rights on a root that it cannot write, and every command
// is one that the program has.
func TestManifests(t *testing.T) {
	known := map[string]bool{}
	for _, cmd := range rootCommand(&app{}).Commands() {
		known[cmd.Name()] = true
	}
	seen := 0
	for name, text := range manifests(t, ".yaml") {
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		var document map[string]any
		for ; decoder.Decode(&document) == nil; document = nil {
			eachContainer(document, func(c map[string]any) {
				seen++
				security, _ := c["securityContext"].(map[string]any)
				if c["read_only"] != true && security["readOnlyRootFilesystem"] != true {
					t.Errorf("%s: a container of tieout may write to its root: %v", name, c)
				}
				args, _ := c["args"].([]any)
				if command, ok := c["command"].([]any); ok {
					args = command
				}
				if len(args) == 0 || !known[args[0].(string)] {
					t.Errorf("%s: the program has no command %v", name, args)
				}
			})
		}
		if err := yaml.Unmarshal(bytes.SplitN(text, []byte("\n---"), 2)[0], &document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if seen < 7 {
		t.Errorf("only %d containers found", seen)
	}
}

// eachContainer visits whatever runs our image.
func eachContainer(node any, visit func(map[string]any)) {
	switch n := node.(type) {
	case map[string]any:
		if n["image"] == "tieout:latest" && (n["args"] != nil || n["command"] != nil) {
			visit(n)
		}
		for _, child := range n {
			eachContainer(child, visit)
		}
	case []any:
		for _, child := range n {
			eachContainer(child, visit)
		}
	}
}

// manifests are the files of deploy with an ending, by path.
func manifests(t *testing.T, ending string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(filepath.Join("..", "..", "deploy"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ending {
			return err
		}
		all[path], err = os.ReadFile(path)
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("no manifests: %v", err)
	}
	return all
}

// Units of systemd have only keys that it knows, and programs that exist where they are installed.
func TestUnits(t *testing.T) {
	for path, text := range manifests(t, ".service") {
		for _, want := range []string{"NoNewPrivileges=yes", "ProtectSystem=strict", "User=tieout", "KillSignal=SIGTERM", "ExecStart=/usr/local/bin/tieout --config /etc/tieout/tieout.yaml "} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s has no %s", path, want)
			}
		}
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("systemd-analyze is not here; only the text was looked at")
		return
	}
	dir := t.TempDir()
	for _, ending := range []string{".service", ".timer"} {
		for path, text := range manifests(t, ending) {
			// Its program is not installed here: any will do for the syntax.
			text = bytes.ReplaceAll(text, []byte("/usr/local/bin/tieout"), []byte("/bin/true"))
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	units, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	said, _ := exec.Command(analyze, append([]string{"verify", "--man=no"}, units...)...).CombinedOutput()
	for line := range strings.Lines(string(said)) {
		if strings.Contains(line, "tieout-") && (strings.Contains(line, "Unknown") || strings.Contains(line, "Failed to parse") || strings.Contains(line, "Invalid")) {
			t.Errorf("systemd says: %s", line)
		}
	}
}
