package postgres

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

const applicationColumns = `id, source_kind, source_id, receipt, item, kind, amount, tax, currency, customer, effective, original_day, recorded,
	reason, actor, decision, reverses, ledger, order_number, note, source_amount, source_currency`

func (c *change) intoApplications() *batch {
	return c.into(nounApplication, "application", "entity_id, "+applicationColumns)
}

// application writes an application; who made it and when are those of the change.
func (b *batch) application(a recon.Application, receipt int64) error {
	return b.add(key(a.ID), b.c.entity, a.ID, string(a.Source.Kind), a.Source.ID, receipt, a.Item, string(a.Kind), a.AmountMinor, a.TaxMinor,
		string(a.Currency), a.Customer, day(a.Effective), day(a.Original), instant(b.c.act.At), string(a.Reason), b.c.act.Actor, a.Decision,
		a.Reverses, a.Ledger, a.Order, a.Note, a.SourceMinor, string(a.SourceCurrency))
}

// itemFacts is what an application takes from its item.
type itemFacts struct {
	id        int64
	number    string
	customer  string
	kind      recon.ItemKind
	side      recon.Side
	currency  recon.Currency
	effective recon.Date
}

func scanItemFacts(rows *row, f *itemFacts) error {
	return rows.Scan(&f.id, &f.number, &f.customer, (*string)(&f.kind), (*string)(&f.side), (*string)(&f.currency), (*storedDay)(&f.effective))
}

// owed reports whether money that comes in can pay the item: our invoices, and what suppliers credit us.
func (f itemFacts) owed() bool { return (f.side == recon.Payable) == (f.kind == recon.CreditNote) }

// settlement moves money from one source to items. The balances are changed at once, each by a statement that changes
// nothing where there is not enough; the rows that tell of it are collected and written by flush.
type settlement struct {
	*change
	items        map[int64]itemFacts
	applications *batch
	holdings     *batch
	pending      []origin       // made by the decision under way
	reversed     map[int64]bool // applications taken back in this change
	bulk         bulk           // of a trusting change
	writtenOff   *batch
}

func newSettlement(c *change) *settlement {
	return &settlement{change: c, items: map[int64]itemFacts{}, reversed: map[int64]bool{},
		writtenOff:   c.into("", "write_off_live", "entity_id, receipt, item, application"),
		applications: c.intoApplications(),
		holdings: c.into("holding", "holding", `entity_id, id, kind, receipt, customer, order_number, currency, amount, allocated, effective,
			reversed, decision`)}
}

func (s *settlement) flush() error {
	if err := s.writtenOff.flush(); err != nil {
		return fmt.Errorf("%w: %w", errUnfit, err)
	}
	return errors.Join(s.applications.flush(), s.holdings.flush())
}

// know loads what lines need of their items.
func (s *settlement) know(ids []int64) error {
	facts, err := collect(&s.reading, scanItemFacts, `SELECT i.id, i.number, i.customer, i.kind, i.side, i.currency, i.effective
		FROM unnest(?::bigint[]) AS k(value) JOIN item AS i ON i.entity_id = ? AND i.id = k.value`, ids, s.entity)
	for _, f := range facts {
		s.items[f.id] = f
	}
	return err
}

func itemsOf(lines []recon.Line, ids []int64) []int64 {
	for _, l := range lines {
		if l.Item != 0 {
			ids = append(ids, l.Item)
		}
		if l.CreditNote != 0 {
			ids = append(ids, l.CreditNote)
		}
	}
	return ids
}

// apply carries out the lines of a decision. Nothing is taken from their source here: the decision does that in one
// statement.
func (s *settlement) apply(from *subject, d *verdict) error {
	for i := range d.Lines {
		if err := s.line(from, d, &d.Lines[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *settlement) line(from *subject, d *verdict, l *recon.Line) error {
	a := recon.Application{Source: from.source, Item: l.Item, Kind: l.Kind, AmountMinor: l.AmountMinor, TaxMinor: l.TaxMinor,
		Currency: from.currency, Customer: d.Customer, Original: cmp.Or(d.day, from.day), Reason: d.Reason, Decision: d.id, Ledger: l.Ledger,
		Order: l.Order, Note: d.note, SourceMinor: l.SourceMinor}
	if l.Item != 0 {
		if err := s.target(from, &a); err != nil {
			return err
		}
	}
	var err error
	if a.Effective, err = s.openDay(a.Original); err != nil {
		return err
	}
	if l.Kind == recon.Credit {
		a.Source = recon.Source{Kind: recon.SourceCreditNote, ID: l.CreditNote}
		if note, known := s.items[l.CreditNote]; known && (note.owed() || note.side != s.items[l.Item].side) {
			return fmt.Errorf("item %s is no credit note for %s: %w", note.number, s.items[l.Item].number, store.ErrStale)
		}
		if err := s.reduce(l.CreditNote, &a); err != nil {
			return err
		}
	}
	if l.Kind == recon.Refund && from.source.Kind == recon.SourceCreditNote {
		if err := s.reduce(from.source.ID, &a); err != nil {
			return err
		}
	}
	if l.Kind.Reduces() {
		if err := s.reduce(l.Item, &a); err != nil {
			return err
		}
	}
	return s.write(a, from)
}

// target takes customer and day from the item. Money that was held counts for an item from the day the item is there.
func (s *settlement) target(from *subject, a *recon.Application) error {
	item, known := s.items[a.Item]
	if !known {
		return fmt.Errorf("item %d: %w", a.Item, store.ErrNotFound)
	}
	if !item.owed() && (a.Kind == recon.Payment || a.Kind == recon.Credit) {
		return fmt.Errorf("item %s is a %s %s, which money does not pay: %w", item.number, item.side, item.kind, store.ErrStale)
	}
	if a.SourceMinor != 0 {
		if a.Kind != recon.Payment || item.currency == from.currency {
			return fmt.Errorf("item %s is settled in its own currency, money in %s pays it as it is: %w", item.number, from.currency, store.ErrStale)
		}
		a.Currency, a.SourceCurrency = item.currency, from.currency
	}
	a.Customer = item.customer
	if from.source.Kind != recon.SourceReceipt {
		a.Original = max(a.Original, item.effective)
	}
	return nil
}

// reduce lowers what is open of an item by an application's amount.
func (s *settlement) reduce(item int64, a *recon.Application) error {
	if s.trusting {
		s.bulk.reduce(item, a)
		return nil
	}
	n, err := s.exec(`UPDATE item SET settled = settled + ?1, version = version + 1,
			paid_on = CASE WHEN settled + ?1 = amount THEN ?2 ELSE 0 END
		WHERE entity_id = ?3 AND id = ?4 AND currency = ?5 AND cancelled = 0 AND settled + ?1 <= amount`,
		a.AmountMinor, day(a.Effective), s.entity, item, string(a.Currency))
	if err != nil || n == 1 {
		return err
	}
	return s.whyNot(item, a)
}

// whyNot explains why an item could not be reduced.
func (s *settlement) whyNot(id int64, a *recon.Application) error {
	items, err := s.reading.items(`id = ?`, id)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return fmt.Errorf("item %d: %w", id, store.ErrNotFound)
	}
	item := items[0]
	switch {
	case item.Currency != a.Currency:
		return fmt.Errorf("item %s is in %s, the money in %s: %w", item.Number, item.Currency, a.Currency, store.ErrStale)
	case item.Cancelled:
		return fmt.Errorf("item %s is cancelled: %w", item.Number, store.ErrStale)
	}
	return fmt.Errorf("item %s: %s is %s over: %w", item.Number, recon.Money{Minor: a.AmountMinor, Currency: a.Currency},
		recon.FormatMinor(a.AmountMinor-item.OpenMinor, a.Currency), store.ErrOver)
}

// write keeps the application to be told, and guards what depends on its id.
func (s *settlement) write(a recon.Application, from *subject) error {
	id, err := s.ids(nounApplication, 1)
	if err != nil {
		return err
	}
	a.ID = id
	if a.Kind == recon.WriteOff {
		if err := s.writeOff(a, from.receipt); err != nil {
			return err
		}
	}
	s.pending = append(s.pending, origin{a, from.receipt})
	return nil
}

// writeOff sees to it that a receipt has at most one live write-off on an item.
func (s *settlement) writeOff(a recon.Application, receipt int64) error {
	if s.trusting {
		return s.writtenOff.add("", s.entity, receipt, a.Item, a.ID)
	}
	_, err := s.exec(`INSERT INTO write_off_live (entity_id, receipt, item, application) VALUES (?, ?, ?, ?)`, s.entity, receipt, a.Item, a.ID)
	if clashes(err) {
		return fmt.Errorf("a small difference was written off already: %w", store.ErrStale)
	}
	return err
}

// forget drops what a decision made that failed.
func (s *settlement) forget() {
	for _, a := range s.pending {
		delete(s.reversed, a.Reverses)
	}
	s.pending = s.pending[:0]
}

// tell collects the rows of what a decision moved, once nothing can fail any more.
func (s *settlement) tell() error {
	for _, a := range s.pending {
		if err := s.applications.application(a.Application, a.receipt); err != nil {
			return err
		}
		if a.Reverses != 0 || a.Kind != recon.OnAccount && a.Kind != recon.Advance {
			continue
		}
		kind := recon.SourceOnAccount
		if a.Kind == recon.Advance {
			kind = recon.SourceAdvance
		}
		if err := s.holdings.add(key(a.ID), s.entity, a.ID, string(kind), a.receipt, a.Customer, a.Order, string(a.Currency), a.AmountMinor, 0,
			day(a.Effective), 0, 0); err != nil {
			return err
		}
	}
	s.pending = s.pending[:0]
	return nil
}

// applicable fails where a line means nothing: that is a fault of who made it, whatever the books say.
func applicable(lines []recon.Line) error {
	for _, l := range lines {
		if l.AmountMinor <= 0 || l.SourceMinor < 0 || l.SourceMinor > 0 && l.Item == 0 || l.Kind == recon.External || l.Kind.Reduces() != (l.Item != 0) || (l.Kind == recon.Credit) != (l.CreditNote != 0) {
			return fmt.Errorf("not a line that can be applied: %+v", l)
		}
	}
	return nil
}

// ofNote reports whether lines use nothing but a credit note.
func ofNote(note int64, lines []recon.Line) bool {
	return !slices.ContainsFunc(lines, func(l recon.Line) bool {
		return l.Kind != recon.Refund && (l.Kind != recon.Credit || l.CreditNote != note)
	})
}

// moved sums what lines take from the source decided: what stays with us, and what is given back to the payer.
func moved(lines []recon.Line) (allocated, refunded int64) {
	for _, l := range lines {
		switch {
		case l.Kind == recon.Refund:
			refunded += l.TakenMinor()
		case l.Kind.Moves() && l.Kind != recon.Credit:
			allocated += l.TakenMinor()
		}
	}
	return allocated, refunded
}

func scanApplication(rows *row, a *recon.Application) error {
	return rows.Scan(&a.ID, (*storedWord)(&a.Source.Kind), &a.Source.ID, &a.Item, (*storedWord)(&a.Kind), &a.AmountMinor, &a.TaxMinor, (*storedWord)(&a.Currency),
		(*storedWord)(&a.Customer), (*storedDay)(&a.Effective), (*storedDay)(&a.Original), (*storedInstant)(&a.Recorded), (*storedWord)(&a.Reason), (*storedWord)(&a.Actor),
		&a.Decision, &a.Reverses, &a.ReversedBy, (*storedWord)(&a.Ledger), (*storedWord)(&a.Order), (*storedWord)(&a.Note),
		&a.SourceMinor, (*storedWord)(&a.SourceCurrency))
}

// selectApplications asks for applications a, each with the one that took it back.
const selectApplications = `SELECT a.id, a.source_kind, a.source_id, a.item, a.kind, a.amount, a.tax, a.currency, a.customer, a.effective,
	a.original_day, a.recorded, a.reason, a.actor, a.decision, a.reverses,
	coalesce((SELECT b.id FROM application AS b WHERE b.entity_id = a.entity_id AND b.reverses = a.id AND b.reverses > 0), 0),
	a.ledger, a.order_number, a.note, a.source_amount, a.source_currency `
