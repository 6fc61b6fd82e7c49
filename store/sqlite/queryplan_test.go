package sqlite

import (
	"context"
	"database/sql"
	"regexp"
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// wholeTable is how SQLite tells that it reads all rows of an entity, or of a table.
var wholeTable = regexp.MustCompile(`^SEARCH .*\(entity_id=\?\)( LEFT-JOIN)?$|^SCAN \w+( |$)`)

// bounded are the whole reads that are meant: lists handed in, what is waiting (partial indexes), and small tables.
var bounded = regexp.MustCompile(`^SCAN (k|w|json_each|n|entity)\b|INDEX (receipt_undecided|returned_undecided|holding_waiting|receipt_uncleared|queue_case_(value|age|reason|sums))\b|^SEARCH declined `)

// TestReadsAreBounded: what the nightly job reads depends on what is new, not on how much is stored. A database without
// statistics takes the wrong index where it is not told which.
func TestReadsAreBounded(t *testing.T) {
	s := fresh(t)
	queries := 0
	r := &reading{ctx: t.Context(), entity: "acme"}
	r.query = func(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
		queries++
		steps, err := collect(&reading{ctx: ctx, query: s.readers.QueryContext}, func(rows *sql.Rows, step *string) error { return rows.Scan(new(int), new(int), new(int), step) },
			"EXPLAIN QUERY PLAN "+text, args...)
		if err != nil {
			t.Errorf("%v in\n%s", err, text)
		}
		for _, step := range steps {
			if wholeTable.MatchString(step) && !bounded.MatchString(step) {
				t.Errorf("%s in\n%s", step, text)
			}
		}
		return s.readers.QueryContext(ctx, text, args...)
	}
	l := bookLoader{reading: r, reached: map[string]bool{}, named: map[int64]bool{}, payers: map[string]bool{}, owners: map[string]bool{},
		keys: recon.Keys{References: []string{"a"}, Payers: []string{"b"}, Mandates: []string{"c"}, Returned: []string{"d"}, Customers: []string{"e"},
			Sums:   []recon.Sum{{Currency: "EUR", AmountMinor: 1}},
			Traces: []recon.Trace{{AccountID: "f", Sender: "g", References: []string{"h"}, AmountsMinor: []int64{1}}}}}
	for _, read := range []func() error{
		l.mandates, l.reach, l.sums, l.customers, l.items, l.recorded, l.paid, l.writeOffs, l.settled, l.foreign,
		func() error { _, err := r.undecidedReceipts(); return err },
		func() error { _, err := collect(r, scanReturn, selectUndecidedReturns, "acme"); return err },
		func() error {
			_, err := r.subjects([]recon.Source{{Kind: recon.SourceReceipt, ID: 1}, {Kind: recon.SourceAdvance, ID: 1}})
			return err
		},
		func() error { _, err := r.applicationsOf(1); return err },
		func() error { _, err := r.decidedLines(1, recon.Source{Kind: recon.SourceReceipt, ID: 1}); return err },
		func() error { _, err := r.proposals(1); return err },
		func() error { _, err := r.shownEntry(1); return err },
		func() error { _, err := r.contents(1, 20260101, 20260102); return err },
		func() error { _, err := r.items(withNumbers, "[]"); return err },
		func() error { _, err := r.applicationsByID(nil); return err },
		func() error { _, err := r.liveOf(1); return err },
		func() error { _, err := r.liveOn(1, 1); return err },
		func() error { _, err := r.cases(store.CaseQuery{Filter: store.CaseFilter{Customer: "C1"}}); return err },
		func() error {
			_, err := r.cases(store.CaseQuery{Filter: store.CaseFilter{Receipts: []int64{1}}})
			return err
		},
		func() error { _, err := r.approvals(store.ApprovalFilter{Receipt: 1}); return err },
		func() error {
			_, err := r.itemPage(store.ItemQuery{Search: store.ItemSearch{Customer: "C1"}})
			return err
		},
		func() error { _, err := r.itemPage(store.ItemQuery{Search: store.ItemSearch{Key: "R1"}}); return err },
		func() error { _, err := r.balances([]string{"C1"}, 20260301); return err },
		func() error { _, err := r.bestProposals([]int64{1}); return err },
		func() error { _, err := r.lastPayments("C1", 10); return err },
		func() error { _, _, err := r.waits([]int64{1}); return err },
		func() error {
			_, err := r.items("id IN (SELECT value FROM json_each(?)) ORDER BY customer, due_day, number, id", "[]")
			return err
		},
	} {
		if err := read(); err != nil {
			t.Fatal(err)
		}
	}
	if queries < 25 {
		t.Errorf("only %d queries were seen", queries)
	}
}

// TestPagesFollowAnIndex: a page costs what it shows, so nothing of it is sorted.
func TestPagesFollowAnIndex(t *testing.T) {
	s := fresh(t)
	r := &reading{ctx: t.Context(), entity: "acme"}
	r.query = func(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
		steps, err := collect(&reading{ctx: ctx, query: s.readers.QueryContext}, func(rows *sql.Rows, step *string) error { return rows.Scan(new(int), new(int), new(int), step) },
			"EXPLAIN QUERY PLAN "+text, args...)
		if err != nil {
			t.Errorf("%v in\n%s", err, text)
		}
		for _, step := range steps {
			if strings.Contains(step, "TEMP B-TREE") && !strings.Contains(text, "json_each") { // of the page's own rows
				t.Errorf("%s in\n%s", step, text)
			}
		}
		return s.readers.QueryContext(ctx, text, args...)
	}
	for _, order := range []store.CaseOrder{store.ByValue, store.ByAge, store.ByReason} {
		for _, after := range []*store.Case{nil, {Receipt: 1, Reason: "ambiguous_lump"}} {
			for _, filter := range []store.CaseFilter{{}, {Reason: "ambiguous_lump"}, {Currency: "EUR", Snoozed: store.WithoutSnoozed}} {
				if _, err := r.cases(store.CaseQuery{Order: order, After: after, Limit: 50, Filter: filter}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for order := range itemOrders {
		for _, after := range []*recon.Item{nil, {ID: 1}} {
			if _, err := r.itemPage(store.ItemQuery{Order: order, After: after, Limit: 50, Search: store.ItemSearch{Status: store.ItemOpen}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := r.caseCounts(store.CaseFilter{Snoozed: store.WithoutSnoozed}); err != nil {
		t.Fatal(err)
	}
}
