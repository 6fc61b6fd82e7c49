package books

import (
	"cmp"
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

	receipts  []recon.ReceiptRow // stored, by id
	backed    []bool             // which of them have an entry
	received  []movement         // recomputed from the applications, for each of them
	held      map[int64]recon.Holding
	moved     map[recon.Source]*movement  // recomputed for all other sources
	pendings  map[int64]int               // statement → records that are not booked
	bankCount map[int64]*bankEntries      // statement → the bank's own entries
	repeats   map[int64][]recon.RecordRow // entry → records that repeat it, until it is seen
	entries   int
	details   int // entries that are part of a batch

	returnedMinor map[recon.Currency]int64 // what returns that found their receipt took out of the bank, fees too, positive

	balance map[accountKey]int64 // of the journal
	pockets map[pocketKey]int64
	lines   int

	eachEntry func(recon.EntryRow) // told of what streams past, nil for nobody

	// faults found while entries stream past
	whole, receiptsOf, identity, orphans, unbalanced finding
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
		pendings: map[int64]int{}, bankCount: map[int64]*bankEntries{}, repeats: map[int64][]recon.RecordRow{},
		returnedMinor: map[recon.Currency]int64{}, balance: map[accountKey]int64{}, pockets: map[pocketKey]int64{}}
	p.journal = newJournal(s, set.Ledger, p.transaction)
	return p, nil
}

func (p *proof) read(v View) error {
	for _, read := range []func(View) error{p.readFiles, p.readStored, p.readHoldings, p.readRecords} {
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
	return nil
}

func (p *proof) readFiles(v View) (err error) {
	if p.statements, err = v.Statements(); err != nil {
		return unread("statements", err)
	}
	files, err := v.Files()
	if err != nil {
		return unread("files", err)
	}
	for _, f := range files {
		p.files[f.ID] = f.State
	}
	return nil
}

// readStored reads the receipts, or shares those in memory.
func (p *proof) readStored(v View) (err error) {
	if m, ok := v.(*memory); ok {
		p.receipts = m.receipts
	} else if p.receipts, err = collected("receipts", v.Receipts()); err != nil {
		return err
	}
	ascending(p.receipts, receiptID)
	p.backed, p.received = make([]bool, len(p.receipts)), make([]movement, len(p.receipts))
	return nil
}

func (p *proof) readHoldings(v View) error {
	for h, err := range v.Holdings() {
		if err != nil {
			return unread("holdings", err)
		}
		p.held[h.ID] = h
	}
	return nil
}

func (p *proof) readRecords(v View) error {
	for r, err := range v.Records() {
		if err != nil {
			return unread("records", err)
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

// receipt returns the stored receipt with an id and its place, nil where there is none.
func (p *proof) receipt(id int64) (*recon.ReceiptRow, int) {
	n := find(p.receipts, id, receiptID)
	if n < 0 {
		return nil, n
	}
	return &p.receipts[n], n
}

// move sums what live applications took from each source.
func (p *proof) move() {
	for n := range p.apps {
		a := &p.apps[n]
		if !p.live(a) || !a.Kind.Moves() {
			continue
		}
		if m := p.movementOf(a.Source); a.Kind == recon.Refund {
			m.refundedMinor += a.Taken().Minor
		} else {
			m.appliedMinor += a.Taken().Minor
		}
	}
}

// movementOf is what applications took from a source.
func (p *proof) movementOf(source recon.Source) *movement {
	if source.Kind == recon.SourceReceipt {
		if r, n := p.receipt(source.ID); r != nil {
			return &p.received[n]
		}
	}
	m := p.moved[source]
	if m == nil {
		m = &movement{}
		p.moved[source] = m
	}
	return m
}

// transaction takes a transaction of the journal as it is derived.
func (p *proof) transaction(lines []posting) bool {
	p.lines += len(lines)
	for n := range lines {
		l := &lines[n]
		p.balance[accountKey{l.Account, l.Currency}] += l.AmountMinor
		p.pockets[pocketKey{l.pocket, l.Currency}] += l.AmountMinor
	}
	p.balanced(lines)
	return true
}

// balanced proves that a transaction adds up to nothing on each of its days, in each currency: an exchange has two.
func (p *proof) balanced(lines []posting) {
	same := func(l *posting) bool { return l.Currency == lines[0].Currency && l.Effective == lines[0].Effective }
	var sum int64
	var others []posting
	for n := range lines {
		if l := &lines[n]; same(l) {
			sum += l.AmountMinor
		} else {
			others = append(others, *l)
		}
	}
	if sum != 0 {
		p.unbalanced.fault("transaction %s is off by %s", lines[0].key.name(), money(sum, lines[0].Currency))
	}
	if len(others) > 0 {
		p.balanced(others)
	}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func sortedAccounts(m map[accountKey]int64) []accountKey {
	return slices.SortedFunc(maps.Keys(m), func(a, b accountKey) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.currency, b.currency))
	})
}
