package postgres_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/store/postgres"
	"github.com/tieout/tieout/store/postgres/pgtest"
	"github.com/tieout/tieout/store/storetest"
)

// courier stands between the program and the server, and loses the answer to a COMMIT, or the COMMIT itself.
type courier struct {
	target string
	losing atomic.Int32 // what becomes of the next COMMIT
}

const (
	deliver    = iota
	loseAnswer // the server commits, nobody hears of it
	loseCommit // the server never gets it
)

func (c *courier) carry(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", c.target)
			if err != nil {
				client.Close()
				return
			}
			go c.answers(client, server)
			go c.requests(client, server)
		}
	}()
	return listener.Addr().String()
}

func (c *courier) answers(client, server net.Conn) {
	io.Copy(client, server)
	client.Close()
}

func (c *courier) requests(client, server net.Conn) {
	defer client.Close()
	defer server.Close()
	buffer := make([]byte, 1<<16)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		how := int32(deliver)
		if bytes.Contains(buffer[:n], []byte("COMMIT")) {
			how = c.losing.Swap(deliver)
		}
		if how == loseCommit {
			return
		}
		if how == loseAnswer {
			client.Close() // before the server can answer
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
		if how == loseAnswer {
			io.Copy(io.Discard, server) // until the server has heard all and hangs up
			return
		}
	}
}

// TestCommitWithoutAnAnswer: whatever the wire loses of a COMMIT, its change happens once.
func TestCommitWithoutAnAnswer(t *testing.T) {
	base := database(t)
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	c := &courier{target: u.Host}
	u.Host = c.carry(t)
	s := openAt(t, u.String())
	entity := storetest.Fill(t, openAt(t, base))
	for i, how := range []int32{loseAnswer, loseCommit} {
		runs := len(mustRuns(t, s, entity))
		c.losing.Store(how)
		id, err := s.StartRun(t.Context(), store.Act{Actor: "engine", At: time.Unix(int64(i), 0)}, entity, "r1")
		if err != nil {
			t.Fatal(err)
		}
		if got := mustRuns(t, s, entity); len(got) != runs+1 || got[len(got)-1].ID != id {
			t.Errorf("case %d: run %d was started, there are %d runs more", i, id, len(got)-runs)
		}
		if c.losing.Load() != deliver {
			t.Errorf("case %d: no COMMIT came by", i)
		}
	}
	storetest.Prove(t, s)
}

func mustRuns(t *testing.T, s store.Store, entity string) []store.Run {
	t.Helper()
	runs, err := s.Runs(t.Context(), entity, 0)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// TestManyAtOnce: workers, people and files on one company's books take turns, and none of what they did is lost.
func TestManyAtOnce(t *testing.T) {
	url := database(t)
	entity := storetest.Fill(t, openAt(t, url))
	const each = 15
	var group sync.WaitGroup
	for n := range 6 {
		s := openAt(t, url)
		group.Go(func() {
			for k := range each {
				if err := s.SaveRules(t.Context(), store.Act{Actor: "engine"}, entity, fmt.Sprintf("%d/%d", n, k), "text"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	s := openAt(t, url)
	versions, err := s.RulesVersions(t.Context(), entity)
	if err != nil || len(versions) != 6*each+1 {
		t.Errorf("%d versions, %v", len(versions), err)
	}
	storetest.Prove(t, s)
}

// TestConflictsAreDoneAgain: a deadlock or a conflict is done again, a bounded number of times.
func TestConflictsAreDoneAgain(t *testing.T) {
	url := database(t)
	entity := storetest.Fill(t, openAt(t, url))
	var causes []string
	s, err := postgres.Open(t.Context(), url, postgres.Options{Retried: func(_, cause string) { causes = append(causes, cause) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	// Whoever waits for the entity's turn is sent away once, as the server does with one of two that wait for each other.
	pgtest.Exec(t, url, `CREATE SEQUENCE strikes; CREATE FUNCTION strike() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF nextval('strikes') <= 2 THEN RAISE EXCEPTION 'struck' USING ERRCODE = CASE currval('strikes') WHEN 1 THEN '40P01' ELSE '40001' END; END IF; RETURN NEW; END $$;
		CREATE TRIGGER struck BEFORE INSERT ON run FOR EACH ROW EXECUTE FUNCTION strike()`)
	if _, err := s.StartRun(t.Context(), store.Act{Actor: "engine"}, entity, "r1"); err != nil {
		t.Fatal(err)
	}
	if len(causes) != 2 || causes[0] != "40P01" || causes[1] != "40001" {
		t.Errorf("done again because of %v", causes)
	}
	pgtest.Exec(t, url, `CREATE OR REPLACE FUNCTION strike() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'struck' USING ERRCODE = '55P03'; END $$`)
	causes = nil
	if _, err := s.StartRun(t.Context(), store.Act{Actor: "engine"}, entity, "r1"); err == nil {
		t.Error("a unit that can never happen ended well")
	}
	if len(causes) != 4 {
		t.Errorf("done again %d times: %v", len(causes), causes)
	}
	storetest.Prove(t, openAt(t, url))
}

// TestAFrozenHolderIsFencedOff: who stood still for longer than the lease finds the lock taken, and its changes refused.
func TestAFrozenHolderIsFencedOff(t *testing.T) {
	url := database(t)
	entity := storetest.Fill(t, openAt(t, url))
	frozen, other := openAt(t, url), openAt(t, url)
	release, err := frozen.LockPipeline(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.LockPipeline(t.Context()); !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
	pgtest.Exec(t, url, `UPDATE pipeline_lock SET until = 0`) // its time is up before it notices
	taken, err := other.LockPipeline(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := frozen.StartRun(t.Context(), store.Act{Actor: "engine"}, entity, "r1"); !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v, want the frozen holder's change refused", err)
	}
	if _, err := other.StartRun(t.Context(), store.Act{Actor: "engine"}, entity, "r1"); err != nil {
		t.Error(err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	if _, err := frozen.LockPipeline(t.Context()); !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v: the former holder gave away what is not its own", err)
	}
	if err := taken(); err != nil {
		t.Error(err)
	}
}
