-- The timetable: what came due and what became of it; and the leases of workers that share a database.
-- +goose Up

CREATE TABLE schedule (
	entity_id TEXT    NOT NULL,
	name      TEXT    NOT NULL,
	cron      TEXT    NOT NULL,
	zone      TEXT    NOT NULL,
	since     INTEGER NOT NULL, -- ticks count from here: it was first seen, or its line changed
	PRIMARY KEY (entity_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE tick (
	entity_id TEXT    NOT NULL,
	schedule  TEXT    NOT NULL,
	due       INTEGER NOT NULL,
	late      INTEGER NOT NULL, -- nobody was there when it was due
	outcome   TEXT    NOT NULL,
	reason    TEXT    NOT NULL, -- why it was skipped
	run       INTEGER NOT NULL, -- that it became, 0 for none
	settled   INTEGER,          -- NULL while it waits
	PRIMARY KEY (entity_id, schedule, due),
	CONSTRAINT tick_outcome CHECK (outcome IN ('waiting', 'ran', 'caught_up', 'skipped')),
	CONSTRAINT tick_settled CHECK ((outcome = 'waiting') = (settled IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX tick_waiting ON tick (entity_id, due) WHERE outcome = 'waiting';

-- The right to do a unit of work until an instant. Every taking has a token of its own; what is written with an older one is refused.
CREATE TABLE lease (
	entity_id TEXT    NOT NULL,
	name      TEXT    NOT NULL,
	token     INTEGER NOT NULL,
	holder    TEXT    NOT NULL,
	until     INTEGER NOT NULL,
	done      INTEGER NOT NULL,
	result    TEXT    NOT NULL, -- what the unit came to
	PRIMARY KEY (entity_id, name)
) STRICT, WITHOUT ROWID;

-- How often a run began to read a file and did not come to an outcome: what brings the program down is not read for ever.
ALTER TABLE file ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
