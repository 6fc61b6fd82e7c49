package recon

// What a person asks for, from a terminal or the desk, and what became of it.

// Refused is a request of a person that the rules or the books do not allow: nothing was done.
type Refused struct {
	Problem
	Class RefusalClass
}

// RefusalClass says whose move it is after a refusal.
type RefusalClass int

// Classes of refusal.
const (
	RefusedInput     RefusalClass = iota // the request asks for what cannot be: write it differently
	RefusedConflict                      // somebody or something was faster: look again, then decide anew
	RefusedForbidden                     // this person may not do it: somebody else has to
)

// Error says what was refused and what to try.
func (r Refused) Error() string { return r.Problem.String() + "; " + r.Try }

// ItemAmount is an amount of an item as a person wrote it.
type ItemAmount struct {
	Number, Amount string
	Ledger         string `json:",omitempty"` // account of a write-off or adjustment, "" = that of the rules
}

// SeenItem is an item as a person saw it.
type SeenItem struct {
	Number  string
	Version int64
}

// Request is what a person wants done with a queued receipt: a proposal, or amounts by item.
type Request struct {
	Receipt   int64
	Version   int64        // of the case as the person saw it, 0 = as it is now
	Proposal  int          // from 1; 0 = the one that Plan names, or the amounts below
	Plan      string       // hash of the plan that the person saw: nothing else is done. "" = whatever comes of the request
	Seen      []SeenItem   // items as the person saw them: nothing is done where one of them changed
	Apply     []ItemAmount // what items fall by: money and credit notes together
	Credit    []ItemAmount // credit notes to use
	Discount  []ItemAmount
	WriteOff  []ItemAmount
	Adjust    []ItemAmount // larger differences, on an account that the person names
	Charge    []string     // withheld by banks on the way: each is booked on one of the items of Apply
	OnAccount []string
	Spread    []string // items that the whole receipt fills from top to bottom; the surplus is kept on account
	Refund    []string // to give back to the payer
	SetAside  bool     // it is no receipt
	Ledger    string   // account of what is set aside
	Customer  string   // whose money it is, where nothing else tells
	Shortfall string   // why items were paid in part: dispute, deduction, instalment; "" = what Reason says
	Reason    string
	NextDate  Date
}

// Done is what became of what a person asked for.
type Done struct {
	Proposal int64  // > 0: nothing was done yet, it waits for a second person under this id
	Why      string // it needs a second person
	Decision int64
	// Application is what an adjustment or a refund made, 0 for none.
	Application int64
	Undone      Undone
}

// Offer is a way to apply a queued receipt with the hash of its plan on the books as they are.
type Offer struct {
	Proposal
	Plan string
	Why  string // it needs a second person, "" where one is enough
}

// Offers are the ways to apply a queued receipt, worked out on the books as they are, best first.
type Offers struct {
	Decision // as the engine would decide the receipt now
	Offers   []Offer
	Changed  bool // they differ from those that were stored when the receipt was queued
}

// Preview is what a request would do.
type Preview struct {
	Plan       string // its hash
	Why        string // it needs a second person, "" where one is enough
	Customer   string
	Lines      []Line
	Shortfalls []Shortfall
	Items      []Item // that it touches, as they are before it
}

// HandPayment is a payment that a person saw elsewhere: cash, a cheque, a card.
type HandPayment struct {
	Number  string // of the item it pays
	Amount  string // "" = what is open
	Date    Date
	Account string // id of our account where its money will arrive; "" = the only one of the item's currency
	Method  string
	Cheque  string
	Note    string
}

// PaidByHand is what a payment recorded by hand did.
type PaidByHand struct {
	Receipt              int64
	Item                 Item // as it was before
	PaidMinor, RestMinor int64
	Problems             []Problem // warnings
}

// Undone is what an undo took back.
type Undone struct {
	Applications []int64 // taken back
	Counters     []int64 // the counter-entries that took them back
	Parted       int64   // the payment recorded by hand of which the entry is no longer the money, 0 for none
}
