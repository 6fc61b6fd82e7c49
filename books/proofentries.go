package books

import (
	"fmt"

	"github.com/tieout/tieout/recon"
)

// bankEntries counts the bank's own entries of a statement: a batch is one of them.
type bankEntries struct {
	single  int
	batches map[string]bool
}

func (b *bankEntries) count() int { return b.single + len(b.batches) }

// identityKey must be unique among entries (I12).
type identityKey struct {
	account, fingerprint string
	occurrence           int
}

func (p *proof) readEntries(v View) error {
	held := map[int64]bool{}
	known := map[int64]bool{}
	for _, s := range p.statements {
		known[s.ID], held[s.ID] = true, s.Held
	}
	seen := map[identityKey]int64{}
	for e, err := range v.Entries() {
		if err != nil {
			return unread("entries", err)
		}
		if !known[e.Statement] || held[e.Statement] {
			p.orphans.fault("entry %d belongs to no booked statement", e.ID)
		}
		key := identityKey{e.AccountID, e.Fingerprint, e.Occurrence}
		if other, twice := seen[key]; twice {
			p.identity.fault("entries %d and %d are one and the same", other, e.ID)
		}
		seen[key] = e.ID
		p.inspect(&e)
		p.entry(&e)
		if p.eachEntry != nil {
			p.eachEntry(e)
		}
	}
	p.unbroken(seen)
	return nil
}

// unbroken proves that occurrences of one content are counted 1, 2, … without a hole: a hole would be a lost twin.
func (p *proof) unbroken(seen map[identityKey]int64) {
	holes := map[int64]identityKey{}
	for key, entry := range seen {
		before := key
		before.occurrence--
		if _, ok := seen[before]; key.occurrence < 1 || key.occurrence > 1 && !ok {
			holes[entry] = key
		}
	}
	for _, entry := range sortedKeys(holes) {
		p.identity.fault("entry %d is occurrence %d of its content and the one before is missing", entry, holes[entry].occurrence)
	}
}

// inspect looks at one entry on its way past.
func (p *proof) inspect(e *recon.EntryRow) {
	p.entries++
	if e.Batch != "" {
		p.details++
	}
	p.countBankEntry(e.Statement, e.Batch)
	for n, r := range p.repeats[e.ID] {
		if n == 0 {
			t := p.tally(e.Statement)
			t.shared = append(t.shared, sharedEntry{e.ID, e.AmountMinor})
		}
		p.repeated(e, r)
	}
	delete(p.repeats, e.ID)
	if e.Whole {
		p.wholeEntry(e)
	}
	if e.Class == recon.ClassReturn && len(p.returned[e.ID]) > 0 {
		p.returnedMinor[e.Currency] -= e.AmountMinor
	}
	p.receiptEntry(e)
}

func (p *proof) countBankEntry(statement int64, batch string) {
	b := p.bankCount[statement]
	if b == nil {
		b = &bankEntries{batches: map[string]bool{}}
		p.bankCount[statement] = b
	}
	if batch == "" {
		b.single++
	} else {
		b.batches[batch] = true
	}
}

func (p *proof) repeated(e *recon.EntryRow, r recon.RecordRow) {
	if r.Fingerprint != e.Fingerprint {
		p.identity.fault("record %d of statement %d is kept as a repetition of entry %d, which says something else", r.Ordinal, r.Statement, e.ID)
	}
	batch := e.Batch
	if batch != "" {
		batch = fmt.Sprintf("%d/%s", e.Statement, e.Batch)
	}
	p.countBankEntry(r.Statement, batch)
}

// wholeEntry: a batch whose details contradict it may only be applied by a person (I5).
func (p *proof) wholeEntry(e *recon.EntryRow) {
	for _, n := range p.applicationsOf(e.ID) {
		if a := &p.apps[n]; p.live(a) && p.decision(a.Decision).Outcome == recon.Auto {
			p.whole.fault("entry %d: its details contradict it and application %d was made unattended", e.ID, a.ID)
		}
	}
}

func (p *proof) receiptEntry(e *recon.EntryRow) {
	r, n := p.receipt(e.ID)
	if r != nil {
		p.backed[n] = true
	}
	switch {
	case e.Class != recon.ClassReceipt:
	case r == nil:
		p.receiptsOf.fault("entry %d of %s has no receipt", e.ID, money(e.AmountMinor, e.Currency))
	case r.AmountMinor != e.AmountMinor || r.Currency != e.Currency:
		p.receiptsOf.fault("receipt %d is %s, its entry %s", e.ID, money(r.AmountMinor, r.Currency), money(e.AmountMinor, e.Currency))
	}
}
