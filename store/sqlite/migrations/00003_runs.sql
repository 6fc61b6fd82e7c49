-- Which run received a file and booked a statement, and when: a run's report is about what it did, whatever came later. And the
-- days promised for the rest of items.
-- +goose Up

ALTER TABLE file ADD COLUMN run INTEGER NOT NULL DEFAULT 0; -- 0 = outside runs
ALTER TABLE statement ADD COLUMN recorded INTEGER NOT NULL DEFAULT 0; -- when it was booked or held
ALTER TABLE statement ADD COLUMN run INTEGER NOT NULL DEFAULT 0;

-- What is there already was stored with its file, within the run that was under way then.
UPDATE file SET run = coalesce((SELECT r.id FROM run AS r WHERE r.entity_id = file.entity_id AND r.started <= file.received
	AND (r.finished IS NULL OR r.finished >= file.received) ORDER BY r.id DESC LIMIT 1), 0);
UPDATE statement SET (recorded, run) = (SELECT f.received, f.run FROM file AS f WHERE f.entity_id = statement.entity_id AND f.id = statement.file);

CREATE INDEX shortfall_promise ON shortfall (entity_id, item) WHERE next_day > 0;
