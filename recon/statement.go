package recon

// Proof says what the balances of a statement prove.
type Proof int8

// Proofs.
const (
	Unproved Proof = iota // a balance is missing: nothing can be proved
	Ties                  // opening + booked entries = closing
	Broken                // they differ
)

// Statement is what a bank says about one account over some days.
type Statement struct {
	ID            string // the bank's own id; not unique, ids come again in the wild
	Account       string // IBAN or the bank's other identification, without blanks; "" where a CSV does not name it
	Currency      Currency
	Sequence      string // electronic, else legal sequence number
	Page          *Page  // nil where the bank sends one page
	From, To      Date   // period covered; 0 where not said
	Created       string // creation instant as the bank wrote it
	CopyDuplicate string // CpyDplctInd: CODU, COPY, DUPL or ""
	Opening       *Balance
	Closing       *Balance
	Ties          Proof
	Entries       []Entry
	Counts        Counts
	Problems      []Problem // of this statement alone; file problems stand in Document
	Place         string    // where the statement stands in its file: "Stmt[1]"; "" where it is the whole file
	// Of a page alone: the balances before its first entry and behind its last one (ITBD, OIBD, SubTp INTM).
	InterimOpening, InterimClosing *Balance
}

// Page is one page of a statement that comes in several, or several that follow one another.
type Page struct {
	Number    int
	Last      bool
	First     int  // where pages First to Number are here; 0 for one page
	OfMessage bool // the bank numbers messages (MsgPgntn), of which the statement may need one alone
}

// Balance is a signed balance on a day.
type Balance struct {
	AmountMinor int64
	Date        Date
}

// Counts is the bank's own summary of a statement; Given says which numbers it stated.
type Counts struct {
	Entries                  int   // records read by us: Ntry elements or CSV rows
	StatedEntries            int   // NbOfNtries, -1 where not stated
	StatedCreditMinor        int64 // TtlCdtNtries/Sum, -1 where not stated
	StatedDebitMinor         int64 // TtlDbtNtries/Sum, -1 where not stated
	IgnoredPending, Rejected int   // records that are not booked, or unreadable
}

// EntryStatus is the bank's word on an entry.
type EntryStatus string

// Entry statuses. Only booked entries count.
const (
	Booked  EntryStatus = "booked"
	Pending EntryStatus = "pending"
	Info    EntryStatus = "info"
	Future  EntryStatus = "future"
)

// Party is the other side of an entry.
type Party struct {
	Name    string
	Account string // IBAN or the bank's own number, without blanks
}

// Entry is one movement on the account. A batch-booked entry whose details are complete becomes one
// Entry per detail, all with the same Batch.
type Entry struct {
	AmountMinor      int64 // signed, in the account's currency; a credit is positive
	Currency         Currency
	Booked, Value    Date
	Status           EntryStatus
	Reversal         bool   // RvslInd; never flips the sign
	BankReference    string // AcctSvcrRef, the detail's own where it has one
	EntryReference   string // NtryRef
	Batch            string // names the bank's entry within the statement, "" outside a batch
	Counterparty     Party
	Ultimate         string // ultimate party of the counterparty's side
	Structured       []string
	DocumentNumbers  []string
	EndToEndID       string
	MandateID        string
	TransactionID    string // TxId, UETR or ClrSysRef, for finding returned payments
	Text             string // unstructured remittance lines joined with one space
	Lines            []string
	Additional       string // the bank's additional information
	BankCode         string // domain/family/sub-family, else the proprietary code
	Purpose          string
	Original         *Money // instructed amount where it differs in currency or value
	ChargesMinor     int64  // charges the bank stated on this entry
	ChargeBearer     string
	Cheque           string
	ReturnReason     string // code of RtrInf, for example AC04
	OriginalEndToEnd string // of a return: the original's end-to-end id where stated apart
	// Whole says that details exist but contradict the entry, so it was kept whole and may not be
	// applied unattended.
	Whole bool
	// Place is where the record stands in its file: "Stmt[1]/Ntry[3]/TxDtls[2]" or "row 12".
	Place string
}

// Document is one parsed file.
type Document struct {
	Format     string // "camt.053.001.08", "csv:<profile>"; "" where nobody could tell
	Statements []Statement
	Problems   []Problem
}

// AllProblems returns the problems of the file and then those of its statements, never nil.
func (d *Document) AllProblems() []Problem {
	all := append([]Problem{}, d.Problems...)
	for i := range d.Statements {
		all = append(all, d.Statements[i].Problems...)
	}
	return all
}
