package ingest

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/tieout/tieout/recon"
)

// charsets are the one-byte encodings that may be declared. Others are refused, never guessed.
var charsets = map[string]*charmap.Charmap{
	"iso-8859-1": charmap.ISO8859_1, "latin1": charmap.ISO8859_1, "latin-1": charmap.ISO8859_1,
	"iso-8859-2": charmap.ISO8859_2, "iso-8859-15": charmap.ISO8859_15, "latin-9": charmap.ISO8859_15,
	"windows-1252": charmap.Windows1252, "cp1252": charmap.Windows1252,
	"windows-1250": charmap.Windows1250, "cp1250": charmap.Windows1250,
}

var (
	declarationVersion  = regexp.MustCompile(`\sversion\s*=\s*["']([^"']*)["']`)
	declarationEncoding = regexp.MustCompile(`\sencoding\s*=\s*["']([^"']*)["']`)
)

// utf8Source returns the file behind its XML declaration as UTF-8, and how many lines of it are gone.
// head holds the first bytes of the file, r the rest.
func utf8Source(head []byte, r io.Reader) (source io.Reader, lines int, problems []recon.Problem) {
	rest := io.MultiReader(bytes.NewReader(head), r)
	wide := bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF})
	if wide {
		decoded := unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Reader(rest)
		head = make([]byte, sniffSize)
		n, err := io.ReadFull(decoded, head)
		head = head[:n]
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return failing{err}, 0, nil
		}
		rest = io.MultiReader(bytes.NewReader(head), decoded)
	}
	marked := bytes.HasPrefix(head, []byte("\xef\xbb\xbf"))
	skip := 0
	if marked {
		skip = 3
	}
	blank := len(head[skip:]) - len(bytes.TrimLeft(head[skip:], " \t\r\n"))
	end := bytes.Index(head, []byte("?>"))
	if !bytes.HasPrefix(head[skip+blank:], []byte("<?xml")) || end < 0 {
		return discard(rest, skip), 0, nil
	}
	if blank > 0 {
		problems = append(problems, recon.Problem{Code: "XML-DECLARATION", Where: "line 1", Severity: recon.Warn,
			Message: "blanks stand before the XML declaration, which must come first", Try: "nothing to do; tell the bank"})
	}
	skip += blank
	declaration := string(head[skip:end])
	if p := checkVersion(declaration); p != nil {
		return nil, 0, append(problems, *p)
	}
	source, p := declared(discard(rest, end+2), declaration, wide || marked)
	if p != nil {
		problems = append(problems, *p)
	}
	return source, bytes.Count(head[:end], []byte{'\n'}), problems
}

// failing is a source that cannot be read any further.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func discard(r io.Reader, n int) io.Reader {
	if _, err := io.CopyN(io.Discard, r, int64(n)); err != nil {
		return failing{err}
	}
	return r
}

func checkVersion(declaration string) *recon.Problem {
	if m := declarationVersion.FindStringSubmatch(declaration); m != nil && m[1] != "1.0" {
		return &recon.Problem{Code: "XML-VERSION", Where: "line 1", Severity: recon.Reject,
			Message: fmt.Sprintf("XML version %q, expected 1.0", shorten(m[1], 20)), Try: "ask the bank for XML 1.0"}
	}
	return nil
}

// declared decodes the encoding that the declaration names. A byte order mark outranks it.
func declared(r io.Reader, declaration string, marked bool) (io.Reader, *recon.Problem) {
	m := declarationEncoding.FindStringSubmatch(declaration)
	if m == nil || marked {
		return r, nil
	}
	name := strings.ToLower(m[1])
	if name == "utf-8" || name == "utf8" || name == "us-ascii" || name == "ascii" {
		return r, nil
	}
	if set := charsets[name]; set != nil {
		return &charsetReader{src: r, set: set}, nil
	}
	message := fmt.Sprintf("encoding %q is not read; expected UTF-8, ISO-8859-1, -2, -15, windows-1250 or -1252", shorten(m[1], 40))
	if strings.HasPrefix(name, "utf-16") || strings.HasPrefix(name, "ucs-2") {
		message = "the file says it is UTF-16 but has no byte order mark"
	}
	return nil, &recon.Problem{Code: "XML-ENCODING", Where: "line 1", Severity: recon.Reject, Message: message,
		Try: "convert the file to UTF-8, or ask the bank for UTF-8"}
}

// charsetReader turns a one-byte encoding into UTF-8. A byte that the encoding does not know is passed
// on as it is, so that the scanner refuses it as no UTF-8 with its line.
type charsetReader struct {
	src io.Reader
	set *charmap.Charmap
	in  [16 << 10]byte
	out []byte // decoded, not yet handed out
	buf []byte
}

func (c *charsetReader) Read(p []byte) (int, error) {
	if len(c.out) == 0 {
		n, err := c.src.Read(c.in[:])
		if n == 0 {
			return 0, err
		}
		c.buf = c.buf[:0]
		for _, b := range c.in[:n] {
			if r := c.set.DecodeByte(b); r != utf8.RuneError {
				c.buf = utf8.AppendRune(c.buf, r)
			} else {
				c.buf = append(c.buf, b)
			}
		}
		c.out = c.buf
	}
	n := copy(p, c.out)
	c.out = c.out[n:]
	return n, nil
}
