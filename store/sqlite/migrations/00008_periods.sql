-- Closing periods. No period could be closed before: both tables are empty, and get what a close has to say.
-- +goose Up

DROP TABLE posting;
DROP TABLE period_close;

CREATE TABLE period_close (
	entity_id TEXT    NOT NULL,
	until     INTEGER NOT NULL, -- last day of the period
	ordinal   INTEGER NOT NULL, -- 1, 2, …
	postings  INTEGER NOT NULL, -- how many lines were frozen
	digest    TEXT    NOT NULL, -- SHA-256 of them
	audited   INTEGER NOT NULL, -- last audit row of the books that they were derived from
	note      TEXT    NOT NULL,
	actor     TEXT    NOT NULL,
	at        INTEGER NOT NULL,
	PRIMARY KEY (entity_id, until),
	CONSTRAINT period_close_ordinal UNIQUE (entity_id, ordinal)
) STRICT, WITHOUT ROWID;

-- The journal of closed periods, as it was when they were closed: what comes later about the same transactions is posted in the open period.
CREATE TABLE posting (
	entity_id    TEXT    NOT NULL,
	until        INTEGER NOT NULL, -- of the period's close
	ordinal      INTEGER NOT NULL,
	day          INTEGER NOT NULL,
	original_day INTEGER NOT NULL,
	phase        INTEGER NOT NULL, -- phase, owner, effect and holder name the transaction
	owner        INTEGER NOT NULL,
	effect       INTEGER NOT NULL,
	holder       TEXT    NOT NULL, -- our bank account, of an opening balance
	ledger       TEXT    NOT NULL,
	currency     TEXT    NOT NULL,
	amount       INTEGER NOT NULL, -- debit positive
	pocket       INTEGER NOT NULL,
	entry        INTEGER NOT NULL,
	application  INTEGER NOT NULL,
	item         INTEGER NOT NULL,
	item_number  TEXT    NOT NULL,
	customer     TEXT    NOT NULL,
	text         TEXT    NOT NULL,
	PRIMARY KEY (entity_id, until, ordinal)
) STRICT, WITHOUT ROWID;

CREATE INDEX posting_transaction ON posting (entity_id, phase, owner, effect, holder, until, ordinal);

-- A batch knows which periods were closed when it began and ended.
ALTER TABLE export_batch ADD COLUMN closes_after INTEGER NOT NULL DEFAULT 0;
ALTER TABLE export_batch ADD COLUMN closes_until INTEGER NOT NULL DEFAULT 0;

-- +goose StatementBegin
CREATE TRIGGER period_close_forward BEFORE INSERT ON period_close
WHEN NEW.until <= (SELECT max(until) FROM period_close WHERE entity_id = NEW.entity_id)
	OR NEW.ordinal <> 1 + (SELECT coalesce(max(ordinal), 0) FROM period_close WHERE entity_id = NEW.entity_id)
BEGIN SELECT RAISE(ABORT, 'periods are closed one after the other'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER posting_of_close BEFORE INSERT ON posting
WHEN NEW.until <> (SELECT max(until) FROM period_close WHERE entity_id = NEW.entity_id) OR NEW.day > NEW.until
	OR NEW.day <= (SELECT coalesce(max(until), -1) FROM period_close WHERE entity_id = NEW.entity_id AND until < NEW.until)
	OR NEW.ordinal > (SELECT postings FROM period_close WHERE entity_id = NEW.entity_id AND until = NEW.until)
BEGIN SELECT RAISE(ABORT, 'postings are frozen when their period is closed'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER receipt_closed BEFORE INSERT ON receipt
WHEN NEW.effective <= (SELECT max(until) FROM period_close WHERE entity_id = NEW.entity_id)
BEGIN SELECT RAISE(ABORT, 'the books are closed for that day'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER posting_no_update BEFORE UPDATE ON posting
BEGIN SELECT RAISE(ABORT, 'posting is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER posting_no_delete BEFORE DELETE ON posting
BEGIN SELECT RAISE(ABORT, 'posting is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER period_close_no_update BEFORE UPDATE ON period_close
BEGIN SELECT RAISE(ABORT, 'period_close is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER period_close_no_delete BEFORE DELETE ON period_close
BEGIN SELECT RAISE(ABORT, 'period_close is append-only'); END;
-- +goose StatementEnd
