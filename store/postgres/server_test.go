package postgres_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/store/postgres"
	"github.com/tieout/tieout/store/postgres/pgtest"
	"github.com/tieout/tieout/store/storetest"
)

// refused opens a database that has to be refused, with a reason in one line that holds a word.
func refused(t *testing.T, url, word string) {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err == nil {
		s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), word) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one line with %q", err, word)
	}
}

func TestServerThatMayForgetIsRefused(t *testing.T) {
	refused(t, pgtest.New(t, "fsync=off").URL("postgres"), "fsync")
}

func TestReplicaIsRefused(t *testing.T) {
	c := pgtest.New(t)
	url := c.Database(t)
	c.Standby(t)
	refused(t, url, "replica")
}

func TestNewerSchemaIsRefused(t *testing.T) {
	url := database(t)
	pgtest.Exec(t, url, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)`)
	refused(t, url, "version 99")
}

func TestURLsThatLeadNowhere(t *testing.T) {
	refused(t, "postgres://eve:secret@127.0.0.1:1/books", "connect")
	refused(t, "postgres://eve:sec ret@:nonsense", "cannot be read")
	_, err := postgres.Open(t.Context(), "postgres://eve:secret@127.0.0.1:1/books", postgres.Options{})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the password is told: %v", err)
	}
}

func TestAcknowledgingTooEarlyIsWarnedOf(t *testing.T) {
	url := database(t)
	var warnings []string
	warn := postgres.Options{Warn: func(w string) { warnings = append(warnings, w) }}
	for _, setting := range []string{"", "&options=-csynchronous_commit%3Doff"} {
		s, err := postgres.Open(t.Context(), url+setting, warn)
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "synchronous_commit") {
		t.Errorf("warnings: %q", warnings)
	}
}

// TestTheAppMayNotTouchHistory: the app's role does all the work, and can neither change the schema nor what is written.
func TestTheAppMayNotTouchHistory(t *testing.T) {
	c := pgtest.Shared(t)
	url := database(t)
	owner := openAt(t, url)
	pgtest.Exec(t, url, `DROP ROLE IF EXISTS clerk; CREATE ROLE clerk LOGIN PASSWORD 'pen'`)
	t.Cleanup(func() { pgtest.Exec(t, url, `DROP OWNED BY clerk; DROP ROLE clerk`) })
	if err := owner.AllowApp(t.Context(), "clerk"); err != nil {
		t.Fatal(err)
	}
	app := c.UserURL(name(url), "clerk", "pen")
	s := openAt(t, app)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatalf("a current schema asks for no rights: %v", err)
	}
	storetest.Fill(t, s)
	if release, err := s.LockPipeline(t.Context()); err != nil || release() != nil {
		t.Errorf("the pipeline lock: %v", err)
	}
	for _, statement := range []string{
		`UPDATE application SET amount = 1`, `DELETE FROM application`, `TRUNCATE audit`, `DELETE FROM decision`, `UPDATE entry SET amount = 1`,
		`UPDATE audit SET hash = ''`, `DELETE FROM approval`, `DELETE FROM refund`, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)`,
		`CREATE TABLE mine (a int)`, `DROP TRIGGER audit_no_update ON audit`, `ALTER TABLE audit DISABLE TRIGGER ALL`, `SET session_replication_role = replica`,
	} {
		if err := pgtest.Try(app, statement); err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("%s: got %v, want it refused for want of a right", statement, err)
		}
	}
}

// TestAnOldSchemaNeedsItsOwner: the app's role cannot bring the schema up to date, and says who can.
func TestAnOldSchemaNeedsItsOwner(t *testing.T) {
	c := pgtest.Shared(t)
	url := c.Database(t)
	pgtest.Exec(t, url, `DROP ROLE IF EXISTS visitor; CREATE ROLE visitor LOGIN PASSWORD 'pen'`)
	t.Cleanup(func() { pgtest.Exec(t, url, `DROP ROLE visitor`) })
	err := openAt(t, c.UserURL(name(url), "visitor", "pen")).Migrate(t.Context())
	if err == nil || !strings.Contains(err.Error(), "tieout migrate") {
		t.Errorf("got %v, want the advice to migrate as the owner", err)
	}
}

func name(url string) string {
	rest := url[strings.LastIndex(url, "/")+1:]
	before, _, _ := strings.Cut(rest, "?")
	return before
}

func TestMigratedByManyAtOnce(t *testing.T) {
	url := pgtest.Shared(t).Database(t)
	done := make(chan error)
	for range 4 {
		go func() {
			s, err := postgres.Open(context.Background(), url, postgres.Options{})
			if err == nil {
				err = s.Migrate(context.Background())
				s.Close()
			}
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	storetest.Fill(t, openAt(t, url))
}

// TestServerEndsMidWork: a server that stops in whatever way and comes back loses nothing that was acknowledged, and who works on it
// goes on by itself.
func TestServerEndsMidWork(t *testing.T) {
	c := pgtest.New(t)
	url := c.Database(t)
	if err := openAt(t, url).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := make(chan string, 1000)
	s, err := postgres.Open(t.Context(), url, postgres.Options{Retried: func(_, cause string) { again <- cause }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.SaveEntity(t.Context(), store.Act{Actor: "engine"}, store.Entity{ID: "acme", BaseCurrency: "EUR"}); err != nil {
		t.Fatal(err)
	}
	for round, mode := range []pgtest.Mode{pgtest.Fast, pgtest.Immediate, pgtest.Killed} {
		saved := make(chan int)
		stop := make(chan struct{})
		go func() {
			n := 0
			for ; ; n++ {
				select {
				case <-stop:
					saved <- n
					return
				default:
				}
				if err := s.SaveRules(t.Context(), store.Act{Actor: "engine", At: time.Unix(int64(n), 0)}, "acme", string(rune('a'+round))+time.Unix(int64(n), 0).String(), "text"); err != nil {
					t.Error(err)
				}
			}
		}()
		c.Restart(t, mode)
		<-again
		close(stop)
		n := <-saved
		versions, err := s.RulesVersions(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		stored := 0
		for _, v := range versions {
			if v.Version[0] == byte('a'+round) {
				stored++
			}
		}
		if stored != n {
			t.Errorf("%d were acknowledged, %d are stored", n, stored)
		}
	}
	storetest.Prove(t, s)
}
