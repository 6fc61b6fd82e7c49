package store

import (
	"context"
	"time"

	"github.com/tieout/tieout/recon"
)

// Outbox keeps what other systems are told until they have taken it: nothing is lost while they are away, and nothing is told twice
// as something new, for each message has a key of its own that never changes.
type Outbox interface {
	// Enqueue keeps messages and returns how many of them are new: one with a key that is known already is the same message.
	Enqueue(ctx context.Context, act Act, entity string, messages []Message) (added int, err error)
	// DueMessages lists messages to deliver by an instant, the one that waits longest first.
	DueMessages(ctx context.Context, entity string, now time.Time, limit int) ([]Message, error)
	// NoteDelivery notes how an attempt to deliver a message ended. ErrStale where it was delivered or given up already.
	NoteDelivery(ctx context.Context, act Act, entity string, delivery Delivery) error
	// Messages lists messages by id: those that still wait or were given up, or all.
	Messages(ctx context.Context, entity string, troubled bool) ([]Message, error)
	// SaveFollowups keeps what is to be done about items as it is told now, with the messages that tell it, in one transaction. Items whose
	// digest is the one that is kept change nothing.
	SaveFollowups(ctx context.Context, act Act, entity string, followups []Followup, messages []Message) error
	// Followups lists what was told last, by item.
	Followups(ctx context.Context, entity string) ([]Followup, error)
}

// Channel is a way to tell somebody.
type Channel string

// Channels.
const (
	Webhook Channel = "webhook"
	Mail    Channel = "mail"
)

// Message is something to tell another system or a person.
type Message struct {
	ID        int64
	Channel   Channel
	Target    string // name of the webhook, or address of the person
	Kind      string // followup, dispute, morning …
	Key       string // the same message twice is one
	Payload   string
	Created   time.Time
	Due       time.Time // next attempt not before
	Attempts  int
	Delivered time.Time // zero until it was taken
	Failure   string    // of the last attempt
	GivenUp   bool
}

// Delivery is how an attempt to deliver a message ended.
type Delivery struct {
	Message int64
	Failure string    // "" where it was taken
	Due     time.Time // next attempt, zero where it is given up
}

// Followup is what is to be done about an item, as it was told last.
type Followup struct {
	Item    int64
	Turn    int // how often it changed
	Action  string
	Digest  string
	Changed recon.Date
}
