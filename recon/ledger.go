package recon

import "time"

// Rows as they are kept, for proofs, journals and reports.

// FileState is what became of a file.
type FileState string

// File states.
const (
	FileRecorded FileState = "recorded" // archived and noted, not yet parsed
	FileBooked   FileState = "booked"
	FileHeld     FileState = "held"
	FileRefused  FileState = "refused"
	FileRejected FileState = "rejected" // held, and a person said no
)

// FileRow is a bank file received.
type FileRow struct {
	ID        int64
	Entity    string
	SHA256    string // lower-case hex; the archive's name for it
	Name      string // as received; shown escaped, never used as a path
	Size      int64
	Received  time.Time
	State     FileState
	Format    string
	Moved     string // folder the original was moved to, "" while it lies in the inbox
	Sightings int    // how often the same bytes came again
	Run       int64  // in which it was received, 0 outside runs
}

// FateKind is what became of one parsed record. Every record has exactly one.
type FateKind string

// Fates of a record.
const (
	FateNew       FateKind = "new"       // stored as an entry
	FateDuplicate FateKind = "duplicate" // is an entry that is stored already
	FatePending   FateKind = "pending"   // not booked by the bank: noted, never applied
)

// StatementRow is a stored statement without its entries.
type StatementRow struct {
	ID                      int64
	File                    int64
	Format                  string
	AccountID               string
	BankID                  string
	Sequence                string
	Page                    int // 0 where the bank does not page
	Currency                Currency
	From, To                Date
	FirstBooked, LastBooked Date
	Opening, Closing        *Balance
	Ties                    Proof
	Held                    bool
	Accepted                string
	Content                 string
	Records                 int // read
	New                     int // fates
	Duplicates              int
	Pending                 int
	CreditMinor, DebitMinor int64     // sums of its booked records, both positive
	StatedEntries           int       // -1 where not stated
	Recorded                time.Time // when it was booked, or held
	Run                     int64     // in which that was, 0 outside runs
	PartOf                  int64     // of a held page: the statement that it is part of by now, 0 for none
}

// EntryRow is a stored entry.
type EntryRow struct {
	ID          int64
	Statement   int64
	AccountID   string
	Fingerprint string
	Occurrence  int
	Class       Class
	Ledger      string
	Recorded    time.Time
	Effective   Date // its booking day, or the first open day if that period was closed when it came
	Entry
}

// ReceiptRow is a receipt with what became of its money.
type ReceiptRow struct {
	ID             int64 // that of its entry, or its own where recorded by hand
	ByHand         bool
	AccountID      string
	Customer       string
	Currency       Currency
	AmountMinor    int64
	AllocatedMinor int64 // moved by live applications other than refunds
	RefundedMinor  int64
	Date           Date
	Effective      Date
	Method, Cheque string
	ClearedBy      int64 // entry that brought the money of a payment recorded by hand, 0 while none
	Clears         int64 // receipt by hand whose money this entry is; it has no money of its own then
	ClearedOn      Date
	Returned       bool
	Recorded       time.Time
}

// Holding is money put on account or in advance; its id is the application that put it there.
type Holding struct {
	ID             int64
	Kind           SourceKind
	Receipt        int64
	Customer       string
	Order          string
	Currency       Currency
	AmountMinor    int64
	AllocatedMinor int64
}

// ItemStart is how an item came into the books, and how its amount changed later: one row each, which add up. What
// was settled before an item came is an external application, so that open = starts less live applications.
type ItemStart struct {
	Item      int64
	OpenMinor int64 // the whole amount at first, later by how much it changed (signed)
	Effective Date
	Recorded  time.Time
}

// RefundRow is money given back; its id is the application that took it from its source.
type RefundRow struct {
	ID          int64
	Source      Source
	Customer    string
	Currency    Currency
	AmountMinor int64
	Payee       string
	Account     string // of the payee
	Date        Date
	ClearedBy   int64 // entry by which the bank shows it, 0 while none
	ClearedOn   Date
	Reason      string
	Actor       string // who approved it
}

// DisputeOutcome says how a dispute ended.
type DisputeOutcome string

// Outcomes of a dispute. One that was replaced by another one, or whose decision was taken back, has none.
const (
	DisputeCredited  DisputeOutcome = "credited"  // a credit note was set against the item
	DisputeDue       DisputeOutcome = "due"       // in our favour: the amount is due again
	DisputeWithdrawn DisputeOutcome = "withdrawn" // by the customer
)

// DisputeRecord is a stored dispute, open or ended.
type DisputeRecord struct {
	Dispute
	Item    int64
	Opened  time.Time
	Opener  string
	Closed  time.Time // zero while open
	Closer  string
	Ended   Date // day on which it ended, 0 while open
	Outcome DisputeOutcome
	Answer  string
}

// DecisionRow is a stored decision.
type DecisionRow struct {
	ID         int64
	Receipt    int64
	Source     SourceKind
	Return     bool
	Outcome    Outcome
	Reason     Reason
	Score      int
	Customer   string
	Actor      string
	At         time.Time
	Run        int64
	Rules      string
	Supersedes int64 // 0 for the first
	Live       bool
	Ledger     string // of outcome set_aside: the account a person chose, "" where none was chosen
}

// PeriodRow is a close of the books.
type PeriodRow struct {
	Until    Date // last day of the period
	Ordinal  int  // 1, 2, …
	Postings int  // lines that were frozen
	Digest   string
	Audited  int64 // last audit row of the books that they were derived from
	Note     string
	Actor    string
	At       time.Time
}

// FrozenPosting is a line of the journal of a closed period, as it was when the period was closed.
type FrozenPosting struct {
	Until         Date // of the close
	Ordinal       int  // within it
	Day, Original Date
	Phase         int // phase, owner, effect and holder name the transaction
	Owner, Effect int64
	Holder        string
	Ledger        string
	Currency      Currency
	AmountMinor   int64 // a debit is positive
	Pocket        int   // what kind of money it is, as package books counts
	Entry         int64
	Application   int64
	Item          int64
	ItemNumber    string
	Customer      string
	Text          string
}

// RecordRow is a record that did not become an entry of its own, and what it is instead.
type RecordRow struct {
	Statement   int64
	Ordinal     int
	Kind        FateKind
	Entry       int64 // the entry that it duplicates, 0 for pending ones
	Fingerprint string
	AmountMinor int64
	Booked      Date
}

// AuditRow is one link of the chain: Hash = SHA-256(previous hash ‖ Canonical).
type AuditRow struct {
	Seq       int64
	Canonical []byte
	Hash      []byte
}
