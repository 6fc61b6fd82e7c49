// Package pgtest gives tests a PostgreSQL server of their own. Each test process starts one private *cluster* from the
// installed binaries: in a temporary folder, on a free loopback port, as an unprivileged user where the tests run as
// root. A *template* is a database filled once; every test gets a clone of it, which costs a fraction of filling one.
//
// A server that is missing fails the test. The cluster ends with the process, however that dies: a keeper beside it
// waits for the end of a pipe that the process holds.
package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// patience bounds how long the server may take to start, stop or answer.
const patience = 60 * time.Second

// superuser is who owns the cluster and every database in it.
const superuser = "keeper"

var shared struct {
	once    sync.Once
	cluster *Cluster
	err     error
}

// Shared returns the cluster of this test process, started by whoever asks first. Tests that stop or kill their server
// start one of their own with [New].
func Shared(t testing.TB) *Cluster {
	t.Helper()
	shared.once.Do(func() { shared.cluster, shared.err = start(nil) })
	if shared.err != nil {
		t.Fatalf("PostgreSQL for tests: %v", shared.err)
	}
	return shared.cluster
}

// New starts a cluster of its own for one test and removes it at the test's end. Settings are "name=value" as in
// postgresql.conf; they win over those of [Shared].
func New(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	c, err := start(settings)
	if err != nil {
		t.Fatalf("PostgreSQL for tests: %v", err)
	}
	c.owned = true
	t.Cleanup(c.remove)
	return c
}

// Database creates an empty database and returns its URL; it is dropped at the test's end.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	return c.create(t, "template0")
}

// Clone returns the URL of a new database that is a copy of the named template; fill makes the template, once per
// cluster, in the empty database whose URL it gets. The copy is dropped at the test's end.
func (c *Cluster) Clone(t testing.TB, template string, fill func(url string) error) string {
	t.Helper()
	if err := c.template(template, fill); err != nil {
		t.Fatalf("template %s: %v", template, err)
	}
	return c.create(t, template)
}

// template fills a template that is not there yet. It is forgotten when it could not be filled.
func (c *Cluster) template(name string, fill func(url string) error) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	if c.templates[name] {
		return nil
	}
	if err := c.run("CREATE DATABASE " + quoted(name) + " TEMPLATE template0"); err != nil {
		return err
	}
	if err := fill(c.URL(name)); err != nil {
		return fmt.Errorf("%w; %v", err, c.run("DROP DATABASE "+quoted(name)+" WITH (FORCE)"))
	}
	c.templates[name] = true
	return nil
}

func (c *Cluster) create(t testing.TB, template string) string {
	t.Helper()
	c.turn.Lock()
	defer c.turn.Unlock()
	c.made++
	name := "test" + strconv.Itoa(c.made)
	if err := c.run("CREATE DATABASE " + quoted(name) + " TEMPLATE " + quoted(template)); err != nil {
		t.Fatalf("database from %s: %v", template, err)
	}
	t.Cleanup(func() {
		if c.owned {
			return // the whole cluster goes
		}
		if err := c.run("DROP DATABASE " + quoted(name) + " WITH (FORCE)"); err != nil {
			t.Errorf("drop %s: %v", name, err)
		}
	})
	return c.URL(name)
}

// URL is that of a database of the cluster, for the user who owns it.
func (c *Cluster) URL(database string) string { return c.UserURL(database, superuser, c.password) }

// UserURL is that of a database for another user.
func (c *Cluster) UserURL(database, user, password string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(user, password), Host: c.Address(), Path: "/" + database,
		RawQuery: "sslmode=disable"}
	return u.String()
}

// Exec runs statements, parted by semicolons, as the owner of the database with this URL.
func Exec(t testing.TB, url, statements string) {
	t.Helper()
	if err := Try(url, statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

// Try runs statements as the user of the URL and returns why they failed.
func Try(url, statements string) error { return execute(url, statements) }

func (c *Cluster) run(statement string) error { return execute(c.URL("postgres"), statement) }

func execute(url, statements string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.PgConn().Exec(ctx, statements).ReadAll()
	return err
}

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }
