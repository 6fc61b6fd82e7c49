package books

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/tieout/tieout/recon"
)

// Load reads a view once and returns what it showed, held in memory: several exports, proofs and reports of one state can be
// made of it, side by side too. They share its rows.
func Load(v View) (View, error) {
	m := &memory{}
	if err := m.read(v); err != nil {
		return nil, err
	}
	for _, read := range []func(View) error{m.lists, m.money, m.trail} {
		if err := read(v); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// rows are what every derivation looks things up in, each by ascending id. Nothing in them changes after they were read.
type rows struct {
	accounts     []recon.Account
	customers    []recon.Customer
	items        []recon.Item
	starts       []recon.ItemStart // by item; those of one item in their order
	applications []recon.Application
	decisions    []recon.DecisionRow
	disputes     []recon.DisputeRecord // by item and order
	periods      []recon.PeriodRow     // earliest first
	frozen       []posting             // journals of closed periods, by transaction and close
}

// rowsOf returns the rows of a view: those that are held in memory already, else it reads them.
func rowsOf(v View) (*rows, error) {
	if m, ok := v.(*memory); ok {
		return &m.rows, nil
	}
	r := &rows{}
	return r, r.read(v)
}

func (r *rows) read(v View) (err error) {
	if r.accounts, err = v.Accounts(); err != nil {
		return unread("accounts", err)
	}
	if r.customers, err = v.Customers(); err != nil {
		return unread("customers", err)
	}
	if r.items, err = collected("items", v.Items()); err != nil {
		return err
	}
	if r.starts, err = collected("item starts", v.ItemStarts()); err != nil {
		return err
	}
	if r.applications, err = collected("applications", v.Applications()); err != nil {
		return err
	}
	if r.decisions, err = collected("decisions", v.Decisions()); err != nil {
		return err
	}
	if r.disputes, err = collected("disputes", v.Disputes()); err != nil {
		return err
	}
	if err := r.readClosed(v); err != nil {
		return err
	}
	ascending(r.items, itemID)
	ascending(r.starts, func(s *recon.ItemStart) int64 { return s.Item })
	ascending(r.applications, applicationID)
	ascending(r.decisions, decisionID)
	return nil
}

func (r *rows) readClosed(v View) (err error) {
	if r.periods, err = v.Periods(); err != nil {
		return unread("closed periods", err)
	}
	for f, err := range v.Frozen() {
		if err != nil {
			return unread("frozen postings", err)
		}
		r.frozen = append(r.frozen, thawed(&f))
	}
	slices.SortStableFunc(r.frozen, byTransaction)
	return nil
}

func itemID(i *recon.Item) int64               { return i.ID }
func applicationID(a *recon.Application) int64 { return a.ID }
func decisionID(d *recon.DecisionRow) int64    { return d.ID }
func receiptID(r *recon.ReceiptRow) int64      { return r.ID }

// ascending sorts rows that did not come so; rows of one id keep their order.
func ascending[T any](rows []T, id func(*T) int64) {
	for n := 1; n < len(rows); n++ {
		if id(&rows[n]) < id(&rows[n-1]) {
			slices.SortStableFunc(rows, func(a, b T) int { return cmp.Compare(id(&a), id(&b)) })
			return
		}
	}
}

// find returns where the row with an id stands, -1 where there is none. Ids count from 1, so that it is known where nothing
// is left out.
func find[T any](rows []T, wanted int64, id func(*T) int64) int {
	if n := wanted - 1; n >= 0 && n < int64(len(rows)) && id(&rows[n]) == wanted {
		return int(n)
	}
	n, end := 0, len(rows)
	for n < end {
		if middle := (n + end) / 2; id(&rows[middle]) < wanted {
			n = middle + 1
		} else {
			end = middle
		}
	}
	if n == len(rows) || id(&rows[n]) != wanted {
		return -1
	}
	return n
}

// memory is a state held in memory. Nothing in it changes after it was loaded.
type memory struct {
	rows
	statements []recon.StatementRow
	files      []recon.FileRow
	missing    []string
	entries    []heldEntry
	receipts   []recon.ReceiptRow
	holdings   []recon.Holding
	records    []recon.RecordRow
	chain      []recon.AuditRow
	postings   []recon.FrozenPosting
	audited    int64
}

func (m *memory) lists(v View) (err error) {
	if m.statements, err = v.Statements(); err != nil {
		return unread("statements", err)
	}
	if m.files, err = v.Files(); err != nil {
		return unread("files", err)
	}
	if m.missing, err = v.Missing(); err != nil {
		return unread("the schema", err)
	}
	return nil
}

func (m *memory) money(v View) (err error) {
	if m.entries, err = collected("entries", held(v.Entries())); err != nil {
		return err
	}
	if m.receipts, err = collected("receipts", v.Receipts()); err != nil {
		return err
	}
	ascending(m.receipts, receiptID)
	m.holdings, err = collected("holdings", v.Holdings())
	return err
}

func (m *memory) trail(v View) (err error) {
	if m.records, err = collected("records", v.Records()); err != nil {
		return err
	}
	if m.chain, err = collected("audit rows", v.Audit()); err != nil {
		return err
	}
	if m.audited, err = v.Audited(); err != nil {
		return unread("the last audit row", err)
	}
	m.postings, err = collected("frozen postings", v.Frozen())
	return err
}

// heldEntry is what a view shows of an entry, in a third of the room.
type heldEntry struct {
	id, statement, minor, chargesMinor                                         int64
	account, fingerprint, ledger, currency, bankReference, counterparty, batch string
	class                                                                      recon.Class
	recorded                                                                   time.Time
	effective, booked                                                          recon.Date
	occurrence                                                                 int32
	whole                                                                      bool
}

func hold(e *recon.EntryRow) heldEntry {
	return heldEntry{id: e.ID, statement: e.Statement, minor: e.AmountMinor, chargesMinor: e.ChargesMinor, account: e.AccountID, fingerprint: e.Fingerprint,
		ledger: e.Ledger, currency: string(e.Currency), bankReference: e.BankReference, counterparty: e.Counterparty.Name, batch: e.Batch, class: e.Class,
		recorded: e.Recorded, effective: e.Effective, booked: e.Booked, occurrence: int32(e.Occurrence), whole: e.Whole}
}

func held(entries iter.Seq2[recon.EntryRow, error]) iter.Seq2[heldEntry, error] {
	return func(yield func(heldEntry, error) bool) {
		for e, err := range entries {
			if !yield(hold(&e), err) {
				return
			}
		}
	}
}

func (h *heldEntry) row() recon.EntryRow {
	return recon.EntryRow{ID: h.id, Statement: h.statement, AccountID: h.account, Fingerprint: h.fingerprint, Occurrence: int(h.occurrence), Class: h.class,
		Ledger: h.ledger, Recorded: h.recorded, Effective: h.effective,
		Entry: recon.Entry{AmountMinor: h.minor, Currency: recon.Currency(h.currency), Booked: h.booked, BankReference: h.bankReference,
			Counterparty: recon.Party{Name: h.counterparty}, Batch: h.batch, ChargesMinor: h.chargesMinor, Whole: h.whole}}
}

// unread says what could not be read.
func unread(what string, err error) error { return fmt.Errorf("read %s: %w", what, err) }

// collected reads all rows of a sequence into no more room than they need: they are many, and stay.
func collected[T any](what string, from iter.Seq2[T, error]) ([]T, error) {
	var parts [][]T
	part := make([]T, 0, rowsOfPart)
	for row, err := range from {
		if err != nil {
			return nil, unread(what, err)
		}
		if len(part) == cap(part) {
			parts, part = append(parts, part), make([]T, 0, rowsOfPart)
		}
		part = append(part, row)
	}
	return slices.Concat(append(parts, part)...), nil
}

const rowsOfPart = 1024

func seq[T any](rows []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (m *memory) Accounts() ([]recon.Account, error)             { return slices.Clone(m.accounts), nil }
func (m *memory) Statements() ([]recon.StatementRow, error)      { return slices.Clone(m.statements), nil }
func (m *memory) Customers() ([]recon.Customer, error)           { return slices.Clone(m.customers), nil }
func (m *memory) Files() ([]recon.FileRow, error)                { return slices.Clone(m.files), nil }
func (m *memory) Missing() ([]string, error)                     { return slices.Clone(m.missing), nil }
func (m *memory) Receipts() iter.Seq2[recon.ReceiptRow, error]   { return seq(m.receipts) }
func (m *memory) Holdings() iter.Seq2[recon.Holding, error]      { return seq(m.holdings) }
func (m *memory) Items() iter.Seq2[recon.Item, error]            { return seq(m.items) }
func (m *memory) ItemStarts() iter.Seq2[recon.ItemStart, error]  { return seq(m.starts) }
func (m *memory) Decisions() iter.Seq2[recon.DecisionRow, error] { return seq(m.decisions) }
func (m *memory) Records() iter.Seq2[recon.RecordRow, error]     { return seq(m.records) }
func (m *memory) Audit() iter.Seq2[recon.AuditRow, error]        { return seq(m.chain) }
func (m *memory) Disputes() iter.Seq2[recon.DisputeRecord, error] {
	return seq(m.disputes)
}
func (m *memory) Periods() ([]recon.PeriodRow, error)           { return slices.Clone(m.periods), nil }
func (m *memory) Frozen() iter.Seq2[recon.FrozenPosting, error] { return seq(m.postings) }
func (m *memory) Audited() (int64, error)                       { return m.audited, nil }
func (m *memory) Applications() iter.Seq2[recon.Application, error] {
	return seq(m.applications)
}

func (m *memory) Entries() iter.Seq2[recon.EntryRow, error] {
	return func(yield func(recon.EntryRow, error) bool) {
		for n := range m.entries {
			if !yield(m.entries[n].row(), nil) {
				return
			}
		}
	}
}
