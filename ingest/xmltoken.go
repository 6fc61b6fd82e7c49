package ingest

import (
	"bytes"
)

// open steps into the next child of the current element, or leaves the element and reports false.
func (x *scanner) open() bool {
	if x.empty {
		x.empty = false
		x.pop()
		return false
	}
	for {
		i := x.pos
		for i < x.end && isSpace(x.buf[i]) {
			i++
		}
		x.pos = i
		if i+1 >= x.end {
			if !x.more() && !x.atEdge() {
				return false
			}
			continue
		}
		if x.buf[i] != '<' {
			if !x.skipText() {
				return false
			}
			continue
		}
		switch c := x.buf[i+1]; {
		case c == '/':
			x.closeTag()
			return false
		case c == '!' || c == '?':
			if _, ok := x.markup(); !ok {
				return false
			}
		default:
			return x.openTag()
		}
	}
}

// atEdge is asked at the end of the file with less than two bytes left; it raises the fault that fits.
func (x *scanner) atEdge() bool {
	switch {
	case x.stopped():
	case len(x.frames) == 0 && x.ended && x.pos >= x.end:
	case len(x.frames) == 0 && x.pos < x.end:
		x.stray()
	default:
		x.truncated()
	}
	return false
}

// stray is the fault of text outside the root element.
func (x *scanner) stray() {
	if x.ended {
		x.fail(trailing, x.pos, "something follows the end of the document", trailingAdvice)
	} else {
		x.malformed(x.pos, "text before the first element")
	}
}

// skipText passes over character data between elements; entities in it must still be known.
func (x *scanner) skipText() bool {
	if len(x.frames) == 0 {
		x.stray()
		return false
	}
	_, ok := x.characters()
	return ok
}

// skip leaves the current element with all that is in it.
func (x *scanner) skip() {
	for x.open() {
		x.skip()
	}
}

// markup reads a comment, a processing instruction or a CDATA section at pos and returns the text of the last.
func (x *scanner) markup() ([]byte, bool) {
	x.odd = true
	for x.end-x.pos < len("<![CDATA[") && x.more() {
	}
	at := x.buf[x.pos:x.end]
	switch {
	case x.stopped():
		return nil, false
	case bytes.HasPrefix(at, []byte("<!--")):
		body, ok := x.until(4, "-->")
		if ok && bytes.Contains(body, []byte("--")) {
			x.malformed(x.pos, "\"--\" inside a comment")
			return nil, false
		}
		return nil, ok
	case bytes.HasPrefix(at, []byte("<![CDATA[")) && len(x.frames) > 0:
		return x.until(9, "]]>")
	case bytes.HasPrefix(at, []byte("<!DOCTYPE")):
		x.fail("XML-DTD", x.pos, "a document type declaration (<!DOCTYPE …>) is not allowed", "bank files have none; ask the bank for plain XML")
	case bytes.HasPrefix(at, []byte("<?xml")) && len(at) > 5 && !nameByte[at[5]]:
		x.malformed(x.pos, "an XML declaration in the middle of the file")
	case bytes.HasPrefix(at, []byte("<?")):
		body, ok := x.until(2, "?>")
		if target, _, _ := bytes.Cut(body, []byte{' '}); ok && !isName(bytes.TrimRight(target, "\t\r\n")) {
			x.malformed(x.pos, "a processing instruction without a name")
			return nil, false
		}
		return nil, ok
	default:
		x.malformed(x.pos, "'<!' begins no comment and no CDATA section")
	}
	return nil, false
}

// until returns what stands between skip bytes behind pos and the mark, and moves behind the mark.
func (x *scanner) until(skip int, mark string) ([]byte, bool) {
	from := skip
	for {
		i := bytes.Index(x.buf[min(x.pos+from, x.end):x.end], []byte(mark))
		if i >= 0 && from+i <= maxText {
			body := x.buf[x.pos+skip : x.pos+from+i]
			x.pos += from + i + len(mark)
			return body, true
		}
		if from = max(skip, x.end-x.pos-len(mark)+1); i >= 0 || from > maxText {
			x.fail("XML-LIMIT", x.pos, "a comment or section is longer than 1 MiB", "no bank sends such texts; check where the file comes from")
			return nil, false
		}
		if !x.more() {
			x.truncated()
			return nil, false
		}
	}
}
