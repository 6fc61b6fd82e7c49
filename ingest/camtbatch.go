package ingest

import (
	"strconv"

	"github.com/tieout/tieout/recon"
)

// own is the detail's amount in the entry's currency: Amt from version 04, AmtDtls/TxAmt before.
func (d *rawDetail) own(currency recon.Currency) (minor int64, ok bool) {
	for _, a := range []*rawAmount{&d.amount, &d.transaction} {
		if a.given {
			return a.minor, a.code == "" && a.currency == currency
		}
	}
	return 0, false
}

// signed is the detail's movement on the account.
func (d *rawDetail) signed(e *rawEntry) int64 {
	minor, _ := d.own(e.amount.currency)
	if d.sign != 0 {
		return d.sign * minor
	}
	return e.sign * minor
}

// splits reports whether the details of a batch add up to the entry; where not, a problem says why.
func (c *camtReader) splits(e *rawEntry) bool {
	var sum, charges int64
	missing := 0
	for i := range e.details {
		d := &e.details[i]
		if _, ok := d.own(e.amount.currency); !ok {
			missing++
		}
		sum = plus(sum, d.signed(e))
		charges = plus(charges, d.charges)
	}
	off := e.sign*e.amount.minor - sum
	switch {
	case e.unread > 0:
		p := camtProblem("CAMT-BATCH", e.place+"/NtryDtls", "the entry has %d details, more than %d are not split", len(e.details)+e.unread, len(e.details))
		c.found.add(held(p, "ask the bank to book such batches in parts, or accept the statement and apply the entry by hand"))
		return false
	case missing > 0:
		c.batchProblem(e, "%d of %d details have no readable amount in %s", missing, len(e.details), e.amount.currency)
		return false
	case off != 0:
		c.batchProblem(e, "the details add up to %s, the entry is %s: off by %s%s", c.money(sum, e), c.money(e.sign*e.amount.minor, e),
			c.money(max(off, -off), e), c.listed(charges+e.charges, e))
		return false
	case e.stated > 0 && e.stated != len(e.details):
		p := camtProblem("CAMT-BATCH", e.place+"/NtryDtls/Btch/NbOfTxs", "%d transactions stated, %d details sent", e.stated, len(e.details))
		p.Try = "nothing to do, the amounts add up; tell the bank"
		c.found.add(p)
	}
	return true
}

// batchProblem raises a batch that stays whole; where fewer details came than the bank states, it is held.
func (c *camtReader) batchProblem(e *rawEntry, format string, args ...any) {
	p := camtProblem("CAMT-BATCH", e.place+"/NtryDtls", format, args...)
	if e.stated > len(e.details) {
		p = held(p, "details are missing: ask the bank for them, or accept the statement and apply the entry by hand")
		p.Message += "; " + strconv.Itoa(e.stated) + " transactions stated, " + strconv.Itoa(len(e.details)) + " details sent"
	}
	c.found.add(p)
}

func (c *camtReader) money(minor int64, e *rawEntry) string {
	return recon.FormatMinor(minor, e.amount.currency)
}

func (c *camtReader) listed(charges int64, e *rawEntry) string {
	if charges == 0 {
		return ""
	}
	return " (charges of " + c.money(charges, e) + " are listed)"
}

// single reports whether the one detail of an entry contradicts it: the same currency, another amount,
// and no charges that explain it. Other currencies are information.
func (c *camtReader) single(e *rawEntry) (contradicts bool) {
	if len(e.details) == 0 {
		if e.stated > 1 {
			c.found.add(camtProblem("CAMT-BATCH", e.place+"/NtryDtls", "%d transactions stated, no details sent; they may come as camt.054", e.stated))
		}
		return false
	}
	d := &e.details[0]
	minor, ok := d.own(e.amount.currency)
	if !ok || minor == e.amount.minor {
		return false
	}
	off := e.amount.minor - minor
	if charges := d.charges + e.charges; charges == off || charges == -off || d.charges == off || d.charges == -off {
		return false
	}
	c.batchProblem(e, "the only detail says %s, the entry is %s: off by %s%s", c.money(minor, e), c.money(e.amount.minor, e),
		c.money(max(off, -off), e), c.listed(d.charges+e.charges, e))
	return true
}

// maxMerged is of how many details one entry shows the texts.
const maxMerged = 1000

// merged is the one detail that stands for several: all their texts and references, and of the rest what
// they agree on.
func (c *camtReader) merged(e *rawEntry) *rawDetail {
	m := rawDetail{}
	fields := m.fields()
	for i := range e.details {
		d := &e.details[i]
		for k, field := range d.fields() {
			if i == 0 {
				*fields[k] = *field
			} else if string(c.texts[field.from:field.to]) != string(c.texts[fields[k].from:fields[k].to]) {
				*fields[k] = span{}
			}
		}
		m.charges += d.charges
		if i < maxMerged {
			m.lines = append(append(m.lines, d.lines...), d.remarks...)
			m.refs = append(m.refs, d.refs...)
			m.documents = append(m.documents, d.documents...)
		}
	}
	return &m
}

// fields are the texts of which a detail has one each.
func (d *rawDetail) fields() [22]*span {
	return [22]*span{
		&d.bearer, &d.bankReference, &d.endToEnd, &d.mandate, &d.transactionID, &d.uetr, &d.clearing, &d.cheque,
		&d.originalEndToEnd, &d.code, &d.ownCode, &d.purpose, &d.returnReason, &d.additional,
		&d.debtor.name, &d.debtor.account, &d.debtor.accountName, &d.debtor.ultimate,
		&d.creditor.name, &d.creditor.account, &d.creditor.accountName, &d.creditor.ultimate,
	}
}
