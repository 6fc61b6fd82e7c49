package worker_test

import (
	"fmt"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// report is what a report says as of a day.
func (h *house) report(want fixtures.Report) *fixtures.Table {
	h.Helper()
	asOf := want.AsOf
	if asOf == 0 {
		asOf = recon.DateOf(h.now)
	}
	cut := books.Cut{AsOf: asOf}
	switch want.Kind {
	case "balances":
		return h.balances(cut)
	case "ageing":
		return h.tables(func(view store.View) ([]books.Table, error) {
			report, err := books.Ageing(view, cut, asOf)
			return report.Tables(), err
		})
	}
	switch want.Kind {
	case "plans":
		return h.plans()
	case "orders":
		return h.tables(func(view store.View) ([]books.Table, error) {
			report, err := books.Orders(view, cut)
			return report.Tables(), err
		})
	case "follow-ups":
		return h.followups(cut, asOf)
	}
	h.Fatalf("%s: nobody reports %s", h.step, want.Kind)
	return nil
}

// followups is the follow-ups export as of a day.
func (h *house) followups(cut books.Cut, asOf recon.Date) *fixtures.Table {
	h.Helper()
	table := &fixtures.Table{Columns: []string{"item", "customer", "action", "amount", "next_date", "reason", "phrase", "owner"}}
	h.snapshot(func(view store.View) error {
		report, err := books.Followups(view, cut, asOf)
		for _, row := range report.Rows {
			l := row.Line()
			table.Rows = append(table.Rows, []string{l.Item, l.Customer, l.Action, l.Amount, l.NextDate, l.Reason, l.Phrase, l.Owner})
		}
		return err
	})
	return table
}

// plans lists the lines of all payment plans.
func (h *house) plans() *fixtures.Table {
	h.Helper()
	items, err := h.job.Store.Items(h.ctx, storyEntity, store.ItemFilter{})
	h.must(err)
	table := &fixtures.Table{Columns: []string{"item", "sequence", "due_date", "amount", "paid", "paid_on", "state"}}
	for _, item := range items {
		for _, line := range item.Instalments {
			table.Rows = append(table.Rows, []string{item.Number, fmt.Sprint(line.Sequence), line.DueDate.String(), recon.FormatMinor(line.AmountMinor, item.Currency),
				recon.FormatMinor(line.PaidMinor, item.Currency), line.PaidOn.String(), books.InstalmentState(line)})
		}
	}
	return table
}

// tables is the first table of a report as its CSV has it.
func (h *house) tables(read func(store.View) ([]books.Table, error)) *fixtures.Table {
	h.Helper()
	table := &fixtures.Table{}
	h.snapshot(func(view store.View) error {
		tables, err := read(view)
		if err != nil {
			return err
		}
		for _, column := range tables[0].Columns {
			table.Columns = append(table.Columns, column.Key)
		}
		for _, row := range tables[0].Rows {
			cells := make([]string, len(row))
			for i, cell := range row {
				cells[i] = books.Plain(cell)
			}
			table.Rows = append(table.Rows, cells)
		}
		return nil
	})
	return table
}
