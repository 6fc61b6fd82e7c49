-- What tieout is measured against: matching as it is often done, in one SQL script. It reads receipts from CSV, finds references with a
-- regular expression, applies those first and then, by the payer's account, oldest first, with window functions; it keeps balances and
-- keys. It proves no statement, keeps no evidence, no history and no audit, and takes whatever it finds.
--
-- tieout bench runs it beside its own run: psql -f plain.sql in the folder of the generated world. It lives in the schema plain.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS plain CASCADE;
CREATE SCHEMA plain;
SET search_path = plain;

CREATE TABLE customer (code text PRIMARY KEY, name text NOT NULL, iban text NOT NULL);
CREATE TABLE item (number text PRIMARY KEY, customer text NOT NULL, issued date, due date NOT NULL, currency text NOT NULL, total numeric NOT NULL,
	reference text, open numeric, CHECK (open >= 0));
CREATE TABLE receipt (id bigint PRIMARY KEY, bank_reference text NOT NULL UNIQUE, booked date NOT NULL, amount numeric NOT NULL, iban text NOT NULL,
	payer text NOT NULL, text text NOT NULL, left_over numeric, CHECK (left_over >= 0));
CREATE TABLE application (receipt bigint NOT NULL, item text NOT NULL, amount numeric NOT NULL CHECK (amount > 0), way text NOT NULL,
	PRIMARY KEY (receipt, item, way));

-- Before the clock starts: the open book.
\copy customer FROM 'customers.csv' (FORMAT csv, HEADER)
\copy item (number, customer, issued, due, currency, total, reference) FROM 'items.csv' (FORMAT csv, HEADER)
UPDATE item SET open = total;
CREATE INDEX ON item (reference) WHERE reference <> '';
CREATE INDEX ON item (customer, due);
CREATE INDEX ON customer (iban);
VACUUM ANALYZE item;
ANALYZE customer;

-- The receipts of the day, up to the commit.
\echo begins
BEGIN;
\copy receipt (id, bank_reference, booked, amount, iban, payer, text) FROM 'receipts.csv' (FORMAT csv, HEADER)
UPDATE receipt SET left_over = amount;
ANALYZE receipt;

CREATE TEMPORARY TABLE said ON COMMIT DROP AS
SELECT r.id AS receipt, 'R-' || m[1] AS number, m[2] AS reference
FROM receipt AS r CROSS JOIN LATERAL regexp_matches(r.text, '\m(?:R-? ?([0-9]{7})|(RF[0-9]{2}[0-9A-Z]+))\M', 'g') AS m;
ANALYZE said;
CREATE TEMPORARY TABLE named ON COMMIT DROP AS
SELECT s.receipt, i.number AS item FROM said AS s JOIN item AS i ON i.number = s.number
UNION
SELECT s.receipt, i.number FROM said AS s JOIN item AS i ON i.reference = s.reference WHERE i.reference <> '';
ANALYZE named;

-- By reference: each receipt fills the items that it names, the earliest due first; of several receipts for one item the first wins.
INSERT INTO application (receipt, item, amount, way)
SELECT receipt, item, least(open, amount - before), 'reference' FROM (
	SELECT n.receipt, n.item, i.open, r.amount, sum(i.open) OVER (PARTITION BY n.receipt ORDER BY i.due, i.number) - i.open AS before,
		row_number() OVER (PARTITION BY n.item ORDER BY n.receipt) AS turn
	FROM named AS n JOIN item AS i ON i.number = n.item JOIN receipt AS r ON r.id = n.receipt) AS w
WHERE turn = 1 AND least(open, amount - before) > 0;

UPDATE item AS i SET open = i.open - a.amount FROM (SELECT item, sum(amount) AS amount FROM application GROUP BY item) AS a WHERE a.item = i.number;
UPDATE receipt AS r SET left_over = r.left_over - a.amount FROM (SELECT receipt, sum(amount) AS amount FROM application GROUP BY receipt) AS a WHERE a.receipt = r.id;

-- Oldest first: what is left of a customer's receipts, laid along what is left of its items.
INSERT INTO application (receipt, item, amount, way)
SELECT r.id, i.number, least(r.until, i.until) - greatest(r.since, i.since), 'oldest'
FROM (SELECT r.id, c.code, sum(r.left_over) OVER w - r.left_over AS since, sum(r.left_over) OVER w AS until
		FROM receipt AS r JOIN customer AS c ON c.iban = r.iban WHERE r.left_over > 0 WINDOW w AS (PARTITION BY c.code ORDER BY r.booked, r.id)) AS r
JOIN (SELECT i.number, i.customer, sum(i.open) OVER w - i.open AS since, sum(i.open) OVER w AS until
		FROM item AS i WHERE i.open > 0 WINDOW w AS (PARTITION BY i.customer ORDER BY i.due, i.number)) AS i
	ON i.customer = r.code AND i.since < r.until AND i.until > r.since;

UPDATE item AS i SET open = i.open - a.amount FROM (SELECT item, sum(amount) AS amount FROM application WHERE way = 'oldest' GROUP BY item) AS a WHERE a.item = i.number;
UPDATE receipt AS r SET left_over = r.left_over - a.amount
FROM (SELECT receipt, sum(amount) AS amount FROM application WHERE way = 'oldest' GROUP BY receipt) AS a WHERE a.receipt = r.id;
COMMIT;
\echo ends
\pset tuples_only on
\pset format unaligned
SELECT 'applied ' || count(DISTINCT receipt) || ' of ' || (SELECT count(*) FROM receipt) FROM application;
DROP SCHEMA plain CASCADE;
