-- Which run received a file and booked a statement, and when: a run's report is about what it did, whatever came later. And the
-- days promised for the rest of items.
-- +goose Up

ALTER TABLE file ADD COLUMN run bigint NOT NULL DEFAULT 0; -- 0 = outside runs
ALTER TABLE statement ADD COLUMN recorded bigint NOT NULL DEFAULT 0; -- when it was booked or held
ALTER TABLE statement ADD COLUMN run bigint NOT NULL DEFAULT 0;

CREATE INDEX shortfall_promise ON shortfall (entity_id, item) WHERE next_day > 0;
