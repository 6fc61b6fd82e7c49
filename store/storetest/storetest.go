// Package storetest says how a [store.Store] behaves, as tests that every engine passes. An engine's own test calls
// [Run] with a way to open an empty, migrated database; what only that engine has (its locks, its triggers) it tests
// itself. The tests speak through the interface alone, and each ends with a proof of the invariants (see check.go).
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/tieout/tieout/store"
)

// Open returns an empty, migrated store that is closed when the test ends.
type Open func(t testing.TB) store.Store

// Run runs every test of the suite.
func Run(t *testing.T, open Open) {
	for _, group := range []struct {
		name    string
		stories []story
	}{
		{"setup", setupStories()},
		{"files", fileStories()},
		{"statements", statementStories()},
		{"pages", pageStories()},
		{"items", itemStories()},
		{"book", bookStories()},
		{"plan", planStories()},
		{"returns", returnStories()},
		{"queue", queueStories()},
		{"review", reviewStories()},
		{"approvals", approvalStories()},
		{"browse", browseStories()},
		{"payments", paymentStories()},
		{"allocations", allocationStories()},
		{"adjustments", adjustmentStories()},
		{"plans", editStories()},
		{"disputes", disputeStories()},
		{"refunds", refundStories()},
		{"exchange", exchangeStories()},
		{"periods", periodStories()},
		{"outbox", outboxStories()},
		{"exports", exportStories()},
		{"undo", undoStories()},
		{"learning", learningStories()},
		{"runs", runStories()},
		{"schedule", scheduleStories()},
		{"lease", leaseStories()},
		{"snapshot", snapshotStories()},
		{"history", historyStories()},
		{"audit", auditStories()},
		{"people", peopleStories()},
		{"sessions", sessionStories()},
		{"tokens", tokenStories()},
		{"answers", answerStories()},
		{"events", eventStories()},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, s := range group.stories {
				t.Run(s.name, func(t *testing.T) {
					w := newWorld(t, open(t))
					s.tell(w)
					w.prove()
				})
			}
		})
	}
	t.Run("random", func(t *testing.T) { random(t, open) })
}

// story is one test.
type story struct {
	name string
	tell func(*world)
}

// noon is the instant before the first act of a story; each act is a second later.
var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// The companies of the stories.
const (
	entity = "acme"
	sister = "sister"
)

var background = context.Background()
