package worker

import (
	"cmp"
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

// openPlain opens a regular file that nothing else names: no link is followed, not even one that takes its place between two looks, and
// no pipe can hang.
func openPlain(path string) (*os.File, *recon.Problem, error) {
	folder, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", shown(path), err)
	}
	defer folder.Close()
	seen, err := folder.Lstat(filepath.Base(path))
	if err == nil {
		if kind := unplain(seen); kind != "" {
			return nil, notPlain(path, kind), nil
		}
	}
	f, err := folder.OpenFile(filepath.Base(path), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
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
	if seen == nil || !os.SameFile(seen, info) { // another file, or what a link led to
		f.Close()
		return nil, nil, errChanging
	}
	return f, nil, nil
}

func unplain(info fs.FileInfo) string {
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return "a symbolic link"
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

// moveTo moves a file into a folder under a name that is free there, and returns the path it has then.
func moveTo(path, folder string) (string, error) {
	if err := ownFolder(folder); err != nil {
		return "", fmt.Errorf("move original: %w", err)
	}
	target := freeName(folder, filepath.Base(path))
	if err := os.Rename(path, target); err != nil {
		return "", fmt.Errorf("move original: %w", err)
	}
	return target, firstError(syncDir(folder), syncDir(filepath.Dir(path)))
}

// ownFolder makes a folder of an inbox where it is missing. A link in its place would lead what we write out of the inbox.
func ownFolder(folder string) error {
	if err := os.Mkdir(folder, 0o755); err == nil || !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(folder)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder but %s: take it away", shown(folder), cmp.Or(unplain(info), "a file"))
	}
	return err
}

// moveOriginal moves the file that was copied. It fails with errChanging where another file lies at its path by now: that
// one stays for the next run.
func moveOriginal(path, folder string, copied archived) (string, error) {
	if now, err := os.Lstat(path); err != nil || !copied.is(now) {
		return "", errors.Join(errChanging, err)
	}
	target, err := moveTo(path, folder)
	if err != nil {
		return "", err
	}
	if moved, err := os.Lstat(target); err != nil || !copied.is(moved) { // swapped at the last moment
		return "", errors.Join(errChanging, err, os.Rename(target, path))
	}
	return target, nil
}

// longestName is how long a file's name may be so that endings still fit into the 255 bytes of a file system.
const longestName = 255 - len(problemsEnding) - len(".99999")

// shortName cuts the stem of a name that is too long to be given endings.
func shortName(name string) string {
	ending := filepath.Ext(name)
	if len(name) <= longestName || len(ending) >= longestName {
		return name[:min(len(name), longestName)]
	}
	return strings.ToValidUTF8(name[:longestName-len(ending)], "") + ending
}

// freeName returns a path in dir for name, with a number before its ending where the name is taken.
func freeName(dir, name string) string {
	name = shortName(name)
	ending := filepath.Ext(name)
	stem := strings.TrimSuffix(name, ending)
	target := filepath.Join(dir, name)
	for n := 2; ; n++ {
		if _, err := os.Lstat(target); err != nil {
			return target
		}
		target = filepath.Join(dir, fmt.Sprintf("%s.%d%s", stem, n, ending))
	}
}
