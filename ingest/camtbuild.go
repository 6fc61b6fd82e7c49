package ingest

import (
	"strconv"
	"strings"

	"github.com/tieout/tieout/recon"
)

// passage is the text of an entry or of one of its details, cut out of camtReader.texts.
type passage struct {
	text string
	from int32
}

func (c *camtReader) passage(from, to int32) passage {
	return passage{string(c.texts[from:to]), from}
}

func (p passage) of(s span) string {
	if s.empty() {
		return ""
	}
	return p.text[s.from-p.from : s.to-p.from]
}

// first returns the first text that is not empty.
func (p passage) first(spans ...span) string {
	for _, s := range spans {
		if !s.empty() {
			return p.of(s)
		}
	}
	return ""
}

// sharedTexts are the texts of an entry that its details fall back on.
type sharedTexts struct {
	reference, bankReference, code, ownCode, bearer string
}

func (e *rawEntry) shared(text func(span) string) sharedTexts {
	return sharedTexts{text(e.reference), text(e.bankRef), text(e.code), text(e.ownCode), text(e.bearer)}
}

// orElse is the first text that is not empty.
func orElse(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// build hands over what the bank's entry becomes: one entry, or one per detail where the details of a batch
// are complete. The details of a batch are cut out of the text one by one, so that it is never there twice.
func (c *camtReader) build(e *rawEntry) {
	if len(e.details) < 2 {
		c.whole(e, c.single(e))
		return
	}
	if !c.splits(e) {
		c.whole(e, true)
		return
	}
	shared := e.shared(func(s span) string { return string(c.texts[s.from:s.to]) })
	batch := c.batchPage + strconv.Itoa(c.number) // the entry's position in the statement
	for i := range e.details {
		d := &e.details[i]
		out := c.next(e, shared)
		out.AmountMinor = d.signed(e)
		out.Batch = batch
		out.Place = e.place + "/TxDtls[" + strconv.Itoa(i+1) + "]"
		c.describe(out, e, d, shared, c.passage(d.from, d.to))
		c.hand(out)
	}
}

// hand hands over an entry, a reversal with its sign turned where the bank means it so.
func (c *camtReader) hand(e *recon.Entry) {
	if c.flip && e.Reversal {
		e.AmountMinor = -e.AmountMinor
	}
	c.emit(e)
}

// whole hands over the bank's entry as one.
func (c *camtReader) whole(e *rawEntry, contradicted bool) {
	d, to := &rawDetail{}, int32(len(c.texts))
	switch len(e.details) {
	case 0:
	case 1:
		d = &e.details[0]
	default:
		d = c.merged(e)
	}
	texts := c.passage(0, to)
	shared := e.shared(texts.of)
	out := c.next(e, shared)
	out.AmountMinor = e.sign * e.amount.minor
	out.Place = e.place
	out.Whole = contradicted
	c.describe(out, e, d, shared, texts)
	if len(e.details) < 2 {
		out.Additional = join(out.Additional, texts.of(e.additional))
	}
	c.hand(out)
}

func join(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	}
	return a + " " + b
}

// next begins an entry with what all details of the bank's entry share. It is lent until the next one.
func (c *camtReader) next(e *rawEntry, shared sharedTexts) *recon.Entry {
	c.current = recon.Entry{Currency: e.amount.currency, Booked: e.booked, Value: e.value, Status: e.status, Reversal: e.reversal,
		EntryReference: shared.reference}
	return &c.current
}

// describe fills what one detail says.
func (c *camtReader) describe(out *recon.Entry, e *rawEntry, d *rawDetail, shared sharedTexts, texts passage) {
	out.BankReference = orElse(texts.of(d.bankReference), shared.bankReference)
	c.otherSide(out, e, d, texts)
	out.EndToEndID = texts.of(d.endToEnd)
	out.MandateID = texts.of(d.mandate)
	out.TransactionID = texts.first(d.transactionID, d.uetr, d.clearing)
	out.OriginalEndToEnd = texts.of(d.originalEndToEnd)
	out.Cheque = texts.of(d.cheque)
	out.Purpose = texts.of(d.purpose)
	out.ReturnReason = texts.of(d.returnReason)
	out.Additional = texts.of(d.additional)
	out.BankCode = orElse(texts.of(d.code), shared.code, texts.of(d.ownCode), shared.ownCode)
	out.Structured = c.strings(texts, d.refs, nil)
	out.DocumentNumbers = c.strings(texts, d.documents, nil)
	out.Lines = c.strings(texts, d.lines, d.remarks)
	if len(out.Lines) == 1 {
		out.Text = out.Lines[0]
	} else if len(out.Lines) > 1 {
		out.Text = strings.Join(out.Lines, " ")
	}
	out.Original = original(out, e, d)
	out.ChargesMinor = d.charges
	if out.ChargesMinor == 0 && out.Batch == "" { // those of the entry only where it is the entry that is described
		out.ChargesMinor = e.charges
	}
	out.ChargeBearer = orElse(texts.of(d.bearer), shared.bearer)
	c.checkReferences(out)
}

// strings cuts a list of texts out of the slab.
func (c *camtReader) strings(texts passage, a, b []span) []string {
	n := len(a) + len(b)
	if n == 0 {
		return nil
	}
	if len(c.slab) < n {
		c.slab = make([]string, max(n, chunkSize))
	}
	list := c.slab[:n:n]
	c.slab = c.slab[n:]
	for i, s := range a {
		list[i] = texts.of(s)
	}
	for i, s := range b {
		list[len(a)+i] = texts.of(s)
	}
	return list
}

// otherSide takes the party that is not the account's owner: the debtor of money in, the creditor of money
// out. Where the bank names our own account there, or nobody, it is the other one, if that is not us.
func (c *camtReader) otherSide(out *recon.Entry, e *rawEntry, d *rawDetail, texts passage) {
	p, other := &d.debtor, &d.creditor
	if out.AmountMinor < 0 || out.AmountMinor == 0 && e.sign < 0 {
		p, other = other, p
	}
	out.Counterparty.Account = account(texts.of(p.account))
	if c.isUs(p, texts) && c.isElse(other, texts) {
		p = other
		out.Counterparty.Account = account(texts.of(p.account))
	}
	out.Counterparty.Name = texts.first(p.name, p.accountName)
	out.Ultimate = texts.of(p.ultimate)
	if a := out.Counterparty.Account; recon.LooksLikeIBAN(a) && !recon.ValidIBAN(a) {
		c.found.add(camtProblem("CAMT-PARTY-IBAN", out.Place, "the other side's account %s has wrong check digits", recon.MaskAccount(a)))
	}
}

// isUs reports whether the party is named with our account, or not at all.
func (c *camtReader) isUs(p *rawParty, texts passage) bool {
	if p.account.empty() {
		return p.name.empty() && p.accountName.empty()
	}
	return account(texts.of(p.account)) == c.own
}

// isElse reports whether the party is certainly somebody else: by its account, else by its name.
func (c *camtReader) isElse(p *rawParty, texts passage) bool {
	if !p.account.empty() {
		return account(texts.of(p.account)) != c.own
	}
	return !p.name.empty() && c.owner != "" && !strings.EqualFold(texts.of(p.name), c.owner)
}

// account normalises an account number where it needs it.
func account(s string) string {
	for i := range len(s) {
		if b := s[i]; b == ' ' || b >= 'a' && b <= 'z' || b >= 0x80 {
			return recon.NormalAccount(s)
		}
	}
	return s
}

// original is the instructed amount where it differs from the booked one in currency or value.
func original(out *recon.Entry, e *rawEntry, d *rawDetail) *recon.Money {
	for _, a := range []*rawAmount{&d.instructed, &e.instructed, &d.transaction, &d.amount} {
		if !a.given || a.code != "" {
			continue
		}
		if a.currency != out.Currency || a.minor != max(out.AmountMinor, -out.AmountMinor) {
			return &recon.Money{Minor: a.minor, Currency: a.currency}
		}
	}
	return nil
}

// checkReferences warns of creditor references (ISO 11649) that are mistyped.
func (c *camtReader) checkReferences(out *recon.Entry) {
	for _, ref := range out.Structured {
		if len(ref) > 4 && ref[0] == 'R' && ref[1] == 'F' && !validRF(ref) {
			c.found.add(camtProblem("CAMT-REFERENCE", out.Place, "creditor reference %s has wrong check digits", shorten(ref, 35)))
		}
	}
}

// validRF checks the digits of an ISO 11649 reference, which are computed as an IBAN's are (mod 97).
func validRF(ref string) bool {
	ref = recon.NormalAccount(ref)
	rest := 0
	for i := range len(ref) {
		switch b := ref[(i+4)%len(ref)]; {
		case b >= '0' && b <= '9':
			rest = (rest*10 + int(b-'0')) % 97
		case b >= 'A' && b <= 'Z':
			rest = (rest*100 + int(b-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}
