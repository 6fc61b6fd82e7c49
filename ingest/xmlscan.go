package ingest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/tieout/tieout/recon"
)

// Limits of one XML file. They bound memory and stack whatever a file holds.
const (
	maxDepth     = 64
	maxAttribute = 64 << 10
	maxText      = 1 << 20
	maxSpaces    = 256
	maxElements  = 1 << 29
	bufferSize   = 256 << 10

	maxEmptyReads = 100
)

// scanner reads XML 1.0 in one pass, as a person would with a finger on the page: open says whether
// the element under the finger has another child and steps into it, text and skip leave it again.
// It checks what well-formedness asks (one root, matching tags, legal characters, no DTD, no
// unknown entity) and stops at the first fault, after which every call reports the end.
//
// Slices it hands out (name, text) point into its buffer and live until the next call.
type scanner struct {
	src    io.Reader
	buf    []byte
	pos    int // next unread byte
	end    int // end of the bytes that are checked to be legal characters
	filled int // end of the bytes read; a rune may be cut there
	offset int64
	lines  int   // newlines before buf[0]
	column int64 // bytes of its line before buf[0]
	eof    bool

	pending *recon.Problem // fault of the byte at end, due when the finger gets there
	fault   *recon.Problem
	world   error // the source failed

	name  []byte // local name of the element opened last
	ccy   []byte // its Ccy attribute
	space int    // its namespace, an index of spaces
	empty bool   // it is written <a/>

	frames   []openElement
	names    []byte // qualified names of the open elements, one after the other
	bindings []binding
	spaces   []string // namespaces seen; 0 is none
	defaults int      // default namespace in force
	elements int      // opened so far
	limit    int      // of elements
	odd      bool     // there was what only the file's own order can judge: comments, CDATA, new namespaces
	ended    bool     // the root element is closed
	scratch  []byte   // text with its entities replaced
	kept     []byte   // text of a child, while the rest of its parent is passed over
}

type openElement struct {
	name     int // where its name starts in names
	bindings int // how many prefixes were bound before it
	defaults int
}

type binding struct {
	prefix string
	space  int
}

func newScanner(src io.Reader) *scanner {
	return &scanner{src: src, buf: make([]byte, bufferSize), spaces: []string{""}, limit: maxElements}
}

// resume goes on with another source, which begins at the byte after the last that was passed.
func (x *scanner) resume(src io.Reader) {
	x.src, x.eof, x.pending = src, false, nil
	x.pos, x.end, x.filled = 0, 0, 0
}

// restart begins to read data as if it stood where at stands, between two elements.
func (x *scanner) restart(data []byte, at *scanner) {
	x.buf, x.pos, x.end, x.filled = data, 0, 0, len(data)
	x.pending, x.fault, x.world, x.odd, x.empty, x.elements = nil, nil, nil, false, false, 0
	x.frames, x.names = append(x.frames[:0], at.frames...), append(x.names[:0], at.names...)
	x.bindings, x.defaults = append(x.bindings[:0], at.bindings...), at.defaults
	x.spaces, x.limit = at.spaces[:len(at.spaces):len(at.spaces)], at.limit
	x.check()
}

// tag is the name of the element opened last as it is written, with its prefix.
func (x *scanner) tag() []byte { return x.names[x.frames[len(x.frames)-1].name:] }

// fail stops the scanner at the byte at i of the buffer.
func (x *scanner) fail(code string, i int, message, try string) {
	if x.fault == nil && x.world == nil {
		p := x.problemAt(code, i, message, try)
		x.fault = &p
	}
	x.pos, x.empty = x.end, false
}

func (x *scanner) problemAt(code string, i int, message, try string) recon.Problem {
	i = min(i, x.filled)
	before := x.buf[:i]
	column := x.column + int64(i) + 1
	if newline := bytes.LastIndexByte(before, '\n'); newline >= 0 {
		column = int64(i - newline)
	}
	where := fmt.Sprintf("line %d, column %d", x.lines+bytes.Count(before, []byte{'\n'})+1, column)
	return recon.Problem{Code: code, Where: where, Severity: recon.Reject, Message: message, Try: try}
}

func (x *scanner) malformed(i int, format string, args ...any) {
	x.fail("XML-MALFORMED", i, fmt.Sprintf(format, args...), "the file is not well-formed XML; fetch it from the bank again")
}

// halt stops the scanner for a reason that is not in the file.
func (x *scanner) halt(err error) {
	if x.world == nil {
		x.world = err
	}
	x.pos, x.empty = x.end, false
}

func (x *scanner) stopped() bool { return x.fault != nil || x.world != nil }

// more makes at least one more checked byte available behind end, moving what is unread to the front.
// It reports false at the end of the file or after a fault.
func (x *scanner) more() bool {
	if x.stopped() {
		return false
	}
	if x.pending != nil {
		x.fault, x.pos, x.empty = x.pending, x.end, false
		if x.ended && len(x.frames) == 0 { // NULs and the like behind the last tag
			x.fault.Code, x.fault.Try = trailing, trailingAdvice
		}
		return false
	}
	if x.eof {
		return false
	}
	x.shift()
	if x.filled == len(x.buf) {
		if len(x.buf) >= 2*maxText {
			x.fail("XML-LIMIT", x.pos, "an element's text or tag is longer than 1 MiB", "no bank sends such texts; check where the file comes from")
			return false
		}
		x.buf = append(x.buf, make([]byte, len(x.buf))...)
	}
	before := x.end
	for tries := 0; x.end == before && !x.eof; tries++ {
		n, err := x.src.Read(x.buf[x.filled:])
		x.filled += n
		x.check()
		if n == 0 && err == nil && tries > maxEmptyReads {
			err = io.ErrNoProgress
		}
		if err == io.EOF {
			x.eof = true
		} else if err != nil {
			x.world, x.pos, x.empty = err, x.end, false
			return false
		}
		if x.pending != nil {
			break
		}
	}
	if x.eof && x.pending == nil && x.end < x.filled {
		x.illegal(x.end)
	}
	return x.end > before || x.more()
}

func (x *scanner) shift() {
	if x.pos == 0 {
		return
	}
	x.passed(x.buf[:x.pos])
	copy(x.buf, x.buf[x.pos:x.filled])
	x.end -= x.pos
	x.filled -= x.pos
	x.pos = 0
}

// passed counts bytes that lie behind.
func (x *scanner) passed(b []byte) {
	x.offset += int64(len(b))
	x.lines += bytes.Count(b, []byte{'\n'})
	if newline := bytes.LastIndexByte(b, '\n'); newline >= 0 {
		x.column = int64(len(b) - newline - 1)
	} else {
		x.column += int64(len(b))
	}
}

// check moves end over all legal characters (XML 1.0 section 2.2) that have been read.
func (x *scanner) check() {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	b := x.buf[:x.filled]
	i := x.end
	for i < len(b) {
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			if (w|(w-0x20*ones))&highs != 0 {
				break
			}
			i += 8
		}
		stop := min(i+8, len(b))
		for i < stop {
			c := b[i]
			if c >= 0x20 && c < utf8.RuneSelf || c == '\n' || c == '\r' || c == '\t' {
				i++
				continue
			}
			if c < 0x20 {
				x.end = i
				x.illegal(i)
				return
			}
			r, size := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && size == 1 {
				x.end = i
				if utf8.FullRune(b[i:]) {
					x.illegal(i)
				}
				return
			}
			if r == 0xFFFE || r == 0xFFFF {
				x.end = i
				x.illegal(i)
				return
			}
			i += size
		}
	}
	x.end = i
}

// illegal notes that the byte at i may not stand in the file; the finger may still be far before it.
func (x *scanner) illegal(i int) {
	var p recon.Problem
	if c := x.buf[i]; c < 0x20 || c == 0xEF {
		p = x.problemAt("XML-CHAR", i, fmt.Sprintf("character 0x%02X is not allowed in XML", c), "the file is damaged; fetch it from the bank again in binary mode")
	} else {
		p = x.problemAt("XML-UTF8", i, fmt.Sprintf("byte 0x%02X is no UTF-8, which the file says it is", c),
			"ask the bank for a file whose declaration names its encoding (often ISO-8859-1)")
	}
	x.pending = &p
}

// trailing is the code of what follows the root element.
const (
	trailing       = "XML-TRAILING"
	trailingAdvice = "send one document per file; remove what follows the last tag"
)

// truncated is the fault of a file that ends while something is open.
func (x *scanner) truncated() {
	if x.stopped() {
		return
	}
	what := "before its first element"
	if n := len(x.frames); n > 0 {
		what = "inside <" + string(x.names[x.frames[n-1].name:]) + ">"
	}
	x.fail("XML-TRUNCATED", x.end, fmt.Sprintf("the file ends at byte %d, %s", x.offset+int64(x.end), what),
		"the upload is likely incomplete; transfer the file again")
}
