package ingest

import (
	"bytes"
	"encoding/binary"
	"fmt"
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
	endOfFile  = 0x1A // a DOS end mark; one may close a file
)

// readText turns the bytes of a file into UTF-8 text whose lines end in '\n'. A byte order mark
// decides; without one the first of charsetNames that decodes without a fault does. Text that holds
// control characters or does not decode is a problem with its place, never repaired.
func readText(raw []byte, charsetNames []string) ([]byte, *recon.Problem) {
	text, problem := decodeText(bytes.TrimSuffix(raw, []byte{endOfFile}), charsetNames)
	if problem != nil {
		return nil, problem
	}
	text = unixLines(text)
	if at := controlByte(text); at >= 0 {
		row, column := position(text, at)
		character, _ := utf8.DecodeRune(text[at:])
		return nil, controlProblem(row, column, character)
	}
	return text, nil
}

func decodeText(raw []byte, charsetNames []string) ([]byte, *recon.Problem) {
	switch {
	case bytes.HasPrefix(raw, []byte(bomUTF8)):
		return validUTF8(raw[len(bomUTF8):])
	case bytes.HasPrefix(raw, []byte(bomUTF16LE)), bytes.HasPrefix(raw, []byte(bomUTF16BE)):
		return decodeUTF16(raw)
	case unmarkedUTF16(raw):
		return nil, unmarkedProblem()
	}
	var problem *recon.Problem
	for _, name := range charsetNames {
		var text []byte
		if text, problem = decodeAs(name, raw); problem == nil {
			return text, nil
		}
	}
	return nil, problem
}

func decodeAs(charset string, raw []byte) ([]byte, *recon.Problem) {
	switch charset {
	case "utf-8":
		return validUTF8(raw)
	case "utf-16":
		return nil, encodingProblem("no byte order mark")
	}
	text, err := csvEncodings[charset].NewDecoder().Bytes(raw)
	if err != nil {
		return nil, encodingProblem(err.Error())
	}
	if multibyte(charset) && bytes.ContainsRune(text, utf8.RuneError) {
		return nil, encodingProblem("bytes that are no characters of " + charset)
	}
	return text, nil
}

// multibyte reports whether an encoding takes several bytes for a character, so that it does not decode just anything.
func multibyte(charset string) bool { return charset == "shift_jis" || charset == "gb18030" }

func validUTF8(raw []byte) ([]byte, *recon.Problem) {
	if utf8.Valid(raw) {
		return raw, nil
	}
	at := 0
	for at < len(raw) {
		character, size := utf8.DecodeRune(raw[at:])
		if character == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	before := unixLines(raw[:at])
	row, column := position(before, len(before))
	return nil, utf8Problem(row, column, raw[at])
}

func decodeUTF16(raw []byte) ([]byte, *recon.Problem) {
	if len(raw)%2 != 0 {
		return nil, encodingProblem("UTF-16 with an odd number of bytes: the file is cut")
	}
	text, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(raw)
	if err != nil {
		return nil, encodingProblem(err.Error())
	}
	return bytes.TrimSuffix(text, []byte{endOfFile}), nil
}

// unmarkedUTF16 reports whether, without a byte order mark, most of every second byte at the start is NUL, as in Latin
// text of two bytes a letter.
func unmarkedUTF16(raw []byte) bool {
	head := raw[:min(len(raw), 512)]
	if bytes.HasPrefix(head, []byte(bomUTF16LE)) || bytes.HasPrefix(head, []byte(bomUTF16BE)) {
		return false
	}
	var even, odd int
	for i, b := range head {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	return len(head) >= 4 && max(even, odd) > len(head)/4
}

// unixLines makes every CR LF and every lone CR one LF. A file that mixes them has the same lines either way.
func unixLines(text []byte) []byte {
	at := bytes.IndexByte(text, '\r')
	if at < 0 {
		return text
	}
	lines := append(make([]byte, 0, len(text)), text[:at]...)
	for rest := text[at:]; ; {
		next := bytes.IndexByte(rest, '\r')
		if next < 0 {
			return append(lines, rest...)
		}
		lines = append(append(lines, rest[:next]...), '\n')
		rest = rest[next+1:]
		if len(rest) > 0 && rest[0] == '\n' {
			rest = rest[1:]
		}
	}
}

// controlByte returns where the first control character other than tab and line end begins, and -1 without one.
func controlByte(text []byte) int {
	for i := 0; i < len(text); i++ {
		for i+16 <= len(text) && plainText(binary.LittleEndian.Uint64(text[i:]), binary.LittleEndian.Uint64(text[i+8:])) {
			i += 16
		}
		for i+8 <= len(text) && allPrintable(binary.LittleEndian.Uint64(text[i:])) {
			i += 8
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
	}
	return -1
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
func position(text []byte, at int) (row, column int) {
	before := text[:at]
	return bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
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
