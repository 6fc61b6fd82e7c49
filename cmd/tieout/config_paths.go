package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// path returns the absolute path of a value, or of usual where it is not given.
func (r *configReader) path(at configText, usual string) string {
	written := at.Text
	if !at.Given() {
		written = usual
	}
	if at.Given() && (strings.TrimSpace(written) == "" || strings.ContainsRune(written, 0)) {
		r.reject("CFG-PATH", at, fmt.Sprintf("%q is no path", clip(written)), "write a path; a relative one starts at the configuration file")
	}
	if filepath.IsAbs(written) {
		return filepath.Clean(written)
	}
	return filepath.Join(r.dir, written)
}

// folder is a place that tieout reads from or writes to.
type folder struct {
	what string
	path string
	real string // with symbolic links followed
	at   configText
}

// distinctFolders keeps inboxes, archive and exports apart: what is written to one must never be read as dropped
// into another.
func (r *configReader) distinctFolders(doc configDocument, config Config) {
	folders := []folder{{what: "archive", path: config.Archive, at: doc.Archive}}
	for i, entity := range config.Entities {
		for j, inbox := range entity.Inboxes {
			if inbox.Path != "" {
				folders = append(folders, folder{what: "inbox", path: inbox.Path, at: doc.Entities[i].Inboxes[j].Path})
			}
		}
		folders = append(folders, folder{what: "exports", path: entity.Exports, at: doc.Entities[i].Exports})
	}
	for i := range folders {
		folders[i].real = realPath(folders[i].path)
		for _, earlier := range folders[:i] {
			r.apart(earlier, folders[i])
		}
	}
	r.storeApart(doc, config, folders)
}

func (r *configReader) apart(a, b folder) {
	var how string
	switch {
	case a.real == b.real:
		how = "is the same folder as"
	case within(b.real, a.real):
		how = "lies within"
	case within(a.real, b.real):
		how = "contains"
	default:
		return
	}
	at, other := anyOf(b.at, a.at), a.at.Where(r.name)
	r.reject("CFG-PATH", at, fmt.Sprintf("%s %s %s the %s of %s", b.what, r.shown(b.path), how, a.what, other), "give each a folder of its own, side by side")
}

// storeApart keeps the database out of the folders whose files come and go.
func (r *configReader) storeApart(doc configDocument, config Config, folders []folder) {
	file, ours := strings.CutPrefix(config.Store, "sqlite:")
	if !ours {
		return
	}
	database := realPath(file)
	for _, f := range folders {
		if within(database, f.real) {
			r.reject("CFG-PATH", anyOf(doc.Store, doc.StoreFile, f.at), fmt.Sprintf("the database lies within the %s %s", f.what, r.shown(f.path)), "move one of them")
		}
	}
}

// shown writes a path as the file would, relative to it where it can be.
func (r *configReader) shown(path string) string {
	if relative, err := filepath.Rel(r.dir, path); err == nil && !strings.HasPrefix(relative, "..") {
		return fmt.Sprintf("%q", clip(relative))
	}
	return fmt.Sprintf("%q", clip(path))
}

func within(inner, outer string) bool {
	relative, err := filepath.Rel(outer, inner)
	return err == nil && relative != "." && relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator))
}

// realPath follows symbolic links as far as the path exists.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(realPath(parent), filepath.Base(path))
}
