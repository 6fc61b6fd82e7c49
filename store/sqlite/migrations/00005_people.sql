-- Who may use the desk: people, what they may do for which company, their sessions and tokens; the answers of requests that may come
-- twice; and events that change no books. People, sessions, tokens and answers belong to no company.
-- +goose Up

CREATE TABLE person (
	id       INTEGER NOT NULL PRIMARY KEY,
	login    TEXT    NOT NULL,
	name     TEXT    NOT NULL,
	issuer   TEXT    NOT NULL,
	subject  TEXT    NOT NULL,
	password TEXT    NOT NULL, -- argon2id hash, '' = none
	disabled INTEGER NOT NULL,
	epoch    INTEGER NOT NULL, -- sessions of an older one are dead
	version  INTEGER NOT NULL,
	created  INTEGER NOT NULL,
	CONSTRAINT person_login UNIQUE (login),
	CONSTRAINT person_login_form CHECK (login <> '' AND login = lower(login)),
	CONSTRAINT person_password CHECK (password = '' OR password LIKE '$argon2id$%'),
	CONSTRAINT person_identity CHECK ((issuer = '') = (subject = ''))
) STRICT;

CREATE UNIQUE INDEX person_subject ON person (issuer, subject) WHERE subject <> '';

CREATE TABLE person_role (
	entity_id TEXT    NOT NULL,
	person    INTEGER NOT NULL,
	role      TEXT    NOT NULL,
	PRIMARY KEY (entity_id, person, role),
	CONSTRAINT person_role_known CHECK (role IN ('viewer', 'reviewer', 'approver', 'rule_editor', 'admin', 'auditor', 'service'))
) STRICT, WITHOUT ROWID;

CREATE TABLE invitation (
	person  INTEGER NOT NULL PRIMARY KEY,
	code    TEXT    NOT NULL UNIQUE, -- its SHA-256
	expires INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
	id      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	token   TEXT    NOT NULL UNIQUE, -- its SHA-256
	person  INTEGER NOT NULL,        -- 0 while nobody is signed in
	data    BLOB    NOT NULL,
	address TEXT    NOT NULL,
	agent   TEXT    NOT NULL,
	created INTEGER NOT NULL,
	seen    INTEGER NOT NULL
) STRICT;

CREATE INDEX session_person ON session (person);
CREATE INDEX session_seen ON session (seen);

CREATE TABLE api_token (
	id      INTEGER NOT NULL PRIMARY KEY,
	person  INTEGER NOT NULL,
	name    TEXT    NOT NULL,
	hash    TEXT    NOT NULL UNIQUE, -- SHA-256 of the token
	scopes  TEXT    NOT NULL,
	created INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	used    INTEGER,
	revoked INTEGER NOT NULL
) STRICT;

CREATE TABLE answer (
	person INTEGER NOT NULL,
	key    TEXT    NOT NULL,
	digest TEXT    NOT NULL,
	at     INTEGER NOT NULL,
	status INTEGER NOT NULL, -- 0 while the request is under way
	header TEXT    NOT NULL,
	body   BLOB    NOT NULL,
	PRIMARY KEY (person, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX answer_at ON answer (at);

CREATE TABLE event (
	entity_id TEXT    NOT NULL, -- '' for what concerns no company
	id        INTEGER NOT NULL,
	verb      TEXT    NOT NULL,
	about     TEXT    NOT NULL,
	detail    TEXT    NOT NULL,
	PRIMARY KEY (entity_id, id)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER event_no_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER event_no_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
-- +goose StatementEnd
