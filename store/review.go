package store

import (
	"context"
	"errors"
	"time"

	"github.com/tieout/tieout/recon"
)

// ErrFourEyes says that the wrong one of two people settles a proposal: its proposer approves or declines it, or somebody
// else withdraws it.
var ErrFourEyes = errors.New("it takes two people")

// Review keeps the work of people around cases, and what needs a second person.
type Review interface {
	// CaseCounts counts the open cases that a filter leaves, by currency and reason.
	CaseCounts(ctx context.Context, entity string, filter CaseFilter) ([]CaseCount, error)
	// BestProposals returns the first proposal of each of some receipts and returns, those that have one.
	BestProposals(ctx context.Context, entity string, receipts []int64) (map[int64]recon.Proposal, error)
	// CaseWork returns what people noted and proposed about a receipt or return, and who has it open at an instant.
	CaseWork(ctx context.Context, entity string, receipt int64, now time.Time) (CaseWork, error)
	// Assign gives an open case to a person, "" to nobody. Nothing happens where the person has it. ErrNotFound where
	// no case is open.
	Assign(ctx context.Context, act Act, entity string, receipt int64, person string) error
	// Snooze puts an open case out of sight before a day, 0 back into sight. ErrNotFound where no case is open.
	Snooze(ctx context.Context, act Act, entity string, receipt int64, until recon.Date) error
	// AddNote adds a note to a receipt or return; notes stay for ever. ErrNotFound.
	AddNote(ctx context.Context, act Act, entity string, receipt int64, text string) error
	// Attend notes that a person has a case open until an instant, a past one that they left it. It changes nothing of the
	// books and leaves no audit row.
	Attend(ctx context.Context, entity string, receipt int64, person string, until time.Time) error

	// Propose stores what needs a second person and returns its id. The same plan proposed by the same person, while it is
	// pending, returns the proposal that is there.
	Propose(ctx context.Context, act Act, proposed Approval) (int64, error)
	// Approval returns one proposal. ErrNotFound.
	Approval(ctx context.Context, entity string, id int64) (Approval, error)
	// Approvals lists proposals, newest first.
	Approvals(ctx context.Context, entity string, filter ApprovalFilter) ([]Approval, error)
	// Settle ends a pending proposal without carrying it out: declined by somebody else, or withdrawn by its proposer. What is
	// approved is settled by the method that carries it out, through [Act]. ErrStale where it is settled, ErrFourEyes,
	// ErrNotFound.
	Settle(ctx context.Context, act Act, entity string, id int64, state ApprovalState, reason string) error
}

// CaseFilter narrows the queue; zero fields do not narrow.
type CaseFilter struct {
	Reason     recon.Reason
	Customer   string
	Payer      string // name as the bank gave it
	Currency   recon.Currency
	AccountID  string
	Assignee   string
	Unassigned bool
	Returns    bool  // returns alone
	MinMinor   int64 // amounts still to decide
	MaxMinor   int64
	Search     string // part of payer, customer or remittance text, case ignored; or the id of a receipt
	// SearchMinor is the amount that Search may also mean.
	SearchMinor int64
	Receipts    []int64 // these alone; nil = all
	// Snoozed says what is shown of cases that are out of sight on the day Today.
	Snoozed Snoozed
	Today   recon.Date
}

// Snoozed says what is shown of cases that are out of sight.
type Snoozed int

// What is shown of snoozed cases.
const (
	WithSnoozed Snoozed = iota
	WithoutSnoozed
	OnlySnoozed
)

// CaseOrder is an order of the queue; equal ones follow by receipt.
type CaseOrder string

// Orders of the queue. The empty one is by value.
const (
	ByValue  CaseOrder = "value"  // largest amount first
	ByAge    CaseOrder = "age"    // longest waiting first
	ByReason CaseOrder = "reason" // by reason, then largest amount first
)

// CaseQuery asks for a page of the queue.
type CaseQuery struct {
	Filter CaseFilter
	Order  CaseOrder
	After  *Case // the last case of the page before, nil for the first page
	Limit  int   // 0 = all
}

// CaseCount sums up the cases of a reason in a currency.
type CaseCount struct {
	Currency recon.Currency
	Reason   recon.Reason
	Cases    int
	SumMinor int64
}

// CaseWork is what people did about a case beside deciding it.
type CaseWork struct {
	Notes     []CaseNote // oldest first
	Present   []Presence // by person
	Approvals []Approval // about it, newest first
}

// CaseNote is a note of a person.
type CaseNote struct {
	Text  string
	Actor string
	At    time.Time
}

// Presence says that a person has a case open.
type Presence struct {
	Person string
	Until  time.Time
}

// ApprovalState is what became of a proposal that needs a second person.
type ApprovalState string

// States of a proposal.
const (
	ApprovalPending   ApprovalState = "pending"
	ApprovalApproved  ApprovalState = "approved"
	ApprovalDeclined  ApprovalState = "declined"
	ApprovalWithdrawn ApprovalState = "withdrawn"
)

// Approval is an act that one person proposed and another one has to approve.
type Approval struct {
	ID       int64
	Entity   string
	Kind     string // of act: resolve, undo …
	Receipt  int64  // it is about, 0 for none
	Subject  string // what it is about, in a person's words: "receipt 17"
	Why      string // it needs a second person
	Payload  string // the request, as canonical text: enough to do it
	Shown    string // what was proposed, line by line, with the versions of all that it touches
	PlanHash string // of Shown: an approval covers exactly this
	Reason   string // the proposer's words
	// AmountMinor is what it is about in money, in Currency.
	AmountMinor int64
	Currency    recon.Currency
	Rules       string // version of the rules it was proposed under
	Proposer    string
	Proposed    time.Time
	State       ApprovalState
	SettledBy   string
	Settled     time.Time // zero while pending
	Answer      string    // why it was declined or withdrawn
}

// ApprovalFilter narrows Approvals; zero fields do not narrow.
type ApprovalFilter struct {
	State    ApprovalState
	Kind     string
	Proposer string
	Receipt  int64
	Before   int64 // ids below
	Limit    int   // 0 = all
}
