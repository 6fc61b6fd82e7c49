package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// BenchmarkQueue times what the first page of a queue of 100,000 cases asks for, and a page in the middle; one metric each
// in milliseconds.
func BenchmarkQueue(b *testing.B, open Open) {
	night := night{world: newWorld(b, open(b)), B: b, n: 100_000}
	night.outcome()
	night.undecided()
	night.queue()
	today := recon.Date(20260310)
	sight := store.CaseFilter{Snoozed: store.WithoutSnoozed, Today: today}
	middle := &store.Case{Receipt: 50_000, AmountMinor: 60_000, Opened: noon.Add(time.Minute), Reason: "payer_unknown"}
	page := func(query store.CaseQuery) func() {
		query.Limit = 50
		return func() {
			cases, err := night.Cases(background, entity, query)
			night.must(err)
			if len(cases) != query.Limit {
				night.world.Fatalf("a page of %d", len(cases))
			}
		}
	}
	steps := []struct {
		name string
		run  func()
	}{
		{"counts", func() { _, err := night.CaseCounts(background, entity, sight); night.must(err) }},
		{"value", page(store.CaseQuery{Filter: sight})}, {"age", page(store.CaseQuery{Filter: sight, Order: store.ByAge})},
		{"reason", page(store.CaseQuery{Filter: sight, Order: store.ByReason})}, {"middle", page(store.CaseQuery{Filter: sight, After: middle})},
		{"search", page(store.CaseQuery{Filter: store.CaseFilter{Search: "customer c00999"}})},
	}
	took := make([]time.Duration, len(steps))
	rounds := 0
	for b.Loop() {
		rounds++
		for i, step := range steps {
			start := time.Now()
			step.run()
			took[i] += time.Since(start)
		}
	}
	for i, step := range steps {
		b.ReportMetric(float64(took[i].Microseconds())/1000/float64(rounds), "ms/"+step.name)
	}
}

// queue asks a person about every receipt, for one of four reasons.
func (night *night) queue() {
	reasons := []recon.Reason{"ambiguous_lump", "payer_unknown", "competing_receipts", "already_paid"}
	const chunk = 1000
	for at := 0; at < len(night.receipts); at += chunk {
		plan := recon.Plan{Entity: entity, Rules: "r1"}
		for i, r := range night.receipts[at:min(at+chunk, len(night.receipts))] {
			plan.Decisions = append(plan.Decisions, recon.Decision{Source: r.Source, Outcome: recon.Queued, Reason: reasons[i%len(reasons)], Score: 50,
				Customer: fmt.Sprintf("C%06d", (at+i)/10)})
		}
		report, err := night.SavePlan(background, night.act(), plan)
		night.must(err)
		if report.Queued != len(plan.Decisions) {
			night.world.Fatalf("queued %d of %d", report.Queued, len(plan.Decisions))
		}
	}
}
