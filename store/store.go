// Package store defines what tieout keeps and how it may change, in small interfaces per noun. Each method
// is one transaction: it has happened whole or not at all. No driver type crosses the interface; errors of
// the world come back wrapped, and the three that callers decide on are [ErrStale], [ErrDuplicate] and
// [ErrNotFound].
//
// Money moves only by conditional updates with a CHECK behind them; applications, decisions and audit rows are
// append-only, enforced by triggers. Every changing method writes exactly one audit row in its transaction,
// which names who acted ([Act]). Methods never read the clock: the caller says when.
package store

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/tieout/tieout/recon"
)

// Errors that callers decide on.
var (
	ErrStale     = errors.New("changed by somebody else in the meantime")
	ErrDuplicate = errors.New("exists already")
	ErrNotFound  = errors.New("not found")
	ErrLocked    = errors.New("another run is using this database")
	ErrClosed    = errors.New("the books are closed for that day")
	ErrOver      = errors.New("more than what is open")
	ErrFenced    = errors.New("another worker has taken over this work")
)

// Act says who changes something, when, and in which run (0 outside runs). With Approval, what is done was proposed by
// somebody else: the change and its approval by Actor happen together or not at all. The change then fails with ErrStale
// where the proposal is settled, and with ErrFourEyes where Actor proposed it. With Fences it is made under leases, and
// fails with ErrFenced where somebody else has taken one of them over.
type Act struct {
	Actor    string
	At       time.Time
	Run      int64
	Via      string // how a person acted, where it was not a terminal: session, role, address
	Approval int64  // id of the proposal that is carried out, 0 for none
	Fences   []Fence
}

// Store is everything that one database keeps for all entities.
type Store interface {
	Setup
	Files
	Statements
	Items
	Matching
	Queue
	Review
	Learning
	Browse
	Receivables
	Runs
	Schedules
	Leases
	Snapshots
	People
	Sessions
	Tokens
	Answers
	Events
	Close() error
}

// Setup prepares a database and its entities.
type Setup interface {
	// Migrate brings the schema to this program's version. A newer schema is refused.
	Migrate(ctx context.Context) error
	// SaveEntity stores an entity and its accounts; nothing happens where nothing changed.
	SaveEntity(ctx context.Context, act Act, entity Entity) error
	// Accounts lists the accounts of an entity by id.
	Accounts(ctx context.Context, entity string) ([]recon.Account, error)
	// SaveRules keeps a version of the rules with its text; nothing happens where it is known.
	SaveRules(ctx context.Context, act Act, entity, version, text string) error
	// LockPipeline takes the one pipeline lock of the database until release is called or the process dies.
	// It fails with ErrLocked at once where somebody has it.
	LockPipeline(ctx context.Context) (release func() error, err error)
	// LockWorker takes the place of the long-running worker until release is called or the process dies. Where the database
	// is a file there is one such place, and it fails with ErrLocked at once where it is taken; a server has room for any number.
	LockWorker(ctx context.Context) (release func() error, err error)
}

// Entity is a company whose books are kept.
type Entity struct {
	ID, Name     string
	BaseCurrency recon.Currency
	Accounts     []recon.Account
}

// Files keeps every file that was received and what became of it.
type Files interface {
	// RecordFile notes a received file by its content. Where the content is known it returns the known file and
	// created = false. It is noted as a sighting of that file if it comes under another name, or after the original
	// was moved: before, it is the original itself, seen again by a run that follows a crash.
	RecordFile(ctx context.Context, act Act, file recon.FileRow) (recorded recon.FileRow, created bool, err error)
	// NoteAttempt notes that a file without an outcome, or one that was refused, is read once more, and returns how often that was
	// so since its last outcome: what brings the program down must not be read for ever.
	NoteAttempt(ctx context.Context, act Act, entity string, file int64) (attempts int, err error)
	// SaveOutcome stores what became of a recorded, held or formerly refused file: its state, its problems (those of the file, then
	// those of its statements), and its statements, booked or held. All of it or nothing. Of a held file,
	// statements booked before are left alone (their records are passed over), held ones that are booked now take their entries,
	// and held ones that the outcome does not name stay held. What is still held may be said in other problems. The pages of a
	// statement that is put together are part of it from now on, and files that it completes are booked. ErrStale: the file has an
	// outcome already that this one does not take further, an entry's occurrence was taken by somebody else since the neighbours
	// were read, or a page does not wait any more.
	SaveOutcome(ctx context.Context, act Act, outcome Outcome) error
	// MarkMoved notes the folder into which the original was moved.
	MarkMoved(ctx context.Context, act Act, entity string, file int64, folder string) error
	// RejectFile decides that a held file will never be booked. ErrStale unless it is held.
	RejectFile(ctx context.Context, act Act, entity string, file int64, reason string) error
	// File returns one file with its problems and statements.
	File(ctx context.Context, entity string, file int64) (FileDetail, error)
	// Files lists files by id, newest first where limit > 0 (the last `limit` ones).
	Files(ctx context.Context, entity string, limit int) ([]recon.FileRow, error)
}

// FileDetail is a file with what is known about it.
type FileDetail struct {
	recon.FileRow
	Problems   []recon.Problem
	Statements []recon.StatementRow
}

// Outcome is what became of a file.
type Outcome struct {
	Entity     string
	File       int64
	State      recon.FileState
	Format     string
	Problems   []recon.Problem
	Statements []StatementOutcome
	// Records yields the records of the statements that are not held: statement by statement, in each the bank's order. It may be nil
	// where there are none. It is ranged over within the transaction, so a file of any size is never in memory whole; an engine
	// that begins a transaction anew ranges over it anew. Engines read it through [Outcome.Checked].
	Records iter.Seq2[Record, error]
	// Completes are other held files that wait for nothing any more: all their pages are part of statements booked here or before.
	Completes []Completion
}

// Completion is a held file that is booked with another one's outcome, and the problems that it is left with.
type Completion struct {
	File     int64
	Problems []recon.Problem
}

// StatementOutcome is one statement to store: its row, complete but for what the store gives (ID, File, Recorded, Run). What the
// row counts and adds up is that of its records; a held statement counts no fates and yields no records.
type StatementOutcome struct {
	recon.StatementRow // AccountID is "" where the account is unknown (then it is held)
	Problems           []recon.Problem
	Parts              []int64 // held pages, of this file and others, that it is put together from
}

// Record is one record of a statement that is booked, with its fate. The entry is only lent: it is another one with the next record.
type Record struct {
	Statement int // index in Outcome.Statements
	Entry     *recon.Entry
	Fate
}

// Fate is what becomes of one record of a statement.
type Fate struct {
	Kind        recon.FateKind
	Fingerprint recon.Fingerprint
	Occurrence  int // 1, 2, … among entries of the account with that fingerprint
	Class       recon.Class
	Ledger      string // where a non-receipt is posted, "" = the class's default
}

// Statements answers what the banks said.
type Statements interface {
	// Neighbours returns the statements of an account, held ones too, that have an entry booked in [from, to], or whose period
	// overlaps it, by id. Those of rejected files, and pages that are part of a statement, are left out.
	Neighbours(ctx context.Context, entity, account string, from, to recon.Date) ([]Neighbour, error)
	// Contents returns what the booked records of a statement say on the days from from to to, in the order of fingerprints. Held
	// statements have none.
	Contents(ctx context.Context, entity string, statement int64, from, to recon.Date) ([]Content, error)
	// EntriesLike returns for each fingerprint the first entry of an account that has it; none where no entry has.
	EntriesLike(ctx context.Context, entity, account string, prints []recon.Fingerprint) ([]recon.EntryRow, error)
	// Pages lists the pages of an account that wait for others or are part of a statement by now, by id. Those of rejected files are
	// left out.
	Pages(ctx context.Context, entity, account string) ([]recon.StatementRow, error)
	// Statements lists the statements of an entity by account, period and id, without pages that are part of one of them.
	Statements(ctx context.Context, entity string) ([]recon.StatementRow, error)
}

// Neighbour is a stored statement that may share entries with a new one.
type Neighbour struct {
	recon.StatementRow
	Days map[recon.Date]int64 // booking day -> sum of its booked records, of all its days; nil of a held one
}

// Content is one content of a statement's booked records.
type Content struct {
	recon.Fingerprint
	Count  int32 // how often it occurs in the statement
	Stored int32 // how many of these became entries with it; the others repeat entries of other statements
}

// Items keeps open items and customers.
type Items interface {
	// ItemsByNumber returns the items of an entity with these numbers (payables too), by number.
	ItemsByNumber(ctx context.Context, entity string, numbers []string) ([]recon.Item, error)
	// SaveItems stores new and changed items, and external settlements, of one import. ErrStale: a
	// version changed since it was read. Its Digest makes a repeated import a no-op that returns ErrDuplicate.
	SaveItems(ctx context.Context, act Act, changes ItemChanges) error
	// SaveCustomers inserts or updates customers by code with their payer keys.
	SaveCustomers(ctx context.Context, act Act, entity string, customers []KeyedCustomer) error
	// SaveInstalments replaces the payment plans of the items named.
	SaveInstalments(ctx context.Context, act Act, entity string, plans []InstalmentPlan) error
	// SaveDisputes opens disputes on items.
	SaveDisputes(ctx context.Context, act Act, entity string, disputes []ItemDispute) error
	// Items lists items by customer, due date, number; with open only, or all.
	Items(ctx context.Context, entity string, filter ItemFilter) ([]recon.Item, error)
	// Customers lists customers by code.
	Customers(ctx context.Context, entity string) ([]recon.Customer, error)
	// LastImport returns the as-of day and the number of items of the last snapshot import, zero where none was.
	LastImport(ctx context.Context, entity string) (asOf recon.Date, items int, err error)
}

// ItemChanges is one import of open items, planned by the worker.
type ItemChanges struct {
	Entity   string
	AsOf     recon.Date
	Snapshot bool
	Digest   string // of the file's content
	New      []NewItem
	Changed  []KeyedItem // by ID and Version; OpenMinor and the amounts moved are not touched
	External []Settled   // fell by a settlement outside tieout
	Count    int         // items the file named
}

// KeyedItem is an item with the reference keys under which it is found.
type KeyedItem struct {
	recon.Item
	Keys []string
}

// NewItem is an item seen for the first time: the part of its amount that is not open was settled elsewhere.
type NewItem struct {
	KeyedItem
	Effective recon.Date // day it counts from: its issue date, else the import's day
}

// Settled says that an item fell by an amount outside tieout.
type Settled struct {
	Item        int64
	AmountMinor int64
	Effective   recon.Date
}

// KeyedCustomer is a customer with the payer keys under which it is found.
type KeyedCustomer struct {
	recon.Customer
	Keys []string
}

// InstalmentPlan is the payment plan of an item.
type InstalmentPlan struct {
	Item        int64
	Instalments []recon.Instalment
}

// ItemDispute opens a dispute on an item.
type ItemDispute struct {
	Item    int64
	Dispute recon.Dispute
}

// ItemFilter narrows Items; zero fields do not narrow.
type ItemFilter struct {
	OpenOnly bool
	Customer string
	Currency recon.Currency
	IDs      []int64
}

// Matching hands the matcher its work and stores its plans.
type Matching interface {
	// Undecided returns receipts and returns without a final decision, and advances whose money is not yet placed, by
	// booking day and id. Cases that a person has put hands on are left out.
	Undecided(ctx context.Context, entity string) ([]recon.Receipt, []recon.Return, error)
	// Waiting returns those of some receipts and returns that have money to decide, in anybody's hands, by booking day and id.
	Waiting(ctx context.Context, entity string, receipts []int64) ([]recon.Receipt, []recon.Return, error)
	// UndecidedAmong returns those of some receipts, advances and returns (by entry) that Undecided would return.
	UndecidedAmong(ctx context.Context, entity string, sources []recon.Source, returns []int64) ([]recon.Receipt, []recon.Return, error)
	// LoadBook returns what the keys can touch.
	LoadBook(ctx context.Context, entity string, keys recon.Keys) (recon.Book, error)
	// SavePlan applies or queues each decision, all in one transaction; decisions whose digest equals the standing
	// one change nothing. Those that no longer fit what is stored come back in Report.Stale, undecided. A receipt that a
	// return takes back before it paid anything (outcome reversed) is decided with that return, in whichever plan that
	// is; alone it changes nothing.
	SavePlan(ctx context.Context, act Act, plan recon.Plan) (PlanReport, error)
}

// PlanReport says what became of the decisions of a plan. Applied counts every final outcome: auto, reversed, cleared
// and set aside.
type PlanReport struct {
	Applied, Queued, Unchanged int
	Stale                      []recon.Source
}

// Queue is the exception queue and what people do by hand.
type Queue interface {
	// Cases lists open cases: those that the query's filter leaves, in its order, a page of them.
	Cases(ctx context.Context, entity string, query CaseQuery) ([]Case, error)
	// Entry returns one entry of a statement, whatever its class. ErrNotFound.
	Entry(ctx context.Context, entity string, id int64) (recon.EntryRow, error)
	// Decision returns the decision in force on a receipt or return, with its entry. ErrNotFound.
	Decision(ctx context.Context, entity string, receipt int64) (DecisionDetail, error)
	// Resolve applies a person's decision to a receipt or return. What its lines leave stays in the queue, in the
	// person's hands. The resolution that is in force already returns its decision. ErrStale where the case's version
	// is not Version, an item is not as it was seen, or the receipt is decided; ErrOver where a line exceeds what is open or left; ErrNotFound.
	Resolve(ctx context.Context, act Act, resolution Resolution) (decision int64, err error)
	// Release gives a receipt that a person set aside, cleared with a payment by hand, or applied in part back to the
	// engine. ErrStale where nothing of it is in a person's hands.
	Release(ctx context.Context, act Act, entity string, receipt int64) error
	// RecordPayment stores a payment that a person saw elsewhere and applies it; what its lines leave waits in the queue.
	// ErrOver where a line exceeds what is open or left. The same payment with the same key returns the receipt it
	// made; another one with that key is ErrDuplicate.
	RecordPayment(ctx context.Context, act Act, payment RecordedPayment) (receipt int64, err error)
	// Undo reverses live applications by counter-entries on their own day, or the first open one. A payment takes along
	// what only explained why it was short (discount, write-off, charge, tax, exchange difference of the same receipt
	// and item: those of its decision, and all where the receipt pays nothing of the item any more); these can be undone
	// alone. Receipts whose money comes free return to the queue, and the pairs are declined. ErrStale where one is
	// reversed already, or put money on account that was used since; ErrNotFound. It returns the ids of all new rows, the
	// latest undone first.
	Undo(ctx context.Context, act Act, entity string, applications []int64, reason string) ([]int64, error)
	// ApplicationsOf returns the applications of a receipt (of its money put on account or in advance too), by id.
	ApplicationsOf(ctx context.Context, entity string, receipt int64) ([]recon.Application, error)
	// Application returns one application. ErrNotFound.
	Application(ctx context.Context, entity string, application int64) (recon.Application, error)
}

// Case is a receipt in the exception queue.
type Case struct {
	Receipt     int64
	Return      bool
	AccountID   string
	Booked      recon.Date
	Currency    recon.Currency
	AmountMinor int64  // still to decide
	Payer       string // name as the bank gave it
	Customer    string // known payer, or ""
	Text        string
	Reason      recon.Reason
	Score       int
	Proposals   int
	Opened      time.Time
	Version     int64
	Assignee    string     // who has it to do, "" for nobody
	Snoozed     recon.Date // it is out of sight before this day, 0 = in sight
	Pending     bool       // a proposal about it waits for a second person
}

// DecisionDetail is a decision with what it was about.
type DecisionDetail struct {
	ID       int64
	Decision recon.Decision
	Actor    string
	At       time.Time
	Run      int64
	Rules    string
	Note     string
	Case     *Case // nil where it is not in the queue
	// Uncleared says that this is a payment recorded by hand whose money no bank entry has shown yet.
	Uncleared bool
	ClearedBy int64      // entry that brought the money of this payment recorded by hand, 0 for none
	ClearedOn recon.Date // its booking day
	Method    string     // of a payment recorded by hand
	Entry     recon.EntryRow
}

// Resolution is a person's decision about a receipt.
type Resolution struct {
	Entity     string
	Receipt    int64
	Version    int64 // of the case as the person saw it; 0 where the terminal just read it
	Customer   string
	Lines      []recon.Line
	SetAside   bool // no lines: put aside with Ledger as its account
	Ledger     string
	Reverses   []int64 // of a return: the applications it takes back; with Clears alone, all that the receipt has
	Clears     int64   // receipt recorded by hand of which this is the bank's side; of a return: the receipt it takes back
	Shortfalls []recon.Shortfall
	Lessons    []recon.Lesson // what it suggests of its customer
	Seen       []SeenItem     // items as the person saw them
	Reason     string         // why, in the person's words
	Digest     string         // what was shown: equal resolutions of one case are one effect
}

// SeenItem is the version of an item that a person saw.
type SeenItem struct{ ID, Version int64 }

// RecordedPayment is a payment that a person records by hand.
type RecordedPayment struct {
	Entity      string
	AccountID   string
	Customer    string
	Currency    recon.Currency
	AmountMinor int64
	Date        recon.Date
	Method      string
	Cheque      string
	Lines       []recon.Line
	Note        string
	Key         string // idempotency key, "" for none
}

// Runs keeps executions of the nightly job and what they exported.
type Runs interface {
	StartRun(ctx context.Context, act Act, entity, rules string) (int64, error)
	FinishRun(ctx context.Context, act Act, entity string, run int64, state string, stats RunStats) error
	Runs(ctx context.Context, entity string, limit int) ([]Run, error)
	// Run returns one execution. ErrNotFound.
	Run(ctx context.Context, entity string, run int64) (Run, error)
	// InterruptRuns notes that runs which did not finish never will: their processes died. The caller holds the pipeline lock. It
	// returns how many there were.
	InterruptRuns(ctx context.Context, act Act, entity string) (int, error)
	// OpenBatch returns the export batch of a kind that is not written yet, opening one over all that was recorded since the
	// last, or ok = false where there is nothing new.
	OpenBatch(ctx context.Context, act Act, entity, kind string) (batch Batch, ok bool, err error)
	// MarkWritten notes that a batch stands complete in its file.
	MarkWritten(ctx context.Context, act Act, entity string, batch int64, file, sha256 string) error
}

// RunStats counts what a run did.
type RunStats struct {
	Files, Refused, Held, Entries, Receipts, Applied, Queued, Faults int
}

// Run is one execution of the nightly job.
type Run struct {
	ID       int64
	Rules    string
	Actor    string
	Started  time.Time
	Finished time.Time // zero while it runs, or where it died
	State    string    // running, done, failed, interrupted
	Stats    RunStats
}

// Batch is what was recorded between two moments, exported as one file: ranges of ids, exclusive at their start and
// inclusive at their end. Equal ranges give equal bytes.
type Batch struct {
	ID                                   int64
	Kind                                 string
	ApplicationsAfter, ApplicationsUntil int64
	DecisionsAfter, DecisionsUntil       int64
	EntriesAfter, EntriesUntil           int64 // payments recorded by hand have ids of entries
	ItemsAfter, ItemsUntil               int64
	ClosesAfter, ClosesUntil             int64 // ordinals of closes of periods
}

// Snapshots reads everything at one instant: for proofs, journals and reports.
type Snapshots interface {
	// Snapshot calls read with a view of one consistent state.
	Snapshot(ctx context.Context, entity string, read func(View) error) error
}

// View is one consistent state of an entity. Sequences come in ascending id; a broken read ends them with an error.
type View interface {
	History
	Accounts() ([]recon.Account, error)
	Statements() ([]recon.StatementRow, error)
	// Entries yields what proofs and journals need of each entry: without remittance texts and references of the payer.
	Entries() iter.Seq2[recon.EntryRow, error]
	Receipts() iter.Seq2[recon.ReceiptRow, error]
	Holdings() iter.Seq2[recon.Holding, error]
	Items() iter.Seq2[recon.Item, error]
	ItemStarts() iter.Seq2[recon.ItemStart, error]
	Customers() ([]recon.Customer, error)
	Applications() iter.Seq2[recon.Application, error]
	// Decisions yields every decision, superseded ones too, without proposals.
	Decisions() iter.Seq2[recon.DecisionRow, error]
	Files() ([]recon.FileRow, error)
	Records() iter.Seq2[recon.RecordRow, error]
	Audit() iter.Seq2[recon.AuditRow, error]
	// Disputes yields open and ended ones, by item and order.
	Disputes() iter.Seq2[recon.DisputeRecord, error]
	// Periods lists the closes, earliest first.
	Periods() ([]recon.PeriodRow, error)
	// Frozen yields the journal of the closed periods, by transaction (phase, owner, effect, holder), close and ordinal.
	Frozen() iter.Seq2[recon.FrozenPosting, error]
	// Audited is the number of the last audit row.
	Audited() (int64, error)
	// ClosedUntil is the last closed day, 0 where no period is closed.
	ClosedUntil() (recon.Date, error)
	// Schema says what the database itself enforces: names of triggers and checks that are missing come back.
	Missing() ([]string, error)
}
