package books

import (
	"iter"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// Planned is a receipt with what a decision would do with it.
type Planned struct {
	Account       recon.Account
	Entry         recon.EntryRow // of a payment recorded by hand: what stands in place of one
	ByHand        bool
	Customer      string       // whose money it is, "" where unknown
	Items         []recon.Item // that the lines touch, as they are before
	Standing      []recon.Application
	Lines         []recon.Line
	SetAside      bool
	LedgerAccount string // of what is set aside
}

// Preview derives the journal lines of a receipt as they would be after a decision, from the same rules as the journal itself. Only lines
// of the receipt's own transactions are returned, in their order.
func Preview(p Planned, ledger rules.Ledger) ([]Posting, error) {
	v := &planView{planned: p}
	var lines []Posting
	for posting, err := range Postings(v, ledger, Cut{}) {
		if err != nil {
			return nil, err
		}
		if posting.Entry == p.Entry.ID {
			lines = append(lines, posting)
		}
	}
	return lines, nil
}

// planView shows a receipt as if the decision had been made.
type planView struct{ planned Planned }

// planned ids: of the decision, and of the first application that the decision would make.
const (
	plannedDecision    = 1
	plannedApplication = 1 << 40
)

func (v *planView) applications() []recon.Application {
	p := &v.planned
	all := append([]recon.Application(nil), p.Standing...)
	for n, l := range p.Lines {
		a := recon.Application{ID: plannedApplication + int64(n), Source: recon.Source{Kind: recon.SourceReceipt, ID: p.Entry.ID}, Item: l.Item, Kind: l.Kind, AmountMinor: l.AmountMinor,
			TaxMinor: l.TaxMinor, Currency: p.Entry.Currency, Customer: p.Customer, Effective: p.Entry.Effective, Original: p.Entry.Booked, Decision: plannedDecision,
			Ledger: l.Ledger, Order: l.Order}
		if l.Kind == recon.Credit {
			a.Source = recon.Source{Kind: recon.SourceCreditNote, ID: l.CreditNote}
		}
		for _, item := range p.Items {
			if item.ID == l.Item {
				a.Customer = item.Customer
			}
		}
		all = append(all, a)
	}
	return all
}

func (v *planView) decision() recon.DecisionRow {
	p := &v.planned
	d := recon.DecisionRow{ID: plannedDecision, Receipt: p.Entry.ID, Source: recon.SourceReceipt, Outcome: recon.Manual, Customer: p.Customer, Live: true}
	if p.SetAside {
		d.Outcome, d.Ledger = recon.SetAside, p.LedgerAccount
	}
	return d
}

func (v *planView) Accounts() ([]recon.Account, error) {
	return []recon.Account{v.planned.Account}, nil
}
func (v *planView) Statements() ([]recon.StatementRow, error)       { return nil, nil }
func (v *planView) Customers() ([]recon.Customer, error)            { return nil, nil }
func (v *planView) Files() ([]recon.FileRow, error)                 { return nil, nil }
func (v *planView) Periods() ([]recon.PeriodRow, error)             { return nil, nil }
func (v *planView) Audited() (int64, error)                         { return 0, nil }
func (v *planView) Disputes() iter.Seq2[recon.DisputeRecord, error] { return none[recon.DisputeRecord] }
func (v *planView) Frozen() iter.Seq2[recon.FrozenPosting, error]   { return none[recon.FrozenPosting] }
func (v *planView) Missing() ([]string, error)                      { return nil, nil }
func (v *planView) Holdings() iter.Seq2[recon.Holding, error]       { return none[recon.Holding] }
func (v *planView) ItemStarts() iter.Seq2[recon.ItemStart, error]   { return none[recon.ItemStart] }
func (v *planView) Records() iter.Seq2[recon.RecordRow, error]      { return none[recon.RecordRow] }
func (v *planView) Audit() iter.Seq2[recon.AuditRow, error]         { return none[recon.AuditRow] }
func (v *planView) Items() iter.Seq2[recon.Item, error]             { return listed(v.planned.Items) }

func (v *planView) Applications() iter.Seq2[recon.Application, error] {
	return listed(v.applications())
}

func (v *planView) Decisions() iter.Seq2[recon.DecisionRow, error] {
	return listed([]recon.DecisionRow{v.decision()})
}

func (v *planView) Entries() iter.Seq2[recon.EntryRow, error] {
	if v.planned.ByHand {
		return none[recon.EntryRow]
	}
	return listed([]recon.EntryRow{v.planned.Entry})
}

func (v *planView) Receipts() iter.Seq2[recon.ReceiptRow, error] {
	e := &v.planned.Entry
	return listed([]recon.ReceiptRow{{ID: e.ID, ByHand: v.planned.ByHand, AccountID: e.AccountID, Customer: v.planned.Customer, Currency: e.Currency, AmountMinor: e.AmountMinor,
		Date: e.Booked, Effective: e.Effective, Recorded: e.Recorded}})
}

func none[T any](func(T, error) bool) {}

func listed[T any](rows []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}
