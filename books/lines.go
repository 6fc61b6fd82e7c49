package books

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"

	"github.com/tieout/tieout/recon"
)

// lineWriter writes the lines of a machine export one after the other, as csv with a header or as one json array. A line is a
// struct of texts and counts whose tags name its columns.
type lineWriter[T any] struct {
	out     *bufio.Writer
	text    bytes.Buffer // one line
	csv     *csv.Writer  // into text, nil = json
	json    *json.Encoder
	cells   []string
	written int
	days    map[recon.Date]string // as text
}

func newLineWriter[T any](w io.Writer, format string) (*lineWriter[T], error) {
	l := &lineWriter[T]{out: bufio.NewWriterSize(w, 1<<16), days: map[recon.Date]string{}}
	switch format {
	case FormatCSV:
		l.csv = csv.NewWriter(&l.text)
		return l, l.header()
	case FormatJSON:
		l.json = json.NewEncoder(&l.text)
		l.json.SetEscapeHTML(false)
		return l, nil
	}
	return nil, errFormat(format)
}

func (l *lineWriter[T]) header() error {
	line := reflect.TypeFor[T]()
	for n := range line.NumField() {
		l.cells = append(l.cells, line.Field(n).Tag.Get("csv"))
	}
	text, err := l.record()
	l.out.Write(text) // a buffered writer keeps its error for Flush
	return err
}

// record writes the cells as one line of csv.
func (l *lineWriter[T]) record() ([]byte, error) {
	l.text.Reset()
	l.csv.Write(l.cells) // a csv writer keeps its error for Error
	l.csv.Flush()
	if err := l.csv.Error(); err != nil {
		return nil, fmt.Errorf("write export: %w", err)
	}
	return l.text.Bytes(), nil
}

// Render returns a line as text that ends with a newline, good until the next one.
func (l *lineWriter[T]) Render(line *T) ([]byte, error) {
	if l.csv == nil {
		l.text.Reset()
		if err := l.json.Encode(line); err != nil {
			return nil, fmt.Errorf("write export: %w", err)
		}
		return l.text.Bytes(), nil
	}
	fields := reflect.ValueOf(line).Elem()
	for n := range l.cells {
		if f := fields.Field(n); f.Kind() == reflect.Int {
			l.cells[n] = strconv.FormatInt(f.Int(), 10)
		} else {
			l.cells[n] = f.String()
		}
	}
	return l.record()
}

// Write takes one line.
func (l *lineWriter[T]) Write(line *T) error {
	text, err := l.Render(line)
	if err != nil {
		return err
	}
	l.Rendered(text)
	return nil
}

// Rendered takes a line that was rendered before.
func (l *lineWriter[T]) Rendered(text []byte) {
	if l.csv == nil {
		between := ",\n"
		if l.written == 0 {
			between = "[\n"
		}
		l.out.WriteString(between)
		text = bytes.TrimSuffix(text, []byte("\n"))
	}
	l.out.Write(text)
	l.written++
}

// day writes a day, of which most exports have few.
func (l *lineWriter[T]) day(d recon.Date) string {
	text, known := l.days[d]
	if !known {
		text = d.String()
		l.days[d] = text
	}
	return text
}

// Close ends the document. An export without lines has its header, or is an empty array.
func (l *lineWriter[T]) Close() error {
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
