package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/store/postgres"
	"github.com/tieout/tieout/store/postgres/pgtest"
)

// fire is one inbox and one book on a server, worked on by several processes while things go wrong.
type fire struct {
	*testing.T
	dir     string
	url     string // of the database, for the test
	env     []string
	workers []*process
}

// fireLease is how soon a worker that stands still is given up.
const fireLease = 2 * time.Second

// light makes the world, imports its book into a database of the cluster and drops its files.
func light(t *testing.T, cluster *pgtest.Cluster, world fixtures.World) *fire {
	t.Helper()
	f := &fire{T: t, dir: worldFolder(t, world), url: cluster.Database(t)}
	f.env = append(impatient("off"), "TIEOUT_STORE="+f.url, "TIEOUT_WORK_LEASE="+fireLease.String())
	importBook(t, f.dir, f.env)
	return f
}

// worldFolder makes a folder with configuration, the book of a world to import, and its bank files in the inbox.
func worldFolder(t *testing.T, world fixtures.World) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := writeWorld(world, dir); err != nil {
		t.Fatal(err)
	}
	account := []recon.Account{{ID: "main", IBAN: fixtures.WorldAccount, Currency: "EUR", Ledger: "1200"}}
	config := strings.ReplaceAll(configTemplate("sqlite:tieout.db", "Fire", "EUR", account), "settle: 2s", "settle: 0s")
	config = strings.ReplaceAll(config, "rules: rules.yaml", "")
	if err := os.WriteFile(filepath.Join(dir, "tieout.yaml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func importBook(t *testing.T, dir string, env []string) {
	t.Helper()
	for _, noun := range []string{"customers", "items"} {
		if _, stderr, code := tieout(t, dir, env, "import", noun, noun+".csv", "--quiet"); code != exitDone {
			t.Fatalf("import %s: exit %d: %s", noun, code, stderr)
		}
	}
}

// undisturbed is what one process on an embedded database comes to.
func undisturbed(t *testing.T, world fixtures.World) []string {
	t.Helper()
	dir := worldFolder(t, world)
	importBook(t, dir, nil)
	if _, stderr, code := tieout(t, dir, nil, "run", "--quiet"); code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	return decided(t, dir, nil)
}

// decided is what was decided, without ids, instants and the order in which things happened.
func decided(t *testing.T, dir string, env []string) []string {
	t.Helper()
	stdout, stderr, code := tieout(t, dir, env, "export", "applications", "--quiet")
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var keep []int
	for i, name := range rows[0] {
		if name != "entry" && name != "applied_at" && name != "actor" {
			keep = append(keep, i)
		}
	}
	var all []string
	for _, row := range rows[1:] {
		var kept []string
		for _, i := range keep {
			kept = append(kept, row[i])
		}
		all = append(all, strings.Join(kept, ","))
	}
	slices.Sort(all)
	return all
}

// work starts another worker.
func (f *fire) work(more ...string) *process {
	f.Helper()
	p := begin(f.T, f.dir, append(slices.Clone(f.env), more...), "work")
	f.workers = append(f.workers, p)
	return p
}

// read proves every snapshot of the books until the test is over: in each of them all invariants hold, among them that what was
// received is applied, unapplied, set aside or refunded. It returns how to stop it and how many snapshots it proved.
func (f *fire) read() (proved func() int) {
	ctx, stop := context.WithCancel(context.Background())
	count := make(chan int, 1)
	go func() {
		n := 0
		defer func() { count <- n }()
		for ctx.Err() == nil {
			broken, err := f.proof(ctx)
			switch {
			case ctx.Err() != nil:
			case err != nil: // the server is away
				time.Sleep(20 * time.Millisecond)
			case broken != "":
				f.Errorf("a snapshot in which %s", broken)
				return
			default:
				n++
			}
		}
	}()
	return func() int {
		stop()
		return <-count
	}
}

func (f *fire) proof(ctx context.Context) (broken string, err error) {
	st, err := postgres.Open(ctx, f.url, postgres.Options{Connections: 2})
	if err != nil {
		return "", err
	}
	defer st.Close()
	err = st.Snapshot(ctx, "default", func(view store.View) error {
		checks, err := books.Verify(view, rules.Default())
		for _, c := range checks {
			if !c.OK {
				broken += c.ID + " " + c.Name + ": " + c.Detail + "; "
			}
		}
		return err
	})
	return broken, err
}

// ends waits until every file is taken and every run is over.
func (f *fire) ends() {
	f.Helper()
	var said []fmt.Stringer
	for _, p := range f.workers {
		said = append(said, &p.out)
	}
	ctx := context.Background()
	var st store.Store
	defer func() {
		if st != nil {
			st.Close()
		}
	}()
	deadline := time.Now().Add(time.Minute)
	for {
		if st == nil {
			if server, err := postgres.Open(ctx, f.url, postgres.Options{Connections: 2}); err == nil {
				st = server
			}
		}
		if st != nil && len(bankFiles(f.T, f.dir)) == 0 && f.allOver(ctx, st) {
			return
		}
		if time.Now().After(deadline) {
			f.Fatalf("the work does not end; the workers say\n%v", said)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func bankFiles(t *testing.T, dir string) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "inbox", "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// allOver reports whether no run is under way, the last one is done, and nothing waits to be decided for the first time.
func (f *fire) allOver(ctx context.Context, st store.Store) bool {
	runs, err := st.Runs(ctx, "default", 0)
	if err != nil || len(runs) == 0 || runs[len(runs)-1].State != "done" {
		return false
	}
	receipts, _, err := st.Undecided(ctx, "default")
	return err == nil && !slices.ContainsFunc(receipts, func(r recon.Receipt) bool { return r.Standing == "" })
}

// settle ends the fire: what the workers came to is what one undisturbed process comes to, and all is proved.
func (f *fire) settle(want []string, proved func() int) {
	f.Helper()
	f.ends()
	snapshots := proved()
	for i, p := range f.workers {
		if p.cmd.ProcessState != nil {
			continue // it was killed
		}
		if code := p.stop(); code != exitDone {
			f.Errorf("worker %d: exit %d: %s", i, code, &p.out)
		}
	}
	if stdout, stderr, code := tieout(f.T, f.dir, f.env, "verify", "--deep", "--quiet"); code != exitDone {
		f.Errorf("verify: exit %d: %s%s", code, stdout, stderr)
	}
	if got := decided(f.T, f.dir, f.env); !slices.Equal(got, want) {
		f.Errorf("the end differs from the undisturbed one:\n%s", firstDifference(strings.Join(want, "\n"), strings.Join(got, "\n")))
	}
	if snapshots == 0 {
		f.Error("no snapshot was proved")
	}
	f.Logf("%d snapshots proved", snapshots)
}

// Two and four workers share one inbox of a thousand files and one book.
func TestWorkersShareAThousandFiles(t *testing.T) {
	world := fixtures.World{Seed: 3, Receipts: 1000, Items: 1100, Files: 1000}
	want := undisturbed(t, world)
	for _, workers := range []int{2, 4} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			f := light(t, pgtest.Shared(t), world)
			proved := f.read()
			for range workers {
				f.work()
			}
			f.settle(want, proved)
		})
	}
}

// fireWorld is large enough for things to go wrong in its middle.
var fireWorld = fixtures.World{Seed: 4, Receipts: 240, Items: 260, Files: 60}

// Whatever happens to the workers, the server and the line between them, the end is the undisturbed one.
func TestUnderFire(t *testing.T) {
	want := undisturbed(t, fireWorld)
	half := func(f *fire) {
		f.until("half of the files", func() bool { return len(bankFiles(f.T, f.dir)) <= fireWorld.Files/2 })
	}
	for _, c := range []struct {
		name  string
		fight func(*fire, *pgtest.Cluster)
	}{
		{"a worker is killed and another one comes", func(f *fire, _ *pgtest.Cluster) {
			first := f.work()
			f.work()
			half(f)
			first.signal(syscall.SIGKILL)
			<-first.ended
			f.work()
		}},
		{"a worker stands still past its lease", func(f *fire, _ *pgtest.Cluster) {
			first := f.work()
			f.work()
			half(f)
			first.signal(syscall.SIGSTOP)
			time.Sleep(fireLease * 5 / 2) // what others do meanwhile is the point
			first.signal(syscall.SIGCONT)
		}},
		{"the server is stopped at once and comes back", func(f *fire, cluster *pgtest.Cluster) {
			f.work()
			f.work()
			half(f)
			cluster.Restart(f.T, pgtest.Immediate)
		}},
		{"the answer to COMMIT is lost", func(f *fire, cluster *pgtest.Cluster) {
			line := newLossyLine(f.T, cluster.Address(), 25)
			through := "TIEOUT_STORE=" + strings.Replace(f.url, cluster.Address(), line.address(), 1)
			f.work(through)
			f.work(through)
			f.ends()
			if line.lost() == 0 {
				f.Error("no answer was lost")
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cluster := pgtest.Shared(t)
			if strings.Contains(c.name, "server") {
				cluster = pgtest.New(t)
			}
			f := light(t, cluster, fireWorld)
			proved := f.read()
			c.fight(f, cluster)
			f.settle(want, proved)
		})
	}
}

func (f *fire) until(what string, done func() bool) {
	f.Helper()
	var said []fmt.Stringer
	for _, p := range f.workers {
		said = append(said, &p.out)
	}
	until(f.T, what, done, said...)
}
