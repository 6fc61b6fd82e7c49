package store

import (
	"context"
	"time"
)

// Session is a signed-in browser.
type Session struct {
	Token   string // SHA-256 of the cookie's value, as the session library writes it
	ID      int64  // its name in lists
	Person  int64  // 0 while nobody is signed in: a sign-in under way
	Data    []byte
	Address string // of the browser
	Agent   string // what the browser calls itself
	Created time.Time
	Seen    time.Time
}

// Sessions keeps signed-in browsers. Signing in and out are events of their own (see [Events]); the rows here change with every
// request and are not audited.
type Sessions interface {
	// SaveSession inserts or updates a session by its token; ID and Created of a known one stay.
	SaveSession(ctx context.Context, session Session) error
	// Session returns a session by its token. ErrNotFound.
	Session(ctx context.Context, token string) (Session, error)
	// EndSession forgets a session by its token, and is content where there is none.
	EndSession(ctx context.Context, token string) error
	// EndSessionByID forgets a session of a person by its id. ErrNotFound.
	EndSessionByID(ctx context.Context, person, id int64) error
	// Sessions lists the sessions of a person (0 = of everybody who is signed in) seen since, newest first.
	Sessions(ctx context.Context, person int64, since time.Time) ([]Session, error)
	// SweepSessions forgets the sessions last seen before an instant.
	SweepSessions(ctx context.Context, before time.Time) error
}
