package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tieout/tieout/store"
)

func fresh(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "tieout.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// begun is a change in the middle, its audit row written.
func begun(t *testing.T, s *Store) (c *change, seq int64, hash []byte) {
	t.Helper()
	c = &change{caller: t.Context(), w: s.writer, act: store.Act{Actor: "petra"}, verb: "test", counters: map[string]counter{}, objects: map[string]*object{}}
	c.reading = reading{ctx: context.Background(), entity: "acme", query: c.ask}
	if err := c.begin(); err != nil {
		t.Fatal(err)
	}
	seq, hash, err := c.audit()
	if err != nil {
		t.Fatal(err)
	}
	return c, seq, hash
}

// TestCommitWithoutAnAnswer: an error from COMMIT means that nobody knows; the audit row does.
func TestCommitWithoutAnAnswer(t *testing.T) {
	lost := errors.New("answer lost")
	for end, want := range map[string]error{"COMMIT": nil, "ROLLBACK": lost} {
		s := fresh(t)
		c, seq, hash := begun(t, s)
		if _, err := c.exec(end); err != nil {
			t.Fatal(err)
		}
		var over bool
		if err := c.readBack(seq, hash, lost, &over); !errors.Is(err, want) || !over {
			t.Errorf("after %s: got %v, want %v", end, err, want)
		}
	}
}

// TestCommitOfSomebodyElse: another transaction has the number, with another hash.
func TestCommitOfSomebodyElse(t *testing.T) {
	s := fresh(t)
	c, seq, hash := begun(t, s)
	c.exec("ROLLBACK")
	if err := s.SaveRules(t.Context(), store.Act{Actor: "other"}, "acme", "v", "text"); err != nil {
		t.Fatal(err)
	}
	lost := errors.New("answer lost")
	if err := c.readBack(seq, hash, lost, new(bool)); !errors.Is(err, lost) {
		t.Errorf("got %v, want %v", err, lost)
	}
}

// TestAttempt: what fails gives back its rows and its ids.
func TestAttempt(t *testing.T) {
	s := fresh(t)
	failed := errors.New("failed")
	err := s.change(t.Context(), store.Act{}, "acme", "test", func(c *change) error {
		for n, end := range []error{nil, failed, nil} {
			err := c.attempt(func() error {
				id, err := c.ids(nounItem, 1)
				if err != nil {
					return err
				}
				if want := []int64{1, 2, 2}[n]; id != want {
					t.Errorf("attempt %d got id %d, want %d", n, id, want)
				}
				_, err = c.exec(`INSERT INTO declined VALUES (?, ?, 0, '', 0)`, c.entity, id)
				return errors.Join(err, end)
			})
			if !errors.Is(err, end) {
				t.Errorf("attempt %d: %v", n, err)
			}
		}
		n, err := c.number(`SELECT count(*) FROM declined WHERE entity_id = 'acme'`)
		if n != 2 {
			t.Errorf("%d rows, want 2", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestValuesDoNotLookAlike: the canonical form tells lists of values apart.
func TestValuesDoNotLookAlike(t *testing.T) {
	seen := map[string]bool{}
	for _, values := range [][]any{{"a", "b"}, {"ab"}, {"a;b"}, {"a", ";b"}, {int64(1), int64(2)}, {int64(12)}, {"1", "2"}, {"1;2"}, {nil}, {""}, {"-"}, {}} {
		var b []byte
		for _, v := range values {
			b = appendValue(b, v)
		}
		if seen[string(b)] {
			t.Errorf("%v looks like another list: %s", values, b)
		}
		seen[string(b)] = true
	}
}

func TestLists(t *testing.T) {
	for _, list := range [][]string{nil, {"a"}, {""}, {"a", ""}, {"", ""}, {"a", "b", "c"}} {
		got := parted(joined(list))
		if len(got) != len(list) {
			t.Errorf("%q came back as %q", list, got)
		}
	}
}

// TestDiskFull: what does not fit is rolled back whole, reading goes on, and writing too once there is room.
func TestDiskFull(t *testing.T) {
	s := fresh(t)
	limit := func(pages int) {
		t.Helper()
		if _, err := s.writer.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	save := func(version string) error {
		return s.SaveRules(t.Context(), store.Act{Actor: "petra"}, "acme", version, strings.Repeat("x", 1<<20))
	}
	limit(1) // as many as there are
	if err := save("v1"); err == nil || !strings.Contains(err.Error(), "full") {
		t.Fatalf("got %v, want a full disk", err)
	}
	if _, err := s.Accounts(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	limit(1 << 30)
	if err := save("v1"); err != nil {
		t.Fatal(err)
	}
}
