package books

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/rules"
)

// proof is what one reading of a view brings together for the checks.
type proof struct {
	*journal
	set        rules.Set
	statements []recon.StatementRow
	files      map[int64]recon.FileState

	moved     map[recon.Source]*movement  // recomputed from the applications, by source
	held      map[int64]recon.Holding     // stored
	receipts  map[int64]*receipt          // stored
	pendings  map[int64]int               // statement → records that are not booked
	bankCount map[int64]*bankEntries      // statement → the bank's own entries
	repeats   map[int64][]recon.RecordRow // entry → records that repeat it, until it is seen
	entries   int
	details   int // entries that are part of a batch

	returnedMinor map[recon.Currency]int64 // what returns took out of the bank, fees too, positive

	balance map[accountKey]int64 // of the journal
	pockets map[pocketKey]int64
	lines   int
	open    transaction // the one being emitted

	eachEntry func(recon.EntryRow) // told of what streams past, nil for nobody
	eachLine  func(posting) bool

	// faults found while entries stream past
	whole, receiptsOf, identity, orphans, unbalanced finding
}

// receipt is a stored receipt; it is backed where its entry was seen.
type receipt struct {
	recon.ReceiptRow
	backed bool
}

type movement struct{ appliedMinor, refundedMinor int64 }

type accountKey struct {
	account  string
	currency recon.Currency
}

type pocketKey struct {
	pocket   pocket
	currency recon.Currency
}

// transaction sums the lines of one transaction of the journal.
type transaction struct {
	id   string
	sums map[recon.Currency]int64
}

// gather reads a view once, entries last and streaming.
func gather(v View, set rules.Set) (*proof, error) {
	p, err := newProof(v, set)
	if err != nil {
		return nil, err
	}
	return p, p.read(v)
}

// newProof loads what entries are judged by.
func newProof(v View, set rules.Set) (*proof, error) {
	s, err := load(v, everything)
	if err != nil {
		return nil, err
	}
	p := &proof{set: set, files: map[int64]recon.FileState{}, moved: map[recon.Source]*movement{}, held: map[int64]recon.Holding{},
		receipts: map[int64]*receipt{}, pendings: map[int64]int{}, bankCount: map[int64]*bankEntries{}, repeats: map[int64][]recon.RecordRow{},
		returnedMinor: map[recon.Currency]int64{}, balance: map[accountKey]int64{}, pockets: map[pocketKey]int64{}}
	p.journal = newJournal(s, set.Ledger, p.line)
	return p, nil
}

func (p *proof) read(v View) error {
	for _, read := range []func(View) error{p.readFiles, p.readReceipts, p.readHoldings, p.readRecords} {
		if err := read(v); err != nil {
			return err
		}
	}
	p.move()
	p.itemStarts()
	if err := p.readEntries(v); err != nil {
		return err
	}
	p.rest(p.statements)
	p.closeTransaction()
	return nil
}

func (p *proof) readFiles(v View) (err error) {
	if p.statements, err = v.Statements(); err != nil {
		return fmt.Errorf("read statements: %w", err)
	}
	files, err := v.Files()
	if err != nil {
		return fmt.Errorf("read files: %w", err)
	}
	for _, f := range files {
		p.files[f.ID] = f.State
	}
	return nil
}

func (p *proof) readReceipts(v View) error {
	for r, err := range v.Receipts() {
		if err != nil {
			return fmt.Errorf("read receipts: %w", err)
		}
		p.receipts[r.ID] = &receipt{ReceiptRow: r}
	}
	return nil
}

func (p *proof) readHoldings(v View) error {
	for h, err := range v.Holdings() {
		if err != nil {
			return fmt.Errorf("read holdings: %w", err)
		}
		p.held[h.ID] = h
	}
	return nil
}

func (p *proof) readRecords(v View) error {
	for r, err := range v.Records() {
		if err != nil {
			return fmt.Errorf("read records: %w", err)
		}
		if r.Kind == recon.FatePending {
			p.pendings[r.Statement]++
			continue
		}
		p.tally(r.Statement).addKnown(r)
		p.repeats[r.Entry] = append(p.repeats[r.Entry], r)
	}
	return nil
}

// move sums what live applications took from each source.
func (p *proof) move() {
	for _, a := range p.apps {
		if !p.live(a) || !a.Kind.Moves() {
			continue
		}
		m := p.moved[a.Source]
		if m == nil {
			m = &movement{}
			p.moved[a.Source] = m
		}
		if a.Kind == recon.Refund {
			m.refundedMinor += a.AmountMinor
		} else {
			m.appliedMinor += a.AmountMinor
		}
	}
}

// live reports whether an application has an effect, told from the reversals themselves.
func (p *proof) live(a recon.Application) bool { return a.Reverses == 0 && p.undone[a.ID] == 0 }

// line takes a line of the journal as it is derived.
func (p *proof) line(l posting) bool {
	p.lines++
	if l.Transaction != p.open.id {
		p.closeTransaction()
		p.open = transaction{id: l.Transaction, sums: map[recon.Currency]int64{}}
	}
	p.open.sums[l.Currency] += l.AmountMinor
	p.balance[accountKey{l.Account, l.Currency}] += l.AmountMinor
	p.pockets[pocketKey{l.pocket, l.Currency}] += l.AmountMinor
	return p.eachLine == nil || p.eachLine(l)
}

func (p *proof) closeTransaction() {
	for _, currency := range sortedKeys(p.open.sums) {
		if sum := p.open.sums[currency]; sum != 0 {
			p.unbalanced.fault("transaction %s is off by %s", p.open.id, money(sum, currency))
		}
	}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func sortedAccounts(m map[accountKey]int64) []accountKey {
	return slices.SortedFunc(maps.Keys(m), func(a, b accountKey) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.currency, b.currency))
	})
}
