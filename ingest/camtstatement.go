package ingest

import (
	"fmt"

	"github.com/tieout/tieout/recon"
)

// statementParts are what a statement's fields are chosen from once all of it has been read.
type statementParts struct {
	electronic, legal string
	iban, other       string
	currency          recon.Currency
	first             recon.Currency // of the first entry, read or not
	balances          []rawBalance
	sums              [3]rawSum // total, credit, debit
	entries           int
	rejected          int
}

// readStatement reads one Stmt and proves it.
func (c *camtReader) readStatement() {
	c.doc.Statements = append(c.doc.Statements, recon.Statement{})
	c.statement = &c.doc.Statements[len(c.doc.Statements)-1]
	s := c.statement
	s.Place = fmt.Sprintf("Stmt[%d]", c.index)
	c.found, c.own, c.owner = problemList{}, "", ""
	c.chunks = c.chunks[:0]
	none := rawSum{-1, -1}
	parts := statementParts{sums: [3]rawSum{none, none, none}}
	for c.child() {
		switch string(c.x.name) {
		case "Id":
			s.ID = string(c.x.text())
		case "StmtPgntn":
			number, last := c.pagination()
			s.Page = &recon.Page{Number: number, Last: last}
		case "ElctrncSeqNb":
			parts.electronic = string(c.x.text())
		case "LglSeqNb":
			parts.legal = string(c.x.text())
		case "CreDtTm":
			s.Created = string(c.x.text())
		case "FrToDt":
			c.period()
		case "CpyDplctInd":
			s.CopyDuplicate = string(c.x.text())
		case "Acct":
			c.account(&parts)
		case "Bal":
			c.balance(&parts)
		case "TxsSummry":
			c.summary(&parts)
		case "Ntry":
			parts.entries++
			c.entry(&parts)
			if parts.first == "" {
				parts.first = c.raw.amount.currency
			}
		default:
			c.x.skip()
		}
	}
	c.finish(&parts)
	c.statement = nil
}

func (c *camtReader) period() {
	for c.child() {
		switch string(c.x.name) {
		case "FrDtTm", "FrDt":
			c.statement.From = c.day("FrToDt", c.x.text())
		case "ToDtTm", "ToDt":
			c.statement.To = c.day("FrToDt", c.x.text())
		default:
			c.x.skip()
		}
	}
}

// day reads a date of the statement itself; a wrong one is a problem and no day.
func (c *camtReader) day(element string, t []byte) recon.Date {
	if len(t) == 0 {
		return 0
	}
	d, ok := parseCamtDate(t)
	if !ok {
		c.problem("CAMT-DATE", "/"+element, "%q is no day", shorten(string(t), 30))
	}
	return d
}

// problem raises a fault of the current statement.
func (c *camtReader) problem(code, below, format string, args ...any) {
	c.found.add(camtProblem(code, c.statement.Place+below, format, args...))
}

func (c *camtReader) account(parts *statementParts) {
	for c.child() {
		switch string(c.x.name) {
		case "Id":
			for c.child() {
				switch string(c.x.name) {
				case "IBAN":
					parts.iban = recon.NormalAccount(string(c.x.text()))
				case "Othr", "PrtryAcct", "BBAN":
					parts.other = recon.NormalAccount(string(c.x.text()))
				default:
					c.x.skip()
				}
			}
		case "Ccy":
			parts.currency = c.currency(c.x.text())
		case "Ownr":
			c.owner = c.ownerName()
		default:
			c.x.skip()
		}
	}
	if c.own = parts.iban; c.own == "" {
		c.own = parts.other
	}
}

func (c *camtReader) ownerName() (name string) {
	for c.child() {
		if string(c.x.name) == "Nm" {
			name = string(c.x.text())
		} else {
			c.x.skip()
		}
	}
	return name
}

// currency returns the ISO 4217 code in t, and "" where it is none.
func (c *camtReader) currency(t []byte) recon.Currency {
	for _, known := range c.currencies {
		if string(known) == string(t) {
			return known
		}
	}
	ccy := recon.Currency(t)
	if !ccy.Known() {
		return ""
	}
	c.currencies = append(c.currencies, ccy)
	return ccy
}

// finish chooses the statement's fields from its parts and proves it.
func (c *camtReader) finish(parts *statementParts) {
	s := c.statement
	s.Entries = c.flatten()
	s.Sequence = parts.electronic
	if s.Sequence == "" {
		s.Sequence = parts.legal
	}
	s.Account = c.own
	if recon.LooksLikeIBAN(parts.iban) && !recon.ValidIBAN(parts.iban) {
		c.problem("CAMT-ACCOUNT", "/Acct/Id/IBAN", "%s is no valid IBAN: its check digits are wrong", recon.MaskAccount(parts.iban))
	} else if s.Account == "" && !c.x.stopped() {
		c.problem("CAMT-ACCOUNT", "/Acct/Id", "the statement names no account")
	}
	c.chooseCurrency(parts)
	c.chooseBalances(parts)
	if s.Page == nil && c.message.number > 0 {
		s.Page = &recon.Page{Number: c.message.number, Last: c.message.last}
	}
	if s.Page != nil && s.Page.Number <= 1 && s.Page.Last {
		s.Page = nil
	}
	if s.Created == "" {
		s.Created = c.message.created
	}
	s.Counts.Entries, s.Counts.Rejected = parts.entries, parts.rejected
	s.Counts.StatedEntries = parts.sums[0].count
	if s.Counts.StatedEntries < 0 && parts.sums[1].count >= 0 && parts.sums[2].count >= 0 {
		s.Counts.StatedEntries = parts.sums[1].count + parts.sums[2].count
	}
	s.Counts.StatedCreditMinor, s.Counts.StatedDebitMinor = parts.sums[1].minor, parts.sums[2].minor
	if !c.x.stopped() { // of half a statement nothing can be proved
		c.checkEntries()
		for _, p := range Prove(s) {
			c.found.add(p)
		}
	}
	s.Problems = c.found.all()
}

// chooseCurrency takes the account's currency, else that of the booked balances, else of the first entry.
func (c *camtReader) chooseCurrency(parts *statementParts) {
	s := c.statement
	s.Currency = parts.currency
	for i := 0; s.Currency == "" && i < len(parts.balances); i++ {
		if b := &parts.balances[i]; b.booked() {
			s.Currency = b.currency
		}
	}
	if s.Currency == "" {
		s.Currency = parts.first
	}
}

// periodSlack is how many days a booking may lie outside its statement's period before somebody is asked.
const periodSlack = 90

// checkEntries compares the entries with what is known of the whole statement by now.
func (c *camtReader) checkEntries() {
	s := c.statement
	from, to := s.From, s.To
	if from == 0 && s.Opening != nil {
		from = s.Opening.Date
	}
	if to == 0 && s.Closing != nil {
		to = s.Closing.Date
	}
	first, last := from.AddDays(-periodSlack), to.AddDays(periodSlack)
	for i := range s.Entries {
		e := &s.Entries[i]
		if e.Status != recon.Booked {
			continue
		}
		if e.Currency != s.Currency {
			c.found.add(camtProblem("CAMT-CCY-MISMATCH", e.Place, "the entry is in %s, the account in %s", e.Currency, s.Currency))
		}
		if from != 0 && to != 0 && e.Booked != 0 && (e.Booked < first || e.Booked > last) {
			p := camtProblem("CAMT-DATE", e.Place, "booked on %s, the statement covers %s to %s", e.Booked, from, to)
			c.found.add(held(p, "check the day with the bank; accept the statement if it is right"))
		}
	}
}
