package worker

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// ImportInstalments takes a file of payment plans. Each plan must total the balance due of its item or its whole amount.
func (p *Pipeline) ImportInstalments(ctx context.Context, r io.Reader, name string, options ingest.ImportOptions) (result Imported, err error) {
	options.Mapping = p.Columns["instalments"]
	rows, problems, err := ingest.ReadInstalments(name, r, options)
	result.Problems = problems
	if err != nil || !result.Done() {
		return result, err
	}
	numbers := make([]string, len(rows))
	for i, row := range rows {
		numbers[i] = row.Number
	}
	items, err := p.receivables(ctx, numbers)
	if err != nil {
		return result, err
	}
	plans, problems := instalmentPlans(rows, items)
	result.Problems = append(result.Problems, problems...)
	if !result.Done() || len(plans) == 0 {
		return result, nil
	}
	result.New = len(plans)
	return result, p.Store.SaveInstalments(ctx, p.act(0), p.Entity.ID, plans)
}

// receivables returns the items of these numbers; where a supplier's item has the same number, ours wins.
func (p *Pipeline) receivables(ctx context.Context, numbers []string) (map[string]recon.Item, error) {
	items, err := p.Store.ItemsByNumber(ctx, p.Entity.ID, numbers)
	if err != nil {
		return nil, fmt.Errorf("load items: %w", err)
	}
	byNumber := make(map[string]recon.Item, len(items))
	for _, item := range items {
		if _, taken := byNumber[item.Number]; !taken || item.Side == recon.Receivable {
			byNumber[item.Number] = item
		}
	}
	return byNumber, nil
}

// instalmentPlans groups rows by item, in the order of their first row.
func instalmentPlans(rows []recon.InstalmentRow, items map[string]recon.Item) (plans []store.InstalmentPlan, problems []recon.Problem) {
	position := map[string]int{}
	for _, row := range rows {
		item, known := items[row.Number]
		if !known {
			problems = append(problems, ingest.ProblemUnknownItem(row.Row, row.Number))
			continue
		}
		amount, err := recon.ParseMinor(row.AmountText, item.Currency)
		if err != nil {
			problems = append(problems, instalmentAmount(row, item.Currency, err))
			continue
		}
		at, begun := position[row.Number]
		if !begun {
			at = len(plans)
			position[row.Number] = at
			plans = append(plans, store.InstalmentPlan{Item: item.ID})
		}
		plans[at].Instalments = append(plans[at].Instalments, recon.Instalment{Sequence: row.Sequence, DueDate: row.DueDate, AmountMinor: amount,
			Method: row.Method, Account: row.Account, CheckNumber: row.CheckNumber, Note: row.Note})
	}
	return plans, append(problems, planTotals(rows, items, plans, position)...)
}

func instalmentAmount(row recon.InstalmentRow, currency recon.Currency, err error) recon.Problem {
	why := fmt.Sprintf("%q is %v", row.AmountText, err)
	if errors.Is(err, recon.ErrAmountExponent) {
		why = fmt.Sprintf("%q has more decimals than %s", row.AmountText, currency)
	}
	return recon.Problem{Code: "PLAN-AMOUNT", Where: fmt.Sprintf("row %d, column amount", row.Row), Severity: recon.Reject, Message: why, Try: "write amounts as 1234.50"}
}

// planTotals says by how much a plan misses what is due. A plan may total the invoice, or what is still open of it.
func planTotals(rows []recon.InstalmentRow, items map[string]recon.Item, plans []store.InstalmentPlan, position map[string]int) (problems []recon.Problem) {
	told := map[string]bool{}
	for _, row := range rows {
		at, planned := position[row.Number]
		if !planned || told[row.Number] {
			continue
		}
		told[row.Number] = true
		item, total := items[row.Number], int64(0)
		for _, line := range plans[at].Instalments {
			total += line.AmountMinor
		}
		if total == item.OpenMinor || total == item.AmountMinor {
			continue
		}
		what, minor := "amount over", total-item.OpenMinor
		if minor < 0 {
			what, minor = "amount remaining", -minor
		}
		problems = append(problems, recon.Problem{Code: "PLAN-TOTAL", Where: fmt.Sprintf("row %d, item %s", row.Row, row.Number), Severity: recon.Reject,
			Message: fmt.Sprintf("the instalments total %s, the balance due is %s: %s %s", recon.FormatMinor(total, item.Currency),
				recon.FormatMinor(item.OpenMinor, item.Currency), what, recon.FormatMinor(minor, item.Currency)),
			Try: "make the instalments of the item total its balance due"})
	}
	return problems
}

// ImportDisputes takes a file of disputed items, whole or not at all.
func (p *Pipeline) ImportDisputes(ctx context.Context, r io.Reader, name string, options ingest.ImportOptions) (result Imported, err error) {
	options.Mapping = p.Columns["disputes"]
	rows, problems, err := ingest.ReadDisputes(name, r, options)
	result.Problems = problems
	if err != nil || !result.Done() {
		return result, err
	}
	numbers := make([]string, len(rows))
	for i, row := range rows {
		numbers[i] = row.Number
	}
	items, err := p.receivables(ctx, numbers)
	if err != nil {
		return result, err
	}
	var disputes []store.ItemDispute
	for _, row := range rows {
		item, known := items[row.Number]
		if !known || item.Customer != row.Customer {
			result.Problems = append(result.Problems, ingest.ProblemUnknownItem(row.Row, row.Number))
			continue
		}
		disputes = append(disputes, store.ItemDispute{Item: item.ID, Dispute: recon.Dispute{Since: row.Since, Reason: row.Reason}})
	}
	if !result.Done() || len(disputes) == 0 {
		return result, nil
	}
	result.New = len(disputes)
	return result, p.Store.SaveDisputes(ctx, p.act(0), p.Entity.ID, disputes)
}
