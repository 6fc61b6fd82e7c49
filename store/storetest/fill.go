package storetest

import (
	"testing"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// Fill tells a store a story that leaves a row of every noun, and returns the entity it is about.
func Fill(t testing.TB, s store.Store) string {
	w := newWorld(t, s)
	w.must(w.SaveRules(background, w.act(), entity, "r1", "text"))
	w.must(w.SaveCustomers(background, w.act(), entity, []store.KeyedCustomer{{Customer: recon.Customer{Code: "C1", Name: "One", PaysFor: []string{"C2"}}, Keys: []string{"name:one"}}}))
	items := w.items(invoice("R1", "C1", 10000, func(i *store.NewItem) { i.OpenMinor = 9000 }), invoice("R2", "C1", 5000), invoice("CN", "C1", 100, creditNote))
	w.must(w.SaveInstalments(background, w.act(), entity, []store.InstalmentPlan{{Item: items[0].ID, Instalments: []recon.Instalment{{Sequence: 1, DueDate: 20260401, AmountMinor: 9000}}}}))
	w.must(w.SaveDisputes(background, w.act(), entity, []store.ItemDispute{{Item: items[1].ID, Dispute: recon.Dispute{Since: 20260301}}}))
	copied := recon.FileRow{Entity: entity, SHA256: "00", Name: "a.xml", Received: noon}
	for _, name := range []string{"a.xml", "b.xml"} {
		copied.Name = name
		_, _, err := w.RecordFile(background, w.act(), copied)
		w.must(err)
	}
	receipts := w.entries(credit(2000), credit(1000), credit(700), credit(400))
	repeated := w.booking("main", credit(2000))
	repeated.fates[0] = store.Fate{Kind: recon.FateDuplicate, Fingerprint: print(1), Occurrence: 1}
	repeated.Problems = []recon.Problem{{Code: "X", Severity: recon.Warn}}
	w.outcome(recon.FileBooked, repeated)
	partial := automatic(receipts[0], pay(items[0], 1995), line(recon.WriteOff, items[0], 5), line(recon.OnAccount, recon.Item{}, 5))
	partial.Shortfalls = []recon.Shortfall{{Item: items[0].ID, AmountMinor: 5, Why: "tolerance"}}
	w.applied(partial, queued(receipts[1], "ambiguous_lump", recon.Proposal{Reason: "payer_oldest_first", Lines: []recon.Line{pay(items[1], 1000)}}),
		automatic(receipts[2], pay(items[1], 700)), automatic(receipts[3], recon.Line{Kind: recon.Advance, AmountMinor: 400, Order: "SO-1"}))
	_, err := w.undo(ids(w.applications(receipts[2]))...)
	w.must(err)
	w.bounce(700)
	_, err = w.RecordPayment(background, w.petra(), store.RecordedPayment{Entity: entity, AccountID: "main", Customer: "C1", Currency: "EUR", AmountMinor: 10, Date: 20260304,
		Lines: []recon.Line{pay(items[1], 10)}})
	w.must(err)
	w.must(w.AddNote(background, w.petra(), entity, receipts[1], "asked the customer"))
	w.must(w.Attend(background, entity, receipts[1], "petra", noon.Add(time.Hour)))
	_, err = w.Propose(background, w.petra(), proposal(receipts[1]))
	w.must(err)
	w.taught("C1", 50, lesson(recon.AliasAccount, aliasAccount, true))
	w.must(w.approve(w.quinn(), 1))
	again := w.receipt(900)
	w.applied(automatic(again, pay(items[0], 895), line(recon.WriteOff, items[0], 5), line(recon.OnAccount, recon.Item{}, 5)))
	_, err = w.undo(ids(w.applications(again))[1]) // its write-off
	w.must(err)
	_, err = w.StartRun(background, w.act(), entity, "r1")
	w.must(err)
	_, _, err = w.OpenBatch(background, w.act(), entity, "journal")
	w.must(err)
	held := w.funds("C1")[1]
	_, err = w.Refund(background, w.petra(), refundOf(held.Source, held.Standing, 1))
	w.must(err)
	w.must(w.SaveFollowups(background, w.act(), entity, []store.Followup{{Item: 1, Action: "remind", Digest: "a"}}, []store.Message{message("k1")}))
	w.close(20251231, recon.FrozenPosting{Day: 20251231, Ledger: "1200", Currency: "EUR", AmountMinor: 1})
	w.fillPeople()
	_, err = w.SaveSchedule(background, w.act(), entity, nightly)
	w.must(err)
	_, err = w.AddTicks(background, w.act(), entity, []store.Tick{tick(1, store.TickWaiting)})
	w.must(err)
	w.take("unit/1", "anna", time.Hour)
	w.prove()
	return entity
}

// fillPeople leaves a row of every noun that belongs to no company, and an event.
func (w *world) fillPeople() {
	w.Helper()
	petra := w.person("petra", store.Grant{Entity: entity, Role: store.Reviewer})
	w.must(w.Invite(background, w.act(), store.Invitation{Person: petra, Code: "c0de", Expires: noon.Add(time.Hour)}))
	w.must(w.SaveSession(background, store.Session{Token: "t0ken", Person: petra, Data: []byte("{}"), Created: noon, Seen: noon}))
	_, err := w.AddToken(background, w.act(), store.Token{Person: petra, Name: "export", Hash: "4a54", Expires: noon.Add(time.Hour)})
	w.must(err)
	_, _, err = w.ClaimAnswer(background, store.Claim{Person: petra, Key: "k1", Digest: "d1", At: noon})
	w.must(err)
	w.must(w.SaveEvent(background, w.petra(), entity, store.Event{Verb: "export read", About: "journal"}))
}

// Prove fails the test where the invariants do not hold for the entity that the stories are about.
func Prove(t testing.TB, s store.Store) { (&world{TB: t, Store: s}).prove() }

// Work books and applies receipts until the process is killed.
func Work(t testing.TB, s store.Store) {
	w := newWorld(t, s)
	i := w.items(invoice("LONG", "C1", 1_000_000_000))[0]
	for {
		id := w.receipt(100)
		w.applied(automatic(id, pay(i, 90), line(recon.OnAccount, recon.Item{}, 10)))
	}
}
