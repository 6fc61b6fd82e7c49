package ingest

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/moov-io/iso20022/pkg/camt_v08"
	"github.com/moov-io/iso20022/pkg/common"

	"github.com/tieout/tieout/recon"
)

// SecondRead reads camt.053.001.08 a second time, through encoding/xml and the typed model of
// moov-io/iso20022, sharing nothing with the first reader but the words of package recon. Amounts are
// taken from the raw text, because the model has them as floats. Only what [Compare] looks at is
// filled in. The error says what the second reader could not read.
func SecondRead(r io.Reader) ([]recon.Statement, error) {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(charset string, input io.Reader) (io.Reader, error) {
		if set := charsets[strings.ToLower(charset)]; set != nil {
			return set.NewDecoder().Reader(input), nil
		}
		return nil, fmt.Errorf("encoding %q is not read", charset)
	}
	var statements []recon.Statement
	for {
		token, err := d.Token()
		if err == io.EOF {
			return statements, nil
		}
		if err != nil {
			return nil, fmt.Errorf("second reader: %w", err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "Stmt" {
			s, err := secondStatement(d)
			if err != nil {
				return nil, fmt.Errorf("second reader: statement %d: %w", len(statements)+1, err)
			}
			statements = append(statements, s)
		}
	}
}

// rawElement is an element as it stands in the file, to be decoded more than once.
type rawElement struct {
	Inner string `xml:",innerxml"`
}

// decode reads the element into each of the values.
func (r rawElement) decode(values ...any) error {
	text := "<x>" + r.Inner + "</x>"
	for _, v := range values {
		if err := xml.Unmarshal([]byte(text), v); err != nil {
			return err
		}
	}
	return nil
}

// secondStatement reads one Stmt child by child, so that only one entry is in memory as a model.
func secondStatement(d *xml.Decoder) (s recon.Statement, err error) {
	previous := (*recon.Balance)(nil)
	for {
		token, err := d.Token()
		if err != nil {
			return s, err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			if _, end := token.(xml.EndElement); end {
				if s.Opening == nil {
					s.Opening = previous
				}
				return s, nil
			}
			continue
		}
		var raw rawElement
		if err := d.DecodeElement(&raw, &start); err != nil {
			return s, err
		}
		switch start.Name.Local {
		case "Id":
			s.ID = strings.TrimSpace(raw.Inner)
		case "StmtPgntn":
			err = secondPage(&s, raw)
		case "ElctrncSeqNb":
			s.Sequence = strings.TrimSpace(raw.Inner)
		case "Acct":
			err = secondAccount(&s, raw)
		case "Bal":
			err = secondBalance(&s, &previous, raw)
		case "Ntry":
			err = secondEntry(&s, raw)
		}
		if err != nil {
			return s, fmt.Errorf("<%s>: %w", start.Name.Local, err)
		}
	}
}

func secondPage(s *recon.Statement, raw rawElement) error {
	var page struct {
		Number int  `xml:"PgNb"`
		Last   bool `xml:"LastPgInd"`
	}
	if err := raw.decode(&page); err != nil {
		return err
	}
	if page.Number > 1 || !page.Last {
		s.Page = &recon.Page{Number: page.Number, Last: page.Last}
	}
	return nil
}

func secondAccount(s *recon.Statement, raw rawElement) error {
	var account camt_v08.CashAccount39
	if err := raw.decode(&account); err != nil {
		return err
	}
	s.Account = identification(&account.Id)
	if account.Ccy != nil {
		s.Currency = recon.Currency(*account.Ccy)
	}
	return nil
}

func identification(id *camt_v08.AccountIdentification4Choice) string {
	if id.IBAN != "" {
		return recon.NormalAccount(string(id.IBAN))
	}
	return recon.NormalAccount(string(id.Othr.Id))
}

// rawText is the text of an amount.
type rawText struct {
	Value string `xml:",chardata"`
	Ccy   string `xml:"Ccy,attr"`
}

func (t rawText) minor() (int64, error) {
	return recon.ParseMinor(strings.TrimSpace(t.Value), recon.Currency(t.Ccy))
}

func secondBalance(s *recon.Statement, previous **recon.Balance, raw rawElement) error {
	var balance camt_v08.CashBalance8
	var text struct {
		Amt rawText `xml:"Amt"`
	}
	if err := raw.decode(&balance, &text); err != nil {
		return err
	}
	if balance.Tp.SubTp != nil && balance.Tp.SubTp.Cd == "INTM" {
		return nil
	}
	minor, err := text.Amt.minor()
	if err != nil {
		return err
	}
	if balance.CdtDbtInd == "DBIT" {
		minor = -minor
	}
	value := &recon.Balance{AmountMinor: minor, Date: secondDate(&balance.Dt)}
	switch balance.Tp.CdOrPrtry.Cd {
	case "OPBD":
		if s.Opening == nil {
			s.Opening = value
		}
	case "PRCD":
		if *previous == nil {
			*previous = value
		}
	case "CLBD":
		s.Closing = value
	}
	return nil
}

// secondDate is the civil day as written; the model keeps the zone it was written in.
func secondDate(d *camt_v08.DateAndDateTime2Choice) recon.Date {
	if d == nil {
		return 0
	}
	if t := time.Time(d.Dt); !t.IsZero() {
		return recon.DateOf(t)
	}
	if t := time.Time(d.DtTm); !t.IsZero() {
		return recon.DateOf(t)
	}
	return 0
}

// rawAmounts are the amounts of an entry and its details as text.
type rawAmounts struct {
	Amt      rawText `xml:"Amt"`
	NtryDtls []struct {
		TxDtls []struct {
			Amt     *rawText `xml:"Amt"`
			AmtDtls struct {
				TxAmt *struct {
					Amt rawText `xml:"Amt"`
				} `xml:"TxAmt"`
			} `xml:"AmtDtls"`
		} `xml:"TxDtls"`
	} `xml:"NtryDtls"`
}

var secondStatus = map[string]recon.EntryStatus{"BOOK": recon.Booked, "": recon.Booked, "PDNG": recon.Pending, "INFO": recon.Info, "FUTR": recon.Future}

// secondEntry appends what one Ntry becomes: its details where their amounts add up, else itself.
func secondEntry(s *recon.Statement, raw rawElement) error {
	var model camt_v08.ReportEntry10
	var texts rawAmounts
	if err := raw.decode(&model, &texts); err != nil {
		return err
	}
	minor, err := texts.Amt.minor()
	if err != nil {
		return err
	}
	if model.CdtDbtInd == "DBIT" {
		minor = -minor
	}
	whole := recon.Entry{AmountMinor: minor, Currency: recon.Currency(texts.Amt.Ccy), Booked: secondDate(model.BookgDt), Value: secondDate(model.ValDt),
		Status: secondStatus[string(model.Sts.Cd)], Reversal: model.RvslInd, EntryReference: word(model.NtryRef), BankReference: word(model.AcctSvcrRef)}
	if whole.Booked == 0 && whole.Status == recon.Booked {
		whole.Booked = whole.Value
	}
	var entries []recon.Entry
	sum, complete := int64(0), true
	for i := range model.NtryDtls {
		for j := range model.NtryDtls[i].TxDtls {
			e := whole
			e.AmountMinor, err = detailMinor(&texts, i, j, &model)
			complete = complete && err == nil
			sum += e.AmountMinor
			secondDetail(&e, &model.NtryDtls[i].TxDtls[j], whole.AmountMinor)
			entries = append(entries, e)
		}
	}
	switch {
	case len(entries) == 1:
		entries[0].AmountMinor = whole.AmountMinor
		s.Entries = append(s.Entries, entries[0])
	case len(entries) > 1 && complete && sum == whole.AmountMinor:
		s.Entries = append(s.Entries, entries...)
	default:
		whole.Whole = len(entries) > 1
		s.Entries = append(s.Entries, whole)
	}
	return nil
}

func detailMinor(texts *rawAmounts, i, j int, model *camt_v08.ReportEntry10) (int64, error) {
	text, detail := &texts.NtryDtls[i].TxDtls[j], &model.NtryDtls[i].TxDtls[j]
	amount := text.Amt
	if amount == nil && text.AmtDtls.TxAmt != nil {
		amount = &text.AmtDtls.TxAmt.Amt
	}
	if amount == nil || amount.Ccy != texts.Amt.Ccy {
		return 0, recon.ErrAmountFormat
	}
	minor, err := amount.minor()
	direction := model.CdtDbtInd
	if detail.CdtDbtInd != nil {
		direction = *detail.CdtDbtInd
	}
	if direction == "DBIT" {
		minor = -minor
	}
	return minor, err
}

// word is a text of the model without its outer blanks.
func word[T ~string](t *T) string {
	if t == nil {
		return ""
	}
	return strings.TrimSpace(string(*t))
}

// secondDetail fills what a detail says. entryMinor gives the direction where the detail has no amount of its own.
func secondDetail(e *recon.Entry, d *camt_v08.EntryTransaction10, entryMinor int64) {
	if refs := d.Refs; refs != nil {
		e.EndToEndID, e.MandateID = word(refs.EndToEndId), word(refs.MndtId)
		if own := word(refs.AcctSvcrRef); own != "" {
			e.BankReference = own
		}
	}
	if rtr := d.RtrInf; rtr != nil && rtr.Rsn != nil {
		if e.ReturnReason = string(rtr.Rsn.Cd); e.ReturnReason == "" {
			e.ReturnReason = string(rtr.Rsn.Prtry)
		}
	}
	if p := d.RltdPties; p != nil {
		party, account := p.Dbtr, p.DbtrAcct
		if e.AmountMinor < 0 || e.AmountMinor == 0 && entryMinor < 0 {
			party, account = p.Cdtr, p.CdtrAcct
		}
		if party != nil && party.Pty != nil {
			e.Counterparty.Name = word(party.Pty.Nm)
		}
		if account != nil && account.Id != nil {
			e.Counterparty.Account = identification(account.Id)
		}
	}
	if d.RmtInf != nil {
		secondRemittance(e, d.RmtInf)
	}
}

func secondRemittance(e *recon.Entry, r *camt_v08.RemittanceInformation16) {
	var lines []string
	add := func(texts []common.Max140Text) {
		for i := range texts {
			if line := word(&texts[i]); line != "" {
				lines = append(lines, line)
			}
		}
	}
	add(r.Ustrd)
	for i := range r.Strd {
		if ref := r.Strd[i].CdtrRefInf; ref != nil && word(ref.Ref) != "" {
			e.Structured = append(e.Structured, word(ref.Ref))
		}
		for k := range r.Strd[i].RfrdDocInf {
			if nb := word(r.Strd[i].RfrdDocInf[k].Nb); nb != "" {
				e.DocumentNumbers = append(e.DocumentNumbers, nb)
			}
		}
		add(r.Strd[i].AddtlRmtInf)
	}
	e.Text = strings.Join(lines, " ")
}
