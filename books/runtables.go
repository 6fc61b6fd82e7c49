package books

import (
	"fmt"

	"github.com/tieout/tieout/recon"
)

// Tables returns the report as tables: files and their proof, what became of the entries, the queue, the ageing before and
// after, where the money is, and the proofs.
func (r RunReport) Tables() []Table {
	return []Table{r.filesTable(), r.kindsTable(), r.queueTable(), r.ageingTable(), r.moneyTable(), r.checksTable()}
}

func (r RunReport) filesTable() Table {
	t := Table{Title: "Files received", Columns: []Column{
		{Key: "file", Name: "File", Wide: 26}, {Key: "state", Name: "State"}, {Key: "account", Name: "Account", Wide: 10}, {Key: "from", Name: "From", Kind: Day, Data: true},
		{Key: "to", Name: "Until", Kind: Day}, {Key: "currency", Name: "Cur", Data: true}, {Key: "opening", Name: "Opening", Kind: Amount}, {Key: "booked", Name: "+ Booked", Kind: Amount},
		{Key: "closing", Name: "= Closing", Kind: Amount}, {Key: "proof", Name: "Proof"}, {Key: "new", Name: "New", Kind: Count},
		{Key: "known", Name: "Known", Kind: Count, Spare: true}, {Key: "pending", Name: "Pending", Kind: Count, Spare: true},
	}}
	for _, f := range r.Files {
		if len(f.Statements) == 0 {
			t.Rows = append(t.Rows, []any{f.File.Name, string(f.File.State), nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil})
		}
		for _, s := range f.Statements {
			from, to := days(s)
			t.Rows = append(t.Rows, []any{f.File.Name, string(f.File.State), s.AccountID, from, to, string(s.Currency), balanceCell(s.Opening, s.Currency),
				recon.Money{Minor: s.CreditMinor - s.DebitMinor, Currency: s.Currency}, balanceCell(s.Closing, s.Currency), proofWord(s), s.New, s.Duplicates, s.Pending})
		}
	}
	if len(r.Files) == 0 {
		t.Notes = []string{"No new files."}
	}
	return t
}

func (r RunReport) kindsTable() Table {
	t := Table{Title: "What became of the entries", Columns: []Column{{Key: "kind", Name: "Kind", Wide: 40}, {Key: "count", Name: "Entries", Kind: Count},
		{Key: "currency", Name: "Cur"}, {Key: "amount", Name: "Amount", Kind: Amount}}}
	for _, k := range r.Kinds {
		t.Rows = append(t.Rows, []any{k.Name, k.Count, string(k.Currency), recon.Money{Minor: k.AmountMinor, Currency: k.Currency}})
	}
	return t
}

func (r RunReport) queueTable() Table {
	t := Table{Title: "Waiting for a person", Columns: []Column{{Key: "entry", Name: "Entry", Kind: Count}, {Key: "booked", Name: "Booked", Kind: Day}, {Key: "payer", Name: "Payer", Wide: 20},
		{Key: "customer", Name: "Customer", Data: true}, {Key: "amount", Name: "Amount", Kind: Amount}, {Key: "currency", Name: "Cur"}, {Key: "reason", Name: "Reason", Data: true}, {Key: "why", Name: "Why", Wide: 46, Wrap: true}}}
	for _, q := range r.Queue {
		t.Rows = append(t.Rows, []any{int(q.Entry), q.Booked, q.Payer, q.Customer, recon.Money{Minor: q.AmountMinor, Currency: q.Currency}, string(q.Currency), string(q.Reason), q.Why})
	}
	return t
}

// ageingTable sets the totals before and after side by side.
func (r RunReport) ageingTable() Table {
	t := r.After.Tables()[0]
	t.Columns[0].Key, t.Columns[0].Name, t.Columns[1].Data = "when", "", true
	t.Rows, t.Totals = nil, nil
	for n, report := range []AgeingReport{r.Before, r.After} {
		for _, row := range report.Totals {
			t.Rows = append(t.Rows, row.cells([]string{"before", "after"}[n], ""))
		}
	}
	return t
}

func (r RunReport) moneyTable() Table {
	t := Table{Title: "Where the money received is", Columns: []Column{{Key: "place", Name: "Place", Wide: 40}, {Key: "currency", Name: "Cur"}, {Key: "amount", Name: "Amount", Kind: Amount}}}
	for _, m := range r.Money {
		for _, part := range m.Parts {
			if part.Minor != 0 {
				t.Rows = append(t.Rows, []any{part.Name, string(m.Currency), recon.Money{Minor: part.Minor, Currency: m.Currency}})
			}
		}
		if m.OffMinor != 0 {
			t.Rows = append(t.Rows, []any{"NOT ACCOUNTED FOR", string(m.Currency), recon.Money{Minor: m.OffMinor, Currency: m.Currency}})
		}
		t.Totals = append(t.Totals, []any{"received", string(m.Currency), recon.Money{Minor: m.ReceivedMinor, Currency: m.Currency}})
		if m.ReturnsMinor != 0 {
			t.Notes = append(t.Notes, fmt.Sprintf("Besides, the bank took %s back and nobody knows yet of which receipt: see the queue.", money(m.ReturnsMinor, m.Currency)))
		}
	}
	if r.Later && len(t.Rows) > 0 {
		t.Notes = append(t.Notes, "Money and proofs are about the books as they stand now.")
	}
	return t
}

func (r RunReport) checksTable() Table {
	t := Table{Title: "Ties out", Columns: []Column{{Key: "result", Name: ""}, {Key: "proof", Name: "Proof", Wide: 44, Wrap: true}, {Key: "figures", Name: "Figures", Wide: 46, Wrap: true}}}
	if !r.TiesOut() {
		t.Title = "DOES NOT TIE OUT"
	}
	for _, c := range r.Checks {
		result := "ok"
		if !c.OK {
			result = "BROKEN"
		}
		t.Rows = append(t.Rows, []any{result, c.Name, c.Detail})
	}
	for _, m := range r.Money {
		result, figures := "ok", fmt.Sprintf("%s = the sum of its places", money(m.ReceivedMinor, m.Currency))
		if m.OffMinor != 0 {
			result, figures = "BROKEN", fmt.Sprintf("%s, off by %s", money(m.ReceivedMinor, m.Currency), money(m.OffMinor, m.Currency))
		}
		t.Rows = append(t.Rows, []any{result, "all money received has its place", figures})
	}
	return t
}
