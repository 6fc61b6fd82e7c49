package postgres

import (
	"context"

	"github.com/tieout/tieout/recon"
	"github.com/tieout/tieout/store"
)

// SaveEntity stores an entity and its accounts. Accounts that are no longer named stay: their entries do too.
func (s *Store) SaveEntity(ctx context.Context, act store.Act, entity store.Entity) error {
	return s.change(ctx, act, entity.ID, "entity", func(c *change) error {
		changed, err := c.exec(`INSERT INTO entity (entity_id, name, base_currency) VALUES (?, ?, ?)
			ON CONFLICT (entity_id) DO UPDATE SET name = excluded.name, base_currency = excluded.base_currency
			WHERE entity.name <> excluded.name OR entity.base_currency <> excluded.base_currency`, entity.ID, entity.Name, string(entity.BaseCurrency))
		if err != nil {
			return err
		}
		if changed > 0 {
			c.became("entity", entity.ID, entity.Name, string(entity.BaseCurrency))
		}
		for _, account := range entity.Accounts {
			if err := c.saveAccount(account); err != nil {
				return err
			}
		}
		if len(c.objects) == 0 {
			return errNothing
		}
		return nil
	})
}

func (c *change) saveAccount(a recon.Account) error {
	values := []any{c.entity, a.ID, a.IBAN, string(a.Currency), a.Ledger, flag(a.ProofRequired), flag(a.FlipReversals)}
	changed, err := c.exec(`INSERT INTO account (entity_id, account_id, iban, currency, ledger, proof_required, flip_reversals)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (entity_id, account_id) DO UPDATE SET iban = excluded.iban, currency = excluded.currency,
			ledger = excluded.ledger, proof_required = excluded.proof_required, flip_reversals = excluded.flip_reversals
		WHERE account.iban <> excluded.iban OR account.currency <> excluded.currency OR account.ledger <> excluded.ledger
			OR account.proof_required <> excluded.proof_required OR account.flip_reversals <> excluded.flip_reversals`, values...)
	if err != nil {
		return err
	}
	if changed > 0 {
		c.became("account", a.ID, values...)
	}
	return nil
}

// Accounts lists the accounts of an entity by id.
func (s *Store) Accounts(ctx context.Context, entity string) (accounts []recon.Account, err error) {
	err = s.read(ctx, entity, func(r *reading) error {
		accounts, err = r.accounts()
		return err
	})
	return accounts, err
}

func (r *reading) accounts() ([]recon.Account, error) {
	return collect(r, scanAccount, `SELECT account_id, iban, currency, ledger, proof_required, flip_reversals
		FROM account WHERE entity_id = ? ORDER BY account_id`, r.entity)
}

func scanAccount(rows *row, a *recon.Account) error {
	return rows.Scan(&a.ID, &a.IBAN, (*string)(&a.Currency), &a.Ledger, (*storedFlag)(&a.ProofRequired), (*storedFlag)(&a.FlipReversals))
}

// SaveRules keeps a version of the rules with its text.
func (s *Store) SaveRules(ctx context.Context, act store.Act, entity, version, text string) error {
	return s.change(ctx, act, entity, "rules", func(c *change) error {
		added, err := c.exec(`INSERT INTO rules_version (entity_id, version, text, actor, at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (entity_id, version) DO NOTHING`, entity, version, text, act.Actor, instant(act.At))
		if err != nil {
			return err
		}
		if added == 0 {
			return errNothing
		}
		c.became("rules", version, text)
		return nil
	})
}
