package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/tieout/tieout/recon"
)

// DefaultMaxBytes is the largest file that is read where Options do not say otherwise: 4 GiB.
const DefaultMaxBytes = 4 << 30

// Options are what a reader cannot find in the file.
type Options struct {
	Account  string         // account that the folder or the user names; for files that do not name theirs
	Profile  string         // id of the CSV profile that the configuration names; "" finds it by the header, "inferred" infers it always
	Profiles []Profile      // the user's own profiles, before the built-in ones
	Currency recon.Currency // of the account, for CSV files of an unknown layout that do not say theirs
	MaxBytes int64          // largest file that is read; 0 is DefaultMaxBytes
	Workers  int            // how many entries of a camt file are decoded at once; 0 is one per core, 1 is in order
	// Flips says of which accounts the bank states reversals with the indicator of the original movement, against ISO 20022:
	// their sign is turned (FAULTS B27). nil = of none.
	Flips func(account string) bool
}

// Read tells what a bank file is (camt.053 or CSV) and reads it. Faults in the data are problems of the
// document and of its statements; what could be read in spite of them is there as well. The error
// is for the world alone: r could not be read. name is the file's name, for messages.
func Read(name string, r io.Reader, opts Options) (recon.Document, error) {
	var all collector
	doc, err := Stream(name, r, opts, &all)
	doc.Statements = all.statements
	return doc, err
}

// Stream reads a bank file as [Read] does and hands each entry to the sink as it is read. The document it
// returns holds the statements without their entries. Memory does not grow with a camt file: it is bounded by
// the largest batch entry (see maxDetails). CSV files are read whole and handed over afterwards. The error is
// the sink's, as it is, or that of r.
func Stream(name string, r io.Reader, opts Options, sink Sink) (recon.Document, error) {
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
	guarded := &guard{sink: sink}
	var doc recon.Document
	switch {
	case refusal != nil:
		return recon.Document{Problems: []recon.Problem{*refusal}}, nil
	case kind == xmlFormat:
		doc, err = readXML(head, limited, cuttingFor(opts.Workers), opts.Flips, guarded)
	default:
		doc, err = ReadCSV(name, io.MultiReader(bytes.NewReader(head), limited), opts)
		if limited.exceeded {
			doc.Statements = nil
		} else if err == nil {
			err = replay(&doc, guarded)
		}
	}
	switch {
	case guarded.failed != nil:
		return doc, guarded.failed
	case errors.Is(err, errTooLarge) || kind != xmlFormat && limited.exceeded:
		doc.Problems = []recon.Problem{tooLarge(limit)}
		return doc, nil
	case err != nil:
		return doc, fmt.Errorf("read %s: %w", name, err)
	}
	return doc, nil
}

// guard remembers the sink's first error, to tell it from the reader's.
type guard struct {
	sink   Sink
	failed error
}

func (g *guard) Begin(s *recon.Statement) error         { return g.note(g.sink.Begin(s)) }
func (g *guard) Entry(e *recon.Entry) error             { return g.note(g.sink.Entry(e)) }
func (g *guard) End(s *recon.Statement, t *Tally) error { return g.note(g.sink.End(s, t)) }

func (g *guard) note(err error) error {
	if err != nil && g.failed == nil {
		g.failed = err
	}
	return err
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

var errTooLarge = errors.New("larger than the limit")

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
