-- Closing periods. No period could be closed before: both tables are empty, and get what a close has to say.
-- +goose Up

DROP TABLE posting;
DROP TABLE period_close;

CREATE TABLE period_close (
	entity_id text COLLATE "C" NOT NULL,
	until     integer NOT NULL, -- last day of the period
	ordinal   integer NOT NULL, -- 1, 2, …
	postings  integer NOT NULL, -- how many lines were frozen
	digest    text COLLATE "C" NOT NULL, -- SHA-256 of them
	audited   bigint NOT NULL, -- last audit row of the books that they were derived from
	note      text COLLATE "C" NOT NULL,
	actor     text COLLATE "C" NOT NULL,
	at        bigint NOT NULL,
	PRIMARY KEY (entity_id, until),
	CONSTRAINT period_close_ordinal UNIQUE (entity_id, ordinal)
);

-- The journal of closed periods, as it was when they were closed: what comes later about the same transactions is posted in the open period.
CREATE TABLE posting (
	entity_id    text COLLATE "C" NOT NULL,
	until        integer NOT NULL, -- of the period's close
	ordinal      integer NOT NULL,
	day          integer NOT NULL,
	original_day integer NOT NULL,
	phase        integer NOT NULL, -- phase, owner, effect and holder name the transaction
	owner        bigint NOT NULL,
	effect       bigint NOT NULL,
	holder       text COLLATE "C" NOT NULL, -- our bank account, of an opening balance
	ledger       text COLLATE "C" NOT NULL,
	currency     text COLLATE "C" NOT NULL,
	amount       bigint NOT NULL, -- debit positive
	pocket       integer NOT NULL,
	entry        bigint NOT NULL,
	application  bigint NOT NULL,
	item         bigint NOT NULL,
	item_number  text COLLATE "C" NOT NULL,
	customer     text COLLATE "C" NOT NULL,
	text         text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, until, ordinal)
);

CREATE INDEX posting_transaction ON posting (entity_id, phase, owner, effect, holder, until, ordinal);

-- A batch knows which periods were closed when it began and ended.
ALTER TABLE export_batch ADD COLUMN closes_after bigint NOT NULL DEFAULT 0;
ALTER TABLE export_batch ADD COLUMN closes_until bigint NOT NULL DEFAULT 0;

-- +goose StatementBegin
CREATE FUNCTION refuse_close_behind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.until <= (SELECT max(until) FROM period_close WHERE entity_id = NEW.entity_id)
		OR NEW.ordinal <> 1 + (SELECT coalesce(max(ordinal), 0) FROM period_close WHERE entity_id = NEW.entity_id) THEN
		RAISE EXCEPTION 'periods are closed one after the other';
	END IF;
	RETURN NEW;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION refuse_late_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF EXISTS (SELECT 1 FROM fresh AS f
		LEFT JOIN (SELECT entity_id, max(until) AS until FROM period_close GROUP BY entity_id) AS last ON last.entity_id = f.entity_id
		LEFT JOIN period_close AS c ON c.entity_id = f.entity_id AND c.until = f.until
		LEFT JOIN period_close AS before ON before.entity_id = c.entity_id AND before.ordinal = c.ordinal - 1
		WHERE c.until IS NULL OR f.until <> last.until OR f.day > f.until OR f.day <= coalesce(before.until, -1) OR f.ordinal > c.postings) THEN
		RAISE EXCEPTION 'postings are frozen when their period is closed';
	END IF;
	RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER period_close_forward BEFORE INSERT ON period_close FOR EACH ROW EXECUTE FUNCTION refuse_close_behind();
CREATE TRIGGER posting_of_close AFTER INSERT ON posting REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_posting();
CREATE TRIGGER receipt_closed AFTER INSERT ON receipt REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_day();
CREATE TRIGGER posting_no_update BEFORE UPDATE ON posting FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER posting_no_delete BEFORE DELETE OR TRUNCATE ON posting FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER period_close_no_update BEFORE UPDATE ON period_close FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER period_close_no_delete BEFORE DELETE OR TRUNCATE ON period_close FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
