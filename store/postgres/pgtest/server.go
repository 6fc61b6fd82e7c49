package pgtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Mode is how a server is stopped.
type Mode syscall.Signal

const (
	Fast      = Mode(syscall.SIGINT)  // ends every connection and writes a checkpoint
	Immediate = Mode(syscall.SIGQUIT) // ends at once; the next start recovers from the log
	Killed    = Mode(syscall.SIGKILL) // without a word, as the out-of-memory killer does; its children end when they notice
)

// Start starts a server that was stopped, on the same port.
func (c *Cluster) Start(t testing.TB) {
	t.Helper()
	var err error
	// What a killed server left behind may take a moment to end.
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(pause) {
		if err = c.start(); err == nil {
			return
		}
	}
	t.Fatal(err)
}

// Stop stops the server and waits until it is gone.
func (c *Cluster) Stop(t testing.TB, mode Mode) {
	t.Helper()
	if c.server == nil {
		t.Fatal("the server is stopped already")
	}
	if err := c.server.process.Signal(syscall.Signal(mode)); err != nil {
		t.Fatalf("stop the server: %v", err)
	}
	<-c.server.ended
	c.server = nil
}

// Restart stops the server and starts it again.
func (c *Cluster) Restart(t testing.TB, mode Mode) {
	t.Helper()
	c.Stop(t, mode)
	c.Start(t)
}

// KillBackend ends the process of one connection at once; the server then ends all others and recovers.
func (c *Cluster) KillBackend(t testing.TB, pid uint32) {
	t.Helper()
	if err := syscall.Kill(int(pid), syscall.SIGKILL); err != nil {
		t.Fatalf("kill backend %d: %v", pid, err)
	}
}

// Standby makes the server a replica of a primary that never comes: it reads and cannot write.
func (c *Cluster) Standby(t testing.TB) {
	t.Helper()
	c.Stop(t, Fast)
	if err := c.writeFile(filepath.Join(c.data(), "standby.signal"), ""); err != nil {
		t.Fatal(err)
	}
	c.Start(t)
}

// pause is how long to wait between two looks at a server that starts.
const pause = 10 * time.Millisecond

// server is a running server.
type server struct {
	process *os.Process
	ended   chan error // gets one value
}

// start starts the server and returns when it answers.
func (c *Cluster) start() error {
	log, err := os.OpenFile(filepath.Join(c.dir, "log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := c.command("postgres", "-D", c.data(), "-p", strconv.Itoa(c.port))
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	s := &server{process: cmd.Process, ended: make(chan error, 1)}
	go func() { s.ended <- cmd.Wait() }()
	for deadline := time.After(patience); ; {
		select {
		case err := <-s.ended:
			return c.said(fmt.Errorf("the server ended while it started: %w", err))
		case <-deadline:
			return c.said(errors.New("the server does not get ready"))
		case <-time.After(pause):
		}
		if c.ready(cmd.Process.Pid) {
			c.server = s
			return nil
		}
	}
}

// ready reads the server's own note of how it is: its process comes first, its state last.
func (c *Cluster) ready(pid int) bool {
	note, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	lines := strings.Fields(string(note))
	if err != nil || len(lines) == 0 || lines[0] != strconv.Itoa(pid) {
		return false
	}
	state := lines[len(lines)-1]
	return state == "ready" || state == "standby"
}

func (c *Cluster) said(err error) error {
	log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
	return fmt.Errorf("%w\n%s", err, log)
}
