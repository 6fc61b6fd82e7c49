-- What decisions of people teach: aliases of payers, and differences that are not posted again.
-- +goose Up

-- An account or a name that a decision suggests to be a customer's. It counts once it is approved.
CREATE TABLE alias (
	entity_id TEXT    NOT NULL,
	id        INTEGER NOT NULL,
	kind      TEXT    NOT NULL,
	value     TEXT    NOT NULL,
	customer  TEXT    NOT NULL,
	keys      TEXT    NOT NULL, -- under which the customer is found once it is approved
	state     TEXT    NOT NULL,
	second    INTEGER NOT NULL, -- somebody else than the proposer must approve
	proposer  TEXT    NOT NULL,
	proposed  INTEGER NOT NULL,
	decider   TEXT    NOT NULL, -- '' while nobody has decided
	decided   INTEGER,          -- NULL while nobody has decided
	reason    TEXT    NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT alias_once UNIQUE (entity_id, kind, value, customer),
	CONSTRAINT alias_kind CHECK (kind IN ('account', 'name')),
	CONSTRAINT alias_state CHECK (state IN ('proposed', 'approved', 'declined')),
	CONSTRAINT alias_decided CHECK ((state = 'proposed') = (decider = '') AND (decider = '') = (decided IS NULL)),
	CONSTRAINT alias_four_eyes CHECK (state <> 'approved' OR second = 0 OR decider <> proposer)
) STRICT, WITHOUT ROWID;

CREATE INDEX alias_customer ON alias (entity_id, customer) WHERE state = 'approved';

-- The decisions that suggest it.
CREATE TABLE alias_seen (
	entity_id TEXT    NOT NULL,
	alias     INTEGER NOT NULL,
	decision  INTEGER NOT NULL,
	receipt   INTEGER NOT NULL,
	actor     TEXT    NOT NULL,
	PRIMARY KEY (entity_id, alias, decision)
) STRICT, WITHOUT ROWID;

-- The keys of approved aliases. They are apart from those of the customers, which imports write anew.
CREATE TABLE alias_key (
	entity_id TEXT    NOT NULL,
	key       TEXT    NOT NULL,
	customer  TEXT    NOT NULL,
	alias     INTEGER NOT NULL,
	PRIMARY KEY (entity_id, key, customer, alias)
) STRICT, WITHOUT ROWID;

CREATE INDEX alias_key_alias ON alias_key (entity_id, alias);

-- Differences (kinds of applications) that a person took back from an item alone.
CREATE TABLE refused (
	entity_id TEXT    NOT NULL,
	item      INTEGER NOT NULL,
	kind      TEXT    NOT NULL,
	actor     TEXT    NOT NULL,
	at        INTEGER NOT NULL,
	PRIMARY KEY (entity_id, item, kind)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER alias_stays BEFORE UPDATE ON alias
WHEN NEW.kind <> OLD.kind OR NEW.value <> OLD.value OR NEW.customer <> OLD.customer OR NEW.keys <> OLD.keys OR NEW.proposer <> OLD.proposer
	OR NEW.proposed <> OLD.proposed OR NEW.second < OLD.second
BEGIN SELECT RAISE(ABORT, 'what an alias is and who proposed it stays'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER alias_no_delete BEFORE DELETE ON alias
BEGIN SELECT RAISE(ABORT, 'alias rows stay'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER alias_seen_decided BEFORE INSERT ON alias_seen
WHEN NOT EXISTS (SELECT 1 FROM decision AS d WHERE d.entity_id = NEW.entity_id AND d.id = NEW.decision AND d.source_id = NEW.receipt AND d.actor = NEW.actor)
BEGIN SELECT RAISE(ABORT, 'an alias is suggested by a decision and who made it'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER alias_key_approved BEFORE INSERT ON alias_key
WHEN NOT EXISTS (SELECT 1 FROM alias AS a WHERE a.entity_id = NEW.entity_id AND a.id = NEW.alias AND a.customer = NEW.customer AND a.state = 'approved')
BEGIN SELECT RAISE(ABORT, 'only an approved alias has keys'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER alias_seen_no_update BEFORE UPDATE ON alias_seen
BEGIN SELECT RAISE(ABORT, 'alias_seen is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER alias_seen_no_delete BEFORE DELETE ON alias_seen
BEGIN SELECT RAISE(ABORT, 'alias_seen is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER refused_no_update BEFORE UPDATE ON refused
BEGIN SELECT RAISE(ABORT, 'refused is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER refused_no_delete BEFORE DELETE ON refused
BEGIN SELECT RAISE(ABORT, 'refused is append-only'); END;
-- +goose StatementEnd
