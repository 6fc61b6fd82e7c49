package books

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// JournalLine is one line of the journal export. Exactly one of debit and credit is filled.
type JournalLine struct {
	Transaction string `csv:"transaction" json:"transaction"`
	Date        string `csv:"date" json:"date"`                   // effective day
	Original    string `csv:"original_date" json:"original_date"` // day it would have had in an open period
	Account     string `csv:"account" json:"account"`
	Debit       string `csv:"debit" json:"debit"`
	Credit      string `csv:"credit" json:"credit"`
	Currency    string `csv:"currency" json:"currency"`
	Customer    string `csv:"customer" json:"customer"`
	Item        string `csv:"item" json:"item"`
	Entry       string `csv:"entry" json:"entry"`
	Application string `csv:"application" json:"application"`
	Text        string `csv:"text" json:"text"`
}

// WriteJournal writes the journal as csv, json, hledger or beancount, by day and transaction. A batch holds what changed in the journal between its
// start and its end: lines that moved (money that left suspense, say) come with their difference, under the transaction and
// day they belong to, so that all batches together are the journal.
func WriteJournal(w io.Writer, v View, ledger rules.Ledger, selection Selection, format string) error {
	switch format {
	case FormatHledger:
		return writePlain(w, v, ledger, selection, hledger{})
	case FormatBeancount:
		accounts, err := v.Accounts()
		if err != nil {
			return unread("accounts", err)
		}
		return writePlain(w, v, ledger, selection, newBeancount(ledger, accounts))
	}
	out, err := newLineWriter[JournalLine](w, format)
	if err != nil {
		return err
	}
	days := map[recon.Date]*pages{}
	var line JournalLine
	var broken error
	err = journalOf(v, ledger, selection, func(p *Posting) bool {
		if p.Effective < selection.Since {
			return true
		}
		line.set(out, p)
		var text []byte
		if text, broken = out.Render(&line); broken != nil {
			return false
		}
		if days[p.Effective] == nil {
			days[p.Effective] = &pages{}
		}
		days[p.Effective].add(text)
		return true
	})
	if err == nil {
		err = broken
	}
	if err != nil {
		return fmt.Errorf("derive the journal: %w", err)
	}
	for _, day := range sortedKeys(days) {
		for _, page := range days[day].full {
			for text := range bytes.Lines(page) {
				out.Rendered(text)
			}
		}
	}
	return out.Close()
}

// pages keeps lines as they will be written, in pages that are not moved when they grow: a journal of postings would take
// several times the room.
type pages struct{ full [][]byte }

const pageSize = 1 << 16

func (p *pages) add(text []byte) {
	last := len(p.full) - 1
	if last < 0 || len(p.full[last])+len(text) > cap(p.full[last]) {
		p.full = append(p.full, make([]byte, 0, max(pageSize, len(text))))
		last++
	}
	p.full[last] = append(p.full[last], text...)
}

// journalOf hands on the postings of a selection, transaction by transaction, until nobody wants more. A posting is good until
// the next one.
func journalOf(v View, ledger rules.Ledger, selection Selection, emit func(*Posting) bool) error {
	start := selection.start()
	if !selection.Batch || *start.mark == (mark{}) {
		return derive(v, ledger, selection.end(), namer(emit))
	}
	changes, err := changesSince(v, ledger, start, namer(emit))
	if err != nil {
		return err
	}
	defer changes.stop()
	if err := derive(v, ledger, selection.end(), changes.transaction); err != nil {
		return err
	}
	return changes.finish()
}

// namer hands on the lines of transactions one by one, as others see them.
func namer(emit func(*Posting) bool) func([]posting) bool {
	var line Posting
	return func(transaction []posting) bool {
		for n := range transaction {
			line = transaction[n].named()
			if !emit(&line) {
				return false
			}
		}
		return true
	}
}

// set fills the line with a posting.
func (l *JournalLine) set(out *lineWriter[JournalLine], p *Posting) {
	*l = JournalLine{Transaction: p.Transaction, Date: out.day(p.Effective), Original: out.day(p.Original), Account: p.Account,
		Currency: string(p.Currency), Customer: p.Customer, Item: p.ItemNumber, Entry: id(p.Entry), Application: id(p.Application), Text: p.Text}
	if p.AmountMinor > 0 {
		l.Debit = recon.FormatMinor(p.AmountMinor, p.Currency)
	} else {
		l.Credit = recon.FormatMinor(-p.AmountMinor, p.Currency)
	}
}

// id writes an id, and nothing for none.
func id(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
