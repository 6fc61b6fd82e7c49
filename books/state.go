package books

import (
	"slices"
	"time"

	"github.com/tieout/tieout/recon"
)

// state is what is known within a sight of items, decisions and applications: enough to say where each cent stands.
// Entries are not part of it, they stream past. Its rows are shared with other states.
type state struct {
	*rows
	sight    sight
	latest   time.Time // of what is seen with an id
	items    []item    // like those of the rows
	apps     []recon.Application
	inForce  map[int64]int64               // receipt or return → decision
	hand     map[int64]recon.ReceiptRow    // payments recorded by hand
	undone   map[int64]int64               // application → the one that reverses it
	returned map[int64][]recon.Application // return → the refunds by which its decision in force takes money back
}

// load reads a state. The rows of a view in memory are shared, those of any other are read.
func load(v View, seen sight) (*state, error) {
	r, err := rowsOf(v)
	if err != nil {
		return nil, err
	}
	s := &state{rows: r, sight: seen}
	s.decide()
	s.apply()
	s.itemise()
	s.settle()
	return s, s.readReceipts(v)
}

// decide finds the decisions in force.
func (s *state) decide() {
	s.inForce = make(map[int64]int64, len(s.decisions))
	for n := range s.decisions {
		d := &s.decisions[n]
		if !s.sight.decision(d) {
			continue
		}
		s.seen(d.At)
		if aboutReceipt(d) && (d.Live || !s.sight.now()) {
			s.inForce[d.Receipt] = d.ID
		}
	}
}

// aboutReceipt tells decisions about the money of the bank from those about money held.
func aboutReceipt(d *recon.DecisionRow) bool {
	return d.Source == recon.SourceReceipt || d.Source == recon.SourceNone
}

// apply picks the applications that are seen; where that is all of them, or the first ones, they are shared.
func (s *state) apply() {
	s.apps = s.applications
	for n := range s.applications {
		if s.sight.application(&s.applications[n]) {
			continue
		}
		s.apps = slices.Clone(s.applications[:n])
		for n++; n < len(s.applications); n++ {
			if a := &s.applications[n]; s.sight.application(a) {
				s.apps = append(s.apps, *a)
			}
		}
		break
	}
	s.undone, s.returned = map[int64]int64{}, map[int64][]recon.Application{}
	for n := range s.apps {
		a := &s.apps[n]
		s.seen(a.Recorded)
		if a.Reverses != 0 {
			s.undone[a.Reverses] = a.ID
		}
		if entry, ok := s.returnOf(a); ok {
			s.returned[entry] = append(s.returned[entry], *a)
		}
	}
}

// returnOf returns the return whose decision in force gave money of a receipt back by this refund: the entry shows where it went.
func (s *state) returnOf(a *recon.Application) (entry int64, ok bool) {
	if a.Kind != recon.Refund || a.Reverses != 0 {
		return 0, false
	}
	d := s.decision(a.Decision)
	return d.Receipt, d.Return && s.inForce[d.Receipt] == d.ID
}

// seen remembers the latest instant within the sight.
func (s *state) seen(at time.Time) {
	if at.After(s.latest) {
		s.latest = at
	}
}

func (s *state) readReceipts(v View) error {
	s.hand = map[int64]recon.ReceiptRow{}
	for r, err := range v.Receipts() {
		if err != nil {
			return unread("receipts", err)
		}
		if r.ByHand && s.sight.reaches(r.Effective) && s.knows(r.ID, r.Recorded) {
			s.hand[r.ID] = r
		}
	}
	return nil
}

// live reports whether an application has an effect, told from the reversals themselves.
func (s *state) live(a *recon.Application) bool { return a.Reverses == 0 && s.undone[a.ID] == 0 }

// item returns the item with an id, nil where there is none.
func (s *state) item(id int64) *item {
	if id == 0 {
		return nil
	}
	n := find(s.rows.items, id, itemID)
	if n < 0 {
		return nil
	}
	return &s.items[n]
}

func (s *state) itemNumber(id int64) string {
	if i := s.item(id); i != nil {
		return i.Number
	}
	return ""
}

// application returns the application with an id if it is within the sight.
func (s *state) application(id int64) (*recon.Application, bool) {
	if id == 0 {
		return nil, false
	}
	n := find(s.apps, id, applicationID)
	if n < 0 {
		return nil, false
	}
	return &s.apps[n], true
}

// knows reports whether an entry or a payment by hand is within the sight; what was decided is.
func (s *state) knows(id int64, recorded time.Time) bool {
	return s.sight.knowsEntry(id, recorded) || s.inForce[id] != 0
}

// decision returns a decision within the sight, one without an id where there is none.
func (s *state) decision(id int64) recon.DecisionRow {
	if id == 0 {
		return recon.DecisionRow{}
	}
	if n := find(s.decisions, id, decisionID); n >= 0 && s.sight.decision(&s.decisions[n]) {
		return s.decisions[n]
	}
	return recon.DecisionRow{}
}

// decisionOn returns the decision in force on a receipt or return.
func (s *state) decisionOn(receipt int64) (recon.DecisionRow, bool) {
	d := s.decision(s.inForce[receipt])
	return d, d.ID != 0
}

// receiptOf follows an application's source to the receipt its money came in with. Effects without money and credit
// notes belong to the receipt that was decided.
func (s *state) receiptOf(a *recon.Application) (int64, bool) {
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
	decided := a.Decision
	if origin, ok := s.application(a.Reverses); ok {
		decided = origin.Decision
	}
	d := s.decision(decided)
	if d.Source == recon.SourceCreditNote {
		return 0, false
	}
	if held, found := s.application(d.Receipt); found && d.ID != 0 && !aboutReceipt(&d) && held.ID < a.ID {
		return s.receiptOf(held)
	}
	return d.Receipt, d.ID != 0 && aboutReceipt(&d) && d.Receipt != 0
}

// voids reports whether a refund takes the whole of a payment by hand out of the books: a person took its applications back
// before a bank entry had shown its money, so there never was any.
func (s *state) voids(refund *recon.Application) bool {
	r, byHand := s.hand[refund.Source.ID]
	return byHand && refund.Kind == recon.Refund && refund.Source.Kind == recon.SourceReceipt && s.live(refund) &&
		refund.AmountMinor == r.AmountMinor && !s.decision(refund.Decision).Return
}
