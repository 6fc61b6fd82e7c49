package ingest

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// text leaves the current element and returns its character data without outer blanks. Where the
// element holds children, the first one with text speaks for it (Sts/Cd, BookgDt/Dt, Purp/Prtry).
func (x *scanner) text() []byte {
	if t, ok := x.leaf(); ok {
		return t
	}
	if x.nested() {
		return x.firstChild()
	}
	t, _ := x.mixed()
	return t
}

// plainText is text for an element that may hold nothing but characters; it reports whether it did.
func (x *scanner) plainText() ([]byte, bool) {
	if t, ok := x.leaf(); ok {
		return t, true
	}
	return x.mixed()
}

// leaf reads <a>text</a> where all of it is in the buffer, which is nearly always.
func (x *scanner) leaf() ([]byte, bool) {
	if x.empty {
		x.empty = false
		x.pop()
		return nil, true
	}
	b := x.buf[x.pos:x.end]
	i := bytes.IndexByte(b, '<')
	if i < 0 || i > maxText || len(x.frames) == 0 {
		return nil, false
	}
	name := x.names[x.frames[len(x.frames)-1].name:]
	n := i + 2 + len(name)
	if n >= len(b) || b[i+1] != '/' || b[n] != '>' || string(b[i+2:n]) != string(name) {
		return nil, false
	}
	t, ok := x.decoded(b[:i])
	if !ok {
		return nil, true
	}
	x.pos += n + 1
	x.pop()
	return trim(t), true
}

// nested reports whether the element begins with a child rather than with text.
func (x *scanner) nested() bool {
	for i := 0; ; {
		for x.pos+i < x.end && isSpace(x.buf[x.pos+i]) {
			i++
		}
		if at := x.pos + i; at+1 < x.end {
			return x.buf[at] == '<' && nameByte[x.buf[at+1]]
		}
		if i > maxText || !x.more() {
			return false
		}
	}
}

// firstChild returns the text of the first child that has any.
func (x *scanner) firstChild() []byte {
	var found []byte
	for x.open() {
		if len(found) > 0 {
			x.skip()
			continue
		}
		if t := x.text(); len(t) > 0 {
			x.kept = append(x.kept[:0], t...)
			found = x.kept
		}
	}
	return found
}

// mixed is the slow road of text: comments, CDATA, entities and children in any order.
func (x *scanner) mixed() (found []byte, plain bool) {
	var own, child []byte
	plain = true
	for {
		for x.pos+1 >= x.end {
			if !x.more() {
				x.truncated()
				return nil, false
			}
		}
		if x.buf[x.pos] != '<' {
			t, ok := x.characters()
			if !ok {
				return nil, false
			}
			own = append(own, t...)
			if len(own) > maxText {
				x.longText()
				return nil, false
			}
			continue
		}
		switch c := x.buf[x.pos+1]; {
		case c == '/':
			if !x.closeTag() {
				return nil, false
			}
			if own = trim(own); len(own) == 0 {
				return child, plain
			}
			return own, plain
		case c == '!' || c == '?':
			plain = plain && bytes.HasPrefix(x.buf[x.pos:x.end], []byte("<!["))
			t, ok := x.markup()
			if !ok {
				return nil, false
			}
			own = append(own, t...)
		default:
			plain = false
			if !x.openTag() {
				return nil, false
			}
			if t := x.text(); len(child) == 0 {
				child = append(child, t...)
			}
		}
	}
}

// characters returns the text up to the next '<', entities replaced.
func (x *scanner) characters() ([]byte, bool) {
	from := 0
	for {
		i := bytes.IndexByte(x.buf[x.pos+from:x.end], '<')
		if i >= 0 && from+i <= maxText {
			t, ok := x.decoded(x.buf[x.pos : x.pos+from+i])
			if ok {
				x.pos += from + i
			}
			return t, ok
		}
		if from = x.end - x.pos; i >= 0 || from > maxText {
			x.longText()
			return nil, false
		}
		if !x.more() {
			x.truncated()
			return nil, false
		}
	}
}

func (x *scanner) longText() {
	x.fail("XML-LIMIT", x.pos, "an element's text is longer than 1 MiB", "no bank sends such texts; check where the file comes from")
}

// decoded replaces the entities in t and refuses "]]>", which may not stand in text.
func (x *scanner) decoded(t []byte) ([]byte, bool) {
	if bytes.IndexByte(t, '>') >= 0 && bytes.Contains(t, []byte("]]>")) {
		x.malformed(x.pos, "\"]]>\" in text")
		return nil, false
	}
	if bytes.IndexByte(t, '&') < 0 {
		return t, true
	}
	return x.expand(t)
}

// expand replaces the five entities and character references of t, in a buffer of its own.
func (x *scanner) expand(t []byte) ([]byte, bool) {
	out := x.scratch[:0]
	for {
		i := bytes.IndexByte(t, '&')
		if i < 0 {
			x.scratch = append(out, t...)
			return x.scratch, true
		}
		out = append(out, t[:i]...)
		n := bytes.IndexByte(t, ';')
		if n < i {
			n = i + bytes.IndexByte(t[i:], ';')
		}
		if n <= i {
			x.malformed(x.pos, "'&' begins no entity")
			return nil, false
		}
		r, ok := entity(t[i+1 : n])
		if !ok {
			x.fail("XML-ENTITY", x.pos, fmt.Sprintf("entity &%s; is not one of XML's five", shorten(string(t[i+1:n]), 40)),
				"entities of one's own are not read; ask the bank for plain XML")
			return nil, false
		}
		out = utf8.AppendRune(out, r)
		t = t[n+1:]
	}
}

func entity(name []byte) (rune, bool) {
	switch string(name) {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := string(name[1:]), 10
	if name[1] == 'x' {
		digits, base = string(name[2:]), 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !legalRune(n) {
		return 0, false
	}
	return rune(n), true
}

func legalRune(n uint64) bool {
	return n == '\t' || n == '\n' || n == '\r' || n >= 0x20 && n <= 0xD7FF || n >= 0xE000 && n <= 0xFFFD || n >= 0x10000 && n <= 0x10FFFF
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func trim(t []byte) []byte {
	for len(t) > 0 && isSpace(t[0]) {
		t = t[1:]
	}
	for len(t) > 0 && isSpace(t[len(t)-1]) {
		t = t[:len(t)-1]
	}
	return t
}

// shorten cuts what a message quotes to n characters.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n]) + "…"
}
