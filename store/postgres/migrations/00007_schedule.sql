-- The timetable: what came due and what became of it; and the leases of workers that share a database.
-- +goose Up

CREATE TABLE schedule (
	entity_id text COLLATE "C" NOT NULL,
	name      text COLLATE "C" NOT NULL,
	cron      text COLLATE "C" NOT NULL,
	zone      text COLLATE "C" NOT NULL,
	since     bigint NOT NULL, -- ticks count from here: it was first seen, or its line changed
	PRIMARY KEY (entity_id, name)
);

CREATE TABLE tick (
	entity_id text COLLATE "C" NOT NULL,
	schedule  text COLLATE "C" NOT NULL,
	due       bigint NOT NULL,
	late      smallint NOT NULL, -- nobody was there when it was due
	outcome   text COLLATE "C" NOT NULL,
	reason    text COLLATE "C" NOT NULL, -- why it was skipped
	run       bigint NOT NULL, -- that it became, 0 for none
	settled   bigint,          -- NULL while it waits
	PRIMARY KEY (entity_id, schedule, due),
	CONSTRAINT tick_outcome CHECK (outcome IN ('waiting', 'ran', 'caught_up', 'skipped')),
	CONSTRAINT tick_settled CHECK ((outcome = 'waiting') = (settled IS NULL))
);

CREATE INDEX tick_waiting ON tick (entity_id, due) WHERE outcome = 'waiting';

-- The right to do a unit of work until an instant. Every taking has a token of its own; what is written with an older one is refused.
CREATE TABLE lease (
	entity_id text COLLATE "C" NOT NULL,
	name      text COLLATE "C" NOT NULL,
	token     bigint NOT NULL,
	holder    text COLLATE "C" NOT NULL,
	until     bigint NOT NULL,
	done      smallint NOT NULL,
	result    text COLLATE "C" NOT NULL, -- what the unit came to
	PRIMARY KEY (entity_id, name)
);

-- How often a run began to read a file and did not come to an outcome: what brings the program down is not read for ever.
ALTER TABLE file ADD COLUMN attempts integer NOT NULL DEFAULT 0;
