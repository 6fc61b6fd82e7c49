package store

import (
	"context"

	"github.com/tieout/tieout/recon"
)

// Event is something that happened without changing the books: a sign-in, an export that was read, a request that was denied.
type Event struct {
	Verb   string // "sign in", "denied", "export read" …
	About  string // what it was about: a route, a login, a file
	Detail string
}

// Events keeps what happened without changing the books, in the audit chain of an entity or of [House].
type Events interface {
	SaveEvent(ctx context.Context, act Act, entity string, event Event) error
	// AuditLog lists audit rows, newest first: those with a number below Before (0 = from the newest), at most Limit.
	AuditLog(ctx context.Context, entity string, filter AuditFilter) ([]AuditEntry, error)
}

// AuditFilter narrows an audit log; zero fields do not narrow.
type AuditFilter struct {
	Before int64
	Limit  int
	Actor  string
	Verb   string
	Day    recon.Date // on which it happened, in UTC
}

// AuditEntry is an audit row with what is known of it.
type AuditEntry struct {
	Seq       int64
	Canonical []byte
	Hash      []byte
	Event     *Event // nil where it is a change of the books
}
