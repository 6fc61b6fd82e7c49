package postgres

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// origin is an application with the receipt behind it.
type origin struct {
	recon.Application
	receipt int64
}

// applicationsByID returns applications with the receipts behind them, the latest first; ErrNotFound where one is missing.
func (r *reading) applicationsByID(ids []int64) ([]origin, error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	found, err := collect(r, scanApplication, selectApplications+`FROM application AS a
		WHERE a.entity_id = ? AND a.id = ANY(?::bigint[]) ORDER BY a.id DESC`, r.entity, ids)
	if err != nil {
		return nil, err
	}
	if len(found) != len(ids) {
		return nil, fmt.Errorf("%d of %d applications: %w", len(ids)-len(found), len(ids), store.ErrNotFound)
	}
	origins := make([]origin, len(found))
	for i, a := range found {
		origins[i].Application = a
		if origins[i].receipt, err = r.number(`SELECT receipt FROM application WHERE entity_id = ? AND id = ?`, r.entity, a.ID); err != nil {
			return nil, err
		}
	}
	return origins, nil
}

// reverse takes an application back by a counter-entry that counts from a day on. by says which decision does it.
func (s *settlement) reverse(a origin, from recon.Date, reason recon.Reason, note string, by int64) (int64, error) {
	if !a.Live() || s.reversed[a.ID] {
		return 0, fmt.Errorf("application %d is taken back already, or takes one back: %w", a.ID, store.ErrStale)
	}
	s.reversed[a.ID] = true
	if err := s.giveBack(a); err != nil {
		return 0, err
	}
	if a.Kind.Reduces() {
		if err := s.reopen(a.Item, a.Application); err != nil {
			return 0, err
		}
	}
	effective, err := s.openDay(from)
	if err != nil {
		return 0, err
	}
	id, err := s.ids(nounApplication, 1)
	if err != nil {
		return 0, err
	}
	counter := a.Application
	counter.ID, counter.Reverses, counter.Decision = id, a.ID, by
	counter.Effective, counter.Original, counter.Reason, counter.Note = effective, from, reason, note
	s.pending = append(s.pending, origin{counter, a.receipt})
	return id, nil
}

// giveBack returns what an application moved to where it came from.
func (s *settlement) giveBack(a origin) error {
	gone := fmt.Errorf("application %d: its money was used since: %w", a.ID, store.ErrStale)
	switch a.Kind {
	case recon.OnAccount, recon.Advance:
		if err := s.must(gone, `UPDATE holding SET reversed = 1 WHERE entity_id = ? AND id = ? AND reversed = 0 AND allocated = 0`,
			s.entity, a.ID); err != nil {
			return err
		}
	case recon.WriteOff:
		if _, err := s.exec(`DELETE FROM write_off_live WHERE entity_id = ? AND application = ? AND receipt = ? AND item = ?`,
			s.entity, a.ID, a.receipt, a.Item); err != nil {
			return err
		}
	}
	if !a.Kind.Moves() {
		return nil
	}
	switch {
	case a.Source.Kind == recon.SourceCreditNote:
		return s.reopen(a.Source.ID, a.Application)
	case a.Source.Kind != recon.SourceReceipt:
		return s.must(gone, `UPDATE holding SET allocated = allocated - ?1 WHERE entity_id = ?2 AND id = ?3 AND reversed = 0 AND allocated >= ?1`,
			a.Taken().Minor, s.entity, a.Source.ID)
	case a.Kind == recon.Refund:
		return s.must(gone, `UPDATE receipt SET refunded = refunded - ?1, returned = 0 WHERE entity_id = ?2 AND id = ?3 AND refunded >= ?1`,
			a.Taken().Minor, s.entity, a.Source.ID)
	}
	return s.must(gone, `UPDATE receipt SET allocated = allocated - ?1 WHERE entity_id = ?2 AND id = ?3 AND allocated >= ?1`,
		a.Taken().Minor, s.entity, a.Source.ID)
}

// reopen raises what is open of an item by the amount of an application that is taken back.
func (s *settlement) reopen(item int64, a recon.Application) error {
	external := int64(0)
	if a.Kind == recon.External {
		external = a.AmountMinor
	}
	return s.must(fmt.Errorf("item %d: %w", item, store.ErrStale),
		`UPDATE item SET settled = settled - ?1, external = external - ?2, paid_on = 0, version = version + 1
		WHERE entity_id = ?3 AND id = ?4 AND settled >= ?1`, a.AmountMinor, external, s.entity, item)
}

// takeBack carries out what a return does: the applications of the receipt it returns are reversed on the return's day, and
// its money leaves. What the bank did not take stays with the receipt and goes to the queue.
func (j *judge) takeBack(s *subject, d *verdict) error {
	if !s.isReturn {
		return fmt.Errorf("receipt %d takes nothing back: %w", s.source.ID, store.ErrStale)
	}
	receipt, origins, err := j.original(d)
	if err != nil {
		return err
	}
	if err := j.decided(s, d, 0, 0, stateFinal); err != nil {
		return err
	}
	if err := j.closeCase(s); err != nil {
		return err
	}
	return j.returnMoney(s, d, origins, receipt)
}

// original finds the receipt that a return takes back, and the applications to reverse. The decision may name the receipt
// alone, where it paid nothing; a person may do so whatever it paid.
func (j *judge) original(d *verdict) (receipt int64, origins []origin, err error) {
	if len(d.Reverses) == 0 && d.Clears == 0 {
		return 0, nil, fmt.Errorf("it takes nothing back: %w", store.ErrStale)
	}
	if d.Clears != 0 {
		if receipt, err = j.number(`SELECT CASE WHEN clears <> 0 THEN clears ELSE id END FROM receipt WHERE entity_id = ? AND id = ?`,
			j.entity, d.Clears); err != nil {
			return 0, nil, err
		}
		if receipt == 0 {
			return 0, nil, fmt.Errorf("receipt %d: %w", d.Clears, store.ErrNotFound)
		}
	}
	if len(d.Reverses) == 0 && d.byPerson {
		if d.Reverses, err = j.liveOf(receipt); err != nil {
			return 0, nil, err
		}
	}
	if len(d.Reverses) == 0 {
		return receipt, nil, nil
	}
	if origins, err = j.applicationsByID(d.Reverses); err != nil {
		return 0, nil, err
	}
	if receipt == 0 {
		receipt = origins[0].receipt
	}
	for _, a := range origins {
		if a.receipt != receipt || receipt == 0 {
			return 0, nil, fmt.Errorf("application %d is of another receipt: %w", a.ID, store.ErrStale)
		}
	}
	return receipt, origins, nil
}

// liveOf returns the ids of what a receipt paid, ascending. What was given back stays so: nobody gets it twice.
func (r *reading) liveOf(receipt int64) ([]int64, error) {
	return collect(r, scanNumber, `SELECT a.id FROM application AS a
		WHERE a.entity_id = ? AND a.receipt = ? AND a.receipt > 0 AND a.kind <> 'refund'`+notReversed+` ORDER BY a.id`, r.entity, receipt)
}

// returnMoney reverses what the receipt paid and lets its money leave again.
func (j *judge) returnMoney(s *subject, d *verdict, origins []origin, receipt int64) error {
	back, err := j.subject(receipt)
	if err != nil {
		return err
	}
	for _, a := range origins {
		if _, err := j.reverse(a, s.day, recon.ReasonReturned, d.note, d.id); err != nil {
			return err
		}
		if err := j.closeDisputes(a.Decision); err != nil {
			return err
		}
	}
	if back.free, err = j.number(`SELECT amount - allocated - refunded FROM receipt WHERE entity_id = ? AND id = ?`, j.entity, receipt); err != nil {
		return err
	}
	if back.free == s.free+s.charges { // the charges are beside the amount, not in it
		s.free += s.charges
	}
	if err := j.must(fmt.Errorf("receipt %d has not what was returned: %w", receipt, store.ErrStale),
		`UPDATE receipt SET refunded = refunded + ?1, returned = (refunded + ?1 = amount)::int
		WHERE entity_id = ?2 AND id = ?3 AND clears = 0 AND returned = 0 AND currency = ?4 AND ?1::bigint > 0 AND allocated + refunded + ?1 <= amount`,
		s.free, j.entity, receipt, string(s.currency)); err != nil {
		return err
	}
	customer := cmp.Or(back.customer, d.Customer)
	if len(origins) > 0 {
		customer = origins[0].Customer
	}
	if err := j.refund(s, d, back, customer); err != nil {
		return err
	}
	back.free -= s.free
	if back.free > 0 || back.decision == 0 || back.outcome == recon.Queued {
		s.behind = back
		return nil
	}
	if _, err := j.exec(`UPDATE receipt SET state = ? WHERE entity_id = ? AND id = ?`, stateFinal, j.entity, receipt); err != nil {
		return err
	}
	return j.closeCase(back)
}

// follow decides about the receipt behind a return: what the bank left of it waits, with nothing left it is decided with the
// return, where nothing was decided before.
func (j *judge) follow(back, s *subject, d *verdict) error {
	about := verdict{note: d.note, rules: d.rules, Decision: recon.Decision{Source: back.source, Outcome: recon.Queued, Reason: recon.ReasonReturned,
		Customer: back.customer}}
	if back.free == 0 {
		about.Outcome, about.Customer, about.Rivals = recon.Reversed, cmp.Or(d.Customer, back.customer), []int64{s.source.ID}
		about.Score, about.Margin, about.Evidence = d.Score, d.Margin, d.Evidence
		about.digest = about.Digest()
	}
	return j.decide(back, &about)
}

// refund tells that money of a receipt went back to the payer by a return.
func (j *judge) refund(s *subject, d *verdict, back *subject, customer string) error {
	effective, err := j.openDay(s.day)
	if err != nil {
		return err
	}
	return j.settlement.write(recon.Application{Source: back.source, Kind: recon.Refund, AmountMinor: s.free, Currency: s.currency, Customer: customer,
		Effective: effective, Original: s.day, Reason: d.Reason, Decision: d.id, Note: d.note}, back)
}
