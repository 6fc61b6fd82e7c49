package worker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tieout/tieout/recon"
)

// Inbox is a folder into which people or transfer programs drop bank files.
type Inbox struct {
	Path    string
	Settle  time.Duration // a file younger than this may still be written
	Account string        // our account that the files belong to where they do not say
	Profile string        // CSV profile of the files
}

// The folders beside the dropped files into which originals are moved. Nothing is ever deleted.
const (
	folderDone      = "done"
	folderHeld      = "held"
	folderRefused   = "refused"
	folderDuplicate = "duplicate"
)

// temporaryEndings mark files that a program is still writing.
var temporaryEndings = []string{".part", ".tmp", "~", ".filepart", ".crdownload", ".partial"}

func temporaryName(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasPrefix(name, ".") ||
		slices.ContainsFunc(temporaryEndings, func(end string) bool { return strings.HasSuffix(lower, end) })
}

// list returns the names of the dropped files in order, and those left alone: temporary names and files that
// changed less than Settle ago. An inbox that cannot be read is an error, never an empty one.
func (in Inbox) list(now time.Time) (names, ignored []string, err error) {
	entries, err := os.ReadDir(in.Path)
	if err != nil {
		return nil, nil, fmt.Errorf("inbox unreachable: %w", err)
	}
	for _, e := range entries {
		switch {
		case e.IsDir() && ourFolder(e.Name()):
		case temporaryName(e.Name()), in.unsettled(e, now):
			ignored = append(ignored, e.Name())
		default:
			names = append(names, e.Name())
		}
	}
	return names, ignored, nil
}

func ourFolder(name string) bool {
	return name == folderDone || name == folderHeld || name == folderRefused || name == folderDuplicate
}

func (in Inbox) unsettled(e fs.DirEntry, now time.Time) bool {
	info, err := e.Info()
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	age := now.Sub(info.ModTime())
	return age >= 0 && age < in.Settle
}

// openPlain opens a regular file that nothing else names: no link is followed and no pipe can hang.
func openPlain(path string) (*os.File, *recon.Problem, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, syscall.ELOOP):
		return nil, notPlain(path, "a symbolic link"), nil
	case errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.ENODEV):
		return nil, notPlain(path, "a socket or device"), nil
	case errors.Is(err, fs.ErrPermission):
		return nil, &recon.Problem{Code: "FILE-PERM", Where: shown(path), Severity: recon.Reject,
			Message: fmt.Sprintf("user %d may not read the file", os.Getuid()), Try: "give the user that runs tieout the right to read it; it stays where it is"}, nil
	case err != nil:
		return nil, nil, fmt.Errorf("open %s: %w", shown(path), err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("stat %s: %w", shown(path), err)
	}
	if kind := unplain(info); kind != "" {
		f.Close()
		return nil, notPlain(path, kind), nil
	}
	return f, nil, nil
}

func unplain(info fs.FileInfo) string {
	switch {
	case info.IsDir():
		return "a folder"
	case !info.Mode().IsRegular():
		return "a pipe, socket or device"
	}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok && sys.Nlink > 1 {
		return fmt.Sprintf("a file with %d names (hard links)", sys.Nlink)
	}
	return ""
}

func notPlain(path, kind string) *recon.Problem {
	return &recon.Problem{Code: "FILE-NOT-PLAIN", Where: shown(path), Severity: recon.Reject,
		Message: "this is " + kind + ", expected a plain file", Try: "copy the file itself into the folder"}
}

// shown is a file's name made safe for a terminal or log: control and direction characters escaped, cut at 100.
func shown(path string) string {
	name := filepath.Base(path)
	quoted := fmt.Sprintf("%q", name)
	if plain := quoted[1 : len(quoted)-1]; plain == name {
		quoted = plain
	}
	if len(quoted) > 100 {
		quoted = quoted[:97] + "…"
	}
	return quoted
}

// moveOriginal moves a dropped file into a folder of its inbox under a name that is free there, and returns the path it has then.
func moveOriginal(path, folder string) (string, error) {
	dir := filepath.Join(filepath.Dir(path), folder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("move original: %w", err)
	}
	target := freeName(dir, filepath.Base(path))
	if err := os.Rename(path, target); err != nil {
		return "", fmt.Errorf("move original: %w", err)
	}
	return target, firstError(syncDir(dir), syncDir(filepath.Dir(path)))
}

// freeName returns a path in dir for name, with a number before its ending where the name is taken.
func freeName(dir, name string) string {
	ending := filepath.Ext(name)
	stem := strings.TrimSuffix(name, ending)
	target := filepath.Join(dir, name)
	for n := 2; ; n++ {
		if _, err := os.Lstat(target); errors.Is(err, fs.ErrNotExist) {
			return target
		}
		target = filepath.Join(dir, fmt.Sprintf("%s.%d%s", stem, n, ending))
	}
}
