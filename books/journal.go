package books

import (
	"cmp"
	"fmt"
	"io"
	"slices"
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

// WriteJournal writes the journal as csv or json, by day and transaction. A batch holds what changed in the journal between its
// start and its end: lines that moved (money that left suspense, say) come with their difference, under the transaction and
// day they belong to, so that all batches together are the journal.
func WriteJournal(w io.Writer, v View, ledger rules.Ledger, selection Selection, format string) error {
	out, err := newLineWriter[JournalLine](w, format)
	if err != nil {
		return err
	}
	postings, err := journalOf(v, ledger, selection)
	if err != nil {
		return err
	}
	for _, p := range postings {
		if p.Effective < selection.Since {
			continue
		}
		if err := out.Write(journalLine(p)); err != nil {
			return err
		}
	}
	return out.Close()
}

// journalOf collects the postings of a selection by day; those of one transaction stay together.
func journalOf(v View, ledger rules.Ledger, selection Selection) ([]Posting, error) {
	var postings []Posting
	err := derive(v, ledger, selection.end(), func(p posting) bool {
		postings = append(postings, p.Posting)
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("derive the journal: %w", err)
	}
	if selection.Batch {
		if postings, err = since(v, ledger, selection, postings); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(postings, func(a, b Posting) int { return cmp.Compare(a.Effective, b.Effective) })
	return postings, nil
}

// since takes away what the journal said before a batch; what is no longer said is taken back.
func since(v View, ledger rules.Ledger, selection Selection, postings []Posting) ([]Posting, error) {
	before := map[Posting]int64{}
	var order []Posting // of before
	err := derive(v, ledger, selection.start(), func(p posting) bool {
		line := p.Posting
		line.AmountMinor = 0
		if _, known := before[line]; !known {
			order = append(order, line)
		}
		before[line] += p.AmountMinor
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("derive the journal before the batch: %w", err)
	}
	changed := postings[:0]
	for _, p := range postings {
		line := p
		line.AmountMinor = 0
		p.AmountMinor -= before[line]
		delete(before, line)
		if p.AmountMinor != 0 {
			changed = append(changed, p)
		}
	}
	for _, line := range order {
		if minor := before[line]; minor != 0 {
			line.AmountMinor = -minor
			changed = append(changed, line)
		}
	}
	return changed, nil
}

func journalLine(p Posting) JournalLine {
	line := JournalLine{Transaction: p.Transaction, Date: p.Effective.String(), Original: p.Original.String(), Account: p.Account,
		Currency: string(p.Currency), Customer: p.Customer, Item: p.ItemNumber, Entry: id(p.Entry), Application: id(p.Application), Text: p.Text}
	if p.AmountMinor > 0 {
		line.Debit = recon.FormatMinor(p.AmountMinor, p.Currency)
	} else {
		line.Credit = recon.FormatMinor(-p.AmountMinor, p.Currency)
	}
	return line
}

// id writes an id, and nothing for none.
func id(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
