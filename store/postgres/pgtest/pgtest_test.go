package pgtest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// ask returns the number that a query asks for.
func ask(t *testing.T, url, query string) (n int) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func TestTestsShareAClusterAndNoDatabase(t *testing.T) {
	fills := 0
	fill := func(url string) error {
		fills++
		return execute(url, "CREATE TABLE drawer (coins int); INSERT INTO drawer VALUES (7)")
	}
	one, other := Shared(t).Clone(t, "drawers", fill), Shared(t).Clone(t, "drawers", fill)
	Exec(t, one, "UPDATE drawer SET coins = 9")
	if fills != 1 || ask(t, one, "SELECT coins FROM drawer") != 9 || ask(t, other, "SELECT coins FROM drawer") != 7 {
		t.Errorf("the template was filled %d times, or clones share what they hold", fills)
	}
	if n := ask(t, Shared(t).Database(t), "SELECT count(*) FROM pg_class WHERE relname = 'drawer'"); n != 0 {
		t.Error("an empty database is not empty")
	}
}

func TestServerSurvivesWhatEndsIt(t *testing.T) {
	c := New(t)
	url := c.Database(t)
	Exec(t, url, "CREATE TABLE drawer (coins int); INSERT INTO drawer VALUES (7)")
	for _, mode := range []Mode{Fast, Immediate, Killed} {
		c.Restart(t, mode)
		if got := ask(t, url, "SELECT coins FROM drawer"); got != 7 {
			t.Errorf("after signal %d the drawer holds %d", mode, got)
		}
	}
	c.Standby(t)
	if err := execute(url, "INSERT INTO drawer VALUES (1)"); err == nil {
		t.Error("a standby took a write")
	}
}
