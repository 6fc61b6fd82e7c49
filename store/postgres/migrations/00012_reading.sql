-- Statements that come page by page, and problems that show what they mean.
-- +goose Up

ALTER TABLE statement ADD COLUMN part_of bigint NOT NULL DEFAULT 0; -- the statement that a held page is part of by now
ALTER TABLE file_problem ADD COLUMN details text COLLATE "C" NOT NULL DEFAULT '';

CREATE INDEX statement_page ON statement (entity_id, account_id) WHERE page > 0 AND held = 1;
