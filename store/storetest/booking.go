package storetest

import (
	"encoding/binary"
	"fmt"
	"iter"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// booking is a statement of a story with its records. What its row counts is added up when it is stored.
type booking struct {
	store.StatementOutcome
	entries []recon.Entry
	fates   []store.Fate // one per entry; a held statement has none
}

// print is a fingerprint of its own for each number.
func print(n int) recon.Fingerprint {
	f := recon.Fingerprint{Booked: 20260305}
	binary.BigEndian.PutUint64(f.Sum[8:], uint64(n))
	return f
}

// booking is a statement to book with its entries; all of them are new, each with a fingerprint of its own.
func (w *world) booking(account string, entries ...recon.Entry) booking {
	b := booking{entries: entries}
	b.StatementRow = recon.StatementRow{Format: "camt.053.001.08", AccountID: account, BankID: "S1", Currency: "EUR", Ties: recon.Ties,
		Content: fmt.Sprintf("content-%d", w.prints), StatedEntries: -1}
	for _, e := range entries {
		w.prints++
		class := recon.ClassReceipt
		if e.AmountMinor < 0 {
			class = recon.ClassReturn
		}
		fate := store.Fate{Kind: recon.FateNew, Fingerprint: print(w.prints), Occurrence: 1, Class: class}
		fate.Fingerprint.Booked = e.Booked
		b.fates = append(b.fates, fate)
	}
	return b
}

// held is the statement as one that waits for a person.
func (b booking) held() booking {
	b.Held, b.fates = true, nil
	return b
}

// summed completes the row.
func (b booking) summed() store.StatementOutcome {
	row := &b.StatementRow
	row.Records, row.New, row.Duplicates, row.Pending = len(b.entries), 0, 0, 0
	row.FirstBooked, row.LastBooked, row.CreditMinor, row.DebitMinor = 0, 0, 0, 0
	for i, e := range b.entries {
		kind := recon.FateNew
		if !b.Held {
			kind = b.fates[i].Kind
		}
		switch {
		case kind == recon.FatePending:
			row.Pending++
			continue
		case b.Held:
		case kind == recon.FateNew:
			row.New++
		default:
			row.Duplicates++
		}
		if row.FirstBooked == 0 || e.Booked < row.FirstBooked {
			row.FirstBooked = e.Booked
		}
		row.LastBooked = max(row.LastBooked, e.Booked)
		row.CreditMinor += max(e.AmountMinor, 0)
		row.DebitMinor += max(-e.AmountMinor, 0)
	}
	return b.StatementOutcome
}

// outcomeOf is what becomes of a file with these statements.
func outcomeOf(file int64, state recon.FileState, statements ...booking) store.Outcome {
	o := store.Outcome{Entity: entity, File: file, State: state, Format: "camt.053.001.08"}
	tell(&o, statements...)
	return o
}

// tell gives an outcome its statements and their records.
func tell(o *store.Outcome, statements ...booking) {
	o.Statements = nil
	for _, b := range statements {
		o.Statements = append(o.Statements, b.summed())
	}
	o.Records = records(statements)
}

// records yields the records of statements as a pipeline does: every entry in the same place.
func records(statements []booking) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		var lent recon.Entry
		for i, b := range statements {
			for n, fate := range b.fates {
				lent = b.entries[n]
				if !yield(store.Record{Statement: i, Entry: &lent, Fate: fate}, nil) {
					return
				}
			}
		}
	}
}

// outcome stores statements as what became of a new file and returns it.
func (w *world) outcome(state recon.FileState, statements ...booking) store.Outcome {
	w.Helper()
	o := outcomeOf(w.file(), state, statements...)
	w.must(w.SaveOutcome(background, w.act(), o))
	return o
}
