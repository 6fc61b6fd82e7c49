package ingest

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"github.com/tieout/tieout/recon"
)

// ParsedFile is a document with the name of the file it was read from.
type ParsedFile struct {
	File     string
	Document recon.Document
}

// WriteDocument writes files as the statement document that `tieout parse` prints: amounts as decimal
// strings, days as YYYY-MM-DD, keys always all there and in one order. The problems of a file are those
// of the file and then those of its statements. The error is w's.
func WriteDocument(w io.Writer, files []ParsedFile) error {
	out := &documentWriter{w: bufio.NewWriterSize(w, 64<<10)}
	out.raw(`{"files":[`)
	for i := range files {
		out.comma(i, "\n")
		out.file(&files[i])
	}
	out.raw("]}\n")
	if err := out.w.Flush(); err != nil {
		return fmt.Errorf("write the statement document: %w", err)
	}
	return nil
}

// documentWriter writes JSON piece by piece, so that a large statement is never held twice. Errors
// stay in the buffered writer until it is flushed.
type documentWriter struct {
	w *bufio.Writer
}

func (o *documentWriter) raw(s string) { o.w.WriteString(s) }

func (o *documentWriter) comma(i int, gap string) {
	if i > 0 {
		o.raw(",")
	}
	o.raw(gap)
}

// text writes a JSON string. Bytes that are no UTF-8 become U+FFFD.
func (o *documentWriter) text(s string) {
	o.w.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			o.w.WriteByte('\\')
			o.w.WriteByte(byte(r))
		case r < ' ' || r == 0x2028 || r == 0x2029 || bidi(r):
			fmt.Fprintf(o.w, `\u%04x`, r)
		default:
			o.w.WriteRune(r)
		}
	}
	o.w.WriteByte('"')
}

// bidi reports whether r turns the direction of what follows, which could make a terminal show another
// text than is there.
func bidi(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x200E || r == 0x200F || r == 0x061C
}

func (o *documentWriter) key(name string) { o.raw(`,"` + name + `":`) }

func (o *documentWriter) field(name, value string) {
	o.key(name)
	o.text(value)
}

func (o *documentWriter) list(name string, values []string) {
	o.key(name)
	o.raw("[")
	for i, v := range values {
		o.comma(i, "")
		o.text(v)
	}
	o.raw("]")
}

func (o *documentWriter) file(f *ParsedFile) {
	o.raw(`{"file":`)
	o.text(f.File)
	o.field("format", f.Document.Format)
	o.raw(`,"problems":[`)
	for i, p := range f.Document.AllProblems() {
		o.comma(i, "\n ")
		o.problem(p)
	}
	o.raw(`],"statements":[`)
	for i := range f.Document.Statements {
		o.comma(i, "\n ")
		o.statement(&f.Document.Statements[i])
	}
	o.raw("]}")
}

func (o *documentWriter) problem(p recon.Problem) {
	o.raw(`{"code":`)
	o.text(p.Code)
	o.field("where", p.Where)
	o.field("severity", string(p.Severity))
	o.field("message", p.Message)
	o.field("try", p.Try)
	o.raw("}")
}

func (o *documentWriter) statement(s *recon.Statement) {
	o.raw(`{"id":`)
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
	o.raw(`,"entries":[`)
	for i := range s.Entries {
		o.comma(i, "\n  ")
		o.entry(&s.Entries[i])
	}
	o.raw("]}")
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

func (o *documentWriter) balance(name string, b *recon.Balance, ccy recon.Currency) {
	if b == nil {
		o.raw(`,"` + name + `":null`)
		return
	}
	o.raw(`,"` + name + `":{"amount":"` + recon.FormatMinor(b.AmountMinor, ccy) + `","date":"` + b.Date.String() + `"}`)
}

func (o *documentWriter) entry(e *recon.Entry) {
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
