package sqlite_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/store/storetest"
)

// The tests of this file start themselves as another process and kill it.

const (
	envDatabase = "TIEOUT_TEST_DATABASE"
	envJob      = "TIEOUT_TEST_JOB"
)

// TestAsProcess is the other process; alone it has nothing to do.
func TestAsProcess(t *testing.T) {
	path := os.Getenv(envDatabase)
	if path == "" {
		return
	}
	s := openAt(t, path)
	switch os.Getenv(envJob) {
	case "lock":
		if _, err := s.LockPipeline(t.Context()); err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("ready\n")
		select {}
	case "work":
		os.Stdout.WriteString("ready\n")
		storetest.Work(t, s)
	}
}

// process starts the other process on a database and waits until it is at work.
func process(t *testing.T, path, job string) *exec.Cmd {
	t.Helper()
	other := exec.Command(os.Args[0], "-test.run=^TestAsProcess$")
	other.Env = append(os.Environ(), envDatabase+"="+path, envJob+"="+job)
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	return other
}

func kill(t *testing.T, other *exec.Cmd) {
	t.Helper()
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	other.Wait()
}

func TestPipelineLockDiesWithItsProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tieout.db")
	s := openAt(t, path)
	other := process(t, path, "lock")
	_, err := s.LockPipeline(t.Context())
	if !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
	storetest.Fill(t, s) // the desk and the terminal go on meanwhile
	kill(t, other)
	release, err := s.LockPipeline(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
}

func TestKilledAtWork(t *testing.T) {
	for round := range 4 {
		path := filepath.Join(t.TempDir(), "tieout.db")
		other := process(t, path, "work")
		time.Sleep(time.Duration(60+37*round) * time.Millisecond) // somewhere in its work
		kill(t, other)
		storetest.Prove(t, openAt(t, path))
	}
}
