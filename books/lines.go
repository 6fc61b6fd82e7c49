package books

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/gocarina/gocsv"
)

// lineWriter writes the lines of a machine export one after the other, as csv with a header or as one json array.
type lineWriter[T any] struct {
	out     *bufio.Writer
	csv     *gocsv.SafeCSVWriter // nil = json
	text    bytes.Buffer         // one line of json
	pending []T
	written int
}

// batchOfLines is how many lines gocsv is given at once: it reflects on the type in each call.
const batchOfLines = 1024

func newLineWriter[T any](w io.Writer, format string) (*lineWriter[T], error) {
	l := &lineWriter[T]{out: bufio.NewWriterSize(w, 1<<16)}
	switch format {
	case FormatCSV:
		l.csv = gocsv.DefaultCSVWriter(l.out)
		return l, nil
	case FormatJSON:
		return l, nil
	}
	return nil, errFormat(format)
}

// Write takes one line.
func (l *lineWriter[T]) Write(line T) error {
	l.pending = append(l.pending, line)
	if len(l.pending) < batchOfLines {
		return nil
	}
	return l.flush()
}

func (l *lineWriter[T]) flush() (err error) {
	switch {
	case l.csv == nil:
		err = l.flushJSON()
	case l.written == 0:
		err = gocsv.MarshalCSV(l.pending, l.csv)
	default:
		err = gocsv.MarshalCSVWithoutHeaders(l.pending, l.csv)
	}
	l.written += len(l.pending)
	l.pending = l.pending[:0]
	if err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	return nil
}

func (l *lineWriter[T]) flushJSON() error {
	for n, line := range l.pending {
		l.text.Reset()
		out := json.NewEncoder(&l.text)
		out.SetEscapeHTML(false)
		if err := out.Encode(line); err != nil {
			return err
		}
		between := ",\n"
		if l.written+n == 0 {
			between = "[\n"
		}
		l.out.WriteString(between) // a buffered writer keeps its error for Flush
		l.out.Write(bytes.TrimSuffix(l.text.Bytes(), []byte("\n")))
	}
	return nil
}

// Close writes what is pending and ends the document. An export without lines has its header, or is an empty array.
func (l *lineWriter[T]) Close() error {
	if len(l.pending) > 0 || l.csv != nil && l.written == 0 {
		if err := l.flush(); err != nil {
			return err
		}
	}
	if l.csv == nil {
		end := "\n]\n"
		if l.written == 0 {
			end = "[]\n"
		}
		l.out.WriteString(end)
	}
	if err := l.out.Flush(); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	return nil
}
