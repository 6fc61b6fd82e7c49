package worker_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"go.uber.org/zap"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/store/postgres"
	"github.com/tieout/tieout/store/postgres/pgtest"
	"github.com/tieout/tieout/worker"
)

// openServer returns a database of its own with the job engine's tables.
func openServer(t *testing.T) (*postgres.Store, string) {
	t.Helper()
	url := pgtest.Shared(t).Clone(t, "tieout-jobs", func(url string) error {
		st, err := postgres.Open(context.Background(), url, postgres.Options{})
		if err != nil {
			return err
		}
		defer st.Close()
		if err := st.Migrate(context.Background()); err != nil {
			return err
		}
		return worker.MigrateJobs(context.Background(), riverpgxv5.New(st.Pool()))
	})
	return connect(t, url), url
}

func connect(t *testing.T, url string) *postgres.Store {
	t.Helper()
	st, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

// begins starts a worker of a database on its own connections, which stops when it is told to, at the latest when the test ends.
func (h *house) begins(url string, schedules ...worker.Schedule) (stop func()) {
	h.Helper()
	st := connect(h.T, url)
	job := *h.job
	job.Store, job.Now, job.Shard = st, time.Now, 100
	crew, err := worker.NewRiver(riverpgxv5.New(st.Pool()), worker.RiverOptions{Store: st, Log: zap.NewNop(), Workers: 2, Lease: 3 * time.Second})
	h.must(err)
	d := &worker.Daemon{Store: st, Poll: 20 * time.Millisecond, Now: time.Now, Log: zap.NewNop(), Crew: crew}
	d.Furnish([]worker.House{{Pipeline: &job, Schedules: schedules}})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			h.Error(err)
		}
	})
	h.Cleanup(stop)
	return stop
}

// world generates a world and returns its files by name, customers and items imported.
func (h *house) world(world fixtures.World) (banks map[string][]byte, truth fixtures.Truth) {
	h.Helper()
	dir := h.TempDir()
	truth, err := world.Write(func(name string) (io.WriteCloser, error) { return os.Create(filepath.Join(dir, name)) })
	h.must(err)
	banks = map[string][]byte{}
	entries, err := os.ReadDir(dir)
	h.must(err)
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		h.must(err)
		switch e.Name() {
		case "customers.csv":
			h.imports(fixtures.Import{Kind: fixtures.ImportCustomers, Name: e.Name(), Data: data})
		case "items.csv":
		default:
			banks[e.Name()] = data
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "items.csv"))
	h.must(err)
	h.imports(fixtures.Import{Kind: fixtures.ImportItems, Name: "items.csv", Data: data})
	return banks, truth
}

// decisions are what the applications export says, without ids, instants and the order in which things happened.
func (h *house) decisions() []string {
	h.Helper()
	rows := rowTexts(h.applications(), []string{"bank_reference", "account", "booked", "amount", "currency", "payer", "decision", "score", "reason", "kind", "item", "customer", "applied"})
	slices.Sort(rows)
	return rows
}

// Two workers of one database take what is dropped, in shards, and come to what one worker alone comes to.
func TestWorkersOfAServerDecideWhatOneDecides(t *testing.T) {
	world := fixtures.World{Seed: 5, Receipts: 900, Items: 1000, Files: 9}
	alone := openHouse(t, demoAccounts[:1], nil)
	banks, _ := alone.world(world)
	for name, data := range banks {
		alone.drop(name, data)
	}
	alone.run()
	want := alone.decisions()

	st, url := openServer(t)
	h := openHouseOn(t, engine{"server", func(*testing.T) store.Store { return st }}, demoAccounts[:1], nil)
	h.world(world)
	for name, data := range banks {
		h.drop(name, data)
	}
	h.begins(url)
	h.begins(url)
	(&watched{house: h}).until("all files to be taken and decided", func() bool {
		runs, err := st.Runs(h.ctx, storyEntity, 0)
		h.must(err)
		left, err := filepath.Glob(filepath.Join(h.inbox, "*.xml"))
		h.must(err)
		return len(left) == 0 && len(runs) > 0 && !slices.ContainsFunc(runs, func(r store.Run) bool { return r.State != worker.RunDone })
	})
	h.sound()
	if got := h.decisions(); !slices.Equal(got, want) {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		t.Errorf("%d decisions, want %d; from the %d. on:\n got %v\nwant %v", len(got), len(want), at, got[at:min(at+3, len(got))], want[at:min(at+3, len(want))])
	}
}

// A worker stops when every file is taken and nothing is decided. Whoever takes over finds an empty inbox, and decides what came.
func TestWhatAWorkerTookAnotherOneDecides(t *testing.T) {
	st, url := openServer(t)
	h := openHouseOn(t, engine{"server", func(*testing.T) store.Store { return st }}, demoAccounts[:1], nil)
	banks, _ := h.world(fixtures.World{Seed: 6, Receipts: 40, Items: 50, Files: 4})
	for name, data := range banks {
		h.drop(name, data)
	}
	taken, going := make(chan struct{}), make(chan struct{})
	h.job.Reached = func(point string) {
		if point == "K8.before" {
			close(taken)
			<-going
		}
	}
	stop := h.begins(url)
	<-taken
	h.job.Reached = nil
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	(&watched{house: h}).until("the first worker to give no sign of life", func() bool {
		now, err := st.Clock(h.ctx, time.Now())
		h.must(err)
		leases, err := st.Leases(h.ctx, storyEntity, "intake/")
		h.must(err)
		return !slices.ContainsFunc(leases, func(l store.Lease) bool { return l.Until.After(now) })
	})
	close(going)
	<-stopped
	if receipts, _, err := st.Undecided(h.ctx, storyEntity); err != nil || len(receipts) == 0 {
		t.Fatalf("%d receipts wait when the first worker is gone: %v", len(receipts), err)
	}
	h.begins(url)
	(&watched{house: h}).until("another worker to decide", func() bool {
		receipts, _, err := st.Undecided(h.ctx, storyEntity)
		h.must(err)
		return !slices.ContainsFunc(receipts, func(r recon.Receipt) bool { return r.Standing == "" })
	})
	h.sound()
}

// Three replicas keep one timetable: each due time runs once.
func TestReplicasKeepOneTimetable(t *testing.T) {
	st, url := openServer(t)
	h := openHouseOn(t, engine{"server", func(*testing.T) store.Store { return st }}, []recon.Account{{ID: "main", IBAN: "DE89370400440532013000", Currency: "EUR", Ledger: "1200"}}, nil)
	// The schedule was noted five minutes ago, when nobody was there.
	now, err := st.Clock(h.ctx, time.Now())
	h.must(err)
	line := store.Schedule{Name: "nightly", Cron: "* * * * *", Zone: "UTC"}
	_, err = st.SaveSchedule(h.ctx, store.Act{Actor: "anna", At: now.Add(-5 * time.Minute)}, storyEntity, line)
	h.must(err)
	for range 3 {
		schedule, err := worker.NewSchedule(line, "all", "queue")
		h.must(err)
		h.begins(url, schedule)
	}
	var ticks []store.Tick
	(&watched{house: h}).until("five ticks to be settled", func() bool {
		ticks, err = st.Ticks(h.ctx, storyEntity, "nightly", 100)
		h.must(err)
		return len(ticks) >= 5 && !slices.ContainsFunc(ticks, func(t store.Tick) bool { return t.Outcome == store.TickWaiting })
	})
	runs, err := st.Runs(h.ctx, storyEntity, 0)
	h.must(err)
	if len(runs) != len(ticks) {
		t.Errorf("%d runs for %d ticks", len(runs), len(ticks))
	}
	used := map[int64]bool{}
	for _, tick := range ticks {
		if tick.Run == 0 || used[tick.Run] {
			t.Errorf("the tick due at %s has run %d", tick.Due, tick.Run)
		}
		used[tick.Run] = true
	}
}

// Workers that begin at the same moment prepare the job engine once.
func TestWorkersThatBeginTogetherPrepareTheJobEngine(t *testing.T) {
	url := pgtest.Shared(t).Database(t)
	failed := make(chan error)
	const workers = 4
	for range workers {
		st := connect(t, url)
		go func() { failed <- worker.MigrateJobs(context.Background(), riverpgxv5.New(st.Pool())) }()
	}
	for range workers {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}
