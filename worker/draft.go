package worker

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/tieout/tieout/ingest"
	"github.com/tieout/tieout/matcher"
	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// A file is read twice, so that it is never in memory whole: first to prove its statements and to know what makes their entries
// themselves, then to store them.

// source is an archived file and what is known of it besides its bytes.
type source struct {
	sum, name string
	inbox     Inbox
}

// draft is a statement on its way: whose account it is, what makes its entries themselves, and what becomes of it.
type draft struct {
	statement        recon.Statement // without its entries
	account          recon.Account   // zero where the account is unknown
	row              recon.StatementRow
	days             map[recon.Date]int64
	booked, unbooked prints
	first            recon.Currency // of the first entry
	admission        *admission
	parts            []part          // where its records stand
	consumes         []int64         // stored pages that it is put together from
	tally            *ingest.Tally   // of a page
	replaces         bool            // it takes back or changes rows that are booked
	repeats          bool            // it is a page of a statement that is booked already
	problems         []recon.Problem // of the statement, and what its neighbours make of it
}

// stream reads an archived file into a sink.
func (p *Pipeline) stream(ctx context.Context, from source, sink ingest.Sink) (recon.Document, error) {
	blob, err := p.Archive.Open(from.sum)
	if err != nil {
		return recon.Document{}, fmt.Errorf("read archived file: %w", err)
	}
	defer blob.Close()
	return ingest.Stream(from.name, contextReader{ctx, blob}, p.options(from.inbox), sink)
}

func (p *Pipeline) options(inbox Inbox) ingest.Options {
	return ingest.Options{Account: p.iban(inbox.Account), Profile: inbox.Profile, Profiles: p.Profiles, Currency: p.currency(inbox.Account), MaxBytes: p.MaxFile,
		Flips: func(account string) bool {
			return slices.ContainsFunc(p.Entity.Accounts, func(a recon.Account) bool { return a.FlipReversals && sameAccount(a, account) })
		}}
}

// identifier is the sink of the first reading.
type identifier struct {
	drafts []*draft
	prints fingerprints
}

func (in *identifier) Begin(*recon.Statement) error {
	in.drafts = append(in.drafts, &draft{days: map[recon.Date]int64{}})
	return nil
}

func (in *identifier) Entry(e *recon.Entry) error {
	in.drafts[len(in.drafts)-1].add(e, in.prints.of(e))
	return nil
}

func (in *identifier) End(s *recon.Statement, t *ingest.Tally) error {
	d := in.drafts[len(in.drafts)-1]
	d.statement, d.tally = *s, t
	return nil
}

func (d *draft) add(e *recon.Entry, print recon.Fingerprint) {
	row := &d.row
	if row.Records++; row.Records == 1 {
		d.first = e.Currency
	}
	if e.Status != recon.Booked {
		row.Pending++
		d.unbooked.add(print)
		return
	}
	d.booked.add(print)
	d.days[e.Booked] += e.AmountMinor
	if row.FirstBooked == 0 || e.Booked < row.FirstBooked {
		row.FirstBooked = e.Booked
	}
	row.LastBooked = max(row.LastBooked, e.Booked)
	row.CreditMinor += max(e.AmountMinor, 0)
	row.DebitMinor += max(-e.AmountMinor, 0)
}

// read reads a file the first time. The document comes without entries, and without drafts where it is refused whole.
func (p *Pipeline) read(ctx context.Context, from source) (recon.Document, []*draft, error) {
	in := &identifier{}
	document, err := p.stream(ctx, from, in)
	if err != nil {
		return document, nil, fmt.Errorf("read archived file: %w", err)
	}
	if refused(document) {
		return document, nil, nil
	}
	for i, d := range in.drafts {
		d.parts = []part{{from, i}}
		p.complete(d, document.Format, from.inbox)
	}
	return document, in.drafts, nil
}

// complete finds a draft's account and sums up what identifies it.
func (p *Pipeline) complete(d *draft, format string, inbox Inbox) {
	d.sumUp(format)
	account, problem := p.accountOf(d.statement, inbox)
	if problem == nil && d.row.Records > 0 && d.first == "" { // of no account, so that nobody can accept amounts without a unit
		problem = &recon.Problem{Code: "CSV-CURRENCY", Where: "statement " + d.statement.ID, Severity: recon.Hold,
			Message: "nothing in the file says the currency of its amounts", Try: "name the account of the inbox, or make a profile: tieout profile FILE --currency CODE"}
	}
	if problem != nil {
		d.statement.Problems = append(slices.Clone(d.statement.Problems), *problem)
		return
	}
	d.identify(account)
}

// sumUp completes the row by what the statement says of itself.
func (d *draft) sumUp(format string) {
	s, row := &d.statement, &d.row
	row.Format, row.BankID, row.Sequence, row.Currency, row.From, row.To = format, s.ID, s.Sequence, s.Currency, s.From, s.To
	row.Opening, row.Closing, row.Ties, row.StatedEntries = s.Opening, s.Closing, s.Ties, s.Counts.StatedEntries
	if s.Page != nil {
		row.Page = s.Page.Number
	}
}

// identify makes the draft one of an account.
func (d *draft) identify(account recon.Account) {
	d.booked.sort()
	d.unbooked.sort()
	d.account, d.row.AccountID, d.row.Content = account, account.ID, contentDigest(d.row, d.booked, d.unbooked)
}

// contents are what the draft says on some days, with what it brought of it once it is admitted.
func (d *draft) contents(from, to recon.Date) contents {
	all := d.booked.contents(from, to)
	if d.admission != nil {
		d.admission.share(all)
	}
	return all
}

// outcome is the draft as it is stored.
func (d *draft) outcome() store.StatementOutcome {
	row := d.row
	if row.Held {
		row.Pending = 0
	} else {
		booked := row.Records - row.Pending
		row.Duplicates = d.admission.repeated(booked)
		row.New = booked - row.Duplicates
	}
	return store.StatementOutcome{StatementRow: row, Problems: d.problems, Parts: d.consumes}
}

// records reads the files again and yields the records of the drafts that are not held, with their fates.
func (p *Pipeline) records(ctx context.Context, drafts []*draft) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		t := &teller{pipeline: p, yield: yield}
		for i, d := range drafts {
			if d.row.Held {
				continue
			}
			d.admission.begin()
			for _, part := range d.parts {
				t.wanted = append(t.wanted, wanted{part, i, d.admission})
			}
		}
		for len(t.wanted) > 0 && !t.enough {
			t.at = -1
			_, err := p.stream(ctx, t.wanted[0].source, t)
			if err == nil && len(t.wanted) > 0 && t.at < t.wanted[0].index {
				err = fmt.Errorf("it has %d statements", t.at+1)
			}
			if err != nil && !errors.Is(err, errEnough) {
				yield(store.Record{}, fmt.Errorf("read archived file again: %w", err))
				return
			}
		}
	}
}

// wanted is a statement of a file whose records belong to a draft.
type wanted struct {
	part
	draft     int
	admission *admission
}

// teller is the sink of the second reading.
type teller struct {
	pipeline *Pipeline
	wanted   []wanted // not told yet
	at       int      // index of the statement being read
	prints   fingerprints
	yield    func(store.Record, error) bool
	enough   bool
}

// errEnough ends a reading when nobody wants the rest.
var errEnough = errors.New("the rest is not wanted")

func (t *teller) Begin(*recon.Statement) error {
	t.at++
	return nil
}

func (t *teller) Entry(e *recon.Entry) error {
	w := &t.wanted[0]
	if t.at != w.index {
		return nil
	}
	fate := w.admission.fate(t.prints.of(e), e.Status)
	fate.Class, fate.Ledger = matcher.Classify(*e, t.pipeline.Entity.Accounts, t.pipeline.Rules)
	if !t.yield(store.Record{Statement: w.draft, Entry: e, Fate: fate}, nil) {
		t.enough = true
		return errEnough
	}
	return nil
}

// End goes on to the next statement that is wanted, if it follows in this file.
func (t *teller) End(*recon.Statement, *ingest.Tally) error {
	w := t.wanted[0]
	if t.at != w.index {
		return nil
	}
	t.wanted = t.wanted[1:]
	if len(t.wanted) == 0 || t.wanted[0].source != w.source || t.wanted[0].index <= w.index {
		return errEnough
	}
	return nil
}
