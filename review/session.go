package review

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/tieout/tieout/store"
)

// How long a session lasts: without a request, and in all; and how exactly the store knows when it was last seen.
const (
	idleFor   = 30 * time.Minute
	lastsFor  = 12 * time.Hour
	seenEvery = time.Minute
)

// session is what is kept of a signed-in browser.
type session struct {
	ID      int64     // its name in lists, 0 before it is stored
	Seen    time.Time // as the store knows it
	Person  int64
	Epoch   int64     // of the person when they signed in: an older one is dead
	Version int64     // of the person when the token was last made anew
	Form    string    // what forms of this session carry
	Proved  time.Time // when the person last proved who they are
	Since   time.Time
	Flash   []string // messages for the next page
	Address string
	Agent   string
	changed bool
}

// say keeps a message for the next page.
func (s *session) say(message string) {
	s.Flash = append(s.Flash, message)
	s.changed = true
}

// sessionKey is under which the library keeps the session.
const sessionKey = "session"

func (d *Desk) sessionManager() *scs.SessionManager {
	m := scs.New()
	m.Store = sessionStore{d}
	m.HashTokenInStore = true
	m.Codec = sessionCodec{}
	m.Lifetime = lastsFor
	m.Cookie.Name = d.cookieName("session")
	m.Cookie.SameSite = http.SameSiteStrictMode
	m.Cookie.Secure = d.Secure
	m.Cookie.HttpOnly = true
	m.Cookie.Persist = false // it ends with the browser at the latest
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { panic(err) }
	return m
}

// cookieName has the prefix that ties a cookie to this host over TLS; without TLS browsers refuse it.
func (d *Desk) cookieName(name string) string {
	if d.Secure {
		return "__Host-tieout-" + name
	}
	return "tieout-" + name
}

// sessionCodec writes a session as JSON.
type sessionCodec struct{}

func (sessionCodec) Encode(_ time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(values[sessionKey])
}

func (sessionCodec) Decode(data []byte) (time.Time, map[string]any, error) {
	s := &session{}
	if err := json.Unmarshal(data, s); err != nil {
		return time.Time{}, nil, err
	}
	return s.Since.Add(lastsFor), map[string]any{sessionKey: s}, nil
}

// sessionStore lets the session library keep sessions in our store. How long they last is judged here, by our clock.
type sessionStore struct{ d *Desk }

var errNeedsContext = errors.New("sessions are kept with a context")

func (sessionStore) Find(string) ([]byte, bool, error)      { return nil, false, errNeedsContext }
func (sessionStore) Commit(string, []byte, time.Time) error { return errNeedsContext }
func (sessionStore) Delete(string) error                    { return errNeedsContext }

func (s sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	row, err := s.d.Store.Session(ctx, token)
	if errors.Is(err, store.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if now := s.d.Now(); now.Sub(row.Seen) >= idleFor || now.Sub(row.Created) >= lastsFor {
		return nil, false, s.d.Store.EndSession(ctx, token)
	}
	return withRow(row)
}

// withRow completes what was stored with what the store alone knows.
func withRow(row store.Session) ([]byte, bool, error) {
	var s session
	if err := json.Unmarshal(row.Data, &s); err != nil {
		return nil, false, err
	}
	s.ID, s.Seen, s.Since = row.ID, row.Seen, row.Created
	data, err := json.Marshal(s)
	return data, err == nil, err
}

func (s sessionStore) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	var now session
	if err := json.Unmarshal(data, &now); err != nil {
		return err
	}
	return s.d.Store.SaveSession(ctx, store.Session{Token: token, Person: now.Person, Data: data, Address: now.Address, Agent: now.Agent,
		Created: now.Since, Seen: s.d.Now()})
}

func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.d.Store.EndSession(ctx, token)
}
