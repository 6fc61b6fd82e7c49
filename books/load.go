package books

import (
	"iter"
	"slices"

	"github.com/tieout/tieout/recon"
)

// Load reads a view once and returns what it showed, held in memory: several exports, proofs and reports of one state can be
// made of it, side by side too.
func Load(v View) (View, error) {
	m := &memory{}
	for _, read := range []func(View) error{m.lists, m.money, m.trail} {
		if err := read(v); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// memory is a state held in memory. Nothing in it changes after it was loaded.
type memory struct {
	accounts     []recon.Account
	statements   []recon.StatementRow
	customers    []recon.Customer
	files        []recon.FileRow
	missing      []string
	entries      []recon.EntryRow
	receipts     []recon.ReceiptRow
	holdings     []recon.Holding
	items        []recon.Item
	starts       []recon.ItemStart
	applications []recon.Application
	decisions    []recon.DecisionRow
	records      []recon.RecordRow
	chain        []recon.AuditRow
}

func (m *memory) lists(v View) (err error) {
	if m.accounts, err = v.Accounts(); err != nil {
		return err
	}
	if m.statements, err = v.Statements(); err != nil {
		return err
	}
	if m.customers, err = v.Customers(); err != nil {
		return err
	}
	if m.files, err = v.Files(); err != nil {
		return err
	}
	m.missing, err = v.Missing()
	return err
}

func (m *memory) money(v View) (err error) {
	if m.entries, err = rowsOf(v.Entries()); err != nil {
		return err
	}
	if m.receipts, err = rowsOf(v.Receipts()); err != nil {
		return err
	}
	if m.holdings, err = rowsOf(v.Holdings()); err != nil {
		return err
	}
	if m.items, err = rowsOf(v.Items()); err != nil {
		return err
	}
	m.starts, err = rowsOf(v.ItemStarts())
	return err
}

func (m *memory) trail(v View) (err error) {
	if m.applications, err = rowsOf(v.Applications()); err != nil {
		return err
	}
	if m.decisions, err = rowsOf(v.Decisions()); err != nil {
		return err
	}
	if m.records, err = rowsOf(v.Records()); err != nil {
		return err
	}
	m.chain, err = rowsOf(v.Audit())
	return err
}

func rowsOf[T any](from iter.Seq2[T, error]) (rows []T, err error) {
	for row, err := range from {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

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
func (m *memory) Entries() iter.Seq2[recon.EntryRow, error]      { return seq(m.entries) }
func (m *memory) Receipts() iter.Seq2[recon.ReceiptRow, error]   { return seq(m.receipts) }
func (m *memory) Holdings() iter.Seq2[recon.Holding, error]      { return seq(m.holdings) }
func (m *memory) Items() iter.Seq2[recon.Item, error]            { return seq(m.items) }
func (m *memory) ItemStarts() iter.Seq2[recon.ItemStart, error]  { return seq(m.starts) }
func (m *memory) Decisions() iter.Seq2[recon.DecisionRow, error] { return seq(m.decisions) }
func (m *memory) Records() iter.Seq2[recon.RecordRow, error]     { return seq(m.records) }
func (m *memory) Audit() iter.Seq2[recon.AuditRow, error]        { return seq(m.chain) }
func (m *memory) Applications() iter.Seq2[recon.Application, error] {
	return seq(m.applications)
}
