package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

// caseView is a queued receipt as --json prints it.
type caseView struct {
	ID        int64          `json:"id"`
	Booked    recon.Date     `json:"booked"`
	Amount    string         `json:"amount"`
	Currency  recon.Currency `json:"currency"`
	Account   string         `json:"account"`
	Payer     string         `json:"payer"`
	Customer  string         `json:"customer"`
	Text      string         `json:"text"`
	Reason    recon.Reason   `json:"reason"`
	Why       string         `json:"why"`
	Proposals int            `json:"proposals"`
	Version   int64          `json:"version"`
	Waiting   int            `json:"days_waiting"`
	Assignee  string         `json:"assignee,omitempty"`
	Snoozed   recon.Date     `json:"snoozed_until,omitzero"`
	Pending   bool           `json:"waits_for_approval,omitempty"`
}

func viewCase(c store.Case, today recon.Date) caseView {
	minor := c.AmountMinor
	if c.Return {
		minor = -minor
	}
	return caseView{c.Receipt, c.Booked, recon.FormatMinor(minor, c.Currency), c.Currency, c.AccountID, c.Payer, c.Customer, c.Text, c.Reason,
		matcher.Sentence(c.Reason), c.Proposals, c.Version, today.DaysSince(recon.DateOf(c.Opened)), c.Assignee, c.Snoozed, c.Pending}
}

// listQuery is which cases to list, as flags say it.
type listQuery struct {
	sort, reason, customer, currency, assignee, search string
	snoozed                                            bool
	limit                                              int
}

func (q *listQuery) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&q.sort, "sort", "value", "`ORDER`: value, age or reason")
	f.StringVar(&q.reason, "reason", "", "cases with a reason `CODE` alone")
	f.StringVar(&q.customer, "customer", "", "cases of a customer `CODE` alone")
	f.StringVar(&q.currency, "currency", "", "cases in a `CURRENCY` alone")
	f.StringVar(&q.assignee, "assignee", "", "cases assigned to a `PERSON` alone")
	f.StringVar(&q.search, "search", "", "cases whose payer, customer or text contains `TEXT`, or that have this id")
	f.BoolVar(&q.snoozed, "snoozed", false, "those out of sight too")
	f.IntVar(&q.limit, "limit", 0, "at most `N` cases (default all)")
}

// cases says the flags as the store understands them.
func (q *listQuery) cases(today recon.Date) (store.CaseQuery, error) {
	order := store.CaseOrder(q.sort)
	if !slices.Contains([]store.CaseOrder{store.ByValue, store.ByAge, store.ByReason}, order) {
		return store.CaseQuery{}, usage("--sort %q: use value, age or reason", q.sort)
	}
	if q.limit < 0 {
		return store.CaseQuery{}, usage("--limit %d: use a number over 0", q.limit)
	}
	query := store.CaseQuery{Order: order, Limit: q.limit, Filter: store.CaseFilter{Reason: recon.Reason(q.reason), Customer: q.customer, Currency: recon.Currency(q.currency),
		Assignee: q.assignee, Search: q.search, Snoozed: store.WithoutSnoozed, Today: today}}
	if q.snoozed {
		query.Filter.Snoozed = store.WithSnoozed
	}
	return query, nil
}

func (a *app) queueList(ctx context.Context, q listQuery) error {
	query, err := q.cases(recon.DateOf(a.now()))
	if err != nil {
		return err
	}
	return a.withPipeline(ctx, func(p *worker.Pipeline) error {
		cases, err := p.Store.Cases(ctx, p.Entity.ID, query)
		if err != nil {
			return err
		}
		views := make([]caseView, len(cases))
		for i, c := range cases {
			views[i] = viewCase(c, query.Filter.Today)
		}
		return a.print(views, func(w io.Writer) error { return writeCases(w, views) })
	})
}

func writeCases(w io.Writer, views []caseView) error {
	if len(views) == 0 {
		fmt.Fprintln(w, "The queue is empty.")
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tBOOKED\tAMOUNT\tPAYER\tREASON\tWHY")
	for _, v := range views {
		fmt.Fprintf(t, "%d\t%s\t%s %s\t%s\t%s\t%s\n", v.ID, v.Booked, v.Amount, v.Currency, cut(clean(v.Payer), 24), v.Reason, v.Why)
	}
	return t.Flush()
}
