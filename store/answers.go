package store

import (
	"context"
	"time"
)

// Answer is what a request with an idempotency key was answered.
type Answer struct {
	Status int
	Header []string // name, value, name, value …
	Body   []byte
}

// Claim is a request with an idempotency key.
type Claim struct {
	Person int64
	Key    string
	Digest string    // of method, path and body: the same key with another digest is a mistake
	At     time.Time // when it came
	Dead   time.Time // a claim from before it that has no answer was given up
}

// Answers keeps the answers of requests with idempotency keys, so that one that comes twice is done once. Not audited: what the request
// did is.
type Answers interface {
	// ClaimAnswer claims a key. Where it is claimed already it returns the answer that stands, or ErrLocked while the first request is
	// under way, or ErrDuplicate where that had another digest.
	ClaimAnswer(ctx context.Context, claim Claim) (answer Answer, answered bool, err error)
	// SaveAnswer stores the answer of a claim.
	SaveAnswer(ctx context.Context, person int64, key string, answer Answer) error
	// DropClaim gives a claim back that came to nothing.
	DropClaim(ctx context.Context, person int64, key string) error
	// SweepAnswers forgets answers from before an instant.
	SweepAnswers(ctx context.Context, before time.Time) error
}
