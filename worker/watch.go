package worker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"
	"time"
)

// watch tells which files of an inbox have settled: those that looked the same for the inbox's settle time. It goes by what it saw
// itself, on a clock that nobody sets, so the instants that files carry do not matter.
type watch struct {
	inbox  Inbox
	device uint64 // file system on which the inbox was seen last
	seen   map[string]sight
}

// sight is how a file looked.
type sight struct {
	look
	since time.Time // it looks so
	taken bool      // it was handed out looking so
}

// look is what changes when somebody writes to a file or puts another one in its place.
type look struct {
	inode, links uint64
	size         int64
	modified     int64 // nanoseconds
	mode         fs.FileMode
}

func lookOf(info fs.FileInfo) look {
	l := look{size: info.Size(), modified: info.ModTime().UnixNano(), mode: info.Mode()}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		l.inode, l.links = sys.Ino, uint64(sys.Nlink)
	}
	return l
}

// errUnmounted says that an inbox is empty and on another file system than before.
var errUnmounted = errors.New("it is empty and on another file system than before: was it unmounted?")

// settled lists the files that have settled and were not handed out since they last changed, in order, and counts those that are
// still changing. An inbox that cannot be read, or that is gone from under its mount point, is an error, never an empty one.
func (w *watch) settled(now time.Time) (names []string, waiting int, err error) {
	entries, err := os.ReadDir(w.inbox.Path)
	if err == nil {
		err = w.sameDevice(len(entries) == 0)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("inbox unreachable: %w", err)
	}
	seen := make(map[string]sight, len(entries))
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || e.IsDir() && ourFolder(e.Name()) || temporaryName(e.Name()) {
			continue
		}
		s := sight{look: lookOf(info), since: now}
		if before, known := w.seen[e.Name()]; known && before.look == s.look {
			s = before
		}
		seen[e.Name()] = s
		switch {
		case s.taken:
		case now.Sub(s.since) < w.inbox.Settle:
			waiting++
		default:
			names = append(names, e.Name())
		}
	}
	w.seen = seen
	slices.Sort(names)
	return names, waiting, nil
}

// sameDevice notes the file system of the inbox; an empty one in place of another is what an unmounted folder looks like.
func (w *watch) sameDevice(empty bool) error {
	info, err := os.Stat(w.inbox.Path)
	if err != nil {
		return err
	}
	sys, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	if device := uint64(sys.Dev); w.device == 0 || device == w.device || !empty {
		w.device = device
		return nil
	}
	return errUnmounted
}

// hand marks files as handed out: they come again only when they look different, or are given back.
func (w *watch) hand(names []string, taken bool) {
	for _, name := range names {
		if s, known := w.seen[name]; known {
			s.taken = taken
			w.seen[name] = s
		}
	}
}
