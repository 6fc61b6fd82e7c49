package ingest

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/tieout/tieout/recon"
)

// csvEncodings are the encodings a profile may name. "utf-16" is for files with a byte order mark only.
var csvEncodings = map[string]encoding.Encoding{
	"utf-8":        nil,
	"utf-16":       nil,
	"windows-1250": charmap.Windows1250,
	"windows-1251": charmap.Windows1251,
	"windows-1252": charmap.Windows1252,
	"windows-1253": charmap.Windows1253,
	"windows-1254": charmap.Windows1254,
	"windows-1257": charmap.Windows1257,
	"iso-8859-1":   charmap.ISO8859_1,
	"iso-8859-2":   charmap.ISO8859_2,
	"iso-8859-15":  charmap.ISO8859_15,
	"shift_jis":    japanese.ShiftJIS,
	"gb18030":      simplifiedchinese.GB18030,
}

const (
	bomUTF8    = "\xef\xbb\xbf"
	bomUTF16LE = "\xff\xfe"
	bomUTF16BE = "\xfe\xff"
	endOfFile  = "\x1A" // a DOS end mark; one may close a file
)

// readText turns the bytes of a file into UTF-8 text whose lines end in '\n'. A byte order mark
// decides; without one the first of charsetNames that decodes without a fault does. Text that holds
// control characters or does not decode is a problem with its place, never repaired. UTF-8 text is the file itself, not a copy.
func readText(raw string, charsetNames []string) (string, *recon.Problem) {
	text, problem := decodeText(strings.TrimSuffix(raw, endOfFile), charsetNames)
	if problem != nil {
		return "", problem
	}
	text = unixLines(text)
	if at := controlByte(text); at >= 0 {
		row, column := position(text, at)
		character, _ := utf8.DecodeRuneInString(text[at:])
		return "", controlProblem(row, column, character)
	}
	return text, nil
}

func decodeText(raw string, charsetNames []string) (string, *recon.Problem) {
	switch {
	case strings.HasPrefix(raw, bomUTF8):
		return validUTF8(raw[len(bomUTF8):])
	case strings.HasPrefix(raw, bomUTF16LE), strings.HasPrefix(raw, bomUTF16BE):
		return decodeUTF16(raw)
	case unmarkedUTF16(raw):
		return "", unmarkedProblem()
	}
	var problem *recon.Problem
	for _, name := range charsetNames {
		var text string
		if text, problem = decodeAs(name, raw); problem == nil {
			return text, nil
		}
	}
	return "", problem
}

func decodeAs(charset, raw string) (string, *recon.Problem) {
	switch charset {
	case "utf-8":
		return validUTF8(raw)
	case "utf-16":
		return "", encodingProblem("no byte order mark")
	}
	text, err := csvEncodings[charset].NewDecoder().String(raw)
	if err != nil {
		return "", encodingProblem(err.Error())
	}
	if multibyte(charset) && strings.ContainsRune(text, utf8.RuneError) {
		return "", encodingProblem("bytes that are no characters of " + charset)
	}
	return text, nil
}

// multibyte reports whether an encoding takes several bytes for a character, so that it does not decode just anything.
func multibyte(charset string) bool { return charset == "shift_jis" || charset == "gb18030" }

func validUTF8(raw string) (string, *recon.Problem) {
	if utf8.ValidString(raw) {
		return raw, nil
	}
	at := 0
	for at < len(raw) {
		character, size := utf8.DecodeRuneInString(raw[at:])
		if character == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	before := unixLines(raw[:at])
	row, column := position(before, len(before))
	return "", utf8Problem(row, column, raw[at])
}

func decodeUTF16(raw string) (string, *recon.Problem) {
	if len(raw)%2 != 0 {
		return "", encodingProblem("UTF-16 with an odd number of bytes: the file is cut")
	}
	text, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().String(raw)
	if err != nil {
		return "", encodingProblem(err.Error())
	}
	return strings.TrimSuffix(text, endOfFile), nil
}

// unmarkedUTF16 reports whether, without a byte order mark, most of every second byte at the start is NUL, as in Latin
// text of two bytes a letter.
func unmarkedUTF16(raw string) bool {
	head := raw[:min(len(raw), 512)]
	if strings.HasPrefix(head, bomUTF16LE) || strings.HasPrefix(head, bomUTF16BE) {
		return false
	}
	var even, odd int
	for i := range len(head) {
		if head[i] == 0 && i%2 == 0 {
			even++
		} else if head[i] == 0 {
			odd++
		}
	}
	return len(head) >= 4 && max(even, odd) > len(head)/4
}

// unixLines makes every CR LF and every lone CR one LF. A file that mixes them has the same lines either way.
func unixLines(text string) string {
	if strings.IndexByte(text, '\r') < 0 {
		return text
	}
	var lines strings.Builder
	lines.Grow(len(text))
	for {
		line, rest, found := strings.Cut(text, "\r")
		lines.WriteString(line)
		if !found {
			return lines.String()
		}
		lines.WriteByte('\n')
		text = strings.TrimPrefix(rest, "\n")
	}
}

// controlByte returns where the first control character other than tab and line end begins, and -1 without one.
func controlByte(text string) int {
	for i := 0; i < len(text); {
		for i+16 <= len(text) && plainText(eightBytes(text, i), eightBytes(text, i+8)) {
			i += 16
		}
		if i+8 <= len(text) && allPrintable(eightBytes(text, i)) {
			i += 8
			continue
		}
		if i == len(text) {
			break
		}
		switch b := text[i]; {
		case b < ' ' && b != '\n' && b != '\t', b == 0x7F:
			return i
		case b == 0xC2 && i+1 < len(text) && text[i+1] < 0xA0: // U+0080 to U+009F
			return i
		}
		i++
	}
	return -1
}

// eightBytes returns the eight bytes from offset at, the first of them lowest.
func eightBytes(text string, at int) uint64 {
	eight := text[at : at+8]
	return uint64(eight[0]) | uint64(eight[1])<<8 | uint64(eight[2])<<16 | uint64(eight[3])<<24 |
		uint64(eight[4])<<32 | uint64(eight[5])<<40 | uint64(eight[6])<<48 | uint64(eight[7])<<56
}

// plainText reports whether sixteen bytes are all printable ASCII, as most are. Where none has its top bit set, taking 0x20
// off sets that of a control character and adding one sets that of 0x7F; a borrow or carry that runs over from a byte comes
// with a top bit that is set already.
func plainText(a, b uint64) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	return (a|(a-ones*0x20)|(a+ones)|b|(b-ones*0x20)|(b+ones))&tops == 0
}

// allPrintable reports whether none of eight bytes is below 0x20, 0x7F or 0xC2, the ones that controlByte looks at. It may
// say no where a borrow runs over from a byte that is.
func allPrintable(eight uint64) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	below := (eight - ones*0x20) &^ eight
	del := eight ^ ones*0x7F
	lead := eight ^ ones*0xC2
	return (below|(del-ones)&^del|(lead-ones)&^lead)&tops == 0
}

// position returns row and column, both from 1, of the character at offset at.
func position(text string, at int) (row, column int) {
	before := text[:at]
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
}

func encodingProblem(seen string) *recon.Problem {
	return reject("CSV-ENCODING", "", "cannot decode the file: "+seen,
		"export again as UTF-8, or name the encoding in the profile; UTF-16 needs its byte order mark")
}

func unmarkedProblem() *recon.Problem { return encodingProblem("UTF-16 without a byte order mark") }

func utf8Problem(row, column int, seen byte) *recon.Problem {
	return reject("CSV-UTF8", fmt.Sprintf("row %d col %d", row, column),
		fmt.Sprintf("byte 0x%02X is not UTF-8; expected UTF-8 text", seen),
		"export again as UTF-8, or set encodings: [windows-1252] in the profile")
}

func controlProblem(row, column int, seen rune) *recon.Problem {
	return reject("CSV-CONTROL", fmt.Sprintf("row %d col %d", row, column),
		fmt.Sprintf("control character U+%04X; expected text", seen),
		"export the file again; it is damaged or not a CSV file, or the profile names the wrong encoding")
}

func reject(code, where, message, try string) *recon.Problem {
	return &recon.Problem{Code: code, Where: where, Severity: recon.Reject, Message: message, Try: try}
}
