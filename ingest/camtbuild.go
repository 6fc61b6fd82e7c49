package ingest

import (
	"strconv"
	"strings"

	"github.com/tieout/tieout/recon"
)

// chunkSize is how many entries are collected before the next piece of memory is taken, so that a growing
// statement is copied once and not at every doubling.
const chunkSize = 1024

// next returns a new entry of the statement.
func (c *camtReader) next() *recon.Entry {
	n := len(c.chunks)
	if n == 0 || len(c.chunks[n-1]) == cap(c.chunks[n-1]) {
		size := chunkSize
		if n == 0 {
			size = 16
		}
		c.chunks = append(c.chunks, make([]recon.Entry, 0, size))
		n++
	}
	last := &c.chunks[n-1]
	*last = append(*last, recon.Entry{})
	return &(*last)[len(*last)-1]
}

// flatten returns the statement's entries in one piece.
func (c *camtReader) flatten() []recon.Entry {
	if len(c.chunks) == 1 {
		return c.chunks[0]
	}
	n := 0
	for _, chunk := range c.chunks {
		n += len(chunk)
	}
	if n == 0 {
		return nil
	}
	all := make([]recon.Entry, 0, n)
	for _, chunk := range c.chunks {
		all = append(all, chunk...)
	}
	return all
}

// build appends what the bank's entry becomes: one entry, or one per detail where the details of a batch
// are complete.
func (c *camtReader) build(e *rawEntry) {
	texts := string(c.texts)
	place := e.place
	if len(e.details) < 2 {
		c.whole(e, texts, c.single(e))
		return
	}
	if !c.splits(e) {
		c.whole(e, texts, true)
		return
	}
	batch := place[strings.LastIndexByte(place, '[')+1 : len(place)-1] // the entry's position in the statement
	for i := range e.details {
		d := &e.details[i]
		out := c.next()
		c.common(out, e, texts)
		out.AmountMinor = d.signed(e)
		out.Batch = batch
		out.Place = place + "/TxDtls[" + strconv.Itoa(i+1) + "]"
		c.describe(out, e, d, texts)
	}
}

// whole appends the bank's entry as one.
func (c *camtReader) whole(e *rawEntry, texts string, contradicted bool) {
	out := c.next()
	c.common(out, e, texts)
	out.AmountMinor = e.sign * e.amount.minor
	out.Place = e.place
	out.Whole = contradicted
	switch len(e.details) {
	case 0:
		c.describe(out, e, &rawDetail{}, texts)
		out.Additional = e.additional.of(texts)
	case 1:
		c.describe(out, e, &e.details[0], texts)
		out.Additional = join(out.Additional, e.additional.of(texts))
	default:
		c.describe(out, e, e.merged(texts), texts)
	}
}

func (s span) of(texts string) string { return texts[s.from:s.to] }

func join(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	}
	return a + " " + b
}

// common fills what all details of an entry share.
func (c *camtReader) common(out *recon.Entry, e *rawEntry, texts string) {
	out.Currency = e.amount.currency
	out.Booked, out.Value = e.booked, e.value
	out.Status, out.Reversal = e.status, e.reversal
	out.EntryReference = e.reference.of(texts)
}

// describe fills what one detail says.
func (c *camtReader) describe(out *recon.Entry, e *rawEntry, d *rawDetail, texts string) {
	out.BankReference = first(texts, d.bankReference, e.bankRef)
	c.otherSide(out, e, d, texts)
	out.EndToEndID = d.endToEnd.of(texts)
	out.MandateID = d.mandate.of(texts)
	out.TransactionID = first(texts, d.transactionID, d.uetr, d.clearing)
	out.OriginalEndToEnd = d.originalEndToEnd.of(texts)
	out.Cheque = d.cheque.of(texts)
	out.Purpose = d.purpose.of(texts)
	out.ReturnReason = d.returnReason.of(texts)
	out.Additional = d.additional.of(texts)
	out.BankCode = first(texts, d.code, e.code, d.ownCode, e.ownCode)
	out.Structured = c.strings(texts, d.refs, nil)
	out.DocumentNumbers = c.strings(texts, d.documents, nil)
	out.Lines = c.strings(texts, d.lines, d.remarks)
	if len(out.Lines) == 1 {
		out.Text = out.Lines[0]
	} else if len(out.Lines) > 1 {
		out.Text = strings.Join(out.Lines, " ")
	}
	out.Original = original(out, e, d)
	c.takeCharges(out, e, d, texts)
	c.checkReferences(out)
}

// first returns the first text that is not empty.
func first(texts string, spans ...span) string {
	for _, s := range spans {
		if !s.empty() {
			return s.of(texts)
		}
	}
	return ""
}

// strings cuts a list of texts out of the slab.
func (c *camtReader) strings(texts string, a, b []span) []string {
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
		list[i] = s.of(texts)
	}
	for i, s := range b {
		list[len(a)+i] = s.of(texts)
	}
	return list
}

// otherSide takes the party that is not the account's owner: the debtor of money in, the creditor of money
// out. Where the bank names our own account there, or nobody, it is the other one, if that is not us.
func (c *camtReader) otherSide(out *recon.Entry, e *rawEntry, d *rawDetail, texts string) {
	p, other := &d.debtor, &d.creditor
	if out.AmountMinor < 0 || out.AmountMinor == 0 && e.sign < 0 {
		p, other = other, p
	}
	out.Counterparty.Account = account(p.account.of(texts))
	if c.isUs(p, texts) && c.isElse(other, texts) {
		p = other
		out.Counterparty.Account = account(p.account.of(texts))
	}
	out.Counterparty.Name = first(texts, p.name, p.accountName)
	out.Ultimate = p.ultimate.of(texts)
	if a := out.Counterparty.Account; recon.LooksLikeIBAN(a) && !recon.ValidIBAN(a) {
		c.found.add(camtProblem("CAMT-PARTY-IBAN", out.Place, "the other side's account %s has wrong check digits", recon.MaskAccount(a)))
	}
}

// isUs reports whether the party is named with our account, or not at all.
func (c *camtReader) isUs(p *rawParty, texts string) bool {
	if p.account.empty() {
		return p.name.empty() && p.accountName.empty()
	}
	return account(p.account.of(texts)) == c.own
}

// isElse reports whether the party is certainly somebody else: by its account, else by its name.
func (c *camtReader) isElse(p *rawParty, texts string) bool {
	if !p.account.empty() {
		return account(p.account.of(texts)) != c.own
	}
	return !p.name.empty() && c.owner != "" && !strings.EqualFold(p.name.of(texts), c.owner)
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

// takeCharges takes the detail's charges; those of the entry only where it is the entry that is described.
func (c *camtReader) takeCharges(out *recon.Entry, e *rawEntry, d *rawDetail, texts string) {
	out.ChargesMinor = d.charges
	if out.ChargesMinor == 0 && out.Batch == "" {
		out.ChargesMinor = e.charges
	}
	out.ChargeBearer = first(texts, d.bearer, e.bearer)
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
