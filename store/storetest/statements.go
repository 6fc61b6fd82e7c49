package storetest

import (
	"context"
	"errors"
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
			s.fates[1].Class, s.fates[1].Ledger = recon.ClassOther, "6800"
			w.outcome(recon.FileBooked, s)
			recorded := noon.Add(3e9)
			want := []recon.EntryRow{
				{ID: 1, Statement: 1, AccountID: "main", Fingerprint: print(1).String(), Occurrence: 1, Class: recon.ClassReceipt, Recorded: recorded, Effective: 20260305, Entry: full()},
				{ID: 2, Statement: 1, AccountID: "main", Fingerprint: print(2).String(), Occurrence: 1, Class: recon.ClassOther, Ledger: "6800", Recorded: recorded,
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
			s.fates[3] = store.Fate{Kind: recon.FatePending, Fingerprint: print(77)}
			s.entries[3].Status = recon.Pending
			s.Sequence, s.Page = "12", 2
			s.From, s.To = 20260301, 20260331
			s.Opening, s.Closing = &recon.Balance{AmountMinor: -100, Date: 20260301}, &recon.Balance{AmountMinor: 3600, Date: 20260331}
			s.StatedEntries = 4
			o := w.outcome(recon.FileBooked, s)
			want := []recon.StatementRow{{ID: 1, File: o.File, Format: "camt.053.001.08", AccountID: "main", BankID: "S1", Sequence: "12", Page: 2, Currency: "EUR",
				From: 20260301, To: 20260331, FirstBooked: 20260305, LastBooked: 20260307, Opening: s.Opening, Closing: s.Closing,
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
			s.Ties = recon.Unproved
			w.outcome(recon.FileBooked, s)
			got, err := w.Statements(background, entity)
			w.must(err)
			w.same("opening", got[0].Opening, (*recon.Balance)(nil))
			w.same("days", []recon.Date{got[0].From, got[0].To, got[0].FirstBooked, got[0].LastBooked}, []recon.Date{0, 0, 0, 0})
		}},
		{"classes: receipts and returns wait, others do not", func(w *world) {
			s := w.booking("main", credit(100), credit(-40), credit(300), credit(-5), credit(0))
			s.fates[2].Class, s.fates[3].Class, s.fates[4].Class = recon.ClassTransfer, recon.ClassCharge, recon.ClassZero
			w.outcome(recon.FileBooked, s)
			receipts, returns := w.undecided()
			w.same("receipts", receipts, []int64{1})
			w.same("returns", returns, []int64{2})
		}},
		{"each record has one fate", func(w *world) {
			w.outcome(recon.FileBooked, w.booking("main", credit(100), credit(200)))
			s := w.booking("main", credit(100), credit(900), credit(300))
			s.fates[0] = store.Fate{Kind: recon.FateDuplicate, Fingerprint: print(1), Occurrence: 1}
			s.fates[1] = store.Fate{Kind: recon.FatePending, Fingerprint: print(77)}
			s.entries[1].Status = recon.Pending
			w.outcome(recon.FileBooked, s)
			w.view(func(v store.View) {
				var records []recon.RecordRow
				for r := range all(w, v.Records()) {
					records = append(records, r)
				}
				w.same("records", records, []recon.RecordRow{
					{Statement: 2, Ordinal: 1, Kind: recon.FateDuplicate, Entry: 1, Fingerprint: print(1).String(), AmountMinor: 100, Booked: 20260305},
					{Statement: 2, Ordinal: 2, Kind: recon.FatePending, Fingerprint: print(77).String(), AmountMinor: 900, Booked: 20260305}})
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
			s.fates[1].Fingerprint = print(1)
			o := outcomeOf(w.file(), recon.FileBooked, s)
			before := w.audits()
			w.fails(w.SaveOutcome(background, w.act(), o), store.ErrStale)
			w.same("audit rows", w.audits(), before)
			w.same("last entry", w.lastEntry(), int64(1))
			s.fates[1].Occurrence = 2
			tell(&o, s)
			w.must(w.SaveOutcome(background, w.act(), o))
			w.same("last entry", w.lastEntry(), int64(3))
		}},
		{"the same content on another account is another entry", func(w *world) {
			w.outcome(recon.FileBooked, w.booking("main", credit(100)))
			s := w.booking("proved", credit(100))
			s.fates[0].Fingerprint = print(1)
			w.outcome(recon.FileBooked, s)
			w.same("last entry", w.lastEntry(), int64(2))
		}},
		{"a duplicate of what is not stored is stale", func(w *world) {
			s := w.booking("main", credit(100))
			s.fates[0] = store.Fate{Kind: recon.FateDuplicate, Fingerprint: print(99), Occurrence: 1}
			w.fails(w.SaveOutcome(background, w.act(), outcomeOf(w.file(), recon.FileBooked, s)), store.ErrStale)
		}},
		{"statements of one file may repeat each other", func(w *world) {
			second := w.booking("main", credit(100))
			first := second
			first.Content = "other"
			second.fates = []store.Fate{{Kind: recon.FateDuplicate, Fingerprint: first.fates[0].Fingerprint, Occurrence: 1}}
			w.outcome(recon.FileBooked, first, second)
			w.same("last entry", w.lastEntry(), int64(1))
		}},
		{"who gives up changes nothing", func(w *world) {
			ctx, cancel := context.WithCancel(background)
			cancel()
			before := w.audits()
			err := w.SaveOutcome(ctx, w.act(), outcomeOf(w.file(), recon.FileBooked, w.booking("main", credit(1))))
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
		{"records have to be those that the statement counts", func(w *world) {
			before := w.audits()
			for _, wrong := range []func(*store.Outcome){
				func(o *store.Outcome) { o.Records = nil },
				func(o *store.Outcome) { o.Statements[0].New++; o.Statements[0].Records++ },
				func(o *store.Outcome) { o.Statements[0].CreditMinor++ },
				func(o *store.Outcome) { o.Statements[0].Held = true },
				func(o *store.Outcome) { o.Statements = nil },
			} {
				o := outcomeOf(w.file(), recon.FileBooked, w.booking("main", credit(100), credit(200)))
				if wrong(&o); w.SaveOutcome(background, w.act(), o) == nil {
					w.Fatal("records were stored that the statement does not count")
				}
				before++ // of the file
			}
			w.same("audit rows", w.audits(), before)
			w.same("last entry", w.lastEntry(), int64(0))
		}},
		{"records that cannot be read leave nothing", func(w *world) {
			o := outcomeOf(w.file(), recon.FileBooked, w.booking("main", credit(100), credit(200)))
			broken, whole := errors.New("disk"), o.Records
			o.Records = func(yield func(store.Record, error) bool) {
				for r := range whole {
					if !yield(r, nil) {
						return
					}
					yield(store.Record{}, broken)
					return
				}
			}
			w.fails(w.SaveOutcome(background, w.act(), o), broken)
			w.same("last entry", w.lastEntry(), int64(0))
			o.Records = whole
			w.must(w.SaveOutcome(background, w.act(), o))
			w.same("last entry", w.lastEntry(), int64(2))
		}},
		{"problems of statements follow those of the file", func(w *world) {
			s := w.booking("main", credit(100))
			s.Problems = []recon.Problem{{Code: "B", Severity: recon.Warn}}
			o := outcomeOf(w.file(), recon.FileBooked, s)
			o.Problems = []recon.Problem{{Code: "A", Severity: recon.Warn}}
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
	name := map[recon.Fingerprint]string{}
	told := func(from, to recon.Date) string {
		found, err := w.Neighbours(background, entity, "main", from, to)
		w.must(err)
		var parts []string
		for _, n := range found {
			part := fmt.Sprint(n.ID)
			if n.Held {
				part += " held"
				w.same("a held statement has no days", len(n.Days), 0)
			}
			contents, err := w.Contents(background, entity, n.ID, from, to)
			w.must(err)
			for _, c := range contents {
				part += fmt.Sprintf(" %s:%d/%d", name[c.Fingerprint], c.Count, c.Stored)
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, ", ")
	}
	first := w.booking("main", credit(100, onDay(20260302)), credit(100, onDay(20260302)), credit(200, onDay(20260304)))
	twin := first.fates[0].Fingerprint
	first.fates[1].Fingerprint, first.fates[1].Occurrence = twin, 2
	w.outcome(recon.FileBooked, first)
	second := w.booking("main", credit(100, onDay(20260302)), credit(300, onDay(20260306)))
	second.fates[0] = store.Fate{Kind: recon.FateDuplicate, Fingerprint: twin, Occurrence: 1}
	w.outcome(recon.FileBooked, second)
	empty := w.booking("main")
	empty.From, empty.To = 20260310, 20260312
	w.outcome(recon.FileBooked, empty)
	w.outcome(recon.FileBooked, w.booking("proved", credit(100, onDay(20260302))))
	w.outcome(recon.FileHeld, w.booking("main", credit(100, onDay(20260302))).held())
	name[twin], name[first.fates[2].Fingerprint], name[second.fates[1].Fingerprint] = "twin", "200", "300"

	for span, want := range map[[2]recon.Date]string{
		{20260302, 20260302}: "1 twin:2/2, 2 twin:1/0, 5 held",
		{20260302, 20260306}: "1 twin:2/2 200:1/1, 2 twin:1/0 300:1/1, 5 held",
		{20260303, 20260306}: "1 200:1/1, 2 300:1/1",
		{20260305, 20260305}: "2",
		{20260311, 20260320}: "3",
		{20260313, 20260320}: "",
		{20260101, 20260301}: "",
	} {
		if got := told(span[0], span[1]); got != want {
			w.Errorf("neighbours of %v: got %q, want %q", span, got, want)
		}
	}
	rows, err := w.Neighbours(background, entity, "main", 20260306, 20260306)
	w.must(err)
	w.same("sums of all days", rows[0].Days, map[recon.Date]int64{20260302: 100, 20260306: 300})
	alike, err := w.EntriesLike(background, entity, "main", []recon.Fingerprint{second.fates[1].Fingerprint, print(999), twin})
	w.must(err)
	w.same("entries alike", []int64{alike[0].ID, alike[1].ID, int64(len(alike))}, []int64{4, 1, 2})
	w.same("a neighbour is the stored statement", []any{rows[0].Content, rows[0].Duplicates, rows[0].New}, []any{second.Content, 1, 1})
}

func heldThenAccepted(w *world) {
	s := w.booking("main", credit(100), credit(200))
	o := w.outcome(recon.FileHeld, s.held())
	w.toDecide()
	rows, err := w.Statements(background, entity)
	w.must(err)
	w.same("held", []any{rows[0].Held, rows[0].Records, rows[0].New, rows[0].CreditMinor}, []any{true, 2, 0, int64(300)})

	s.Accepted = "the bank confirmed it"
	o.State = recon.FileBooked
	tell(&o, s)
	w.must(w.SaveOutcome(background, w.petra(), o))
	rows, err = w.Statements(background, entity)
	w.must(err)
	w.same("statements", len(rows), 1)
	w.same("booked", []any{rows[0].ID, rows[0].Held, rows[0].New, rows[0].Accepted}, []any{int64(1), false, 2, "the bank confirmed it"})
	w.toDecide(1, 2)
	w.fails(w.SaveOutcome(background, w.petra(), o), store.ErrStale)
}

func partlyReleased(w *world) {
	known, released, third := w.booking("main", credit(100)), w.booking("proved", credit(200)), w.booking("", credit(300)).held()
	released.BankID, third.BankID, third.Content = "S2", "S3", ""
	unknown := released.held()
	unknown.AccountID, unknown.Content = "", ""
	o := w.outcome(recon.FileHeld, known, unknown, third)
	w.toDecide(1)

	again := known
	again.fates = []store.Fate{{Kind: recon.FateDuplicate, Fingerprint: known.fates[0].Fingerprint, Occurrence: 1}}
	tell(&o, again, released, third)
	w.must(w.SaveOutcome(background, w.act(), o))
	w.toDecide(1, 2)
	rows, err := w.Statements(background, entity)
	w.must(err)
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%d %s %q %v new=%d dup=%d", r.ID, r.BankID, r.AccountID, r.Held, r.New, r.Duplicates))
	}
	w.same("statements", got, []string{`3 S3 "" true new=0 dup=0`, `1 S1 "main" false new=1 dup=0`, `2 S2 "proved" false new=1 dup=0`})
	w.same("content", rows[1].Content, known.Content)
	before := w.audits()
	w.must(w.SaveOutcome(background, w.act(), o))
	w.same("audit rows where nothing changed", w.audits(), before)
}

func undecidedReceipts(w *world) {
	proved := w.booking("proved", credit(300, onDay(20260301)))
	proved.Ties = recon.Unproved
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
