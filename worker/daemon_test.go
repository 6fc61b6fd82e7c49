package worker_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/worker"
)

// clock is a clock that the test sets.
type clock struct {
	turn sync.Mutex
	at   time.Time
}

func (c *clock) now() time.Time {
	c.turn.Lock()
	defer c.turn.Unlock()
	return c.at
}

func (c *clock) set(at time.Time) {
	c.turn.Lock()
	defer c.turn.Unlock()
	c.at = at
}

// watched is a house with a worker in it.
type watched struct {
	*house
	clock    *clock
	daemon   *worker.Daemon
	schedule worker.Schedule
}

// watch furnishes a worker with an empty house and one schedule; its clock stands at noon of the 1st of March 2026.
func watch(t *testing.T, catchUp, overlap string) *watched {
	t.Helper()
	h := emptyHouse(t)
	w := &watched{house: h, clock: &clock{at: instant(t, "2026-03-01T12:00Z")}}
	h.job.Now = w.clock.now
	schedule, err := worker.NewSchedule(store.Schedule{Name: "nightly", Cron: "0 2 * * *", Zone: "Europe/Berlin"}, catchUp, overlap)
	h.must(err)
	w.schedule = schedule
	w.fresh()
	return w
}

// fresh makes a worker that remembers nothing, as after a restart.
func (w *watched) fresh() {
	gauge := worker.NewMetrics("test")
	solo := worker.NewSolo(zap.NewNop(), gauge)
	solo.Pause = time.Millisecond
	w.daemon = &worker.Daemon{Store: w.job.Store, Poll: 2 * time.Millisecond, Now: w.clock.now, Log: zap.NewNop(), Crew: solo, Gauge: gauge}
	w.daemon.Furnish([]worker.House{{Pipeline: w.job, Schedules: []worker.Schedule{w.schedule}}})
}

// works lets the worker work while something is done.
func (w *watched) works(during func()) {
	w.Helper()
	ctx, stop := context.WithCancel(w.ctx)
	ended := make(chan error, 1)
	go func() { ended <- w.daemon.Run(ctx) }()
	defer func() {
		stop()
		w.must(<-ended)
	}()
	w.until("the first look", func() bool { return w.looks() > 0 })
	during()
}

// until waits for something that the worker will do.
func (w *watched) until(what string, done func() bool) {
	w.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); {
		if time.Now().After(deadline) {
			w.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func (w *watched) ticks() (texts []string) {
	w.Helper()
	ticks, err := w.job.Store.Ticks(w.ctx, storyEntity, "nightly", 100)
	w.must(err)
	slices.Reverse(ticks)
	for _, t := range ticks {
		texts = append(texts, t.Due.Format("01-02 15:04 ")+string(t.Outcome))
	}
	return texts
}

// come waits until these are the ticks.
func (w *watched) come(want ...string) {
	w.Helper()
	var got []string
	defer func() {
		if w.Failed() {
			w.Logf("the ticks are %q", got)
		}
	}()
	w.until(fmt.Sprintf("the ticks %q", want), func() bool { got = w.ticks(); return slices.Equal(got, want) })
}

func (w *watched) get(path string) string {
	answer := httptest.NewRecorder()
	w.daemon.Handler().ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
	return answer.Body.String()
}

func (w *watched) runs() []store.Run {
	w.Helper()
	runs, err := w.job.Store.Runs(w.ctx, storyEntity, 0)
	w.must(err)
	return runs
}

func TestADueTimeRunsOnce(t *testing.T) {
	w := watch(t, "one", "skip")
	w.works(func() {
		w.clock.set(instant(t, "2026-03-02T00:59Z"))
		w.until("some looks", w.later())
		w.come()
		w.clock.set(instant(t, "2026-03-02T01:00Z"))
		w.come("03-02 01:00 ran")
		w.until("some looks", w.later())
	})
	if runs := w.runs(); len(runs) != 1 || runs[0].State != worker.RunDone {
		t.Errorf("runs %+v", runs)
	}
	w.fresh()
	w.works(func() { w.until("some looks", w.later()) })
	w.come("03-02 01:00 ran")
}

// later is true when the worker has looked around a few times from now.
func (w *watched) later() func() bool {
	const few = 5
	from := w.looks()
	return func() bool { return w.looks() > from+few }
}

var countedLooks = regexp.MustCompile(`(?m)^tieout_looks_total (\d+)$`)

func (w *watched) looks() int {
	w.Helper()
	n, err := strconv.Atoi(countedLooks.FindStringSubmatch(w.get("/metrics"))[1])
	w.must(err)
	return n
}

func TestWhatCameDueWhileNobodyWasThere(t *testing.T) {
	for policy, want := range map[string][]string{
		"one":  {"skipped", "skipped", "skipped", "skipped", "caught_up"},
		"all":  {"caught_up", "caught_up", "caught_up", "caught_up", "caught_up"},
		"none": {"skipped", "skipped", "skipped", "skipped", "skipped"},
	} {
		t.Run(policy, func(t *testing.T) {
			w := watch(t, policy, "skip")
			w.works(func() {})
			w.clock.set(instant(t, "2026-03-06T09:00Z"))
			w.fresh()
			for i := range want {
				want[i] = fmt.Sprintf("03-0%d 01:00 %s", i+2, want[i])
			}
			w.works(func() { w.come(want...) })
			ran := 0
			for _, text := range want {
				if !strings.HasSuffix(text, "skipped") {
					ran++
				}
			}
			if got := len(w.runs()); got != ran {
				t.Errorf("%d runs, want %d", got, ran)
			}
		})
	}
}

func TestALineThatChangedIsNotDueInThePast(t *testing.T) {
	w := watch(t, "all", "skip")
	w.works(func() {})
	w.clock.set(instant(t, "2026-03-06T09:00Z"))
	var err error
	w.schedule, err = worker.NewSchedule(store.Schedule{Name: "nightly", Cron: "0 4 * * *", Zone: "Europe/Berlin"}, "all", "skip")
	w.must(err)
	w.fresh()
	w.works(func() {
		w.until("some looks", w.later())
		w.come()
		w.clock.set(instant(t, "2026-03-07T03:00Z"))
		w.come("03-07 03:00 ran")
	})
}

func TestADueTimeWhileTheLastRunGoesOn(t *testing.T) {
	for policy, want := range map[string][]string{
		"skip":  {"03-02 01:00 waiting", "03-03 01:00 skipped"},
		"queue": {"03-02 01:00 waiting", "03-03 01:00 waiting"},
	} {
		t.Run(policy, func(t *testing.T) {
			w := watch(t, "one", policy)
			goOn := make(chan bool)
			w.job.Reached = func(point string) {
				if point == "K8.before" {
					<-goOn
				}
			}
			w.works(func() {
				w.clock.set(instant(t, "2026-03-02T01:00Z"))
				w.come("03-02 01:00 waiting")
				w.clock.set(instant(t, "2026-03-03T01:00Z"))
				w.come(want...)
				close(goOn)
				w.come(want[0][:12]+"ran", strings.Replace(want[1], "waiting", "ran", 1))
			})
		})
	}
}

// A clock that is set back or forward skips no run and doubles none.
func TestClockJumps(t *testing.T) {
	w := watch(t, "all", "skip")
	w.works(func() {
		w.clock.set(instant(t, "2026-03-02T01:00Z"))
		w.come("03-02 01:00 ran")
		w.clock.set(instant(t, "2026-03-02T00:00Z"))
		w.until("some looks", w.later())
		w.clock.set(instant(t, "2026-03-02T01:00Z"))
		w.until("some looks", w.later())
		w.come("03-02 01:00 ran")
		w.clock.set(instant(t, "2026-03-04T12:00Z"))
		w.come("03-02 01:00 ran", "03-03 01:00 caught_up", "03-04 01:00 caught_up")
		w.clock.set(instant(t, "2026-03-03T00:30Z"))
		w.until("some looks", w.later())
		w.clock.set(instant(t, "2026-03-05T01:00Z"))
		w.come("03-02 01:00 ran", "03-03 01:00 caught_up", "03-04 01:00 caught_up", "03-05 01:00 ran")
	})
}

// A run that the world keeps failing is tried a few times; then the next due time has its turn.
func TestARunThatFailsIsTriedAgain(t *testing.T) {
	w := watch(t, "one", "skip")
	blocked := filepath.Dir(w.inbox) + "/out"
	w.must(os.WriteFile(blocked, nil, 0o644)) // no folder can be made there
	w.drop("bank.xml", bankFile(t, "one", 0, 1000))
	w.works(func() {
		w.until("the file to be booked", func() bool { return len(w.dropped("done")) == 1 })
		w.clock.set(instant(t, "2026-03-02T01:00Z"))
		w.come("03-02 01:00 ran")
		runs := w.runs()
		failed := slices.DeleteFunc(runs, func(r store.Run) bool { return r.State != worker.RunFailed })
		if len(failed) != 5 {
			t.Errorf("%d runs failed, want 5", len(failed))
		}
		w.must(os.Remove(blocked))
		w.clock.set(instant(t, "2026-03-03T01:00Z"))
		w.come("03-02 01:00 ran", "03-03 01:00 ran")
	})
	if last := w.runs()[len(w.runs())-1]; last.State != worker.RunDone {
		t.Errorf("the last run is %+v", last)
	}
	w.sound()
}

func (w *watched) dropped(folder string) (names []string) {
	entries, err := os.ReadDir(filepath.Join(w.inbox, folder))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// settling is how long files must lie still in these tests.
const settling = 100 * time.Millisecond

func TestFilesAreTakenWhenTheyHaveSettled(t *testing.T) {
	w := watch(t, "one", "skip")
	w.job.Inboxes[0].Settle = settling
	w.fresh()
	whole := bankFile(t, "one", 0, 1000)
	path := filepath.Join(w.inbox, "bank.xml")
	w.works(func() {
		w.must(os.WriteFile(filepath.Join(w.inbox, "bank.xml.part"), whole, 0o644))
		w.must(os.WriteFile(filepath.Join(w.inbox, ".hidden"), whole, 0o644))
		f, err := os.Create(path)
		w.must(err)
		for _, b := range whole[:40] {
			_, err := f.Write([]byte{b})
			w.must(err)
			time.Sleep(settling / 10) // a slow writer
		}
		_, err = f.Write(whole[40:])
		w.must(err)
		w.must(f.Close())
		// What a file says about its age does not matter.
		w.must(os.Chtimes(path, time.Now().Add(time.Hour), time.Now().Add(time.Hour)))
		w.until("the file to be taken", func() bool { return slices.Equal(w.dropped("done"), []string{"bank.xml"}) })
		if refused := w.dropped("refused"); refused != nil {
			t.Errorf("taken too early: %v", refused)
		}
		if left := w.dropped("."); !slices.Equal(left, []string{".hidden", "bank.xml.part"}) {
			t.Errorf("left in the inbox: %v", left)
		}
	})
	w.sound()
}

func TestOnlyPlainFilesAreTaken(t *testing.T) {
	w := watch(t, "one", "skip")
	outside := filepath.Join(t.TempDir(), "outside.xml")
	w.must(os.WriteFile(outside, bankFile(t, "one", 0, 1000), 0o644))
	w.must(os.Symlink(outside, filepath.Join(w.inbox, "link.xml")))
	w.must(os.WriteFile(filepath.Join(w.inbox, "twice.xml"), bankFile(t, "two", 0, 1000), 0o644))
	w.must(os.Link(filepath.Join(w.inbox, "twice.xml"), filepath.Join(w.inbox, "again.xml")))
	w.must(syscall.Mkfifo(filepath.Join(w.inbox, "pipe.xml"), 0o644))
	w.must(os.Mkdir(filepath.Join(w.inbox, "folder.xml"), 0o755))
	w.works(func() {
		w.until("one intake", func() bool { runs := w.runs(); return len(runs) > 0 && runs[0].State == worker.RunDone })
		w.until("some looks", w.later())
		runs := w.runs()
		if len(runs) != 1 || runs[0].Stats.Files != 5 || runs[0].Stats.Refused != 5 {
			t.Errorf("what cannot be taken is looked at once: %+v", runs)
		}
		w.drop("bank.xml", bankFile(t, "three", 0, 1000))
		w.until("the plain file to be taken", func() bool { return slices.Equal(w.dropped("done"), []string{"bank.xml"}) })
	})
	if left := w.dropped("."); len(left) != 4 {
		t.Errorf("left in the inbox: %v", left)
	}
	files, err := w.job.Store.Files(w.ctx, storyEntity, 0)
	w.must(err)
	if len(files) != 1 {
		t.Errorf("received %+v", files)
	}
}

// An inbox that cannot be reached is not an empty one: it is said, and its files are taken when it is back.
func TestAnInboxThatGoesAway(t *testing.T) {
	w := watch(t, "one", "skip")
	away := w.inbox + "-away"
	w.works(func() {
		w.must(os.Rename(w.inbox, away))
		w.until("the trouble to be said", func() bool { return strings.Contains(w.get("/readyz"), "inbox unreachable") })
		if !strings.Contains(w.get("/metrics"), `tieout_inbox_reachable{entity="story",inbox="`+w.inbox+`"} 0`) {
			t.Error("the metrics do not say it")
		}
		if got := w.get("/healthz"); got != "ok\n" {
			t.Errorf("the worker is alive, and says %q", got)
		}
		w.must(os.WriteFile(filepath.Join(away, "bank.xml"), bankFile(t, "one", 0, 1000), 0o644))
		w.must(os.Rename(away, w.inbox))
		w.until("the file to be taken", func() bool { return len(w.dropped("done")) == 1 })
		w.until("good health", func() bool { return w.get("/readyz") == "ok\n" })
	})
	w.sound()
}

func TestMetricsCountWhatWasDone(t *testing.T) {
	w := watch(t, "one", "skip")
	w.works(func() {
		w.drop("bank.xml", bankFile(t, "one", 0, 1000))
		w.drop("copy.xml", bankFile(t, "one", 0, 1000))
		w.drop("broken.xml", []byte("<html></html>"))
		w.until("three files", func() bool {
			return len(w.dropped("done"))+len(w.dropped("duplicate"))+len(w.dropped("refused")) == 4 // and the problems beside one
		})
		w.clock.set(instant(t, "2026-03-02T01:00Z"))
		w.come("03-02 01:00 ran")
		w.until("the counters", func() bool {
			got := w.get("/metrics")
			return !slices.ContainsFunc([]string{
				`tieout_files_total{entity="story",state="booked"} 1`, `tieout_files_total{entity="story",state="duplicate"} 1`,
				`tieout_files_total{entity="story",state="refused"} 1`, `tieout_entries_total{entity="story"} 1`,
				`tieout_receipts_total{entity="story",outcome="queued"} 1`, `tieout_ticks_total{entity="story",outcome="ran",schedule="nightly"} 1`,
				`tieout_invariants_broken{entity="story"} 0`, `tieout_build_info{version="test"} 1`,
			}, func(line string) bool { return !strings.Contains(got, line) })
		})
	})
}

// A worker that is told to stop in the middle of a run stops soon, and the next one ends what it began.
func TestAWorkerThatStopsLosesNothing(t *testing.T) {
	w := watch(t, "one", "skip")
	for i := range 20 {
		w.drop(fmt.Sprintf("bank-%02d.xml", i), bankFile(t, fmt.Sprintf("s%02d", i), int64(i)*1000, 1000))
	}
	ctx, stop := context.WithCancel(w.ctx)
	seen := 0
	w.job.Reached = func(point string) {
		if point == "K6.before" {
			if seen++; seen == 10 {
				stop()
			}
		}
	}
	w.must(w.daemon.Run(ctx))
	if runs := w.runs(); runs[0].State != worker.RunInterrupted {
		t.Errorf("the run that was stopped is %s", runs[0].State)
	}
	w.fresh()
	w.works(func() { w.until("all files", func() bool { return len(w.dropped("done")) == 20 }) })
	w.sound()
	var total int64
	w.must(w.job.Store.Snapshot(w.ctx, storyEntity, func(v store.View) error {
		for e, err := range v.Entries() {
			w.must(err)
			total += e.AmountMinor
		}
		return nil
	}))
	if total != 20*1000 {
		t.Errorf("%d booked, want 20 entries of 1000", total)
	}
}

// Reading a file that brings the program down is tried three times; then it is put aside, and the others go on.
func TestAPoisonousFileIsQuarantined(t *testing.T) {
	w := watch(t, "one", "skip")
	w.drop("a-poison.xml", bankFile(t, "poison", 0, 666))
	w.drop("b-good.xml", bankFile(t, "good", 0, 1000))
	poisonous := true
	w.job.Reached = func(point string) {
		if point == "K5.before" && poisonous { // the first file of each run
			poisonous = false
			panic("poison")
		}
	}
	for range 3 {
		poisonous = true
		result, err := w.job.Run(w.ctx)
		w.must(err)
		if states := received(result); states["a-poison.xml"] != recon.FileRecorded {
			t.Fatalf("received %v", states)
		}
	}
	result, err := w.job.Run(w.ctx)
	w.must(err)
	if states := received(result); states["a-poison.xml"] != recon.FileRefused {
		t.Errorf("received %v", states)
	}
	if !slices.Equal(w.dropped("done"), []string{"b-good.xml"}) || !slices.Equal(w.dropped("refused"), []string{"a-poison.xml", "a-poison.xml.problems.json"}) {
		t.Errorf("done %v, refused %v", w.dropped("done"), w.dropped("refused"))
	}
	w.sound()
}

func received(result worker.Result) map[string]recon.FileState {
	states := map[string]recon.FileState{}
	for _, f := range result.Received {
		states[f.Name] = f.State
	}
	return states
}
