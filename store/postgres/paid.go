package postgres

import (
	"maps"
	"slices"

	"github.com/tieout/tieout/recon"
)

// paid loads the earlier receipts that returns may take back.
func (l *bookLoader) paid() error {
	ids, err := l.returnable()
	if err != nil || len(ids) == 0 {
		return err
	}
	// What a bank entry cleared is looked up at the payment it cleared.
	if l.book.Paid, err = collect(l.reading, func(rows *row, p *recon.PaidReceipt) error {
		return rows.Scan(&p.ReceiptID, &p.AccountID, (*string)(&p.Currency), &p.AmountMinor, (*storedDay)(&p.Booked), &p.BankReference, &p.EndToEndID,
			&p.MandateID, &p.TransactionID, &p.Payer.Name, &p.Payer.Account, (*storedFlag)(&p.Returned), &p.Customer)
	}, `SELECT m.id, r.account_id, r.currency, m.amount, e.booked, e.bank_reference, e.end_to_end_id, e.mandate_id, e.transaction_id,
			e.payer_name, e.payer_account, m.returned, m.customer
		FROM unnest(?2::bigint[]) AS n(value) JOIN receipt AS r ON r.entity_id = ?1 AND r.id = n.value
		JOIN receipt AS m ON m.entity_id = ?1 AND m.id = CASE WHEN r.clears <> 0 THEN r.clears ELSE r.id END
		JOIN entry AS e ON e.entity_id = ?1 AND e.id = r.id ORDER BY m.id`, l.entity, ids); err != nil {
		return err
	}
	for i := range l.book.Paid {
		if err := l.history(&l.book.Paid[i]); err != nil {
			return err
		}
	}
	return nil
}

// history adds the live applications of a receipt, and the returns that a person parted from it: those whose refund was undone.
func (l *bookLoader) history(p *recon.PaidReceipt) error {
	applications, err := l.applicationsOf(p.ReceiptID)
	if err != nil {
		return err
	}
	for _, a := range applications {
		if a.Live() {
			p.Applications = append(p.Applications, a)
		}
		if a.Kind != recon.Refund || a.ReversedBy == 0 {
			continue
		}
		back, err := l.number(`SELECT source_id FROM decision WHERE entity_id = ? AND id = ? AND is_return = 1`, l.entity, a.Decision)
		if err != nil {
			return err
		}
		if back != 0 && !slices.Contains(p.Declined, back) {
			p.Declined = append(p.Declined, back)
		}
	}
	return nil
}

// returnable returns the ids of the bank entries whose money may have been taken back, ascending.
func (l *bookLoader) returnable() ([]int64, error) {
	found := map[int64]bool{}
	note := func(rows *row) error {
		var id int64
		err := rows.Scan(&id, new(skipped))
		found[id] = true
		return err
	}
	if len(l.keys.Returned) > 0 {
		for _, column := range []string{"end_to_end_id", "transaction_id", "mandate_id", "bank_reference"} {
			if err := l.each(note, `SELECT e.id, 0 FROM unnest(?2::text[]) AS k(value) JOIN entry AS e ON e.entity_id = ?1 AND e.`+column+` = k.value
				AND e.amount > 0 AND e.`+column+` NOT IN ('', 'NOTPROVIDED')`, l.entity, l.keys.Returned); err != nil {
				return nil, err
			}
		}
	}
	for _, t := range l.keys.Traces {
		if err := l.traced(t, note); err != nil {
			return nil, err
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// mostTraced is how many receipts of one sender and amount, or for the items of one return, are looked at: the latest.
const mostTraced = 20

// traced visits the entries that a trace leads to: of that amount, from that sender, or for an item that it names.
func (l *bookLoader) traced(t recon.Trace, note func(*row) error) error {
	amounts := t.AmountsMinor
	if t.Sender != "" {
		if err := l.each(note, `SELECT e.id, e.booked FROM unnest(?::bigint[]) AS k(value)
				JOIN entry AS e ON e.entity_id = ? AND e.payer_account = ? AND e.amount = k.value
			WHERE e.amount > 0 AND e.payer_account <> '' AND e.account_id = ? AND e.booked BETWEEN ? AND ? ORDER BY e.booked DESC, e.id DESC LIMIT ?`,
			amounts, l.entity, t.Sender, t.AccountID, day(t.Since), day(t.Until), mostTraced); err != nil {
			return err
		}
	}
	if len(t.References) == 0 {
		return nil
	}
	return l.each(note, `SELECT DISTINCT CASE WHEN r.cleared_by <> 0 THEN r.cleared_by ELSE r.id END, r.day FROM unnest(?1::text[]) AS k(value)
			JOIN item_key AS i ON i.entity_id = ?2 AND i.key = k.value
			JOIN application AS a ON a.entity_id = ?2 AND a.item = i.item AND a.item > 0
			JOIN receipt AS r ON r.entity_id = ?2 AND r.id = a.receipt
		WHERE r.account_id = ?3 AND r.amount = ANY(?4::bigint[]) AND r.day BETWEEN ?5 AND ?6`+notReversed+`
		ORDER BY r.day DESC, 1 DESC LIMIT ?7`, t.References, l.entity, t.AccountID, amounts, day(t.Since), day(t.Until), mostTraced)
}
