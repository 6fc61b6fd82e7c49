package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// ImportInstalments takes a file of payment plans. Each plan must total the balance due of its item; one that an item has
// already changes nothing.
func (p *Pipeline) ImportInstalments(ctx context.Context, r io.Reader, name string, options ingest.ImportOptions) (result Imported, err error) {
	options.Mapping = p.Columns["instalments"]
	rows, problems, err := ingest.ReadInstalments(name, r, options)
	result.Problems = problems
	if err != nil || !result.Done() {
		return result, err
	}
	items, err := p.receivables(ctx, numbersOf(rows, func(row recon.InstalmentRow) string { return row.Number }))
	if err != nil {
		return result, err
	}
	plans, problems := instalmentPlans(rows, items)
	plans = slices.DeleteFunc(plans, func(plan numberedPlan) bool {
		switch had := items[plan.number].Instalments; {
		case samePlan(plan.Instalments, had):
			result.Unchanged++
			return true
		case had != nil:
			result.Changed++
		default:
			result.New++
		}
		return false
	})
	result.Problems = append(append(result.Problems, problems...), planTotals(plans, items)...)
	if !result.Done() {
		return Imported{Problems: result.Problems}, nil
	}
	if len(plans) == 0 {
		return result, nil
	}
	saved := make([]store.InstalmentPlan, len(plans))
	for i, plan := range plans {
		saved[i] = plan.InstalmentPlan
	}
	return result, p.Store.SaveInstalments(ctx, p.act(0), p.Entity.ID, saved)
}

// numberedPlan is the plan of an item as a file has it.
type numberedPlan struct {
	store.InstalmentPlan
	number string // of the item
	row    int    // first of the plan
}

// samePlan reports whether a plan of a file is the one that the books have; what is paid of it does not count.
func samePlan(a, b []recon.Instalment) bool {
	return len(a) == len(b) && slices.EqualFunc(a, b, recon.Instalment.SameTerms)
}

// numbersOf returns the item numbers that rows name.
func numbersOf[T any](rows []T, number func(T) string) []string {
	numbers := make([]string, len(rows))
	for i, row := range rows {
		numbers[i] = number(row)
	}
	return numbers
}

// receivables returns the items of these numbers; where a supplier's item has the same number, ours wins.
func (p *Pipeline) receivables(ctx context.Context, numbers []string) (map[string]recon.Item, error) {
	return p.itemsOn(ctx, recon.Receivable, numbers)
}

// itemsOn returns the items of these numbers; where both sides have the same number, the side asked for wins.
func (p *Pipeline) itemsOn(ctx context.Context, side recon.Side, numbers []string) (map[string]recon.Item, error) {
	if side == "" {
		side = recon.Receivable
	}
	items, err := p.Store.ItemsByNumber(ctx, p.Entity.ID, numbers)
	if err != nil {
		return nil, fmt.Errorf("load items: %w", err)
	}
	byNumber := make(map[string]recon.Item, len(items))
	for _, item := range items {
		if _, taken := byNumber[item.Number]; !taken || item.Side == side {
			byNumber[item.Number] = item
		}
	}
	return byNumber, nil
}

// instalmentPlans groups rows by item, in the order of their first row, each plan by sequence.
func instalmentPlans(rows []recon.InstalmentRow, items map[string]recon.Item) (plans []numberedPlan, problems []recon.Problem) {
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
			plans = append(plans, numberedPlan{InstalmentPlan: store.InstalmentPlan{Item: item.ID}, number: row.Number, row: row.Row})
		}
		plans[at].Instalments = append(plans[at].Instalments, recon.Instalment{Sequence: row.Sequence, DueDate: row.DueDate, AmountMinor: amount,
			Method: row.Method, Account: row.Account, CheckNumber: row.CheckNumber, Note: row.Note})
	}
	for _, plan := range plans {
		slices.SortFunc(plan.Instalments, func(a, b recon.Instalment) int { return cmp.Compare(a.Sequence, b.Sequence) })
	}
	return plans, problems
}

func instalmentAmount(row recon.InstalmentRow, currency recon.Currency, err error) recon.Problem {
	why := fmt.Sprintf("%q is %v", row.AmountText, err)
	if errors.Is(err, recon.ErrAmountExponent) {
		why = fmt.Sprintf("%q has more decimals than %s", row.AmountText, currency)
	}
	return recon.Problem{Code: "PLAN-AMOUNT", Where: fmt.Sprintf("row %d, column amount", row.Row), Severity: recon.Reject, Message: why, Try: "write amounts as 1234.50"}
}

// planTotals says by how much a plan misses the balance due of its item: what is paid already is no instalment any more.
func planTotals(plans []numberedPlan, items map[string]recon.Item) (problems []recon.Problem) {
	for _, plan := range plans {
		item, total := items[plan.number], int64(0)
		for _, line := range plan.Instalments {
			total += line.AmountMinor
		}
		what, minor := "amount over", total-item.OpenMinor
		switch {
		case minor == 0:
			continue
		case minor < 0:
			what, minor = "amount remaining", -minor
		}
		problems = append(problems, recon.Problem{Code: "PLAN-TOTAL", Where: fmt.Sprintf("row %d, item %s", plan.row, plan.number), Severity: recon.Reject,
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
	items, err := p.receivables(ctx, numbersOf(rows, func(row recon.DisputeRow) string { return row.Number }))
	if err != nil {
		return result, err
	}
	var disputes []store.ItemDispute
	for _, row := range rows {
		item, known := items[row.Number]
		switch {
		case !known:
			result.Problems = append(result.Problems, ingest.ProblemUnknownItem(row.Row, row.Number))
		case item.Customer != row.Customer:
			result.Problems = append(result.Problems, ingest.ProblemDisputeCustomer(row.Row, row.Number, item.Customer, row.Customer))
		default:
			disputes = append(disputes, disputeOf(row, item, &result)...)
		}
	}
	if !result.Done() {
		return Imported{Problems: result.Problems}, nil
	}
	if len(disputes) == 0 {
		return result, nil
	}
	return result, p.Store.SaveDisputes(ctx, p.act(0), p.Entity.ID, disputes)
}

// disputeOf is the dispute of an item after a row: one that is open keeps what the row does not say. Nothing where it says
// nothing new.
func disputeOf(row recon.DisputeRow, item recon.Item, result *Imported) []store.ItemDispute {
	dispute := recon.Dispute{Since: row.Since, Reason: row.Reason}
	if item.Dispute == nil {
		result.New++
		return []store.ItemDispute{{Item: item.ID, Dispute: dispute}}
	}
	dispute = *item.Dispute
	dispute.Since, dispute.Reason = row.Since, firstText(row.Reason, dispute.Reason)
	if dispute == *item.Dispute {
		result.Unchanged++
		return nil
	}
	result.Changed++
	return []store.ItemDispute{{Item: item.ID, Dispute: dispute}}
}
