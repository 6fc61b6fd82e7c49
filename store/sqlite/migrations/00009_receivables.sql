-- What people do about open items beside the queue, and what follows from it.
-- +goose Up

-- Payments that we make are applied to what we owe.
ALTER TABLE receipt ADD COLUMN outgoing INTEGER NOT NULL DEFAULT 0;

-- A person may settle an item with money of another currency: what it took from its source then. 0 and '' where it is the same.
ALTER TABLE application ADD COLUMN source_amount INTEGER NOT NULL DEFAULT 0;
ALTER TABLE application ADD COLUMN source_currency TEXT NOT NULL DEFAULT '';

-- What is paid of a plan, and what of that the bank has shown, follows from the applications.
ALTER TABLE instalment DROP COLUMN cleared;

-- +goose StatementBegin
CREATE TRIGGER instalment_void_update BEFORE UPDATE ON instalment WHEN OLD.void = 1
BEGIN SELECT RAISE(ABORT, 'a void instalment stays as it is'); END;
-- +goose StatementEnd

-- How a dispute ended.
ALTER TABLE dispute ADD COLUMN outcome TEXT NOT NULL DEFAULT ''; -- credited, due, withdrawn; '' while open, or replaced
ALTER TABLE dispute ADD COLUMN ended INTEGER NOT NULL DEFAULT 0; -- day on which it ended
ALTER TABLE dispute ADD COLUMN closer TEXT NOT NULL DEFAULT '';
ALTER TABLE dispute ADD COLUMN answer TEXT NOT NULL DEFAULT ''; -- how it was resolved, in words
ALTER TABLE dispute ADD COLUMN agreed INTEGER NOT NULL DEFAULT 0; -- day on which a credit was promised that is still to come

-- Money to give back, from its approval until the bank shows it; id is the application.
CREATE TABLE refund (
	entity_id  TEXT    NOT NULL,
	id         INTEGER NOT NULL,
	customer   TEXT    NOT NULL,
	currency   TEXT    NOT NULL,
	amount     INTEGER NOT NULL,
	payee      TEXT    NOT NULL,
	account    TEXT    NOT NULL, -- of the payee
	day        INTEGER NOT NULL,
	cleared_by INTEGER NOT NULL, -- entry of the bank, 0 while none
	cleared_on INTEGER NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT refund_amount CHECK (amount > 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX refund_waiting ON refund (entity_id, id) WHERE cleared_by = 0;
CREATE UNIQUE INDEX refund_cleared ON refund (entity_id, cleared_by) WHERE cleared_by <> 0;

-- What other systems are told, until they have taken it.
CREATE TABLE outbox (
	entity_id TEXT    NOT NULL,
	id        INTEGER NOT NULL,
	channel   TEXT    NOT NULL,
	target    TEXT    NOT NULL,
	kind      TEXT    NOT NULL,
	key       TEXT    NOT NULL, -- the same message twice is one
	payload   TEXT    NOT NULL,
	created   INTEGER NOT NULL,
	attempts  INTEGER NOT NULL,
	due       INTEGER NOT NULL, -- next attempt not before
	delivered INTEGER,          -- NULL until it was taken
	failure   TEXT    NOT NULL, -- of the last attempt
	given_up  INTEGER NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT outbox_key UNIQUE (entity_id, channel, target, key),
	CONSTRAINT outbox_channel CHECK (channel IN ('webhook', 'mail')),
	CONSTRAINT outbox_end CHECK (given_up = 0 OR delivered IS NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_waiting ON outbox (entity_id, due, id) WHERE delivered IS NULL AND given_up = 0;

-- What is to be done about each open item, as it was told last.
CREATE TABLE followup (
	entity_id TEXT    NOT NULL,
	item      INTEGER NOT NULL,
	turn      INTEGER NOT NULL, -- how often it changed
	action    TEXT    NOT NULL,
	digest    TEXT    NOT NULL,
	changed   INTEGER NOT NULL,
	PRIMARY KEY (entity_id, item)
) STRICT, WITHOUT ROWID;

-- The accounting system says that it has taken a batch.
ALTER TABLE export_batch ADD COLUMN taken INTEGER;
ALTER TABLE export_batch ADD COLUMN taker TEXT NOT NULL DEFAULT '';

-- +goose StatementBegin
CREATE TRIGGER refund_no_delete BEFORE DELETE ON refund
BEGIN SELECT RAISE(ABORT, 'refund is kept'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER outbox_no_delete BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'outbox is kept'); END;
-- +goose StatementEnd
