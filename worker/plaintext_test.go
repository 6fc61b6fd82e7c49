package worker_test

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tieout/tieout/books"
	"github.com/tieout/tieout/fixtures"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// The journal of the demo, which has every kind of posting, is accepted by the programs it is written for, and they find the same balances on
// every account: those of the banks, of receivables, on account and suspense among them.
func TestOtherProgramsAgreeWithTheJournal(t *testing.T) {
	h := demoHouse(t)
	ours := map[string]int64{}
	h.snapshot(func(view store.View) error {
		for p, err := range books.Postings(view, h.set.Ledger, books.Cut{}) {
			if err != nil {
				return err
			}
			ours[p.Account+" "+string(p.Currency)] += p.AmountMinor
		}
		return nil
	})
	for _, account := range []string{"1200 EUR", "1220 GBP", h.set.Ledger.Receivables + " EUR", h.set.Ledger.OnAccount + " EUR", h.set.Ledger.Suspense + " EUR"} {
		if ours[account] == 0 {
			t.Errorf("nothing stands on %s: the demo proves nothing about it", account)
		}
	}
	for format, theirs := range map[string]func(path string) map[string]int64{books.FormatHledger: h.hledger, books.FormatBeancount: h.beancount} {
		path := filepath.Join(t.TempDir(), "books."+format)
		file, err := os.Create(path)
		h.must(err)
		h.snapshot(func(view store.View) error {
			return books.WriteJournal(file, view, h.set.Ledger, books.Selection{}, format)
		})
		h.must(file.Close())
		found := theirs(path)
		for account, minor := range ours {
			if found[account] != minor {
				t.Errorf("%s: %s is %d, ours is %d", format, account, found[account], minor)
			}
		}
	}
}

// demoHouse is the demo after its two nights.
func demoHouse(t *testing.T) *house {
	t.Helper()
	files, err := fixtures.DemoFiles()
	if err != nil {
		t.Fatal(err)
	}
	contents := map[string][]byte{}
	for _, file := range files {
		contents[file.Path] = file.Data
	}
	h := openHouse(t, demoAccounts, contents["rules.yaml"])
	for _, kind := range []fixtures.ImportKind{fixtures.ImportCustomers, fixtures.ImportItems, fixtures.ImportDisputes} {
		name := string(kind) + ".csv"
		h.imports(fixtures.Import{Kind: kind, Name: name, Data: contents[name]})
	}
	h.night(contents, "inbox/")
	h.night(contents, "next/")
	return h
}

// program runs a program that reads a journal; it must accept it.
func (h *house) program(name string, args ...string) []byte {
	h.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		h.Fatalf("%s: %v\n%s", name, err, out)
	}
	return out
}

// hledger checks a journal strictly and returns its balances.
func (h *house) hledger(path string) map[string]int64 {
	h.Helper()
	h.program("hledger", "-f", path, "check", "--strict")
	records, err := csv.NewReader(strings.NewReader(string(h.program("hledger", "-f", path, "balance", "--flat", "--no-total", "--empty", "-O", "csv", "--layout=bare")))).ReadAll()
	h.must(err)
	balances := map[string]int64{}
	for _, record := range records[1:] {
		currency := recon.Currency(record[1])
		if !currency.Known() {
			continue // zero
		}
		minor, err := recon.ParseMinor(record[2], currency)
		h.must(err)
		balances[record[0]+" "+record[1]] = minor
	}
	return balances
}

// beancount checks a journal and returns its balances, by the last part of the account's name. Only the closing balances are asked of the
// program: a balance directive that is off is an error.
func (h *house) beancount(path string) map[string]int64 {
	h.Helper()
	h.program("bean-check", path)
	text, err := os.ReadFile(path)
	h.must(err)
	balances, names := map[string]int64{}, map[string]string{}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) == 3 && strings.HasPrefix(line, "  ") && strings.Contains(words[0], ":") && !strings.HasSuffix(words[0], ":") {
			minor, err := recon.ParseMinor(words[1], recon.Currency(words[2]))
			h.must(err)
			_, last, _ := strings.Cut(words[0], ":")
			balances[last+" "+words[2]] += minor
			names[last+" "+words[2]] = words[0]
		}
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	h.must(err)
	for account, minor := range balances {
		currency := recon.Currency(account[strings.LastIndexByte(account, ' ')+1:])
		_, err := file.WriteString("2100-01-01 balance " + names[account] + " " + recon.FormatMinor(minor, currency) + " " + string(currency) + "\n")
		h.must(err)
	}
	h.must(file.Close())
	h.program("bean-check", path)
	return balances
}
