package postgres

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// States of a receipt or return.
const (
	stateEngine = 0 // the engine decides it, or decided to ask
	stateFinal  = 1
	statePerson = 2 // a person decided part of it and has the rest in hand
)

// subject is what a decision is about, as it stands: a receipt, a return, or money held.
type subject struct {
	source   recon.Source
	isReturn bool
	receipt  int64 // the receipt behind it; of a return 0
	currency recon.Currency
	free     int64 // money not placed yet; of a return what it takes back, without the bank's charges
	charges  int64 // of a return: what the bank may have taken beside it
	byHand   bool
	day      recon.Date
	state    int
	decision int64 // in force, 0 while none
	digest   string
	outcome  recon.Outcome
	customer string
	version  int64    // of its case, 0 where it never had one
	open     bool     // its case is open
	behind   *subject // receipt whose money a return took, and that has to be decided with it
}

// verdict is a decision with what only the store adds.
type verdict struct {
	recon.Decision
	id                          int64
	digest, note, ledger, rules string
	byPerson                    bool
	day                         recon.Date // on which its lines take effect, 0 = that of what it is about
}

const (
	selectReceipts = `SELECT 'receipt', r.id, 0, r.id, r.currency, CASE WHEN r.clears = 0 THEN r.amount - r.allocated - r.refunded ELSE 0 END, 0, r.by_hand, r.day, r.state, r.decision,
			coalesce(d.digest, ''), coalesce(d.outcome, ''), r.customer, coalesce(q.version, 0), coalesce(q.open, 0)
		FROM unnest(?2::bigint[]) AS k(value) JOIN receipt AS r ON r.entity_id = ?1 AND r.id = k.value
		LEFT JOIN decision AS d ON d.entity_id = ?1 AND d.id = r.decision
		LEFT JOIN queue_case AS q ON q.entity_id = ?1 AND q.id = r.id`
	selectReturns = `SELECT 'receipt', t.id, 1, 0, e.currency, t.amount - e.charges, e.charges, 0, t.day, t.state, t.decision,
			coalesce(d.digest, ''), coalesce(d.outcome, ''), coalesce(d.customer, ''), coalesce(q.version, 0), coalesce(q.open, 0)
		FROM unnest(?2::bigint[]) AS k(value) JOIN returned AS t ON t.entity_id = ?1 AND t.id = k.value
		JOIN entry AS e ON e.entity_id = ?1 AND e.id = t.id
		LEFT JOIN decision AS d ON d.entity_id = ?1 AND d.id = t.decision
		LEFT JOIN queue_case AS q ON q.entity_id = ?1 AND q.id = t.id`
	selectHeld = `SELECT h.kind, h.id, 0, h.receipt, h.currency, h.amount - h.allocated, 0, 0, h.effective, 0, h.decision,
			coalesce(d.digest, ''), coalesce(d.outcome, ''), h.customer, 0, 0
		FROM unnest(?2::bigint[]) AS k(value) JOIN holding AS h ON h.entity_id = ?1 AND h.id = k.value AND h.reversed = 0
		LEFT JOIN decision AS d ON d.entity_id = ?1 AND d.id = h.decision`
	selectCreditNotes = `SELECT 'credit_note', i.id, 0, 0, i.currency, i.amount - i.settled, 0, 0, i.effective, 0, coalesce(d.id, 0),
			coalesce(d.digest, ''), coalesce(d.outcome, ''), i.customer, 0, 0
		FROM unnest(?2::bigint[]) AS k(value) JOIN item AS i ON i.entity_id = ?1 AND i.id = k.value AND i.kind = 'credit_note'
		LEFT JOIN decision AS d ON d.entity_id = ?1 AND d.id = ` + noteDecision
)

func scanSubject(rows *row, s *subject) error {
	return rows.Scan((*string)(&s.source.Kind), &s.source.ID, (*storedFlag)(&s.isReturn), &s.receipt, (*string)(&s.currency), &s.free, &s.charges,
		(*storedFlag)(&s.byHand), (*storedDay)(&s.day), (*storedInt)(&s.state), &s.decision, &s.digest, (*string)(&s.outcome), &s.customer,
		&s.version, (*storedFlag)(&s.open))
}

// subjects loads what the sources are, receipts and returns by their entry's id.
func (r *reading) subjects(sources []recon.Source) (map[recon.Source]*subject, error) {
	var received, held, notes []int64
	for _, s := range sources {
		switch s.Kind {
		case recon.SourceReceipt:
			received = append(received, s.ID)
		case recon.SourceCreditNote:
			notes = append(notes, s.ID)
		default:
			held = append(held, s.ID)
		}
	}
	all := make(map[recon.Source]*subject, len(sources))
	for _, q := range []struct {
		text string
		ids  []int64
	}{{selectReceipts, received}, {selectReturns, received}, {selectHeld, held}, {selectCreditNotes, notes}} {
		if len(q.ids) == 0 {
			continue
		}
		found, err := collect(r, scanSubject, q.text, r.entity, q.ids)
		if err != nil {
			return nil, err
		}
		for i := range found {
			all[found[i].source] = &found[i]
		}
	}
	return all, nil
}

// subject loads one receipt or return; ErrNotFound where there is none.
func (r *reading) subject(receipt int64) (*subject, error) {
	source := recon.Source{Kind: recon.SourceReceipt, ID: receipt}
	all, err := r.subjects([]recon.Source{source})
	if err != nil {
		return nil, err
	}
	if all[source] == nil {
		return nil, fmt.Errorf("receipt %d: %w", receipt, store.ErrNotFound)
	}
	return all[source], nil
}

// judge stores decisions: it moves the money, then writes what was decided and why.
type judge struct {
	*settlement
	decisions, shortfalls, proposals, lines *batch
	fresh                                   []int64 // receipts that got their first decision
}

func newJudge(c *change) *judge {
	return &judge{settlement: newSettlement(c),
		decisions: c.into(nounDecision, "decision", `entity_id, id, source_kind, source_id, is_return, outcome, reason, score, margin, customer,
			clears, reverses, evidence, rejected, rivals, ledger, note, digest, rules, actor, at, run, supersedes`),
		shortfalls: c.into("shortfall", "shortfall", "entity_id, decision, ordinal, item, amount, why, phrase, next_day"),
		proposals:  c.into("proposal", "proposal", "entity_id, decision, ordinal, reason, score, customer, difference, clears, reverses, evidence"),
		lines: c.into("proposal line", "proposal_line", `entity_id, decision, proposal, ordinal, kind, item, credit_note, amount, tax, ledger,
			order_number`),
	}
}

func (j *judge) flush() error {
	if err := j.carryOutAll(); err != nil {
		return err
	}
	return errors.Join(j.decisions.flush(), j.shortfalls.flush(), j.proposals.flush(), j.lines.flush(), j.settlement.flush(), j.decidedFirst(j.fresh))
}

// decide carries out a decision about a subject and stores it. On failure nothing of it remains.
func (j *judge) decide(s *subject, d *verdict) error {
	err := j.attempt(func() (err error) {
		if d.id, err = j.ids(nounDecision, 1); err != nil {
			return err
		}
		return j.carryOut(s, d)
	})
	if err != nil {
		j.forget()
		return err
	}
	if err := errors.Join(j.tell(), j.write(s, d)); err != nil {
		return err
	}
	if s.decision == 0 && s.source.Kind == recon.SourceReceipt && !s.isReturn && !s.byHand {
		j.fresh = append(j.fresh, s.source.ID)
	}
	s.decision, s.digest, s.outcome = d.id, d.digest, d.Outcome
	if back := s.behind; back != nil {
		s.behind = nil
		return j.follow(back, s, d)
	}
	return nil
}

// reconsider puts a receipt back into the queue, where the engine may decide it anew.
func (j *judge) reconsider(s *subject, reason recon.Reason, note string) error {
	return j.decide(s, &verdict{note: note, Decision: recon.Decision{Source: s.source, Return: s.isReturn, Outcome: recon.Queued, Reason: reason,
		Customer: s.customer}})
}

func (j *judge) carryOut(s *subject, d *verdict) error {
	switch d.Outcome {
	case recon.Auto, recon.Manual:
		if s.isReturn {
			return fmt.Errorf("return %d is not applied to items: %w", s.source.ID, store.ErrStale)
		}
		return j.settle(s, d)
	case recon.Queued:
		if err := j.decided(s, d, 0, 0, stateEngine); err != nil {
			return err
		}
		return j.openCase(s, d)
	case recon.SetAside:
		return j.finish(s, d)
	case recon.Cleared:
		return j.clear(s, d)
	case recon.Reversed:
		if !s.isReturn && s.free == 0 && len(d.Reverses) == 0 {
			return j.finish(s, d)
		}
		return j.takeBack(s, d)
	}
	return fmt.Errorf("no such outcome: %q", d.Outcome)
}

// finish ends a case without moving money.
func (j *judge) finish(s *subject, d *verdict) error {
	if err := j.decided(s, d, 0, 0, stateFinal); err != nil {
		return err
	}
	return j.closeCase(s)
}

// settle applies a receipt. The engine places all of a receipt's money; a person may leave some for later.
func (j *judge) settle(s *subject, d *verdict) error {
	if err := applicable(d.Lines); err != nil {
		return err
	}
	if s.source.Kind == recon.SourceCreditNote && !ofNote(s.source.ID, d.Lines) {
		return fmt.Errorf("credit note %d is set against items or given back, nothing else: %w", s.source.ID, store.ErrStale)
	}
	if !d.byPerson && slices.ContainsFunc(d.Lines, func(l recon.Line) bool { return l.SourceMinor != 0 }) {
		return fmt.Errorf("only a person settles with money of another currency: %w", store.ErrStale)
	}
	allocated, refunded := moved(d.Lines)
	left := s.free - allocated - refunded
	switch {
	case left < 0:
		return fmt.Errorf("%s more than is left: %w", recon.Money{Minor: -left, Currency: s.currency}, store.ErrOver)
	case left > 0 && d.Outcome == recon.Auto && s.source.Kind == recon.SourceReceipt:
		return fmt.Errorf("%s would stay unplaced: %w", recon.Money{Minor: left, Currency: s.currency}, store.ErrStale)
	}
	state := stateFinal
	if left > 0 {
		state = statePerson
	}
	if err := j.decided(s, d, allocated, refunded, state); err != nil {
		return err
	}
	if err := j.apply(s, d); err != nil {
		return err
	}
	if err := j.dispute(s, d); err != nil {
		return err
	}
	s.free = left
	if state == statePerson && s.source.Kind == recon.SourceReceipt {
		return j.openCase(s, d)
	}
	return j.closeCase(s)
}

// decided takes money from the subject and notes the decision on it, if it is still as it was read.
func (j *judge) decided(s *subject, d *verdict, allocated, refunded int64, state int) error {
	gone := fmt.Errorf("receipt %d: %w", s.source.ID, store.ErrStale)
	switch {
	case s.isReturn:
		s.state = state
		return j.must(gone, `UPDATE returned SET state = ?, decision = ? WHERE entity_id = ? AND id = ? AND decision = ?`,
			state, d.id, j.entity, s.source.ID, s.decision)
	case s.source.Kind == recon.SourceCreditNote: // what is open of it falls with each line
		return nil
	case s.source.Kind != recon.SourceReceipt:
		return j.must(gone, `UPDATE holding SET allocated = allocated + ?1, decision = ?2
			WHERE entity_id = ?3 AND id = ?4 AND decision = ?5 AND reversed = 0 AND allocated + ?1 <= amount`,
			allocated+refunded, d.id, j.entity, s.source.ID, s.decision)
	}
	s.state = state
	if j.trusting {
		j.bulk.decide(s, d, allocated, refunded, state)
		return nil
	}
	return j.must(gone, `UPDATE receipt SET allocated = allocated + ?1, refunded = refunded + ?2, state = ?3, decision = ?4,
			customer = CASE WHEN ?5 = '' THEN customer ELSE ?5 END
		WHERE entity_id = ?6 AND id = ?7 AND decision = ?8 AND allocated + refunded + ?1 + ?2 <= amount`,
		allocated, refunded, state, d.id, d.Customer, j.entity, s.source.ID, s.decision)
}

// clear says that a bank entry is the money of a payment recorded by hand: it has none of its own to apply then.
func (j *judge) clear(s *subject, d *verdict) error {
	gone := fmt.Errorf("payment %d cannot be cleared by it: %w", d.Clears, store.ErrStale)
	if s.isReturn || s.byHand || s.source.Kind != recon.SourceReceipt {
		return gone
	}
	if err := j.must(gone, `UPDATE receipt SET cleared_by = ?, cleared_on = ?
		WHERE entity_id = ? AND id = ? AND by_hand = 1 AND cleared_by = 0 AND returned = 0 AND currency = ? AND amount = ?`,
		s.source.ID, day(s.day), j.entity, d.Clears, string(s.currency), s.free); err != nil {
		return err
	}
	s.free = 0
	if err := j.must(gone, `UPDATE receipt SET clears = ?, state = ?, decision = ?, customer = ?
		WHERE entity_id = ? AND id = ? AND decision = ? AND allocated = 0 AND refunded = 0`,
		d.Clears, stateFinal, d.id, d.Customer, j.entity, s.source.ID, s.decision); err != nil {
		return err
	}
	s.state = stateFinal
	return j.closeCase(s)
}

// dispute opens the disputes that a decision saw in the payer's words.
func (j *judge) dispute(s *subject, d *verdict) error {
	for _, short := range d.Shortfalls {
		if short.Why != disputed || short.Item == 0 {
			continue
		}
		if err := j.openDispute(short.Item, recon.Dispute{Since: s.day, AmountMinor: short.AmountMinor, Reason: short.Why, Phrase: short.Phrase}, d.id); err != nil {
			return err
		}
	}
	return nil
}

// disputed is the reason of a shortfall that opens a dispute.
const disputed = "dispute"

// openCase puts a receipt or return into the queue, or tells what is new about one that is there. Money held has no case.
func (j *judge) openCase(s *subject, d *verdict) error {
	if s.source.Kind != recon.SourceReceipt {
		return nil
	}
	s.open, s.version = true, s.version+1
	if j.trusting {
		j.bulk.open(s, d)
		return nil
	}
	_, err := j.exec(`INSERT INTO queue_case AS q (entity_id, id, is_return, reason, score, proposals, customer, opened, open, version, amount, currency, day, account_id, payer)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 1, ?9, ?10, ?11, coalesce((SELECT e.account_id FROM entry AS e WHERE e.entity_id = ?1 AND e.id = ?2),
			(SELECT r.account_id FROM receipt AS r WHERE r.entity_id = ?1 AND r.id = ?2)),
			coalesce((SELECT e.payer_name FROM entry AS e WHERE e.entity_id = ?1 AND e.id = ?2), ''))
		ON CONFLICT (entity_id, id) DO UPDATE SET reason = ?4, score = ?5, proposals = ?6, customer = ?7, open = 1, version = q.version + 1, amount = ?9,
			opened = CASE WHEN q.open = 1 THEN q.opened ELSE ?8 END`,
		j.entity, s.source.ID, flag(s.isReturn), string(d.Reason), d.Score, len(d.Proposals), d.Customer, instant(j.act.At), s.free+s.charges,
		string(s.currency), day(s.day))
	return err
}

func (j *judge) closeCase(s *subject) error {
	if !s.open {
		return nil
	}
	s.open, s.version = false, s.version+1
	if j.trusting {
		j.bulk.closed = append(j.bulk.closed, s.source.ID)
		return nil
	}
	_, err := j.exec(`UPDATE queue_case SET open = 0, version = version + 1, snoozed = 0 WHERE entity_id = ? AND id = ?`, j.entity, s.source.ID)
	return err
}
