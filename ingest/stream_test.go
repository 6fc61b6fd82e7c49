package ingest

import (
	"errors"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
)

// heapWatch is a sink that counts entries and now and then looks at the heap.
type heapWatch struct {
	counter
	peak uint64
}

func (w *heapWatch) Entry(*recon.Entry) error {
	if w.entries++; w.entries%5_000 == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.peak = max(w.peak, m.HeapInuse)
	}
	return nil
}

// A file of 200 MB leaves no more in memory than one of 2 MB.
func TestMemoryIsFlatInTheFileSize(t *testing.T) {
	const heapBound = 64 << 20
	for _, workers := range []int{1, 2} {
		r, w := io.Pipe()
		go func() { w.CloseWithError(writeBench(w, 240_000)) }()
		watch := &heapWatch{}
		doc, err := Stream("large.xml", r, Options{Workers: workers}, watch)
		if err != nil || watch.entries != 240_000 || len(doc.AllProblems()) > 0 || doc.Statements[0].Ties != recon.Ties {
			t.Fatalf("%d workers: %d entries, %v, %v", workers, watch.entries, err, doc.AllProblems())
		}
		if watch.peak == 0 || watch.peak > heapBound {
			t.Errorf("%d workers: %d MiB of heap, want at most %d", workers, watch.peak>>20, heapBound>>20)
		}
	}
}

// events writes down what a sink is told.
type events struct {
	said  []string
	stop  int // the event that fails
	fault error
}

func (e *events) say(what string) error {
	e.said = append(e.said, what)
	if len(e.said) == e.stop {
		return e.fault
	}
	return nil
}

func (e *events) Begin(s *recon.Statement) error { return e.say("begin " + s.ID + " " + s.Account) }
func (e *events) Entry(x *recon.Entry) error     { return e.say(x.Place) }
func (e *events) End(s *recon.Statement, _ *Tally) error {
	return e.say("end " + s.ID + " " + strings.Repeat("!", len(s.Problems)))
}

func TestStreamTellsStatementsInOrder(t *testing.T) {
	var file strings.Builder
	if err := fixtures.WriteCamt(&file, 8, sampleStatements(), fixtures.CamtOptions{}); err != nil {
		t.Fatal(err)
	}
	want := []string{"begin S-1 DE89370400440532013000", "Stmt[1]/Ntry[1]", "Stmt[1]/Ntry[2]", "Stmt[1]/Ntry[3]", "Stmt[1]/Ntry[4]/TxDtls[1]", "Stmt[1]/Ntry[4]/TxDtls[2]", "end S-1 ",
		"begin S-2 12345678", "Stmt[2]/Ntry[1]", "end S-2 !"}
	told := &events{}
	doc, err := Stream("x.xml", strings.NewReader(file.String()), Options{}, told)
	if err != nil || !reflect.DeepEqual(told.said, want) || len(doc.Statements) != 2 || doc.Statements[0].Entries != nil {
		t.Errorf("%v %q", err, told.said)
	}
	full := errors.New("disk full")
	for stop := 1; stop <= len(want); stop++ {
		told := &events{stop: stop, fault: full}
		if _, err := Stream("x.xml", strings.NewReader(file.String()), Options{}, told); err != full || len(told.said) != stop {
			t.Errorf("stopped at %q: %v, %d events", want[stop-1], err, len(told.said))
		}
	}
}

func TestCSVIsReplayed(t *testing.T) {
	file := danskeHeader + danskeRow("05.03.2026", "100,00", "100,00") + danskeRow("06.03.2026", "200,00", "300,00")
	told := &events{}
	doc, err := Stream("x.csv", strings.NewReader(file), Options{}, told)
	if err != nil || len(told.said) != 4 || told.said[1] != "row 2" || told.said[2] != "row 3" || len(doc.Statements) != 1 || doc.Statements[0].Entries != nil {
		t.Fatalf("%v %q", err, told.said)
	}
	same, err := Read("x.csv", strings.NewReader(file), Options{})
	if err != nil || len(same.Statements[0].Entries) != 2 || !reflect.DeepEqual(doc.AllProblems(), same.AllProblems()) {
		t.Errorf("%v %v", err, doc.AllProblems())
	}
}
