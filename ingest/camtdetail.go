package ingest

import "strings"

// details reads NtryDtls.
func (c *camtReader) details(e *rawEntry) {
	for c.child() {
		switch string(c.x.name) {
		case "Btch":
			e.stated += c.batch()
		case "TxDtls":
			if len(e.details) == maxDetails || len(c.texts) > maxSplitText {
				e.unread++
				c.x.skip()
				continue
			}
			d := e.nextDetail()
			d.from = int32(len(c.texts))
			c.detail(e, d)
			d.to = int32(len(c.texts))
		default:
			c.x.skip()
		}
	}
}

// detail reads one TxDtls.
func (c *camtReader) detail(e *rawEntry, d *rawDetail) {
	for c.child() {
		switch string(c.x.name) {
		case "Refs":
			c.references(d)
		case "Amt":
			if d.amount.given {
				c.entryProblem(e, "CAMT-DUP-ELEMENT", "/NtryDtls/TxDtls/Amt", "Amt stands twice in a detail")
			}
			d.amount = c.readAmount()
		case "CdtDbtInd":
			t := c.x.text()
			var ok bool
			if d.sign, ok = parseIndicator(t); !ok && len(t) > 0 {
				c.entryProblem(e, "CAMT-INDICATOR", "/NtryDtls/TxDtls/CdtDbtInd", "%q is no direction", shorten(string(t), 20))
			}
		case "AmtDtls":
			c.amountDetails(&d.instructed, &d.transaction)
		case "BkTxCd":
			d.code, d.ownCode = c.bankCode()
		case "Chrgs":
			c.charges(&d.charges, &d.bearer)
		case "RltdPties":
			c.parties(d)
		case "Purp":
			d.purpose = c.keep()
		case "RmtInf":
			c.remittance(d)
		case "RtrInf":
			c.returned(d)
		case "AddtlTxInf":
			d.additional = c.keep()
		default:
			c.x.skip()
		}
	}
}

func (c *camtReader) references(d *rawDetail) {
	for c.child() {
		switch string(c.x.name) {
		case "AcctSvcrRef":
			d.bankReference = c.keep()
		case "EndToEndId":
			d.endToEnd = c.keep()
		case "TxId":
			d.transactionID = c.keep()
		case "UETR":
			d.uetr = c.keep()
		case "ClrSysRef":
			d.clearing = c.keep()
		case "MndtId":
			d.mandate = c.keep()
		case "ChqNb":
			d.cheque = c.keep()
		case "Prtry":
			c.ownReference(d)
		default:
			c.x.skip()
		}
	}
}

// ownReference reads Refs/Prtry, where some banks put the end-to-end id of the payment that came back.
func (c *camtReader) ownReference(d *rawDetail) {
	original := false
	for c.child() {
		switch string(c.x.name) {
		case "Tp":
			original = strings.EqualFold(string(c.x.text()), "OrgnlEndToEndId")
		case "Ref":
			if original {
				d.originalEndToEnd = c.keep()
			} else {
				c.x.skip()
			}
		default:
			c.x.skip()
		}
	}
}

// amountDetails reads the instructed amount and the transaction's own, which version 02 has nowhere else.
func (c *camtReader) amountDetails(instructed, transaction *rawAmount) {
	for c.child() {
		switch string(c.x.name) {
		case "InstdAmt":
			c.amountIn(instructed)
		case "TxAmt":
			c.amountIn(transaction)
		default:
			c.x.skip()
		}
	}
}

func (c *camtReader) amountIn(a *rawAmount) {
	for c.child() {
		if string(c.x.name) == "Amt" {
			*a = c.readAmount()
		} else {
			c.x.skip()
		}
	}
}

func (c *camtReader) parties(d *rawDetail) {
	for c.child() {
		switch string(c.x.name) {
		case "Dbtr":
			d.debtor.name = c.party()
		case "DbtrAcct":
			c.partyAccount(&d.debtor)
		case "UltmtDbtr":
			d.debtor.ultimate = c.party()
		case "Cdtr":
			d.creditor.name = c.party()
		case "CdtrAcct":
			c.partyAccount(&d.creditor)
		case "UltmtCdtr":
			d.creditor.ultimate = c.party()
		default:
			c.x.skip()
		}
	}
}

// party reads the name of a party: Nm up to version 07, Pty/Nm or Agt/FinInstnId/Nm from 08; some banks mix.
func (c *camtReader) party() (name span) {
	for c.child() {
		switch string(c.x.name) {
		case "Nm":
			name = c.keep()
		case "Pty", "Agt", "FinInstnId":
			if inner := c.party(); name.empty() {
				name = inner
			}
		default:
			c.x.skip()
		}
	}
	return name
}

// partyAccount reads Id (IBAN, or the bank's own number under Othr) and Nm of an account.
func (c *camtReader) partyAccount(p *rawParty) {
	for c.child() {
		switch string(c.x.name) {
		case "Id":
			p.account = c.keep()
		case "Nm":
			p.accountName = c.keep()
		default:
			c.x.skip()
		}
	}
}

func (c *camtReader) remittance(d *rawDetail) {
	for c.child() {
		switch string(c.x.name) {
		case "Ustrd":
			d.lines = c.list(d.lines)
		case "Strd":
			c.structured(d)
		default:
			c.x.skip()
		}
	}
}

// list appends the text of the current element unless it is empty.
func (c *camtReader) list(to []span) []span {
	if s := c.keep(); !s.empty() {
		to = append(to, s)
	}
	return to
}

func (c *camtReader) structured(d *rawDetail) {
	for c.child() {
		switch string(c.x.name) {
		case "RfrdDocInf":
			for c.child() {
				if string(c.x.name) == "Nb" {
					d.documents = c.list(d.documents)
				} else {
					c.x.skip()
				}
			}
		case "CdtrRefInf":
			for c.child() {
				if string(c.x.name) == "Ref" {
					d.refs = c.list(d.refs)
				} else {
					c.x.skip()
				}
			}
		case "AddtlRmtInf":
			d.remarks = c.list(d.remarks)
		default:
			c.x.skip()
		}
	}
}

// returned reads RtrInf: the reason's code, or the bank's own.
func (c *camtReader) returned(d *rawDetail) {
	for c.child() {
		if string(c.x.name) == "Rsn" {
			d.returnReason = c.keep()
		} else {
			c.x.skip()
		}
	}
}
