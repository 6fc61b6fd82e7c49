package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a tieout that goes on running.
type process struct {
	*testing.T
	cmd   *exec.Cmd
	out   transcript
	ended chan error
}

// transcript is what a process wrote so far.
type transcript struct {
	turn sync.Mutex
	text bytes.Buffer
}

func (t *transcript) Write(b []byte) (int, error) {
	t.turn.Lock()
	defer t.turn.Unlock()
	return t.text.Write(b)
}

func (t *transcript) String() string {
	t.turn.Lock()
	defer t.turn.Unlock()
	return t.text.String()
}

// begin starts the program in dir; it is killed when the test ends, if it has not ended by then.
func begin(t *testing.T, dir string, env []string, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{T: t, cmd: exec.Command(self, args...), ended: make(chan error, 1)}
	p.cmd.Dir = dir
	p.cmd.Env = append(append(os.Environ(), "TIEOUT_TEST_PROGRAM=1"), env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			p.signal(syscall.SIGKILL)
			<-p.ended
		}
	})
	return p
}

func (p *process) signal(s syscall.Signal) {
	p.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.Error(err)
	}
}

// stop asks the process to end and returns its exit code, -1 where it had to be killed.
func (p *process) stop() int {
	p.Helper()
	p.signal(syscall.SIGTERM)
	return p.wait()
}

// wait returns the exit code of a process that ends by itself.
func (p *process) wait() int {
	p.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(30 * time.Second):
		p.Errorf("the process does not end:\n%s", &p.out)
		return -1
	}
}

// says waits until the process has written something.
func (p *process) says(text string) {
	p.Helper()
	until(p.T, "the process to say "+text, func() bool { return strings.Contains(p.out.String(), text) }, &p.out)
}

// until waits for something that other processes do; what they said is shown where it never happens.
func until(t *testing.T, what string, done func() bool, said ...fmt.Stringer) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s:\n%v", what, said)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// freeAddress is a loopback address at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// impatient makes a worker look around often.
func impatient(listen string) []string {
	return []string{"TIEOUT_WORK_POLL=20ms", "TIEOUT_WORK_LISTEN=" + listen}
}

// files lists the plain files of a folder.
func filesIn(t *testing.T, path ...string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(path...))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

func get(t *testing.T, address, path string) (status int, text string) {
	t.Helper()
	answer, err := http.Get("http://" + address + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// rewrite changes a text in a file.
func rewrite(t *testing.T, path, old, with string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s does not say %q:\n%s", path, old, text)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, with)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The worker takes what lies in the inboxes, stops when it is told to, and leaves what the nightly job leaves but for exports.
func TestTheWorkerTakesWhatIsDropped(t *testing.T) {
	t.Parallel()
	dir := demoBooks(t)
	at := freeAddress(t)
	p := begin(t, dir, impatient(at), "work")
	until(t, "an empty inbox", func() bool { return len(filesIn(t, dir, "inbox")) == 0 }, &p.out)
	p.says("run done")
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ok", "/metrics": "tieout_files_total{"} {
		until(t, path+" to say "+want, func() bool {
			status, text := get(t, at, path)
			return status == http.StatusOK && strings.Contains(text, want)
		}, &p.out)
	}
	if _, stderr, code := tieout(t, dir, impatient("off"), "work"); code != exitFailed || !strings.Contains(stderr, "another tieout work runs on this database") {
		t.Errorf("a second worker: exit %d: %s", code, stderr)
	}
	if stdout, stderr, code := tieout(t, dir, nil, "queue", "--json"); code != exitDone || !strings.Contains(stdout, "ambiguous_lump") {
		t.Errorf("the queue beside a worker: exit %d: %s", code, stderr)
	}
	if code := p.stop(); code != exitDone {
		t.Errorf("exit %d: %s", code, &p.out)
	}
	if _, stderr, code := tieout(t, dir, nil, "run", "--quiet"); code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	undisturbed := demoBooks(t)
	if _, stderr, code := tieout(t, undisturbed, nil, "run", "--quiet"); code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if want, got := state(t, undisturbed), state(t, dir); got != want {
		t.Errorf("the state differs from that of a nightly run:\n%s", firstDifference(want, got))
	}
}

// A configuration that changes under a running worker is taken as a whole or not at all.
func TestTheWorkerTakesANewConfigurationAsAWhole(t *testing.T) {
	t.Parallel()
	dir := demoBooks(t)
	p := begin(t, dir, impatient("off"), "work")
	p.says("run done")
	config := filepath.Join(dir, "tieout.yaml")
	rewrite(t, config, "settle: 0s", "settle: soon")
	p.says("the old one stays")
	p.says("CFG-VALUE")
	next := filepath.Join(dir, "next")
	for _, name := range filesIn(t, next) {
		if err := os.Rename(filepath.Join(next, name), filepath.Join(dir, "inbox", name)); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "the files to be taken all the same", func() bool { return len(filesIn(t, dir, "inbox")) == 0 }, &p.out)
	rewrite(t, config, "settle: soon", "settle: 40ms")
	p.says("configuration taken")
	rewrite(t, config, "archive: archive/", "archive: elsewhere/")
	p.says("change with a restart only")
	if code := p.stop(); code != exitDone {
		t.Errorf("exit %d: %s", code, &p.out)
	}
}

// The worker keeps the schedules, and the timetable shows it.
func TestTheWorkerKeepsTheTimetable(t *testing.T) {
	t.Parallel()
	dir := demoBooks(t)
	rewrite(t, filepath.Join(dir, "tieout.yaml"), `cron: "0 2 * * *"`, `cron: "* * * * *"`)
	list := func() (views []scheduleView) {
		stdout, stderr, code := tieout(t, dir, nil, "schedule", "list", "--json")
		if code != exitDone {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		if err := json.Unmarshal([]byte(stdout), &views); err != nil || len(views) != 1 {
			t.Fatalf("%v: %s", err, stdout)
		}
		return views
	}
	before := list()[0]
	if len(before.Last) != 0 || before.Next == nil || time.Until(*before.Next) > time.Minute {
		t.Errorf("before the worker begins: %+v", before)
	}
	p := begin(t, dir, impatient("off"), "work")
	p.says(`"cause":"scheduled"`)
	until(t, "the tick to be settled", func() bool { last := list()[0].Last; return len(last) > 0 && last[0].Outcome == "ran" }, &p.out)
	ran := list()[0].Last[0]
	if ran.State != "done" || ran.Run == 0 || ran.Settled == nil || ran.Due.Second() != 0 {
		t.Errorf("the tick that ran is %+v", ran)
	}
	if len(filesIn(t, dir, "out")) == 0 {
		t.Error("the nightly job wrote no exports")
	}
	if stdout, _, _ := tieout(t, dir, nil, "schedule", "list"); !strings.Contains(stdout, "nightly") || !strings.Contains(stdout, "ran") {
		t.Errorf("the timetable says\n%s", stdout)
	}
	if code := p.stop(); code != exitDone {
		t.Errorf("exit %d: %s", code, &p.out)
	}
}

// One process may be desk and worker; when one of the two cannot go on, neither does the other.
func TestTheDeskWorksToo(t *testing.T) {
	t.Parallel()
	dir := demoBooks(t)
	at, desk := freeAddress(t), freeAddress(t)
	p := begin(t, dir, append(impatient(at), "TIEOUT_LISTEN="+desk), "serve", "--work")
	until(t, "an empty inbox", func() bool { return len(filesIn(t, dir, "inbox")) == 0 }, &p.out)
	if status, text := get(t, at, "/readyz"); status != http.StatusOK {
		t.Errorf("/readyz: %d %s", status, text)
	}
	if status, _ := get(t, desk, "/"); status >= http.StatusInternalServerError {
		t.Errorf("the desk: %d", status)
	}
	second := begin(t, dir, append(impatient("off"), "TIEOUT_LISTEN="+freeAddress(t)), "serve", "--work")
	if code := second.wait(); code != exitFailed || !strings.Contains(second.out.String(), "another tieout work runs on this database") {
		t.Errorf("a second worker: exit %d: %s", code, &second.out)
	}
	if code := p.stop(); code != exitDone {
		t.Errorf("exit %d: %s", code, &p.out)
	}
}

// The history of runs says of each what it did, and of one that died that it did not come to its end.
func TestTheHistoryOfRuns(t *testing.T) {
	dir := demoBooks(t)
	if _, stderr, code := tieout(t, dir, []string{"TIEOUT_CRASH_AT=K9.before"}, "run", "--quiet"); code != -1 {
		t.Fatalf("the run was not killed: exit %d: %s", code, stderr)
	}
	if _, stderr, code := tieout(t, dir, nil, "run", "--quiet"); code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	stdout, stderr, code := tieout(t, dir, nil, "report", "run", "--last", "5", "--format", "csv")
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if len(lines) < 3 || !strings.Contains(lines[len(lines)-2], ",done,") || !strings.Contains(lines[len(lines)-1], ",interrupted,") {
		t.Errorf("the history says\n%s", stdout)
	}
}
