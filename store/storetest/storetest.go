// Package storetest says how a [store.Store] behaves, as tests that every engine passes. An engine's own test calls
// [Run] with a way to open an empty, migrated database; what only that engine has (its locks, its triggers) it tests
// itself. The tests speak through the interface alone.
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
		name  string
		tests []story
	}{
		{"setup", setupStories},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, s := range group.tests {
				t.Run(s.name, func(t *testing.T) { s.run(newWorld(t, open(t))) })
			}
		})
	}
}

// story is one test.
type story struct {
	name string
	run  func(*world)
}

// noon is the instant of the first act of a story; each further act is a second later.
var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// entity is the company of the stories.
const entity = "acme"

var background = context.Background()

var setupStories []story
