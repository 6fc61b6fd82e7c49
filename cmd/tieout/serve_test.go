package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// served is a desk that runs as a process of its own.
type served struct {
	*testing.T
	cmd    *exec.Cmd
	at     string
	client *http.Client
}

// serve starts the program with arguments and waits until it says where the desk is.
func serve(t *testing.T, dir string, args ...string) *served {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &served{T: t, cmd: exec.Command(self, args...)}
	s.cmd.Dir = dir
	s.cmd.Env = append(os.Environ(), "TIEOUT_TEST_PROGRAM=1", "TIEOUT_LISTEN="+freeAddress(t))
	errs, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.cmd.Process.Kill() })
	lines := bufio.NewScanner(errs)
	for lines.Scan() {
		if found := regexp.MustCompile(`The review desk is at (http://[^/]+)/`).FindStringSubmatch(lines.Text()); found != nil {
			s.at = found[1]
			break
		}
	}
	if s.at == "" {
		t.Fatal("the desk did not start")
	}
	go io.Copy(io.Discard, errs)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.client = &http.Client{Jar: jar}
	return s
}

func (s *served) get(path string) (int, string) {
	s.Helper()
	response, err := s.client.Get(s.at + path)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	return response.StatusCode, string(body)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z_]+)" value="([^"]*)">`)

// post sends a form of a page with its hidden fields.
func (s *served) post(page, path string, fields url.Values) (int, string) {
	s.Helper()
	for _, field := range hiddenField.FindAllStringSubmatch(page, -1) {
		fields.Set(field[1], field[2])
	}
	response, err := s.client.PostForm(s.at+path, fields)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// stop asks the process to end, and returns its exit code.
func (s *served) stop() int {
	s.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.Fatal(err)
	}
	s.cmd.Wait()
	return s.cmd.ProcessState.ExitCode()
}

// TestFromBootstrapToTheFirstPage is the first hour of an administrator: a code from the terminal, a password in the browser, the desk; and
// the desk stops when it is asked to.
func TestFromBootstrapToTheFirstPage(t *testing.T) {
	dir := t.TempDir()
	if _, errs, code := tieout(t, dir, nil, "init", ".", "--account", "DE89370400440532013000:EUR"); code != 0 {
		t.Fatal(errs)
	}
	out, errs, code := tieout(t, dir, nil, "user", "bootstrap", "petra", "--json")
	if code != 0 {
		t.Fatal(errs)
	}
	var invited struct {
		Code string `json:"code"`
	}
	if err := json.Unmarshal([]byte(out), &invited); err != nil {
		t.Fatal(err)
	}
	s := serve(t, dir, "serve")
	if status, page := s.get("/"); status != http.StatusUnauthorized || !strings.Contains(page, "Sign in") {
		t.Fatalf("%d %s", status, page)
	}
	_, page := s.get("/welcome")
	const password = "several words together"
	status, page := s.post(page, "/welcome", url.Values{"code": {invited.Code}, "new_password": {password}, "new_password_again": {password}})
	if status != http.StatusOK || !strings.Contains(page, "Your password is set.") {
		t.Fatalf("%d %s", status, page)
	}
	if status, page := s.get("/people"); status != http.StatusOK || !strings.Contains(page, "petra") {
		t.Fatalf("%d %s", status, page)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	if out, _, _ := tieout(t, dir, nil, "verify"); !strings.Contains(out, "I26-HOUSE the audit chain of people and tokens is unbroken") {
		t.Errorf("verify says %s", out)
	}
}

// TestDemoServes opens the desk on the demo's books without a sign-in, there and nowhere else.
func TestDemoServes(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir, "demo", "--serve")
	if status, page := s.get("/"); status != http.StatusOK || !strings.Contains(page, "robin") {
		t.Fatalf("%d %s", status, page)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	own := t.TempDir()
	if _, errs, code := tieout(t, own, nil, "init", ".", "--account", "DE89370400440532013000:EUR"); code != 0 {
		t.Fatal(errs)
	}
	if _, errs, code := tieout(t, own, nil, "serve", "--demo", "robin"); code != exitUsage || !strings.Contains(errs, "in a folder that tieout demo made") {
		t.Errorf("%d %s", code, errs)
	}
}
