package ingest

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/tieout/tieout/recon"
)

// ParsedFile is a document with the name of the file it was read from.
type ParsedFile struct {
	File     string
	Document recon.Document
}

// WriteDocument writes files that are in memory as the statement document that `tieout parse` prints: amounts as
// decimal strings, days as YYYY-MM-DD, keys always all there. The problems of a file are those of the file and then
// those of its statements. The error is w's.
func WriteDocument(w io.Writer, files []ParsedFile) error {
	d := NewDocumentWriter(w)
	for i := range files {
		doc := files[i].Document
		doc.Statements = slices.Clone(doc.Statements) // replay takes the entries out
		d.file(files[i].File)
		d.out.about(&doc)
		d.out.raw(`,"statements":[`)
		if err := replay(&doc, d); err != nil {
			return err
		}
		d.out.raw("]}")
	}
	return d.Close()
}

// DocumentWriter writes a statement document while its files are read, in flat memory: BeginFile, then whatever [Stream]
// hands to it as its sink, then EndFile; in the end Close. The head of a statement stands before its entries, but behind
// them where they are many. Every method returns the first error of the writer below.
type DocumentWriter struct {
	w          io.Writer
	err        error
	out        jsonText
	files      int
	statements int      // of the file
	entries    int      // of the statement
	held       jsonText // entries of the statement that are not written yet
	flowing    bool     // entries are written ahead of the head
}

var _ Sink = (*DocumentWriter)(nil)

const (
	maxHeld   = 1 << 20 // of a statement's entries, before they are written ahead of its head
	pieceSize = 64 << 10
)

// NewDocumentWriter begins a document on w.
func NewDocumentWriter(w io.Writer) *DocumentWriter {
	d := &DocumentWriter{w: w}
	d.out.raw(`{"files":[`)
	return d
}

// BeginFile begins a file of that name.
func (d *DocumentWriter) BeginFile(name string) {
	d.file(name)
	d.out.raw(`,"statements":[`)
}

func (d *DocumentWriter) file(name string) {
	d.out.comma(d.files, "\n")
	d.files++
	d.statements = 0
	d.out.raw(`{"file":`)
	d.out.text(name)
}

// EndFile ends the file with what its document says besides the entries, which have gone by.
func (d *DocumentWriter) EndFile(doc *recon.Document) error {
	d.out.raw("]")
	d.out.about(doc)
	d.out.raw("}")
	return d.write(&d.out, pieceSize)
}

// Close ends the document.
func (d *DocumentWriter) Close() error {
	d.out.raw("]}\n")
	return d.write(&d.out, 0)
}

// Begin begins a statement.
func (d *DocumentWriter) Begin(*recon.Statement) error {
	d.out.comma(d.statements, "\n ")
	d.statements++
	d.entries, d.flowing = 0, false
	return d.err
}

// Entry adds an entry to the statement.
func (d *DocumentWriter) Entry(e *recon.Entry) error {
	d.held.comma(d.entries, "\n  ")
	d.entries++
	d.held.entry(e)
	if d.flowing {
		return d.write(&d.held, pieceSize)
	}
	if len(d.held) > maxHeld {
		d.flowing = true
		d.out.raw(`{"entries":[`)
		d.write(&d.out, 0)
		return d.write(&d.held, 0)
	}
	return d.err
}

// End ends the statement.
func (d *DocumentWriter) End(s *recon.Statement, _ *Tally) error {
	if d.flowing {
		d.write(&d.held, 0)
		d.out.raw("],")
		d.out.head(s)
	} else {
		d.out.raw("{")
		d.out.head(s)
		d.out.raw(`,"entries":[`)
		d.write(&d.out, 0)
		d.write(&d.held, 0)
		d.out.raw("]")
	}
	d.out.raw("}")
	return d.write(&d.out, pieceSize)
}

// write writes what was collected once it is more than limit.
func (d *DocumentWriter) write(t *jsonText, limit int) error {
	if len(*t) <= limit {
		return d.err
	}
	if d.err == nil {
		if _, err := d.w.Write(*t); err != nil {
			d.err = fmt.Errorf("write the statement document: %w", err)
		}
	}
	*t = (*t)[:0]
	return d.err
}

// jsonText is JSON being written.
type jsonText []byte

func (o *jsonText) raw(s string) { *o = append(*o, s...) }

func (o *jsonText) comma(i int, gap string) {
	if i > 0 {
		o.raw(",")
	}
	o.raw(gap)
}

// text writes a JSON string. Bytes that are no UTF-8 become U+FFFD.
func (o *jsonText) text(s string) {
	*o = append(*o, '"')
	for len(s) > 0 {
		n := 0
		for n < len(s) && s[n] >= ' ' && s[n] < utf8.RuneSelf && s[n] != '"' && s[n] != '\\' {
			n++
		}
		*o = append(*o, s[:n]...)
		if s = s[n:]; s == "" {
			break
		}
		r, size := utf8.DecodeRuneInString(s)
		o.rune(r)
		s = s[size:]
	}
	*o = append(*o, '"')
}

func (o *jsonText) rune(r rune) {
	switch {
	case r == '"' || r == '\\':
		*o = append(*o, '\\', byte(r))
	case r < ' ' || r == 0x2028 || r == 0x2029 || bidi(r):
		*o = fmt.Appendf(*o, `\u%04x`, r)
	default:
		*o = utf8.AppendRune(*o, r)
	}
}

// bidi reports whether r turns the direction of what follows, which could make a terminal show another
// text than is there.
func bidi(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x200E || r == 0x200F || r == 0x061C
}

func (o *jsonText) key(name string) { o.raw(`,"` + name + `":`) }

func (o *jsonText) field(name, value string) {
	o.key(name)
	o.text(value)
}

func (o *jsonText) list(name string, values []string) {
	o.key(name)
	o.raw("[")
	for i, v := range values {
		o.comma(i, "")
		o.text(v)
	}
	o.raw("]")
}

// about writes the format and the problems of a file.
func (o *jsonText) about(doc *recon.Document) {
	o.field("format", doc.Format)
	o.raw(`,"problems":[`)
	for i, p := range doc.AllProblems() {
		o.comma(i, "\n ")
		o.problem(p)
	}
	o.raw("]")
}

func (o *jsonText) problem(p recon.Problem) {
	o.raw(`{"code":`)
	o.text(p.Code)
	o.field("where", p.Where)
	o.field("severity", string(p.Severity))
	o.field("message", p.Message)
	o.field("try", p.Try)
	o.raw("}")
}

// head writes the keys of a statement but for its entries.
func (o *jsonText) head(s *recon.Statement) {
	o.raw(`"id":`)
	o.text(s.ID)
	o.field("account", s.Account)
	o.field("currency", string(s.Currency))
	o.field("sequence", s.Sequence)
	o.raw(`,"page":`)
	if s.Page == nil {
		o.raw("null")
	} else {
		o.raw(`{"number":` + strconv.Itoa(s.Page.Number) + `,"last":` + strconv.FormatBool(s.Page.Last) + "}")
	}
	o.field("from", s.From.String())
	o.field("to", s.To.String())
	o.balance("opening", s.Opening, s.Currency)
	o.balance("closing", s.Closing, s.Currency)
	o.raw(`,"ties":` + ties(s.Ties))
}

// ties is true or false, and null where nothing can be proved.
func ties(p recon.Proof) string {
	switch p {
	case recon.Ties:
		return "true"
	case recon.Broken:
		return "false"
	}
	return "null"
}

func (o *jsonText) balance(name string, b *recon.Balance, ccy recon.Currency) {
	if b == nil {
		o.raw(`,"` + name + `":null`)
		return
	}
	o.raw(`,"` + name + `":{"amount":"` + recon.FormatMinor(b.AmountMinor, ccy) + `","date":"` + b.Date.String() + `"}`)
}

func (o *jsonText) entry(e *recon.Entry) {
	o.raw(`{"amount":"` + recon.FormatMinor(e.AmountMinor, e.Currency) + `"`)
	o.field("currency", string(e.Currency))
	o.field("booked", e.Booked.String())
	o.field("value", e.Value.String())
	o.field("status", string(e.Status))
	o.raw(`,"reversal":` + strconv.FormatBool(e.Reversal))
	o.field("bank_reference", e.BankReference)
	o.field("entry_reference", e.EntryReference)
	if e.Batch == "" {
		o.raw(`,"batch":null`)
	} else {
		o.field("batch", e.Batch)
	}
	o.raw(`,"counterparty":{"name":`)
	o.text(e.Counterparty.Name)
	o.field("account", e.Counterparty.Account)
	o.raw("}")
	o.field("ultimate", e.Ultimate)
	o.list("structured", e.Structured)
	o.list("document_numbers", e.DocumentNumbers)
	o.field("end_to_end_id", e.EndToEndID)
	o.field("mandate_id", e.MandateID)
	o.field("text", e.Text)
	o.field("additional", e.Additional)
	o.field("bank_code", e.BankCode)
	o.field("purpose", e.Purpose)
	if e.Original == nil {
		o.raw(`,"original":null`)
	} else {
		o.raw(`,"original":{"amount":"` + recon.FormatMinor(e.Original.Minor, e.Original.Currency) + `","currency":"` + string(e.Original.Currency) + `"}`)
	}
	o.field("charges", recon.FormatMinor(e.ChargesMinor, e.Currency))
	o.field("charge_bearer", e.ChargeBearer)
	o.field("cheque", e.Cheque)
	o.field("return_reason", e.ReturnReason)
	o.raw("}")
}
