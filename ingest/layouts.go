package ingest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"github.com/tieout/tieout/recon"
)

// Layout is how an accounting system exports its open items. Reading one turns each row into a row of our own format, with the checks of that.
type Layout struct {
	Name      string
	About     string            // which export of which system
	delimiter rune              // 0 is the comma
	days      string            // order of the parts of a day: YMD, DMY or MDY
	comma     bool              // decimals behind a comma, thousands behind a dot; else the other way round
	columns   map[string]string // their header, lower case → our column
	needed    []string          // headers by which the row of headers is found
	// row finishes a row: kinds, signs, sides. It returns false for a row that is no open item (a draft, a line of a sum).
	row func(their func(header string) string, ours map[string]string) bool
}

// Layouts are those that come with the program, by name.
func Layouts() []Layout {
	return []Layout{quickbooksLayout, xeroLayout, odooLayout, datevLayout, erpnextLayout}
}

var quickbooksLayout = Layout{Name: "quickbooks", About: "QuickBooks Online, report Open Invoices or Transaction List by Customer", days: "MDY",
	columns: map[string]string{"num": "number", "customer": "customer", "name": "customer", "date": "issue_date", "due date": "due_date", "currency": "currency", "amount": "amount",
		"open balance": "open"},
	needed: []string{"num", "amount", "open balance"},
	row: func(their func(string) string, ours map[string]string) bool {
		switch strings.ToLower(their("transaction type")) {
		case "invoice", "":
		case "credit memo":
			ours["kind"] = string(recon.CreditNote)
		default:
			return false
		}
		return ours["number"] != "" && ours["amount"] != ""
	}}

var xeroLayout = Layout{Name: "xero", About: "Xero, sales or purchase invoices exported as CSV: one row for each line of an invoice", days: "DMY",
	columns: map[string]string{"invoicenumber": "number", "contactname": "customer", "invoicedate": "issue_date", "duedate": "due_date", "currency": "currency", "total": "amount",
		"invoiceamountdue": "open", "reference": "order"},
	needed: []string{"invoicenumber", "contactname", "total"},
	row: func(their func(string) string, ours map[string]string) bool {
		kind := strings.ToLower(their("type"))
		if strings.Contains(kind, "credit") {
			ours["kind"] = string(recon.CreditNote)
		}
		if strings.Contains(kind, "purchase") || strings.Contains(kind, "bill") {
			ours["side"] = string(recon.Payable)
		}
		return !slices.Contains([]string{"draft", "deleted", "voided"}, strings.ToLower(their("status")))
	}}

var odooLayout = Layout{Name: "odoo", About: "Odoo, journal entries (account.move) exported with their amounts signed", days: "YMD",
	columns: map[string]string{"number": "number", "partner": "customer", "invoice/bill date": "issue_date", "due date": "due_date", "currency": "currency", "total in currency signed": "amount",
		"amount due signed": "open", "payment reference": "reference", "origin": "order"},
	needed: []string{"number", "partner", "total in currency signed"},
	row: func(their func(string) string, ours map[string]string) bool {
		switch strings.ToLower(their("type")) {
		case "customer invoice":
		case "customer credit note":
			ours["kind"] = string(recon.CreditNote)
		case "vendor bill":
			ours["side"] = string(recon.Payable)
		case "vendor credit note":
			ours["kind"], ours["side"] = string(recon.CreditNote), string(recon.Payable)
		default:
			return false
		}
		if !validReference(ours["reference"]) {
			ours["reference"] = "" // Odoo repeats the number there
		}
		return strings.EqualFold(their("status"), "posted")
	}}

var datevLayout = Layout{Name: "datev", About: "DATEV, list of open items (OPOS) as CSV", delimiter: ';', days: "DMY", comma: true,
	columns: map[string]string{"rechnungs-nr.": "number", "konto": "customer", "datum": "issue_date", "fälligkeit": "due_date", "wkz": "currency"},
	needed:  []string{"konto", "rechnungs-nr.", "betrag soll", "betrag haben"},
	row: func(their func(string) string, ours map[string]string) bool {
		debit, credit := their("betrag soll"), their("betrag haben")
		ours["amount"] = debit
		creditor := strings.HasPrefix(ours["customer"], "7") || strings.HasPrefix(ours["customer"], "8") || strings.HasPrefix(ours["customer"], "9")
		if creditor {
			ours["side"] = string(recon.Payable)
		}
		if zeroAmount(debit) {
			ours["amount"] = credit
		}
		if zeroAmount(debit) != creditor {
			ours["kind"] = string(recon.CreditNote)
		}
		ours["open"] = their("saldo")
		if ours["currency"] == "" {
			ours["currency"] = "EUR"
		}
		return ours["number"] != ""
	}}

var erpnextLayout = Layout{Name: "erpnext", About: "ERPNext, report Accounts Receivable or Accounts Payable", days: "YMD",
	columns: map[string]string{"voucher no": "number", "customer": "customer", "supplier": "customer", "posting date": "issue_date", "due date": "due_date", "currency": "currency",
		"invoiced amount": "amount", "outstanding amount": "open"},
	needed: []string{"voucher no", "voucher type", "outstanding amount"},
	row: func(their func(string) string, ours map[string]string) bool {
		switch strings.ToLower(their("voucher type")) {
		case "sales invoice":
		case "purchase invoice":
			ours["side"] = string(recon.Payable)
		default:
			return false
		}
		if strings.HasPrefix(ours["open"], "-") || strings.HasPrefix(ours["amount"], "-") {
			ours["kind"] = string(recon.CreditNote)
		}
		if zeroAmount(ours["amount"]) {
			ours["amount"] = ours["open"]
		}
		return true
	}}

func validReference(s string) bool { return len(recon.CheckReference(recon.NormalReference(s))) > 0 }

func zeroAmount(s string) bool { return strings.Trim(s, "0., ") == "" }

// layoutColumns are the columns that a layout fills, in our order.
var layoutColumns = []string{"number", "kind", "customer", "issue_date", "due_date", "currency", "amount", "open", "reference", "order", "side"}

// convert turns a file of a layout into one of our own. Rows keep their places, so that problems name the right line: those above the
// headers, and rows that are no open item, become empty lines.
func (l Layout) convert(data []byte, currency recon.Currency) ([]byte, []recon.Problem) {
	text := bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if _, problem := validUTF8(string(text)); problem != nil {
		decoded, err := charmap.Windows1252.NewDecoder().Bytes(text)
		if err != nil {
			return nil, []recon.Problem{*problem}
		}
		text = decoded
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.FieldsPerRecord, reader.LazyQuotes = -1, true
	if l.delimiter != 0 {
		reader.Comma = l.delimiter
	}
	var out bytes.Buffer
	writer := csv.NewWriter(&out)
	seen := map[string]bool{}
	var header map[string]int
	line := 1
	for {
		record, err := reader.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, []recon.Problem{{Code: "INV-LAYOUT", Severity: recon.Reject, Message: err.Error(), Try: "export the file again as CSV"}}
		}
		at, _ := reader.FieldPos(0)
		for ; line < at; line++ {
			out.WriteByte('\n')
		}
		line++
		before := out.Len()
		switch {
		case header == nil:
			if header = l.header(record); header != nil {
				writer.Write(layoutColumns) // a csv writer keeps its error for Error
			}
		default:
			l.write(writer, header, record, currency, seen)
		}
		writer.Flush()
		if out.Len() == before {
			out.WriteByte('\n')
		}
	}
	if header == nil {
		return nil, []recon.Problem{{Code: "INV-LAYOUT", Where: "header", Severity: recon.Reject,
			Message: fmt.Sprintf("no row has the headers %s of the layout %s", strings.Join(l.needed, ", "), l.Name), Try: "check the layout, or map the columns in tieout.yaml; the export is: " + l.About}}
	}
	return out.Bytes(), nil
}

// layoutNamed returns the layout of a name.
func layoutNamed(name string) (Layout, bool) {
	all := Layouts()
	at := slices.IndexFunc(all, func(l Layout) bool { return l.Name == name })
	if at < 0 {
		return Layout{}, false
	}
	return all[at], true
}

// header finds the columns of a row, nil where it is not the row of headers.
func (l Layout) header(record []string) map[string]int {
	header := map[string]int{}
	for i, name := range record {
		header[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "*")))] = i
	}
	for _, name := range l.needed {
		if _, there := header[name]; !there {
			return nil
		}
	}
	return header
}

// write turns one row, or an empty line where it is no open item; a number that comes again is a further line of the same invoice.
func (l Layout) write(writer *csv.Writer, header map[string]int, record []string, currency recon.Currency, seen map[string]bool) {
	their := func(name string) string {
		if at, there := header[name]; there && at < len(record) {
			return strings.TrimSpace(record[at])
		}
		return ""
	}
	ours := map[string]string{"kind": string(recon.Invoice), "side": string(recon.Receivable), "currency": string(currency)}
	for name, column := range l.columns {
		if value := their(name); value != "" {
			ours[column] = value
		}
	}
	if !l.row(their, ours) {
		return
	}
	key := ours["side"] + "\x00" + ours["number"] + "\x00" + ours["customer"]
	if l.Name == "xero" && seen[key] {
		return
	}
	seen[key] = true
	cells := make([]string, len(layoutColumns))
	for i, column := range layoutColumns {
		switch value := ours[column]; column {
		case "issue_date", "due_date":
			cells[i] = l.day(value)
		case "amount", "open":
			cells[i] = strings.TrimPrefix(l.amount(value), "-")
		default:
			cells[i] = value
		}
	}
	writer.Write(cells)
}

// day writes a day as we read it; what cannot be understood stays, and is refused where it stands.
func (l Layout) day(s string) string {
	parts := strings.FieldsFunc(strings.SplitN(s, " ", 2)[0], func(r rune) bool { return r == '/' || r == '.' || r == '-' })
	if len(parts) != 3 {
		return s
	}
	y, m, d := parts[strings.IndexByte(l.days, 'Y')], parts[strings.IndexByte(l.days, 'M')], parts[strings.IndexByte(l.days, 'D')]
	if len(y) == 2 {
		y = "20" + y
	}
	return fmt.Sprintf("%s-%02s-%02s", y, m, d)
}

// amount writes an amount as we read it.
func (l Layout) amount(s string) string {
	s = strings.NewReplacer(" ", "", "\u00a0", "", "'", "", "€", "", "$", "", "£", "").Replace(s)
	if strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") {
		s = "-" + s[1:len(s)-1]
	}
	if l.comma {
		return strings.ReplaceAll(strings.ReplaceAll(s, ".", ""), ",", ".")
	}
	return strings.ReplaceAll(s, ",", "")
}
