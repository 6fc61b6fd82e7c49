-- What people see of the queue without looking further, their work around cases, and what needs a second person.
-- +goose Up

ALTER TABLE queue_case ADD COLUMN amount INTEGER NOT NULL DEFAULT 0; -- still to decide
ALTER TABLE queue_case ADD COLUMN currency TEXT NOT NULL DEFAULT '';
ALTER TABLE queue_case ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE queue_case ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
ALTER TABLE queue_case ADD COLUMN payer TEXT NOT NULL DEFAULT ''; -- name as the bank gave it
ALTER TABLE queue_case ADD COLUMN assignee TEXT NOT NULL DEFAULT ''; -- '' = nobody
ALTER TABLE queue_case ADD COLUMN snoozed INTEGER NOT NULL DEFAULT 0; -- out of sight before this day

UPDATE queue_case SET (amount, currency, day, account_id) = (SELECT r.amount - r.allocated - r.refunded, r.currency, r.day, r.account_id
	FROM receipt AS r WHERE r.entity_id = queue_case.entity_id AND r.id = queue_case.id) WHERE is_return = 0;
UPDATE queue_case SET (amount, currency, day, account_id) = (SELECT t.amount, e.currency, t.day, e.account_id
	FROM returned AS t JOIN entry AS e ON e.entity_id = t.entity_id AND e.id = t.id
	WHERE t.entity_id = queue_case.entity_id AND t.id = queue_case.id) WHERE is_return = 1;
UPDATE queue_case SET payer = coalesce((SELECT e.payer_name FROM entry AS e WHERE e.entity_id = queue_case.entity_id AND e.id = queue_case.id), '');

-- The orders of the queue, and its sums.
CREATE INDEX queue_case_value ON queue_case (entity_id, amount DESC, id) WHERE open = 1;
CREATE INDEX queue_case_age ON queue_case (entity_id, opened, id) WHERE open = 1;
CREATE INDEX queue_case_reason ON queue_case (entity_id, reason, amount DESC, id) WHERE open = 1;
CREATE INDEX queue_case_sums ON queue_case (entity_id, currency, reason, snoozed, amount) WHERE open = 1;
CREATE INDEX queue_case_customer ON queue_case (entity_id, customer, id) WHERE open = 1;
DROP INDEX queue_case_open;

CREATE TABLE case_note (
	entity_id TEXT    NOT NULL,
	receipt   INTEGER NOT NULL, -- or return
	ordinal   INTEGER NOT NULL,
	text      TEXT    NOT NULL,
	actor     TEXT    NOT NULL,
	at        INTEGER NOT NULL,
	PRIMARY KEY (entity_id, receipt, ordinal),
	CONSTRAINT case_note_text CHECK (text <> '')
) STRICT, WITHOUT ROWID;

-- Who has a case open. It says nothing of the books, and nothing rests on it.
CREATE TABLE case_presence (
	entity_id TEXT    NOT NULL,
	receipt   INTEGER NOT NULL,
	person    TEXT    NOT NULL,
	until     INTEGER NOT NULL,
	PRIMARY KEY (entity_id, receipt, person)
) STRICT, WITHOUT ROWID;

-- Acts that one person proposed and another one has to approve.
CREATE TABLE approval (
	entity_id  TEXT    NOT NULL,
	id         INTEGER NOT NULL,
	kind       TEXT    NOT NULL,
	receipt    INTEGER NOT NULL, -- it is about, 0 for none
	subject    TEXT    NOT NULL,
	why        TEXT    NOT NULL,
	payload    TEXT    NOT NULL,
	shown      TEXT    NOT NULL,
	plan_hash  TEXT    NOT NULL,
	reason     TEXT    NOT NULL,
	amount     INTEGER NOT NULL,
	currency   TEXT    NOT NULL,
	rules      TEXT    NOT NULL,
	proposer   TEXT    NOT NULL,
	proposed   INTEGER NOT NULL,
	state      TEXT    NOT NULL,
	settled_by TEXT    NOT NULL, -- '' while pending
	settled    INTEGER,          -- NULL while pending
	answer     TEXT    NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT approval_state CHECK (state IN ('pending', 'approved', 'declined', 'withdrawn')),
	CONSTRAINT approval_settled CHECK (proposer <> '' AND (state = 'pending') = (settled_by = '') AND (state = 'pending') = (settled IS NULL)),
	CONSTRAINT approval_four_eyes CHECK (state NOT IN ('approved', 'declined') OR settled_by <> proposer),
	CONSTRAINT approval_own CHECK (state <> 'withdrawn' OR settled_by = proposer)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX approval_pending ON approval (entity_id, receipt, plan_hash, proposer) WHERE state = 'pending';
CREATE INDEX approval_receipt ON approval (entity_id, receipt) WHERE receipt > 0;

-- +goose StatementBegin
CREATE TRIGGER approval_born_pending BEFORE INSERT ON approval WHEN NEW.state <> 'pending'
BEGIN SELECT RAISE(ABORT, 'approval begins pending'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER approval_settled_once BEFORE UPDATE ON approval
WHEN OLD.state <> 'pending' OR NEW.entity_id <> OLD.entity_id OR NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.receipt <> OLD.receipt
	OR NEW.subject <> OLD.subject OR NEW.why <> OLD.why OR NEW.payload <> OLD.payload OR NEW.shown <> OLD.shown OR NEW.plan_hash <> OLD.plan_hash
	OR NEW.reason <> OLD.reason OR NEW.amount <> OLD.amount OR NEW.currency <> OLD.currency OR NEW.rules <> OLD.rules
	OR NEW.proposer <> OLD.proposer OR NEW.proposed <> OLD.proposed
BEGIN SELECT RAISE(ABORT, 'approval is settled once, and says for ever what was proposed'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER approval_no_delete BEFORE DELETE ON approval
BEGIN SELECT RAISE(ABORT, 'approval is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER case_note_no_update BEFORE UPDATE ON case_note
BEGIN SELECT RAISE(ABORT, 'case_note is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER case_note_no_delete BEFORE DELETE ON case_note
BEGIN SELECT RAISE(ABORT, 'case_note is append-only'); END;
-- +goose StatementEnd
