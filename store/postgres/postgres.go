// Package postgres keeps the books in a PostgreSQL database: the engine behind [store.Store] for teams, passing the same tests
// as package sqlite and named like it file for file.
//
// A changing method is one transaction that ends with one audit row. Changes of one entity take turns, as they do in SQLite: each
// locks the entity's row of the table counters first, the storing of bank files another one, so that people and the engine go
// on while a large file is copied in. Where the world fails (a lost connection, a deadlock, a lock that does not come), the whole
// unit is done again, see retry.go. Many rows are written by COPY, balances by one statement for all items of a plan.
//
// Nothing rests on the state of a session (prepared statements, advisory locks, settings), so that a pooler may share out
// connections transaction by transaction.
//
// Words: a *change* is a write transaction, a *reading* is a read transaction, a *batch* copies many rows into one table.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Store is a database on a server.
type Store struct {
	pool    *pgxpool.Pool
	config  *pgx.ConnConfig
	options Options
	tables  tables
	fence   atomic.Int64 // token of the pipeline lock that this handle holds, 0 for none
}

var _ store.Store = (*Store)(nil)

// Options are what a Store needs beside its URL. The zero value is usable.
type Options struct {
	// Password is used in place of the URL's, "" to leave that.
	Password string
	// Connections bounds how many the store opens, 0 for a number that suits the machine.
	Connections int
	// Lease is how long a pipeline lock outlives its holder's last sign of life, 0 for [DefaultLease].
	Lease time.Duration
	// Retried is told of each unit that is done again: what it was, and why (an SQLSTATE, or "connection"). nil for nobody listening.
	Retried func(verb, cause string)
	// Warn is told what is unwise about the server, in one sentence. nil for nobody listening.
	Warn func(warning string)
}

// leastConnections is what a store opens at most on a small machine.
const leastConnections = 8

// Open connects to the database of a URL ("postgres://user@host:5432/db", or the server's own key=value form); [Store.Migrate]
// gives it its schema. A server that may lose what it acknowledged, a replica, a server older than [OldestServer] and a schema
// newer than this program are refused.
func Open(ctx context.Context, url string, options Options) (*Store, error) {
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	if options.Password != "" {
		config.ConnConfig.Password = options.Password
	}
	config.MaxConns = int32(max(leastConnections, 4*runtime.GOMAXPROCS(0)))
	if options.Connections > 0 {
		config.MaxConns = int32(options.Connections)
	}
	configure(config.ConnConfig)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", place(config.ConnConfig), err)
	}
	s := &Store{pool: pool, config: config.ConnConfig, options: options}
	if err := s.meet(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("database %s: %w", place(config.ConnConfig), err)
	}
	return s, nil
}

// parse reads the URL. Beyond this machine the server has to prove who it is, unless the URL says otherwise (sslmode).
func parse(url string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err == nil && !strings.Contains(url, "sslmode") && os.Getenv("PGSSLMODE") == "" && !near(config.ConnConfig.Host) {
		parting := " "
		switch {
		case strings.Contains(url, "?"):
			parting = "&"
		case strings.Contains(url, "://"):
			parting = "?"
		}
		config, err = pgxpool.ParseConfig(url + parting + "sslmode=verify-full")
	}
	if err != nil {
		return nil, errors.New("the URL of the database cannot be read: write postgres://user@host:5432/database") // the cause may quote a password
	}
	return config, nil
}

// near reports whether a host is this machine: a socket in a folder, or the loopback.
func near(host string) bool {
	address := net.ParseIP(host)
	return strings.HasPrefix(host, "/") || host == "localhost" || address != nil && address.IsLoopback()
}

// configure chooses how statements are sent: described once, never prepared by name.
func configure(config *pgx.ConnConfig) {
	config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	config.StatementCacheCapacity = 0
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "tieout"
	}
}

// place names a database without its secrets.
func place(config *pgx.ConnConfig) string {
	return fmt.Sprintf("%s on %s:%d", config.Database, config.Host, config.Port)
}

// Pool lends the connections to the job engine, which keeps tables of its own beside the books.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Close ends all connections.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// Classes of errors.

func code(err error) string {
	var failed *pgconn.PgError
	if errors.As(err, &failed) {
		return failed.Code
	}
	return ""
}

func clashes(err error) bool { return code(err) == "23505" }

func checkFails(err error) bool { return code(err) == "23514" }

// closedPeriod reports that a trigger refused an effect on a closed day.
func closedPeriod(err error) bool {
	return code(err) == "P0001" && strings.Contains(err.Error(), "books are closed")
}

// Values as they are stored.

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func instant(t time.Time) int64 { return t.UnixMicro() }

func day(d recon.Date) int64 { return int64(d) }

// listEnd ends each text of a stored list; readers refuse control characters, so that no text holds it.
const listEnd = "\x1f"

func joined(texts []string) string {
	switch len(texts) {
	case 0:
		return ""
	case 1:
		return texts[0] + listEnd
	}
	return strings.Join(texts, listEnd) + listEnd
}

func parted(stored string) []string {
	if stored == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(stored, listEnd), listEnd)
}

// numbered writes the parameters of a statement as this engine numbers them: the texts of the statements are those of the other
// engine wherever both understand them. "?1" is the first parameter, and "?" the one behind the last named so far.
func numbered(text string) string {
	if known, ok := texts.Load(text); ok {
		return known.(string)
	}
	var b strings.Builder
	next := 0
	for i := 0; i < len(text); i++ {
		if text[i] != '?' {
			b.WriteByte(text[i])
			continue
		}
		digits := 0
		for i+1+digits < len(text) && text[i+1+digits] >= '0' && text[i+1+digits] <= '9' {
			digits++
		}
		n, err := strconv.Atoi(text[i+1 : i+1+digits])
		if err != nil {
			n = next + 1
		}
		next = max(next, n)
		fmt.Fprintf(&b, "$%d", n)
		i += digits
	}
	texts.Store(text, b.String())
	return b.String()
}

// texts keeps what numbered made of each text. There are as many as the source has, and a few combinations of filters.
var texts sync.Map
