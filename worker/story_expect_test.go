package worker_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// expect holds what is there against what the story expects.
func (h *house) expect(want fixtures.Expect) {
	h.Helper()
	if want.Applications != nil {
		h.compare("applications", want.Applications, h.applications())
	}
	if want.Open != nil {
		h.compare("open items", want.Open, h.open())
	}
	if want.Balances != nil {
		h.compare("balances", want.Balances, h.balances(books.Cut{}))
	}
	if want.Files != nil {
		h.compare("files", want.Files, h.files())
	}
	for _, report := range want.Reports {
		h.compare(report.Kind+" as of "+report.AsOf.String(), report.Table, h.report(report))
	}
	if want.QueueStated {
		h.queue(want.Queue)
	}
}

// compare holds the columns that the story names against what is there, whatever the order of the rows.
func (h *house) compare(what string, want, got *fixtures.Table) {
	h.Helper()
	expected, there := rowTexts(want, want.Columns), rowTexts(got, want.Columns)
	if !slices.Equal(expected, there) {
		h.Errorf("%s: %s (%s)\nexpected:\n  %s\nthere are:\n  %s", h.step, what, strings.Join(want.Columns, ","),
			strings.Join(expected, "\n  "), strings.Join(there, "\n  "))
	}
}

func rowTexts(table *fixtures.Table, columns []string) (rows []string) {
	for row := range table.Rows {
		cells := make([]string, len(columns))
		for i, column := range columns {
			cells[i] = table.Cell(row, column)
		}
		rows = append(rows, strings.Join(cells, ","))
	}
	slices.Sort(rows)
	return rows
}

// applications is the whole applications export.
func (h *house) applications() *fixtures.Table {
	h.Helper()
	var b bytes.Buffer
	h.snapshot(func(view store.View) error {
		return books.WriteApplications(&b, view, books.Selection{}, books.FormatCSV)
	})
	records, err := csv.NewReader(&b).ReadAll()
	h.must(err)
	return &fixtures.Table{Columns: records[0], Rows: records[1:]}
}

// open is what the items report says; due days play no part in stories.
func (h *house) open() *fixtures.Table {
	h.Helper()
	var report books.ItemsReport
	h.snapshot(func(view store.View) (err error) {
		report, err = books.Items(view, books.Cut{}, books.ItemQuestion{})
		return err
	})
	table := &fixtures.Table{Columns: []string{"number", "open", "status", "dispute", "paid_on"}}
	for _, line := range report.Items {
		table.Rows = append(table.Rows, []string{line.Item.Number, recon.FormatMinor(line.OpenMinor, line.Item.Currency), string(line.Status), disputed(line.Item), line.PaidOn.String()})
	}
	return table
}

// disputed is what the dispute was raised by: the payer's words, or the reason that a person gave.
func disputed(item recon.Item) string {
	switch {
	case item.Dispute == nil:
		return ""
	case item.Dispute.Phrase != "":
		return item.Dispute.Phrase
	}
	return item.Dispute.Reason
}

// balances is the trial balance, with the accounts by what the rules call them.
func (h *house) balances(cut books.Cut) *fixtures.Table {
	h.Helper()
	type line struct{ account, currency string }
	sums := map[line]int64{}
	names := h.accountNames()
	h.snapshot(func(view store.View) error {
		for posting, err := range books.Postings(view, h.set.Ledger, cut) {
			if err != nil {
				return err
			}
			name, known := names[posting.Account]
			if !known {
				name = posting.Account
			}
			sums[line{name, string(posting.Currency)}] += posting.AmountMinor
		}
		return nil
	})
	table := &fixtures.Table{Columns: []string{"account", "currency", "balance"}}
	for at, sum := range sums {
		if sum != 0 {
			table.Rows = append(table.Rows, []string{at.account, at.currency, recon.FormatMinor(sum, recon.Currency(at.currency))})
		}
	}
	return table
}

func (h *house) accountNames() map[string]string {
	l := h.set.Ledger
	names := map[string]string{
		l.Receivables: "receivables", l.Payables: "payables", l.WriteOffs: "write_offs", l.Adjustments: "adjustments", l.Gains: "gains",
		l.Discounts: "discounts", l.Tax: "tax", l.Charges: "charges", l.WithheldTax: "withheld_tax", l.Exchange: "exchange",
		l.Suspense: "suspense", l.Unapplied: "unapplied", l.OnAccount: "on_account", l.Advances: "advances", l.Opening: "opening",
		l.InTransit: "in_transit", l.Transfers: "transfers",
	}
	for _, account := range h.job.Entity.Accounts {
		names[account.Ledger] = "bank:" + account.ID
	}
	return names
}

func (h *house) files() *fixtures.Table {
	h.Helper()
	files, err := h.job.Store.Files(h.ctx, storyEntity, 0)
	h.must(err)
	table := &fixtures.Table{Columns: []string{"file", "state", "codes"}}
	for _, file := range files {
		detail, err := h.job.Store.File(h.ctx, storyEntity, file.ID)
		h.must(err)
		var codes []string
		for _, problem := range detail.Problems {
			codes = append(codes, problem.Code)
		}
		slices.Sort(codes)
		table.Rows = append(table.Rows, []string{file.Name, string(file.State), strings.Join(slices.Compact(codes), " ")})
	}
	return table
}

// queue holds the open cases against those expected, and their proposals against those named.
func (h *house) queue(want []fixtures.QueuedCase) {
	h.Helper()
	cases, err := h.job.Store.Cases(h.ctx, storyEntity, store.CaseQuery{})
	h.must(err)
	references := h.references()
	got := map[string]store.Case{}
	var there, expected []string
	for _, c := range cases {
		got[references[c.Receipt]] = c
		there = append(there, references[c.Receipt]+" "+string(c.Reason))
	}
	for _, c := range want {
		expected = append(expected, c.Receipt+" "+c.Reason)
	}
	slices.Sort(there)
	slices.Sort(expected)
	if !slices.Equal(there, expected) {
		h.Errorf("%s: the queue is %q, expected %q", h.step, there, expected)
		return
	}
	for _, c := range want {
		h.proposals(c, got[c.Receipt])
	}
}

func (h *house) proposals(want fixtures.QueuedCase, got store.Case) {
	h.Helper()
	detail, err := h.job.Store.Decision(h.ctx, storyEntity, got.Receipt)
	h.must(err)
	numbers := h.numbers()
	var there []string
	for _, proposal := range detail.Decision.Proposals {
		there = append(there, proposalText(proposal, numbers, got.Currency))
	}
	for rank, lines := range want.Proposals {
		if rank > len(there) || there[rank-1] != lines {
			h.Errorf("%s: %s: P%d is not %q among %q", h.step, want.Receipt, rank, lines, there)
		}
	}
	for _, lines := range want.Also {
		if !slices.Contains(there, lines) {
			h.Errorf("%s: %s: %q is not among %q", h.step, want.Receipt, lines, there)
		}
	}
}

// proposalText writes a proposal as stories do: ITEM=AMT for a payment, kind:ITEM=AMT or kind=AMT for the rest, sorted.
func proposalText(proposal recon.Proposal, numbers map[int64]string, currency recon.Currency) string {
	var lines []string
	for _, line := range proposal.Lines {
		name := numbers[line.Item]
		switch {
		case line.Kind == recon.Credit:
			name = "credit:" + numbers[line.CreditNote]
		case line.Item == 0:
			name = string(line.Kind)
		case line.Kind != recon.Payment:
			name = string(line.Kind) + ":" + name
		}
		lines = append(lines, name+"="+recon.FormatMinor(line.AmountMinor, currency))
	}
	slices.Sort(lines)
	return strings.Join(lines, " ")
}
