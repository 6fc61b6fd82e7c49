package ingest

import (
	"github.com/tieout/tieout/recon"
)

// Sink takes a file as it is read, so that no file is ever in memory whole. For each statement it is told
// Begin, then Entry for each entry in the file's order, then End. What is handed over is only lent: a sink that
// keeps an entry copies it; its texts and lists may be kept as they are. An error stops the reading.
type Sink interface {
	// Begin says what is known of a statement before its entries: in a file in the order of ISO 20022, all but
	// the proof and what later pages add.
	Begin(s *recon.Statement) error
	Entry(e *recon.Entry) error
	// End gives the statement as Begin did, now complete and proved, without its entries. t is what the entries of a page add up
	// to, for [Assemble]; nil for a statement that needs no other pages.
	End(s *recon.Statement, t *Tally) error
}

// chunkSize is how many entries are collected before the next piece of memory is taken, so that a growing
// statement is copied once and not at every doubling.
const chunkSize = 1024

// collector is the sink that keeps everything.
type collector struct {
	statements []recon.Statement
	chunks     [][]recon.Entry
}

func (c *collector) Begin(*recon.Statement) error { return nil }

func (c *collector) Entry(e *recon.Entry) error {
	n := len(c.chunks)
	if n == 0 || len(c.chunks[n-1]) == cap(c.chunks[n-1]) {
		size := chunkSize
		if n == 0 {
			size = 16
		}
		c.chunks = append(c.chunks, make([]recon.Entry, 0, size))
		n++
	}
	c.chunks[n-1] = append(c.chunks[n-1], *e)
	return nil
}

func (c *collector) End(s *recon.Statement, _ *Tally) error {
	c.statements = append(c.statements, *s)
	c.statements[len(c.statements)-1].Entries = c.flatten()
	c.chunks = c.chunks[:0]
	return nil
}

// flatten returns the collected entries in one piece.
func (c *collector) flatten() []recon.Entry {
	if len(c.chunks) == 1 {
		return c.chunks[0]
	}
	n := 0
	for _, chunk := range c.chunks {
		n += len(chunk)
	}
	if n == 0 {
		return nil
	}
	all := make([]recon.Entry, 0, n)
	for i, chunk := range c.chunks {
		all = append(all, chunk...)
		c.chunks[i] = nil
	}
	return all
}

// replay hands a document that is in memory to a sink and takes the entries out of it.
func replay(doc *recon.Document, sink Sink) error {
	for i := range doc.Statements {
		s := &doc.Statements[i]
		entries := s.Entries
		s.Entries = nil
		if err := sink.Begin(s); err != nil {
			return err
		}
		for j := range entries {
			if err := sink.Entry(&entries[j]); err != nil {
				return err
			}
		}
		if err := sink.End(s, nil); err != nil {
			return err
		}
	}
	return nil
}
