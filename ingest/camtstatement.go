package ingest

import (
	"fmt"
	"strconv"

	"github.com/tieout/tieout/recon"
)

// statementParts are what a statement's fields are chosen from once all of it has been read.
type statementParts struct {
	electronic, legal string
	iban, other       string
	currency          recon.Currency
	first             recon.Currency // of the first entry, read or not
	page              *recon.Page    // of the statement's own numbering
	created           string
	balances          []rawBalance
	sums              [3]rawSum // total, credit, debit
	entries           int
	rejected          int
	pending           int
	begun             bool
}

// maxStatements bounds the statements of one file.
const maxStatements = 50_000

// readStatement reads one Stmt, hands over its entries and proves it.
func (c *camtReader) readStatement() {
	if c.index++; c.index > maxStatements {
		c.x.fail("XML-LIMIT", c.x.pos, fmt.Sprintf("the file holds more than %d statements", maxStatements), "ask the bank for shorter files, or split it")
		return
	}
	s := &recon.Statement{Place: fmt.Sprintf("Stmt[%d]", c.index)}
	c.statement = s
	c.found, c.own, c.owner, c.tally, c.batchPage = problemList{}, "", "", Tally{}, ""
	c.inOrder = c.cutting.after
	none := rawSum{count: -1}
	parts := statementParts{sums: [3]rawSum{none, none, none}}
	for c.child() {
		switch string(c.x.name) {
		case "Id":
			s.ID = string(c.x.text())
		case "StmtPgntn":
			number, last := c.pagination()
			parts.page = &recon.Page{Number: number, Last: last}
		case "ElctrncSeqNb":
			parts.electronic = string(c.x.text())
		case "LglSeqNb":
			parts.legal = string(c.x.text())
		case "CreDtTm":
			parts.created = string(c.x.text())
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
			c.begin(&parts)
			if name := c.x.tag(); c.entryName != string(name) {
				c.entryName = string(name)
			}
			c.entry(&parts)
			if c.worthwhile(&parts) {
				c.readFrames(&parts)
			}
		default:
			c.x.skip()
		}
	}
	c.begin(&parts)
	c.finish(&parts)
	c.statement = nil
}

// begin tells the sink of the statement, once, before its first entry; a page that goes on with the statement that is open
// is none of its own.
func (c *camtReader) begin(parts *statementParts) {
	if parts.begun {
		return
	}
	parts.begun = true
	c.settle(parts)
	s := c.statement
	c.flip = c.flips != nil && c.flips(s.Account)
	if s.Page != nil && s.Page.Number > 1 {
		c.batchPage = strconv.Itoa(s.Page.Number) + "/"
	}
	if c.open != nil && follows(&c.open.Statement, s) {
		return
	}
	c.endStatement()
	c.heed(c.sink.Begin(s))
}

// heed stops the reading where the sink says so.
func (c *camtReader) heed(err error) {
	if err != nil {
		c.x.halt(err)
	}
}

// take counts an entry and hands it to the sink.
func (c *camtReader) take(e *recon.Entry) {
	if c.x.world != nil {
		return
	}
	c.tally.add(e)
	c.heed(c.sink.Entry(e))
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

// settle chooses the statement's fields from what is known of its parts.
func (c *camtReader) settle(parts *statementParts) {
	s := c.statement
	s.Sequence = orElse(parts.electronic, parts.legal)
	s.Account = c.own
	s.Created = orElse(parts.created, c.message.created)
	s.Page = parts.page
	if s.Page == nil && c.message.number > 0 {
		s.Page = &recon.Page{Number: c.message.number, Last: c.message.last, OfMessage: true}
	}
	if s.Page != nil && s.Page.Number <= 1 && s.Page.Last {
		s.Page = nil
	}
	c.chooseCurrency(parts)
	c.chooseBalances(parts)
	n := &s.Counts
	n.Entries, n.Rejected, n.IgnoredPending = parts.entries, parts.rejected, parts.pending
	if n.StatedEntries = parts.sums[0].count; n.StatedEntries < 0 && parts.sums[1].count >= 0 && parts.sums[2].count >= 0 {
		n.StatedEntries = parts.sums[1].count + parts.sums[2].count
	}
	n.StatedCreditMinor, n.StatedDebitMinor = parts.sums[1].minor(s.Currency), parts.sums[2].minor(s.Currency)
}

// finish settles the statement now that all of it is read, and ends it unless more pages may follow.
func (c *camtReader) finish(parts *statementParts) {
	c.settle(parts)
	s := c.statement
	if recon.LooksLikeIBAN(parts.iban) && !recon.ValidIBAN(parts.iban) {
		c.problem("CAMT-ACCOUNT", "/Acct/Id/IBAN", "%s is no valid IBAN: its check digits are wrong", recon.MaskAccount(parts.iban))
	} else if s.Account == "" && !c.x.stopped() {
		c.problem("CAMT-ACCOUNT", "/Acct/Id", "the statement names no account")
	}
	c.checkBalances(parts)
	part := &openStatement{Statement: *s, tally: c.tally, found: c.found}
	if s.Page != nil && !c.x.stopped() {
		part.provePage()
	}
	if c.open != nil { // begin has ended it unless this page goes on with it
		c.open.join(part)
	} else {
		c.open = part
	}
	if c.open.Page == nil {
		c.endStatement()
	}
}

// maxProblems is how many problems of statements one file lists before each further statement names its worst alone.
const maxProblems = 10_000

// endStatement proves the statement that is open and hands it over.
func (c *camtReader) endStatement() {
	o := c.open
	if o == nil {
		return
	}
	c.open = nil
	if !c.x.stopped() { // of half a statement nothing can be proved
		o.close()
	}
	o.Problems = o.found.all()
	if c.told += len(o.Problems); c.told > maxProblems {
		o.Problems = worstOf(o.Problems)
	}
	c.doc.Statements = append(c.doc.Statements, o.Statement)
	if c.x.world == nil {
		c.heed(c.sink.End(&o.Statement, o.pageTally()))
	}
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
