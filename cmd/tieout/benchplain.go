package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	benchscript "github.com/tieout/tieout/deploy/bench"
)

// runPlain matches the receipts of a generated world with the plain SQL script and returns how long that took, from reading the receipts
// to the commit.
func runPlain(ctx context.Context, b bench) (time.Duration, error) {
	script, receipts := filepath.Join(b.dir, "plain.sql"), filepath.Join(b.dir, "receipts.csv")
	f, err := os.Create(receipts)
	if err != nil {
		return 0, err
	}
	buffered := bufio.NewWriterSize(f, 1<<20)
	if err := errors.Join(b.world.WriteReceipts(buffered), buffered.Flush(), f.Close(), os.WriteFile(script, []byte(benchscript.Plain), 0o644)); err != nil {
		return 0, err
	}
	psql := exec.CommandContext(ctx, "psql", "--no-psqlrc", "--file", "plain.sql")
	psql.Dir = b.dir
	psql.Env = append(os.Environ(), serverEnvironment(b.store)...)
	psql.Stderr = os.Stderr
	out, err := psql.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := psql.Start(); err != nil {
		return 0, fmt.Errorf("the plain SQL script needs the program psql: %w", err)
	}
	var began time.Time
	var took time.Duration
	for lines := bufio.NewScanner(out); lines.Scan(); {
		switch lines.Text() {
		case "begins":
			began = time.Now()
		case "ends":
			took = time.Since(began)
		}
	}
	if err := psql.Wait(); err != nil || took == 0 {
		return 0, errors.Join(errors.New("the plain SQL script did not end well"), err)
	}
	return took, nil
}

// serverEnvironment says a URL in the variables that PostgreSQL's programs know: a command line is for all to see.
func serverEnvironment(store string) (env []string) {
	u, err := url.Parse(store)
	if err != nil {
		return nil
	}
	password, _ := u.User.Password()
	for _, v := range [][2]string{{"PGHOST", u.Hostname()}, {"PGPORT", u.Port()}, {"PGUSER", u.User.Username()}, {"PGPASSWORD", password},
		{"PGDATABASE", strings.TrimPrefix(u.Path, "/")}, {"PGSSLMODE", u.Query().Get("sslmode")}} {
		if v[1] != "" {
			env = append(env, v[0]+"="+v[1])
		}
	}
	return env
}
