package recon

// What a person asks for about open items and money beside the queue.

// Fund is money that a person can place: on account, in advance, a credit note, or a receipt that waits in the queue.
type Fund struct {
	Source      Source
	Number      string // of a credit note
	Side        Side
	Receipt     int64 // that brought the money, 0 of a credit note
	Customer    string
	Order       string
	Currency    Currency
	AmountMinor int64
	LeftMinor   int64
	Day         Date  // from which it is there
	Standing    int64 // decision in force on it, 0 where there is none
}

// Placement is how a person places money that waits outside the queue.
type Placement struct {
	Source   string       // the application that put money aside, as a42, or the number of a credit note
	Apply    []ItemAmount // in the order in which they are paid
	Spread   string       // an amount that fills the items Over from top to bottom; "" = all that is left
	Over     []string
	Standing int64 // decision in force on the money as the person saw it; 0 where the terminal just reads it
	Date     Date  // 0 = today
	Reason   string
}

// Placed is what a placement did.
type Placed struct {
	Decision  int64
	Fund      Fund // as it was before
	Lines     []Line
	RestMinor int64 // stays where it was
}

// Adjusting is a difference that a person takes on an account of the ledger, because no rule may.
type Adjusting struct {
	Number  string // of the item, an invoice or a credit note
	Side    Side
	Version int64  // of the item as the person saw it; 0 where the terminal just reads it
	Amount  string // "" = what is open
	Ledger  string // "" = the rules' account for adjustments
	Date    Date   // 0 = today
	Reason  string
}

// Refunding is money that a person wants to give back.
type Refunding struct {
	Source  string // a42, the number of a credit note, or the number of a receipt in the queue
	Amount  string // "" = what is left
	Account string // of the payee; "" = where the money came from
	Payee   string // "" = who paid
	Date    Date   // 0 = today
	Reason  string
}

// Disputing opens a dispute about an item, or changes the one that is open.
type Disputing struct {
	Number  string
	Side    Side
	Version int64  // of the item as the person saw it; 0 where the terminal just reads it
	Amount  string // in question; "" = all that is open
	Owner   string // who settles it with the customer; "" leaves it as it is
	Since   Date   // 0 = today
	Reason  string
	Agreed  bool // a credit is promised and still to come
}

// Ending ends a dispute about an item.
type Ending struct {
	Number  string
	Side    Side
	Version int64
	Outcome DisputeOutcome
	Credit  string // number of the credit note that ends it
	Amount  string // of the credit; "" = the amount in question, at most what the note has
	Date    Date   // 0 = today
	Answer  string // in words
}

// Planning edits the payment plan of an item, in this order: lines are made void, removed, changed, added, and what then remains is
// split equally. What comes of it must be whole, else nothing is changed.
type Planning struct {
	Number  string
	Side    Side
	Version int64 // of the item as the person saw it; 0 where the terminal just reads it
	Void    []int // sequences
	Remove  []int // sequences
	Clear   bool  // remove every line that may still change
	Change  []PlanLine
	Add     []PlanLine
	Parts   int // into which what remains is split, 0 for none
	From    Date
	To      Date
	Terms   PlanLine // method, account, cheque and note of the parts
}

// PlanLine is one line of a plan as a person wrote it. Of a change, what is empty stays as it is.
type PlanLine struct {
	Sequence int // of a change
	DueDate  Date
	Amount   string
	Method   string
	Account  string
	Cheque   string
	Note     string
}

// Planned is the plan of an item.
type Planned struct {
	Item  Item // with the plan as it is then
	Saved bool
}
