package books

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// Layouts in which accounting systems import the payments of items.
var writeBacks = map[string]writeBack{
	"quickbooks": {header: []string{"Payment Date", "Customer", "Invoice No", "Amount", "Currency", "Payment Method", "Reference No", "Deposit To"}, row: func(p *paidItem) []string {
		return []string{p.day.Time().Format("01/02/2006"), p.customer, p.item, p.amount, p.currency, p.kind, p.reference, p.bank}
	}},
	"xero": {header: []string{"Date", "Contact", "Invoice Number", "Amount Paid", "Currency", "Account", "Reference"}, row: func(p *paidItem) []string {
		return []string{p.day.Time().Format("02/01/2006"), p.customer, p.item, p.amount, p.currency, p.account, p.reference}
	}},
	"odoo": {header: []string{"date", "partner_id", "amount", "currency_id", "ref", "reconciled_invoice", "destination_account_id", "payment_type"}, row: func(p *paidItem) []string {
		return []string{p.day.String(), p.customer, p.amount, p.currency, p.reference, p.item, p.account, map[bool]string{true: "inbound", false: "outbound"}[p.in]}
	}},
	"datev": {delimiter: ';', header: []string{"Umsatz", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Konto", "Gegenkonto", "Belegdatum", "Belegfeld 1", "Buchungstext"}, row: func(p *paidItem) []string {
		return []string{strings.ReplaceAll(p.amount, ".", ","), map[bool]string{true: "S", false: "H"}[p.in], p.currency, p.account, p.customer, p.day.Time().Format("0201"), p.item, p.kind}
	}},
	"erpnext": {header: []string{"Payment Type", "Posting Date", "Party Type", "Party", "Paid Amount", "Paid To", "Reference No", "Reference Date", "Reference Doctype", "Reference Name", "Allocated Amount"}, row: func(p *paidItem) []string {
		kind, party, doctype := "Receive", "Customer", "Sales Invoice"
		if !p.in {
			kind, party, doctype = "Pay", "Supplier", "Purchase Invoice"
		}
		return []string{kind, p.day.String(), party, p.customer, p.amount, p.account, p.reference, p.day.String(), doctype, p.item, p.amount}
	}},
}

// WriteBackLayouts are the layouts of WritePayments.
func WriteBackLayouts() []string { return sortedKeys(writeBacks) }

type writeBack struct {
	delimiter rune
	header    []string
	row       func(*paidItem) []string
}

// paidItem is what one application did to an item, as accounting systems take it.
type paidItem struct {
	day                                                        recon.Date
	customer, item, amount, currency, kind, reference, account string
	bank                                                       string
	in                                                         bool // a customer's item
}

// WritePayments writes what items fell by, in the layout in which an accounting system imports it: one row for each live application of a
// selection, with the account of the ledger that bears it (the bank's for money). Credit notes and settlements elsewhere are left out:
// their system has them.
func WritePayments(w io.Writer, v View, ledger rules.Ledger, selection Selection, layout string) error {
	format, known := writeBacks[layout]
	if !known {
		return fmt.Errorf("layout %q is not one of %s", layout, strings.Join(WriteBackLayouts(), ", "))
	}
	s, err := load(v, selection.end())
	if err != nil {
		return err
	}
	entries := map[int64]recon.EntryRow{}
	for e, err := range v.Entries() {
		if err != nil {
			return unread("entries", err)
		}
		if e.Class == recon.ClassReceipt {
			entries[e.ID] = recon.EntryRow{AccountID: e.AccountID, Entry: recon.Entry{BankReference: e.BankReference}}
		}
	}
	buffer := bufio.NewWriter(w)
	out := csv.NewWriter(buffer)
	if format.delimiter != 0 {
		out.Comma = format.delimiter
	}
	out.Write(format.header) // a csv writer keeps its error for Error
	j := newJournal(s, ledger, func([]posting) bool { return true })
	for n := range s.apps {
		a := &s.apps[n]
		i := s.item(a.Item)
		if i == nil || !s.live(a) || a.Kind == recon.Credit || a.Kind == recon.External || a.ID <= selection.ApplicationsAfter || a.Effective < selection.Since {
			continue
		}
		receipt, _ := s.receiptOf(a)
		e := entries[receipt]
		p := paidItem{day: a.Effective, customer: i.Customer, item: i.Number, amount: recon.FormatMinor(a.AmountMinor, a.Currency), currency: string(a.Currency),
			kind: strings.ReplaceAll(string(a.Kind), "_", " "), reference: e.BankReference, bank: j.bank(e.AccountID), in: i.Side != recon.Payable}
		p.account = a.Ledger
		switch {
		case p.account != "":
		case a.Kind == recon.Payment:
			p.account = p.bank
			if e.AccountID == "" {
				p.account = ledger.InTransit
			}
		default:
			p.account = j.kindAccount(a.Kind)
		}
		out.Write(format.row(&p))
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	return buffer.Flush()
}
