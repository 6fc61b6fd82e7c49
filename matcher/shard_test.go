package matcher

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// drawTown joins worlds that have nothing to do with each other, with payments recorded by hand and returns among them.
func drawTown(t *rapid.T) recon.Work {
	town := recon.Work{Entity: "default"}
	for i, tag := range []string{"", "Y", "ZZ"} {
		w := drawWork(t, tag, 5)
		apart := int64(i) * 100_000 // the ids of one world from those of the next
		for n := range w.Book.Items {
			w.Book.Items[n].ID += apart
		}
		for n := range w.Receipts {
			w.Receipts[n].Source.ID += apart
			for k := range w.Receipts[n].Declined {
				w.Receipts[n].Declined[k] += apart
			}
			w.Receipts[n].EndToEndID = "E2E-" + tag + string(rune('A'+n))
		}
		town.Receipts = append(town.Receipts, w.Receipts...)
		town.Book.Items = append(town.Book.Items, w.Book.Items...)
		town.Book.Customers = append(town.Book.Customers, w.Book.Customers...)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "recorded") {
		r := rapid.SampledFrom(town.Receipts).Draw(t, "seen by hand")
		town.Book.Recorded = append(town.Book.Recorded, recon.Recorded{ReceiptID: int64(9000 + i), AccountID: r.AccountID, Currency: r.Currency,
			AmountMinor: r.AmountMinor, Date: r.Booked, Customer: rapid.SampledFrom(town.Book.Customers).Draw(t, "of").Code})
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "returns") {
		r := rapid.SampledFrom(town.Receipts).Draw(t, "sent back")
		town.Returns = append(town.Returns, recon.Return{EntryID: int64(7000 + i), AccountID: r.AccountID, Currency: r.Currency, AmountMinor: r.TotalMinor,
			Booked: r.Booked.AddDays(1), OriginalEndToEnd: r.EndToEndID, Counterparty: r.Payer})
	}
	return town
}

// part is what a shard has to decide.
func part(work recon.Work, shard Shard, common []string) recon.Work {
	work.Receipts = slices.DeleteFunc(slices.Clone(work.Receipts), func(r recon.Receipt) bool { return !slices.Contains(shard.Receipts, r.Source) })
	work.Returns = slices.DeleteFunc(slices.Clone(work.Returns), func(r recon.Return) bool { return !slices.Contains(shard.Returns, r.EntryID) })
	work.Book.Common = common
	return work
}

// Shards decided one by one decide what the whole decides, to the byte; of those that come last only the proposals depend on
// what the others have stored by then.
func TestShardsDecideWhatTheWholeDecides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		work, set := drawTown(t), crowdRules()
		want := bySource(t, Match(work, set))
		shards, common := Split(work, set, rapid.IntRange(1, 6).Draw(t, "size"))
		got, last := map[recon.Source]string{}, false
		for _, shard := range shards {
			if last && !shard.Last {
				t.Fatal("a shard that does not come last comes after one that does")
			}
			last = shard.Last
			plan := Match(part(work, shard, common), set)
			if n := len(shard.Receipts) + len(shard.Returns); len(plan.Decisions) != n {
				t.Fatalf("%d decisions for a shard of %d", len(plan.Decisions), n)
			}
			for _, d := range plan.Decisions {
				if last && (d.Outcome != recon.Queued || len(d.Lines) > 0) {
					t.Fatalf("decided last, and not only queued: %+v", d)
				}
			}
			for source, text := range bySource(t, plan) {
				if last {
					text = want[source]
				}
				got[source] = text
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d decisions, want %d", len(got), len(want))
		}
		sameDecisions(t, "splitting", want, got)
	})
}

func TestANightIsSplitEvenly(t *testing.T) {
	work, set := nightly(3000), rules.Default()
	for i := range work.Receipts { // the year in a date is the end of an item's number, which would connect everybody
		work.Receipts[i].Text = strings.ReplaceAll(work.Receipts[i].Text, "vom 12.01.2026", "")
	}
	shards, _ := Split(work, set, 500)
	total, largest := 0, 0
	for _, shard := range shards {
		total += len(shard.Receipts)
		largest = max(largest, len(shard.Receipts))
	}
	if total != len(work.Receipts) || len(shards) > total/500+3 || largest > 500 {
		t.Errorf("%d receipts in %d shards, the largest of %d", total, len(shards), largest)
	}
}
