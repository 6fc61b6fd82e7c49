package worker

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Archive keeps every file received under the SHA-256 of its bytes: archive/ab/abcdef…. Blobs are never
// changed or deleted.
type Archive struct{ Dir string }

// blob returns the path of a blob.
func (a Archive) blob(sum string) string { return filepath.Join(a.Dir, sum[:2], sum) }

// Put copies r into the archive and returns its SHA-256 (lower-case hex) and size. The copy is on disk before Put
// returns; a copy that a dying process left is a temporary file that the next run sweeps. It fails with errTooLarge beyond max bytes.
func (a Archive) Put(r io.Reader, max int64) (sum string, size int64, err error) {
	if err := os.MkdirAll(a.Dir, 0o700); err != nil {
		return "", 0, fmt.Errorf("make the archive: %w", err)
	}
	temporary, err := os.CreateTemp(a.Dir, temporaryPrefix+"*")
	if err != nil {
		return "", 0, fmt.Errorf("archive: %w", err)
	}
	defer os.Remove(temporary.Name())
	defer temporary.Close()
	hash := sha256.New()
	size, err = io.Copy(io.MultiWriter(temporary, hash), io.LimitReader(r, max+1))
	if err != nil {
		return "", 0, fmt.Errorf("archive: %w", err)
	}
	if size > max {
		return "", size, errTooLarge
	}
	sum = hex.EncodeToString(hash.Sum(nil))
	if err := temporary.Sync(); err != nil {
		return "", 0, fmt.Errorf("archive: %w", err)
	}
	return sum, size, a.keep(temporary.Name(), sum)
}

var errTooLarge = errors.New("larger than the limit")

// keep gives a synced temporary file its name in the archive and syncs the folder.
func (a Archive) keep(temporary, sum string) error {
	blob := a.blob(sum)
	if _, err := os.Stat(blob); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(blob), 0o700); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	if err := os.Rename(temporary, blob); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	if err := syncDir(filepath.Dir(blob)); err != nil {
		return err
	}
	return syncDir(a.Dir)
}

// Open reads a blob. fs.ErrNotExist where the archive has none.
func (a Archive) Open(sum string) (*os.File, error) { return os.Open(a.blob(sum)) }

// Check re-hashes a blob and says in plain words what is wrong with it, "" where nothing is.
func (a Archive) Check(sum string) (string, error) {
	f, err := a.Open(sum)
	if errors.Is(err, fs.ErrNotExist) {
		return "missing from the archive", nil
	}
	if err != nil {
		return "", fmt.Errorf("archive: %w", err)
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", fmt.Errorf("archive: %w", err)
	}
	if hex.EncodeToString(hash.Sum(nil)) != sum {
		return "modified in the archive", nil
	}
	return "", nil
}

// temporaryPrefix begins the names of files that are being written.
const temporaryPrefix = ".tmp-"

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

// writeWhole writes a file under a temporary name, syncs it and renames it: it stands complete or not at all.
func writeWhole(path string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), temporaryPrefix+"*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	defer temporary.Close()
	if err := write(temporary); err != nil {
		return err
	}
	if err := temporary.Chmod(0o644); err != nil {
		return err
	}
	if err := temporary.Sync(); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
