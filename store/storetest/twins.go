package storetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"

	"github.com/tieout/tieout/store"
)

// Twins tells two engines the same random stories and compares what they show afterwards, byte for byte: the history with its
// hashes too. What one engine refuses the other one has to refuse.
func Twins(t *testing.T, one, other Open) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			a := &gambler{world: newWorld(t, one(t)), r: rand.New(rand.NewPCG(seed, 77))}
			b := &gambler{world: newWorld(t, other(t)), r: rand.New(rand.NewPCG(seed, 77))}
			for step := range 80 {
				verb, errA := a.step()
				_, errB := b.step()
				if fmt.Sprint(errA) != fmt.Sprint(errB) {
					t.Fatalf("step %d, %s: one says %v, the other %v", step, verb, errA, errB)
				}
			}
			a.settled()
			if shownA, shownB := a.shown(), b.shown(); !bytes.Equal(shownA, shownB) {
				t.Errorf("the engines differ: %s", difference(shownA, shownB))
			}
			a.prove()
			b.prove()
		})
	}
}

// shown writes all that a view shows, a row a line.
func (w *world) shown() []byte {
	w.Helper()
	var b bytes.Buffer
	w.view(func(v store.View) {
		show := func(what string, rows any, err error) {
			w.must(err)
			text, err := json.Marshal(rows)
			w.must(err)
			fmt.Fprintf(&b, "%s %s\n", what, text)
		}
		accounts, err := v.Accounts()
		show("accounts", accounts, err)
		statements, err := v.Statements()
		show("statements", statements, err)
		customers, err := v.Customers()
		show("customers", customers, err)
		files, err := v.Files()
		show("files", files, err)
		closed, err := v.ClosedUntil()
		show("closed", closed, err)
		each(w, show, "entry", v.Entries())
		each(w, show, "receipt", v.Receipts())
		each(w, show, "holding", v.Holdings())
		each(w, show, "item", v.Items())
		each(w, show, "start", v.ItemStarts())
		each(w, show, "application", v.Applications())
		each(w, show, "decision", v.Decisions())
		each(w, show, "record", v.Records())
		each(w, show, "audit", v.Audit())
	})
	cases, err := w.Cases(background, entity, store.CaseQuery{})
	w.must(err)
	fmt.Fprintf(&b, "cases %+v\n", cases)
	receipts, returns, err := w.Undecided(background, entity)
	w.must(err)
	fmt.Fprintf(&b, "undecided %+v %+v\n", receipts, returns)
	return b.Bytes()
}

func each[T any](w *world, show func(string, any, error), what string, rows iter.Seq2[T, error]) {
	for row := range all(w, rows) {
		show(what, row, nil)
	}
}

// difference is the first line in which two texts differ.
func difference(a, b []byte) string {
	linesA, linesB := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(linesA), len(linesB)) {
		if !bytes.Equal(linesA[i], linesB[i]) {
			return fmt.Sprintf("line %d\n%s\n%s", i+1, linesA[i], linesB[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(linesA), len(linesB))
}
