package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// world is a store under test with what a story needs to tell itself briefly. What fails ends the story.
type world struct {
	testing.TB
	store.Store
	acts  int
	files int
}

func newWorld(t testing.TB, s store.Store) *world {
	w := &world{TB: t, Store: s}
	w.must(s.SaveEntity(background, w.act(), store.Entity{ID: entity, Name: "Acme Ltd", BaseCurrency: "EUR", Accounts: []recon.Account{
		{ID: "main", IBAN: "DE89370400440532013000", Currency: "EUR", Ledger: "1200"},
		{ID: "proved", IBAN: "DE02120300000000202051", Currency: "EUR", Ledger: "1210", ProofRequired: true},
		{ID: "usd", IBAN: "GB29NWBK60161331926819", Currency: "USD", Ledger: "1220", FlipReversals: true},
	}}))
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// act is the next act of a story.
func (w *world) act() store.Act {
	w.acts++
	return store.Act{Actor: "engine", At: noon.Add(time.Duration(w.acts) * time.Second), Run: 7}
}

// file records a file of its own content and returns its id.
func (w *world) file() int64 {
	w.Helper()
	w.files++
	row, created, err := w.RecordFile(background, w.act(), recon.FileRow{Entity: entity, SHA256: fmt.Sprintf("%064d", w.files),
		Name: fmt.Sprintf("statement-%d.xml", w.files), Size: 4711, Received: noon})
	w.must(err)
	if !created {
		w.Fatalf("file %d is known already", row.ID)
	}
	return row.ID
}
