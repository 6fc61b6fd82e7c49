package ingest

import (
	"strconv"

	"github.com/tieout/tieout/recon"
)

// span is a piece of camtReader.texts.
type span struct{ from, to int32 }

func (s span) empty() bool { return s.from == s.to }

// rawParty is one side of a payment.
type rawParty struct{ name, account, accountName, ultimate span }

// rawDetail is a TxDtls element, field by field as the bank sent it.
type rawDetail struct {
	amount, transaction, instructed   rawAmount
	sign                              int64 // 0 takes the entry's
	charges                           int64
	bearer                            span
	debtor, creditor                  rawParty
	bankReference, endToEnd, mandate  span
	transactionID, uetr, clearing     span
	cheque, originalEndToEnd          span
	code, ownCode                     span
	purpose, returnReason, additional span
	lines, remarks, refs, documents   []span
	from, to                          int32 // its piece of camtReader.texts
}

// rawEntry is an Ntry element.
type rawEntry struct {
	amount             rawAmount
	instructed         rawAmount
	sign               int64
	booked, value      recon.Date
	status             recon.EntryStatus
	reversal           bool
	reference, bankRef span
	code, ownCode      span
	additional         span
	charges            int64
	bearer             span
	stated             int // NbOfTxs, 0 where not stated
	details            []rawDetail
	unread             int   // details beyond the limits, which are not kept
	seen               uint8 // single elements met, to find doubled ones
	place              string
	wrong              bool
}

// Single elements of an entry, as bits of rawEntry.seen.
const (
	seenAmount = 1 << iota
	seenIndicator
	seenReversal
	seenStatus
	seenBooked
	seenValue
)

// reset empties the entry and keeps its memory.
func (e *rawEntry) reset() {
	details := e.details[:0]
	*e = rawEntry{status: recon.Booked, details: details}
}

// nextDetail appends an empty detail whose lists keep their memory.
func (e *rawEntry) nextDetail() *rawDetail {
	if len(e.details) < cap(e.details) {
		e.details = e.details[:len(e.details)+1]
	} else {
		e.details = append(e.details, rawDetail{})
	}
	d := &e.details[len(e.details)-1]
	*d = rawDetail{lines: d.lines[:0], remarks: d.remarks[:0], refs: d.refs[:0], documents: d.documents[:0]}
	return d
}

// entry reads one Ntry and hands over what it becomes.
func (c *camtReader) entry(parts *statementParts) {
	e := &c.raw
	e.reset()
	c.texts = c.texts[:0]
	parts.entries++
	c.number = parts.entries
	e.place = c.statement.Place + "/Ntry[" + strconv.Itoa(c.number) + "]"
	for c.child() {
		c.entryField(e)
	}
	if parts.first == "" {
		parts.first = e.amount.currency
	}
	if c.x.stopped() {
		return
	}
	if e.status != recon.Booked {
		parts.pending++
	}
	if !c.complete(e) {
		parts.rejected++
		return
	}
	c.build(e)
}

func (c *camtReader) entryField(e *rawEntry) {
	switch string(c.x.name) {
	case "Amt":
		c.once(e, seenAmount, "Amt")
		if e.amount = c.readAmount(); e.amount.code != "" {
			e.wrong = true
			c.amountProblem(e.amount.code, e.place[len(c.statement.Place):]+"/Amt")
		}
	case "CdtDbtInd":
		c.once(e, seenIndicator, "CdtDbtInd")
		c.indicator(e)
	case "RvslInd":
		c.once(e, seenReversal, "RvslInd")
		c.reversal(e)
	case "Sts":
		c.once(e, seenStatus, "Sts")
		c.status(e)
	case "BookgDt":
		c.once(e, seenBooked, "BookgDt")
		e.booked = c.entryDay(e, "BookgDt")
	case "ValDt":
		c.once(e, seenValue, "ValDt")
		e.value = c.entryDay(e, "ValDt")
	case "NtryRef":
		e.reference = c.keep()
	case "AcctSvcrRef":
		e.bankRef = c.keep()
	case "BkTxCd":
		e.code, e.ownCode = c.bankCode()
	case "AmtDtls":
		var other rawAmount
		c.amountDetails(&e.instructed, &other)
	case "Chrgs":
		c.charges(&e.charges, &e.bearer)
	case "Btch":
		e.stated += c.batch()
	case "NtryDtls":
		c.details(e)
	case "AddtlNtryInf":
		e.additional = c.keep()
	default:
		c.x.skip()
	}
}

// once raises a doubled element.
func (c *camtReader) once(e *rawEntry, bit uint8, element string) {
	if e.seen&bit != 0 {
		c.entryProblem(e, "CAMT-DUP-ELEMENT", "/"+element, "%s stands twice in the entry", element)
	}
	e.seen |= bit
}

// entryProblem raises a fault; one that refuses or holds makes the entry unreadable.
func (c *camtReader) entryProblem(e *rawEntry, code, below, format string, args ...any) {
	p := camtProblem(code, e.place+below, format, args...)
	e.wrong = e.wrong || p.Severity != recon.Warn
	c.found.add(p)
}

func (c *camtReader) indicator(e *rawEntry) {
	t := c.x.text()
	var ok bool
	if e.sign, ok = parseIndicator(t); !ok && !c.x.stopped() {
		c.entryProblem(e, "CAMT-INDICATOR", "/CdtDbtInd", "%q is no direction", shorten(string(t), 20))
	}
}

func (c *camtReader) reversal(e *rawEntry) {
	t := c.x.text()
	var ok bool
	if e.reversal, ok = parseBoolean(t); !ok && !c.x.stopped() {
		c.entryProblem(e, "CAMT-REVERSAL", "/RvslInd", "%q is neither true nor false", shorten(string(t), 20))
	}
}

func (c *camtReader) status(e *rawEntry) {
	t := c.x.text()
	var ok bool
	if e.status, ok = parseStatus(t); !ok && !c.x.stopped() {
		c.entryProblem(e, "CAMT-STATUS", "/Sts", "status %q is not known", shorten(string(t), 20))
	}
}

func (c *camtReader) entryDay(e *rawEntry, element string) recon.Date {
	t := c.x.text()
	d, ok := parseCamtDate(t)
	if !ok && len(t) > 0 {
		c.entryProblem(e, "CAMT-DATE", "/"+element, "%q is no day", shorten(string(t), 30))
	}
	return d
}

// complete checks that the entry has what an entry needs.
func (c *camtReader) complete(e *rawEntry) bool {
	if e.seen&seenAmount == 0 {
		c.entryProblem(e, "CAMT-AMT-FORMAT", "/Amt", "the entry has no amount")
	}
	if e.seen&seenIndicator == 0 {
		c.entryProblem(e, "CAMT-INDICATOR", "/CdtDbtInd", "the entry has no direction")
	}
	c.checkDays(e)
	return !e.wrong
}

// checkDays books an entry without booking day on its value day. One with neither is shown, and refused.
func (c *camtReader) checkDays(e *rawEntry) {
	if e.booked != 0 || e.status != recon.Booked || e.wrong {
		return
	}
	e.booked = e.value
	p := camtProblem("CAMT-DATE-MISSING", e.place, "the entry has neither BookgDt nor ValDt")
	if e.value != 0 {
		p.Severity, p.Message = recon.Warn, "the entry has no BookgDt; it is booked on its value day"
		p.Try = "nothing to do; tell the bank"
	}
	c.found.add(p)
}

// Limits of one entry. They bound memory: an entry with more details or text than the first two say is not split, one
// with more text than the last is refused.
const (
	maxDetails   = 100_000
	maxSplitText = 32 << 20
	maxEntryText = 64 << 20
)

// keep takes the text of the current element into the entry's texts, white space within made blanks.
func (c *camtReader) keep() span {
	t := c.x.text()
	from := len(c.texts)
	if from+len(t) > maxEntryText {
		c.x.fail("XML-LIMIT", c.x.pos, "one entry holds more than 64 MiB of text", "no bank sends such entries; check where the file comes from")
		return span{}
	}
	c.texts = append(c.texts, t...)
	for i, b := range c.texts[from:] {
		if b < ' ' {
			c.texts[from+i] = ' '
		}
	}
	return span{int32(from), int32(len(c.texts))}
}

// bankCode reads BkTxCd: domain/family/sub-family, and the bank's own code.
func (c *camtReader) bankCode() (domain, own span) {
	for c.child() {
		switch string(c.x.name) {
		case "Domn":
			domain = c.domain()
		case "Prtry":
			own = c.keep()
		default:
			c.x.skip()
		}
	}
	return domain, own
}

func (c *camtReader) domain() span {
	from := int32(len(c.texts))
	for c.child() {
		switch string(c.x.name) {
		case "Cd":
			c.keep()
		case "Fmly":
			for c.child() {
				c.texts = append(c.texts, '/')
				c.keep()
			}
		default:
			c.x.skip()
		}
	}
	return span{from, int32(len(c.texts))}
}

// batch reads Btch and returns NbOfTxs.
func (c *camtReader) batch() (stated int) {
	for c.child() {
		if string(c.x.name) == "NbOfTxs" {
			stated = max(count(c.x.text()), 0)
		} else {
			c.x.skip()
		}
	}
	return stated
}
