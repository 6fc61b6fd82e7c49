-- What decisions of people teach: aliases of payers, and differences that are not posted again.
-- +goose Up

-- An account or a name that a decision suggests to be a customer's. It counts once it is approved.
CREATE TABLE alias (
	entity_id text COLLATE "C" NOT NULL,
	id        bigint NOT NULL,
	kind      text COLLATE "C" NOT NULL,
	value     text COLLATE "C" NOT NULL,
	customer  text COLLATE "C" NOT NULL,
	keys      text COLLATE "C" NOT NULL, -- under which the customer is found once it is approved
	state     text COLLATE "C" NOT NULL,
	second    smallint NOT NULL, -- somebody else than the proposer must approve
	proposer  text COLLATE "C" NOT NULL,
	proposed  bigint NOT NULL,
	decider   text COLLATE "C" NOT NULL, -- '' while nobody has decided
	decided   bigint,          -- NULL while nobody has decided
	reason    text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT alias_once UNIQUE (entity_id, kind, value, customer),
	CONSTRAINT alias_kind CHECK (kind IN ('account', 'name')),
	CONSTRAINT alias_state CHECK (state IN ('proposed', 'approved', 'declined')),
	CONSTRAINT alias_decided CHECK ((state = 'proposed') = (decider = '') AND (decider = '') = (decided IS NULL)),
	CONSTRAINT alias_four_eyes CHECK (state <> 'approved' OR second = 0 OR decider <> proposer)
);

CREATE INDEX alias_customer ON alias (entity_id, customer) WHERE state = 'approved';

-- The decisions that suggest it.
CREATE TABLE alias_seen (
	entity_id text COLLATE "C" NOT NULL,
	alias     bigint NOT NULL,
	decision  bigint NOT NULL,
	receipt   bigint NOT NULL,
	actor     text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, alias, decision)
);

-- The keys of approved aliases. They are apart from those of the customers, which imports write anew.
CREATE TABLE alias_key (
	entity_id text COLLATE "C" NOT NULL,
	key       text COLLATE "C" NOT NULL,
	customer  text COLLATE "C" NOT NULL,
	alias     bigint NOT NULL,
	PRIMARY KEY (entity_id, key, customer, alias)
);

CREATE INDEX alias_key_alias ON alias_key (entity_id, alias);

-- Differences (kinds of applications) that a person took back from an item alone.
CREATE TABLE refused (
	entity_id text COLLATE "C" NOT NULL,
	item      bigint NOT NULL,
	kind      text COLLATE "C" NOT NULL,
	actor     text COLLATE "C" NOT NULL,
	at        bigint NOT NULL,
	PRIMARY KEY (entity_id, item, kind)
);

-- +goose StatementBegin
CREATE FUNCTION refuse_changed_alias() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'what an alias is and who proposed it stays';
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION refuse_strange_suggestion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT 1 FROM decision AS d WHERE d.entity_id = NEW.entity_id AND d.id = NEW.decision AND d.source_id = NEW.receipt AND d.actor = NEW.actor) THEN
		RAISE EXCEPTION 'an alias is suggested by a decision and who made it';
	END IF;
	RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION refuse_unapproved_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT 1 FROM alias AS a WHERE a.entity_id = NEW.entity_id AND a.id = NEW.alias AND a.customer = NEW.customer AND a.state = 'approved') THEN
		RAISE EXCEPTION 'only an approved alias has keys';
	END IF;
	RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER alias_stays BEFORE UPDATE ON alias FOR EACH ROW
WHEN (NEW.kind <> OLD.kind OR NEW.value <> OLD.value OR NEW.customer <> OLD.customer OR NEW.keys <> OLD.keys OR NEW.proposer <> OLD.proposer
	OR NEW.proposed <> OLD.proposed OR NEW.second < OLD.second)
EXECUTE FUNCTION refuse_changed_alias();
CREATE TRIGGER alias_no_delete BEFORE DELETE OR TRUNCATE ON alias FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER alias_seen_decided AFTER INSERT ON alias_seen FOR EACH ROW EXECUTE FUNCTION refuse_strange_suggestion();
CREATE TRIGGER alias_key_approved AFTER INSERT ON alias_key FOR EACH ROW EXECUTE FUNCTION refuse_unapproved_key();
CREATE TRIGGER alias_seen_no_update BEFORE UPDATE ON alias_seen FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER alias_seen_no_delete BEFORE DELETE OR TRUNCATE ON alias_seen FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refused_no_update BEFORE UPDATE ON refused FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refused_no_delete BEFORE DELETE OR TRUNCATE ON refused FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
