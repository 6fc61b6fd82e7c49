package ingest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tieout/tieout/recon"
)

// columnIndex is where each thing stands in a record; -1 where the bank does not send it.
type columnIndex struct {
	booked, value, amount, debit, credit, direction, currency, balance, status, opening, openingAmount         int
	payer, payee, endToEnd, mandate, bankID, entryReference, bankCode, purpose, cheque, ultimate, returnReason int
	charges, fee, originalAmount, originalCurrency, require                                                    int
	ownAccount, name, account, text, additional, structured, documents, empty, filled, numbers                 []int
}

func newColumnIndex(p *Profile, names []string) columnIndex {
	one := func(wanted string) int {
		if wanted == "" {
			return -1
		}
		return column(names, wanted)
	}
	several := func(wanted []string) []int {
		indexes := make([]int, len(wanted))
		for i := range wanted {
			indexes[i] = column(names, wanted[i])
		}
		return indexes
	}
	c := p.Columns
	index := columnIndex{
		booked: one(c.Booked), value: one(c.Value), amount: one(c.Amount), debit: one(c.Debit), credit: one(c.Credit), direction: one(c.Direction),
		currency: one(c.Currency), balance: one(c.Balance), status: one(p.Status.Column), opening: one(p.Opening.Column), openingAmount: one(p.Opening.Amount),
		payer: one(c.Payer), payee: one(c.Payee), endToEnd: one(c.EndToEnd), mandate: one(c.Mandate), bankID: one(c.BankID),
		entryReference: one(c.EntryReference), bankCode: one(c.BankCode), purpose: one(c.Purpose), cheque: one(c.Cheque), ultimate: one(c.Ultimate), returnReason: one(c.ReturnReason),
		charges: one(c.Charges), fee: one(c.Fee), require: one(p.Require.Column), originalAmount: one(c.OriginalAmount), originalCurrency: one(c.OriginalCcy),
		ownAccount: several(c.OwnAccount), name: several(c.Name), account: several(c.Account), text: several(c.Text),
		additional: several(c.Additional), structured: several(c.Structured), documents: several(c.Documents),
		empty: several(p.Details.Empty), filled: several(p.Details.Filled),
	}
	index.numbers = slices.Concat(index.account, index.structured, index.documents)
	if index.openingAmount < 0 {
		index.openingAmount = index.balance
	}
	return index
}

// place names a cell of a row in a message.
func (s *bankSheet) place(row, column int) string {
	if name := s.names[column]; name != "" {
		return columnPlace(row, strconv.Quote(name))
	}
	return columnPlace(row, strconv.Itoa(column+1))
}

// read takes one record in: as an entry, as a pending or opening row, or as the problem that it returns.
func (s *bankSheet) read(record []string, row int) *recon.Problem {
	if blankRecord(record) {
		return nil
	}
	if s.isDetail(record) {
		return s.detail(record, row)
	}
	if skip, problem := s.unbooked(record, row); skip || problem != nil {
		return problem
	}
	s.unbookedLast = false
	if at := s.columns.require; at >= 0 && !slices.Contains(s.profile.Require.Equals, strings.TrimSpace(record[at])) {
		return reject("CSV-ROW", s.place(row, at), fmt.Sprintf("%q; profile %s is for files that say %s here", shown(record[at]), s.profile.ID, strings.Join(s.profile.Require.Equals, ", ")),
			"the same header may come with another date layout or decimal mark: make a profile of your own for it")
	}
	group, problem := s.groupOf(record, row)
	if problem != nil {
		return problem
	}
	exponent := s.groups[group].exponent
	if s.columns.opening >= 0 && slices.Contains(s.profile.Opening.Equals, strings.TrimSpace(record[s.columns.opening])) {
		minor, problem := s.amountAt(record, row, s.columns.openingAmount, exponent)
		if problem == nil {
			s.groups[group].opening = &minor
		}
		return problem
	}
	return s.entry(record, row, group, exponent)
}

// unbooked reports whether a record is none that counts: the header again, or what the bank has not booked.
func (s *bankSheet) unbooked(record []string, row int) (bool, *recon.Problem) {
	if s.isHeader(record) {
		if s.profile.RepeatedHeader {
			return true, nil
		}
		return false, reject("CSV-ROW", rowPlace(row), "the header stands here again", "two exports may have been joined; ingest each alone, or set repeated_header in the profile")
	}
	if s.columns.status < 0 {
		return false, nil
	}
	status := s.profile.Status
	switch word := strings.TrimSpace(record[s.columns.status]); {
	case slices.Contains(status.Pending, word), slices.Contains(status.Ignored, word):
		s.unread.pending++
		s.unbookedLast = true
		return true, nil
	case slices.Contains(status.Booked, word), slices.Contains(status.Booked, "*"):
		return false, nil
	default:
		return false, reject("CSV-STATUS", s.place(row, s.columns.status), fmt.Sprintf("%q; the profile knows %s", shown(word),
			strings.Join(slices.Concat(status.Booked, status.Pending, status.Ignored), ", ")), "add the word to status in a profile of your own: booked, pending or ignored")
	}
}

// isDetail reports whether a record only tells more about the one before.
func (s *bankSheet) isDetail(record []string) bool {
	for _, at := range s.columns.empty {
		if strings.TrimSpace(record[at]) != "" {
			return false
		}
	}
	for _, at := range s.columns.filled {
		if strings.TrimSpace(record[at]) == "" {
			return false
		}
	}
	return len(s.columns.empty)+len(s.columns.filled) > 0
}

// detail adds the texts of a record to the entry before, where that one is booked.
func (s *bankSheet) detail(record []string, row int) *recon.Problem {
	if s.unbookedLast {
		return nil
	}
	if len(s.entries) == 0 {
		return reject("CSV-ROW", rowPlace(row), "a row without amount before the first booking", "export again")
	}
	e := &s.entries[len(s.entries)-1]
	e.Lines = append(e.Lines, s.lines(record, s.columns.text)...)
	e.Text = strings.Join(e.Lines, " ")
	return nil
}

func (s *bankSheet) isHeader(record []string) bool {
	if len(s.profile.Header) == 0 {
		return false
	}
	for i, cell := range record {
		if strings.TrimSpace(cell) != s.names[i] {
			return false
		}
	}
	return true
}

// entry makes the entry of a booked record.
func (s *bankSheet) entry(record []string, row, group, exponent int) *recon.Problem {
	booked, problem := s.dayAt(record, row, s.columns.booked)
	if problem != nil {
		return problem
	}
	value, problem := s.valueDay(record, row)
	if problem != nil {
		return problem
	}
	amount, problem := s.movement(record, row, exponent)
	if problem != nil {
		return problem
	}
	note := rowNote{row: int32(row), booked: booked, amount: amount, group: int32(group)}
	if at := s.columns.balance; at >= 0 && trimBlanks(record[at]) != "" {
		note.hasBalance = true
		if note.balance, problem = s.amountAt(record, row, at, exponent); problem != nil {
			return problem
		}
	}
	e := s.newEntry()
	e.AmountMinor, e.Currency, e.Booked, e.Value, e.Status, e.Place = amount, s.groups[group].currency, booked, value, recon.Booked, s.places.row(row)
	if problem := s.describe(e, record, row, exponent); problem != nil {
		*e = recon.Entry{}
		s.entries = s.entries[:len(s.entries)-1]
		return problem
	}
	s.notes = append(s.notes, note)
	return nil
}

// newEntry returns an empty entry at the end of the list. An entry is large: it is made where it stays, and the room
// behind the list is empty.
func (s *bankSheet) newEntry() *recon.Entry {
	if n := len(s.entries); n < cap(s.entries) {
		s.entries = s.entries[:n+1]
		return &s.entries[n]
	}
	s.entries = append(s.entries, recon.Entry{})
	return &s.entries[len(s.entries)-1]
}

func (s *bankSheet) dayAt(record []string, row, at int) (recon.Date, *recon.Problem) {
	cell := trimBlanks(record[at])
	if cell != "" && cell == s.dayCell { // most rows are of the day before them
		return s.day, nil
	}
	day, ok := s.profile.dates.parse(cell)
	switch {
	case ok:
		s.dayCell, s.day = strings.Clone(cell), day
		return day, nil
	case cell == "" && at == s.columns.booked:
		return 0, reject("CSV-ROW", s.place(row, at), "no booking day: a total, a footer or a row that is not booked", "name such lines in the profile (footer, status), or export again")
	}
	return 0, s.profile.dates.problem(s.place(row, at), cell)
}

// valueDay reads the value day, which banks leave out for some rows.
func (s *bankSheet) valueDay(record []string, row int) (recon.Date, *recon.Problem) {
	if s.columns.value < 0 || trimBlanks(record[s.columns.value]) == "" {
		return 0, nil
	}
	return s.dayAt(record, row, s.columns.value)
}

// describe fills in who, what for and by which references.
func (s *bankSheet) describe(e *recon.Entry, record []string, row, exponent int) *recon.Problem {
	c := &s.columns
	for _, at := range c.numbers {
		if spreadsheetNumber(record[at]) {
			return s.damage(record, row, at)
		}
	}
	e.Counterparty = recon.Party{Name: s.partyName(record, e.AmountMinor), Account: recon.NormalAccount(firstFilled(record, c.account))}
	e.Lines = s.lines(record, c.text)
	e.Text = strings.Join(e.Lines, " ")
	e.Additional = strings.Join(s.lines(record, c.additional), " ")
	e.Structured = s.lines(record, c.structured)
	e.DocumentNumbers = s.lines(record, c.documents)
	e.EndToEndID = cellAt(record, c.endToEnd)
	e.MandateID = cellAt(record, c.mandate)
	e.EntryReference = cellAt(record, c.entryReference)
	e.BankCode = cellAt(record, c.bankCode)
	e.Purpose = cellAt(record, c.purpose)
	e.Ultimate = cellAt(record, c.ultimate)
	e.ReturnReason = cellAt(record, c.returnReason)
	e.Cheque = cellAt(record, c.cheque)
	if id := cellAt(record, c.bankID); strings.TrimLeft(id, "0") != "" { // "0" for all rows is no id
		e.BankReference = id
	}
	return s.moneyBeside(e, record, row, exponent)
}

// partyName is that of the other side: some banks name payer and payee and leave out which of them is the owner.
func (s *bankSheet) partyName(record []string, amountMinor int64) string {
	side := s.columns.payer
	if amountMinor < 0 {
		side = s.columns.payee
	}
	if name := cellAt(record, side); name != "" {
		return name
	}
	return firstFilled(record, s.columns.name)
}

func cellAt(record []string, at int) string {
	if at < 0 {
		return ""
	}
	return strings.TrimSpace(record[at])
}

func firstFilled(record []string, columns []int) string {
	for _, at := range columns {
		if cell := strings.TrimSpace(record[at]); cell != "" {
			return cell
		}
	}
	return ""
}

// lines collects the filled cells, a cell of several lines as several.
func (s *bankSheet) lines(record []string, columns []int) []string {
	if len(columns) == 0 {
		return nil
	}
	if cap(s.cells)-len(s.cells) < 64 {
		s.cells = make([]string, 0, 4096)
	}
	start := len(s.cells)
	for _, at := range columns {
		cell := strings.TrimSpace(record[at])
		for strings.IndexByte(cell, '\n') >= 0 {
			line, rest, _ := strings.Cut(cell, "\n")
			if line = strings.TrimSpace(line); line != "" {
				s.cells = append(s.cells, line)
			}
			cell = strings.TrimSpace(rest)
		}
		if cell != "" {
			s.cells = append(s.cells, cell)
		}
	}
	if start == len(s.cells) {
		return nil
	}
	return s.cells[start:len(s.cells):len(s.cells)]
}
