package ingest

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tieout/tieout/recon"
)

const isoNamespace = "urn:iso:std:iso:20022:tech:xsd:"

// camtReader reads one camt.053 file. The methods follow the message from the outside in: document,
// statement (camtstatement.go), entry and its details (camtentry.go), and from the inside out again: what
// was read of an entry becomes recon entries (camtbuild.go).
type camtReader struct {
	x        *scanner
	home     int // namespace of the message; elements of another one are not ours
	doc      recon.Document
	problems problemList // of the file
	message  messagePage

	sink       Sink
	emit       func(*recon.Entry) // what becomes of an entry
	statement  *recon.Statement   // the Stmt element being read
	open       *openStatement     // the pages before it, or itself once it is read; nil where nothing waits
	found      problemList        // of the statement
	tally      Tally              // of the statement
	told       int                // problems of the statements before
	batchPage  string             // put before the numbers of batches, to tell those of one page from another's
	number     int                // of the entry in the statement, from 1
	cutting    cutting            // see frames.go
	flips      func(account string) bool
	flip       bool   // reversals of the statement are turned
	entryName  string // of the last entry, with its prefix
	inOrder    int    // entries of the statement to be read in order before the next frames
	misses     int    // how often frames were not worthwhile
	index      int    // of the statement in the file, from 1
	currencies []recon.Currency
	own, owner string // account of the statement, and whose it is
	// what stood where an amount could not be read, for the message
	badAmount, badCurrency string

	raw     rawEntry
	texts   []byte      // text of the entry being read; spans point into it
	slab    []string    // cut into the lists of entries
	current recon.Entry // the entry being built
}

// messagePage is the page number of the whole message, for banks that do not number statements.
type messagePage struct {
	number  int
	last    bool
	created string
}

func newCamtReader(x *scanner, how cutting, sink Sink) *camtReader {
	c := &camtReader{x: x, sink: sink, cutting: how}
	c.emit = c.take
	return c
}

// readXML reads an XML file whose first bytes are head and hands its entries to the sink.
func readXML(head []byte, r io.Reader, how cutting, flips func(account string) bool, sink Sink) (recon.Document, error) {
	source, lines, problems := utf8Source(head, r)
	if recon.Worst(problems) == recon.Reject {
		return recon.Document{Problems: problems}, nil
	}
	x := newScanner(source)
	x.lines = lines
	c := newCamtReader(x, how, sink)
	c.flips = flips
	c.problems.add(problems...)
	c.file()
	c.endStatement()
	if x.world != nil {
		return c.doc, x.world
	}
	if x.fault != nil {
		c.problems.add(*x.fault)
	}
	c.doc.Problems = c.problems.all()
	return c.doc, nil
}

// file finds the messages in the file: the root element itself, or Document elements in an envelope.
func (c *camtReader) file() {
	if !c.x.open() {
		return
	}
	root := string(c.x.name)
	found := c.envelope()
	c.x.open() // nothing may follow the root
	switch {
	case c.x.stopped() && c.doc.Format != "":
	case c.x.stopped():
	case !found:
		c.problems.add(camtProblem("CAMT-KIND", "", "no Document element: the root is <%s>, expected camt.053", shorten(root, 60)))
	case c.index == 0 && recon.Worst(c.problems.list) != recon.Reject:
		c.problems.add(camtProblem("CAMT-NO-STATEMENT", "", "the file holds no Stmt element"))
	}
}

// envelope looks for Document in the element just opened, however deep.
func (c *camtReader) envelope() bool {
	if string(c.x.name) == "Document" {
		c.document()
		return true
	}
	found := false
	for c.x.open() {
		found = c.envelope() || found
	}
	return found
}

// messages names the bodies of the messages that are mistaken for statements.
var messages = map[string]struct{ message, what string }{
	"BkToCstmrStmt":         {"camt.053", "statement"},
	"BkToCstmrAcctRpt":      {"camt.052", "intraday report"},
	"BkToCstmrDbtCdtNtfctn": {"camt.054", "debit and credit notification"},
	"CstmrPmtStsRpt":        {"pain.002", "payment status report"},
	"CstmrCdtTrfInitn":      {"pain.001", "credit transfer initiation"},
	"CstmrDrctDbtInitn":     {"pain.008", "direct debit initiation"},
}

// document reads one message.
func (c *camtReader) document() {
	c.home = c.x.space
	namespace := c.x.spaces[c.home]
	message, isISO := strings.CutPrefix(namespace, isoNamespace)
	if isISO && c.doc.Format == "" {
		c.doc.Format = message
	}
	for c.child() {
		body := string(c.x.name)
		known, ok := messages[strings.TrimRight(body, "V0123456789")]
		switch {
		case ok && known.message != "camt.053" || isISO && !strings.HasPrefix(message, "camt.053."):
			if isISO {
				known.message = message
			}
			c.refuseKind(known.message, known.what)
			c.x.skip()
		case !ok:
			c.x.skip()
		default:
			c.checkVersion(namespace, message, isISO)
			c.body()
		}
	}
}

func (c *camtReader) refuseKind(message, what string) {
	if what != "" {
		message += " (" + what + ")"
	}
	c.problems.add(camtProblem("CAMT-KIND", "Document", "got %s, expected camt.053 (statement)", message))
}

// checkVersion raises what is wrong with the message's namespace; it is read on all the same.
func (c *camtReader) checkVersion(namespace, message string, isISO bool) {
	if !isISO {
		seen := "no namespace"
		if namespace != "" {
			seen = fmt.Sprintf("namespace %q", shorten(namespace, 80))
		}
		c.problems.add(camtProblem("CAMT-NAMESPACE", "Document", "%s, expected %scamt.053.001.NN", seen, isoNamespace))
		return
	}
	if !knownVersion(message) {
		c.problems.add(camtProblem("CAMT-VERSION", "Document", "%s is not known; supported are camt.053.001.02 to .14", shorten(message, 40)))
	}
}

func knownVersion(message string) bool {
	v, ok := strings.CutPrefix(message, "camt.053.001.")
	return ok && len(v) == 2 && v >= "02" && v <= "14"
}

// child steps into the next child that belongs to the message; elements of other namespaces are passed
// over with a warning, whatever they are called.
func (c *camtReader) child() bool {
	for c.x.open() {
		if c.x.space == c.home {
			return true
		}
		c.foreign()
	}
	return false
}

func (c *camtReader) foreign() {
	name := string(c.x.name)
	where := "Document"
	if c.statement != nil {
		where = c.statement.Place
	}
	c.x.odd = true // a frame does not know what the file has been told
	p := camtProblem("CAMT-FOREIGN", where, "element <%s> belongs to namespace %q and is not read", shorten(name, 40), shorten(c.x.spaces[c.x.space], 80))
	if c.problems.count[p.Code] < maxSame && !slices.Contains(c.problems.list, p) {
		c.problems.add(p)
	}
	c.x.skip()
}

// body reads BkToCstmrStmt.
func (c *camtReader) body() {
	for c.child() {
		switch string(c.x.name) {
		case "GrpHdr":
			c.header()
		case "Stmt":
			c.readStatement()
		default:
			c.x.skip()
		}
	}
}

func (c *camtReader) header() {
	c.message = messagePage{}
	for c.child() {
		switch string(c.x.name) {
		case "CreDtTm":
			c.message.created = string(c.x.text())
		case "MsgPgntn":
			c.message.number, c.message.last = c.pagination()
		default:
			c.x.skip()
		}
	}
}

// pagination reads PgNb and LastPgInd.
func (c *camtReader) pagination() (number int, last bool) {
	for c.child() {
		switch string(c.x.name) {
		case "PgNb":
			number = count(c.x.text())
		case "LastPgInd":
			last, _ = parseBoolean(c.x.text())
		default:
			c.x.skip()
		}
	}
	return number, last
}

// count reads a number of things, -1 where it is none.
func count(t []byte) int {
	t = bytes.TrimLeft(t, "0")
	if len(t) > 9 {
		return -1
	}
	n := 0
	for _, b := range t {
		if b < '0' || b > '9' {
			return -1
		}
		n = n*10 + int(b-'0')
	}
	return n
}
