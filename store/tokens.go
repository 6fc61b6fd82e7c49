package store

import (
	"context"
	"time"
)

// Token is a key with which a program acts for a person.
type Token struct {
	ID      int64
	Person  int64
	Name    string // what it is for
	Hash    string // SHA-256 of the token, lower-case hex
	Scopes  []string
	Created time.Time
	Expires time.Time
	Used    time.Time // last, to the minute; zero where never
	Revoked bool
}

// Tokens keeps the keys of programs.
type Tokens interface {
	// AddToken stores a token and returns its id.
	AddToken(ctx context.Context, act Act, token Token) (int64, error)
	// Tokens lists the tokens of a person (0 = of everybody) by id.
	Tokens(ctx context.Context, person int64) ([]Token, error)
	// TokenByHash returns a token, revoked and expired ones too. ErrNotFound.
	TokenByHash(ctx context.Context, hash string) (Token, error)
	// RevokeToken ends a token for good. ErrNotFound.
	RevokeToken(ctx context.Context, act Act, id int64) error
	// TouchToken notes that a token was used. It is not audited: what the token did is.
	TouchToken(ctx context.Context, id int64, at time.Time) error
}
