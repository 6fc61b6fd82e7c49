package recon

import "time"

// AliasKind says what an alias is.
type AliasKind string

// Kinds of alias.
const (
	AliasAccount AliasKind = "account" // an account number, normalised
	AliasName    AliasKind = "name"    // a name as banks write it
)

// Alias is a way in which a customer pays that decisions of people have taught.
type Alias struct {
	Kind  AliasKind
	Value string
}

// Lesson is what a person's decision about a receipt suggests of the customer it was decided for. It teaches nothing until
// somebody approves it.
type Lesson struct {
	Alias
	Keys   []string // payer keys under which the customer is found once it is approved
	Second bool     // somebody else than the one who decided must approve it
}

// AliasState is what became of a suggested alias.
type AliasState string

// States of an alias. A declined one is not suggested again; a person may still approve it.
const (
	AliasProposed AliasState = "proposed"
	AliasApproved AliasState = "approved"
	AliasDeclined AliasState = "declined"
)

// AliasRow is a suggested alias with what became of it.
type AliasRow struct {
	ID int64
	Alias
	Customer string
	State    AliasState
	Second   bool   // somebody else than its proposer must approve it
	Proposer string // who decided the first receipt that suggests it
	Proposed time.Time
	Decider  string // who approved or declined it, "" while nobody has
	Decided  time.Time
	Reason   string   // of the decider
	Receipts []int64  // decided so by people, whose applications stand; ascending
	Others   []string // customers for whom the same is suggested or approved: a shared one settles nothing
}
