package books

import (
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
)

// StatementsReport shows for each account what its statements prove and how they follow each other.
type StatementsReport struct {
	Accounts []AccountChain
}

// AccountChain is the chain of statements of one account.
type AccountChain struct {
	Account   recon.Account // ID "" for statements that are held because nobody knows their account
	Links     []Link        // booked, in the order of their days
	Held      []recon.StatementRow
	Closing   *recon.Balance // what the bank says it has, nil where it does not
	Gaps      int
	GapsMinor int64 // sum of what is missing
	Added     Added
}

// Added is what the statements of an account brought, each record once however many of them tell of it.
type Added struct {
	InMinor, OutMinor int64 // both positive
	Repeated          int   // records that an earlier statement had
}

func added(links []Link, tallies map[int64]*tally) (sum Added) {
	for _, l := range links {
		if t := tallies[l.Statement.ID]; t != nil {
			sum.InMinor += t.creditMinor - t.knownCreditMinor
			sum.OutMinor += t.debitMinor - t.knownDebitMinor
			sum.Repeated += t.known
		}
	}
	return sum
}

// Statements returns the chain of each account, of statements that end within the cut and were stored by then.
func Statements(v View, cut Cut) (StatementsReport, error) {
	accounts, err := v.Accounts()
	if err != nil {
		return StatementsReport{}, unread("accounts", err)
	}
	rows, err := v.Statements()
	if err != nil {
		return StatementsReport{}, unread("statements", err)
	}
	rows = slices.DeleteFunc(slices.Clone(rows), func(s recon.StatementRow) bool {
		_, to := days(s)
		return !sight{Cut: cut}.reaches(to) || !sight{Cut: cut}.recorded(s.Recorded)
	})
	tallies, err := tallyAll(v)
	if err != nil {
		return StatementsReport{}, err
	}
	booked, held := bookedByAccount(rows), heldByAccount(rows)
	var report StatementsReport
	for _, a := range append(accounts, recon.Account{}) {
		c := chain(booked[a.ID], tallies)
		if len(c.links)+len(held[a.ID]) > 0 {
			report.Accounts = append(report.Accounts, AccountChain{Account: a, Links: c.links, Held: held[a.ID], Closing: c.closing, Gaps: c.gaps, GapsMinor: c.gapsMinor,
				Added: added(c.links, tallies)})
		}
	}
	return report, nil
}

func heldByAccount(rows []recon.StatementRow) map[string][]recon.StatementRow {
	held := map[string][]recon.StatementRow{}
	for _, s := range rows {
		if s.Held {
			held[s.AccountID] = append(held[s.AccountID], s)
		}
	}
	return held
}

// tallyAll sums the records of each statement by reading all of them.
func tallyAll(v View) (map[int64]*tally, error) {
	j := &journal{tallies: map[int64]*tally{}}
	repeated := map[int64]bool{}
	for r, err := range v.Records() {
		if err != nil {
			return nil, unread("records", err)
		}
		if r.Kind == recon.FateDuplicate {
			j.tally(r.Statement).addKnown(r)
			repeated[r.Entry] = true
		}
	}
	for e, err := range v.Entries() {
		if err != nil {
			return nil, unread("entries", err)
		}
		t := j.tally(e.Statement)
		t.addEntry(&e)
		if repeated[e.ID] {
			t.shared = append(t.shared, sharedEntry{e.ID, e.AmountMinor})
		}
	}
	return j.tallies, nil
}

// proofWord says what the balances of a statement prove.
func proofWord(s recon.StatementRow) string {
	off := brokenMinor(s)
	switch {
	case s.Held:
		return "held"
	case s.Opening == nil || s.Closing == nil:
		return "no balances"
	case off == 0:
		return "ties"
	}
	word := "off by " + recon.FormatMinor(off, s.Currency)
	if s.Accepted != "" {
		word += ", accepted"
	}
	return word
}

// Tables returns a table for each account.
func (r StatementsReport) Tables() []Table {
	tables := make([]Table, 0, len(r.Accounts))
	for _, a := range r.Accounts {
		tables = append(tables, a.table())
	}
	return tables
}

func (a AccountChain) table() Table {
	t := Table{Title: a.title(), Columns: []Column{
		{Key: "account", Name: "Account", Data: true}, {Key: "statement", Name: "Statement", Data: true}, {Key: "file", Name: "File", Kind: Count, Data: true},
		{Key: "from", Name: "From", Kind: Day}, {Key: "to", Name: "To", Kind: Day}, {Key: "currency", Name: "Cur", Data: true},
		{Key: "opening", Name: "Opening", Kind: Amount}, {Key: "in", Name: "In", Kind: Amount}, {Key: "out", Name: "Out", Kind: Amount}, {Key: "closing", Name: "Closing", Kind: Amount},
		{Key: "proof", Name: "Proof"}, {Key: "follows", Name: "Follows"}, {Key: "missing", Name: "Missing", Kind: Amount, Spare: true},
		{Key: "new", Name: "New", Kind: Count}, {Key: "known", Name: "Known", Kind: Count, Spare: true}, {Key: "pending", Name: "Pending", Kind: Count, Spare: true},
	}}
	total := recon.StatementRow{Currency: a.Account.Currency, CreditMinor: a.Added.InMinor, DebitMinor: a.Added.OutMinor}
	for _, l := range a.Links {
		t.Rows = append(t.Rows, linkCells(l))
		total.New += l.Statement.New
		total.Duplicates += l.Statement.Duplicates
		total.Pending += l.Statement.Pending
	}
	if len(a.Links) > 1 {
		t.Totals = [][]any{totalCells(total)}
	}
	for _, s := range a.Held {
		t.Rows = append(t.Rows, linkCells(Link{Statement: s}))
	}
	t.Notes = a.notes()
	return t
}

func (a AccountChain) title() string {
	if a.Account.ID == "" {
		return "Statements of unknown accounts"
	}
	return fmt.Sprintf("Statements of %s (%s, %s)", shown(a.Account.ID), recon.MaskAccount(a.Account.IBAN), a.Account.Currency)
}

func linkCells(l Link) []any {
	s := l.Statement
	from, to := days(s)
	var missing any
	if l.Joint == JointGap {
		missing = recon.Money{Minor: l.GapMinor, Currency: s.Currency}
	}
	return []any{s.AccountID, s.BankID, int(s.File), from, to, string(s.Currency), balanceCell(s.Opening, s.Currency), recon.Money{Minor: s.CreditMinor, Currency: s.Currency},
		recon.Money{Minor: s.DebitMinor, Currency: s.Currency}, balanceCell(s.Closing, s.Currency), proofWord(s), string(l.Joint), missing, s.New, s.Duplicates, s.Pending}
}

func totalCells(s recon.StatementRow) []any {
	return []any{nil, nil, nil, "Total", nil, string(s.Currency), nil, recon.Money{Minor: s.CreditMinor, Currency: s.Currency},
		recon.Money{Minor: s.DebitMinor, Currency: s.Currency}, nil, nil, nil, nil, s.New, s.Duplicates, s.Pending}
}

func balanceCell(b *recon.Balance, currency recon.Currency) any {
	if b == nil {
		return nil
	}
	return recon.Money{Minor: b.AmountMinor, Currency: currency}
}

func (a AccountChain) notes() (notes []string) {
	for _, l := range a.Links {
		if l.Joint == JointGap {
			from, _ := days(l.Statement)
			notes = append(notes, fmt.Sprintf("Before %s %s are missing: ask the bank for the statements in between.", from, money(l.GapMinor, l.Statement.Currency)))
		}
	}
	if a.Added.Repeated > 0 && len(a.Links) > 1 {
		notes = append(notes, fmt.Sprintf("The total counts each record once: %s in more than one statement.", comes(a.Added.Repeated)))
	}
	return notes
}

func comes(records int) string {
	if records == 1 {
		return "1 record comes"
	}
	return fmt.Sprintf("%d records come", records)
}
