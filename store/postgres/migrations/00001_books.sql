-- +goose Up
-- The books of all entities. entity_id leads every primary key, so that the schema can be distributed by it.
-- Amounts are minor units, days are numbers YYYYMMDD (0 = none), instants are microseconds since 1970 UTC.
-- Lists of texts end each value with the character U+001F. Texts compare byte by byte, whatever the locale of the database.
--
-- Balances (item.settled, receipt.allocated and what goes with them) are in no index and no predicate of one, and their tables leave
-- half of each page free: so an update writes a row beside the old one and no index. What is not yet decided is told by
-- fresh_receipts and the open cases of the queue.

CREATE TABLE counters (
	entity_id text COLLATE "C" NOT NULL,
	noun      text COLLATE "C" NOT NULL,
	last      bigint NOT NULL,
	PRIMARY KEY (entity_id, noun)
);

-- Setup ----------------------------------------------------------------------------------------------------

CREATE TABLE entity (
	entity_id     text COLLATE "C" NOT NULL PRIMARY KEY,
	name          text COLLATE "C" NOT NULL,
	base_currency text COLLATE "C" NOT NULL
);

CREATE TABLE account (
	entity_id      text COLLATE "C" NOT NULL REFERENCES entity,
	account_id     text COLLATE "C" NOT NULL,
	iban           text COLLATE "C" NOT NULL,
	currency       text COLLATE "C" NOT NULL,
	ledger         text COLLATE "C" NOT NULL,
	proof_required smallint NOT NULL,
	flip_reversals smallint NOT NULL,
	PRIMARY KEY (entity_id, account_id)
);

CREATE TABLE rules_version (
	entity_id text COLLATE "C" NOT NULL,
	version   text COLLATE "C" NOT NULL,
	text      text COLLATE "C" NOT NULL,
	actor     text COLLATE "C" NOT NULL,
	at        bigint NOT NULL,
	PRIMARY KEY (entity_id, version)
);

-- Files and statements ---------------------------------------------------------------------------------------

CREATE TABLE file (
	entity_id text COLLATE "C" NOT NULL,
	id        bigint NOT NULL,
	sha256    text COLLATE "C" NOT NULL,
	name      text COLLATE "C" NOT NULL,
	size      bigint NOT NULL,
	received  bigint NOT NULL,
	state     text COLLATE "C" NOT NULL,
	format    text COLLATE "C" NOT NULL,
	moved     text COLLATE "C" NOT NULL,
	sightings integer NOT NULL,
	rejected  text COLLATE "C" NOT NULL, -- why a person rejected it
	PRIMARY KEY (entity_id, id),
	CONSTRAINT file_content UNIQUE (entity_id, sha256),
	CONSTRAINT file_state CHECK (state IN ('recorded', 'booked', 'held', 'refused', 'rejected'))
);

CREATE TABLE file_sighting (
	entity_id text COLLATE "C" NOT NULL,
	file      bigint NOT NULL,
	ordinal   integer NOT NULL,
	name      text COLLATE "C" NOT NULL,
	received  bigint NOT NULL,
	actor     text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, file, ordinal)
);

CREATE TABLE file_problem (
	entity_id text COLLATE "C" NOT NULL,
	file      bigint NOT NULL,
	ordinal   integer NOT NULL,
	code      text COLLATE "C" NOT NULL,
	place     text COLLATE "C" NOT NULL,
	severity  text COLLATE "C" NOT NULL,
	message   text COLLATE "C" NOT NULL,
	advice    text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, file, ordinal)
);

CREATE TABLE statement (
	entity_id      text COLLATE "C" NOT NULL,
	id             bigint NOT NULL,
	file           bigint NOT NULL,
	format         text COLLATE "C" NOT NULL,
	account_id     text COLLATE "C" NOT NULL, -- '' while the account is unknown
	bank_id        text COLLATE "C" NOT NULL,
	sequence       text COLLATE "C" NOT NULL,
	page           integer NOT NULL,
	currency       text COLLATE "C" NOT NULL,
	from_day       integer NOT NULL,
	to_day         integer NOT NULL,
	first_booked   integer NOT NULL,
	last_booked    integer NOT NULL,
	opening        bigint,
	opening_day    integer,
	closing        bigint,
	closing_day    integer,
	ties           smallint NOT NULL,
	held           smallint NOT NULL,
	accepted       text COLLATE "C" NOT NULL,
	content        text COLLATE "C" NOT NULL,
	records        integer NOT NULL,
	new            integer NOT NULL,
	duplicates     integer NOT NULL,
	pending        integer NOT NULL,
	credit         bigint NOT NULL,
	debit          bigint NOT NULL,
	stated_entries integer NOT NULL,
	first_entry    bigint NOT NULL, -- its new entries have the ids first_entry to first_entry + new - 1
	PRIMARY KEY (entity_id, id),
	FOREIGN KEY (entity_id, file) REFERENCES file,
	CONSTRAINT statement_fates CHECK (held = 1 OR records = new + duplicates + pending),
	CONSTRAINT statement_account CHECK (held = 1 OR account_id <> '')
);

CREATE INDEX statement_file ON statement (entity_id, file);
CREATE INDEX statement_account ON statement (entity_id, account_id);

CREATE TABLE entry (
	entity_id           text COLLATE "C" NOT NULL,
	id                  bigint NOT NULL,
	statement           bigint NOT NULL,
	account_id          text COLLATE "C" NOT NULL,
	fingerprint         text COLLATE "C" NOT NULL,
	occurrence          integer NOT NULL,
	class               text COLLATE "C" NOT NULL,
	ledger              text COLLATE "C" NOT NULL,
	recorded            bigint NOT NULL,
	effective           integer NOT NULL,
	amount              bigint NOT NULL, -- signed
	currency            text COLLATE "C" NOT NULL,
	booked              integer NOT NULL,
	value_day           integer NOT NULL,
	status              text COLLATE "C" NOT NULL,
	reversal            smallint NOT NULL,
	bank_reference      text COLLATE "C" NOT NULL,
	entry_reference     text COLLATE "C" NOT NULL,
	batch               text COLLATE "C" NOT NULL,
	payer_name          text COLLATE "C" NOT NULL,
	payer_account       text COLLATE "C" NOT NULL,
	ultimate            text COLLATE "C" NOT NULL,
	structured          text COLLATE "C" NOT NULL,
	document_numbers    text COLLATE "C" NOT NULL,
	end_to_end_id       text COLLATE "C" NOT NULL,
	mandate_id          text COLLATE "C" NOT NULL,
	transaction_id      text COLLATE "C" NOT NULL,
	text                text COLLATE "C" NOT NULL,
	lines               text COLLATE "C" NOT NULL,
	additional          text COLLATE "C" NOT NULL,
	bank_code           text COLLATE "C" NOT NULL,
	purpose             text COLLATE "C" NOT NULL,
	original            bigint,
	original_currency   text COLLATE "C" NOT NULL,
	charges             bigint NOT NULL,
	charge_bearer       text COLLATE "C" NOT NULL,
	cheque              text COLLATE "C" NOT NULL,
	return_reason       text COLLATE "C" NOT NULL,
	original_end_to_end text COLLATE "C" NOT NULL,
	whole               smallint NOT NULL,
	place               text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT entry_identity UNIQUE (entity_id, account_id, fingerprint, occurrence),
	CONSTRAINT entry_occurrence CHECK (occurrence > 0)
);

-- Returned payments are found by what the bank repeats of the original.
CREATE INDEX entry_end_to_end ON entry (entity_id, end_to_end_id) WHERE amount > 0 AND end_to_end_id NOT IN ('', 'NOTPROVIDED');
CREATE INDEX entry_mandate ON entry (entity_id, mandate_id) WHERE amount > 0 AND mandate_id NOT IN ('', 'NOTPROVIDED');
CREATE INDEX entry_transaction ON entry (entity_id, transaction_id) WHERE amount > 0 AND transaction_id NOT IN ('', 'NOTPROVIDED');
CREATE INDEX entry_bank_reference ON entry (entity_id, bank_reference) WHERE amount > 0 AND bank_reference NOT IN ('', 'NOTPROVIDED');

-- Records of a statement that did not become an entry of their own.
CREATE TABLE record (
	entity_id   text COLLATE "C" NOT NULL,
	statement   bigint NOT NULL,
	ordinal     integer NOT NULL,
	kind        text COLLATE "C" NOT NULL,
	entry       bigint NOT NULL,
	fingerprint text COLLATE "C" NOT NULL,
	amount      bigint NOT NULL,
	booked      integer NOT NULL,
	PRIMARY KEY (entity_id, statement, ordinal),
	CONSTRAINT record_kind CHECK (kind = 'duplicate' AND entry > 0 OR kind = 'pending' AND entry = 0)
);

-- Customers and items ----------------------------------------------------------------------------------------

CREATE TABLE customer (
	entity_id text COLLATE "C" NOT NULL,
	code      text COLLATE "C" NOT NULL,
	name      text COLLATE "C" NOT NULL,
	ibans     text COLLATE "C" NOT NULL,
	aliases   text COLLATE "C" NOT NULL,
	email     text COLLATE "C" NOT NULL,
	lump      text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, code)
);

-- Keys of accounts, names and aliases under which a customer pays.
CREATE TABLE customer_key (
	entity_id text COLLATE "C" NOT NULL,
	key       text COLLATE "C" NOT NULL,
	customer  text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, key, customer)
);

CREATE INDEX customer_key_customer ON customer_key (entity_id, customer);

CREATE TABLE customer_pays_for (
	entity_id text COLLATE "C" NOT NULL,
	customer  text COLLATE "C" NOT NULL,
	ordinal   integer NOT NULL,
	other     text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, customer, ordinal)
);

CREATE TABLE item (
	entity_id        text COLLATE "C" NOT NULL,
	id               bigint NOT NULL,
	number           text COLLATE "C" NOT NULL,
	kind             text COLLATE "C" NOT NULL,
	side             text COLLATE "C" NOT NULL,
	customer         text COLLATE "C" NOT NULL,
	supplier         text COLLATE "C" NOT NULL, -- the customer of payables, else '': their numbers are the supplier's
	issue_day        integer NOT NULL,
	due_day          integer NOT NULL,
	currency         text COLLATE "C" NOT NULL,
	amount           bigint NOT NULL,
	settled          bigint NOT NULL,
	external         bigint NOT NULL, -- the part of it that was settled outside tieout
	reference        text COLLATE "C" NOT NULL,
	order_number     text COLLATE "C" NOT NULL,
	discount_percent text COLLATE "C" NOT NULL,
	discount_until   integer NOT NULL,
	tax_rate         text COLLATE "C" NOT NULL,
	cancelled        smallint NOT NULL,
	paid_on          integer NOT NULL,
	effective        integer NOT NULL, -- day it counts from
	version          bigint NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT item_number UNIQUE (entity_id, number, side, supplier),
	CONSTRAINT item_kind CHECK (kind IN ('invoice', 'credit_note')),
	CONSTRAINT item_side CHECK (side IN ('receivable', 'payable')),
	CONSTRAINT item_settled CHECK (settled >= 0 AND settled <= amount),
	CONSTRAINT item_external CHECK (external >= 0 AND external <= settled),
	CONSTRAINT item_paid CHECK (paid_on = 0 OR settled = amount)
) WITH (fillfactor = 50);

CREATE INDEX item_customer ON item (entity_id, customer);

CREATE TABLE item_key (
	entity_id text COLLATE "C" NOT NULL,
	key       text COLLATE "C" NOT NULL,
	item      bigint NOT NULL,
	PRIMARY KEY (entity_id, key, item)
);

-- How an item came into the books: its amount, and one row per later change of it. What was settled before it came is an
-- external application.
CREATE TABLE item_start (
	entity_id text COLLATE "C" NOT NULL,
	item      bigint NOT NULL,
	ordinal   integer NOT NULL,
	amount    bigint NOT NULL,
	effective integer NOT NULL,
	recorded  bigint NOT NULL,
	PRIMARY KEY (entity_id, item, ordinal)
);

CREATE TABLE instalment (
	entity_id    text COLLATE "C" NOT NULL,
	item         bigint NOT NULL,
	sequence     integer NOT NULL,
	due_day      integer NOT NULL,
	amount       bigint NOT NULL,
	method       text COLLATE "C" NOT NULL,
	account      text COLLATE "C" NOT NULL,
	check_number text COLLATE "C" NOT NULL,
	note         text COLLATE "C" NOT NULL,
	void         smallint NOT NULL,
	cleared      smallint NOT NULL,
	PRIMARY KEY (entity_id, item, sequence),
	CONSTRAINT instalment_amount CHECK (amount > 0)
);

CREATE TABLE dispute (
	entity_id text COLLATE "C" NOT NULL,
	item      bigint NOT NULL,
	ordinal   integer NOT NULL,
	since     integer NOT NULL,
	amount    bigint NOT NULL,
	owner     text COLLATE "C" NOT NULL,
	reason    text COLLATE "C" NOT NULL,
	phrase    text COLLATE "C" NOT NULL,
	decision  bigint NOT NULL, -- that raised it, 0 where a person did
	opened    bigint NOT NULL,
	opener    text COLLATE "C" NOT NULL,
	closed    bigint,          -- NULL while open
	PRIMARY KEY (entity_id, item, ordinal)
);

CREATE UNIQUE INDEX dispute_open ON dispute (entity_id, item) WHERE closed IS NULL;

CREATE TABLE import_batch (
	entity_id text COLLATE "C" NOT NULL,
	id        bigint NOT NULL,
	digest    text COLLATE "C" NOT NULL,
	as_of     integer NOT NULL,
	snapshot  smallint NOT NULL,
	items     integer NOT NULL,
	created   integer NOT NULL,
	changed   integer NOT NULL,
	external  integer NOT NULL,
	actor     text COLLATE "C" NOT NULL,
	at        bigint NOT NULL,
	PRIMARY KEY (entity_id, id)
);

CREATE UNIQUE INDEX import_batch_digest ON import_batch (entity_id, digest) WHERE digest <> '';

-- Money --------------------------------------------------------------------------------------------------------

-- state: 0 = the engine decides, 1 = decided, 2 = a person has it in hand.
CREATE TABLE receipt (
	entity_id  text COLLATE "C" NOT NULL,
	id         bigint NOT NULL, -- of its entry, or from the same counter where recorded by hand
	by_hand    smallint NOT NULL,
	account_id text COLLATE "C" NOT NULL,
	customer   text COLLATE "C" NOT NULL,
	currency   text COLLATE "C" NOT NULL,
	amount     bigint NOT NULL, -- not to be counted where it clears a payment recorded by hand, which has the money then
	allocated  bigint NOT NULL,
	refunded   bigint NOT NULL,
	day        integer NOT NULL,
	effective  integer NOT NULL,
	cleared_by bigint NOT NULL,
	clears     bigint NOT NULL,
	cleared_on integer NOT NULL,
	returned   smallint NOT NULL,
	recorded   bigint NOT NULL,
	state      smallint NOT NULL,
	decision   bigint NOT NULL, -- in force, 0 while none
	PRIMARY KEY (entity_id, id),
	CONSTRAINT receipt_money CHECK (allocated >= 0 AND refunded >= 0 AND allocated + refunded <= amount),
	CONSTRAINT receipt_amount CHECK (amount > 0),
	CONSTRAINT receipt_clears CHECK (clears = 0 OR allocated = 0 AND refunded = 0 AND state = 1),
	CONSTRAINT receipt_state CHECK (state IN (0, 1, 2))
) WITH (fillfactor = 50);

CREATE INDEX receipt_uncleared ON receipt (entity_id, id) WHERE by_hand = 1 AND cleared_by = 0;
CREATE UNIQUE INDEX receipt_clears_once ON receipt (entity_id, clears) WHERE clears <> 0;

-- Where receipts are that nothing was ever decided about: entries first to last of a statement, waiting of them.
CREATE TABLE fresh_receipts (
	entity_id text COLLATE "C" NOT NULL,
	first     bigint NOT NULL,
	last      bigint NOT NULL,
	waiting   bigint NOT NULL,
	PRIMARY KEY (entity_id, first),
	CONSTRAINT fresh_receipts_waiting CHECK (waiting > 0)
);

-- What only payments recorded by hand have.
CREATE TABLE hand_payment (
	entity_id text COLLATE "C" NOT NULL,
	receipt   bigint NOT NULL,
	method    text COLLATE "C" NOT NULL,
	cheque    text COLLATE "C" NOT NULL,
	note      text COLLATE "C" NOT NULL,
	key       text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, receipt)
);

CREATE UNIQUE INDEX hand_payment_key ON hand_payment (entity_id, key) WHERE key <> '';

-- Debits that take an earlier receipt back; id is that of the entry. Same states as receipt.
CREATE TABLE returned (
	entity_id text COLLATE "C" NOT NULL,
	id        bigint NOT NULL,
	amount    bigint NOT NULL,
	day       integer NOT NULL,
	state     smallint NOT NULL,
	decision  bigint NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT returned_amount CHECK (amount > 0)
);

CREATE INDEX returned_undecided ON returned (entity_id, day) WHERE state = 0;

-- Money on account or in advance; id is the application that put it there.
CREATE TABLE holding (
	entity_id    text COLLATE "C" NOT NULL,
	id           bigint NOT NULL,
	kind         text COLLATE "C" NOT NULL,
	receipt      bigint NOT NULL,
	customer     text COLLATE "C" NOT NULL,
	order_number text COLLATE "C" NOT NULL,
	currency     text COLLATE "C" NOT NULL,
	amount       bigint NOT NULL,
	allocated    bigint NOT NULL,
	effective    integer NOT NULL,
	reversed     smallint NOT NULL, -- the application was taken back: there is no such money any more
	decision     bigint NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT holding_kind CHECK (kind IN ('on_account', 'advance')),
	CONSTRAINT holding_money CHECK (amount > 0 AND allocated >= 0 AND allocated <= amount),
	CONSTRAINT holding_reversed CHECK (reversed = 0 OR allocated = 0)
);

CREATE INDEX holding_waiting ON holding (entity_id, id) WHERE kind = 'advance' AND reversed = 0 AND allocated < amount;

CREATE TABLE decision (
	entity_id   text COLLATE "C" NOT NULL,
	id          bigint NOT NULL,
	source_kind text COLLATE "C" NOT NULL,
	source_id   bigint NOT NULL,
	is_return   smallint NOT NULL,
	outcome     text COLLATE "C" NOT NULL,
	reason      text COLLATE "C" NOT NULL,
	score       integer NOT NULL,
	margin      integer NOT NULL,
	customer    text COLLATE "C" NOT NULL,
	clears      bigint NOT NULL,
	reverses    text COLLATE "C" NOT NULL, -- application ids, parted by blanks
	evidence    text COLLATE "C" NOT NULL,
	rejected    text COLLATE "C" NOT NULL, -- item:reason, parted by blanks
	rivals      text COLLATE "C" NOT NULL, -- receipt ids, parted by blanks
	ledger      text COLLATE "C" NOT NULL,
	note        text COLLATE "C" NOT NULL,
	digest      text COLLATE "C" NOT NULL,
	rules       text COLLATE "C" NOT NULL,
	actor       text COLLATE "C" NOT NULL,
	at          bigint NOT NULL,
	run         bigint NOT NULL,
	supersedes  bigint NOT NULL, -- 0 for the first of its source
	PRIMARY KEY (entity_id, id),
	-- One first decision per source, and one successor per decision: so at most one has none.
	CONSTRAINT decision_chain UNIQUE (entity_id, source_kind, source_id, supersedes)
);

CREATE TABLE shortfall (
	entity_id text COLLATE "C" NOT NULL,
	decision  bigint NOT NULL,
	ordinal   integer NOT NULL,
	item      bigint NOT NULL,
	amount    bigint NOT NULL,
	why       text COLLATE "C" NOT NULL,
	phrase    text COLLATE "C" NOT NULL,
	next_day  integer NOT NULL,
	PRIMARY KEY (entity_id, decision, ordinal)
);

CREATE TABLE proposal (
	entity_id  text COLLATE "C" NOT NULL,
	decision   bigint NOT NULL,
	ordinal    integer NOT NULL,
	reason     text COLLATE "C" NOT NULL,
	score      integer NOT NULL,
	customer   text COLLATE "C" NOT NULL,
	difference bigint NOT NULL,
	clears     bigint NOT NULL,
	reverses   text COLLATE "C" NOT NULL,
	evidence   text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, decision, ordinal)
);

CREATE TABLE proposal_line (
	entity_id    text COLLATE "C" NOT NULL,
	decision     bigint NOT NULL,
	proposal     integer NOT NULL,
	ordinal      integer NOT NULL,
	kind         text COLLATE "C" NOT NULL,
	item         bigint NOT NULL,
	credit_note  bigint NOT NULL,
	amount       bigint NOT NULL,
	tax          bigint NOT NULL,
	ledger       text COLLATE "C" NOT NULL,
	order_number text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, decision, proposal, ordinal)
);

CREATE TABLE application (
	entity_id    text COLLATE "C" NOT NULL,
	id           bigint NOT NULL,
	source_kind  text COLLATE "C" NOT NULL,
	source_id    bigint NOT NULL,
	receipt      bigint NOT NULL, -- whose decision made it, also through money on account and credit notes; 0 for imports
	item         bigint NOT NULL,
	kind         text COLLATE "C" NOT NULL,
	amount       bigint NOT NULL,
	tax          bigint NOT NULL,
	currency     text COLLATE "C" NOT NULL,
	customer     text COLLATE "C" NOT NULL,
	effective    integer NOT NULL,
	original_day integer NOT NULL,
	recorded     bigint NOT NULL,
	reason       text COLLATE "C" NOT NULL,
	actor        text COLLATE "C" NOT NULL,
	decision     bigint NOT NULL,
	reverses     bigint NOT NULL,
	ledger       text COLLATE "C" NOT NULL,
	order_number text COLLATE "C" NOT NULL,
	note         text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT application_amount CHECK (amount > 0 AND tax >= 0 AND tax <= amount),
	CONSTRAINT application_kind CHECK (kind IN ('payment', 'credit', 'discount', 'write_off', 'adjustment', 'gain',
		'bank_charge', 'withheld_tax', 'fx', 'on_account', 'advance', 'refund', 'external'))
);

CREATE UNIQUE INDEX application_reverses ON application (entity_id, reverses) WHERE reverses > 0;
CREATE INDEX application_item ON application (entity_id, item) WHERE item > 0;
CREATE INDEX application_receipt ON application (entity_id, receipt) WHERE receipt > 0;
CREATE INDEX application_write_off ON application (entity_id, customer) WHERE kind = 'write_off';

-- The live write-offs: at most one for a receipt and an item.
CREATE TABLE write_off_live (
	entity_id   text COLLATE "C" NOT NULL,
	receipt     bigint NOT NULL,
	item        bigint NOT NULL,
	application bigint NOT NULL,
	PRIMARY KEY (entity_id, receipt, item)
);

CREATE TABLE queue_case (
	entity_id text COLLATE "C" NOT NULL,
	id        bigint NOT NULL, -- of the receipt, or of the entry of a return
	is_return smallint NOT NULL,
	reason    text COLLATE "C" NOT NULL,
	score     integer NOT NULL,
	proposals integer NOT NULL,
	customer  text COLLATE "C" NOT NULL,
	opened    bigint NOT NULL,
	open      smallint NOT NULL,
	version   bigint NOT NULL, -- grows for ever, so that a stale view of an earlier case is recognised
	PRIMARY KEY (entity_id, id)
);

CREATE INDEX queue_case_open ON queue_case (entity_id) WHERE open = 1;

CREATE TABLE declined (
	entity_id text COLLATE "C" NOT NULL,
	receipt   bigint NOT NULL,
	item      bigint NOT NULL,
	actor     text COLLATE "C" NOT NULL,
	at        bigint NOT NULL,
	PRIMARY KEY (entity_id, receipt, item)
);

-- Runs, books and audit ------------------------------------------------------------------------------------------

CREATE TABLE run (
	entity_id text COLLATE "C" NOT NULL,
	id        bigint NOT NULL,
	rules     text COLLATE "C" NOT NULL,
	actor     text COLLATE "C" NOT NULL,
	started   bigint NOT NULL,
	finished  bigint,
	state     text COLLATE "C" NOT NULL,
	files     integer NOT NULL,
	refused   integer NOT NULL,
	held      smallint NOT NULL,
	entries   integer NOT NULL,
	receipts  integer NOT NULL,
	applied   integer NOT NULL,
	queued    integer NOT NULL,
	faults    integer NOT NULL,
	PRIMARY KEY (entity_id, id)
);

CREATE TABLE export_batch (
	entity_id          text COLLATE "C" NOT NULL,
	id                 bigint NOT NULL,
	kind               text COLLATE "C" NOT NULL,
	applications_after bigint NOT NULL, -- ranges of ids: exclusive at their start, inclusive at their end
	applications_until bigint NOT NULL,
	decisions_after    bigint NOT NULL,
	decisions_until    bigint NOT NULL,
	entries_after      bigint NOT NULL,
	entries_until      bigint NOT NULL,
	items_after        bigint NOT NULL,
	items_until        bigint NOT NULL,
	opened             bigint NOT NULL,
	written            bigint,          -- NULL until it stands complete in its file
	file               text COLLATE "C" NOT NULL,
	sha256             text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, id)
);

CREATE UNIQUE INDEX export_batch_pending ON export_batch (entity_id, kind) WHERE written IS NULL;

CREATE TABLE period_close (
	entity_id text COLLATE "C" NOT NULL,
	until     integer NOT NULL,
	actor     text COLLATE "C" NOT NULL,
	at        bigint NOT NULL,
	PRIMARY KEY (entity_id, until)
);

-- Postings of closed periods, frozen as they were derived when the period was closed.
CREATE TABLE posting (
	entity_id   text COLLATE "C" NOT NULL,
	until       integer NOT NULL, -- of the period's close
	ordinal     integer NOT NULL,
	day         integer NOT NULL,
	ledger      text COLLATE "C" NOT NULL,
	currency    text COLLATE "C" NOT NULL,
	amount      bigint NOT NULL, -- debit positive
	entry       bigint NOT NULL,
	application bigint NOT NULL,
	item        bigint NOT NULL,
	customer    text COLLATE "C" NOT NULL,
	text        text COLLATE "C" NOT NULL,
	PRIMARY KEY (entity_id, until, ordinal)
);

CREATE TABLE audit (
	entity_id text COLLATE "C" NOT NULL,
	seq       bigint NOT NULL,
	canonical bytea    NOT NULL,
	hash      bytea    NOT NULL,
	PRIMARY KEY (entity_id, seq)
);

-- Who runs the nightly job, by the clock of this database; one row, of no company.
CREATE TABLE pipeline_lock (
	entity_id text COLLATE "C" NOT NULL PRIMARY KEY,
	token     bigint NOT NULL, -- grows with each holder
	until     bigint NOT NULL,
	pid       integer NOT NULL, -- of the holder's connection, and when that began
	started   bigint NOT NULL
);

-- Guards. Those that look at new rows do so behind the statement or the row, so that a COPY still writes many rows at once.

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION refuse_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.seq <> 1 + (SELECT coalesce(max(seq), 0) FROM audit WHERE entity_id = NEW.entity_id) THEN
		RAISE EXCEPTION 'audit rows follow each other without a gap';
	END IF;
	RETURN NEW;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION refuse_strange_succession() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT 1 FROM decision AS d WHERE d.entity_id = NEW.entity_id AND d.id = NEW.supersedes
		AND d.source_kind = NEW.source_kind AND d.source_id = NEW.source_id) THEN
		RAISE EXCEPTION 'a decision supersedes one of the same source';
	END IF;
	RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION refuse_strange_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT 1 FROM application AS a WHERE a.entity_id = NEW.entity_id AND a.id = NEW.reverses AND a.reverses = 0
		AND a.kind = NEW.kind AND a.amount = NEW.amount) THEN
		RAISE EXCEPTION 'a reversal takes back the whole of one application that is no reversal';
	END IF;
	RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION refuse_closed_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF EXISTS (SELECT 1 FROM period_close) AND EXISTS (SELECT 1 FROM fresh AS f
		JOIN (SELECT entity_id, max(until) AS until FROM period_close GROUP BY entity_id) AS c ON c.entity_id = f.entity_id
		WHERE f.effective <= c.until) THEN
		RAISE EXCEPTION 'the books are closed for that day';
	END IF;
	RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER audit_gap_free BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION refuse_gap();
CREATE TRIGGER decision_supersedes AFTER INSERT ON decision FOR EACH ROW WHEN (NEW.supersedes <> 0) EXECUTE FUNCTION refuse_strange_succession();
CREATE TRIGGER application_no_double_reversal AFTER INSERT ON application FOR EACH ROW WHEN (NEW.reverses <> 0) EXECUTE FUNCTION refuse_strange_reversal();

CREATE TRIGGER application_closed AFTER INSERT ON application REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_day();
CREATE TRIGGER entry_closed AFTER INSERT ON entry REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_day();
CREATE TRIGGER item_start_closed AFTER INSERT ON item_start REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_day();

CREATE TRIGGER application_no_update BEFORE UPDATE ON application FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER application_no_delete BEFORE DELETE OR TRUNCATE ON application FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_no_update BEFORE UPDATE ON decision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_no_delete BEFORE DELETE OR TRUNCATE ON decision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proposal_no_update BEFORE UPDATE ON proposal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proposal_no_delete BEFORE DELETE OR TRUNCATE ON proposal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proposal_line_no_update BEFORE UPDATE ON proposal_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proposal_line_no_delete BEFORE DELETE OR TRUNCATE ON proposal_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER shortfall_no_update BEFORE UPDATE ON shortfall FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER shortfall_no_delete BEFORE DELETE OR TRUNCATE ON shortfall FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_no_delete BEFORE DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER posting_no_update BEFORE UPDATE ON posting FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER posting_no_delete BEFORE DELETE OR TRUNCATE ON posting FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER period_close_no_update BEFORE UPDATE ON period_close FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER period_close_no_delete BEFORE DELETE OR TRUNCATE ON period_close FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entry_no_delete BEFORE DELETE OR TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER record_no_update BEFORE UPDATE ON record FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER record_no_delete BEFORE DELETE OR TRUNCATE ON record FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER item_start_no_update BEFORE UPDATE ON item_start FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER item_start_no_delete BEFORE DELETE OR TRUNCATE ON item_start FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rules_version_no_update BEFORE UPDATE ON rules_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rules_version_no_delete BEFORE DELETE OR TRUNCATE ON rules_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER file_sighting_no_update BEFORE UPDATE ON file_sighting FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER file_sighting_no_delete BEFORE DELETE OR TRUNCATE ON file_sighting FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
