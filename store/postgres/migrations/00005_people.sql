-- Who may use the desk: people, what they may do for which company, their sessions and tokens; the answers of requests that may come
-- twice; and events that change no books. People, sessions, tokens and answers belong to no company.
-- +goose Up

CREATE TABLE person (
	id       bigint NOT NULL PRIMARY KEY,
	login    text COLLATE "C" NOT NULL,
	name     text COLLATE "C" NOT NULL,
	issuer   text COLLATE "C" NOT NULL,
	subject  text COLLATE "C" NOT NULL,
	password text COLLATE "C" NOT NULL, -- argon2id hash, '' = none
	disabled smallint NOT NULL,
	epoch    bigint NOT NULL, -- sessions of an older one are dead
	version  bigint NOT NULL,
	created  bigint NOT NULL,
	CONSTRAINT person_login UNIQUE (login),
	CONSTRAINT person_login_form CHECK (login <> '' AND login = lower(login)),
	CONSTRAINT person_password CHECK (password = '' OR password LIKE '$argon2id$%'),
	CONSTRAINT person_identity CHECK ((issuer = '') = (subject = ''))
);

CREATE UNIQUE INDEX person_subject ON person (issuer, subject) WHERE subject <> '';

CREATE TABLE person_role (
	entity_id text COLLATE "C" NOT NULL,
	person    bigint NOT NULL,
	role      text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, person, role),
	CONSTRAINT person_role_known CHECK (role IN ('viewer', 'reviewer', 'approver', 'rule_editor', 'admin', 'auditor', 'service'))
);

CREATE TABLE invitation (
	person  bigint NOT NULL PRIMARY KEY,
	code    text COLLATE "C" NOT NULL UNIQUE, -- its SHA-256
	expires bigint NOT NULL
);

CREATE TABLE session (
	id      bigint NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	token   text COLLATE "C" NOT NULL UNIQUE, -- its SHA-256
	person  bigint NOT NULL,        -- 0 while nobody is signed in
	data    bytea    NOT NULL,
	address text COLLATE "C" NOT NULL,
	agent   text COLLATE "C" NOT NULL,
	created bigint NOT NULL,
	seen    bigint NOT NULL
);

CREATE INDEX session_person ON session (person);
CREATE INDEX session_seen ON session (seen);

CREATE TABLE api_token (
	id      bigint NOT NULL PRIMARY KEY,
	person  bigint NOT NULL,
	name    text COLLATE "C" NOT NULL,
	hash    text COLLATE "C" NOT NULL UNIQUE, -- SHA-256 of the token
	scopes  text COLLATE "C" NOT NULL,
	created bigint NOT NULL,
	expires bigint NOT NULL,
	used    bigint,
	revoked smallint NOT NULL
);

CREATE TABLE answer (
	person bigint NOT NULL,
	key    text COLLATE "C" NOT NULL,
	digest text COLLATE "C" NOT NULL,
	at     bigint NOT NULL,
	status integer NOT NULL, -- 0 while the request is under way
	header text COLLATE "C" NOT NULL,
	body   bytea    NOT NULL,
	PRIMARY KEY (person, key)
);

CREATE INDEX answer_at ON answer (at);

CREATE TABLE event (
	entity_id text COLLATE "C" NOT NULL, -- '' for what concerns no company
	id        bigint NOT NULL,
	verb      text COLLATE "C" NOT NULL,
	about     text COLLATE "C" NOT NULL,
	detail    text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, id)
);

CREATE TRIGGER event_no_update BEFORE UPDATE ON event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_no_delete BEFORE DELETE OR TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
