package main

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary is the program too: tests and scripts run it as users do, in processes of their own.
func TestMain(m *testing.M) {
	if os.Getenv("TIEOUT_TEST_PROGRAM") != "" {
		main()
		return
	}
	testscript.Main(m, map[string]func(){"tieout": main})
}

// tieout runs the program in dir and returns what it printed and its exit code; -1 where a signal ended it.
func tieout(t *testing.T, dir string, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "TIEOUT_TEST_PROGRAM=1"), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}
