package books

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/tieout/tieout/recon"
)

// state is what is known within a sight of items, decisions and applications: enough to say where each cent stands.
// Entries are not part of it, they stream past.
type state struct {
	sight     sight
	latest    time.Time // of what is seen with an id
	accounts  []recon.Account
	customers []recon.Customer
	items     []item // by id
	decisions map[int64]recon.DecisionRow
	inForce   map[int64]int64               // receipt or return → decision
	hand      map[int64]recon.ReceiptRow    // payments recorded by hand
	apps      []recon.Application           // ascending
	undone    map[int64]int64               // application → the one that reverses it
	returned  map[int64][]recon.Application // return → the refunds by which its decision in force takes money back
}

// item is an open item with its history within the sight.
type item struct {
	recon.Item
	starts    []recon.ItemStart // that are seen: its amount, then each change of it
	openMinor int64
	paidOn    recon.Date // effective day on which it was settled, 0 while open
}

// load reads a state. Applications are kept in memory, a few hundred bytes each.
func load(v View, seen sight) (*state, error) {
	s := &state{sight: seen}
	for _, read := range []func(View) error{s.readMasters, s.readDecisions, s.readApplications, s.readItems, s.readReceipts} {
		if err := read(v); err != nil {
			return nil, err
		}
	}
	s.settle()
	return s, nil
}

func (s *state) readMasters(v View) (err error) {
	if s.accounts, err = v.Accounts(); err != nil {
		return fmt.Errorf("read accounts: %w", err)
	}
	if s.customers, err = v.Customers(); err != nil {
		return fmt.Errorf("read customers: %w", err)
	}
	return nil
}

func (s *state) readItems(v View) error {
	for row, err := range v.Items() {
		if err != nil {
			return fmt.Errorf("read items: %w", err)
		}
		s.items = append(s.items, item{Item: row})
	}
	slices.SortFunc(s.items, func(a, b item) int { return cmp.Compare(a.ID, b.ID) })
	var last int64
	var changes []recon.ItemStart
	for start, err := range v.ItemStarts() {
		if err != nil {
			return fmt.Errorf("read item starts: %w", err)
		}
		if start.Item == last {
			changes = append(changes, start)
		} else if s.start(start) {
			s.seen(start.Recorded)
		}
		last = start.Item
	}
	for _, change := range changes {
		if s.sight.mark == nil || !change.Recorded.After(s.latest) {
			s.start(change)
		}
	}
	return nil
}

// start adds what an item began with, or by how much it changed.
func (s *state) start(start recon.ItemStart) bool {
	i := s.item(start.Item)
	if i == nil || !s.sight.item(start) {
		return false
	}
	i.starts = append(i.starts, start)
	i.openMinor += start.OpenMinor
	return true
}

// seen remembers the latest instant within the sight. Changes of an item's amount have no ids of their own: a batch knows
// those that were recorded by then.
func (s *state) seen(at time.Time) {
	if at.After(s.latest) {
		s.latest = at
	}
}

// startedMinor is what the item's starts recorded until an instant add up to.
func (i *item) startedMinor(at time.Time) (minor int64) {
	for _, start := range i.starts {
		if !start.Recorded.After(at) {
			minor += start.OpenMinor
		}
	}
	return minor
}

func (s *state) readDecisions(v View) error {
	s.decisions, s.inForce = map[int64]recon.DecisionRow{}, map[int64]int64{}
	for d, err := range v.Decisions() {
		if err != nil {
			return fmt.Errorf("read decisions: %w", err)
		}
		if !s.sight.decision(d) {
			continue
		}
		s.decisions[d.ID] = d
		s.seen(d.At)
		if aboutReceipt(d) && (d.Live || !s.sight.now()) {
			s.inForce[d.Receipt] = d.ID
		}
	}
	return nil
}

// aboutReceipt tells decisions about the money of the bank from those about money held.
func aboutReceipt(d recon.DecisionRow) bool {
	return d.Source == recon.SourceReceipt || d.Source == recon.SourceNone
}

func (s *state) readApplications(v View) error {
	s.undone, s.returned = map[int64]int64{}, map[int64][]recon.Application{}
	for a, err := range v.Applications() {
		if err != nil {
			return fmt.Errorf("read applications: %w", err)
		}
		if s.sight.application(a) {
			s.apps = append(s.apps, a)
			s.seen(a.Recorded)
		}
	}
	slices.SortFunc(s.apps, func(a, b recon.Application) int { return cmp.Compare(a.ID, b.ID) })
	for _, a := range s.apps {
		if a.Reverses != 0 {
			s.undone[a.Reverses] = a.ID
		}
		if entry, ok := s.returnOf(a); ok {
			s.returned[entry] = append(s.returned[entry], a)
		}
	}
	return nil
}

// returnOf returns the return whose decision in force gave money of a receipt back by this refund: the entry shows where it went.
func (s *state) returnOf(a recon.Application) (entry int64, ok bool) {
	d := s.decisions[a.Decision]
	return d.Receipt, a.Kind == recon.Refund && a.Reverses == 0 && d.Return && s.inForce[d.Receipt] == d.ID
}

func (s *state) readReceipts(v View) error {
	s.hand = map[int64]recon.ReceiptRow{}
	for r, err := range v.Receipts() {
		if err != nil {
			return fmt.Errorf("read receipts: %w", err)
		}
		if r.ByHand && s.sight.reaches(r.Effective) && s.knows(r.ID, r.Recorded) {
			s.hand[r.ID] = r
		}
	}
	return nil
}

// settle applies the applications to the items, in their order.
func (s *state) settle() {
	for _, a := range s.apps {
		if a.Kind.Reduces() {
			s.reduce(a, a.Item)
		}
		if a.Source.Kind == recon.SourceCreditNote && a.Kind.Moves() {
			s.reduce(a, a.Source.ID)
		}
	}
}

func (s *state) reduce(a recon.Application, id int64) {
	i := s.item(id)
	if i == nil {
		return
	}
	if a.Reverses == 0 {
		i.openMinor -= a.AmountMinor
	} else {
		i.openMinor += a.AmountMinor
	}
	i.paidOn = 0
	if i.openMinor == 0 {
		i.paidOn = a.Effective
	}
}

// item returns the item with an id, nil where there is none.
func (s *state) item(id int64) *item {
	at, ok := slices.BinarySearchFunc(s.items, id, func(i item, id int64) int { return cmp.Compare(i.ID, id) })
	if !ok {
		return nil
	}
	return &s.items[at]
}

func (s *state) itemNumber(id int64) string {
	if i := s.item(id); i != nil {
		return i.Number
	}
	return ""
}

// application returns the application with an id if it is within the sight.
func (s *state) application(id int64) (recon.Application, bool) {
	at, ok := slices.BinarySearchFunc(s.apps, id, func(a recon.Application, id int64) int { return cmp.Compare(a.ID, id) })
	if !ok {
		return recon.Application{}, false
	}
	return s.apps[at], true
}

// knows reports whether an entry or a payment by hand is within the sight; what was decided is.
func (s *state) knows(id int64, recorded time.Time) bool {
	return s.sight.knowsEntry(id, recorded) || s.inForce[id] != 0
}

// decisionOn returns the decision in force on a receipt or return.
func (s *state) decisionOn(receipt int64) (recon.DecisionRow, bool) {
	d, ok := s.decisions[s.inForce[receipt]]
	return d, ok
}

// receiptOf follows an application's source to the receipt its money came in with. Effects without money and credit
// notes belong to the receipt that was decided.
func (s *state) receiptOf(a recon.Application) (int64, bool) {
	switch a.Source.Kind {
	case recon.SourceReceipt:
		return a.Source.ID, true
	case recon.SourceOnAccount, recon.SourceAdvance:
		held, ok := s.application(a.Source.ID)
		if !ok || held.ID >= a.ID { // money is held before it is used; damaged rows must not lead in circles
			return 0, false
		}
		return s.receiptOf(held)
	}
	if origin, ok := s.application(a.Reverses); ok {
		a.Decision = origin.Decision
	}
	d, ok := s.decisions[a.Decision]
	if held, found := s.application(d.Receipt); ok && !aboutReceipt(d) && found && held.ID < a.ID {
		return s.receiptOf(held)
	}
	return d.Receipt, ok && aboutReceipt(d) && d.Receipt != 0
}
