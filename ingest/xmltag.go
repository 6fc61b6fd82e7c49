package ingest

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameByte marks the bytes that may stand in a name (XML 1.0 section 2.3; beyond ASCII all are taken).
var nameByte = func() (t [256]bool) {
	for c := range 256 {
		t[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			c == '_' || c == '-' || c == '.' || c == ':' || c >= 0x80
	}
	return t
}()

// isName reports whether t is a qualified name: it begins with a letter, and so does what follows its only colon.
func isName(t []byte) bool {
	start := true
	for i, c := range t {
		switch {
		case !nameByte[c], start && (c == ':' || c == '-' || c == '.' || c >= '0' && c <= '9'):
			return false
		case c >= utf8.RuneSelf:
			return isWideName(string(t), i)
		case c == ':' && bytes.IndexByte(t[i+1:], ':') >= 0:
			return false
		}
		start = c == ':'
	}
	return !start
}

// isWideName continues isName at i, where a rune beyond ASCII stands.
func isWideName(name string, i int) bool {
	for _, r := range name[i:] {
		if r >= utf8.RuneSelf && !unicode.IsLetter(r) && (i == 0 || !unicode.In(r, unicode.Nd, unicode.M)) {
			return false
		}
	}
	return strings.Count(name, ":") <= 1 && !strings.HasSuffix(name, ":")
}

// openTag reads the start tag at pos.
func (x *scanner) openTag() bool {
	if len(x.frames) == 0 && x.ended {
		x.fail(trailing, x.pos, "a second root element follows the first", trailingAdvice)
		return false
	}
	i, colon := x.pos+1, -1
	for {
		for i < x.end && nameByte[x.buf[i]] {
			if x.buf[i] == ':' && colon < 0 {
				colon = i - x.pos
			}
			i++
		}
		if i < x.end {
			break
		}
		done := i - x.pos
		if done > maxAttribute {
			break
		}
		if !x.more() {
			x.truncated()
			return false
		}
		i = x.pos + done
	}
	if i-x.pos > maxAttribute {
		x.longTag()
		return false
	}
	if x.elements++; x.elements > x.limit {
		x.fail("XML-LIMIT", x.pos, fmt.Sprintf("the file has more than %d elements", x.limit), "ask the bank for shorter periods")
		return false
	}
	if !isName(x.buf[x.pos+1 : i]) {
		x.malformed(x.pos, "'<' begins no tag")
		return false
	}
	if len(x.frames) == maxDepth {
		x.fail("XML-LIMIT", x.pos, fmt.Sprintf("elements are nested deeper than %d", maxDepth), "no bank nests so deep; check where the file comes from")
		return false
	}
	x.frames = append(x.frames, openElement{len(x.names), len(x.bindings), x.defaults})
	from := len(x.names)
	x.names = append(x.names, x.buf[x.pos+1:i]...)
	x.name = x.names[from:]
	x.ccy = x.ccy[:0]
	if x.buf[i] == '>' {
		x.pos = i + 1
	} else if rest := x.buf[i:x.end]; len(rest) > 10 && string(rest[:6]) == ` Ccy="` && string(rest[9:11]) == `">` && plainCode(rest[6:9]) {
		x.ccy = append(x.ccy, rest[6:9]...)
		x.pos = i + 11
	} else if !x.attributes(i - x.pos) {
		return false
	}
	x.space = x.defaults
	if colon >= 0 {
		return x.resolve(from, colon-1)
	}
	return true
}

// plainCode reports whether t is three capitals, as the currency of nearly every amount is.
func plainCode(t []byte) bool {
	for _, c := range t {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

// resolve finds the namespace of a prefixed element and cuts the prefix off its name.
func (x *scanner) resolve(from, colon int) bool {
	prefix := x.names[from : from+colon]
	x.name = x.names[from+colon+1:]
	if string(prefix) == "xml" {
		x.space = 0
		return true
	}
	for k := len(x.bindings) - 1; k >= 0; k-- {
		if x.bindings[k].prefix == string(prefix) {
			x.space = x.bindings[k].space
			return true
		}
	}
	x.fail("CAMT-NAMESPACE", x.pos, fmt.Sprintf("prefix %q of <%s> is not declared", shorten(string(prefix), 40), shorten(string(x.names[from:]), 80)),
		"the file is not well-formed; ask the bank for a corrected one")
	return false
}

// attributes reads the rest of a start tag, from skip bytes behind pos.
func (x *scanner) attributes(skip int) bool {
	end, ok := x.tagEnd(skip)
	if !ok {
		return false
	}
	tag := x.buf[x.pos+skip : end]
	x.empty = len(tag) > 0 && tag[len(tag)-1] == '/'
	if x.empty {
		tag = tag[:len(tag)-1]
	}
	start := x.pos
	x.pos = end + 1
	var seen [16][]byte
	for n := 0; ; n++ {
		blank := len(tag) > 0 && isSpace(tag[0])
		tag = bytes.TrimLeft(tag, " \t\r\n")
		if len(tag) == 0 {
			return true
		}
		key, value, rest, ok := cutAttribute(tag)
		if !ok || !blank {
			x.malformed(start, "a start tag has a broken attribute")
			return false
		}
		for _, s := range seen[:min(n, len(seen))] {
			if bytes.Equal(s, key) {
				x.malformed(start, "attribute %q is given twice", shorten(string(key), 40))
				return false
			}
		}
		if n < len(seen) {
			seen[n] = key
		}
		if !x.attribute(key, value) {
			return false
		}
		tag = rest
	}
}

// tagEnd finds the '>' of the tag at pos, passing over quoted values.
func (x *scanner) tagEnd(skip int) (int, bool) {
	quote := byte(0)
	for i := x.pos + skip; ; i++ {
		if i >= x.end {
			done := i - x.pos
			if done > maxAttribute {
				x.longTag()
				return 0, false
			}
			if !x.more() {
				x.truncated()
				return 0, false
			}
			i = x.pos + done
		}
		switch c := x.buf[i]; {
		case i-x.pos > maxAttribute:
			x.longTag()
			return 0, false
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i, true
		}
		if x.buf[i] == '<' {
			x.malformed(i, "'<' inside a tag")
			return 0, false
		}
	}
}

func (x *scanner) longTag() {
	x.fail("XML-LIMIT", x.pos, "a tag with its attributes is longer than 64 KiB", "no bank sends such tags; check where the file comes from")
}

// cutAttribute cuts key="value" off the front of tag.
func cutAttribute(tag []byte) (key, value, rest []byte, ok bool) {
	i := 0
	for i < len(tag) && nameByte[tag[i]] {
		i++
	}
	key = tag[:i]
	tag = bytes.TrimLeft(tag[i:], " \t\r\n")
	if !isName(key) || len(tag) == 0 || tag[0] != '=' {
		return nil, nil, nil, false
	}
	tag = bytes.TrimLeft(tag[1:], " \t\r\n")
	if len(tag) == 0 || tag[0] != '"' && tag[0] != '\'' {
		return nil, nil, nil, false
	}
	n := bytes.IndexByte(tag[1:], tag[0])
	if n < 0 {
		return nil, nil, nil, false
	}
	return key, tag[1 : n+1], tag[n+2:], true
}

// attribute takes a namespace or the currency; of the others only the entities are checked.
func (x *scanner) attribute(key, value []byte) bool {
	if bytes.IndexByte(value, '&') >= 0 {
		var ok bool
		if value, ok = x.expand(value); !ok {
			return false
		}
	}
	switch {
	case string(key) == "Ccy":
		x.ccy = append(x.ccy[:0], value...)
	case string(key) == "xmlns":
		x.defaults = x.intern(value)
	case bytes.HasPrefix(key, []byte("xmlns:")):
		x.bindings = append(x.bindings, binding{string(key[6:]), x.intern(value)})
	}
	return x.fault == nil
}

// intern numbers a namespace.
func (x *scanner) intern(uri []byte) int {
	for i, s := range x.spaces {
		if s == string(uri) {
			return i
		}
	}
	if len(x.spaces) == maxSpaces {
		x.fail("XML-LIMIT", x.pos, fmt.Sprintf("the file has more than %d namespaces", maxSpaces), "no bank uses so many; check where the file comes from")
		return 0
	}
	x.spaces, x.odd = append(x.spaces, string(uri)), true
	return len(x.spaces) - 1
}

// closeTag reads the end tag at pos, which must belong to the current element.
func (x *scanner) closeTag() bool {
	if len(x.frames) == 0 {
		x.malformed(x.pos, "an end tag without its start tag")
		return false
	}
	name := x.names[x.frames[len(x.frames)-1].name:]
	need := len(name) + 3
	for x.end-x.pos < need {
		if !x.more() {
			x.truncated()
			return false
		}
	}
	i := x.pos + 2 + len(name)
	if !bytes.Equal(x.buf[x.pos+2:i], name) || nameByte[x.buf[i]] {
		x.malformed(x.pos, "the end tag does not belong to <%s>", shorten(string(name), 80))
		return false
	}
	for x.buf[i] != '>' {
		if !isSpace(x.buf[i]) {
			x.malformed(x.pos, "the end tag of <%s> is broken", shorten(string(name), 80))
			return false
		}
		done := i + 1 - x.pos
		for x.pos+done >= x.end {
			if !x.more() {
				x.truncated()
				return false
			}
		}
		i = x.pos + done
	}
	x.pos = i + 1
	x.pop()
	return true
}

// pop leaves the current element.
func (x *scanner) pop() {
	n := len(x.frames) - 1
	f := x.frames[n]
	x.frames = x.frames[:n]
	x.names = x.names[:f.name]
	x.bindings = x.bindings[:f.bindings]
	x.defaults = f.defaults
	x.ended = x.ended || n == 0
}
