-- What people do about open items beside the queue, and what follows from it.
-- +goose Up

-- Payments that we make are applied to what we owe.
ALTER TABLE receipt ADD COLUMN outgoing smallint NOT NULL DEFAULT 0;

-- A person may settle an item with money of another currency: what it took from its source then. 0 and '' where it is the same.
ALTER TABLE application ADD COLUMN source_amount bigint NOT NULL DEFAULT 0;
ALTER TABLE application ADD COLUMN source_currency text COLLATE "C" NOT NULL DEFAULT '';

-- What is paid of a plan, and what of that the bank has shown, follows from the applications.
ALTER TABLE instalment DROP COLUMN cleared;

-- +goose StatementBegin
CREATE FUNCTION refuse_void_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'a void instalment stays as it is';
END $$;
-- +goose StatementEnd

CREATE TRIGGER instalment_void_update BEFORE UPDATE ON instalment FOR EACH ROW WHEN (OLD.void = 1) EXECUTE FUNCTION refuse_void_change();

-- How a dispute ended.
ALTER TABLE dispute ADD COLUMN outcome text COLLATE "C" NOT NULL DEFAULT ''; -- credited, due, withdrawn; '' while open, or replaced
ALTER TABLE dispute ADD COLUMN ended integer NOT NULL DEFAULT 0; -- day on which it ended
ALTER TABLE dispute ADD COLUMN closer text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE dispute ADD COLUMN answer text COLLATE "C" NOT NULL DEFAULT ''; -- how it was resolved, in words
ALTER TABLE dispute ADD COLUMN agreed integer NOT NULL DEFAULT 0; -- day on which a credit was promised that is still to come

-- Money to give back, from its approval until the bank shows it; id is the application.
CREATE TABLE refund (
	entity_id  text COLLATE "C" NOT NULL,
	id         bigint NOT NULL,
	customer   text COLLATE "C" NOT NULL,
	currency   text COLLATE "C" NOT NULL,
	amount     bigint NOT NULL,
	payee      text COLLATE "C" NOT NULL,
	account    text COLLATE "C" NOT NULL, -- of the payee
	day        integer NOT NULL,
	cleared_by bigint NOT NULL, -- entry of the bank, 0 while none
	cleared_on integer NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT refund_amount CHECK (amount > 0)
);

CREATE INDEX refund_waiting ON refund (entity_id, id) WHERE cleared_by = 0;
CREATE UNIQUE INDEX refund_cleared ON refund (entity_id, cleared_by) WHERE cleared_by <> 0;

-- What other systems are told, until they have taken it.
CREATE TABLE outbox (
	entity_id text COLLATE "C" NOT NULL,
	id        bigint NOT NULL,
	channel   text COLLATE "C" NOT NULL,
	target    text COLLATE "C" NOT NULL,
	kind      text COLLATE "C" NOT NULL,
	key       text COLLATE "C" NOT NULL, -- the same message twice is one
	payload   text COLLATE "C" NOT NULL,
	created   bigint NOT NULL,
	attempts  integer NOT NULL,
	due       bigint NOT NULL, -- next attempt not before
	delivered bigint,          -- NULL until it was taken
	failure   text COLLATE "C" NOT NULL, -- of the last attempt
	given_up  smallint NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT outbox_key UNIQUE (entity_id, channel, target, key),
	CONSTRAINT outbox_channel CHECK (channel IN ('webhook', 'mail')),
	CONSTRAINT outbox_end CHECK (given_up = 0 OR delivered IS NULL)
);

CREATE INDEX outbox_waiting ON outbox (entity_id, due, id) WHERE delivered IS NULL AND given_up = 0;

-- What is to be done about each open item, as it was told last.
CREATE TABLE followup (
	entity_id text COLLATE "C" NOT NULL,
	item      bigint NOT NULL,
	turn      integer NOT NULL, -- how often it changed
	action    text COLLATE "C" NOT NULL,
	digest    text COLLATE "C" NOT NULL,
	changed   bigint NOT NULL,
	PRIMARY KEY (entity_id, item)
);

-- The accounting system says that it has taken a batch.
ALTER TABLE export_batch ADD COLUMN taken bigint;
ALTER TABLE export_batch ADD COLUMN taker text COLLATE "C" NOT NULL DEFAULT '';

CREATE TRIGGER refund_no_delete BEFORE DELETE OR TRUNCATE ON refund FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER outbox_no_delete BEFORE DELETE OR TRUNCATE ON outbox FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
