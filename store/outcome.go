package store

import (
	"fmt"
	"iter"

	"github.com/tieout/tieout/recon"
)

// Checked yields the records of an outcome and ends with an error where they are not what its statements count: an engine
// gives out ids and stores sums before it has seen them.
func (o Outcome) Checked() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		read := make([]recon.StatementRow, len(o.Statements))
		at := 0
		if o.Records != nil {
			for r, err := range o.Records {
				if err == nil && (r.Statement < at || r.Statement >= len(read)) {
					err = fmt.Errorf("a record of statement %d follows one of statement %d of %d", r.Statement, at, len(read))
				}
				if err != nil {
					yield(Record{}, err)
					return
				}
				at = r.Statement
				r.count(&read[at])
				if !yield(r, nil) {
					return
				}
			}
		}
		for i, s := range o.Statements {
			if err := s.agrees(read[i]); err != nil {
				yield(Record{}, err)
				return
			}
		}
	}
}

func (r Record) count(row *recon.StatementRow) {
	row.Records++
	switch r.Kind {
	case recon.FateNew:
		row.New++
	case recon.FateDuplicate:
		row.Duplicates++
	case recon.FatePending:
		row.Pending++
		return
	}
	row.CreditMinor += max(r.Entry.AmountMinor, 0)
	row.DebitMinor += max(-r.Entry.AmountMinor, 0)
}

// agrees compares a statement's row with what its records were.
func (s StatementOutcome) agrees(read recon.StatementRow) error {
	want := recon.StatementRow{Records: s.Records, New: s.New, Duplicates: s.Duplicates, Pending: s.Pending, CreditMinor: s.CreditMinor, DebitMinor: s.DebitMinor}
	if s.Held {
		want = recon.StatementRow{}
	}
	if read != want {
		return fmt.Errorf("statement %q: its records are not those that it counts: %d new, %d duplicates, %d pending of %d, expected %d, %d, %d of %d",
			s.BankID, read.New, read.Duplicates, read.Pending, read.Records, want.New, want.Duplicates, want.Pending, want.Records)
	}
	return nil
}
