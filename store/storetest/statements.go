package storetest

import (
	"context"
	"fmt"
	"strings"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// full is an entry with every field set.
func full() recon.Entry {
	return recon.Entry{AmountMinor: 12345, Currency: "EUR", Booked: 20260305, Value: 20260306, Status: recon.Booked, Reversal: true,
		BankReference: "BR1", EntryReference: "ER1", Batch: "2", Counterparty: recon.Party{Name: "Müller & Söhne", Account: "FR7630006000011234567890189"},
		Ultimate: "Holding", Structured: []string{"RF18539007547034", ""}, DocumentNumbers: []string{"R1", "R2"}, EndToEndID: "E2E", MandateID: "M1",
		TransactionID: "T1", Text: "a b", Lines: []string{"a", "b"}, Additional: "more", BankCode: "PMNT/RCDT/ESCT", Purpose: "SALA",
		Original: &recon.Money{Minor: 13000, Currency: "USD"}, ChargesMinor: 5, ChargeBearer: "SHAR", Cheque: "4711", ReturnReason: "AC04",
		OriginalEndToEnd: "OE2E", Whole: true, Place: "Stmt[1]/Ntry[1]"}
}

// brief is what a view shows of an entry.
func brief(e recon.EntryRow) recon.EntryRow {
	e.Entry = recon.Entry{AmountMinor: e.AmountMinor, Currency: e.Currency, Booked: e.Booked, BankReference: e.BankReference,
		Counterparty: recon.Party{Name: e.Counterparty.Name}, Batch: e.Batch, ChargesMinor: e.ChargesMinor, Whole: e.Whole}
	return e
}

func statementStories() []story {
	return []story{
		{"an entry comes back as it was", func(w *world) {
			s := w.booking("main", full(), credit(5000))
			s.Fates[1].Class, s.Fates[1].Ledger = recon.ClassOther, "6800"
			w.outcome(recon.FileBooked, s)
			recorded := noon.Add(3e9)
			want := []recon.EntryRow{
				{ID: 1, Statement: 1, AccountID: "main", Fingerprint: "v1:1", Occurrence: 1, Class: recon.ClassReceipt, Recorded: recorded, Effective: 20260305, Entry: full()},
				{ID: 2, Statement: 1, AccountID: "main", Fingerprint: "v1:2", Occurrence: 1, Class: recon.ClassOther, Ledger: "6800", Recorded: recorded,
					Effective: 20260305, Entry: credit(5000)},
			}
			w.applied(queued(1, "payer_unknown"))
			detail, err := w.Decision(background, entity, 1)
			w.must(err)
			w.same("entry in full", detail.Entry, want[0])
			one, err := w.Entry(background, entity, 2)
			w.must(err)
			w.same("entry that nobody decides", one, want[1])
			_, err = w.Entry(background, entity, 99)
			w.fails(err, store.ErrNotFound)
			w.view(func(v store.View) {
				n := 0
				for e := range all(w, v.Entries()) {
					w.same("what a proof reads", e, brief(want[n]))
					n++
				}
				w.same("entries", n, 2)
			})
		}},
		{"a statement is summed up", func(w *world) {
			s := w.booking("main", credit(5000), credit(-2000, onDay(20260307)), credit(700), credit(100))
			s.Fates[3] = store.Fate{Kind: recon.FatePending, Fingerprint: "v1:x"}
			s.Statement.Entries[3].Status = recon.Pending
			s.Statement.Sequence, s.Statement.Page = "12", &recon.Page{Number: 2, Last: true}
			s.Statement.From, s.Statement.To = 20260301, 20260331
			s.Statement.Opening, s.Statement.Closing = &recon.Balance{AmountMinor: -100, Date: 20260301}, &recon.Balance{AmountMinor: 3600, Date: 20260331}
			s.Statement.Counts.StatedEntries = 4
			o := w.outcome(recon.FileBooked, s)
			want := []recon.StatementRow{{ID: 1, File: o.File, Format: "camt.053.001.08", AccountID: "main", BankID: "S1", Sequence: "12", Page: 2, Currency: "EUR",
				From: 20260301, To: 20260331, FirstBooked: 20260305, LastBooked: 20260307, Opening: s.Statement.Opening, Closing: s.Statement.Closing,
				Ties: recon.Ties, Content: s.Content, Records: 4, New: 3, Pending: 1, CreditMinor: 5700, DebitMinor: 2000, StatedEntries: 4, Recorded: noon.Add(3e9), Run: 7}}
			got, err := w.Statements(background, entity)
			w.must(err)
			w.same("statements", got, want)
			detail, err := w.File(background, entity, o.File)
			w.must(err)
			w.same("of the file", detail.Statements, want)
			w.view(func(v store.View) {
				got, err := v.Statements()
				w.must(err)
				w.same("in a view", got, want)
			})
		}},
		{"a statement without balances and days", func(w *world) {
			s := w.booking("main")
			s.Statement.Ties = recon.Unproved
			w.outcome(recon.FileBooked, s)
			got, err := w.Statements(background, entity)
			w.must(err)
			w.same("opening", got[0].Opening, (*recon.Balance)(nil))
			w.same("days", []recon.Date{got[0].From, got[0].To, got[0].FirstBooked, got[0].LastBooked}, []recon.Date{0, 0, 0, 0})
		}},
		{"classes: receipts and returns wait, others do not", func(w *world) {
			s := w.booking("main", credit(100), credit(-40), credit(300), credit(-5), credit(0))
			s.Fates[2].Class, s.Fates[3].Class, s.Fates[4].Class = recon.ClassTransfer, recon.ClassCharge, recon.ClassZero
			w.outcome(recon.FileBooked, s)
			receipts, returns := w.undecided()
			w.same("receipts", receipts, []int64{1})
			w.same("returns", returns, []int64{2})
		}},
		{"each record has one fate", func(w *world) {
			w.outcome(recon.FileBooked, w.booking("main", credit(100), credit(200)))
			s := w.booking("main", credit(100), credit(900), credit(300))
			s.Fates[0] = store.Fate{Kind: recon.FateDuplicate, Fingerprint: "v1:1", Occurrence: 1}
			s.Fates[1] = store.Fate{Kind: recon.FatePending}
			s.Statement.Entries[1].Status = recon.Pending
			w.outcome(recon.FileBooked, s)
			w.view(func(v store.View) {
				var records []recon.RecordRow
				for r := range all(w, v.Records()) {
					records = append(records, r)
				}
				w.same("records", records, []recon.RecordRow{
					{Statement: 2, Ordinal: 1, Kind: recon.FateDuplicate, Entry: 1, Fingerprint: "v1:1", AmountMinor: 100, Booked: 20260305},
					{Statement: 2, Ordinal: 2, Kind: recon.FatePending, AmountMinor: 900, Booked: 20260305}})
				statements, err := v.Statements()
				w.must(err)
				last := statements[1]
				w.same("counts", []int{last.Records, last.New, last.Duplicates, last.Pending}, []int{3, 1, 1, 1})
				w.same("credits", last.CreditMinor, int64(400))
			})
		}},
		{"an occurrence that somebody else took is stale and leaves nothing", func(w *world) {
			w.outcome(recon.FileBooked, w.booking("main", credit(100)))
			s := w.booking("main", credit(500), credit(100))
			s.Fates[1].Fingerprint = "v1:1"
			o := store.Outcome{Entity: entity, File: w.file(), State: recon.FileBooked, Statements: []store.StatementOutcome{s}}
			before := w.audits()
			w.fails(w.SaveOutcome(background, w.act(), o), store.ErrStale)
			w.same("audit rows", w.audits(), before)
			w.same("last entry", w.lastEntry(), int64(1))
			o.Statements[0].Fates[1].Occurrence = 2
			w.must(w.SaveOutcome(background, w.act(), o))
			w.same("last entry", w.lastEntry(), int64(3))
		}},
		{"the same content on another account is another entry", func(w *world) {
			w.outcome(recon.FileBooked, w.booking("main", credit(100)))
			s := w.booking("proved", credit(100))
			s.Fates[0].Fingerprint = "v1:1"
			w.outcome(recon.FileBooked, s)
			w.same("last entry", w.lastEntry(), int64(2))
		}},
		{"a duplicate of what is not stored is stale", func(w *world) {
			s := w.booking("main", credit(100))
			s.Fates[0] = store.Fate{Kind: recon.FateDuplicate, Fingerprint: "v1:gone", Occurrence: 1}
			w.fails(w.SaveOutcome(background, w.act(), store.Outcome{Entity: entity, File: w.file(), State: recon.FileBooked, Statements: []store.StatementOutcome{s}}), store.ErrStale)
		}},
		{"statements of one file may repeat each other", func(w *world) {
			second := w.booking("main", credit(100))
			first := second
			first.Content = "other"
			second.Fates = []store.Fate{{Kind: recon.FateDuplicate, Fingerprint: first.Fates[0].Fingerprint, Occurrence: 1}}
			w.outcome(recon.FileBooked, first, second)
			w.same("last entry", w.lastEntry(), int64(1))
		}},
		{"who gives up changes nothing", func(w *world) {
			ctx, cancel := context.WithCancel(background)
			cancel()
			before := w.audits()
			err := w.SaveOutcome(ctx, w.act(), store.Outcome{Entity: entity, File: w.file(), State: recon.FileBooked, Statements: []store.StatementOutcome{w.booking("main", credit(1))}})
			w.fails(err, context.Canceled)
			w.same("audit rows", w.audits(), before+1)
			w.toDecide()
		}},
		{"a file gets one outcome", func(w *world) {
			o := w.outcome(recon.FileBooked, w.booking("main", credit(100)))
			w.fails(w.SaveOutcome(background, w.act(), o), store.ErrStale)
			o.State = recon.FileHeld
			w.fails(w.SaveOutcome(background, w.act(), o), store.ErrStale)
		}},
		{"fates have to be those of the entries", func(w *world) {
			s := w.booking("main", credit(100))
			s.Fates = nil
			if err := w.SaveOutcome(background, w.act(), store.Outcome{Entity: entity, File: w.file(), State: recon.FileBooked, Statements: []store.StatementOutcome{s}}); err == nil {
				w.Fatal("an entry without a fate was stored")
			}
		}},
		{"problems of statements follow those of the file", func(w *world) {
			s := w.booking("main", credit(100))
			s.Statement.Problems = []recon.Problem{{Code: "B", Severity: recon.Warn}}
			o := store.Outcome{Entity: entity, File: w.file(), State: recon.FileBooked, Problems: []recon.Problem{{Code: "A", Severity: recon.Warn}},
				Statements: []store.StatementOutcome{s}}
			w.must(w.SaveOutcome(background, w.act(), o))
			detail, err := w.File(background, entity, o.File)
			w.must(err)
			w.same("problems", detail.Problems, []recon.Problem{{Code: "A", Severity: recon.Warn}, {Code: "B", Severity: recon.Warn}})
		}},
		{"neighbours", neighbours},
		{"a held statement books nothing until it is accepted", heldThenAccepted},
		{"what waited for an account is booked, the rest of its file stays as it is", partlyReleased},
		{"undecided receipts come with proof, days and order", undecidedReceipts},
		{"undecided returns", func(w *world) {
			e := full()
			e.AmountMinor = -5000
			id := w.entries(e)[0]
			_, returns, err := w.Undecided(background, entity)
			w.must(err)
			w.same("returns", returns, []recon.Return{{EntryID: id, AccountID: "main", Currency: "EUR", AmountMinor: 5000, Booked: 20260305, BankReference: "BR1",
				EndToEndID: "E2E", OriginalEndToEnd: "OE2E", MandateID: "M1", TransactionID: "T1", Counterparty: e.Counterparty, Text: "a b", Reason: "AC04", ChargesMinor: 5}})
		}},
	}
}

func neighbours(w *world) {
	counts := func(from, to recon.Date) string {
		found, err := w.Neighbours(background, entity, "main", from, to)
		w.must(err)
		var parts []string
		for _, n := range found {
			switch {
			case n.Held:
				parts = append(parts, fmt.Sprintf("%d held", n.ID))
				w.same("a held statement counts nothing", len(n.Counts)+len(n.Stored), 0)
			default:
				parts = append(parts, fmt.Sprintf("%d%v", n.ID, n.Counts))
			}
		}
		return strings.Join(parts, " ")
	}
	first := w.booking("main", credit(100, onDay(20260302)), credit(100, onDay(20260302)), credit(200, onDay(20260304)))
	first.Fates[1].Fingerprint, first.Fates[1].Occurrence = "v1:1", 2
	w.outcome(recon.FileBooked, first)
	second := w.booking("main", credit(100, onDay(20260302)), credit(300, onDay(20260306)))
	second.Fates[0] = store.Fate{Kind: recon.FateDuplicate, Fingerprint: "v1:1", Occurrence: 1}
	w.outcome(recon.FileBooked, second)
	empty := w.booking("main")
	empty.Statement.From, empty.Statement.To = 20260310, 20260312
	w.outcome(recon.FileBooked, empty)
	w.outcome(recon.FileBooked, w.booking("proved", credit(100, onDay(20260302))))
	held := w.booking("main", credit(100, onDay(20260302)))
	held.Held, held.Fates = true, nil
	w.outcome(recon.FileHeld, held)

	for span, want := range map[[2]recon.Date]string{
		{20260302, 20260302}: "1map[v1:1:2] 2map[v1:1:1] 5 held",
		{20260303, 20260306}: "1map[v1:3:1] 2map[v1:5:1]",
		{20260305, 20260305}: "2map[]",
		{20260311, 20260320}: "3map[]",
		{20260313, 20260320}: "",
		{20260101, 20260301}: "",
	} {
		if got := counts(span[0], span[1]); got != want {
			w.Errorf("neighbours of %v: got %q, want %q", span, got, want)
		}
	}
	row, err := w.Neighbours(background, entity, "main", 20260306, 20260306)
	w.must(err)
	w.same("what became entries", row[0].Stored, map[string]int{"v1:5": 1})
	w.same("a neighbour is the stored statement", []any{row[0].Content, row[0].Duplicates, row[0].New}, []any{second.Content, 1, 1})
}

func heldThenAccepted(w *world) {
	s := w.booking("main", credit(100), credit(200))
	held := s
	held.Held, held.Fates = true, nil
	o := w.outcome(recon.FileHeld, held)
	w.toDecide()
	rows, err := w.Statements(background, entity)
	w.must(err)
	w.same("held", []any{rows[0].Held, rows[0].Records, rows[0].New, rows[0].CreditMinor}, []any{true, 2, 0, int64(300)})

	s.Accepted = "the bank confirmed it"
	o.State, o.Statements = recon.FileBooked, []store.StatementOutcome{s}
	w.must(w.SaveOutcome(background, w.petra(), o))
	rows, err = w.Statements(background, entity)
	w.must(err)
	w.same("statements", len(rows), 1)
	w.same("booked", []any{rows[0].ID, rows[0].Held, rows[0].New, rows[0].Accepted}, []any{int64(1), false, 2, "the bank confirmed it"})
	w.toDecide(1, 2)
	w.fails(w.SaveOutcome(background, w.petra(), o), store.ErrStale)
}

func partlyReleased(w *world) {
	known, unknown, third := w.booking("main", credit(100)), w.booking("", credit(200)), w.booking("", credit(300))
	unknown.Statement.ID, third.Statement.ID = "S2", "S3"
	knownContent, unknownContent := known.Content, unknown.Content
	unknown.Content, third.Content = "", ""
	released, fates := unknown, unknown.Fates
	unknown.Held, third.Held, unknown.Fates, third.Fates = true, true, nil, nil
	o := w.outcome(recon.FileHeld, known, unknown, third)
	w.toDecide(1)

	released.AccountID, released.Content, released.Fates = "proved", unknownContent+"/2", fates
	again := known
	again.Fates = []store.Fate{{Kind: recon.FateDuplicate, Fingerprint: known.Fates[0].Fingerprint, Occurrence: 1}}
	o.Statements = []store.StatementOutcome{again, released, third}
	w.must(w.SaveOutcome(background, w.act(), o))
	w.toDecide(1, 2)
	rows, err := w.Statements(background, entity)
	w.must(err)
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%d %s %q %v new=%d dup=%d", r.ID, r.BankID, r.AccountID, r.Held, r.New, r.Duplicates))
	}
	w.same("statements", got, []string{`3 S3 "" true new=0 dup=0`, `1 S1 "main" false new=1 dup=0`, `2 S2 "proved" false new=1 dup=0`})
	w.same("content", rows[1].Content, knownContent)
	w.fails(w.SaveOutcome(background, w.act(), o), store.ErrStale)
}

func undecidedReceipts(w *world) {
	proved := w.booking("proved", credit(300, onDay(20260301)))
	proved.Statement.Ties = recon.Unproved
	w.outcome(recon.FileBooked, w.booking("main", full(), credit(200, onDay(20260302))), proved)
	got, _, err := w.Undecided(background, entity)
	w.must(err)
	e := full()
	w.same("ids", []int64{got[0].Source.ID, got[1].Source.ID, got[2].Source.ID}, []int64{3, 2, 1})
	w.same("proof", []any{got[0].Proof, got[0].ProofRequired, got[0].AccountID}, []any{recon.Unproved, true, "proved"})
	w.same("receipt", got[2], recon.Receipt{Source: source(1), AccountID: "main", Currency: "EUR", AmountMinor: 12345, TotalMinor: 12345, Booked: 20260305,
		Value: 20260306, BankReference: "BR1", Payer: e.Counterparty, Ultimate: "Holding", Structured: e.Structured, DocumentNumbers: e.DocumentNumbers,
		EndToEndID: "E2E", MandateID: "M1", TransactionID: "T1", Text: "a b", Lines: e.Lines, Additional: "more", Original: e.Original, ChargesMinor: 5,
		ChargeBearer: "SHAR", Cheque: "4711", Proof: recon.Ties, Whole: true})
}
