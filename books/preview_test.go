package books_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

func TestPreviewIsTheJournalAfterTheDecision(t *testing.T) {
	ledger := rules.Default().Ledger
	entry := recon.EntryRow{ID: 17, AccountID: "main", Class: recon.ClassReceipt, Effective: 20260305, Entry: recon.Entry{AmountMinor: 9800, Currency: "EUR", Booked: 20260305, Counterparty: recon.Party{Name: "Oak"}}}
	items := []recon.Item{{ID: 1, Number: "R-1", Kind: recon.Invoice, Customer: "C1", Currency: "EUR", AmountMinor: 9000, OpenMinor: 9000},
		{ID: 2, Number: "CN-1", Kind: recon.CreditNote, Customer: "C1", Currency: "EUR", AmountMinor: 500, OpenMinor: 500}}
	planned := books.Planned{Account: recon.Account{ID: "main", Ledger: "1200"}, Entry: entry, Customer: "C1", Items: items, Lines: []recon.Line{
		{Kind: recon.Credit, Item: 1, CreditNote: 2, AmountMinor: 500}, {Kind: recon.Payment, Item: 1, AmountMinor: 8000},
		{Kind: recon.WriteOff, Item: 1, AmountMinor: 500, TaxMinor: 80}, {Kind: recon.OnAccount, AmountMinor: 1000}}}
	for name, c := range map[string]struct {
		change func(*books.Planned)
		want   []string
	}{
		"applied": {func(*books.Planned) {}, []string{"1200 98.00", ledger.Receivables + " -80.00", ledger.WriteOffs + " 4.20", ledger.Tax + " 0.80", ledger.Receivables + " -5.00",
			ledger.OnAccount + " -10.00", ledger.Unapplied + " -8.00"}},
		"nothing yet": {func(p *books.Planned) { p.Lines, p.Customer = nil, "" }, []string{"1200 98.00", ledger.Suspense + " -98.00"}},
		"set aside":   {func(p *books.Planned) { p.Lines, p.SetAside, p.LedgerAccount = nil, true, "4980" }, []string{"1200 98.00", "4980 -98.00"}},
		"by hand":     {func(p *books.Planned) { p.ByHand, p.Lines = true, p.Lines[1:2] }, []string{ledger.InTransit + " 98.00", ledger.Receivables + " -80.00", ledger.Unapplied + " -18.00"}},
		"part applied": {func(p *books.Planned) {
			p.Standing = []recon.Application{{ID: 3, Source: recon.Source{Kind: recon.SourceReceipt, ID: 17}, Item: 1, Kind: recon.Payment, AmountMinor: 1000, Currency: "EUR", Effective: 20260305}}
			p.Lines = []recon.Line{{Kind: recon.Payment, Item: 1, AmountMinor: 8000}}
		}, []string{"1200 98.00", ledger.Receivables + " -10.00", ledger.Receivables + " -80.00", ledger.Unapplied + " -8.00"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := planned
			c.change(&p)
			postings, err := books.Preview(p, ledger)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, posting := range postings {
				got = append(got, fmt.Sprintf("%s %s", posting.Account, recon.FormatMinor(posting.AmountMinor, "EUR")))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
