package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

func scanCustomer(rows *row, c *recon.Customer) error {
	return rows.Scan(&c.Code, &c.Name, (*storedList)(&c.IBANs), (*storedList)(&c.Aliases), &c.Email, (*string)(&c.Lump))
}

// Customers lists customers by code.
func (s *Store) Customers(ctx context.Context, entity string) (customers []recon.Customer, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		customers, err = r.allCustomers()
		return err
	})
	return customers, err
}

const (
	selectCustomers = `SELECT c.code, c.name, c.ibans, c.aliases, c.email, c.lump FROM `
	selectPaysFor   = `SELECT p.customer, p.other FROM `
)

func (r *reading) allCustomers() ([]recon.Customer, error) {
	customers, err := collect(r, scanCustomer, selectCustomers+`customer AS c WHERE c.entity_id = ? ORDER BY c.code`, r.entity)
	if err != nil {
		return nil, err
	}
	if err := r.each(paysFor(customers), selectPaysFor+`customer_pays_for AS p WHERE p.entity_id = ? ORDER BY p.customer, p.ordinal`, r.entity); err != nil {
		return nil, err
	}
	return customers, r.each(learned(customers), selectLearned+`alias AS a WHERE a.entity_id = ? AND a.state = 'approved' ORDER BY a.id`, r.entity)
}

// customers returns the customers with these codes, by code.
func (r *reading) customers(codes []string) ([]recon.Customer, error) {
	customers, err := collect(r, scanCustomer, selectCustomers+`unnest(?::text[]) AS k(value)
		JOIN customer AS c ON c.entity_id = ? AND c.code = k.value ORDER BY c.code`, codes, r.entity)
	if err != nil {
		return nil, err
	}
	if err := r.each(paysFor(customers), selectPaysFor+`unnest(?::text[]) AS k(value)
		JOIN customer_pays_for AS p ON p.entity_id = ? AND p.customer = k.value ORDER BY p.customer, p.ordinal`, codes, r.entity); err != nil {
		return nil, err
	}
	return customers, r.each(learned(customers), selectLearned+`unnest(?::text[]) AS k(value)
		JOIN alias AS a ON a.entity_id = ? AND a.customer = k.value AND a.state = 'approved' ORDER BY a.id`, codes, r.entity)
}

// paysFor adds to the customers whose items they settle.
func paysFor(customers []recon.Customer) func(*row) error {
	at := make(map[string]int, len(customers))
	for i := range customers {
		at[customers[i].Code] = i
	}
	return func(rows *row) error {
		var code, other string
		err := rows.Scan(&code, &other)
		if i, known := at[code]; known {
			customers[i].PaysFor = append(customers[i].PaysFor, other)
		}
		return err
	}
}

// SaveCustomers inserts or updates customers by code with their payer keys. Of a code that comes twice the last one counts.
func (s *Store) SaveCustomers(ctx context.Context, act store.Act, entity string, customers []store.KeyedCustomer) error {
	return s.change(ctx, act, entity, "customers imported", func(c *change) error {
		if len(customers) == 0 {
			return errNothing
		}
		last := make(map[string]int, len(customers))
		for i := range customers {
			last[customers[i].Code] = i
		}
		if err := c.forgetCustomers(slices.Sorted(maps.Keys(last))); err != nil {
			return err
		}
		rows := c.into("customer", "customer", "entity_id, code, name, ibans, aliases, email, lump")
		keys := c.into("", "customer_key", "entity_id, key, customer")
		others := c.into("", "customer_pays_for", "entity_id, customer, ordinal, other")
		for i := range customers {
			if last[customers[i].Code] != i {
				continue
			}
			if err := c.saveCustomer(&customers[i], rows, keys, others); err != nil {
				return err
			}
		}
		return errors.Join(rows.flush(), keys.flush(), others.flush())
	})
}

// forgetCustomers makes room for customers that are written anew.
func (c *change) forgetCustomers(codes []string) error {
	for _, statement := range []string{
		`DELETE FROM customer WHERE entity_id = ? AND code = ANY(?::text[])`,
		`DELETE FROM customer_key WHERE entity_id = ? AND customer = ANY(?::text[])`,
		`DELETE FROM customer_pays_for WHERE entity_id = ? AND customer = ANY(?::text[])`,
	} {
		if _, err := c.exec(statement, c.entity, codes); err != nil {
			return err
		}
	}
	return nil
}

func (c *change) saveCustomer(customer *store.KeyedCustomer, rows, keys, others *batch) error {
	if err := rows.add(customer.Code, c.entity, customer.Code, customer.Name, joined(customer.IBANs), joined(customer.Aliases), customer.Email,
		string(customer.Lump)); err != nil {
		return err
	}
	for _, k := range customer.Keys {
		if err := keys.add("", c.entity, k, customer.Code); err != nil {
			return err
		}
	}
	for i, other := range customer.PaysFor {
		if err := others.add("", c.entity, customer.Code, i+1, other); err != nil {
			return err
		}
	}
	return nil
}

// SaveInstalments replaces the payment plans of the items named.
func (s *Store) SaveInstalments(ctx context.Context, act store.Act, entity string, plans []store.InstalmentPlan) error {
	return s.change(ctx, act, entity, "payment plans", func(c *change) error {
		if len(plans) == 0 {
			return errNothing
		}
		rows := c.intoPlans()
		for _, plan := range plans {
			if err := c.touchItem(plan.Item); err != nil {
				return err
			}
			if _, err := c.exec(`DELETE FROM instalment WHERE entity_id = ? AND item = ?`, c.entity, plan.Item); err != nil {
				return err
			}
			for _, p := range plan.Instalments {
				if err := rows.instalment(plan.Item, p); err != nil {
					return err
				}
			}
			if err := rows.flush(); err != nil {
				return err
			}
		}
		return nil
	})
}

// touchItem gives an item a new version, so that who read it before is told; ErrNotFound where there is none.
func (c *change) touchItem(item int64) error {
	return c.must(fmt.Errorf("item %d: %w", item, store.ErrNotFound),
		`UPDATE item SET version = version + 1 WHERE entity_id = ? AND id = ?`, c.entity, item)
}

// SaveDisputes opens disputes on items; an open one of the same item is replaced by it.
func (s *Store) SaveDisputes(ctx context.Context, act store.Act, entity string, disputes []store.ItemDispute) error {
	return s.change(ctx, act, entity, "disputes", func(c *change) error {
		if len(disputes) == 0 {
			return errNothing
		}
		for _, d := range disputes {
			if _, err := c.exec(`UPDATE dispute SET closed = ?, ended = ?, closer = ? WHERE entity_id = ? AND item = ? AND closed IS NULL`,
				instant(act.At), day(d.Dispute.Since), act.Actor, c.entity, d.Item); err != nil {
				return err
			}
			if err := c.openDispute(d.Item, d.Dispute, 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// openDispute opens a dispute on an item; one that is open already stays as it is.
func (c *change) openDispute(item int64, d recon.Dispute, decision int64) error {
	if err := c.touchItem(item); err != nil {
		return err
	}
	opened, err := c.exec(`INSERT INTO dispute (entity_id, item, ordinal, since, amount, owner, reason, phrase, decision, opened, opener, agreed)
		SELECT ?1, ?2, 1 + (SELECT coalesce(max(ordinal), 0) FROM dispute WHERE entity_id = ?1 AND item = ?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
		WHERE NOT EXISTS (SELECT 1 FROM dispute WHERE entity_id = ?1 AND item = ?2 AND closed IS NULL)`,
		c.entity, item, day(d.Since), d.AmountMinor, d.Owner, d.Reason, d.Phrase, decision, instant(c.act.At), c.act.Actor, day(d.Agreed))
	if err == nil && opened > 0 {
		c.became("dispute", key(item), day(d.Since), d.AmountMinor, d.Owner, d.Reason, d.Phrase)
	}
	return err
}

// closeDisputes closes the disputes that a decision opened.
func (c *change) closeDisputes(decision int64) error {
	if decision == 0 {
		return nil
	}
	_, err := c.exec(`UPDATE dispute SET closed = ?, ended = since, closer = ? WHERE entity_id = ? AND decision = ? AND closed IS NULL`,
		instant(c.act.At), c.act.Actor, c.entity, decision)
	return err
}
