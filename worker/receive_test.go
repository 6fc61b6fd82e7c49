package worker_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
)

// bankFile is a camt file of the story's account with one credit.
func bankFile(t *testing.T, id string, openingMinor, amountMinor int64) []byte {
	t.Helper()
	const day recon.Date = 20260302
	statement := recon.Statement{ID: id, Account: "DE89370400440532013000", Currency: "EUR", From: day, To: day,
		Opening: &recon.Balance{AmountMinor: openingMinor, Date: day}, Closing: &recon.Balance{AmountMinor: openingMinor + amountMinor, Date: day},
		Entries: []recon.Entry{{AmountMinor: amountMinor, Currency: "EUR", Booked: day, Value: day, Status: recon.Booked, BankReference: id, Text: "hello"}},
		Counts:  recon.Counts{StatedEntries: -1, StatedCreditMinor: -1, StatedDebitMinor: -1}}
	var b strings.Builder
	if err := fixtures.WriteCamt(&b, 8, []recon.Statement{statement}, fixtures.CamtOptions{}); err != nil {
		t.Fatal(err)
	}
	return []byte(b.String())
}

func emptyHouse(t *testing.T) *house {
	t.Helper()
	return openHouse(t, []recon.Account{{ID: "main", IBAN: "DE89370400440532013000", Currency: "EUR", Ledger: "1200"}}, nil)
}

// A file that takes the place of another one while that one is read is not moved away with it (FAULTS 38).
func TestAFileReplacedWhileItsPredecessorIsReadIsNotLost(t *testing.T) {
	h := emptyHouse(t)
	path := filepath.Join(h.inbox, "bank.xml")
	h.drop("bank.xml", bankFile(t, "first", 0, 1000))
	replaced := false
	h.job.Reached = func(point string) {
		if point == "K7.before" && !replaced {
			replaced = true
			h.must(os.WriteFile(path+".new", bankFile(t, "second", 1000, 2000), 0o644))
			h.must(os.Rename(path+".new", path))
		}
	}
	h.run()
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("the second file is gone from the inbox: %v", err)
	}
	second := h.run()
	if len(second.Received) != 1 || second.Received[0].New != 1 {
		t.Errorf("the second file was not booked: %+v", second.Received)
	}
	h.sound()
}

// Names may be as long as the file system allows; originals and the problems beside them still find a place, again and again.
func TestNamesOfFullLength(t *testing.T) {
	h := emptyHouse(t)
	name := strings.Repeat("n", 251) + ".xml"
	for range 3 {
		h.drop(name, []byte("<html>no statement</html>"))
		h.run()
		h.drop(name, bankFile(t, "good", 0, 1000))
		h.run()
	}
	left, err := os.ReadDir(filepath.Join(h.inbox, "refused"))
	h.must(err)
	if len(left) != 6 {
		t.Errorf("%d files in refused, want 3 originals and their problems", len(left))
	}
	h.sound()
}

// A link in place of one of our folders must not lead what is moved out of the inbox.
func TestOurFoldersAreNoLinks(t *testing.T) {
	h := emptyHouse(t)
	outside := t.TempDir()
	h.must(os.Symlink(outside, filepath.Join(h.inbox, "refused")))
	h.drop("bad.xml", []byte("<html>no statement</html>"))
	if _, err := h.job.Run(h.ctx); err == nil || !strings.Contains(err.Error(), "symbolic link") {
		t.Errorf("the run ended with %v", err)
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
		t.Errorf("written outside of the inbox: %v %v", left, err)
	}
	h.must(os.Remove(filepath.Join(h.inbox, "refused")))
	if again := h.run(); len(again.Received) != 1 || again.Received[0].Moved != "refused" {
		t.Errorf("received %+v", again.Received)
	}
	h.sound()
}
