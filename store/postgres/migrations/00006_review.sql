-- What people see of the queue without looking further, their work around cases, and what needs a second person.
-- +goose Up

ALTER TABLE queue_case ADD COLUMN amount bigint NOT NULL DEFAULT 0; -- still to decide
ALTER TABLE queue_case ADD COLUMN currency text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE queue_case ADD COLUMN day integer NOT NULL DEFAULT 0;
ALTER TABLE queue_case ADD COLUMN account_id text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE queue_case ADD COLUMN payer text COLLATE "C" NOT NULL DEFAULT ''; -- name as the bank gave it
ALTER TABLE queue_case ADD COLUMN assignee text COLLATE "C" NOT NULL DEFAULT ''; -- '' = nobody
ALTER TABLE queue_case ADD COLUMN snoozed integer NOT NULL DEFAULT 0; -- out of sight before this day

-- The orders of the queue, and its sums.
CREATE INDEX queue_case_value ON queue_case (entity_id, amount DESC, id) WHERE open = 1;
CREATE INDEX queue_case_age ON queue_case (entity_id, opened, id) WHERE open = 1;
CREATE INDEX queue_case_reason ON queue_case (entity_id, reason, amount DESC, id) WHERE open = 1;
CREATE INDEX queue_case_sums ON queue_case (entity_id, currency, reason, snoozed, amount) WHERE open = 1;
CREATE INDEX queue_case_customer ON queue_case (entity_id, customer, id) WHERE open = 1;
DROP INDEX queue_case_open;

CREATE TABLE case_note (
	entity_id text COLLATE "C" NOT NULL,
	receipt   bigint NOT NULL, -- or return
	ordinal   integer NOT NULL,
	text      text COLLATE "C" NOT NULL,
	actor     text COLLATE "C" NOT NULL,
	at        bigint NOT NULL,
	PRIMARY KEY (entity_id, receipt, ordinal),
	CONSTRAINT case_note_text CHECK (text <> '')
);

-- Who has a case open. It says nothing of the books, and nothing rests on it.
CREATE TABLE case_presence (
	entity_id text COLLATE "C" NOT NULL,
	receipt   bigint NOT NULL,
	person    text COLLATE "C" NOT NULL,
	until     bigint NOT NULL,
	PRIMARY KEY (entity_id, receipt, person)
);

-- Acts that one person proposed and another one has to approve.
CREATE TABLE approval (
	entity_id  text COLLATE "C" NOT NULL,
	id         bigint NOT NULL,
	kind       text COLLATE "C" NOT NULL,
	receipt    bigint NOT NULL, -- it is about, 0 for none
	subject    text COLLATE "C" NOT NULL,
	why        text COLLATE "C" NOT NULL,
	payload    text COLLATE "C" NOT NULL,
	shown      text COLLATE "C" NOT NULL,
	plan_hash  text COLLATE "C" NOT NULL,
	reason     text COLLATE "C" NOT NULL,
	amount     bigint NOT NULL,
	currency   text COLLATE "C" NOT NULL,
	rules      text COLLATE "C" NOT NULL,
	proposer   text COLLATE "C" NOT NULL,
	proposed   bigint NOT NULL,
	state      text COLLATE "C" NOT NULL,
	settled_by text COLLATE "C" NOT NULL, -- '' while pending
	settled    bigint,          -- NULL while pending
	answer     text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT approval_state CHECK (state IN ('pending', 'approved', 'declined', 'withdrawn')),
	CONSTRAINT approval_settled CHECK (proposer <> '' AND (state = 'pending') = (settled_by = '') AND (state = 'pending') = (settled IS NULL)),
	CONSTRAINT approval_four_eyes CHECK (state NOT IN ('approved', 'declined') OR settled_by <> proposer),
	CONSTRAINT approval_own CHECK (state <> 'withdrawn' OR settled_by = proposer)
);

CREATE UNIQUE INDEX approval_pending ON approval (entity_id, receipt, plan_hash, proposer) WHERE state = 'pending';
CREATE INDEX approval_receipt ON approval (entity_id, receipt) WHERE receipt > 0;

-- +goose StatementBegin
CREATE FUNCTION refuse_born_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'approval begins pending';
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION refuse_forged_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'approval is settled once, and says for ever what was proposed';
END $$;
-- +goose StatementEnd

CREATE TRIGGER approval_born_pending AFTER INSERT ON approval FOR EACH ROW WHEN (NEW.state <> 'pending') EXECUTE FUNCTION refuse_born_settled();
CREATE TRIGGER approval_settled_once BEFORE UPDATE ON approval FOR EACH ROW
WHEN (OLD.state <> 'pending' OR NEW.entity_id <> OLD.entity_id OR NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.receipt <> OLD.receipt
	OR NEW.subject <> OLD.subject OR NEW.why <> OLD.why OR NEW.payload <> OLD.payload OR NEW.shown <> OLD.shown OR NEW.plan_hash <> OLD.plan_hash
	OR NEW.reason <> OLD.reason OR NEW.amount <> OLD.amount OR NEW.currency <> OLD.currency OR NEW.rules <> OLD.rules
	OR NEW.proposer <> OLD.proposer OR NEW.proposed <> OLD.proposed)
EXECUTE FUNCTION refuse_forged_approval();
CREATE TRIGGER approval_no_delete BEFORE DELETE OR TRUNCATE ON approval FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_note_no_update BEFORE UPDATE ON case_note FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_note_no_delete BEFORE DELETE OR TRUNCATE ON case_note FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
