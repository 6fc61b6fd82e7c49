package ingest

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/tieout/tieout/recon"
)

// sniffSize is how much of a file is looked at to tell what it is.
const sniffSize = 4096

// format is what the first bytes of a file say it is.
type format int

const (
	textFormat format = iota // CSV, as far as can be told
	xmlFormat
	refusedFormat
)

// signature is how a kind of file that is no bank statement begins.
type signature struct {
	start string
	code  string
	looks string
}

// archives and documents are told by their first bytes, whatever the file is called.
var signatures = []signature{
	{"PK\x03\x04", "FILE-ARCHIVE", "a ZIP archive (or an Excel workbook)"},
	{"PK\x05\x06", "FILE-ARCHIVE", "an empty ZIP archive"},
	{"\x1f\x8b", "FILE-ARCHIVE", "a gzip archive"},
	{"BZh", "FILE-ARCHIVE", "a bzip2 archive"},
	{"\xfd7zXZ\x00", "FILE-ARCHIVE", "an xz archive"},
	{"7z\xbc\xaf\x27\x1c", "FILE-ARCHIVE", "a 7z archive"},
	{"\x28\xb5\x2f\xfd", "FILE-ARCHIVE", "a zstd archive"},
	{"Rar!\x1a\x07", "FILE-ARCHIVE", "a RAR archive"},
	{"%PDF-", "FILE-TYPE", "a PDF document"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "FILE-TYPE", "an old Excel or Word document"},
	{"\x89PNG", "FILE-TYPE", "a PNG picture"},
	{"\xff\xd8\xff", "FILE-TYPE", "a JPEG picture"},
	{"\x7fELF", "FILE-TYPE", "a program"},
	{"MZ\x90", "FILE-TYPE", "a program"},
	{"{1:F01", "FILE-TYPE", "an MT940 statement"},
	{":20:", "FILE-TYPE", "an MT940 statement"},
	{"-----BEGIN PGP", "FILE-ENCODING", "PGP"},
	{"\x85\x01\x0c\x03", "FILE-ENCODING", "PGP"},
	{"\x85\x02\x0c\x03", "FILE-ENCODING", "PGP"},
	{"\x84\x8c\x03", "FILE-ENCODING", "PGP"},
	{"MIME-Version:", "FILE-ENCODING", "S/MIME"},
	{"-----BEGIN PKCS7", "FILE-ENCODING", "S/MIME"},
	{"\x00\x00\xfe\xff", "FILE-ENCODING", "UTF-32"},
	{"\xff\xfe\x00\x00", "FILE-ENCODING", "UTF-32"},
	{"\x4c\x6f\xa7\x94\x93", "FILE-ENCODING", "EBCDIC"},
	{"\x00<\x00", "FILE-ENCODING", "UTF-16 without its byte order mark"},
	{"<\x00", "FILE-ENCODING", "UTF-16 without its byte order mark"},
}

var signatureAdvice = map[string]string{
	"FILE-ARCHIVE":  "unpack it first; archives are not read",
	"FILE-TYPE":     "download the statement as camt.053 (XML) or CSV",
	"FILE-ENCODING": "decrypt or convert the file to UTF-8 first",
}

// sniff tells from the first bytes what a file is, and why it is refused where it is no text.
func sniff(head []byte) (format, *recon.Problem) {
	if len(head) == 0 {
		return refused("FILE-EMPTY", "the file has 0 bytes", "the upload may still be running or has failed; transfer the file again")
	}
	for _, s := range signatures {
		if !strings.HasPrefix(string(head), s.start) {
			continue
		}
		message := fmt.Sprintf("looks like %s, expected camt.053 or CSV", s.looks)
		if s.code == "FILE-ENCODING" {
			message = fmt.Sprintf("detected %s, expected readable text", s.looks)
		}
		return refused(s.code, message, signatureAdvice[s.code])
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return refused("FILE-ARCHIVE", "looks like a tar archive, expected camt.053 or CSV", signatureAdvice["FILE-ARCHIVE"])
	}
	return sniffText(head)
}

func refused(code, message, try string) (format, *recon.Problem) {
	return refusedFormat, &recon.Problem{Code: code, Severity: recon.Reject, Message: message, Try: try}
}

// sniffText tells XML from HTML and from the rest.
func sniffText(head []byte) (format, *recon.Problem) {
	start := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	lower := strings.ToLower(string(start[:min(len(start), 200)]))
	switch {
	case strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<html"):
		return refused("FILE-TYPE", "looks like HTML (a login or error page), expected camt.053 or CSV",
			"the download has failed; sign in to the bank and fetch the statement again")
	case strings.HasPrefix(lower, "<"), wideXML(head):
		return xmlFormat, nil
	}
	return textFormat, nil
}

// wideXML reports whether head is UTF-16 with its byte order mark and begins with a tag.
func wideXML(head []byte) bool {
	little, big := bytes.HasPrefix(head, []byte{0xFF, 0xFE}), bytes.HasPrefix(head, []byte{0xFE, 0xFF})
	if !little && !big {
		return false
	}
	start := bytes.TrimLeft(head[2:], " \t\r\n\x00")
	return len(start) > 0 && start[0] == '<'
}
