package worker_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// scales is a store that weighs the live heap while the records of a file go by.
type scales struct {
	store.Store
	peak uint64
}

func (s *scales) SaveOutcome(ctx context.Context, act store.Act, outcome store.Outcome) error {
	records, n := outcome.Records, 0
	outcome.Records = func(yield func(store.Record, error) bool) {
		for r, err := range records {
			if n++; n%10_000 == 0 {
				s.peak = max(s.peak, liveHeap())
			}
			if !yield(r, err) {
				return
			}
		}
	}
	return s.Store.SaveOutcome(ctx, act, outcome)
}

func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// writeLarge writes one statement of so many credits, all of one day.
func writeLarge(path string, entries int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	balance := func(code string, minor int) {
		fmt.Fprintf(w, `<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">%d.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>`, code, minor)
	}
	fmt.Fprint(w, `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>`)
	balance("OPBD", 0)
	balance("CLBD", entries*12)
	for i := range entries {
		fmt.Fprintf(w, `<Ntry><Amt Ccy="EUR">12.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt><AcctSvcrRef>%09d</AcctSvcrRef><NtryDtls><TxDtls>
<Refs><EndToEndId>E2E-%09d</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Customer number %d of very many of them</Nm></Pty></Dbtr></RltdPties>
<RmtInf><Ustrd>Payment of invoice %d, with our best thanks for your patience in this matter</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`, i, i, i, i)
	}
	fmt.Fprint(w, `</Stmt></BkToCstmrStmt></Document>`)
	return w.Flush()
}

// While a file is stored, what is in memory of it does not grow with it: 60,000 entries in memory would be over 60 MiB.
func TestFilesAreNeverWholeInMemory(t *testing.T) {
	const entries, bound = 60_000, 12 << 20
	h := emptyHouse(t)
	h.must(writeLarge(filepath.Join(h.inbox, "large.xml"), entries))
	weighing := &scales{Store: h.job.Store}
	h.job.Store = weighing
	before := liveHeap()
	received, _, err := h.job.Ingest(h.ctx, nil, "")
	h.must(err)
	if len(received) != 1 || received[0].New != entries || received[0].Statements[0].Ties != recon.Ties {
		t.Fatalf("received %+v", received)
	}
	if weighing.peak == 0 || weighing.peak > before+bound {
		t.Errorf("%d MiB in memory while the file was stored, %d MiB before", weighing.peak>>20, before>>20)
	}
}
