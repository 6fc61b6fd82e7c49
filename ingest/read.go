package ingest

import (
	"bytes"
	"fmt"
	"io"

	"github.com/tieout/tieout/recon"
)

// DefaultMaxBytes is the largest file that is read where Options do not say otherwise: 4 GiB.
const DefaultMaxBytes = 4 << 30

// Options are what a reader cannot find in the file.
type Options struct {
	Account  string    // account that the folder or the user names; for files that do not name theirs
	Profile  string    // id of the CSV profile that the configuration names; "" finds it by the header
	Profiles []Profile // the user's own profiles, before the built-in ones
	MaxBytes int64     // largest file that is read; 0 is DefaultMaxBytes
}

// Read tells what a bank file is (camt.053 or CSV) and reads it. Faults in the data are problems of the
// document and of its statements; what could be read in spite of them is there as well. The error
// is for the world alone: r could not be read. name is the file's name, for messages.
func Read(name string, r io.Reader, opts Options) (recon.Document, error) {
	limited := &limitReader{src: r, left: opts.MaxBytes}
	if limited.left <= 0 {
		limited.left = DefaultMaxBytes
	}
	limit := limited.left
	head := make([]byte, sniffSize)
	n, err := io.ReadFull(limited, head)
	head = head[:n]
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF && err != errTooLarge {
		return recon.Document{}, fmt.Errorf("read %s: %w", name, err)
	}
	if limited.exceeded {
		return recon.Document{Problems: []recon.Problem{tooLarge(limit)}}, nil
	}
	kind, refusal := sniff(head)
	var doc recon.Document
	switch {
	case refusal != nil:
		return recon.Document{Problems: []recon.Problem{*refusal}}, nil
	case kind == xmlFormat:
		doc, err = readXML(head, limited)
	default:
		doc, err = ReadCSV(name, io.MultiReader(bytes.NewReader(head), limited), opts)
	}
	if limited.exceeded {
		return recon.Document{Format: doc.Format, Problems: []recon.Problem{tooLarge(limit)}}, nil
	}
	if err != nil {
		return doc, fmt.Errorf("read %s: %w", name, err)
	}
	return doc, nil
}

func tooLarge(limit int64) recon.Problem {
	return recon.Problem{Code: "FILE-TOO-LARGE", Severity: recon.Reject,
		Message: fmt.Sprintf("the file is larger than %s", byteSize(limit)), Try: "raise limits.max_file, or ask the bank for shorter periods"}
}

func byteSize(n int64) string {
	for _, unit := range []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= unit.size && n%unit.size == 0 {
			return fmt.Sprintf("%d %s", n/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

var errTooLarge = fmt.Errorf("larger than the limit")

// limitReader fails when more than left bytes come.
type limitReader struct {
	src      io.Reader
	left     int64
	exceeded bool
}

func (l *limitReader) Read(p []byte) (int, error) {
	if l.exceeded {
		return 0, errTooLarge
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.src.Read(p)
	if l.left -= int64(n); l.left < 0 {
		l.exceeded = true
		return 0, errTooLarge
	}
	return n, err
}
