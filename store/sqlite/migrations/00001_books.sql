-- +goose Up
-- The books of all entities. entity_id leads every primary key, so that the schema can be distributed by it.
-- Amounts are minor units, days are numbers YYYYMMDD (0 = none), instants are microseconds since 1970 UTC.
-- Lists of texts end each value with the character U+001F.

CREATE TABLE counters (
	entity_id TEXT    NOT NULL,
	noun      TEXT    NOT NULL,
	last      INTEGER NOT NULL,
	PRIMARY KEY (entity_id, noun)
) STRICT, WITHOUT ROWID;

-- Setup ----------------------------------------------------------------------------------------------------

CREATE TABLE entity (
	entity_id     TEXT NOT NULL PRIMARY KEY,
	name          TEXT NOT NULL,
	base_currency TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
	entity_id      TEXT    NOT NULL REFERENCES entity,
	account_id     TEXT    NOT NULL,
	iban           TEXT    NOT NULL,
	currency       TEXT    NOT NULL,
	ledger         TEXT    NOT NULL,
	proof_required INTEGER NOT NULL,
	flip_reversals INTEGER NOT NULL,
	PRIMARY KEY (entity_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rules_version (
	entity_id TEXT    NOT NULL,
	version   TEXT    NOT NULL,
	text      TEXT    NOT NULL,
	actor     TEXT    NOT NULL,
	at        INTEGER NOT NULL,
	PRIMARY KEY (entity_id, version)
) STRICT, WITHOUT ROWID;

-- Files and statements ---------------------------------------------------------------------------------------

CREATE TABLE file (
	entity_id TEXT    NOT NULL,
	id        INTEGER NOT NULL,
	sha256    TEXT    NOT NULL,
	name      TEXT    NOT NULL,
	size      INTEGER NOT NULL,
	received  INTEGER NOT NULL,
	state     TEXT    NOT NULL,
	format    TEXT    NOT NULL,
	moved     TEXT    NOT NULL,
	sightings INTEGER NOT NULL,
	rejected  TEXT    NOT NULL, -- why a person rejected it
	PRIMARY KEY (entity_id, id),
	CONSTRAINT file_content UNIQUE (entity_id, sha256),
	CONSTRAINT file_state CHECK (state IN ('recorded', 'booked', 'held', 'refused', 'rejected'))
) STRICT, WITHOUT ROWID;

CREATE TABLE file_sighting (
	entity_id TEXT    NOT NULL,
	file      INTEGER NOT NULL,
	ordinal   INTEGER NOT NULL,
	name      TEXT    NOT NULL,
	received  INTEGER NOT NULL,
	actor     TEXT    NOT NULL,
	PRIMARY KEY (entity_id, file, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE file_problem (
	entity_id TEXT    NOT NULL,
	file      INTEGER NOT NULL,
	ordinal   INTEGER NOT NULL,
	code      TEXT    NOT NULL,
	place     TEXT    NOT NULL,
	severity  TEXT    NOT NULL,
	message   TEXT    NOT NULL,
	advice    TEXT    NOT NULL,
	PRIMARY KEY (entity_id, file, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE statement (
	entity_id      TEXT    NOT NULL,
	id             INTEGER NOT NULL,
	file           INTEGER NOT NULL,
	format         TEXT    NOT NULL,
	account_id     TEXT    NOT NULL, -- '' while the account is unknown
	bank_id        TEXT    NOT NULL,
	sequence       TEXT    NOT NULL,
	page           INTEGER NOT NULL,
	currency       TEXT    NOT NULL,
	from_day       INTEGER NOT NULL,
	to_day         INTEGER NOT NULL,
	first_booked   INTEGER NOT NULL,
	last_booked    INTEGER NOT NULL,
	opening        INTEGER,
	opening_day    INTEGER,
	closing        INTEGER,
	closing_day    INTEGER,
	ties           INTEGER NOT NULL,
	held           INTEGER NOT NULL,
	accepted       TEXT    NOT NULL,
	content        TEXT    NOT NULL,
	records        INTEGER NOT NULL,
	new            INTEGER NOT NULL,
	duplicates     INTEGER NOT NULL,
	pending        INTEGER NOT NULL,
	credit         INTEGER NOT NULL,
	debit          INTEGER NOT NULL,
	stated_entries INTEGER NOT NULL,
	first_entry    INTEGER NOT NULL, -- its new entries have the ids first_entry to first_entry + new - 1
	PRIMARY KEY (entity_id, id),
	FOREIGN KEY (entity_id, file) REFERENCES file,
	CONSTRAINT statement_fates CHECK (held = 1 OR records = new + duplicates + pending),
	CONSTRAINT statement_account CHECK (held = 1 OR account_id <> '')
) STRICT, WITHOUT ROWID;

CREATE INDEX statement_file ON statement (entity_id, file);
CREATE INDEX statement_account ON statement (entity_id, account_id);

CREATE TABLE entry (
	entity_id           TEXT    NOT NULL,
	id                  INTEGER NOT NULL,
	statement           INTEGER NOT NULL,
	account_id          TEXT    NOT NULL,
	fingerprint         TEXT    NOT NULL,
	occurrence          INTEGER NOT NULL,
	class               TEXT    NOT NULL,
	ledger              TEXT    NOT NULL,
	recorded            INTEGER NOT NULL,
	effective           INTEGER NOT NULL,
	amount              INTEGER NOT NULL, -- signed
	currency            TEXT    NOT NULL,
	booked              INTEGER NOT NULL,
	value_day           INTEGER NOT NULL,
	status              TEXT    NOT NULL,
	reversal            INTEGER NOT NULL,
	bank_reference      TEXT    NOT NULL,
	entry_reference     TEXT    NOT NULL,
	batch               TEXT    NOT NULL,
	payer_name          TEXT    NOT NULL,
	payer_account       TEXT    NOT NULL,
	ultimate            TEXT    NOT NULL,
	structured          TEXT    NOT NULL,
	document_numbers    TEXT    NOT NULL,
	end_to_end_id       TEXT    NOT NULL,
	mandate_id          TEXT    NOT NULL,
	transaction_id      TEXT    NOT NULL,
	text                TEXT    NOT NULL,
	lines               TEXT    NOT NULL,
	additional          TEXT    NOT NULL,
	bank_code           TEXT    NOT NULL,
	purpose             TEXT    NOT NULL,
	original            INTEGER,
	original_currency   TEXT    NOT NULL,
	charges             INTEGER NOT NULL,
	charge_bearer       TEXT    NOT NULL,
	cheque              TEXT    NOT NULL,
	return_reason       TEXT    NOT NULL,
	original_end_to_end TEXT    NOT NULL,
	whole               INTEGER NOT NULL,
	place               TEXT    NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT entry_identity UNIQUE (entity_id, account_id, fingerprint, occurrence),
	CONSTRAINT entry_occurrence CHECK (occurrence > 0)
) STRICT;

-- Returned payments are found by what the bank repeats of the original.
CREATE INDEX entry_end_to_end ON entry (entity_id, end_to_end_id) WHERE amount > 0 AND end_to_end_id NOT IN ('', 'NOTPROVIDED');
CREATE INDEX entry_mandate ON entry (entity_id, mandate_id) WHERE amount > 0 AND mandate_id NOT IN ('', 'NOTPROVIDED');
CREATE INDEX entry_transaction ON entry (entity_id, transaction_id) WHERE amount > 0 AND transaction_id NOT IN ('', 'NOTPROVIDED');
CREATE INDEX entry_bank_reference ON entry (entity_id, bank_reference) WHERE amount > 0 AND bank_reference NOT IN ('', 'NOTPROVIDED');

-- Records of a statement that did not become an entry of their own.
CREATE TABLE record (
	entity_id   TEXT    NOT NULL,
	statement   INTEGER NOT NULL,
	ordinal     INTEGER NOT NULL,
	kind        TEXT    NOT NULL,
	entry       INTEGER NOT NULL,
	fingerprint TEXT    NOT NULL,
	amount      INTEGER NOT NULL,
	booked      INTEGER NOT NULL,
	PRIMARY KEY (entity_id, statement, ordinal),
	CONSTRAINT record_kind CHECK (kind = 'duplicate' AND entry > 0 OR kind = 'pending' AND entry = 0)
) STRICT, WITHOUT ROWID;

-- Customers and items ----------------------------------------------------------------------------------------

CREATE TABLE customer (
	entity_id TEXT NOT NULL,
	code      TEXT NOT NULL,
	name      TEXT NOT NULL,
	ibans     TEXT NOT NULL,
	aliases   TEXT NOT NULL,
	email     TEXT NOT NULL,
	lump      TEXT NOT NULL,
	PRIMARY KEY (entity_id, code)
) STRICT, WITHOUT ROWID;

-- Keys of accounts, names and aliases under which a customer pays.
CREATE TABLE customer_key (
	entity_id TEXT NOT NULL,
	key       TEXT NOT NULL,
	customer  TEXT NOT NULL,
	PRIMARY KEY (entity_id, key, customer)
) STRICT, WITHOUT ROWID;

CREATE INDEX customer_key_customer ON customer_key (entity_id, customer);

CREATE TABLE customer_pays_for (
	entity_id TEXT    NOT NULL,
	customer  TEXT    NOT NULL,
	ordinal   INTEGER NOT NULL,
	other     TEXT    NOT NULL,
	PRIMARY KEY (entity_id, customer, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE item (
	entity_id        TEXT    NOT NULL,
	id               INTEGER NOT NULL,
	number           TEXT    NOT NULL,
	kind             TEXT    NOT NULL,
	side             TEXT    NOT NULL,
	customer         TEXT    NOT NULL,
	supplier         TEXT    NOT NULL, -- the customer of payables, else '': their numbers are the supplier's
	issue_day        INTEGER NOT NULL,
	due_day          INTEGER NOT NULL,
	currency         TEXT    NOT NULL,
	amount           INTEGER NOT NULL,
	settled          INTEGER NOT NULL,
	external         INTEGER NOT NULL, -- the part of it that was settled outside tieout
	reference        TEXT    NOT NULL,
	order_number     TEXT    NOT NULL,
	discount_percent TEXT    NOT NULL,
	discount_until   INTEGER NOT NULL,
	tax_rate         TEXT    NOT NULL,
	cancelled        INTEGER NOT NULL,
	paid_on          INTEGER NOT NULL,
	effective        INTEGER NOT NULL, -- day it counts from
	version          INTEGER NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT item_number UNIQUE (entity_id, number, side, supplier),
	CONSTRAINT item_kind CHECK (kind IN ('invoice', 'credit_note')),
	CONSTRAINT item_side CHECK (side IN ('receivable', 'payable')),
	CONSTRAINT item_settled CHECK (settled >= 0 AND settled <= amount),
	CONSTRAINT item_external CHECK (external >= 0 AND external <= settled),
	CONSTRAINT item_paid CHECK (paid_on = 0 OR settled = amount)
) STRICT, WITHOUT ROWID;

CREATE INDEX item_customer ON item (entity_id, customer);

CREATE TABLE item_key (
	entity_id TEXT    NOT NULL,
	key       TEXT    NOT NULL,
	item      INTEGER NOT NULL,
	PRIMARY KEY (entity_id, key, item)
) STRICT, WITHOUT ROWID;

-- How an item came into the books: its amount, and one row per later change of it. What was settled before it came is an
-- external application.
CREATE TABLE item_start (
	entity_id TEXT    NOT NULL,
	item      INTEGER NOT NULL,
	ordinal   INTEGER NOT NULL,
	amount    INTEGER NOT NULL,
	effective INTEGER NOT NULL,
	recorded  INTEGER NOT NULL,
	PRIMARY KEY (entity_id, item, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE instalment (
	entity_id    TEXT    NOT NULL,
	item         INTEGER NOT NULL,
	sequence     INTEGER NOT NULL,
	due_day      INTEGER NOT NULL,
	amount       INTEGER NOT NULL,
	method       TEXT    NOT NULL,
	account      TEXT    NOT NULL,
	check_number TEXT    NOT NULL,
	note         TEXT    NOT NULL,
	void         INTEGER NOT NULL,
	cleared      INTEGER NOT NULL,
	PRIMARY KEY (entity_id, item, sequence),
	CONSTRAINT instalment_amount CHECK (amount > 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE dispute (
	entity_id TEXT    NOT NULL,
	item      INTEGER NOT NULL,
	ordinal   INTEGER NOT NULL,
	since     INTEGER NOT NULL,
	amount    INTEGER NOT NULL,
	owner     TEXT    NOT NULL,
	reason    TEXT    NOT NULL,
	phrase    TEXT    NOT NULL,
	decision  INTEGER NOT NULL, -- that raised it, 0 where a person did
	opened    INTEGER NOT NULL,
	opener    TEXT    NOT NULL,
	closed    INTEGER,          -- NULL while open
	PRIMARY KEY (entity_id, item, ordinal)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX dispute_open ON dispute (entity_id, item) WHERE closed IS NULL;

CREATE TABLE import_batch (
	entity_id TEXT    NOT NULL,
	id        INTEGER NOT NULL,
	digest    TEXT    NOT NULL,
	as_of     INTEGER NOT NULL,
	snapshot  INTEGER NOT NULL,
	items     INTEGER NOT NULL,
	created   INTEGER NOT NULL,
	changed   INTEGER NOT NULL,
	external  INTEGER NOT NULL,
	actor     TEXT    NOT NULL,
	at        INTEGER NOT NULL,
	PRIMARY KEY (entity_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX import_batch_digest ON import_batch (entity_id, digest) WHERE digest <> '';

-- Money --------------------------------------------------------------------------------------------------------

-- state: 0 = the engine decides, 1 = decided, 2 = a person has it in hand.
CREATE TABLE receipt (
	entity_id  TEXT    NOT NULL,
	id         INTEGER NOT NULL, -- of its entry, or from the same counter where recorded by hand
	by_hand    INTEGER NOT NULL,
	account_id TEXT    NOT NULL,
	customer   TEXT    NOT NULL,
	currency   TEXT    NOT NULL,
	amount     INTEGER NOT NULL, -- not to be counted where it clears a payment recorded by hand, which has the money then
	allocated  INTEGER NOT NULL,
	refunded   INTEGER NOT NULL,
	day        INTEGER NOT NULL,
	effective  INTEGER NOT NULL,
	cleared_by INTEGER NOT NULL,
	clears     INTEGER NOT NULL,
	cleared_on INTEGER NOT NULL,
	returned   INTEGER NOT NULL,
	recorded   INTEGER NOT NULL,
	state      INTEGER NOT NULL,
	decision   INTEGER NOT NULL, -- in force, 0 while none
	PRIMARY KEY (entity_id, id),
	CONSTRAINT receipt_money CHECK (allocated >= 0 AND refunded >= 0 AND allocated + refunded <= amount),
	CONSTRAINT receipt_amount CHECK (amount > 0),
	CONSTRAINT receipt_clears CHECK (clears = 0 OR allocated = 0 AND refunded = 0 AND state = 1),
	CONSTRAINT receipt_state CHECK (state IN (0, 1, 2))
) STRICT, WITHOUT ROWID;

CREATE INDEX receipt_undecided ON receipt (entity_id, day) WHERE state = 0;
CREATE INDEX receipt_uncleared ON receipt (entity_id, id) WHERE by_hand = 1 AND cleared_by = 0;
CREATE UNIQUE INDEX receipt_clears_once ON receipt (entity_id, clears) WHERE clears <> 0;

-- What only payments recorded by hand have.
CREATE TABLE hand_payment (
	entity_id TEXT    NOT NULL,
	receipt   INTEGER NOT NULL,
	method    TEXT    NOT NULL,
	cheque    TEXT    NOT NULL,
	note      TEXT    NOT NULL,
	key       TEXT    NOT NULL,
	PRIMARY KEY (entity_id, receipt)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX hand_payment_key ON hand_payment (entity_id, key) WHERE key <> '';

-- Debits that take an earlier receipt back; id is that of the entry. Same states as receipt.
CREATE TABLE returned (
	entity_id TEXT    NOT NULL,
	id        INTEGER NOT NULL,
	amount    INTEGER NOT NULL,
	day       INTEGER NOT NULL,
	state     INTEGER NOT NULL,
	decision  INTEGER NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT returned_amount CHECK (amount > 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX returned_undecided ON returned (entity_id, day) WHERE state = 0;

-- Money on account or in advance; id is the application that put it there.
CREATE TABLE holding (
	entity_id    TEXT    NOT NULL,
	id           INTEGER NOT NULL,
	kind         TEXT    NOT NULL,
	receipt      INTEGER NOT NULL,
	customer     TEXT    NOT NULL,
	order_number TEXT    NOT NULL,
	currency     TEXT    NOT NULL,
	amount       INTEGER NOT NULL,
	allocated    INTEGER NOT NULL,
	effective    INTEGER NOT NULL,
	reversed     INTEGER NOT NULL, -- the application was taken back: there is no such money any more
	decision     INTEGER NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT holding_kind CHECK (kind IN ('on_account', 'advance')),
	CONSTRAINT holding_money CHECK (amount > 0 AND allocated >= 0 AND allocated <= amount),
	CONSTRAINT holding_reversed CHECK (reversed = 0 OR allocated = 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX holding_waiting ON holding (entity_id, id) WHERE kind = 'advance' AND reversed = 0 AND allocated < amount;

CREATE TABLE decision (
	entity_id   TEXT    NOT NULL,
	id          INTEGER NOT NULL,
	source_kind TEXT    NOT NULL,
	source_id   INTEGER NOT NULL,
	is_return   INTEGER NOT NULL,
	outcome     TEXT    NOT NULL,
	reason      TEXT    NOT NULL,
	score       INTEGER NOT NULL,
	margin      INTEGER NOT NULL,
	customer    TEXT    NOT NULL,
	clears      INTEGER NOT NULL,
	reverses    TEXT    NOT NULL, -- application ids, parted by blanks
	evidence    TEXT    NOT NULL,
	rejected    TEXT    NOT NULL, -- item:reason, parted by blanks
	rivals      TEXT    NOT NULL, -- receipt ids, parted by blanks
	ledger      TEXT    NOT NULL,
	note        TEXT    NOT NULL,
	digest      TEXT    NOT NULL,
	rules       TEXT    NOT NULL,
	actor       TEXT    NOT NULL,
	at          INTEGER NOT NULL,
	run         INTEGER NOT NULL,
	supersedes  INTEGER NOT NULL, -- 0 for the first of its source
	PRIMARY KEY (entity_id, id),
	-- One first decision per source, and one successor per decision: so at most one has none.
	CONSTRAINT decision_chain UNIQUE (entity_id, source_kind, source_id, supersedes)
) STRICT, WITHOUT ROWID;

CREATE TABLE shortfall (
	entity_id TEXT    NOT NULL,
	decision  INTEGER NOT NULL,
	ordinal   INTEGER NOT NULL,
	item      INTEGER NOT NULL,
	amount    INTEGER NOT NULL,
	why       TEXT    NOT NULL,
	phrase    TEXT    NOT NULL,
	next_day  INTEGER NOT NULL,
	PRIMARY KEY (entity_id, decision, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE proposal (
	entity_id  TEXT    NOT NULL,
	decision   INTEGER NOT NULL,
	ordinal    INTEGER NOT NULL,
	reason     TEXT    NOT NULL,
	score      INTEGER NOT NULL,
	customer   TEXT    NOT NULL,
	difference INTEGER NOT NULL,
	clears     INTEGER NOT NULL,
	reverses   TEXT    NOT NULL,
	evidence   TEXT    NOT NULL,
	PRIMARY KEY (entity_id, decision, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE proposal_line (
	entity_id    TEXT    NOT NULL,
	decision     INTEGER NOT NULL,
	proposal     INTEGER NOT NULL,
	ordinal      INTEGER NOT NULL,
	kind         TEXT    NOT NULL,
	item         INTEGER NOT NULL,
	credit_note  INTEGER NOT NULL,
	amount       INTEGER NOT NULL,
	tax          INTEGER NOT NULL,
	ledger       TEXT    NOT NULL,
	order_number TEXT    NOT NULL,
	PRIMARY KEY (entity_id, decision, proposal, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE application (
	entity_id    TEXT    NOT NULL,
	id           INTEGER NOT NULL,
	source_kind  TEXT    NOT NULL,
	source_id    INTEGER NOT NULL,
	receipt      INTEGER NOT NULL, -- whose decision made it, also through money on account and credit notes; 0 for imports
	item         INTEGER NOT NULL,
	kind         TEXT    NOT NULL,
	amount       INTEGER NOT NULL,
	tax          INTEGER NOT NULL,
	currency     TEXT    NOT NULL,
	customer     TEXT    NOT NULL,
	effective    INTEGER NOT NULL,
	original_day INTEGER NOT NULL,
	recorded     INTEGER NOT NULL,
	reason       TEXT    NOT NULL,
	actor        TEXT    NOT NULL,
	decision     INTEGER NOT NULL,
	reverses     INTEGER NOT NULL,
	ledger       TEXT    NOT NULL,
	order_number TEXT    NOT NULL,
	note         TEXT    NOT NULL,
	PRIMARY KEY (entity_id, id),
	CONSTRAINT application_amount CHECK (amount > 0 AND tax >= 0 AND tax <= amount),
	CONSTRAINT application_kind CHECK (kind IN ('payment', 'credit', 'discount', 'write_off', 'adjustment', 'gain',
		'bank_charge', 'withheld_tax', 'fx', 'on_account', 'advance', 'refund', 'external'))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX application_reverses ON application (entity_id, reverses) WHERE reverses > 0;
CREATE INDEX application_item ON application (entity_id, item) WHERE item > 0;
CREATE INDEX application_receipt ON application (entity_id, receipt) WHERE receipt > 0;
CREATE INDEX application_write_off ON application (entity_id, customer) WHERE kind = 'write_off';

-- The live write-offs: at most one for a receipt and an item.
CREATE TABLE write_off_live (
	entity_id   TEXT    NOT NULL,
	receipt     INTEGER NOT NULL,
	item        INTEGER NOT NULL,
	application INTEGER NOT NULL,
	PRIMARY KEY (entity_id, receipt, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE queue_case (
	entity_id TEXT    NOT NULL,
	id        INTEGER NOT NULL, -- of the receipt, or of the entry of a return
	is_return INTEGER NOT NULL,
	reason    TEXT    NOT NULL,
	score     INTEGER NOT NULL,
	proposals INTEGER NOT NULL,
	customer  TEXT    NOT NULL,
	opened    INTEGER NOT NULL,
	open      INTEGER NOT NULL,
	version   INTEGER NOT NULL, -- grows for ever, so that a stale view of an earlier case is recognised
	PRIMARY KEY (entity_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX queue_case_open ON queue_case (entity_id) WHERE open = 1;

CREATE TABLE declined (
	entity_id TEXT    NOT NULL,
	receipt   INTEGER NOT NULL,
	item      INTEGER NOT NULL,
	actor     TEXT    NOT NULL,
	at        INTEGER NOT NULL,
	PRIMARY KEY (entity_id, receipt, item)
) STRICT, WITHOUT ROWID;

-- Runs, books and audit ------------------------------------------------------------------------------------------

CREATE TABLE run (
	entity_id    TEXT    NOT NULL,
	id           INTEGER NOT NULL,
	rules        TEXT    NOT NULL,
	actor        TEXT    NOT NULL,
	started      INTEGER NOT NULL,
	finished     INTEGER,
	state        TEXT    NOT NULL,
	files        INTEGER NOT NULL,
	refused      INTEGER NOT NULL,
	held         INTEGER NOT NULL,
	entries      INTEGER NOT NULL,
	receipts     INTEGER NOT NULL,
	applied      INTEGER NOT NULL,
	queued       INTEGER NOT NULL,
	faults       INTEGER NOT NULL,
	PRIMARY KEY (entity_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE export_batch (
	entity_id          TEXT    NOT NULL,
	id                 INTEGER NOT NULL,
	kind               TEXT    NOT NULL,
	applications_after INTEGER NOT NULL, -- ranges of ids: exclusive at their start, inclusive at their end
	applications_until INTEGER NOT NULL,
	decisions_after    INTEGER NOT NULL,
	decisions_until    INTEGER NOT NULL,
	entries_after      INTEGER NOT NULL,
	entries_until      INTEGER NOT NULL,
	items_after        INTEGER NOT NULL,
	items_until        INTEGER NOT NULL,
	opened             INTEGER NOT NULL,
	written            INTEGER,          -- NULL until it stands complete in its file
	file               TEXT    NOT NULL,
	sha256             TEXT    NOT NULL,
	PRIMARY KEY (entity_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX export_batch_pending ON export_batch (entity_id, kind) WHERE written IS NULL;

CREATE TABLE period_close (
	entity_id TEXT    NOT NULL,
	until     INTEGER NOT NULL,
	actor     TEXT    NOT NULL,
	at        INTEGER NOT NULL,
	PRIMARY KEY (entity_id, until)
) STRICT, WITHOUT ROWID;

-- Postings of closed periods, frozen as they were derived when the period was closed.
CREATE TABLE posting (
	entity_id   TEXT    NOT NULL,
	until       INTEGER NOT NULL, -- of the period's close
	ordinal     INTEGER NOT NULL,
	day         INTEGER NOT NULL,
	ledger      TEXT    NOT NULL,
	currency    TEXT    NOT NULL,
	amount      INTEGER NOT NULL, -- debit positive
	entry       INTEGER NOT NULL,
	application INTEGER NOT NULL,
	item        INTEGER NOT NULL,
	customer    TEXT    NOT NULL,
	text        TEXT    NOT NULL,
	PRIMARY KEY (entity_id, until, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
	entity_id TEXT    NOT NULL,
	seq       INTEGER NOT NULL,
	canonical BLOB    NOT NULL,
	hash      BLOB    NOT NULL,
	PRIMARY KEY (entity_id, seq)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER audit_gap_free BEFORE INSERT ON audit
WHEN NEW.seq <> 1 + (SELECT coalesce(max(seq), 0) FROM audit WHERE entity_id = NEW.entity_id)
BEGIN SELECT RAISE(ABORT, 'audit rows follow each other without a gap'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER decision_supersedes BEFORE INSERT ON decision
WHEN NEW.supersedes <> 0 AND NOT EXISTS (SELECT 1 FROM decision AS d
	WHERE d.entity_id = NEW.entity_id AND d.id = NEW.supersedes AND d.source_kind = NEW.source_kind AND d.source_id = NEW.source_id)
BEGIN SELECT RAISE(ABORT, 'a decision supersedes one of the same source'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER application_no_double_reversal BEFORE INSERT ON application
WHEN NEW.reverses <> 0 AND NOT EXISTS (SELECT 1 FROM application AS a
	WHERE a.entity_id = NEW.entity_id AND a.id = NEW.reverses AND a.reverses = 0 AND a.kind = NEW.kind AND a.amount = NEW.amount)
BEGIN SELECT RAISE(ABORT, 'a reversal takes back the whole of one application that is no reversal'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER application_closed BEFORE INSERT ON application
WHEN NEW.effective <= (SELECT max(until) FROM period_close WHERE entity_id = NEW.entity_id)
BEGIN SELECT RAISE(ABORT, 'the books are closed for that day'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER entry_closed BEFORE INSERT ON entry
WHEN NEW.effective <= (SELECT max(until) FROM period_close WHERE entity_id = NEW.entity_id)
BEGIN SELECT RAISE(ABORT, 'the books are closed for that day'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER item_start_closed BEFORE INSERT ON item_start
WHEN NEW.effective <= (SELECT max(until) FROM period_close WHERE entity_id = NEW.entity_id)
BEGIN SELECT RAISE(ABORT, 'the books are closed for that day'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER application_no_update BEFORE UPDATE ON application
BEGIN SELECT RAISE(ABORT, 'application is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER application_no_delete BEFORE DELETE ON application
BEGIN SELECT RAISE(ABORT, 'application is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER decision_no_update BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'decision is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER decision_no_delete BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'decision is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER proposal_no_update BEFORE UPDATE ON proposal
BEGIN SELECT RAISE(ABORT, 'proposal is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER proposal_no_delete BEFORE DELETE ON proposal
BEGIN SELECT RAISE(ABORT, 'proposal is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER proposal_line_no_update BEFORE UPDATE ON proposal_line
BEGIN SELECT RAISE(ABORT, 'proposal_line is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER proposal_line_no_delete BEFORE DELETE ON proposal_line
BEGIN SELECT RAISE(ABORT, 'proposal_line is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER shortfall_no_update BEFORE UPDATE ON shortfall
BEGIN SELECT RAISE(ABORT, 'shortfall is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER shortfall_no_delete BEFORE DELETE ON shortfall
BEGIN SELECT RAISE(ABORT, 'shortfall is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER posting_no_update BEFORE UPDATE ON posting
BEGIN SELECT RAISE(ABORT, 'posting is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER posting_no_delete BEFORE DELETE ON posting
BEGIN SELECT RAISE(ABORT, 'posting is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER period_close_no_update BEFORE UPDATE ON period_close
BEGIN SELECT RAISE(ABORT, 'period_close is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER period_close_no_delete BEFORE DELETE ON period_close
BEGIN SELECT RAISE(ABORT, 'period_close is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER record_no_update BEFORE UPDATE ON record
BEGIN SELECT RAISE(ABORT, 'record is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER record_no_delete BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'record is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER item_start_no_update BEFORE UPDATE ON item_start
BEGIN SELECT RAISE(ABORT, 'item_start is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER item_start_no_delete BEFORE DELETE ON item_start
BEGIN SELECT RAISE(ABORT, 'item_start is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER rules_version_no_update BEFORE UPDATE ON rules_version
BEGIN SELECT RAISE(ABORT, 'rules_version is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER rules_version_no_delete BEFORE DELETE ON rules_version
BEGIN SELECT RAISE(ABORT, 'rules_version is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER file_sighting_no_update BEFORE UPDATE ON file_sighting
BEGIN SELECT RAISE(ABORT, 'file_sighting is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER file_sighting_no_delete BEFORE DELETE ON file_sighting
BEGIN SELECT RAISE(ABORT, 'file_sighting is append-only'); END;
-- +goose StatementEnd
