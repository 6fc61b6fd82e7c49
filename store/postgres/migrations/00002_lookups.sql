-- Lookups of what no id and no key leads to.
-- +goose Up

-- A return that shares no id with the receipt it takes back finds it by who sent how much.
CREATE INDEX entry_sender ON entry (entity_id, payer_account, amount) WHERE amount > 0 AND payer_account <> '';

-- A receipt whose payer nobody knows finds the items of its amount, for a person to choose from. What is open of them is
-- left out of the index: it would have to follow every payment.
CREATE INDEX item_amount ON item (entity_id, currency, amount);
