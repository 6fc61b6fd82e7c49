package books

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

var update = flag.Bool("update", false, "rewrite golden files")

// ledger has a name for each account, so that tests read as bookkeeping.
var ledger = rules.Ledger{
	Receivables: "receivables", Payables: "payables", WriteOffs: "write-offs", Adjustments: "adjustments", Gains: "gains", Discounts: "discounts",
	Tax: "tax", Charges: "charges", WithheldTax: "withheld", Exchange: "exchange", Suspense: "suspense", Unapplied: "unapplied",
	OnAccount: "on account", Advances: "advances", Opening: "opening", InTransit: "in transit", Transfers: "transfers",
}

// world keeps what a store would keep after the steps of a story; each step takes a minute.
type world struct {
	accounts   []recon.Account
	customers  []recon.Customer
	files      []recon.FileRow
	statements []recon.StatementRow
	entries    []recon.EntryRow
	records    []recon.RecordRow
	receipts   []recon.ReceiptRow
	holdings   []recon.Holding
	items      []recon.Item
	starts     []recon.ItemStart
	apps       []recon.Application
	decisions  []recon.DecisionRow
	audit      []recon.AuditRow
	periods    []recon.PeriodRow
	frozen     []recon.FrozenPosting
	ended      []recon.DisputeRecord
	missing    []string
	now        time.Time
	run        int64
	ids        map[string]int64 // next id of each noun; entries and payments by hand share theirs
}

func newWorld() *world {
	return &world{
		accounts:  []recon.Account{{ID: "main", IBAN: "DE89370400440532013000", Currency: "EUR", Ledger: "1200"}},
		customers: []recon.Customer{{Code: "ACME", Name: "Acme GmbH"}, {Code: "BOLT", Name: "Bolt & Sons"}},
		now:       time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC), ids: map[string]int64{},
	}
}

func (w *world) id(noun string) int64 { w.ids[noun]++; return w.ids[noun] }

// tick is the instant of the next step; it leaves an audit row.
func (w *world) tick() time.Time {
	w.now = w.now.Add(time.Minute)
	w.sign(fmt.Sprintf("step at %s", w.now))
	return w.now
}

func (w *world) sign(canonical string) {
	var previous []byte
	if n := len(w.audit); n > 0 {
		previous = w.audit[n-1].Hash
	}
	sum := sha256.Sum256(append(slices.Clone(previous), canonical...))
	w.audit = append(w.audit, recon.AuditRow{Seq: int64(len(w.audit) + 1), Canonical: []byte(canonical), Hash: sum[:]})
}

// item imports an item that is open in full; change may turn it into something else.
func (w *world) item(number, customer string, amountMinor int64, due recon.Date, change ...func(*recon.Item)) int64 {
	i := recon.Item{ID: w.id("item"), Number: number, Kind: recon.Invoice, Side: recon.Receivable, Customer: customer, IssueDate: 20251201, DueDate: due,
		Currency: "EUR", AmountMinor: amountMinor, OpenMinor: amountMinor}
	for _, c := range change {
		c(&i)
	}
	w.items = append(w.items, i)
	w.starts = append(w.starts, recon.ItemStart{Item: i.ID, OpenMinor: i.OpenMinor, Effective: i.IssueDate, Recorded: w.tick()})
	return i.ID
}

func creditNote(i *recon.Item) { i.Kind = recon.CreditNote }
func payable(i *recon.Item)    { i.Side = recon.Payable }

// entry is one record of a statement in the story.
type entry struct {
	minor  int64
	name   string
	class  recon.Class // receipt where empty
	ledger string
	change func(*recon.EntryRow)

	repeats int64 // an entry that is known already
	pending bool
}

// statement books a statement of account main from its opening balance on, all entries on the last day; it returns their ids.
func (w *world) statement(from, to recon.Date, openingMinor int64, entries ...entry) []int64 {
	return w.statementOf("main", from, to, &openingMinor, entries...)
}

func (w *world) statementOf(account string, from, to recon.Date, openingMinor *int64, entries ...entry) (ids []int64) {
	at := w.tick()
	file := recon.FileRow{ID: w.id("file"), Name: fmt.Sprintf("%s-%s.xml", account, to), SHA256: fmt.Sprintf("%064d", len(w.files)), Received: at, State: recon.FileBooked, Format: "camt.053.001.08", Run: w.run}
	w.files = append(w.files, file)
	s := recon.StatementRow{ID: w.id("statement"), File: file.ID, Format: file.Format, AccountID: account, BankID: fmt.Sprint("B", file.ID), Currency: w.account(account).Currency,
		From: from, To: to, FirstBooked: to, LastBooked: to, StatedEntries: -1, Recorded: at, Run: w.run}
	for n, e := range entries {
		row := recon.EntryRow{Statement: s.ID, AccountID: account, Fingerprint: fmt.Sprintf("v1:%d-%d", s.ID, n), Occurrence: 1,
			Class: e.class, Ledger: e.ledger, Recorded: at, Effective: to}
		if row.Class == "" {
			row.Class = recon.ClassReceipt
		}
		row.Entry = recon.Entry{AmountMinor: e.minor, Currency: s.Currency, Booked: to, Value: to, Status: recon.Booked, Counterparty: recon.Party{Name: e.name}}
		if e.change != nil {
			e.change(&row)
		}
		if e.repeats != 0 || e.pending {
			w.record(&s, n, e, row)
			continue
		}
		ids = append(ids, w.book(&s, row))
	}
	if openingMinor != nil {
		s.Opening = &recon.Balance{AmountMinor: *openingMinor, Date: from}
		s.Closing = &recon.Balance{AmountMinor: *openingMinor + s.CreditMinor - s.DebitMinor, Date: to}
		s.Ties = recon.Ties
	}
	w.statements = append(w.statements, s)
	return ids
}

func (w *world) book(s *recon.StatementRow, row recon.EntryRow) int64 {
	row.ID = w.id("entry")
	row.BankReference = cmp.Or(row.BankReference, fmt.Sprintf("REF%03d", row.ID))
	s.Records++
	s.New++
	sumRecord(s, row.AmountMinor)
	w.entries = append(w.entries, row)
	if row.Class == recon.ClassReceipt {
		w.receipts = append(w.receipts, recon.ReceiptRow{ID: row.ID, AccountID: row.AccountID, Currency: row.Currency, AmountMinor: row.AmountMinor,
			Date: row.Booked, Effective: row.Effective, Recorded: row.Recorded})
	}
	return row.ID
}

// record stores a record that is no entry of its own.
func (w *world) record(s *recon.StatementRow, n int, e entry, row recon.EntryRow) {
	r := recon.RecordRow{Statement: s.ID, Ordinal: n, Kind: recon.FatePending, AmountMinor: row.AmountMinor, Booked: row.Booked}
	s.Records++
	if e.pending {
		s.Pending++
	} else {
		original := w.entries[w.at(e.repeats)]
		r.Kind, r.Entry, r.Fingerprint, r.AmountMinor, r.Booked = recon.FateDuplicate, original.ID, original.Fingerprint, original.AmountMinor, original.Booked
		s.Duplicates++
		sumRecord(s, original.AmountMinor)
	}
	w.records = append(w.records, r)
}

func sumRecord(s *recon.StatementRow, minor int64) {
	if minor > 0 {
		s.CreditMinor += minor
	} else {
		s.DebitMinor -= minor
	}
}

func (w *world) account(id string) recon.Account {
	return w.accounts[slices.IndexFunc(w.accounts, func(a recon.Account) bool { return a.ID == id })]
}

func (w *world) at(entry int64) int {
	return slices.IndexFunc(w.entries, func(e recon.EntryRow) bool { return e.ID == entry })
}

func (w *world) itemRow(id int64) *recon.Item {
	return &w.items[slices.IndexFunc(w.items, func(i recon.Item) bool { return i.ID == id })]
}

func (w *world) receipt(id int64) *recon.ReceiptRow {
	n := slices.IndexFunc(w.receipts, func(r recon.ReceiptRow) bool { return r.ID == id })
	if n < 0 {
		return nil
	}
	return &w.receipts[n]
}

func (w *world) holding(id int64) *recon.Holding {
	return &w.holdings[slices.IndexFunc(w.holdings, func(h recon.Holding) bool { return h.ID == id })]
}

// recorded stores a payment that a person saw elsewhere.
func (w *world) recorded(customer string, minor int64, day recon.Date) int64 {
	r := recon.ReceiptRow{ID: w.id("entry"), ByHand: true, AccountID: "main", Customer: customer, Currency: "EUR", AmountMinor: minor,
		Date: day, Effective: day, Method: "cheque", Recorded: w.tick()}
	w.receipts = append(w.receipts, r)
	return r.ID
}

// verdict is a decision of a story; zero fields: made by the engine, about a receipt, effective on its day.
type verdict struct {
	outcome   recon.Outcome
	reason    recon.Reason
	customer  string
	ledger    string
	source    recon.Source // of held money; else the receipt
	effective recon.Date
	reverses  []int64
}

// decide stores a decision about a receipt with its applications and returns the ids of these.
func (w *world) decide(receipt int64, v verdict, lines ...recon.Line) (ids []int64) {
	at := w.tick()
	d := recon.DecisionRow{ID: w.id("decision"), Receipt: receipt, Source: cmp.Or(v.source.Kind, recon.SourceReceipt), Outcome: v.outcome, Reason: cmp.Or(v.reason, "reference_exact"),
		Score: 95, Customer: v.customer, Actor: "engine", At: at, Run: w.run, Live: true, Ledger: v.ledger}
	if v.outcome == recon.Manual {
		d.Actor = "petra"
	}
	if n := w.at(receipt); n >= 0 {
		d.Return = w.entries[n].Class == recon.ClassReturn
	}
	for n := range w.decisions {
		if old := &w.decisions[n]; old.Live && old.Receipt == receipt && old.Source == d.Source {
			old.Live, d.Supersedes = false, old.ID
		}
	}
	w.decisions = append(w.decisions, d)
	for _, l := range lines {
		ids = append(ids, w.apply(w.line(d, v, l, at)))
	}
	for _, a := range v.reverses {
		ids = append(ids, w.reverse(a, d, v, at))
	}
	if v.outcome == recon.Reversed {
		w.takeBack(d, v, at)
	}
	return ids
}

// takeBack gives the money of the receipt, less the bank's fee, back by a refund.
func (w *world) takeBack(d recon.DecisionRow, v verdict, at time.Time) {
	entry, from := w.entries[w.at(d.Receipt)], w.apps[v.reverses[0]-1].Source
	w.apply(recon.Application{Source: from, Kind: recon.Refund, AmountMinor: -entry.AmountMinor - entry.ChargesMinor, Currency: entry.Currency, Customer: d.Customer,
		Effective: v.effective, Recorded: at, Reason: d.Reason, Actor: d.Actor, Decision: d.ID})
	r := w.receipt(from.ID)
	r.Returned = r.RefundedMinor == r.AmountMinor
}

func (w *world) line(d recon.DecisionRow, v verdict, l recon.Line, at time.Time) recon.Application {
	a := recon.Application{Source: v.source, Item: l.Item, Kind: l.Kind, AmountMinor: l.AmountMinor, TaxMinor: l.TaxMinor, Customer: d.Customer, Currency: "EUR",
		Recorded: at, Reason: d.Reason, Actor: d.Actor, Decision: d.ID, Ledger: l.Ledger, Order: l.Order}
	if a.Source.Kind == recon.SourceNone {
		a.Source = recon.Source{Kind: recon.SourceReceipt, ID: d.Receipt}
	}
	if l.Kind == recon.Credit {
		a.Source = recon.Source{Kind: recon.SourceCreditNote, ID: l.CreditNote}
	}
	if r := w.receipt(d.Receipt); r != nil {
		a.Currency, a.Effective, a.Original = r.Currency, r.Effective, r.Date
	}
	if v.effective != 0 {
		a.Effective = v.effective
	}
	return a
}

// apply stores an application and moves the sums that a store keeps.
func (w *world) apply(a recon.Application) int64 {
	a.ID = w.id("application")
	a.Original = cmp.Or(a.Original, a.Effective)
	w.apps = append(w.apps, a)
	w.move(a, a.AmountMinor)
	if a.Reverses == 0 && (a.Kind == recon.OnAccount || a.Kind == recon.Advance) {
		w.holdings = append(w.holdings, recon.Holding{ID: a.ID, Kind: recon.SourceKind(a.Kind), Receipt: a.Source.ID, Customer: a.Customer, Currency: a.Currency, AmountMinor: a.AmountMinor})
	}
	return a.ID
}

func (w *world) move(a recon.Application, minor int64) {
	if a.Kind.Reduces() && a.Item != 0 {
		w.lower(a.Item, minor, a.Effective)
	}
	if !a.Kind.Moves() {
		return
	}
	switch a.Source.Kind {
	case recon.SourceReceipt:
		if r := w.receipt(a.Source.ID); a.Kind == recon.Refund {
			r.RefundedMinor += minor
		} else {
			r.AllocatedMinor += minor
		}
	case recon.SourceCreditNote:
		w.lower(a.Source.ID, minor, a.Effective)
	case recon.SourceOnAccount, recon.SourceAdvance:
		w.holding(a.Source.ID).AllocatedMinor += minor
	}
}

func (w *world) lower(item, minor int64, day recon.Date) {
	i := w.itemRow(item)
	i.OpenMinor -= minor
	i.PaidOn = 0
	if i.OpenMinor == 0 {
		i.PaidOn = day
	}
}

// undo takes an application back on a day; the receipt waits again.
func (w *world) undo(application int64, day recon.Date) int64 {
	return w.reverse(application, recon.DecisionRow{Reason: "undone", Actor: "petra"}, verdict{effective: day}, w.tick())
}

func (w *world) reverse(application int64, d recon.DecisionRow, v verdict, at time.Time) int64 {
	original := &w.apps[application-1]
	a := *original
	a.ID, a.Reverses, a.ReversedBy, a.Decision, a.Reason, a.Actor, a.Recorded = w.id("application"), application, 0, d.ID, d.Reason, d.Actor, at
	a.Effective, a.Original = v.effective, v.effective
	original.ReversedBy = a.ID
	w.apps = append(w.apps, a)
	w.move(a, -a.AmountMinor)
	return a.ID
}

func each[T any](rows []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (w *world) Accounts() ([]recon.Account, error)                { return w.accounts, nil }
func (w *world) Customers() ([]recon.Customer, error)              { return w.customers, nil }
func (w *world) Files() ([]recon.FileRow, error)                   { return w.files, nil }
func (w *world) Statements() ([]recon.StatementRow, error)         { return w.statements, nil }
func (w *world) Missing() ([]string, error)                        { return w.missing, nil }
func (w *world) Entries() iter.Seq2[recon.EntryRow, error]         { return each(w.entries) }
func (w *world) Records() iter.Seq2[recon.RecordRow, error]        { return each(w.records) }
func (w *world) Receipts() iter.Seq2[recon.ReceiptRow, error]      { return each(w.receipts) }
func (w *world) Holdings() iter.Seq2[recon.Holding, error]         { return each(w.holdings) }
func (w *world) Items() iter.Seq2[recon.Item, error]               { return each(w.items) }
func (w *world) ItemStarts() iter.Seq2[recon.ItemStart, error]     { return each(w.starts) }
func (w *world) Applications() iter.Seq2[recon.Application, error] { return each(w.apps) }
func (w *world) Decisions() iter.Seq2[recon.DecisionRow, error]    { return each(w.decisions) }
func (w *world) Audit() iter.Seq2[recon.AuditRow, error]           { return each(w.audit) }
func (w *world) Periods() ([]recon.PeriodRow, error)               { return w.periods, nil }
func (w *world) Audited() (int64, error)                           { return int64(len(w.audit)), nil }
func (w *world) Frozen() iter.Seq2[recon.FrozenPosting, error]     { return each(w.frozen) }

// Disputes are those that items say they have, and those that ended.
func (w *world) Disputes() iter.Seq2[recon.DisputeRecord, error] {
	all := slices.Clone(w.ended)
	for _, i := range w.items {
		if i.Dispute != nil {
			all = append(all, recon.DisputeRecord{Dispute: *i.Dispute, Item: i.ID})
		}
	}
	slices.SortStableFunc(all, func(a, b recon.DisputeRecord) int { return cmp.Compare(a.Item, b.Item) })
	return each(all)
}

// close closes the books up to a day.
func (w *world) close(t *testing.T, until recon.Date) Frozen {
	t.Helper()
	frozen, err := Freeze(w, ledger, until)
	if err != nil {
		t.Fatal(err)
	}
	w.periods = append(w.periods, recon.PeriodRow{Until: until, Ordinal: len(w.periods) + 1, Postings: len(frozen.Postings), Digest: frozen.Digest, Audited: frozen.Audited, At: w.tick()})
	w.frozen = append(w.frozen, frozen.Postings...)
	return frozen
}

// golden compares with a file in testdata, or rewrites it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s differs (rewrite with -update); got:\n%s", path, got)
	}
}

// proved fails the test where an invariant is broken.
func proved(t *testing.T, w *world) {
	t.Helper()
	checks, err := Verify(w, rules.Set{Version: "now", Ledger: ledger})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if !c.OK {
			t.Errorf("%s %s: %s", c.ID, c.Name, c.Detail)
		}
	}
}

// lines writes postings as a bookkeeper would: day, account, amount, customer, item.
func lines(t *testing.T, w *world, cut Cut) string {
	t.Helper()
	var b strings.Builder
	for p, err := range Postings(w, ledger, cut) {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %s %s %s\n", p.Transaction, p.Effective, p.Account,
			strings.TrimSpace(recon.FormatMinor(p.AmountMinor, p.Currency)+" "+p.Customer+" "+p.ItemNumber))
	}
	return b.String()
}
